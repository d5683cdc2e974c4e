"""Everything of which several can be signed in one action: whoever adds a kind adds it here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.extracts import batch_signing as copy_signing
from eoffice.registers import batch_signing
from eoffice.reports import batch_signing as report_signing
from eoffice.signing import opened_keys
from eoffice.signing.batches import dispatches, rules
from eoffice.signing.batches.contract import Grouped, Shown, ShownGroup, Signable
from eoffice.signing.batches.rules import Chosen, Holder
from eoffice.web.principal import Principal

#: Shown by groups, because nobody ticks a school's report books one by one.
GROUPED: Final[Mapping[str, Grouped]] = {each.kind: each for each in report_signing.ALL}
SIGNABLE: Final[Mapping[str, Signable]] = {
    **{each.kind: each for each in (*dispatches.ALL, *batch_signing.ALL, *copy_signing.ALL)},
    **GROUPED,
}
HOLDERS: Final[Mapping[str, Holder]] = {kind: each.holder for kind, each in SIGNABLE.items()}
#: What lists below the desk name without knowing how it is signed now.
_THINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "document": tuple(each.kind for each in dispatches.ALL),
    "gradebook": tuple(each.kind for each in batch_signing.ALL),
    "report": tuple(GROUPED),
    "copy": tuple(each.kind for each in copy_signing.ALL),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One thing that can be ticked, with whose key it is signed."""

    chosen: Chosen
    holder: Holder
    verb: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class OfferedGroup:
    """Many things that are signed together, with whose key."""

    #: The group in the place of a thing, with the fingerprint of all that is in it.
    chosen: Chosen
    holder: Holder
    verb: str
    shown: ShownGroup


def offered_groups(
    session: Session, chosen: Iterable[Chosen], *, by: Principal
) -> tuple[tuple[OfferedGroup, ...], int]:
    """What of these groups waits for this person now, and in how many nothing does.

    Raises NotSignable.
    """
    of: dict[str, list[UUID]] = {}
    for each in dict.fromkeys((each.kind, each.id) for each in chosen):
        kind, group_id = each
        if kind not in GROUPED:
            raise rules.NotSignable("Có nhóm không ký theo lượt được. Hãy chọn lại từ danh sách.")
        of.setdefault(kind, []).append(group_id)
    found = tuple(
        OfferedGroup(Chosen(kind, group_id, shown.seen), each.holder, each.verb, shown)
        for kind, ids in of.items()
        for each in (GROUPED[kind],)
        for group_id, shown in each.groups(session, ids, by=by).items()
    )
    return found, sum(len(ids) for ids in of.values()) - len(found)


def members(session: Session, groups: Iterable[Chosen], *, by: Principal) -> tuple[Chosen, ...]:
    """Every thing of the groups as they were shown. Raises NotSignable, GroupDiffers."""
    chosen = tuple(groups)
    now = {
        (each.chosen.kind, each.chosen.id): each.chosen.seen
        for each in offered_groups(session, chosen, by=by)[0]
    }
    if any(now.get((each.kind, each.id)) != each.seen for each in chosen):
        raise rules.GroupDiffers(
            "Danh sách chờ ký đã thay đổi sau khi bạn mở trang này. Hãy xem lại rồi ký."
        )
    return tuple(
        one for each in chosen for one in GROUPED[each.kind].members(session, each.id, by=by)
    )


def offered(
    session: Session,
    *,
    by: Principal,
    at: datetime,
    of: Mapping[str, Collection[UUID]] | None = None,
    with_grouped: bool = False,
) -> tuple[Offered, ...]:
    """What waits for this person's signature and can be signed with others; `of` these only.

    What is shown by groups is left out of the whole unless it is asked for.
    """
    return tuple(
        Offered(Chosen(kind, item_id, shown.seen), each.holder, each.verb, shown)
        for kind, each in SIGNABLE.items()
        if (with_grouped or kind not in GROUPED if of is None else of.get(kind))
        for item_id, shown in each.offered(
            session, None if of is None else of[kind], by=by, at=at
        ).items()
    )


def still_offered(
    session: Session, chosen: Iterable[Chosen], *, by: Principal, at: datetime
) -> tuple[tuple[Offered, ...], int]:
    """What of the chosen can be signed now, in its order, and how many cannot.

    Raises NotSignable.
    """
    wanted = tuple(dict.fromkeys((each.kind, each.id) for each in chosen))
    of: dict[str, list[UUID]] = {}
    for kind, item_id in wanted:
        for one in _kinds(kind):
            of.setdefault(one, []).append(item_id)
    found = {
        (each.chosen.kind, each.chosen.id): each for each in offered(session, by=by, at=at, of=of)
    }
    there = [
        next((found[one, item_id] for one in _kinds(kind) if (one, item_id) in found), None)
        for kind, item_id in wanted
    ]
    return tuple(each for each in there if each is not None), there.count(None)


def several(found: Iterable[Offered]) -> tuple[Offered, ...]:
    """Those that are not alone: of one there is nothing to sign with it in the same list."""
    groups: defaultdict[tuple[Holder, str], list[Offered]] = defaultdict(list)
    for each in found:
        thing = next(thing for thing, kinds in _THINGS.items() if each.chosen.kind in kinds)
        groups[each.holder, thing].append(each)
    return tuple(each for group in groups.values() if len(group) > 1 for each in group)


def _kinds(kind: str) -> tuple[str, ...]:
    """Of the kind that is named, or of what a list knows only as a document or a book."""
    if kind in SIGNABLE:
        return (kind,)
    if kind in _THINGS:
        return _THINGS[kind]
    raise rules.NotSignable("Có mục không ký theo lượt được. Hãy chọn lại từ danh sách.")


def authorise(who: Principal, holder: Holder, pin: str) -> None:
    """Try the PIN on the key that the batch needs. Raises WrongPin, KeyLocked, NoKey."""
    seal_unit_id = who.agency_id if holder is Holder.SEAL else None
    opened_keys.authorise(who, pin, seal_unit_id=seal_unit_id, unit_name=who.agency_name)
