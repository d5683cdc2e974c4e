"""A closed book is printed once, signed by clerk and head, sealed, archived; never stuck between.

Database, keys, time-stamp authority and PDF are real; the object store is the one in memory that
passes the same contract as S3. Decree 30/2020, art. 16(2), 22, 32.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import verify_command
from eoffice.archive.model import ArchiveEntry
from eoffice.archive.states import EntryKind
from eoffice.db import system_transaction
from eoffice.files.bounded import ChildFailed
from eoffice.filing import (
    closing_actions,
    closing_printing,
    closing_queries,
    closing_rules,
    closing_signatures,
)
from eoffice.filing.closing_actions import NotYourSignature
from eoffice.filing.closing_model import BookClosing, ClosingVolume
from eoffice.filing.closing_states import ClosedKind, State, Step, StepRefused
from eoffice.objects.sha256 import Sha256
from eoffice.people.rules import NoAuthority
from eoffice.registers import extraction
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests.filing import year_end
from tests.filing.year_end import Registry
from tests.pdfa import assert_pdfa
from tests.pki import PIN

T = TypeVar("T")


def sealed(registry: Registry, kind: ClosedKind = ClosedKind.OUTGOING) -> None:
    """Through all steps, by clerk and director."""
    closing_id = registry.begin(kind)
    assert year_end.keep_promises(closing_actions.PRINT) == 1
    assert registry.sign(closing_id, registry.cast.clerk) is State.SIGNED_BY_CLERK
    assert registry.sign(closing_id, registry.cast.director) is State.SIGNED_BY_HEAD
    assert registry.sign(closing_id, registry.cast.clerk) is State.SEALED


def test_a_book_is_printed_signed_sealed_and_verified(registry: Registry) -> None:
    sealed(registry)
    pdf = registry.content()
    trust = TrustStore.from_directory(registry.pki.trust_directory)
    found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found.reason
    capacities = {each.field: each.capacity for each in found.signatures}
    assert capacities == {
        "clerk": registry.cast.clerk.position_title,
        "head": "GIÁM ĐỐC",
        "seal": "Con dấu của cơ quan",
    }
    assert_pdfa(pdf, signed=True)
    seen = registry.seen()
    assert (seen.clerk, seen.head, seen.head_capacity) == (
        registry.cast.clerk.full_name,
        registry.cast.director.full_name,
        "GIÁM ĐỐC",
    )
    assert seen.mine is None


def test_a_sealed_book_is_archived_for_its_time_and_found_intact_by_the_command(
    registry: Registry,
) -> None:
    sealed(registry)
    assert year_end.keep_promises("archive.ingest") == 1
    with system_transaction() as session:
        entry = session.scalars(select(ArchiveEntry)).one()
        assert (entry.kind, entry.title) == (EntryKind.BOOK, "Sổ đăng ký văn bản đi năm 2018")
        assert (entry.retain_until, entry.issued_on) == (date(2038, 12, 31), date(2018, 12, 31))
        assert "Khen thưởng" in entry.text
        kept = Sha256.parse(entry.content_sha256)
    trust = TrustStore.from_directory(registry.pki.trust_directory)
    checked = verify_command.check(
        registry.store.get(kept),
        trust=trust,
        log=None,
        at=clock.now(),
        recheck=extraction.differences,
    )
    assert checked.verdict is Finding.INTACT


def test_a_deputy_signs_for_the_head(registry: Registry) -> None:
    closing_id = registry.begin()
    year_end.keep_promises(closing_actions.PRINT)
    registry.sign(closing_id, registry.cast.clerk)
    registry.sign(closing_id, registry.cast.deputy_director)
    assert registry.seen().head_capacity == "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC"


def test_each_signature_waits_for_its_own_hand(registry: Registry) -> None:
    cast = registry.cast
    closing_id = registry.begin()
    with pytest.raises(StepRefused):
        registry.sign(closing_id, cast.clerk)
    year_end.keep_promises(closing_actions.PRINT)
    with pytest.raises(NotYourSignature):
        registry.sign(closing_id, cast.director)
    assert registry.seen().mine is Step.SIGN_BY_CLERK
    registry.sign(closing_id, cast.clerk)
    with pytest.raises(NotYourSignature):
        registry.sign(closing_id, cast.clerk)
    with pytest.raises(NoAuthority):
        registry.sign(closing_id, cast.specialist)
    assert registry.seen().mine is None
    assert registry.seen(who=cast.director).mine is Step.SIGN_BY_HEAD
    assert registry.seen(who=cast.specialist).mine is None
    registry.sign(closing_id, cast.director)
    with pytest.raises(NotYourSignature):
        registry.sign(closing_id, cast.director)
    with db.transaction(cast.clerk.acting) as session:
        (waiting,) = closing_queries.awaiting(session, who=cast.clerk, at=clock.now())
    assert waiting.mine is Step.SEAL


def test_a_wrong_pin_signs_nothing(registry: Registry) -> None:
    closing_id = registry.begin()
    year_end.keep_promises(closing_actions.PRINT)
    before = registry.content()
    with pytest.raises(WrongPin):
        registry.sign(closing_id, registry.cast.clerk, pin="000000")
    assert (registry.content(), registry.seen().state) == (before, State.PRINTED)


class Died(Exception):
    """The process ends here."""


def test_a_crash_between_signature_and_record_costs_nothing(registry: Registry) -> None:
    """At each of the three signatures: the book is as before, and the same person signs again."""
    cast = registry.cast
    closing_id = registry.begin()
    year_end.keep_promises(closing_actions.PRINT)
    for who in (cast.clerk, cast.director, cast.clerk):
        before = registry.seen()

        def die(last: Callable[[Session], T], who: Principal = who) -> T:
            with db.transaction(who.acting) as session:
                last(session)
                raise Died

        with pytest.raises(Died):
            closing_signatures.sign(closing_id, PIN, by=who, within=die)
        assert registry.seen() == before
        registry.sign(closing_id, who)
    assert registry.seen().state is State.SEALED


def test_what_is_sealed_is_changed_by_nobody(registry: Registry) -> None:
    sealed(registry)
    with (
        pytest.raises(DBAPIError, match="a sealed book never changes"),
        system_transaction() as session,
    ):
        session.execute(text("update book_closings set state = 'signed_by_head'"))


def test_a_book_that_could_not_be_printed_is_printed_when_it_is_asked_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing_id = registry.begin()
    with monkeypatch.context() as broken:
        broken.setattr("eoffice.printing.printed_table._SECONDS", 0)
        with pytest.raises(ChildFailed):
            year_end.keep_promises(closing_actions.PRINT)
    assert registry.seen().state is State.BEGUN
    clerk = registry.cast.clerk
    with db.transaction(clerk.acting) as session:
        closing_actions.ask_again(session, closing_id, by=clerk, at=clock.now())
    # The promise that failed is open too: whichever comes second finds the book printed.
    assert year_end.keep_promises(closing_actions.PRINT) == 2
    assert registry.seen().state is State.PRINTED
    with db.transaction(clerk.acting) as session, pytest.raises(StepRefused):
        closing_actions.ask_again(session, closing_id, by=clerk, at=clock.now())


def volumes(session: Session) -> list[tuple[int, datetime]]:
    rows = session.scalars(select(ClosingVolume).order_by(ClosingVolume.ordinal))
    return [(each.ordinal, each.printed_at) for each in rows]


def test_a_crash_while_a_long_book_is_printed_costs_one_volume(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_rules, "LINES_OF_VOLUME", 1)
    closing_id = registry.begin()
    whole = closing_printing.bound
    with monkeypatch.context() as dying:

        def die(*_: object) -> bytes:
            raise Died

        dying.setattr(closing_printing, "bound", die)
        with pytest.raises(Died):
            year_end.keep_promises(closing_actions.PRINT)
    seen = registry.seen()
    assert (seen.state, seen.volumes, seen.volumes_made) == (State.BEGUN, 3, 2)
    with system_transaction() as session:
        made = volumes(session)
    assert closing_printing.bound is whole
    year_end.keep_promises(closing_actions.PRINT)
    with system_transaction() as session:
        again = volumes(session)
        assert session.get_one(BookClosing, closing_id).state is State.PRINTED
    assert again == made, "what was made is not made again"


def test_incoming_books_are_printed_and_sealed_too(registry: Registry) -> None:
    for kind in (ClosedKind.INCOMING, ClosedKind.INCOMING_SECRET, ClosedKind.HANDLING):
        sealed(registry, kind)
        assert registry.seen(kind).state is State.SEALED
