"""Outgoing documents of which several are signed, initialled or sealed in one action."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from eoffice.documents import rules as document_rules
from eoffice.documents import types
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import StepState
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.states import State, Step
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person, Unit
from eoffice.signing import dispatches, initials
from eoffice.signing.batches.contract import Shown
from eoffice.signing.batches.rules import Holder
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Documents:
    """What the three steps on a document have in common."""

    kind: str
    holder: Holder
    verb: str
    effect: str
    step: Step
    states: frozenset[State]

    def named(self, session: Session, ids: Collection[UUID]) -> Mapping[UUID, tuple[str, str]]:
        rows = session.scalars(select(Document).where(Document.id.in_(ids)))
        return {row.id: (_title(row), f"/documents/{row.id}") for row in rows}

    def offered(
        self, session: Session, ids: Collection[UUID] | None, *, by: Principal, at: datetime
    ) -> Mapping[UUID, Shown]:
        rows = session.execute(_shown(self.states, ids, by)).all()
        return {
            row.Document.id: Shown(
                title=_title(row.Document),
                note=f"{types.name(row.Document.type)} · {row.unit}, {row.writer}",
                path=f"/documents/{row.Document.id}",
                picture=f"/documents/{row.Document.id}/versions/{row.DocumentVersion.ordinal}"
                "/pages/1?width=480",
                page_count=row.DocumentVersion.page_count or 0,
                seen=row.seen or "",
            )
            for row in rows
            if self._waits(session, row.Document, row.DocumentVersion, by, at)
        }

    def seen(self, session: Session, item_id: UUID) -> str:
        return session.scalar(select(_submitted(item_id))) or ""

    def sign(
        self,
        item_id: UUID,
        pin: str,
        *,
        by: Principal,
        at: datetime,
        within: Callable[[Callable[[Session], object]], None],
    ) -> None:
        match self.step:
            case Step.SEAL:
                dispatches.seal(item_id, pin, by=by, within=within)
            case Step.SIGN:
                dispatches.sign(item_id, pin, by=by, within=within)
            case _:
                initials.put(item_id, pin, by=by, at=at, within=within)

    def _waits(
        self,
        session: Session,
        document: Document,
        newest: DocumentVersion,
        by: Principal,
        at: datetime,
    ) -> bool:
        if self.step is Step.AGREE:
            return any(
                step.task in flow_rules.INITIALS
                for step, _ in flow_actions.my_steps(session, document, by, at=at)
            )
        if self.step is Step.SIGN:
            named = "" if newest.text is None else str(newest.text.get("signer_name", ""))
            if named and named.casefold() != by.full_name.casefold():
                return False
        return document_rules.may(
            self.step,
            document.state,
            PositionKind(by.position_kind),
            in_drafting_unit=document.drafting_unit_id == by.unit_id,
        )


SIGNATURES: Final = Documents(
    "document-signature",
    Holder.PERSON,
    "Ký ban hành",
    "Đặt chữ ký số của bạn vào từng văn bản, khóa nội dung và chuyển văn thư cấp số, đóng dấu.",
    Step.SIGN,
    frozenset({State.AWAITING_SIGNATURE}),
)
INITIALS: Final = Documents(
    "document-initials",
    Holder.PERSON,
    "Ký nháy",
    "Đặt chữ ký nháy của bạn vào từng dự thảo và chuyển đến bước tiếp theo của quy trình.",
    Step.AGREE,
    frozenset({State.SUBMITTED, State.CHECKING}),
)
SEALS: Final = Documents(
    "document-seal",
    Holder.SEAL,
    "Đóng dấu",
    "Ký số của cơ quan lên từng văn bản đã có chữ ký và số; văn bản có thể phát hành.",
    Step.SEAL,
    frozenset({State.NUMBERED}),
)
ALL: Final = (SIGNATURES, INITIALS, SEALS)


def _title(row: Document) -> str:
    code = "" if row.number is None else types.code(row.number, row.notation or "")
    subject = row.subject or "(chưa có trích yếu)"
    return f"{code} · {subject}" if code else subject[:1].upper() + subject[1:]


def _shown(states: frozenset[State], ids: Collection[UUID] | None, by: Principal) -> Any:
    newest = aliased(DocumentVersion)
    last = (
        select(func.max(newest.ordinal))
        .where(newest.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    query = (
        select(
            Document,
            DocumentVersion,
            Unit.name.label("unit"),
            Person.full_name.label("writer"),
            _submitted(Document.id).label("seen"),
        )
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .join(Unit, Unit.id == Document.drafting_unit_id)
        .join(Person, Person.id == Document.created_by)
        .where(
            Document.agency_id == by.agency_id,
            Document.state.in_(states),
            DocumentVersion.ordinal == last,
        )
        .order_by(Document.state_since, Document.id)
    )
    if State.SUBMITTED in states:
        asks = select(DocumentFlowStep.id).where(
            DocumentFlowStep.document_id == Document.id,
            DocumentFlowStep.state == StepState.WAITING,
            DocumentFlowStep.task.in_(flow_rules.INITIALS),
        )
        query = query.where(asks.correlate(Document).exists())
    return query if ids is None else query.where(Document.id.in_(ids))


def _submitted(document_id: Any) -> Any:
    """The file that was submitted last: what is initialled, signed and sealed only adds to it."""
    version = aliased(DocumentVersion)
    query = (
        select(version.content_sha256)
        .where(version.document_id == document_id, version.kind == VersionKind.DRAFT)
        .order_by(version.ordinal.desc())
        .limit(1)
    )
    return query.scalar_subquery()
