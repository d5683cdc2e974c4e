"""What can be said about a signed PDF, by anybody who has the file and the trust anchors.

No database, and no network unless asked for. The facts are gathered first (`gathering`) and judged
by a pure function after (`judging`). Whatever the file is, the answer is a verdict; `bounded` adds
limits of time and memory.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import BinaryIO

from eoffice.signing import gathering, judging, policy
from eoffice.signing.gathering_certificates import anchors_of
from eoffice.signing.judging import FILLABLE
from eoffice.signing.kept_answers import KeptAnswers
from eoffice.signing.revocation import RevocationDesk
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Verdict

__all__ = ["FILLABLE", "verify_pdf"]


def verify_pdf(
    given: bytes | BinaryIO,
    *,
    trust: TrustStore,
    at: datetime,
    online: bool = False,
    fillable: Set[str] = FILLABLE,
) -> Verdict:
    """The verdict about a file at `at`; a file on disk is never in memory as a whole.

    `online` allows asking authorities about revocation, and only about certificates whose chain
    ends at a trust anchor; without it what the file carries counts, and
    what the office has kept of earlier answers (`kept_answers`). `fillable`: see
    `judging.judge`. Raises policy.PolicyUnreadable: the office's own policy is no policy.
    """
    desk = RevocationDesk() if online else None
    kept = KeptAnswers.configured()
    facts = gathering.gather(given, trust=trust, at=at, desk=desk, kept=kept)
    return judging.judge(
        facts, anchors=anchors_of(trust), policy=policy.current(), at=at, fillable=fillable
    )
