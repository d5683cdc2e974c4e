"""Two versions of a document side by side, for people and for programs."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from eoffice.documents import document_page
from eoffice.documents.drafts import differences, drafting
from eoffice.documents.drafts.differences import Section
from eoffice.documents.form.text import DispatchText
from eoffice.documents.queries import DocumentRead, Version
from eoffice.errors import Invalid
from eoffice.web.pages import page
from eoffice.web.principal import Request


class NotComparable(Invalid):
    """The document has no two versions with a text of their own."""


class PieceOut(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    differs: bool


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    change: differences.Change
    before: list[PieceOut]
    after: list[PieceOut]


class SectionOut(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    lines: list[LineOut]


class DifferencesOut(msgspec.Struct, frozen=True, kw_only=True):
    older: int
    newer: int
    sections: list[SectionOut]


@get("/documents/{document_id:uuid}/differences", sync_to_thread=True)
def differing(
    request: Request,
    document_id: FromPath[UUID],
    older: FromQuery[int | None] = None,
    newer: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Two versions side by side: the last two where none are named."""
    found = document_page.read(request, document_id)
    before, after, sections = _compared(found, older, newer)
    return page(
        request,
        "documents/differences.html",
        document=found,
        older=before,
        newer=after,
        differing=sections,
        ordinals=[each.ordinal for each in found.versions if each.text is not None],
        kinds=document_page.KINDS,
    )


@get("/api/v1/documents/{document_id:uuid}/differences", sync_to_thread=True, tags=["documents"])
def differences_of(
    request: Request,
    document_id: FromPath[UUID],
    older: FromQuery[int | None] = None,
    newer: FromQuery[int | None] = None,
) -> DifferencesOut:
    """What two versions do not share, by line and word; the last two where none are named."""
    found = document_page.read(request, document_id)
    before, after, sections = _compared(found, older, newer)
    return DifferencesOut(
        older=before.ordinal,
        newer=after.ordinal,
        sections=[msgspec.convert(each, SectionOut, from_attributes=True) for each in sections],
    )


def _compared(
    found: DocumentRead, older: int | None, newer: int | None
) -> tuple[Version, Version, tuple[Section, ...]]:
    written = [each for each in found.versions if each.text is not None]
    after = drafting.version_of(found, newer) if newer else written[-1] if written else None
    if after is None:
        raise NotComparable("Văn bản chưa có bản nào được soạn trên hệ thống.")
    earlier = [each for each in written if each.ordinal < after.ordinal]
    before = drafting.version_of(found, older) if older else earlier[-1] if earlier else after
    return before, after, differences.compare(_text(before), _text(after))


def _text(version: Version) -> DispatchText:
    if version.text is None:
        raise NotComparable(
            f"Bản {version.ordinal} là tệp tải lên nên không so sánh được từng chữ."
        )
    return version.text
