"""Our signatures of messages hold for another program, and its for us, where it is installed."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from eoffice.embedded.pki import Pki, Subject
from eoffice.exchange import edxml, xml_signature
from eoffice.exchange.xml_signature import SignatureState
from eoffice.signing.trust import TrustStore
from eoffice.signing.xml_dsig import DS
from tests import pki as cast
from tests.conftest import AT
from tests.exchange import messages
from tests.exchange.test_xml_signature import signed

signxml = pytest.importorskip("signxml", reason="signxml is not installed")


def _verifier() -> Any:
    verifier = signxml.XMLVerifier()
    # For the same reason as in `xml_signature`: what libxml2 makes of a default namespace.
    verifier.excise_empty_xmlns_declarations = True
    return verifier


@pytest.mark.parametrize("subject", [cast.SEAL, cast.TEACHER], ids=["rsa", "ecdsa"])
def test_another_program_confirms_our_signature(pki: Pki, subject: Subject) -> None:
    content = signed(pki, subject)
    certificate = cast.key_store(pki, subject).identity().certificate
    pem = (
        b"-----BEGIN CERTIFICATE-----\n"
        + base64.encodebytes(certificate)
        + (b"-----END CERTIFICATE-----\n")
    )

    verified = _verifier().verify(
        content,
        x509_cert=pem.decode(),
    )

    assert not isinstance(verified, list)
    assert verified.signed_xml is not None
    assert verified.signed_xml.tag.endswith("}edXML")


@pytest.mark.parametrize("form", ["CANONICAL_XML_1_0", "EXCLUSIVE_XML_CANONICALIZATION_1_0"])
def test_we_confirm_the_signature_of_another_program(
    pki: Pki, trust: TrustStore, form: str
) -> None:
    file = pki.key_file(cast.SEAL.label).read_bytes()
    key, certificate, more = pkcs12.load_key_and_certificates(file, cast.PIN.encode())
    assert certificate is not None
    root = etree.fromstring(edxml.build(messages.full()))
    header = root.find("{*}edXMLEnvelope/{*}edXMLHeader")
    assert header is not None
    etree.SubElement(header, f"{{{DS}}}Signature", Id="placeholder")
    signer = signxml.XMLSigner(
        signature_algorithm=signxml.SignatureMethod.RSA_SHA256,
        digest_algorithm=signxml.DigestAlgorithm.SHA256,
        c14n_algorithm=signxml.CanonicalizationMethod[form],
    )

    content = etree.tostring(signer.sign(root, key=key, cert=[certificate, *more]))

    verdict = xml_signature.verify(content, trust=trust, at=AT)

    assert verdict.state is SignatureState.VALID
