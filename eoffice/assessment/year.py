"""A pupil's year under any circular: what was entered, what comes of it, and what is missing.

Pure values in one shape for all circulars, so that whoever shows, checks or counts results need
not know which one governs. The words are those that the books of each circular print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from eoffice.assessment.marks import Part, Result, Semester, SubjectKind, Value

#: Subject, semester, part and place of a mark. What is not counted in semesters has the second.
Cell = tuple[str, Semester, Part, int]


class Holds(StrEnum):
    """What a column of marks takes."""

    MARK = "mark"  # 0 to 10, whole or one decimal
    RESULT = "result"  # 0 to 10, or M where exempted
    WHOLE_MARK = "whole_mark"  # 0 to 10, whole
    VERDICT = "verdict"  # Đ, CĐ; M where exempted
    JUDGEMENT = "judgement"  # T, H, C


@dataclass(frozen=True, slots=True)
class Column:
    """The marks of one part in a subject and semester."""

    part: Part
    #: As printed: "ĐĐGtx". Places are counted behind it where there may be more than one.
    label: str
    holds: Holds
    #: How many a pupil must have before there is a result, and how many may be entered.
    least: int = 1
    most: int = 1

    def label_of(self, place: int) -> str:
        return f"{self.label}{place}" if self.most > 1 else self.label


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject in a class and year, as far as its assessment goes."""

    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    #: Upper secondary: whether the pupil learns topics (chuyên đề học tập) of it.
    has_topics: bool = False
    #: Regular marks a semester where the school's plan says so; else as the circular has it.
    regular_marks: int | None = None


class ConductTime(StrEnum):
    """When conduct is judged. Circular 22/2021 computes the year's, 58/2011 has it judged."""

    FIRST = "1"
    SECOND = "2"
    YEAR = "year"
    #: After the training in summer.
    SUMMER = "summer"


class ConductLevel(StrEnum):
    """hạnh kiểm (58/2011) and kết quả rèn luyện (22/2021); each circular has four of them."""

    GOOD = "good"  # Tốt
    FAIR = "fair"  # Khá
    ACHIEVED = "achieved"  # Đạt, 22/2021
    AVERAGE = "average"  # Trung bình, 58/2011
    WEAK = "weak"  # Yếu, 58/2011
    NOT_ACHIEVED = "not_achieved"  # Chưa đạt, 22/2021


class TraitTime(StrEnum):
    """When the qualities and competences of a pupil in primary school are judged."""

    MIDDLE_OF_FIRST = "middle_1"
    END_OF_FIRST = "end_1"
    MIDDLE_OF_SECOND = "middle_2"
    END_OF_YEAR = "end_2"
    #: Before the next school year, for whoever was not done at the end of this one.
    SUMMER = "summer"


class TraitLevel(StrEnum):
    GOOD = "good"  # Tốt
    ACHIEVED = "achieved"  # Đạt
    NEEDS_EFFORT = "needs_effort"  # Cần cố gắng


class Outcome(StrEnum):
    """What the year comes to, in every circular."""

    PROMOTED = "promoted"
    #: Something may be made good in summer: see `Need`.
    SUMMER = "summer"
    HELD_BACK = "held_back"


class Need(StrEnum):
    """What a pupil has to do in summer in order to move up."""

    RE_ASSESSMENT = "re_assessment"
    CONDUCT_TRAINING = "conduct_training"


@dataclass(frozen=True, slots=True)
class PupilYear:
    """All that was entered about a pupil in a class and year."""

    grade: int
    #: In the order of the book.
    subjects: Sequence[Subject]
    marks: Mapping[Cell, Value]
    conduct: Mapping[ConductTime, ConductLevel] = field(default_factory=dict)
    #: By code of the quality or competence.
    traits: Mapping[tuple[str, TraitTime], TraitLevel] = field(default_factory=dict)
    #: Sessions missed in the year, with and without leave.
    absences: int = 0
    #: Code of the subject of a specialised class (lớp chuyên).
    specialised: str | None = None
    #: Primary: the class agrees that the pupil stands out, or has made marked progress.
    is_chosen: bool = False
    #: What the principal decided about a pupil who was helped and judged again; primary only.
    decided: Outcome | None = None
    #: Nothing more is made good: whoever still lacks something is held back.
    is_summer_over: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A level, an outcome or a title: the code that data keep, and the word that is printed."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SubjectOutcome:
    """A subject's results; `after` is the year's anew, of a subject that was assessed again."""

    semesters: Mapping[Semester, Result]
    year: Result
    after: Result | None = None


@dataclass(frozen=True, slots=True)
class PeriodOutcome:
    """A semester or the year; None where it cannot be said yet, or the circular has no such."""

    #: ĐTBhk, ĐTBcn; only Circular 58.
    average: Decimal | None = None
    learning: Word | None = None
    #: The level before one bad subject was made allowance for.
    learning_before_adjustment: Word | None = None
    conduct: Word | None = None
    #: Circular 58 has titles of semesters too.
    title: Word | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What a result waits for: whole-year things have no semester, conduct no subject."""

    #: In words of the book: "ĐĐGtx2, ĐĐGck".
    what: str
    subject: str | None = None
    semester: Semester | None = None

    def sentence(self, names: Mapping[str, str]) -> str:
        """As shown to whoever has to close the gap; `names` of subjects by code."""
        when = "" if self.semester is None else f"học kì {ROMAN[self.semester]}"
        if self.subject is None:
            return " ".join(filter(None, (self.what, when)))
        return ", ".join(filter(None, (names[self.subject], when))) + f": {self.what}"


ROMAN = {Semester.FIRST: "I", Semester.SECOND: "II"}


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """Everything that the rules say about a pupil's year."""

    rule_set: str
    subjects: Mapping[str, SubjectOutcome]
    semesters: Mapping[Semester, PeriodOutcome]
    year: PeriodOutcome
    #: At the end of the year; None until learning and conduct of the year are known.
    outcome: Outcome | None
    outcome_word: Word | None
    #: What has to be made good in summer, and in which subjects learning may be assessed again.
    needs: tuple[Need, ...]
    candidates: tuple[str, ...]
    #: Levels with what was made good in summer, and what came of it; None where nothing was.
    after: PeriodOutcome | None
    outcome_after: Outcome | None
    outcome_after_word: Word | None
    #: "Hoàn thành chương trình …", when a pupil of the last grade of a level moves up.
    completion: Word | None
    #: What keeps the year from being closed.
    gaps: tuple[Gap, ...]

    @property
    def final(self) -> Outcome | None:
        """Whether the pupil moves up, as far as is known."""
        return self.outcome_after or self.outcome

    @property
    def title(self) -> Word | None:
        return self.year.title


#: The last grade of each level of schools, with what its pupils complete.
COMPLETIONS: Mapping[int, Word] = {
    5: Word("primary", "Hoàn thành chương trình tiểu học"),
    9: Word("lower_secondary", "Hoàn thành chương trình giáo dục trung học cơ sở"),
    12: Word("upper_secondary", "Hoàn thành chương trình giáo dục trung học phổ thông"),
}


def completion(grade: int, outcome: Outcome | None) -> Word | None:
    """What a pupil who moves up from the last grade of a level has completed."""
    return COMPLETIONS.get(grade) if outcome is Outcome.PROMOTED else None
