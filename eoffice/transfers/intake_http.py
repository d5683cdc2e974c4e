"""Packages that come to a school, for programs: verified, then taken in or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid
from eoffice.marks.marks_http import file_answer
from eoffice.transfers import actions, intake_actions, package, queries, receipt_pages, receiving
from eoffice.transfers.intake_actions import Done, Intake
from eoffice.transfers.queries import IntakeView
from eoffice.transfers.states import IntakeState
from eoffice.transfers.verification import Grade
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal

HERE = "/api/v1/pupil-transfers"
INTAKES = HERE + "/intakes"
#: The file and the fields around it.
BODY = package.LARGEST_BYTES + 2**20
_Reason = Annotated[str, msgspec.Meta(max_length=actions.LONGEST_REASON)]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: _Reason


class AdmissionIn(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    on: date
    reason: _Reason
    #: Number, date and body of the paper by which the pupil comes.
    decision: _Reason = ""
    #: Under which the pupil is kept here; "" for the one in the package.
    code: Annotated[str, msgspec.Meta(max_length=200)] = ""


class FindingOut(msgspec.Struct, frozen=True, kw_only=True):
    #: The file; "" for the package as a whole.
    what: str
    grade: Grade
    sentence: str


class IntakeOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    #: As the package names itself.
    transfer_id: UUID | None
    #: Whether a school of this office handed it over; else it came as a file.
    is_of_office: bool
    content_sha256: str
    from_school: str
    pupil_name: str
    findings: list[FindingOut]
    #: Only by a sound package somebody is taken in.
    is_sound: bool
    state: IntakeState
    received_by: str
    received_at: datetime
    decided_at: datetime | None
    refused_because: str | None
    pupil_id: UUID | None


class AdmissionOut(msgspec.Struct, frozen=True, kw_only=True):
    pupil_id: UUID
    #: Codes of subjects whose results stayed in the package.
    left_behind: tuple[str, ...]
    #: Why results did not become results here; "" where they did.
    not_brought: str


@post("/{transfer_id:uuid}/check", sync_to_thread=True)
def check(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[IntakeOut]:
    """Verify what a school of this office handed over to mine."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    return receiving.handed_over(transfer_id, by=who, within=_within(once, who))


@post("/intakes", sync_to_thread=True, request_max_body_size=BODY)
def bring(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[IntakeOut]:
    """Verify a package that came as a file, sent as `file`."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    found = form.file("file")
    if found is None:
        message = "Hãy gửi nguyên tệp ZIP mà trường chuyển đi đã giao."
        raise Invalid(message, fields={"file": message})
    content = found.file.read(package.LARGEST_BYTES + 1)
    return receiving.brought(content, by=who, within=_within(once, who))


@get("/intakes", sync_to_thread=True)
def intakes(request: Request, pupil_id: FromQuery[UUID | None] = None) -> list[IntakeOut]:
    """Packages that my school has verified, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in queries.intakes(session, who, pupil_id)]


@get("/intakes/{intake_id:uuid}", sync_to_thread=True)
def show_intake(request: Request, intake_id: FromPath[UUID]) -> IntakeOut:
    """What was found of a package, by file, and what was decided."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(queries.intake(session, intake_id, who))


@get("/intakes/{intake_id:uuid}/file", sync_to_thread=True)
def member(request: Request, intake_id: FromPath[UUID], name: FromQuery[str]) -> Response[bytes]:
    """One file of a package: data.json, reports/2024-2025.pdf…"""
    content = receiving.member(intake_id, name, by=principal(request))
    assert content is not None  # It was required.
    kind = "application/pdf" if name.endswith(".pdf") else "application/json"
    return file_answer(content, kind, name.replace("/", "-"))


@post("/intakes/{intake_id:uuid}/admission", sync_to_thread=True)
def take_in(
    request: Request,
    intake_id: FromPath[UUID],
    data: JSONBody[AdmissionIn],
    once: NamedDependency[Once],
) -> Response[AdmissionOut]:
    """Take the pupil in by a sound package; once, whichever school it is."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], Done]) -> Response[AdmissionOut]:
        def work(session: Session) -> AdmissionOut:
            done = last(session)
            return AdmissionOut(
                pupil_id=done.pupil_id,
                left_behind=done.left_behind,
                not_brought=done.not_brought,
            )

        return once.answer(work, status=201, location=lambda out: f"/api/v1/pupils/{out.pupil_id}")

    said = Intake(data.class_id, data.on, data.reason, data.decision, data.code)
    return receiving.take_in(intake_id, said, by=principal(request), within=within)


@post("/intakes/{intake_id:uuid}/refusal", sync_to_thread=True, status_code=200)
def refuse(
    request: Request,
    intake_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[IntakeOut]:
    """Refuse the package with a reason, which the sender reads."""
    who = principal(request)

    def work(session: Session) -> IntakeOut:
        intake_actions.refuse(session, intake_id, data.reason, by=who, at=clock.now())
        return _read(session, intake_id, who)

    return once.answer(work)


@get("/intakes/{intake_id:uuid}/receipt", sync_to_thread=True)
def receipt(request: Request, intake_id: FromPath[UUID]) -> Response[bytes]:
    """The signed receipt of a decision about a package of another office: canonical JSON."""
    return receipt_pages.handed_out(request, intake_id)


def _within(
    once: Once, who: Principal
) -> Callable[[Callable[[Session], UUID]], Response[IntakeOut]]:
    def within(last: Callable[[Session], UUID]) -> Response[IntakeOut]:
        def work(session: Session) -> IntakeOut:
            return _read(session, last(session), who)

        return once.answer(work, status=201, location=lambda out: f"{INTAKES}/{out.id}")

    return within


def _read(session: Session, intake_id: UUID, who: Principal) -> IntakeOut:
    session.flush()  # The answer reads what was written.
    return _out(queries.intake(session, intake_id, who))


def _out(view: IntakeView) -> IntakeOut:
    kept = [name for name in IntakeOut.__struct_fields__ if name != "findings"]
    return IntakeOut(
        **{name: getattr(view, name) for name in kept},
        findings=[
            FindingOut(what=one.what, grade=one.grade, sentence=one.sentence)
            for one in view.findings
        ],
    )


HANDLERS = (check, bring, intakes, show_intake, member, take_in, refuse, receipt)
