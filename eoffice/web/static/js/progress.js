// Long work: ask how far it is, say it, and go on to the result when it is finished.
const LEAST_MS = 1000;
const MOST_MS = 10000;

export function beginProgress(root) {
  for (const region of root.querySelectorAll("[data-progress]")) follow(region);
}

function follow(region) {
  const bar = region.querySelector("progress");
  const text = region.querySelector("[role=status]");
  let wait = LEAST_MS;
  async function ask() {
    if (!region.isConnected) return;
    try {
      const answer = await fetch(region.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      wait = LEAST_MS;
      bar.max = state.total || 1;
      bar.value = state.done;
      if (text.textContent !== state.text) text.textContent = state.text;
      if (state.finished) {
        if (state.next) location.assign(state.next);
        return;
      }
    } catch {
      wait = Math.min(wait * 2, MOST_MS);
    }
    setTimeout(ask, document.hidden ? MOST_MS : wait);
  }
  setTimeout(ask, LEAST_MS);
}
