"""Pages of the archive: search, the reader with its verdict, the inspector's room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import actions, queries, reading, rules, states, verification_report
from eoffice.archive.actions import Decision
from eoffice.archive.http import download, narrowed, picture, position
from eoffice.archive.queries import InspectionRead, Line, Narrowed
from eoffice.archive.states import EntryKind, InspectionState
from eoffice.archive.verification_report import Subject
from eoffice.archive.verify_command import Checked, in_words
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.signing.verdict import Finding
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

_ROWS = 20

#: How a verdict is said and shown: word and tone.
VERDICTS = {
    Finding.INTACT.value: ("Nguyên vẹn", "done"),
    Finding.CHANGED.value: ("Đã bị thay đổi", "wrong"),
    Finding.INVALID.value: ("Không hợp lệ", "wrong"),
    Finding.UNVERIFIABLE.value: ("Không kiểm tra được", "waiting"),
    Finding.UNSIGNED.value: ("Không có chữ ký số", "quiet"),
}
_TONES = {
    InspectionState.COMING: "waiting",
    InspectionState.RUNNING: "going",
    InspectionState.OVER: "quiet",
}


class InspectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a decision; school years are typed in one line."""

    decision_number: Annotated[str, msgspec.Meta(max_length=100)]
    decided_on: date
    title: Annotated[str, msgspec.Meta(max_length=500)]
    inspector_id: UUID
    unit_ids: list[UUID] = []
    kinds: list[EntryKind] = []
    school_years: str
    valid_from: date
    valid_to: date

    def decision(self) -> Decision:
        years = self.school_years.replace(";", ",").split(",")
        return Decision(
            decision_number=self.decision_number,
            decided_on=self.decided_on,
            title=self.title,
            inspector_id=self.inspector_id,
            unit_ids=tuple(self.unit_ids),
            kinds=tuple(self.kinds),
            school_years=tuple(year.strip() for year in years if year.strip()),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """An agency in the form of a decision."""

    id: UUID
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Agencies that stand together in the form; those of the group "" stand open."""

    name: str
    units: Sequence[UnitChoice]


@get("/archive", sync_to_thread=True)
def search(
    request: Request,
    q: FromQuery[str] = "",
    kind: FromQuery[EntryKind | None] = None,
    school_year: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """One field; what was found, newest first, and chips that narrow it down."""
    lines, years, next_cursor = _search(request, q, narrowed(kind, school_year, None), cursor)
    who = principal(request)

    def here(**changes: str | None) -> str:
        chosen = {"q": q, "kind": kind, "school_year": school_year} | changes
        asked = urlencode({name: value for name, value in chosen.items() if value})
        return "/archive" + (f"?{asked}" if asked else "")

    return page(
        request,
        "archive/search.html",
        q=q,
        lines=lines,
        kind_chips=[
            ("Mọi loại", here(kind=None), kind is None),
            *(
                (name, here(kind=value.value), kind is value)
                for value, name in states.KIND_NAMES.items()
            ),
        ],
        year_chips=[
            ("Mọi năm học", here(school_year=None), not school_year),
            *((year, here(school_year=year), school_year == year) for year in years),
        ],
        next_cursor=next_cursor,
        at_start=not cursor,
        here=here(),
        is_inspector=who.position_kind == rules.INSPECTOR,
        is_narrowed=bool(q or kind or school_year),
        verdicts=VERDICTS,
    )


@get("/archive/{entry_id:uuid}", sync_to_thread=True)
def show(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    """The pages of an entry, what was found about its signatures, and what became of it."""
    opened = reading.opened(principal(request), entry_id, at=clock.now())
    entry = opened.entry
    return page(
        request,
        "archive/entry.html",
        entry=entry,
        about=entry.description,
        images=[
            (f"/archive/{entry_id}/pages/{number}.png", "")
            for number in range(1, entry.page_count + 1)
        ],
        versions=opened.versions,
        succession=opened.succession,
        history=opened.history,
        accesses=opened.accesses,
        verified=opened.verified,
        has_record=opened.has_record,
        judged=entry.verdict,
        in_words=in_words,
        verdicts=VERDICTS,
        kind_names=states.KIND_NAMES,
        fixity_names=states.FIXITY_NAMES,
    )


@get("/archive/{entry_id:uuid}/pages/{number:str}", sync_to_thread=True)
def page_image(
    request: Request, entry_id: FromPath[UUID], number: FromPath[str]
) -> Response[bytes]:
    return picture(request, entry_id, number)


@get("/archive/{entry_id:uuid}/content", sync_to_thread=True)
def content(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    return download(
        reading.content(principal(request), entry_id, at=clock.now()), "application/pdf"
    )


@get("/archive/{entry_id:uuid}/package", sync_to_thread=True)
def evidence_package(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    return download(
        reading.evidence_package(principal(request), entry_id, at=clock.now()), "application/zip"
    )


@get("/archive/{entry_id:uuid}/evidence-record", sync_to_thread=True)
def evidence_record(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    file = reading.evidence_record(principal(request), entry_id, at=clock.now())
    return download(file, "application/octet-stream")


@get("/archive/{entry_id:uuid}/verification", sync_to_thread=True)
def verification(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    """The verdict of today, computed from the archived bytes."""
    at = clock.now()
    entry, said = reading.verification(principal(request), entry_id, at=at)
    judged = Checked(said.verdict, said.reason, said.signatures)
    subject = Subject(entry.description.title, entry.description.content_sha256, judged)
    return page(
        request,
        "archive/verification.html",
        entry=entry,
        about=entry.description,
        judged=judged,
        report=verification_report.as_address(subject, at=at),
        in_words=in_words,
        checked_at=at,
        verdicts=VERDICTS,
    )


@get("/inspections", sync_to_thread=True)
def inspections(request: Request) -> Response[bytes]:
    """For an inspector: my decisions; for others those of the acting agency."""
    who, on = principal(request), clock.civil_date(clock.now())
    mine = who.position_kind == rules.INSPECTOR
    with db.transaction(who.acting) as session:
        found = (
            queries.inspections_of(session, who.person_id, on=on)
            if mine
            else queries.inspections_by(session, who.agency_id, on=on)
        )
    return page(
        request,
        "archive/inspections.html",
        inspections=found,
        is_mine=mine,
        may_decide=who.position_kind in rules.MAY_DECIDE,
        state_names=states.INSPECTION_STATE_NAMES,
        kind_names=states.KIND_NAMES,
        tones=_TONES,
    )


@get("/inspections/{inspection_id:uuid}", sync_to_thread=True)
def room(
    request: Request,
    inspection_id: FromPath[UUID],
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """What a decision names, and the search within it."""
    who, on = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.inspection(session, inspection_id, on=on)
        agencies = [
            one for unit_id in found.unit_ids for one in people.records_of(session, unit_id, on=on)
        ]
    mine = who.person_id == found.inspector_id and who.position_kind == rules.INSPECTOR
    lines: list[Line] = []
    next_cursor = None
    if mine and found.state is InspectionState.RUNNING:
        within = Narrowed(found.kinds, found.school_years, tuple(agencies))
        lines, _, next_cursor = _search(request, q, within, cursor)
    return page(
        request,
        "archive/inspection.html",
        inspection=found,
        is_mine=mine,
        may_change=who.position_kind in rules.MAY_DECIDE
        and who.agency_id == found.agency_id
        and found.state is not InspectionState.OVER,
        q=q,
        lines=lines,
        next_cursor=next_cursor,
        at_start=not cursor,
        here=f"/inspections/{inspection_id}" + (f"?{urlencode({'q': q})}" if q else ""),
        state_names=states.INSPECTION_STATE_NAMES,
        kind_names=states.KIND_NAMES,
        verdicts=VERDICTS,
        tones=_TONES,
    )


@get("/inspections/new", sync_to_thread=True)
def new_inspection(request: Request) -> Response[bytes]:
    today = clock.civil_date(clock.now())
    form = FormState.of(
        decided_on=today,
        valid_from=today,
        kinds=[EntryKind.GRADEBOOK.value],
        school_years=rules.school_year_of(today),
    )
    return _decision_page(request, form)


@post("/inspections", sync_to_thread=True)
def decide(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    try:
        decision = form.parse(InspectionForm).decision()

        def work(session: Session) -> See:
            made = actions.decide(session, decision, by=principal(request), at=clock.now())
            return See(f"/inspections/{made}", said="Đã nhập quyết định thanh tra.")

        return once.see(work)
    except Refusal as refusal:
        return _decision_page(request, form.refused(refusal), status=refusal.status)


@get("/inspections/{inspection_id:uuid}/scope", sync_to_thread=True)
def scope(request: Request, inspection_id: FromPath[UUID]) -> Response[bytes]:
    who, on = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.inspection(session, inspection_id, on=on)
    return _decision_page(request, _form_of(found), inspection_id=inspection_id)


@post("/inspections/{inspection_id:uuid}/scope", sync_to_thread=True)
def amend(
    request: Request,
    inspection_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    try:
        decision = form.parse(InspectionForm).decision()

        def work(session: Session) -> See:
            actions.amend(session, inspection_id, decision, by=principal(request), at=clock.now())
            return See(f"/inspections/{inspection_id}", said="Đã sửa quyết định thanh tra.")

        return once.see(work)
    except Refusal as refusal:
        return _decision_page(
            request, form.refused(refusal), inspection_id=inspection_id, status=refusal.status
        )


@post("/inspections/{inspection_id:uuid}/ending", sync_to_thread=True)
def end(
    request: Request,
    inspection_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    def work(session: Session) -> See:
        actions.end(session, inspection_id, by=principal(request), at=clock.now())
        return See(f"/inspections/{inspection_id}", said="Đã kết thúc cuộc thanh tra.")

    return once.see(work)


pages = Router(
    "/",
    route_handlers=[
        search,
        show,
        page_image,
        content,
        evidence_package,
        evidence_record,
        verification,
        inspections,
        new_inspection,
        decide,
        room,
        scope,
        amend,
        end,
    ],
    include_in_schema=False,
)


def _search(
    request: Request, words: str, within: Narrowed, cursor: str | None
) -> tuple[list[Line], list[str], str | None]:
    lines, years = reading.search(
        principal(request),
        words,
        at=clock.now(),
        narrowed=within,
        after=position(Cursor.read(request, cursor)),
        limit=_ROWS + 1,
    )
    part = Page.of(
        request,
        lines,
        limit=_ROWS,
        key=lambda line: (line.archived_at.isoformat(), str(line.id)),
    )
    return part.items, years, part.next_cursor


def _decision_page(
    request: Request, form: FormState, *, inspection_id: UUID | None = None, status: int = 200
) -> Response[bytes]:
    who, on = principal(request), clock.civil_date(clock.now())
    if who.position_kind not in rules.MAY_DECIDE:
        raise actions.MayNotDecide(
            "Chỉ lãnh đạo cơ quan hoặc quản trị hệ thống được nhập quyết định thanh tra."
        )
    with db.transaction(who.acting) as session:
        inspectors = queries.inspectors(session, who.agency_id, on=on)
        units = _units_below(session, who, on, form.all("unit_ids"))
    return page(
        request,
        "archive/decision.html",
        status=status,
        form=form,
        inspection_id=inspection_id,
        inspectors=inspectors,
        units=units,
        kinds=[(kind.value, name) for kind, name in states.KIND_NAMES.items()],
        labels=_LABELS,
    )


_LABELS = {
    "decision_number": "Số, ký hiệu quyết định",
    "decided_on": "Ngày quyết định",
    "title": "Nội dung thanh tra",
    "inspector_id": "Thanh tra viên",
    "unit_ids": "Đơn vị được thanh tra",
    "kinds": "Loại hồ sơ",
    "school_years": "Năm học",
    "valid_from": "Từ ngày",
    "valid_to": "Đến ngày",
}


def _units_below(
    session: Session, who: Principal, on: date, chosen: Collection[str]
) -> list[UnitGroup]:
    """Agencies to choose from: the own one, those right below it, and one group a Phòng."""
    tree = [
        branch
        for branch in people.unit_tree(session, on=on, root_id=who.agency_id)
        if branch.unit.kind is not UnitKind.OFFICE
    ]
    if not tree:
        return []
    choices = [
        UnitChoice(each.unit.id, each.unit.name, str(each.unit.id) in chosen) for each in tree
    ]
    starts = [index for index, branch in enumerate(tree) if branch.depth == 1]
    parts = [
        tuple(choices[start:end])
        for start, end in zip(starts, [*starts, len(tree)][1:], strict=True)
    ]
    alone = tuple(part[0] for part in parts if len(part) == 1)
    return [
        UnitGroup("", choices[:1]),
        *([UnitGroup(f"Trực thuộc {choices[0].name}", alone)] if alone else []),
        *(UnitGroup(part[0].name, part) for part in parts if len(part) > 1),
    ]


def _form_of(found: InspectionRead) -> FormState:
    return FormState.of(
        decision_number=found.decision_number,
        decided_on=found.decided_on,
        title=found.title,
        inspector_id=found.inspector_id,
        unit_ids=list(found.unit_ids),
        kinds=[kind.value for kind in found.kinds],
        school_years=", ".join(found.school_years),
        valid_from=found.valid_from,
        valid_to=found.valid_to,
    )
