// "Ký bằng máy này": calls eoffice-agent on the same computer. The PIN is asked there, never here.
import { settle } from "./forms.js";

const ASK_EVERY_MS = 1000;
const SAID = "local-signer-said";

export function beginLocalSigner(root) {
  const part = root.querySelector("[data-local-signer]");
  if (!part) return;
  const program = part.dataset.localSigner;
  const form = part.querySelector("form");
  const line = part.querySelector("[role=status]");
  // How the last batch went, on the page that shows what waits after it.
  line.textContent = sessionStorage.getItem(SAID) ?? "";
  sessionStorage.removeItem(SAID);
  if (!form) return;
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
      if (answer.ok) {
        sessionStorage.setItem(SAID, told.detail);
        location.reload();
      }
    } catch {
      line.textContent = "Chưa gọi được eoffice-agent. Hãy mở chương trình trên máy này (eoffice-agent serve), cho trình duyệt gọi nó nếu được hỏi, rồi bấm lại; hoặc chạy eoffice-agent sign.";
    } finally {
      clearInterval(watch);
      button.disabled = false;
      // This page stays: what keeps a form from being sent twice must not outlast the answer.
      settle(part);
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
