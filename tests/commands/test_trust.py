"""`eoffice trust` says whom the office trusts, and everything that an operator has left open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import rsa

from eoffice import clock
from eoffice.cli import main
from eoffice.signing import policy, trust_check
from eoffice.signing.evidence import Purpose
from eoffice.signing.trust import FILE, Anchor, TrustStore, World
from tests.signing import certified

AT = datetime(2026, 11, 23, tzinfo=UTC)
SIGNERS = certified.make("Root CA công vụ", is_ca=True)
STAMPS = certified.make("Root CA dấu thời gian", is_ca=True)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "signers.pem").write_bytes(SIGNERS.pem)
    (tmp_path / "stamps.pem").write_bytes(STAMPS.pem)
    return tmp_path


def describe(directory: Path, **of_stamps: Any) -> None:
    both = {"world": "công vụ"}
    roots = [
        both | {"file": "signers.pem", "name": "Gốc công vụ", "serves": ["signature"]},
        both | {"file": "stamps.pem", "name": "Gốc thời gian", "serves": ["timestamp"]} | of_stamps,
    ]
    said = {"format": "eoffice-trust/1", "roots": roots}
    (directory / FILE).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["trust", *arguments])


def test_roots_are_listed_with_what_is_said_of_them(directory: Path) -> None:
    describe(directory, valid_until="2030-12-31", distrusted_from="2020-05-01")
    found = run("list", "--trust", str(directory))
    assert found.exit_code == 0
    assert "✓ Gốc công vụ (công vụ)\n  dùng cho: chữ ký\n  tin cậy: không thời hạn" in found.output
    assert "✗ Gốc thời gian (công vụ)\n  dùng cho: dấu thời gian" in found.output
    assert "tin cậy: đến ngày 31/12/2030, thôi tin từ ngày 01/05/2020" in found.output
    assert "chứng thư đến ngày 01/01/2045" in found.output


def test_nothing_is_wrong_with_what_is_described(directory: Path) -> None:
    describe(directory)
    found = run("check", "--trust", str(directory))
    assert found.exit_code == 0, found.output
    assert found.output.startswith("✓ 2 chứng thư gốc, chính sách “")


def test_what_is_left_open_is_said(directory: Path) -> None:
    found = run("check", "--trust", str(directory))
    assert found.exit_code == 1
    assert found.output.count("trust.json chưa nói gì về “Root CA") == 2


def test_what_cannot_be_read_is_said_without_a_traceback(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run("list", "--trust", str(tmp_path / "khong-co"))
    assert (found.exit_code, "Không có thư mục" in found.output) == (2, True)
    describe(directory, serves=[])
    found = run("check", "--trust", str(directory))
    assert (found.exit_code, "chưa nói dùng để làm gì" in found.output) == (2, True)
    describe(directory)
    monkeypatch.setenv(policy.VARIABLE, str(tmp_path / "chinh-sach.json"))
    found = run("check", "--trust", str(directory))
    assert (found.exit_code, "chính sách ký số" in found.output) == (2, True)


def problems(*roots: Anchor) -> tuple[str, ...]:
    return trust_check.problems(TrustStore(roots), policy.shipped(), AT)


def described(made: certified.Made, **more: Any) -> Anchor:
    given: dict[str, Any] = {"name": "Gốc", "world": World.OTHER, "is_described": True} | more
    return Anchor(made.der, **given)


def test_an_office_without_roots_for_something_is_told() -> None:
    assert problems() == (
        "Không có chứng thư gốc nào đang được tin cậy cho chữ ký.",
        "Không có chứng thư gốc nào đang được tin cậy cho dấu thời gian.",
    )
    only = described(SIGNERS, serves=frozenset({Purpose.SIGNATURE}))
    assert problems(only) == ("Không có chứng thư gốc nào đang được tin cậy cho dấu thời gian.",)
    over = described(SIGNERS, valid_until=AT.date() - timedelta(days=1))
    assert len(problems(over)) == 2


def test_roots_that_are_no_roots_or_over_or_weak_are_named() -> None:
    person = certified.make("Nguyễn Văn An", usages=certified.SIGNS)
    assert problems(described(person)) == ("“Gốc” không phải là chứng thư của cơ quan chứng thực.",)
    ended = certified.make("Cũ", is_ca=True, closes=datetime(2026, 1, 1, tzinfo=UTC))
    assert problems(described(ended)) == ("Chứng thư “Gốc” đã hết hạn ngày 01/01/2026.",)
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505
    weak = certified.make("Yếu", is_ca=True, key=key)
    assert problems(described(weak)) == ("Khóa của “Gốc” đã yếu theo chính sách ký số.",)


def test_the_command_works_at_the_office_clock(directory: Path) -> None:
    describe(directory, valid_until=f"{clock.vietnam_time(clock.now()):%Y-%m-%d}")
    assert run("check", "--trust", str(directory)).exit_code == 0
