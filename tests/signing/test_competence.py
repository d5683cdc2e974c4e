"""What a document prints above the signature is what the signer may sign as at that moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from eoffice.documents.form.text import DispatchText
from eoffice.people.kinds import Manner
from eoffice.people.model import Appointment
from eoffice.people.rules import Capacity, NoAuthority
from eoffice.signing.competence import SignerDiffers, words_of_right
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast

AT = datetime.fromisoformat("2018-08-13T08:00:00+07:00")


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, AT)


def says(session: Session, cast: Cast, by: Principal, **words: object) -> str:
    text = replace(DispatchText(signer_name=by.full_name), **words)  # type: ignore[arg-type]
    return words_of_right(session, text, cast.department.id, by=by, at=AT)


FOR_HEAD = {
    "capacity": Capacity.FOR_HEAD,
    "on_behalf_of": "Giám đốc",
    "signer_title": "Phó Giám đốc",
}


def test_the_head_signs_as_head_and_for_a_collective(session: Session, cast: Cast) -> None:
    by = cast.director
    assert says(session, cast, by, signer_title="Giám đốc") == "Giám đốc"
    assert (
        says(
            session,
            cast,
            by,
            capacity=Capacity.ON_BEHALF,
            on_behalf_of="Ban Chỉ đạo",
            signer_title="Giám đốc",
        )
        == "TM. Ban Chỉ đạo Giám đốc"
    )


def test_the_deputy_signs_for_the_head_also_for_a_collective(session: Session, cast: Cast) -> None:
    by = cast.deputy_director
    assert says(session, cast, by, **FOR_HEAD) == "KT. Giám đốc Phó Giám đốc"
    assert (
        says(session, cast, by, **FOR_HEAD, collective="Ban Chỉ đạo")
        == "TM. Ban Chỉ đạo KT. Giám đốc Phó Giám đốc"
    )


@pytest.mark.parametrize(
    "printed",
    [
        {"signer_title": "Giám đốc"},
        {**FOR_HEAD, "on_behalf_of": "Chủ tịch"},
        {**FOR_HEAD, "signer_title": "Phó Giám đốc phụ trách"},
        {**FOR_HEAD, "capacity": Capacity.BY_DELEGATION},
    ],
)
def test_a_deputy_does_not_sign_what_says_anything_else(
    session: Session, cast: Cast, printed: dict[str, object]
) -> None:
    with pytest.raises(SignerDiffers) as refused:
        says(session, cast, cast.deputy_director, **printed)
    assert "“KT. Giám đốc, Phó Giám đốc”" in refused.value.detail


def test_a_right_that_changed_since_the_draft_is_noticed(session: Session, cast: Cast) -> None:
    session.get_one(Appointment, cast.director.appointment_id).manner = Manner.ACTING
    session.flush()
    with pytest.raises(SignerDiffers, match=r"Q\. Giám đốc"):
        says(session, cast, cast.director, signer_title="Giám đốc")
    assert (
        says(session, cast, cast.director, capacity=Capacity.ACTING, signer_title="Giám đốc")
        == "Q. Giám đốc"
    )


def test_the_document_names_its_signer(session: Session, cast: Cast) -> None:
    with pytest.raises(SignerDiffers, match="Trần Thanh Liêm"):
        says(session, cast, cast.deputy_director, **FOR_HEAD, signer_name="Trần Thanh Liêm")


def test_who_has_no_right_today_is_told_so(session: Session, cast: Cast) -> None:
    with pytest.raises(NoAuthority):
        says(session, cast, cast.specialist, signer_title="Giám đốc")
    session.get_one(Appointment, cast.director.appointment_id).valid_to = date(2018, 8, 12)
    session.flush()
    with pytest.raises(NoAuthority):
        says(session, cast, cast.director, signer_title="Giám đốc")


def test_a_finished_file_is_signed_by_the_strongest_right(session: Session, cast: Cast) -> None:
    by = cast.deputy_director
    found = words_of_right(session, None, cast.department.id, by=by, at=AT)
    assert found == "KT. Giám đốc Phó Giám đốc"
