"""Stages run one after another, the steps of a stage side by side; all must agree, nobody is asked
twice, and who left or is away is followed by somebody who can answer. Walked through exhaustively
over every flow of up to three steps in up to three stages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import pytest

from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.rules import (
    FORM_TASKS,
    Answerer,
    Asked,
    FlowUnfit,
    Holder,
    Office,
    Planned,
    Running,
    Standing,
    StepState,
    Task,
    TooShort,
    Whom,
)
from eoffice.documents.states import State, Step, after
from eoffice.documents.types import DocumentType
from eoffice.people.kinds import PositionKind as P

SPACE = UUID("0198c0de-0000-7000-8000-0000000000f1")


def named(name: str) -> UUID:
    return uuid5(SPACE, name)


AGENCY, IT, LEGAL = named("agency"), named("it"), named("legal")
CONTENT = (Task.CHECK_CONTENT, Task.CONSULT, Task.INITIAL_CONTENT)
FORM = (Task.CHECK_FORM, Task.INITIAL_FORM)


def person(name: str) -> Whom:
    return Whom(Asked.PERSON, person_id=named(name), position_id=named(f"position of {name}"))


def holder(name: str, kind: P, unit: UUID) -> Holder:
    return Holder(named(name), named(f"position of {name}"), kind, unit)


OFFICE = Office(
    agency_id=AGENCY,
    drafting_unit_id=IT,
    holders=(
        holder("director", P.HEAD, AGENCY),
        holder("deputy", P.DEPUTY_HEAD, AGENCY),
        holder("it head", P.OFFICE_HEAD, IT),
        holder("it deputy", P.OFFICE_DEPUTY, IT),
        holder("writer", P.SPECIALIST, IT),
        holder("legal head", P.OFFICE_HEAD, LEGAL),
        holder("clerk", P.CLERK, LEGAL),
    ),
    substitutes={},
)


def flows() -> Iterator[tuple[tuple[int, Task], ...]]:
    """Every flow of two or three steps that `check` takes, each step asking somebody else."""
    for count in (2, 3):
        for tasks in itertools.product(Task, repeat=count):
            for stages in itertools.product((1, 2, 3), repeat=count):
                steps = tuple(zip(stages, tasks, strict=True))
                try:
                    flow_rules.check(planned(steps))
                except FlowUnfit:
                    continue
                yield steps


def planned(steps: Sequence[tuple[int, Task]]) -> list[Planned]:
    return [
        Planned(stage, task, person(f"reader {index}")) for index, (stage, task) in enumerate(steps)
    ]


def begun(steps: Sequence[Planned]) -> tuple[Running, ...]:
    return tuple(
        Running(
            named(f"step {ordinal}"),
            each.stage,
            ordinal,
            each.task,
            each.whom,
            StepState.WAITING if each.stage == steps[0].stage else StepState.PLANNED,
        )
        for ordinal, each in enumerate(steps, start=1)
    )


def asked_of(steps: Sequence[Running]) -> dict[UUID, frozenset[UUID]]:
    return {each.id: frozenset(filter(None, [each.whom.person_id])) for each in steps}


def agreed(
    steps: tuple[Running, ...], step: Running, by: UUID
) -> tuple[flow_rules.Next, tuple[Running, ...]]:
    following = flow_rules.after_agreement(steps, step.id, by, asked=asked_of(steps))
    before = dict(following.answered_before)
    now = []
    for each in steps:
        if each.id == step.id:
            now.append(replace(each, state=StepState.AGREED, ended_by=by))
        elif each.id in following.opened:
            now.append(replace(each, state=StepState.WAITING))
        elif each.id in before:
            now.append(replace(each, state=StepState.ANSWERED_BEFORE, ended_by=before[each.id]))
        else:
            now.append(each)
    return following, tuple(now)


def test_every_flow_that_is_accepted_comes_to_the_signature_through_the_table_of_states() -> None:
    count = 0
    for raw in flows():
        steps = begun(flow_rules.check(planned(raw)))
        state = State.SUBMITTED
        asked: list[UUID] = []
        while state is not State.AWAITING_SIGNATURE:
            waiting = flow_rules.waiting(steps)
            assert len({each.stage for each in waiting}) == 1
            # The document counts as being checked exactly while the form is judged.
            assert flow_rules.is_about_form(steps) == (state is State.CHECKING)
            step = waiting[-1]
            assert step.whom.person_id is not None
            asked.append(step.whom.person_id)
            following, steps = agreed(steps, step, step.whom.person_id)
            state = after(state, following.step)
        assert len(asked) == len(set(asked)) == len(raw)
        assert all(each.state is StepState.AGREED for each in steps)
        count += 1
    assert count > 200


def test_a_stage_begins_only_when_all_of_the_one_before_have_agreed() -> None:
    first, second, third, last = steps = begun(
        [
            Planned(1, Task.CHECK_CONTENT, person("a")),
            Planned(1, Task.CONSULT, person("b")),
            Planned(2, Task.CONSULT, person("c")),
            Planned(3, Task.CHECK_FORM, person("d")),
        ]
    )
    following, steps = agreed(steps, second, named("b"))
    assert following == flow_rules.Next(Step.AGREE)
    following, steps = agreed(steps, first, named("a"))
    assert following == flow_rules.Next(Step.AGREE, (third.id,))
    following, steps = agreed(steps, third, named("c"))
    assert following == flow_rules.Next(Step.APPROVE, (last.id,))
    following, steps = agreed(steps, last, named("d"))
    assert following == flow_rules.Next(Step.PASS_FORM)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pair
        for pair in itertools.product(Task, Task)
        if not (pair[0] in FORM_TASKS and pair[1] not in FORM_TASKS)
    ],
)
def test_nobody_is_asked_twice_for_what_they_have_agreed_to(earlier: Task, later: Task) -> None:
    steps = begun(
        [
            Planned(1, earlier, person("a")),
            Planned(2, later, person("a")),
            Planned(3, Task.CHECK_FORM, person("z")),
        ]
    )
    following, _ = agreed(steps, steps[0], named("a"))
    covered = {
        Task.CHECK_CONTENT: {Task.CHECK_CONTENT, Task.CONSULT},
        Task.CONSULT: {Task.CONSULT},
        Task.INITIAL_CONTENT: {Task.CHECK_CONTENT, Task.CONSULT, Task.INITIAL_CONTENT},
        Task.CHECK_FORM: {Task.CHECK_FORM},
        Task.INITIAL_FORM: {Task.CHECK_FORM, Task.INITIAL_FORM},
    }[earlier]
    expected = (steps[2].id,) if later in covered else (steps[1].id,)
    assert following.opened == expected
    assert following.answered_before == (((steps[1].id, named("a")),) if later in covered else ())


@pytest.mark.parametrize("state", [StepState.WAITING, StepState.PLANNED])
def test_a_return_ends_everything_that_had_no_answer(state: StepState) -> None:
    steps = begun(
        [
            Planned(1, Task.CHECK_CONTENT, person("a")),
            Planned(1, Task.CONSULT, person("b")),
            Planned(2, Task.CHECK_FORM, person("c")),
        ]
    )
    _, steps = agreed(steps, steps[0], named("a"))
    ended = flow_rules.after_return(steps, steps[1].id)
    assert ended == {steps[1].id: StepState.RETURNED, steps[2].id: StepState.DROPPED}


# --- Who answers -------------------------------------------------------------------------------


def standings(whom: Whom, office: Office = OFFICE) -> list[tuple[UUID, Standing]]:
    return [(each.person_id, each.standing) for each in flow_rules.answerers(whom, office)]


def test_the_head_of_the_drafting_office_is_asked_and_the_agency_stands_above() -> None:
    assert standings(Whom(Asked.DRAFTING_HEAD)) == [
        (named("it head"), Standing.ASKED),
        (named("it deputy"), Standing.ASKED),
        (named("director"), Standing.ABOVE),
        (named("deputy"), Standing.ABOVE),
    ]


def test_a_school_has_no_offices_so_its_head_is_asked() -> None:
    school = replace(OFFICE, drafting_unit_id=AGENCY)
    assert standings(Whom(Asked.DRAFTING_HEAD), school) == [
        (named("director"), Standing.ASKED),
        (named("deputy"), Standing.ASKED),
    ]


def test_a_position_is_asked_in_its_unit_and_in_the_whole_agency_where_the_agency_is_named() -> (
    None
):
    here = Whom(Asked.POSITION, position_kind=P.OFFICE_HEAD, unit_id=LEGAL)
    anywhere = Whom(Asked.POSITION, position_kind=P.OFFICE_HEAD, unit_id=AGENCY)
    assert standings(here) == [(named("legal head"), Standing.ASKED)]
    assert [who for who, _ in standings(anywhere)] == [named("it head"), named("legal head")]


def test_who_is_away_keeps_the_right_and_the_substitute_has_it_too_but_no_further() -> None:
    office = replace(
        OFFICE,
        substitutes={named("legal head"): named("deputy"), named("deputy"): named("director")},
    )
    assert flow_rules.answerers(person("legal head"), office) == (
        Answerer(named("legal head"), Standing.ASKED),
        Answerer(named("deputy"), Standing.SUBSTITUTE, named("legal head")),
    )


def test_a_substitute_who_has_left_does_not_answer() -> None:
    office = replace(OFFICE, substitutes={named("legal head"): named("somebody gone")})
    assert standings(person("legal head"), office) == [(named("legal head"), Standing.ASKED)]


def test_one_who_left_is_followed_by_who_holds_the_position_and_else_by_the_head() -> None:
    gone = Whom(
        Asked.PERSON, person_id=named("old head"), position_id=named("position of legal head")
    )
    nobody = Whom(Asked.PERSON, person_id=named("old head"), position_id=named("abolished"))
    vacant = Whom(Asked.POSITION, position_kind=P.TEACHER, unit_id=LEGAL)
    assert standings(gone) == [(named("legal head"), Standing.SUCCESSOR)]
    for whom in (nobody, vacant):
        assert standings(whom) == [
            (named("director"), Standing.SUCCESSOR),
            (named("deputy"), Standing.SUCCESSOR),
        ]


# --- The flow as it is set ---------------------------------------------------------------------


def test_the_default_flow_is_accepted_and_has_two_stages() -> None:
    steps = flow_rules.default_flow(AGENCY)
    assert flow_rules.check(steps) == steps
    assert [each.stage for each in steps] == [1, 2]


def test_stages_are_counted_without_holes() -> None:
    checked = flow_rules.check(planned([(7, Task.CHECK_FORM), (2, Task.CHECK_CONTENT)]))
    assert [(each.stage, each.task) for each in checked] == [
        (1, Task.CHECK_CONTENT),
        (2, Task.CHECK_FORM),
    ]


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        ([], "từ 2 đến"),
        ([(1, Task.CONSULT), (2, Task.CHECK_FORM)], "chịu trách nhiệm nội dung"),
        ([(1, Task.CHECK_CONTENT), (2, Task.CONSULT)], "chịu trách nhiệm thể thức"),
        ([(1, Task.CHECK_CONTENT), (1, Task.CHECK_FORM)], "trước khi kiểm tra thể thức"),
        (
            [(1, Task.CHECK_CONTENT), (2, Task.CHECK_FORM), (3, Task.CONSULT)],
            "trước khi kiểm tra thể thức",
        ),
    ],
)
def test_a_flow_that_skips_a_duty_is_refused(steps: list[tuple[int, Task]], hint: str) -> None:
    with pytest.raises(FlowUnfit, match=hint):
        flow_rules.check(planned(steps))


def test_the_same_step_twice_and_a_term_out_of_bounds_are_refused() -> None:
    content, form = flow_rules.default_flow(AGENCY)
    with pytest.raises(FlowUnfit, match="giống hệt"):
        flow_rules.check([content, content, form])
    for days in (0, flow_rules.MOST_WORKING_DAYS + 1):
        with pytest.raises(FlowUnfit, match="Thời hạn"):
            flow_rules.check([replace(content, working_days=days), form])


def test_the_flow_of_the_office_goes_before_that_of_the_type_before_the_general_one() -> None:
    general, by_type, by_office, both = (named(each) for each in "abcd")
    rows = [
        (general, None, None),
        (by_type, None, DocumentType.DECISION),
        (by_office, IT, None),
        (both, IT, DocumentType.DECISION),
    ]

    def chosen(count: int, unit: UUID, kind: DocumentType) -> UUID | None:
        return flow_rules.most_fitting(rows[:count], drafting_unit_id=unit, kind=kind)

    assert chosen(0, IT, DocumentType.DECISION) is None
    assert chosen(1, IT, DocumentType.DECISION) == general
    assert chosen(2, IT, DocumentType.DECISION) == by_type
    assert chosen(3, IT, DocumentType.DECISION) == by_office
    assert chosen(4, IT, DocumentType.DECISION) == both
    assert chosen(4, IT, DocumentType.DISPATCH) == by_office
    assert chosen(4, LEGAL, DocumentType.DECISION) == by_type
    assert chosen(4, LEGAL, DocumentType.DISPATCH) == general


@pytest.mark.parametrize("words", ["", "a", "Sửa.", "1234567890123", "   .... ----   "])
def test_a_reason_that_says_nothing_is_refused(words: str) -> None:
    with pytest.raises(TooShort):
        flow_rules.said(words, field="reason", what="Lý do trả lại")


def test_a_reason_is_a_sentence() -> None:
    said = flow_rules.said("  Thiếu căn cứ pháp lý. ", field="reason", what="Lý do trả lại")
    assert said == "Thiếu căn cứ pháp lý."
