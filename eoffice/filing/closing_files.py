"""The printed form of a closed book from the object store: whole, or a page as a picture."""

from __future__ import annotations

from datetime import datetime

from eoffice.db import transaction
from eoffice.errors import Conflict
from eoffice.files import page_images
from eoffice.filing import closing_queries
from eoffice.filing.closing_states import ClosedKind
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.web.principal import Principal


class NotPrinted(Conflict):
    """The printed form of the book is being made."""


def content(kind: ClosedKind, year: int, *, by: Principal, at: datetime) -> bytes:
    """The PDF with the signatures made so far. Raises ClosingNotYours, BookUnknown, NotPrinted."""
    with transaction(by.acting) as session:
        found = closing_queries.closing(session, kind=kind, year=year, who=by, at=at)
    if found.content_sha256 is None:
        raise NotPrinted("Bản in của sổ đang được lập. Hãy mở lại sau ít phút.")
    return configured.store().get(Sha256.parse(found.content_sha256))


def page(
    kind: ClosedKind, year: int, number: int, width_px: int, *, by: Principal, at: datetime
) -> bytes:
    """A page as PNG. Raises PageMissing and what `content` raises."""
    return page_images.page_image(content(kind, year, by=by, at=at), number, width_px)
