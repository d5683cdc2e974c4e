"""Form fields are made before the first signature and filled after it, and it stays valid."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.printing import pdf_fields
from eoffice.printing.pdf_fields import (
    Alignment,
    CharacterMissing,
    FieldFilled,
    FieldMissing,
    Kind,
    Placeholder,
)
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.pdfa import assert_pdfa

AT = datetime(2018, 8, 13, 2, tzinfo=UTC)
NUMBER = {"number_notation": "960/SGDĐT-CNTTTBTV", "issued_on": "ngày 13 tháng 8 năm 2018"}


@pytest.fixture(scope="module")
def composed() -> bytes:
    return rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=AT
    )


def test_filling_appends_and_leaves_what_was_there(composed: bytes) -> None:
    filled = pdf_fields.fill(composed, NUMBER)

    assert filled.startswith(composed)
    assert pdf_fields.field_values(filled) == NUMBER
    assert_pdfa(filled)


def test_the_same_values_give_the_same_bytes(composed: bytes) -> None:
    assert pdf_fields.fill(composed, NUMBER) == pdf_fields.fill(composed, NUMBER)


def test_filling_leaves_the_metadata_alone(composed: bytes) -> None:
    def metadata(pdf: bytes) -> tuple[bytes, str]:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            return file.Root.Metadata.read_bytes(), str(file.docinfo)

    assert metadata(pdf_fields.fill(composed, NUMBER)) == metadata(composed)


def test_a_field_is_filled_once(composed: bytes) -> None:
    filled = pdf_fields.fill(composed, {"number_notation": "960/SGDĐT-CNTTTBTV"})
    with pytest.raises(FieldFilled):
        pdf_fields.fill(filled, {"number_notation": "961/SGDĐT-CNTTTBTV"})


@pytest.mark.parametrize("name", ["nowhere", "signature_person"])
def test_only_text_fields_can_be_filled(composed: bytes, name: str) -> None:
    with pytest.raises(FieldMissing):
        pdf_fields.fill(composed, {name: "x"})


def test_a_file_without_a_form_has_nothing_to_fill() -> None:
    bare = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.save(bare)

    assert pdf_fields.field_values(bare.getvalue()) == {}
    with pytest.raises(FieldMissing):
        pdf_fields.fill(bare.getvalue(), NUMBER)


def test_a_character_that_the_embedded_font_lacks_is_refused(composed: bytes) -> None:
    with pytest.raises(CharacterMissing, match="漢"):
        pdf_fields.fill(composed, {"number_notation": "96漢"})


def test_fields_of_any_kind_place_and_alignment_are_archival(composed: bytes) -> None:
    places = [
        Placeholder(f"text_{alignment}", Kind.TEXT, 1, 90, 100 + index * 30, 120, 14, 12,
                    italic=index == 1, alignment=alignment, initial="Ất Tỵ")
        for index, alignment in enumerate(Alignment)
    ]  # fmt: skip
    places += [
        Placeholder(f"subject_{index}", Kind.SIGNATURE, 1, 40 + 30 * index, 300, 28, 20)
        for index in range(15)
    ]
    with pikepdf.open(io.BytesIO(composed)) as file:
        del file.Root.AcroForm
        for page in file.pages:
            if "/Annots" in page.obj:
                del page.obj.Annots
        bare = io.BytesIO()
        file.save(bare)

    pdf = pdf_fields.add_fields(bare.getvalue(), places)
    filled = pdf_fields.fill(pdf, {f"text_{alignment}": "Nguyễn" for alignment in Alignment})

    assert_pdfa(filled)
    assert len(pdf_fields.field_values(filled)) == 3


def test_a_value_that_is_wider_than_its_field_is_set_smaller(composed: bytes) -> None:
    filled = pdf_fields.fill(composed, {"number_notation": "12345/SGDĐT-CNTTTBTV-ABCDEFGH"})
    with pikepdf.open(io.BytesIO(filled)) as file:
        field = next(f for f in file.Root.AcroForm.Fields if f.T == "number_notation")
        operators = pikepdf.parse_content_stream(field.AP.N)
    size = next(float(o.operands[1]) for o in operators if str(o.operator) == "Tf")
    assert 5 < size < 13


def test_number_and_date_may_be_filled_into_a_certified_page(composed: bytes) -> None:
    signed = certified(composed)

    filled = pdf_fields.fill(signed, NUMBER)

    status = verdict(filled)
    assert status.bottom_line
    assert status.modification_level is ModificationLevel.FORM_FILLING


KEY = ec.generate_private_key(ec.SECP256R1())


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Trần Thanh Liêm")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(960)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False), True
        )
        .sign(KEY, hashes.SHA256())
    )


def certified(pdf: bytes) -> bytes:
    """The file certified by its signer: from now on only form fields may be filled."""
    package = serialization.pkcs12.serialize_key_and_certificates(
        b"signer", KEY, certificate(), None, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner.load_pkcs12_data(package, other_certs=[])
    out = asyncio.run(
        signers.async_sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            signers.PdfSignatureMetadata(
                field_name="signature_person",
                certify=True,
                docmdp_permissions=MDPPerm.FILL_FORMS,
            ),
            signer=signer,
        )
    )
    return bytes(out.getvalue())


def verdict(pdf: bytes):  # type: ignore[no-untyped-def]
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    context = ValidationContext(trust_roots=[signature.signer_cert])
    return asyncio.run(async_validate_pdf_signature(signature, context))
