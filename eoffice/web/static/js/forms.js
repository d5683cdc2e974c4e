// Sending a form: ask where it says so, show that it is on its way, ignore a second click.
// (The server does a thing once in any case; this spares the wait.)
const sending = new WeakSet();

export function beginForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    if (sending.has(form)) { event.preventDefault(); return; }
    if (form.dataset.confirm && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form.dataset.confirm, event.submitter?.textContent.trim() || "Đồng ý").then((yes) => {
        if (!yes) { event.submitter?.focus(); return; }
        form.dataset.confirmed = "1";
        form.requestSubmit(event.submitter ?? undefined);
      });
      return;
    }
    sending.add(form);
    // After this turn, so that the name and value of the button that was pressed are sent.
    setTimeout(() => event.submitter?.setAttribute("aria-busy", "true"));
  }, true);
  window.addEventListener("pageshow", (event) => { if (event.persisted) settle(document); });
}

export function settle(root) {
  for (const form of root.querySelectorAll("form")) {
    sending.delete(form);
    delete form.dataset.confirmed;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
}

function ask(question, yes) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = question;
  text.id = "question";
  dialog.setAttribute("aria-labelledby", "question");
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "buttons";
  for (const [label, value, kind] of [[yes, "yes", "primary"], ["Thôi", "no", "plain"]]) {
    const button = document.createElement("button");
    button.className = `button ${kind}`;
    button.value = value;
    button.textContent = label;
    form.append(button);
  }
  dialog.append(text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => { dialog.remove(); done(dialog.returnValue === "yes"); });
  });
}
