"""The clerk adds to the metadata of an incoming document that is in the book, or corrects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.documents.metadata import actions as metadata_actions
from eoffice.documents.metadata import rules as metadata_rules
from eoffice.documents.metadata.actions import MetadataFrozen
from eoffice.documents.metadata.model import DescribedKind
from eoffice.documents.metadata.rules import MetadataWrong
from eoffice.files.letters import normalised
from eoffice.people.kinds import PositionKind
from eoffice.routing import outside_rules, steps
from eoffice.routing.model import Delivery
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal

#: What may stand empty is kept as "there is none".
_OPTIONAL: Final = frozenset({"signer_position", "language", "description", "to_places"})


@dataclass(frozen=True, slots=True)
class IncomingMetadata:
    """What the clerk writes of an incoming document besides number, date, sender and subject."""

    signer_name: str = ""
    signer_position: str = ""
    to_places: str = ""
    language: str = ""
    description: str = ""
    #: None: leave it; of a file it is counted.
    page_count: int | None = None


def describe(
    session: Session,
    arrival_id: UUID,
    entered: IncomingMetadata,
    *,
    because: str,
    by: Principal,
    at: datetime,
) -> int:
    """Set them; returns how many fields changed, the same once more changes nothing.

    The old values stay on record. Raises ArrivalUnknown, MetadataNotYours, MetadataWrong,
    MetadataFrozen.
    """
    metadata_rules.require_keeper(PositionKind(by.position_kind))
    arrival = steps.locked_arrival(session, arrival_id, by)
    if arrival.state is ArrivalState.RECALLED:
        raise MetadataFrozen("Văn bản đã bị thu hồi nên siêu dữ liệu được giữ nguyên.")
    delivery = session.get_one(Delivery, arrival.delivery_id)
    values = _checked(entered, has_file=delivery.content_sha256 is not None)
    changed = metadata_rules.changes({field: getattr(delivery, field) for field in values}, values)
    if not changed:
        return 0
    reason = metadata_rules.checked_reason(because)
    for each in changed:
        setattr(delivery, each.field, values[each.field])
    metadata_actions.note(
        session,
        DescribedKind.DELIVERY,
        delivery.id,
        changed,
        because=reason,
        by=by,
        at=at,
        on_record_as=("arrival", arrival.id),
    )
    return len(changed)


def _checked(entered: IncomingMetadata, *, has_file: bool) -> Mapping[str, object]:
    """Every field that is said, trimmed. Raises MetadataWrong."""
    said = asdict(entered)
    pages = said.pop("page_count")
    texts = {field: normalised(str(value)) for field, value in said.items()}
    wrong = {
        field: f"{label} dài quá {longest} ký tự."
        for field, (label, longest) in outside_rules.LONGEST.items()
        if len(texts.get(field, "")) > longest
    }
    values: dict[str, object] = {
        field: (text or None) if field in _OPTIONAL else text for field, text in texts.items()
    }
    if pages is not None and not has_file:
        if not 1 <= pages <= outside_rules.MOST_PAGES:
            wrong["page_count"] = f"Số trang từ 1 đến {outside_rules.MOST_PAGES}."
        values["page_count"] = pages
    if wrong:
        raise MetadataWrong(" ".join(wrong.values()), fields=wrong)
    return values
