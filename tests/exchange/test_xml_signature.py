"""A signature of a message covers the whole of what is read, or it does not hold."""

from __future__ import annotations

import pytest
from lxml import etree

from eoffice.embedded.pki import Pki, Subject
from eoffice.exchange import edxml, xml_signature
from eoffice.exchange.xml_signature import SignatureState, SignatureVerdict
from eoffice.signing.trust import TrustStore
from eoffice.signing.xml_dsig import DS
from tests import pki as cast
from tests.conftest import AT
from tests.exchange import messages


def signed(pki: Pki, subject: Subject = cast.SEAL) -> bytes:
    with cast.key_store(pki, subject).open(cast.PIN) as key:
        return xml_signature.sign(edxml.build(messages.full()), key)


def judged(content: bytes, trust: TrustStore, expected: str = "") -> SignatureVerdict:
    return xml_signature.verify(content, trust=trust, at=AT, expected_signer=expected)


@pytest.mark.parametrize("subject", [cast.SEAL, cast.TEACHER], ids=["rsa", "ecdsa"])
def test_a_signed_message_is_the_same_message_and_its_signature_holds(
    pki: Pki, trust: TrustStore, subject: Subject
) -> None:
    content = signed(pki, subject)

    read = edxml.parse(content)

    assert read.message == messages.full()
    assert read.is_signed
    assert judged(content, trust).state is SignatureState.VALID


def test_a_message_without_signature_is_said_to_have_none(trust: TrustStore) -> None:
    assert judged(edxml.build(messages.full()), trust).state is SignatureState.ABSENT


def test_a_changed_letter_breaks_it(pki: Pki, trust: TrustStore) -> None:
    content = signed(pki).replace("Trần Thanh Liêm".encode(), "Trần Thanh Liên".encode())

    assert judged(content, trust).state is SignatureState.BROKEN


def test_an_added_or_exchanged_file_breaks_it(pki: Pki, trust: TrustStore) -> None:
    content = signed(pki)
    start = content.index(b"<edXML:Attachment>")
    end = content.index(b"</edXML:Attachment>") + len(b"</edXML:Attachment>")
    doubled = content[:end] + content[start:end] + content[end:]

    assert judged(doubled, trust).state is SignatureState.BROKEN


def _wrapped(content: bytes) -> bytes:
    """The signed document below another one's root, which has the signature where we look."""
    root = etree.fromstring(content)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    other = etree.fromstring(edxml.build(messages.full()).replace(b"960", b"666"))
    header = other.find("{*}edXMLEnvelope/{*}edXMLHeader")
    assert header is not None
    root.set("Id", "original")
    header.append(signature)
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    holder.append(root)
    return etree.tostring(other)


def _referring(content: bytes) -> bytes:
    return _wrapped(content).replace(b'URI=""', b'URI="#original"')


def _twice(content: bytes) -> bytes:
    root = etree.fromstring(content)
    signature = next(root.iter(f"{{{DS}}}Signature"))
    parent = signature.getparent()
    assert parent is not None
    parent.append(etree.fromstring(etree.tostring(signature)))
    return etree.tostring(root)


def _elsewhere(content: bytes) -> bytes:
    root = etree.fromstring(content)
    root.append(next(root.iter(f"{{{DS}}}Signature")))
    return etree.tostring(root)


def _two_references(content: bytes) -> bytes:
    start, end = content.index(b"<Reference"), content.index(b"</Reference>") + 12
    return content[:end] + content[start:end] + content[end:]


def _transformed(content: bytes) -> bytes:
    return content.replace(
        b"</Transforms>",
        b'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>',
    )


def _xpath(content: bytes) -> bytes:
    return content.replace(
        b"</Transforms>",
        b'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
        b"<XPath>false()</XPath></Transform></Transforms>",
    )


def _mac(content: bytes) -> bytes:
    return content.replace(
        b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", DS.encode() + b"hmac-sha1"
    )


def _damaged(content: bytes) -> bytes:
    return b"12" + content


def _without_certificate(content: bytes) -> bytes:
    start, end = content.index(b"<KeyInfo>"), content.index(b"</KeyInfo>") + 10
    return content[:start] + content[end:]


@pytest.mark.parametrize(
    "attack",
    [
        _wrapped,
        _referring,
        _twice,
        _elsewhere,
        _two_references,
        _transformed,
        _xpath,
        _mac,
        _damaged,
        _without_certificate,
    ],
)
def test_no_signed_part_makes_another_message_pass(
    pki: Pki, trust: TrustStore, attack: object
) -> None:
    assert callable(attack)
    assert judged(attack(signed(pki)), trust).state is SignatureState.BROKEN


def test_sha1_is_not_counted(trust: TrustStore) -> None:
    """Also where everything else is in order: the samples of the axis were signed so."""
    body = edxml.build(messages.full()).decode()
    signature = (messages.CORPUS / "edoc_new.edxml").read_text(encoding="utf-8")
    start, end = signature.index("<Signature>"), signature.index("</Signature>") + 12
    old = signature[start:end].replace("<Signature>", f'<Signature xmlns="{DS}">')
    content = body.replace("</edXML:edXMLHeader>", old + "</edXML:edXMLHeader>").encode()

    assert judged(content, trust).state is SignatureState.WEAK


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (cast.STRANGER, "không rõ cơ quan cấp"),
        (cast.EXPIRED, "đã hết hạn"),
        (cast.REVOKED, "đã bị thu hồi"),
    ],
)
def test_a_certificate_that_is_not_good_on_arrival_is_not_trusted(
    pki: Pki, trust: TrustStore, subject: Subject, words: str
) -> None:
    verdict = judged(signed(pki, subject), trust)

    assert verdict.state is SignatureState.UNTRUSTED
    assert words in verdict.words


def test_the_seal_of_another_agency_does_not_pass_for_this_one(pki: Pki, trust: TrustStore) -> None:
    content = signed(pki)

    ours = judged(content, trust, "Sở Giáo dục và Đào tạo Đồng Tháp")
    theirs = judged(content, trust, "Sở Giáo dục và Đào tạo Nghệ An")

    assert ours.state is SignatureState.VALID
    assert theirs.state is SignatureState.OTHER_SIGNER
