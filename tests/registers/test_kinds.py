"""What registers state follows from what was entered; who leaves, comes, or is tested again counts.

The worked numbers are those of the circulars' own examples.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.tt58 import AMENDED, ORIGINAL
from eoffice.assessment.year import (
    ConductLevel,
    ConductTime,
    Need,
    Outcome,
    TraitLevel,
    TraitTime,
)
from eoffice.registers.gradebook import DataUnreadable, NotComplete
from eoffice.registers.kinds import (
    cells,
    class_register,
    primary_table_sheets,
    recheck,
    roll_book_sheets,
    table,
    teacher_book,
    teacher_book_sheets,
)
from eoffice.registers.kinds.class_register import ClassPupil, ClassRegister
from eoffice.registers.kinds.parts import Correction, Term, months_of
from eoffice.registers.kinds.sheets import Entry, Sheet
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.states import SignatureKind
from tests.registers import register_cast as cast

FIRST, SECOND = Semester
STATED = Part.STATED


def with_parts(
    book: ClassRegister, place: int, given: dict[tuple[str, Semester, Part], str]
) -> ClassRegister:
    """The class with other values of a pupil's parts: "8.0 7.0"."""
    values: dict[tuple[str, Semester, Part], tuple[str | None, ...]] = {
        cell: tuple(text.split()) for cell, text in given.items()
    }
    pupils = [*book.pupils]
    pupils[place] = cast.with_marks(pupils[place], values)
    return replace(book, pupils=tuple(pupils))


def with_pupil(book: ClassRegister, place: int, one: ClassPupil) -> ClassRegister:
    return replace(book, pupils=(*book.pupils[:place], one, *book.pupils[place + 1 :]))


def sheet(book: ClassRegister, kind: str, heading: str) -> Sheet:
    (found, *_) = [
        one
        for one in roll_book_sheets.sheets(book, class_register.compute(book))
        if one.kind == kind and heading in one.heading
    ]
    return found


# Sổ gọi tên và ghi điểm


@pytest.mark.parametrize(
    ("code", "oral", "written", "periodic", "final", "average"),
    [
        ("HOA", "8.0", "7.0 9.0", "7.5 8.0", "8.5", "8.1"),
        ("TOAN", "6.0", "7.0 5.0 8.0", "6.5 7.0 6.0", "5.5", "6.3"),
    ],
)
def test_oral_and_written_marks_count_once_periodic_ones_twice_the_examination_three_times(
    code: str, oral: str, written: str, periodic: str, final: str, average: str
) -> None:
    book = with_parts(
        cast.roll_book_of(6),
        0,
        {
            (code, FIRST, Part.ORAL): oral,
            (code, FIRST, Part.WRITTEN): written,
            (code, FIRST, Part.PERIODIC): periodic,
            (code, FIRST, Part.FINAL): final,
        },
    )

    found = class_register.compute(book).pupils[0].subjects[code].semesters[FIRST]

    assert found == average


def test_a_pupil_who_left_is_struck_through_noted_and_counted_apart() -> None:
    book = cast.roll_book_of()
    gone = book.pupils[4].pupil
    assert gone.left is not None

    totals = class_register.compute(book).totals

    assert (totals.listed, totals.left, totals.pupils) == (43, 1, 42)
    assert sheet(book, "marks", "HỌC KÌ I").rows[4].is_struck
    changes = sheet(book, "families", "tiếp theo").rows[4].cells[-1]
    assert changes == f"{gone.left.note}, từ 12/01/2018"
    assert class_register.compute(book).pupils[4].outcome is None
    assert class_register.gaps(book) == []


def test_a_pupil_who_came_brings_the_results_of_another_school() -> None:
    book = cast.roll_book_of()
    (brought,) = book.pupils[-1].marks["TOAN"][FIRST][STATED]
    assert brought is not None

    result = class_register.compute(book).pupils[-1].subjects["TOAN"]
    of_page = sheet(book, "marks", "HỌC KÌ I")

    assert result.semesters[FIRST] == brought
    assert of_page.rows[-1].cells[6] == f"{brought}*".replace(".", ",")
    assert of_page.lines[-1] == "* Kết quả ở trường cũ của học sinh chuyển đến."


def test_whoever_does_the_tests_again_well_moves_up_after_summer() -> None:
    book = cast.roll_book_of()
    results = class_register.compute(book)
    place = next(n for n, one in enumerate(results.pupils) if one.outcome is Outcome.SUMMER)
    weak = [
        code for code, one in results.pupils[place].subjects.items() if one.year and one.year < "5"
    ]
    again = cast.with_again(book.pupils[place], dict.fromkeys(weak, "9.0"))

    found = class_register.compute(with_pupil(book, place, again))

    assert found.pupils[place].outcome_after is Outcome.PROMOTED
    assert found.pupils[place].after is not None
    assert found.totals.promoted_after_summer > results.totals.promoted_after_summer


def test_conduct_trained_in_summer_lets_a_pupil_move_up() -> None:
    book = cast.roll_book_of(8)
    results = class_register.compute(book).pupils
    place = next(n for n, one in enumerate(results) if one.outcome is Outcome.PROMOTED)
    weak = replace(
        book.pupils[place],
        conduct={
            **dict.fromkeys(ConductTime, ConductLevel.WEAK),
            ConductTime.SUMMER: ConductLevel.AVERAGE,
        },
    )

    found = class_register.compute(with_pupil(book, place, weak)).pupils[place]

    assert (found.outcome, found.needs) == (Outcome.SUMMER, (Need.CONDUCT_TRAINING,))
    assert found.outcome_after is Outcome.PROMOTED


def test_the_third_key_subject_counts_by_the_terms_of_the_amended_circular_only() -> None:
    book = cast.roll_book_of(6)
    one = replace(
        book.pupils[0],
        marks={
            subject.code: {
                at: {
                    STATED: (
                        "passed"
                        if subject.kind == "comment"
                        else "7.0"
                        if subject.code in {"TOAN", "VAN"}
                        else "9.0",
                    )
                }
                for at in Semester
            }
            for subject in book.subjects
        },
    )

    def level(rule_set: str) -> str | None:
        of = replace(book, pupils=(one,), rule_set=rule_set, terms=cast.terms(rule_set))
        return class_register.compute(of).pupils[0].year.learning

    assert level(ORIGINAL.rule_set) == "fair"
    assert level(AMENDED.rule_set) == "excellent"


def test_the_amended_circular_has_its_own_columns() -> None:
    book = cast.roll_book_of(6, edition=AMENDED)

    page = sheet(book, "marks", "HỌC KÌ I")

    groups = page.columns["groups"]
    assert groups == [
        {"head": "ĐĐGtx", "parts": [""]},
        {"head": "ĐĐGgk", "parts": [""]},
        {"head": "ĐĐGck", "parts": [""]},
    ]
    assert {len(row.cells) for row in page.rows} == {2 + 2 * 4}


def test_a_corrected_mark_is_printed_with_its_old_value_and_counted_on_its_page() -> None:
    before = cast.roll_book_of(6)
    old = before.pupils[0].marks["TOAN"][FIRST][Part.WRITTEN]
    after = with_parts(
        before, 0, {("TOAN", FIRST, Part.WRITTEN): " ".join(["1.5", *map(str, old[1:])])}
    )
    told = class_register.corrections(before, after)

    page = sheet(replace(after, corrections=told), "marks", "HỌC KÌ I")

    who = before.pupils[0].pupil.code
    assert told == (Correction(who, "TOAN", Term.FIRST, "written", 1, old[0], "1.5"),)
    assert page.rows[0].cells[3][0] == Entry("1,5", cells.mark(old[0]))
    assert page.lines[0] == (
        "Trong trang này có 1 điểm được sửa chữa, trong đó môn: Toán 1 điểm; Vật lí 0 điểm."
    )
    assert sheet(after, "marks", "HỌC KÌ II").lines[0].startswith("Trong trang này có 0 điểm")


def test_a_mark_that_was_missing_or_taken_out_is_a_correction_too() -> None:
    before = cast.roll_book_of(6)
    old = before.pupils[0].marks["TOAN"][FIRST][Part.WRITTEN]
    fewer = with_parts(before, 0, {("TOAN", FIRST, Part.WRITTEN): " ".join(map(str, old[:-1]))})

    (removed,) = class_register.corrections(before, fewer)
    (added,) = class_register.corrections(fewer, before)

    assert (removed.place, removed.old, removed.new) == (len(old), old[-1], None)
    assert (added.old, added.new) == (None, old[-1])
    page = sheet(replace(before, corrections=(added,)), "marks", "HỌC KÌ I")
    assert page.rows[0].cells[3][-1] == Entry(cells.mark(old[-1]), "–")


def test_attendance_has_a_page_for_each_month_from_august_to_may() -> None:
    book = cast.roll_book_of(6)
    pages = [
        one
        for one in roll_book_sheets.sheets(book, class_register.compute(book))
        if one.kind == "attendance"
    ]

    assert pages[0].heading == "ĐIỂM DANH THÁNG 8 NĂM 2017"
    assert pages[-1].heading == "ĐIỂM DANH THÁNG 5 NĂM 2018"
    assert len(pages) == len(months_of("2017-2018")) == 10
    sums = [page.sums[0].cells[-3] for page in pages]
    assert sum(int(str(cell) or "0") for cell in sums) == len(book.absences)


def test_a_book_with_gaps_is_not_made_and_says_where_they_are() -> None:
    book = with_parts(cast.roll_book_of(6), 0, {("TOAN", SECOND, Part.FINAL): ""})
    name = book.pupils[0].pupil.name

    with pytest.raises(NotComplete, match=f"{name}: Toán, học kì II: KThk"):
        cast.data(RegisterKind.ROLL_BOOK, book)


# Sổ theo dõi và đánh giá học sinh (của giáo viên)


def test_a_teacher_may_print_the_book_while_marks_are_open() -> None:
    book = cast.teacher_book_of()
    pupil = book.classes[0].pupils[0]
    open_ = replace(pupil, marks={FIRST: {**pupil.marks[FIRST], Part.FINAL: (None,)}})
    first = replace(book.classes[0], pupils=(open_, *book.classes[0].pupils[1:]))
    book = replace(book, classes=(first, *book.classes[1:]))

    results = teacher_book.compute(book).classes[0]

    assert results.pupils[0].semesters[FIRST] is None
    assert results.assessed == results.there - 1
    assert cast.data(RegisterKind.TEACHER_BOOK, book)["format"] == teacher_book.FORMAT


def test_the_teachers_book_has_a_column_for_each_mark_that_the_periods_ask_for() -> None:
    book = cast.teacher_book_of()
    first, second = teacher_book_sheets.sheets(book, teacher_book.compute(book))[1:3]

    assert first.columns["parts"] == [
        {"label": "ĐĐGtx", "places": 4},
        {"label": "ĐĐGgk", "places": 1},
        {"label": "ĐĐGck", "places": 1},
    ]
    assert {len(row.cells) for row in first.rows} == {4 + 6 + 1 + 1}
    assert {len(row.cells) for row in second.rows} == {4 + 6 + 3 + 1}


def test_judgements_stand_below_the_words_of_the_form_and_not_below_those_of_marks() -> None:
    book = cast.teacher_book_of(comment=True)
    first = teacher_book_sheets.sheets(book, teacher_book.compute(book))[1]

    assert first.columns["parts"] == [
        {"label": "Thường xuyên", "places": 2},
        {"label": "Giữa kì", "places": 1},
        {"label": "Cuối kì", "places": 1},
    ]


# Bảng tổng hợp kết quả đánh giá giáo dục của lớp


def test_the_level_of_the_year_takes_subjects_traits_and_tests() -> None:
    table_ = cast.primary_table_of()
    place = next(
        n
        for n, one in enumerate(class_register.compute(table_).pupils)
        if one.year.learning == "excellent"
    )
    lower = with_parts(table_, place, {("TOAN", SECOND, Part.FINAL_TEST): "8.0"})
    chosen = with_pupil(lower, place, replace(lower.pupils[place], is_chosen=True))

    found = class_register.compute(chosen).pupils[place]

    assert found.year.learning == "well_done"
    assert found.year.title == "exemplary_pupil"


def test_a_pupil_who_left_is_in_no_count_of_the_primary_table() -> None:
    table_ = cast.primary_table_of()
    results = class_register.compute(table_)

    assert results.totals.listed == results.totals.pupils + 1
    last = primary_table_sheets.sheets(table_, results)[3]
    math = [int(str(row.cells[3])) for row in last.sums]
    assert sum(math) == results.totals.pupils


def test_a_judgement_corrected_after_signing_shows_the_old_one() -> None:
    before = cast.primary_table_of()
    one = before.pupils[0]
    code = before.qualities[0].code
    times = {**one.traits[code], TraitTime.END_OF_YEAR: TraitLevel.NEEDS_EFFORT}
    after = with_pupil(before, 0, replace(one, traits={**one.traits, code: times}))
    told = class_register.corrections(before, after)

    after = replace(after, corrections=told)
    last = primary_table_sheets.sheets(after, class_register.compute(after))[3]

    (correction,) = told
    assert (correction.subject, correction.column) == (code, "end_2")
    assert any(isinstance(cell, tuple) and cell[0].text == "C" for cell in last.rows[0].cells)
    assert last.lines == ("Trang này có 1 nội dung được sửa chữa.",)


# All kinds


@pytest.mark.parametrize("kind", list(RegisterKind))
def test_the_data_read_back_to_what_was_entered(kind: RegisterKind) -> None:
    data = cast.data(kind)

    assert table.entered_of(json.loads(table.encoded(data))) == table.entered_of(data)
    assert table.decoded(table.encoded(data)) == data


@pytest.mark.parametrize("kind", list(RegisterKind))
def test_a_register_as_it_was_made_has_no_differences(kind: RegisterKind) -> None:
    assert recheck.data_differences(cast.data(kind)) == ()


@pytest.mark.parametrize(
    ("kind", "path", "value", "told"),
    [
        (RegisterKind.ROLL_BOOK, "results/pupils/0/subjects/TOAN/year", "9.9", "(subjects, TOAN"),
        (RegisterKind.ROLL_BOOK, "results/pupils/1/semesters/2/average", "9.9", "(semesters, 2"),
        (RegisterKind.ROLL_BOOK, "results/totals/held_back", 0, "Tổng hợp chung"),
        (RegisterKind.TEACHER_BOOK, "results/classes/0/pupils/3/year", "9.9", "(year)"),
        (RegisterKind.PRIMARY_TABLE, "results/pupils/0/year/title", "other", "(year, title)"),
        (RegisterKind.PRIMARY_TABLE, "results/totals/promoted", 99, "Tổng hợp chung"),
    ],
)
def test_every_figure_that_the_marks_do_not_give_is_told(
    kind: RegisterKind, path: str, value: Any, told: str
) -> None:
    (found,) = recheck.data_differences(cast.changed(cast.data(kind), path, value))

    assert found.where == f"/{path}"
    assert told in found.sentence


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/marks/TOAN/1/final/0", "NaN"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/marks/TOAN/1/final/0", "11"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/marks/TOAN/1/final/0", 8.5),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/marks/TOAN/1/final/0", "good"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/marks/TOAN/1/other", ["8.0"]),
        (RegisterKind.ROLL_BOOK, "entered/rule_set", "TT99/2099"),
        (RegisterKind.ROLL_BOOK, "entered/terms", "{}"),
        (RegisterKind.ROLL_BOOK, "entered/terms", "{"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/conduct/1", "splendid"),
        (RegisterKind.TEACHER_BOOK, "entered/classes/0/periods_per_year", 0),
        (RegisterKind.PRIMARY_TABLE, "entered/pupils/0/marks/TOAN/2/final_test/0", "12"),
        (RegisterKind.PRIMARY_TABLE, "entered", None),
    ],
)
def test_data_that_do_not_follow_the_schema_are_refused(
    kind: RegisterKind, path: str, value: Any
) -> None:
    with pytest.raises(DataUnreadable):
        recheck.data_differences(cast.changed(cast.data(kind), path, value))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"format":"other/1"}'])
def test_other_files_are_not_taken_for_the_data_of_a_register(content: bytes) -> None:
    with pytest.raises(DataUnreadable):
        table.decoded(content)


def test_every_class_has_its_registers_by_circular_and_grade() -> None:
    found = {
        (rule_set, grade): [one.kind for one in table.kinds_for(rule_set, grade)]
        for rule_set, grade in (
            ("TT58/2011", 8),
            ("TT58/2011-TT26/2020", 12),
            ("TT22/2021", 6),
            ("TT27/2020", 5),
            ("TT27/2020", 6),
        )
    }

    assert found == {
        ("TT58/2011", 8): [RegisterKind.ROLL_BOOK],
        ("TT58/2011-TT26/2020", 12): [RegisterKind.ROLL_BOOK],
        ("TT22/2021", 6): [RegisterKind.CLASS_BOOK, RegisterKind.TEACHER_BOOK],
        ("TT27/2020", 5): [RegisterKind.PRIMARY_TABLE],
        ("TT27/2020", 6): [],
    }


def test_every_kind_names_each_signature_once_and_the_seal_last() -> None:
    for kind in table.KINDS:
        assert len(set(kind.signing)) == len(kind.signing)
        assert SignatureKind.SEAL not in kind.signing[:-1]
