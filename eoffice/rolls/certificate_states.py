"""What can happen to a blank form and to a certificate, as tables. Pure.

A pair that is absent is refused. A blank that was received is for ever in one of these states, so
the received are always as many as those of all states together: `Tally.is_whole`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class BlankState(StrEnum):
    #: còn lại
    LEFT = "left"
    #: đã dùng để cấp
    GRANTED = "granted"
    #: hư hỏng, viết sai; chờ hủy
    DAMAGED = "damaged"
    #: bị mất
    LOST = "lost"
    #: đã hủy theo biên bản
    DESTROYED = "destroyed"
    #: đã nộp trả nơi cấp phôi
    RETURNED = "returned"
    #: The batch was entered by mistake: such a blank never was.
    STRUCK = "struck"


class BlankStep(StrEnum):
    GRANT = "grant"
    SPOIL = "spoil"
    LOSE = "lose"
    FIND = "find"
    DESTROY = "destroy"
    GIVE_BACK = "give_back"
    STRIKE = "strike"


class CertificateState(StrEnum):
    #: đã vào sổ, chưa phát
    ENTERED = "entered"
    #: đã phát
    HANDED_OVER = "handed_over"
    #: viết sai, đã hủy bỏ
    ANNULLED = "annulled"
    #: bị mất
    LOST = "lost"
    #: bị thu hồi
    REVOKED = "revoked"


class CertificateStep(StrEnum):
    HAND_OVER = "hand_over"
    ANNUL = "annul"
    LOSE = "lose"
    REVOKE = "revoke"
    COPY = "copy"
    CORRECT = "correct"


class BlankStepRefused(Conflict):
    """The blank form is not in a state in which this can happen to it."""


class CertificateStepRefused(Conflict):
    """The certificate is not in a state in which this can be done."""


_B, _BS, _C, _CS = BlankState, BlankStep, CertificateState, CertificateStep
BLANKS: Final[dict[tuple[BlankState, BlankStep], BlankState]] = {
    (_B.LEFT, _BS.GRANT): _B.GRANTED,
    (_B.LEFT, _BS.SPOIL): _B.DAMAGED,
    (_B.LEFT, _BS.LOSE): _B.LOST,
    (_B.LEFT, _BS.DESTROY): _B.DESTROYED,
    (_B.LEFT, _BS.GIVE_BACK): _B.RETURNED,
    (_B.LEFT, _BS.STRIKE): _B.STRUCK,
    # The certificate on it was written wrongly.
    (_B.GRANTED, _BS.SPOIL): _B.DAMAGED,
    (_B.DAMAGED, _BS.DESTROY): _B.DESTROYED,
    (_B.DAMAGED, _BS.GIVE_BACK): _B.RETURNED,
    (_B.LOST, _BS.FIND): _B.LEFT,
}
CERTIFICATES: Final[dict[tuple[CertificateState, CertificateStep], CertificateState]] = {
    (_C.ENTERED, _CS.HAND_OVER): _C.HANDED_OVER,
    (_C.ENTERED, _CS.ANNUL): _C.ANNULLED,
    (_C.ENTERED, _CS.LOSE): _C.LOST,
    (_C.ENTERED, _CS.REVOKE): _C.REVOKED,
    (_C.ENTERED, _CS.COPY): _C.ENTERED,
    (_C.ENTERED, _CS.CORRECT): _C.ENTERED,
    (_C.HANDED_OVER, _CS.LOSE): _C.LOST,
    (_C.HANDED_OVER, _CS.REVOKE): _C.REVOKED,
    (_C.HANDED_OVER, _CS.COPY): _C.HANDED_OVER,
    (_C.HANDED_OVER, _CS.CORRECT): _C.HANDED_OVER,
    # The ledger is the original: copies are issued from it although the certificate is lost.
    (_C.LOST, _CS.COPY): _C.LOST,
    (_C.LOST, _CS.CORRECT): _C.LOST,
    (_C.LOST, _CS.REVOKE): _C.REVOKED,
}
BLANK_NAMES: Final[dict[BlankState, str]] = {
    _B.LEFT: "Còn lại",
    _B.GRANTED: "Đã cấp",
    _B.DAMAGED: "Hư hỏng, chờ hủy",
    _B.LOST: "Bị mất",
    _B.DESTROYED: "Đã hủy",
    _B.RETURNED: "Đã nộp trả",
    _B.STRUCK: "Ghi nhầm",
}
CERTIFICATE_NAMES: Final[dict[CertificateState, str]] = {
    _C.ENTERED: "Đã vào sổ, chưa phát",
    _C.HANDED_OVER: "Đã phát",
    _C.ANNULLED: "Viết sai, đã hủy bỏ",
    _C.LOST: "Bị mất",
    _C.REVOKED: "Bị thu hồi",
}
TONES: Final[dict[CertificateState, str]] = {
    _C.ENTERED: "waiting",
    _C.HANDED_OVER: "done",
    _C.ANNULLED: "quiet",
    _C.LOST: "wrong",
    _C.REVOKED: "wrong",
}
BLANK_STEP_NAMES: Final[dict[BlankStep, str]] = {
    _BS.GRANT: "Cấp",
    _BS.SPOIL: "Ghi hư hỏng",
    _BS.LOSE: "Ghi bị mất",
    _BS.FIND: "Ghi đã tìm thấy",
    _BS.DESTROY: "Ghi đã hủy",
    _BS.GIVE_BACK: "Ghi nộp trả",
    _BS.STRIKE: "Bỏ vì ghi nhầm",
}
_STEPS: Final[dict[CertificateStep, str]] = {
    _CS.HAND_OVER: "phát",
    _CS.ANNUL: "hủy bỏ vì viết sai",
    _CS.LOSE: "ghi bị mất",
    _CS.REVOKE: "thu hồi",
    _CS.COPY: "cấp bản sao từ sổ gốc",
    _CS.CORRECT: "chỉnh sửa nội dung",
}
#: What the clerk does to blanks by their serials; granting goes with a certificate.
BY_SERIAL: Final = (_BS.SPOIL, _BS.LOSE, _BS.FIND, _BS.DESTROY, _BS.GIVE_BACK)


def blank_after(state: BlankState, step: BlankStep, serial: str) -> BlankState:
    """Raises BlankStepRefused."""
    following = BLANKS.get((state, step))
    if following is None:
        raise BlankStepRefused(
            f"Phôi {serial} ở tình trạng “{BLANK_NAMES[state]}” nên không thực hiện được "
            f"“{BLANK_STEP_NAMES[step]}”."
        )
    return following


def certificate_after(state: CertificateState, step: CertificateStep) -> CertificateState:
    """Raises CertificateStepRefused."""
    following = CERTIFICATES.get((state, step))
    if following is None:
        raise CertificateStepRefused(
            f"Văn bằng, chứng chỉ ở tình trạng “{CERTIFICATE_NAMES[state]}” nên không "
            f"{_STEPS[step]} được."
        )
    return following


def possible(state: CertificateState) -> frozenset[CertificateStep]:
    return frozenset(step for step in CertificateStep if (state, step) in CERTIFICATES)


@dataclass(frozen=True, slots=True)
class Tally:
    """Blanks of one kind: received, and where they are."""

    received: int
    granted: int
    damaged: int
    lost: int
    destroyed: int
    returned: int
    left: int

    @property
    def is_whole(self) -> bool:
        """Received = granted + damaged + lost + destroyed + returned + left."""
        return self.received == (
            self.granted + self.damaged + self.lost + self.destroyed + self.returned + self.left
        )


def tally(received: int, states: Iterable[BlankState]) -> Tally:
    """The sums as they are shown; `received` comes from the batches, the rest from the blanks."""
    counted = dict.fromkeys(BlankState, 0)
    for state in states:
        counted[state] += 1
    return tally_of(received, counted)


def tally_of(received: int, counted: dict[BlankState, int]) -> Tally:
    return Tally(
        received,
        counted.get(_B.GRANTED, 0),
        counted.get(_B.DAMAGED, 0),
        counted.get(_B.LOST, 0),
        counted.get(_B.DESTROYED, 0),
        counted.get(_B.RETURNED, 0),
        counted.get(_B.LEFT, 0),
    )
