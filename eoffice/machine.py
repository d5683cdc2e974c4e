"""The whole office on one machine: what `scripts/start` runs.

Everything is a child process of one supervisor: PostgreSQL, broker, object store, the trust
services of the demo, web, worker and relay. Data, keys and logs lie under `EOFFICE_VAR`.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from datetime import datetime
from pathlib import Path
from urllib.error import URLError

from eoffice import clock, migrations
from eoffice.alerts import push
from eoffice.audit import log_key
from eoffice.demo import load
from eoffice.embedded import credentials, failures, ports, services
from eoffice.embedded.failures import EmbeddedFailure
from eoffice.embedded.supervisor import Program, Supervisor
from eoffice.objects import configured
from eoffice.settings import ENVIRONMENT_FILE, REVOCATION_HOSTS, settings

#: When the demo's clock begins: the morning of the dispatch.
DEMO_BEGINS_AT = datetime(2018, 8, 13, 7, 30, tzinfo=clock.VIETNAM)


def up(*, reset: bool) -> int:
    """Run the office until Ctrl-C or SIGTERM; returns the exit code.

    A second start finds its data again. What can go wrong on a machine (a taken port, a full disk,
    a missing library) ends with a sentence and code 1.
    """
    var = Path(os.environ.get("EOFFICE_VAR", "var")).absolute()
    port = int(os.environ.get("EOFFICE_PORT", "8080"))
    try:
        var.mkdir(parents=True, exist_ok=True)
        ports.require_free(port, "trang web")
        failures.require_space(var)
        if reset:
            with Supervisor(var, signals=False):
                _say("Đang xóa dữ liệu cũ …")
            services.forget(var)
        with Supervisor(var) as supervisor:
            _say("Đang khởi động cơ sở dữ liệu, hàng đợi và kho tệp …")
            backing = services.start_backing(var, supervisor=supervisor)
            for note in backing.notes:
                _say(note)
            _describe_machine(var, port, backing)
            _start_office(var, port, supervisor)
            supervisor.run_until_stopped()
    except EmbeddedFailure as failure:
        print(f"LỖI: {failure}", file=sys.stderr, flush=True)
        return 1
    except PermissionError as failure:
        print(f"LỖI: Không ghi được vào {failure.filename}.", file=sys.stderr, flush=True)
        return 1
    _say("Đã dừng mọi tiến trình.")
    return 0


def _start_office(var: Path, port: int, supervisor: Supervisor) -> None:
    migrations.upgrade(settings().owner_database_url or "")
    configured.s3().prepare()
    log_key.publish(log_key.ensure(settings().log_key_file), settings().trust_directory)
    push.ensure_key(settings().var)
    trust = load.trust_services(var)
    supervisor.launch(
        Program(
            "trust",
            (sys.executable, "-m", "eoffice.embedded.pki", str(trust.directory)),
            is_ready=lambda: _answers(trust.ready_url),
            title="Dịch vụ chứng thực trình diễn",
            directory=Path.cwd(),
        )
    )
    for name, title, arguments in (
        ("relay", "Chuyển việc", ("relay",)),
        ("worker", "Việc nền", ("worker", "--beat")),
    ):
        supervisor.launch(
            Program(
                name,
                (sys.executable, "-m", "eoffice", *arguments),
                is_ready=lambda: True,
                title=title,
                directory=Path.cwd(),
                stop_within_s=20,
            )
        )
    supervisor.launch(
        Program(
            "web",
            (sys.executable, "-m", "eoffice", "serve"),
            is_ready=lambda: _answers(f"http://127.0.0.1:{port}/healthz"),
            title="Trang web",
            directory=Path.cwd(),
        )
    )
    access = load.load(var)
    supervisor.wait_ready("trust")
    supervisor.wait_ready("web")
    _say(load.who_can_sign_in(access))
    _say(f"ready: http://127.0.0.1:{port}")


def _describe_machine(var: Path, port: int, backing: services.Backing) -> None:
    """Write the settings of this machine where the other commands find them, and take them."""
    secrets = credentials.kept(var / "secrets.json", ("EOFFICE_SECRET_KEY",))
    trust = load.trust_services(var)
    environment = {
        **secrets,
        "DATABASE_URL": backing.app_database_url,
        "EOFFICE_WORKER_DATABASE_URL": backing.worker_database_url,
        "EOFFICE_OWNER_DATABASE_URL": backing.owner_database_url,
        "EOFFICE_BROKER_URL": backing.broker_url,
        "EOFFICE_S3_ENDPOINT": backing.s3_endpoint,
        "EOFFICE_S3_ACCESS_KEY": backing.s3_access_key,
        "EOFFICE_S3_SECRET_KEY": backing.s3_secret_key,
        "EOFFICE_S3_REGION": backing.s3_region,
        "EOFFICE_BASE_URL": f"http://127.0.0.1:{port}",
        "EOFFICE_PORT": str(port),
        "EOFFICE_VAR": str(var),
        "EOFFICE_TRUST": str(trust.trust_directory),
        "EOFFICE_KEYS": str(trust.key_directory),
        "EOFFICE_TIMESTAMP_URL": trust.timestamp_urls,
        REVOCATION_HOSTS: "127.0.0.1",
        clock.CLOCK_FILE: str(var / "clock.json"),
    }
    credentials.write_private(var / ENVIRONMENT_FILE, json.dumps(environment, indent=1))
    os.environ.update(environment)
    settings.cache_clear()
    if not (var / "clock.json").exists():
        clock.set_office_clock(var / "clock.json", DEMO_BEGINS_AT)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _say(text: str) -> None:
    print(text, flush=True)
