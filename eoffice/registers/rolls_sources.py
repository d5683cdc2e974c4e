"""The books of a school's rolls, read from the tables: what belongs to a school year.

Nobody is asked for here: the machine of books does that.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.people import queries as people
from eoffice.registers import class_sources
from eoffice.registers.book_kinds import BookOf
from eoffice.registers.kinds import certificates_register as ledger
from eoffice.registers.kinds.certificates_register import CertificatesRegister
from eoffice.registers.kinds.enrolment_register import EnrolledPupil, EnrolmentRegister, Event
from eoffice.registers.kinds.moves_register import MovedPupil, MovesRegister
from eoffice.rolls import (
    certificate_queries,
    enrolment_actions,
    enrolment_queries,
    move_queries,
    rules,
    tables,
)
from eoffice.rolls.certificate_queries import CertificateSeen
from eoffice.rolls.certificate_states import BLANK_NAMES
from eoffice.rolls.enrolment_queries import Line
from eoffice.rolls.model import EnrolmentLine
from eoffice.rolls.move_queries import Move
from eoffice.rolls.rules import Direction


def enrolment(session: Session, of: BookOf, version: int, made_at: datetime) -> EnrolmentRegister:
    """Who was admitted in the year, and what happened in it to anybody. Raises RollNotOpen."""
    roll = enrolment_actions.roll_of(session, of.school_id)
    first, last = rules.days_of(of.school_year)
    rows = session.scalars(
        select(EnrolmentLine)
        .where(EnrolmentLine.school_id == of.school_id)
        .order_by(EnrolmentLine.number)
    ).all()
    written = {row.id: civil_date(row.entered_at) for row in rows}
    every = enrolment_queries.seen(session, rows)
    return EnrolmentRegister(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        principal=_principal(session, of, made_at),
        suffix=roll.suffix,
        pupils=tuple(
            _pupil(one) for one in every if first <= (one.admitted_on or written[one.id]) <= last
        ),
        events=_events(every, first, last),
    )


def moves(session: Session, of: BookOf, version: int, made_at: datetime) -> MovesRegister:
    rows = move_queries.of_year(session, of.school_id, of.school_year)
    return MovesRegister(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        principal=_principal(session, of, made_at),
        came=tuple(_moved(row) for row in rows if row.direction is Direction.IN),
        went=tuple(_moved(row) for row in rows if row.direction is Direction.OUT),
    )


def certificates(
    session: Session, of: BookOf, version: int, made_at: datetime
) -> CertificatesRegister:
    """What was signed in the year, what happened in it to certificates and blanks of any year."""
    first, last = rules.days_of(of.school_year)
    kept = certificate_queries.ledger(session, of.school_id)
    names = {one.code: one.name for one in certificate_queries.kinds(session)}
    return CertificatesRegister(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        principal=_principal(session, of, made_at),
        certificates=tuple(
            _granted(one) for one in kept.certificates if first <= one.signed_on <= last
        ),
        events=_ledger_events(kept.certificates, first, last),
        batches=tuple(
            ledger.ReceivedBlanks(
                kind=names.get(one.kind_code, one.kind_code),
                on=one.received_on,
                received_from=one.received_from,
                decision=one.decision,
                first=one.first,
                last=one.last,
                count=one.count,
            )
            for one in reversed(kept.batches)
            if one.struck_because is None and first <= one.received_on <= last
        ),
        spoiled=tuple(
            ledger.SpoiledBlank(
                names.get(one.kind_code, one.kind_code),
                one.serial,
                one.ended_on,
                BLANK_NAMES[one.state],
                one.minutes,
            )
            for one in kept.ended
            if one.ended_on is not None and first <= one.ended_on <= last
        ),
        stocks=tuple(
            ledger.Stock(
                names.get(code, code),
                one.received,
                one.granted,
                one.damaged,
                one.lost,
                one.destroyed,
                one.returned,
            )
            for code, one in kept.tallies.items()
        ),
    )


def _principal(session: Session, of: BookOf, made_at: datetime) -> str:
    head = people.head_of(session, of.school_id, at=made_at)
    return "" if head is None else head.full_name


def _pupil(one: Line) -> EnrolledPupil:
    return EnrolledPupil(
        **{name: getattr(one, name) for name in EnrolledPupil.__dataclass_fields__}
    )


def _events(every: tuple[Line, ...], first: date, last: date) -> tuple[Event, ...]:
    found = [
        Event(one.number, one.name, on, what)
        for one in every
        for on, what in (
            *((each.on, _ending(each)) for each in one.endings),
            *(
                (civil_date(each.at), f"{each.field} “{each.old}” sửa thành “{each.new}”")
                for each in one.changes
            ),
        )
        if first <= on <= last
    ]
    return tuple(sorted(found, key=lambda event: (event.on, event.number)))


def _ending(each: enrolment_queries.Ending) -> str:
    return f"{each.what} ({each.decision})" if each.decision else each.what


def _moved(row: Move) -> MovedPupil:
    kept = {
        name: getattr(row, name) for name in MovedPupil.__dataclass_fields__ if name != "papers"
    }
    return MovedPupil(papers=tables.handed(row), **kept)


def _granted(one: CertificateSeen) -> ledger.GrantedCertificate:
    ended = None
    if one.ended_on is not None:
        ended = f"{one.ended_on:%d/%m/%Y}: {one.ended_because}"
    return ledger.GrantedCertificate(
        ordinal=one.ordinal,
        kind=one.kind_name,
        serial=one.serial,
        entry_number=one.entry_number,
        name=one.name,
        born_on=one.born_on,
        sex=one.sex,
        birthplace=one.birthplace,
        ethnicity=one.ethnicity,
        graduation_year=one.graduation_year,
        grading=one.grading,
        decision=one.decision,
        signed_on=one.signed_on,
        taken=tables.taken(one),
        ended_because=ended,
        note=one.note,
    )


def _ledger_events(
    every: tuple[CertificateSeen, ...], first: date, last: date
) -> tuple[ledger.LedgerEvent, ...]:
    found = [
        ledger.LedgerEvent(one.ordinal, one.serial, one.name, on, what)
        for one in every
        for on, what in tables.later_of(one)
        if first <= on <= last
    ]
    return tuple(sorted(found, key=lambda event: (event.on, event.ordinal, event.what)))
