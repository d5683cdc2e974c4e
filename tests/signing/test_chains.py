"""What an authority says about a certificate counts as long as the certificate runs; that it was
revoked counts for ever (RFC 5280, 3.3 and 5; RFC 6960, 4.4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

from eoffice.signing import chains
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.trust import TrustStore

LISTS = "http://127.0.0.1:9/list.crl"
REVOKED_ON = datetime(2018, 1, 1, tzinfo=UTC)
BEFORE, AFTER = datetime(2017, 1, 1, tzinfo=UTC), datetime(2019, 4, 10, tzinfo=UTC)


def year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


@cache
def key(of: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@cache
def certificate(name: str, *, is_authority: bool) -> x509.Certificate:
    """The signer's ends with the year 2020."""
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("authority"))
        .public_key(key(name).public_key())
        .serial_number(1 if is_authority else 77)
        .not_valid_before(year(2015))
        .not_valid_after(year(2060) if is_authority else year(2021))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                content_commitment=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                **usage,
            ),
            critical=True,
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key("authority").public_key()),
            critical=False,
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(LISTS)], None, None, None)]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP,
                        x509.UniformResourceIdentifier("http://127.0.0.1:9/ocsp"),
                    )
                ]
            ),
            critical=False,
        )
        .sign(key("authority"), hashes.SHA256())
    )


def listed(
    at: datetime, *, revoked: bool, expired_stay_since: datetime | None = None
) -> asn1_crl.CertificateList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(named("authority"))
        .last_update(at)
        .next_update(at + timedelta(days=200))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key("authority").public_key()),
            critical=False,
        )
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    if expired_stay_since is not None:
        value = b"\x18\x0f" + f"{expired_stay_since:%Y%m%d%H%M%SZ}".encode()
        stays = x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.60"), value)
        builder = builder.add_extension(stays, critical=False)
    if revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(77).revocation_date(REVOKED_ON)
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(key("authority"), hashes.SHA256())
    return asn1_crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))


def answered(at: datetime) -> asn1_ocsp.OCSPResponse:
    """ "Good", by the authority itself."""
    authority = certificate("authority", is_authority=True)
    signed = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            certificate("signer", is_authority=False),
            authority,
            hashes.SHA1(),  # noqa: S303 - only names the certificate
            ocsp.OCSPCertStatus.GOOD,
            at,
            at + timedelta(days=200),
            None,
            None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, authority)
        .certificates([authority])
        .sign(key("authority"), hashes.SHA256())
    )
    return asn1_ocsp.OCSPResponse.load(signed.public_bytes(serialization.Encoding.DER))


def standing(
    at: datetime,
    lists: Sequence[asn1_crl.CertificateList] = (),
    answers: Sequence[asn1_ocsp.OCSPResponse] = (),
) -> Standing:
    anchor = certificate("authority", is_authority=True)
    signer = certificate("signer", is_authority=False)
    return chains.judge(
        asn1_x509.Certificate.load(signer.public_bytes(serialization.Encoding.DER)),
        Evidence(crls=tuple(lists), ocsp_responses=tuple(answers)),
        trust=TrustStore.of(anchor.public_bytes(serialization.Encoding.DER)),
        at=at,
        purpose=Purpose.SIGNATURE,
    ).standing


def test_a_list_of_its_time_says_what_it_was() -> None:
    assert standing(AFTER, [listed(year(2019), revoked=False)]) is Standing.GOOD
    assert standing(AFTER, [listed(year(2019), revoked=True)]) is Standing.REVOKED
    assert standing(BEFORE, [listed(year(2019), revoked=True)]) is Standing.GOOD


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_a_list_made_after_the_end_says_nothing_of_whom_it_does_not_name(at: datetime) -> None:
    later = listed(year(2030), revoked=False)
    assert standing(at, [later]) is Standing.NO_REVOCATION_DATA


def test_a_list_that_dropped_the_entry_does_not_undo_the_one_that_had_it() -> None:
    both = [listed(year(2019), revoked=True), listed(year(2030), revoked=False)]
    assert standing(AFTER, both) is Standing.REVOKED
    assert standing(AFTER, both[::-1]) is Standing.REVOKED
    assert standing(BEFORE, both) is Standing.GOOD


def test_a_revocation_does_not_run_out_with_the_list_that_told_it() -> None:
    long_after = datetime(2020, 6, 1, tzinfo=UTC)
    assert standing(long_after, [listed(year(2019), revoked=True)]) is Standing.REVOKED
    assert standing(long_after, [listed(year(2019), revoked=False)]) is Standing.NO_REVOCATION_DATA


def test_who_is_named_after_the_end_was_revoked_all_the_same() -> None:
    assert standing(AFTER, [listed(year(2030), revoked=True)]) is Standing.REVOKED
    assert standing(BEFORE, [listed(year(2030), revoked=True)]) is Standing.GOOD


@pytest.mark.parametrize(
    ("since", "expected"),
    [(2016, Standing.GOOD), (2020, Standing.GOOD), (2025, Standing.NO_REVOCATION_DATA)],
)
def test_a_list_on_which_the_expired_stay_counts_for_those_who_ended_since(
    since: int, expected: Standing
) -> None:
    later = listed(year(2030), revoked=False, expired_stay_since=year(since))
    assert standing(AFTER, [later]) is expected


def test_an_answer_of_its_time_counts_and_one_after_the_end_does_not() -> None:
    assert standing(AFTER, answers=[answered(year(2020))]) is Standing.GOOD
    assert standing(AFTER, answers=[answered(year(2030))]) is Standing.NO_REVOCATION_DATA
    late = [answered(year(2030))]
    assert standing(AFTER, [listed(year(2019), revoked=True)], late) is Standing.REVOKED
