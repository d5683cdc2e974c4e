"""The ledger of certificates: granted, handed over, annulled, lost, revoked, copied, corrected.

A line of the ledger is what was written on the certificate and stays so; whatever happens to it
later stands beside it with its paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.classes import staff_queries
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.rolls import blank_actions, certificate_queries, counters, rules
from eoffice.rolls import certificate_states as states
from eoffice.rolls.certificate_model import (
    Blank,
    Certificate,
    CertificateCopy,
    CertificateCorrection,
    CertificateHandover,
)
from eoffice.rolls.certificate_queries import CORRECTABLE, KindSeen
from eoffice.rolls.certificate_states import BlankStep, CertificateState, CertificateStep
from eoffice.rolls.model import Book
from eoffice.rolls.rules import LineUnknown, RollWrong
from eoffice.web.principal import Principal

MOST_COPIES = 50
MOST_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """What stands on a certificate. `pupil_id` None for a person whom no list of the school has."""

    name: str
    born_on: date
    birthplace: str
    graduation_year: int
    signed_on: date
    decision: str
    sex: str = ""
    ethnicity: str = ""
    class_name: str = ""
    grading: str = ""
    #: số hiệu; of a kind with blanks one that the school received, or of one that came filled in.
    serial: str = ""
    #: số vào sổ gốc; "" takes the number of the line.
    entry_number: str = ""
    pupil_id: UUID | None = None
    note: str = ""
    is_from_paper: bool = False


@dataclass(frozen=True, slots=True)
class NewHandover:
    on: date
    receiver: str
    identity_paper: str
    #: giấy ủy quyền; "" where the person came in person.
    authorisation: str = ""
    #: Where the receiver's signature stands; "" until there is one.
    signature: str = ""


def grant(
    session: Session,
    kind_code: str,
    new: Sequence[NewCertificate],
    *,
    by: Principal,
    at: datetime,
) -> tuple[UUID, ...]:
    """Enter certificates of one kind in the ledger, in this order: all of them or none.

    A serial that is among the school's blanks uses that blank up. Raises RollsNotYours, RollWrong,
    BlankStepRefused.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    kind = certificate_queries.kind(session, kind_code)
    if not 1 <= len(new) <= MOST_AT_ONCE:
        raise RollWrong(f"Mỗi lần vào sổ từ 1 đến {MOST_AT_ONCE} văn bằng, chứng chỉ.")
    kept = [checked(each, kind, today=civil_date(at)) for each in new]
    first = counters.take(session, by.agency_id, Book.CERTIFICATES, count=len(kept))
    taken = set(
        session.scalars(
            select(Certificate.entry_number).where(
                Certificate.school_id == by.agency_id, Certificate.kind_code == kind.code
            )
        )
    )
    serials = [each.serial for each in kept if each.serial]
    if len(set(serials)) < len(serials):
        raise RollWrong("Có hai văn bằng cùng số hiệu.", fields={"serial": "Số hiệu bị trùng."})
    blanks = blank_actions.locked(session, by.agency_id, kind.code, serials)
    made = []
    for ordinal, each in enumerate(kept, start=first):
        entry_number = each.entry_number or str(ordinal)
        if entry_number in taken:
            words = f"Số vào sổ {entry_number} đã cấp; số vào sổ không dùng lại."
            raise RollWrong(words, fields={"entry_number": words})
        taken.add(entry_number)
        blank = blanks.get(each.serial)
        if blank is not None:
            blank_actions.move(blank, BlankStep.GRANT, on=None, minutes="", at=at)
        made.append(_entered(kind, each, ordinal, entry_number, blank, by=by, at=at))
    session.add_all(made)
    session.flush()  # Whoever entered them looks at them next.
    details = {"count": len(made), "kind": kind.code, "first": first}
    record(
        session,
        "certificates.granted",
        object_kind="certificate_ledger",
        object_id=by.agency_id,
        by=by,
        at=at,
        details=details,
    )
    return tuple(row.id for row in made)


def hand_over(
    session: Session, certificate_id: UUID, new: NewHandover, *, by: Principal, at: datetime
) -> None:
    """Somebody took it, showing who they are. Raises LineUnknown, RollWrong,
    CertificateStepRefused.
    """
    row = _locked(session, certificate_id, by)
    wrong: dict[str, str] = {}
    on = rules.day(new.on, "on", wrong, today=civil_date(at))
    receiver = rules.said(new.receiver, "receiver", wrong, missing="Ghi họ tên người nhận.")
    paper = rules.said(
        new.identity_paper, "identity_paper", wrong, missing="Ghi giấy tờ tùy thân người nhận."
    )
    authorisation = rules.said(new.authorisation, "authorisation", wrong)
    signature = rules.said(new.signature, "signature", wrong)
    if on < row.signed_on:
        wrong["on"] = "Ngày phát từ ngày ký cấp trở đi."
    if rules.tidy(receiver).casefold() != row.name.casefold() and not authorisation:
        wrong["authorisation"] = "Người nhận không phải người được cấp: hãy ghi giấy ủy quyền."
    rules.refuse(wrong)
    _step(row, CertificateStep.HAND_OVER, at)
    session.add(
        CertificateHandover(
            certificate_id=row.id,
            school_id=row.school_id,
            on_day=on,
            receiver=receiver,
            identity_paper=paper,
            authorisation=authorisation,
            signature=signature,
            signed_on=on if signature else None,
            recorded_by=by.person_id,
            recorded_at=at,
        )
    )
    _record(session, "certificate.handed_over", row, by, at)


def signed_for(
    session: Session,
    certificate_id: UUID,
    signature: str,
    on: date,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Where the receiver signed, when that came later. Raises LineUnknown, RollWrong."""
    row = _locked(session, certificate_id, by)
    handover = session.get(CertificateHandover, certificate_id)
    if handover is None:
        raise LineUnknown("Văn bằng, chứng chỉ này chưa phát.")
    wrong: dict[str, str] = {}
    where = rules.said(
        signature, "signature", wrong, missing="Ghi nơi có chữ ký: sổ giấy, trang, dòng."
    )
    rules.day(on, "signed_on", wrong, today=civil_date(at))
    if on < handover.on_day:
        wrong["signed_on"] = "Ngày ký từ ngày phát trở đi."
    rules.refuse(wrong)
    handover.signature, handover.signed_on = where, on
    _record(session, "certificate.signed_for", row, by, at)


def end(
    session: Session,
    certificate_id: UUID,
    step: CertificateStep,
    *,
    on: date,
    because: str,
    by: Principal,
    at: datetime,
) -> None:
    """It was written wrongly, lost or revoked; the blank of what was written wrongly is spoiled.

    Raises LineUnknown, RollWrong, CertificateStepRefused.
    """
    action = ENDINGS[step]
    row = _locked(session, certificate_id, by)
    wrong: dict[str, str] = {}
    rules.day(on, "ended_on", wrong, today=civil_date(at))
    rules.refuse(wrong)
    why = rules.reason(because, "because")
    _step(row, step, at)
    row.ended_on, row.ended_because = on, why
    if step is CertificateStep.ANNUL and row.blank_id is not None:
        blank = session.scalars(
            select(Blank).where(Blank.id == row.blank_id).with_for_update()
        ).one()
        blank_actions.move(blank, BlankStep.SPOIL, on=on, minutes=why, at=at)
    _record(session, action, row, by, at)


ENDINGS = {
    CertificateStep.ANNUL: "certificate.annulled",
    CertificateStep.LOSE: "certificate.lost",
    CertificateStep.REVOKE: "certificate.revoked",
}


def copy(
    session: Session,
    certificate_id: UUID,
    *,
    on: date,
    copies: int,
    receiver: str,
    identity_paper: str,
    reason: str,
    by: Principal,
    at: datetime,
) -> int:
    """Issue copies from the ledger; the number of the issue in its year.

    Raises LineUnknown, RollWrong, CertificateStepRefused.
    """
    row = _locked(session, certificate_id, by)
    wrong: dict[str, str] = {}
    rules.day(on, "on", wrong, today=civil_date(at))
    if on < row.signed_on:
        wrong["on"] = "Ngày cấp bản sao từ ngày ký cấp bản chính trở đi."
    if not 1 <= copies <= MOST_COPIES:
        wrong["copies"] = f"Số bản từ 1 đến {MOST_COPIES}."
    who = rules.said(receiver, "receiver", wrong, missing="Ghi họ tên người nhận.")
    paper = rules.said(
        identity_paper, "identity_paper", wrong, missing="Ghi giấy tờ tùy thân người nhận."
    )
    why = rules.said(reason, "reason", wrong)
    rules.refuse(wrong)
    _step(row, CertificateStep.COPY, at)
    number = counters.take(session, row.school_id, Book.COPIES, str(on.year))
    session.add(
        CertificateCopy(
            id=new_id(),
            certificate_id=row.id,
            school_id=row.school_id,
            year=on.year,
            number=number,
            on_day=on,
            copies=copies,
            receiver=who,
            identity_paper=paper,
            reason=why,
            recorded_by=by.person_id,
            recorded_at=at,
        )
    )
    _record(session, "certificate.copied", row, by, at, copies=copies, number=number)
    return number


def correct(
    session: Session,
    certificate_id: UUID,
    field: str,
    new: str,
    *,
    on: date,
    decision: str,
    by: Principal,
    at: datetime,
) -> None:
    """One value of the certificate is corrected by a decision. The line stays as it was written.

    Raises LineUnknown, RollWrong, CertificateStepRefused.
    """
    row = _locked(session, certificate_id, by)
    wrong: dict[str, str] = {}
    if field not in CORRECTABLE:
        wrong["field"] = "Chọn nội dung được chỉnh sửa."
    rules.day(on, "on", wrong, today=civil_date(at))
    if on < row.signed_on:
        wrong["on"] = "Ngày chỉnh sửa từ ngày ký cấp trở đi."
    value = rules.said(new, "new", wrong, missing="Ghi nội dung mới.")
    paper = rules.said(decision, "decision", wrong, missing="Ghi số, ngày quyết định chỉnh sửa.")
    rules.refuse(wrong)
    old = certificate_queries.content(session, row)[field]
    if field == "born_on":
        value = f"{_day(value):%d/%m/%Y}"
    if value == old:
        raise RollWrong("Nội dung mới giống nội dung cũ.", fields={"new": "Ghi nội dung mới."})
    _step(row, CertificateStep.CORRECT, at)
    session.add(
        CertificateCorrection(
            id=new_id(),
            certificate_id=row.id,
            school_id=row.school_id,
            on_day=on,
            decision=paper,
            field=field,
            old=old,
            new=value,
            recorded_by=by.person_id,
            recorded_at=at,
        )
    )
    _record(session, "certificate.corrected", row, by, at, field=field)


def checked(each: NewCertificate, kind: KindSeen, *, today: date) -> NewCertificate:
    """As it is kept. Raises RollWrong with every field that is wrong."""
    wrong: dict[str, str] = {}
    texts = {
        "name": rules.said(each.name, "name", wrong, missing="Ghi họ tên người được cấp."),
        "entry_number": rules.said(each.entry_number, "entry_number", wrong, longest=50),
        "serial": rules.said(each.serial, "serial", wrong, longest=50),
        **{
            field: rules.said(getattr(each, field), field, wrong)
            for field in (
                "birthplace", "decision", "sex", "ethnicity", "class_name", "grading", "note",
            )
        },
    }  # fmt: skip
    rules.day(each.signed_on, "signed_on", wrong, today=today)
    if not date(1900, 1, 1) <= each.born_on < each.signed_on:
        wrong["born_on"] = "Ngày sinh trước ngày ký cấp."
    if not 1945 <= each.graduation_year <= today.year:
        wrong["graduation_year"] = "Năm tốt nghiệp không sau năm nay."
    if texts["sex"] not in ("", "Nam", "Nữ"):
        wrong["sex"] = "Ghi Nam hoặc Nữ."
    if kind.has_blanks and not texts["serial"]:
        wrong["serial"] = "Ghi số hiệu của văn bằng."
    if kind.gradings and texts["grading"] not in ("", *kind.gradings):
        wrong["grading"] = f"Xếp loại là một trong: {', '.join(kind.gradings)}."
    rules.refuse(wrong)
    return NewCertificate(
        born_on=each.born_on,
        graduation_year=each.graduation_year,
        signed_on=each.signed_on,
        pupil_id=each.pupil_id,
        is_from_paper=each.is_from_paper,
        **texts,
    )


def _entered(
    kind: KindSeen,
    each: NewCertificate,
    ordinal: int,
    entry_number: str,
    blank: Blank | None,
    *,
    by: Principal,
    at: datetime,
) -> Certificate:
    return Certificate(
        id=new_id(),
        school_id=by.agency_id,
        ordinal=ordinal,
        kind_code=kind.code,
        kind_name=kind.name,
        blank_id=None if blank is None else blank.id,
        serial=each.serial,
        entry_number=entry_number,
        pupil_id=each.pupil_id,
        name=each.name,
        born_on=each.born_on,
        sex=each.sex,
        birthplace=each.birthplace,
        ethnicity=each.ethnicity,
        class_name=each.class_name,
        graduation_year=each.graduation_year,
        grading=each.grading,
        decision=each.decision,
        signed_on=each.signed_on,
        note=each.note,
        is_from_paper=each.is_from_paper,
        state=CertificateState.ENTERED,
        state_since=at,
        recorded_by=by.person_id,
        recorded_at=at,
    )


def _locked(session: Session, certificate_id: UUID, by: Principal) -> Certificate:
    row = session.scalars(
        select(Certificate).where(Certificate.id == certificate_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Sổ của trường không có văn bằng, chứng chỉ này.")
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    return row


def _step(row: Certificate, step: CertificateStep, at: datetime) -> None:
    following = states.certificate_after(row.state, step)
    if following is not row.state:
        row.state, row.state_since = following, at


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 -- a civil day
    except ValueError as error:
        words = "Ngày sinh ghi như 05/03/2012."
        raise RollWrong(words, fields={"new": words}) from error


def _record(
    session: Session,
    action: str,
    row: Certificate,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    record(
        session,
        action,
        object_kind="certificate",
        object_id=row.id,
        by=by,
        at=at,
        details={"ordinal": row.ordinal, **details},
    )
