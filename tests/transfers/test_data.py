"""The data of a package come back as they went, follow the schema, and are computed anew."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import jsonschema  # type: ignore[import-untyped]
import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.transfers import data
from eoffice.transfers.data import DataUnreadable
from tests import schemas
from tests.transfers import samples


def test_what_was_written_is_read_back() -> None:
    told = samples.transfer()
    assert data.decoded(data.encoded(told)) == told


def test_a_finished_semester_is_stated_and_an_unfinished_one_is_not() -> None:
    assert [(one.subject, one.semester, one.result) for one in samples.year().results] == [
        ("TOAN", Semester.FIRST, "8.1"),
        ("GDTC", Semester.FIRST, "passed"),
    ]


def test_the_results_of_a_semester_go_along_as_results_of_another_school() -> None:
    found = list(data.stated_marks(samples.year()))
    assert {one.part for one in found} == {Part.STATED}
    assert found[0].score == Decimal("8.1")


def test_a_figure_that_the_marks_do_not_give_is_told() -> None:
    year = samples.year()
    wrong = replace(year, results=(replace(year.results[0], result="9.1"), year.results[1]))
    assert data.differences(year) == ()
    assert data.differences(wrong) == (
        "Toán học, học kì I: hồ sơ ghi 9,1, tính lại từ điểm là 8,1.",
    )


def test_a_mark_that_was_raised_is_told() -> None:
    raised = replace(samples.year(), marks=samples.marks(Decimal(10)))
    assert data.differences(raised) == (
        "Toán học, học kì I: hồ sơ ghi 8,1, tính lại từ điểm là 8,2.",
    )


def test_a_circular_or_a_subject_that_nobody_knows_is_told() -> None:
    assert "không có quy định" in data.differences(replace(samples.year(), rule_set="TT99"))[0]
    assert "môn học" in data.differences(replace(samples.year(), subjects=()))[0]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "eoffice-pupil-transfer/9"},
        {"pupil": None},
        {"reports": [{"school_year": "../..", "member": "x"}]},
        {"to_school": "x" * 501},
    ],
)
def test_data_of_another_shape_are_refused(change: dict[str, object]) -> None:
    content = json.loads(data.encoded(samples.transfer())) | change
    with pytest.raises(DataUnreadable):
        data.decoded(json.dumps(content).encode())


def test_a_score_outside_the_scale_is_refused() -> None:
    year = samples.year()
    bad = replace(year, marks=(replace(year.marks[0], score=Decimal(11)), *year.marks[1:]))
    assert data.differences(bad) == ("Dữ liệu có một điểm ngoài thang 0 đến 10.",)


def test_the_data_follow_the_published_schema() -> None:
    published = json.loads((schemas.FOLDER / "eoffice-pupil-transfer-1.schema.json").read_bytes())
    assert published == data.json_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(json.loads(data.encoded(samples.transfer())), published)
