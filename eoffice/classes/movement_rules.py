"""How a pupil comes to a school, moves in it and leaves it; an absent pair is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class MovementKind(StrEnum):
    #: chuyển đến
    IN = "in"
    #: chuyển đi
    OUT = "out"
    #: chuyển lớp
    CLASS_CHANGE = "class_change"
    #: nghỉ học, thôi học
    LEAVE = "leave"
    #: trở lại học
    RETURN = "return"


class Standing(StrEnum):
    """Where a pupil stands with a school. Computed from enrolments and movements, kept nowhere."""

    #: chưa học tại trường
    UNKNOWN = "unknown"
    #: đang học
    ATTENDING = "attending"
    #: đã nghỉ học
    LEFT = "left"
    #: đã chuyển đi
    MOVED_AWAY = "moved_away"


class MovementRefused(Conflict):
    """The pupil does not stand where this movement begins."""


_S, _M = Standing, MovementKind
TABLE: Final[dict[tuple[Standing, MovementKind], Standing]] = {
    (_S.UNKNOWN, _M.IN): _S.ATTENDING,
    (_S.ATTENDING, _M.CLASS_CHANGE): _S.ATTENDING,
    (_S.ATTENDING, _M.LEAVE): _S.LEFT,
    (_S.ATTENDING, _M.OUT): _S.MOVED_AWAY,
    (_S.LEFT, _M.RETURN): _S.ATTENDING,
    # Papers are fetched after the pupil had stopped coming.
    (_S.LEFT, _M.OUT): _S.MOVED_AWAY,
    (_S.MOVED_AWAY, _M.IN): _S.ATTENDING,
}
NAMES: Final[dict[Standing, str]] = {
    _S.UNKNOWN: "Chưa học tại trường",
    _S.ATTENDING: "Đang học",
    _S.LEFT: "Đã nghỉ học",
    _S.MOVED_AWAY: "Đã chuyển đi",
}
TONES: Final[dict[Standing, str]] = {
    _S.UNKNOWN: "quiet",
    _S.ATTENDING: "done",
    _S.LEFT: "wrong",
    _S.MOVED_AWAY: "quiet",
}
KIND_NAMES: Final[dict[MovementKind, str]] = {
    _M.IN: "Chuyển đến",
    _M.OUT: "Chuyển đi",
    _M.CLASS_CHANGE: "Chuyển lớp",
    _M.LEAVE: "Nghỉ học, thôi học",
    _M.RETURN: "Trở lại học",
}
#: The pupil sits in a class afterwards that has to be named.
INTO_A_CLASS: Final = frozenset({_M.IN, _M.CLASS_CHANGE, _M.RETURN})
#: The pupil leaves the class in which they sat.
OUT_OF_A_CLASS: Final = frozenset({_M.OUT, _M.CLASS_CHANGE, _M.LEAVE})
#: Another school has to be named.
BETWEEN_SCHOOLS: Final = frozenset({_M.IN, _M.OUT})


def after(standing: Standing, kind: MovementKind) -> Standing:
    """Where the pupil stands then. Raises MovementRefused."""
    following = TABLE.get((standing, kind))
    if following is None:
        raise MovementRefused(
            f"Học sinh đang ở tình trạng “{NAMES[standing]}” nên không ghi được "
            f"“{KIND_NAMES[kind].lower()}”."
        )
    return following


def possible(standing: Standing) -> tuple[MovementKind, ...]:
    """What can happen to a pupil who stands there."""
    return tuple(kind for kind in MovementKind if (standing, kind) in TABLE)
