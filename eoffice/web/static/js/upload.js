// Files: show how much has been sent, and keep the page and what was typed when the line breaks.
import { settle } from "./forms.js";

export function beginUploads(enhance) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !("upload" in form.dataset) || event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter, enhance);
  });
}

function send(form, submitter, enhance) {
  const region = form.querySelector("[data-upload-progress]");
  const bar = region.querySelector("progress");
  const text = region.querySelector("span");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.floor((event.loaded / event.total) * 100);
    bar.value = percent;
    text.textContent = percent < 100 ? `Đã gửi ${percent} %` : "Đã gửi xong, đang kiểm tra…";
  });
  request.addEventListener("load", () => show(request.responseText, request.responseURL, enhance));
  request.addEventListener("error", () => {
    text.textContent = "Đường truyền bị ngắt. Tệp vẫn được chọn: bấm gửi lại.";
    settle(document);
  });
  region.hidden = false;
  text.textContent = "Đang gửi…";
  request.send(new FormData(form, submitter));
}

// The answer is a page of ours: put its sheet in the place of this one.
function show(html, url, enhance) {
  const next = new DOMParser().parseFromString(html, "text/html");
  const sheet = next.querySelector(".sheet");
  if (!sheet) { location.assign(url); return; }
  document.querySelector(".sheet").replaceWith(document.adoptNode(sheet));
  document.title = next.title;
  if (url !== location.href) history.pushState(null, "", url);
  window.addEventListener("popstate", () => location.reload(), { once: true });
  window.scrollTo(0, 0);
  enhance(sheet);
  if (!sheet.querySelector("[data-focus]")) document.getElementById("main").focus();
}
