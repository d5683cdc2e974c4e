"""The life of a certified copy of a book or a report book, as a table.

It has its number in the school's book of copies from the beginning (Decree 30/2020, art. 25 to 27
and Annex I, part II); one that is cancelled keeps the number and is annulled. A copy that was
issued stays.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class CopyKind(StrEnum):
    #: sao y
    WHOLE = "whole"
    #: trích sao
    EXTRACT = "extract"


class SourceKind(StrEnum):
    GRADEBOOK = "gradebook"
    REPORT_PART = "report_part"


class CopyState(StrEnum):
    AWAITING_SIGNATURE = "awaiting_signature"
    AWAITING_SEAL = "awaiting_seal"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class CopyStep(StrEnum):
    SIGN = "sign"
    SEAL = "seal"
    CANCEL = "cancel"


class CopyStepRefused(Conflict):
    """The copy is not in a state in which this step can be taken."""


_S, _T = CopyState, CopyStep
TABLE: Final[dict[tuple[CopyState, CopyStep], CopyState]] = {
    (_S.AWAITING_SIGNATURE, _T.SIGN): _S.AWAITING_SEAL,
    (_S.AWAITING_SIGNATURE, _T.CANCEL): _S.CANCELLED,
    (_S.AWAITING_SEAL, _T.SEAL): _S.ISSUED,
    (_S.AWAITING_SEAL, _T.CANCEL): _S.CANCELLED,
}
NAMES: Final[dict[CopyState, str]] = {
    _S.AWAITING_SIGNATURE: "Chờ ký",
    _S.AWAITING_SEAL: "Chờ đóng dấu",
    _S.ISSUED: "Đã cấp",
    _S.CANCELLED: "Đã hủy",
}
TONES: Final[dict[CopyState, str]] = {
    _S.AWAITING_SIGNATURE: "waiting",
    _S.AWAITING_SEAL: "waiting",
    _S.ISSUED: "done",
    _S.CANCELLED: "quiet",
}
STEP_NAMES: Final[dict[CopyStep, str]] = {
    _T.SIGN: "ký bản sao",
    _T.SEAL: "đóng dấu bản sao",
    _T.CANCEL: "hủy bản sao",
}
KIND_NAMES: Final[dict[CopyKind, str]] = {
    CopyKind.WHOLE: "Sao y",
    CopyKind.EXTRACT: "Trích sao",
}
#: Decree 30/2020, Annex III.
ABBREVIATIONS: Final[dict[CopyKind, str]] = {CopyKind.WHOLE: "SY", CopyKind.EXTRACT: "TrS"}


def after(state: CopyState, step: CopyStep) -> CopyState:
    """The state that follows. Raises CopyStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise CopyStepRefused(
            f"Bản sao đang ở trạng thái “{NAMES[state]}” nên không thực hiện được bước "
            f"{STEP_NAMES[step]}."
        )
    return following
