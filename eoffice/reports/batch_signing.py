"""Parts of report books of which many are signed, or sealed, in one action: a class, a school.

Nobody can tick 1,200 things one by one: they are offered by class, with how many they are, and a
class is taken as a whole (`groups`, `members`). Each part is signed by itself and has its outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.reports import actions, class_queries, signatures, states
from eoffice.reports.model import ReportPart
from eoffice.reports.states import PartState
from eoffice.signing.batches.contract import Shown, ShownGroup
from eoffice.signing.batches.rules import Chosen, Holder
from eoffice.web.principal import Principal

_PARTS: Final = "/registers/reports/parts"


@dataclass(frozen=True, slots=True)
class ReportParts:
    """Every place of the part that is this person's turn counts as one thing."""

    kind: str
    holder: Holder
    verb: str
    effect: str
    states: frozenset[PartState]

    def named(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
        rows = session.scalars(select(ReportPart).where(ReportPart.id.in_(ids)))
        return {row.id: (actions.title(row), f"{_PARTS}/{row.id}") for row in rows}

    def offered(
        self, session: Session, ids: Collection[UUID] | None, *, by: Principal, at: datetime
    ) -> Mapping[UUID, Shown]:
        found = class_queries.waiting_parts(session, by, self.states, ids=ids)
        return {
            part.id: Shown(
                title=actions.title(part),
                note=states.NAMES[part.state],
                path=f"{_PARTS}/{part.id}",
                picture=f"{_PARTS}/{part.id}/pages/1?width=480",
                page_count=part.page_count or 0,
                seen=part.data_sha256 or "",
            )
            for part in found
        }

    def seen(self, session: Session, item_id: UUID) -> str:
        """Of the data that are printed in it: another version is another part."""
        query = select(ReportPart.data_sha256).where(ReportPart.id == item_id)
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
        """Raises NotYourPlace also where the part waits for another key than the batch has."""
        signatures.sign_mine(item_id, None, pin, by=by, within=within, in_states=self.states)

    def groups(
        self, session: Session, ids: Collection[UUID], *, by: Principal
    ) -> Mapping[UUID, ShownGroup]:
        """By class, of these classes: what waits for this person in each."""
        found = class_queries.waiting_parts(session, by, self.states, class_ids=ids)
        return {
            group.class_id: ShownGroup(
                title=f"Học bạ lớp {group.class_name}, năm học {group.school_year}",
                path=f"/registers/reports/classes/{group.class_id}",
                count=group.count,
                page_count=group.page_count,
                seen=group.seen,
            )
            for group in class_queries.groups(found)
        }

    def group_names(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, str]:
        rows = session.execute(
            select(ReportPart.id, ReportPart.class_name, ReportPart.school_year).where(
                ReportPart.id.in_(ids)
            )
        )
        return {part_id: f"Lớp {name}, năm học {year}" for part_id, name, year in rows}

    def members(self, session: Session, group_id: UUID, *, by: Principal) -> tuple[Chosen, ...]:
        """The parts of a class that wait for this person, in the order of its list."""
        found = class_queries.waiting_parts(session, by, self.states, class_ids=(group_id,))
        return tuple(Chosen(self.kind, part.id, part.data_sha256 or "") for part in found)


SIGNATURES: Final = ReportParts(
    "report-signature",
    Holder.PERSON,
    "Ký học bạ",
    "Ký số vào mọi phần của bạn trong từng học bạ và xác nhận nội dung trong đó.",
    frozenset(
        {PartState.AWAITING_TEACHERS, PartState.AWAITING_HOMEROOM, PartState.AWAITING_PRINCIPAL}
    ),
)
SEALS: Final = ReportParts(
    "report-seal",
    Holder.SEAL,
    "Đóng dấu học bạ",
    "Đóng con dấu số của nhà trường vào từng học bạ; sau đó nhà trường chốt học bạ.",
    frozenset({PartState.AWAITING_SEAL}),
)
ALL: Final = (SIGNATURES, SEALS)
