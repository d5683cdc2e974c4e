"""compose.yaml is valid, keeps no secret, and speaks of the same settings as the program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from eoffice import settings

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "compose.yaml"
#: One-shot services have no health; they end.
ENDS = {"migrate"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    found: dict[str, Any] = loaded["services"]
    return found


def test_the_file_fits_the_compose_specification() -> None:
    checked = subprocess.run(
        [
            str(Path(sys.executable).parent / "check-jsonschema"),
            "--builtin-schema",
            "vendor.compose-spec",
            str(COMPOSE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_part_of_the_office_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {
        "proxy",
        "migrate",
        "web",
        "worker",
        "beat",
        "relay",
        "database",
        "broker",
        "store",
    }


def test_every_lasting_service_has_a_health_check_and_comes_back(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if name not in ENDS:
            assert "test" in service["healthcheck"], name
            assert service["restart"] == "unless-stopped", name


def test_only_the_proxy_is_reachable_from_outside(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}


def test_only_worker_relay_and_beat_know_a_role_that_passes_row_level_security(
    services: dict[str, Any],
) -> None:
    knowing = {
        name
        for name, service in services.items()
        if "EOFFICE_WORKER_DATABASE_URL" in service.get("environment", {})
    }
    assert knowing == {"worker", "beat", "relay"}


def test_it_sets_only_what_the_program_reads_and_all_that_it_needs(
    services: dict[str, Any],
) -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:EOFFICE|DATABASE)_[A-Z0-9_]+)"', source))
    needed = set(re.findall(r'need\("([A-Z0-9_]+)"\)', source))
    for name in ("web", "worker", "beat", "relay", "migrate"):
        given = set(services[name]["environment"])
        assert given <= read, name
        assert needed <= given, name
    all_given = {key for s in services.values() for key in s.get("environment", {})}
    assert read - all_given == {"EOFFICE_VAR"}, "EOFFICE_VAR is set in the image"


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for name, default in re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", text):
        assert not re.search("SECRET|PASSWORD|ACCESS_KEY", name), (name, default)
    assert set(re.findall(r"\$\{[A-Z0-9_]*(?:SECRET|PASSWORD)[A-Z0-9_]*(:\?)?\}", text)) == {":?"}


def test_named_volumes_keep_what_must_outlive_a_container(services: dict[str, Any]) -> None:
    kept = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"]
    assert {"database", "broker", "store", "office"} <= set(kept)
    for name in ("database", "broker", "store"):
        assert any(str(volume).startswith(f"{name}:") for volume in services[name]["volumes"])
