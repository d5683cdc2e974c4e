"""What a slice says of its things so that several of them can be signed in one action.

`tests/signing/test_batches.py` and `tests/registers/test_batch_signing.py` hold each kind to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.signing.batches.rules import Chosen, Holder
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing as its signer sees it before."""

    title: str
    #: From whom or of what it is, in a line.
    note: str
    #: Its page, with the whole content.
    path: str
    #: Address of the picture of its first page.
    picture: str
    page_count: int
    #: Fingerprint of what is shown, the same as long as the words and figures are.
    seen: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Many things of one kind that are signed together, as their signer sees them before."""

    title: str
    #: Their page, from which each can be opened.
    path: str
    count: int
    #: Of all of them.
    page_count: int
    #: Fingerprint of which things they are and of what is shown in each.
    seen: str


class Signable(Protocol):
    """A kind of thing, and the one step by which one of it is signed."""

    @property
    def kind(self) -> str:
        """Part of addresses and rows: never renamed."""
        ...

    @property
    def holder(self) -> Holder: ...

    @property
    def verb(self) -> str:
        """What is done to it: "Ký ban hành"."""
        ...

    @property
    def effect(self) -> str:
        """What that brings about, a sentence."""
        ...

    def named(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
        """Title and page of each that this transaction can see, whatever has become of it."""
        ...

    def offered(
        self, session: Session, ids: Collection[UUID] | None, *, by: Principal, at: datetime
    ) -> Mapping[UUID, Shown]:
        """Of these (None: of all) the ones that wait for this person's signature now."""
        ...

    def seen(self, session: Session, item_id: UUID) -> str:
        """The fingerprint now; empty where there is nothing any more."""
        ...

    def sign(
        self,
        item_id: UUID,
        pin: str,
        *,
        by: Principal,
        at: datetime,
        within: Callable[[Callable[[Session], object]], None],
    ) -> None:
        """Sign it as its own page does. The last transaction is the one that `within` opens.

        Interrupted, a repetition does what is left. Raises what the single step refuses.
        """
        ...


class Grouped(Signable, Protocol):
    """A kind of which so many are signed together that they are shown by groups."""

    def groups(
        self, session: Session, ids: Collection[UUID], *, by: Principal
    ) -> Mapping[UUID, ShownGroup]:
        """Of these groups the ones in which something waits for this person now."""
        ...

    def members(self, session: Session, group_id: UUID, *, by: Principal) -> tuple[Chosen, ...]:
        """What waits for this person in a group, each as if it had been ticked."""
        ...

    def group_names(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The group of each of these things, in words."""
        ...
