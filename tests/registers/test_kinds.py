"""What registers state follows from what was entered; who leaves, comes, or is tested again counts.

The worked numbers are those of the reference vectors: 8 7 9, 7.5 8, 8.5 give 8.1.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from eoffice.assessment.marks import Semester, Verdict
from eoffice.assessment.tt27 import YearLevel
from eoffice.assessment.tt58 import AMENDED, ORIGINAL, Conduct, Learning, Promotion
from eoffice.registers.gradebook import DataUnreadable, NotComplete
from eoffice.registers.kinds import (
    class_results,
    recheck,
    roll_book,
    roll_book_sheets,
    table,
    teacher_book,
)
from eoffice.registers.kinds.parts import Correction, Term, months_of
from eoffice.registers.kinds.roll_book import RollBook, Scores, Verdicts
from eoffice.registers.kinds.sheets import Entry, Sheet
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.states import SignatureKind
from tests.registers import register_cast as cast

FIRST, SECOND = Semester


def decimals(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, text.split()))


def with_scores(
    book: RollBook, place: int, code: str, semester: Semester, marks: Scores
) -> RollBook:
    one = book.pupils[place]
    scores = {**one.scores, code: {**one.scores[code], semester: marks}}
    pupils = [*book.pupils]
    pupils[place] = replace(one, scores=scores)
    return replace(book, pupils=tuple(pupils))


def sheet(book: RollBook, kind: str, heading: str) -> Sheet:
    (found, *_) = [
        one
        for one in roll_book_sheets.sheets(book, roll_book.compute(book))
        if one.kind == kind and heading in one.heading
    ]
    return found


# Sổ gọi tên và ghi điểm


@pytest.mark.parametrize(
    ("oral", "written", "periodic", "final", "average"),
    [("8", "7 9", "7.5 8", "8.5", "8.1"), ("6", "7 5 8", "6.5 7 6", "5.5", "6.3")],
)
def test_oral_and_written_marks_count_once_periodic_ones_twice_the_examination_three_times(
    oral: str, written: str, periodic: str, final: str, average: str
) -> None:
    marks = Scores(decimals(oral), decimals(written), decimals(periodic), Decimal(final))
    book = with_scores(cast.roll_book_of(6), 0, "TOAN", FIRST, marks)

    found = roll_book.compute(book).pupils[0].subjects["TOAN"].semesters[FIRST]

    assert found == average


def test_a_pupil_who_left_is_struck_through_noted_and_counted_apart() -> None:
    book = cast.roll_book_of()
    gone = book.pupils[4].pupil
    assert gone.left is not None

    totals = roll_book.compute(book).totals

    assert (totals.listed, totals.left, totals.pupils) == (43, 1, 42)
    assert sheet(book, "marks", "HỌC KÌ I").rows[4].is_struck
    changes = sheet(book, "families", "tiếp theo").rows[4].cells[-1]
    assert changes == f"{gone.left.note}, từ 12/01/2018"
    assert roll_book.compute(book).pupils[4].outcome is None
    assert roll_book.gaps(book) == []


def test_a_pupil_who_came_brings_the_results_of_another_school() -> None:
    book = cast.roll_book_of()
    brought = book.pupils[-1].scores["TOAN"][FIRST].brought
    assert brought is not None

    result = roll_book.compute(book).pupils[-1].subjects["TOAN"]
    of_page = sheet(book, "marks", "HỌC KÌ I")

    assert result.semesters[FIRST] == str(brought)
    assert of_page.rows[-1].cells[6] == f"{brought}*".replace(".", ",")
    assert of_page.lines[-1] == "* Kết quả ở trường cũ của học sinh chuyển đến."


def test_whoever_does_the_tests_again_well_moves_up_after_summer() -> None:
    book = cast.roll_book_of()
    results = roll_book.compute(book).pupils
    place = next(n for n, one in enumerate(results) if one.outcome is Promotion.RE_TEST)
    weak = [code for code, one in results[place].subjects.items() if one.year and one.year < "5.0"]
    again = replace(book.pupils[place], retests=dict.fromkeys(weak, Decimal("9.0")))

    found = roll_book.compute(
        replace(book, pupils=(*book.pupils[:place], again, *book.pupils[place + 1 :]))
    )

    assert found.pupils[place].outcome_after is Promotion.PROMOTED
    assert found.pupils[place].learning_after is not None
    assert found.totals.promoted_after_summer > roll_book.compute(book).totals.promoted_after_summer


def test_conduct_trained_in_summer_lets_a_pupil_move_up() -> None:
    book = cast.roll_book_of(8)
    results = roll_book.compute(book).pupils
    place = next(n for n, one in enumerate(results) if one.outcome is Promotion.PROMOTED)
    weak = replace(
        book.pupils[place],
        conduct=dict.fromkeys(Term, Conduct.WEAK),
        conduct_after=Conduct.AVERAGE,
    )

    found = roll_book.compute(
        replace(book, pupils=(*book.pupils[:place], weak, *book.pupils[place + 1 :]))
    ).pupils[place]

    assert found.outcome is Promotion.CONDUCT_TRAINING
    assert found.outcome_after is Promotion.PROMOTED


@pytest.mark.parametrize(
    ("oral", "final", "result"),
    [
        ("passed passed", "passed", "passed"),
        ("failed passed", "passed", "passed"),
        ("failed failed", "passed", "failed"),
        ("passed passed", "failed", "failed"),
        ("exempt exempt", "exempt", "exempt"),
    ],
)
def test_a_comment_subject_takes_the_last_test_and_the_share_of_all(
    oral: str, final: str, result: str
) -> None:
    book = cast.roll_book_of(6)
    given = Verdicts(tuple(map(Verdict, oral.split())), (), (), Verdict(final))
    one = replace(book.pupils[0], verdicts={**book.pupils[0].verdicts, "TD": {FIRST: given}})

    found = roll_book.compute(replace(book, pupils=(one, *book.pupils[1:]))).pupils[0]

    assert found.subjects["TD"].semesters[FIRST] == result


def test_the_third_key_subject_counts_under_the_amended_circular_only() -> None:
    book = cast.roll_book_of(6)
    high, low = Decimal("9.0"), Decimal("7.0")
    one = replace(
        book.pupils[0],
        scores={
            subject.code: dict.fromkeys(
                Semester,
                Scores((), (), (), None, low if subject.code in {"TOAN", "VAN"} else high),
            )
            for subject in book.subjects
            if subject.kind == "scored"
        },
        verdicts={
            subject.code: dict.fromkeys(Semester, Verdicts((), (), (), None, Verdict.PASSED))
            for subject in book.subjects
            if subject.kind == "comment"
        },
    )
    book = replace(book, pupils=(one,))

    def level(rule_set: str) -> Learning | None:
        return roll_book.compute(replace(book, rule_set=rule_set)).pupils[0].year.learning

    assert level(ORIGINAL.rule_set) is Learning.FAIR
    assert level(AMENDED.rule_set) is Learning.EXCELLENT


def test_a_corrected_mark_is_printed_with_its_old_value_and_counted_on_its_page() -> None:
    book = cast.roll_book_of(6)
    who = book.pupils[0].pupil.code
    book = replace(
        book, corrections=(Correction(who, "TOAN", Term.FIRST, "written", 2, "5.0", "8.0"),)
    )

    page = sheet(book, "marks", "HỌC KÌ I")

    second = book.pupils[0].scores["TOAN"][FIRST].written[1]
    cell = page.rows[0].cells[3]
    assert cell[1] == Entry(str(int(second)), "5")
    assert page.lines[0] == (
        "Trong trang này có 1 điểm được sửa chữa, trong đó môn: Toán 1 điểm; Vật lí 0 điểm."
    )
    assert sheet(book, "marks", "HỌC KÌ II").lines[0].startswith("Trong trang này có 0 điểm")


def test_attendance_has_a_page_for_each_month_from_august_to_may() -> None:
    book = cast.roll_book_of(6)
    pages = [
        one
        for one in roll_book_sheets.sheets(book, roll_book.compute(book))
        if one.kind == "attendance"
    ]

    assert [page.heading for page in pages][:1] == ["ĐIỂM DANH THÁNG 8 NĂM 2017"]
    assert [page.heading for page in pages][-1:] == ["ĐIỂM DANH THÁNG 5 NĂM 2018"]
    assert len(pages) == len(months_of("2017-2018")) == 10
    sums = [page.sums[0].cells[-3] for page in pages]
    assert sum(int(str(cell) or "0") for cell in sums) == len(book.absences)


def test_a_book_with_gaps_is_not_made_and_says_where_they_are() -> None:
    book = with_scores(cast.roll_book_of(6), 0, "TOAN", SECOND, Scores((), (), (), None))
    name = book.pupils[0].pupil.name

    with pytest.raises(NotComplete, match=f"{name}: Toán, học kì II"):
        cast.data(RegisterKind.ROLL_BOOK, book)


# Sổ theo dõi và đánh giá học sinh (của giáo viên)


def test_a_teacher_may_print_the_book_while_marks_are_open() -> None:
    book = cast.teacher_book_of()
    pupil = book.classes[0].pupils[0]
    open_ = replace(pupil, scores={FIRST: replace(pupil.scores[FIRST], final=None)})
    first = replace(book.classes[0], pupils=(open_, *book.classes[0].pupils[1:]))
    book = replace(book, classes=(first, *book.classes[1:]))

    results = teacher_book.compute(book).classes[0]

    assert results.pupils[0].semesters[FIRST] is None
    assert results.assessed == results.there - 1
    assert any(pupil.name in gap for gap in teacher_book.gaps(book))
    assert cast.data(RegisterKind.TEACHER_BOOK, book)["format"] == teacher_book.FORMAT


# Bảng tổng hợp kết quả đánh giá giáo dục của lớp


def test_the_level_of_the_year_takes_subjects_traits_and_tests() -> None:
    table_ = cast.class_results_of()
    place = next(
        n
        for n, one in enumerate(class_results.compute(table_).pupils)
        if one.level is YearLevel.EXCELLENT
    )
    one = table_.pupils[place]
    (period,) = [period for period in one.periods if period.value == "end_2"]
    judged = replace(one.periods[period], tests={**one.periods[period].tests, "TOAN": 8})
    lower = replace(one, periods={**one.periods, period: judged}, is_chosen=True)

    found = class_results.compute(
        replace(table_, pupils=(*table_.pupils[:place], lower, *table_.pupils[place + 1 :]))
    ).pupils[place]

    assert found.level is YearLevel.WELL_DONE
    assert found.title == "exemplary_pupil"


def test_a_pupil_who_left_is_in_no_count_of_the_primary_table() -> None:
    results = class_results.compute(cast.class_results_of())

    assert results.pupils[7].level is None
    assert results.totals.listed == results.totals.pupils + 1
    (math,) = [results.periods[one].subjects["TOAN"] for one in results.periods if one == "end_2"]
    assert sum(math.values()) == results.totals.pupils


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
        (RegisterKind.CLASS_RESULTS, "results/pupils/0/level", "excellent", "(level)"),
        (RegisterKind.CLASS_RESULTS, "results/totals/promoted", 99, "Tổng hợp chung"),
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
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/scores/TOAN/1/final", "NaN"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/scores/TOAN/1/final", "11"),
        (RegisterKind.ROLL_BOOK, "entered/rule_set", "TT22/2021"),
        (RegisterKind.ROLL_BOOK, "entered/pupils/0/conduct/1", "splendid"),
        (RegisterKind.ROLL_BOOK, "entered/of_class/specialised", "NOTHING"),
        (RegisterKind.TEACHER_BOOK, "entered/classes/0/periods_per_year", 0),
        (RegisterKind.TEACHER_BOOK, "entered/classes/0/pupils/0/scores/1/regular", ["8.0"]),
        (RegisterKind.CLASS_RESULTS, "entered/pupils/0/periods/end_2/tests/TOAN", 12),
        (RegisterKind.CLASS_RESULTS, "entered", None),
    ],
)
def test_data_that_do_not_follow_the_schema_are_refused(
    kind: RegisterKind, path: str, value: Any
) -> None:
    with pytest.raises(DataUnreadable):
        recheck.data_differences(cast.changed(cast.data(kind), path, value))


def test_a_mark_that_is_a_json_number_is_told_since_that_is_a_binary_fraction() -> None:
    data = cast.changed(
        cast.data(RegisterKind.ROLL_BOOK), "entered/pupils/0/scores/TOAN/1/final", 8.5
    )

    found = recheck.data_differences(data)

    assert "/entered/pupils/0/scores/TOAN/1/final" in {one.where for one in found}


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
        ("TT22/2021", 6): [RegisterKind.TEACHER_BOOK],
        ("TT27/2020", 5): [RegisterKind.CLASS_RESULTS],
        ("TT27/2020", 6): [],
    }


def test_every_kind_names_each_signature_once_and_the_seal_last() -> None:
    for kind in table.KINDS:
        assert len(set(kind.signing)) == len(kind.signing)
        assert SignatureKind.SEAL not in kind.signing[:-1]
