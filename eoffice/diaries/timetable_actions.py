"""What a school sets before the diary is written: bells, ratings, timetables of classes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.actions import locked
from eoffice.classes.model import ClassSubject
from eoffice.db import new_id
from eoffice.diaries import bell_rules, keeping, rules
from eoffice.diaries.model import DiarySettings, TimetableRow
from eoffice.diaries.rules import DiaryInvalid, DiaryNotYours, Place, Slot
from eoffice.web.principal import Principal


def set_bells(
    session: Session,
    from_on: date,
    periods: Sequence[tuple[Place, str, str]],
    ratings: Sequence[tuple[str, str]],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """From a day on: (period, "07:00", "07:45") and (rating, points). Raises DiaryNotYours, …"""
    rules.require_leader(staff_queries.actor(by), by.agency_id, "quy định giờ học và xếp loại")
    periods = bell_rules.checked_periods(periods)
    ratings = bell_rules.checked_ratings(ratings)
    row = DiarySettings(
        id=new_id(),
        school_id=by.agency_id,
        from_on=from_on,
        periods=[
            {"half": place.half.value, "number": place.number, "from": begins, "to": ends}
            for place, begins, ends in periods
        ],
        ratings=[{"name": name, "points": points} for name, points in ratings],
        set_by=by.person_id,
        set_at=at,
    )
    session.add(row)
    audit.record(
        session,
        "diary_settings.set",
        object_kind="unit",
        object_id=by.agency_id,
        by=by,
        at=at,
        details={
            "from_on": from_on,
            "periods": len(periods),
            "ratings": [name for name, _ in ratings],
        },
    )
    session.flush()


def set_timetable(
    session: Session, class_id: UUID, from_on: date, text: str, *, by: Principal, at: datetime
) -> int:
    """Take a pasted grid as the timetable of a class from a day; how many lessons a week.

    Each subject is its teacher's in the class. Raises DiaryNotYours, DiaryInvalid with every word
    that is no subject of the class.
    """
    school_class = locked(session, class_id)
    if not class_rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise DiaryNotYours("Chỉ ban giám hiệu và văn thư của trường ghi thời khóa biểu.")
    taught = session.scalars(select(ClassSubject).where(ClassSubject.class_id == class_id)).all()
    known = {folded(word): one for one in taught for word in (one.code, one.name)}
    slots, strange = [], []
    for cell in rules.read_grid(text):
        subject = known.get(folded(cell.words)) or known.get(
            folded(cell.words.partition("-")[0].partition("\n")[0])
        )
        if subject is None:
            strange.append(
                f"{cell.words} ({rules.WEEKDAY_NAMES[cell.weekday]}, tiết {cell.place.number})"
            )
        else:
            slots.append(Slot(cell.weekday, cell.place, subject.code, subject.teacher_id))
    if strange:
        raise DiaryInvalid(f"Không phải môn học của lớp: {'; '.join(strange)}.")
    if not slots or len({(one.weekday, one.place) for one in slots}) < len(slots):
        raise DiaryInvalid("Thời khóa biểu trống, hoặc một tiết có hai môn.")
    session.add(
        TimetableRow(
            id=new_id(),
            class_id=class_id,
            school_id=school_class.school_id,
            from_on=from_on,
            slots=keeping.stored(slots),
            set_by=by.person_id,
            set_at=at,
        )
    )
    keeping.record(
        session, "timetable.set", school_class, by=by, at=at, from_on=from_on, lessons=len(slots)
    )
    session.flush()
    return len(slots)


def folded(words: str) -> str:
    """Without accents, case and blanks, so that "Ngữ văn" and "NGU VAN" are one."""
    bare = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return "".join(one for one in bare if one.isalnum())
