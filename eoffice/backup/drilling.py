"""A copy is tried out: restored aside, everything compared, the log computed anew."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eoffice import clock
from eoffice.audit import leaf
from eoffice.audit.checkpoint import Verifier
from eoffice.backup import copies, restoring
from eoffice.backup.manifest import Manifest
from eoffice.backup.restoring import Place, Step
from eoffice.backup.targets import Target
from eoffice.errors import Refusal


@dataclass(frozen=True, slots=True)
class Report:
    manifest: Manifest
    #: When it was tried out, by the office's clock.
    at: datetime
    seconds: float
    steps: tuple[Step, ...]
    rows: int
    events: int
    #: Sentences; empty when the office could go on from this copy.
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def described(self) -> dict[str, Any]:
        """For programs."""
        return {
            "copy": self.manifest.id,
            "copy_at": leaf.instant(self.manifest.at),
            "at": leaf.instant(self.at),
            "passed": self.passed,
            "seconds": self.seconds,
            "steps": {step.name: step.seconds for step in self.steps},
            "objects": self.manifest.objects,
            "objects_bytes": self.manifest.objects_bytes,
            "tables": len(self.manifest.tables),
            "rows": self.rows,
            "log_events": self.events,
            "faults": list(self.faults),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """For people; the last one says the result."""
        made = clock.vietnam_time(self.manifest.at)
        said = [
            f"Bản sao {self.manifest.id}, lúc {made:%d/%m/%Y %H:%M}: {self.manifest.objects} tệp, "
            f"{len(self.manifest.tables)} bảng.",
            *(f"  {step.name}: {step.seconds:.1f} giây" for step in self.steps),
            *(f"LỖI: {fault}" for fault in self.faults),
        ]
        said.append(
            f"Phục hồi thử thành công sau {self.seconds:.1f} giây: mọi tệp khớp mã băm, mọi bảng "
            f"khớp, nhật ký {self.events} sự kiện nguyên vẹn."
            if self.passed
            else f"Phục hồi thử KHÔNG thành công: {len(self.faults)} lỗi."
        )
        return tuple(said)


def drill(
    target: Target,
    manifest: Manifest,
    place: Place,
    *,
    key: X25519PrivateKey,
    verifier: Verifier,
    at: datetime,
) -> Report:
    """Restore into `place`, which is thrown away by the caller; what is refused is a fault.

    The report is left in the target. Raises TargetUnavailable when that cannot be done.
    """
    began = time.monotonic()
    try:
        restored = restoring.restore(target, manifest, place, key=key, verifier=verifier)
    except Refusal as refusal:
        found = _report(manifest, at, began, faults=(refusal.detail,))
    else:
        found = Report(
            manifest,
            at,
            _since(began),
            restored.steps,
            restored.rows,
            restored.log.size,
            restored.faults,
        )
    text = json.dumps(found.described, ensure_ascii=False, indent=1) + "\n"
    target.write(f"{copies.DRILLS}/{at:%Y%m%dT%H%M%SZ}-{manifest.id}", [text.encode()])
    return found


def last_passed(target: Target) -> datetime | None:
    """When a copy was last tried out without fault, wherever that was.

    Nobody signs these reports: what they say reminds people, and proves nothing.
    """
    for name in sorted(target.names(copies.DRILLS), reverse=True):
        try:
            found = json.loads(b"".join(target.read(name)))
            if found["passed"] is True:
                return datetime.fromisoformat(found["at"])
        except (ValueError, KeyError, TypeError):
            continue
    return None


def _report(manifest: Manifest, at: datetime, began: float, *, faults: tuple[str, ...]) -> Report:
    return Report(manifest, at, _since(began), (), 0, 0, faults)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
