"""A line of the desk as it is shown: what, who has it, since when, until when, the last step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from eoffice.desk import batch_rules
from eoffice.desk.batch_rules import Item, Thing
from eoffice.desk.rules import Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody has to do and somebody else waits for."""

    kind: Kind
    #: Of the row that the line stands for: an assignment, a delivery, an arrival, a document.
    id: UUID
    #: The page of the thing.
    path: str
    #: The incoming document it is about, where it is about one.
    arrival_id: UUID | None
    #: Number and notation; None where there is none yet.
    code: str | None
    subject: str
    #: Who has it, in words: the person, the unit, or how many recipients.
    holder: str
    #: The last step, in a word.
    last_step: str
    tone: str
    #: Last day of the term, by the calendar of working days.
    due_on: date | None
    #: In working days.
    days_late: int
    since: datetime
    #: By which the list is ordered.
    due_key: date

    def at(self, due_key: date, since: datetime) -> Line:
        """With the place at which the list found it."""
        return replace(self, due_key=due_key, since=since)

    @property
    def token(self) -> str | None:
        """How a checkbox names what a step on several things is taken on; None: no step is."""
        if not batch_rules.OFFERED[self.kind]:
            return None
        if self.arrival_id is not None:
            return str(Item(Thing.ARRIVAL, self.arrival_id))
        is_delivery = self.kind is Kind.TO_REGISTER
        return str(Item(Thing.DELIVERY if is_delivery else Thing.DOCUMENT, self.id))

    @property
    def place(self) -> tuple[str, ...]:
        """The key of a cursor."""
        return (self.due_key.isoformat(), self.since.isoformat(), str(self.id))
