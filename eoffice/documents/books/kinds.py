"""Which books of outgoing documents there are, and into which of them a document goes.

Decree 30/2020, art. 15: what is secret has numbers of its own; art. 25–27: so have copies.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.documents.types import COPIES, DocumentType, Secrecy
from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind as P


class BookKind(StrEnum):
    #: sổ đăng ký văn bản đi
    OUTGOING = "outgoing"
    #: sổ đăng ký văn bản mật đi
    SECRET = "secret"  # noqa: S105 — a kind of book, not a password
    #: sổ đăng ký bản sao
    COPY = "copy"


class BookNotYours(NotAllowed):
    """This book is kept by somebody in another position."""


TITLES: Final[dict[BookKind, str]] = {
    BookKind.OUTGOING: "Sổ đăng ký văn bản đi",
    BookKind.SECRET: "Sổ đăng ký văn bản mật đi",
    BookKind.COPY: "Sổ đăng ký bản sao văn bản",
}
#: On the cover, a line each (Annex IV).
COVERS: Final[dict[BookKind, tuple[str, ...]]] = {
    BookKind.OUTGOING: ("Sổ đăng ký", "văn bản đi"),
    BookKind.SECRET: ("Sổ đăng ký", "văn bản mật đi"),
    BookKind.COPY: ("Sổ đăng ký", "bản sao văn bản"),
}
SHORT: Final[dict[BookKind, str]] = {
    BookKind.OUTGOING: "Văn bản đi",
    BookKind.SECRET: "Văn bản mật",
    BookKind.COPY: "Bản sao",
}

#: What is secret is read by those who answer for it.
_READ_SECRETS: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.CLERK})


def kind_of(kind: DocumentType, secrecy: Secrecy) -> BookKind:
    """The book that numbers such a document; a secret copy counts as secret."""
    if secrecy is not Secrecy.NONE:
        return BookKind.SECRET
    return BookKind.COPY if kind in COPIES else BookKind.OUTGOING


def may_read(kind: BookKind, position: P) -> bool:
    """Whether somebody who reads the agency's documents reads this book of them."""
    return kind is not BookKind.SECRET or position in _READ_SECRETS


def may_keep(position: P) -> bool:
    """Whether somebody opens books, reserves numbers and enters papers (art. 32)."""
    return position is P.CLERK


def require_reader(kind: BookKind, position: P) -> None:
    """Raises BookNotYours."""
    if not may_read(kind, position):
        raise BookNotYours(
            "Sổ đăng ký văn bản mật dành cho văn thư và lãnh đạo cơ quan. "
            "Hãy xem sổ đăng ký văn bản đi."
        )


def require_keeper(position: P) -> None:
    """Raises BookNotYours."""
    if not may_keep(position):
        raise BookNotYours(
            "Việc mở sổ, giữ số và ghi sổ dành cho văn thư cơ quan. Hãy đề nghị văn thư thực hiện."
        )
