"""Classes of each era and level, made from a seed, for the registers beside the class book."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from eoffice.assessment import tt22, tt27
from eoffice.assessment.marks import Semester, SubjectKind, Verdict
from eoffice.assessment.tt27 import Period, Trait, YearLevel
from eoffice.assessment.tt27 import Subject as Judgement
from eoffice.assessment.tt58 import AMENDED, ORIGINAL, Conduct, Edition, Learning, Promotion, Title
from eoffice.classes.collation import name_key
from eoffice.marks.results import Session
from eoffice.registers.kinds import class_results, roll_book, table, teacher_book
from eoffice.registers.kinds.class_results import (
    ClassResultsTable,
    Judged,
    NamedTrait,
    PrimaryClass,
    PrimaryPupil,
    PrimaryStandard,
    PrimarySubject,
)
from eoffice.registers.kinds.parts import Absence, Leaving, Pupil, School, Term
from eoffice.registers.kinds.roll_book import (
    Awards,
    Moves,
    RollBook,
    RollClass,
    RollPupil,
    RollSubject,
    RollTerms,
)
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.kinds.teacher_book import TaughtClass, TaughtPupil, TeacherBook
from eoffice.registers.states import SignatureKind

MADE_AT = datetime(2018, 5, 28, 1, 0, tzinfo=UTC)
_FAMILY = "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương".split()
_MIDDLE = "Thị Văn Ngọc Minh Hoàng Thanh Quốc Phương Hữu Gia Nhật Khánh".split()
_GIVEN = (
    "An Ánh Ân Bảo Bình Châu Chi Dung Dũng Duyên Đạt Đức Giang Hà Hân Hậu Hiếu Hòa Huy Khánh "
    "Khoa Lâm Linh Long Mai My Nga Ngân Nghĩa Nhi Như Phong Phúc Quân Quyên Tâm Thảo Thủy Tiên "
    "Trí Vy Yến"
).split()
_TRADES = ("làm ruộng", "buôn bán", "công nhân", "giáo viên", "thợ hồ", "nội trợ")
_GOOD, _FAIR, _AVERAGE, _WEAK = Conduct

#: As the demo's officer keeps them.
TERMS = RollTerms(
    most_absences=45,
    promotions=tuple(
        [
            Moves(learning, conduct, Promotion.PROMOTED)
            for learning, conduct in product(
                (Learning.EXCELLENT, Learning.FAIR, Learning.AVERAGE), (_GOOD, _FAIR, _AVERAGE)
            )
        ]
        + [Moves(Learning.WEAK, conduct, Promotion.RE_TEST) for conduct in (_GOOD, _FAIR, _AVERAGE)]
        + [
            Moves(learning, _WEAK, Promotion.CONDUCT_TRAINING)
            for learning in (Learning.EXCELLENT, Learning.FAIR, Learning.AVERAGE)
        ]
    ),
    titles=(
        Awards(Title.EXCELLENT_PUPIL, Learning.EXCELLENT, _GOOD),
        Awards(Title.ADVANCED_PUPIL, Learning.FAIR, _FAIR),
    ),
)

SCHOOL_OF_2017 = School(
    "Trường THCS Nguyễn Thị Minh Khai",
    "Sở Giáo dục và Đào tạo tỉnh Đồng Tháp",
    "Mỹ An Hưng B",
    "Lấp Vò",
    "Đồng Tháp",
    "Lấp Vò",
    "000.10.14.H20",
)
SCHOOL_OF_2025 = School(
    "Trường Tiểu học Mỹ An Hưng",
    "Sở Giáo dục và Đào tạo tỉnh Đồng Tháp",
    "Mỹ An Hưng",
    "",
    "Đồng Tháp",
    "Mỹ An Hưng",
    "000.10.15.H20",
)

_ROLL_SUBJECTS = (
    ("TOAN", "Toán", "Toán", SubjectKind.SCORED),
    ("LY", "Vật lí", "Lí", SubjectKind.SCORED),
    ("HOA", "Hóa học", "Hóa", SubjectKind.SCORED),
    ("SINH", "Sinh học", "Sinh", SubjectKind.SCORED),
    ("VAN", "Ngữ văn", "Văn", SubjectKind.SCORED),
    ("SU", "Lịch sử", "Sử", SubjectKind.SCORED),
    ("DIA", "Địa lí", "Địa", SubjectKind.SCORED),
    ("NN1", "Tiếng Anh", "Anh", SubjectKind.SCORED),
    ("GDCD", "Giáo dục công dân", "GDCD", SubjectKind.SCORED),
    ("CN", "Công nghệ", "CN", SubjectKind.SCORED),
    ("TIN", "Tin học", "Tin", SubjectKind.SCORED),
    ("TD", "Thể dục", "TD", SubjectKind.COMMENT),
    ("NHAC", "Âm nhạc", "Nhạc", SubjectKind.COMMENT),
    ("MT", "Mĩ thuật", "MT", SubjectKind.COMMENT),
)


def roll_book_of(
    pupils: int = 43,
    *,
    edition: Edition = ORIGINAL,
    seed: int = 58,
    version: int = 1,
    upper: bool = False,
) -> RollBook:
    """A class of 2017-2018 (Circular 58) or 2020-2021 (as amended), a whole year without gaps.

    The fifth left in January, the last came in semester II with the marks of another school, and
    whoever has to do a test again did so.
    """
    dice = random.Random(seed)
    years = "2017-2018" if edition is ORIGINAL else "2020-2021"
    subjects = tuple(
        RollSubject(code, name, short, kind, f"{dice.choice(_FAMILY)} Thị {dice.choice(_GIVEN)}")
        for code, name, short, kind in (_ROLL_SUBJECTS[:-2] if upper else _ROLL_SUBJECTS)
    )
    people = _people(dice, pupils, born=int(years[:4]) - (15 if upper else 13))
    people[4] = _left(people[4], date(int(years[5:]), 1, 12))
    book = RollBook(
        rule_set=edition.rule_set,
        version=version,
        school=SCHOOL_OF_2017,
        of_class=RollClass(
            name="10A2" if upper else "8A2",
            grade=10 if upper else 8,
            school_year=years,
            level="THPT" if upper else "THCS",
            homeroom_teacher="Trần Thị Mỹ Hạnh",
            principal="Huỳnh Quốc Thắng",
            stream="Cơ bản" if upper else "",
            advanced="Toán, Vật lí, Hóa học" if upper else "",
        ),
        terms=TERMS,
        subjects=subjects,
        pupils=tuple(
            _roll_pupil(dice, subjects, person, edition, is_new=place == pupils - 1)
            for place, person in enumerate(people)
        ),
        absences=_absences(dice, people, int(years[:4])),
    )
    return _retested(dice, book)


def teacher_book_of(*, seed: int = 22, comment: bool = False, version: int = 1) -> TeacherBook:
    """Three classes of about forty pupils in maths (three regular marks where 70 periods)."""
    dice = random.Random(seed)
    kind = SubjectKind.COMMENT if comment else SubjectKind.SCORED
    return TeacherBook(
        rule_set=tt22.RULE_SET,
        version=version,
        school=SCHOOL_OF_2017,
        school_year="2024-2025",
        teacher="Lê Thị Ngọc Diễm",
        principal="Huỳnh Quốc Thắng",
        subject_code="GDTC" if comment else "TOAN",
        subject_name="Giáo dục thể chất" if comment else "Toán học",
        kind=kind,
        classes=tuple(
            _taught_class(dice, name, kind, pupils)
            for name, pupils in (("7A1", 42), ("7A2", 45), ("8A3", 38))
        ),
    )


def class_results_of(pupils: int = 36, *, grade: int = 4, seed: int = 27) -> ClassResultsTable:
    """A primary class with all four times of the year."""
    dice = random.Random(seed)
    people = _people(dice, pupils, born=2024 - grade - 5)
    people[7] = _left(people[7], date(2025, 2, 3))
    subjects = tuple(
        PrimarySubject(code, name, short, teacher or "Phạm Thị Thu Hà")
        for code, name, short, teacher in _PRIMARY
        if grade >= 4 or code not in {"LSDL", "KHOA_HOC"}
    )
    competences = tuple(NamedTrait(*one) for one in tt27.COMPETENCES.items())
    table_ = ClassResultsTable(
        rule_set=tt27.RULE_SET,
        version=1,
        school=SCHOOL_OF_2025,
        of_class=PrimaryClass(f"{grade}A", grade, "2024-2025", "Phạm Thị Thu Hà", "Đặng Văn Nghĩa"),
        standards=(
            PrimaryStandard(YearLevel.EXCELLENT, Judgement.WELL_DONE, Trait.GOOD, 9),
            PrimaryStandard(YearLevel.WELL_DONE, Judgement.WELL_DONE, Trait.GOOD, 7),
            PrimaryStandard(YearLevel.DONE, Judgement.DONE, Trait.ACHIEVED, 5),
        ),
        subjects=subjects,
        qualities=tuple(NamedTrait(*one) for one in tt27.QUALITIES.items()),
        general_competences=competences[:3],
        special_competences=competences[3:],
        pupils=(),
        absences=_absences(dice, people, 2024),
    )
    strengths = [dice.randint(20, 98) for _ in people]
    return replace(
        table_,
        pupils=tuple(
            PrimaryPupil(
                person,
                {
                    period: _judged(dice, table_, period, strength)
                    for period in Period
                    if person.left is None or period.value.endswith("1")
                },
                is_chosen=dice.random() < 0.5,
                award="Thi đọc sách cấp huyện: giải Nhì" if dice.random() < 0.05 else "",
            )
            for person, strength in zip(people, strengths, strict=True)
        ),
    )


_MAKERS: dict[RegisterKind, Callable[[], object]] = {
    RegisterKind.ROLL_BOOK: roll_book_of,
    RegisterKind.TEACHER_BOOK: teacher_book_of,
    RegisterKind.CLASS_RESULTS: class_results_of,
}


def data(kind: RegisterKind, entered: object | None = None) -> table.Json:
    """The data of a register of this kind; the same each time."""
    made = _MAKERS[kind]() if entered is None else entered
    return table.data_of(table.BY_KIND[kind], made, made_at=MADE_AT)


def changed(data: table.Json, path: str, value: Any) -> table.Json:
    """A copy of the data with one value put in at `a/b/0`."""
    copied = copy.deepcopy(data)
    *keys, last = path.split("/")
    where: Any = copied
    for key in keys:
        where = where[int(key) if isinstance(where, list) else key]
    where[int(last) if isinstance(where, list) else last] = value
    return copied


#: A mark or judgement that was entered, and another in its place, by kind.
_ANOTHER = {
    RegisterKind.ROLL_BOOK: ("pupils/0/scores/TOAN/1/final", "1.5"),
    RegisterKind.CLASS_RESULTS: ("pupils/0/periods/end_2/subjects/TOAN", "not_done"),
}


def with_another_result(kind: table.Kind[Any, Any], of: table.Json) -> table.Json:
    """Data in which one mark is another and everything that follows is computed from it."""
    if kind.kind is RegisterKind.TEACHER_BOOK:
        scored = of["entered"]["kind"] == "scored"
        path = "classes/0/pupils/0/" + ("scores/1/final" if scored else "verdicts/1/final")
        altered = changed(of, f"entered/{path}", "1.5" if scored else "failed")
    else:
        path, value = _ANOTHER[kind.kind]
        altered = changed(of, f"entered/{path}", value)
    entered = table.entered_of(altered)
    return table.data_of(kind, entered, made_at=MADE_AT)


def year_of(of: table.Json) -> str:
    entered = of["entered"]
    return str(entered.get("school_year") or entered["of_class"]["school_year"])


def fields_of(kind: table.Kind[Any, Any], of: table.Json) -> set[str]:
    """The names of the signature fields that the kind's order of signing asks for."""
    names = {
        SignatureKind.HOMEROOM: {"homeroom"},
        SignatureKind.PRINCIPAL: {"principal"},
        SignatureKind.SEAL: {"school_seal"},
        SignatureKind.SUBJECT: {f"subject_{code}" for code in _codes(of["entered"])},
    }
    return set().union(*(names[one] for one in kind.signing))


def _codes(entered: table.Json) -> list[str]:
    if "subject_code" in entered:
        return [entered["subject_code"]]
    return [subject["code"] for subject in entered["subjects"]]


_PRIMARY = (
    ("TIENG_VIET", "Tiếng Việt", "TV", ""),
    ("TOAN", "Toán", "Toán", ""),
    ("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "NN1", "Võ Minh Thư"),
    ("LSDL", "Lịch sử và Địa lí", "LS-ĐL", ""),
    ("KHOA_HOC", "Khoa học", "KH", ""),
    ("TIN_CN", "Tin học và Công nghệ", "TH-CN", "Ngô Hữu Phúc"),
    ("DAO_DUC", "Đạo đức", "ĐĐ", ""),
    ("GDTC", "Giáo dục thể chất", "GDTC", "Bùi Quốc Huy"),
    ("NT", "Nghệ thuật (Âm nhạc, Mĩ thuật)", "NT", "Hồ Ngọc Mai"),
    ("HDTN", "Hoạt động trải nghiệm", "HĐTN", ""),
)


def _people(dice: random.Random, count: int, *, born: int) -> list[Pupil]:
    found = []
    for number in range(count):
        is_girl = dice.random() < 0.5
        middle = dice.choice([one for one in _MIDDLE if one != ("Văn" if is_girl else "Thị")])
        family = dice.choice(_FAMILY)
        name = f"{family} {middle} {dice.choice(_GIVEN)}"
        found.append(
            Pupil(
                code=f"{born}00{number + 1:04}",
                name=name,
                born_on=date(born, 1, 1) + timedelta(days=dice.randrange(365)),
                sex="Nữ" if is_girl else "Nam",
                birthplace="Lấp Vò, Đồng Tháp",
                ethnicity=dice.choice(["Kinh"] * 12 + ["Hoa", "Khmer"]),
                policy_group="Hộ nghèo" if dice.random() < 0.05 else "",
                address=f"Ấp An {dice.choice(['Thạnh', 'Quới', 'Phú'])}, xã Mỹ An Hưng B",
                father=f"{family} Văn {dice.choice(_GIVEN)}, {dice.choice(_TRADES)}",
                mother=f"{dice.choice(_FAMILY)} Thị {dice.choice(_GIVEN)}, {dice.choice(_TRADES)}",
            )
        )
    return sorted(found, key=lambda one: (name_key(one.name), one.code))


def _left(pupil: Pupil, on: date) -> Pupil:
    return replace(pupil, left=Leaving(on, "Chuyển đến Trường Vĩnh Thạnh"))


def _absences(dice: random.Random, people: list[Pupil], first_year: int) -> tuple[Absence, ...]:
    found = {}
    for day in range(0, 255, 2):
        on = date(first_year, 9, 5) + timedelta(days=day)
        pupil = dice.choice(people)
        if on.weekday() < 6 and (pupil.left is None or on < pupil.left.on):
            found[on, pupil.code] = Absence(pupil.code, on, Session.MORNING, dice.random() < 0.8)
    return tuple(found[key] for key in sorted(found))


def _tenths(dice: random.Random, strength: int, step: int) -> Decimal:
    tenths = min(100, max(20, round(dice.gauss(strength, 10) / step) * step))
    return (Decimal(tenths) / 10).quantize(Decimal("0.1"))


def _roll_pupil(
    dice: random.Random,
    subjects: tuple[RollSubject, ...],
    person: Pupil,
    edition: Edition,
    *,
    is_new: bool,
) -> RollPupil:
    strength = dice.randint(42, 90)
    scores: dict[str, dict[Semester, roll_book.Scores]] = {}
    verdicts: dict[str, dict[Semester, roll_book.Verdicts]] = {}
    there = [Semester.FIRST] if person.left is not None else list(Semester)
    main = {"TOAN", "VAN", "NN1"}
    for subject in subjects:
        many = 3 if subject.code in main else 2
        for semester in there:
            brought = is_new and semester is Semester.FIRST
            if subject.kind is SubjectKind.COMMENT:
                final = Verdict.FAILED if dice.random() < 0.01 else Verdict.PASSED
                verdicts.setdefault(subject.code, {})[semester] = (
                    roll_book.Verdicts((), (), (), None, Verdict.PASSED)
                    if brought
                    else roll_book.Verdicts(
                        (Verdict.PASSED,), (Verdict.PASSED,) * 2, (final,), final
                    )
                )
                continue
            periodic = 1 if edition is AMENDED else (2 if many == 2 else 4)
            scores.setdefault(subject.code, {})[semester] = (
                roll_book.Scores((), (), (), None, _tenths(dice, strength, 1))
                if brought
                else roll_book.Scores(
                    (_tenths(dice, strength, 10),),
                    tuple(_tenths(dice, strength, 10) for _ in range(many)),
                    tuple(_tenths(dice, strength, 5) for _ in range(periodic)),
                    _tenths(dice, strength, 5),
                )
            )
    conduct = dice.choice([_GOOD] * 7 + [_FAIR] * 2 + [_AVERAGE])
    return RollPupil(
        pupil=person,
        scores=scores,
        verdicts=verdicts,
        conduct={Term.FIRST: conduct}
        if person.left is not None
        else {Term.FIRST: conduct, Term.SECOND: conduct, Term.YEAR: conduct},
    )


def _retested(dice: random.Random, book: RollBook) -> RollBook:
    """Marks of re-tests, in the weakest two subjects, for whoever has to do one."""
    results = roll_book.compute(book)
    pupils = []
    for one, stated in zip(book.pupils, results.pupils, strict=True):
        if stated.outcome is Promotion.RE_TEST:
            years = {
                code: Decimal(result.year)
                for code, result in stated.subjects.items()
                if result.year is not None and result.year[0].isdigit()
            }
            weakest = sorted(years, key=lambda code: years[code])[:2]
            again = {code: _tenths(dice, 58, 5) for code in weakest}
            pupils.append(replace(one, retests=again))
        else:
            pupils.append(one)
    return replace(book, pupils=tuple(pupils))


def _taught_class(dice: random.Random, name: str, kind: SubjectKind, count: int) -> TaughtClass:
    periods = 140 if kind is SubjectKind.SCORED else 70
    regular = tt22.regular_marks_required(kind, periods)
    pupils = []
    for place, person in enumerate(_people(dice, count, born=2012)):
        strength = dice.randint(40, 92)
        left = Leaving(date(2025, 1, 6), "Chuyển trường") if place == 11 else None
        semesters = [Semester.FIRST] if left else list(Semester)
        remark = (
            "Tiếp thu nhanh, tính toán chính xác."
            if strength > 75
            else "Có tiến bộ, cần rèn thêm kĩ năng tính toán."
            if strength > 55
            else "Cần cố gắng làm đủ bài tập ở nhà."
        )
        passed = teacher_book.Verdicts((Verdict.PASSED,) * regular, Verdict.PASSED, Verdict.PASSED)
        pupils.append(
            TaughtPupil(
                person.code,
                person.name,
                person.born_on,
                {
                    semester: teacher_book.Scores(
                        tuple(_tenths(dice, strength, 5) for _ in range(regular)),
                        _tenths(dice, strength, 5),
                        _tenths(dice, strength, 1),
                    )
                    for semester in semesters
                }
                if kind is SubjectKind.SCORED
                else {},
                dict.fromkeys(semesters, passed) if kind is SubjectKind.COMMENT else {},
                dict.fromkeys(semesters, remark),
                left,
            )
        )
    return TaughtClass(name, int(name[0]), periods, tuple(pupils))


def _judged(dice: random.Random, of: ClassResultsTable, period: Period, strength: int) -> Judged:
    def level() -> float:
        return strength + dice.gauss(0, 8)

    def subject() -> Judgement:
        found = level()
        done = Judgement.DONE if found > 15 else Judgement.NOT_DONE
        return Judgement.WELL_DONE if found > 60 else done

    def trait() -> Trait:
        found = level()
        achieved = Trait.ACHIEVED if found > 12 else Trait.NEEDS_EFFORT
        return Trait.GOOD if found > 55 else achieved

    return Judged(
        {one.code: subject() for one in of.subjects},
        {code: trait() for code in of.traits},
        {
            code: max(2, min(10, round(5 + level() / 20)))
            for code in class_results.tested(of, period)
        },
    )
