"""`eoffice verify` says in plain words and in its exit code whether files are intact."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eoffice.archive import package, verify_command
from eoffice.audit import log_key
from eoffice.embedded.pki import Pki
from eoffice.signing import xades
from eoffice.signing.xades_verification import evidence_for
from tests.archive.packages import SIGNER, contents, small_pdf
from tests.pki import DIRECTOR, office_clock
from tests.signing import papers, test_xades
from tests.signing.papers import SIGNED_AT, Dispatch

AT = SIGNED_AT + timedelta(days=1)


@pytest.fixture
def trust_dir(pki: Pki, tmp_path: Path) -> Path:
    """Root certificates and the public key of the log, as an inspector's machine has them."""
    directory = tmp_path / "trust"
    directory.mkdir()
    for anchor in pki.trust_directory.glob("*.pem"):
        (directory / anchor.name).write_bytes(anchor.read_bytes())
    log_key.publish(SIGNER, directory)
    return directory


def file(tmp_path: Path, name: str, content: bytes) -> Path:
    made = tmp_path / name
    made.write_bytes(content)
    return made


def verify(*paths: Path, trust_dir: Path) -> tuple[str, int]:
    return verify_command.verify_paths(paths, trust_dir=trust_dir, at=AT, as_json=False)


def as_json(*paths: Path, trust_dir: Path) -> tuple[Any, int]:
    text, code = verify_command.verify_paths(paths, trust_dir=trust_dir, at=AT, as_json=True)
    return json.loads(text), code


def test_a_signed_dispatch_and_its_package_are_intact(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    pdf = file(tmp_path, "960.pdf", dispatch.archived)
    packed = file(tmp_path, "960.zip", package.build(contents(dispatch.archived)))

    text, code = verify(pdf, packed, trust_dir=trust_dir)

    assert code == 0, text
    assert text.count("NGUYÊN VẸN") == 2
    assert "Trần Thanh Liêm · Giám đốc · Sở Giáo dục và Đào tạo Đồng Tháp: nguyên vẹn" in text
    assert "sự kiện thứ 5 trong 7 sự kiện của nhật ký" in text


def test_the_json_says_exactly_what_programs_rely_on(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    packed = file(tmp_path, "960.zip", package.build(contents(dispatch.archived)))

    (said,), code = as_json(packed, trust_dir=trust_dir)

    assert code == 0
    assert said.keys() == {"path", "verdict", "reason", "signatures"}
    assert (said["path"], said["verdict"]) == (str(packed), "intact")
    person, seal = said["signatures"]
    assert person == {
        "field": "signature_person",
        "signer": "Trần Thanh Liêm",
        "capacity": "Giám đốc",
        "unit": "Sở Giáo dục và Đào tạo Đồng Tháp",
        "verdict": "intact",
        "indication": "TOTAL-PASSED",
        "level": "B-LTA",
        "signed_at": person["signed_at"],
        "time_source": "timestamp",
        "covers_whole_file": False,
        "changes": person["changes"],
    }
    assert seal["field"] == "signature_seal"


def test_one_flipped_byte_is_named_and_exits_with_one(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    data = bytearray(package.build(contents(dispatch.archived)))
    data[len(data) // 2] ^= 1
    packed = file(tmp_path, "960.zip", bytes(data))

    text, code = verify(packed, trust_dir=trust_dir)

    assert code == 1
    assert "ĐÃ BỊ THAY ĐỔI" in text
    assert "Thành phần “content/so-theo-doi" in text


def test_a_byte_beside_the_document_leaves_its_signatures_shown(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    data = bytearray(package.build(contents(dispatch.archived)))
    data[200] ^= 1
    packed = file(tmp_path, "960.zip", bytes(data))

    (said,), code = as_json(packed, trust_dir=trust_dir)

    assert (said["verdict"], code) == ("changed", 1)
    assert [one["verdict"] for one in said["signatures"]] == ["intact", "intact"]
    assert package.README_NAME in said["reason"]


@pytest.mark.parametrize("shift", [900, -900])
def test_a_changed_pdf_exits_with_one(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path, shift: int
) -> None:
    data = bytearray(dispatch.sealed)
    data[shift] ^= 1
    pdf = file(tmp_path, "960.pdf", bytes(data))

    text, code = verify(pdf, trust_dir=trust_dir)

    assert code in {1, 2}, text
    assert "NGUYÊN VẸN" not in text.splitlines()[0]


def test_what_is_unsigned_missing_or_no_document_exits_with_two(
    trust_dir: Path, tmp_path: Path
) -> None:
    unsigned = file(tmp_path, "unsigned.pdf", small_pdf())
    nothing = file(tmp_path, "nothing.txt", b"hello")
    missing = tmp_path / "missing.pdf"

    said, code = as_json(unsigned, nothing, missing, tmp_path, trust_dir=trust_dir)

    assert code == 2
    assert [one["verdict"] for one in said] == [
        "unsigned",
        "unverifiable",
        "unverifiable",
        "unverifiable",
    ]


def test_figures_are_recomputed_only_where_somebody_signed_them(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    def verdict(name: str, content: bytes) -> str:
        text, _ = verify_command.verify_paths(
            [file(tmp_path, name, content)],
            trust_dir=trust_dir,
            at=AT,
            as_json=False,
            recheck=lambda _: ("sổ ghi 8,0, tính lại là 7,9",),
        )
        return text.partition("\n")[0].rpartition(": ")[2]

    assert verdict("ghi-chu.txt", b"not a document") == "KHÔNG KIỂM TRA ĐƯỢC"
    assert verdict("960.pdf", dispatch.archived) == "KHÔNG HỢP LỆ"


def test_a_changed_file_outweighs_one_that_cannot_be_checked(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    data = package.build(contents(dispatch.archived)) + b"\n"
    packed = file(tmp_path, "960.zip", data)

    _, code = verify(tmp_path / "missing.pdf", packed, trust_dir=trust_dir)

    assert code == 1


def test_without_a_trust_directory_nothing_is_believed(dispatch: Dispatch, tmp_path: Path) -> None:
    pdf = file(tmp_path, "960.pdf", dispatch.archived)

    text, code = verify(pdf, trust_dir=tmp_path / "none")

    assert code == 2
    assert "Không có thư mục chứng thư gốc" in text


def test_a_log_key_may_be_given_beside_the_trust_directory(
    dispatch: Dispatch, trust_dir: Path, tmp_path: Path
) -> None:
    packed = file(tmp_path, "960.zip", package.build(contents(dispatch.archived)))
    key = (trust_dir / log_key.PUBLIC_FILE).rename(tmp_path / "elsewhere.pub")

    without = verify(packed, trust_dir=trust_dir)
    text, code = verify_command.verify_paths(
        [packed], trust_dir=trust_dir, at=AT, as_json=False, log_key_file=key
    )

    assert without[1] == 2
    assert code == 0, text


def test_a_broken_log_key_is_said(dispatch: Dispatch, trust_dir: Path, tmp_path: Path) -> None:
    (trust_dir / log_key.PUBLIC_FILE).write_text("x")
    pdf = file(tmp_path, "960.pdf", dispatch.archived)

    text, code = verify(pdf, trust_dir=trust_dir)

    assert code == 2
    assert "khóa công khai của nhật ký" in text


def test_signed_xml_has_the_same_words_and_codes(pki: Pki, trust_dir: Path, tmp_path: Path) -> None:
    with office_clock(tmp_path / "clock.json", SIGNED_AT):
        signed = test_xades.sign(pki, DIRECTOR)
        told = evidence_for(signed, trust=papers.trust(pki), at=SIGNED_AT)
    lasting = file(tmp_path, "lau-dai.xml", xades.with_evidence(signed, told))
    good = file(tmp_path, "hoc-ba.xml", signed)
    changed = file(tmp_path, "sua.xml", signed.replace(b"9.5", b"10."))
    bare = file(tmp_path, "khong-ky.xml", test_xades.DOCUMENT)

    text, code = verify(lasting, trust_dir=trust_dir)
    assert code == 0, text
    assert "NGUYÊN VẸN" in text
    assert "có dấu thời gian), mức B-LT" in text

    (first, second, third), code = as_json(good, changed, bare, trust_dir=trust_dir)
    assert code == 1
    assert [each["verdict"] for each in (first, second, third)] == [
        # It carries no revocation data, and nobody is asked.
        "unverifiable",
        "changed",
        "unsigned",
    ]
    (signature,) = first["signatures"]
    assert (signature["field"], signature["covers_whole_file"]) == ("XAdES", True)
    assert signature["indication"] == "INDETERMINATE/TRY_LATER"
    assert verify(bare, trust_dir=trust_dir)[1] == 2
