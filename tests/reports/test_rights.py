"""Row-level security of report books: the school its own, whoever stands above reads and decides,
the school to which the pupil went reads what was closed; nobody else sees that there is anything.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice.classes import movement_actions
from eoffice.classes.model import Pupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.registers.model import Gradebook
from eoffice.reports import part_queries, withdrawal_actions
from eoffice.reports.model import ReportPart, ReportPartSignature, ReportRule
from eoffice.reports.states import PartState
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.reports import report_stage as reports


@pytest.fixture
def parts(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> list[ReportPart]:
    """Three closed parts."""
    found = reports.closed(session, class_id, cast, at)
    session.flush()
    return found


def seen_by(session: Session, who: Principal) -> tuple[int, int]:
    """How many parts and signature places this person's unit sees."""
    with web_role(session, who):
        return (
            session.scalar(select(func.count()).select_from(ReportPart)) or 0,
            session.scalar(select(func.count()).select_from(ReportPartSignature)) or 0,
        )


def moved_to(session: Session, cast: Cast, part: ReportPart) -> Pupil:
    """The same pupil in the list of another school; its clerk says so by the identity."""
    earlier = session.get_one(Pupil, part.pupil_id)
    pupil = Pupil(
        **{
            column.name: getattr(earlier, column.name)
            for column in Pupil.__table__.columns
            if column.name not in {"id", "school_id"}
        },
        id=new_id(),
        school_id=cast.high_school.id,
    )
    session.add(pupil)
    session.flush()
    return pupil


def test_the_school_and_its_superiors_see_it_and_nobody_else(
    session: Session, cast: Cast, parts: list[ReportPart]
) -> None:
    for who in (cast.school_clerk, cast.district_head, cast.specialist):
        assert seen_by(session, who) == (3, 9)
    for who in (cast.high_school_principal, cast.other_district_head):
        assert seen_by(session, who) == (0, 0)


def test_the_next_school_reads_once_the_earlier_one_has_recorded_that_the_pupil_went(
    session: Session, cast: Cast, parts: list[ReportPart], at: datetime
) -> None:
    pupil = moved_to(session, cast, parts[0])
    who = cast.high_school_principal
    assert seen_by(session, who) == (0, 0)

    movement_actions.record(
        session,
        parts[0].pupil_id,
        NewMovement(
            MovementKind.OUT,
            at.date(),
            "Chuyển theo gia đình",
            "Giấy giới thiệu số 12",
            cast.high_school.name,
        ),
        by=cast.school_clerk,
        at=at,
    )

    assert seen_by(session, who) == (1, 3)
    with web_role(session, who):
        view = part_queries.part(session, parts[0].id, who, today=at.date())
        assert [each.signed_at for each in view.signatures] == [at, at, at]
        assert not any((view.may_return, view.may_replace, view.may_request_withdrawal))
        assert view.line.school == cast.school.name
        found = part_queries.book(session, pupil.id, who, today=at.date())
        assert [each.id for each in found.parts] == [parts[0].id]
    with web_role(session, cast.high_school_teacher):
        with pytest.raises(part_queries.NotYourPart):
            part_queries.part(session, parts[0].id, cast.high_school_teacher, today=at.date())
    # Only the school that issued it changes it.
    with web_role(session, who):
        changed = session.execute(
            update(ReportPart).where(ReportPart.id == parts[0].id).values(state=PartState.CLOSED)
        )
        assert changed.rowcount == 0  # type: ignore[attr-defined]


def test_the_superior_unit_decides_a_request_and_changes_nothing_else(
    session: Session, cast: Cast, parts: list[ReportPart], at: datetime
) -> None:
    with web_role(session, cast.school_principal):
        asked = withdrawal_actions.request(
            session, parts[0].id, reports.REASON, None, by=cast.school_principal, at=at
        )
        session.flush()
    with web_role(session, cast.other_district_head), pytest.raises(NotFound):
        withdrawal_actions.decide(
            session,
            asked,
            is_granted=True,
            reason="Đồng ý cho thu hồi.",
            by=cast.other_district_head,
            at=at,
        )
    with web_role(session, cast.district_head):
        withdrawal_actions.decide(
            session,
            asked,
            is_granted=True,
            reason="Đồng ý cho thu hồi.",
            by=cast.district_head,
            at=at,
        )
        session.flush()
        untouched = session.execute(
            update(ReportPart).where(ReportPart.id == parts[1].id).values(returned_because="khác")
        )
        assert untouched.rowcount == 0  # type: ignore[attr-defined]
    states = {part.id: part.state for part in session.scalars(select(ReportPart))}
    assert states[parts[0].id] is PartState.WITHDRAWAL_GRANTED
    assert states[parts[1].id] is PartState.CLOSED


def test_a_superior_cannot_put_a_request_into_another_state_than_its_decision(
    session: Session, cast: Cast, parts: list[ReportPart], at: datetime
) -> None:
    withdrawal_actions.request(
        session, parts[0].id, reports.REASON, None, by=cast.school_principal, at=at
    )
    session.flush()
    with web_role(session, cast.district_head):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(
                update(ReportPart)
                .where(ReportPart.id == parts[0].id)
                .values(state=PartState.SEALED)
            )


def test_what_the_department_sets_no_school_changes(
    session: Session, cast: Cast, parts: list[ReportPart]
) -> None:
    for who in (cast.school_principal, cast.district_head):
        with web_role(session, who):
            changed = session.execute(update(ReportRule).values(replaced_at=func.now()))
            assert changed.rowcount == 0  # type: ignore[attr-defined]


def test_the_archive_shows_report_books_to_whoever_sees_registers(session: Session) -> None:
    """The policy and the search, which goes by the same rule with the owner's rights."""
    policy = session.scalar(
        text("select qual from pg_policies where tablename = 'archive_entries'")
    )
    search = session.scalar(text("select pg_get_functiondef('archive_search'::regproc)"))

    assert "report_book" in (policy or "")
    assert (search or "").count("kind in ('gradebook', 'report_book')") == 2
