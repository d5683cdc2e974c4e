// "Nhận thông báo trên thiết bị này": asks the browser, and sends the office what it answers.
const KEY_BYTES = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));

export function beginPush(root) {
  const part = root.querySelector("[data-push]");
  if (!part) return;
  const form = part.querySelector("form");
  const line = part.querySelector("[role=status]");
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    line.textContent = "Trình duyệt này không nhận được thông báo. Trên iPhone, iPad hãy thêm trang vào màn hình chính trước.";
    form.querySelector("button").disabled = true;
    return;
  }
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    line.textContent = "Đang hỏi trình duyệt…";
    try {
      if (await Notification.requestPermission() !== "granted") {
        line.textContent = "Trình duyệt chưa cho phép thông báo. Hãy cho phép trong phần cài đặt của trang này rồi thử lại.";
        return;
      }
      const told = await subscribed(part.dataset.push);
      form.elements.endpoint.value = told.endpoint;
      form.elements.public_key.value = told.keys.p256dh;
      form.elements.auth_secret.value = told.keys.auth;
      form.requestSubmit();
    } catch (failure) {
      line.textContent = `Chưa đăng ký được với trình duyệt (${failure.name}). Hãy thử lại sau.`;
    }
  });
}

async function subscribed(key) {
  await navigator.serviceWorker.register("/push-worker.js");
  const worker = await navigator.serviceWorker.ready;
  const wanted = { userVisibleOnly: true, applicationServerKey: KEY_BYTES(key) };
  const before = await worker.pushManager.getSubscription();
  // A subscription to another key than the office has now cannot be used.
  if (before && !same(before.options.applicationServerKey, wanted.applicationServerKey)) await before.unsubscribe();
  return (await worker.pushManager.subscribe(wanted)).toJSON();
}

function same(one, other) {
  const bytes = new Uint8Array(one ?? []);
  return bytes.length === other.length && bytes.every((each, place) => each === other[place]);
}
