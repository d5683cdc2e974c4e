"""Every kind of signature, by its name: whoever adds a kind adds it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eoffice.extracts import signatures as extracts
from eoffice.filing import closing_signatures
from eoffice.filing.notes import paper as closing_notes
from eoffice.registers import signatures as registers
from eoffice.reports import signatures as reports
from eoffice.signing import appendices, dispatches, initials
from eoffice.signing.subjects import SignatureStep
from eoffice.transfers import signatures as transfers

STEPS: Final[Mapping[str, SignatureStep]] = {
    step.name: step
    for step in (
        dispatches.SIGN,
        dispatches.SEAL,
        initials.INITIAL,
        appendices.SEAL,
        registers.SIGN,
        reports.SIGN,
        extracts.SIGN,
        transfers.SEAL,
        closing_signatures.SIGN,
        closing_notes.SIGN,
    )
}
