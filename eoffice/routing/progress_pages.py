"""Pages of points: what a document asks of whom, how far they are, the map of who is late, the
report to the leader, the rules of reminding; and, for a recipient, its reports."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.states import State
from eoffice.errors import Invalid, Refusal
from eoffice.files import http as files
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import groups
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.routing import (
    points_actions,
    progress_queries,
    progress_tables,
    reminders,
    reminders_rules,
    work_files,
)
from eoffice.routing.points_rules import PROGRESS_NAMES, TONES, Progress, StatedPoint
from eoffice.routing.progress_queries import RecipientProgress
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_PAGE_ROWS: Final = 500


class PointForm(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    due_on: date | None = None
    #: Identifiers of units and codes of groups; none: everybody.
    addressees: list[str] = []


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    report: str = ""


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    days: Annotated[int, msgspec.Meta(ge=0, le=60)]
    side: str


@get("/documents/{document_id:uuid}/points", sync_to_thread=True)
def points(
    request: Request,
    document_id: FromPath[UUID],
    show: FromQuery[Progress | None] = None,
) -> Response[bytes]:
    """What the document asks of whom; once it is out, how far each recipient is."""
    return _points_page(request, document_id, FormState(), show=show)


@post("/documents/{document_id:uuid}/points", sync_to_thread=True)
def add_point(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """nêu thêm một việc"""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        entered = form.parse(PointForm)
        fresh = StatedPoint(
            entered.text,
            entered.due_on,
            unit_ids=tuple(UUID(each) for each in entered.addressees if _is_id(each)),
            group_codes=tuple(each for each in entered.addressees if not _is_id(each)),
        )
        known = _stated(session, document_id)
        points_actions.state_points(session, document_id, [*known, fresh], by=who, at=at)
        return See(f"/documents/{document_id}/points", said="Đã thêm việc.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _points_page(request, document_id, form.refused(refusal), status=refusal.status)


@post("/documents/{document_id:uuid}/points/{ordinal:int}/removal", sync_to_thread=True)
def remove_point(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """bỏ một việc"""
    who = principal(request)

    def work(session: Session) -> See:
        known = _stated(session, document_id)
        rest = [each for index, each in enumerate(known, start=1) if index != ordinal]
        points_actions.state_points(session, document_id, rest, by=who, at=clock.now())
        return See(f"/documents/{document_id}/points", said="Đã bỏ việc.")

    return once.see(work)


@get("/documents/{document_id:uuid}/map", sync_to_thread=True)
def map_of_lateness(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Who is late, district by district."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = progress_queries.of_document(session, document_id, who=who, today=today)
    districts: defaultdict[str, list[RecipientProgress]] = defaultdict(list)
    for each in found.recipients:
        districts[each.above or "Không thuộc đơn vị nào"].append(each)
    return page(
        request,
        "routing/map.html",
        document=found,
        districts=sorted(
            districts.items(),
            key=lambda item: (-_late(item[1]), item[0]),
        ),
        late=_late,
        done=_done,
        names=PROGRESS_NAMES,
        tones=TONES,
    )


@get("/documents/progress", sync_to_thread=True)
def report(
    request: Request,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    show: FromQuery[Progress | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 - its name in the address
) -> Response[bytes]:
    """Báo cáo việc giao cho các đơn vị, by unit, deadline and state; as page, PDF or workbook."""
    who, at = principal(request), clock.now()
    today = clock.civil_date(at)
    begin, end = since or date(today.year, 1, 1), until or today
    with db.transaction(who.acting) as session:
        everything = progress_queries.report(session, who=who, since=begin, until=end, today=today)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    lines = [each for each in everything if show is None or each.progress is show]
    if format is not None:
        table = progress_tables.report(lines, since=begin, until=end)
        return table_files.answer(
            table, letterhead, format, name="bao-cao-viec-giao", printed_by=who.full_name, at=at
        )
    period = {"since": begin.isoformat(), "until": end.isoformat()}
    here = f"/documents/progress?{urlencode(period)}"
    return page(
        request,
        "routing/progress_report.html",
        lines=lines[:_PAGE_ROWS],
        total=len(lines),
        since=begin,
        until=end,
        here=here if show is None else f"{here}&show={show.value}",
        chips=[
            (f"Tất cả {len(everything)}", here, show is None),
            *(
                (
                    f"{PROGRESS_NAMES[each]} {sum(one.progress is each for one in everything)}",
                    f"{here}&show={each.value}",
                    each is show,
                )
                for each in Progress
            ),
        ],
        tones=TONES,
    )


@get("/documents/reminders", sync_to_thread=True)
def reminder_rules(request: Request) -> Response[bytes]:
    """When the agency reminds its recipients."""
    return _rules_page(request, FormState.of(side="before"))


@post("/documents/reminders", sync_to_thread=True)
def add_rule(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """thêm một lần nhắc"""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(RuleForm)
        days = -entered.days if entered.side == "before" else entered.days
        reminders.add_rule(session, days, by=who, at=clock.now())
        return See("/documents/reminders", said="Đã thêm lần nhắc.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _rules_page(request, form.refused(refusal), status=refusal.status)


@post("/documents/reminders/removal", sync_to_thread=True)
def remove_rule(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """bỏ một lần nhắc"""
    who = principal(request)

    def work(session: Session) -> See:
        try:
            days = int(form["working_days"])
        except ValueError as wrong:
            raise Invalid("Không có lần nhắc này.") from wrong
        reminders.remove_rule(session, days, by=who, at=clock.now())
        return See("/documents/reminders", said="Đã bỏ lần nhắc.")

    return once.see(work)


@post("/reminders/{reminder_id:uuid}/reading", sync_to_thread=True)
def put_away(
    request: Request, reminder_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """cất lời nhắc"""
    who = principal(request)

    def work(session: Session) -> See:
        reminders.put_away(session, reminder_id, by=who, at=clock.now())
        return See("/", said="Đã cất lời nhắc.")

    return once.see(work)


@post("/incoming/{arrival_id:uuid}/points/{point_id:uuid}/beginning", sync_to_thread=True)
def begin_point(
    request: Request,
    arrival_id: FromPath[UUID],
    point_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """bắt đầu thực hiện"""
    who = principal(request)

    def work(session: Session) -> See:
        points_actions.begin(session, point_id, by=who, at=clock.now())
        return See(f"/incoming/{arrival_id}", said="Nơi giao đã thấy việc đang được thực hiện.")

    return once.see(work)


@post(
    "/incoming/{arrival_id:uuid}/points/{point_id:uuid}/report",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def report_point(
    request: Request,
    arrival_id: FromPath[UUID],
    point_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """báo cáo kết quả, a line with a file or without"""
    who = principal(request)
    brought = work_files.kept(form)

    def work(session: Session) -> See:
        words = form.parse(ReportForm).report
        points_actions.report(session, point_id, words, files=brought, by=who, at=clock.now())
        return See(f"/incoming/{arrival_id}", said="Đã báo cáo với nơi giao việc.")

    return once.see(work)


@get("/documents/{document_id:uuid}/points/{point_id:uuid}/file", sync_to_thread=True)
def report_file(
    request: Request, document_id: FromPath[UUID], point_id: FromPath[UUID]
) -> Response[bytes]:
    """The file that a recipient reported with."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = progress_queries.of_document(session, document_id, who=who, today=today)
    for recipient in found.recipients:
        for each in recipient.points:
            if each.id == point_id and each.file_sha256 and each.file_name:
                content = configured.store().get(Sha256.parse(each.file_sha256))
                return files.download(content, each.file_media_type or "", each.file_name)
    raise points_actions.PointUnknown


def _points_page(
    request: Request,
    document_id: UUID,
    form: FormState,
    *,
    show: Progress | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = progress_queries.of_document(session, document_id, who=who, today=today)
        choices = progress_queries.addressees(session, document_id)
    path = f"/documents/{document_id}/points"
    return page(
        request,
        "routing/points.html",
        status=status,
        document=found,
        is_open=found.state not in (State.ISSUED, State.WITHDRAWN),
        rows=[each for each in found.recipients if show is None or each.progress is show],
        form=form,
        choices=[*choices, *((each.code, f"Nhóm: {each.name}") for each in groups.GROUPS)],
        chips=[
            (f"Tất cả {len(found.recipients)}", path, show is None),
            *(
                (
                    f"{PROGRESS_NAMES[each]} {found.counts[each]}",
                    f"{path}?show={each.value}",
                    each is show,
                )
                for each in Progress
            ),
        ],
        tones=TONES,
    )


def _rules_page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = reminders.rules_of(session, who.agency_id)
    return page(
        request,
        "routing/reminders.html",
        status=status,
        form=form,
        rules=[(each, reminders_rules.said(each)) for each in found],
    )


def _stated(session: Session, document_id: UUID) -> list[StatedPoint]:
    return [
        StatedPoint(each.text, each.due_on, each.unit_ids, each.group_codes)
        for each in progress_queries.stated(session, document_id)
    ]


def _is_id(choice: str) -> bool:
    try:
        UUID(choice)
    except ValueError:
        return False
    return True


def _late(recipients: list[RecipientProgress]) -> int:
    return sum(each.progress is Progress.OVERDUE for each in recipients)


def _done(recipients: list[RecipientProgress]) -> int:
    return sum(each.progress in (Progress.DONE, Progress.DONE_LATE) for each in recipients)


HANDLERS = (
    points,
    add_point,
    remove_point,
    map_of_lateness,
    report,
    reminder_rules,
    add_rule,
    remove_rule,
    put_away,
    begin_point,
    report_point,
    report_file,
)
