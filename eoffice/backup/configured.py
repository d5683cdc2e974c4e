"""Where copies go, for whom they are sealed, and how long they may be old: from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from eoffice import named_secrets
from eoffice.backup import keys
from eoffice.backup.rules import Keep
from eoffice.backup.targets import Bucket, Directory, Target
from eoffice.settings import SettingMissing

#: Name of the secret key of the other object store (docs/operations.md, Secrets by name).
SECRET: Final = "BACKUP_S3"  # noqa: S105 - the name of the secret, not the secret


@dataclass(frozen=True, slots=True)
class BackupSettings:
    #: A directory, or s3://bucket/prefix; empty where no copies are made.
    target: str
    s3_endpoint: str
    s3_access_key: str = field(repr=False)
    s3_region: str
    recipients: tuple[X25519PublicKey, ...]
    keep: Keep
    copy_within: timedelta
    drill_within: timedelta

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Raises KeyUnreadable, KeepUnreadable, SettingMissing."""
        return cls(
            target=environment.get("EOFFICE_BACKUP_TARGET", ""),
            s3_endpoint=environment.get("EOFFICE_BACKUP_S3_ENDPOINT", ""),
            s3_access_key=environment.get("EOFFICE_BACKUP_S3_ACCESS_KEY", ""),
            s3_region=environment.get("EOFFICE_BACKUP_S3_REGION", "vn-1"),
            recipients=tuple(
                keys.parse_public(text)
                for text in environment.get("EOFFICE_BACKUP_RECIPIENTS", "").split()
            ),
            keep=Keep.parse(
                environment.get("EOFFICE_BACKUP_KEEP") or "daily=7 weekly=5 monthly=12"
            ),
            copy_within=timedelta(hours=_whole(environment, "EOFFICE_BACKUP_WITHIN_HOURS", 26)),
            drill_within=timedelta(days=_whole(environment, "EOFFICE_BACKUP_DRILL_DAYS", 100)),
        )

    def opened(self, named: str | None = None) -> Target:
        """The target, or another one that is named the same way. Raises SettingMissing."""
        place = named or self.target
        if not place:
            raise SettingMissing(
                "Chưa đặt biến môi trường EOFFICE_BACKUP_TARGET. Xem docs/backup.md."
            )
        if not place.startswith("s3://"):
            return Directory(Path(place).absolute())
        address = urlsplit(place)
        prefix = address.path.strip("/")
        if not (self.s3_endpoint and self.s3_access_key and address.netloc):
            raise SettingMissing(
                "Sao lưu vào S3 cần EOFFICE_BACKUP_S3_ENDPOINT và EOFFICE_BACKUP_S3_ACCESS_KEY. "
                "Xem docs/backup.md."
            )
        return Bucket(
            endpoint=self.s3_endpoint,
            access_key=self.s3_access_key,
            secret_key=named_secrets.read(SECRET),
            region=self.s3_region,
            bucket=address.netloc,
            prefix=f"{prefix}/" if prefix else "",
        )

    def for_whom(self) -> tuple[X25519PublicKey, ...]:
        """Raises SettingMissing where copies could be read by nobody or by everybody."""
        if not self.recipients:
            raise SettingMissing(
                "Chưa đặt biến môi trường EOFFICE_BACKUP_RECIPIENTS. "
                "Tạo khóa bằng lệnh eoffice backup key."
            )
        return self.recipients


def backup_settings() -> BackupSettings:
    return BackupSettings.from_environment(os.environ)


def _whole(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    text = environment.get(name) or str(otherwise)
    if not text.isdecimal() or int(text) == 0:
        raise SettingMissing(f"{name} phải là một số nguyên lớn hơn 0.")
    return int(text)
