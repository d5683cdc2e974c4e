"""What belongs to a document stands in the order of time, as far as one may see it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.documents import actions as documents
from eoffice.documents.drafts.quoting import Source
from eoffice.documents.drafts.quoting_model import DocumentCitation, LegalText
from eoffice.documents.form.text import DispatchText
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.model import CopyMedium, DocumentCopy
from eoffice.documents.recipients.model import Correction
from eoffice.documents.types import DocumentType
from eoffice.filing import case_actions
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.reading import thread
from eoffice.reading.bonds import Direction
from eoffice.routing.model import Answer, Arrival
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.routing import stage


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def dispatch(session: Session, cast: Cast, at: datetime) -> UUID:
    """Dispatch 960 of the Sở to the THPT Sen Hồng."""
    return stage.issued_by_the_department(session, cast, [cast.high_school], at=at)


@pytest.fixture
def arrival(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    delivery = stage.delivered(session, dispatch, cast.high_school, at=at)
    return stage.registered(session, delivery, by=cast.high_school_clerk, at=at)


@pytest.fixture
def delivery(session: Session, arrival: UUID) -> UUID:
    return session.get_one(Arrival, arrival).delivery_id


@pytest.fixture
def answer(session: Session, cast: Cast, arrival: UUID, at: datetime) -> UUID:
    """The school's answer, number 12, issued a day later."""
    later = at + timedelta(days=1)
    document = own(session, cast.high_school_clerk, "trả lời việc sử dụng Vnedu", later)
    session.add(
        Answer(
            document_id=document,
            arrival_id=arrival,
            agency_id=cast.high_school.id,
            begun_by=cast.high_school_clerk.person_id,
            begun_at=later,
        )
    )
    stage.issue(
        session,
        document,
        [cast.department.id],
        number=12,
        notation="THPTSH",
        signer=cast.high_school_principal,
        at=later,
    )
    return document


def own(session: Session, by: Principal, subject: str, at: datetime) -> UUID:
    made = documents.begin(
        session, DocumentType.DISPATCH, DispatchText(subject=subject), by=by, at=at
    )
    session.flush()
    return made


def told(
    session: Session, who: Principal, direction: Direction, thing: UUID
) -> list[tuple[str, str, str]]:
    with web_role(session, who):
        found = thread.of(session, direction, thing, who=who)
    assert [each.is_open for each in found].count(True) == 1
    return [(each.direction.value, each.code, each.said) for each in found]


CODE = "960/SGDĐT-CNTTTBTV"


def test_what_came_and_the_answer_stand_in_the_order_of_time(
    session: Session, cast: Cast, delivery: UUID, answer: UUID
) -> None:
    clerk = cast.high_school_clerk

    assert told(session, clerk, Direction.INCOMING, delivery) == [
        ("incoming", CODE, ""),
        ("outgoing", "12/THPTSH", f"Trả lời {CODE}"),
    ]
    assert told(session, clerk, Direction.OUTGOING, answer) == [
        ("incoming", CODE, "Được trả lời bằng 12/THPTSH"),
        ("outgoing", "12/THPTSH", ""),
    ]


def test_the_sender_finds_the_answer_that_came_to_it(
    session: Session, cast: Cast, dispatch: UUID, answer: UUID, at: datetime
) -> None:
    stage.delivered(session, answer, cast.department, at=at + timedelta(days=2))

    assert told(session, cast.clerk, Direction.OUTGOING, dispatch) == [
        ("outgoing", CODE, ""),
        ("incoming", "12/THPTSH", f"Trả lời {CODE}"),
    ]


def test_a_replacement_and_a_copy_are_told_from_both_sides(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    newer = own(session, cast.specialist, "thay thế công văn 960", at + timedelta(days=1))
    stage.issue(
        session,
        newer,
        [],
        number=970,
        notation="SGDĐT-CNTTTBTV",
        signer=cast.director,
        at=at + timedelta(days=1),
    )
    session.add(
        Correction(
            document_id=newer,
            corrected_id=dispatch,
            agency_id=cast.department.id,
            kind=CorrectionKind.REPLACES,
            noted_by=cast.specialist.person_id,
            noted_at=at,
        )
    )
    copy = own(session, cast.specialist, "bản sao", at + timedelta(days=2))
    stage.issue(
        session,
        copy,
        [],
        number=3,
        notation="SY-SGDĐT",
        signer=cast.director,
        at=at + timedelta(days=2),
    )
    session.add(
        DocumentCopy(
            document_id=copy,
            agency_id=cast.department.id,
            medium=CopyMedium.ELECTRONIC,
            source_document_id=newer,
            source_code="970/SGDĐT-CNTTTBTV",
            source_agency="Sở",
            source_subject="thay thế",
            source_sha256="0" * 64,
            pages="",
        )
    )
    session.flush()

    # The copy belongs to the replacement, and is reached through it.
    assert told(session, cast.clerk, Direction.OUTGOING, dispatch) == [
        ("outgoing", CODE, ""),
        ("outgoing", "970/SGDĐT-CNTTTBTV", f"Thay thế {CODE}"),
        ("outgoing", "03/SY-SGDĐT", "Công văn của 970/SGDĐT-CNTTTBTV"),
    ]
    assert told(session, cast.clerk, Direction.OUTGOING, copy)[0] == (
        "outgoing",
        CODE,
        "Được thay thế bởi 970/SGDĐT-CNTTTBTV",
    )


def test_legal_bases_come_first_and_case_files_last(
    session: Session, cast: Cast, arrival: UUID, delivery: UUID, answer: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    law = LegalText(
        id=new_id(),
        agency_id=cast.high_school.id,
        type_name="Nghị định",
        code="30/2020/NĐ-CP",
        issued_on=date(2010, 3, 5),
        issuer="Chính phủ",
        subject="công tác văn thư",
        registered_by=clerk.person_id,
        registered_at=at,
    )
    session.add(law)
    for source, source_id in ((Source.LAW, law.id), (Source.RECEIVED, delivery)):
        session.add(
            DocumentCitation(
                document_id=answer,
                source=source,
                source_id=source_id,
                agency_id=cast.high_school.id,
                words="Căn cứ …",
                cited_by=clerk.person_id,
                cited_at=at,
            )
        )
    case = case_actions.plan(
        session,
        Heading(notation="01.VT", title="Hồ sơ Vnedu", maintenance="10 năm"),
        year=2018,
        by=clerk,
        at=at,
    )
    session.flush()
    case_actions.file_record(session, case, RecordKind.OUTGOING, answer, by=clerk, at=at)

    assert told(session, clerk, Direction.OUTGOING, answer) == [
        ("law", "30/2020/NĐ-CP", "Là căn cứ của văn bản đang xem"),
        ("incoming", CODE, "Được trả lời bằng 12/THPTSH"),
        ("outgoing", "12/THPTSH", ""),
        ("case_file", "01.VT", "Hồ sơ có văn bản đang xem"),
    ]


def test_what_one_may_not_read_is_not_in_the_thread(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, answer: UUID
) -> None:
    """The Sở knows nothing of the school's answer before it is delivered."""
    assert told(session, cast.clerk, Direction.OUTGOING, dispatch) == [("outgoing", CODE, "")]
    draft = told(session, cast.high_school_clerk, Direction.INCOMING, delivery)
    assert len(draft) == 2
