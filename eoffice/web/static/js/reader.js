// The reader: keys from page to page, the strip follows, the next part comes by itself.
export function beginReader(root) {
  const reader = root.querySelector("[data-reader]");
  if (!reader) return;
  const field = reader.querySelector("[data-page]");
  const typed = field?.form;
  let seen = Number(field?.value) || 1;

  const leaves = () => [...reader.querySelectorAll("[data-leaf]")];
  const at = (number) => reader.querySelector(`[data-leaf="${Number(number)}"]`);

  const mark = (number) => {
    seen = number;
    if (field && document.activeElement !== field) field.value = number;
    for (const link of reader.querySelectorAll("[data-strip][aria-current]")) link.removeAttribute("aria-current");
    const link = reader.querySelector(`[data-strip="${number}"]`);
    if (!link) return;
    link.setAttribute("aria-current", "true");
    // Only the strip moves, not the page.
    const strip = link.closest(".strip");
    const box = link.getBoundingClientRect();
    const frame = strip.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) strip.scrollTop += box.top - frame.top - frame.height / 3;
    if (box.left < frame.left || box.right > frame.right) strip.scrollLeft += box.left - frame.left - frame.width / 3;
  };

  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) mark(Number(entry.target.dataset.leaf));
  }, { rootMargin: "-30% 0px -60% 0px" });
  for (const leaf of leaves()) watch.observe(leaf);

  const go = (number) => {
    const leaf = at(number);
    if (!leaf) return false;
    leaf.scrollIntoView({ block: "start" });
    leaf.focus({ preventScroll: true });
    mark(number);
    return true;
  };

  // What is on the page already is gone to without loading it again.
  typed?.addEventListener("submit", (event) => {
    if (/^\d+$/.test(field.value) && go(Number(field.value))) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, summary")) return;
    const step = { ArrowRight: 1, n: 1, ArrowLeft: -1, p: -1 }[event.key];
    if (!step) return;
    if (go(seen + step)) { event.preventDefault(); return; }
    const link = reader.querySelector(step > 0 ? '[rel="next"]' : '[rel="prev"]');
    if (link) { event.preventDefault(); link.click(); }
  });

  let loading = false;
  const further = new IntersectionObserver(async (entries) => {
    const place = reader.querySelector("[data-next]");
    const link = place?.querySelector('[rel="next"]');
    if (loading || !link || !entries.some((entry) => entry.isIntersecting)) return;
    loading = true;
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const more = answer.ok ? [...page.querySelectorAll("[data-leaf]")] : [];
      if (!more.length) { further.disconnect(); return; }
      for (const leaf of more) {
        const own = document.importNode(leaf, true);
        own.querySelector("img")?.setAttribute("loading", "lazy");
        reader.querySelector("[data-leaves]").append(own);
        watch.observe(own);
      }
      const next = page.querySelector("[data-next]");
      further.unobserve(place);
      if (next) {
        const own = document.importNode(next, true);
        place.replaceWith(own);
        further.observe(own);
      } else place.remove();
    } catch {
      further.disconnect(); // The link stays, and works.
    } finally {
      loading = false;
    }
  }, { rootMargin: "0px 0px 600px 0px" });
  const place = reader.querySelector("[data-next]");
  if (place) further.observe(place);
}
