"""A pupil's year under Circular 22/2021/TT-BGDĐT, in the shape of all circulars ("Đ" = Điều)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from eoffice.assessment import tt22 as rules
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
from eoffice.assessment.terms import Json, flag, reassessment
from eoffice.assessment.tt22 import Level, Promotion, Terms, Title, Topics
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

LEVEL_WORDS = {
    Level.GOOD.value: "Tốt",
    Level.FAIR.value: "Khá",
    Level.ACHIEVED.value: "Đạt",
    Level.NOT_ACHIEVED.value: "Chưa đạt",
}
TITLE_WORDS = {
    Title.EXCELLENT_PUPIL.value: "Học sinh Xuất sắc",
    Title.GOOD_PUPIL.value: "Học sinh Giỏi",
}
_LABELS = {
    Part.REGULAR.value: "ĐĐGtx",
    Part.MIDTERM.value: "ĐĐGgk",
    Part.FINAL.value: "ĐĐGck",
    Part.TOPIC.value: "Chuyên đề",
    "conduct": "kết quả rèn luyện",
}


def terms_of(json: Json) -> Terms:
    return Terms(
        topics=Topics(json["topics"]),
        bad_subject_may_count=flag(json, "bad_subject_may_count"),
        one_semester_makes_the_year=flag(json, "one_semester_makes_the_year"),
        reassessment=reassessment(json),
    )


def columns(subject: Subject, semester: Semester, terms: Terms) -> tuple[Column, ...]:
    """The marks of a subject in a semester, in the order of the book (Đ6, Đ7)."""
    holds = Holds.MARK if subject.kind is SubjectKind.SCORED else Holds.VERDICT
    count = regular_marks(subject)
    found = [
        Column(Part.REGULAR, _LABELS[Part.REGULAR], holds, count, count),
        Column(Part.MIDTERM, _LABELS[Part.MIDTERM], holds),
        Column(Part.FINAL, _LABELS[Part.FINAL], holds),
    ]
    if subject.has_topics and terms.topics is not Topics.NOT_COUNTED:
        found.append(Column(Part.TOPIC, _LABELS[Part.TOPIC], holds, least=0))
    stated = Holds.RESULT if holds is Holds.MARK else holds
    found.append(Column(Part.STATED, "Kết quả học kì được công nhận", stated, least=0))
    if semester is Semester.SECOND:
        found.append(Column(Part.REASSESSED, "Đánh giá lại", holds, least=0))
    return tuple(found)


def regular_marks(subject: Subject) -> int:
    """How many ĐĐGtx a semester: as the school's plan says, else by the periods."""
    return subject.regular_marks or rules.regular_marks_required(
        subject.kind, subject.periods_per_year
    )


def practice(terms: Terms) -> Practice:
    return Practice(
        rule_set=rules.RULE_SET,
        learning_words=LEVEL_WORDS,
        conduct_words=LEVEL_WORDS,
        title_words=TITLE_WORDS,
        part_labels=_LABELS,
        conduct_times=(ConductTime.FIRST, ConductTime.SECOND),
        semester_result=partial(_semester_result, topics=terms.topics),
        year_average=rules.year_average,
        learning=partial(_learning, may_count=terms.bad_subject_may_count),
        conduct_of_year=_conduct_of_year,
        outcome=_outcome,
        outcome_word=_outcome_word,
        title=_title,
        has_semester_titles=False,
        one_semester_makes_the_year=terms.one_semester_makes_the_year,
        reassessment=terms.reassessment,
        needs_topics=terms.topics is not Topics.NOT_COUNTED,
    )


def _semester_result(
    subject: Subject, semester: Semester, marks: Mapping[Cell, Value], *, topics: Topics
) -> Result:
    at = (marks, subject.code, semester)
    places = regular_marks(subject)
    if subject.kind is SubjectKind.SCORED:
        given = rules.ScoredMarks(
            numbers(*at, Part.REGULAR, places),
            numbers(*at, Part.MIDTERM, 1)[0],
            numbers(*at, Part.FINAL, 1)[0],
        )
        topic = numbers(*at, Part.TOPIC, 1)[0] if subject.has_topics else None
        return rules.semester_average(rules.with_topic(given, topic, topics))
    return rules.semester_verdict(
        rules.CommentMarks(
            verdicts(*at, Part.REGULAR, places),
            verdicts(*at, Part.MIDTERM, 1)[0],
            verdicts(*at, Part.FINAL, 1)[0],
        )
    )


def _learning(
    averages: Mapping[str, Decimal | Incomplete],
    words: Mapping[str, Verdict | Incomplete],
    _specialised: str | None,
    *,
    may_count: bool,
) -> Learned | None:
    """Đ9 knows no specialised classes."""
    found = rules.learning_result(averages, words, bad_subject_may_count=may_count)
    if isinstance(found, Incomplete):
        return None
    return Learned(found.level.value, found.base.value)


def _conduct_of_year(given: Mapping[ConductTime, ConductLevel]) -> ConductLevel | None:
    first, second = given.get(ConductTime.FIRST), given.get(ConductTime.SECOND)
    if first is None or second is None:
        return None
    return ConductLevel(rules.conduct_of_year(Level(first.value), Level(second.value)).value)


def _outcome(
    learning: str, conduct: ConductLevel, absences: int
) -> tuple[Outcome, tuple[Need, ...]]:
    learned, behaved = Level(learning), Level(conduct.value)
    found = rules.promotion(learned, behaved, absences)
    if found is not Promotion.SUMMER:
        return _OUTCOMES[found], ()
    needs = (
        # Đ14: learning of the year Chưa đạt is assessed again.
        (Need.RE_ASSESSMENT, learned),
        # Đ13: conduct of the year Chưa đạt is trained in summer.
        (Need.CONDUCT_TRAINING, behaved),
    )
    return Outcome.SUMMER, tuple(need for need, level in needs if level is Level.NOT_ACHIEVED)


_OUTCOMES = {
    Promotion.PROMOTED: Outcome.PROMOTED,
    Promotion.NOT_PROMOTED: Outcome.HELD_BACK,
}
_NEED_WORDS = {
    Need.RE_ASSESSMENT: "đánh giá lại",
    Need.CONDUCT_TRAINING: "rèn luyện trong kì nghỉ hè",
}


def _outcome_word(outcome: Outcome, needs: tuple[Need, ...], is_after: bool) -> str:
    work = " và ".join(_NEED_WORDS[need] for need in needs)
    if outcome is Outcome.SUMMER:
        return f"Phải {work}"
    if outcome is Outcome.HELD_BACK:
        return "Không được lên lớp"
    return f"Được lên lớp sau khi {work}" if is_after else "Được lên lớp"


def _title(learning: str, conduct: ConductLevel, averages: Sequence[Decimal]) -> str | None:
    found = rules.title(Level(learning), Level(conduct.value), averages)
    return None if found is None else found.value
