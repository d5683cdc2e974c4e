"""What the mailroom does by promise and by the calendar: pages read, mail fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from sqlalchemy.orm import Session

from eoffice import clock, named_secrets, outbox
from eoffice.db import system_transaction
from eoffice.files import bounded, intake
from eoffice.files.intake import MediaType
from eoffice.mailroom import (
    imap,
    mail_actions,
    mail_queries,
    mime,
    recognition,
    scan_actions,
    scan_queries,
)
from eoffice.mailroom.imap import Fetched, MailboxFailure
from eoffice.mailroom.mail_actions import KeptPart
from eoffice.mailroom.mime import Part
from eoffice.mailroom.recognition import ReaderUnavailable
from eoffice.mailroom.states import AttachmentKind
from eoffice.named_secrets import SecretMissing
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps, keeps_in_steps
from eoffice.routing.outside_rules import OutsideFile


@keeps("mailroom.recognise")
def recognise(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A document that came by another way has pictures only."""
    scan_actions.read_delivery(session, UUID(payload["delivery_id"]), at=at)


@keeps_in_steps("mailroom.begin_reading")
def begin_reading(claim: outbox.Claim, at: datetime) -> None:
    """Whether this machine can read pages, and then a promise for each."""
    try:
        recognition.reader()
        available = True
    except ReaderUnavailable:
        available = False
    with system_transaction() as session:
        scan_actions.begin_reading(
            session, UUID(claim.payload["scan_id"]), available=available, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("mailroom.read_page")
def read_page(claim: outbox.Claim, at: datetime) -> None:
    """One page: its words and where they stand."""
    scan_id, number = UUID(claim.payload["scan_id"]), int(claim.payload["number"])
    with system_transaction() as session:
        digest = scan_queries.content_of(session, scan_id)
    store = configured.store()
    found = recognition.reader().read(store.get(Sha256.parse(digest)), number)
    layer = None if found is None else store.put(found.layer, MediaType.PDF)
    with system_transaction() as session:
        scan_actions.keep_page(
            session, scan_id, number, None if found is None else found.text, layer, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("mailroom.finish_reading")
def finish_reading(claim: outbox.Claim, at: datetime) -> None:
    """All pages were read: a copy with their words, beside the bytes as they came."""
    scan_id = UUID(claim.payload["scan_id"])
    with system_transaction() as session:
        digest = scan_queries.content_of(session, scan_id)
        pages = scan_queries.pages_of(session, scan_id)
        session.expunge_all()
    store = configured.store()
    layers = {
        page.number: store.get(Sha256.parse(page.layer_sha256))
        for page in pages
        if page.layer_sha256 is not None
    }
    searchable = None
    if layers:
        try:
            copy = recognition.with_words(store.get(Sha256.parse(digest)), layers)
            searchable = store.put(copy, MediaType.PDF)
        except bounded.ChildFailed:
            # The words are kept all the same; only the copy cannot be made of such a file.
            searchable = None
    with system_transaction() as session:
        scan_actions.finish_reading(
            session, scan_id, scan_actions.whole_text(pages), searchable, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())


def fetch_mail() -> None:
    """Look into every mailbox; what fails in one is told to the operator and stops no other."""
    with system_transaction() as session:
        found = mail_queries.places(session)
    for agency_id, place, password_name in found:
        failure: str | None = None
        try:
            for fetched in imap.new_messages(place, named_secrets.read(password_name)):
                _keep(agency_id, fetched)
        except (MailboxFailure, SecretMissing) as failed:
            failure = str(failed)
        with system_transaction() as session:
            mail_actions.looked(session, agency_id, failure, at=clock.now())


shared_task(name="mailroom.fetch_mail", ignore_result=True)(fetch_mail)


def _keep(agency_id: UUID, fetched: Fetched) -> None:
    """Bytes first, then the rows that name them with how far the folder is read, in one step."""
    letter = mime.letter(fetched.raw)
    store = configured.store()
    source = store.put(fetched.raw, "message/rfc822")
    parts = [_kept_part(part) for part in letter.parts]
    note = "Thư quá lớn nên chỉ nhận phần đầu; hãy mở thư trong hộp thư." if fetched.is_cut else ""
    at = clock.now()
    with system_transaction() as session:
        mail_actions.keep_message(
            session,
            agency_id,
            letter,
            source,
            parts,
            note=note,
            at=at,
        )
        mail_actions.advance(session, agency_id, fetched.uid_validity, fetched.uid, at=at)


def _kept_part(part: Part) -> KeptPart:
    """A PDF that cannot be read is a file like any other."""
    kind, pages, text = part.kind, None, ""
    media_type = "application/octet-stream"
    if kind is AttachmentKind.DOCUMENT:
        media_type = MediaType.PDF.value
        try:
            inspected = intake.inspect_pdf(part.content)
            pages, text = inspected.page_count, inspected.text[: mime.MOST_TEXT]
        except intake.UploadUnreadable:
            kind = AttachmentKind.FILE
    elif kind is AttachmentKind.EXCHANGE:
        media_type = "application/xml"
    digest = configured.store().put(part.content, media_type)
    file = OutsideFile(part.name, media_type, len(part.content), digest)
    return KeptPart(file, kind, pages, text)
