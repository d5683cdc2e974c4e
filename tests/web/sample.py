"""A tiny office of sample pages, built with the real application: what tests of `web` look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from jinja2 import FileSystemLoader
from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.params import FromQuery, JSONBody
from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Conflict, Refusal
from eoffice.web import application
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal
from eoffice.web.site import ActingChoice, Around

SCHOOL = "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai"
SESSION = UUID("0198c0de-0000-7000-8000-0000000000aa")


def person(number: int = 1, *, kind: str = "head", session_id: UUID | None = SESSION) -> Principal:
    """A person with long real names."""
    return Principal(
        person_id=UUID(int=number),
        full_name="Nguyễn Thị Ngọc Huyền Trân",
        appointment_id=UUID(int=100 + number),
        position_title="Phó Hiệu trưởng phụ trách",
        position_kind=kind,
        unit_id=UUID(int=200),
        unit_name=SCHOOL,
        agency_id=UUID(int=200),
        agency_name=SCHOOL,
        scopes=frozenset(),
        session_id=session_id,
    )


class SignInByHeader(AbstractAuthenticationMiddleware):
    """`X-Person: head`, or `X-Person: token` for a request with an API token. For tests only."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        kind = connection.headers.get("x-person")
        if kind is None:
            return AuthenticationResult(user=None, auth=None)
        if kind == "token":
            scopes = frozenset(connection.headers.get("x-scopes", "read write").split())
            token = replace(person(session_id=None), scopes=scopes)
            return AuthenticationResult(user=token, auth=None)
        return AuthenticationResult(user=person(kind=kind), auth=None)


def around(_: Principal) -> Around:
    return Around(
        awaiting={"desk": 7, "incoming": 12, "documents": 1204},
        positions=(
            ActingChoice(UUID(int=101), "Phó Hiệu trưởng phụ trách", SCHOOL),
            ActingChoice(UUID(int=102), "Chuyên viên biệt phái", "Phòng Giáo dục Trung học"),
        ),
    )


class StepRefused(Conflict):
    """The document is not in a state in which this step can be taken."""


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    subject: Annotated[str, msgspec.Meta(min_length=3, max_length=40)]
    due_on: date | None = None
    copies: Annotated[int, msgspec.Meta(ge=1, le=99)] = 1
    urgent: bool = False
    units: list[str] = []


class DocumentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    subject: str


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    subject: str
    unit: str
    at: datetime
    due_on: date
    word: str
    tone: str
    note: str = ""
    href: str = "/documents/7"


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    who: str
    what: str
    note: str = ""


STATES = (
    ("Chờ ký", "waiting"),
    ("Đã phát hành", "done"),
    ("Dự thảo", "quiet"),
    ("Đang xử lý", "going"),
    ("Từ chối", "wrong"),
)
SUBJECTS = (
    "Triển khai phần mềm quản lý trường học trực tuyến và sổ điểm điện tử năm học 2018–2019",
    "Hướng dẫn nhiệm vụ giáo dục trung học",
    "Mời họp giao ban tháng 8",
)


def rows(count: int) -> list[Row]:
    now = clock.now()
    return [
        Row(
            number=960 - i,
            subject=SUBJECTS[i % 3],
            unit=SCHOOL if i % 2 else "Phòng Giáo dục và Đào tạo huyện Tháp Mười",
            at=now - timedelta(hours=7 * i, minutes=12),
            due_on=clock.civil_date(now) + timedelta(days=3 - i % 7),
            word=STATES[i % 5][0],
            tone=STATES[i % 5][1],
            note="Gửi nhầm đơn vị: trường không có lớp 12." if i % 5 == 4 else "",
        )
        for i in range(count)
    ]


def events() -> list[Event]:
    now = clock.now()
    return [
        Event(now - timedelta(days=4), "Trần Văn Sự", "Soạn dự thảo"),
        Event(
            now - timedelta(days=1),
            "Lê Thị Bích Thuỷ",
            "Trả lại để sửa",
            "Ghi rõ thời hạn báo cáo\nở mục 2.",
        ),
        Event(now - timedelta(minutes=5), "Trần Văn Sự", "Trình lại"),
    ]


@get("/documents", sync_to_thread=True)
def listing(request: Request, count: FromQuery[int] = 5) -> Response[bytes]:
    return page(request, "sample/list.html", rows=rows(count))


LEAF = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1240 1754">'
    '<g font-family="serif" font-size="26"><text x="180" y="150">SỞ GIÁO DỤC VÀ ĐÀO TẠO</text>'
    '<text x="640" y="150">CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM</text></g></svg>'
)


@get("/leaf.svg", sync_to_thread=True)
def leaf() -> Response[str]:
    return Response(LEAF, media_type="image/svg+xml")


@get("/progress.json", sync_to_thread=True)
def progress() -> dict[str, object]:
    return {"done": 40, "total": 55, "text": "40 trên 55 đơn vị", "finished": False}


@get("/documents/7", sync_to_thread=True)
def document(request: Request) -> Response[bytes]:
    return page(request, "sample/document.html", rows=rows(5), events=events())


@get("/documents/new", sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    form = FormState.of(subject="Về sổ điểm", units=["thpt"], due_on=date(2018, 9, 2))
    return page(request, "sample/form.html", form=form, SCHOOL=SCHOOL)


@get("/", sync_to_thread=True)
def desk(request: Request) -> Response[bytes]:
    return page(request, "sample/parts.html", rows=rows(4))


@post("/documents", sync_to_thread=True)
def begin(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    try:
        entered = form.parse(NewDocument)

        def work(session: Session) -> See:
            number = add_document(session, entered.subject)
            return See(f"/documents/{number}", said=f"Đã tạo dự thảo “{entered.subject}”.")

        return once.see(work)
    except Refusal as refusal:
        return page(
            request,
            "sample/form.html",
            status=refusal.status,
            form=form.refused(refusal),
            SCHOOL=SCHOOL,
        )


@post("/documents/7/signature", sync_to_thread=True)
def sign(form: NamedDependency[Form]) -> Response[bytes]:
    raise StepRefused(f"Văn bản đã được ký. Ghi chú “{form['note']}” chưa được lưu.")


@post("/documents/7/return", sync_to_thread=True)
def give_back(once: NamedDependency[Once]) -> Response[bytes]:
    return once.see(lambda _: See("/documents/7", said="Đã trả lại."))


@post("/documents/7/nothing", sync_to_thread=True)
def nothing_read() -> Response[bytes]:
    return see("/documents/7")


@get("/open", opt={"public": True}, sync_to_thread=True)
def needs_somebody(request: Request) -> str:
    return principal(request).full_name


@get("/broken", sync_to_thread=True)
def broken() -> Response[bytes]:
    raise RuntimeError("mật khẩu của Nguyễn Văn A là 123")


@post("/api/v1/documents", sync_to_thread=True)
def create(data: JSONBody[NewDocument], once: NamedDependency[Once]) -> Response[DocumentOut]:
    def work(session: Session) -> DocumentOut:
        if data.subject == "refused":
            add_document(session, data.subject)
            raise StepRefused("Văn bản đã phát hành nên không sửa được.")
        return DocumentOut(id=add_document(session, data.subject), subject=data.subject)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/documents/{out.id}")


@get("/api/v1/busy", sync_to_thread=True)
def busy(request: Request) -> None:
    with db.transaction(principal(request).acting) as session:
        session.execute(text("set local lock_timeout = '20ms'"))
        session.execute(text("select * from sample_documents for update"))


@get("/api/v1/documents", sync_to_thread=True)
def documents(
    request: Request, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 2
) -> Page[DocumentOut]:
    after = Cursor.read(request, cursor)
    first = int(after[0]) + 1 if after else 1
    found = [
        DocumentOut(id=n, subject=f"Văn bản {n}") for n in range(first, min(first + limit + 1, 6))
    ]
    return Page.of(request, found, limit=limit, key=lambda out: (str(out.id),))


def add_document(session: Session, subject: str) -> int:
    """Keep it in a table of the test; its number."""
    return int(
        session.execute(
            text("insert into sample_documents (subject) values (:s) returning id"), {"s": subject}
        ).scalar_one()
    )


def probe_that_fails() -> None:
    raise ConnectionError("host and password")


def sample_app(
    *, base_url: str = "http://127.0.0.1:8080", ready: bool = True
) -> application.Application:
    app = application.make(
        [
            listing,
            document,
            leaf,
            progress,
            new,
            desk,
            begin,
            sign,
            give_back,
            nothing_read,
            needs_somebody,
            broken,
            busy,
            create,
            documents,
        ],
        secret_key="a secret of the tests, at least 32 characters",
        base_url=base_url,
        middleware=[SignInByHeader],
        around=around,
        probes={"database": (lambda: None) if ready else probe_that_fails},
        outbox_depth=lambda: {"waiting": 3},
    )
    loader = app.state["site"].templates.loader
    assert isinstance(loader, FileSystemLoader)
    loader.searchpath.append(str(Path(__file__).parent / "templates"))
    return app
