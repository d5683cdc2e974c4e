"""Receiving a package outside of transactions: verify, keep the bytes, then the row.

A package that a school of this office handed over is put together from the store and goes the same
way as one that came as a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import NotFound
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.queries import UnitUnknown
from eoffice.settings import settings
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.trust import TrustStore
from eoffice.signing.xades_bounded import verify_xml_bounded
from eoffice.transfers import actions, data, intake_actions, making, package, queries, verification
from eoffice.transfers.data import PupilPackage
from eoffice.transfers.intake_actions import Done, Intake, NotForUs
from eoffice.transfers.model import PupilTransfer
from eoffice.transfers.states import TransferState
from eoffice.transfers.verification import Checked
from eoffice.web.principal import Principal

R = TypeVar("R")


class MemberUnknown(NotFound):
    """The package has no such file."""


def handed_over(
    transfer_id: UUID, *, by: Principal, within: Callable[[Callable[[Session], UUID]], R]
) -> R:
    """Check a package that waits for the acting school. Raises TransferUnknown, NotForUs."""
    with db.transaction(by.acting) as session:
        actions.require_office(by, by.agency_id)
        row = actions.locked(session, transfer_id)
        _require_ours(row, by)
        content = making.archive(row)
    return _kept(content, transfer_id, by=by, within=within)


def brought(
    content: bytes, *, by: Principal, within: Callable[[Callable[[Session], UUID]], R]
) -> R:
    """Check a file that somebody brought. Raises NotAPackage, PackageTooLarge, NotForUs."""
    return _kept(content, None, by=by, within=within)


def take_in(
    intake_id: UUID,
    said: Intake,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], Done]], R],
) -> R:
    """Raises what `intake_actions.take_in` raises."""
    told = of_intake(intake_id, by=by)
    if told is None:
        raise intake_actions.NotSound("Không đọc được dữ liệu của hồ sơ này.")

    def last(session: Session) -> Done:
        return intake_actions.take_in(session, intake_id, told, said, by=by, at=clock.now())

    return within(last)


def of_intake(intake_id: UUID, *, by: Principal) -> PupilPackage | None:
    """What a checked package says; None where it cannot be read. Raises IntakeUnknown."""
    content = member(intake_id, package.DATA, by=by, required=False)
    try:
        return None if content is None else data.decoded(content)
    except data.DataUnreadable:
        return None


def member(intake_id: UUID, name: str, *, by: Principal, required: bool = True) -> bytes | None:
    """One file of a checked package. Raises IntakeUnknown, MemberUnknown where it is required."""
    with db.transaction(by.acting) as session:
        digest = queries.intake(session, intake_id, by).content_sha256
    found = package.opened(configured.store().get(Sha256.parse(digest))).members.get(name)
    if found is None and required:
        raise MemberUnknown("Hồ sơ không có tệp này.")
    return found


def _kept(
    content: bytes,
    transfer_id: UUID | None,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], UUID]], R],
) -> R:
    at = clock.now()
    trust = TrustStore.from_directory(settings().trust_directory)
    checked = verification.check(
        content,
        judge=partial(verify_pdf_bounded, trust=trust, at=at),
        judge_xml=partial(verify_xml_bounded, trust=trust, at=at),
    )
    if transfer_id is None:
        with db.transaction(by.acting) as session:
            transfer_id = _made_here(session, checked, by)
    digest = configured.store().put(content, "application/zip")

    def last(session: Session) -> UUID:
        return intake_actions.keep(
            session, checked, digest, transfer_id=transfer_id, by=by, at=clock.now()
        )

    return within(last)


def _made_here(session: Session, checked: Checked, by: Principal) -> UUID | None:
    """The package of a school of this office that was carried as a file. Raises NotForUs."""
    if checked.data is None:
        return None
    try:
        unit = people.unit_by_code(session, checked.data.from_school.code)
    except UnitUnknown:
        return None
    if unit.name != checked.data.from_school.name:
        return None
    try:
        row = session.get(PupilTransfer, UUID(checked.package_id))
    except ValueError:
        row = None
    if row is None:
        raise NotForUs(
            "Hồ sơ này do một trường trong cùng văn phòng lập cho trường khác, chưa giao hoặc đã "
            "rút lại. Đề nghị trường chuyển đi giao lại cho trường mình."
        )
    _require_ours(row, by)
    return row.id


def _require_ours(row: PupilTransfer, by: Principal) -> None:
    if row.to_school_id != by.agency_id or row.state in (
        TransferState.MADE,
        TransferState.SEALED,
        TransferState.WITHDRAWN,
    ):
        raise NotForUs("Hồ sơ này không được giao cho trường đang làm việc.")
