"""Corrections of closed books for programs: asked for, decided; versions and their comparison."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.files import http as files
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import (
    comparing,
    correction_actions,
    correction_files,
    correction_queries,
    gradebook_queries,
    states,
)
from eoffice.registers.correction_cells import (
    AbsencePlace,
    CellKind,
    ConductPlace,
    MarkPlace,
    Place,
    TraitPlace,
)
from eoffice.registers.correction_pages import Asked
from eoffice.registers.correction_queries import CorrectionView
from eoffice.registers.correction_states import State
from eoffice.registers.gradebook_http import GradebookOut, gradebook_out
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class CorrectionOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    gradebook_id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    pupil_id: UUID
    pupil: str
    kind: CellKind
    #: Of a mark; null for other cells.
    subject_code: str | None
    semester: Semester | None
    part: Part | None
    place: int | None
    #: Of conduct, of a quality or competence.
    time: str | None
    trait: str | None
    #: Of a session of attendance.
    on: date | None
    half: HalfDay | None
    #: "Toán học · Học kì I · Thường xuyên 1"
    cell: str
    old: str | None
    new: str | None
    reason: str
    evidence_name: str
    evidence_sha256: str
    state: State
    state_since: datetime
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    new_gradebook_id: UUID | None
    #: Why nothing came of it: what the leader wrote, or why the version was returned.
    answer: str | None
    may_decide: bool
    may_withdraw: bool


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    #: Requests of one book; one version tells them all.
    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=200)]
    because: str = ""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    because: str


class VersionOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    version: int
    state: states.State
    state_since: datetime
    requested_at: datetime
    supersedes_id: UUID | None
    because: str | None
    returned_because: str | None


class DifferenceOut(msgspec.Struct, frozen=True, kw_only=True):
    path: list[str]
    pupil: str
    place: str
    old: str | None
    new: str | None
    #: Entered by a person; else computed from what was.
    is_entered: bool


class ComparisonOut(msgspec.Struct, frozen=True, kw_only=True):
    old_id: UUID
    old_version: int
    new_id: UUID
    new_version: int
    differences: list[DifferenceOut]


@post(
    "/{gradebook_id:uuid}/corrections",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def ask(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[CorrectionOut]:
    """Ask for a correction of one cell; a multipart form with the evidence as `file`."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    entered = form.parse(Asked)
    evidence = correction_files.kept(form)

    def work(session: Session) -> CorrectionOut:
        made = correction_actions.request(
            session, gradebook_id, entered.wanted, entered.reason, evidence, by=who, at=clock.now()
        )
        session.flush()  # The answer reads what was written.
        return _out(correction_queries.correction(session, made, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/corrections/{out.id}")


@get("/{gradebook_id:uuid}/corrections", sync_to_thread=True)
def of_book(request: Request, gradebook_id: FromPath[UUID]) -> list[CorrectionOut]:
    """The requests of a book, and those that it tells; the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        gradebook_queries.gradebook(session, gradebook_id, who)
        found = correction_queries.corrections(session, who, gradebook_id=gradebook_id)
    return [_out(one) for one in found]


@get("/{gradebook_id:uuid}/versions", sync_to_thread=True)
def versions(request: Request, gradebook_id: FromPath[UUID]) -> list[VersionOut]:
    """All versions of the book to which this one belongs, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = gradebook_queries.versions(session, gradebook_id, who)
    return [
        VersionOut(
            id=one.id,
            version=one.version,
            state=one.state,
            state_since=one.state_since,
            requested_at=one.requested_at,
            supersedes_id=one.supersedes_id,
            because=one.because,
            returned_because=one.returned_because,
        )
        for one in found
    ]


@get("/{gradebook_id:uuid}/comparison/{other_id:uuid}", sync_to_thread=True)
def compare(
    request: Request, gradebook_id: FromPath[UUID], other_id: FromPath[UUID]
) -> ComparisonOut:
    """Two versions of one book, cell by cell; the older one first, whichever is named first."""
    found = comparing.compare(gradebook_id, other_id, by=principal(request))
    return ComparisonOut(
        old_id=found.old.id,
        old_version=found.old.version,
        new_id=found.new.id,
        new_version=found.new.version,
        differences=[
            DifferenceOut(
                path=list(one.path),
                pupil=one.pupil,
                place=one.place,
                old=one.old,
                new=one.new,
                is_entered=one.is_entered,
            )
            for one in found.differences
        ],
    )


@get("/", sync_to_thread=True)
def listing(request: Request, open: FromQuery[bool] = False) -> list[CorrectionOut]:  # noqa: A002
    """The requests of my classes, or of my school; `open` those that are not done yet."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in correction_queries.corrections(session, who, is_open=open)]


@get("/{correction_id:uuid}", sync_to_thread=True)
def show(request: Request, correction_id: FromPath[UUID]) -> CorrectionOut:
    """One request."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(correction_queries.correction(session, correction_id, who))


@get("/{correction_id:uuid}/evidence", sync_to_thread=True)
def evidence(request: Request, correction_id: FromPath[UUID]) -> Response[bytes]:
    """The file that shows why."""
    content, media_type, name = correction_files.evidence(correction_id, by=principal(request))
    return files.download(content, media_type, name)


@post("/approval", sync_to_thread=True)
def approve(
    request: Request, data: JSONBody[Approval], once: NamedDependency[Once]
) -> Response[GradebookOut]:
    """Approve requests of one book; the version that tells them is made in the background."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        made = correction_actions.approve(session, data.ids, data.because, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return gradebook_out(gradebook_queries.gradebook(session, made, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/gradebooks/{out.id}")


@post("/{correction_id:uuid}/refusal", sync_to_thread=True, status_code=200)
def refuse(
    request: Request,
    correction_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[CorrectionOut]:
    """Refuse a request, with the reason."""
    who = principal(request)

    def work(session: Session) -> CorrectionOut:
        correction_actions.refuse(session, correction_id, data.because, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(correction_queries.correction(session, correction_id, who))

    return once.answer(work)


@post("/{correction_id:uuid}/withdrawal", sync_to_thread=True, status_code=200)
def withdraw(
    request: Request, correction_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[CorrectionOut]:
    """Take my own request back."""
    who = principal(request)

    def work(session: Session) -> CorrectionOut:
        correction_actions.withdraw(session, correction_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(correction_queries.correction(session, correction_id, who))

    return once.answer(work)


def _out(view: CorrectionView) -> CorrectionOut:
    own = {name: getattr(view, name) for name in CorrectionOut.__struct_fields__ if name not in _AT}
    return CorrectionOut(**own, **_at(view.at))


#: What says which cell it is, by its kind.
_AT = frozenset({"subject_code", "semester", "part", "place", "time", "trait", "on", "half"})


def _at(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(_AT)
    match place:
        case MarkPlace(code, semester, part, number):
            found |= {"subject_code": code, "semester": semester, "part": part, "place": number}
        case ConductPlace(time):
            found |= {"time": time.value}
        case TraitPlace(code, judged_at):
            found |= {"trait": code, "time": judged_at.value}
        case AbsencePlace(on, half):
            found |= {"on": on, "half": half}
    return found


#: Below /gradebooks, and below /corrections.
OF_BOOKS = (ask, of_book, versions, compare)
HANDLERS = (listing, show, evidence, approve, refuse, withdraw)
