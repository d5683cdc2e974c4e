"""Rules of the form check about what only some documents have: blanks, appendices, an hour.

Pure. Decree 30/2020, Annex I, part I, section III, and Annex III.
"""

from __future__ import annotations

from collections.abc import Iterator

from eoffice.documents import types
from eoffice.documents.form import appendices as parts
from eoffice.documents.form import findings, particulars
from eoffice.documents.form.findings import Draft, Finding
from eoffice.documents.types import DocumentType, Urgency


def blanks(draft: Draft) -> Iterator[Finding]:
    """What the form of this type asks for is filled in."""
    filled = dict(draft.text.particulars)
    for blank in particulars.of(draft.kind):
        if blank.is_required and not filled.get(blank.key):
            yield findings.error(
                "blank-missing",
                f"{findings.DECREE}, Phụ lục III",
                f"{types.name(draft.kind)} chưa ghi mục “{blank.label}”.",
                f"particular_{blank.key}",
            )


def appendices(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.DECREE}, Phụ lục I, Phần I, Mục III, khoản 1"
    for heading, each in zip(
        parts.headings(draft.text.appendices), draft.text.appendices, strict=True
    ):
        if not each.paragraphs:
            yield findings.error(
                "appendix-empty", source, f"{heading} chưa có nội dung.", "appendices"
            )
        if not each.title:
            yield findings.warning(
                "appendix-untitled", source, f"{heading} chưa có tên.", "appendices"
            )
        if each.type is not None and draft.kind is not DocumentType.DECISION:
            yield findings.error(
                "attached-document-unexpected",
                f"{findings.DECREE}, Phụ lục III, Mẫu 1.3",
                f"Chỉ quyết định mới ban hành kèm theo một văn bản khác ({heading}).",
                "appendices",
            )


def express(draft: Draft) -> Iterator[Finding]:
    if draft.urgency is Urgency.EXPRESS_AT and draft.express_at is None:
        yield findings.error(
            "express-hour-missing",
            f"{findings.DECREE}, Phụ lục I, Phần I, Mục III, khoản 2, điểm b",
            "Văn bản hỏa tốc hẹn giờ chưa ghi giờ phải đến nơi nhận.",
            "express_at",
        )
