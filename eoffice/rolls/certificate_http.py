"""The JSON interface of certificates and of blank forms."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.rolls import blank_actions, certificate_actions, certificate_queries, rules
from eoffice.rolls.blank_actions import NewBatch
from eoffice.rolls.certificate_actions import NewCertificate, NewHandover
from eoffice.rolls.certificate_states import BlankStep, CertificateState, CertificateStep
from eoffice.web import paging
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

Text = Annotated[str, msgspec.Meta(max_length=300)]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    count: int


class CertificateIn(msgspec.Struct, frozen=True, kw_only=True):
    name: Text
    born_on: date
    birthplace: Text = ""
    graduation_year: int
    signed_on: date
    decision: Text = ""
    sex: Text = ""
    ethnicity: Text = ""
    class_name: Text = ""
    grading: Text = ""
    serial: Text = ""
    entry_number: Text = ""
    note: Text = ""


class NewCertificates(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    certificates: Annotated[list[CertificateIn], msgspec.Meta(min_length=1, max_length=5000)]


class HandoverIn(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    receiver: Text
    identity_paper: Text
    authorisation: Text = ""
    signature: Text = ""


class EndingIn(msgspec.Struct, frozen=True, kw_only=True):
    step: CertificateStep
    ended_on: date
    because: Text


class CopyIn(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    copies: int
    receiver: Text
    identity_paper: Text
    reason: Text = ""


class CorrectionIn(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    new: Text
    on: date
    decision: Text


class CertificateOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    ordinal: int
    kind_code: str
    kind_name: str
    serial: str
    entry_number: str
    pupil_id: UUID | None
    name: str
    born_on: date
    sex: str
    birthplace: str
    ethnicity: str
    class_name: str
    graduation_year: int
    grading: str
    decision: str
    signed_on: date
    note: str
    state: CertificateState
    ended_on: date | None
    ended_because: str | None
    handed_over_on: date | None
    receiver: str | None
    copies: int
    corrections: int


class BatchIn(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    received_on: date
    received_from: Text
    decision: Text = ""
    first: Text
    last: Text
    note: Text = ""


class HappeningIn(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    step: BlankStep
    first: Text
    last: Text = ""
    ended_on: date
    minutes: Text


class TallyOut(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    received: int
    granted: int
    damaged: int
    lost: int
    destroyed: int
    returned: int
    left: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    ids: tuple[UUID, ...]


@get("/certificates", sync_to_thread=True)
def certificates(
    request: Request,
    q: FromQuery[str] = "",
    kind_code: FromQuery[str] = "",
    graduation_year: FromQuery[int | None] = None,
    school_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[CertificateOut]:
    """The ledger of certificates, by line."""
    who, after, limit = principal(request), Cursor.read(request, cursor), paging.bounded(limit)
    with db.transaction(who.acting) as session:
        rows = certificate_queries.certificates(
            session,
            who,
            school_id or who.agency_id,
            kind_code=kind_code,
            graduation_year=graduation_year,
            text=q,
            after=int(after[0]) if after else 0,
            limit=limit + 1,
        )
    return Page.of(
        request,
        [_certificate(row) for row in rows],
        limit=limit,
        key=lambda one: (str(one.ordinal),),
    )


@post("/certificates", sync_to_thread=True)
def grant(
    request: Request, data: JSONBody[NewCertificates], once: NamedDependency[Once]
) -> Response[Made]:
    """Enter certificates of one kind, in this order: all of them or none."""

    def work(session: Session) -> Made:
        new = [NewCertificate(**msgspec.structs.asdict(each)) for each in data.certificates]
        return Made(
            ids=certificate_actions.grant(
                session, data.kind_code, new, by=principal(request), at=clock.now()
            )
        )

    return once.answer(work, status=201)


@post("/certificates/{certificate_id:uuid}/handover", sync_to_thread=True)
def hand_over(
    request: Request,
    certificate_id: FromPath[UUID],
    data: JSONBody[HandoverIn],
    once: NamedDependency[Once],
) -> Response[None]:
    """Somebody took the certificate."""

    def work(session: Session) -> None:
        new = NewHandover(**msgspec.structs.asdict(data))
        certificate_actions.hand_over(
            session, certificate_id, new, by=principal(request), at=clock.now()
        )

    return once.answer(work, status=200)


@post("/certificates/{certificate_id:uuid}/ending", sync_to_thread=True)
def end(
    request: Request,
    certificate_id: FromPath[UUID],
    data: JSONBody[EndingIn],
    once: NamedDependency[Once],
) -> Response[None]:
    """The certificate was written wrongly (`annul`), lost (`lose`) or revoked (`revoke`)."""

    def work(session: Session) -> None:
        if data.step not in certificate_actions.ENDINGS:
            raise rules.RollWrong("Việc này không kết thúc một văn bằng.")
        certificate_actions.end(
            session,
            certificate_id,
            data.step,
            on=data.ended_on,
            because=data.because,
            by=principal(request),
            at=clock.now(),
        )

    return once.answer(work, status=200)


@post("/certificates/{certificate_id:uuid}/copies", sync_to_thread=True)
def copy(
    request: Request,
    certificate_id: FromPath[UUID],
    data: JSONBody[CopyIn],
    once: NamedDependency[Once],
) -> Response[Counted]:
    """Issue copies from the ledger; answers with the number of the issue in its year."""

    def work(session: Session) -> Counted:
        number = certificate_actions.copy(
            session,
            certificate_id,
            **msgspec.structs.asdict(data),
            by=principal(request),
            at=clock.now(),
        )
        return Counted(count=number)

    return once.answer(work, status=200)


@post("/certificates/{certificate_id:uuid}/corrections", sync_to_thread=True)
def correct(
    request: Request,
    certificate_id: FromPath[UUID],
    data: JSONBody[CorrectionIn],
    once: NamedDependency[Once],
) -> Response[None]:
    """One value of the certificate is corrected by a decision."""

    def work(session: Session) -> None:
        certificate_actions.correct(
            session,
            certificate_id,
            data.field,
            data.new,
            on=data.on,
            decision=data.decision,
            by=principal(request),
            at=clock.now(),
        )

    return once.answer(work, status=200)


@get("/certificate-blanks", sync_to_thread=True)
def blanks(request: Request, school_id: FromQuery[UUID | None] = None) -> list[TallyOut]:
    """Blanks by kind: received, and where they are."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = certificate_queries.tallies(session, who, school_id or who.agency_id)
    sums = [name for name in TallyOut.__struct_fields__ if name != "kind_code"]
    return [
        TallyOut(kind_code=code, **{name: getattr(tally, name) for name in sums})
        for code, tally in found.items()
    ]


@post("/certificate-batches", sync_to_thread=True)
def receive(
    request: Request, data: JSONBody[BatchIn], once: NamedDependency[Once]
) -> Response[Made]:
    """Enter a batch of blanks by its serials."""

    def work(session: Session) -> Made:
        new = NewBatch(**msgspec.structs.asdict(data))
        return Made(
            ids=(blank_actions.receive(session, new, by=principal(request), at=clock.now()),)
        )

    return once.answer(work, status=201)


@post("/certificate-blanks/happenings", sync_to_thread=True)
def happened(
    request: Request, data: JSONBody[HappeningIn], once: NamedDependency[Once]
) -> Response[Counted]:
    """Blanks were spoiled, lost, found, destroyed or given back, as minutes say."""

    def work(session: Session) -> Counted:
        count = blank_actions.happened(
            session,
            data.kind_code,
            data.step,
            data.first,
            data.last,
            on=data.ended_on,
            minutes=data.minutes,
            by=principal(request),
            at=clock.now(),
        )
        return Counted(count=count)

    return once.answer(work, status=200)


def _certificate(row: certificate_queries.CertificateSeen) -> CertificateOut:
    beside = ("handed_over_on", "receiver", "copies", "corrections")
    kept = [name for name in CertificateOut.__struct_fields__ if name not in beside]
    return CertificateOut(
        **{name: getattr(row, name) for name in kept},
        handed_over_on=row.handover.on if row.handover else None,
        receiver=row.handover.receiver if row.handover else None,
        copies=sum(each.copies for each in row.copies),
        corrections=len(row.corrections),
    )


HANDLERS = (certificates, grant, hand_over, end, copy, correct, blanks, receive, happened)
