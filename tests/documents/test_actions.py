"""Every step is taken by whom the table names, is put on record, and promises what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.documents import actions, queries, types
from eoffice.documents.actions import Content, ContentDiffers, NameTaken, Recipient, SavedByAnother
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books.queries import Wanted
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import comment_actions
from eoffice.documents.form.stamping import Marks
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue.actions import NobodyToSendTo
from eoffice.documents.model import Document, VersionKind
from eoffice.documents.queries import DocumentRead
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State, StepRefused
from eoffice.documents.steps import Frozen
from eoffice.documents.types import DocumentType, Secrecy
from eoffice.errors import Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.documents.cast import LETTER_960


def content(words: str, pages: int = 2) -> Content:
    data = words.encode()
    return Content(Sha256.of(data), len(data), pages)


DRAFT, SIGNED, NUMBERED, SEALED = (content(name) for name in ("draft", "signed", "no", "sealed"))


class Story:
    """A dispatch on its way, with the person who takes each step unless another is named."""

    def __init__(self, session: Session, cast: Cast, at: datetime) -> None:
        self.session, self.cast, self.at = session, cast, at
        self.id = actions.begin(
            session, DocumentType.DISPATCH, LETTER_960, by=cast.specialist, at=at
        )
        actions.choose_recipients(
            session,
            self.id,
            [Recipient(group_code="upper_secondary_schools"), Recipient(unit_id=cast.district.id)],
            by=cast.specialist,
            at=at,
        )

    def submit(self, by: Principal | None = None) -> None:
        flow_actions.submit(
            self.session,
            self.id,
            DRAFT,
            of_revision=self.read().latest.revision,
            by=by or self.cast.specialist,
            at=self.at,
        )

    def approve(self, by: Principal | None = None) -> None:
        flow_actions.approve(self.session, self.id, by=by or self.cast.office_head, at=self.at)

    def pass_form(self, by: Principal | None = None) -> None:
        flow_actions.pass_form(
            self.session, self.id, by=by or self.cast.clerk, at=self.at, warnings=0
        )

    def sign(self, by: Principal | None = None) -> None:
        actions.record_signed(
            self.session,
            self.id,
            SIGNED,
            source=DRAFT.sha256,
            capacity="GIÁM ĐỐC",
            by=by or self.cast.director,
            at=self.at,
        )

    def number(self, by: Principal | None = None) -> None:
        who = by or self.cast.clerk
        actions.take_number(self.session, self.id, by=who, at=self.at)
        actions.record_numbered_page(
            self.session, self.id, NUMBERED, source=SIGNED.sha256, by=who, at=self.at
        )

    def seal(self, by: Principal | None = None) -> None:
        actions.record_sealed(
            self.session,
            self.id,
            SEALED,
            source=NUMBERED.sha256,
            by=by or self.cast.clerk,
            at=self.at,
        )

    def issue(self, by: Principal | None = None) -> None:
        issuing.issue(self.session, self.id, by=by or self.cast.clerk, at=self.at)

    def until(self, last: str) -> Story:
        for step in ("submit", "approve", "pass_form", "sign", "number", "seal", "issue"):
            getattr(self, step)()
            if step == last:
                break
        return self

    def read(self) -> DocumentRead:
        self.session.flush()
        return queries.document(self.session, self.id, who=self.cast.director)


@pytest.fixture
def story(session: Session, cast: Cast, at: datetime) -> Story:
    return Story(session, cast, at)


def on_record(session: Session, document_id: UUID) -> list[str]:
    session.flush()
    return list(
        session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.object_id == document_id)
            .order_by(AuditEvent.id)
        )
    )


def test_the_whole_way_is_on_record_and_ends_issued(story: Story) -> None:
    story.until("issue")

    found = story.read()
    assert found.state is State.ISSUED
    assert found.code == "01/SGDĐT-CNTTTBTV"
    assert found.signer == "Trần Thanh Liêm"
    assert [version.kind for version in found.versions] == [
        VersionKind.DRAFT,
        VersionKind.SIGNED,
        VersionKind.NUMBERED,
        VersionKind.SEALED,
    ]
    assert on_record(story.session, story.id) == [
        "document.begun",
        "document.recipients_chosen",
        "document.submit",
        "document.approve",
        "document.pass_form",
        "document.sign",
        "document.number",
        "document.page_numbered",
        "document.seal",
        "document.issue",
    ]


def test_issuing_promises_a_delivery_to_each_unit_and_the_archive(story: Story) -> None:
    story.until("issue")
    story.session.flush()

    promised = story.session.scalars(select(Promise).order_by(Promise.task)).all()
    cast = story.cast
    units = {str(u.id) for u in (cast.high_school, cast.other_high_school, cast.district)}
    deliveries = [each.payload for each in promised if each.task == "routing.deliver"]
    (together,) = deliveries
    assert set(together["recipient_unit_ids"]) == units
    assert len(together["recipient_unit_ids"]) == 3
    (kept,) = [each.payload for each in promised if each.task == "archive.ingest"]
    assert kept["content_sha256"] == str(SEALED.sha256)
    assert kept["number_notation"] == "01/SGDĐT-CNTTTBTV"


WRONG_HANDS = [
    ("submit", "secondary_office_head"),
    ("submit", "inspector"),
    ("approve", "specialist"),
    ("approve", "secondary_office_head"),
    ("approve", "clerk"),
    ("pass_form", "specialist"),
    ("pass_form", "director"),
    ("sign", "specialist"),
    ("sign", "clerk"),
    ("number", "director"),
    ("number", "specialist"),
    ("seal", "director"),
    ("issue", "director"),
    ("issue", "office_head"),
]
BEFORE = {
    "submit": "",
    "approve": "submit",
    "pass_form": "approve",
    "sign": "pass_form",
    "number": "sign",
    "seal": "number",
    "issue": "seal",
}


@pytest.mark.parametrize(("step", "login"), WRONG_HANDS)
def test_a_step_in_the_wrong_hands_is_refused_and_leaves_no_record(
    story: Story, step: str, login: str
) -> None:
    if BEFORE[step]:
        story.until(BEFORE[step])
    before = story.read()
    recorded = on_record(story.session, story.id)

    with pytest.raises(StepNotYours):
        getattr(story, step)(getattr(story.cast, login))

    assert story.read() == before
    assert on_record(story.session, story.id) == recorded


@pytest.mark.parametrize("step", ["approve", "pass_form", "sign", "number", "issue"])
def test_a_step_out_of_turn_is_refused(story: Story, step: str) -> None:
    with pytest.raises(StepRefused):
        getattr(story, step)()


def test_a_seal_waits_for_the_number_on_the_page(story: Story) -> None:
    story.until("sign")
    actions.take_number(story.session, story.id, by=story.cast.clerk, at=story.at)
    with pytest.raises(ContentDiffers):
        story.seal()


def test_numbering_again_keeps_the_number_and_the_page(story: Story) -> None:
    story.until("number")
    before = story.read()
    story.number()
    assert story.read() == before


def test_an_inspector_writes_no_documents(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        actions.begin(session, DocumentType.DISPATCH, LETTER_960, by=cast.inspector, at=at)


def test_a_submitted_draft_is_frozen(story: Story) -> None:
    story.submit()
    who, at, session = story.cast.specialist, story.at, story.session
    with pytest.raises(Frozen):
        actions.save_draft(session, story.id, LETTER_960, expected_revision=1, by=who, at=at)
    with pytest.raises(Frozen):
        actions.choose_recipients(session, story.id, [], by=who, at=at)
    with pytest.raises(Frozen):
        actions.attach(session, story.id, "a", "b", DRAFT.sha256, 1, by=who, at=at)


def test_a_draft_that_was_saved_since_is_not_submitted_unseen(story: Story) -> None:
    actions.save_draft(
        story.session,
        story.id,
        LETTER_960,
        expected_revision=1,
        by=story.cast.specialist,
        at=story.at,
    )
    with pytest.raises(ContentDiffers):
        flow_actions.submit(
            story.session, story.id, DRAFT, of_revision=1, by=story.cast.specialist, at=story.at
        )


def _save(story: Story, subject: str) -> int:
    return actions.save_draft(
        story.session,
        story.id,
        replace(LETTER_960, subject=subject),
        expected_revision=1,
        by=story.cast.specialist,
        at=story.at,
    )


def test_a_saving_that_says_nothing_of_secrecy_and_circulation_leaves_them(story: Story) -> None:
    marks = Marks(secrecy=Secrecy.CONFIDENTIAL, circulation="Lưu hành nội bộ")
    who, at, session = story.cast.specialist, story.at, story.session
    actions.save_draft(
        session, story.id, LETTER_960, expected_revision=1, marks=marks, by=who, at=at
    )
    before = session.get_one(Document, story.id)
    stamped = (before.secrecy, before.circulation)
    assert stamped == (Secrecy.CONFIDENTIAL, "LƯU HÀNH NỘI BỘ")
    longer = replace(LETTER_960, subject="Trích yếu khác")

    for said in (None, Marks()):
        revision = story.read().latest.revision
        actions.save_draft(
            session,
            story.id,
            replace(longer, subject=f"{longer.subject} {revision}"),
            expected_revision=revision,
            marks=said,
            by=who,
            at=at,
        )
        kept = session.get_one(Document, story.id)
        assert (kept.secrecy, kept.circulation) == stamped


def test_of_two_writers_the_second_is_told(story: Story) -> None:
    assert _save(story, "Của người thứ nhất") == 2
    with pytest.raises(SavedByAnother):
        _save(story, "Của người thứ hai")


def test_a_saving_whose_answer_was_lost_is_sent_again_without_harm(story: Story) -> None:
    assert _save(story, "Một lần") == 2
    assert _save(story, "Một lần") == 2


def test_a_draft_without_subject_is_not_submitted(
    session: Session, cast: Cast, at: datetime
) -> None:
    document_id = actions.begin(
        session, DocumentType.DISPATCH, type(LETTER_960)(), by=cast.specialist, at=at
    )
    with pytest.raises(Invalid):
        flow_actions.submit(session, document_id, DRAFT, of_revision=1, by=cast.specialist, at=at)


def test_a_return_begins_a_new_version_with_the_same_text_and_the_reason(story: Story) -> None:
    story.until("approve")
    flow_actions.send_back(
        story.session, story.id, "Thiếu căn cứ.", by=story.cast.clerk, at=story.at
    )

    found = story.read()
    assert found.state is State.DRAFT
    assert [version.ordinal for version in found.versions] == [1, 2]
    assert found.latest.text == LETTER_960
    assert found.latest.frozen_at is None
    (comment,) = found.comments
    assert (comment.version_ordinal, comment.text, comment.is_return_reason) == (
        1,
        "Thiếu căn cứ.",
        True,
    )


@pytest.mark.parametrize("words", ["", "  ", "x" * (comment_actions.LONGEST_COMMENT + 1)])
def test_a_comment_has_words_but_not_a_book_of_them(story: Story, words: str) -> None:
    with pytest.raises(Invalid):
        comment_actions.comment(story.session, story.id, words, by=story.cast.director, at=story.at)


def test_attachments_have_different_names_and_are_few(story: Story) -> None:
    who, at, session = story.cast.specialist, story.at, story.session

    def attach(name: str) -> None:
        actions.attach(session, story.id, name, "application/pdf", DRAFT.sha256, 5, by=who, at=at)
        session.flush()

    attach("a.pdf")
    with pytest.raises(NameTaken):
        attach("a.pdf")
    for index in range(actions.MOST_ATTACHMENTS - 1):
        attach(f"{index}.pdf")
    with pytest.raises(Invalid):
        attach("one too many.pdf")


def test_a_document_to_nobody_is_not_issued(story: Story) -> None:
    actions.choose_recipients(story.session, story.id, [], by=story.cast.specialist, at=story.at)
    story.until("seal")
    with pytest.raises(NobodyToSendTo):
        story.issue()


def test_the_agency_does_not_send_to_itself_and_to_nobody_twice(story: Story) -> None:
    cast = story.cast
    actions.choose_recipients(
        story.session,
        story.id,
        [
            Recipient(unit_id=cast.department.id),
            Recipient(unit_id=cast.high_school.id),
            Recipient(group_code="upper_secondary_schools"),
        ],
        by=cast.specialist,
        at=story.at,
    )
    story.session.flush()

    preview = queries.recipients_preview(story.session, story.id, who=cast.director, at=story.at)

    assert [unit for unit, _ in preview] == [cast.high_school.id, cast.other_high_school.id]


def test_only_heads_withdraw_and_a_number_that_went_out_is_not_annulled(story: Story) -> None:
    story.until("issue")
    with pytest.raises(StepNotYours):
        issuing.withdraw(story.session, story.id, "Sai.", by=story.cast.clerk, at=story.at)
    with pytest.raises(Invalid):
        issuing.withdraw(story.session, story.id, " ", by=story.cast.director, at=story.at)

    issuing.withdraw(story.session, story.id, "Sai.", by=story.cast.director, at=story.at)

    assert story.read().withdrawn_because == "Sai."
    (line,) = book_queries.lines(story.session, Wanted(year=2018), who=story.cast.clerk)
    assert line.annulled_because is None


def test_each_person_sees_what_waits_for_them(story: Story) -> None:
    def waits_for(who: Principal) -> bool:
        story.session.flush()
        lines = queries.awaiting(story.session, who)
        assert len(lines) == queries.count_awaiting(story.session, who)
        return [line.id for line in lines] == [story.id]

    cast = story.cast
    turns = [
        ("submit", cast.specialist),
        ("approve", cast.office_head),
        ("pass_form", cast.clerk),
        ("sign", cast.director),
        ("number", cast.clerk),
        ("seal", cast.clerk),
        ("issue", cast.clerk),
    ]
    for step, who in turns:
        everybody = [cast.specialist, cast.office_head, cast.clerk, cast.director]
        everybody.append(cast.deputy_director)  # Whom no signature was left to.
        assert [each.full_name for each in everybody if waits_for(each)] == [who.full_name]
        getattr(story, step)()
    assert not any(waits_for(each) for each in cast.everybody)


def test_a_delivery_is_told_what_was_issued(story: Story) -> None:
    story.until("issue")
    story.session.flush()

    told = queries.issued(story.session, story.id)

    assert told.code == types.code(1, "SGDĐT-CNTTTBTV")
    assert told.signer_name == "Trần Thanh Liêm"
    assert told.content_sha256 == str(SEALED.sha256)
