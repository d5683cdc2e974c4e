// "Ký bằng máy này": calls eoffice-agent on the same computer. The PIN is asked there, never here.
const ASK_EVERY_MS = 1000;
const READ_FOR_MS = 4000;

export function beginLocalSigner(root) {
  const part = root.querySelector("[data-local-signer]");
  if (!part) return;
  const program = part.dataset.localSigner;
  const form = part.querySelector("form");
  const line = part.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    line.textContent = "Đang gọi eoffice-agent. Hãy nhập mã PIN ở cửa sổ của chương trình…";
    let watch;
    try {
      const given = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!given.ok) {
        line.textContent = "Trang đã cũ. Hãy tải lại trang rồi bấm lại.";
        return;
      }
      const { pass } = await given.json();
      const say = (text) => {
        if (watch) line.textContent = text;
      };
      watch = setInterval(() => tell(program, say), ASK_EVERY_MS);
      const answer = await fetch(`${program}/sign`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ pass }),
      });
      const told = await answer.json();
      watch = clearInterval(watch);
      line.textContent = told.detail;
      if (answer.ok) setTimeout(() => location.reload(), READ_FOR_MS);
    } catch {
      line.textContent = "Chưa gọi được eoffice-agent. Hãy mở chương trình trên máy này (eoffice-agent serve), cho trình duyệt gọi nó nếu được hỏi, rồi bấm lại; hoặc chạy eoffice-agent sign.";
    } finally {
      clearInterval(watch);
      button.disabled = false;
    }
  });
}

async function tell(program, say) {
  try {
    const { done, total } = await (await fetch(`${program}/progress`)).json();
    if (total) say(`Đang ký ${done} trên ${total}…`);
  } catch {
    // The answer to the batch itself says what is wrong.
  }
}
