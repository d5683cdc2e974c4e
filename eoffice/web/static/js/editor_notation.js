// The body of a document between its lines (as documents/body.py reads them) and elements of a page.
// Nothing but these elements ever stands in the editor: p, h3 to h6, b, i and table.
export const LABEL = /^(\d{1,3}(?:\.\d{1,3})*\.|[a-zđ]{1,2}\)|[-+])[ \u00a0]/u;
const HEADING = /^(#{1,4}) (.*)$/u;
const MARKS = /\*\*|(?<![\p{L}\p{N}])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}])/gu;
const POINTS = "abcdđeghiklmnopqrstuvxy";
const WORD = /[\p{L}\p{N}]+/gu;

/** Elements of blocks for these lines. */
export function toBlocks(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const found = [];
  for (let index = 0; index < lines.length;) {
    const aligns = isRow(lines[index]) ? alignments(lines[index + 1]) : [];
    if (aligns.length) {
      const rows = [cells(lines[index])];
      index += 2;
      while (index < lines.length && isRow(lines[index]) && !alignments(lines[index + 1]).length) rows.push(cells(lines[index++]));
      found.push(table(rows, aligns));
    } else {
      found.push(block(lines[index++]));
    }
  }
  return found;
}

/** The lines for what stands in the editor; blocks are parted by a blank line. */
export function toText(surface) {
  const found = [];
  for (const node of surface.childNodes) {
    if (node.nodeName === "TABLE") {
      found.push(rowsOf(node).join("\n"));
      continue;
    }
    const level = { H3: "# ", H4: "## ", H5: "### ", H6: "#### " }[node.nodeName] ?? "";
    for (const line of inline(node).split("\n")) if (line.trim()) found.push(level + line.trim());
  }
  return found.join("\n\n");
}

/** A table of texts with marks; the first row is the header. */
export function table(rows, aligns) {
  const made = document.createElement("table");
  const body = made.appendChild(document.createElement("tbody"));
  for (const [number, row] of rows.entries()) {
    const line = body.appendChild(document.createElement("tr"));
    for (const [column, align] of aligns.entries()) {
      const cell = line.appendChild(document.createElement(number ? "td" : "th"));
      if (!number) cell.scope = "col";
      cell.dataset.align = align;
      fill(cell, row[column] ?? "");
    }
  }
  return made;
}

export function paragraph(text = "") {
  const made = document.createElement("p");
  fill(made, text);
  return made;
}

/** Put text with marks into an element; an empty one can be written into. */
export function fill(element, text) {
  element.replaceChildren(...runs(text).map(({ text: words, bold, italic }) => {
    let piece = document.createTextNode(words);
    for (const [wanted, name] of [[italic, "i"], [bold, "b"]]) {
      if (!wanted) continue;
      const mark = document.createElement(name);
      mark.append(piece);
      piece = mark;
    }
    return piece;
  }));
  if (!element.childNodes.length) element.append(document.createElement("br"));
}

/** What comes after a label: 2. after 1., đ) after d), 1.3. after 1.2. */
export function following(label) {
  if (label.endsWith(")")) {
    const place = POINTS.indexOf(label[0]);
    return label.length === 2 && place >= 0 && place < POINTS.length - 1 ? `${POINTS[place + 1]})` : label;
  }
  return label.replace(/(\d+)\.$/u, (_, number) => `${Number(number) + 1}.`);
}

/** Words with marks of an element; lines where it breaks. */
export function inline(element) {
  const letters = [];
  const walk = (node, bold, italic) => {
    if (node.nodeType === Node.TEXT_NODE) {
      for (const letter of node.data.replace(/[\r\n\t]/gu, " ")) letters.push({ letter, bold, italic });
    } else if (node.nodeName === "BR") {
      letters.push({ letter: "\n", bold: false, italic: false });
    } else {
      const isBold = bold || node.nodeName === "B" || node.nodeName === "STRONG";
      const isItalic = italic || node.nodeName === "I" || node.nodeName === "EM";
      for (const child of node.childNodes) walk(child, isBold, isItalic);
    }
  };
  for (const node of element.nodeType === Node.TEXT_NODE ? [element] : element.childNodes) walk(node, false, false);
  return marked(letters);
}

/** Letters with their styles as text with marks: italic is a matter of whole words. */
export function marked(letters) {
  const whole = letters.map(({ letter }) => letter.length === 1 ? letter : "x").join("");
  for (const match of whole.matchAll(WORD)) {
    const word = letters.slice(match.index, match.index + match[0].length);
    if (word.some(({ italic }) => italic)) for (const each of word) each.italic = true;
  }
  for (const style of ["bold", "italic"]) {
    for (const [index, each] of letters.entries()) {
      if (/\s/u.test(each.letter)) each[style] = Boolean(letters[index - 1]?.[style] && nextLetter(letters, index)?.[style]);
    }
  }
  let text = "";
  let bold = false;
  let italic = false;
  for (const each of [...letters, { letter: "", bold: false, italic: false }]) {
    if (italic && !each.italic) text += "_";
    if (bold !== each.bold) text += "**";
    if (!italic && each.italic) text += "_";
    ({ bold, italic } = each);
    text += each.letter;
  }
  return text;
}

function nextLetter(letters, index) {
  return letters.slice(index + 1).find(({ letter }) => !/\s/u.test(letter) || letter === "\n");
}

function runs(text) {
  let marks = [...text.matchAll(MARKS)];
  for (const kind of ["**", "_"]) {
    const same = marks.filter((match) => match[0] === kind);
    if (same.length % 2) marks = marks.filter((match) => match !== same.at(-1));
  }
  const found = [];
  let place = 0;
  let bold = false;
  let italic = false;
  for (const match of [...marks, { index: text.length, 0: "" }]) {
    if (match.index > place) found.push({ text: text.slice(place, match.index), bold, italic });
    if (match[0] === "**") bold = !bold;
    else italic = !italic;
    place = match.index + match[0].length;
  }
  return found;
}

function block(line) {
  const heading = HEADING.exec(line);
  if (!heading) return paragraph(line);
  const made = document.createElement(`h${heading[1].length + 2}`);
  fill(made, heading[2]);
  return made;
}

function rowsOf(element) {
  const rows = [...element.rows].map((row) => [...row.cells].map((cell) => inline(cell).replace(/\s+/gu, " ").trim()));
  const signs = [...(element.rows[0]?.cells ?? [])].map((cell) => ({ centre: ":---:", right: "---:" })[cell.dataset.align] ?? "---");
  const written = rows.map((row) => {
    let escaped = row.map((cell) => cell.replaceAll("\\", "\\\\").replaceAll("|", "\\|"));
    if (escaped.every((cell) => /^:?-{3,}:?$/u.test(cell))) escaped = escaped.map((cell) => cell.replace("-", "\\-"));
    return `| ${escaped.join(" | ")} |`;
  });
  return [written[0], `|${signs.join("|")}|`, ...written.slice(1)];
}

function isRow(line) {
  return Boolean(line) && line.length > 1 && line.startsWith("|") && line.endsWith("|");
}

function raw(line) {
  return line.slice(1, -1).replace(/(?<!\\)((?:\\\\)*)\|/gu, "$1\n").split("\n").map((cell) => cell.trim());
}

function cells(line) {
  return raw(line).map((cell) => cell.replace(/\\([\\|-])/gu, "$1"));
}

function alignments(line) {
  if (!isRow(line)) return [];
  const found = raw(line).map((cell) => /^(:?)-{3,}(:?)$/u.exec(cell));
  if (!found.every(Boolean)) return [];
  return found.map(([, left, right]) => right ? (left ? "centre" : "right") : "left");
}
