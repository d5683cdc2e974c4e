"""A package proves a document offline, and tells of any byte that is not as it was."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.archive import package, package_verification
from eoffice.archive.package_verification import PackageVerdict
from eoffice.audit import leaf
from eoffice.audit.checkpoint import Signer, Verifier
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.verification import verify_pdf
from tests.archive.packages import AT, SIGNER, contents, description, rewritten, small_pdf

STRANGER = Signer(Ed25519PrivateKey.generate())
PACKAGE = package.build(contents())


def intact(_: bytes) -> Verdict:
    """Stands for a document whose signatures are valid, where they are not the point."""
    return Verdict(Finding.INTACT, "Chữ ký số hợp lệ.")


def verify(
    data: bytes,
    judge: Callable[[bytes], Verdict] = intact,
    log_key: Verifier | None = SIGNER.verifier,
    recheck: Callable[[bytes], tuple[str, ...]] | None = None,
) -> PackageVerdict:
    return package_verification.verify(data, judge=judge, log_key=log_key, recheck=recheck)


def sealed(members: dict[str, bytes]) -> bytes:
    """What somebody makes who rewrites the manifest to fit."""
    return package.archive(members | {package.MANIFEST: package.manifest(members)})


def test_a_package_is_intact_and_says_what_is_proved() -> None:
    found = verify(PACKAGE)

    assert found.verdict is Finding.INTACT
    assert "sự kiện thứ 5 trong 7 sự kiện" in found.reason
    assert found.description is not None
    assert found.description["title"] == "Sổ theo dõi và đánh giá học sinh lớp 7A1"


def test_the_same_contents_give_the_same_bytes() -> None:
    assert package.build(contents()) == PACKAGE


def test_every_zip_program_opens_it() -> None:
    with zipfile.ZipFile(io.BytesIO(PACKAGE)) as file:
        assert file.testzip() is None
        assert file.namelist()[:2] == [package.README_NAME, package.MANIFEST]
        assert file.read("content/so-theo-doi-va-danh-gia-hoc-sinh-lop-7a1.pdf") == small_pdf()


def test_the_verdict_about_the_document_is_the_verdict_about_the_package() -> None:
    def unsigned(pdf: bytes) -> Verdict:
        return verify_pdf(pdf, trust=TrustStore(()), at=AT)

    assert verify(PACKAGE, unsigned).verdict is Finding.UNSIGNED


def test_no_byte_can_be_flipped_anywhere() -> None:
    """Every byte in turn: contents, names, headers, directory, end record."""
    undetected = []
    for position in range(len(PACKAGE)):
        for flip in (0x01, 0x80) if position % 7 == 0 else (0xFF,):
            touched = bytearray(PACKAGE)
            touched[position] ^= flip
            found = verify(bytes(touched))
            if found.verdict is not Finding.CHANGED or not found.faults:
                undetected.append((position, flip, found.verdict, found.reason))

    assert undetected == []


@pytest.mark.parametrize("cut", [1, 5, 22, 400, len(PACKAGE) // 2, len(PACKAGE) - 40])
def test_a_package_that_was_cut_off_is_changed_unless_nothing_of_it_is_left(cut: int) -> None:
    found = verify(PACKAGE[:-cut])

    recognisable = package.FORMAT.encode() in PACKAGE[:-cut]
    assert found.verdict is (Finding.CHANGED if recognisable else Finding.UNVERIFIABLE)


@pytest.mark.parametrize("more", [b"\x00", b"%PDF-1.7 something else"])
def test_nothing_can_be_added_before_or_behind(more: bytes) -> None:
    assert verify(more + PACKAGE).verdict is Finding.CHANGED
    assert verify(PACKAGE + more).verdict is Finding.CHANGED


def test_a_comment_in_the_directory_is_a_change() -> None:
    end = PACKAGE.rindex(b"PK\x05\x06")
    commented = PACKAGE[: end + 20] + struct.pack("<H", 5) + b"hello"

    found = verify(commented)

    assert found.verdict is Finding.CHANGED
    assert "Cấu trúc của gói" in found.reason


def test_another_way_of_packing_the_same_members_is_a_change() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, member in package.members_of(contents()).items():
            made.writestr(name, member)

    assert verify(file.getvalue()).verdict is Finding.CHANGED


def test_a_missing_an_extra_and_a_changed_member_are_named() -> None:
    members = package.members_of(contents())
    del members[package.HISTORY]
    members["ghi-chu.txt"] = b"..."
    members[package.KEY] += b" "

    reason = verify(package.archive(members)).reason

    assert "Thiếu thành phần “history.json”" in reason
    assert "thành phần lạ “ghi-chu.txt”" in reason
    assert "“log/key.pub” đã bị thay đổi" in reason


def test_a_change_outside_of_the_document_leaves_the_document_proved() -> None:
    members = package.members_of(contents()) | {package.README_NAME: b"khac"}

    found = verify(package.archive(members))

    assert found.verdict is Finding.CHANGED
    assert "Riêng tệp văn bản trong gói vẫn còn nguyên" in found.reason


def test_another_document_under_a_rewritten_manifest_is_found() -> None:
    members = package.members_of(contents())
    name = next(name for name in members if name.startswith(package.CONTENT))
    other = small_pdf() + b"%"

    found = verify(sealed(members | {name: other}))

    assert found.verdict is Finding.CHANGED
    assert "không phải là tệp đã nộp lưu" in found.reason


def test_another_description_under_a_rewritten_manifest_is_found() -> None:
    members = rewritten(package.members_of(contents()), package.METADATA, title="Sổ lớp 9A9")

    assert "không phải là thông tin đã nộp lưu" in verify(sealed(members)).reason


def test_the_text_for_people_cannot_be_rewritten() -> None:
    members = package.members_of(contents()) | {package.README_NAME: "Mọi thứ đều đúng".encode()}

    assert verify(sealed(members)).verdict is Finding.CHANGED


def test_an_event_that_never_happened_is_not_in_the_log() -> None:
    members = package.members_of(contents())
    history = json.loads(members[package.HISTORY])
    history[0]["leaf"]["details"]["field"] = "principal"

    found = verify(sealed(members | {package.HISTORY: leaf.canonical(history)}))

    assert found.verdict is Finding.INVALID
    assert "không khớp với đầu cây" in found.reason


def test_an_ingest_that_was_rewritten_with_the_content_is_not_in_the_log() -> None:
    other = small_pdf() + b"%"
    forged = replace(contents(other), checkpoint=contents().checkpoint, history=contents().history)

    assert verify(package.build(forged)).verdict is Finding.INVALID


def test_a_proof_for_another_size_is_invalid() -> None:
    members = rewritten(package.members_of(contents()), package.INCLUSION, size=8)

    assert verify(sealed(members)).verdict is Finding.INVALID


@pytest.mark.parametrize(
    "name", [package.INCLUSION, package.ENTRY, package.CHECKPOINT, package.KEY]
)
def test_a_part_of_the_log_that_cannot_be_read_is_invalid(name: str) -> None:
    members = package.members_of(contents()) | {name: b"[1]"}

    assert verify(sealed(members)).verdict is Finding.INVALID


def test_a_head_signed_by_somebody_with_the_name_of_the_log_is_invalid() -> None:
    forged = replace(contents(signer=STRANGER), log=SIGNER.verifier)

    found = verify(package.build(forged))

    assert found.verdict is Finding.INVALID
    assert "không do nhật ký này ký" in found.reason


def test_a_log_that_the_reader_does_not_trust_proves_nothing() -> None:
    found = verify(package.build(contents(signer=STRANGER)))

    assert found.verdict is Finding.UNVERIFIABLE
    assert STRANGER.verifier.origin in found.reason


def test_without_a_trusted_key_the_key_in_the_package_is_not_believed() -> None:
    found = verify(PACKAGE, log_key=None)

    assert found.verdict is Finding.UNVERIFIABLE
    assert "log.pub" in found.reason


def test_a_register_whose_figures_do_not_fit_is_invalid() -> None:
    found = verify(PACKAGE, recheck=lambda _: ("Lê Văn A (Toán): sổ ghi 9,0, tính lại 8,0.",))

    assert found.verdict is Finding.INVALID
    assert "Lê Văn A" in found.reason


def test_an_entry_of_something_else_is_found() -> None:
    about = replace(description(small_pdf()), entry_id=UUID(int=99))

    assert "thuộc về một hồ sơ khác" in verify(package.build(contents(about=about))).reason


@pytest.mark.parametrize("data", [b"", b"PK", b"%PDF-1.7", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_never_was_a_package_cannot_be_checked(data: bytes) -> None:
    assert verify(data).verdict is Finding.UNVERIFIABLE


def test_another_zip_is_said_to_be_none_of_ours() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("bai-tap.txt", "…")

    found = verify(file.getvalue())

    assert found.verdict is Finding.UNVERIFIABLE
    assert "không phải là gói bằng chứng" in found.reason


def test_a_bomb_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(package.MANIFEST, b"{}")
        made.writestr("content/a.pdf", bytes(50_000_000))

    found = verify(file.getvalue())

    assert found.verdict is Finding.CHANGED
    assert "kích thước không khớp" in found.reason


def test_a_manifest_of_another_shape_is_a_change() -> None:
    members = package.members_of(contents())
    for manifest in (b"[]", b"{}", b'{"members":[1]}', b"\xff", b"[" * 100_000):
        found = verify(package.archive(members | {package.MANIFEST: manifest}))
        assert found.verdict is Finding.CHANGED


def test_digests_are_those_that_other_tools_compute() -> None:
    listed = json.loads(package.members_of(contents())[package.MANIFEST])["members"]

    assert {one["sha256"] for one in listed} >= {sha256(small_pdf()).hexdigest()}
