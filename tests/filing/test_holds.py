"""What is held by hand cannot be changed, handed over or taken back until it is lifted.

Decree 30/2020, Annex VI, administration: a set of records is locked against moving, deletion and
change. The head or the keeper of the archive holds with a reason and a legal basis and lifts with
a reason; the database refuses the change whoever writes; the object store holds archived copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.archive import actions as archive
from eoffice.archive.states import EntryKind
from eoffice.audit import queries as audit
from eoffice.db import system_transaction, transaction
from eoffice.errors import Held
from eoffice.filing import case_actions, tasks, transfer_actions
from eoffice.filing.case_model import CaseItem
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.filing.holds import actions, naming, queries, rules
from eoffice.filing.holds.actions import Named
from eoffice.filing.holds.model import HeldCopy
from eoffice.filing.holds.rules import (
    CopyState,
    HeldKind,
    HoldNotYours,
    HoldOver,
    HoldUnknown,
    HoldWrong,
)
from eoffice.filing.transfer_rules import NothingToHandOver
from eoffice.objects import configured
from eoffice.objects.contract import Lock
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people.kinds import PositionKind
from eoffice.routing import recall_actions
from eoffice.signing.verdict import Finding, Verdict
from tests.conftest import AT
from tests.filing.test_case_pages import desk, dispatch
from tests.people.conftest import Desk
from tests.routing import stage

__all__ = ["desk", "dispatch"]

WORDING = rules.Wording(
    "Thanh tra tuyển sinh", "Phục vụ thanh tra theo quyết định.", "Quyết định 12/QĐ-TTr"
)
WHY = "Cuộc thanh tra đã kết thúc."


def hold(desk: Desk, *records: Named) -> UUID:
    who = desk.cast.clerk
    with transaction(who.acting) as session:
        return actions.place(session, WORDING, records, by=who, at=AT)


def lift(desk: Desk, hold_id: UUID) -> None:
    who = desk.cast.director
    with transaction(who.acting) as session:
        actions.lift(session, hold_id, WHY, by=who, at=AT + timedelta(hours=1))


@pytest.fixture
def case(desk: Desk, dispatch: UUID) -> UUID:
    """With one document in it."""
    who = desk.cast.specialist
    heading = Heading(notation="01.CNTT", title="Hồ sơ VNEDU", maintenance="10 năm")
    with transaction(who.acting) as session:
        made = case_actions.plan(session, heading, year=2018, by=who, at=AT)
        case_actions.file_record(session, made, RecordKind.OUTGOING, dispatch, by=who, at=AT)
        return made


@pytest.mark.parametrize("position", list(PositionKind))
def test_the_head_and_the_keeper_of_the_archive_hold_and_nobody_else(
    position: PositionKind,
) -> None:
    may = position in (PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK)
    assert rules.may_hold(position) == may
    if not may:
        with pytest.raises(HoldNotYours):
            rules.require_keeper(position)


def test_a_hold_has_a_name_a_reason_and_a_legal_basis() -> None:
    with pytest.raises(HoldWrong) as wrong:
        rules.checked(" ", "ngắn", "x" * 501)
    assert set(wrong.value.fields) == {"title", "reason", "legal_basis"}
    found = rules.checked(" Thanh  tra ", "Phục vụ thanh tra.", "12/QĐ")
    assert found == rules.Wording("Thanh tra", "Phục vụ thanh tra.", "12/QĐ")
    with pytest.raises(HoldWrong):
        rules.checked_lifting("xong")
    assert rules.codes(" 1/A \n\n1/A\n2/B") == ("1/A", "2/B")


def test_a_held_document_is_changed_by_nobody_not_even_the_worker(
    desk: Desk, dispatch: UUID
) -> None:
    hold_id = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    changes = (
        "update documents set description = 'khác' where id = :id",
        "update document_versions set saved_at = now() where document_id = :id",
    )
    for change in changes:
        with pytest.raises(Held, match="đang được giữ"), system_transaction() as session:
            session.execute(text(change), {"id": dispatch})
    who = desk.cast.clerk
    with pytest.raises(Held, match="13/08/2018"), transaction(who.acting) as session:
        session.execute(text(changes[0]), {"id": dispatch})

    lift(desk, hold_id)

    with transaction(who.acting) as session:
        session.execute(text(changes[0]), {"id": dispatch})


def test_nothing_goes_into_or_out_of_a_held_case_file_nor_is_it_closed_or_handed_over(
    desk: Desk, case: UUID, dispatch: UUID
) -> None:
    who = desk.cast.specialist
    hold_id = hold(desk, Named(HeldKind.CASE_FILE, case))
    with transaction(who.acting) as session:
        seen = queries.hold(session, hold_id, who=desk.cast.clerk)
    assert [(each.kind, each.within is None) for each in seen.records] == [
        (HeldKind.CASE_FILE, True),
        (HeldKind.OUTGOING, False),
    ]
    with pytest.raises(Held), transaction(who.acting) as session:
        case_actions.close(session, case, by=who, at=AT)
    with pytest.raises(Held), transaction(who.acting) as session:
        case_actions.restrict(session, case, [], by=who, at=AT)
    with transaction(who.acting) as session:
        item = session.scalars(select(CaseItem.id).where(CaseItem.case_file_id == case)).one()
    with pytest.raises(Held), transaction(who.acting) as session:
        case_actions.take_out(session, case, item, WHY, by=who, at=AT)

    lift(desk, hold_id)
    with transaction(who.acting) as session:
        case_actions.close(session, case, by=who, at=AT)

    again = hold(desk, Named(HeldKind.CASE_FILE, case))
    head = desk.cast.office_head
    unit = desk.cast.technology_office.id
    with pytest.raises(NothingToHandOver), transaction(head.acting) as session:
        transfer_actions.offer(session, unit, 2018, "", by=head, at=AT)
    lift(desk, again)
    with transaction(head.acting) as session:
        assert transfer_actions.offer(session, unit, 2018, "", by=head, at=AT)


def test_what_two_holds_name_is_free_when_both_are_lifted(desk: Desk, dispatch: UUID) -> None:
    first = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    second = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    who = desk.cast.clerk

    def is_held() -> bool:
        with transaction(who.acting) as session:
            return queries.since(session, dispatch) is not None

    lift(desk, first)
    assert is_held()
    lift(desk, second)
    assert not is_held()


def test_a_hold_is_lifted_once_and_stays_as_history(desk: Desk, dispatch: UUID) -> None:
    hold_id = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    lift(desk, hold_id)
    with pytest.raises(HoldOver):
        lift(desk, hold_id)
    who = desk.cast.clerk
    with pytest.raises(HoldOver), transaction(who.acting) as session:
        actions.add(session, hold_id, [Named(HeldKind.OUTGOING, dispatch)], by=who, at=AT)
    with transaction(who.acting) as session:
        line = queries.hold(session, hold_id, who=who).line
        events = [each.action for each in audit.history(session, "hold", hold_id)]
    assert line.lifted_because == WHY
    assert not line.runs
    assert events == ["hold.placed", "hold.lifted"]


def test_only_keepers_hold_and_another_agency_sees_nothing(desk: Desk, dispatch: UUID) -> None:
    who = desk.cast.specialist
    with pytest.raises(HoldNotYours), transaction(who.acting) as session:
        actions.place(session, WORDING, [Named(HeldKind.OUTGOING, dispatch)], by=who, at=AT)
    hold_id = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    with pytest.raises(HoldNotYours), transaction(who.acting) as session:
        queries.listing(session, who=who)
    other = desk.cast.school_principal
    with transaction(other.acting) as session:
        assert queries.listing(session, who=other) == ()
        with pytest.raises(HoldUnknown):
            queries.hold(session, hold_id, who=other)
        with pytest.raises(HoldUnknown):
            actions.lift(session, hold_id, WHY, by=other, at=AT)


def test_records_are_named_as_people_call_them(desk: Desk, case: UUID, dispatch: UUID) -> None:
    who = desk.cast.clerk
    with transaction(who.acting) as session:
        code, number = session.execute(
            text("select notation, number from documents where id = :id"), {"id": dispatch}
        ).one()

        def named(kind: HeldKind, *codes: str) -> list[UUID]:
            return [each.object_id for each in naming.by_codes(session, kind, codes, who=who)]

        assert named(HeldKind.OUTGOING, f"{number}/{code}") == [dispatch]
        assert named(HeldKind.CASE_FILE, "2018.01.CNTT", "01.CNTT") == [case, case]
        for kind in HeldKind:
            with pytest.raises(HoldWrong, match="Không tìm thấy"):
                named(kind, "999999/2017", "xyz")


def test_a_held_copy_is_taken_back_only_after_it_is_lifted(desk: Desk) -> None:
    cast = desk.cast
    with system_transaction() as session:
        document = stage.issued_by_the_department(session, cast, [cast.high_school], at=AT)
    with system_transaction() as session:
        delivery = stage.delivered(session, document, cast.high_school, at=AT)
    who = cast.high_school_clerk
    with transaction(who.acting) as session:
        arrival = stage.registered(session, delivery, by=who, at=AT)
    with transaction(who.acting) as session:
        hold_id = actions.place(
            session, WORDING, [Named(HeldKind.INCOMING, arrival)], by=who, at=AT
        )
    with system_transaction() as session:
        recall_actions.recall_copy(session, delivery, at=AT)
    with system_transaction() as session:
        due = session.scalars(
            select(Promise.due_at).where(Promise.task == "routing.recall_copy")
        ).all()
    assert due == [AT + recall_actions.HELD_WAIT]
    with pytest.raises(Held), system_transaction() as session:
        session.execute(text("update deliveries set page_count = 9 where id = :i"), {"i": delivery})
    with transaction(who.acting) as session:
        actions.lift(session, hold_id, WHY, by=who, at=AT)


# --- The store -----------------------------------------------------------------------------------


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock.now)
    configured.use(made)
    yield made
    configured.use(None)


def archived(desk: Desk, store: MemoryStore, document: UUID) -> tuple[Sha256, Lock]:
    name = store.put(b"%PDF archived", "application/pdf")
    lock = store.put_locked(name, retain_until=AT + timedelta(days=1))
    order = archive.Order(
        kind=EntryKind.DOCUMENT,
        source_id=document,
        content_sha256=str(name),
        agency_id=desk.cast.department.id,
        unit_id=desk.cast.department.id,
        title="Công văn",
    )
    kept = archive.Kept(
        content_sha256=name,
        size_bytes=13,
        page_count=1,
        lock=lock,
        text="",
        verdict=Verdict(Finding.UNSIGNED, ""),
    )
    with system_transaction() as session:
        archive.ingest(session, order, kept, by="worker:archive.ingest", at=AT)
    return name, lock


def run(task: str) -> int:
    """Keep every promise of this task that is waiting."""
    with system_transaction() as session:
        waiting = session.scalars(
            select(Promise.id).where(Promise.task == task, Promise.kept_at.is_(None))
        ).all()
    keep = {actions.HOLD_COPY: tasks.hold_copy, actions.RELEASE_COPY: tasks.release_copy}[task]
    for each in waiting:
        with system_transaction() as session:
            claim = outbox.claim(session, each, at=clock.now())
        assert claim is not None
        keep(claim, clock.now())
    return len(waiting)


def states(session: Session) -> list[CopyState]:
    return list(session.scalars(select(HeldCopy.state).order_by(HeldCopy.hold_id)))


def test_the_store_holds_an_archived_copy_until_the_last_hold_is_lifted(
    desk: Desk, dispatch: UUID, store: MemoryStore
) -> None:
    name, lock = archived(desk, store, dispatch)
    first = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    with system_transaction() as session:
        assert states(session) == [CopyState.ASKED]
    assert not store.is_held(name, lock.version_id)

    assert run(actions.HOLD_COPY) == 1
    assert store.is_held(name, lock.version_id)
    second = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    assert run(actions.HOLD_COPY) == 1

    lift(desk, first)
    run(actions.RELEASE_COPY)
    run(actions.HOLD_COPY)
    assert store.is_held(name, lock.version_id)
    with system_transaction() as session:
        assert states(session) == [CopyState.RELEASED, CopyState.HELD]
    lift(desk, second)
    run(actions.RELEASE_COPY)
    assert not store.is_held(name, lock.version_id)
    with system_transaction() as session:
        assert set(states(session)) == {CopyState.RELEASED}
        events = [each.action for each in audit.history(session, "hold", second)]
    assert sorted(events) == [
        "hold.copy_held",
        "hold.copy_held",
        "hold.copy_released",
        "hold.lifted",
        "hold.placed",
    ]


def test_what_is_archived_after_it_was_held_is_locked_by_the_calendar(
    desk: Desk, dispatch: UUID, store: MemoryStore
) -> None:
    hold(desk, Named(HeldKind.OUTGOING, dispatch))
    name, lock = archived(desk, store, dispatch)
    tasks.hold_later_copies()
    tasks.hold_later_copies()
    assert run(actions.HOLD_COPY) == 1
    assert store.is_held(name, lock.version_id)
