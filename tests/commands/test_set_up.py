"""A new server: after two commands somebody can sign in and sign (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from eoffice import cli, clock, settings
from eoffice.db import system_transaction
from eoffice.embedded.pki import materialise
from eoffice.embedded.pki.issue import Pki
from eoffice.people import sign_in
from eoffice.people.accounts import Opened
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.signing.model import KeyStoreKind, SigningKey
from tests import services
from tests.conftest import Office
from tests.pki import TEACHER

PASSWORD = "bông súng nở tháng bảy"
SET_UP = (
    *("set-up", "--department", "Sở Giáo dục và Đào tạo Đồng Tháp", "--notation", "SGDĐT"),
    *("--place", "Đồng Tháp", "--operator", "Phan Minh Trí", "--login", "quantri"),
)


@pytest.fixture
def machine(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pki]:
    """An office with an empty object store and a directory with one key."""
    pki = materialise(office.var / "pki", [TEACHER], port=9)
    with services.object_store_server() as store:
        monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_file(TEACHER.label).parent))
        monkeypatch.setenv("EOFFICE_S3_ENDPOINT", store.endpoint)
        monkeypatch.setenv("EOFFICE_S3_ACCESS_KEY", store.access_key)
        monkeypatch.setenv("EOFFICE_S3_SECRET_KEY", store.secret_key)
        settings.settings.cache_clear()
        yield pki


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli.main, arguments, input=typed)


def test_the_first_operator_can_sign_in_and_has_a_key(machine: Pki) -> None:
    made = run(*SET_UP, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert "Khóa công khai của nhật ký" in made.output
    assert PASSWORD not in made.output

    opened = sign_in.with_password(
        "quantri",
        PASSWORD,
        source="127.0.0.1",
        secret_key=settings.settings().secret_key,
        at=clock.now(),
    )
    assert isinstance(opened, Opened)
    assert opened.principal.position_kind == PositionKind.OPERATOR

    file = machine.key_file(TEACHER.label)
    file.with_suffix(".pem").unlink()
    added = run("key", "add", "--person", "quantri", "--file", file.name, typed=f"{TEACHER.pin}\n")
    assert added.exit_code == 0, added.output

    with system_transaction() as session:
        key = session.scalars(select(SigningKey)).one()
    assert key.holder_person_id == opened.principal.person_id
    assert (key.store, key.locator) == (KeyStoreKind.PKCS12, file.name)


def test_a_second_set_up_changes_nothing(machine: Pki) -> None:
    run(*SET_UP, typed=f"{PASSWORD}\n{PASSWORD}\n")
    again = run(*SET_UP, typed="một mật khẩu khác hẳn\nmột mật khẩu khác hẳn\n")

    assert again.exit_code == 0
    assert "không thay đổi gì" in again.output
    with system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_weak_password_is_a_sentence_and_leaves_nothing(machine: Pki) -> None:
    refused = run(*SET_UP, typed="1\n1\n")

    assert refused.exit_code == 1
    assert "✗" in refused.output
    with system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    ("arguments", "pin", "says"),
    [
        (("--person", "ai.do", "--file", "{file}"), TEACHER.pin, "Không có ai có tên đăng nhập"),
        (("--person", "quantri", "--file", "{file}"), "0000", "PIN"),
        (("--person", "quantri", "--file", "khong-co.p12"), TEACHER.pin, "Không đọc được tệp khóa"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    machine: Pki, arguments: tuple[str, ...], pin: str, says: str
) -> None:
    run(*SET_UP, typed=f"{PASSWORD}\n{PASSWORD}\n")
    name = machine.key_file(TEACHER.label).name

    refused = run("key", "add", *(each.format(file=name) for each in arguments), typed=f"{pin}\n")

    assert refused.exit_code == 1
    assert says in refused.output
    with system_transaction() as session:
        assert session.scalars(select(SigningKey)).all() == []


def test_a_key_has_exactly_one_holder_and_one_place() -> None:
    assert run("key", "add", "--pin", "1").exit_code == 2
