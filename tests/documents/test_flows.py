"""A flow as an agency sets it is what its documents pass: kept with each, stage by stage, with
remarks on places, and the desk of everybody shows exactly what the rules ask of them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, queries
from eoffice.documents.actions import Content
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import comment_actions
from eoffice.documents.flows import queries as flow_queries
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows import setting as flows
from eoffice.documents.flows.comment_actions import AnsweredAlready, Place, PlaceUnfit
from eoffice.documents.flows.rules import Asked, Planned, Standing, StepState, Task, TooShort, Whom
from eoffice.documents.flows.setting import OnlyForHeadAndClerk
from eoffice.documents.model import Document
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.errors import Refusal
from eoffice.objects.sha256 import Sha256
from eoffice.people import appointment_actions, substitution_actions
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.documents.cast import LETTER_960

CONTENT = Content(Sha256.of(b"draft"), 5, 2)


class Story:
    def __init__(self, session: Session, cast: Cast, at: datetime) -> None:
        self.session, self.cast, self.at = session, cast, at
        steps = (
            Planned(1, Task.CHECK_CONTENT, Whom(Asked.DRAFTING_HEAD), 2),
            Planned(
                1,
                Task.CONSULT,
                Whom(
                    Asked.POSITION,
                    position_kind=PositionKind.OFFICE_HEAD,
                    unit_id=cast.secondary_office.id,
                ),
            ),
            Planned(2, Task.CHECK_CONTENT, self.whom(cast.deputy_director)),
            Planned(
                3,
                Task.CHECK_FORM,
                Whom(Asked.POSITION, position_kind=PositionKind.CLERK, unit_id=cast.department.id),
            ),
        )
        self.flow_id = flows.set_flow(
            session,
            steps,
            drafting_unit_id=cast.technology_office.id,
            kind=DocumentType.DISPATCH,
            by=cast.clerk,
            at=at,
        )
        self.id = actions.begin(
            session, DocumentType.DISPATCH, LETTER_960, by=cast.specialist, at=at
        )
        self.submit()

    def whom(self, who: Principal) -> Whom:
        held = people.appointment(self.session, who.appointment_id)
        return Whom(Asked.PERSON, person_id=who.person_id, position_id=held.position_id)

    def submit(self) -> None:
        latest = queries.document(self.session, self.id, who=self.cast.director).latest
        flow_actions.submit(
            self.session,
            self.id,
            CONTENT,
            of_revision=latest.revision,
            by=self.cast.specialist,
            at=self.at,
        )
        self.session.flush()

    def approve(self, by: Principal, words: str = "") -> None:
        flow_actions.approve(self.session, self.id, words=words, by=by, at=self.at)
        self.session.flush()

    def state(self) -> State:
        return self.session.get_one(Document, self.id).state

    def read(self, who: Principal) -> flow_queries.FlowRead:
        document = self.session.get_one(Document, self.id)
        return flow_queries.flow_of(
            self.session,
            self.id,
            agency_id=document.agency_id,
            drafting_unit_id=document.drafting_unit_id,
            who=who,
            at=self.at,
        )

    def waiting_tasks(self) -> list[str]:
        return [f"{each.stage} {each.task_name}" for each in self.read(self.cast.clerk).waiting]

    def assert_desks_say_what_the_rules_say(self) -> None:
        document = self.session.get_one(Document, self.id)
        for who in self.cast.everybody:
            held = people.appointment(self.session, who.appointment_id)
            if not held.is_active(clock.civil_date(self.at)):
                continue  # Nobody acts in a position that they have left.
            mine = [
                answerer.standing
                for _, answerer in flow_actions.my_steps(self.session, document, who, at=self.at)
                if who.agency_id == document.agency_id
            ]
            asked = any(each is not Standing.ABOVE for each in mine)
            listed = self.id in {each.id for each in queries.awaiting(self.session, who)}
            assert listed == asked, (who.full_name, mine, listed)


@pytest.fixture
def story(session: Session, cast: Cast, at: datetime) -> Story:
    return Story(session, cast, at)


def test_two_are_asked_at_once_and_the_next_stage_waits_for_both(story: Story) -> None:
    cast = story.cast
    assert story.waiting_tasks() == ["1 Duyệt nội dung", "1 Cho ý kiến"]
    story.approve(cast.secondary_office_head, "Đồng ý với nội dung về các trường THPT.")
    assert story.state() is State.SUBMITTED
    assert story.waiting_tasks() == ["1 Duyệt nội dung"]
    story.approve(cast.office_head)
    assert story.waiting_tasks() == ["2 Duyệt nội dung"]
    story.approve(cast.deputy_director)
    assert story.state() is State.CHECKING
    flow_actions.pass_form(story.session, story.id, by=cast.clerk, at=story.at, warnings=0)
    assert story.state() is State.AWAITING_SIGNATURE
    steps = [step for stage in story.read(cast.clerk).stages for step in stage]
    assert [each.state for each in steps] == [StepState.AGREED] * 4
    assert steps[1].words == "Đồng ý với nội dung về các trường THPT."


def test_at_every_moment_the_desks_show_whom_the_rules_ask(story: Story) -> None:
    cast = story.cast
    story.assert_desks_say_what_the_rules_say()
    story.approve(cast.secondary_office_head, "Đồng ý với nội dung này.")
    story.assert_desks_say_what_the_rules_say()
    story.approve(cast.office_head)
    story.assert_desks_say_what_the_rules_say()
    story.approve(cast.deputy_director)
    story.assert_desks_say_what_the_rules_say()


def test_who_was_consulted_reads_the_document_and_others_do_not(story: Story) -> None:
    cast = story.cast
    head = cast.secondary_office_head
    assert queries.document(story.session, story.id, who=head).id == story.id
    with pytest.raises(Refusal):
        queries.document(story.session, story.id, who=cast.chief_of_administration)
    story.approve(head, "Đồng ý với nội dung này.")
    assert queries.document(story.session, story.id, who=head).id == story.id


def test_an_opinion_is_a_sentence(story: Story) -> None:
    with pytest.raises(TooShort):
        story.approve(story.cast.secondary_office_head, "ok")


def test_a_head_who_agreed_is_not_asked_again_as_a_person(
    session: Session, cast: Cast, at: datetime, story: Story
) -> None:
    flows.set_flow(
        session,
        (
            Planned(1, Task.CHECK_CONTENT, Whom(Asked.DRAFTING_HEAD)),
            Planned(2, Task.CONSULT, story.whom(cast.office_head)),
            Planned(3, Task.CHECK_FORM, flow_rules.default_flow(cast.department.id)[1].whom),
        ),
        drafting_unit_id=cast.technology_office.id,
        kind=DocumentType.DISPATCH,
        by=cast.director,
        at=at,
    )
    # What was begun keeps its flow …
    assert story.waiting_tasks() == ["1 Duyệt nội dung", "1 Cho ý kiến"]
    other = Story.__new__(Story)
    other.session, other.cast, other.at = session, cast, at
    other.id = actions.begin(session, DocumentType.DISPATCH, LETTER_960, by=cast.specialist, at=at)
    other.submit()
    # … and the new one passes the second stage by itself.
    other.approve(cast.office_head)
    assert other.state() is State.CHECKING
    second = other.read(cast.clerk).stages[1][0]
    assert (second.state, second.ended_by) == (
        StepState.ANSWERED_BEFORE,
        cast.office_head.full_name,
    )


def test_a_return_ends_the_round_and_the_draft_is_its_writers(story: Story) -> None:
    cast = story.cast
    place = Place(page=2, area=(0.1, 0.5, 0.8, 0.05), quote="93,1%")
    with pytest.raises(TooShort):
        flow_actions.send_back(story.session, story.id, "Sửa", by=cast.office_head, at=story.at)
    flow_actions.send_back(
        story.session,
        story.id,
        "Tỉ lệ 40/43 không phải 93,1%.",
        place=place,
        by=cast.secondary_office_head,
        at=story.at,
    )
    story.session.flush()
    found = queries.document(story.session, story.id, who=cast.specialist)
    assert found.state is State.DRAFT
    assert found.latest.created_by == cast.specialist.full_name
    (mark,) = flow_queries.marks(story.session, story.id)
    assert (mark.version_ordinal, mark.page, mark.area, mark.quote) == (
        1,
        2,
        (100, 500, 800, 50),
        "93,1%",
    )
    assert mark.is_open
    states = [step.state for stage in story.read(cast.clerk).stages for step in stage]
    assert states == [
        StepState.DROPPED,
        StepState.RETURNED,
        StepState.DROPPED,
        StepState.DROPPED,
    ]
    comment_actions.answer(
        story.session, story.id, mark.comment_id, "Đã sửa.", by=cast.specialist, at=story.at
    )
    story.session.flush()
    (mark,) = flow_queries.marks(story.session, story.id)
    assert (mark.answer, mark.answered_by) == ("Đã sửa.", cast.specialist.full_name)
    with pytest.raises(AnsweredAlready):
        comment_actions.answer(
            story.session, story.id, mark.comment_id, "", by=cast.specialist, at=story.at
        )
    story.submit()
    assert story.waiting_tasks() == ["1 Duyệt nội dung", "1 Cho ý kiến"]


@pytest.mark.parametrize(
    "place",
    [
        Place(page=3),
        Place(page=0),
        Place(page=1, area=(0.5, 0.5, 0.6, 0.1)),
        Place(page=1, area=(0.1, 0.95, 0.1, 0.1)),
        Place(block=99),
    ],
)
def test_a_remark_points_to_a_place_that_there_is(story: Story, place: Place) -> None:
    with pytest.raises(PlaceUnfit):
        comment_actions.comment(
            story.session, story.id, "Xem lại.", place=place, by=story.cast.office_head, at=story.at
        )


def test_a_substitute_answers_in_place_of_who_is_away(story: Story) -> None:
    cast = story.cast
    substitution_actions.state_absence(
        story.session,
        appointment_id=cast.secondary_office_head.appointment_id,
        substitute_id=cast.deputy_director.person_id,
        first_day=date(2018, 8, 13),
        last_day=date(2018, 8, 17),
        reason="Nghỉ phép",
        by=cast.secondary_office_head,
        at=story.at,
    )
    story.session.flush()
    db.tell_today(story.session, date(2018, 8, 13))
    story.assert_desks_say_what_the_rules_say()
    waiting = story.read(cast.deputy_director)
    assert waiting.mine is not None
    assert waiting.mine.in_place_of == cast.secondary_office_head.full_name
    assert f"(thay {cast.secondary_office_head.full_name})" in waiting.waiting[1].people[1]
    story.approve(cast.deputy_director, "Thống nhất như dự thảo.")
    step = story.read(cast.clerk).stages[0][1]
    assert step.in_place_of == cast.secondary_office_head.full_name
    db.tell_today(story.session, date(2018, 8, 20))


def test_one_who_left_is_followed_by_the_head_of_the_agency(story: Story) -> None:
    cast = story.cast
    appointment_actions.end_appointment(
        story.session,
        cast.secondary_office_head.appointment_id,
        last_day=date(2018, 8, 12),
        by="test",
        at=story.at,
    )
    story.session.flush()
    db.tell_today(story.session, date(2018, 8, 13))
    story.assert_desks_say_what_the_rules_say()
    story.approve(cast.director, "Thống nhất như dự thảo.")


def test_a_term_in_working_days_is_over_when_they_are(story: Story) -> None:
    step = story.read(story.cast.clerk).waiting[0]
    assert (step.due_on, step.days_late) == (date(2018, 8, 15), 0)
    story.at = story.at.replace(day=20)
    assert story.read(story.cast.clerk).waiting[0].days_late == 3


def test_only_head_clerk_and_operator_set_flows(story: Story) -> None:
    cast = story.cast
    for who in (cast.specialist, cast.office_head):
        with pytest.raises(OnlyForHeadAndClerk):
            flows.end_flow(story.session, story.flow_id, by=who, at=story.at)
    for who in (cast.operator, cast.director, cast.clerk):
        flows.end_flow(story.session, story.flow_id, by=who, at=story.at)


def test_the_clerk_does_not_judge_the_form_before_the_content_is_agreed(story: Story) -> None:
    with pytest.raises(Refusal):
        flow_actions.pass_form(
            story.session, story.id, by=story.cast.clerk, at=story.at, warnings=0
        )
    with pytest.raises(StepNotYours):
        story.approve(story.cast.clerk)
