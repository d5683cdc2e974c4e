"""Parts of XML signatures that the profiles of this office share (W3C XML Signature, 4–6).

Nothing is decided here: which references, transforms and algorithms are taken, the profiles say
(`signing.xades` for data of schools, `exchange.xml_signature` for messages of the axis).
"""

from __future__ import annotations

import base64
import binascii
import copy
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from lxml import etree

from eoffice.signing import mechanisms, policy
from eoffice.signing.mechanisms import Family, Mechanism

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
#: Inclusive canonical XML 1.0, without comments.
C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = DS + "enveloped-signature"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
#: RFC 6931, 2.1 and 2.3.
DIGESTS: Final = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
METHODS: Final = {
    f"http://www.w3.org/{path}": mechanism
    for path, mechanism in {
        "2001/04/xmldsig-more#rsa-sha256": Mechanism.RSA_PKCS1_SHA256,
        "2001/04/xmldsig-more#rsa-sha384": Mechanism.RSA_PKCS1_SHA384,
        "2001/04/xmldsig-more#rsa-sha512": Mechanism.RSA_PKCS1_SHA512,
        "2007/05/xmldsig-more#sha256-rsa-MGF1": Mechanism.RSA_PSS_SHA256,
        "2007/05/xmldsig-more#sha384-rsa-MGF1": Mechanism.RSA_PSS_SHA384,
        "2007/05/xmldsig-more#sha512-rsa-MGF1": Mechanism.RSA_PSS_SHA512,
        "2001/04/xmldsig-more#ecdsa-sha256": Mechanism.ECDSA_SHA256,
        "2001/04/xmldsig-more#ecdsa-sha384": Mechanism.ECDSA_SHA384,
        "2001/04/xmldsig-more#ecdsa-sha512": Mechanism.ECDSA_SHA512,
    }.items()
}
MOST_CERTIFICATES: Final = 10


class NotOurProfile(Exception):
    """The signature is of a form that says nothing certain about what was read."""


def below(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    """A new last child in the namespace of signatures."""
    return etree.SubElement(parent, f"{{{DS}}}{name}", attributes)


def one(parent: etree._Element, name: str) -> etree._Element:
    """The only child of that name. Raises NotOurProfile."""
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise NotOurProfile(f"Chữ ký số phải có đúng một phần tử {name}.")
    return found[0]


def algorithm(parent: etree._Element, name: str) -> str:
    """Raises NotOurProfile: the algorithm has parameters, which no profile of ours takes."""
    found = one(parent, name)
    if len(found):
        raise NotOurProfile(f"Phần tử {name} của chữ ký số có tham số không được nhận.")
    return str(found.get("Algorithm", ""))


def certificates(signature: etree._Element) -> list[bytes]:
    """That of the key first, by the order in which they stand. Raises NotOurProfile."""
    path = f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"
    found = [from_base64(each) for each in signature.findall(path)]
    if not 1 <= len(found) <= MOST_CERTIFICATES:
        raise NotOurProfile("Chữ ký số không kèm chứng thư số.")
    return found


def add_certificates(signature: etree._Element, ders: tuple[bytes, ...]) -> None:
    data = below(below(signature, "KeyInfo"), "X509Data")
    for der in ders:
        below(data, "X509Certificate").text = as_base64(der)


def from_base64(element: etree._Element) -> bytes:
    """Raises NotOurProfile."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as failure:
        name = str(element.tag).rpartition("}")[2]
        raise NotOurProfile(f"Phần tử {name} không phải base64.") from failure


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def canonical(root: etree._Element, form: str) -> bytes:
    """The whole document."""
    written: bytes = etree.tostring(
        root.getroottree(), method="c14n", exclusive=form == EXCLUSIVE, with_comments=False
    )
    return written


def without(root: etree._Element, signature: etree._Element) -> etree._Element:
    """A copy of the document without the signature; what follows the signature stays."""
    path = root.getroottree().getelementpath(signature)
    copied = copy.deepcopy(root.getroottree()).getroot()
    gone = copied.find(path)
    parent = None if gone is None else gone.getparent()
    assert gone is not None
    assert parent is not None
    before = gone.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (gone.tail or "") or None
    else:
        parent.text = (parent.text or "") + (gone.tail or "") or None
    parent.remove(gone)
    return copied


def is_signed_by(certificate: bytes, value: bytes, data: bytes, mechanism: Mechanism) -> bool:
    """`value` as XML has it. Raises NotOurProfile: the certificate or its key cannot be used."""
    try:
        if not policy.current().knows_key(certificate):
            raise NotOurProfile("Chứng thư số đi kèm có khóa quá yếu hoặc thuộc loại lạ.")
        if mechanism.family is Family.ECDSA:
            half = len(value) // 2
            value = encode_dss_signature(
                int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            )
        return mechanisms.is_signed_by(certificate, value, data, mechanism)
    except ValueError as failure:
        raise NotOurProfile("Chứng thư số đi kèm không đọc được.") from failure


def as_xml_value(value: bytes, certificate: bytes, mechanism: Mechanism) -> bytes:
    """A key's signature as XML has it: ECDSA as r and s, each as long as the curve's order
    (RFC 4050, 3.3)."""
    if mechanism.family is not Family.ECDSA:
        return value
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    length = (key.key_size + 7) // 8
    r, s = decode_dss_signature(value)
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")
