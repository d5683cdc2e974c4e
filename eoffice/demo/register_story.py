"""The second half of the story: a class's marks become a signed and sealed gradebook."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from eoffice import clock
from eoffice.demo import class_7a1, province
from eoffice.demo.class_7a1 import CLASS_NAME, SCHOOL_YEAR, SUBJECTS, DemoPupil
from eoffice.demo.client import Desk
from eoffice.demo.telling import Telling, check

YEAR_END = datetime(2025, 6, 2, 8, 0, tzinfo=clock.VIETNAM)
PRINCIPAL, CLERK, HOMEROOM = "hieutruong.thcs", "vanthu.thcs", "giaovien01.thcs"
TEACHERS = tuple(f"giaovien{index:02}.thcs" for index in range(1, province.SUBJECT_TEACHERS + 1))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_DAY, LAST_DAY = date(2024, 9, 5), date(2025, 5, 30)


def keep_register(telling: Telling) -> str:
    """Step 4: import with faults, correct, compute, render, sign, seal; returns the book's path."""
    telling.set_clock(YEAR_END)
    school_class = open_class(telling)
    _import_marks(telling, school_class)
    _check_results(telling, school_class)
    book = _render(telling, school_class)
    _sign(telling, book)
    return book


def open_class(telling: Telling) -> str:
    with telling.step(
        "4.1-class", "Trường mở lớp 7A1 năm học 2024-2025: 42 học sinh, 13 môn"
    ) as step:
        head = telling.desk(PRINCIPAL)
        by_name = {
            each["full_name"]: each["person_id"] for each in head.get("/api/v1/classes/teachers")
        }
        ids = {p.login: by_name.get(p.full_name) for p in province.persons()}
        made = head.post(
            "/api/v1/classes",
            "story-class",
            {
                "name": CLASS_NAME,
                "grade": class_7a1.GRADE,
                "school_year": SCHOOL_YEAR,
                "homeroom_teacher_id": ids[HOMEROOM],
                "subjects": [
                    {"code": subject.code, "teacher_id": ids[login]}
                    for subject, login in zip(SUBJECTS, TEACHERS, strict=True)
                ],
                "pupils": [_pupil(pupil) for pupil in class_7a1.pupils()],
            },
        )
        check(step, "lớp có 42 học sinh", len(made["pupils"]) == class_7a1.SIZE, made["pupils"])
        check(step, "lớp có 13 môn, mỗi môn một giáo viên", len(made["subjects"]) == 13)
        check(step, "áp dụng Thông tư 22/2021", "22" in made["rule_set"], made["rule_set"])
    return f"/api/v1/classes/{made['id']}"


def _import_marks(telling: Telling, school_class: str) -> None:
    homeroom = telling.desk(HOMEROOM)
    school = homeroom.get("/api/v1/me")["agency_name"]
    with telling.step(
        "4.2-faults", "Giáo viên chủ nhiệm nhập điểm từ Excel; hệ thống chỉ ra ô sai"
    ) as step:
        for subject in SUBJECTS:
            name = f"{subject.code}_{CLASS_NAME}.xlsx"
            content = telling.made_once(
                f"bang-diem/{name}", partial(class_7a1.sheets, school, subject, faulty=True)
            )
            taken = homeroom.upload(
                f"{school_class}/imports", f"story-import-{subject.code}", name, content, XLSX
            )
            errors = [each for each in taken["faults"] if each["severity"] == "error"]
            if subject.code == class_7a1.FAULTY_MARK_OF_ELEVEN:
                _check_fault(step, errors, "điểm 11", "11")
            elif subject.code == class_7a1.FAULTY_DECIMAL_COMMA:
                _check_fault(step, errors, "dấu phẩy thập phân 7,5", "7,5")
            elif subject.code == class_7a1.FAULTY_MISSING_PUPIL:
                missing = class_7a1.pupils()[20].full_name
                _check_fault(step, errors, f"thiếu học sinh {missing}", missing)
            else:
                check(step, f"bảng điểm môn {subject.name} không có lỗi", not errors, errors)
                homeroom.post(
                    f"/api/v1/imports/{taken['id']}/acceptance", f"story-accept-{subject.code}"
                )
                continue
            problem = homeroom.refused(
                f"/api/v1/imports/{taken['id']}/acceptance", f"story-refused-{subject.code}", {}
            )
            check(
                step, "bảng điểm có lỗi không được nhận", problem["status"] in (409, 422), problem
            )

    with telling.step("4.3-corrected", "Bảng điểm đã sửa được nhận") as step:
        for code in (
            class_7a1.FAULTY_MARK_OF_ELEVEN,
            class_7a1.FAULTY_DECIMAL_COMMA,
            class_7a1.FAULTY_MISSING_PUPIL,
        ):
            subject = next(each for each in SUBJECTS if each.code == code)
            name = f"{code}_{CLASS_NAME}_da-sua.xlsx"
            content = telling.made_once(
                f"bang-diem/{name}", partial(class_7a1.sheets, school, subject, faulty=False)
            )
            taken = homeroom.upload(
                f"{school_class}/imports", f"story-corrected-{code}", name, content, XLSX
            )
            errors = [each for each in taken["faults"] if each["severity"] == "error"]
            check(step, f"bảng điểm môn {subject.name} đã sửa hết lỗi", not errors, errors)
            homeroom.post(f"/api/v1/imports/{taken['id']}/acceptance", f"story-accept-{code}")
        record_conduct(homeroom, school_class)
        for subject in homeroom.get(school_class)["subjects"]:
            full = all(count == subject["expected"] for count in subject["entered"].values())
            check(step, f"môn {subject['name']} đủ điểm cả hai học kì", full, subject)


def _check_fault(step: Any, errors: list[dict[str, Any]], what: str, words: str) -> None:
    found = [e for e in errors if words in e["sentence"]]
    check(
        step,
        f"chỉ ra {what} theo trang tính, dòng, cột",
        found and all("sheet" in e for e in found),
        errors,
    )


def record_conduct(homeroom: Desk, school_class: str) -> None:
    if homeroom.get(school_class)["is_bound"]:
        return  # An earlier run of the story has bound the book already.
    for number, semester in enumerate(("1", "2")):
        homeroom.put(
            f"{school_class}/conduct",
            {
                "semester": semester,
                "levels": {p.code: p.conduct[number] for p in class_7a1.pupils()},
            },
        )
    homeroom.put(
        f"{school_class}/absences",
        {
            "first": FIRST_DAY.isoformat(),
            "last": LAST_DAY.isoformat(),
            "absences": [a for pupil in class_7a1.pupils() for a in _absences(pupil)],
        },
    )


def _check_results(telling: Telling, school_class: str) -> None:
    with telling.step(
        "4.4-results", "Tính điểm trung bình và kết quả theo Thông tư 22/2021"
    ) as step:
        results = telling.desk(HOMEROOM).get(f"{school_class}/results")
        telling.keep_json("ket-qua-7a1.json", results)
        check(step, "có kết quả của 42 học sinh", len(results) == class_7a1.SIZE, len(results))
        levels = {each["year"]["learning"] for each in results}
        check(step, "mọi học sinh có kết quả học tập cả năm", None not in levels, levels)
        conduct = {each["year"]["conduct"] for each in results}
        check(step, "mọi học sinh có kết quả rèn luyện cả năm", None not in conduct, conduct)
        check(step, "lớp có nhiều mức kết quả khác nhau", len(levels) > 1, levels)


def _render(telling: Telling, school_class: str) -> str:
    with telling.step(
        "4.5-render", "Lập Sổ theo dõi và đánh giá học sinh (PDF/A, có dữ liệu kèm)"
    ) as step:
        homeroom = telling.desk(HOMEROOM)
        asked = homeroom.post(f"{school_class}/gradebooks", "story-gradebook")
        book = f"/api/v1/gradebooks/{asked['id']}"
        made = homeroom.wait_for(book, lambda found: found["content_sha256"], "các trang của sổ")
        check(step, "sổ có nhiều trang", made["page_count"] > 25, made["page_count"])
        places = [each["field"] for each in made["signatures"]]
        check(
            step, "có chỗ ký cho 13 môn, chủ nhiệm, hiệu trưởng, con dấu", len(places) == 16, places
        )
    return book


def _sign(telling: Telling, book: str) -> None:
    pin = {"pin": telling.access.pin}
    with telling.step("4.6-sign", "13 giáo viên bộ môn ký phần của mình") as step:
        for login in TEACHERS:
            telling.desk(login).post(f"{book}/signatures", f"story-book-{login}", pin)
        now = telling.desk(HOMEROOM).get(book)
        subjects = [s for s in now["signatures"] if s["field"].startswith("subject_")]
        check(
            step,
            "13 chữ ký bộ môn",
            all(s["signed_at"] for s in subjects) and len(subjects) == 13,
            now,
        )

    with telling.step(
        "4.7-close", "Chủ nhiệm, hiệu trưởng ký; văn thư đóng dấu của trường"
    ) as step:
        desks = (telling.desk(HOMEROOM), telling.desk(PRINCIPAL), telling.desk(CLERK))
        for desk in desks:
            if desk.get(book)["state"] != "closed":
                desk.post(f"{book}/signatures", f"story-close-{desk.login}", pin)
        closed = telling.desk(CLERK).get(book)
        check(step, "sổ đã đóng", closed["state"] == "closed", closed["state"])
        check(
            step,
            "đủ 16 chữ ký",
            sum(1 for s in closed["signatures"] if s["signed_at"]) == 16,
            closed["signatures"],
        )
        pdf = telling.desk(CLERK).get_bytes(f"{book}/content")
        telling.keep("so-theo-doi-7a1-da-dong.pdf", pdf)


def _pupil(pupil: DemoPupil) -> dict[str, object]:
    return {
        "code": pupil.code,
        "name": pupil.full_name,
        "born_on": pupil.born_on.isoformat(),
        "sex": "Nữ" if pupil.is_female else "Nam",
        "birthplace": pupil.birth_place,
        "ethnicity": "Kinh",
        "address": pupil.address,
    }


def _absences(pupil: DemoPupil) -> list[dict[str, object]]:
    """On school days that depend on the pupil's code; excused ones first."""
    excused, unexcused = pupil.absences
    start = FIRST_DAY + timedelta(weeks=4 + int(pupil.code[-2:]) % 20)
    monday = start - timedelta(days=start.weekday())
    return [
        {
            "pupil_code": pupil.code,
            "on": (monday + timedelta(weeks=index)).isoformat(),
            "session": "morning",
            "excused": index < excused,
        }
        for index in range(excused + unexcused)
    ]
