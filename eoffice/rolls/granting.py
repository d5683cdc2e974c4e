"""Certificates for everybody who finished: from the decisions on record, on the next blanks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes.collation import name_key
from eoffice.classes.model import Pupil
from eoffice.rolls import certificate_actions, certificate_queries
from eoffice.rolls.certificate_actions import NewCertificate
from eoffice.rolls.certificate_queries import Graduate
from eoffice.rolls.rules import RollWrong
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Who finished and has no certificate yet, as the certificate would say it."""

    graduate: Graduate
    pupil: Pupil


def awaiting(
    session: Session, who: Principal, kind_code: str, school_year: str
) -> tuple[Awaiting, ...]:
    """By class and name. Raises RollsNotYours, RollWrong."""
    found = certificate_queries.graduates(session, who, kind_code, school_year)
    pupils = {
        row.id: row
        for row in session.scalars(select(Pupil).where(Pupil.id.in_([g.pupil_id for g in found])))
    }
    return tuple(
        sorted(
            (Awaiting(one, pupils[one.pupil_id]) for one in found),
            key=lambda one: (one.graduate.class_name, name_key(one.pupil.name), one.pupil.code),
        )
    )


def grant_all(
    session: Session,
    kind_code: str,
    school_year: str,
    chosen: Collection[UUID],
    *,
    signed_on: date,
    by: Principal,
    at: datetime,
) -> tuple[UUID, ...]:
    """Enter a certificate for each chosen pupil, by class and name, on the next blanks.

    All of them or none. Raises RollsNotYours, RollWrong, BlankStepRefused.
    """
    kind = certificate_queries.kind(session, kind_code)
    granted = [
        one
        for one in awaiting(session, by, kind_code, school_year)
        if one.graduate.pupil_id in chosen
    ]
    if not granted:
        words = "Hãy chọn người được cấp."
        raise RollWrong(words, fields={"pupils": words})
    serials = [""] * len(granted)
    if kind.has_blanks:
        serials = certificate_queries.next_blanks(session, by.agency_id, kind_code, len(granted))
        if len(serials) < len(granted):
            raise RollWrong(
                f"Còn {len(serials)} phôi mà cần {len(granted)}. Hãy nhận thêm phôi, hoặc vào sổ "
                "từng văn bằng đã in sẵn số hiệu."
            )
    return certificate_actions.grant(
        session,
        kind_code,
        [
            NewCertificate(
                name=one.pupil.name,
                born_on=one.pupil.born_on,
                birthplace=one.pupil.birthplace,
                graduation_year=one.graduate.on.year,
                signed_on=signed_on,
                decision=one.graduate.decision,
                sex=one.pupil.sex,
                ethnicity=one.pupil.ethnicity,
                class_name=one.graduate.class_name,
                grading=one.graduate.grading,
                serial=serial,
                pupil_id=one.pupil.id,
            )
            for one, serial in zip(granted, serials, strict=True)
        ],
        by=by,
        at=at,
    )
