"""Certified copies of which several are signed, or sealed, in one action."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.extracts import queries, signatures, states
from eoffice.extracts.model import RegisterCopy
from eoffice.extracts.states import CopyState
from eoffice.signing.batches.contract import Shown
from eoffice.signing.batches.rules import Holder
from eoffice.web.principal import Principal

_HERE: Final = "/registers/copies"


@dataclass(frozen=True, slots=True)
class RegisterCopies:
    kind: str
    holder: Holder
    verb: str
    effect: str
    state: CopyState

    def named(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
        rows = session.scalars(select(RegisterCopy).where(RegisterCopy.id.in_(ids)))
        return {
            row.id: (
                f"{states.KIND_NAMES[row.kind]} số {row.number:02}/{row.notation}",
                f"{_HERE}/{row.id}",
            )
            for row in rows
        }

    def offered(
        self, session: Session, ids: Collection[UUID] | None, *, by: Principal, at: datetime
    ) -> Mapping[UUID, Shown]:
        return {
            copy.id: Shown(
                title=f"{states.KIND_NAMES[copy.kind]} số {copy.code}",
                note=" · ".join(filter(None, (copy.source_title, copy.pupil_name))),
                path=f"{_HERE}/{copy.id}",
                picture=f"{_HERE}/{copy.id}/pages/{copy.page_count}?width=480",
                page_count=copy.page_count,
                seen=copy.source_sha256,
            )
            for copy in queries.awaiting(session, by, ids)
            if copy.state is self.state
        }

    def seen(self, session: Session, item_id: UUID) -> str:
        """Of the original: the words of a copy never change, signatures are added to them."""
        query = select(RegisterCopy.source_sha256).where(RegisterCopy.id == item_id)
        return session.scalar(query) or ""

    def sign(
        self,
        item_id: UUID,
        pin: str,
        *,
        by: Principal,
        at: datetime,
        within: Callable[[Callable[[Session], object]], None],
    ) -> None:
        """Raises NotAllowed also where the copy waits for another key than the batch has."""
        signatures.sign(item_id, pin, by=by, within=within, in_state=self.state)


SIGNATURES: Final = RegisterCopies(
    "copy-signature",
    Holder.PERSON,
    "Ký bản sao",
    "Ký số vào từng bản sao, xác nhận bản sao đúng với bản gốc.",
    CopyState.AWAITING_SIGNATURE,
)
SEALS: Final = RegisterCopies(
    "copy-seal",
    Holder.SEAL,
    "Đóng dấu bản sao",
    "Đóng con dấu số của nhà trường vào từng bản sao và cấp bản sao.",
    CopyState.AWAITING_SEAL,
)
ALL: Final = (SIGNATURES, SEALS)
