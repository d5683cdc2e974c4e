"""A whole case file as one PDF: the list of its documents, then the documents in order of time.

A reading copy: the pages are as they were issued, but a signature holds for its own file alone,
so each original is kept inside as an attachment, byte for byte.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pikepdf

from eoffice.filing.case_queries import CaseSeen, ItemSeen
from eoffice.objects.contract import ObjectStore
from eoffice.objects.sha256 import Sha256


def documents(found: CaseSeen, store: ObjectStore) -> dict[ItemSeen, bytes]:
    """The files of a case file in order of time.

    In the list alone are papers, which have no file, and what its sender took back.
    """
    return {
        item: store.get(Sha256.parse(item.content_sha256))
        for item in found.in_order_of_time
        if item.content_sha256 and not item.is_recalled
    }


def joined(contents: bytes, documents: Mapping[ItemSeen, bytes]) -> bytes:
    """`contents` (the printed list) and behind it every document, in the order of the mapping."""
    with pikepdf.open(io.BytesIO(contents)) as made:
        with made.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Mục lục văn bản trong hồ sơ", 0))
            for item, content in documents.items():
                with pikepdf.open(io.BytesIO(content)) as source:
                    first = len(made.pages)
                    made.pages.extend(source.pages)
                outline.root.append(pikepdf.OutlineItem(f"{item.ordinal:03} {item.code}", first))
                name = f"{item.ordinal:03}-{item.code.replace('/', '-')}.pdf"
                made.attachments[name] = pikepdf.AttachedFileSpec(
                    made,
                    content,
                    filename=name,
                    mime_type="application/pdf",
                    description=item.subject,
                    creation_date="",
                    mod_date="",
                )
        if "/AcroForm" in made.Root:
            del made.Root.AcroForm
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()
