// The line to the office: say when it is gone and how old this page is, and when it is back.
const opened = new Date();

export function beginLine() {
  const region = document.querySelector("[data-offline]");
  if (!region) return;
  const at = opened.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
  const gone = () => {
    document.querySelector("[data-offline]").textContent =
      `Mất kết nối. Trang này được mở lúc ${at}, vẫn đọc được nhưng có thể đã cũ.`;
  };
  const back = () => {
    const place = document.querySelector("[data-offline]");
    place.textContent = "Đã có kết nối lại. ";
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "Tải lại trang";
    place.append(link);
  };
  window.addEventListener("offline", gone);
  window.addEventListener("online", back);
  if (!navigator.onLine) gone();
}
