"""What of diaries waits for a person, in the words of the desk: lessons to write, weeks to close.

A teacher is told of the own lessons, a homeroom teacher of each week of the class, leaders of the
whole school in one line for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.clock import civil_date
from eoffice.diaries import missing_queries, rules
from eoffice.diaries.missing_queries import Missing, OpenWeek
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

_MISSING = "/registers/diaries/missing"


@dataclass(frozen=True, slots=True)
class DiaryLine:
    path: str
    title: str
    #: What is wanted, in a word.
    word: str
    #: The oldest lesson or week it is about.
    since: date


def lines(session: Session, who: Principal, *, at: datetime) -> tuple[DiaryLine, ...]:
    """Of the last two weeks, in one school year; nothing for who neither teaches nor leads."""
    kind = PositionKind(who.position_kind)
    leads = staff_queries.actor(who).kind in class_rules.LEADERS
    if not leads and kind is not PositionKind.TEACHER:
        return ()
    today = civil_date(at)
    first = today - rules.LOOK_BACK
    lessons = missing_queries.missing(session, who, first, today, at=at)
    weeks = missing_queries.open_weeks(session, who, first, today, at=at)
    if leads:
        return (*_of_the_school(lessons), *_weeks_of_the_school(weeks))
    return (*_own(lessons, who.person_id), *(_week(one) for one in weeks))


def _own(lessons: list[Missing], person_id: UUID) -> list[DiaryLine]:
    own = [one for one in lessons if one.teacher_id == person_id]
    if not own:
        return []
    oldest = min(one.on for one in own)
    return [
        DiaryLine(
            f"/registers/diaries/mine?day={oldest.isoformat()}",
            f"{len(own)} tiết dạy của tôi chưa ghi vào sổ đầu bài",
            "Ghi sổ đầu bài",
            oldest,
        )
    ]


def _week(one: OpenWeek) -> DiaryLine:
    lacking = f", còn {one.missing} tiết chưa xác nhận" if one.missing else ""
    return DiaryLine(
        f"/registers/diaries/{one.class_id}?day={one.monday.isoformat()}",
        f"Sổ ghi đầu bài lớp {one.class_name}, tuần từ {one.monday:%d/%m/%Y}{lacking}",
        "Chốt tuần",
        one.monday,
    )


def _of_the_school(lessons: list[Missing]) -> list[DiaryLine]:
    if not lessons:
        return []
    classes = len({one.class_id for one in lessons})
    return [
        DiaryLine(
            _MISSING,
            f"{len(lessons)} tiết của {classes} lớp chưa ghi vào sổ đầu bài",
            "Nhắc giáo viên",
            min(one.on for one in lessons),
        )
    ]


def _weeks_of_the_school(weeks: list[OpenWeek]) -> list[DiaryLine]:
    if not weeks:
        return []
    classes = len({one.class_id for one in weeks})
    return [
        DiaryLine(
            f"{_MISSING}#weeks",
            f"{len(weeks)} tuần của {classes} lớp chưa chốt sổ đầu bài",
            "Nhắc chủ nhiệm",
            min(one.monday for one in weeks),
        )
    ]
