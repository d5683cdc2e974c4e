"""What a page says of the data of one thing, whatever the thing is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.signing.sealed_data import queries
from eoffice.signing.sealed_data.queries import SealedRead
from eoffice.web.principal import Principal


class NotTheSeal(NotAllowed):
    """The school's clerk uses the seal."""


class NotFinal(Conflict):
    """Data of a thing that may still change are not sealed."""


class NotSealed(NotFound):
    """Nobody has sealed these data yet."""


@dataclass(frozen=True, slots=True)
class DataView:
    """The data of a thing that this person may see."""

    kind: str
    subject_id: UUID
    title: str
    school_name: str
    #: The page of the thing.
    path: str
    #: The file that holds the data; None before there is one.
    source: Sha256 | None
    is_final: bool
    sealed: SealedRead | None
    #: Whether the thing's school is the one for which this person acts, as its clerk.
    is_clerk: bool

    @property
    def may_seal(self) -> bool:
        return self.is_clerk and self.is_final and self.source is not None and self.sealed is None


def view(
    session: Session,
    kind: str,
    subject_id: UUID,
    *,
    title: str,
    school_id: UUID,
    school_name: str,
    path: str,
    source: str | None,
    is_final: bool,
    by: Principal,
) -> DataView:
    digest = None if source is None else Sha256.parse(source)
    return DataView(
        kind=kind,
        subject_id=subject_id,
        title=title,
        school_name=school_name,
        path=path,
        source=digest,
        is_final=is_final,
        sealed=None if digest is None else queries.of(session, kind, subject_id, digest),
        is_clerk=by.agency_id == school_id and by.position_kind == PositionKind.CLERK,
    )


def to_seal(data: DataView) -> Sha256:
    """The file whose data this person may seal now. Raises NotTheSeal, NotFinal."""
    if not data.is_clerk:
        raise NotTheSeal("Con dấu do văn thư của trường giữ; văn thư đóng dấu số dữ liệu.")
    if not data.is_final or data.source is None:
        raise NotFinal("Chỉ đóng dấu số dữ liệu của bản đã khóa. Hãy khóa rồi thực hiện lại.")
    return data.source


def content(data: DataView) -> bytes:
    """The sealed XML. Raises NotSealed, StoreUnavailable."""
    if data.sealed is None:
        raise NotSealed("Dữ liệu XML chưa được đóng dấu số. Hãy đề nghị văn thư của trường.")
    return configured.store().get(data.sealed.content)
