"""The pages of one year's part of a học bạ, cell by cell: who the pupil is, then the year.

Secondary schools: annexes of Circular 22/2021 and the books of Circular 58/2011 before it; primary
schools: annex of Circular 27/2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from eoffice.assessment import circulars, tt58
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import COMPLETIONS, Need, Outcome, TraitLevel, TraitTime
from eoffice.clock import civil_date
from eoffice.registers.kinds import cells
from eoffice.registers.kinds.class_register import ClassSubject, PeriodResult, PupilResult
from eoffice.registers.kinds.parts import Term
from eoffice.registers.kinds.report_part import (
    AFTER,
    AVERAGE,
    CONDUCT,
    LEARNING,
    OF_ALL,
    PRIMARY_PARTS,
    RESULT,
    ReportPart,
)
from eoffice.registers.kinds.sheets import Cell, Entry, Row, Sheet, average, civil

_TRAITS: Final = {
    TraitLevel.GOOD: "Tốt",
    TraitLevel.ACHIEVED: "Đạt",
    TraitLevel.NEEDS_EFFORT: "Cần cố gắng",
}
_NEEDS_58: Final = {
    Need.RE_ASSESSMENT: "kiểm tra lại",
    Need.CONDUCT_TRAINING: "rèn luyện hạnh kiểm trong hè",
}
_NEEDS_22: Final = {
    Need.RE_ASSESSMENT: "đánh giá lại",
    Need.CONDUCT_TRAINING: "rèn luyện trong kì nghỉ hè",
}


def sheets(part: ReportPart, result: PupilResult) -> tuple[Sheet, ...]:
    year = (
        (_primary_subjects(part, result), _primary_summary(part, result))
        if part.is_primary
        else (_subjects(part, result), _summary(part, result))
    )
    return (_particulars(part), _history(part), *year)


# --- Who the pupil is ----------------------------------------------------------------------------


def _particulars(part: ReportPart) -> Sheet:
    pupil, more = part.entry.pupil, part.particulars
    said = (
        ("Họ và tên", pupil.name),
        ("Giới tính", pupil.sex),
        ("Ngày, tháng, năm sinh", civil(pupil.born_on)),
        ("Nơi sinh", pupil.birthplace),
        ("Dân tộc", pupil.ethnicity),
        ("Quốc tịch", more.nationality),
        ("Quê quán", more.hometown),
        ("Đối tượng ưu tiên", pupil.policy_group),
        ("Nơi thường trú", more.permanent_address),
        ("Chỗ ở hiện nay", pupil.address),
        ("Họ và tên cha, nghề nghiệp", pupil.father),
        ("Họ và tên mẹ, nghề nghiệp", pupil.mother),
        ("Người giám hộ", pupil.guardian),
        ("Mã học sinh", pupil.code),
        ("Số đăng bộ", more.register_number),
    )
    return Sheet(
        "particulars",
        "THÔNG TIN HỌC SINH",
        tuple(Row((label, value)) for label, value in said if value),
    )


def _history(part: ReportPart) -> Sheet:
    return Sheet(
        "history",
        "QUÁ TRÌNH HỌC TẬP",
        tuple(
            Row((one.school_year, one.class_name, one.school, one.sha256)) for one in part.history
        ),
    )


# --- Secondary schools ---------------------------------------------------------------------------


def _subjects(part: ReportPart, result: PupilResult) -> Sheet:
    def of(subject: ClassSubject) -> Iterator[Cell]:
        stated = result.subjects[subject.code]
        yield subject.name
        for semester in Semester:
            brought = part.entry.places(subject.code, semester, Part.STATED)
            mark = cells.BROUGHT if any(v not in (None, "exempt") for v in brought) else ""
            text = f"{cells.result(stated.semesters[semester])}{mark}"
            yield _corrected(part, text, (subject.code, Term(semester.value), RESULT))
        yield _corrected(part, cells.result(stated.year), (subject.code, Term.YEAR, RESULT))
        yield _corrected(part, cells.result(stated.after), (subject.code, Term.YEAR, AFTER))
        yield part.notes.subjects.get(subject.code, "")
        yield _teacher(part, subject)

    return Sheet(
        "subjects",
        f"KẾT QUẢ CÁC MÔN HỌC VÀ HOẠT ĐỘNG GIÁO DỤC, NĂM HỌC {part.of_class.school_year}",
        tuple(Row(tuple(of(subject))) for subject in part.subjects),
        lines=(*_brought(part), _cited(part), _counted(part)),
        columns={
            "again": "Kiểm tra lại" if _is_58(part) else "Đánh giá lại",
            "fields": [f"subject_{one.code}" for one in part.subjects]
            if part.subjects_sign
            else [],
        },
    )


def _summary(part: ReportPart, result: PupilResult) -> Sheet:
    circular = circulars.rule_set(part.rule_set)
    learning = {word.code: word.text for word in circular.learning_levels}
    conduct = {word.code: word.text for word in circular.conduct_levels}
    titles = {word.code: word.text for word in circular.titles}
    periods = [*(result.semesters[semester] for semester in Semester), result.year]
    terms = (Term.FIRST, Term.SECOND, Term.YEAR)

    def line(name: str, column: str, words: Mapping[str, str]) -> Row:
        def said(period: PeriodResult | None) -> str:
            if period is None:
                return ""
            code = period.learning if column == LEARNING else period.conduct
            return words.get(code or "", "")

        values = [
            _corrected(part, said(period), (OF_ALL, term, column), words)
            for term, period in zip(terms, periods, strict=True)
        ]
        return Row((name, *values, said(result.after)))

    is_58 = _is_58(part)
    averages = Row(
        (
            "Điểm trung bình các môn",
            *(
                _corrected(part, average(period.average), (OF_ALL, term, AVERAGE))
                for term, period in zip(terms, periods, strict=True)
            ),
            average(None if result.after is None else result.after.average),
        )
    )
    rows = (
        *((averages,) if is_58 else ()),
        line("Học lực" if is_58 else "Kết quả học tập", LEARNING, learning),
        line("Hạnh kiểm" if is_58 else "Kết quả rèn luyện", CONDUCT, conduct),
    )
    title = titles.get(result.year.title or "", "")
    return Sheet(
        "summary",
        f"TỔNG HỢP NĂM HỌC {part.of_class.school_year}",
        rows,
        lines=(
            _absences(result),
            f"Kết luận: {_conclusion(part, result)}.",
            *_completed(part, result),
            f"Danh hiệu, khen thưởng: {_joined(title, part.entry.award, part.notes.awards)}.",
            f"Chứng chỉ: {part.notes.certificates or 'không'}.",
            f"Kết quả tham gia các kì thi: {part.notes.contests or 'không'}.",
            f"Nhận xét của giáo viên chủ nhiệm: {part.notes.homeroom}",
        ),
        columns={"again": "Sau kiểm tra lại" if is_58 else "Sau đánh giá lại"},
    )


# --- Primary schools -----------------------------------------------------------------------------


def _primary_subjects(part: ReportPart, result: PupilResult) -> Sheet:
    def of(subject: ClassSubject) -> Iterator[Cell]:
        yield subject.name
        for semester in Semester:
            term = Term(semester.value)
            for judged in PRIMARY_PARTS:
                values = part.entry.places(subject.code, semester, judged)
                text = cells.mark(values[0]) if values else ""
                yield _corrected(part, text, (subject.code, term, judged.value))
        yield part.notes.subjects.get(subject.code, "")
        yield _teacher(part, subject)

    return Sheet(
        "primary_subjects",
        f"CÁC MÔN HỌC VÀ HOẠT ĐỘNG GIÁO DỤC, NĂM HỌC {part.of_class.school_year}",
        tuple(Row(tuple(of(subject))) for subject in part.subjects),
        lines=(_absences(result), *_physique(part), _cited(part), _counted(part)),
        columns={
            "fields": [f"subject_{one.code}" for one in part.subjects]
            if part.subjects_sign
            else [],
        },
    )


def _primary_summary(part: ReportPart, result: PupilResult) -> Sheet:
    circular = circulars.rule_set(part.rule_set)
    learning = {word.code: word.text for word in circular.learning_levels}
    titles = {word.code: word.text for word in circular.titles}

    def levels(name: str, traits: tuple[tuple[str, str], ...]) -> Iterator[Row]:
        for code, trait in traits:
            of = part.entry.traits.get(code, {})
            found = (of.get(TraitTime.END_OF_FIRST), of.get(TraitTime.END_OF_YEAR))
            yield Row((name, trait, *("" if one is None else _TRAITS[one] for one in found)))

    groups = (
        ("Phẩm chất chủ yếu", part.qualities),
        ("Năng lực chung", part.general_competences),
        ("Năng lực đặc thù", part.special_competences),
    )
    title = titles.get(result.year.title or "", "")
    return Sheet(
        "primary_summary",
        f"PHẨM CHẤT, NĂNG LỰC VÀ KẾT QUẢ NĂM HỌC {part.of_class.school_year}",
        tuple(
            row
            for name, traits in groups
            for row in levels(name, tuple((one.code, one.name) for one in traits))
        ),
        lines=(
            f"Nhận xét về phẩm chất: {part.notes.qualities}",
            f"Nhận xét về năng lực: {part.notes.competences}",
            f"Đánh giá kết quả giáo dục: {learning.get(result.year.learning or '', '')}.",
            f"Khen thưởng: {_joined(title, part.entry.award, part.notes.awards)}.",
            f"Kết luận: {_conclusion(part, result)}.",
            *_completed(part, result),
            f"Nhận xét của giáo viên chủ nhiệm: {part.notes.homeroom}",
        ),
    )


# --- What both have ------------------------------------------------------------------------------


def _is_58(part: ReportPart) -> bool:
    return part.rule_set in (tt58.ORIGINAL.rule_set, tt58.AMENDED.rule_set)


def _corrected(
    part: ReportPart,
    text: str,
    cell: tuple[str, Term, str],
    words: Mapping[str, str] | None = None,
) -> Cell:
    """The value, with the one before its latest correction; `words` says what codes mean."""
    old = cells.olds(part.corrections, part.entry.pupil.code, *cell)
    if not old:
        return text
    before = old[1] or ""
    shown = cells.mark if cell[2] in PRIMARY_PARTS else cells.result
    was = words.get(before, "") if words is not None else shown(before or None)
    return (Entry(text, was or cells.NOTHING),)


def _teacher(part: ReportPart, subject: ClassSubject) -> str:
    """Who taught it, and when that person signed for it in the book of the class."""
    signed = part.class_book.signed.get(subject.code)
    if signed is None or part.subjects_sign:
        return subject.teacher
    return f"{signed.teacher}, ký sổ {civil(civil_date(signed.signed_at))}"


def _brought(part: ReportPart) -> tuple[str, ...]:
    has = any(
        value not in (None, "exempt")
        for subject in part.subjects
        for semester in Semester
        for value in part.entry.places(subject.code, semester, Part.STATED)
    )
    return (cells.BROUGHT_LINE,) if has else ()


def _cited(part: ReportPart) -> str:
    book = part.class_book
    return (
        f"Ghi theo sổ của lớp {part.of_class.name}, bản {book.version}, đã ký số và khóa; "
        f"SHA-256: {book.sha256}"
    )


def _counted(part: ReportPart) -> str:
    return f"Trang này và trang sau có {len(part.corrections)} nội dung được sửa chữa."


def _absences(result: PupilResult) -> str:
    total = result.excused + result.unexcused
    return (
        f"Tổng số buổi nghỉ học cả năm: {total}, có phép: {result.excused}, "
        f"không phép: {result.unexcused}."
    )


def _physique(part: ReportPart) -> tuple[str, ...]:
    said = (("Chiều cao", part.notes.height), ("Cân nặng", part.notes.weight))
    found = "; ".join(f"{name}: {value}" for name, value in said if value)
    return (f"{found}.",) if found else ()


def _conclusion(part: ReportPart, result: PupilResult) -> str:
    """In the words of the circular."""
    final = result.final
    if final is None:
        return "chưa có"
    is_after = result.outcome_after is not None
    if part.is_primary:
        return {
            Outcome.PROMOTED: "được lên lớp sau đánh giá bổ sung" if is_after else "được lên lớp",
            Outcome.SUMMER: "được hướng dẫn, giúp đỡ và đánh giá bổ sung trước khi xét lên lớp",
            Outcome.HELD_BACK: "chưa được lên lớp",
        }[final]
    is_58 = _is_58(part)
    work = " và ".join((_NEEDS_58 if is_58 else _NEEDS_22)[need] for need in result.needs)
    return {
        Outcome.PROMOTED: f"được lên lớp sau khi {work}" if is_after else "được lên lớp",
        Outcome.SUMMER: f"phải {work}",
        Outcome.HELD_BACK: "ở lại lớp" if is_58 else "không được lên lớp",
    }[final]


def _completed(part: ReportPart, result: PupilResult) -> tuple[str, ...]:
    word = COMPLETIONS.get(part.of_class.grade)
    return () if word is None or word.code != result.completion else (f"{word.text}.",)


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text) or "không"
