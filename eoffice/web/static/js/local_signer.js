// "Ký bằng máy này": calls eoffice-agent on the same computer. The PIN is asked there, never here.
export function beginLocalSigner(root) {
  const part = root.querySelector("[data-local-signer]");
  if (!part) return;
  const form = part.querySelector("form");
  const line = part.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    line.textContent = "Đang gọi eoffice-agent. Hãy nhập mã PIN ở cửa sổ của chương trình…";
    try {
      const given = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (!given.ok) throw new Error("pass");
      const { pass } = await given.json();
      const answer = await fetch(`${part.dataset.localSigner}/sign`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ pass }),
      });
      const told = await answer.json();
      line.textContent = told.detail;
      if (answer.ok) setTimeout(() => location.reload(), 2000);
    } catch {
      line.textContent = "Chưa gọi được eoffice-agent. Hãy mở chương trình trên máy này (eoffice-agent serve) rồi bấm lại, hoặc chạy eoffice-agent sign.";
    } finally {
      button.disabled = false;
    }
  });
}
