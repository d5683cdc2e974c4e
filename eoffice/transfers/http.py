"""Packages of pupils for programs: the sending school's side; that of the receiving one is in
`intake_http`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.marks.marks_http import file_answer
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.pin import PinEntered
from eoffice.transfers import (
    actions,
    intake_http,
    making,
    package,
    queries,
    receipt_pages,
    receipts,
    signatures,
)
from eoffice.transfers.intake_http import Because
from eoffice.transfers.queries import TransferView
from eoffice.transfers.states import TransferState
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal

HERE = intake_http.HERE


class TransferIn(msgspec.Struct, frozen=True, kw_only=True):
    """A package for the pupil's move out that was recorded last."""

    pupil_id: UUID
    #: Null where the next school has another office.
    to_school_id: UUID | None = None


class MemberOut(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    sha256: str
    size: Annotated[int, msgspec.Meta(ge=0)]


class TransferOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    #: Null for the receiving school.
    pupil_id: UUID | None
    pupil_name: str
    pupil_code: str
    born_on: date
    class_name: str
    school_year: str
    from_school: str
    to_school_id: UUID | None
    to_school: str
    state: TransferState
    state_since: datetime
    cover_sha256: str
    page_count: int
    because: str | None
    has_receipt: bool
    made_by: str
    made_at: datetime
    is_mine: bool
    files: list[MemberOut]


@post("/", sync_to_thread=True)
def make(
    request: Request, data: JSONBody[TransferIn], once: NamedDependency[Once]
) -> Response[TransferOut]:
    """Make the package of a pupil who moves out; the clerk seals it."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], UUID]) -> Response[TransferOut]:
        def work(session: Session) -> TransferOut:
            return _read(session, last(session), who)

        return once.answer(work, status=201, location=lambda out: f"{HERE}/{out.id}")

    return making.make(data.pupil_id, data.to_school_id, by=who, within=within)


@get("/", sync_to_thread=True)
def listing(request: Request, pupil_id: FromQuery[UUID | None] = None) -> list[TransferOut]:
    """Packages of my school, the newest first; of one pupil, if named."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in queries.sent(session, who, pupil_id)]


@get("/incoming", sync_to_thread=True)
def incoming(request: Request) -> list[TransferOut]:
    """What schools of this office handed over to mine and nobody decided."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in queries.waiting(session, who)]


@get("/{transfer_id:uuid}", sync_to_thread=True)
def show(request: Request, transfer_id: FromPath[UUID]) -> TransferOut:
    """A package of my school, or one that was handed over to it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(queries.transfer(session, transfer_id, who))


@post("/{transfer_id:uuid}/seal", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def seal(
    request: Request,
    transfer_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[TransferOut]:
    """Seal the cover, and with it every file; the PIN is used and forgotten."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], TransferState]) -> Response[TransferOut]:
        def work(session: Session) -> TransferOut:
            last(session)
            return _read(session, transfer_id, who)

        return once.answer(work)

    return signatures.seal(transfer_id, data.pin, by=who, within=within)


@post("/{transfer_id:uuid}/handover", sync_to_thread=True, status_code=200)
def hand_over(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[TransferOut]:
    """Give the sealed package to the next school; of another office: note that it was given."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], None]) -> Response[TransferOut]:
        def work(session: Session) -> TransferOut:
            last(session)
            return _read(session, transfer_id, who)

        return once.answer(work)

    return making.hand_over(transfer_id, by=who, within=within)


@post("/{transfer_id:uuid}/withdrawal", sync_to_thread=True, status_code=200)
def withdraw(
    request: Request,
    transfer_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[TransferOut]:
    """Take the package back before anybody was taken in by it."""
    who = principal(request)

    def work(session: Session) -> TransferOut:
        actions.withdraw(session, transfer_id, data.reason, by=who, at=clock.now())
        return _read(session, transfer_id, who)

    return once.answer(work)


@get("/{transfer_id:uuid}/package", sync_to_thread=True)
def download(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """The sealed package as one ZIP, the same bytes always."""
    content = making.download(transfer_id, by=principal(request))
    return file_answer(content, "application/zip", f"ho-so-chuyen-truong-{transfer_id}.zip")


@get("/{transfer_id:uuid}/cover", sync_to_thread=True)
def cover(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """The cover as it stands, sealed or not."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        digest = queries.transfer(session, transfer_id, who).cover_sha256
    pdf = configured.store().get(Sha256.parse(digest))
    return file_answer(pdf, "application/pdf", f"phieu-ho-so-{transfer_id}.pdf")


@post("/{transfer_id:uuid}/receipt", sync_to_thread=True, status_code=200)
def enter_receipt(
    request: Request,
    transfer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[TransferOut]:
    """End the package by the receipt of a school of another office, sent as `file`."""
    who = principal(request)
    content, trusted = receipt_pages.uploaded(form), receipt_pages.trusted_keys()

    def work(session: Session) -> TransferOut:
        receipts.record(session, transfer_id, content, trusted, by=who, at=clock.now())
        return _read(session, transfer_id, who)

    return once.answer(work)


def _read(session: Session, transfer_id: UUID, who: Principal) -> TransferOut:
    session.flush()  # The answer reads what was written.
    return _out(queries.transfer(session, transfer_id, who))


def _out(view: TransferView) -> TransferOut:
    _, members = package.listed(view.manifest.encode())
    kept = [name for name in TransferOut.__struct_fields__ if name != "files"]
    return TransferOut(
        **{name: getattr(view, name) for name in kept},
        files=[MemberOut(name=one.name, sha256=one.sha256, size=one.size) for one in members],
    )


router = Router(
    HERE,
    route_handlers=[
        make,
        listing,
        incoming,
        show,
        seal,
        hand_over,
        withdraw,
        download,
        cover,
        enter_receipt,
        *intake_http.HANDLERS,
    ],
    tags=["pupil-transfers"],
)
