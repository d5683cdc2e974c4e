"""Learning assessed again before the next school year, as Circulars 22/2021 and 58/2011 have it.

Pure values. A result of the re-assessment stands in the place of the subject's result of the year;
learning and promotion are then judged anew (Circular 22/2021, Đ14). Which subjects may be taken
again, and whether a worse result counts too, is `Reassessment`: rows that an officer keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from eoffice.assessment.marks import Result, Value, Verdict


@dataclass(frozen=True, slots=True)
class Reassessment:
    """Who is assessed again in what, and what counts of it."""

    #: A scored subject may be taken again when its average of the year lies below.
    below: Decimal
    #: Whether the result of the year stays where the new one is worse.
    keeps_better_result: bool


def candidates(results: Mapping[str, Result], terms: Reassessment) -> tuple[str, ...]:
    """The subjects, in the order given, of which a pupil chooses those to be assessed again."""
    return tuple(code for code, result in results.items() if _is_weak(result, terms))


def replaced(
    results: Mapping[str, Result], again: Mapping[str, Value], terms: Reassessment
) -> dict[str, Result]:
    """The results of the year with those of the re-assessment in their place.

    Only of subjects that may be taken again, and only by a result of the same kind.
    """
    return {
        code: _counted(result, again[code], terms)
        if code in again and _is_weak(result, terms)
        else result
        for code, result in results.items()
    }


def _is_weak(result: Result, terms: Reassessment) -> bool:
    return result < terms.below if isinstance(result, Decimal) else result is Verdict.FAILED


def _counted(old: Result, new: Value, terms: Reassessment) -> Result:
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        return max(old, new) if terms.keeps_better_result else new
    # A comment subject that may be taken again is Chưa đạt: nothing is worse.
    return new if old is Verdict.FAILED and new is Verdict.PASSED else old
