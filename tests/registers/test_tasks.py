"""The worker makes the pages of a book once, from the class as it stood when it was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import outbox
from eoffice.classes.model import Pupil
from eoffice.db import system_transaction
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.registers import extraction, gradebooks, tasks
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from tests.cast import Cast, load_cast
from tests.conftest import Office, owner_transaction
from tests.registers import stage

AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)


def asked(pupil_name: str | None = None) -> tuple[Cast, UUID, UUID]:
    """A finished class whose book has been asked for."""
    with owner_transaction() as session:
        cast = load_cast(session, AT)
        class_id = stage.open_class(session, cast, AT)
        stage.finish_year(session, class_id, cast, AT)
        if pupil_name is not None:
            pupil = session.scalars(select(Pupil)).first()
            assert pupil is not None
            pupil.name = pupil_name
        return (
            cast,
            class_id,
            gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=AT),
        )


def run(gradebook_id: UUID) -> None:
    """What the worker does with the promise, whatever its state is."""
    with system_transaction() as session:
        promise = session.scalars(
            select(Promise).where(Promise.payload["gradebook_id"].astext == str(gradebook_id))
        ).one()
        claim = outbox.Claim(promise.id, promise.payload, 1)
    tasks.render(claim, AT)


def book(gradebook_id: UUID) -> Gradebook:
    with system_transaction() as session:
        return session.get_one(Gradebook, gradebook_id)


def test_the_pages_are_stored_and_recheck_themselves(office: Office, store: MemoryStore) -> None:
    _, _, gradebook_id = asked()

    run(gradebook_id)

    made = book(gradebook_id)
    assert made.state is State.AWAITING_TEACHERS
    assert made.content_sha256 is not None
    assert extraction.differences(store.get(Sha256.parse(made.content_sha256))) == ()
    with system_transaction() as session:
        promise = session.scalars(select(Promise).where(Promise.task == "registers.render")).one()
        assert promise.state is PromiseState.KEPT


def test_running_twice_changes_nothing(office: Office, store: MemoryStore) -> None:
    _, _, gradebook_id = asked()

    run(gradebook_id)
    first = book(gradebook_id).content_sha256
    run(gradebook_id)

    assert book(gradebook_id).content_sha256 == first


def test_the_next_version_shows_what_was_corrected(office: Office, store: MemoryStore) -> None:
    cast, class_id, first_id = asked()
    run(first_id)
    with system_transaction() as session:
        row = session.get_one(Gradebook, first_id)
        gradebooks.record_signature(
            session,
            first_id,
            "subject_TOAN",
            source=Sha256.parse(row.content_sha256 or ""),
            result=Sha256.parse(row.content_sha256 or ""),
            capacity="Giáo viên môn Toán học",
            by=cast.subject_teachers["TOAN"],
            at=AT,
        )
        gradebooks.send_back(
            session, first_id, "Sai điểm môn Toán.", by=cast.homeroom_teacher, at=AT
        )
        stage.bring_in(session, class_id, cast, AT, {"TOAN": Decimal("9.5")})
        second_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=AT)

    run(second_id)

    content = book(second_id).content_sha256
    assert content is not None
    found = extraction.read_register(store.get(Sha256.parse(content)))
    assert found is not None
    told = found.data["entered"]["corrections"]
    assert [(c["old"], c["new"]) for c in told] == [("8.5", "9.5")] * 2
    assert extraction.differences(store.get(Sha256.parse(content))) == ()


def test_a_name_that_cannot_be_printed_gives_the_book_back(
    office: Office, store: MemoryStore
) -> None:
    _, _, gradebook_id = asked("Nguyễn 漢 An")

    run(gradebook_id)

    returned = book(gradebook_id)
    assert returned.state is State.RETURNED
    assert returned.returned_because is not None
    assert "ký tự" in returned.returned_because


def test_while_the_store_is_down_the_promise_stays(office: Office) -> None:
    """The office's settings point to an address at which nobody listens."""
    _, _, gradebook_id = asked()

    with pytest.raises(Exception, match="Kho lưu trữ"):
        run(gradebook_id)

    assert book(gradebook_id).state is State.RENDERING
