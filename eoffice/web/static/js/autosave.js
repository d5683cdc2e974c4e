// Drafts save themselves: to the server as they are typed, to this machine while the line is bad.
const PAUSE_MS = 900;
const AGAIN_MS = 8000;

const clock = () => new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });

export function beginAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) keep(form);
}

function keep(form) {
  const url = form.dataset.autosave;
  const place = `eoffice.draft:${url}`;
  const line = form.querySelector("[data-saved]");
  let timer = 0;
  let running = false;
  let changed = false;
  let left = false;

  const say = (text, wrong = false) => {
    if (!line) return;
    line.textContent = text;
    line.classList.toggle("wrong", wrong);
  };
  const typed = () => {
    const data = new FormData(form);
    data.delete("_key"); // each saving is a request of its own
    return new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
  };
  const here = () => {
    const data = typed();
    data.delete("_token");
    for (const field of form.querySelectorAll("input[type=password]")) data.delete(field.name);
    return data.toString();
  };

  async function save() {
    clearTimeout(timer);
    if (running) { changed = true; return; }
    running = true;
    changed = false;
    say("Đang lưu…");
    try {
      const answer = await fetch(url, {
        method: "POST", body: typed(), credentials: "same-origin", headers: { Accept: "application/json" },
      });
      if (answer.ok) {
        // What the server counts (the revision of a draft) goes back into the form's hidden fields.
        const counted = answer.status === 200 ? await answer.json() : {};
        for (const [name, value] of Object.entries(counted)) {
          const field = form.elements.namedItem(name);
          if (field instanceof HTMLInputElement && field.type === "hidden") field.value = value;
        }
        localStorage.removeItem(place);
        // By the clock of the office, where it says its time.
        say(`Đã lưu lúc ${counted.saved_at ?? clock()}.`);
      } else if (answer.status >= 500) {
        throw new Error(String(answer.status));
      } else {
        const problem = await answer.json().catch(() => ({}));
        localStorage.setItem(place, here());
        say(`Chưa lưu được: ${problem.detail ?? "hãy tải lại trang."} `, true);
        if (answer.status === 409 && problem.revision) differ(form, line, problem, save);
      }
    } catch {
      localStorage.setItem(place, here());
      say("Chưa lưu, đang chờ mạng: đã giữ trên máy này, sẽ tự gửi lại.", true);
      if (!left) timer = setTimeout(save, AGAIN_MS);
    } finally {
      running = false;
      if (changed && !left) timer = setTimeout(save, PAUSE_MS);
    }
  }

  const kept = localStorage.getItem(place);
  if (kept && kept !== here()) offer(form, line, kept, () => { localStorage.removeItem(place); }, save);

  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, PAUSE_MS); });
  form.addEventListener("submit", () => { left = true; clearTimeout(timer); localStorage.removeItem(place); });
  window.addEventListener("online", () => { if (localStorage.getItem(place)) save(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && localStorage.getItem(place) === null && timer) save();
  });
}

// Somebody else saved meanwhile: what they wrote is looked at first, and given up by decision only.
function differ(form, line, problem, save) {
  if (!line) return;
  const look = document.createElement("a");
  look.className = "button plain";
  look.href = location.pathname;
  look.target = "_blank";
  look.rel = "noopener";
  look.textContent = "Xem bản đã lưu (thẻ mới)";
  const take = document.createElement("button");
  take.type = "button";
  take.className = "button plain";
  take.textContent = "Thay bản đó bằng nội dung đang gõ";
  take.addEventListener("click", () => {
    form.elements.namedItem("revision").value = problem.revision;
    save();
  });
  line.append(look, " ", take);
}

// A copy from a bad line is never put in by itself: the draft may have changed elsewhere since.
function offer(form, line, kept, forget, save) {
  if (!line) return;
  const since = new URLSearchParams(kept).get("revision");
  const isOlder = since !== null && since !== form.elements.namedItem("revision")?.value;
  line.textContent = isOlder
    ? "Trên máy này còn một bản chưa gửi được; từ lúc đó dự thảo đã được lưu nội dung khác. "
    : "Trên máy này còn một bản chưa gửi được. ";
  const take = document.createElement("button");
  take.type = "button";
  take.className = "button plain";
  take.textContent = "Lấy lại bản đó";
  take.addEventListener("click", () => {
    for (const [name, value] of new URLSearchParams(kept)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLElement && "value" in field && !["checkbox", "hidden"].includes(field.type)) field.value = value;
    }
    for (const field of form.querySelectorAll("textarea[data-editor]")) field.dispatchEvent(new Event("restored"));
    forget();
    save();
  });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "button plain";
  drop.textContent = "Bỏ bản đó";
  drop.addEventListener("click", () => { forget(); line.textContent = ""; });
  line.append(take, " ", drop);
}
