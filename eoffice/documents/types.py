"""Types of administrative documents, and how number, notation, date and capacity are written.

Decree 30/2020, art. 7 and Annex III (types and abbreviations), Annex I, part I, section II
(points 3, 4 and 7: number, date, capacity).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.errors import Invalid
from eoffice.people.rules import Capacity


class DocumentType(StrEnum):
    """The 29 types of the decree and its 3 kinds of copies, in the decree's order."""

    RESOLUTION = "resolution"
    DECISION = "decision"
    DIRECTIVE = "directive"
    STATUTE = "statute"
    RULES = "rules"
    COMMUNIQUE = "communique"
    NOTICE = "notice"
    GUIDANCE = "guidance"
    PROGRAMME = "programme"
    PLAN = "plan"
    OPTION_PLAN = "option_plan"
    SCHEME = "scheme"
    PROJECT = "project"
    REPORT = "report"
    MINUTES = "minutes"
    SUBMISSION = "submission"
    CONTRACT = "contract"
    DISPATCH = "dispatch"
    TELEGRAM = "telegram"
    MEMORANDUM = "memorandum"
    AGREEMENT = "agreement"
    AUTHORISATION = "authorisation"
    INVITATION = "invitation"
    INTRODUCTION = "introduction"
    LEAVE_PAPER = "leave_paper"
    SENDING_SLIP = "sending_slip"
    TRANSFER_SLIP = "transfer_slip"
    NOTIFICATION_SLIP = "notification_slip"
    OFFICIAL_LETTER = "official_letter"
    CERTIFIED_COPY = "certified_copy"
    EXTRACT = "extract"
    COPY_OF_COPY = "copy_of_copy"


#: Name of the type and its abbreviation; a dispatch and an official letter have none.
_WRITTEN: Final[dict[DocumentType, tuple[str, str]]] = {
    DocumentType.RESOLUTION: ("Nghị quyết", "NQ"),
    DocumentType.DECISION: ("Quyết định", "QĐ"),
    DocumentType.DIRECTIVE: ("Chỉ thị", "CT"),
    DocumentType.STATUTE: ("Quy chế", "QC"),
    DocumentType.RULES: ("Quy định", "QyĐ"),
    DocumentType.COMMUNIQUE: ("Thông cáo", "TC"),
    DocumentType.NOTICE: ("Thông báo", "TB"),
    DocumentType.GUIDANCE: ("Hướng dẫn", "HD"),
    DocumentType.PROGRAMME: ("Chương trình", "CTr"),
    DocumentType.PLAN: ("Kế hoạch", "KH"),
    DocumentType.OPTION_PLAN: ("Phương án", "PA"),
    DocumentType.SCHEME: ("Đề án", "ĐA"),
    DocumentType.PROJECT: ("Dự án", "DA"),
    DocumentType.REPORT: ("Báo cáo", "BC"),
    DocumentType.MINUTES: ("Biên bản", "BB"),
    DocumentType.SUBMISSION: ("Tờ trình", "TTr"),
    DocumentType.CONTRACT: ("Hợp đồng", "HĐ"),
    DocumentType.DISPATCH: ("Công văn", ""),
    DocumentType.TELEGRAM: ("Công điện", "CĐ"),
    DocumentType.MEMORANDUM: ("Bản ghi nhớ", "BGN"),
    DocumentType.AGREEMENT: ("Bản thỏa thuận", "BTT"),
    DocumentType.AUTHORISATION: ("Giấy ủy quyền", "GUQ"),
    DocumentType.INVITATION: ("Giấy mời", "GM"),
    DocumentType.INTRODUCTION: ("Giấy giới thiệu", "GGT"),
    DocumentType.LEAVE_PAPER: ("Giấy nghỉ phép", "GNP"),
    DocumentType.SENDING_SLIP: ("Phiếu gửi", "PG"),
    DocumentType.TRANSFER_SLIP: ("Phiếu chuyển", "PC"),
    DocumentType.NOTIFICATION_SLIP: ("Phiếu báo", "PB"),
    DocumentType.OFFICIAL_LETTER: ("Thư công", ""),
    DocumentType.CERTIFIED_COPY: ("Sao y", "SY"),
    DocumentType.EXTRACT: ("Trích sao", "TrS"),
    DocumentType.COPY_OF_COPY: ("Sao lục", "SL"),
}

COPIES: Final = frozenset(
    {DocumentType.CERTIFIED_COPY, DocumentType.EXTRACT, DocumentType.COPY_OF_COPY}
)

#: Types that name on top whom they ask to act ("Kính gửi"); a report and a submission go upwards,
#: a telegram says whom it wires, an official letter whom it greets.
ADDRESSED: Final = frozenset(
    {
        DocumentType.DISPATCH,
        DocumentType.REPORT,
        DocumentType.SUBMISSION,
        DocumentType.TELEGRAM,
        DocumentType.OFFICIAL_LETTER,
    }
)

#: Types that say by what authority they are made (forms 1.1 to 1.3), and how they begin to rule.
RULING: Final[dict[DocumentType, str]] = {
    DocumentType.RESOLUTION: "QUYẾT NGHỊ:",
    DocumentType.DECISION: "QUYẾT ĐỊNH:",
}

#: Types that the office composes on its own forms: all but the copies, which are made of what is
#: copied (`copies.py`).
COMPOSED: Final = frozenset(DocumentType) - COPIES


class Urgency(StrEnum):
    #: thường
    ORDINARY = "ordinary"
    #: khẩn
    URGENT = "urgent"
    #: thượng khẩn
    VERY_URGENT = "very_urgent"
    #: hoả tốc
    EXPRESS = "express"
    #: hoả tốc hẹn giờ: with the recipients by a given hour
    EXPRESS_AT = "express_at"


#: Words of the stamp and the size of its frame in millimetres (Annex I, part I, III.2.b).
URGENCY_STAMPS: Final[dict[Urgency, tuple[str, int, int]]] = {
    Urgency.EXPRESS_AT: ("HỎA TỐC", 30, 8),
    Urgency.EXPRESS: ("HỎA TỐC", 30, 8),
    Urgency.VERY_URGENT: ("THƯỢNG KHẨN", 40, 8),
    Urgency.URGENT: ("KHẨN", 20, 8),
}

URGENCY_NAMES: Final[dict[Urgency, str]] = {
    Urgency.ORDINARY: "Thường",
    Urgency.URGENT: "Khẩn",
    Urgency.VERY_URGENT: "Thượng khẩn",
    Urgency.EXPRESS: "Hỏa tốc",
    Urgency.EXPRESS_AT: "Hỏa tốc hẹn giờ",
}


class Secrecy(StrEnum):
    """How far the law on state secrets closes a document (độ mật)."""

    NONE = "none"
    #: mật
    CONFIDENTIAL = "confidential"
    #: tối mật
    SECRET = "secret"  # noqa: S105 — a degree, not a password
    #: tuyệt mật
    TOP_SECRET = "top_secret"  # noqa: S105


#: Words of the stamp (Annex I, part I, III.2.a).
SECRECY_STAMPS: Final[dict[Secrecy, str]] = {
    Secrecy.CONFIDENTIAL: "MẬT",
    Secrecy.SECRET: "TỐI MẬT",
    Secrecy.TOP_SECRET: "TUYỆT MẬT",
}

SECRECY_NAMES: Final[dict[Secrecy, str]] = {
    Secrecy.NONE: "Không mật",
    Secrecy.CONFIDENTIAL: "Mật",
    Secrecy.SECRET: "Tối mật",
    Secrecy.TOP_SECRET: "Tuyệt mật",
}

#: What the decree and the law on state secrets write into box 11; an office may have other words.
CIRCULATIONS: Final = (
    "LƯU HÀNH NỘI BỘ",
    "XEM XONG TRẢ LẠI",
    "TRẢ LẠI SAU KHI HỌP",
    "TÀI LIỆU THU HỒI",
)
CIRCULATION_LENGTH: Final = 60


def travels_electronically(secrecy: Secrecy) -> bool:
    """Whether the document may be sent from system to system; what is secret goes on paper."""
    return secrecy is Secrecy.NONE


class NotationUnknown(Invalid):
    """The notation of the document cannot be formed."""


def name(kind: DocumentType) -> str:
    """The name of the type as it is read: "Công văn"."""
    return _WRITTEN[kind][0]


def abbreviation(kind: DocumentType) -> str:
    """The letters of the type in a notation; empty for a dispatch and an official letter."""
    return _WRITTEN[kind][1]


def notation(
    kind: DocumentType, agency_notation: str, drafting_unit_notation: str | None = None
) -> str:
    """The notation (ký hiệu): "QĐ-SGDĐT", and for a dispatch "SGDĐT-CNTTTBTV".

    None: the agency drafts by itself, as a school without offices does; its dispatches bear its own
    abbreviation alone. Annex I, part I, II.3.b. Raises NotationUnknown where an abbreviation that
    it needs is missing.
    """
    if not agency_notation:
        raise NotationUnknown(
            "Cơ quan ban hành chưa có chữ viết tắt. "
            "Đề nghị quản trị khai báo trong danh mục đơn vị."
        )
    letters = abbreviation(kind)
    if letters:
        return f"{letters}-{agency_notation}"
    if drafting_unit_notation is None:
        return agency_notation
    if not drafting_unit_notation:
        raise NotationUnknown(
            f"{name(kind)} cần chữ viết tắt của đơn vị soạn thảo trong ký hiệu. "
            "Đề nghị quản trị khai báo chữ viết tắt của đơn vị này."
        )
    return f"{agency_notation}-{drafting_unit_notation}"


def printed_number(number: int) -> str:
    """The number as it is printed: two digits at least, "08", "960"."""
    if number < 1:
        raise ValueError(f"numbers of documents begin at one, not at {number}")
    return f"{number:02d}"


def code(number: int, notation: str) -> str:
    """Number and notation (số, ký hiệu): "960/SGDĐT-CNTTTBTV"."""
    return f"{printed_number(number)}/{notation}"


def printed_date(on: date) -> str:
    """ "ngày 03 tháng 02 năm 2018": days below 10 and months 1 and 2 have a zero in front.

    Annex I, part I, II.4.b; the other months have none ("tháng 8").
    """
    month = f"{on.month:02d}" if on.month <= 2 else str(on.month)
    return f"ngày {on.day:02d} tháng {month} năm {on.year}"


def place_and_date(place: str, on: date) -> str:
    """ "Đồng Tháp, ngày 13 tháng 8 năm 2018"."""
    return f"{place}, {printed_date(on)}"


def capacity_lines(
    capacity: Capacity, title: str, on_behalf_of: str = "", collective: str = ""
) -> tuple[str, ...]:
    """The lines above the signature, not yet in capitals: ("KT. Giám đốc", "Phó Giám đốc").

    `on_behalf_of` is the head's title for KT., TL. and TUQ., the collective for TM.; unused else.
    `collective` stands above all of it where a deputy or an acting head signs for a collective:
    ("TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch").
    """
    prefix = capacity.prefix
    above = (f"{Capacity.ON_BEHALF.prefix} {collective}",) if collective else ()
    if capacity is Capacity.HEAD:
        return (*above, title)
    if capacity is Capacity.ACTING:
        return (*above, f"{prefix} {title}")
    if capacity is Capacity.ON_BEHALF:
        return (f"{prefix} {on_behalf_of}", title)
    return (*above, f"{prefix} {on_behalf_of}", title)
