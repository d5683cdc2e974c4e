"""Reading what signatures have put into a PDF: fields, certificates, stored evidence.

Adapter over pyHanko, shared by signing and verification; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from asn1crypto import cms, crl, ocsp, tsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.chains import Evidence


def signatures(reader: PdfFileReader) -> Iterator[EmbeddedPdfSignature]:
    """All filled signature fields, time-stamps among them, oldest first.

    Raises what the library raises where one of them is malformed; see `filled_fields`.
    """
    found = [EmbeddedPdfSignature(reader, field, name) for name, field in filled_fields(reader)]
    yield from sorted(found, key=lambda one: one.signed_revision)


def filled_fields(reader: PdfFileReader) -> Iterator[tuple[str, DictionaryObject]]:
    """Name and field of everything that is signed, without parsing the signatures."""
    for name, _value, reference in enumerate_sig_fields(reader, filled_status=True):
        yield name, reference.get_object()


def closes_file(field: DictionaryObject) -> bool:
    """Whether the signature in this field, or its /Lock, lets nothing be changed (DocMDP 1)."""
    for each in field["/V"].get("/Reference", ()):
        reference = each.get_object()
        if reference.get("/TransformMethod") == "/DocMDP":
            return bool(reference["/TransformParams"].get("/P") == MDPPerm.NO_CHANGES.value)
    return "/Lock" in field and field["/Lock"].get("/P") == MDPPerm.NO_CHANGES.value


def is_timestamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether this is a time-stamp over the file rather than somebody's signature."""
    return bool(signature.sig_object_type == "/DocTimeStamp")


def certificates_in(signed_data: cms.SignedData) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """The signer's certificate, and the others that came along.

    Raises ValueError: the signer's is missing.
    """
    found = extract_certificate_info(signed_data)
    return found.signer_cert, list(found.other_certs)


def signature_timestamps(signature: EmbeddedPdfSignature) -> Iterator[cms.SignedData]:
    """The time-stamps over the signature's value."""
    yield from extract_tst_data_iter(signature.signer_info, signed=False)


def imprint(token: cms.SignedData) -> tsp.MessageImprint:
    """What a time-stamp token covers (RFC 3161, messageImprint)."""
    return token["encap_content_info"]["content"].parsed["message_imprint"]


def stamped_at(token: cms.SignedData) -> datetime:
    """The time that a time-stamp token states (RFC 3161, genTime)."""
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def stored_evidence(handler: PdfHandler) -> Evidence:
    """What the document security store holds; nothing where there is none."""
    try:
        store = DocumentSecurityStore.read_dss(handler)
    except NoDSSFoundError:
        return Evidence()
    return Evidence(
        certificates=tuple(store.load_certs()),
        ocsp_responses=tuple(
            ocsp.OCSPResponse.load(one.get_object().read_data(DecodePurpose.OCSP_RESPONSE))
            for one in store.ocsps
        ),
        crls=tuple(
            crl.CertificateList.load(one.get_object().read_data(DecodePurpose.CRL))
            for one in store.crls
        ),
    )
