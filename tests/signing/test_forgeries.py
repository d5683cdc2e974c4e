"""Attacks that others have published, done to a dispatch of ours: none is ever called intact.

Universal forgery (a signature without what a verifier needs), signature wrapping (the signed bytes
are moved), incremental saving, and the attacks on certified documents (annotations, signatures and
appearances over the content).
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle

from eoffice.embedded.pki import Pki
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.signing.papers import READ_AT, Dispatch

TAMPERED = {Finding.CHANGED, Finding.INVALID}
objects: Any = generic


def judged(pdf: bytes, trust: TrustStore) -> Verdict:
    return verify_pdf(pdf, trust=trust, at=READ_AT)


@pytest.fixture(params=["certified", "sealed", "archived"])
def signed(request: pytest.FixtureRequest, dispatch: Dispatch) -> bytes:
    found: bytes = getattr(dispatch, request.param)
    return found


def edited(pdf: bytes, edit: Callable[[Any], None]) -> bytes:
    """With an increment as any editor writes it."""
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def field(writer: Any, name: str) -> Any:
    for reference in writer.root["/AcroForm"]["/Fields"]:
        if str(reference.get_object()["/T"]) == name:
            return reference
    raise LookupError(name)


@pytest.mark.parametrize("seed", range(40))
def test_damage_of_any_kind_is_found_and_ends_nothing(
    dispatch: Dispatch, trust: TrustStore, seed: int
) -> None:
    """Bytes of streams (certificates, answers) and of everything else, lost ends, added bytes."""
    chosen = random.Random(seed)
    damaged = bytearray(dispatch.archived)
    streams = [found.end() for found in re.finditer(rb"stream\r?\n", dispatch.archived)]
    for _ in range(chosen.choice((1, 3, 20))):
        near = chosen.choice(streams) + chosen.randrange(1500)
        place = chosen.choice((near % len(damaged), chosen.randrange(len(damaged))))
        damaged[place] ^= chosen.randrange(1, 256)
    if seed % 5 == 0:
        # What lost its signatures too is unreadable and nothing else.
        del damaged[-chosen.randrange(1, 20_000) :]
    if seed % 7 == 0:
        place = chosen.randrange(len(damaged))
        damaged[place:place] = chosen.randbytes(9)
    assert judged(bytes(damaged), trust).verdict in TAMPERED


# Forgery of a whole signature


@pytest.mark.parametrize(
    "forged",
    [
        {"/ByteRange": None},
        {"/ByteRange": []},
        {"/ByteRange": [0, 0, 0, 0]},
        {"/ByteRange": [0, -1, -1, 0]},
        {"/ByteRange": [0, 10, 10**9, 10]},
        {"/Contents": None},
        {"/Contents": b""},
        {"/Contents": b"\0" * 32},
        {"/SubFilter": "/adbe.x509.rsa_sha1"},
        {"/SubFilter": "/unheard.of"},
        {"/Type": "/Other"},
    ],
)
def test_a_signature_that_lacks_what_is_needed_is_not_passed_over(
    signed: bytes, trust: TrustStore, forged: dict[str, Any]
) -> None:
    def edit(writer: Any) -> None:
        reference = field(writer, "signature_person")
        value = reference.get_object().raw_get("/V").get_object()
        for key, told in forged.items():
            value[key] = _object(told)
        writer.update_container(value)

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


def _object(told: Any) -> Any:
    if told is None:
        return objects.NullObject()
    if isinstance(told, list):
        return objects.ArrayObject(objects.NumberObject(one) for one in told)
    return objects.ByteStringObject(told) if isinstance(told, bytes) else objects.NameObject(told)


def test_a_signature_field_that_was_emptied_is_missed(signed: bytes, trust: TrustStore) -> None:
    def edit(writer: Any) -> None:
        reference = field(writer, "signature_person")
        del reference.get_object()["/V"]
        writer.mark_update(reference)

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


def test_a_form_without_its_fields_is_not_a_file_without_signatures(
    signed: bytes, trust: TrustStore
) -> None:
    def edit(writer: Any) -> None:
        writer.root["/AcroForm"]["/Fields"] = objects.ArrayObject()
        writer.update_container(writer.root["/AcroForm"])

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


# Wrapping


@pytest.mark.parametrize("filling", [b"", b" ", b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"])
def test_signed_bytes_that_were_moved_are_found(
    signed: bytes, trust: TrustStore, filling: bytes
) -> None:
    """The place is widened, a second range in it tells where the rest of the bytes went."""
    (*_, found) = re.finditer(rb"/ByteRange\s*\[\s*0 +(\d+) +(\d+) +(\d+)", signed)
    start, end, length = map(int, found.groups())
    signature = signed[start:end]
    for _ in range(3):
        second = b" /ByteRange [0 %d %d %d] " % (start, end + len(filling) + 40, length)
        inserted = (second + filling).ljust(len(filling) + 40)
        moved = signed[:start] + signature + inserted + signed[end:]
    assert judged(moved, trust).verdict in TAMPERED


# Incremental saving


def test_another_page_content_is_found(signed: bytes, trust: TrustStore) -> None:
    def edit(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = writer.add_object(objects.StreamObject(stream_data=b"0 0 9 9 re f"))
        writer.update_container(page)

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


def test_another_catalogue_is_found(signed: bytes, trust: TrustStore) -> None:
    """/OpenAction, scripts, optional content: nothing may be hung there."""

    def edit(writer: Any) -> None:
        writer.root["/OpenAction"] = objects.DictionaryObject(
            {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): objects.pdf_string("1")}
        )
        writer.update_root()

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


# Attacks on certified documents


def test_an_annotation_over_the_content_is_found(signed: bytes, trust: TrustStore) -> None:
    def edit(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        note = objects.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): _object([50, 600, 500, 800]),
                pdf_name("/Contents"): objects.pdf_string("Hủy bỏ"),
                pdf_name("/DA"): objects.pdf_string("/Helv 12 Tf"),
                pdf_name("/F"): objects.NumberObject(4),
            }
        )
        writer.register_annotation(page.container_ref, writer.add_object(note))

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


def test_an_appearance_in_a_field_that_nobody_signed_is_found(
    signed: bytes, trust: TrustStore
) -> None:
    """A seal that is drawn and not made."""

    def edit(writer: Any) -> None:
        reference = field(writer, "signature_extra")
        drawn = objects.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): _object([0, 0, 102, 60]),
            },
            stream_data=b"1 0 0 rg 0 0 102 60 re f",
        )
        reference.get_object()["/AP"] = objects.DictionaryObject(
            {pdf_name("/N"): writer.add_object(drawn)}
        )
        writer.mark_update(reference)

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


@pytest.mark.parametrize("name", ["signature_extra", "signature_person"])
def test_an_appearance_that_is_overwritten_in_place_is_found(
    signed: bytes, trust: TrustStore, name: str
) -> None:
    assert judged(overwritten(signed, name), trust).verdict in TAMPERED


def test_another_number_drawn_over_the_sealed_one_is_found(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    """Its value stays. Before the seal the field is open, and may be filled anyhow."""
    drawn = overwritten(dispatch.sealed, "number_notation")
    assert judged(drawn, trust).verdict in TAMPERED


def overwritten(pdf: bytes, name: str) -> bytes:
    """With another content in the very object that shows a field."""

    def edit(writer: Any) -> None:
        drawn = field(writer, name).get_object()["/AP"].raw_get("/N")
        stream = drawn.get_object()
        stream.pop("/Filter", None)
        stream._data = b"1 0 0 rg 0 0 102 60 re f"
        stream._encoded_data = None
        writer.mark_update(drawn)

    return edited(pdf, edit)


def test_a_field_that_was_moved_over_the_content_is_found(signed: bytes, trust: TrustStore) -> None:
    def edit(writer: Any) -> None:
        reference = field(writer, "signature_extra")
        reference.get_object()["/Rect"] = _object([0, 0, 595, 842])
        writer.mark_update(reference)

    assert judged(edited(signed, edit), trust).verdict in TAMPERED


@pytest.mark.parametrize("box", [(50, 600, 500, 800), None])
def test_a_signature_over_the_content_is_found(
    pki: Pki, signed: bytes, trust: TrustStore, box: tuple[int, int, int, int] | None
) -> None:
    """Somebody signs in a new field of his own that covers the page; without a box it covers
    nothing, and is only a stranger's."""
    load: Any = SimpleSigner.load_pkcs12
    key = load(str(pki.key_file(cast.STRANGER.label)), passphrase=cast.PIN.encode())
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    append_signature_field(writer, SigFieldSpec("Own", box=box))
    out = PdfSigner(
        PdfSignatureMetadata(field_name="Own"),
        signer=key,
        stamp_style=TextStampStyle(stamp_text="Hủy bỏ"),
    ).sign_pdf(writer)
    found = judged(out.getvalue(), trust)
    if box is not None:
        assert found.verdict in TAMPERED
    assert found.verdict is not Finding.INTACT
