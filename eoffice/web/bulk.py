"""What a list offers to do to several of its lines. The desk does it; lists below it know only the
address and the noun of the step (`eoffice.desk.batch_rules`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = "/desk/batches/new"
SIGNATURES: Final = "/desk/signatures/new"


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of the bar above a list."""

    #: A noun of `desk.batch_rules.BulkStep`; empty for signatures, which have their own page.
    step: str
    label: str
    action: str = STEPS


SIGN: Final = Offer("", "Ký", SIGNATURES)
SEAL: Final = Offer("", "Đóng dấu", SIGNATURES)


def together(offers: Iterable[Sequence[Offer]]) -> tuple[Offer, ...]:
    """What can be offered above a list whose lines offer this, each once, in their order."""
    return tuple(dict.fromkeys(each for of_line in offers for each in of_line))
