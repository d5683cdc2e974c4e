"""A class of a lower secondary school, made from a seed: 42 pupils, 13 subjects."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from eoffice.assessment.marks import Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import CommentMarks, Level, ScoredMarks
from eoffice.classes import subjects
from eoffice.classes.collation import name_key
from eoffice.marks.results import Absence, Marks, Session, TaughtSubject
from eoffice.registers import gradebook
from eoffice.registers.gradebook import ClassOfYear, Pupil, Remark, School, Source

MADE_AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
_FAMILY = "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ".split()
_MIDDLE = "Thị Văn Ngọc Minh Hoàng Thanh Quốc Phương Hữu Gia".split()
_GIVEN = (
    "An Ánh Ân Bảo Bình Châu Chi Dung Dũng Duyên Đạt Đức Giang Hà Hân Hậu Hiếu Hòa Huy Khánh "
    "Khoa Lâm Linh Long Mai My Nga Ngân Nghĩa Nhi Như Phong Phúc Quân Quyên Tâm Thảo Thủy Tiên "
    "Trí Vy Yến"
).split()


def taught() -> tuple[TaughtSubject, ...]:
    return tuple(
        TaughtSubject(s.code, s.name, s.kind, s.periods_per_year, f"Giáo viên {s.name}")
        for s in subjects.LOWER_SECONDARY
    )


def source(pupils: int = 42, *, seed: int = 22, version: int = 1) -> Source:
    """A whole year without gaps; the same for the same seed."""
    dice = random.Random(seed)
    people = sorted((_pupil(dice, number) for number in range(pupils)), key=_by_name)
    return Source(
        version=version,
        made_at=MADE_AT,
        school=School(
            "Trường THCS Nguyễn Thị Minh Khai",
            "Phòng Giáo dục và Đào tạo huyện Lấp Vò",
            "Lấp Vò",
            "000.10.14.H20",
        ),
        class_=ClassOfYear("7A1", 7, "2024-2025", "Trần Thị Mỹ Hạnh", "Huỳnh Quốc Thắng"),
        subjects=taught(),
        pupils=tuple(people),
        marks={
            (pupil.code, subject.code, semester): _marks(dice, subject, strength)
            for pupil in people
            for strength in [dice.randint(45, 92)]
            for subject in taught()
            for semester in Semester
        },
        conduct={
            (pupil.code, semester): dice.choice([Level.GOOD] * 6 + [Level.FAIR] * 2)
            for pupil in people
            for semester in Semester
        },
        absences=tuple(
            Absence(
                dice.choice(people).code,
                date(2024, 9, 5) + timedelta(days=day),
                Session.MORNING,
                dice.random() < 0.8,
            )
            for day in range(0, 260, 3)
            if (date(2024, 9, 5) + timedelta(days=day)).weekday() < 6
        ),
        remarks=(Remark(date(2024, 10, 1), "Ghi điểm đúng tiến độ, đủ chữ ký."),),
    )


def data(pupils: int = 42, *, seed: int = 22) -> gradebook.Json:
    return gradebook.data_of(source(pupils, seed=seed))


def _pupil(dice: random.Random, number: int) -> Pupil:
    name = f"{dice.choice(_FAMILY)} {dice.choice(_MIDDLE)} {dice.choice(_GIVEN)}"
    return Pupil(
        code=f"2400{number + 1:04}",
        name=name,
        born_on=date(2012, 1, 1) + timedelta(days=dice.randrange(366)),
        sex=dice.choice(["Nam", "Nữ"]),
        birthplace="Lấp Vò, Đồng Tháp",
        ethnicity="Kinh",
        address=f"Ấp {dice.randint(1, 9)}, xã Mỹ An Hưng",
        father=f"{dice.choice(_FAMILY)} Văn {dice.choice(_GIVEN)}, làm ruộng",
        mother=f"{dice.choice(_FAMILY)} Thị {dice.choice(_GIVEN)}, buôn bán",
    )


def _by_name(pupil: Pupil) -> tuple[object, str]:
    return name_key(pupil.name), pupil.code


def _marks(dice: random.Random, subject: TaughtSubject, strength: int) -> Marks:
    if subject.kind is SubjectKind.COMMENT:
        verdict = Verdict.FAILED if dice.random() < 0.01 else Verdict.PASSED
        return CommentMarks((verdict,) * subject.regular_marks, Verdict.PASSED, verdict)

    def mark(step: int) -> Decimal:
        tenths = min(100, max(10, round(dice.gauss(strength, 9) / step) * step))
        return Decimal(tenths) / 10 + Decimal("0.0")

    return ScoredMarks(tuple(mark(5) for _ in range(subject.regular_marks)), mark(5), mark(1))
