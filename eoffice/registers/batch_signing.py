"""Books of which several are signed, or sealed, in one action."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.registers import book_queries, gradebook_queries, signatures, states
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.signing.batches.contract import Shown
from eoffice.signing.batches.rules import Holder
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Gradebooks:
    """Every place of the book that is this person's turn counts as one thing."""

    kind: str
    holder: Holder
    verb: str
    effect: str
    states: frozenset[State]

    def named(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
        rows = session.scalars(select(Gradebook).where(Gradebook.id.in_(ids))).all()
        called = book_queries.names(session, [row.of for row in rows])
        return {row.id: (called[row.of].full, f"/registers/gradebooks/{row.id}") for row in rows}

    def offered(
        self, session: Session, ids: Collection[UUID] | None, *, by: Principal, at: datetime
    ) -> Mapping[UUID, Shown]:
        found = [
            book
            for book in gradebook_queries.awaiting(session, by)
            if book.state in self.states and (ids is None or book.gradebook_id in ids)
        ]
        rows = {
            row.id: row
            for row in session.scalars(
                select(Gradebook).where(Gradebook.id.in_([each.gradebook_id for each in found]))
            )
        }
        return {
            book.gradebook_id: Shown(
                title=book.name,
                note=f"{states.NAMES[book.state]} · {book.parts} phần của bạn",
                path=f"/registers/gradebooks/{book.gradebook_id}",
                picture=f"/registers/gradebooks/{book.gradebook_id}/pages/1?width=480",
                page_count=rows[book.gradebook_id].page_count or 0,
                seen=rows[book.gradebook_id].data_sha256 or "",
            )
            for book in found
        }

    def seen(self, session: Session, item_id: UUID) -> str:
        """Of the data that are printed in it: a book that is corrected is another book."""
        return session.scalar(select(Gradebook.data_sha256).where(Gradebook.id == item_id)) or ""

    def sign(
        self,
        item_id: UUID,
        pin: str,
        *,
        by: Principal,
        at: datetime,
        within: Callable[[Callable[[Session], object]], None],
    ) -> None:
        """Raises NotYourPart also where the book waits for another key than the batch has."""
        signatures.sign_mine(item_id, None, pin, by=by, within=within, in_states=self.states)


SIGNATURES: Final = Gradebooks(
    "gradebook-signature",
    Holder.PERSON,
    "Ký sổ",
    "Ký số vào mọi phần của bạn trong từng sổ và xác nhận nội dung trong phần đó.",
    frozenset(
        {
            State.AWAITING_TEACHERS,
            State.AWAITING_KEEPER,
            State.AWAITING_HOMEROOM,
            State.AWAITING_PRINCIPAL,
        }
    ),
)
SEALS: Final = Gradebooks(
    "gradebook-seal",
    Holder.SEAL,
    "Đóng dấu sổ",
    "Đóng con dấu số của nhà trường vào từng sổ, khóa sổ và nộp vào kho lưu trữ.",
    frozenset({State.AWAITING_SEAL}),
)
ALL: Final = (SIGNATURES, SEALS)
