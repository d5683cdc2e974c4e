"""The ledger of certificates, blanks and their sums, as pages show and print them. Read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.rolls import certificate_states, rules
from eoffice.rolls.certificate_model import (
    Blank,
    BlankBatch,
    Certificate,
    CertificateCopy,
    CertificateCorrection,
    CertificateHandover,
    CertificateKind,
)
from eoffice.rolls.certificate_states import BlankState, CertificateState, Tally
from eoffice.rolls.model import Graduation
from eoffice.rolls.rules import LineUnknown, RollWrong, Stage
from eoffice.web.principal import Principal

#: What a decision can correct of a certificate.
CORRECTABLE = {
    "name": "Họ và tên",
    "born_on": "Ngày sinh",
    "sex": "Giới tính",
    "birthplace": "Nơi sinh",
    "ethnicity": "Dân tộc",
    "grading": "Xếp loại",
}


@dataclass(frozen=True, slots=True)
class KindSeen:
    code: str
    name: str
    stage: Stage | None
    has_blanks: bool
    gradings: tuple[str, ...]
    is_offered: bool
    source: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class BatchSeen:
    id: UUID
    kind_code: str
    received_on: date
    received_from: str
    decision: str
    first: str
    last: str
    count: int
    note: str
    struck_because: str | None


@dataclass(frozen=True, slots=True)
class BlankSeen:
    """A blank to which something happened beside being granted."""

    kind_code: str
    serial: str
    state: BlankState
    ended_on: date | None
    minutes: str


@dataclass(frozen=True, slots=True)
class HandoverSeen:
    on: date
    receiver: str
    identity_paper: str
    authorisation: str
    signature: str
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class CopySeen:
    year: int
    number: int
    on: date
    copies: int
    receiver: str
    identity_paper: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectionSeen:
    on: date
    decision: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """As it was written, with what came later beside it."""

    id: UUID
    school_id: UUID
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
    is_from_paper: bool
    state: CertificateState
    ended_on: date | None
    ended_because: str | None
    handover: HandoverSeen | None
    copies: tuple[CopySeen, ...]
    corrections: tuple[CorrectionSeen, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that a school keeps of certificates, for the book that is made of it."""

    certificates: tuple[CertificateSeen, ...]
    batches: tuple[BatchSeen, ...]
    ended: tuple[BlankSeen, ...]
    tallies: dict[str, Tally]


@dataclass(frozen=True, slots=True)
class Graduate:
    """Who finished a stage and has no certificate of a kind yet."""

    pupil_id: UUID
    class_name: str
    grading: str
    decision: str
    on: date


def kinds(session: Session, *, offered: bool = False) -> tuple[KindSeen, ...]:
    """As the department has them now, by name. Everybody may know."""
    rows = session.scalars(
        select(CertificateKind)
        .where(CertificateKind.replaced_at.is_(None))
        .order_by(CertificateKind.name)
    )
    return tuple(_kind(row) for row in rows if row.is_offered or not offered)


def kind(session: Session, code: str) -> KindSeen:
    """Raises RollWrong."""
    row = session.scalars(
        select(CertificateKind).where(
            CertificateKind.code == code, CertificateKind.replaced_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise RollWrong(
            "Không có loại văn bằng, chứng chỉ này.", fields={"kind_code": "Hãy chọn loại."}
        )
    return _kind(row)


def certificates(
    session: Session,
    who: Principal,
    school_id: UUID,
    *,
    kind_code: str = "",
    graduation_year: int | None = None,
    state: CertificateState | None = None,
    signed: tuple[date, date] | None = None,
    text: str = "",
    after: int = 0,
    limit: int | None = None,
) -> tuple[CertificateSeen, ...]:
    """In the order of the ledger. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    query = (
        select(Certificate)
        .where(Certificate.school_id == school_id, Certificate.ordinal > after)
        .order_by(Certificate.ordinal)
        .limit(limit)
    )
    if kind_code:
        query = query.where(Certificate.kind_code == kind_code)
    if graduation_year is not None:
        query = query.where(Certificate.graduation_year == graduation_year)
    if state is not None:
        query = query.where(Certificate.state == state)
    if signed is not None:
        query = query.where(Certificate.signed_on.between(*signed))
    for word in rules.tidy(text).split():
        query = query.where(
            or_(
                func.vn_fold(Certificate.name).contains(func.vn_fold(word), autoescape=False),
                Certificate.serial.contains(word, autoescape=True),
                Certificate.entry_number == word,
            )
        )
    return seen(session, session.scalars(query).all())


def certificate(session: Session, who: Principal, certificate_id: UUID) -> CertificateSeen:
    """Raises LineUnknown, RollsNotYours."""
    row = session.get(Certificate, certificate_id)
    if row is None:
        raise LineUnknown("Sổ của trường không có văn bằng, chứng chỉ này.")
    rules.require_reader(staff_queries.actor(who), row.school_id)
    return seen(session, [row])[0]


def seen(session: Session, rows: Sequence[Certificate]) -> tuple[CertificateSeen, ...]:
    """With what came later. Asks nobody."""
    ids = [row.id for row in rows]
    handed = {
        row.certificate_id: HandoverSeen(
            row.on_day, row.receiver, row.identity_paper, row.authorisation, row.signature,
            row.signed_on,
        )
        for row in session.scalars(
            select(CertificateHandover).where(CertificateHandover.certificate_id.in_(ids))
        )
    }  # fmt: skip
    copies: dict[UUID, list[CopySeen]] = defaultdict(list)
    for copy in session.scalars(
        select(CertificateCopy)
        .where(CertificateCopy.certificate_id.in_(ids))
        .order_by(CertificateCopy.year, CertificateCopy.number)
    ):
        copies[copy.certificate_id].append(
            CopySeen(
                copy.year, copy.number, copy.on_day, copy.copies, copy.receiver,
                copy.identity_paper, copy.reason,
            )
        )  # fmt: skip
    corrected = _corrections(session, ids)
    beside = ("handover", "copies", "corrections")
    return tuple(
        CertificateSeen(
            **{
                name: getattr(row, name) for name in CertificateSeen.__slots__ if name not in beside
            },
            handover=handed.get(row.id),
            copies=tuple(copies[row.id]),
            corrections=corrected.get(row.id, ()),
        )
        for row in rows
    )


def content(session: Session, row: Certificate) -> dict[str, str]:
    """What the certificate says now: as written, with its corrections. Asks nobody."""
    said = {
        "name": row.name,
        "born_on": f"{row.born_on:%d/%m/%Y}",
        "sex": row.sex,
        "birthplace": row.birthplace,
        "ethnicity": row.ethnicity,
        "grading": row.grading,
    }
    for one in _corrections(session, [row.id]).get(row.id, ()):
        said[one.field] = one.new
    return said


def ledger(session: Session, school_id: UUID) -> Ledger:
    """Asks nobody."""
    rows = session.scalars(
        select(Certificate).where(Certificate.school_id == school_id).order_by(Certificate.ordinal)
    ).all()
    return Ledger(
        seen(session, rows),
        _batches(session, school_id),
        _ended(session, school_id),
        _tallies(session, school_id),
    )


def batches(session: Session, who: Principal, school_id: UUID) -> tuple[BatchSeen, ...]:
    """The newest first. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    return _batches(session, school_id)


def ended_blanks(session: Session, who: Principal, school_id: UUID) -> tuple[BlankSeen, ...]:
    """Damaged, lost, destroyed, given back: by day. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    return _ended(session, school_id)


def tallies(session: Session, who: Principal, school_id: UUID) -> dict[str, Tally]:
    """By code of the kind: what the batches say was received, and where each blank is.

    Raises RollsNotYours.
    """
    rules.require_reader(staff_queries.actor(who), school_id)
    return _tallies(session, school_id)


def _batches(session: Session, school_id: UUID) -> tuple[BatchSeen, ...]:
    return tuple(
        BatchSeen(
            id=row.id,
            kind_code=row.kind_code,
            received_on=row.received_on,
            received_from=row.received_from,
            decision=row.decision,
            first=f"{row.prefix}{row.first_number:0{row.digits}d}",
            last=f"{row.prefix}{row.last_number:0{row.digits}d}",
            count=row.last_number - row.first_number + 1,
            note=row.note,
            struck_because=row.struck_because,
        )
        for row in session.scalars(
            select(BlankBatch)
            .where(BlankBatch.school_id == school_id)
            .order_by(BlankBatch.received_on.desc(), BlankBatch.id.desc())
        )
    )


def _ended(session: Session, school_id: UUID) -> tuple[BlankSeen, ...]:
    rows = session.scalars(
        select(Blank)
        .where(
            Blank.school_id == school_id,
            Blank.state.not_in([BlankState.LEFT, BlankState.GRANTED, BlankState.STRUCK]),
        )
        .order_by(Blank.ended_on, Blank.kind_code, Blank.serial)
    )
    return tuple(
        BlankSeen(row.kind_code, row.serial, row.state, row.ended_on, row.minutes) for row in rows
    )


def _tallies(session: Session, school_id: UUID) -> dict[str, Tally]:
    received: dict[str, int] = dict(
        session.execute(
            select(
                BlankBatch.kind_code,
                func.sum(BlankBatch.last_number - BlankBatch.first_number + 1),
            )
            .where(BlankBatch.school_id == school_id, BlankBatch.struck_at.is_(None))
            .group_by(BlankBatch.kind_code)
        ).all()
    )
    counted: dict[str, dict[BlankState, int]] = defaultdict(dict)
    for code, state, count in session.execute(
        select(Blank.kind_code, Blank.state, func.count())
        .where(Blank.school_id == school_id)
        .group_by(Blank.kind_code, Blank.state)
    ):
        counted[code][state] = count
    return {
        code: certificate_states.tally_of(int(received[code]), counted[code])
        for code in sorted(received)
    }


def next_blanks(session: Session, school_id: UUID, kind_code: str, count: int) -> list[str]:
    """The serials that are used next: of the oldest batch first. Asks nobody."""
    return list(
        session.scalars(
            select(Blank.serial)
            .join(BlankBatch, BlankBatch.id == Blank.batch_id)
            .where(
                Blank.school_id == school_id,
                Blank.kind_code == kind_code,
                Blank.state == BlankState.LEFT,
            )
            .order_by(BlankBatch.received_on, BlankBatch.id, Blank.ordinal)
            .limit(count)
        )
    )


def graduates(
    session: Session, who: Principal, kind_code: str, school_year: str
) -> tuple[Graduate, ...]:
    """Who of the school year finished the stage of the kind and has no such certificate.

    In the order in which they were noted. Raises RollsNotYours, RollWrong.
    """
    rules.require_keeper(staff_queries.actor(who), who.agency_id)
    of = kind(session, kind_code)
    granted = select(Certificate.pupil_id).where(
        Certificate.school_id == who.agency_id,
        Certificate.kind_code == kind_code,
        Certificate.pupil_id.is_not(None),
        Certificate.state != CertificateState.ANNULLED,
    )
    rows = session.scalars(
        select(Graduation)
        .where(
            Graduation.school_id == who.agency_id,
            Graduation.school_year == school_year,
            Graduation.stage == of.stage,
            Graduation.annulled_at.is_(None),
            Graduation.pupil_id.not_in(granted),
        )
        .order_by(Graduation.id)
    )
    return tuple(
        Graduate(row.pupil_id, row.class_name, row.grading, row.decision, row.on_day)
        for row in rows
    )


def _corrections(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[CorrectionSeen, ...]]:
    found: dict[UUID, tuple[CorrectionSeen, ...]] = {}
    for row in session.scalars(
        select(CertificateCorrection)
        .where(CertificateCorrection.certificate_id.in_(ids))
        .order_by(CertificateCorrection.id)
    ):
        one = CorrectionSeen(row.on_day, row.decision, row.field, row.old, row.new)
        found[row.certificate_id] = (*found.get(row.certificate_id, ()), one)
    return found


def _kind(row: CertificateKind) -> KindSeen:
    return KindSeen(
        row.code,
        row.name,
        row.stage,
        row.has_blanks,
        tuple(filter(None, (each.strip() for each in row.gradings.split(";")))),
        row.is_offered,
        row.source,
        row.confirmed_at is not None,
    )
