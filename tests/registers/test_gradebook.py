"""The data of a gradebook state marks and results, and the results follow from the marks."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.tt22 import ScoredMarks
from eoffice.registers import gradebook, printed, recheck
from eoffice.registers.gradebook import Correction, DataUnreadable, Json, NotComplete
from tests.registers import cast


def changed(data: Json, path: str, value: Any) -> Json:
    """A copy of the data with one value put in at `a/b/0`."""
    copied = copy.deepcopy(data)
    *keys, last = path.split("/")
    where: Any = copied
    for key in keys:
        where = where[int(key) if isinstance(where, list) else key]
    where[int(last) if isinstance(where, list) else last] = value
    return copied


def with_mark(version: int, new: Decimal | None) -> gradebook.Source:
    """The class of the cast with another first regular mark of the first pupil in maths."""
    source = cast.source(3, version=version)
    key = (source.pupils[0].code, "TOAN", Semester.FIRST)
    marks = source.marks[key]
    assert isinstance(marks, ScoredMarks)
    edited = ScoredMarks((new, *marks.regular[1:]), marks.midterm, marks.final)
    return replace(source, marks={**source.marks, key: edited})


def test_a_class_of_forty_two_pupils_and_thirteen_subjects_has_all_its_results() -> None:
    data = cast.data()

    assert len(data["pupils"]) == 42
    assert len(data["subjects"]) == 13
    assert sum(data["totals"]["learning"].values()) == 42
    assert all(pupil["year"]["promotion"] for pupil in data["pupils"])


def test_the_data_read_back_to_the_same_source() -> None:
    source = cast.source()

    assert gradebook.source_of(gradebook.data_of(source)) == replace(
        source, absences=tuple(sorted(source.absences, key=lambda a: (a.on, a.pupil_code)))
    )


def test_the_encoding_is_the_same_for_the_same_data() -> None:
    one, other = cast.data(), cast.data()

    assert gradebook.encoded(one) == gradebook.encoded(other)
    assert gradebook.decoded(gradebook.encoded(one)) == one


def test_a_register_is_not_made_with_gaps_and_says_where_they_are() -> None:
    with pytest.raises(NotComplete) as refused:
        gradebook.data_of(with_mark(1, None))

    assert "Toán học, học kì I: ĐĐGtx1" in refused.value.detail


def test_conduct_that_was_not_assessed_is_a_gap() -> None:
    source = cast.source(3)
    without = {k: v for k, v in source.conduct.items() if k[1] is Semester.FIRST}

    with pytest.raises(NotComplete, match="kết quả rèn luyện học kì II"):
        gradebook.data_of(replace(source, conduct=without))


def test_a_changed_mark_of_a_later_version_is_a_correction() -> None:
    earlier = cast.source(3)
    old = gradebook.data_of(earlier)["pupils"][0]["subjects"]["TOAN"]["1"]["regular"][0]

    found = gradebook.corrections(earlier, with_mark(2, Decimal("9.9")))

    code = earlier.pupils[0].code
    assert found == (Correction(code, "TOAN", Semester.FIRST, Part.REGULAR, 1, old, "9.9"),)


def test_a_corrected_mark_is_printed_with_its_old_value() -> None:
    later = with_mark(2, Decimal("9.9"))
    corrections = gradebook.corrections(cast.source(3), later)
    data = gradebook.data_of(replace(later, corrections=corrections))

    (maths,) = [part for part in printed.parts(data) if part.subject == "TOAN"]

    assert maths.corrected == 1
    assert maths.rows[0][2] == f"{printed.word(corrections[0].old)} 9,9"


# The recheck


def test_a_register_as_it_was_made_has_no_differences() -> None:
    assert recheck.data_differences(cast.data()) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pupils/0/subjects/TOAN/1/result", "9.9"),
        ("pupils/0/subjects/TOAN/year", "9.9"),
        ("pupils/0/subjects/GDTC/year", "failed"),
        ("pupils/1/semesters/2/learning", None),
        ("pupils/2/year/excused", 44),
        ("pupils/2/year/title", "excellent_pupil"),
        ("totals/girls", 0),
        ("subjects/0/regular_marks", 2),
        ("rule_set", "TT58/2011"),
    ],
)
def test_every_stated_result_that_the_marks_do_not_give_is_listed(path: str, value: Any) -> None:
    (found,) = recheck.data_differences(changed(cast.data(3), path, value))

    assert found.where == f"/{path}"
    assert found.sentence.endswith(".")


def test_a_changed_mark_shows_in_all_that_follows_from_it() -> None:
    data = changed(cast.data(3), "pupils/0/subjects/TOAN/1/final", "0.0")

    found = {difference.where for difference in recheck.data_differences(data)}

    assert "/pupils/0/subjects/TOAN/1/result" in found
    assert "/pupils/0/subjects/TOAN/year" in found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pupils/0/subjects/TOAN/1/final", "11"),
        ("pupils/0/subjects/TOAN/1/final", "NaN"),
        ("pupils/0/subjects/TOAN/1/final", 8.0),
        ("pupils/0/subjects/TOAN", None),
        ("pupils/0/subjects/GDTC/1/final", "perhaps"),
        ("pupils/0/born_on", "yesterday"),
        ("pupils/0/semesters/1/conduct", "splendid"),
        ("subjects", {}),
        ("pupils/0/subjects/TOAN/1/regular", ["8.0"]),
        ("subjects/0/periods_per_year", 0),
        ("made_at", None),
        ("school", []),
    ],
)
def test_data_that_do_not_follow_the_schema_are_refused(path: str, value: Any) -> None:
    with pytest.raises(DataUnreadable):
        recheck.data_differences(changed(cast.data(3), path, value))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"format":"other/1"}'])
def test_other_files_are_not_taken_for_gradebook_data(content: bytes) -> None:
    with pytest.raises(DataUnreadable):
        gradebook.decoded(content)


def test_attendance_is_printed_for_the_months_that_have_any() -> None:
    months = [part.heading for part in printed.parts(cast.data()) if part.kind == "attendance"]

    assert months[0] == "THEO DÕI CHUYÊN CẦN – THÁNG 09 NĂM 2024"
    assert len(months) == 9
