"""A certificate that no reader would believe signs nothing: it is refused before its key is asked,
with what is wrong and what to do.
"""

from __future__ import annotations

import dataclasses
import http.server
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from eoffice.embedded.pki import Pki, Subject
from eoffice.signing import certificates, pades, policy, xades
from eoffice.signing.certificates import (
    Answers,
    CertificateForOtherUse,
    CertificateNotBegun,
    CertificateNotTrusted,
    CertificateNotUsable,
    CertificateOver,
    CertificateRevoked,
    Note,
    RevocationUnknown,
    TrustNotSet,
)
from eoffice.signing.chains import Purpose
from eoffice.signing.mechanisms import KeyNotSuitable
from eoffice.signing.revocation import RevocationDesk
from eoffice.signing.trust import Anchor, TrustStore
from tests import pki as cast
from tests.signing import certified, papers
from tests.signing.certified import Made, make
from tests.signing.papers import SIGNED_AT

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ROOT = make("Root CA công vụ", is_ca=True)
ISSUER = make("CA phục vụ cơ quan nhà nước", by=ROOT, is_ca=True)
TRUST = TrustStore.of(ROOT.der)
EKU = ExtendedKeyUsageOID


def signer(**shape: Any) -> Made:
    given: dict[str, Any] = {"by": ISSUER, "usages": certified.SIGNS} | shape
    return make("Nguyễn Văn An", **given)


def usable(
    made: Made,
    *,
    trust: TrustStore = TRUST,
    at: datetime = AT,
    rules: policy.Policy | None = None,
    desk: RevocationDesk | None = None,
    answers: Answers | None = None,
) -> Note:
    return certificates.require_usable(
        made.der,
        [ISSUER.der],
        trust=trust,
        policy=rules or policy.shipped(),
        at=at,
        desk=desk,
        answers=answers,
    )


def strict() -> policy.Policy:
    shipped = policy.shipped()
    before = dataclasses.replace(shipped.before_signing, may_sign_unknown=False)
    return dataclasses.replace(shipped, before_signing=before)


def test_a_good_certificate_signs_and_what_nobody_knows_is_noted() -> None:
    found = usable(signer())
    assert (found.holder, found.ends_at, found.ends_soon) == (
        "Nguyễn Văn An",
        certified.CLOSES,
        False,
    )
    assert not found.is_revocation_known
    (said,) = found.warnings
    assert said.startswith("Chưa hỏi được cơ quan chứng thực xem chứng thư số của Nguyễn Văn An")


def test_an_office_may_insist_on_an_answer() -> None:
    with pytest.raises(RevocationUnknown, match="Hãy thử lại sau ít phút"):
        usable(signer(), rules=strict())


def test_the_last_and_the_first_second_count() -> None:
    made = signer(opens=AT - timedelta(days=10), closes=AT)
    assert usable(made).ends_at == AT
    with pytest.raises(CertificateOver) as over:
        usable(made, at=AT + timedelta(seconds=1))
    assert over.value.detail == (
        "Chứng thư số của Nguyễn Văn An đã hết hạn ngày 23/11/2026 lúc 15:00. "
        "Hãy gia hạn hoặc đăng ký chứng thư số mới rồi ký lại."
    )
    assert usable(made, at=AT - timedelta(days=10)).ends_soon
    with pytest.raises(CertificateNotBegun, match="chỉ có hiệu lực từ ngày 13/11/2026 lúc 15:00"):
        usable(made, at=AT - timedelta(days=10, seconds=1))


@pytest.mark.parametrize(("days", "is_soon"), [(31, False), (30, True), (1, True), (0, True)])
def test_in_the_last_weeks_the_holder_is_told(days: int, is_soon: bool) -> None:
    found = usable(signer(closes=AT + timedelta(days=days)))
    assert found.ends_soon is is_soon
    assert any("hết hạn ngày" in one for one in found.warnings) is is_soon


@pytest.mark.parametrize(
    "usages",
    [
        {"digital_signature"},
        {"content_commitment"},
        set(certified.SIGNS),
        {"digital_signature", "key_encipherment"},
        None,
    ],
)
def test_keys_that_may_sign_or_of_which_nothing_is_said_sign(usages: set[str] | None) -> None:
    usable(signer(usages=frozenset(usages) if usages is not None else None))


@pytest.mark.parametrize("usages", [{"key_encipherment"}, {"key_agreement"}, {"crl_sign"}])
def test_keys_for_other_uses_do_not(usages: set[str]) -> None:
    with pytest.raises(CertificateForOtherUse, match="không được cấp để ký số"):
        usable(signer(usages=frozenset(usages)))


@pytest.mark.parametrize(
    "purposes",
    [
        [EKU.EMAIL_PROTECTION, EKU.CLIENT_AUTH],
        [EKU.ANY_EXTENDED_KEY_USAGE],
        [x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")],
        [EKU.CODE_SIGNING, EKU.EMAIL_PROTECTION],
    ],
)
def test_purposes_beside_which_signing_has_a_place_sign(
    purposes: list[x509.ObjectIdentifier],
) -> None:
    usable(signer(purposes=purposes))


@pytest.mark.parametrize(
    "purposes",
    [
        [EKU.TIME_STAMPING],
        [EKU.OCSP_SIGNING],
        [EKU.SERVER_AUTH],
        [EKU.CODE_SIGNING],
        [EKU.SERVER_AUTH, EKU.CODE_SIGNING],
    ],
)
def test_certificates_of_servers_and_services_do_not(
    purposes: list[x509.ObjectIdentifier],
) -> None:
    with pytest.raises(CertificateForOtherUse, match="được cấp cho việc khác"):
        usable(signer(purposes=purposes))


def test_an_authority_signs_no_documents() -> None:
    with pytest.raises(CertificateForOtherUse, match="chứng thư của cơ quan chứng thực"):
        usable(ISSUER)


def test_odd_keys_sign_nothing() -> None:
    with pytest.raises(KeyNotSuitable):
        usable(signer(key=ec.generate_private_key(ec.SECP256K1())))


def test_bytes_that_are_no_certificate_are_refused() -> None:
    for damaged in (b"", b"0", signer().der[:-40], b"\x30\x03\x02\x01\x05"):
        with pytest.raises(CertificateNotUsable):
            certificates.require_usable(
                damaged, [], trust=TRUST, policy=policy.shipped(), at=AT, desk=None
            )


# Chains


def test_a_stranger_is_named_with_who_has_certified_him() -> None:
    with pytest.raises(CertificateNotTrusted, match="do “CA phục vụ cơ quan nhà nước” cấp"):
        usable(signer(), trust=TrustStore())
    with pytest.raises(CertificateNotTrusted):
        usable(signer(by=None))


def test_a_root_for_time_stamps_or_of_another_time_lets_nobody_sign() -> None:
    for limited in (
        Anchor(ROOT.der, serves=frozenset({Purpose.TIMESTAMP})),
        Anchor(ROOT.der, distrusted_from=AT.date()),
        Anchor(ROOT.der, valid_until=AT.date() - timedelta(days=1)),
        Anchor(ROOT.der, valid_from=AT.date() + timedelta(days=1)),
    ):
        with pytest.raises(CertificateNotTrusted):
            usable(signer(), trust=TrustStore((limited,)))


def test_an_authority_that_has_ended_lets_nobody_sign() -> None:
    ended = make("CA cũ", by=ROOT, is_ca=True, closes=AT - timedelta(days=1))
    made = signer(by=ended)
    with pytest.raises(CertificateNotTrusted, match="chứng thư của cơ quan cấp không còn hiệu lực"):
        certificates.require_usable(
            made.der, [ended.der], trust=TRUST, policy=policy.shipped(), at=AT, desk=None
        )


# Revocation


class _Lists(http.server.BaseHTTPRequestHandler):
    """Revocation lists by path; counts the questions."""

    lists: dict[str, bytes]
    asked: list[str]
    silent: bool

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.silent or self.path not in self.lists:
            self.send_error(503)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.lists[self.path])

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def lists() -> Iterator[tuple[str, type[_Lists]]]:
    handler = type("Lists", (_Lists,), {"lists": {}, "asked": [], "silent": False})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", handler
        finally:
            server.shutdown()
            thread.join()


def listed(by: Made, *revoked: Made) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(AT - timedelta(hours=1))
        .next_update(AT + timedelta(days=1))
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(AT - timedelta(days=2))
            .build()
        )
    key = by.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_answers_are_asked_for_and_not_again_for_a_while() -> None:
    with lists() as (url, served):
        issuer = make("CA hỏi được", by=ROOT, is_ca=True, address=f"{url}/root.crl")
        good, bad = (signer(by=issuer, address=f"{url}/ca.crl") for _ in range(2))
        served.lists = {"/root.crl": listed(ROOT), "/ca.crl": listed(issuer, bad)}
        answers = Answers()

        def check(made: Made, at: datetime = AT) -> Note:
            return certificates.require_usable(
                made.der,
                [issuer.der],
                trust=TRUST,
                policy=strict(),
                at=at,
                desk=RevocationDesk(within_s=5),
                answers=answers,
            )

        assert check(good).is_revocation_known
        assert check(good).warnings == ()
        assert len(served.asked) == 2
        assert check(good, AT + certificates.GOOD_FOR).is_revocation_known
        assert len(served.asked) == 2, "a batch is one question"
        with pytest.raises(CertificateRevoked, match=r"đã bị thu hồi.*Hãy gia hạn hoặc đăng ký"):
            check(bad)
        with pytest.raises(CertificateRevoked):
            check(bad)
        assert len(served.asked) == 6, "a refusal is asked about each time"
        check(good, AT + certificates.GOOD_FOR + timedelta(seconds=1))
        assert len(served.asked) == 8
        served.lists["/root.crl"] = listed(ROOT, issuer)
        with pytest.raises(CertificateRevoked, match="hoặc của cơ quan cấp"):
            check(good, AT + timedelta(hours=1))


def test_silence_is_remembered_for_a_minute_and_no_longer() -> None:
    with lists() as (url, served):
        made = signer(address=f"{url}/ca.crl")
        served.silent = True
        answers = Answers()
        for _ in range(3):
            assert usable(made, desk=RevocationDesk(within_s=5), answers=answers).warnings
        assert len(served.asked) == 1
        later = AT + certificates.SILENT_FOR + timedelta(seconds=1)
        with pytest.raises(RevocationUnknown):
            usable(made, at=later, rules=strict(), desk=RevocationDesk(within_s=5), answers=answers)
        assert len(served.asked) == 2


def test_a_silent_authority_above_hides_no_revocation() -> None:
    with lists() as (url, served):
        issuer = make("CA không ai hỏi được", by=ROOT, is_ca=True)
        made = signer(by=issuer, address=f"{url}/ca.crl")
        served.lists = {"/ca.crl": listed(issuer, made)}
        with pytest.raises(CertificateRevoked):
            certificates.require_usable(
                made.der,
                [issuer.der],
                trust=TRUST,
                policy=policy.shipped(),
                at=AT,
                desk=RevocationDesk(within_s=5),
            )


def test_no_more_is_asked_once_the_time_is_over() -> None:
    with lists() as (url, served):
        made = signer(address=f"{url}/ca.crl")
        assert not usable(made, desk=RevocationDesk(within_s=0)).is_revocation_known
        assert served.asked == []


def test_nobody_is_asked_about_strangers() -> None:
    with lists() as (url, served):
        with pytest.raises(CertificateNotTrusted):
            usable(
                signer(address=f"{url}/ca.crl"), trust=TrustStore(), desk=RevocationDesk(within_s=5)
            )
        assert served.asked == []


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (cast.DIRECTOR, None),
        (cast.SEAL, None),
        (cast.TEACHER, None),
        (cast.REVOKED, CertificateRevoked),
        (cast.EXPIRED, CertificateOver),
        (cast.STRANGER, CertificateNotTrusted),
    ],
)
def test_the_trust_services_say_who_may_sign(
    pki: Pki, trust: TrustStore, in_2018: None, who: Subject, refusal: type[Exception] | None
) -> None:
    identity = cast.key_store(pki, who).identity()
    needed = certificates.Requirements(trust, strict(), RevocationDesk(within_s=20))
    if refusal is None:
        assert needed.check(identity.certificate, identity.chain, at=SIGNED_AT).is_revocation_known
        return
    with pytest.raises(refusal):
        needed.check(identity.certificate, identity.chain, at=SIGNED_AT)


def test_an_office_whose_roots_or_rules_cannot_be_read_signs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TrustNotSet, match=r"Chưa ký được: Không có thư mục.*Hãy báo quản trị"):
        certificates.of_office(tmp_path / "khong-co")
    assert certificates.of_office(tmp_path).trust == TrustStore()
    monkeypatch.setenv(policy.VARIABLE, str(tmp_path / "chinh-sach.json"))
    with pytest.raises(TrustNotSet, match="chính sách ký số"):
        certificates.of_office(tmp_path)


def test_a_file_is_not_prepared_for_who_may_not_sign(
    pki: Pki, trust: TrustStore, in_2018: None
) -> None:
    """But for a caller who wants just that, and says so by asking for nothing."""
    needed = certificates.Requirements(trust, policy.shipped(), RevocationDesk(within_s=20))
    for who in (cast.EXPIRED, cast.REVOKED, cast.STRANGER):
        for must_be_usable in (needed, None):
            with pytest.raises(CertificateNotUsable) if must_be_usable else nullcontext():
                prepare(pki, who, must_be_usable)
            with pytest.raises(CertificateNotUsable) if must_be_usable else nullcontext():
                prepare_xml(pki, who, must_be_usable)
    assert prepare(pki, cast.TEACHER, needed).notes == ()


def test_what_is_known_of_a_certificate_travels_with_the_request(
    pki: Pki, trust: TrustStore, in_2018: None
) -> None:
    unasked = certificates.Requirements(trust, policy.shipped(), None)
    made = prepare(pki, cast.TEACHER, unasked)
    (said,) = made.notes
    assert said.startswith("Chưa hỏi được cơ quan chứng thực")
    assert pades.Prepared.from_state(json.loads(json.dumps(made.state()))) == made


def prepare(
    pki: Pki, who: Subject, must_be_usable: certificates.Requirements | None
) -> pades.Prepared:
    return pades.prepare(
        io.BytesIO(papers.plain()),
        field="signature_person",
        identity=cast.key_store(pki, who).identity(),
        purpose=pades.Purpose.APPROVE,
        capacity="Giáo viên",
        unit=who.organization,
        signed_at=SIGNED_AT,
        must_be_usable=must_be_usable,
    )


def prepare_xml(pki: Pki, who: Subject, must_be_usable: certificates.Requirements | None) -> None:
    xades.prepare(
        b"<so/>",
        identity=cast.key_store(pki, who).identity(),
        capacity="Giáo viên",
        unit=who.organization,
        signed_at=SIGNED_AT,
        must_be_usable=must_be_usable,
    )
