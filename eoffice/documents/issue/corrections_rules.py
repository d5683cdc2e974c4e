"""How a document changes an earlier one, and how the earlier one stands then. Pure.

Decree 30/2020, art. 18: an issued document with an error of content is amended or replaced by
one of the same form and force; an error of form is put right by a dispatch (đính chính).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.errors import Conflict, Invalid


class CorrectionKind(StrEnum):
    #: đính chính: an error of form or typing
    CORRECTS = "corrects"
    #: sửa đổi, bổ sung; cập nhật in electronic exchange
    AMENDS = "amends"
    #: thay thế
    REPLACES = "replaces"


class Force(StrEnum):
    """What holds of an issued document."""

    IN_FORCE = "in_force"
    CORRECTED = "corrected"
    AMENDED = "amended"
    REPLACED = "replaced"


class NotToBeCorrected(Conflict):
    """Only a document that was issued, and was neither recalled nor replaced, is corrected."""


class WrongForm(Invalid):
    """A correction is a dispatch; amendment and replacement have the form of what they change."""


#: Of the document that changes: "đính chính văn bản số …".
VERBS: Final[Mapping[CorrectionKind, str]] = {
    CorrectionKind.CORRECTS: "Đính chính",
    CorrectionKind.AMENDS: "Sửa đổi, bổ sung",
    CorrectionKind.REPLACES: "Thay thế",
}
#: Of the document that is changed: "được đính chính bởi …".
PASSIVE: Final[Mapping[CorrectionKind, str]] = {
    CorrectionKind.CORRECTS: "Được đính chính bởi",
    CorrectionKind.AMENDS: "Được sửa đổi, bổ sung bởi",
    CorrectionKind.REPLACES: "Được thay thế bởi",
}
FORCE_NAMES: Final[Mapping[Force, str]] = {
    Force.IN_FORCE: "Còn hiệu lực",
    Force.CORRECTED: "Đã được đính chính",
    Force.AMENDED: "Đã được sửa đổi, bổ sung",
    Force.REPLACED: "Đã được thay thế",
}
#: Code of BussinessDocType in QCVN 102:2016/BTTTT: 0 mới, 1 thu hồi, 2 cập nhật, 3 thay thế.
EXCHANGE_CODES: Final[Mapping[CorrectionKind, str]] = {
    CorrectionKind.CORRECTS: "2",
    CorrectionKind.AMENDS: "2",
    CorrectionKind.REPLACES: "3",
}

#: The force after one more issued document of that kind; a pair that is absent is refused.
TABLE: Final[Mapping[tuple[Force, CorrectionKind], Force]] = {
    (Force.IN_FORCE, CorrectionKind.CORRECTS): Force.CORRECTED,
    (Force.IN_FORCE, CorrectionKind.AMENDS): Force.AMENDED,
    (Force.IN_FORCE, CorrectionKind.REPLACES): Force.REPLACED,
    (Force.CORRECTED, CorrectionKind.CORRECTS): Force.CORRECTED,
    (Force.CORRECTED, CorrectionKind.AMENDS): Force.AMENDED,
    (Force.CORRECTED, CorrectionKind.REPLACES): Force.REPLACED,
    (Force.AMENDED, CorrectionKind.CORRECTS): Force.AMENDED,
    (Force.AMENDED, CorrectionKind.AMENDS): Force.AMENDED,
    (Force.AMENDED, CorrectionKind.REPLACES): Force.REPLACED,
}


def after(force: Force, kind: CorrectionKind) -> Force:
    """Raises NotToBeCorrected where the table has no such pair."""
    following = TABLE.get((force, kind))
    if following is None:
        raise NotToBeCorrected(
            "Văn bản này đã được thay thế nên không đính chính, sửa đổi hay thay thế nữa. Hãy chọn "
            "văn bản đang có hiệu lực."
        )
    return following


def force_of(kinds: Collection[CorrectionKind]) -> Force:
    """How a document stands to which issued documents of these kinds refer, in any order."""
    if CorrectionKind.REPLACES in kinds:
        return Force.REPLACED
    if CorrectionKind.AMENDS in kinds:
        return Force.AMENDED
    if CorrectionKind.CORRECTS in kinds:
        return Force.CORRECTED
    return Force.IN_FORCE


def check(
    kind: CorrectionKind,
    *,
    new_type: DocumentType,
    old_type: DocumentType,
    old_state: State,
    old_force: Force,
) -> None:
    """Raises NotToBeCorrected, WrongForm."""
    if old_state is not State.ISSUED:
        raise NotToBeCorrected(
            "Chỉ đính chính, sửa đổi hay thay thế văn bản đã phát hành và chưa bị thu hồi."
        )
    after(old_force, kind)
    if kind is CorrectionKind.CORRECTS and new_type is not DocumentType.DISPATCH:
        detail = "Sai sót về thể thức, kỹ thuật trình bày được đính chính bằng công văn."
        raise WrongForm(detail, fields={"kind": detail})
    if kind is not CorrectionKind.CORRECTS and new_type is not old_type:
        detail = "Văn bản sửa đổi, thay thế phải cùng hình thức với văn bản được sửa đổi, thay thế."
        raise WrongForm(detail, fields={"kind": detail})
