"""A picture is offered by its owner, or a seal's by who keeps the seal, and used only after a
second person of the same agency said that it is theirs. One is in use at a time; the others stay on
record.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.model import AuditEvent
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.kinds import PositionKind
from eoffice.signing.images import actions, queries, receiving, states
from eoffice.signing.images.actions import ImageUnknown, NotYourImage, ReasonMissing
from eoffice.signing.images.model import SignatureImage
from eoffice.signing.images.rules import Kind
from eoffice.signing.images.states import ImageState, ImageStep, ImageStepRefused
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.signing import pictures

LATER = timedelta(hours=1)


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    memory = MemoryStore(clock.now)
    configured.use(memory)
    yield memory
    configured.use(None)


def offered(
    session: Session, by: Principal, at: datetime, kind: Kind = Kind.SIGNATURE, width: int = 640
) -> UUID:
    drawn = pictures.signature(width=width) if kind is Kind.SIGNATURE else pictures.seal()
    kept = receiving.receive(pictures.as_png(drawn), kind)
    return actions.offer(
        session,
        kind,
        configured.store().put(kept.content, receiving.MEDIA_TYPE),
        width_px=kept.width,
        height_px=kept.height,
        by=by,
        at=at,
    )


def state(session: Session, image_id: UUID) -> ImageState:
    session.flush()
    session.expire_all()
    return session.scalars(select(SignatureImage.state).where(SignatureImage.id == image_id)).one()


def in_use(session: Session, who: Principal) -> bytes | None:
    session.flush()
    return queries.in_use(session, agency_id=who.agency_id, person_id=who.person_id)


def test_every_step_from_every_state_is_decided() -> None:
    for before, step in itertools.product(ImageState, ImageStep):
        if (before, step) in states.TABLE:
            assert states.after(before, step) is states.TABLE[before, step]
        else:
            with pytest.raises(ImageStepRefused, match="trạng thái"):
                states.after(before, step)


@pytest.mark.parametrize("position", list(PositionKind))
def test_each_position_may_offer_and_decide_what_its_work_is(position: PositionKind) -> None:
    keeps = position in (PositionKind.CLERK, PositionKind.OPERATOR)
    assert states.may_offer(Kind.SEAL, position) is keeps
    assert states.may_offer(Kind.SIGNATURE, position) is (position is not PositionKind.OPERATOR)
    assert states.may_decide(position, offered_it=False) is (keeps or position is PositionKind.HEAD)
    assert not states.may_decide(position, offered_it=True)


@pytest.mark.usefixtures("store")
def test_a_signature_is_used_once_a_second_person_said_it_is_theirs(
    session: Session, cast: Cast, at: datetime
) -> None:
    image = offered(session, cast.director, at)
    assert in_use(session, cast.director) is None
    with pytest.raises(NotYourImage, match="người khác duyệt"):
        actions.approve(session, image, by=cast.director, at=at)
    with pytest.raises(NotYourImage):
        actions.approve(session, image, by=cast.specialist, at=at)
    with pytest.raises(ImageUnknown):
        actions.approve(session, image, by=cast.district_clerk, at=at)
    actions.approve(session, image, by=cast.clerk, at=at + LATER)
    assert (in_use(session, cast.director) or b"").startswith(b"\x89PNG")
    assert in_use(session, cast.deputy_director) is None
    (read,) = queries.own(session, cast.director)
    assert (read.state, read.decided_name) == (ImageState.IN_USE, cast.clerk.full_name)
    with pytest.raises(ImageStepRefused, match="Đang dùng"):
        actions.refuse(session, image, "Nhầm", by=cast.operator, at=at)


@pytest.mark.usefixtures("store")
def test_the_one_in_use_stays_until_the_next_is_approved_and_both_are_kept(
    session: Session, cast: Cast, at: datetime
) -> None:
    first = offered(session, cast.director, at)
    actions.approve(session, first, by=cast.clerk, at=at)
    before = in_use(session, cast.director)
    second = offered(session, cast.director, at + LATER, width=700)
    third = offered(session, cast.director, at + LATER, width=800)
    assert state(session, second) is ImageState.WITHDRAWN
    assert in_use(session, cast.director) == before
    actions.approve(session, third, by=cast.operator, at=at + LATER)
    assert in_use(session, cast.director) not in (None, before)
    assert state(session, first) is ImageState.RETIRED
    assert len(queries.own(session, cast.director)) == 3
    actions.put_away(session, third, by=cast.director, at=at + LATER)
    assert in_use(session, cast.director) is None


@pytest.mark.usefixtures("store")
def test_the_seal_is_brought_by_its_keepers_and_approved_by_another(
    session: Session, cast: Cast, at: datetime
) -> None:
    for other in (cast.director, cast.specialist):
        with pytest.raises(NotYourImage, match="Văn thư hoặc quản trị"):
            offered(session, other, at, Kind.SEAL)
    image = offered(session, cast.clerk, at, Kind.SEAL)
    with pytest.raises(NotYourImage):
        actions.approve(session, image, by=cast.clerk, at=at)
    session.flush()
    assert [each.id for each in queries.waiting(session, cast.director)] == [image]
    assert queries.waiting(session, cast.clerk) == ()
    assert queries.waiting(session, cast.specialist) == ()
    actions.approve(session, image, by=cast.director, at=at)
    session.flush()
    agency = cast.clerk.agency_id
    assert queries.in_use(session, agency_id=agency, person_id=None) is not None
    assert queries.in_use(session, agency_id=cast.district.id, person_id=None) is None
    with pytest.raises(NotYourImage):
        actions.put_away(session, image, by=cast.director, at=at)
    actions.put_away(session, image, by=cast.operator, at=at)
    assert state(session, image) is ImageState.RETIRED


@pytest.mark.usefixtures("store")
def test_a_refusal_says_why_and_can_be_followed_by_another_picture(
    session: Session, cast: Cast, at: datetime
) -> None:
    image = offered(session, cast.director, at)
    with pytest.raises(ReasonMissing):
        actions.refuse(session, image, "  ", by=cast.clerk, at=at)
    actions.refuse(session, image, "Đây là chữ ký nháy.", by=cast.clerk, at=at)
    session.flush()
    (read,) = queries.own(session, cast.director)
    assert read.refused_because == "Đây là chữ ký nháy."
    again = offered(session, cast.director, at)
    assert state(session, image) is ImageState.REFUSED
    assert state(session, again) is ImageState.OFFERED


@pytest.mark.usefixtures("store")
def test_who_may_look_at_a_picture(session: Session, cast: Cast, at: datetime) -> None:
    image = offered(session, cast.director, at)
    session.flush()
    for allowed in (cast.director, cast.clerk, cast.operator):
        queries.content(session, image, allowed)
    for other in (cast.specialist, cast.deputy_director, cast.district_clerk):
        with pytest.raises(ImageUnknown):
            queries.content(session, image, other)


@pytest.mark.usefixtures("store")
def test_every_step_is_recorded(session: Session, cast: Cast, at: datetime) -> None:
    first = offered(session, cast.director, at)
    actions.approve(session, first, by=cast.clerk, at=at)
    second = offered(session, cast.director, at)
    actions.refuse(session, second, "Mờ.", by=cast.clerk, at=at)
    third = offered(session, cast.director, at)
    actions.put_away(session, third, by=cast.director, at=at)
    actions.put_away(session, first, by=cast.director, at=at)
    session.flush()
    told = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.object_kind == "signature_image")
        .order_by(AuditEvent.id)
    ).all()
    assert [each.removeprefix("signature_image.") for each in told] == [
        "offered", "approved", "offered", "refused", "offered", "withdrawn", "retired",
    ]  # fmt: skip


@pytest.mark.usefixtures("store")
def test_the_database_itself_wants_a_second_person_and_keeps_agencies_apart(
    session: Session, cast: Cast, at: datetime
) -> None:
    image = offered(session, cast.director, at)
    session.flush()
    alone = (
        update(SignatureImage)
        .where(SignatureImage.id == image)
        .values(state=ImageState.IN_USE, decided_by=cast.director.person_id, decided_at=at)
    )
    with pytest.raises(IntegrityError, match="second_person"), session.begin_nested():
        session.execute(alone)
    session.expire_all()
    with web_role(session, cast.district_head):
        assert session.scalars(select(SignatureImage)).all() == []
    with web_role(session, cast.specialist):
        assert len(session.scalars(select(SignatureImage)).all()) == 1
