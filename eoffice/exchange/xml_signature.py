"""The signature of a message: XML-DSig, enveloped, over the whole document.

W3C XML Signature Syntax and Processing (Second Edition), sections 4–6, cut down to one profile:
one signature, one reference, and that to the whole document (`URI=""`). What is read is therefore
what was signed: a reference to a part, which is how signed parts are wrapped into other documents,
is refused without a look at its digest. Inclusive canonical XML 1.0; SHA-256 with RSA or ECDSA.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, cast

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from eoffice.exchange import safe_xml
from eoffice.exchange.safe_xml import MessageUnreadable, local
from eoffice.signing import chains, policy
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.keys.contract import KeySession
from eoffice.signing.mechanisms import Mechanism, RsaScheme
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore
from eoffice.signing.xml_dsig import (
    C14N,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    SHA256,
    NotOurProfile,
    add_certificates,
    algorithm,
    as_base64,
    as_xml_value,
    below,
    canonical,
    certificates,
    from_base64,
    is_signed_by,
    one,
    without,
)

_METHODS: Final = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": Mechanism.RSA_PKCS1_SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": Mechanism.ECDSA_SHA256,
}
_URIS: Final = {mechanism: uri for uri, mechanism in _METHODS.items()}
#: Still in use on the axis; a forger of today can make another document with the same digest.
_WEAK: Final = (DS + "sha1", DS + "rsa-sha1", DS + "dsa-sha1")
#: Without a prefix below the signature, as the samples of the axis have it.
_OWN_PREFIX: Final = cast("dict[str, str]", {None: DS})


class SignatureState(StrEnum):
    #: không có chữ ký
    ABSENT = "absent"
    #: hợp lệ
    VALID = "valid"
    #: nội dung đã bị thay đổi, hoặc chữ ký không theo mẫu được nhận
    BROKEN = "broken"
    #: thuật toán không còn an toàn
    WEAK = "weak"
    #: chứng thư số không được tin cậy vào lúc nhận
    UNTRUSTED = "untrusted"
    #: chưa hỏi được tình trạng thu hồi
    UNKNOWN = "unknown"
    #: chữ ký đúng, nhưng của cơ quan khác
    OTHER_SIGNER = "other_signer"


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What was found about the signature of a message, at the moment of its arrival."""

    state: SignatureState
    #: A whole sentence for the clerk.
    words: str
    #: Organisation and common name of the certificate; empty where there is none.
    signer: str = ""
    certificate_sha256: str = ""


def sign(message: bytes, key: KeySession) -> bytes:
    """The message with a signature in its header, made by the key of the agency's seal.

    Calls the key store; no transaction may be open.
    """
    root = safe_xml.read(message).root
    header = root.find("{*}edXMLEnvelope/{*}edXMLHeader")
    assert header is not None, "messages of ours have a header"
    mechanism = policy.mechanism_for(key.identity.certificate, RsaScheme.PKCS1)
    digest = hashlib.sha256(canonical(root, C14N)).digest()
    signature = etree.SubElement(header, f"{{{DS}}}Signature", nsmap=_OWN_PREFIX)
    info = below(signature, "SignedInfo")
    below(info, "CanonicalizationMethod", Algorithm=C14N)
    below(info, "SignatureMethod", Algorithm=_URIS[mechanism])
    reference = below(info, "Reference", URI="")
    below(below(reference, "Transforms"), "Transform", Algorithm=ENVELOPED)
    below(reference, "DigestMethod", Algorithm=SHA256)
    below(reference, "DigestValue").text = as_base64(digest)
    own = key.identity.certificate
    value = as_xml_value(key.sign(_canonical_part(info, C14N), mechanism), own, mechanism)
    below(signature, "SignatureValue").text = as_base64(value)
    add_certificates(signature, (own, *key.identity.chain))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def verify(
    message: bytes, *, trust: TrustStore, at: datetime, expected_signer: str = ""
) -> SignatureVerdict:
    """The verdict over the signature of a message that came at `at`.

    `expected_signer`: the organisation whose certificate it must be; empty for any. Asks the
    authorities about revocation (network), so no transaction may be open. Raises nothing.
    """
    try:
        tree = safe_xml.read(message)
    except MessageUnreadable as unreadable:
        return _broken(unreadable.detail)
    if not tree.is_signed:
        return SignatureVerdict(SignatureState.ABSENT, "Thông điệp không có chữ ký số.")
    if tree.damage is not None:
        return _broken("Tệp bị hỏng, nên chữ ký số của thông điệp không còn giá trị.")
    try:
        certificates = _checked(tree.root)
    except NotOurProfile as refused:
        return _broken(str(refused))
    except _Weak:
        return SignatureVerdict(
            SignatureState.WEAK,
            "Chữ ký số của thông điệp dùng SHA-1, không còn an toàn, nên không được tính đến.",
        )
    return _judged(certificates, trust, at, expected_signer)


class _Weak(Exception):
    """Made with algorithms of the past."""


def _checked(root: etree._Element) -> list[bytes]:
    """Certificates of a signature whose value is right over the whole of `root`."""
    signatures = [each for each in root.iter() if local(each) == "Signature"]
    if len(signatures) != 1 or signatures[0].tag != f"{{{DS}}}Signature":
        raise NotOurProfile("Thông điệp phải có đúng một chữ ký số XML-DSig.")
    signature = signatures[0]
    above = [local(each) for each in signature.iterancestors()]
    if above != ["edXMLHeader", "edXMLEnvelope", "edXML"]:
        raise NotOurProfile("Chữ ký số không nằm ở phần đầu của thông điệp.")
    info = one(signature, "SignedInfo")
    canonicalization = algorithm(info, "CanonicalizationMethod")
    method = algorithm(info, "SignatureMethod")
    reference = one(info, "Reference")
    if reference.get("URI") != "":
        raise NotOurProfile("Chữ ký số chỉ ký một phần, không phải cả thông điệp.")
    method_of_digest = algorithm(reference, "DigestMethod")
    if method in _WEAK or method_of_digest in _WEAK:
        raise _Weak
    if method not in _METHODS or method_of_digest != SHA256:
        raise NotOurProfile("Chữ ký số dùng thuật toán không được nhận.")
    form = _transforms(reference)
    value = from_base64(one(signature, "SignatureValue"))
    ders = certificates(signature)
    signed = _canonical_part(info, canonicalization)
    if not is_signed_by(ders[0], value, signed, _METHODS[method]):
        raise NotOurProfile("Giá trị chữ ký số không khớp với chứng thư số đi kèm.")
    digest = hashlib.sha256(canonical(without(root, signature), form)).digest()
    if not hmac.compare_digest(digest, from_base64(one(reference, "DigestValue"))):
        raise NotOurProfile("Nội dung thông điệp đã bị thay đổi sau khi ký.")
    return ders


def _judged(
    ders: list[bytes], trust: TrustStore, at: datetime, expected_signer: str
) -> SignatureVerdict:
    signer = _signer(ders[0])
    fingerprint = hashlib.sha256(ders[0]).hexdigest()

    def verdict(state: SignatureState, words: str) -> SignatureVerdict:
        return SignatureVerdict(state, words, " – ".join(signer), fingerprint)

    try:
        certificate, *others = (asn1.Certificate.load(der, strict=True) for der in ders)
        evidence = Evidence(certificates=tuple(others))
        plain = chains.judge(
            certificate, evidence, trust=trust, at=at, purpose=Purpose.SIGNATURE, revocation=False
        )
    except (ValueError, TypeError, KeyError):
        return _broken("Chứng thư số đi kèm không đọc được.")
    if plain.standing is not Standing.GOOD:
        return verdict(
            SignatureState.UNTRUSTED,
            f"Chữ ký đúng, nhưng chứng thư số không được tin cậy: {_STANDINGS[plain.standing]}.",
        )
    wanted = expected_signer.strip().casefold()
    if wanted and wanted not in {each.casefold() for each in signer}:
        return verdict(
            SignatureState.OTHER_SIGNER,
            f"Chữ ký đúng, nhưng là của {' – '.join(signer)}, không phải của {expected_signer}.",
        )
    try:
        told = RevocationDesk().ask(plain.path)
    except RevocationUnavailable:
        return verdict(
            SignatureState.UNKNOWN,
            "Chữ ký đúng, nhưng chưa hỏi được chứng thư số có bị thu hồi hay không.",
        )
    judged = chains.judge(
        certificate, evidence.and_also(told), trust=trust, at=at, purpose=Purpose.SIGNATURE
    )
    if judged.standing is not Standing.GOOD:
        return verdict(
            SignatureState.UNTRUSTED,
            f"Chữ ký đúng, nhưng chứng thư số không được tin cậy: {_STANDINGS[judged.standing]}.",
        )
    return verdict(SignatureState.VALID, f"Chữ ký số hợp lệ của {' – '.join(signer)}.")


_STANDINGS: Final[dict[Standing, str]] = {
    Standing.UNKNOWN_ISSUER: "không rõ cơ quan cấp",
    Standing.BROKEN_CHAIN: "chuỗi chứng thư bị sai",
    Standing.EXPIRED: "đã hết hạn",
    Standing.NOT_YET_VALID: "chưa có hiệu lực",
    Standing.REVOKED: "đã bị thu hồi",
    Standing.NO_REVOCATION_DATA: "không rõ có bị thu hồi hay không",
    Standing.WRONG_PURPOSE: "không được cấp để ký",
    Standing.WEAK_ALGORITHM: "dùng thuật toán không còn an toàn",
}


def _broken(words: str) -> SignatureVerdict:
    return SignatureVerdict(SignatureState.BROKEN, words)


def _signer(der: bytes) -> tuple[str, ...]:
    """Organisation and common name, once where they are the same."""
    try:
        subject = x509.load_der_x509_certificate(der).subject
    except ValueError:
        return ()
    names = [
        str(each.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for each in subject.get_attributes_for_oid(oid)
    ]
    return tuple(dict.fromkeys(names))


def _transforms(reference: etree._Element) -> str:
    """The canonical form of what was signed; inclusive where none is named (section 4.4.3.2)."""
    found = one(reference, "Transforms").findall(f"{{{DS}}}Transform")
    names = [str(each.get("Algorithm", "")) for each in found]
    if any(len(each) for each in found) or names[:1] != [ENVELOPED] or len(names) > 2:
        raise NotOurProfile("Chữ ký số biến đổi nội dung theo cách không được nhận.")
    form = names[1] if len(names) == 2 else C14N
    if form not in (C14N, EXCLUSIVE):
        raise NotOurProfile("Chữ ký số biến đổi nội dung theo cách không được nhận.")
    return form


def _canonical_part(info: etree._Element, form: str) -> bytes:
    """SignedInfo within its document: names that are declared above it are in scope.

    libxml2 writes `xmlns=""` into the children of a part whose default namespace is not the one of
    the whole. All of SignedInfo is in the namespace of signatures, so none of these can be right.
    """
    if form not in (C14N, EXCLUSIVE):
        raise NotOurProfile("Chữ ký số dùng dạng chuẩn hóa XML không được nhận.")
    if any(not str(each.tag).startswith(f"{{{DS}}}") for each in info.iter()):
        raise NotOurProfile("Phần được ký của chữ ký số có phần tử lạ.")
    canonical: bytes = etree.tostring(
        info, method="c14n", exclusive=form == EXCLUSIVE, with_comments=False, with_tail=False
    )
    return canonical.replace(b' xmlns=""', b"")
