"""A step on several things: which things it takes, what it needs, how many at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from eoffice.desk import batch_rules
from eoffice.desk.batch_rules import BulkStep, Item, Particulars, Thing
from eoffice.desk.rules import Kind
from eoffice.errors import Invalid

EVERYTHING = Particulars(
    lead=str(uuid4()),
    instruction="Xử lý.",
    due_on=date(2018, 9, 1),
    reason="Chờ số liệu.",
    outcome="Đã xong.",
    case_file=uuid4(),
)


def item(kind: Thing) -> Item:
    return Item(kind, uuid4())


@pytest.mark.parametrize("step", BulkStep)
@pytest.mark.parametrize("kind", Thing)
def test_each_step_takes_its_things_and_refuses_every_other(step: BulkStep, kind: Thing) -> None:
    chosen = [item(kind), item(kind)]
    if kind in batch_rules.TAKES[step]:
        assert batch_rules.checked(step, chosen, EVERYTHING) == tuple(chosen)
    else:
        with pytest.raises(batch_rules.ItemUnfit):
            batch_rules.checked(step, chosen, EVERYTHING)


@pytest.mark.parametrize("step", BulkStep)
def test_what_a_step_needs_is_asked_for_by_its_field(step: BulkStep) -> None:
    chosen = [item(next(iter(batch_rules.TAKES[step])))]
    needs = batch_rules.NEEDS.get(step, ())
    if not needs:
        assert batch_rules.checked(step, chosen, Particulars())
        return
    with pytest.raises(Invalid) as refused:
        batch_rules.checked(step, chosen, Particulars(instruction=" ", reason=" ", outcome=" "))
    assert set(refused.value.fields) == set(needs)


def test_nothing_and_more_than_two_hundred_are_refused_and_a_thing_twice_counts_once() -> None:
    with pytest.raises(batch_rules.NothingChosen):
        batch_rules.checked(BulkStep.READING, [], EVERYTHING)
    many = [item(Thing.NOTICE) for _ in range(batch_rules.MOST_AT_ONCE)]
    assert len(batch_rules.checked(BulkStep.READING, [*many, *many], EVERYTHING)) == 200
    with pytest.raises(batch_rules.TooMany):
        batch_rules.checked(BulkStep.READING, [*many, item(Thing.NOTICE)], EVERYTHING)


def test_a_checkbox_names_a_thing_and_nothing_else_is_read() -> None:
    one = Item(Thing.ARRIVAL, UUID("0198c0de-0000-7000-8000-000000000001"))
    assert batch_rules.read(str(one)) == one
    for wrong in ("", "arrival", "arrival:7", "person:0198c0de-0000-7000-8000-000000000001"):
        with pytest.raises(batch_rules.ItemUnfit):
            batch_rules.read(wrong)


def test_what_lists_offer_can_be_taken_on_something_and_has_words() -> None:
    assert set(batch_rules.OFFERED) == set(Kind)
    assert set(batch_rules.NAMES) == set(batch_rules.EFFECTS) == set(BulkStep)
    assert batch_rules.steps_for([Kind.TO_WORK_ON, Kind.ASSIGNED]) == (
        BulkStep.COMPLETION,
        BulkStep.DEADLINE,
        BulkStep.REMINDER,
        BulkStep.FILING,
    )
    assert batch_rules.steps_for([Kind.LAID]) == ()
