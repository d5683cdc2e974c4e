"""Classes of each era and level, made from a seed, for the registers beside the class book."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from eoffice.assessment import tt22, tt27
from eoffice.assessment.marks import Part, Semester, SubjectKind
from eoffice.assessment.proposals import proposed
from eoffice.assessment.tt58 import AMENDED, ORIGINAL, Edition
from eoffice.assessment.year import (
    ConductLevel,
    ConductTime,
    Need,
    Outcome,
    TraitLevel,
    TraitTime,
)
from eoffice.classes.collation import name_key
from eoffice.marks.results import Session
from eoffice.registers.kinds import class_book, class_register, table
from eoffice.registers.kinds.class_register import (
    ClassOfYear,
    ClassPupil,
    ClassRegister,
    ClassSubject,
    Marks,
    Trait,
)
from eoffice.registers.kinds.parts import Absence, Leaving, Pupil, School
from eoffice.registers.kinds.report_part import (
    ClassBook,
    Notes,
    Particulars,
    ReportPart,
    SchoolingYear,
    SignedSubject,
)
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.kinds.teacher_book import TaughtClass, TaughtPupil, TeacherBook
from eoffice.registers.states import SignatureKind
from tests.registers import cast, diary_cast, rolls_cast

GONE_ON = date(2025, 3, 3)
MADE_AT = datetime(2018, 5, 28, 1, 0, tzinfo=UTC)
_FAMILY = "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương".split()
_MIDDLE = "Thị Văn Ngọc Minh Hoàng Thanh Quốc Phương Hữu Gia Nhật Khánh".split()
_GIVEN = (
    "An Ánh Ân Bảo Bình Châu Chi Dung Dũng Duyên Đạt Đức Giang Hà Hân Hậu Hiếu Hòa Huy Khánh "
    "Khoa Lâm Linh Long Mai My Nga Ngân Nghĩa Nhi Như Phong Phúc Quân Quyên Tâm Thảo Thủy Tiên "
    "Trí Vy Yến"
).split()
_TRADES = ("làm ruộng", "buôn bán", "công nhân", "giáo viên", "thợ hồ", "nội trợ")


def terms(rule_set: str) -> str:
    """What the office of the tests keeps for a circular."""
    return json.dumps(proposed()[rule_set], ensure_ascii=False, sort_keys=True)


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
    ("TOAN", "Toán", "Toán", SubjectKind.SCORED, 140),
    ("LY", "Vật lí", "Lí", SubjectKind.SCORED, 35),
    ("HOA", "Hóa học", "Hóa", SubjectKind.SCORED, 70),
    ("SINH", "Sinh học", "Sinh", SubjectKind.SCORED, 70),
    ("VAN", "Ngữ văn", "Văn", SubjectKind.SCORED, 140),
    ("SU", "Lịch sử", "Sử", SubjectKind.SCORED, 52),
    ("DIA", "Địa lí", "Địa", SubjectKind.SCORED, 52),
    ("NN1", "Tiếng Anh", "Anh", SubjectKind.SCORED, 105),
    ("GDCD", "Giáo dục công dân", "GDCD", SubjectKind.SCORED, 35),
    ("CN", "Công nghệ", "CN", SubjectKind.SCORED, 52),
    ("TIN", "Tin học", "Tin", SubjectKind.SCORED, 70),
    ("TD", "Thể dục", "TD", SubjectKind.COMMENT, 70),
    ("NHAC", "Âm nhạc", "Nhạc", SubjectKind.COMMENT, 35),
    ("MT", "Mĩ thuật", "MT", SubjectKind.COMMENT, 35),
)


def roll_book_of(
    pupils: int = 43,
    *,
    edition: Edition = ORIGINAL,
    seed: int = 58,
    version: int = 1,
    upper: bool = False,
) -> ClassRegister:
    """A class of 2017-2018 (Circular 58) or 2020-2021 (as amended), a whole year without gaps.

    The fifth left in January, the last came in semester II with the results of another school, and
    whoever has to be tested again was.
    """
    dice = random.Random(seed)
    years = "2017-2018" if edition is ORIGINAL else "2020-2021"
    subjects = tuple(
        ClassSubject(
            code, name, short, kind, periods, f"{dice.choice(_FAMILY)} Thị {dice.choice(_GIVEN)}"
        )
        for code, name, short, kind, periods in (_ROLL_SUBJECTS[:-2] if upper else _ROLL_SUBJECTS)
    )
    people = _people(dice, pupils, born=int(years[:4]) - (15 if upper else 13))
    people[4] = _left(people[4], date(int(years[5:]), 1, 12))
    book = ClassRegister(
        rule_set=edition.rule_set,
        terms=terms(edition.rule_set),
        version=version,
        school=replace(SCHOOL_OF_2017, name="Trường THPT Lấp Vò 1") if upper else SCHOOL_OF_2017,
        of_class=ClassOfYear(
            name="10A2" if upper else "8A2",
            grade=10 if upper else 8,
            school_year=years,
            homeroom_teacher="Trần Thị Mỹ Hạnh",
            principal="Huỳnh Quốc Thắng",
            stream="Cơ bản" if upper else "",
            advanced="Toán, Vật lí, Hóa học" if upper else "",
        ),
        subjects=subjects,
        qualities=(),
        general_competences=(),
        special_competences=(),
        pupils=tuple(
            _roll_pupil(dice, subjects, person, edition, is_new=place == pupils - 1)
            for place, person in enumerate(people)
        ),
        absences=_absences(dice, people, int(years[:4])),
    )
    return _retested(dice, book)


def teacher_book_of(*, seed: int = 22, comment: bool = False, version: int = 1) -> TeacherBook:
    """Three classes of about forty pupils, in maths or in sports."""
    dice = random.Random(seed)
    kind = SubjectKind.COMMENT if comment else SubjectKind.SCORED
    return TeacherBook(
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


def primary_table_of(pupils: int = 36, *, grade: int = 4, seed: int = 27) -> ClassRegister:
    """A primary class with all four times of the year; the eighth left in semester II."""
    dice = random.Random(seed)
    people = _people(dice, pupils, born=2024 - grade - 5)
    people[7] = _left(people[7], date(2025, 2, 3))
    subjects = tuple(
        ClassSubject(code, name, short, SubjectKind.COMMENT, 70, teacher or "Phạm Thị Thu Hà")
        for code, name, short, teacher in _PRIMARY
        if grade >= 4 or code not in {"LSDL", "KHOA_HOC"}
        if grade >= 3 or code != "TIN_CN"
    )
    competences = tuple(
        Trait(code, name)
        for code, name in tt27.COMPETENCES.items()
        if grade >= 3 or code not in {"CONG_NGHE", "TIN_HOC"}
    )
    qualities = tuple(Trait(*one) for one in tt27.QUALITIES.items())
    return ClassRegister(
        rule_set=tt27.RULE_SET,
        terms=terms(tt27.RULE_SET),
        version=1,
        school=SCHOOL_OF_2025,
        of_class=ClassOfYear(f"{grade}A", grade, "2024-2025", "Phạm Thị Thu Hà", "Đặng Văn Nghĩa"),
        subjects=subjects,
        qualities=qualities,
        general_competences=competences[:3],
        special_competences=competences[3:],
        pupils=tuple(
            _primary_pupil(
                dice, grade, subjects, [one.code for one in (*qualities, *competences)], person
            )
            for person in people
        ),
        absences=_absences(dice, people, 2024),
    )


def roll_book_of_22(pupils: int = 12) -> ClassRegister:
    """The values of a class of grade 9 as Circular 22 judges them; it keeps another book."""
    book = roll_book_of(pupils, edition=AMENDED, seed=5)
    conduct = {ConductTime.FIRST: ConductLevel.GOOD, ConductTime.SECOND: ConductLevel.FAIR}
    return replace(
        book,
        rule_set=tt22.RULE_SET,
        terms=terms(tt22.RULE_SET),
        of_class=replace(book.of_class, name="9A2", grade=9, school_year="2024-2025"),
        pupils=tuple(replace(one, conduct=conduct) for one in book.pupils),
    )


def report_part_of(
    of_class: ClassRegister | None = None, *, place: int = 0, version: int = 1
) -> ReportPart:
    """The year's part of one pupil of a class; of one of the roll book without any."""
    register = roll_book_of() if of_class is None else of_class
    one = register.pupils[place]
    first = int(register.of_class.school_year[:4])
    grade = register.of_class.grade
    return ReportPart(
        version=version,
        rule_set=register.rule_set,
        terms=register.terms,
        school=register.school,
        of_class=register.of_class,
        particulars=Particulars("1204", "Việt Nam", "Lấp Vò, Đồng Tháp", "Ấp An Thạnh"),
        history=tuple(
            SchoolingYear(
                f"{year}-{year + 1}",
                f"{grade - first + year}A2",
                register.school.name,
                f"{year:064x}" if year < first else "",
            )
            for year in (first - 1, first)
        ),
        subjects=register.subjects,
        qualities=register.qualities,
        general_competences=register.general_competences,
        special_competences=register.special_competences,
        entry=one,
        absences=tuple(each for each in register.absences if each.pupil == one.pupil.code),
        notes=Notes(
            subjects={
                each.code: "Tiếp thu bài tốt, cần trình bày bài làm cẩn thận hơn."
                for each in register.subjects
            },
            homeroom="Ngoan, lễ phép, hòa đồng; cần mạnh dạn phát biểu hơn.",
            qualities="Chăm chỉ, trung thực." if register.qualities else "",
            competences="Tự học tốt." if register.qualities else "",
            height="138 cm" if register.qualities else "",
            weight="32 kg" if register.qualities else "",
            contests="Giải ba môn Toán cấp huyện",
        ),
        class_book=ClassBook(
            1,
            "ab" * 32,
            {}
            if register.qualities
            else {each.code: SignedSubject(each.teacher, MADE_AT) for each in register.subjects},
        ),
        subjects_sign=False,
        opened_on=date(first, 9, 5),
    )


def class_book_of(pupils: int = 42, *, seed: int = 22) -> class_book.ClassBook:
    """The class of `cast` under Circular 22; the fourth left, and whoever has to be assessed again
    and to train in summer did.
    """
    book = class_book.of_gradebook(cast.source(pupils, seed=seed))
    book = replace(book, terms=terms(tt22.RULE_SET))
    found = class_register.compute(book)
    return replace(
        book,
        pupils=tuple(
            _made_good(one, result) if place != 3 else replace(one, pupil=_left(one.pupil, GONE_ON))
            for place, (one, result) in enumerate(zip(book.pupils, found.pupils, strict=True))
        ),
    )


def _made_good(one: ClassPupil, found: class_register.PupilResult) -> ClassPupil:
    """Assessed again in each subject that was too low, and trained in summer, with success."""
    if found.outcome is not Outcome.SUMMER:
        return one
    marks = {code: dict(by) for code, by in one.marks.items()}
    for code, stated in found.subjects.items():
        is_low = stated.year is not None and stated.year.replace(".", "").isdigit()
        if stated.year == "failed" or (is_low and Decimal(str(stated.year)) < 5):
            value = "passed" if stated.year == "failed" else "6"
            second = dict(marks[code][Semester.SECOND])
            marks[code][Semester.SECOND] = {**second, Part.REASSESSED: (value,)}
    conduct = dict(one.conduct)
    if Need.RE_ASSESSMENT not in found.needs or len(found.needs) > 1:
        conduct[ConductTime.SUMMER] = ConductLevel.ACHIEVED
    return replace(one, marks=marks, conduct=conduct, is_summer_over=True)


_MAKERS: dict[RegisterKind, Callable[[], object]] = {
    RegisterKind.ROLL_BOOK: roll_book_of,
    RegisterKind.CLASS_BOOK: class_book_of,
    RegisterKind.TEACHER_BOOK: teacher_book_of,
    RegisterKind.PRIMARY_TABLE: primary_table_of,
    RegisterKind.ENROLMENT_REGISTER: rolls_cast.enrolment_register_of,
    RegisterKind.MOVES_REGISTER: rolls_cast.moves_register_of,
    RegisterKind.CERTIFICATES_REGISTER: rolls_cast.certificates_register_of,
    RegisterKind.REPORT_PART: report_part_of,
    RegisterKind.CLASS_DIARY: diary_cast.class_diary_of,
    RegisterKind.HOMEROOM_BOOK: diary_cast.homeroom_book_of,
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
    RegisterKind.ROLL_BOOK: ("pupils/0/marks/TOAN/1/final/0", "1.5"),
    RegisterKind.CLASS_BOOK: ("pupils/0/marks/TOAN/1/final/0", "1.5"),
    RegisterKind.PRIMARY_TABLE: ("pupils/0/marks/TOAN/2/final/0", "not_done"),
    RegisterKind.REPORT_PART: ("entry/marks/TOAN/1/final/0", "1.5"),
}


def with_another_result(kind: table.Kind[Any, Any], of: table.Json) -> table.Json:
    """Data in which one mark is another and everything that follows is computed from it."""
    if kind.kind is RegisterKind.TEACHER_BOOK:
        scored = of["entered"]["kind"] == "scored"
        path = "entered/classes/0/pupils/0/marks/1/final/0"
        altered = changed(of, path, "1.5" if scored else "failed")
    else:
        path, value = _ANOTHER[kind.kind]
        if of["entered"].get("entry", {}).get("traits"):
            value = "not_done"  # A primary report book.
        altered = changed(of, f"entered/{path}", value)
    entered = table.entered_of(altered)
    return table.data_of(kind, entered, made_at=MADE_AT)


def year_of(of: table.Json) -> str:
    entered = of["entered"]
    return str(entered.get("school_year") or entered["of_class"]["school_year"])


def fields_of(kind: table.Kind[Any, Any], of: table.Json) -> set[str]:
    """The names of the signature fields that the kind's order of signing asks for."""
    names = {
        SignatureKind.TEACHER: {"teacher"},
        SignatureKind.KEEPER: {"keeper"},
        SignatureKind.HOMEROOM: {"homeroom"},
        SignatureKind.PRINCIPAL: {"principal"},
        SignatureKind.SEAL: {"school_seal"},
        SignatureKind.SUBJECT: {
            f"subject_{subject['code']}" for subject in of["entered"].get("subjects", ())
        },
    }
    return set().union(*(names[one] for one in kind.signing))


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


def _tenths(dice: random.Random, strength: int, step: int) -> str:
    tenths = min(100, max(20, round(dice.gauss(strength, 10) / step) * step))
    return str((Decimal(tenths) / 10).quantize(Decimal("0.1")))


def _roll_pupil(
    dice: random.Random,
    subjects: tuple[ClassSubject, ...],
    person: Pupil,
    edition: Edition,
    *,
    is_new: bool,
) -> ClassPupil:
    strength = dice.randint(42, 90)
    marks: dict[str, dict[Semester, Marks]] = {}
    there = [Semester.FIRST] if person.left is not None else list(Semester)
    for subject in subjects:
        for semester in there:
            brought = is_new and semester is Semester.FIRST
            make = _brought_marks if brought else _roll_marks
            marks.setdefault(subject.code, {})[semester] = make(dice, subject, strength, edition)
    conduct = dice.choice(
        [ConductLevel.GOOD] * 7 + [ConductLevel.FAIR] * 2 + [ConductLevel.AVERAGE]
    )
    times = (
        [ConductTime.FIRST]
        if person.left is not None
        else [ConductTime.FIRST, ConductTime.SECOND, ConductTime.YEAR]
    )
    return ClassPupil(pupil=person, marks=marks, conduct=dict.fromkeys(times, conduct))


def _brought_marks(dice: random.Random, subject: ClassSubject, strength: int, _: Edition) -> Marks:
    is_scored = subject.kind is SubjectKind.SCORED
    return {Part.STATED: (_tenths(dice, strength, 1) if is_scored else "passed",)}


def _roll_marks(
    dice: random.Random, subject: ClassSubject, strength: int, edition: Edition
) -> Marks:
    many = 4 if subject.periods_per_year > 104 else 3 if subject.periods_per_year > 35 else 2
    if subject.kind is SubjectKind.COMMENT:
        final = "failed" if dice.random() < 0.01 else "passed"
        if edition is AMENDED:
            return {
                Part.REGULAR: ("passed",) * 2,
                Part.MIDTERM: ("passed",),
                Part.FINAL: (final,),
            }
        return {
            Part.ORAL: ("passed",),
            Part.WRITTEN: ("passed",) * 2,
            Part.PERIODIC: (final,),
            Part.FINAL: (final,),
        }
    final = _tenths(dice, strength, 5)
    if edition is AMENDED:
        count = 4 if subject.periods_per_year > 70 else many if many < 4 else 3
        return {
            Part.REGULAR: tuple(_tenths(dice, strength, 5) for _ in range(count)),
            Part.MIDTERM: (_tenths(dice, strength, 5),),
            Part.FINAL: (final,),
        }
    return {
        Part.ORAL: (_tenths(dice, strength, 10),),
        Part.WRITTEN: tuple(_tenths(dice, strength, 10) for _ in range(many - 1)),
        Part.PERIODIC: tuple(_tenths(dice, strength, 5) for _ in range(4 if many == 4 else 2)),
        Part.FINAL: (final,),
    }


def _retested(dice: random.Random, book: ClassRegister) -> ClassRegister:
    """Marks of re-tests, in the weakest two subjects, for whoever has to do one."""
    pupils = []
    for one, stated in zip(book.pupils, class_register.compute(book).pupils, strict=True):
        if stated.outcome is Outcome.SUMMER:
            years = {
                code: Decimal(result.year)
                for code, result in stated.subjects.items()
                if result.year is not None and result.year[0].isdigit()
            }
            weakest = sorted(years, key=lambda code: years[code])[:2]
            pupils.append(with_again(one, {code: _tenths(dice, 58, 5) for code in weakest}))
        else:
            pupils.append(one)
    return replace(book, pupils=tuple(pupils))


def with_again(one: ClassPupil, again: Mapping[str, str]) -> ClassPupil:
    """The pupil with results of the re-test by subject code, and the summer over."""
    return replace(
        with_marks(
            one, {(code, Semester.SECOND, Part.REASSESSED): (v,) for code, v in again.items()}
        ),
        is_summer_over=True,
    )


def with_marks(
    one: ClassPupil, given: Mapping[tuple[str, Semester, Part], tuple[str | None, ...]]
) -> ClassPupil:
    """The pupil with other values of some parts."""
    marks = {code: {at: dict(parts) for at, parts in by.items()} for code, by in one.marks.items()}
    for (code, semester, part), values in given.items():
        marks.setdefault(code, {}).setdefault(semester, {})[part] = values
    return replace(one, marks=marks)


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
        pupils.append(
            TaughtPupil(
                person.code,
                person.name,
                person.born_on,
                {semester: _taught_marks(dice, kind, strength, regular) for semester in semesters},
                dict.fromkeys(semesters, remark),
                left,
            )
        )
    return TaughtClass(
        name, int(name[0]), tt22.RULE_SET, terms(tt22.RULE_SET), periods, tuple(pupils)
    )


def _taught_marks(dice: random.Random, kind: SubjectKind, strength: int, regular: int) -> Marks:
    if kind is SubjectKind.COMMENT:
        return {
            Part.REGULAR: ("passed",) * regular,
            Part.MIDTERM: ("passed",),
            Part.FINAL: ("passed",),
        }
    return {
        Part.REGULAR: tuple(_tenths(dice, strength, 5) for _ in range(regular)),
        Part.MIDTERM: (_tenths(dice, strength, 5),),
        Part.FINAL: (_tenths(dice, strength, 1),),
    }


def _primary_pupil(
    dice: random.Random,
    grade: int,
    subjects: tuple[ClassSubject, ...],
    traits: list[str],
    person: Pupil,
) -> ClassPupil:
    strength = dice.randint(20, 98)

    def level() -> float:
        return strength + dice.gauss(0, 8)

    def judged() -> tuple[str]:
        found = level()
        return ("well_done" if found > 60 else "done" if found > 15 else "not_done",)

    def trait() -> TraitLevel:
        found = level()
        achieved = TraitLevel.ACHIEVED if found > 12 else TraitLevel.NEEDS_EFFORT
        return TraitLevel.GOOD if found > 55 else achieved

    def test() -> tuple[str]:
        return (f"{max(2, min(10, round(5 + level() / 20)))}.0",)

    taught = [subject.code for subject in subjects]
    marks: dict[str, dict[Semester, dict[Part, tuple[str, ...]]]] = {}
    for semester in [Semester.FIRST] if person.left is not None else list(Semester):
        for subject in subjects:
            parts = marks.setdefault(subject.code, {}).setdefault(semester, {})
            parts[Part.MIDTERM], parts[Part.FINAL] = judged(), judged()
            at_end = tt27.subjects_tested(grade, tt27.Period.END_OF_YEAR, taught)
            in_middle = tt27.subjects_tested(grade, tt27.Period.MIDDLE_OF_FIRST, taught)
            if subject.code in at_end:
                parts[Part.FINAL_TEST] = test()
            if subject.code in in_middle:
                parts[Part.MIDTERM_TEST] = test()
    times = [time for time in TraitTime if time is not TraitTime.SUMMER]
    return ClassPupil(
        person,
        marks,
        traits={
            code: {
                time: trait() for time in times if person.left is None or time.value.endswith("1")
            }
            for code in traits
        },
        is_chosen=dice.random() < 0.5,
        award="Thi đọc sách cấp huyện: giải Nhì" if dice.random() < 0.05 else "",
    )
