"""What happens to a document: it is drafted, signed, numbered and sealed.

Content is put into the object store by the edge before the transaction that names it; an action
only gets its digest. Every action locks the document's row, asks the tables who may and what
follows, and records what was done. Approval on the way to the signature is in `flow_actions.py`,
remarks are in `comment_actions.py`, issue and withdrawal in `issuing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import rules, states, steps, types
from eoffice.documents.books import numbers as books
from eoffice.documents.form import stamping
from eoffice.documents.form import text as texts
from eoffice.documents.form.stamping import Marks
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import (
    Attachment,
    Document,
    DocumentRecipient,
    DocumentVersion,
    VersionKind,
)
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.rules import Target
from eoffice.documents.states import State, Step
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

MOST_ATTACHMENTS = 20


class SavedByAnother(Conflict):
    """Somebody else saved the draft meanwhile."""


class ContentDiffers(Conflict):
    """The content that was prepared is not that of the newest version any more."""


class NameTaken(Conflict):
    """The document has an attachment of this name already."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that lie in the object store."""

    sha256: Sha256
    size_bytes: int
    page_count: int


#: A unit, the code of a group, a rule, somebody in a position, or an agency outside.
Recipient: TypeAlias = Target


def begin(
    session: Session,
    kind: DocumentType,
    text: DispatchText,
    *,
    urgency: Urgency = Urgency.ORDINARY,
    marks: Marks | None = None,
    due_on: date | None = None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Begin a draft in the unit in which the person acts. Raises NotAllowed."""
    if not rules.may_write(PositionKind(by.position_kind)):
        raise NotAllowed(f"{by.position_title} không soạn thảo văn bản trong hệ thống này.")
    document = Document(
        id=new_id(),
        agency_id=by.agency_id,
        drafting_unit_id=by.unit_id,
        type=kind,
        subject=text.subject,
        urgency=urgency,
        secrecy=Secrecy.NONE,
        circulation="",
        state=State.DRAFT,
        due_on=due_on,
        created_by=by.person_id,
        created_at=at,
        state_since=at,
    )
    stamping.mark(document, marks or Marks())
    session.add(document)
    session.flush()  # The version's foreign key needs the row.
    steps.add_draft(
        session, document, ordinal=1, text=texts.serialise(text), writer_id=by.person_id, at=at
    )
    steps.put_on_record(session, "document.begun", document, by=by, at=at)
    return document.id


def save_draft(
    session: Session,
    document_id: UUID,
    text: DispatchText,
    *,
    expected_revision: int,
    urgency: Urgency | None = None,
    marks: Marks | None = None,
    due_on: date | None = None,
    by: Principal,
    at: datetime,
) -> int:
    """Save the text of a draft as it is written; returns the new revision.

    `expected_revision` is the one that the writer saw. The same saving sent once more, because
    its answer was lost, changes nothing. Raises SavedByAnother when somebody saved something else
    in between (nothing is overwritten), Frozen after submission.
    """
    document = steps.lock(session, document_id)
    steps.require_writer(session, document, by)
    draft = steps.open_draft(session, document)
    if document.type in types.COPIES:
        raise steps.Frozen(
            "Bản sao được lập từ văn bản được sao nên không sửa được nội dung. Nếu sai, hãy lập "
            "bản sao khác."
        )
    is_saved = (
        draft.text == texts.serialise(text)
        and document.due_on == due_on
        and urgency in (None, document.urgency)
        and stamping.bears(document, marks or Marks())
    )
    if is_saved and draft.revision == expected_revision + 1:
        return draft.revision
    if draft.revision != expected_revision:
        raise SavedByAnother(
            "Dự thảo vừa được người khác lưu. Nội dung bạn đang nhập vẫn còn trên màn hình; hãy mở "
            "bản mới nhất ở thẻ khác để so sánh trước khi lưu đè."
        )
    draft.text = texts.serialise(text)
    draft.content_sha256 = draft.size_bytes = draft.page_count = None
    draft.revision += 1
    draft.saved_at = at
    draft.created_by = by.person_id
    document.subject = text.subject
    if urgency is not None:
        document.urgency = urgency
    stamping.mark(document, marks or Marks())
    document.due_on = due_on
    return draft.revision


def upload_draft(
    session: Session, document_id: UUID, content: Content, *, by: Principal, at: datetime
) -> int:
    """Take a finished PDF as the content of the draft instead of its text; returns the revision."""
    document = steps.lock(session, document_id)
    steps.require_writer(session, document, by)
    draft = steps.open_draft(session, document)
    draft.content_sha256 = str(content.sha256)
    draft.size_bytes = content.size_bytes
    draft.page_count = content.page_count
    draft.revision += 1
    draft.saved_at = at
    draft.created_by = by.person_id
    steps.put_on_record(
        session, "document.file_uploaded", document, by=by, at=at, sha256=str(content.sha256)
    )
    return draft.revision


def choose_recipients(
    session: Session,
    document_id: UUID,
    chosen: Sequence[Recipient],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Replace the list of recipients. Groups and rules are kept as such and resolved at issue.

    What they mean now is kept too, so that the writer is told what has changed since.
    """
    document = steps.lock(session, document_id)
    steps.require_writer(session, document, by)
    steps.require_draft(document)
    targets = recipient_rules.checked_targets(chosen)
    recipients.check_known(session, targets, agency_id=document.agency_id)
    session.execute(delete(DocumentRecipient).where(DocumentRecipient.document_id == document.id))
    session.add_all(
        recipients.row(document, ordinal, each) for ordinal, each in enumerate(targets, start=1)
    )
    recipients.take_snapshot(session, document, targets, at=at)
    steps.put_on_record(
        session, "document.recipients_chosen", document, by=by, at=at, count=len(targets)
    )


def attach(
    session: Session,
    document_id: UUID,
    name: str,
    media_type: str,
    sha256: Sha256,
    size_bytes: int,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Add a file that goes with the document. Raises NameTaken, Frozen, Invalid."""
    document = steps.lock(session, document_id)
    steps.require_writer(session, document, by)
    steps.require_draft(document)
    present = session.scalars(
        select(Attachment.name).where(Attachment.document_id == document.id)
    ).all()
    if name in present:
        raise NameTaken(
            f"Văn bản đã có tệp đính kèm tên “{name}”. Hãy đổi tên tệp hoặc bỏ tệp cũ trước."
        )
    if len(present) >= MOST_ATTACHMENTS:
        raise Invalid(f"Một văn bản đính kèm nhiều nhất {MOST_ATTACHMENTS} tệp.")
    attachment = Attachment(
        id=new_id(),
        document_id=document.id,
        agency_id=document.agency_id,
        name=name,
        media_type=media_type,
        content_sha256=str(sha256),
        size_bytes=size_bytes,
        added_by=by.person_id,
        added_at=at,
    )
    session.add(attachment)
    steps.put_on_record(session, "document.attached", document, by=by, at=at, sha256=str(sha256))
    return attachment.id


def detach(
    session: Session, document_id: UUID, attachment_id: UUID, *, by: Principal, at: datetime
) -> None:
    """Take an attachment off a draft. Idempotent."""
    document = steps.lock(session, document_id)
    steps.require_writer(session, document, by)
    steps.require_draft(document)
    session.execute(
        delete(Attachment).where(
            Attachment.document_id == document.id, Attachment.id == attachment_id
        )
    )
    steps.put_on_record(
        session, "document.detached", document, by=by, at=at, attachment_id=attachment_id
    )


def record_signed(
    session: Session,
    document_id: UUID,
    content: Content,
    *,
    source: Sha256,
    capacity: str,
    by: Principal,
    at: datetime,
) -> None:
    """The competent person has signed `source`; `content` carries the signature."""
    document = steps.lock(session, document_id)
    steps.take(session, document, Step.SIGN, by=by, at=at, content_sha256=str(content.sha256))
    add_content(session, document, VersionKind.SIGNED, content, source, by=by, at=at)
    document.signer_id = by.person_id
    document.signer_capacity = capacity


def take_number(session: Session, document_id: UUID, *, by: Principal, at: datetime) -> str:
    """Give number and date; returns the code, "960/SGDĐT-CNTTTBTV".

    Idempotent: a numbered document keeps what it has, so that an interrupted numbering (the page
    was not filled in yet) can be taken up again. Art. 15: the number of an electronic document is
    given after the signature of the competent person and before the seal.
    """
    document = steps.lock(session, document_id)
    if document.state is State.NUMBERED:
        steps.require(session, document, Step.NUMBER, by)
    else:
        states.after(document.state, Step.NUMBER)
        steps.require(session, document, Step.NUMBER, by)
        notation = _notation(session, document)
        number = books.take_number(
            session, document.agency_id, document.id, notation=notation, by=by, at=at
        )
        document.number, document.notation = number, notation
        document.issued_on = clock.civil_date(at)
        # Asked already; asking again would keep everybody who waits for the book waiting.
        steps.take_as_asked(
            session, document, Step.NUMBER, by=by, at=at, number=types.code(number, notation)
        )
    assert document.number is not None
    assert document.notation is not None
    return types.code(document.number, document.notation)


def record_numbered_page(
    session: Session,
    document_id: UUID,
    content: Content,
    *,
    source: Sha256,
    by: Principal,
    at: datetime,
) -> None:
    """Number and date stand on the signed page. Idempotent."""
    document = steps.lock(session, document_id)
    if document.state is not State.NUMBERED:
        raise states.StepRefused("Văn bản không còn ở bước cấp số.")
    latest = steps.newest(session, document)
    if latest.kind is VersionKind.NUMBERED and latest.content_sha256 == str(content.sha256):
        return
    add_content(session, document, VersionKind.NUMBERED, content, source, by=by, at=at)
    steps.put_on_record(
        session, "document.page_numbered", document, by=by, at=at, sha256=str(content.sha256)
    )


def record_sealed(
    session: Session,
    document_id: UUID,
    content: Content,
    *,
    source: Sha256,
    by: Principal,
    at: datetime,
) -> None:
    """The agency's seal closes the document: the electronic original is complete (art. 5)."""
    document = steps.lock(session, document_id)
    latest = steps.newest(session, document)
    if latest.kind is not VersionKind.NUMBERED:
        raise ContentDiffers("Số và ngày chưa được ghi vào trang văn bản. Hãy cấp số lại.")
    steps.take(session, document, Step.SEAL, by=by, at=at, content_sha256=str(content.sha256))
    add_content(session, document, VersionKind.SEALED, content, source, by=by, at=at)


def add_content(
    session: Session,
    document: Document,
    kind: VersionKind,
    content: Content,
    source: Sha256,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The next version: `content`, made from `source`. Raises ContentDiffers when it is older."""
    latest = steps.newest(session, document)
    if latest.content_sha256 != str(source):
        raise ContentDiffers("Nội dung văn bản đã thay đổi trong lúc ký. Hãy mở lại và ký lại.")
    session.add(
        DocumentVersion(
            id=new_id(),
            document_id=document.id,
            agency_id=document.agency_id,
            ordinal=latest.ordinal + 1,
            kind=kind,
            text=latest.text,
            revision=1,
            content_sha256=str(content.sha256),
            size_bytes=content.size_bytes,
            page_count=content.page_count,
            created_by=by.person_id,
            created_at=at,
            saved_at=at,
            frozen_at=at,
        )
    )


def _notation(session: Session, document: Document) -> str:
    agency = people.unit(session, document.agency_id)
    drafting = people.unit(session, document.drafting_unit_id)
    return types.notation(
        document.type,
        agency.notation,
        None if drafting.id == agency.id else drafting.notation,
    )
