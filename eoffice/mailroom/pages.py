"""Pages of the mailroom: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.mailroom import entry_pages, mail_pages, mailbox_pages, scan_pages, stamp_pages

pages = Router(
    "/",
    route_handlers=[
        entry_pages.new,
        entry_pages.enter,
        scan_pages.scans,
        scan_pages.upload,
        scan_pages.scan,
        scan_pages.progress,
        scan_pages.take,
        scan_pages.discard,
        scan_pages.page_image,
        scan_pages.searchable,
        stamp_pages.picture,
        stamp_pages.print_copy,
        mail_pages.tray,
        mail_pages.message,
        mail_pages.take,
        mail_pages.put_aside,
        mail_pages.file,
        mailbox_pages.mailboxes,
        mailbox_pages.set_mailbox,
    ],
    include_in_schema=False,
)
