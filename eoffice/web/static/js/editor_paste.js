// What is pasted from Word, Excel or a page becomes lines of the body: words, bold and italic, labels
// of lists, headings and tables. Everything else of it (fonts, colours, pictures, links) falls away.
import { inline, marked } from "./editor_notation.js";

const SKIPPED = new Set(["STYLE", "SCRIPT", "HEAD", "META", "LINK", "TITLE", "XML", "IMG", "SVG", "OBJECT", "IFRAME", "TEMPLATE", "NOSCRIPT", "INPUT", "BUTTON", "SELECT", "TEXTAREA"]);
const BLOCKS = new Set(["P", "DIV", "LI", "UL", "OL", "H1", "H2", "H3", "H4", "H5", "H6", "SECTION", "ARTICLE", "BLOCKQUOTE", "PRE", "TABLE", "TR", "BODY", "HEADER", "FOOTER", "MAIN", "DL", "DT", "DD"]);
const BULLET = /^[·•▪§o●○■◦–—]\s+/u;
const LETTERS = "abcdđeghiklmnopqrstuvxy";

/** Lines for what lies on the clipboard. */
export function pasted(clipboard) {
  const html = clipboard.getData("text/html");
  if (html) {
    const lines = cleaned(html);
    if (lines.length) return lines;
  }
  return plainLines(clipboard.getData("text/plain"));
}

export function cleaned(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  const lines = [];
  let letters = [];
  let prefix = "";

  const end = () => {
    const text = marked(letters).replace(/[^\S\n]+/gu, " ");
    for (const line of text.split("\n")) {
      const words = line.trim().replace(BULLET, "- ");
      if (words.replace(/[*_\s]/gu, "")) lines.push(prefix + words);
    }
    letters = [];
    prefix = "";
  };
  const walk = (node, style) => {
    if (node.nodeType === Node.TEXT_NODE) {
      for (const letter of node.data.replace(/\s+/gu, " ")) letters.push({ letter, ...style });
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(node.nodeName)) return;
    if (node.nodeName === "BR") { letters.push({ letter: "\n", bold: false, italic: false }); return; }
    if (node.nodeName === "TABLE") { end(); lines.push(...tableLines(node)); return; }
    const isBlock = BLOCKS.has(node.nodeName);
    if (isBlock) end();
    const heading = /^H([1-6])$/u.exec(node.nodeName);
    if (heading) prefix = `${"#".repeat(Math.min(4, Number(heading[1])))} `;
    if (node.nodeName === "LI") prefix = labelOf(node);
    const next = heading ? { bold: false, italic: false } : styled(node, style);
    for (const child of node.childNodes) walk(child, next);
    if (isBlock) end();
  };
  walk(body, { bold: false, italic: false });
  end();
  return lines;
}

function styled(node, style) {
  const said = (node.getAttribute("style") ?? "").toLowerCase();
  let { bold, italic } = style;
  if (node.nodeName === "B" || node.nodeName === "STRONG" || node.nodeName === "TH") bold = true;
  if (node.nodeName === "I" || node.nodeName === "EM") italic = true;
  const weight = /font-weight:\s*([a-z0-9]+)/u.exec(said)?.[1];
  if (weight) bold = weight === "bold" || weight === "bolder" || Number(weight) >= 600;
  const slant = /font-style:\s*([a-z]+)/u.exec(said)?.[1];
  if (slant) italic = slant === "italic" || slant === "oblique";
  return { bold, italic };
}

function labelOf(item) {
  const list = item.parentElement;
  if (list?.nodeName !== "OL") return "- ";
  const place = [...list.children].filter((each) => each.nodeName === "LI").indexOf(item) + Number(list.getAttribute("start") ?? 1) - 1;
  const isLettered = list.getAttribute("type") === "a" || /lower-(alpha|latin)/u.test(list.getAttribute("style") ?? "");
  return isLettered && LETTERS[place] ? `${LETTERS[place]}) ` : `${place + 1}. `;
}

function tableLines(table) {
  const rows = [...table.rows].map((row) => [...row.cells].flatMap((cell) => [cellText(cell), ...Array(Math.min(15, Math.max(0, cell.colSpan - 1))).fill("")]));
  const kept = rows.filter((row) => row.some(Boolean));
  const columns = Math.min(16, Math.max(0, ...kept.map((row) => row.length)));
  if (!columns) return [];
  const sample = [...table.rows].at(1) ?? table.rows[0];
  const signs = Array.from({ length: columns }, (_, column) => signOf(sample.cells[column]));
  const write = (row) => `| ${Array.from({ length: columns }, (_, column) => row[column] ?? "").join(" | ")} |`;
  return [write(kept[0].map((cell) => cell.replaceAll("**", ""))), `|${signs.join("|")}|`, ...kept.slice(1).map(write)];
}

function cellText(cell) {
  const copy = document.createElement("div");
  for (const piece of cleaned(cell.innerHTML)) copy.append(document.createTextNode(`${piece.replace(/^#{1,4} /u, "")} `));
  return inline(copy).trim().replaceAll("\\", "\\\\").replaceAll("|", "\\|");
}

function signOf(cell) {
  const said = cell && (cell.getAttribute("align") ?? /text-align:\s*([a-z]+)/u.exec(cell.getAttribute("style") ?? "")?.[1] ?? cell.querySelector("p[align]")?.getAttribute("align"));
  return { center: ":---:", right: "---:" }[said] ?? "---";
}

function plainLines(text) {
  const lines = text.split(/\r?\n/u).filter((line) => line.trim());
  if (lines.length < 2 || !lines.every((line) => line.includes("\t"))) return lines.map((line) => line.replace(/\s+/gu, " ").trim());
  const rows = lines.map((line) => line.split("\t").map((cell) => cell.trim().replaceAll("\\", "\\\\").replaceAll("|", "\\|")));
  const columns = Math.min(16, Math.max(...rows.map((row) => row.length)));
  const write = (row) => `| ${Array.from({ length: columns }, (_, column) => row[column] ?? "").join(" | ")} |`;
  return [write(rows[0]), `|${Array(columns).fill("---").join("|")}|`, ...rows.slice(1).map(write)];
}
