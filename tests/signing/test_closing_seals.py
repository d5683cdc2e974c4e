"""The seal of a register closes it: nobody fills, signs or notes anything afterwards, and a program
that does is found out; what verifiers need in decades may still be added (ISO 32000-2, 12.8.2.2.2).
"""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.printing import pdf_fields
from eoffice.signing.pades import NoMoreSignatures, Purpose
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.pdfa import assert_pdfa
from tests.signing import papers

pytestmark = pytest.mark.usefixtures("in_2018")


@pytest.fixture(scope="module")
def approved(pki: Pki) -> bytes:
    return papers.sign(pki, papers.plain(), "signature_person", cast.TEACHER)


@pytest.fixture(scope="module")
def sealed(pki: Pki, approved: bytes) -> bytes:
    return papers.sign(pki, approved, "closing_seal", cast.SEAL, purpose=Purpose.SEAL)


def finding(pdf: bytes, trust: TrustStore) -> Finding:
    return verify_pdf(pdf, trust=trust, at=clock.now(), online=True).verdict


def test_what_was_signed_before_and_the_seal_itself_are_intact(
    sealed: bytes, trust: TrustStore
) -> None:
    assert finding(sealed, trust) is Finding.INTACT
    assert_pdfa(sealed, "2b", signed=True)


def test_proofs_for_later_are_added_and_change_nothing(
    pki: Pki, sealed: bytes, trust: TrustStore
) -> None:
    archived = papers.archive(pki, sealed)
    later = clock.now() + timedelta(days=365 * 3)
    assert verify_pdf(archived, trust=trust, at=later).verdict is Finding.INTACT


def test_no_further_signature_is_put_in_by_the_office(pki: Pki, sealed: bytes) -> None:
    with pytest.raises(NoMoreSignatures):
        papers.sign(pki, sealed, "signature_extra", cast.DIRECTOR)


def test_what_another_program_fills_in_is_found(sealed: bytes, trust: TrustStore) -> None:
    filled = pdf_fields.fill(sealed, {"number_notation": "961/SGDĐT"})
    assert finding(filled, trust) is Finding.CHANGED


def test_what_another_program_signs_is_found(pki: Pki, sealed: bytes, trust: TrustStore) -> None:
    stranger = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
        str(pki.key_file(cast.TEACHER.label)), passphrase=cast.PIN.encode()
    )
    assert stranger is not None
    output = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name="later", md_algorithm="sha256"),
        signer=stranger,
    ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(sealed)), output=output)
    assert finding(output.getvalue(), trust) is Finding.CHANGED


def test_what_another_program_notes_is_found(sealed: bytes, trust: TrustStore) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    note = generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Text"),
            generic.pdf_name("/Rect"): generic.ArrayObject(
                [generic.NumberObject(number) for number in (10, 10, 30, 30)]  # type: ignore[no-untyped-call]
            ),
            generic.pdf_name("/Contents"): generic.pdf_string("ghi thêm"),
        }
    )
    page, _ = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]
    page.get_object()["/Annots"].append(writer.add_object(note))
    writer.update_container(page.get_object()["/Annots"])
    writer.mark_update(page)
    output = io.BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    assert finding(output.getvalue(), trust) is Finding.CHANGED


def test_before_the_seal_others_still_sign(pki: Pki, approved: bytes, trust: TrustStore) -> None:
    both = papers.sign(pki, approved, "signature_extra", cast.DIRECTOR)
    whole = papers.sign(pki, both, "closing_seal", cast.SEAL, purpose=Purpose.SEAL)
    assert finding(whole, trust) is Finding.INTACT
