"""compose.yaml is valid, keeps no secret, and speaks of the same settings as the program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from litestar.routes import HTTPRoute

from eoffice import settings
from eoffice.exchange import safe_xml
from eoffice.signing import kept_answers, policy
from eoffice.web import limits
from tests.conftest import Office
from tests.security import house as houses

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
    source = "".join(
        Path(str(module.__file__)).read_text(encoding="utf-8")
        for module in (settings, policy, kept_answers)
    )
    read = set(re.findall(r'"((?:EOFFICE|DATABASE)_[A-Z0-9_]+)"', source))
    needed = set(re.findall(r'need\("([A-Z0-9_]+)"\)', source))
    for name in ("web", "worker", "beat", "relay", "migrate"):
        given = set(services[name]["environment"])
        assert given <= read, name
        assert needed <= given, name
    all_given = {key for s in services.values() for key in s.get("environment", {})}
    assert read - all_given == {"EOFFICE_VAR"}, "EOFFICE_VAR is set in the image"


def test_web_and_worker_alone_get_the_secrets_that_pages_name(services: dict[str, Any]) -> None:
    given = {
        name: [each["path"] for each in service["env_file"]]
        for name, service in services.items()
        if "env_file" in service
    }
    assert set(given) == {"web", "worker"}
    assert given["web"] == given["worker"] == ["${EOFFICE_NAMED_SECRETS:-./secrets/named.env}"]
    assert not any(each["required"] for each in services["web"]["env_file"])
    for service in services.values():
        assert not any(
            key.startswith("EOFFICE_SECRET_")
            for key in service.get("environment", {})
            if key != "EOFFICE_SECRET_KEY"
        )


def test_what_lies_beside_the_file_never_gets_into_the_repository_or_the_image() -> None:
    for name, kept_out in (
        (".gitignore", {"/.env", "/secrets/"}),
        (".dockerignore", {".env", "secrets"}),
    ):
        assert kept_out <= set((ROOT / name).read_text(encoding="utf-8").split()), name
    tracked = subprocess.run(
        ["git", "ls-files", ".env", "secrets"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tracked.stdout == ""


def test_the_proxy_lets_in_what_the_largest_door_takes_and_no_door_takes_more(
    office: Office,
) -> None:
    assert office.var
    (bound,) = re.findall(
        r"max_size (\d+)MiB", (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    )
    taken = {
        handler.resolve_request_max_body_size()
        for route in houses.app().routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }
    assert int(bound) * limits.MEBIBYTE == limits.LARGEST_REQUEST == max(filter(None, taken))
    assert None not in taken
    assert safe_xml.LARGEST_BYTES <= limits.LARGEST_REQUEST


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for name, default in re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", text):
        if name == "EOFFICE_NAMED_SECRETS":
            continue  # Where the file with them lies.
        assert not re.search("SECRET|PASSWORD|ACCESS_KEY", name), (name, default)
    assert set(re.findall(r"\$\{[A-Z0-9_]*(?:SECRET|PASSWORD)[A-Z0-9_]*(:\?)?\}", text)) == {":?"}


def test_named_volumes_keep_what_must_outlive_a_container(services: dict[str, Any]) -> None:
    kept = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"]
    assert {"database", "broker", "store", "office"} <= set(kept)
    for name in ("database", "broker", "store"):
        assert any(str(volume).startswith(f"{name}:") for volume in services[name]["volumes"])
