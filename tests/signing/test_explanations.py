"""All is said about each signature: signer, capacity, unit, chain, revocation, time and its source,
coverage, changes, level; and a real decision of 2025 is explained rightly.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from eoffice.clock import vietnam_time
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    Verdict,
)
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.outside import require
from tests.signing import papers
from tests.signing.papers import READ_AT, Dispatch

DECISION = "reference/signed-pdfs/qd-295-kien-giang.pdf"
EDUCATION = "SỞ GIÁO DỤC VÀ ĐÀO TẠO, ỦY BAN NHÂN DÂN TỈNH KIÊN GIANG"


def test_a_signature_of_ours_is_explained_whole(dispatch: Dispatch, trust: TrustStore) -> None:
    found = verify_pdf(dispatch.archived, trust=trust, at=READ_AT)
    person, seal = found.signatures
    assert (person.signer, person.capacity, person.unit) == (
        cast.DIRECTOR.common_name,
        "Giám đốc",
        cast.DIRECTOR.organization,
    )
    assert (person.level, person.time_source) == (Level.B_LTA, TimeSource.TIMESTAMP)
    assert not person.covers_whole_file
    assert person.changes[:2] == ("Điền ô “issued_on”.", "Điền ô “number_notation”.")
    assert seal.changes == ("Bổ sung dữ liệu xác minh và dấu thời gian lưu trữ.",)
    for one in found.signatures:
        assert one.certificate is not None
        assert one.certificate.is_anchored
        assert one.certificate.issuers == (
            "CA thử nghiệm phục vụ cơ quan giáo dục",
            "Root CA thử nghiệm",
        )
        assert one.certificate.valid_from < papers.SIGNED_AT < one.certificate.valid_until
        assert "có sẵn cho biết chứng thư số không bị thu hồi" in one.certificate.revocation
        # Who says so, and when.
        assert re.search(r"của “.+” lúc [0-9:]+ ngày 13/08/2018", one.certificate.revocation)
        assert one.warnings == ()


def test_without_revocation_data_it_is_said_that_nobody_was_asked(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    (one,) = verify_pdf(dispatch.certified, trust=trust, at=READ_AT).signatures
    assert one.certificate is not None
    assert one.certificate.is_anchored
    assert "không hỏi qua mạng" in one.certificate.revocation


def test_of_a_stranger_the_issuer_is_named_and_no_chain(dispatch: Dispatch) -> None:
    (one,) = verify_pdf(dispatch.certified, trust=TrustStore(()), at=READ_AT).signatures
    assert one.certificate is not None
    assert one.certificate.issuers == ("CA thử nghiệm phục vụ cơ quan giáo dục",)
    assert not one.certificate.is_anchored
    (warning,) = (each for each in one.warnings if "Dấu thời gian" in each)
    assert "Dấu thời gian thử nghiệm" in warning
    assert "không nằm trong danh sách được tin cậy" in warning


def test_all_of_it_survives_as_json(dispatch: Dispatch, trust: TrustStore) -> None:
    found = verify_pdf(dispatch.archived, trust=trust, at=READ_AT)
    assert Verdict.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_verdict_that_was_kept_before_chains_were_told_can_be_read(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    kept = json.loads(json.dumps(verify_pdf(dispatch.archived, trust=trust, at=READ_AT).to_json()))
    for one in kept["signatures"]:
        del one["certificate"]
    assert [one.certificate for one in Verdict.from_json(kept).signatures] == [None, None]


# A decision of the department of education of Kiên Giang, March 2025: drafter, director, three
# seals (decision and two appendices), all with SHA-1.


@pytest.fixture(scope="module")
def decision() -> list[SignatureVerdict]:
    file = require(DECISION)
    return list(verify_pdf(file.read_bytes(), trust=TrustStore(()), at=READ_AT).signatures)


def test_the_signers_of_the_decision_are_told_with_their_unit(
    decision: list[SignatureVerdict],
) -> None:
    assert [(one.signer, one.unit) for one in decision] == [
        ("Lê Ngọc Hân", EDUCATION),
        ("Huỳnh Văn Hóa", EDUCATION),
        *[("Sở Giáo dục và Đào tạo", "Tỉnh Kiên Giang")] * 3,
    ]


def test_the_decision_cannot_be_verified_but_is_not_called_forged(
    decision: list[SignatureVerdict],
) -> None:
    for number, one in enumerate(decision):
        assert one.verdict is Finding.UNVERIFIABLE
        assert one.indication is Indication.NO_CHAIN
        assert any("không có nghĩa là chữ ký giả" in each for each in one.warnings)
        assert one.covers_whole_file is (number == 4)
        assert one.changes == tuple(f"Ký tại ô “Signature{n}”." for n in range(number + 2, 6))


def test_the_chain_of_the_decision_is_named_as_far_as_the_file_tells(
    decision: list[SignatureVerdict],
) -> None:
    issuers = [one.certificate.issuers for one in decision if one.certificate is not None]
    assert issuers == [
        *[("CA phục vụ các cơ quan Nhà nước G2",)] * 2,
        *[("Co quan chung thuc so Chinh phu",)] * 3,
    ]


def test_the_time_of_the_decision_is_the_signers_word_and_its_time_stamps_are_told(
    decision: list[SignatureVerdict],
) -> None:
    assert {one.time_source for one in decision} == {TimeSource.CLAIMED}
    second = decision[1]
    assert second.signed_at is not None
    assert vietnam_time(second.signed_at) == vietnam_time(
        datetime(2025, 3, 25, 6, 33, 55, tzinfo=UTC)
    )
    # The director's computer was 22 minutes fast: the time-stamp is older than the claimed time.
    assert any("13:11:18 ngày 25/03/2025" in each for each in second.warnings)
    assert any("đồng hồ của máy ký đã chạy sai" in each for each in second.warnings)
    assert not any("chạy sai" in each for each in decision[0].warnings)
