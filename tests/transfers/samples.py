"""A package of a pupil as values, without database, keys or typesetter."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from eoffice.assessment import proposals
from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.particulars import Relation
from eoffice.marks.results import Session
from eoffice.transfers import data, package

PACKAGE_ID = "0198c0de-0000-7000-8000-0000000000f1"
SCHOOL = data.School(
    "Trường THCS Nguyễn Thị Minh Khai", "THCS-01", None, "Phòng GDĐT thành phố Cao Lãnh", "Cao Lãnh"
)
SUBJECTS = (
    data.Taught("TOAN", "Toán học", SubjectKind.SCORED, 140, False, None),
    data.Taught("GDTC", "Giáo dục thể chất", SubjectKind.COMMENT, 70, False, None),
)


def marks(first: Decimal = Decimal("8.5")) -> tuple[data.GivenMark, ...]:
    """Semester I complete in both subjects."""
    scored = [(Part.REGULAR, place) for place in range(1, 5)]
    scored += [(Part.MIDTERM, 1), (Part.FINAL, 1)]
    words = [(Part.REGULAR, 1), (Part.REGULAR, 2), (Part.MIDTERM, 1), (Part.FINAL, 1)]
    return (
        *(
            data.GivenMark(
                "TOAN",
                Semester.FIRST,
                part,
                place,
                first if (part, place) == (Part.REGULAR, 1) else Decimal(8),
                None,
            )
            for part, place in scored
        ),
        *(
            data.GivenMark("GDTC", Semester.FIRST, part, place, None, Verdict.PASSED)
            for part, place in words
        ),
    )


def year(**changes: Any) -> data.YearSoFar:
    plain = data.YearSoFar(
        school_year="2024-2025",
        class_name="7A1",
        grade=7,
        rule_set="TT22/2021",
        terms=json.dumps(proposals.proposed()["TT22/2021"]),
        specialised=None,
        subjects=SUBJECTS,
        marks=marks(),
        conduct=(data.JudgedConduct(ConductTime.FIRST, ConductLevel.GOOD),),
        traits=(),
        absences=(data.MissedSession(date(2024, 10, 7), Session.MORNING, True),),
        remarks=(data.Remark("", "Chăm chỉ, hòa đồng."),),
        results=(),
    )
    made = replace(plain, **changes)
    return made if made.results else replace(made, results=data.results_of(made))


def transfer(**changes: Any) -> data.PupilPackage:
    leaving = data.Move(
        MovementKind.OUT, date(2025, 1, 20), SCHOOL.name, "7A1", "", "Trường THCS Lấp Vò",
        "Chuyển theo gia đình", "15/GT-THCS",
    )  # fmt: skip
    made = data.PupilPackage(
        format=package.FORMAT,
        package_id=PACKAGE_ID,
        made_at=datetime(2025, 1, 20, 2, 0, tzinfo=UTC),
        from_school=SCHOOL,
        to_school="Trường THCS Lấp Vò",
        pupil=data.Particulars(
            code="HS001", personal_id="087212001234", name="Trần Mỹ Chi",
            born_on=date(2012, 7, 8), sex="Nữ", birthplace="Đồng Tháp", ethnicity="Kinh",
            policy_group="", address="Phường 1, Cao Lãnh", permanent_address="",
            father="Trần Văn Ba", mother="Lê Thị Tư",
            guardians=(data.FamilyMember(Relation.MOTHER, "Lê Thị Tư", "0912345678", ""),),
        ),
        leaving=leaving,
        stays=(data.Stay(SCHOOL.name, "2024-2025", "7A1", date(2024, 9, 5), date(2025, 1, 20)),),
        moves=(leaving,),
        year=year(),
        reports=(),
        books=(),
    )  # fmt: skip
    return replace(made, **changes)


def members(told: data.PupilPackage | None = None, cover: bytes = b"%PDF-") -> dict[str, bytes]:
    plain = {
        package.README_NAME: package.README.encode(),
        package.DATA: data.encoded(told or transfer()),
    }
    return {
        **plain,
        package.MANIFEST: package.manifest(PACKAGE_ID, plain),
        package.COVER: cover,
    }
