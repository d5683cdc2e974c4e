"""Results are published to families, renewed for one of them, shown to it, and withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.families import queries, rules, states
from eoffice.families.model import FamilySlip, Publication
from eoffice.families.rules import Period, PeriodKind, Slip
from eoffice.families.states import State, Step
from eoffice.web.principal import Principal

LONGEST_REASON = 500
#: Why results are withdrawn when a book of the class was corrected after closing.
CORRECTED = "Sổ của lớp đã được sửa; nhà trường công bố lại kết quả đúng."
#: Who puts a look on record: a family signs in nowhere.
DOOR = "door:families"
TASK = "families.mail"


class SlipUnknown(NotFound):
    """The address leads to no slip, or does not any more."""


class CodeWrong(Invalid):
    """The code does not open this slip."""


class PublishedAlready(Conflict):
    """The results of this class and period are out; withdraw them first."""


class NothingToPublish(Conflict):
    """The class has no pupils."""


class NobodyToWriteTo(Conflict):
    """No family of the class left an address, or all have their letter."""


class ReasonMissing(Invalid):
    """What is withdrawn is withdrawn for a reason."""


@dataclass(frozen=True, slots=True)
class Made:
    """The slip of one pupil, not yet published."""

    pupil_id: UUID
    slip: Slip


def publish(
    session: Session,
    class_id: UUID,
    period: Period,
    slips: Sequence[Made],
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Open a private page for each pupil, in the order of `slips`; by a leader of the school.

    Raises NotYours, PublishedAlready, NothingToPublish.
    """
    queries.require_leader(session, class_id, by)
    if not slips:
        raise NothingToPublish("Lớp chưa có học sinh nào để công bố kết quả.")
    if queries.published(session, class_id, period) is not None:
        raise PublishedAlready(
            f"Kết quả {period.words} của lớp này đang được công bố. Nếu cần công bố lại, hãy thu "
            "hồi lần công bố trước."
        )
    publication = Publication(
        id=new_id(),
        school_id=by.agency_id,
        class_id=class_id,
        kind=period.kind,
        month=period.month,
        state=State.PUBLISHED,
        state_since=at,
        published_by=by.person_id,
        published_at=at,
    )
    session.add(publication)
    session.flush()
    session.add_all(
        FamilySlip(
            id=new_id(),
            publication_id=publication.id,
            school_id=by.agency_id,
            pupil_id=made.pupil_id,
            ordinal=ordinal,
            content=msgspec.to_builtins(made.slip),
        )
        for ordinal, made in enumerate(slips, start=1)
    )
    _record(session, "results.published", publication.id, by, at, slips=len(slips))
    return publication.id


def withdraw(
    session: Session, publication_id: UUID, because: str, *, by: Principal, at: datetime
) -> None:
    """No family opens these slips any more. Raises PublicationUnknown, NotYours, StepRefused,
    ReasonMissing.
    """
    publication = _locked(session, publication_id)
    queries.require_leader(session, publication.class_id, by)
    following = states.after(publication.state, Step.WITHDRAW)
    reason = because.strip()
    if not reason or len(reason) > LONGEST_REASON:
        words = f"Ghi lý do thu hồi, không quá {LONGEST_REASON} chữ."
        raise ReasonMissing(words, fields={"because": words})
    publication.state, publication.state_since = following, at
    publication.withdrawn_because = reason
    _record(session, "results.withdrawn", publication_id, by, at)


def post(session: Session, publication_id: UUID, *, by: Principal, at: datetime) -> int:
    """Promise a letter to every family that left an address and has none yet; how many families.

    Sent twice, it sends nothing to whom it was sent. Raises PublicationUnknown, NotYours,
    StepRefused, NobodyToWriteTo.
    """
    publication = _locked(session, publication_id)
    queries.require_keeper(session, publication.class_id, by)
    states.after(publication.state, Step.POST)
    found = [
        each.id
        for each in queries.slips(session, publication_id)
        if each.can_be_mailed and each.mailed_at is None
    ]
    if not found:
        raise NobodyToWriteTo(
            "Không còn gia đình nào có địa chỉ thư điện tử mà chưa được gửi. Địa chỉ ghi ở trang "
            "của từng học sinh, mục cha, mẹ, người giám hộ."
        )
    for slip_id in found:
        outbox.promise(session, TASK, at=at, slip_id=slip_id)
    _record(session, "results.mail_ordered", publication_id, by, at, slips=len(found))
    return len(found)


def letter_of(session: Session, slip_id: UUID) -> tuple[FamilySlip, tuple[str, ...]] | None:
    """A slip that is to be mailed, and to which addresses; None where it is not any more.

    For the worker.
    """
    slip = session.get(FamilySlip, slip_id)
    if slip is None or slip.mailed_at is not None:
        return None
    publication = session.get_one(Publication, slip.publication_id)
    if publication.state is not State.PUBLISHED:
        return None
    addresses = queries.addresses(session, [slip.pupil_id]).get(slip.pupil_id, ())
    return (slip, addresses) if addresses else None


def note_mailed(session: Session, slip_id: UUID, renewals: int, *, at: datetime) -> None:
    """For the worker. A slip that was renewed meanwhile is to be mailed anew."""
    session.execute(
        update(FamilySlip)
        .where(FamilySlip.id == slip_id, FamilySlip.renewals == renewals)
        .values(mailed_at=at)
    )


def withdraw_corrected(
    session: Session,
    class_id: UUID,
    pupil_ids: Collection[UUID],
    semesters: Collection[str],
    *,
    by: str,
    at: datetime,
) -> tuple[UUID, ...]:
    """A book of the class was corrected: what these pupils' families read is no longer so.

    Results of a corrected semester and of the year are withdrawn; a month's slip says how things
    stood then. Publishing anew gives every family another link and code. Idempotent.
    """
    kinds = {PeriodKind.YEAR}
    kinds |= {PeriodKind.FIRST_SEMESTER} if "1" in semesters else set()
    kinds |= {PeriodKind.SECOND_SEMESTER} if "2" in semesters else set()
    shown = select(FamilySlip.publication_id).where(FamilySlip.pupil_id.in_(pupil_ids))
    found = session.scalars(
        select(Publication)
        .where(
            Publication.class_id == class_id,
            Publication.state == State.PUBLISHED,
            Publication.kind.in_(kinds),
            Publication.id.in_(shown),
        )
        .with_for_update()
    ).all()
    for publication in found:
        publication.state = states.after(publication.state, Step.WITHDRAW)
        publication.state_since = at
        publication.withdrawn_because = CORRECTED
        _record(session, "results.withdrawn", publication.id, by, at)
    return tuple(publication.id for publication in found)


def renew(session: Session, slip_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """Another address and code for one family; the old ones open nothing any more.

    Returns the publication.

    Raises SlipUnknown, NotYours, StepRefused.
    """
    slip = session.get(FamilySlip, slip_id, with_for_update=True)
    if slip is None:
        raise SlipUnknown("Không có phiếu này.")
    publication = _locked(session, slip.publication_id)
    queries.require_keeper(session, publication.class_id, by)
    states.after(publication.state, Step.RENEW)
    slip.renewals += 1
    slip.wrong_tries, slip.last_wrong_at, slip.mailed_at = 0, None, None
    _record(session, "results.slip_renewed", publication.id, by, at, slip_id=slip_id)
    return publication.id


@dataclass(frozen=True, slots=True)
class Refused:
    """A look that failed and leaves a trace: the caller commits, then raises `refusal`."""

    refusal: CodeWrong


def look(session: Session, key: bytes, address: str, code: str, *, at: datetime) -> Slip | Refused:
    """What the address and the code open; every look is counted, every wrong code too.

    For a session that acts for nobody. Raises SlipUnknown, DoorClosed, StepRefused.
    """
    slip, publication = opened(session, key, address, lock=True)
    states.after(publication.state, Step.SHOW)
    rules.require_open(slip.wrong_tries, slip.last_wrong_at, at=at)
    if not rules.is_code(key, code, slip.id, slip.renewals):
        slip.wrong_tries += 1
        slip.last_wrong_at = at
        words = "Mã mở phiếu không đúng. Mã có 8 chữ, số, in dưới hình vuông trên phiếu."
        return Refused(CodeWrong(words, fields={"code": words}))
    slip.wrong_tries, slip.last_wrong_at = 0, None
    slip.looks += 1
    slip.last_look_at = at
    _record(session, "results.looked_at", publication.id, DOOR, at, slip_id=slip.id)
    return msgspec.convert(slip.content, Slip)


def opened(
    session: Session, key: bytes, address: str, *, lock: bool = False
) -> tuple[FamilySlip, Publication]:
    """The slip that an address names, for a session that acts for nobody. Raises SlipUnknown."""
    unknown = SlipUnknown(
        "Liên kết này không dẫn đến phiếu nào. Hãy kiểm tra lại liên kết trên phiếu, hoặc hỏi giáo "
        "viên chủ nhiệm."
    )
    slip_id = rules.slip_of(address)
    if slip_id is None:
        raise unknown
    # An address names a slip and its renewal: whether the office made it can be told only with
    # the row, so the row is opened by its identifier first and shown to nobody before the proof.
    session.execute(text("select set_config('app.slip', :slip, true)"), {"slip": str(slip_id)})
    query = select(FamilySlip).where(FamilySlip.id == slip_id)
    slip = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if slip is None or not rules.is_address_of(key, address, slip.id, slip.renewals):
        raise unknown
    return slip, session.get_one(Publication, slip.publication_id)


def _locked(session: Session, publication_id: UUID) -> Publication:
    found = session.get(Publication, publication_id, with_for_update=True)
    if found is None:
        raise queries.PublicationUnknown("Không có lần công bố này.")
    return found


def _record(
    session: Session,
    action: str,
    publication_id: UUID,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="publication",
        object_id=publication_id,
        by=by,
        at=at,
        details=details,
    )
