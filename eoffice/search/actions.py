"""Searches that a person keeps under a name, and the columns of their results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.search.asking import Column
from eoffice.search.model import SavedSearch, SearchColumns
from eoffice.web.principal import Principal

NAME_LENGTH: Final = 100
QUERY_LENGTH: Final = 2_000
MOST_SAVED: Final = 50


class SavedWrong(Invalid):
    """The search cannot be kept as it is."""


class TooManySaved(Conflict):
    """The person keeps as many searches as one can look through."""


class SavedUnknown(NotFound):
    """The person keeps no such search."""


def save(session: Session, name: str, query: str, *, by: Principal, at: datetime) -> UUID:
    """Keep a search; one of the same name gets the new query. Raises SavedWrong, TooManySaved."""
    named = " ".join(name.split())
    if not named or len(named) > NAME_LENGTH:
        raise SavedWrong(
            "Chưa lưu được tìm kiếm này.",
            fields={"name": f"Tên cần có từ 1 đến {NAME_LENGTH} ký tự."},
        )
    if not query or len(query) > QUERY_LENGTH:
        raise SavedWrong("Chưa lưu được: hãy tìm với ít nhất một từ hoặc một điều kiện trước.")
    row = session.scalars(
        select(SavedSearch).where(SavedSearch.person_id == by.person_id, SavedSearch.name == named)
    ).one_or_none()
    if row is None:
        count = session.scalar(
            select(func.count())
            .select_from(SavedSearch)
            .where(SavedSearch.person_id == by.person_id)
        )
        if (count or 0) >= MOST_SAVED:
            raise TooManySaved(f"Mỗi người lưu được {MOST_SAVED} tìm kiếm. Hãy bỏ bớt rồi lưu lại.")
        row = SavedSearch(id=new_id(), person_id=by.person_id, name=named, query=query, saved_at=at)
        session.add(row)
    else:
        row.query, row.saved_at = query, at
    session.flush()
    record(session, "search.saved", object_kind="saved_search", object_id=row.id, by=by, at=at)
    return row.id


def forget(session: Session, saved_id: UUID, *, by: Principal, at: datetime) -> None:
    """Raises SavedUnknown."""
    row = session.scalars(
        select(SavedSearch).where(SavedSearch.id == saved_id, SavedSearch.person_id == by.person_id)
    ).one_or_none()
    if row is None:
        raise SavedUnknown("Không có tìm kiếm đã lưu này.")
    session.delete(row)
    session.flush()
    record(
        session, "search.forgotten", object_kind="saved_search", object_id=saved_id, by=by, at=at
    )


def choose_columns(
    session: Session, columns: Iterable[Column], *, by: Principal, at: datetime
) -> None:
    """Show the person's results in these columns from now on."""
    chosen = ",".join(each.value for each in columns)
    row = session.get(SearchColumns, by.person_id)
    if row is None:
        session.add(SearchColumns(person_id=by.person_id, columns=chosen, chosen_at=at))
    else:
        row.columns, row.chosen_at = chosen, at
    session.flush()
    record(
        session,
        "search.columns_chosen",
        object_kind="person",
        object_id=by.person_id,
        by=by,
        at=at,
    )
