"""Books as files: the PDF as it stands, and its pages as pictures.

Called by the edges; each function opens its own transaction before it asks the object store.
"""

from __future__ import annotations

from uuid import UUID

from eoffice.db import transaction
from eoffice.errors import NotFound
from eoffice.files import page_images
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.registers import gradebook_queries
from eoffice.web.principal import Principal


class NotRendered(NotFound):
    """The pages of the gradebook are still being made, or could not be made."""


def book(gradebook_id: UUID, *, by: Principal) -> bytes:
    """The PDF of a gradebook as it stands. Raises GradebookUnknown, NotOfTheClass, NotRendered."""
    with transaction(by.acting) as session:
        view = gradebook_queries.gradebook(session, gradebook_id, by)
    if view.content_sha256 is None:
        raise NotRendered("Các trang sổ đang được lập. Hãy mở lại sau ít giây.")
    return configured.store().get(Sha256.parse(view.content_sha256))


def book_page(gradebook_id: UUID, number: int, width_px: int, *, by: Principal) -> bytes:
    """A page of a gradebook as PNG. Raises PageMissing and what `book` raises."""
    return page_images.page_image(book(gradebook_id, by=by), number, width_px)
