"""The cover of a package as PDF/A-3b with the manifest inside and room for the school's seal.

Adapter: typesetter and PDF fields; no database.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pikepdf

from eoffice.assessment.marks import Semester
from eoffice.assessment.year import ConductTime
from eoffice.clock import civil_date
from eoffice.documents import types
from eoffice.printing import pdf_fields, typesetting
from eoffice.transfers import package
from eoffice.transfers.data import PupilPackage, SemesterResult, YearSoFar
from eoffice.transfers.package import Member

SEAL_FIELD: Final = "school_seal"
_FORM: Final = Path(__file__).parent / "forms" / "cover.typ"
_WORDS: Final = {"passed": "Đ", "failed": "CĐ", "exempt": "M"}
_JUDGED: Final = {
    "good": "Tốt", "fair": "Khá", "achieved": "Đạt", "average": "Trung bình", "weak": "Yếu",
    "not_achieved": "Chưa đạt", "well_done": "Hoàn thành tốt", "done": "Hoàn thành",
    "not_done": "Chưa hoàn thành",
}  # fmt: skip
_TIMES: Final = {
    ConductTime.FIRST: "học kì I",
    ConductTime.SECOND: "học kì II",
    ConductTime.YEAR: "cả năm",
    ConductTime.SUMMER: "sau rèn luyện hè",
}


def cover(data: PupilPackage, manifest: bytes, *, maker: str) -> bytes:
    """Unsealed. The same bytes for the same data and manifest. Raises CannotBePrinted."""
    _, members = package.listed(manifest)
    composed = typesetting.compose(
        _FORM,
        _laid_out(data, members, maker),
        at=data.made_at,
        profile=typesetting.Profile.WITH_DATA,
        files={f"/{package.MANIFEST}": manifest},
    )
    return pdf_fields.add_fields(composed.pdf, composed.placeholders)


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def result_word(result: str) -> str:
    """ "8,1", "Đ", "Hoàn thành"."""
    return _WORDS.get(result) or _JUDGED.get(result) or result.replace(".", ",")


def results_by_subject(year: YearSoFar) -> list[tuple[str, str, str]]:
    """Subject with what semester I and semester II came to; of subjects that have a result."""
    found = {(one.subject, one.semester): _word(one) for one in year.results}
    rows = [
        (one.name, found.get((one.code, Semester.FIRST), ""),
         found.get((one.code, Semester.SECOND), ""))
        for one in year.subjects
    ]  # fmt: skip
    return [row for row in rows if row[1] or row[2]]


def remarks_by_subject(year: YearSoFar) -> list[tuple[str, str]]:
    """Who wrote of the pupil, by subject, and what."""
    names = {one.code: f"Giáo viên môn {one.name}" for one in year.subjects}
    return [(names.get(one.subject, "Giáo viên chủ nhiệm"), one.text) for one in year.remarks]


def year_lines(year: YearSoFar) -> list[str]:
    """Conduct and absences, in words."""
    excused = sum(one.excused for one in year.absences)
    conduct = "; ".join(f"{_TIMES[one.time]}: {_JUDGED[one.level]}" for one in year.conduct)
    return [
        f"Rèn luyện (hạnh kiểm): {conduct or 'chưa đánh giá'}.",
        f"Số buổi nghỉ học đến ngày chuyển: {len(year.absences)}, trong đó có phép {excused}, "
        f"không phép {len(year.absences) - excused}.",
    ]


def files_in_words(data: PupilPackage, members: Sequence[Member]) -> list[tuple[str, str, str]]:
    """Name, what it is, and digest of each file."""
    words = {
        package.README_NAME: "Hướng dẫn đọc hồ sơ",
        package.DATA: "Lý lịch, quá trình học, kết quả đến ngày chuyển",
        **{
            one.member: f"Học bạ lớp {one.class_name}, năm học {one.school_year}, {one.school}"
            for one in data.reports
        },
        **{
            one.member: f"Các dòng của học sinh trong sổ lớp {one.class_name}, năm học "
            f"{one.school_year}, {one.school}"
            for one in data.books
        },
    }
    return [(one.name, words.get(one.name, "Tệp kèm theo"), one.sha256) for one in members]


def _word(result: SemesterResult) -> str:
    return result_word(result.result)


def _laid_out(data: PupilPackage, members: Sequence[Member], maker: str) -> dict[str, object]:
    pupil, leaving, year = data.pupil, data.leaving, data.year
    class_name = leaving.from_class
    facts = [
        ("Họ và tên", pupil.name),
        ("Ngày sinh", f"{pupil.born_on:%d/%m/%Y}"),
        ("Giới tính", pupil.sex),
        ("Mã học sinh", pupil.code),
        ("Số định danh cá nhân", pupil.personal_id or "chưa ghi"),
        ("Nơi sinh", pupil.birthplace or "chưa ghi"),
        ("Dân tộc", pupil.ethnicity or "chưa ghi"),
        ("Nơi ở hiện nay", pupil.address or "chưa ghi"),
        ("Cha, mẹ, người giám hộ", _family(data)),
        ("Lý do chuyển", leaving.reason),
        ("Giấy tờ", leaving.decision or "không ghi"),
    ]
    until = f"đến ngày {leaving.on:%d/%m/%Y}"
    results = results_by_subject(year) if year is not None else []
    return {
        "title": f"Phiếu hồ sơ chuyển trường của học sinh {pupil.name}",
        "package": data.package_id,
        "school": data.from_school.name,
        "superior": data.from_school.superior,
        "to-school": data.to_school,
        "sentence": f"{data.from_school.name} giới thiệu học sinh {pupil.name}"
        + (f", đang học lớp {class_name}" if class_name else "")
        + (f", năm học {year.school_year}" if year is not None else "")
        + f", chuyển đến học tại {data.to_school} từ ngày {leaving.on:%d/%m/%Y}. Kèm theo phiếu "
        "này là hồ sơ điện tử của học sinh.",
        "facts": facts,
        "results-heading": "II. Kết quả học tập "
        + (f"năm học {year.school_year}, {until}" if year is not None else ""),
        "results": [[str(n), *row] for n, row in enumerate(results, start=1)],
        "lines": year_lines(year) if year is not None else [],
        "files-heading": "III. Các tệp của hồ sơ" if results else "II. Các tệp của hồ sơ",
        "files": [list(one) for one in files_in_words(data, members)],
        "maker": maker,
        "place-and-date": types.place_and_date(data.from_school.place, civil_date(data.made_at)),
    }


def _family(data: PupilPackage) -> str:
    pupil = data.pupil
    named = [one.name for one in pupil.guardians] or [pupil.father, pupil.mother]
    return ", ".join(filter(None, named)) or "chưa ghi"
