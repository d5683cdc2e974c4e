"""Keeping templates of a unit: who may is in `draft_templates.py`; each change is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import rules, types
from eoffice.documents.drafts import template_rules as draft_templates
from eoffice.documents.drafts.quoting_model import DraftTemplate
from eoffice.documents.drafts.template_rules import Keeping
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.web.principal import Principal


class NoTemplate(NotFound):
    """There is no such template in use for the unit in which the person acts."""


class TemplateNameTaken(Conflict):
    """The unit has a template of this name already."""


class TemplateChanged(Conflict):
    """Somebody else changed the template meanwhile."""


@dataclass(frozen=True, slots=True)
class TemplateRead:
    id: UUID
    name: str
    type: DocumentType
    text: DispatchText
    fields: tuple[str, ...]
    unit: str
    #: Whether it is for all units of the agency.
    is_of_agency: bool
    revision: int
    kept_at: datetime
    may_keep: bool


def templates(session: Session, *, who: Principal) -> list[TemplateRead]:
    """Templates in use: those of the own unit and of the whole agency, by name."""
    if not rules.may_write(PositionKind(who.position_kind)):
        return []
    rows = session.execute(
        select(DraftTemplate, Unit.name)
        .join(Unit, Unit.id == DraftTemplate.unit_id)
        .where(_usable(who))
        .order_by(DraftTemplate.name, DraftTemplate.id)
    )
    return [_read(row, unit, who) for row, unit in rows]


def template(session: Session, template_id: UUID, *, who: Principal) -> TemplateRead:
    """Raises NoTemplate."""
    found = [each for each in templates(session, who=who) if each.id == template_id]
    if not found:
        raise NoTemplate("Không có mẫu này, hoặc mẫu đã được bỏ.")
    return found[0]


def keep(
    session: Session,
    name: str,
    kind: DocumentType,
    text: DispatchText,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Keep a new template for the own office or the whole agency, by position.

    Raises TemplateNotYours, TemplateNameTaken, Invalid.
    """
    keeping = draft_templates.require_keeper(PositionKind(by.position_kind))
    unit_id = by.agency_id if keeping is Keeping.AGENCY else by.unit_id
    name = _named(session, name, kind, unit_id, None)
    row = DraftTemplate(
        id=new_id(),
        agency_id=by.agency_id,
        unit_id=unit_id,
        name=name,
        type=kind,
        text=texts.serialise(text),
        revision=1,
        kept_by=by.person_id,
        kept_at=at,
        retired_at=None,
    )
    session.add(row)
    _record(session, "draft_template.kept", row, by=by, at=at)
    return row.id


def change(
    session: Session,
    template_id: UUID,
    name: str,
    kind: DocumentType,
    text: DispatchText,
    *,
    expected_revision: int,
    by: Principal,
    at: datetime,
) -> int:
    """Change a template; returns its new revision. Raises TemplateChanged and what `keep` does."""
    row = _kept(session, template_id, by)
    if row.revision != expected_revision:
        raise TemplateChanged("Mẫu vừa được người khác sửa. Hãy mở lại mẫu rồi sửa tiếp.")
    row.name = _named(session, name, kind, row.unit_id, row.id)
    row.type, row.text = kind, texts.serialise(text)
    row.revision += 1
    row.kept_by, row.kept_at = by.person_id, at
    _record(session, "draft_template.changed", row, by=by, at=at)
    return row.revision


def retire(session: Session, template_id: UUID, *, by: Principal, at: datetime) -> None:
    """Take a template out of use; drafts that began from it stay as they are."""
    row = _kept(session, template_id, by)
    row.retired_at = at
    _record(session, "draft_template.retired", row, by=by, at=at)


def _kept(session: Session, template_id: UUID, by: Principal) -> DraftTemplate:
    draft_templates.require_keeper(PositionKind(by.position_kind))
    row = session.scalars(
        select(DraftTemplate).where(DraftTemplate.id == template_id, _usable(by)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoTemplate("Không có mẫu này, hoặc mẫu đã được bỏ.")
    if not _may_keep(row, by):
        raise draft_templates.TemplateNotYours(
            "Mẫu dùng chung của cơ quan do lãnh đạo cơ quan và văn thư sửa."
        )
    return row


def _usable(who: Principal) -> ColumnElement[bool]:
    return (
        DraftTemplate.retired_at.is_(None)
        & (DraftTemplate.agency_id == who.agency_id)
        & DraftTemplate.unit_id.in_({who.unit_id, who.agency_id})
    )


def _may_keep(row: DraftTemplate, who: Principal) -> bool:
    keeping = draft_templates.keeps(PositionKind(who.position_kind))
    if row.unit_id == who.agency_id:
        return keeping is Keeping.AGENCY
    return keeping is not None and row.unit_id == who.unit_id


def _named(session: Session, name: str, kind: DocumentType, unit_id: UUID, own: UUID | None) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= draft_templates.NAME_LENGTH:
        raise Invalid(
            "Mẫu cần một tên.",
            fields={"name": f"Ghi tên mẫu, nhiều nhất {draft_templates.NAME_LENGTH} ký tự."},
        )
    if kind in types.COPIES:
        raise Invalid("Bản sao không soạn từ mẫu.", fields={"type": "Chọn loại văn bản khác."})
    taken = session.scalar(
        select(func.count())
        .select_from(DraftTemplate)
        .where(
            DraftTemplate.unit_id == unit_id,
            DraftTemplate.retired_at.is_(None),
            func.lower(DraftTemplate.name) == func.lower(name),
            DraftTemplate.id != own if own is not None else DraftTemplate.id.is_not(None),
        )
    )
    if taken:
        raise TemplateNameTaken(
            f"Đơn vị đã có mẫu tên “{name}”. Hãy đặt tên khác hoặc sửa mẫu đã có.",
            fields={"name": "Tên này đã được dùng."},
        )
    return name


def _read(row: DraftTemplate, unit: str, who: Principal) -> TemplateRead:
    text = texts.parse(row.text)
    return TemplateRead(
        id=row.id,
        name=row.name,
        type=row.type,
        text=text,
        fields=draft_templates.fields(text),
        unit=unit,
        is_of_agency=row.unit_id == row.agency_id,
        revision=row.revision,
        kept_at=row.kept_at,
        may_keep=_may_keep(row, who),
    )


def _record(
    session: Session, action: str, row: DraftTemplate, *, by: Principal, at: datetime
) -> None:
    audit.record(
        session,
        action,
        object_kind="draft_template",
        object_id=row.id,
        by=by,
        at=at,
        details={"revision": row.revision},
    )
