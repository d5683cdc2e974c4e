// The editor of a document's body: what one sees instead of the lines. The lines stay in the field
// that is sent, so saving, checking and a page without script know nothing of it.
import { LABEL, fill, following, paragraph, table, toBlocks, toText } from "./editor_notation.js";
import { pasted } from "./editor_paste.js";
import { toolbar } from "./editor_tools.js";

const STEP_MS = 500;
const MOST_STEPS = 200;

export function beginEditors(root) {
  for (const field of root.querySelectorAll("textarea[data-editor]")) if (!field.dataset.begun) new Editor(field);
}

class Editor {
  constructor(field) {
    field.dataset.begun = "1";
    this.field = field;
    this.steps = [];
    this.undone = [];
    this.stepped = 0;
    this.surface = this.#surface();
    this.tools = toolbar(this);
    field.hidden = true;
    field.after(this.tools, this.surface);
    document.execCommand("defaultParagraphSeparator", false, "p");
    this.show(field.value);
    this.#remember();
    this.#listen();
  }

  #surface() {
    const made = document.createElement("div");
    const { field } = this;
    const label = document.querySelector(`label[for="${field.id}"]`);
    made.className = "sheet-of-text serif";
    made.contentEditable = "true";
    made.spellcheck = false;
    made.setAttribute("role", "textbox");
    made.setAttribute("aria-multiline", "true");
    if (label) {
      label.id ||= `${field.id}-label`;
      made.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", () => made.focus());
    }
    for (const name of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(name)) made.setAttribute(name, field.getAttribute(name));
    // The summary of errors links to the field by its name.
    made.id = field.id;
    field.id = `${field.id}-lines`;
    return made;
  }

  #listen() {
    const { surface } = this;
    surface.addEventListener("input", (event) => this.#typed(event));
    surface.addEventListener("keydown", (event) => this.#pressed(event));
    surface.addEventListener("paste", (event) => { event.preventDefault(); this.insert(pasted(event.clipboardData)); });
    surface.addEventListener("drop", (event) => event.preventDefault());
    surface.addEventListener("beforeinput", (event) => {
      if (event.inputType === "historyUndo") { event.preventDefault(); this.undo(); }
      else if (event.inputType === "historyRedo") { event.preventDefault(); this.redo(); }
      else if (event.inputType.startsWith("format") && !["formatBold", "formatItalic"].includes(event.inputType)) event.preventDefault();
    });
    this.field.addEventListener("restored", () => { this.show(this.field.value); this.#remember(); });
    document.addEventListener("selectionchange", () => { if (this.leaf()) this.tools.update(); });
  }

  /** Put lines into the editor; nothing is empty, so there is always something to write into. */
  show(text) {
    this.surface.replaceChildren(...toBlocks(text));
    this.#writable();
  }

  #writable() {
    const last = this.surface.lastElementChild;
    if (!last || last.nodeName === "TABLE") this.surface.append(paragraph());
  }

  /** The element that is written in: a block or a cell. */
  leaf() {
    const node = getSelection()?.anchorNode;
    if (!node || !this.surface.contains(node)) return null;
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    const found = element.closest("td, th, p, h3, h4, h5, h6, div");
    return found && found !== this.surface && this.surface.contains(found) ? found : null;
  }

  block() {
    let node = this.leaf();
    while (node && node.parentElement !== this.surface) node = node.parentElement;
    return node;
  }

  cell() {
    const leaf = this.leaf();
    return leaf && ["TD", "TH"].includes(leaf.nodeName) ? leaf : null;
  }

  /** After a change that the browser did not make: the field, the form and the steps know of it. */
  changed() {
    this.#writable();
    this.surface.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }

  #typed(event) {
    if (!this.surface.firstElementChild) this.surface.replaceChildren(paragraph());
    if (event.inputType === "insertParagraph") this.#numberOn();
    this.field.value = toText(this.surface);
    const now = Date.now();
    const isTyping = ["insertText", "insertCompositionText", "deleteContentBackward"].includes(event.inputType);
    if (isTyping && now - this.stepped < STEP_MS && this.steps.length > 1) this.steps.pop();
    this.stepped = isTyping ? now : 0;
    this.#remember();
    this.undone = [];
    this.tools.update();
  }

  // Enter in a numbered point begins the next one.
  #numberOn() {
    const made = this.block();
    const before = made?.previousElementSibling;
    const label = before?.nodeName === "P" ? LABEL.exec(before.textContent) : null;
    if (!label || made.nodeName !== "P" || LABEL.test(made.textContent)) return;
    made.prepend(document.createTextNode(`${following(label[1])} `));
    this.#caret(made, following(label[1]).length + 1);
  }

  #pressed(event) {
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (command && key === "z") { event.preventDefault(); event.shiftKey ? this.redo() : this.undo(); }
    else if (command && key === "y") { event.preventDefault(); this.redo(); }
    else if (command && ["b", "i"].includes(key)) { event.preventDefault(); this.style(key === "b" ? "bold" : "italic"); }
    else if (event.key === "F10" && event.altKey) { event.preventDefault(); this.tools.enter(); }
    else if (event.key === "Tab" && this.cell()) this.#toCell(event, event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && !event.isComposing) this.#entered(event);
  }

  #entered(event) {
    const cell = this.cell();
    if (cell) {
      event.preventDefault();
      const below = cell.parentElement.nextElementSibling ?? (event.ctrlKey ? null : undefined);
      if (below) this.#caret(below.cells[cell.cellIndex], 0);
      else this.addRow();
      return;
    }
    const block = this.block();
    const label = block?.nodeName === "P" ? LABEL.exec(`${block.textContent} `) : null;
    if (label && block.textContent.trim() === label[1]) {
      event.preventDefault();
      fill(block, "");
      this.#caret(block, 0);
      this.changed();
    }
  }

  // From cell to cell; at the edge of the table Tab goes on to what comes next on the page.
  #toCell(event, step) {
    const cells = [...this.block().querySelectorAll("td, th")];
    const next = cells[cells.indexOf(this.cell()) + step];
    if (!next) return;
    event.preventDefault();
    this.#caret(next, next.textContent.length);
  }

  style(name) {
    this.surface.focus();
    if (name === "bold" && /^H[3-6]$/u.test(this.block()?.nodeName ?? "")) return;
    document.execCommand("styleWithCSS", false, false);
    document.execCommand(name);
    this.tools.update();
  }

  /** What the line is: 0 a paragraph, 1 to 4 a heading of that level. */
  kind(level) {
    const block = this.block();
    if (!block || block.nodeName === "TABLE") return;
    const made = document.createElement(level ? `h${level + 2}` : "p");
    made.append(...block.childNodes);
    block.replaceWith(made);
    this.#caret(made, made.textContent.length);
    this.changed();
  }

  /** Begin the line with a label, or take it off where it has one of its sort. */
  label(first) {
    const block = this.block();
    if (!block || block.nodeName === "TABLE") return;
    const sort = (label) => label.endsWith(")") ? ")" : /\d/u.test(label) ? "1" : label;
    const has = LABEL.exec(block.textContent);
    let text = toText({ childNodes: [block] }).replace(/^#+ /u, "");
    if (has) text = text.slice(has[0].length);
    if (!has || sort(has[1]) !== sort(first)) {
      let before = block.previousElementSibling;
      // Below points of a deeper sort stands the last of the same sort.
      while (before?.nodeName === "P" && LABEL.test(before.textContent) && sort(LABEL.exec(before.textContent)[1]) !== sort(first)) before = before.previousElementSibling;
      const last = before?.nodeName === "P" ? LABEL.exec(before.textContent)?.[1] : null;
      text = `${last && sort(last) === sort(first) ? following(last) : first} ${text}`;
    }
    const made = document.createElement("p");
    fill(made, text);
    block.replaceWith(made);
    this.#caret(made, made.textContent.length);
    this.changed();
  }

  addTable() {
    const made = table([["", "", ""], ["", "", ""]], ["left", "left", "left"]);
    this.#after([made]);
    this.#caret(made.rows[0].cells[0], 0);
    this.changed();
  }

  addRow() {
    const row = this.cell()?.parentElement;
    if (!row) return;
    const made = row.cloneNode(true);
    made.replaceChildren(...[...row.cells].map((cell) => {
      const fresh = document.createElement("td");
      fresh.dataset.align = cell.dataset.align;
      fill(fresh, "");
      return fresh;
    }));
    row.after(made);
    this.#caret(made.cells[0], 0);
    this.changed();
  }

  removeRow() {
    const row = this.cell()?.parentElement;
    if (!row) return;
    const whole = this.block();
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (row.rowIndex === 0) { this.removeTable(); return; }
    row.remove();
    this.#caret((next ?? whole.rows[0]).cells[0], 0);
    this.changed();
  }

  addColumn() {
    const cell = this.cell();
    if (!cell) return;
    const index = cell.cellIndex;
    for (const row of this.block().rows) {
      const made = document.createElement(row.rowIndex ? "td" : "th");
      if (!row.rowIndex) made.scope = "col";
      made.dataset.align = "left";
      fill(made, "");
      row.cells[index].after(made);
    }
    this.#caret(cell.nextElementSibling, 0);
    this.changed();
  }

  removeColumn() {
    const cell = this.cell();
    if (!cell) return;
    const index = cell.cellIndex;
    const whole = this.block();
    if (whole.rows[0].cells.length === 1) { this.removeTable(); return; }
    const row = cell.parentElement;
    for (const each of whole.rows) each.cells[index].remove();
    this.#caret(row.cells[Math.min(index, row.cells.length - 1)], 0);
    this.changed();
  }

  removeTable() {
    const whole = this.block();
    const made = paragraph();
    whole.replaceWith(made);
    this.#caret(made, 0);
    this.changed();
  }

  align(side) {
    const cell = this.cell();
    if (!cell) return;
    for (const row of this.block().rows) row.cells[cell.cellIndex].dataset.align = side;
    this.changed();
  }

  /** Put lines where the caret is: within the line when it is one, else as lines of their own. */
  insert(lines) {
    const blocks = toBlocks(lines.join("\n"));
    if (!blocks.length) return;
    const cell = this.cell();
    const isWords = blocks.length === 1 && blocks[0].nodeName === "P";
    if (cell || isWords) {
      const words = isWords ? blocks[0] : paragraph(blocks.map((each) => each.textContent).join(" "));
      this.#within(words);
    } else {
      this.#after(blocks);
      const last = blocks.at(-1);
      const leaf = last.nodeName === "TABLE" ? [...last.querySelectorAll("td, th")].at(-1) : last;
      this.#caret(leaf, leaf.textContent.length);
    }
    this.changed();
  }

  #within(words) {
    const range = getSelection().getRangeAt(0);
    range.deleteContents();
    const leaf = this.leaf() ?? this.surface.appendChild(paragraph());
    if (!this.surface.contains(range.startContainer) || range.startContainer === this.surface) range.selectNodeContents(leaf);
    const pieces = [...words.childNodes].filter((each) => each.nodeName !== "BR");
    const last = pieces.at(-1);
    for (const piece of pieces.reverse()) range.insertNode(piece);
    if (last) { range.setStartAfter(last); range.collapse(true); }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  #after(blocks) {
    const block = this.block() ?? this.surface.lastElementChild;
    block.after(...blocks);
    if (block.nodeName !== "TABLE" && !block.textContent.trim()) block.remove();
  }

  undo() {
    if (this.steps.length < 2) return;
    this.undone.push(this.steps.pop());
    this.#back(this.steps.at(-1));
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return;
    this.steps.push(step);
    this.#back(step);
  }

  #remember() {
    this.steps.push({ text: toText(this.surface), ...this.#place() });
    if (this.steps.length > MOST_STEPS) this.steps.shift();
  }

  #back(step) {
    this.show(step.text);
    this.field.value = step.text;
    const block = this.surface.children[Math.min(step.block, this.surface.children.length - 1)];
    const leaf = block.nodeName === "TABLE" ? [...block.querySelectorAll("td, th")].at(step.cell) ?? block.querySelector("th") : block;
    this.surface.focus();
    this.#caret(leaf, step.offset);
    this.stepped = 0;
    this.field.form?.dispatchEvent(new Event("input"));
    this.tools.update();
  }

  #place() {
    const block = this.block();
    const leaf = this.leaf();
    if (!block || !leaf) return { block: 0, cell: 0, offset: 0 };
    const range = document.createRange();
    range.selectNodeContents(leaf);
    const { anchorNode, anchorOffset } = getSelection();
    range.setEnd(anchorNode, anchorOffset);
    return {
      block: [...this.surface.children].indexOf(block),
      cell: [...block.querySelectorAll("td, th")].indexOf(leaf),
      offset: range.toString().length,
    };
  }

  #caret(leaf, offset) {
    this.surface.focus();
    const walker = document.createTreeWalker(leaf, NodeFilter.SHOW_TEXT);
    let left = offset;
    let node = walker.nextNode();
    while (node && left > node.length) { left -= node.length; node = walker.nextNode(); }
    const selection = getSelection();
    if (node) selection.collapse(node, Math.min(left, node.length));
    else selection.collapse(leaf, 0);
  }
}
