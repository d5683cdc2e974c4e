"""The program at the signer's computer signs what it was shown, and nothing else.

Every lie that an office, or somebody in its place, could tell is told here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from asn1crypto import cms
from cryptography import x509 as parsed
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.agent_program import examining
from eoffice.agent_program.examining import NotWhatItSays
from eoffice.embedded.pki import Pki
from eoffice.signing import cms as builder
from eoffice.signing.mechanisms import Mechanism

FILE = b"%PDF-1.7 content <" + b"0" * 64 + b"> more %%EOF\n"
PLACE = (17, 83)


@dataclass(frozen=True)
class Asked:
    file: bytes
    sha256: str
    place: tuple[int, int]
    mechanism: str
    document_digest: bytes
    signed_attributes: bytes
    certificate: bytes
    own_certificate: bytes


def certificate_of(pki: Pki, label: str) -> bytes:
    pem = pki.key_file(label).with_suffix(".pem").read_bytes()
    return parsed.load_pem_x509_certificates(pem)[0].public_bytes(Encoding.DER)


def over(file: bytes, place: tuple[int, int], certificate: bytes, mechanism: Mechanism) -> Asked:
    """As the office asks, honestly."""
    rest = file[: place[0]] + file[place[1] :]
    digest = hashlib.new(mechanism.digest, rest).digest()
    who = builder.signatory(certificate, (), mechanism)
    return Asked(
        file,
        hashlib.sha256(file).hexdigest(),
        place,
        mechanism.value,
        digest,
        builder.signed_attributes(who, digest),
        certificate,
        certificate,
    )


@pytest.fixture(scope="module")
def honest(pki: Pki) -> Asked:
    return over(FILE, PLACE, certificate_of(pki, "director"), Mechanism.RSA_PSS_SHA256)


def examine(asked: Asked) -> None:
    examining.require_same(**{name: getattr(asked, name) for name in Asked.__dataclass_fields__})


@pytest.mark.parametrize("mechanism", Mechanism)
def test_what_the_office_really_asks_is_signed(pki: Pki, mechanism: Mechanism) -> None:
    examine(over(FILE, PLACE, certificate_of(pki, "director"), mechanism))


def changed(asked: Asked, change: Callable[[cms.CMSAttributes], cms.CMSAttributes]) -> Asked:
    attributes = cms.CMSAttributes.load(asked.signed_attributes)
    return replace(asked, signed_attributes=change(attributes).dump(force=True))


def with_another(attributes: cms.CMSAttributes) -> cms.CMSAttributes:
    more = cms.CMSAttribute({"type": "1.2.3.4", "values": [cms.CMSAttributes([])]})
    return cms.CMSAttributes([*attributes, more])


def without(name: str) -> Callable[[cms.CMSAttributes], cms.CMSAttributes]:
    return lambda found: cms.CMSAttributes([one for one in found if one["type"].native != name])


def with_values(name: str, *values: object) -> Callable[[cms.CMSAttributes], cms.CMSAttributes]:
    return lambda found: cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": name, "values": list(values)})
            if one["type"].native == name
            else one
            for one in found
        ]
    )


LIES: dict[str, Callable[[Asked], Asked]] = {
    "another file": lambda a: replace(a, file=a.file.replace(b"content", b"Content")),
    "another file with its own hash": lambda a: replace(
        a,
        file=(other := a.file.replace(b"content", b"Content")),
        sha256=hashlib.sha256(other).hexdigest(),
    ),
    "another digest": lambda a: replace(a, document_digest=bytes(32)),
    "a place that hides a page": lambda a: replace(a, place=(10, 83)),
    "a place behind the end": lambda a: replace(a, place=(17, 10_000)),
    "no place": lambda a: replace(a, place=(17, 17)),
    "a place that is filled": lambda a: over(
        a.file.replace(b"0" * 64, b"6" * 64), a.place, a.certificate, Mechanism.RSA_PSS_SHA256
    ),
    "a weak hash": lambda a: replace(a, mechanism="rsa-pkcs1-sha1"),
    "another certificate": lambda a: replace(a, certificate=a.certificate + b"\0"),
    "an attribute of unknown meaning": lambda a: changed(a, with_another),
    "no digest": lambda a: changed(a, without("message_digest")),
    "no certificate": lambda a: changed(a, without("signing_certificate_v2")),
    "the digest of another file": lambda a: changed(a, with_values("message_digest", bytes(32))),
    "two digests": lambda a: changed(
        a, with_values("message_digest", a.document_digest, bytes(32))
    ),
    "something that is no document": lambda a: changed(a, with_values("content_type", "tst_info")),
    "no attributes": lambda a: replace(a, signed_attributes=b""),
    "a bare digest": lambda a: replace(a, signed_attributes=a.document_digest),
    "bytes behind the attributes": lambda a: replace(
        a, signed_attributes=a.signed_attributes + b"\0"
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_is_signed(honest: Asked, lie: str) -> None:
    examine(honest)
    with pytest.raises(NotWhatItSays) as refused:
        examine(LIES[lie](honest))
    assert str(refused.value).endswith(".")


def test_the_certificate_of_somebody_else_in_the_attributes_is_not_signed(
    pki: Pki, honest: Asked
) -> None:
    other = over(FILE, PLACE, certificate_of(pki, "seal"), Mechanism.RSA_PSS_SHA256)
    with pytest.raises(NotWhatItSays, match="chứng thư số khác"):
        examine(replace(honest, signed_attributes=other.signed_attributes))
