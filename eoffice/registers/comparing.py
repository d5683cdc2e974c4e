"""Two versions of one book, read from their files. Each function opens its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from eoffice.db import transaction
from eoffice.errors import Conflict
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.registers import comparison, extraction, gradebook, gradebook_queries
from eoffice.registers.book_files import NotRendered
from eoffice.registers.comparison import Difference
from eoffice.registers.gradebook import DataUnreadable, Json
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.kinds import class_book, table
from eoffice.registers.kinds.table import RegisterKind
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
    before, after = _data(old), _data(new)
    if before["format"] == gradebook.FORMAT != after["format"]:
        before = _in_the_shape_of_today(before)
    return Compared(old, new, comparison.compare(before, after))


def _data(view: GradebookView) -> Json:
    if view.content_sha256 is None:
        raise NotRendered(f"Bản {view.version} của sổ chưa có trang nào.")
    found = extraction.data_of(configured.store().get(Sha256.parse(view.content_sha256)))
    if found is None:
        raise DataUnreadable(f"Tệp của bản {view.version} không có dữ liệu kèm theo.")
    return found


def _in_the_shape_of_today(data: Json) -> Json:
    """A class book of the earlier format, as a newer version of it would say the same."""
    return {
        "format": class_book.FORMAT,
        "kind": RegisterKind.CLASS_BOOK.value,
        "made_at": data["made_at"],
        "entered": table.plain(class_book.of_gradebook(gradebook.source_of(data))),
        "results": class_book.results_of_gradebook(data),
    }
