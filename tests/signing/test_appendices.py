"""Each separate appendix bears the agency's signature: text, top right on page 1, without image."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from eoffice import clock, db
from eoffice.documents import actions
from eoffice.documents.actions import ContentDiffers
from eoffice.documents.drafts import appendix_files
from eoffice.documents.form import text_signature
from eoffice.documents.states import StepRefused
from eoffice.files.intake import MediaType, UploadUnreadable
from eoffice.objects.sha256 import Sha256
from eoffice.signing import appearance, dispatches
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests.documents import hostile
from tests.documents.test_rendering import boxes, words
from tests.signing import test_ceremony
from tests.signing.test_ceremony import (
    Desk,
    begun,
    document,
    handed_on,
    in_transaction,
    seal,
)

desk = test_ceremony.desk
MORNING = test_ceremony.MORNING


def numbered_with(desk: Desk, *files: bytes, media_type: str = MediaType.PDF.value) -> Desk:
    """A document with these attachments that waits for the seal."""
    cast = desk.cast
    document_id = begun(cast)
    for ordinal, content in enumerate(files):
        with db.transaction(cast.specialist.acting) as session:
            actions.attach(
                session,
                document_id,
                f"phu-luc-{ordinal}.pdf",
                media_type,
                desk.store.put(content, media_type),
                len(content),
                by=cast.specialist,
                at=MORNING,
            )
    handed_on(cast, document_id)
    waiting = Desk(cast, desk.store, desk.pki, document_id)
    test_ceremony.sign(waiting)
    test_ceremony.number(waiting)
    return waiting


def attached(desk: Desk) -> list[bytes]:
    return [
        desk.store.get(Sha256.parse(each.content_sha256)) for each in document(desk).attachments
    ]


def test_every_separate_file_is_signed_when_the_clerk_seals(desk: Desk) -> None:
    waiting = numbered_with(desk, hostile.blank(), hostile.blank(pages=2))

    seal(waiting)

    trust = TrustStore.from_directory(desk.pki.trust_directory)
    for signed in attached(waiting):
        shown = verify_pdf(signed, trust=trust, at=clock.now(), online=True)
        assert [each.verdict for each in shown.signatures] == [Finding.INTACT]
        said = words(signed)
        code = document(waiting).code
        assert f"Số: {code}; 13/08/2018; " in said
        assert said.endswith("+07:00")
        page, (left, bottom, right, top) = boxes(signed)[text_signature.FIELD]
        assert page == 1
        with pikepdf.open(io.BytesIO(signed)) as file:
            edges = [float(edge) for edge in file.pages[0].mediabox]
        assert right > edges[2] * 0.9
        assert top > edges[3] * 0.95
        assert (left, bottom) > (0, 0)
    assert all(each.signed_at is not None for each in document(waiting).attachments)


def test_a_file_that_came_signed_stands_by_itself(desk: Desk) -> None:
    test_ceremony.sign(desk)
    foreign = test_ceremony.content(desk)
    waiting = numbered_with(desk, foreign)

    seal(waiting)

    assert attached(waiting) == [foreign]


def test_a_wrong_pin_signs_nothing_and_sealing_again_signs_all(desk: Desk) -> None:
    waiting = numbered_with(desk, hostile.blank())
    clerk = desk.cast.clerk
    with pytest.raises(WrongPin):
        dispatches.seal(waiting.document_id, "000000", by=clerk, within=in_transaction(clerk))
    assert document(waiting).attachments[0].signed_at is None

    seal(waiting)

    assert document(waiting).attachments[0].signed_at is not None


def test_a_signed_file_is_not_signed_twice_nor_before_its_time(desk: Desk) -> None:
    waiting = numbered_with(desk, hostile.blank())
    clerk = desk.cast.clerk
    with db.transaction(clerk.acting) as session:
        (file,) = appendix_files.waiting(session, waiting.document_id, by=clerk)
        appendix_files.record_signed(session, file.id, file.content_sha256, 1, by=clerk, at=MORNING)
    with pytest.raises(ContentDiffers), db.transaction(clerk.acting) as session:
        appendix_files.record_signed(session, file.id, file.content_sha256, 1, by=clerk, at=MORNING)
    with pytest.raises(StepRefused), db.transaction(clerk.acting) as session:
        appendix_files.waiting(session, desk.document_id, by=clerk)


def test_files_that_are_no_pdf_go_without_signature(desk: Desk) -> None:
    waiting = numbered_with(desk, b"PK", media_type=MediaType.XLSX.value)
    seal(waiting)
    assert document(waiting).attachments[0].signed_at is None


def test_the_same_file_gets_the_same_field_behind_its_bytes() -> None:
    pdf = hostile.blank()
    assert text_signature.with_field(pdf).startswith(pdf)
    assert not text_signature.is_signed(pdf)
    with pytest.raises(UploadUnreadable):
        text_signature.is_signed(b"no pdf")
    with pytest.raises(UploadUnreadable):
        text_signature.with_field(b"no pdf")


def test_long_words_take_a_line_of_their_own() -> None:
    at = datetime(2018, 8, 13, 7, 49, 8, tzinfo=UTC)
    assert appearance.said_at("Số: 960/SGDĐT", at).lines == (
        "Số: 960/SGDĐT; 13/08/2018; 14:49:08; +07:00",
    )
    name = "SAO Y; Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai"
    assert appearance.said_at(name, at).lines == (f"{name};", "13/08/2018; 14:49:08; +07:00")
