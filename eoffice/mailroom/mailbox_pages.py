"""The page on which operators say where the e-mail of an agency is fetched."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.mailroom import mail_actions, mail_queries, states
from eoffice.mailroom.mail_actions import MailboxSetting
from eoffice.mailroom.states import MailboxSecurity
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

LABELS: Final = {
    "agency_id": "Cơ quan",
    "host": "Máy chủ thư",
    "port": "Cổng",
    "security": "Mã hóa đường truyền",
    "user_name": "Tên đăng nhập",
    "password_name": "Tên của mật khẩu",
    "folder": "Thư mục",
}


class MailboxForm(msgspec.Struct, frozen=True, kw_only=True):
    agency_id: UUID
    host: str
    port: int = 993
    security: MailboxSecurity = MailboxSecurity.TLS
    user_name: str
    password_name: str
    folder: str = "INBOX"
    is_active: bool = False


@get("/admin/mailboxes", sync_to_thread=True)
def mailboxes(request: Request) -> Response[bytes]:
    """All mailboxes with how the last look went, and the form for one."""
    beginning = FormState.of(port=993, security="tls", folder="INBOX", is_active="on")
    return _page(request, beginning)


@post("/admin/mailboxes", sync_to_thread=True)
def set_mailbox(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Set the mailbox of an agency; the password is never sent here, only its name."""
    who = principal(request)
    try:
        entered = form.parse(MailboxForm)
        setting = MailboxSetting(
            host=entered.host,
            port=entered.port,
            security=entered.security,
            user_name=entered.user_name,
            password_name=entered.password_name,
            folder=entered.folder,
            is_active=entered.is_active,
        )

        def work(session: Session) -> See:
            mail_actions.set_mailbox(session, entered.agency_id, setting, by=who, at=clock.now())
            return See("/admin/mailboxes", said="Đã ghi hộp thư.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, form.refused(refusal), status=refusal.status)


def _page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = mail_queries.mailboxes(session, who=who)
        agencies = mail_queries.agencies(session)
    return page(
        request,
        "mailroom/mailboxes.html",
        status=status,
        section="admin",
        form=form,
        labels=LABELS,
        mailboxes=found,
        agencies=[(str(each), name) for each, name in agencies],
        securities=[(each.value, states.SECURITY_NAMES[each]) for each in MailboxSecurity],
    )
