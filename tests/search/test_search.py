"""Everything is found by its words, numbers and fields, and by nobody whose lists do not show it.

Outgoing documents by the rule of documents, deliveries by that of routing, case files by that of
filing; the index itself is out of reach of the web process.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.documents import actions as documents
from eoffice.documents import queries as document_queries
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.filing import case_actions
from eoffice.filing.case_model import CaseFile
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.routing import actions as routing
from eoffice.routing import delivery_queries
from eoffice.search import actions, queries, result_lines, rules
from eoffice.search.rules import Fields, Kind, Order
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import AT, web_role
from tests.routing import stage

ANY = Fields()
INDEXED = (Kind.OUTGOING, Kind.INCOMING, Kind.CASE_FILE)


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, AT)


def find(
    session: Session, who: Principal, typed: str, kind: Kind, fields: Fields = ANY
) -> tuple[UUID, ...]:
    with web_role(session, who):
        asked = rules.parse(typed, fields)
        return queries.found(session, asked, kind, who=who, most=100).ids


@pytest.fixture
def dispatch(session: Session, cast: Cast) -> UUID:
    return stage.issued_by_the_department(session, cast, [cast.high_school], at=AT)


@pytest.fixture
def draft(session: Session, cast: Cast) -> UUID:
    return documents.begin(
        session,
        DocumentType.PLAN,
        DispatchText(
            subject="Bồi dưỡng thường xuyên",
            paragraphs=("Mở lớp tập huấn về **chuyển đổi số** tại Tháp Mười.",),
        ),
        by=cast.specialist,
        at=AT,
    )


@pytest.mark.parametrize(
    "typed",
    [
        "vnedu",
        "VNEDU phổ thông",
        "chuong trinh vnedu",
        '"chương trình Vnedu"',
        '"chuong trinh vnedu"',
        "960/sgddt",
        "0960/SGDĐT",
        "960",
        "công văn 960",
        "SGDĐT-CNTTTBTV",
        "Trần Thanh Liêm",
        "phu-luc.xlsx",
        "vnedu -thưởng",
        'ký:"Thanh Liêm"',
        "gửi:cntttbtv gửi:thiết",
        "vnedu từ:13/08/2018 đến:13/08/2018",
    ],
)
def test_a_document_is_found_by_every_field(
    session: Session, cast: Cast, dispatch: UUID, typed: str
) -> None:
    assert find(session, cast.clerk, typed, Kind.OUTGOING) == (dispatch,)


@pytest.mark.parametrize(
    "typed",
    [
        "vnpt",
        '"vnedu chương trình"',
        "96/sgddt",
        "960/thptsh",
        "vnedu -trường",
        "ký:Phụng",
        "gửi:vnedu",
        "vnedu từ:14/08/2018",
        "vnedu đến:12/08/2018",
    ],
)
def test_what_does_not_match_is_not_found(
    session: Session, cast: Cast, dispatch: UUID, typed: str
) -> None:
    assert find(session, cast.clerk, typed, Kind.OUTGOING) == ()


@pytest.mark.parametrize(
    ("matching", "other"),
    [
        (Fields(type="dispatch"), Fields(type="plan")),
        (Fields(urgency="urgent"), Fields(urgency="ordinary")),
        (Fields(state="issued"), Fields(state="draft")),
    ],
)
def test_fields_narrow_the_result(
    session: Session, cast: Cast, dispatch: UUID, matching: Fields, other: Fields
) -> None:
    assert find(session, cast.clerk, "", Kind.OUTGOING, matching) == (dispatch,)
    assert find(session, cast.clerk, "", Kind.OUTGOING, other) == ()


def test_the_drafting_unit_narrows_the_result(session: Session, cast: Cast, dispatch: UUID) -> None:
    ours = Fields(unit_id=cast.technology_office.id)
    theirs = Fields(unit_id=cast.secondary_office.id)
    assert find(session, cast.clerk, "vnedu", Kind.OUTGOING, ours) == (dispatch,)
    assert find(session, cast.clerk, "vnedu", Kind.OUTGOING, theirs) == ()


def test_a_draft_is_found_by_the_words_of_its_body_as_they_are_now(
    session: Session, cast: Cast, draft: UUID
) -> None:
    assert find(session, cast.specialist, '"chuyen doi so"', Kind.OUTGOING) == (draft,)
    session.execute(
        text(
            "update document_versions set text = jsonb_set(text, '{paragraphs}',"
            " '[\"Nói về sách\"]') where document_id = :id"
        ),
        {"id": draft},
    )
    assert find(session, cast.specialist, '"chuyển đổi số"', Kind.OUTGOING) == ()
    assert find(session, cast.specialist, "nói sách", Kind.OUTGOING) == (draft,)


def test_nobody_finds_an_outgoing_document_that_their_lists_do_not_show(
    session: Session, cast: Cast, dispatch: UUID, draft: UUID
) -> None:
    for who in cast.everybody:
        with web_role(session, who):
            listed = {each.id for each in document_queries.listing(session, who=who)}
        found = {*find(session, who, "vnedu", Kind.OUTGOING)}
        found |= {*find(session, who, '"chuyển đổi số"', Kind.OUTGOING)}
        assert found == listed & {dispatch, draft}, who.full_name


def test_nobody_finds_a_delivery_that_their_lists_do_not_show(
    session: Session, cast: Cast, dispatch: UUID
) -> None:
    delivery = stage.delivered(session, dispatch, cast.high_school, at=AT)
    finders = set()
    for who in cast.everybody:
        with web_role(session, who):
            listed = {each.id for each in delivery_queries.deliveries(session, who=who, limit=9)}
        found = {*find(session, who, "vnedu", Kind.INCOMING)}
        assert found == listed, who.full_name
        if delivery in found:
            finders.add(who.agency_id)
    assert finders == {cast.high_school.id}


def test_a_delivery_is_found_by_its_content_only_after_it_was_opened(
    session: Session, cast: Cast
) -> None:
    dispatch = documents.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(subject="Mời họp", paragraphs=("Bàn về chuyển đổi số.",)),
        by=cast.specialist,
        at=AT,
    )
    stage.issue(
        session,
        dispatch,
        [cast.high_school.id],
        number=7,
        notation="SGDĐT-CNTTTBTV",
        signer=cast.director,
        at=AT,
    )
    delivery = stage.delivered(session, dispatch, cast.high_school, at=AT)
    clerk = cast.high_school_clerk
    assert find(session, clerk, "7/sgddt", Kind.INCOMING) == (delivery,)
    assert find(session, clerk, "gửi:dong gửi:sở", Kind.INCOMING) == (delivery,)
    assert find(session, clerk, '"chuyển đổi số"', Kind.INCOMING) == ()
    routing.open_delivery(session, delivery, by=clerk, at=AT + timedelta(minutes=1))
    assert find(session, clerk, '"chuyển đổi số"', Kind.INCOMING) == (delivery,)
    session.execute(text("update deliveries set state = 'recalled' where id = :i"), {"i": delivery})
    assert find(session, clerk, '"chuyển đổi số"', Kind.INCOMING) == ()
    assert find(session, clerk, "7/sgddt", Kind.INCOMING) == (delivery,)


def test_a_restricted_case_file_is_found_by_those_who_may_open_it(
    session: Session, cast: Cast
) -> None:
    case = case_actions.plan(
        session,
        Heading(notation="01.CNTT", title="Hồ sơ VNEDU", maintenance="10 năm"),
        year=2018,
        by=cast.specialist,
        at=AT,
    )

    def finders() -> set[str]:
        return {
            who.full_name
            for who in cast.everybody
            if case in find(session, who, '"ho so vnedu"', Kind.CASE_FILE)
        }

    everybody = finders()
    assert cast.office_head.full_name in everybody
    assert cast.high_school_principal.full_name not in everybody
    session.get_one(CaseFile, case).is_restricted = True
    session.flush()
    assert finders() == {
        cast.specialist.full_name,
        cast.clerk.full_name,
        cast.director.full_name,
        cast.deputy_director.full_name,
    }


def test_portions_go_on_behind_the_last_line_and_lose_nothing(session: Session, cast: Cast) -> None:
    made = [
        stage.issued_by_the_department(session, cast, [cast.high_school], at=AT, number=number)
        for number in range(1, 8)
    ]
    asked = rules.parse("vnedu")
    seen: list[UUID] = []
    with web_role(session, cast.clerk):
        after = None
        for _ in range(4):
            found = queries.found(
                session, asked, Kind.OUTGOING, who=cast.clerk, most=2, after=after
            )
            seen += found.ids
            after = (found.places[-1], found.ids[-1])
        assert not found.is_more
        lines = result_lines.lines(session, Kind.OUTGOING, seen)
    assert len(seen) == 7
    assert set(seen) == set(made)
    assert [line.id for line in lines] == seen


def test_the_index_itself_is_out_of_reach(session: Session, cast: Cast, dispatch: UUID) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        web_role(session, cast.clerk),
        session.begin_nested(),
    ):
        session.execute(text("select count(*) from search_entries"))


@pytest.mark.parametrize(
    "typed",
    ["'", "\\", "a & b | !c", '"', "(", ":*", "%", "x:A", "-", "gửi:'", "ký:\\'", "🙂", "a'b:c"],
)
def test_no_sign_breaks_a_search(session: Session, cast: Cast, dispatch: UUID, typed: str) -> None:
    for kind in INDEXED:
        find(session, cast.clerk, typed, kind)


def test_saved_searches_are_their_persons_own(session: Session, cast: Cast) -> None:
    with web_role(session, cast.clerk):
        actions.save(session, " Vnedu  2018 ", "q=vnedu", by=cast.clerk, at=AT)
        saved_id = actions.save(session, "Vnedu 2018", "q=vnedu+2018", by=cast.clerk, at=AT)
        assert [(each.name, each.query) for each in queries.saved(session, who=cast.clerk)] == [
            ("Vnedu 2018", "q=vnedu+2018")
        ]
    with web_role(session, cast.director):
        assert queries.saved(session, who=cast.director) == ()
        assert session.execute(text("select count(*) from saved_searches")).scalar_one() == 0
        with pytest.raises(actions.SavedUnknown):
            actions.forget(session, saved_id, by=cast.director, at=AT)
    with web_role(session, cast.clerk):
        actions.forget(session, saved_id, by=cast.clerk, at=AT)
        assert queries.saved(session, who=cast.clerk) == ()


@pytest.mark.parametrize(("name", "query"), [("", "q=x"), ("n" * 101, "q=x"), ("tên", "")])
def test_a_search_without_a_name_or_words_is_not_saved(
    session: Session, cast: Cast, name: str, query: str
) -> None:
    with pytest.raises(actions.SavedWrong):
        actions.save(session, name, query, by=cast.clerk, at=AT)


def test_an_outgoing_document_is_found_by_its_recipients_pages_language_and_deadline(
    session: Session, cast: Cast, dispatch: UUID
) -> None:
    session.execute(
        text("update documents set due_on = '2018-08-31' where id = :id"), {"id": dispatch}
    )
    pages = session.execute(
        text(
            "select page_count from document_versions"
            " where document_id = :id and page_count is not null order by ordinal desc limit 1"
        ),
        {"id": dispatch},
    ).scalar_one()
    name = cast.high_school.name
    for fields in (
        Fields(recipient=name),
        Fields(recipient=name.upper()),
        Fields(language="tieng viet"),
        Fields(due_to=date(2018, 8, 31)),
        Fields(due_from=date(2018, 8, 31), due_to=date(2018, 9, 1)),
        Fields(pages_from=pages, pages_to=pages),
        Fields(pages_to=pages, recipient=name, type="dispatch"),
    ):
        assert find(session, cast.clerk, "", Kind.OUTGOING, fields) == (dispatch,), fields
        assert find(session, cast.clerk, "vnedu", Kind.OUTGOING, fields) == (dispatch,), fields
    for fields in (
        Fields(recipient=cast.technology_office.name),
        Fields(language="Anh"),
        Fields(due_to=date(2018, 8, 30)),
        Fields(due_from=date(2018, 9, 1)),
        Fields(pages_from=pages + 1),
        Fields(pages_to=pages - 1),
    ):
        assert find(session, cast.clerk, "", Kind.OUTGOING, fields) == (), fields


def test_no_word_of_a_text_is_taken_for_a_mark(
    session: Session, cast: Cast, dispatch: UUID
) -> None:
    subject = {"id": dispatch, "s": "type=plan to=lap state=draft lang=anh 'to=vo'"}
    session.execute(text("update documents set subject = :s where id = :id"), subject)
    for fields in (Fields(recipient="lap"), Fields(language="anh"), Fields(type="plan")):
        assert find(session, cast.clerk, "", Kind.OUTGOING, fields) == ()
    assert find(session, cast.clerk, "to=lap", Kind.OUTGOING) == (dispatch,)


def test_a_deadline_that_moves_is_found_where_it_moved_to(session: Session, cast: Cast) -> None:
    dispatch = stage.issued_by_the_department(session, cast, [cast.high_school], at=AT)
    delivery = stage.delivered(session, dispatch, cast.high_school, at=AT)
    arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=AT)
    for day in (date(2018, 8, 20), date(2018, 8, 27)):
        session.execute(
            text("update arrivals set due_on = :day where id = :id"), {"day": day, "id": arrival}
        )
        on_the_day = Fields(due_from=day, due_to=day)
        clerk = cast.high_school_clerk
        assert find(session, clerk, "", Kind.INCOMING, on_the_day) == (delivery,)
    assert find(session, clerk, "", Kind.INCOMING, Fields(due_to=date(2018, 8, 20))) == ()


def test_documents_of_a_case_file_are_found_by_those_who_may_open_it(
    session: Session, cast: Cast, dispatch: UUID
) -> None:
    case = case_actions.plan(
        session,
        Heading(notation="01.CNTT", title="Hồ sơ triển khai", maintenance="10 năm"),
        year=2018,
        by=cast.specialist,
        at=AT,
    )
    case_actions.file_record(
        session, case, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=AT
    )
    inside = Fields(case_file="01.cntt")
    assert find(session, cast.office_head, "", Kind.OUTGOING, inside) == (dispatch,)
    assert find(session, cast.office_head, "", Kind.OUTGOING, Fields(case_file="02")) == ()
    assert find(session, cast.office_head, "", Kind.INCOMING, inside) == ()
    session.get_one(CaseFile, case).is_restricted = True
    session.flush()
    assert find(session, cast.office_head, "", Kind.OUTGOING, inside) == ()
    assert find(session, cast.specialist, "", Kind.OUTGOING, inside) == (dispatch,)


def test_what_has_no_number_or_deadline_stands_last(
    session: Session, cast: Cast, draft: UUID
) -> None:
    made = [
        stage.issued_by_the_department(session, cast, [cast.high_school], at=AT, number=number)
        for number in (9, 10, 2)
    ]
    for document_id, day in zip(made, (27, 20, 24), strict=True):
        session.execute(
            text("update documents set due_on = :day where id = :id"),
            {"day": date(2018, 8, day), "id": document_id},
        )
    orders = {
        Order.NUMBER: [made[2], made[0], made[1], draft],
        Order.DEADLINE: [made[1], made[2], made[0], draft],
    }
    asked = rules.parse("", Fields(sender="thiết"))
    for order, expected in orders.items():
        seen: list[UUID] = []
        after = None
        with web_role(session, cast.specialist):
            for _ in expected:
                found = queries.found(
                    session,
                    asked,
                    Kind.OUTGOING,
                    who=cast.specialist,
                    most=1,
                    order=order,
                    after=after,
                )
                seen += found.ids
                after = (found.places[-1], found.ids[-1])
        assert seen == expected, order
        assert not found.is_more
