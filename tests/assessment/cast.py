"""Pupils whose year is written in one line: marks, verdicts, conduct, and what summer brought."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from eoffice.assessment.circulars import RULE_SETS, Rules
from eoffice.assessment.marks import Part, Semester, SubjectKind, Value, Verdict
from eoffice.assessment.proposals import proposed
from eoffice.assessment.year import Cell, ConductLevel, ConductTime, PupilYear, Subject

FIRST, SECOND = Semester
WORDS = {
    "Đ": Verdict.PASSED,
    "C": Verdict.FAILED,
    "M": Verdict.EXEMPT,
    "T": Verdict.WELL_DONE,
    "H": Verdict.DONE,
}
#: Toán, Văn and the foreign language are key subjects.
SCORED = ("TOAN", "VAN", "NN1", "LY", "HOA", "SINH", "SU", "DIA")
COMMENT = ("GDTC", "NT")


def rules(name: str, **terms: Any) -> Rules:
    """A circular with the proposed terms, some of them changed."""
    return RULE_SETS[name].with_terms({**proposed()[name], **terms})


def value(word: str) -> Value:
    return WORDS[word] if word in WORDS else Decimal(word)


def scored(code: str, *, periods: int = 35, has_topics: bool = False) -> Subject:
    return Subject(code, code.title(), SubjectKind.SCORED, periods, has_topics)


def comment(code: str) -> Subject:
    return Subject(code, code.title(), SubjectKind.COMMENT, 70)


def stated(subject: str, first: str, second: str) -> dict[Cell, Value]:
    """A subject by its results of the semesters alone."""
    return {
        (subject, FIRST, Part.STATED, 1): value(first),
        (subject, SECOND, Part.STATED, 1): value(second),
    }


def conduct(first: str, second: str, **later: str) -> dict[ConductTime, ConductLevel]:
    """`later`: year, summer."""
    given = {"1": first, "2": second, **later}
    return {ConductTime(time): ConductLevel(level) for time, level in given.items()}


def pupil(
    results: str,
    verdicts: str = "Đ Đ",
    *,
    behaved: Mapping[ConductTime, ConductLevel] | None = None,
    again: Mapping[str, str] | None = None,
    **more: Any,
) -> PupilYear:
    """Results of the year, the same in both semesters, in the order of SCORED and COMMENT.

    `again` are results of the re-assessment by subject code.
    """
    by_code = {
        **dict(zip(SCORED, results.split(), strict=False)),
        **dict(zip(COMMENT, verdicts.split(), strict=False)),
    }
    marks: dict[Cell, Value] = {}
    for code, word in by_code.items():
        marks |= stated(code, word, word)
    for code, word in (again or {}).items():
        marks[code, SECOND, Part.REASSESSED, 1] = value(word)
    marks |= more.pop("marks", {})
    return PupilYear(
        grade=more.pop("grade", 7),
        subjects=tuple(scored(code) if code in SCORED else comment(code) for code in by_code),
        marks=marks,
        conduct=behaved or {},
        **more,
    )
