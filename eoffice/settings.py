"""What an operator sets, from the environment, once, in one frozen value.

`compose.yaml`, `docs/operations.md` and this class name the same variables; a test holds them
together. There is no default for a secret: a process that needs one and has none does not start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Below the directory of one machine: what `scripts/start` has set, for the other commands.
ENVIRONMENT_FILE = "eoffice.env.json"
REVOCATION_HOSTS = "EOFFICE_REVOCATION_HOSTS"


class SettingMissing(Exception):
    """A setting that has no safe default is not set."""


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    #: Database of the web process; row-level security applies to its role.
    database_url: str
    #: Database of worker, relay and command line; their role passes row-level security.
    worker_database_url: str | None
    #: Database role that owns the tables; migrations only.
    owner_database_url: str | None
    broker_url: str
    s3_endpoint: str
    s3_access_key: str
    s3_secret_key: str
    s3_region: str
    content_bucket: str
    archive_bucket: str
    #: Signs cookies, cursors and form tokens; at least 32 characters.
    secret_key: str
    #: Where people reach the office; https here makes cookies secure and turns HSTS on.
    base_url: str
    host: str
    port: int
    #: Synchronous handlers at once, and database connections of one web process.
    web_threads: int
    #: Files of this machine: key stores, trust anchors, logs.
    var: Path
    #: Trust anchors, one PEM file each.
    trust_directory: Path
    #: RFC 3161 time-stamp authorities in the order in which they are asked, separated by blanks.
    timestamp_url: str
    #: PKCS#12 files of persons and seals.
    key_directory: Path
    #: PKCS#11 library of tokens and HSMs; empty when there is none.
    pkcs11_library: str
    #: The services that hold keys for this office (JSON); None when there are none.
    signing_services: Path | None
    #: Ed25519 key (PEM) that signs the heads of the audit log.
    log_key_file: Path
    #: Server that takes mail, as smtp://user:password@host:587 or smtps://…; empty: none is sent.
    smtp_url: str
    #: Sender of the office's mail.
    mail_from: str
    #: Hosts of this network that webhooks may call; all others must be public.
    webhook_hosts: frozenset[str]
    #: Whole days for which an archived object cannot be deleted by anybody at first.
    worm_days: int
    #: Reads the words of scanned pages: a name or a path; empty: nothing is read.
    ocr_program: str
    #: Its languages, such as "vie" or "vie+eng".
    ocr_languages: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingMissing with the name of the variable."""

        def need(name: str) -> str:
            value = environment.get(name, "")
            if not value:
                raise SettingMissing(f"Chưa đặt biến môi trường {name}. Xem docs/operations.md.")
            return value

        secret = need("EOFFICE_SECRET_KEY")
        if len(secret) < 32:
            raise SettingMissing("EOFFICE_SECRET_KEY phải có ít nhất 32 ký tự.")
        var = Path(environment.get("EOFFICE_VAR", "var")).absolute()
        services = environment.get("EOFFICE_SIGNING_SERVICES", "")
        return cls(
            database_url=need("DATABASE_URL"),
            worker_database_url=environment.get("EOFFICE_WORKER_DATABASE_URL") or None,
            owner_database_url=environment.get("EOFFICE_OWNER_DATABASE_URL") or None,
            broker_url=need("EOFFICE_BROKER_URL"),
            s3_endpoint=need("EOFFICE_S3_ENDPOINT"),
            s3_access_key=need("EOFFICE_S3_ACCESS_KEY"),
            s3_secret_key=need("EOFFICE_S3_SECRET_KEY"),
            s3_region=environment.get("EOFFICE_S3_REGION", "vn-1"),
            content_bucket=environment.get("EOFFICE_CONTENT_BUCKET", "eoffice-content"),
            archive_bucket=environment.get("EOFFICE_ARCHIVE_BUCKET", "eoffice-archive"),
            secret_key=secret,
            base_url=environment.get("EOFFICE_BASE_URL", "http://127.0.0.1:8080").rstrip("/"),
            host=environment.get("EOFFICE_HOST", "127.0.0.1"),
            port=int(environment.get("EOFFICE_PORT", "8080")),
            web_threads=int(environment.get("EOFFICE_WEB_THREADS", "16")),
            var=var,
            trust_directory=Path(environment.get("EOFFICE_TRUST", str(var / "pki" / "trust"))),
            timestamp_url=environment.get("EOFFICE_TIMESTAMP_URL", ""),
            key_directory=Path(environment.get("EOFFICE_KEYS", str(var / "pki" / "keys"))),
            pkcs11_library=environment.get("EOFFICE_PKCS11_LIBRARY", ""),
            signing_services=Path(services) if services else None,
            log_key_file=Path(environment.get("EOFFICE_LOG_KEY", str(var / "log-key.pem"))),
            smtp_url=environment.get("EOFFICE_SMTP_URL", ""),
            mail_from=environment.get("EOFFICE_MAIL_FROM", "khong-tra-loi@localhost.localdomain"),
            webhook_hosts=frozenset(environment.get("EOFFICE_WEBHOOK_HOSTS", "").split()),
            worm_days=int(environment.get("EOFFICE_WORM_DAYS", "3650")),
            ocr_program=environment.get("EOFFICE_OCR_PROGRAM", "tesseract"),
            ocr_languages=environment.get("EOFFICE_OCR_LANGUAGES", "vie"),
        )


@cache
def settings() -> Settings:
    """The settings of this process, read from its environment at the first call."""
    return Settings.from_environment(os.environ)


def revocation_hosts() -> frozenset[str]:
    """Hosts of this network that may be asked about revoked certificates; others must be public.

    Not among `Settings`: `eoffice verify` asks on machines where there is no office.
    """
    return frozenset(os.environ.get(REVOCATION_HOSTS, "").split())
