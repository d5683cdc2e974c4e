"""The report of a verification is PDF/A in plain Vietnamese, with the indication of ETSI beside it,
says of each signature all that is known, and shows whatever strangers' files are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner

from eoffice.archive import verification_report, verify_command
from eoffice.archive.verification_report import Subject
from eoffice.archive.verify_command import Checked
from eoffice.commands.verify import command
from eoffice.embedded.pki import Pki
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.verdict import Finding
from tests import pki as cast
from tests.pdfa import assert_pdfa
from tests.signing import papers
from tests.signing.papers import READ_AT, Dispatch


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture(scope="module")
def dispatch(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Dispatch:
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    with cast.office_clock(clock_file, papers.SIGNED_AT):
        return papers.whole_life(pki)


@pytest.fixture(scope="module")
def checked(pki: Pki, dispatch: Dispatch) -> Checked:
    return verify_command.check(dispatch.archived, trust=papers.trust(pki), log=None, at=READ_AT)


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


def report(checked: Checked, name: str = "960.pdf") -> bytes:
    return verification_report.pdf([Subject(name, "ab" * 32, checked)], at=READ_AT)


def test_the_report_says_of_each_signature_all_that_is_known(checked: Checked) -> None:
    made = report(checked)
    said = text_of(made)
    for wanted in (
        "BÁO CÁO KIỂM TRA TỆP ĐÃ KÝ SỐ",
        "NGUYÊN VẸN",
        f"Mã băm SHA-256: {'ab' * 32}",
        "Chữ ký 1: Trần Thanh Liêm",
        "Tư cách ký: Giám đốc",
        "Đơn vị: Sở Giáo dục và Đào tạo Đồng Tháp",
        "theo dấu thời gian",
        "CA thử nghiệm phục vụ cơ quan giáo dục ← Root CA thử nghiệm (được tin cậy)",
        "chứng thư số không bị thu hồi lúc ký",
        "Chữ ký 2: Sở Giáo dục và Đào tạo Đồng Tháp",
        "Mức chữ ký: B-LTA",
        "Chỉ dẫn ETSI: TOTAL-PASSED",
        "Sau khi ký: Điền ô “số, ký hiệu”.",
    ):
        assert wanted in said, wanted
    assert_pdfa(made)


def test_the_same_findings_make_the_same_bytes(checked: Checked) -> None:
    assert report(checked) == report(checked)


def test_whatever_stands_in_a_strangers_certificate_can_be_shown(checked: Checked) -> None:
    odd = replace(checked.signatures[0], signer="签名 #set page()", unit="\u202e\x07", changes=())
    said = text_of(report(replace(checked, signatures=(odd,)), name="tệp 🙂.pdf"))
    assert "?? #set page()" in said
    assert "tệp ?.pdf" in said


def test_a_file_without_a_verdict_about_signatures_is_reported_too() -> None:
    said = text_of(report(Checked(Finding.UNSIGNED, "Tệp không có chữ ký số nào.")))
    assert "KHÔNG CÓ CHỮ KÝ" in said


def test_the_command_writes_it_beside_its_answer(
    pki: Pki, dispatch: Dispatch, tmp_path: Path
) -> None:
    file, out = tmp_path / "960.pdf", tmp_path / "report.pdf"
    file.write_bytes(dispatch.archived)
    done = CliRunner().invoke(
        command, ["--trust", str(pki.trust_directory), "--pdf", str(out), str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "NGUYÊN VẸN" in done.output
    assert "960.pdf" in text_of(out.read_bytes())


def test_a_file_is_whole_for_its_owner_after_a_child_has_read_it(
    pki: Pki, dispatch: Dispatch, tmp_path: Path
) -> None:
    """Parent and child share the position of the file; what is buffered here must not go by it."""
    file = tmp_path / "960.pdf"
    file.write_bytes(dispatch.archived)
    with file.open("rb") as opened:
        opened.read(5)
        verify_pdf_bounded(opened, trust=papers.trust(pki), at=READ_AT)
        opened.seek(0)
        assert opened.read() == dispatch.archived
