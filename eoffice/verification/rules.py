"""How often strangers may ask for a verification, and what is news of a stored file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from eoffice.archive.rules import lowest_level
from eoffice.signing.verdict import Finding, Verdict

#: A place from which files come may have so many of them checked in a period.
MOST_IN_A_PERIOD: Final = 20
PERIOD: Final = timedelta(minutes=10)
#: Hours in Vietnam between which stored files are verified again: the later one is not included.
NIGHT: Final = (20, 5)
#: Nothing that was verified within it is verified again.
REST: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a verdict comes to; two that are equal are no news."""

    finding: Finding
    #: The level that all signatures reach; None where there is no signature.
    level: str | None
    #: Of the signature that decides; None where there is none.
    indication: str | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        level = lowest_level(one.level for one in verdict.signatures)
        deciding = (one for one in verdict.signatures if one.verdict is verdict.verdict)
        first = next(deciding, None)
        return cls(
            verdict.verdict,
            None if level is None else level.value,
            None if first is None else first.indication.value,
        )


def is_night(hour: int) -> bool:
    """Whether nobody works at this hour in Vietnam, so that the machine has time."""
    return hour >= NIGHT[0] or hour < NIGHT[1]


def still_counting(moments: Sequence[datetime], *, at: datetime) -> tuple[datetime, ...]:
    """Those of earlier verifications that count against another one at `at`, oldest first."""
    return tuple(moment for moment in moments if at - moment < PERIOD)


def free_again(moments: Sequence[datetime], *, at: datetime) -> datetime | None:
    """When the next verification is allowed; None: now."""
    counting = still_counting(moments, at=at)
    return None if len(counting) < MOST_IN_A_PERIOD else counting[-MOST_IN_A_PERIOD] + PERIOD
