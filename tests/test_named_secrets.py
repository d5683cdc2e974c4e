"""A secret is never in a row: its name is, and the machine says what it stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from eoffice import named_secrets
from eoffice.named_secrets import SecretMissing, SecretNameWrong
from tests.conftest import Office


def test_a_secret_comes_from_the_environment_or_a_closed_file(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_ONE", "first")
    directory = office.var / "secrets"
    directory.mkdir()
    write(directory / "TWO", "second\n", 0o600)
    write(directory / "OPEN", "third\n", 0o644)

    assert named_secrets.read("ONE") == "first"
    assert named_secrets.read("TWO") == "second"
    for name in ("OPEN", "NONE", "../TWO", ""):
        with pytest.raises(SecretMissing):
            named_secrets.read(name)


def write(file: Path, content: str, mode: int) -> None:
    file.write_text(content)
    file.chmod(mode)


def test_a_secret_typed_instead_of_its_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(SecretNameWrong) as refused:
        named_secrets.checked("s3cr3t-pa55", field="token", what="khóa bí mật")

    assert "s3cr3t" not in str(refused.value)


def test_a_name_is_trimmed_and_may_be_left_out_only_where_it_is_not_needed() -> None:
    assert named_secrets.checked(" ONE_2 ", field="token", what="khóa bí mật") == "ONE_2"
    assert named_secrets.checked(" ", field="token", what="khóa bí mật") == ""
    assert named_secrets.needed("ONE", field="token", what="mật khẩu") == "ONE"
    for wrong in (" ", "one", "1ONE", "ONE-TWO", "X" * 61):
        with pytest.raises(SecretNameWrong):
            named_secrets.needed(wrong, field="token", what="mật khẩu")


def test_no_name_leads_to_the_key_of_the_office_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_KEY", "the key that signs every cookie")

    with pytest.raises(SecretNameWrong):
        named_secrets.checked("KEY", field="token", what="khóa bí mật")
    with pytest.raises(SecretMissing):
        named_secrets.read("KEY")
