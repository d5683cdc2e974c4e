"""Making and handing over a package outside of transactions: read, fetch, set, keep."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import leaf
from eoffice.errors import Conflict
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.registers import extraction, pupil_lines
from eoffice.settings import settings
from eoffice.signing.lasting import make_lasting
from eoffice.signing.pades import NotSignable
from eoffice.signing.trust import TrustStore
from eoffice.transfers import actions, data, package, queries, rendering, sources
from eoffice.transfers.actions import NewTransfer
from eoffice.transfers.model import PupilTransfer
from eoffice.transfers.sources import Found
from eoffice.transfers.states import TransferState, TransferStep, TransferStepRefused, after
from eoffice.web.principal import Principal

R = TypeVar("R")


class BookUnreadable(Conflict):
    """The closed book of a class cannot be read, or does not list the pupil."""


def make(
    pupil_id: UUID,
    to_school_id: UUID | None,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], UUID]], R],
) -> R:
    """Set the package of a pupil who moves out; `within` takes the last step.

    Raises NoPupil, NotAllowed, NotLeaving, Invalid, TermsMissing, CannotBePrinted, BookUnreadable,
    StoreUnavailable, and what keeps evidence from being added to a signed report book.
    """
    at, package_id = clock.now().replace(microsecond=0), db.new_id()
    with db.transaction(by.acting) as session:
        pupil, movement = actions.leaving(session, pupil_id, by=by)
        to_school = actions.receiver(
            session, to_school_id, movement.other_school, own=pupil.school_id
        )
        found = sources.read(
            session, pupil, movement, package_id=package_id, to_school=to_school, made_at=at
        )
        movement_id, code = movement.id, pupil.code
    members = _members(found, code)
    store = configured.store()
    manifest = package.manifest(str(package_id), members)
    for name, content in members.items():
        store.put(content, _media_type(name))
    cover = rendering.cover(found.data, manifest, maker=by.full_name)
    year = found.data.year
    new = NewTransfer(
        id=package_id,
        movement_id=movement_id,
        to_school_id=to_school_id,
        to_school=to_school,
        class_name=found.data.leaving.from_class,
        school_year="" if year is None else year.school_year,
        manifest=manifest,
        cover_sha256=store.put(cover, "application/pdf"),
        page_count=rendering.page_count(cover),
    )
    return within(lambda session: actions.make(session, new, pupil_id, by=by, at=at))


def hand_over(
    transfer_id: UUID, *, by: Principal, within: Callable[[Callable[[Session], None]], R]
) -> R:
    """Add the evidence of revocation to the sealed cover, so that it is verified anywhere.

    Raises TransferUnknown, NotAllowed, TransferStepRefused, and what keeps evidence from being
    added.
    """
    with db.transaction(by.acting) as session:
        row = actions.own(session, transfer_id, by=by)
        after(row.state, TransferStep.HAND_OVER)
        sealed = Sha256.parse(row.cover_sha256)
    lasting = configured.store().put(_lasting(configured.store().get(sealed)), "application/pdf")

    def last(session: Session) -> None:
        actions.hand_over(session, transfer_id, lasting, by=by, at=clock.now())

    return within(last)


def archive(row: PupilTransfer) -> bytes:
    """The ZIP of a sealed package, from the store. Raises StoreUnavailable."""
    store = configured.store()
    _, listed = package.listed(row.manifest.encode())
    members = {one.name: store.get(Sha256.parse(one.sha256)) for one in listed}
    members[package.MANIFEST] = row.manifest.encode()
    members[package.COVER] = store.get(Sha256.parse(row.cover_sha256))
    return package.archive(members)


def download(transfer_id: UUID, *, by: Principal) -> bytes:
    """The ZIP for whoever may see the package.

    Raises TransferUnknown, NotAllowed, StoreUnavailable, and TransferStepRefused before the seal.
    """
    with db.transaction(by.acting) as session:
        queries.transfer(session, transfer_id, by)
        row = actions.locked(session, transfer_id)
        session.expunge(row)
    if row.state not in SEALED_STATES:
        raise TransferStepRefused("Hồ sơ chưa đóng dấu nên chưa tải về để giao được.")
    return archive(row)


#: A package is a file from when it is sealed.
SEALED_STATES = frozenset(TransferState) - {TransferState.MADE}


def _members(found: Found, code: str) -> dict[str, bytes]:
    store = configured.store()
    members = {
        package.README_NAME: package.README.encode(),
        package.DATA: data.encoded(found.data),
    }
    for name, digest in found.reports.items():
        content = store.get(digest)
        members[name] = content if found.is_lasting[name] else _lasting(content)
    for name, digest in found.sealed.items():
        members[name] = store.get(digest)
    for book in found.data.books:
        whole = extraction.data_of(store.get(found.books[book.member]))
        lines = None if whole is None else pupil_lines.of_pupil(whole, code)
        if lines is None:
            raise BookUnreadable(
                f"Không đọc được các dòng của học sinh trong sổ lớp {book.class_name}, năm học "
                f"{book.school_year}."
            )
        told: dict[str, leaf.Json] = {
            "format": package.FORMAT + "#book",
            "book_sha256": book.book_sha256,
            "school_year": book.school_year,
            "class_name": book.class_name,
            "version": book.version,
            "lines": lines,
        }
        members[book.member] = leaf.canonical(told)
    return members


def _lasting(pdf: bytes) -> bytes:
    file = io.BytesIO(pdf)
    try:
        make_lasting(
            file,
            trust=TrustStore.from_directory(settings().trust_directory),
            timestamp_url=settings().timestamp_url,
            at=clock.now(),
        )
    except NotSignable:
        # Nothing can be appended to it by anybody: it goes as it is.
        return pdf
    return file.getvalue()


def _media_type(name: str) -> str:
    if name.endswith(".pdf"):
        return "application/pdf"
    return "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
