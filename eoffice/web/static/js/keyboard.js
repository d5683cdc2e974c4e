// One-letter keys: / j k e s g+letter ?. They are silent while somebody types, and can be turned off.
const OFF = "eoffice.keys.off";

const typing = (target) =>
  target instanceof Element &&
  target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

export function beginKeyboard() {
  let afterG = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]") || localStorage.getItem(OFF)) return;
    const key = event.key.toLowerCase();
    const wentTo = Date.now() - afterG < 1500;
    afterG = 0;
    if (wentTo) {
      const link = document.querySelector(`.rail a[data-letter="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") { afterG = Date.now(); return; }
    if (key === "/") { focusSearch(event); return; }
    if (event.key === "?") { event.preventDefault(); showKeys(); return; }
    if (key === "j" || key === "k") { move(key === "j" ? 1 : -1, event); return; }
    const button = document.querySelector(`[data-keys="${CSS.escape(key)}"]`);
    if (button) { event.preventDefault(); button.focus(); button.click(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-show-keys]")) showKeys();
  });
}

function focusSearch(event) {
  const search = document.querySelector("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

// Rows are links, so the focus itself is the mark: Enter opens, readers hear the row.
function move(step, event) {
  const links = [...document.querySelectorAll("[data-rows] tbody tr, .tray li")]
    .map((row) => row.querySelector("a[href]"))
    .filter((link) => link && link.offsetParent !== null);
  if (!links.length) return;
  event.preventDefault();
  const row = document.activeElement?.closest("tr, .tray li");
  const at = links.findIndex((link) => row?.contains(link));
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
}

function showKeys() {
  const template = document.getElementById("keys-dialog");
  if (!template) return;
  let dialog = document.querySelector("dialog.keys");
  if (!dialog) {
    dialog = template.content.firstElementChild.cloneNode(true);
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => {
      if (box.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
    label.append(box, " Dùng phím tắt một chữ");
    const line = document.createElement("p");
    line.append(label);
    dialog.querySelector("form").before(line);
    document.body.append(dialog);
  }
  dialog.showModal();
}
