"""Signing XML (XAdES baseline, ETSI EN 319 132-1): data of schools that leave the office.

    prepare        makes the signature around an empty value and says which bytes are to be signed
    finish         puts the value in, and a time-stamp over it: level B-T, or B-B without one
    with_evidence  adds what authorities said of the certificates: level B-LT

One enveloped signature, the last child of the root, over the whole document (`URI=""`) and over its
own properties: the time, the certificate, and in which capacity and for which unit is signed. What
can be wrapped around a part that was signed cannot be wrapped around the whole. Canonical XML is
inclusive: the exclusive form drops prefixes that stand in contents, and common tools write wrong
digests with it. Pure but for the time-stamp; `xades_verification` reads what is written here.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from lxml import etree

from eoffice.errors import Invalid
from eoffice.signing import mechanisms, policy, timestamps, verdict, xml_dsig
from eoffice.signing.certificates import Requirements
from eoffice.signing.gathering_certificates import Evidence
from eoffice.signing.keys.contract import Identity, WrongKey
from eoffice.signing.mechanisms import DIGEST, Mechanism, RsaScheme
from eoffice.signing.trust import TrustStore
from eoffice.signing.xml_dsig import C14N, DIGESTS, DS, ENVELOPED, METHODS, below

XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"
LARGEST_BYTES: Final = 64 * 1024 * 1024
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_METHOD_OF: Final = {mechanism: uri for uri, mechanism in METHODS.items()}
_DIGEST_OF: Final = {name: uri for uri, name in DIGESTS.items()}
_PREFIXES: Final = {"ds": DS, "xades": XADES}
_SIGNATURE, _VALUE, _DOCUMENT, _PROPERTIES = (
    "signature",
    "signature-value",
    "signed-document",
    "signed-properties",
)


class NotSignableXml(Invalid):
    """The file is no XML that can be signed: malformed, with a DTD, or signed already."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that waits for one signature value. All of it bytes, so that it can be kept."""

    #: With a signature whose value is empty.
    document: bytes
    #: The canonical SignedInfo: what a key store signs.
    to_sign: bytes
    mechanism: Mechanism
    certificate: bytes


def prepare(
    document: bytes,
    *,
    identity: Identity,
    capacity: str,
    unit: str,
    signed_at: datetime,
    scheme: RsaScheme = RsaScheme.PSS,
    digest: str | None = None,
    must_be_usable: Requirements | None = None,
) -> Prepared:
    """Make the signature but for its value; `signed_at` is the signer's own word.

    Without `must_be_usable` nobody asks whether the certificate may sign: who ended or was revoked
    signs too. Raises NotSignableXml, KeyNotSuitable and what `certificates.require_usable` refuses.
    """
    if must_be_usable is not None:
        must_be_usable.check(identity.certificate, identity.chain, at=signed_at)
    mechanism = policy.mechanism_for(identity.certificate, scheme, digest=digest)
    digest = mechanism.digest
    root = read(document)
    if root.find(f".//{{{DS}}}Signature") is not None:
        raise NotSignableXml("Tệp XML đã có chữ ký số. Hãy ký tệp gốc chưa ký.")
    of_document = hashlib.new(digest, xml_dsig.canonical(root, C14N)).digest()
    signature = etree.SubElement(root, f"{{{DS}}}Signature", {"Id": _SIGNATURE}, nsmap=_PREFIXES)
    info = below(signature, "SignedInfo")
    below(signature, "SignatureValue", Id=_VALUE)
    xml_dsig.add_certificates(signature, (identity.certificate, *identity.chain))
    properties = _properties(signature, identity.certificate, signed_at, capacity, unit)
    below(info, "CanonicalizationMethod", Algorithm=C14N)
    below(info, "SignatureMethod", Algorithm=_METHOD_OF[mechanism])
    first = below(info, "Reference", Id=_DOCUMENT, URI="")
    _refer(first, (ENVELOPED, C14N), digest, of_document)
    second = below(info, "Reference", Type=SIGNED_PROPERTIES, URI=f"#{_PROPERTIES}")
    _refer(second, (C14N,), digest, hashlib.new(digest, canonical_part(properties)).digest())
    return Prepared(
        document=_written(root),
        to_sign=canonical_part(info),
        mechanism=mechanism,
        certificate=identity.certificate,
    )


def finish(
    prepared: Prepared,
    value: bytes,
    *,
    timestamp_url: str | None,
    timestamp_trust: TrustStore | None = None,
) -> bytes:
    """The signed document. `value` is what the key made of `to_sign`.

    `timestamp_url` and `timestamp_trust` are those of `pades.finish`. May be called again; the
    time-stamp is then another one. Raises WrongKey: the value was not made with the certificate's
    key. Raises TimestampUnavailable: call again later.
    """
    if not mechanisms.is_signed_by(
        prepared.certificate, value, prepared.to_sign, prepared.mechanism
    ):
        raise WrongKey(
            "Giá trị chữ ký không khớp với chứng thư số của người ký. Tệp chưa được ký; "
            "hãy kiểm tra thiết bị ký rồi ký lại."
        )
    root = read(prepared.document)
    signature = root[-1]
    place = xml_dsig.one(signature, "SignatureValue")
    place.text = xml_dsig.as_base64(
        xml_dsig.as_xml_value(value, prepared.certificate, prepared.mechanism)
    )
    if timestamp_url is not None:
        qualifying = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
        assert qualifying is not None
        asked = timestamps.of_setting(timestamp_url, trust=timestamp_trust)
        _add_timestamp(qualifying, canonical_part(place), asked)
    return _written(root)


def with_evidence(signed: bytes, evidence: Evidence) -> bytes:
    """The signed document with what authorities said of its certificates: level B-LT.

    EN 319 132-1, 5.4.1 and 5.4.2. What was signed and stamped stays as it is; nothing is judged.
    """
    root = read(signed)
    path = (
        f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties/{{{XADES}}}UnsignedProperties"
        f"/{{{XADES}}}UnsignedSignatureProperties"
    )
    unsigned = root[-1].find(path)
    assert unsigned is not None
    certificates = _add(unsigned, "CertificateValues")
    for certificate in evidence.certificates:
        told = _add(certificates, "EncapsulatedX509Certificate")
        told.text = xml_dsig.as_base64(certificate.dump())
    values = _add(unsigned, "RevocationValues")
    for kind, one, found in (
        ("CRLValues", "EncapsulatedCRLValue", evidence.crls),
        ("OCSPValues", "EncapsulatedOCSPValue", evidence.ocsp_responses),
    ):
        listed = _add(values, kind) if found else values
        for answer in found:
            _add(listed, one).text = xml_dsig.as_base64(answer.dump())
    return _written(root)


def read(document: bytes) -> etree._Element:
    """The root of a document without DTD and entities. Raises NotSignableXml."""
    if len(document) > LARGEST_BYTES:
        raise NotSignableXml(f"Tệp XML lớn hơn {LARGEST_BYTES // 2**20} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as failure:
        raise NotSignableXml("Tệp không phải là tệp XML đọc được, hoặc đã hỏng.") from failure
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotSignableXml("Tệp XML có khai báo DTD, không được nhận.")
    return root


def canonical(document: bytes) -> bytes:
    """A whole document as it is compared with what was signed. Raises NotSignableXml."""
    return xml_dsig.canonical(read(document), C14N)


def canonical_part(part: etree._Element) -> bytes:
    """Canonical XML of a part as it stands in its document (Canonical XML 1.0, 2.4).

    A part shows all namespaces that are in scope at its top, and the attributes `xml:…` from above
    it. The library below writes parts of a document otherwise, so the part is made a document.
    """
    # The declared type of `nsmap` forgets the default namespace.
    top = etree.Element(part.tag, nsmap=cast("dict[str, str]", part.nsmap))
    for name, value in part.attrib.items():
        top.set(name, value)
    for above in part.iterancestors():
        for name, value in above.attrib.items():
            if str(name).startswith(_XML) and name not in top.attrib:
                top.set(name, value)
    top.text = part.text
    for each in part:
        top.append(copy.deepcopy(each))
    return xml_dsig.canonical(top, C14N)


def _properties(
    signature: etree._Element, certificate: bytes, signed_at: datetime, capacity: str, unit: str
) -> etree._Element:
    """EN 319 132-1, 6.3: what a baseline signature says of itself."""
    qualifying = _add(below(signature, "Object"), "QualifyingProperties", Target=f"#{_SIGNATURE}")
    properties = _add(qualifying, "SignedProperties", Id=_PROPERTIES)
    of_signature = _add(properties, "SignedSignatureProperties")
    at = signed_at.astimezone(UTC)
    _add(of_signature, "SigningTime").text = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    cert = _add(_add(of_signature, "SigningCertificateV2"), "Cert")
    told = _add(cert, "CertDigest")
    below(told, "DigestMethod", Algorithm=_DIGEST_OF[DIGEST])
    below(told, "DigestValue").text = xml_dsig.as_base64(hashlib.new(DIGEST, certificate).digest())
    claimed = _add(_add(of_signature, "SignerRoleV2"), "ClaimedRoles")
    _add(claimed, "ClaimedRole").text = verdict.statement(capacity, unit)
    of_data = _add(properties, "SignedDataObjectProperties")
    form = _add(of_data, "DataObjectFormat", ObjectReference=f"#{_DOCUMENT}")
    _add(form, "MimeType").text = "text/xml"
    return properties


def _add_timestamp(qualifying: etree._Element, value: bytes, asked: timestamps.Authorities) -> None:
    """EN 319 132-1, 5.3: over the canonical form of SignatureValue."""
    imprint = hashlib.new(DIGEST, value).digest()
    token = asked.stamp(imprint, DIGEST).der
    unsigned = _add(_add(qualifying, "UnsignedProperties"), "UnsignedSignatureProperties")
    stamp = _add(unsigned, "SignatureTimeStamp")
    below(stamp, "CanonicalizationMethod", Algorithm=C14N)
    _add(stamp, "EncapsulatedTimeStamp").text = xml_dsig.as_base64(token)


def _refer(
    reference: etree._Element, transforms: tuple[str, ...], digest: str, value: bytes
) -> None:
    listed = below(reference, "Transforms")
    for transform in transforms:
        below(listed, "Transform", Algorithm=transform)
    below(reference, "DigestMethod", Algorithm=_DIGEST_OF[digest])
    below(reference, "DigestValue").text = xml_dsig.as_base64(value)


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XADES}}}{name}", attributes)


def _written(root: etree._Element) -> bytes:
    """The whole file; what stands before and behind the root is part of what is signed."""
    written: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return written
