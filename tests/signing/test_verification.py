"""What is said about a signed file: who signed when, in which capacity, and what happened since."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import (
    PdfSignatureMetadata,
    PdfTimeStamper,
    SimpleSigner,
    sign_pdf,
)

from eoffice.embedded.pki import Pki, Subject
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.pades import Purpose
from eoffice.signing.timestamps import Authority
from eoffice.signing.trust import TrustStore, TrustUnreadable
from eoffice.signing.verdict import Finding, Indication, Level, TimeSource, Verdict
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.outside import require
from tests.signing import papers
from tests.signing.papers import READ_AT, SIGNED_AT, Dispatch


class Reader:
    """Somebody with the trust anchors, in November 2026 unless told otherwise, without network."""

    def __init__(self, trust: TrustStore) -> None:
        self._trust = trust

    def __call__(self, pdf: bytes, *, at: datetime = READ_AT, online: bool = False) -> Verdict:
        return verify_pdf(pdf, trust=self._trust, at=at, online=online)


@pytest.fixture
def read(trust: TrustStore) -> Reader:
    return Reader(trust)


# The dispatch that everything is about


def test_an_archived_dispatch_is_intact_without_any_network(
    read: Reader, dispatch: Dispatch
) -> None:
    found = read(dispatch.archived)
    assert found.verdict is Finding.INTACT, found.reason
    person, seal = found.signatures
    assert (person.signer, person.capacity, person.unit) == (
        "Trần Thanh Liêm",
        "Giám đốc",
        papers.DEPARTMENT,
    )
    assert (seal.signer, seal.capacity) == (papers.DEPARTMENT, "Con dấu cơ quan")
    for signature in found.signatures:
        assert signature.indication is Indication.PASSED
        assert signature.level is Level.B_LTA
        assert signature.time_source is TimeSource.TIMESTAMP
        assert signature.signed_at is not None
        assert abs(signature.signed_at - SIGNED_AT) < timedelta(minutes=30)
        assert not signature.covers_whole_file
    (stamp,) = found.timestamps
    assert stamp.covers_whole_file


def test_what_happened_after_a_signature_is_listed(read: Reader, dispatch: Dispatch) -> None:
    person, seal = read(dispatch.archived).signatures
    assert person.changes == (
        "Điền ô “issued_on”.",
        "Điền ô “number_notation”.",
        "Ký tại ô “signature_seal”.",
        "Bổ sung dữ liệu xác minh và dấu thời gian lưu trữ.",
    )
    assert seal.changes == ("Bổ sung dữ liệu xác minh và dấu thời gian lưu trữ.",)


@pytest.mark.parametrize("year", [2018, 2019, 2026, 2040])
def test_an_archived_dispatch_stays_intact_for_decades(
    read: Reader, dispatch: Dispatch, year: int
) -> None:
    at = datetime(year, 12, 31, tzinfo=UTC)
    assert read(dispatch.archived, at=at).verdict is Finding.INTACT


def test_an_archive_that_nobody_renewed_cannot_be_checked_any_more(
    read: Reader, dispatch: Dispatch
) -> None:
    """The time-stamp's certificate ends in 2047; afterwards anybody might have made it."""
    found = read(dispatch.archived, at=datetime(2050, 1, 1, tzinfo=UTC))
    assert found.verdict is Finding.UNVERIFIABLE
    assert found.timestamps[0].indication is Indication.OUT_OF_BOUNDS


def test_a_dispatch_before_archiving_can_be_checked_online_only(
    read: Reader, dispatch: Dispatch, in_2018: None
) -> None:
    offline = read(dispatch.sealed, at=SIGNED_AT + timedelta(hours=1))
    assert offline.verdict is Finding.UNVERIFIABLE
    assert {one.indication for one in offline.signatures} == {Indication.TRY_LATER}
    online = read(dispatch.sealed, at=SIGNED_AT + timedelta(hours=1), online=True)
    assert online.verdict is Finding.INTACT, online.reason
    assert {one.level for one in online.signatures} == {Level.B_T}


def test_a_signed_dispatch_may_wait_for_its_seal_with_the_number_filled_in(
    read: Reader, dispatch: Dispatch, in_2018: None
) -> None:
    found = read(dispatch.numbered, at=SIGNED_AT + timedelta(hours=1), online=True)
    assert found.verdict is Finding.INTACT, found.reason


def test_a_file_without_signatures_is_unsigned(read: Reader) -> None:
    assert read(papers.plain()).verdict is Finding.UNSIGNED


# Changes


@pytest.mark.parametrize("archived", [False, True])
def test_a_number_that_is_changed_after_the_seal_is_found(
    read: Reader, dispatch: Dispatch, archived: bool
) -> None:
    """Filling was allowed by the first signature; it is the seal's lock that forbids it now."""
    found = read(renumbered(dispatch.archived if archived else dispatch.sealed))
    assert found.verdict is Finding.CHANGED, found.reason
    assert found.signatures[1].verdict is Finding.CHANGED


def renumbered(pdf: bytes) -> bytes:
    """The dispatch under another number, by an increment as any PDF editor writes it."""
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    objects: Any = generic
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if str(field["/T"]) == "number_notation":
            field["/V"] = objects.TextStringObject("999/SGDĐT")
            field["/Ff"] = objects.NumberObject(0)
            writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_field_that_the_office_does_not_fill_is_found(
    dispatch: Dispatch, trust: TrustStore
) -> None:
    found = verify_pdf(dispatch.archived, trust=trust, at=READ_AT, fillable={"issued_on"})
    assert found.verdict is Finding.CHANGED
    assert "number_notation" in found.reason


def flips(pdf: bytes) -> Iterator[int]:
    """Places all over the file, every part of its last signature among them."""
    chosen = random.Random(20180813)
    last = pdf.rindex(b"/Contents <") + len(b"/Contents ")
    # Signature, padding, brackets; then the file's tail.
    yield from range(last, last + 400, 40)
    yield from (last + chosen.randrange(16384) for _ in range(8))
    yield from (last, last + 16385)
    yield from range(len(pdf) - 40, len(pdf), 12)
    yield from (chosen.randrange(len(pdf)) for _ in range(14))


def test_one_flipped_bit_anywhere_is_found(read: Reader, dispatch: Dispatch) -> None:
    for place in flips(dispatch.archived):
        damaged = bytearray(dispatch.archived)
        damaged[place] ^= 1
        found = read(bytes(damaged))
        assert found.verdict in {Finding.CHANGED, Finding.INVALID}, (place, found.reason)


def test_a_digit_of_the_signature_in_another_case_is_found(
    read: Reader, dispatch: Dispatch
) -> None:
    """Such a digit has the same value, so no digest and no signature notices it."""
    start = dispatch.archived.rindex(b"/Contents <") + len(b"/Contents <")
    place = next(at for at in range(start, start + 100) if chr(dispatch.archived[at]) in "ABCDEF")
    damaged = bytearray(dispatch.archived)
    damaged[place] |= 0x20
    assert read(bytes(damaged)).verdict is Finding.CHANGED


@pytest.mark.parametrize("cut", [1, 200, 20_000])
def test_a_file_that_lost_its_end_is_found(read: Reader, dispatch: Dispatch, cut: int) -> None:
    assert read(dispatch.archived[:-cut]).verdict in {Finding.CHANGED, Finding.INVALID}


def test_bytes_behind_the_last_signature_are_found(read: Reader, dispatch: Dispatch) -> None:
    assert read(dispatch.archived + b"% extra\n").verdict is Finding.CHANGED


@pytest.mark.parametrize(
    "before", [b"", b"\n", b"% note\n", b"%\0", b"\n<<>>", b"2 0obj 3 ", b"2 % note\n0 obj 3 "]
)
def test_a_hidden_revision_behind_an_empty_table_is_found(
    read: Reader, dispatch: Dispatch, before: bytes
) -> None:
    """Readers that repair files would show the new page tree; the table does not list it."""
    hidden = before + b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    start = len(dispatch.archived) + len(hidden)
    tail = b"xref\n0 0\ntrailer << /Root 1 0 R /Size 99 /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    previous = int(dispatch.archived.rsplit(b"startxref", 1)[1].split()[0])
    forged = dispatch.archived + hidden + tail % (previous, start)
    assert read(forged).verdict is Finding.CHANGED


def test_a_signature_that_was_taken_out_is_found(read: Reader, dispatch: Dispatch) -> None:
    stripped = dispatch.archived.replace(b"/AcroForm", b"/AcroFork")
    assert read(stripped).verdict is Finding.CHANGED


def hybrid(pdf: bytes) -> bytes:
    """With a revision whose table is for old readers and whose stream is for new ones."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        size, root = int(file.trailer.Size), file.trailer.Root.objgen
    previous = int(pdf.rsplit(b"startxref", 1)[1].split()[0])
    out = bytearray(pdf)
    place = len(out)
    out += b"%d 0 obj\n<< /Type /Hidden >>\nendobj\n" % size
    stream = len(out)
    entries = b"".join(bytes((1, *at.to_bytes(4, "big"), 0)) for at in (place, stream))
    out += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1]" % (size + 1, size + 2)
    out += b" /Index [%d 2] /Root %d %d R /Length %d >>\n" % (size, *root, len(entries))
    out += b"stream\n%s\nendstream\nendobj\n" % entries
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \ntrailer << /Root %d %d R /Size %d" % (*root, size + 2)
    out += b" /Prev %d /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, stream, table)
    return bytes(out)


def test_two_tables_in_one_revision_after_the_signature_are_found(
    read: Reader, dispatch: Dispatch
) -> None:
    """Old readers and new ones would see different files, and revisions are compared as one."""
    found = read(hybrid(dispatch.archived))
    assert found.verdict is Finding.CHANGED
    assert "hai bảng chỉ mục" in found.reason


def test_two_tables_before_the_signature_are_what_office_programs_write(
    pki: Pki, trust: TrustStore, in_2018: None
) -> None:
    """Somebody else's program signs them; this office does not."""
    load: Any = SimpleSigner.load_pkcs12
    key = load(str(pki.key_file(cast.DIRECTOR.label)), passphrase=cast.PIN.encode())
    writer = IncrementalPdfFileWriter(io.BytesIO(hybrid(papers.plain())), strict=False)
    signed = sign_pdf(writer, PdfSignatureMetadata(field_name="signature_person"), key)
    found = verify_pdf(signed.getvalue(), trust=trust, at=SIGNED_AT, online=True)
    assert found.verdict is Finding.INTACT, found.reason


# Certificates and time


def signed_by(pki: Pki, who: Subject, *, stamped: bool = True) -> bytes:
    return papers.sign(
        pki, papers.plain(), "signature_person", who, purpose=Purpose.CERTIFY, stamped=stamped
    )


def test_a_certificate_that_ended_long_ago_was_good_when_it_signed(
    pki: Pki, read: Reader, in_2018: None
) -> None:
    archived = papers.archive(pki, signed_by(pki, cast.SHORT_LIVED))
    assert read(archived).verdict is Finding.INTACT


def test_without_archiving_an_ended_certificate_leaves_it_open(
    pki: Pki, read: Reader, in_2018: None
) -> None:
    found = read(signed_by(pki, cast.SHORT_LIVED, stamped=False))
    assert found.verdict is Finding.UNVERIFIABLE
    (signature,) = found.signatures
    assert signature.indication is Indication.OUT_OF_BOUNDS
    assert signature.level is Level.B_B
    assert signature.time_source is TimeSource.CLAIMED


@pytest.mark.parametrize(
    ("who", "indication"),
    [(cast.REVOKED, Indication.REVOKED), (cast.EXPIRED, Indication.EXPIRED)],
)
def test_a_certificate_that_was_over_when_it_signed_is_invalid(
    pki: Pki, read: Reader, in_2018: None, who: Subject, indication: Indication
) -> None:
    archived = papers.archive(pki, signed_by(pki, who))
    found = read(archived)
    assert found.verdict is Finding.INVALID, found.reason
    assert found.signatures[0].indication is indication


def test_a_certificate_that_was_revoked_later_was_good_when_it_signed(
    pki: Pki, read: Reader, tmp_path: Path
) -> None:
    with cast.office_clock(tmp_path / "clock", datetime(2018, 5, 2, tzinfo=UTC)):
        signed = signed_by(pki, cast.REVOKED)
    with cast.office_clock(tmp_path / "clock", SIGNED_AT):
        archived = papers.archive(pki, signed)
    assert read(archived).verdict is Finding.INTACT


def test_a_strangers_certificate_cannot_be_checked(pki: Pki, read: Reader, in_2018: None) -> None:
    found = read(papers.archive(pki, signed_by(pki, cast.STRANGER)))
    assert found.verdict is Finding.UNVERIFIABLE
    assert found.signatures[0].indication is Indication.NO_CHAIN


def test_who_trusts_nobody_can_check_nothing(dispatch: Dispatch) -> None:
    found = verify_pdf(dispatch.archived, trust=TrustStore(()), at=READ_AT)
    assert found.verdict is Finding.UNVERIFIABLE


# Trust anchors and limits


def test_trust_anchors_are_read_from_a_directory(tmp_path: Path, pki: Pki) -> None:
    assert len(TrustStore.from_directory(pki.trust_directory).anchors) == 2
    with pytest.raises(TrustUnreadable):
        TrustStore.from_directory(tmp_path / "absent")
    (tmp_path / "broken.pem").write_text("no certificate")
    with pytest.raises(TrustUnreadable):
        TrustStore.from_directory(tmp_path)


def test_the_bounded_answer_is_the_same(
    read: Reader, trust: TrustStore, dispatch: Dispatch
) -> None:
    bounded = verify_pdf_bounded(dispatch.archived, trust=trust, at=READ_AT)
    assert bounded == read(dispatch.archived)


def test_a_file_that_takes_too_much_cannot_be_checked(
    trust: TrustStore, dispatch: Dispatch
) -> None:
    answers = (
        verify_pdf_bounded(dispatch.archived, trust=trust, at=READ_AT, wall_s=0.01),
        verify_pdf_bounded(dispatch.archived, trust=trust, at=READ_AT, memory_bytes=1024),
    )
    for found in answers:
        assert found.verdict is Finding.UNVERIFIABLE
        assert "giới hạn" in found.reason


# A real document of 2025


def test_a_real_dispatch_is_described_without_its_trust_anchor(trust: TrustStore) -> None:
    file = require("reference/signed-pdfs/qd-295-kien-giang.pdf")
    found = verify_pdf(file.read_bytes(), trust=trust, at=READ_AT)
    assert found.verdict is Finding.UNVERIFIABLE
    assert [one.signer for one in found.signatures] == [
        "Lê Ngọc Hân",
        "Huỳnh Văn Hóa",
        "Sở Giáo dục và Đào tạo",
        "Sở Giáo dục và Đào tạo",
        "Sở Giáo dục và Đào tạo",
    ]
    for signature in found.signatures:
        assert signature.indication is Indication.NO_CHAIN
        assert any("SHA1" in warning for warning in signature.warnings)


def test_a_time_stamp_over_a_weak_hash_proves_nothing(
    pki: Pki, read: Reader, dispatch: Dispatch, tmp_path: Path
) -> None:
    """Whoever finds a collision has one file stamped and shows the other."""
    with cast.office_clock(tmp_path / "clock.json", papers.SIGNED_AT):
        file = io.BytesIO(dispatch.sealed)
        stamper = PdfTimeStamper(Authority(pki.timestamp_url))
        asyncio.run(
            stamper.async_timestamp_pdf(
                IncrementalPdfFileWriter(file), "sha1", bytes_reserved=16384, in_place=True
            )
        )
    (stamp,) = read(file.getvalue()).timestamps
    assert stamp.verdict is Finding.UNVERIFIABLE
    assert stamp.indication is Indication.WEAK_ALGORITHM
    assert Level.B_LTA not in {one.level for one in read(file.getvalue()).signatures}
