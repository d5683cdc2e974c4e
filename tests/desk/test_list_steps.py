"""What lists below the desk offer to several of their lines is what the desk can do, and every line
is offered what fits its state and the position of who looks at it."""

from __future__ import annotations

from itertools import product

import pytest

from eoffice.desk import batch_rules
from eoffice.desk.batch_rules import BulkStep, Thing
from eoffice.documents import list_steps as documents
from eoffice.documents.states import State
from eoffice.people.kinds import PositionKind
from eoffice.routing import list_steps as routing
from eoffice.routing.states import ArrivalState
from eoffice.web import bulk
from eoffice.web.bulk import Offer

CLERK, HEAD, DEPUTY = PositionKind.CLERK, PositionKind.HEAD, PositionKind.DEPUTY_HEAD


@pytest.mark.parametrize(
    ("offers", "thing"),
    [
        ((documents.REMIND, documents.FILE), Thing.DOCUMENT),
        (
            (
                routing.SUBMIT,
                routing.ASSIGN,
                routing.MOVE,
                routing.REMIND,
                routing.FINISH,
                routing.FILE,
            ),
            Thing.ARRIVAL,
        ),
        ((routing.REGISTER,), Thing.DELIVERY),
    ],
)
def test_the_desk_takes_every_step_that_a_list_offers(
    offers: tuple[Offer, ...], thing: Thing
) -> None:
    for each in offers:
        assert each.action == "/desk/batches/new"
        assert thing in batch_rules.TAKES[BulkStep(each.step)]
        assert each.label.startswith(batch_rules.NAMES[BulkStep(each.step)])


def test_each_state_of_a_document_offers_its_steps_to_those_who_take_them() -> None:
    wanted = {
        (State.AWAITING_SIGNATURE, HEAD): (bulk.SIGN,),
        (State.AWAITING_SIGNATURE, DEPUTY): (bulk.SIGN,),
        (State.AWAITING_SIGNATURE, PositionKind.OFFICE_HEAD): (bulk.SIGN,),
        (State.AWAITING_SIGNATURE, PositionKind.OFFICE_DEPUTY): (bulk.SIGN,),
        (State.NUMBERED, CLERK): (bulk.SEAL,),
    }
    for state, position in product(State, PositionKind):
        found = documents.offered(state, position)
        if state is State.ISSUED:
            assert found in ((), (documents.REMIND, documents.FILE))
        else:
            assert found == wanted.get((state, position), ()), (state, position)
    assert documents.offered(State.ISSUED, PositionKind.INSPECTOR) == ()
    assert documents.offered(State.ISSUED, PositionKind.SPECIALIST) != ()


def test_each_state_of_the_incoming_book_offers_its_steps_to_those_who_take_them() -> None:
    under_way = (ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS)
    for state, position in product(ArrivalState, PositionKind):
        found = routing.offered(state, position)
        assert (routing.SUBMIT in found) == (state is ArrivalState.REGISTERED and position is CLERK)
        assert (routing.ASSIGN in found) == (state is ArrivalState.SUBMITTED and position is HEAD)
        for of_head in (routing.REMIND, routing.MOVE, routing.FINISH):
            assert (of_head in found) == (state in under_way and position is HEAD)
        assert (routing.FILE in found) == (state in (*under_way, ArrivalState.DONE))


def test_only_the_clerk_enters_several_into_the_book() -> None:
    assert [each for each in PositionKind if routing.of_unregistered(each)] == [CLERK]


def test_a_bar_has_each_button_once() -> None:
    first, second = Offer("filing", "Đưa vào hồ sơ"), Offer("reminder", "Nhắc")
    assert bulk.together([(second, first), (), (first,)]) == (second, first)
