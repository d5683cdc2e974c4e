"""A query without any filter shows nothing of another agency: row-level security stands behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice.documents import actions, model, steps
from eoffice.documents.actions import Recipient
from eoffice.documents.flows import comment_actions
from eoffice.objects.sha256 import Sha256
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.documents.test_actions import Story

TABLES: list[Any] = [
    model.Document,
    model.DocumentVersion,
    model.DocumentComment,
    model.DocumentRecipient,
    model.Attachment,
    model.Issuance,
    model.IssuanceRecipient,
    model.Book,
    model.BookEntry,
]


@pytest.fixture
def story(session: Session, cast: Cast, at: datetime) -> Story:
    """A document with a row in every table."""
    made = Story(session, cast, at)
    comment_actions.comment(session, made.id, "Xem lại.", by=cast.office_head, at=at)
    sha256 = Sha256.of(b"x")
    actions.attach(
        session, made.id, "a.pdf", "application/pdf", sha256, 1, by=cast.specialist, at=at
    )
    return made.until("issue")


def rows(session: Session, table: Any, who: Principal | None) -> int:
    with web_role(session, who):
        return len(session.execute(select(table)).all())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_only_the_agency_sees_its_rows(story: Story, table: Any) -> None:
    cast = story.cast
    assert rows(story.session, table, cast.clerk) > 0
    for stranger in (cast.district_clerk, cast.high_school_principal, cast.school_clerk):
        assert rows(story.session, table, stranger) == 0


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_a_transaction_on_behalf_of_nobody_sees_nothing(story: Story, table: Any) -> None:
    assert rows(story.session, table, None) == 0


def test_a_row_cannot_be_written_in_the_name_of_another_agency(story: Story, at: datetime) -> None:
    session, cast = story.session, story.cast
    with web_role(session, cast.district_clerk):
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            session.execute(
                text(
                    "insert into document_comments (id, document_id, agency_id, version_ordinal,"
                    " text, is_return_reason, written_by, written_at) values (gen_random_uuid(),"
                    " :document, :agency, 1, 'x', false, :person, :at)"
                ),
                {
                    "document": story.id,
                    "agency": cast.department.id,
                    "person": cast.district_clerk.person_id,
                    "at": at,
                },
            )


@pytest.mark.parametrize(
    "statement",
    [
        "delete from documents",
        "delete from document_versions",
        "delete from document_comments",
        "delete from issuances",
        "delete from book_entries",
        "update issuances set content_sha256 = 'x'",
        "update document_comments set text = 'x'",
    ],
)
def test_what_is_on_record_cannot_be_taken_back_by_the_web_process(
    story: Story, statement: str
) -> None:
    session = story.session
    with web_role(session, story.cast.clerk):
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


def test_another_agency_neither_numbers_nor_changes_the_document(
    story: Story, at: datetime
) -> None:
    session, stranger = story.session, story.cast.district_clerk
    with web_role(session, stranger), pytest.raises(steps.NoDocument):
        actions.choose_recipients(session, story.id, [Recipient()], by=stranger, at=at)
