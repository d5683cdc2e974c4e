"""Many findings become one verdict: the worst decides, and the command line answers by it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eoffice.signing import verdict
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    TimestampVerdict,
    Verdict,
)

GOOD = SignatureVerdict(
    field="signature_person",
    signer="Trần Thanh Liêm",
    capacity="Giám đốc",
    unit="Sở Giáo dục và Đào tạo Đồng Tháp",
    verdict=Finding.INTACT,
    reason="Chữ ký hợp lệ; nội dung nguyên vẹn từ khi ký.",
    indication=Indication.PASSED,
    level=Level.B_LTA,
    signed_at=datetime(2018, 8, 13, 1, 15, tzinfo=UTC),
    time_source=TimeSource.TIMESTAMP,
    covers_whole_file=False,
    changes=("Ký tại ô “signature_seal”.",),
    warnings=(),
)
STAMP = TimestampVerdict(
    field="Timestamp",
    authority="Dấu thời gian thử nghiệm",
    verdict=Finding.INTACT,
    reason="Dấu thời gian hợp lệ.",
    indication=Indication.PASSED,
    stamped_at=datetime(2018, 8, 13, 1, 16, tzinfo=UTC),
    covers_whole_file=True,
)


def found(finding: Finding) -> SignatureVerdict:
    return replace(GOOD, verdict=finding, reason=f"Lý do {finding.value}.")


def test_a_file_without_signatures_is_unsigned() -> None:
    assert verdict.fold([], []).verdict is Finding.UNSIGNED


def test_a_file_is_intact_only_if_every_signature_and_time_stamp_is() -> None:
    assert verdict.fold([GOOD, GOOD], [STAMP]).verdict is Finding.INTACT
    broken_stamp = replace(STAMP, verdict=Finding.INVALID)
    assert verdict.fold([GOOD], [broken_stamp]).verdict is Finding.INVALID


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([Finding.INTACT, Finding.UNVERIFIABLE], Finding.UNVERIFIABLE),
        ([Finding.UNVERIFIABLE, Finding.INVALID], Finding.INVALID),
        ([Finding.INVALID, Finding.CHANGED, Finding.UNVERIFIABLE], Finding.CHANGED),
    ],
)
def test_the_worst_signature_decides_and_gives_the_reason(
    findings: list[Finding], expected: Finding
) -> None:
    folded = verdict.fold([found(one) for one in findings], [])
    assert folded.verdict is expected
    assert folded.reason == f"Chữ ký của Trần Thanh Liêm: lý do {expected.value}."


def test_signs_of_tampering_weigh_more_than_valid_signatures() -> None:
    folded = verdict.fold([GOOD], [STAMP], alterations=["Tệp có dữ liệu lạ."])
    assert (folded.verdict, folded.reason) == (Finding.CHANGED, "Tệp có dữ liệu lạ.")


def test_a_time_stamp_alone_is_no_signature_but_shows_a_change() -> None:
    assert verdict.fold([], [STAMP]).verdict is Finding.UNSIGNED
    changed = replace(STAMP, verdict=Finding.CHANGED)
    assert verdict.fold([], [changed]).verdict is Finding.CHANGED


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([Finding.INTACT], 0),
        ([Finding.INTACT, Finding.UNSIGNED], 2),
        ([Finding.UNVERIFIABLE], 2),
        ([Finding.UNVERIFIABLE, Finding.CHANGED], 1),
        ([Finding.INVALID, Finding.INTACT], 1),
    ],
)
def test_the_command_line_answers_with_the_worst(findings: list[Finding], code: int) -> None:
    assert verdict.exit_code(findings) == code


def test_a_verdict_survives_the_way_through_json() -> None:
    original = verdict.fold([GOOD, found(Finding.CHANGED)], [STAMP])
    assert Verdict.from_json(json.loads(json.dumps(original.to_json()))) == original


def test_capacity_and_unit_are_read_from_the_signed_reason() -> None:
    reason = verdict.statement("KT. Giám đốc, Phó Giám đốc", "Sở Giáo dục và Đào tạo")
    assert verdict.read_statement(reason) == (
        "KT. Giám đốc, Phó Giám đốc",
        "Sở Giáo dục và Đào tạo",
    )


@pytest.mark.parametrize("reason", ["", "Tôi đồng ý", "Ký với tư cách: Giám đốc"])
def test_any_other_reason_says_nothing_about_a_capacity(reason: str) -> None:
    assert verdict.read_statement(reason) is None


@pytest.mark.parametrize(
    ("capacity", "unit"), [("", "Sở"), ("Giám đốc", ""), ("A · Cơ quan: B", "Sở")]
)
def test_a_capacity_that_could_be_read_in_two_ways_is_not_written(capacity: str, unit: str) -> None:
    with pytest.raises(ValueError, match="plainly"):
        verdict.statement(capacity, unit)
