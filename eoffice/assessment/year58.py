"""A pupil's year under Circular 58/2011, and as 26/2020 amended it, in the shape of all circulars.

The two editions differ in the parts of which a semester consists and, by the terms that are kept
for each, in key subjects and numbers of marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeVar

from eoffice.assessment import tt58 as rules
from eoffice.assessment.marks import (
    Incomplete,
    Part,
    Result,
    Semester,
    SubjectKind,
    Value,
    Verdict,
)
from eoffice.assessment.secondary import Learned, Practice, numbers, verdicts
from eoffice.assessment.summer import Reassessment
from eoffice.assessment.terms import Json, flag, reassessment, whole
from eoffice.assessment.tt58 import Conduct, Edition, Learning, Promotion, ScoredMarks, Share, Title
from eoffice.assessment.year import (
    Cell,
    Column,
    ConductLevel,
    ConductTime,
    Holds,
    Need,
    Outcome,
    Subject,
)

V = TypeVar("V")

#: As many places as a book of that time has for marks of one part.
MOST_PLACES = 9

LEARNING_WORDS = {
    Learning.EXCELLENT.value: "Giỏi",
    Learning.FAIR.value: "Khá",
    Learning.AVERAGE.value: "Trung bình",
    Learning.WEAK.value: "Yếu",
    Learning.POOR.value: "Kém",
}
CONDUCT_WORDS = {
    Conduct.GOOD.value: "Tốt",
    Conduct.FAIR.value: "Khá",
    Conduct.AVERAGE.value: "Trung bình",
    Conduct.WEAK.value: "Yếu",
}
TITLE_WORDS = {
    Title.EXCELLENT_PUPIL.value: "Học sinh giỏi",
    Title.ADVANCED_PUPIL.value: "Học sinh tiên tiến",
}


@dataclass(frozen=True, slots=True)
class Count:
    """Subjects of up to so many periods a year have so many regular marks a semester."""

    #: None: whatever the periods.
    up_to: int | None
    marks: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What the circular's text could not be read for: rows that an officer keeps."""

    promotion: rules.Terms
    key_subjects: tuple[str, ...]
    #: What a comment subject takes to be Đạt.
    comment_passed: Share
    #: Regular marks (KTtx, ĐĐGtx) a semester, by kind of subject; the last row has no limit.
    scored_regular: tuple[Count, ...]
    comment_regular: tuple[Count, ...]
    #: Tests of a period or more (KTđk); the amended text has the one mid-term mark instead.
    least_periodic: int
    one_semester_makes_the_year: bool
    reassessment: Reassessment


@dataclass(frozen=True, slots=True)
class _Parts:
    """Of which parts a semester consists, with the names under which they are printed."""

    regular: tuple[Part, ...]
    periodic: Part
    labels: Mapping[str, str]


_PARTS = {
    rules.ORIGINAL.rule_set: _Parts(
        (Part.ORAL, Part.WRITTEN),
        Part.PERIODIC,
        {
            "regular": "KTtx",
            "periodic": "KTđk",
            "final": "KThk",
            Part.ORAL.value: "Miệng",
            Part.WRITTEN.value: "Viết",
            "conduct": "hạnh kiểm",
        },
    ),
    rules.AMENDED.rule_set: _Parts(
        (Part.REGULAR,),
        Part.MIDTERM,
        {"regular": "ĐĐGtx", "periodic": "ĐĐGgk", "final": "ĐĐGck", "conduct": "hạnh kiểm"},
    ),
}


def terms_of(json: Json) -> Terms:
    passed = json["comment_passed"]
    return Terms(
        promotion=rules.Terms(
            whole(json, "most_absences"),
            {
                (Learning(one["learning"]), Conduct(one["conduct"])): Promotion(one["outcome"])
                for one in json["promotions"]
            },
            tuple(
                (Title(one["title"]), Learning(one["learning"]), Conduct(one["conduct"]))
                for one in json["titles"]
            ),
        ),
        key_subjects=tuple(map(str, json["key_subjects"])),
        comment_passed=Share(whole(passed, "least"), whole(passed, "of")),
        scored_regular=_counts(json["scored_regular"]),
        comment_regular=_counts(json["comment_regular"]),
        least_periodic=whole(json, "least_periodic"),
        one_semester_makes_the_year=flag(json, "one_semester_makes_the_year"),
        reassessment=reassessment(json),
    )


def columns(
    subject: Subject, semester: Semester, terms: Terms, *, rule_set: str
) -> tuple[Column, ...]:
    """The marks of a subject in a semester, in the order of the book (Đ7, Đ8)."""
    parts = _PARTS[rule_set]
    holds = Holds.MARK if subject.kind is SubjectKind.SCORED else Holds.VERDICT
    count = _regular_marks(subject, terms)
    if len(parts.regular) == 1:
        found = [Column(parts.regular[0], parts.labels["regular"], holds, count, count)]
        found.append(Column(parts.periodic, parts.labels["periodic"], holds))
    else:
        # Only together they have to be as many as the circular asks for.
        found = [
            Column(part, parts.labels[part], holds, least=0, most=MOST_PLACES)
            for part in parts.regular
        ]
        found.append(
            Column(
                parts.periodic, parts.labels["periodic"], holds, terms.least_periodic, MOST_PLACES
            )
        )
    found.append(Column(Part.FINAL, parts.labels["final"], holds))
    stated = Holds.RESULT if holds is Holds.MARK else holds
    found.append(Column(Part.STATED, "Kết quả học kì được công nhận", stated, least=0))
    if semester is Semester.SECOND:
        found.append(Column(Part.REASSESSED, "Kiểm tra lại", holds, least=0))
    return tuple(found)


def required(subject: Subject, *, terms: Terms, rule_set: str) -> int:
    """How many marks a pupil has in a semester at the least: regular, periodic and the last."""
    return _regular_marks(subject, terms) + _least_periodic(_PARTS[rule_set], terms) + 1


def practice(terms: Terms, *, rule_set: str) -> Practice:
    parts = _PARTS[rule_set]
    return Practice(
        rule_set=rule_set,
        learning_words=LEARNING_WORDS,
        conduct_words=CONDUCT_WORDS,
        title_words=TITLE_WORDS,
        part_labels=parts.labels,
        conduct_times=(ConductTime.FIRST, ConductTime.SECOND, ConductTime.YEAR),
        semester_result=partial(_semester_result, terms=terms, parts=parts),
        year_average=rules.year_average,
        learning=partial(_learning, edition=Edition(rule_set, terms.key_subjects)),
        conduct_of_year=_conduct_of_year,
        outcome=partial(_outcome, terms=terms.promotion),
        outcome_word=_outcome_word,
        title=partial(_title, terms=terms.promotion),
        has_semester_titles=True,
        one_semester_makes_the_year=terms.one_semester_makes_the_year,
        reassessment=terms.reassessment,
    )


def _regular_marks(subject: Subject, terms: Terms) -> int:
    if subject.regular_marks is not None:
        return subject.regular_marks
    rows = terms.scored_regular if subject.kind is SubjectKind.SCORED else terms.comment_regular
    return next(
        row.marks for row in rows if row.up_to is None or subject.periods_per_year <= row.up_to
    )


def _least_periodic(parts: _Parts, terms: Terms) -> int:
    return 1 if parts.periodic is Part.MIDTERM else terms.least_periodic


def _semester_result(
    subject: Subject,
    semester: Semester,
    marks: Mapping[Cell, Value],
    *,
    terms: Terms,
    parts: _Parts,
) -> Result:
    at = (marks, subject.code, semester)
    least = _regular_marks(subject, terms)
    least_periodic = _least_periodic(parts, terms)
    if subject.kind is SubjectKind.SCORED:
        scores = [numbers(*at, part, MOST_PLACES) for part in parts.regular]
        return rules.semester_average(
            ScoredMarks(
                _at_least([one for part in scores for one in part if one is not None], least),
                _at_least(
                    [o for o in numbers(*at, parts.periodic, MOST_PLACES) if o is not None],
                    least_periodic,
                ),
                numbers(*at, Part.FINAL, 1)[0],
            )
        )
    words = [verdicts(*at, part, MOST_PLACES) for part in (*parts.regular, parts.periodic)]
    return rules.semester_verdict(
        _at_least([one for part in words for one in part if one is not None], least),
        verdicts(*at, Part.FINAL, 1)[0],
        share=terms.comment_passed,
    )


def _at_least(given: Sequence[V], least: int) -> tuple[V | None, ...]:
    return (*given, *((None,) * (least - len(given))))


def _learning(
    averages: Mapping[str, Decimal | Incomplete],
    words: Mapping[str, Verdict | Incomplete],
    specialised: str | None,
    *,
    edition: Edition,
) -> Learned | None:
    # Whoever is exempted from the specialised subject is judged by the others.
    subject = specialised if specialised in averages else None
    found = rules.learning_result(averages, words, edition=edition, specialised=subject)
    if isinstance(found, Incomplete):
        return None
    return Learned(found.level.value, found.base.value, found.average)


def _conduct_of_year(given: Mapping[ConductTime, ConductLevel]) -> ConductLevel | None:
    """Judged by the homeroom teacher, mainly from semester II; not computed."""
    return given.get(ConductTime.YEAR)


def _outcome(
    learning: str, conduct: ConductLevel, absences: int, *, terms: rules.Terms
) -> tuple[Outcome, tuple[Need, ...]]:
    return _OUTCOMES[rules.promotion(Learning(learning), Conduct(conduct.value), absences, terms)]


_OUTCOMES: Mapping[Promotion, tuple[Outcome, tuple[Need, ...]]] = {
    Promotion.PROMOTED: (Outcome.PROMOTED, ()),
    Promotion.RE_TEST: (Outcome.SUMMER, (Need.RE_ASSESSMENT,)),
    Promotion.CONDUCT_TRAINING: (Outcome.SUMMER, (Need.CONDUCT_TRAINING,)),
    Promotion.HELD_BACK: (Outcome.HELD_BACK, ()),
}
_NEED_WORDS = {
    Need.RE_ASSESSMENT: "Kiểm tra lại",
    Need.CONDUCT_TRAINING: "Rèn luyện hạnh kiểm trong hè",
}


def _outcome_word(outcome: Outcome, needs: tuple[Need, ...], is_after: bool) -> str:
    if outcome is Outcome.SUMMER:
        return " và ".join(_NEED_WORDS[need] for need in needs)
    if outcome is Outcome.HELD_BACK:
        return "Ở lại lớp"
    return "Lên lớp sau khi kiểm tra lại, rèn luyện trong hè" if is_after else "Được lên lớp"


def _title(
    learning: str, conduct: ConductLevel, _averages: Sequence[Decimal], *, terms: rules.Terms
) -> str | None:
    found = rules.title(Learning(learning), Conduct(conduct.value), terms)
    return None if found is None else found.value


def _counts(json: Sequence[Json]) -> tuple[Count, ...]:
    found = tuple(
        Count(None if one["up_to"] is None else whole(one, "up_to"), whole(one, "marks"))
        for one in json
    )
    if not found or found[-1].up_to is not None:
        raise ValueError("số lần đánh giá thường xuyên: dòng cuối phải không có giới hạn số tiết")
    return found
