"""What is asked of the figures: year, grouping and narrowing, as pages and programs say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.people.kinds import SchoolLevel
from eoffice.statistics import queries
from eoffice.statistics.rules import ClassBook, Grouping, Keeping, School
from eoffice.web.principal import Principal, Request

KindT = TypeVar("KindT", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """An unknown word is as none: an address that was cut short still shows the whole."""

    year: str = ""
    grouping: Grouping = Grouping.LEVEL
    level: SchoolLevel | None = None
    superior: UUID | None = None
    school: UUID | None = None
    keepings: frozenset[Keeping] = frozenset()

    @property
    def narrowing(self) -> dict[str, str]:
        """As the address has it, without year and grouping."""
        found = {
            "level": "" if self.level is None else self.level.value,
            "superior": "" if self.superior is None else str(self.superior),
            "school": "" if self.school is None else str(self.school),
        }
        return {name: value for name, value in found.items() if value}

    def covers(self, school: School) -> bool:
        return (
            (self.level is None or school.level is self.level)
            and (self.superior is None or school.superior_id == self.superior)
            and (self.school is None or school.id == self.school)
        )


@dataclass(frozen=True, slots=True)
class Found:
    year: str
    years: tuple[str, ...]
    schools: tuple[School, ...]
    books: tuple[ClassBook, ...]


def read(request: Request) -> Asked:
    """From the query of the address."""
    given: Mapping[str, str] = request.query_params
    return Asked(
        year=given.get("year", ""),
        grouping=member(Grouping, given.get("by", "")) or Grouping.LEVEL,
        level=member(SchoolLevel, given.get("level", "")),
        superior=_identifier(given.get("superior", "")),
        school=_identifier(given.get("school", "")),
        keepings=frozenset(
            keeping
            for word in given.get("keeping", "").split(",")
            if (keeping := member(Keeping, word)) is not None
        ),
    )


def found(session: Session, asked: Asked, *, who: Principal, on: date) -> Found:
    """The newest year with classes unless one is asked for. Raises NotAReader."""
    queries.require_reader(who)
    years = queries.school_years(session)
    year = asked.year if asked.year in years else next(iter(years), "")
    schools = tuple(each for each in queries.schools(session, who, on=on) if asked.covers(each))
    books = queries.narrowed(queries.books(session, year), schools, asked.keepings)
    return Found(year, years, schools, books)


def day(request: Request, name: str) -> date | None:
    """A day of the address, as forms send it; None where there is none."""
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None


def member(kinds: type[KindT], word: str) -> KindT | None:
    return next((each for each in kinds if each.value == word), None)


def _identifier(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
