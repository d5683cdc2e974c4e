"""Who sees what in the archive: an agency its own, a superior the registers below it, an inspector
what a running decision names. Both the search and a query without any filter keep to it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.archive import actions, queries
from eoffice.archive.model import ArchiveEntry, Inspection
from eoffice.archive.states import EntryKind, InspectionState
from eoffice.clock import civil_date
from eoffice.errors import Invalid
from eoffice.people.model import UnitSuccession
from eoffice.web.principal import Principal
from tests.archive.shelf import decision, dispatch, gradebook, take_in
from tests.cast import Cast, load_cast
from tests.conftest import web_role


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def today(at: datetime) -> date:
    return civil_date(at)


def found(session: Session, who: Principal | None, words: str, on: date) -> set[UUID]:
    """What the search finds; what the bare table shows is never more than all of it."""
    with web_role(session, who):
        return {line.id for line in queries.search(session, words, on=on, limit=100)}


def shown(session: Session, who: Principal | None, on: date) -> set[UUID]:
    with web_role(session, who):
        queries.school_years(session, on=on)
        return set(session.scalars(select(ArchiveEntry.id)))


def test_a_school_finds_its_own_gradebook_without_diacritics(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    entry = take_in(session, gradebook(cast.school), at)

    assert found(session, cast.school_principal, "so theo doi 7a1", today) == {entry}
    assert found(session, cast.school_clerk, '"theo dõi và đánh giá" -8a2', today) == {entry}
    assert found(session, cast.school_clerk, "so theo doi 8a2", today) == set()


def test_a_document_is_found_by_its_number_and_by_its_words(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    entry = take_in(session, dispatch(cast.department), at, text="Kính gửi các trường")

    for words in ("960/SGDĐT-CNTTTBTV", "960/sgddt", "kinh gui cac truong", "960/SGD"):
        assert found(session, cast.clerk, words, today) == {entry}, words


@pytest.mark.parametrize("words", ["", "   "])
def test_without_words_everything_in_scope_is_found_newest_first(
    session: Session, cast: Cast, at: datetime, today: date, words: str
) -> None:
    older = take_in(session, gradebook(cast.school), at)
    newer = take_in(session, dispatch(cast.school), at + timedelta(hours=1))

    with web_role(session, cast.school_clerk):
        lines = queries.search(session, words, on=today)
        rest = queries.search(session, words, on=today, after=(lines[0].archived_at, lines[0].id))

    assert [line.id for line in lines] == [newer, older]
    assert [line.id for line in rest] == [older]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "a & | ! ("])
def test_signs_that_mean_something_to_databases_are_only_signs(
    session: Session, cast: Cast, at: datetime, today: date, words: str
) -> None:
    take_in(session, gradebook(cast.school), at)

    assert found(session, cast.school_clerk, words, today) == set()


def test_another_school_finds_nothing_of_it(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)
    take_in(session, dispatch(cast.school), at)

    for who in (cast.high_school_principal, cast.other_district_head, cast.other_district_clerk):
        assert found(session, who, "so theo doi 7a1", today) == set()
        assert shown(session, who, today) == set()


def test_nobody_signed_in_sees_nothing(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)

    assert found(session, None, "", today) == shown(session, None, today) == set()


def test_the_agencies_above_see_registers_and_not_the_documents_of_a_school(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    register = take_in(session, gradebook(cast.school), at)
    take_in(session, dispatch(cast.school), at)

    for who in (cast.district_head, cast.director, cast.specialist):
        assert found(session, who, "", today) == shown(session, who, today) == {register}


def test_a_school_does_not_see_what_its_department_archived(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, dispatch(cast.department), at)

    assert found(session, cast.school_principal, "960", today) == set()
    assert shown(session, cast.school_principal, today) == set()


def test_the_successor_sees_all_records_of_a_unit_that_ended(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    entries = {
        take_in(session, gradebook(cast.school), at),
        take_in(session, dispatch(cast.school), at),
    }
    session.add(
        UnitSuccession(predecessor_id=cast.school.id, successor_id=cast.high_school.id, since=today)
    )
    session.flush()

    who = cast.high_school_principal
    assert found(session, who, "", today) == shown(session, who, today) == entries


def test_an_inspector_without_a_decision_finds_nothing(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)
    take_in(session, dispatch(cast.department), at)

    assert found(session, cast.inspector, "", today) == set()
    assert shown(session, cast.inspector, today) == set()


def test_an_inspector_finds_exactly_what_the_decision_names(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    named = take_in(session, gradebook(cast.school), at)
    take_in(session, dispatch(cast.school), at)
    take_in(session, gradebook(cast.high_school), at)
    take_in(session, dispatch(cast.department), at)
    take_in(session, gradebook(cast.school, school_year="2023-2024"), at)

    with web_role(session, cast.director):
        actions.decide(
            session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
        )
        session.flush()

    assert found(session, cast.inspector, "so theo doi 7a1", today) == {named}
    assert found(session, cast.inspector, "", today) == {named}
    assert shown(session, cast.inspector, today) == {named}


def test_the_door_is_open_from_the_first_day_to_the_last(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    named = take_in(session, gradebook(cast.school), at)
    asked = decision(
        cast.inspector,
        cast.school,
        on=today,
        valid_from=today + timedelta(days=1),
        valid_to=today + timedelta(days=3),
    )
    actions.decide(session, asked, by=cast.director, at=at)

    by_day = {
        days: found(session, cast.inspector, "", today + timedelta(days=days)) for days in range(5)
    }

    assert by_day == {0: set(), 1: {named}, 2: {named}, 3: {named}, 4: set()}


def test_where_nobody_said_which_day_it_is_no_inspection_runs(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)
    actions.decide(
        session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
    )

    session.execute(text("select set_config('app.today', '', true)"))
    with web_role(session, cast.inspector):
        assert list(session.scalars(select(ArchiveEntry.id))) == []


def test_an_inspection_that_was_ended_closes_at_once(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)
    made = actions.decide(
        session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
    )

    with web_role(session, cast.director):
        actions.end(session, made, by=cast.director, at=at)
        session.flush()

    assert found(session, cast.inspector, "", today) == set()


def test_an_inspector_keeps_to_the_decision_when_its_scope_is_amended(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    take_in(session, gradebook(cast.school), at)
    other = take_in(session, gradebook(cast.high_school), at)
    made = actions.decide(
        session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
    )

    with web_role(session, cast.director):
        changed = decision(cast.inspector, cast.high_school, on=today)
        actions.amend(session, made, changed, by=cast.director, at=at)
        session.flush()

    assert found(session, cast.inspector, "", today) == {other}


def test_a_decision_about_a_successor_covers_what_it_took_over(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    taken_over = take_in(session, gradebook(cast.school), at)
    session.add(
        UnitSuccession(predecessor_id=cast.school.id, successor_id=cast.high_school.id, since=today)
    )
    actions.decide(
        session, decision(cast.inspector, cast.high_school, on=today), by=cast.director, at=at
    )

    assert found(session, cast.inspector, "", today) == {taken_over}


def test_an_entry_outside_of_the_scope_is_unknown(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    hidden = take_in(session, gradebook(cast.school), at)

    with web_role(session, cast.inspector), pytest.raises(queries.EntryUnknown):
        queries.entry(session, hidden, on=today)


def test_decisions_are_seen_by_who_decided_and_by_the_inspector_they_name(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    actions.decide(
        session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
    )

    with web_role(session, cast.inspector):
        mine = queries.inspections_of(session, cast.inspector.person_id, on=today)
    with web_role(session, cast.school_principal):
        theirs = list(session.scalars(select(Inspection.id)))

    assert [(one.state, one.unit_names) for one in mine] == [
        (InspectionState.RUNNING, (cast.school.name,))
    ]
    assert theirs == []


@pytest.mark.parametrize("who", ["clerk", "specialist", "inspector", "school_clerk"])
def test_only_heads_and_operators_decide(
    session: Session, cast: Cast, at: datetime, today: date, who: str
) -> None:
    with pytest.raises(actions.MayNotDecide):
        actions.decide(
            session,
            decision(cast.inspector, cast.school, on=today),
            by=getattr(cast, who),
            at=at,
        )


def test_an_agency_cannot_open_the_archive_of_others(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    asked = decision(cast.inspector, cast.department, cast.school, on=today)

    with pytest.raises(Invalid) as refused:
        actions.decide(session, asked, by=cast.school_principal, at=at)

    assert {"unit_ids", "inspector_id"} <= refused.value.fields.keys()


def test_every_fault_of_a_decision_is_named_at_once(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    asked = decision(
        cast.clerk,
        on=today,
        decision_number=" ",
        title="",
        kinds=(),
        school_years=("2024-2026",),
        valid_from=today,
        valid_to=today - timedelta(days=1),
    )

    with pytest.raises(Invalid) as refused:
        actions.decide(session, asked, by=cast.director, at=at)

    assert set(refused.value.fields) == {
        "decision_number",
        "title",
        "kinds",
        "school_years",
        "valid_to",
        "unit_ids",
        "inspector_id",
    }


def test_a_decision_is_entered_once(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    asked = decision(cast.inspector, cast.school, on=today)
    actions.decide(session, asked, by=cast.director, at=at)

    with pytest.raises(actions.DecisionOnRecord):
        actions.decide(session, asked, by=cast.operator, at=at)


def test_what_is_over_is_not_amended(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    asked = decision(cast.inspector, cast.school, on=today)
    made = actions.decide(session, asked, by=cast.director, at=at)

    with pytest.raises(actions.InspectionOver):
        actions.amend(session, made, asked, by=cast.director, at=at + timedelta(days=30))


def test_another_agency_does_not_end_it(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    made = actions.decide(
        session, decision(cast.inspector, cast.school, on=today), by=cast.director, at=at
    )

    with pytest.raises(actions.InspectionUnknown):
        actions.end(session, made, by=cast.school_principal, at=at)


@pytest.mark.parametrize(
    "statement",
    [
        "update archive_entries set title = 'khác'",
        "delete from archive_entries",
        "delete from inspections",
    ],
)
def test_the_web_process_changes_nothing_in_the_archive(
    session: Session, cast: Cast, at: datetime, statement: str
) -> None:
    take_in(session, gradebook(cast.school), at)

    with (
        web_role(session, cast.school_principal),
        pytest.raises(ProgrammingError, match="permission denied"),
        session.begin_nested(),
    ):
        session.execute(text(statement))


def test_a_search_is_narrowed_by_kind_year_and_agency(
    session: Session, cast: Cast, at: datetime, today: date
) -> None:
    register = take_in(session, gradebook(cast.school), at)
    document = take_in(session, dispatch(cast.school), at)
    who = cast.school_clerk

    def narrowed(**by: object) -> set[UUID]:
        with web_role(session, who):
            lines = queries.search(
                session,
                "",
                on=today,
                narrowed=queries.Narrowed(**by),  # type: ignore[arg-type]
            )
        return {line.id for line in lines}

    assert narrowed(kinds=(EntryKind.GRADEBOOK,)) == {register}
    assert narrowed(school_years=("2018-2019",)) == {document}
    assert narrowed(agency_ids=(cast.high_school.id,)) == set()
