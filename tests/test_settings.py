"""Settings come from the environment; a secret that is missing is named, never invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from eoffice.settings import SettingMissing, Settings

NEEDED = {
    "DATABASE_URL": "postgresql+psycopg://app@db/eoffice",
    "EOFFICE_BROKER_URL": "redis://broker/0",
    "EOFFICE_S3_ENDPOINT": "http://store:8333",
    "EOFFICE_S3_ACCESS_KEY": "office",
    "EOFFICE_S3_SECRET_KEY": "store-secret",
    "EOFFICE_SECRET_KEY": "a secret of at least thirty-two characters",
}


def test_what_is_needed_is_enough() -> None:
    made = Settings.from_environment(NEEDED)
    assert made.port == 8080
    assert made.worker_database_url is None


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_missing_one_is_named(name: str) -> None:
    with pytest.raises(SettingMissing, match=name):
        Settings.from_environment({key: value for key, value in NEEDED.items() if key != name})


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_an_empty_one_is_missing(name: str) -> None:
    with pytest.raises(SettingMissing, match=name):
        Settings.from_environment(NEEDED | {name: ""})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingMissing, match="32"):
        Settings.from_environment(NEEDED | {"EOFFICE_SECRET_KEY": "short"})


def test_files_of_the_machine_lie_below_its_directory() -> None:
    made = Settings.from_environment(NEEDED | {"EOFFICE_VAR": "/srv/office"})
    assert made.trust_directory == Path("/srv/office/pki/trust")
    assert made.log_key_file == Path("/srv/office/log-key.pem")


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings.from_environment(NEEDED))
    assert "store-secret" not in shown
    assert NEEDED["EOFFICE_SECRET_KEY"] not in shown
