// Runs without a page: shows what the office pushes, and opens the desk when it is touched.
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(said.title ?? "Văn phòng điện tử", {
    body: said.body ?? "", lang: "vi", tag: "eoffice", data: { path: said.path ?? "/" },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const target = new URL(event.notification.data.path, self.location.origin);
  if (target.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window" });
    const page = open.find((each) => new URL(each.url).origin === target.origin);
    if (!page) return self.clients.openWindow(target.href);
    await page.focus();
    return page.navigate(target.href);
  })());
});
