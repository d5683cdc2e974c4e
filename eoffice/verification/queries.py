"""What may be public about a page with a code; what stored files were found to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice.documents import types
from eoffice.documents.states import State as DocumentState
from eoffice.documents.types import DocumentType
from eoffice.errors import NotFound
from eoffice.printing import page_codes
from eoffice.printing.page_code_model import Coded
from eoffice.registers.book_kinds import NAMES, BookKind
from eoffice.registers.states import State as BookState
from eoffice.reports.states import PartState
from eoffice.signing.verdict import Finding

_LOOKUP: Final = text("select * from verification_of_code(:code)")
_ISSUED: Final = {DocumentState.SEALED, DocumentState.ISSUED}
_CLOSED_PARTS: Final = {
    PartState.CLOSED,
    PartState.WITHDRAWAL_REQUESTED,
    PartState.WITHDRAWAL_GRANTED,
}


class CodeUnknown(NotFound):
    """No page with this code, or none of which anything may be said."""


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """All that anybody may know who has a page; never its content, never a person's name."""

    #: "Quyết định", "Học bạ".
    kind: str
    agency: str
    #: "960/QĐ-SGDĐT"; None before it is issued, and where its circulation is restricted.
    number_notation: str | None
    issued_on: date | None
    #: Of a register or a report book.
    school_year: str | None
    #: How it stands, as a whole sentence.
    standing: str
    #: Of the copy that the office keeps; None while nothing was verified.
    finding: Finding | None
    level: str | None
    checked_at: datetime | None
    #: Of all files of it that the office keeps or kept.
    digests: frozenset[str]

    def has(self, sha256: str) -> bool:
        """Whether a file with this digest is one of those."""
        return sha256 in self.digests


def of_code(session: Session, code: str) -> PublicFacts:
    """What a code leads to, for anybody. Raises CodeUnknown, the same for whatever reason."""
    row = session.execute(_LOOKUP, {"code": code}).one_or_none() if _fits(code) else None
    if row is None:
        raise CodeUnknown(
            "Không có trang nào mang mã này. Hãy quét lại mã trên giấy, hoặc hỏi cơ quan ban hành."
        )
    kind = Coded(row.kind)
    may_name = kind is Coded.DOCUMENT and not row.circulation and row.state in _ISSUED
    return PublicFacts(
        kind=_kind_name(kind, row.type),
        agency=row.agency,
        number_notation=types.code(row.number, row.notation) if may_name else None,
        issued_on=row.issued_on if may_name else None,
        school_year=row.school_year,
        standing=_standing(kind, row.state),
        finding=None if row.finding is None else Finding(row.finding),
        level=row.level,
        checked_at=None if row.finding is None else row.checked_at,
        digests=frozenset(row.digests),
    )


def _fits(code: str) -> bool:
    return page_codes.is_code(code)


def _kind_name(kind: Coded, of_type: str) -> str:
    match kind:
        case Coded.DOCUMENT:
            return types.name(DocumentType(of_type))
        case Coded.REGISTER:
            return NAMES[BookKind(of_type)]
        case Coded.REPORT_PART:
            return "Học bạ"


def _standing(kind: Coded, state: str) -> str:
    """Of all states only these are of use to who has the paper."""
    if kind is Coded.DOCUMENT:
        if state == DocumentState.WITHDRAWN:
            return "Văn bản đã bị thu hồi hoặc hủy bỏ."
        if state in _ISSUED:
            return "Văn bản đã được ký số của người có thẩm quyền và của cơ quan."
        return "Văn bản chưa được ban hành."
    is_closed = state == BookState.CLOSED if kind is Coded.REGISTER else state in _CLOSED_PARTS
    if is_closed:
        return "Đã ký đủ và đã khóa; đây là bản đang có giá trị."
    if state == (BookState.SUPERSEDED if kind is Coded.REGISTER else PartState.SUPERSEDED):
        return "Đã có bản khác thay thế bản này."
    return "Chưa ký đủ nên chưa có giá trị."
