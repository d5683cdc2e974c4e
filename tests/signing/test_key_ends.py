"""Holders are told on their desk, weeks before, that a certificate of theirs ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from eoffice.signing import actions, key_ends, policy
from eoffice.signing.model import KeyStoreKind
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.signing import certified

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, AT)


def register(
    session: Session,
    ends_in: timedelta,
    *,
    who: Principal | None = None,
    seal_of: Cast | None = None,
) -> None:
    actions.register_key(
        session,
        person_id=who.person_id if who else None,
        unit_id=seal_of.department.id if seal_of else None,
        store=KeyStoreKind.PKCS12,
        locator=f"{ends_in}.p12",
        certificate=certified.make("Người ký", closes=AT + ends_in).der,
        by="test",
        at=AT,
    )


def told(session: Session, who: Principal) -> list[str]:
    return [str(one) for one in key_ends.ending(session, who, at=AT)]


def test_in_the_last_thirty_days_and_after_the_end_it_is_said(session: Session, cast: Cast) -> None:
    who = cast.director
    assert told(session, who) == []
    for days, said in {
        31: [],
        30: ["Chứng thư số của bạn hết hạn ngày 12/09/2018. Hãy gia hạn trước ngày đó."],
        -1: [
            "Chứng thư số của bạn đã hết hạn ngày 12/08/2018. "
            "Chưa có chứng thư mới thì không ký được."
        ],
        400: [],
    }.items():
        register(session, timedelta(days=days), who=who)
        assert told(session, who) == said


def test_the_seal_is_its_keepers_concern(session: Session, cast: Cast) -> None:
    register(session, timedelta(days=3), seal_of=cast)
    (said,) = told(session, cast.clerk)
    assert said.startswith(f"Chứng thư số con dấu của {cast.department.name} hết hạn ngày 16/08")
    assert told(session, cast.director) == []


def test_the_first_end_comes_first(session: Session, cast: Cast) -> None:
    register(session, timedelta(days=3), seal_of=cast)
    register(session, timedelta(days=-3), who=cast.clerk)
    found = key_ends.ending(session, cast.clerk, at=AT)
    assert [one.is_over for one in found] == [True, False]


def test_a_certificate_that_cannot_be_read_says_nothing(session: Session, cast: Cast) -> None:
    actions.register_key(
        session,
        person_id=cast.director.person_id,
        store=KeyStoreKind.PKCS12,
        locator="hong.p12",
        certificate=b"not one",
        by="test",
        at=AT,
    )
    assert told(session, cast.director) == []


def test_desks_open_though_the_rules_cannot_be_read(
    session: Session, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(policy.VARIABLE, str(tmp_path / "khong-co.json"))
    register(session, timedelta(days=3), who=cast.director)
    assert len(told(session, cast.director)) == 1
