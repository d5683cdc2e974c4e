"""Points for programs: what a document asks of whom, how far each recipient is, and its reports.

The same rights as on the pages: `points_actions` and `progress_queries` decide.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.files import http as files
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import arrival_queries, points_actions, progress_queries, work_files
from eoffice.routing.points_actions import PointUnknown
from eoffice.routing.points_rules import MOST_POINTS, Progress, StatedPoint
from eoffice.routing.progress_queries import PointDone
from eoffice.routing.states import DeliveryState
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class PointIn(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    #: Null: the deadline of the document holds.
    due_on: date | None = None
    #: Both empty: for every recipient.
    unit_ids: list[UUID] = []
    group_codes: list[str] = []


class PointsIn(msgspec.Struct, frozen=True, kw_only=True):
    #: All of them, in their order.
    points: list[PointIn]


class PointOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    #: 1 for the first.
    ordinal: int
    text: str
    due_on: date | None
    unit_ids: list[UUID]
    group_codes: list[str]


class PointDoneOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    ordinal: int
    text: str
    due_on: date | None
    progress: Progress
    #: In Vietnamese.
    word: str
    #: Working days.
    days_late: int
    begun_at: datetime | None
    done_at: datetime | None
    report: str | None
    file_name: str | None


class RecipientOut(msgspec.Struct, frozen=True, kw_only=True):
    #: Null while it is on the way.
    delivery_id: UUID | None
    unit_id: UUID
    unit_name: str
    state: DeliveryState | None
    points: list[PointDoneOut]
    #: Of the worst of its points.
    progress: Progress
    word: str
    days_late: int


class PointsOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    code: str
    due_on: date | None
    points: list[PointOut]
    recipients: list[RecipientOut]
    counts: dict[Progress, int]


class ReportIn(msgspec.Struct, frozen=True, kw_only=True):
    report: str


class ReportLineOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    code: str
    unit_name: str
    work: str
    due_on: date | None
    progress: Progress
    word: str
    days_late: int
    done_on: date | None
    report: str


# --- The sender's ---------------------------------------------------------------------------------


@get("/{document_id:uuid}/points", sync_to_thread=True)
def points(
    request: Request, document_id: FromPath[UUID], show: FromQuery[Progress | None] = None
) -> PointsOut:
    """What a document asks of whom, and how far each recipient is; `show` leaves some of these."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        out = _points(session, document_id, who)
    if show is None:
        return out
    shown = [each for each in out.recipients if each.progress is show]
    return msgspec.structs.replace(out, recipients=shown)


@put("/{document_id:uuid}/points", sync_to_thread=True)
def state_points(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[PointsIn],
    once: NamedDependency[Once],
) -> Response[PointsOut]:
    """Say anew what the document asks of whom, until it is issued."""
    who = principal(request)

    def work(session: Session) -> PointsOut:
        stated = [
            StatedPoint(each.text, each.due_on, tuple(each.unit_ids), tuple(each.group_codes))
            for each in data.points[: MOST_POINTS + 1]
        ]
        points_actions.state_points(session, document_id, stated, by=who, at=clock.now())
        session.flush()  # The answer reads what was just written.
        return _points(session, document_id, who)

    return once.answer(work)


@get("/{document_id:uuid}/points/{point_id:uuid}/file", sync_to_thread=True)
def report_file(
    request: Request, document_id: FromPath[UUID], point_id: FromPath[UUID]
) -> Response[bytes]:
    """The file that a recipient reported with; the point is that of the recipient."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = progress_queries.of_document(session, document_id, who=who, today=today)
    return _file([each for recipient in found.recipients for each in recipient.points], point_id)


@get("/progress", sync_to_thread=True)
def report_to_the_leader(
    request: Request, since: FromQuery[date], until: FromQuery[date]
) -> list[ReportLineOut]:
    """Work given away in documents of these days, by unit, deadline and state."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = progress_queries.report(session, who=who, since=since, until=until, today=today)
    return [msgspec.convert(each, ReportLineOut, from_attributes=True) for each in found]


# --- The recipient's ------------------------------------------------------------------------------


@get("/{arrival_id:uuid}/points", sync_to_thread=True)
def own_points(request: Request, arrival_id: FromPath[UUID]) -> list[PointDoneOut]:
    """What an incoming document asks of the acting agency, and what it reported."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _own(session, arrival_id, who)


@post("/{arrival_id:uuid}/points/{point_id:uuid}/beginning", sync_to_thread=True, status_code=200)
def begin(
    request: Request,
    arrival_id: FromPath[UUID],
    point_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[PointDoneOut]:
    """bắt đầu thực hiện: the sender sees it."""
    who = principal(request)

    def work(session: Session) -> PointDoneOut:
        _one_of(_own(session, arrival_id, who), point_id)
        points_actions.begin(session, point_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was just written.
        return _one_of(_own(session, arrival_id, who), point_id)

    return once.answer(work)


@post("/{arrival_id:uuid}/points/{point_id:uuid}/report", sync_to_thread=True, status_code=200)
def report(
    request: Request,
    arrival_id: FromPath[UUID],
    point_id: FromPath[UUID],
    data: JSONBody[ReportIn],
    once: NamedDependency[Once],
) -> Response[PointDoneOut]:
    """báo cáo kết quả, in a line."""
    who = principal(request)

    def work(session: Session) -> PointDoneOut:
        _one_of(_own(session, arrival_id, who), point_id)
        points_actions.report(session, point_id, data.report, by=who, at=clock.now())
        session.flush()  # The answer reads what was just written.
        return _one_of(_own(session, arrival_id, who), point_id)

    return once.answer(work)


@post(
    "/{arrival_id:uuid}/points/{point_id:uuid}/report-with-file",
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=files.UPLOAD_BODY,
)
def report_with_file(
    request: Request,
    arrival_id: FromPath[UUID],
    point_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[PointDoneOut]:
    """báo cáo kết quả as multipart/form-data: the part `report`, and the part `file`."""
    who = principal(request)
    entered = form.parse(ReportIn)
    with db.transaction(who.acting) as session:  # Before the file is kept.
        _one_of(_own(session, arrival_id, who), point_id)
    brought = work_files.kept(form)

    def work(session: Session) -> PointDoneOut:
        points_actions.report(
            session, point_id, entered.report, files=brought, by=who, at=clock.now()
        )
        session.flush()  # The answer reads what was just written.
        return _one_of(_own(session, arrival_id, who), point_id)

    return once.answer(work)


def _points(session: Session, document_id: UUID, who: Principal) -> PointsOut:
    today = clock.civil_date(clock.now())
    found = progress_queries.of_document(session, document_id, who=who, today=today)
    return msgspec.convert(found, PointsOut, from_attributes=True)


def _own(session: Session, arrival_id: UUID, who: Principal) -> list[PointDoneOut]:
    """Raises ArrivalUnknown for who does not see the incoming document."""
    today = clock.civil_date(clock.now())
    seen = arrival_queries.arrival(session, arrival_id, who=who, today=today)
    found = progress_queries.of_delivery(session, seen.delivery.id, today=today)
    return [msgspec.convert(each, PointDoneOut, from_attributes=True) for each in found]


def _one_of(found: list[PointDoneOut], point_id: UUID) -> PointDoneOut:
    for each in found:
        if each.id == point_id:
            return each
    raise PointUnknown


def _file(found: list[PointDone], point_id: UUID) -> Response[bytes]:
    for each in found:
        if each.id == point_id and each.file_sha256 and each.file_name:
            content = configured.store().get(Sha256.parse(each.file_sha256))
            return files.download(content, each.file_media_type or "", each.file_name)
    raise PointUnknown


OF_DOCUMENTS = (points, state_points, report_file, report_to_the_leader)
OF_ARRIVALS = (own_points, begin, report, report_with_file)
