"""Real certificates, lists and answers become the facts that they are; and over whole chains our
rules say what the validation library says, which has its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors

from eoffice.signing import chains
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.evidence import Known, RevokedFact
from eoffice.signing.gathering_certificates import Pool
from eoffice.signing.trust import TrustStore

AT = datetime(2027, 1, 1, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)


@cache
def key(of: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sở"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


@dataclass
class Paper:
    """A certificate as it is to be made."""

    name: str
    issuer: str
    is_ca: bool = True
    path_length: int | None = None
    starts: datetime = AT - YEAR
    ends: datetime = AT + YEAR
    signed_by: str = ""
    serial: int = 7
    may_sign_certificates: bool = True
    more: list[tuple[x509.ExtensionType, bool]] = field(default_factory=list)

    def made(self) -> asn1_x509.Certificate:
        others = ("data_encipherment", "key_agreement", "encipher_only", "decipher_only")
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(self.name))
            .issuer_name(named(self.issuer))
            .public_key(key(self.name).public_key())
            .serial_number(self.serial)
            .not_valid_before(self.starts)
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(self.is_ca, self.path_length), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not self.is_ca,
                    content_commitment=not self.is_ca,
                    key_encipherment=False,
                    key_cert_sign=self.is_ca and self.may_sign_certificates,
                    crl_sign=self.is_ca,
                    **dict.fromkeys(others, False),
                ),
                critical=True,
            )
        )
        for extension, is_critical in self.more:
            builder = builder.add_extension(extension, critical=is_critical)
        signed = builder.sign(key(self.signed_by or self.issuer), hashes.SHA256())
        return asn1_x509.Certificate.load(signed.public_bytes(Encoding.DER))


def chain(**changes: Paper) -> list[asn1_x509.Certificate]:
    """Root, upper and lower authority, signer; some of them otherwise."""
    papers = {
        "root": Paper("root", "root"),
        "upper": Paper("upper", "root"),
        "lower": Paper("lower", "upper"),
        "signer": Paper("signer", "lower", is_ca=False),
    } | changes
    return [one.made() for one in papers.values()]


def ours(made: Sequence[asn1_x509.Certificate]) -> Standing:
    root, *between, signer = made
    return chains.judge(
        signer,
        Evidence(certificates=tuple(between)),
        trust=TrustStore.of(root.dump()),
        at=AT,
        purpose=Purpose.SIGNATURE,
        revocation=False,
    ).standing


def is_good_for_the_library(made: Sequence[asn1_x509.Certificate]) -> bool:
    root, *between, signer = made
    context = ValidationContext(
        trust_roots=[root], other_certs=list(between), moment=AT, revocation_mode="soft-fail"
    )
    validator = CertificateValidator(signer, validation_context=context)
    try:
        asyncio.run(validator.async_validate_path())
    except (errors.PathBuildingError, errors.PathError, errors.ValidationError):
        return False
    return True


def constraint(*, permitted: str = "", excluded: str = "") -> tuple[x509.ExtensionType, bool]:
    def tree(name: str) -> list[x509.GeneralName] | None:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)
        return [x509.DirectoryName(x509.Name([organisation]))] if name else None

    return x509.NameConstraints(tree(permitted), tree(excluded)), True


STRANGE = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Standing.GOOD),
        ({"upper": Paper("upper", "root", path_length=1)}, Standing.GOOD),
        ({"upper": Paper("upper", "root", path_length=0)}, Standing.BROKEN_CHAIN),
        ({"lower": Paper("lower", "upper", is_ca=False)}, Standing.BROKEN_CHAIN),
        (
            {"lower": Paper("lower", "upper", may_sign_certificates=False)},
            Standing.BROKEN_CHAIN,
        ),
        ({"lower": Paper("lower", "upper", ends=AT - DAY)}, Standing.EXPIRED),
        ({"upper": Paper("upper", "root", starts=AT + DAY)}, Standing.NOT_YET_VALID),
        ({"signer": Paper("signer", "lower", is_ca=False, ends=AT - DAY)}, Standing.EXPIRED),
        ({"lower": Paper("lower", "upper", signed_by="root")}, Standing.UNKNOWN_ISSUER),
        (
            {"signer": Paper("signer", "lower", is_ca=False, signed_by="signer")},
            Standing.UNKNOWN_ISSUER,
        ),
        ({"upper": Paper("upper", "root", more=[(STRANGE, True)])}, Standing.BROKEN_CHAIN),
        ({"upper": Paper("upper", "root", more=[(STRANGE, False)])}, Standing.GOOD),
        ({"upper": Paper("upper", "root", more=[constraint(permitted="Sở")])}, Standing.GOOD),
        (
            {"upper": Paper("upper", "root", more=[constraint(permitted="Bộ")])},
            Standing.BROKEN_CHAIN,
        ),
        (
            {"lower": Paper("lower", "upper", more=[constraint(excluded="Sở")])},
            Standing.BROKEN_CHAIN,
        ),
        (
            {"upper": Paper("upper", "root", more=[(x509.PolicyConstraints(0, None), True)])},
            Standing.BROKEN_CHAIN,
        ),
        (
            {"upper": Paper("upper", "root", more=[(x509.PolicyConstraints(None, 0), True)])},
            Standing.GOOD,
        ),
    ],
)
def test_our_rules_say_what_the_library_says(changes: dict[str, Paper], expected: Standing) -> None:
    made = chain(**changes)
    assert ours(made) is expected
    assert is_good_for_the_library(made) is (expected is Standing.GOOD)


# Facts


def known(*made: asn1_x509.Certificate, evidence: Evidence | None = None) -> Known:
    pool = Pool(TrustStore())
    for one in made:
        pool.add(one)
    pool.add_all(evidence or Evidence())
    return pool.known()


def test_a_certificate_is_read_as_it_is() -> None:
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    (fact,) = known(
        Paper("signer", "lower", is_ca=False, more=[(purposes, True)], serial=255).made()
    ).certificates
    assert (fact.subject, fact.issuer, fact.unit, fact.serial) == ("signer", "lower", "Sở", "ff")
    assert (fact.key, fact.key_bits, fact.signed_with) == ("secp256r1", 256, "sha256")
    assert (fact.not_before, fact.not_after) == (AT - YEAR, AT + YEAR)
    assert (fact.is_ca, fact.path_length) == (False, None)
    assert fact.usages == ("digital_signature", "non_repudiation")
    assert fact.purposes == ("time_stamping",)
    assert fact.strange_demands == ()


def test_the_same_certificate_counts_once_and_a_damaged_one_not_at_all() -> None:
    good = Paper("root", "root").made()
    damaged = asn1_x509.Certificate.load(good.dump().replace(b"260101000000Z", b"26xx01000000Z"))
    assert len(known(good, good, damaged).certificates) == 1


def test_only_right_signatures_make_links() -> None:
    impostor = Paper("lower", "upper", signed_by="signer").made()
    root, upper, lower, signer = chain()
    told = known(root, upper, lower, signer, impostor)
    links = {(one.child, one.parent) for one in told.links}
    # The impostor has the right key, so it did sign for the signer; but nobody signed for it.
    assert links == {(1, 0), (2, 1), (3, 2), (3, 4)}


def listed(
    *serials: int, issuer: str = "lower", more: Any = None, by: str = ""
) -> asn1_crl.CertificateList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(named(issuer))
        .last_update(AT)
        .next_update(AT + DAY)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(AT - DAY)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    if more is not None:
        builder = builder.add_extension(more, critical=True)
    made = builder.sign(key(by or issuer), hashes.SHA256())
    return asn1_crl.CertificateList.load(made.public_bytes(Encoding.DER))


def answers(told: asn1_crl.CertificateList) -> Any:
    return known(*chain(), evidence=Evidence(crls=(told,))).answers


def test_a_list_names_whom_it_revokes_and_of_whom_it_speaks() -> None:
    (told,) = answers(listed(7, 99))
    assert told.about == (3,)
    assert told.signers == (2,)
    assert told.revoked == (RevokedFact(3, AT - DAY, "keyCompromise"),)
    assert (told.this_update, told.next_update) == (AT, AT + DAY)
    assert told.is_complete
    (silent,) = answers(listed(99))
    assert silent.revoked == ()


def test_a_list_that_nobody_known_has_signed_is_no_answer() -> None:
    assert answers(listed(7, by="signer")) == ()
    assert answers(listed(7, issuer="somebody")) == ()


def distribution(**told: Any) -> x509.IssuingDistributionPoint:
    plain: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(plain | told))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (distribution(only_contains_user_certs=True), (True, False, ())),
        (distribution(only_contains_ca_certs=True), (True, True, ())),
        (distribution(indirect_crl=True), (False, None, ())),
        (
            distribution(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
            (False, None, ()),
        ),
        (
            distribution(full_name=[x509.UniformResourceIdentifier("http://here/1.crl")]),
            (True, None, ("http://here/1.crl",)),
        ),
        (x509.DeltaCRLIndicator(1), (False, None, ())),
        (STRANGE, (False, None, ())),
    ],
)
def test_a_list_of_a_part_says_of_which(more: Any, expected: tuple[Any, ...]) -> None:
    (told,) = answers(listed(99, more=more))
    assert (told.is_complete, told.only_authorities, told.points) == expected
