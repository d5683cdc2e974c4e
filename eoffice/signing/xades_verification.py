"""What can be said about a signed XML document (XAdES baseline), and what of it was signed.

Demanded is the one shape that `xades` writes: one signature in the whole file, a child of the root;
two references, one to the whole document and one to the signature's own properties; inclusive
canonical XML; and within the signature nothing but what belongs there, for the digest of the
document leaves out whatever stands inside. What programs go on with is `Signed.content` and not the
file that came: it is made of the very bytes that were compared with the digest.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from asn1crypto import cms, crl, ocsp, x509
from lxml import etree

from eoffice.clock import VIETNAM
from eoffice.signing import conclusions, integrity, signed_pdf, standings, verdict, xml_dsig
from eoffice.signing.chains import Purpose, Standing
from eoffice.signing.conclusions import BROKEN_STAMP, concluded, conclusion
from eoffice.signing.gathering_certificates import Evidence
from eoffice.signing.gathering_x509 import name_in, unit_in
from eoffice.signing.mechanisms import Mechanism
from eoffice.signing.policy import Strength
from eoffice.signing.revocation import RevocationDesk
from eoffice.signing.standings import Case
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    Verdict,
)
from eoffice.signing.xades import (
    SIGNED_PROPERTIES,
    XADES,
    NotSignableXml,
    canonical_part,
    read,
)
from eoffice.signing.xml_dsig import C14N, DIGESTS, DS, ENVELOPED, METHODS, NotOurProfile

_FIELD: Final = "XAdES"
_SHA1: Final = DS + "sha1"
_WEAK_METHODS: Final = frozenset({DS + "rsa-sha1", DS + "dsa-sha1"})
#: Attributes by which somebody may refer to an element.
_IDS: Final = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_IN_SIGNATURE: Final = (
    f"{{{DS}}}SignedInfo",
    f"{{{DS}}}SignatureValue",
    f"{{{DS}}}KeyInfo",
    f"{{{DS}}}Object",
)
_IN_QUALIFYING: Final = (f"{{{XADES}}}SignedProperties", f"{{{XADES}}}UnsignedProperties")
_MOST_STAMPS: Final = 5
_MOST_ANSWERS: Final = 40


class _Changed(Exception):
    """A digest does not match."""


class _WrongValue(Exception):
    """The signature value does not belong to the certificate."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The verdict, and the document without its signature where it is what was signed."""

    verdict: Verdict
    #: Canonical XML; None unless the verdict is `intact`.
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """A signature whose value and digests are right."""

    content: bytes
    certificates: tuple[x509.Certificate, ...]
    #: SignatureValue as a time-stamp is made over it.
    value: bytes
    tokens: tuple[cms.SignedData, ...]
    #: What the file carries of the word of authorities; it is judged like what is asked for.
    evidence: Evidence
    claimed: datetime | None
    capacity: str
    unit: str
    #: Of the references and of the signature.
    digests: tuple[str, ...]


def verify_xml(document: bytes, *, trust: TrustStore, at: datetime, online: bool = False) -> Signed:
    """The verdict at `at`. `online` allows asking authorities about revocation, as for PDF.

    Raises nothing, whatever the document is.
    """
    try:
        root = read(document)
    except NotSignableXml as unreadable:
        return Signed(Verdict(Finding.UNVERIFIABLE, unreadable.detail))
    if next(root.iter(f"{{{DS}}}Signature"), None) is None:
        return Signed(Verdict(Finding.UNSIGNED, "Tệp XML không có chữ ký số nào."))
    try:
        parts = _parts(root)
    except NotOurProfile as refused:
        return _only(replace(conclusions.unreadable_signature(_FIELD), reason=str(refused)))
    except _WrongValue:
        return _only(_concluded_early(Indication.SIGNATURE_FAILURE, Finding.INVALID, _NOT_ITS))
    except _Changed:
        return _only(_concluded_early(Indication.HASH_FAILURE, Finding.CHANGED, _NOT_SIGNED))
    except integrity.MALFORMED:
        return _only(conclusions.unreadable_signature(_FIELD))
    case = Case(trust, at, RevocationDesk() if online else None)
    case.pool.add_all(parts.evidence)
    judged = _judged(case, parts)
    found = verdict.fold([judged], [])
    return Signed(found, parts.content if found.verdict is Finding.INTACT else None)


def evidence_for(document: bytes, *, trust: TrustStore, at: datetime) -> Evidence:
    """What authorities say now of the certificates of a document that was just signed here, for
    `xades.with_evidence`; nothing of those who do not answer."""
    desk = _NotingDesk()
    _judged(Case(trust, at, desk), _parts(read(document)))
    return desk.noted


class _NotingDesk(RevocationDesk):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.noted = Evidence()

    def ask(self, path: Sequence[x509.Certificate]) -> Evidence:
        told = super().ask(path)
        self.noted = self.noted.and_also(told)
        return told


_NOT_ITS: Final = "Giá trị chữ ký không đúng với chứng thư số kèm theo."
_NOT_SIGNED: Final = "Nội dung tệp không còn là nội dung đã ký."


def _only(judged: SignatureVerdict) -> Signed:
    return Signed(verdict.fold([judged], []))


def _concluded_early(indication: Indication, found: Finding, reason: str) -> SignatureVerdict:
    unread = conclusions.unreadable_signature(_FIELD)
    return replace(unread, verdict=found, reason=reason, indication=indication)


# What was signed


def _parts(root: etree._Element) -> _Parts:
    signature = _the_signature(root)
    info = xml_dsig.one(signature, "SignedInfo")
    if any(not str(each.tag).startswith(f"{{{DS}}}") for each in info.iter()):
        raise NotOurProfile("Phần được ký của chữ ký số có phần tử lạ.")
    if xml_dsig.algorithm(info, "CanonicalizationMethod") != C14N:
        raise NotOurProfile("Chữ ký số dùng dạng chuẩn hóa XML không được nhận.")
    of_document, of_properties = _references(info)
    mechanism, digests = _mechanism(info, (of_document, of_properties))
    properties = _properties(signature, of_properties)
    place = xml_dsig.one(signature, "SignatureValue")
    ders = xml_dsig.certificates(signature)
    own = _signer(properties, ders)
    signed_info = canonical_part(info)
    if not xml_dsig.is_signed_by(own, xml_dsig.from_base64(place), signed_info, mechanism):
        raise _WrongValue
    content = xml_dsig.canonical(xml_dsig.without(root, signature), C14N)
    _require_digest(of_document, content)
    _require_digest(of_properties, canonical_part(properties))
    capacity, unit = _statement(properties)
    others = (der for der in ders if der != own)
    return _Parts(
        content=content,
        certificates=tuple(x509.Certificate.load(der, strict=True) for der in (own, *others)),
        value=canonical_part(place),
        tokens=tuple(_tokens(signature)),
        evidence=_evidence(signature),
        claimed=_claimed(properties),
        capacity=capacity,
        unit=unit,
        digests=digests,
    )


def _the_signature(root: etree._Element) -> etree._Element:
    """The only signature, below the root itself and with nothing foreign in it."""
    found = list(root.iter(f"{{{DS}}}Signature"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise NotOurProfile("Tệp XML phải có đúng một chữ ký số, đặt ngay dưới phần tử gốc.")
    signature = found[0]
    if tuple(_names(signature)) != _IN_SIGNATURE:
        raise NotOurProfile("Chữ ký số chứa phần tử lạ.")
    # Digests leave out what stands in the signature: nothing to read may hide there.
    held = [each for each in xml_dsig.one(signature, "Object") if isinstance(each.tag, str)]
    if [each.tag for each in held] != [f"{{{XADES}}}QualifyingProperties"]:
        raise NotOurProfile("Chữ ký số chứa dữ liệu lạ, không được nhận.")
    if tuple(_names(held[0])) not in (_IN_QUALIFYING, _IN_QUALIFYING[:1]):
        raise NotOurProfile("Chữ ký số chứa dữ liệu lạ, không được nhận.")
    if any(
        not str(each.tag).startswith((f"{{{DS}}}", f"{{{XADES}}}")) for each in signature.iter()
    ):
        raise NotOurProfile("Chữ ký số chứa phần tử lạ.")
    return signature


def _references(info: etree._Element) -> tuple[etree._Element, etree._Element]:
    """That of the whole document, and that of the signature's properties; there are no others."""
    found = info.findall(f"{{{DS}}}Reference")
    whole = [each for each in found if each.get("URI") == ""]
    own = [each for each in found if each.get("Type") == SIGNED_PROPERTIES]
    if len(found) != 2 or len(whole) != 1 or len(own) != 1 or whole[0] is own[0]:
        raise NotOurProfile("Chữ ký số phải ký cả tệp và các thuộc tính của nó, không gì khác.")
    for reference, allowed in (
        (whole[0], ((ENVELOPED, C14N), (ENVELOPED,))),
        (own[0], ((C14N,), ())),
    ):
        if _transforms(reference) not in allowed:
            raise NotOurProfile("Chữ ký số biến đổi nội dung theo cách không được nhận.")
    return whole[0], own[0]


def _transforms(reference: etree._Element) -> tuple[str, ...]:
    listed = reference.findall(f"{{{DS}}}Transforms")
    found = [each for one in listed for each in one]
    if len(listed) > 1 or any(len(each) for each in found):
        raise NotOurProfile("Chữ ký số biến đổi nội dung theo cách không được nhận.")
    return tuple(str(each.get("Algorithm", "")) for each in found)


def _mechanism(
    info: etree._Element, references: Iterable[etree._Element]
) -> tuple[Mechanism, tuple[str, ...]]:
    """How it was signed, and with which digests, in the names of hashlib."""
    method = xml_dsig.algorithm(info, "SignatureMethod")
    digests = {xml_dsig.algorithm(each, "DigestMethod") for each in references}
    if method in _WEAK_METHODS:
        raise NotOurProfile("Chữ ký số dùng SHA-1, không còn an toàn nên không được nhận.")
    if method not in METHODS or not digests <= {*DIGESTS, _SHA1}:
        raise NotOurProfile("Chữ ký số dùng thuật toán không được nhận.")
    named = {DIGESTS.get(one, "sha1") for one in digests} | {METHODS[method].digest}
    return METHODS[method], tuple(sorted(named))


def _properties(signature: etree._Element, reference: etree._Element) -> etree._Element:
    """The properties of this very signature, to which the reference points and nothing else."""
    qualifying = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    assert qualifying is not None
    properties = qualifying.find(f"{{{XADES}}}SignedProperties")
    assert properties is not None
    name = str(reference.get("URI", "")).removeprefix("#")
    root = signature.getroottree().getroot()
    called = [each for each in root.iter() for key in _IDS if each.get(key) == name]
    if not name or called != [properties] or properties.get("Id") != name:
        raise NotOurProfile("Chữ ký số chỉ đến những thuộc tính không phải của nó.")
    if qualifying.get("Target") != f"#{signature.get('Id', '')}":
        raise NotOurProfile("Các thuộc tính đã ký thuộc về một chữ ký khác.")
    return properties


def _signer(properties: etree._Element, ders: Iterable[bytes]) -> bytes:
    """The certificate that the signed properties name (EN 319 132-1, 5.2.2)."""
    path = f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SigningCertificateV2/{{{XADES}}}Cert"
    told = properties.find(f"{path}/{{{XADES}}}CertDigest")
    if told is None:
        raise NotOurProfile("Chữ ký số không nêu chứng thư số của người ký.")
    digest = DIGESTS.get(xml_dsig.algorithm(told, "DigestMethod"))
    wanted = xml_dsig.from_base64(xml_dsig.one(told, "DigestValue"))
    if digest is not None:
        for der in ders:
            if hmac.compare_digest(hashlib.new(digest, der).digest(), wanted):
                return der
    raise NotOurProfile("Chứng thư số kèm theo không phải là chứng thư số đã nêu khi ký.")


def _require_digest(reference: etree._Element, content: bytes) -> None:
    digest = DIGESTS.get(xml_dsig.algorithm(reference, "DigestMethod"), "sha1")
    found = hashlib.new(digest, content, usedforsecurity=False).digest()
    if not hmac.compare_digest(found, xml_dsig.from_base64(xml_dsig.one(reference, "DigestValue"))):
        raise _Changed


def _tokens(signature: etree._Element) -> Iterable[cms.SignedData]:
    path = f".//{{{XADES}}}UnsignedSignatureProperties/{{{XADES}}}SignatureTimeStamp"
    found = signature.findall(path)
    if len(found) > _MOST_STAMPS:
        raise NotOurProfile("Chữ ký số có quá nhiều dấu thời gian.")
    for stamp in found:
        form = stamp.find(f"{{{DS}}}CanonicalizationMethod")
        token = stamp.find(f"{{{XADES}}}EncapsulatedTimeStamp")
        if token is None or (form is not None and form.get("Algorithm") != C14N):
            raise NotOurProfile("Dấu thời gian của chữ ký số có dạng không được nhận.")
        yield cms.ContentInfo.load(xml_dsig.from_base64(token))["content"]


def _evidence(signature: etree._Element) -> Evidence:
    """Raises NotOurProfile: there is more of it than any signature needs."""
    path = f".//{{{XADES}}}UnsignedSignatureProperties//{{{XADES}}}Encapsulated"
    certificates, crls, responses = (
        [xml_dsig.from_base64(each) for each in signature.findall(path + name)]
        for name in ("X509Certificate", "CRLValue", "OCSPValue")
    )
    if len(certificates) + len(crls) + len(responses) > _MOST_ANSWERS:
        raise NotOurProfile("Chữ ký số kèm quá nhiều dữ liệu thu hồi.")
    return Evidence(
        tuple(x509.Certificate.load(der, strict=True) for der in certificates),
        tuple(ocsp.OCSPResponse.load(der, strict=True) for der in responses),
        tuple(crl.CertificateList.load(der, strict=True) for der in crls),
    )


def _claimed(properties: etree._Element) -> datetime | None:
    said = properties.findtext(f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SigningTime")
    try:
        at = datetime.fromisoformat((said or "").strip())
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=VIETNAM)


def _statement(properties: etree._Element) -> tuple[str, str]:
    role = properties.findtext(
        f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SignerRoleV2"
        f"/{{{XADES}}}ClaimedRoles/{{{XADES}}}ClaimedRole"
    )
    return verdict.read_statement(role or "") or ("", "")


def _names(parent: etree._Element) -> Iterable[str]:
    return (str(each.tag) for each in parent if isinstance(each.tag, str))


# Who signed, and when


def _judged(case: Case, parts: _Parts) -> SignatureVerdict:
    own, *others = parts.certificates
    try:
        is_broken = not all(integrity.timestamp_is_over(one, parts.value) for one in parts.tokens)
        stamped = [
            signed_pdf.stamped_at(one)
            for one in parts.tokens
            if standings.of_token(case, one, case.at) is Standing.GOOD
        ]
    except integrity.MALFORMED:
        is_broken, stamped = True, []
    judged = _described(parts, own, stamped)
    if is_broken:
        return concluded(judged, BROKEN_STAMP)
    best = min(stamped, default=case.at)
    found = case.judged(own, others, at=best, purpose=Purpose.SIGNATURE)
    judged = replace(judged, certificate=standings.facts(case, found, own))
    standing = found.standing
    if standing is Standing.GOOD and _is_weak(case, parts, own, best):
        standing = Standing.WEAK_ALGORITHM
    return concluded(judged, conclusion(standing, is_time_proven=bool(stamped)))


def _is_weak(case: Case, parts: _Parts, own: x509.Certificate, proven_at: datetime) -> bool:
    found = standings.strength(case, own, parts.digests, proven_at=proven_at)
    return found is Strength.BROKEN


def _level(parts: _Parts) -> Level:
    if not parts.tokens:
        return Level.B_B
    return Level.B_LT if parts.evidence.crls or parts.evidence.ocsp_responses else Level.B_T


def _described(parts: _Parts, own: x509.Certificate, stamped: list[datetime]) -> SignatureVerdict:
    source = TimeSource.CLAIMED if parts.claimed is not None else TimeSource.NONE
    warnings: tuple[str, ...] = ()
    if not stamped and parts.claimed is not None:
        warnings = (
            "Thời gian ký do máy của người ký tự khai, chưa được dấu thời gian nào xác nhận.",
        )
    return SignatureVerdict(
        field=_FIELD,
        signer=name_in(own.subject),
        capacity=parts.capacity,
        unit=parts.unit or unit_in(own),
        verdict=Finding.INTACT,
        reason="Chữ ký hợp lệ; nội dung nguyên vẹn từ khi ký.",
        indication=Indication.PASSED,
        level=_level(parts),
        signed_at=min(stamped) if stamped else parts.claimed,
        time_source=TimeSource.TIMESTAMP if stamped else source,
        covers_whole_file=True,
        warnings=warnings,
    )
