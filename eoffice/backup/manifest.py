"""What a copy says of itself: one small signed text, which makes a copy out of what lies there.

The form is that of C2SP signed notes, signed by the key of the office's log: whoever can write to
the place of the copies, and knows the public key for which they are sealed, still cannot make one
that the office would take for its own. Nothing in it is personal data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from eoffice.audit import leaf
from eoffice.audit.checkpoint import CheckpointInvalid, Signer, Verifier
from eoffice.backup.rules import Made
from eoffice.errors import Refusal
from eoffice.objects.sha256 import Sha256

FORMAT: Final = "eoffice-backup/1"
#: The largest that is read: a manifest names each table, no object.
MOST_BYTES: Final = 16 * 2**20
#: Objects that are named when they are missing; the rest is counted.
MOST_NAMED: Final = 1000


class ManifestInvalid(Refusal):
    """What should describe a copy is damaged, or the office did not sign it."""

    def __init__(self, copy_id: str, why: str) -> None:
        super().__init__(f"Bản sao {copy_id}: tệp mô tả không dùng được. {why}")
        self.copy_id = copy_id


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file of the copy as it was before it was sealed."""

    sha256: Sha256
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What a table held: rows, and a sum of them that does not depend on their order."""

    rows: int
    sum: int


@dataclass(frozen=True, slots=True)
class Manifest:
    id: str
    at: datetime
    #: Civil date of the office.
    on: date
    #: Version of the program, revision of the tables, major version of the database server.
    program: str
    revision: str
    server_major: int
    database: Sealed
    list: Sealed
    objects: int
    objects_bytes: int
    tables: dict[str, Sum]
    #: The newest signed head of the log; empty where there was none yet.
    log_head: str
    #: Objects that rows name and the store did not give: missing, or not the right bytes.
    missing: tuple[Sha256, ...]
    missing_count: int

    @property
    def is_complete(self) -> bool:
        return self.missing_count == 0

    @property
    def made(self) -> Made:
        return Made(self.id, self.at, self.on, self.is_complete)

    def signed(self, signer: Signer) -> str:
        return signer.sign(f"{FORMAT}\n{json.dumps(self._described(), indent=1)}\n")

    def _described(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": leaf.instant(self.at),
            "on": self.on.isoformat(),
            "program": self.program,
            "revision": self.revision,
            "server_major": self.server_major,
            "database": {"sha256": str(self.database.sha256), "bytes": self.database.size_bytes},
            "list": {"sha256": str(self.list.sha256), "bytes": self.list.size_bytes},
            "objects": self.objects,
            "objects_bytes": self.objects_bytes,
            "tables": {name: [one.rows, one.sum] for name, one in sorted(self.tables.items())},
            "log_head": self.log_head,
            "missing": [str(one) for one in self.missing],
            "missing_count": self.missing_count,
        }

    @classmethod
    def opened(cls, copy_id: str, note: bytes, verifier: Verifier) -> Self:
        """Read a signed manifest. Raises ManifestInvalid."""
        try:
            body, separator, signature = note.decode().rpartition("\n\n")
            line, rest = signature[:-1], signature[-1:]
            if not separator or rest != "\n" or "\n" in line:
                raise ManifestInvalid(copy_id, "Tệp không đúng định dạng.")
            verifier.verify(body + "\n", line)
            head, _, described = body.partition("\n")
            if head != FORMAT:
                raise ManifestInvalid(copy_id, "Tệp do một phiên bản chương trình khác viết.")
            found = cls._read(json.loads(described))
        except CheckpointInvalid as failure:
            why = "Chữ ký không phải của khóa nhật ký của văn phòng này hoặc tệp đã bị sửa."
            raise ManifestInvalid(copy_id, why) from failure
        except (ValueError, KeyError, TypeError, AttributeError) as failure:
            raise ManifestInvalid(copy_id, "Tệp không đúng định dạng.") from failure
        if found.id != copy_id:
            raise ManifestInvalid(copy_id, f"Tệp này là của bản sao {found.id}.")
        return found

    @classmethod
    def _read(cls, described: dict[str, Any]) -> Self:
        return cls(
            id=described["id"],
            at=datetime.fromisoformat(described["at"]),
            on=date.fromisoformat(described["on"]),
            program=described["program"],
            revision=described["revision"],
            server_major=described["server_major"],
            database=_sealed(described["database"]),
            list=_sealed(described["list"]),
            objects=described["objects"],
            objects_bytes=described["objects_bytes"],
            tables={name: Sum(*both) for name, both in described["tables"].items()},
            log_head=described["log_head"],
            missing=tuple(Sha256.parse(one) for one in described["missing"]),
            missing_count=described["missing_count"],
        )


def _sealed(described: dict[str, Any]) -> Sealed:
    return Sealed(Sha256.parse(described["sha256"]), described["bytes"])
