// The grid of marks: keys move, a paste fills, each cell is saved at once. What could not be sent yet
// stays on this machine, for this person only, and goes when the line is back. Without this module
// the grid is a form with a button.
import { expected, readable, understood } from "./mark_words.js";

const PAUSE_MS = 250;
const AGAIN_MS = 6000;
const MOST_AT_ONCE = 60;

const clock = () => new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });

export function beginMarks(root) {
  for (const region of root.querySelectorAll("form [data-marks]")) new Grid(region);
}

class Grid {
  constructor(region) {
    const form = region.closest("form");
    this.form = form;
    this.url = region.dataset.marks;
    this.place = `eoffice.marks:${region.dataset.person}:${this.url}`;
    this.line = form.querySelector("[data-saved]");
    this.faults = form.querySelector("[data-faults]");
    this.cells = [...form.querySelectorAll("input[data-cell]")];
    this.byName = new Map(this.cells.map((cell) => [cell.name, cell]));
    this.rows = [...form.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input[data-cell]")]);
    this.waiting = new Map(Object.entries(this.kept()));
    this.timer = 0;
    this.running = false;
    this.savedAt = "";
    form.querySelector("[data-whole]")?.setAttribute("hidden", "");
    form.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); this.send(); }, true);
    form.addEventListener("keydown", (event) => this.moved(event));
    form.addEventListener("input", (event) => this.typed(event.target));
    form.addEventListener("change", (event) => this.changed(event.target));
    form.addEventListener("paste", (event) => this.pasted(event));
    form.addEventListener("focusin", (event) => { if (event.target.matches("input[data-cell]")) event.target.select(); });
    window.addEventListener("online", () => this.send());
    window.addEventListener("beforeunload", () => this.keep());
    for (const [name, value] of this.waiting) this.restore(name, value);
    this.say();
    if (this.waiting.size) this.soon();
  }

  // --- typing ---

  typed(cell) {
    if (!cell.matches?.("input[data-cell]")) return;
    this.mark(cell, cell.value === "" || readable(cell.value, cell.dataset.kind) ? "" : "wrong");
  }

  changed(cell) {
    if (!cell.matches?.("input[data-cell]")) return;
    const value = understood(cell.value, cell.dataset.kind);
    if (value === null) {
      this.mark(cell, "wrong");
      this.tell(cell, `“${cell.value}” ${expected(cell.dataset.kind)}`);
      return;
    }
    cell.value = value;
    this.untell(cell);
    if (value === cell.dataset.shown) {
      this.mark(cell, "");
      this.waiting.delete(cell.name);
    } else {
      this.waiting.set(cell.name, { value, seen: cell.dataset.tag });
      this.mark(cell, "waiting");
    }
    this.keep();
    this.say();
    this.soon();
  }

  moved(event) {
    const cell = event.target;
    if (!cell.matches?.("input[data-cell]") || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const atStart = cell.selectionStart === 0 && (cell.selectionEnd === 0 || cell.selectionEnd === cell.value.length);
    const atEnd = cell.selectionEnd === cell.value.length && (cell.selectionStart === cell.value.length || cell.selectionStart === 0);
    const step = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [event.shiftKey ? -1 : 1, 0],
      ArrowLeft: atStart ? [0, -1] : null, ArrowRight: atEnd ? [0, 1] : null,
    }[event.key];
    if (event.key === "Escape") { cell.value = cell.dataset.shown; this.changed(cell); cell.select(); return; }
    if (!step) return;
    event.preventDefault();
    const [row, column] = this.where(cell);
    const next = this.rows[row + step[0]]?.[column + step[1]];
    if (next) next.focus();
    else if (event.key === "Enter") this.changed(cell);
  }

  where(cell) {
    const row = this.rows.findIndex((cells) => cells.includes(cell));
    return [row, this.rows[row].indexOf(cell)];
  }

  pasted(event) {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.matches?.("input[data-cell]") || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const [row, column] = this.where(cell);
    let missed = 0;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((written, down) => {
      written.split("\t").forEach((value, right) => {
        const target = this.rows[row + down]?.[column + right];
        if (!target || target.readOnly) { missed += value.trim() ? 1 : 0; return; }
        target.value = value.trim();
        this.changed(target);
      });
    });
    if (missed) this.tell(cell, `${missed} ô dán ra ngoài bảng hoặc vào cột đã khóa nên không được ghi.`);
  }

  // --- sending ---

  soon(pause = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  async send() {
    clearTimeout(this.timer);
    if (this.running || this.waiting.size === 0) return;
    this.running = true;
    const sent = [...this.waiting].slice(0, MOST_AT_ONCE);
    const body = new URLSearchParams({
      _token: this.form.elements.namedItem("_token").value,
      cells: JSON.stringify(sent.map(([name, { value, seen }]) => ({ name, value, seen }))),
    });
    this.say("Đang lưu…");
    try {
      const answer = await fetch(this.url, {
        method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      const said = await answer.json().catch(() => null);
      if (!answer.ok || said === null) { this.stop(said?.detail); return; }
      for (const outcome of said.cells) this.settle(outcome, sent);
      for (const [pupil, average] of Object.entries(said.averages)) {
        const place = this.form.querySelector(`[data-average="${CSS.escape(pupil)}"]`);
        if (place) place.textContent = average;
      }
      this.savedAt = said.saved_at ?? clock();
      this.keep();
      this.say();
      if (this.waiting.size) this.soon();
    } catch {
      this.keep();
      this.say();
      this.soon(AGAIN_MS);
    } finally {
      this.running = false;
    }
  }

  settle(outcome, sent) {
    const cell = this.byName.get(outcome.name);
    const was = sent.find(([name]) => name === outcome.name)?.[1];
    const latest = this.waiting.get(outcome.name);
    if (!cell || !was) { this.waiting.delete(outcome.name); return; }
    if (!outcome.refused) {
      cell.dataset.tag = outcome.tag;
      cell.dataset.shown = outcome.shown;
      this.untell(cell);
      if (latest && latest.value !== was.value) { latest.seen = outcome.tag; return; }
      this.waiting.delete(outcome.name);
      cell.value = outcome.shown;
      this.mark(cell, "saved");
      return;
    }
    this.waiting.delete(outcome.name);
    this.mark(cell, "wrong");
    this.tell(cell, outcome.refused, outcome.tag === undefined ? null : outcome);
  }

  stop(detail) {
    this.keep();
    this.say(`Chưa lưu được: ${detail ?? "hãy tải lại trang."} ${this.waiting.size} ô chưa gửi được giữ trên máy này.`, true);
  }

  // --- what is not sent stays here ---

  kept() {
    try { return JSON.parse(localStorage.getItem(this.place) ?? "{}"); } catch { return {}; }
  }

  keep() {
    if (this.waiting.size) localStorage.setItem(this.place, JSON.stringify(Object.fromEntries(this.waiting)));
    else localStorage.removeItem(this.place);
  }

  restore(name, { value }) {
    const cell = this.byName.get(name);
    if (!cell || cell.readOnly) return;
    cell.value = value;
    this.mark(cell, "waiting");
  }

  // --- what is said ---

  say(text = "", wrong = false) {
    if (!this.line) return;
    const waits = this.waiting.size;
    this.line.textContent = text || (waits
      ? `${waits} ô chờ gửi${navigator.onLine ? "" : ", đang mất kết nối"}: đã giữ trên máy này, sẽ tự gửi.`
      : this.faults.childElementCount ? `${this.faults.childElementCount} ô chưa được ghi: xem dưới đây.`
      : this.savedAt ? `Đã lưu lúc ${this.savedAt}.` : "Mỗi ô được lưu ngay khi rời khỏi ô.");
    this.line.classList.toggle("wrong", wrong);
  }

  mark(cell, state) {
    if (state) cell.dataset.state = state; else delete cell.dataset.state;
    cell.toggleAttribute("aria-invalid", false);
    if (state === "wrong") cell.setAttribute("aria-invalid", "true");
  }

  tell(cell, sentence, now = null) {
    this.untell(cell);
    const line = document.createElement("li");
    line.dataset.of = cell.name;
    const go = document.createElement("a");
    go.href = `#${cell.id}`;
    go.textContent = cell.getAttribute("aria-label");
    line.append(go, `: ${sentence} `);
    if (now) {
      line.append(this.choice(`Lấy ${now.shown || "ô trống"}`, () => {
        Object.assign(cell.dataset, { tag: now.tag, shown: now.shown });
        cell.value = now.shown;
        this.mark(cell, "");
        this.untell(cell);
      }), " ", this.choice(`Giữ ${cell.value || "ô trống"}`, () => {
        Object.assign(cell.dataset, { tag: now.tag, shown: now.shown });
        this.changed(cell);
      }));
    }
    this.faults.append(line);
  }

  choice(label, chosen) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain";
    button.textContent = label;
    button.addEventListener("click", chosen);
    return button;
  }

  untell(cell) {
    this.faults.querySelector(`[data-of="${CSS.escape(cell.name)}"]`)?.remove();
  }
}
