"""How a sender outside of this office changes what it had sent. Pure.

Decree 30/2020, art. 18; BussinessDocType 1, 2 and 3 of QCVN 102:2016/BTTTT.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ChangeKind(StrEnum):
    #: thu hồi
    RECALLS = "recalls"
    #: cập nhật, sửa đổi, bổ sung
    AMENDS = "amends"
    #: thay thế
    REPLACES = "replaces"


#: Of what changes: "Thay thế văn bản …".
VERBS: Final[Mapping[ChangeKind, str]] = {
    ChangeKind.RECALLS: "Thu hồi",
    ChangeKind.AMENDS: "Cập nhật",
    ChangeKind.REPLACES: "Thay thế",
}
#: Of what is changed: "Được thay thế bởi …".
PASSIVE: Final[Mapping[ChangeKind, str]] = {
    ChangeKind.RECALLS: "Nơi gửi đã thu hồi",
    ChangeKind.AMENDS: "Được cập nhật bởi",
    ChangeKind.REPLACES: "Được thay thế bởi",
}
