"""Two versions of one book, read from their files. Each function opens its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from eoffice.db import transaction
from eoffice.errors import Conflict
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.registers import comparison, extraction, gradebook_queries
from eoffice.registers.book_files import NotRendered
from eoffice.registers.comparison import Difference
from eoffice.registers.gradebook import DataUnreadable, Json
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.web.principal import Principal


class NotOneBook(Conflict):
    """The two are not versions of the same book."""


@dataclass(frozen=True, slots=True)
class Compared:
    old: GradebookView
    new: GradebookView
    differences: tuple[Difference, ...]


def compare(one_id: UUID, other_id: UUID, *, by: Principal) -> Compared:
    """The older version comes first, whichever was named first.

    Raises GradebookUnknown, NotOfTheClass, NotYourBook, NotOneBook, NotRendered, DataUnreadable.
    """
    with transaction(by.acting) as session:
        views = [gradebook_queries.gradebook(session, each, by) for each in (one_id, other_id)]
        if not gradebook_queries.is_one_book(session, one_id, other_id):
            raise NotOneBook("Chỉ so sánh được các bản của cùng một sổ.")
    old, new = sorted(views, key=lambda view: view.version)
    return Compared(old, new, comparison.compare(_data(old), _data(new)))


def _data(view: GradebookView) -> Json:
    if view.content_sha256 is None:
        raise NotRendered(f"Bản {view.version} của sổ chưa có trang nào.")
    found = extraction.data_of(configured.store().get(Sha256.parse(view.content_sha256)))
    if found is None:
        raise DataUnreadable(f"Tệp của bản {view.version} không có dữ liệu kèm theo.")
    return found
