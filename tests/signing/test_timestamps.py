"""Time-stamp authorities are asked in their order; what one does wrong is found, said, and made up
for by the next. One that keeps failing is left alone for a while.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from structlog.testing import capture_logs

from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.embedded.pki.answers import Fault
from eoffice.signing import pades, timestamps, xades
from eoffice.signing.lasting import make_lasting
from eoffice.signing.timestamps import Authorities, Authority, TimestampUnavailable, of_setting
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Indication, TimeSource
from eoffice.signing.verification import verify_pdf
from eoffice.signing.xades_verification import verify_xml
from tests import pki as cast
from tests.signing import papers

DIGEST = hashlib.sha256(b"content").digest()
NOWHERE = "http://127.0.0.1:9/tsa"

SAID = {
    Fault.REFUSES: "HTTP 503",
    Fault.REJECTS: "từ chối cấp",
    Fault.GARBAGE: "không đọc được",
    Fault.LARGE: "quá lớn",
    Fault.OTHER_NONCE: "câu hỏi khác",
    Fault.OTHER_CONTENT: "nội dung khác",
    Fault.CLOCK_WRONG: "giờ lệch quá 5 phút",
    Fault.NO_AUTHORITY: "không phải của máy chủ dấu thời gian",
    Fault.WITHOUT_CERTIFICATE: "thiếu chứng thư",
    Fault.VALUE_WRONG: "chữ ký trên dấu thời gian không đúng",
    Fault.WEAK_DIGEST: "hàm băm yếu",
    Fault.ENDED: "đã hết hạn",
    Fault.UNKNOWN: "không thuộc chứng thư gốc nào",
    Fault.SILENT: "không trả lời",
    Fault.SLOW: "quá chậm",
}


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    timestamps.forget()
    yield
    timestamps.forget()


def faulty(pki: Pki, fault: Fault) -> str:
    return f"{pki.timestamp_url}-{fault}"


def serial(token: timestamps.Token) -> int:
    """Of the certificate that signed it."""
    (signer,) = cms.ContentInfo.load(token.der)["content"]["signer_infos"]
    return int(signer["sid"].chosen["serial_number"].native)


def test_every_fault_has_words() -> None:
    assert set(SAID) == set(Fault)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_right_one_is_examined_and_given(pki: Pki, trust: TrustStore, algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"content").digest()
    token = of_setting(pki.timestamp_url, trust=trust).stamp(digest, algorithm)
    assert abs(token.stamped_at - clock.now()).total_seconds() < 60
    assert token.valid_until > token.stamped_at
    assert token.address == pki.timestamp_url
    assert token.passed_over == ()


def test_the_two_authorities_of_the_demo_have_a_key_each(pki: Pki, trust: TrustStore) -> None:
    both = of_setting(pki.timestamp_urls, trust=trust)
    found = {serial(Authorities((one,), trust).stamp(DIGEST, "sha256")) for one in both.addresses}
    assert len(found) == 2


@pytest.mark.parametrize("fault", Fault)
def test_what_the_first_does_wrong_is_said_and_the_second_makes_up_for_it(
    pki: Pki, trust: TrustStore, fault: Fault
) -> None:
    second = pki.timestamp_url + "-2"
    within_s = 0.3 if fault is Fault.SLOW else 10
    token = Authorities((faulty(pki, fault), second), trust, within_s).stamp(DIGEST, "sha256")
    assert token.address == second
    (said,) = token.passed_over
    assert said.startswith("127.0.0.1 (địa chỉ thứ 1): ")
    assert SAID[fault] in said


def test_a_signature_and_its_care_go_on_with_the_second(
    pki: Pki, trust: TrustStore, in_2018: None
) -> None:
    """From the place of the signature to level B-LTA, while no root vouches for the first one."""
    both = f"{faulty(pki, Fault.UNKNOWN)} {pki.timestamp_url}"
    store = cast.key_store(pki, cast.DIRECTOR)
    file = io.BytesIO(papers.plain())
    prepared = pades.prepare(
        file,
        field="signature_person",
        identity=store.identity(),
        purpose=pades.Purpose.CERTIFY,
        capacity="Giám đốc",
        unit=cast.DIRECTOR.organization,
        signed_at=clock.now(),
    )
    with store.open(cast.PIN) as key:
        value = key.sign(prepared.signed_attributes, prepared.mechanism)
    pades.finish(file, prepared, value, timestamp_url=both, timestamp_trust=trust)
    make_lasting(file, trust=trust, timestamp_url=both, at=clock.now())
    found = verify_pdf(file, trust=trust, at=clock.now() + timedelta(days=365 * 10))
    assert found.verdict is Finding.INTACT
    assert {one.indication for one in found.timestamps} == {Indication.PASSED}
    assert [one.time_source for one in found.signatures] == [TimeSource.TIMESTAMP]


def test_signed_xml_gets_its_time_from_the_second_too(
    pki: Pki, trust: TrustStore, in_2018: None
) -> None:
    both = f"{faulty(pki, Fault.UNKNOWN)} {pki.timestamp_url}"
    store = cast.key_store(pki, cast.DIRECTOR)
    prepared = xades.prepare(
        b"<report/>",
        identity=store.identity(),
        capacity="Giám đốc",
        unit=cast.DIRECTOR.organization,
        signed_at=clock.now(),
    )
    with store.open(cast.PIN) as key:
        value = key.sign(prepared.to_sign, prepared.mechanism)
    signed = xades.finish(prepared, value, timestamp_url=both, timestamp_trust=trust)
    found = verify_xml(signed, trust=trust, at=clock.now(), online=True)
    assert found.verdict.verdict is Finding.INTACT
    assert [one.time_source for one in found.verdict.signatures] == [TimeSource.TIMESTAMP]


def test_what_fails_is_in_the_log_by_name_and_cause(pki: Pki) -> None:
    with capture_logs() as logs, pytest.raises(TimestampUnavailable):
        timestamps.stamp(f"{faulty(pki, Fault.REFUSES)}?password=secret", DIGEST, "sha256")
    failed, nobody = logs
    assert (failed["event"], failed["log_level"]) == ("timestamps.failed", "warning")
    assert (failed["authority"], failed["fault"][:7]) == ("127.0.0.1", "từ chối")
    assert (nobody["event"], nobody["log_level"]) == ("timestamps.unavailable", "error")
    assert "secret" not in str(logs)


def test_where_no_roots_are_given_nobody_asks_for_one(pki: Pki) -> None:
    unknown = faulty(pki, Fault.UNKNOWN)
    assert timestamps.stamp(unknown, DIGEST, "sha256").address == unknown


def test_an_authority_for_signatures_does_not_vouch_for_time(pki: Pki) -> None:
    signatures = (pki.trust_directory / "root.pem").read_bytes()
    directory = pki.directory / "only-signatures"
    directory.mkdir()
    (directory / "root.pem").write_bytes(signatures)
    only = TrustStore.from_directory(directory)
    with pytest.raises(TimestampUnavailable, match="không thuộc chứng thư gốc nào"):
        of_setting(pki.timestamp_url, trust=only).stamp(DIGEST, "sha256")


def test_where_all_fail_each_is_named_without_its_path(pki: Pki) -> None:
    secret = f"{faulty(pki, Fault.REFUSES)}?user=office&password=secret"
    elsewhere = "http://user:secret@khong-co.invalid/tsa"
    with pytest.raises(TimestampUnavailable) as refused:
        timestamps.stamp(f"{NOWHERE} {secret} {elsewhere}", DIGEST, "sha256")
    said = refused.value.detail
    assert "127.0.0.1 (địa chỉ thứ 1): không trả lời" in said
    assert "127.0.0.1 (địa chỉ thứ 2): từ chối (HTTP " in said
    assert "khong-co.invalid: không trả lời" in said
    assert "secret" not in said


def test_none_at_all_is_said_too() -> None:
    with pytest.raises(TimestampUnavailable, match="chưa khai báo"):
        timestamps.stamp("  ", DIGEST, "sha256")


def test_one_that_keeps_failing_rests_and_is_asked_again_afterwards(
    pki: Pki, tmp_path: Path
) -> None:
    begun = datetime(2018, 8, 13, 1, 0, tzinfo=UTC)
    file = tmp_path / "clock.json"
    address = faulty(pki, Fault.REFUSES)

    def says(words: str) -> None:
        with pytest.raises(TimestampUnavailable, match=words):
            timestamps.stamp(address, DIGEST, "sha256")

    with cast.office_clock(file, begun):
        for _ in range(timestamps.MOST_FAILURES):
            says("HTTP 503")
        says("tạm nghỉ")
        (found,) = of_setting(address).examine()
        assert found.rests
        clock.set_office_clock(file, begun + timestamps.RESTS - timedelta(seconds=20))
        says("tạm nghỉ")
        clock.set_office_clock(file, begun + timestamps.RESTS + timedelta(seconds=20))
        says("HTTP 503")
        says("tạm nghỉ")
        clock.set_office_clock(file, begun - timedelta(days=1))
        says("HTTP 503")


def test_a_success_makes_failures_forgotten(pki: Pki, tmp_path: Path) -> None:
    """Two failures, a success, two failures: it never rests."""
    before = clock.now()
    file = tmp_path / "clock.json"
    with cast.office_clock(file, before):
        for wrong in (True, True, False, True, True, False):
            address = pki.timestamp_url
            within_s = 0.0 if wrong else 10.0
            asked = Authorities((address,), within_s=within_s)
            if wrong:
                with pytest.raises(TimestampUnavailable, match="quá chậm"):
                    asked.stamp(DIGEST, "sha256")
            else:
                assert asked.stamp(DIGEST, "sha256").address == address


def test_who_comes_first_and_rests_costs_the_others_nothing(pki: Pki) -> None:
    both = of_setting(f"{NOWHERE} {pki.timestamp_url}")
    for _ in range(timestamps.MOST_FAILURES):
        assert "không trả lời" in both.stamp(DIGEST, "sha256").passed_over[0]
    assert "tạm nghỉ" in both.stamp(DIGEST, "sha256").passed_over[0]


def test_the_examination_tells_of_each(pki: Pki, trust: TrustStore) -> None:
    text = f"{pki.timestamp_url} {faulty(pki, Fault.CLOCK_WRONG)}"
    right, wrong = of_setting(text, trust=trust).examine()
    assert right.token is not None
    assert (right.name, right.fault, right.rests) == ("127.0.0.1 (địa chỉ thứ 1)", "", False)
    assert wrong.token is None
    assert "giờ lệch" in wrong.fault


def test_for_one_file_the_authority_that_answered_is_asked_first_from_then_on(pki: Pki) -> None:
    """What was found out about its certificate must serve for the last time-stamp too."""
    authority = Authority(f"{NOWHERE} {pki.timestamp_urls}")
    asyncio.run(authority.async_timestamp(DIGEST, "sha256"))
    assert authority.authorities.addresses[0] == pki.timestamp_url
    assert set(authority.authorities.addresses[1:]) == {NOWHERE, f"{pki.timestamp_url}-2"}
