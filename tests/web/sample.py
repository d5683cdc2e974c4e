"""A tiny office of sample pages, built with the real application: what tests of `web` look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from jinja2 import DictLoader, FileSystemLoader
from jinja2.loaders import ChoiceLoader
from litestar import Response, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.params import FromQuery, JSONBody
from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.errors import Conflict, Refusal
from eoffice.web import application
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request
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
            return AuthenticationResult(user=person(session_id=None), auth=None)
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


TEMPLATES = {
    "sample/list.html": """
{% extends "frame.html" %}
{% block title %}Văn bản đi{% endblock %}
{% block main %}
<h1>Văn bản đi</h1>
{{ c.filters([("Tất cả", "?state=all", true), ("Chờ tôi ký", "?state=wait", false), ("Trễ hạn", "?state=late", false)]) }}
{% if rows %}
{% call c.table("Văn bản đi năm 2018", ["Số, ký hiệu", ("Ngày", "day"), ("Trích yếu", "wide"), "Đơn vị soạn", "Tình trạng", "Hạn"]) %}
{% for row in rows %}
<tr><th scope="row"><a href="/documents/{{ row.number }}">{{ row.number }}/SGDĐT-CNTTTBTV</a></th>
<td data-label="Ngày" class="day">{{ row.at|date }}</td><td data-label="Trích yếu">{{ row.subject }}</td>
<td data-label="Đơn vị soạn">{{ row.unit }}</td><td data-label="Tình trạng">{{ c.state(row.word, row.tone) }}</td>
<td data-label="Hạn" class="day">{{ row.due_on|until }}</td></tr>
{% endfor %}
{% endcall %}
{{ c.pager("abc", "/documents?state=all") }}
{% else %}
{% call c.empty("Chưa có văn bản đi nào.", "Văn bản do đơn vị soạn sẽ hiện ở đây, mới nhất trước.") %}
{{ c.link_button("Soạn văn bản", "/documents/new", "primary") }}
{% endcall %}
{% endif %}
{% endblock %}
""",
    "sample/document.html": """
{% extends "frame.html" %}
{% block title %}960/SGDĐT-CNTTTBTV{% endblock %}
{% block crumbs %}{{ c.crumbs([("Văn bản đi", "/documents"), ("Năm 2018", "/documents?year=2018")]) }}{% endblock %}
{% block heading %}<h1>Công văn 960/SGDĐT-CNTTTBTV</h1>
<p>Triển khai phần mềm quản lý trường học trực tuyến và sổ điểm điện tử năm học 2018–2019</p>
{{ c.next_step("Đang chờ Giám đốc ký, từ 08:15 hôm nay.") }}{% endblock %}
{% block aside %}
{{ c.act("/documents/7/signature", "Ký văn bản", keys="s") }}
{{ c.act("/documents/7/return", "Trả lại", "plain", confirm="Trả lại dự thảo cho người soạn?") }}
<h2>Thông tin</h2>
{{ c.facts([("Người ký", "Trần Thanh Liêm, Giám đốc"), ("Đơn vị soạn", "Phòng Công nghệ thông tin, Thiết bị và Thư viện"), ("Hạn", today()|until), ("Trống", "")]) }}
<h2>Quá trình</h2>
{{ c.timeline(events) }}
{% endblock %}
{% block main %}
{{ c.viewer([("/static/x/page.svg", "Công văn về sổ điểm điện tử"), ("/static/x/page.svg", "")], "Văn bản") }}
<h2>Nơi nhận</h2>
{{ c.recipients(rows) }}
{% endblock %}
""",
    "sample/form.html": """
{% extends "frame.html" %}
{% block title %}Soạn văn bản{% endblock %}
{% block main %}
<h1>Soạn văn bản</h1>
{{ c.errors(form, {"subject": "Trích yếu", "due_on": "Hạn"}) }}
{{ c.form_open("/documents", upload=true, autosave="/documents/7/draft", label="Dự thảo") }}
{{ c.text("subject", "Trích yếu", form, hint="Một câu nói văn bản về việc gì.", most=200) }}
{{ c.textarea("body", "Nội dung", form, serif=true, required=false) }}
{{ c.select("office", "Đơn vị soạn", form, [("Sở", [("a", "Văn phòng"), ("b", "Phòng Giáo dục Trung học")]), ("c", SCHOOL)], blank="Chọn đơn vị") }}
{{ c.date("due_on", "Hạn xử lý", form, required=false) }}
{{ c.text("copies", "Số bản", form, inputmode="numeric", width="s", required=false) }}
{{ c.checkboxes("units", "Nơi nhận", form, [("pgd", "Mọi Phòng GDĐT", "12 đơn vị"), ("thpt", "Mọi trường THPT", "43 trường")]) }}
{{ c.radios("speed", "Độ khẩn", form, [("normal", "Thường"), ("urgent", "Khẩn")]) }}
{{ c.checkbox("urgent", "Nhắc khi quá hạn", form, hint="Gửi nhắc vào sáng hôm sau.") }}
{{ c.file("attachments", "Tệp kèm theo", form, accept=".pdf,.docx", multiple=true, required=false, hint="Tối đa 12 MB.") }}
<div class="buttons">{{ c.button("Tạo dự thảo") }}{{ c.link_button("Thôi", "/documents") }}</div>
{{ c.form_close() }}
{% endblock %}
""",
    "sample/parts.html": """
{% extends "frame.html" %}
{% block title %}Bàn làm việc{% endblock %}
{% block main %}
<h1>Bàn làm việc</h1>
<ul class="tray">{% for row in rows %}
<li><a href="/documents/{{ row.number }}">Ký công văn {{ row.number }}: {{ row.subject }}</a><p class="by">{{ row.unit }} trình, {{ row.at|ago }}</p><span class="when">{{ row.due_on|until }}</span></li>
{% endfor %}</ul>
{% call c.notice(tone="waiting", title="Chứng thư số còn 20 ngày") %}<p>Hãy <a href="/account">gia hạn</a> trước 02/09/2018.</p>{% endcall %}
{{ c.notice("Không tìm thấy chữ ký nào trong tệp.", "wrong") }}
{{ c.notice("Mọi chữ ký đều hợp lệ.", "done") }}
{{ c.progress("/progress.json", 31, 55) }}
{% call c.confirm("/documents/7/issuance", "Phát hành công văn 960/SGDĐT-CNTTTBTV", ["gửi văn bản đến 55 đơn vị: 12 Phòng GDĐT và 43 trường THPT;", "ghi vào sổ văn bản đi năm 2018."], "Phát hành", back="Không lấy lại được. Sau khi phát hành chỉ có thể thu hồi bằng một văn bản khác.", cancel="/documents/7") %}
{{ c.text("pin", "Mã PIN của chứng thư", form, type="password", width="s", autocomplete="off") }}
{% endcall %}
{% call c.table("Sổ điểm", ["Họ và tên", ("Toán", "num"), ("Ngữ văn", "num")], cards=false, show_caption=true, class="marks") %}
<tr><th scope="row">Đặng Thị Ỷ Lan</th><td class="num">{{ 8.5|mark }}</td><td class="num fault">11</td></tr>
{% endcall %}
<p>{{ 1234567|number }} dòng, {{ 1480000|size }}, {{ now|weekday }}, lúc {{ now|datetime }}.</p>
{% endblock %}
""",
}


@get("/documents", sync_to_thread=True)
def listing(request: Request, count: FromQuery[int] = 5) -> Response[bytes]:
    return page(request, "sample/list.html", rows=rows(count))


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


def sample_app(*, base_url: str = "http://127.0.0.1:8080", ready: bool = True) -> Any:
    app = application.make(
        [listing, document, new, desk, begin, sign, broken, create, documents],
        secret_key="a secret of the tests, at least 32 characters",
        base_url=base_url,
        middleware=[SignInByHeader],
        around=around,
        probes={"database": (lambda: None) if ready else probe_that_fails},
        outbox_depth=lambda: {"waiting": 3},
    )
    env = app.state["site"].templates
    loader = env.loader
    assert isinstance(loader, FileSystemLoader)
    env.loader = ChoiceLoader([loader, DictLoader(TEMPLATES)])
    return app


AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
