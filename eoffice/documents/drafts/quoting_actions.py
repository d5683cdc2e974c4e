"""Legal bases of a draft as links to other documents, and the agency's register of laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import actions, queries, rules, steps, types
from eoffice.documents.drafts.quoting import Citable, Source
from eoffice.documents.drafts.quoting_model import DocumentCitation, LegalText
from eoffice.documents.form.stamping import Marks
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import Document
from eoffice.documents.queries import DocumentRead
from eoffice.documents.states import State, Step
from eoffice.documents.types import Secrecy
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.web.principal import Principal

MOST_HITS = 20


class NotCitable(NotFound):
    """There is no such document, or the person may not read it."""


class LawRegistered(Conflict):
    """The text is in the register already."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A document to which another one is linked as its legal base."""

    source: Source
    source_id: UUID
    words: str


@dataclass(frozen=True, slots=True)
class CitedBy:
    """A document of the agency that names this one as its legal base."""

    document_id: UUID
    subject: str
    code: str | None


def issued_documents(session: Session, words: str, *, who: Principal) -> list[Citable]:
    """Issued documents of the agency that hold all words, without secret ones."""
    rows = session.execute(
        _issued(who)
        .where(
            func.vn_tsv(
                func.concat_ws(" ", Document.subject, Document.number, Document.notation)
            ).op("@@")(func.vn_q(words))
        )
        .order_by(Document.issued_on.desc(), Document.id.desc())
        .limit(MOST_HITS)
    )
    return [_of_document(row, agency) for row, agency in rows]


def issued_document(session: Session, document_id: UUID, *, who: Principal) -> Citable:
    """Raises NotCitable."""
    found = session.execute(_issued(who).where(Document.id == document_id)).one_or_none()
    if found is None:
        raise NotCitable("Không tìm thấy văn bản đã phát hành này.")
    return _of_document(found[0], found[1])


def laws(session: Session, words: str, *, who: Principal) -> list[Citable]:
    """Texts of the agency's register that hold all words; all of them for no words."""
    query = select(LegalText).where(
        LegalText.agency_id == who.agency_id, LegalText.ended_at.is_(None)
    )
    if words.strip():
        text = func.concat_ws(" ", LegalText.type_name, LegalText.code, LegalText.subject)
        query = query.where(func.vn_tsv(text).op("@@")(func.vn_q(words)))
    rows = session.scalars(query.order_by(LegalText.issued_on.desc()).limit(MOST_HITS))
    return [_of_law(row) for row in rows]


def law(session: Session, law_id: UUID, *, who: Principal) -> Citable:
    """Raises NotCitable."""
    row = session.scalars(
        select(LegalText).where(LegalText.id == law_id, LegalText.agency_id == who.agency_id)
    ).one_or_none()
    if row is None:
        raise NotCitable("Không có văn bản này trong danh mục pháp luật của cơ quan.")
    return _of_law(row)


def register_law(
    session: Session,
    type_name: str,
    code: str,
    issued_on: date,
    issuer: str,
    subject: str,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Put a law or another text from outside into the agency's register. Raises LawRegistered."""
    _require_writer(by)
    parts = {"type_name": type_name, "code": code, "issuer": issuer, "subject": subject}
    parts = {name: " ".join(words.split()) for name, words in parts.items()}
    blank = {name: "Cần điền mục này." for name, words in parts.items() if not words}
    if blank:
        raise Invalid("Chưa ghi đủ về văn bản.", fields=blank)
    present = session.scalar(
        select(func.count())
        .select_from(LegalText)
        .where(
            LegalText.agency_id == by.agency_id,
            LegalText.ended_at.is_(None),
            func.lower(LegalText.type_name) == parts["type_name"].lower(),
            func.lower(LegalText.code) == parts["code"].lower(),
        )
    )
    if present:
        raise LawRegistered(f"{parts['type_name']} số {parts['code']} đã có trong danh mục.")
    row = LegalText(
        id=new_id(),
        agency_id=by.agency_id,
        issued_on=issued_on,
        registered_by=by.person_id,
        registered_at=at,
        ended_at=None,
        **parts,
    )
    session.add(row)
    _record(session, "legal_text.registered", "legal_text", row.id, by=by, at=at)
    return row.id


def cite(
    session: Session, document_id: UUID, found: Citable, *, by: Principal, at: datetime
) -> None:
    """Write the citation into the draft and keep the link. Idempotent.

    A draft that came as a finished file gets the link alone. `found` is what a search of this
    person has found. Raises what `actions.save_draft` raises.
    """
    draft = queries.document(session, document_id, who=by)
    text = draft.latest.text or DispatchText(subject=draft.subject)
    if found.words not in text.legal_bases:
        _save(session, draft, replace(text, legal_bases=(*text.legal_bases, found.words)), by, at)
    key = (document_id, found.source, found.source_id)
    if session.get(DocumentCitation, key) is not None:
        return
    session.add(
        DocumentCitation(
            document_id=document_id,
            source=found.source,
            source_id=found.source_id,
            agency_id=by.agency_id,
            words=found.words,
            cited_by=by.person_id,
            cited_at=at,
        )
    )
    _record(session, "document.cited", "document", document_id, by=by, at=at)


def give_up(
    session: Session,
    document_id: UUID,
    source: Source,
    source_id: UUID,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Take the citation and its link out of the draft. Idempotent."""
    draft = queries.document(session, document_id, who=by)
    row = session.get(DocumentCitation, (document_id, source, source_id))
    if row is None:
        return
    text = draft.latest.text or DispatchText()
    # Also where the words were changed since: so that only a writer of a draft gives links up.
    left = tuple(each for each in text.legal_bases if each != row.words)
    _save(session, draft, replace(text, legal_bases=left), by, at)
    session.execute(
        delete(DocumentCitation).where(
            DocumentCitation.document_id == document_id,
            DocumentCitation.source == source,
            DocumentCitation.source_id == source_id,
        )
    )
    _record(session, "document.citation_given_up", "document", document_id, by=by, at=at)


def cited(session: Session, document_id: UUID, *, who: Principal) -> list[Cited]:
    """What the document is based on, in the order in which it was put in."""
    queries.document(session, document_id, who=who)
    rows = session.scalars(
        select(DocumentCitation)
        .where(DocumentCitation.document_id == document_id)
        .order_by(DocumentCitation.cited_at, DocumentCitation.source_id)
    )
    return [Cited(row.source, row.source_id, row.words) for row in rows]


def cited_by(session: Session, document_id: UUID, *, who: Principal) -> list[CitedBy]:
    """Issued documents of the agency that are based on this one of its own."""
    rows = session.scalars(
        select(Document)
        .join(DocumentCitation, DocumentCitation.document_id == Document.id)
        .where(
            DocumentCitation.source == Source.ISSUED,
            DocumentCitation.source_id == document_id,
            Document.agency_id == who.agency_id,
            Document.state == State.ISSUED,
            Document.secrecy == Secrecy.NONE,
        )
        .order_by(Document.issued_on)
    )
    return [
        CitedBy(
            row.id,
            row.subject,
            None if row.number is None else types.code(row.number, row.notation or ""),
        )
        for row in rows
    ]


def _save(
    session: Session, draft: DocumentRead, text: DispatchText, by: Principal, at: datetime
) -> None:
    """Change the legal bases and nothing else. Pages that came finished stay as they are."""
    if draft.latest.content_sha256 is not None:
        steps.locked_for(session, draft.id, Step.SUBMIT, by=by)
        return
    actions.save_draft(
        session,
        draft.id,
        text,
        expected_revision=draft.latest.revision,
        marks=Marks(draft.secrecy, draft.circulation, draft.express_at),
        due_on=draft.due_on,
        by=by,
        at=at,
    )


def _issued(who: Principal) -> Select[Document, str]:
    _require_writer(who)
    return (
        select(Document, Unit.name)
        .join(Unit, Unit.id == Document.agency_id)
        .where(
            Document.agency_id == who.agency_id,
            Document.state == State.ISSUED,
            Document.secrecy == Secrecy.NONE,
        )
    )


def _of_document(row: Document, agency: str) -> Citable:
    assert row.number is not None
    assert row.issued_on is not None
    return Citable(
        Source.ISSUED,
        row.id,
        types.name(row.type),
        types.code(row.number, row.notation or ""),
        row.issued_on,
        agency,
        row.subject,
    )


def _of_law(row: LegalText) -> Citable:
    return Citable(
        Source.LAW, row.id, row.type_name, row.code, row.issued_on, row.issuer, row.subject
    )


def _require_writer(who: Principal) -> None:
    if not rules.may_write(PositionKind(who.position_kind)):
        raise NotCitable("Chỉ người soạn thảo văn bản mới tra cứu căn cứ ở đây.")


def _record(
    session: Session, action: str, kind: str, object_id: UUID, *, by: Principal, at: datetime
) -> None:
    audit.record(session, action, object_kind=kind, object_id=object_id, by=by, at=at, details={})
