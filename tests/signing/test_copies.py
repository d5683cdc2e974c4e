"""An electronic copy is closed by the agency's words, top right, without image (form 3.2)."""

from __future__ import annotations

from uuid import UUID

from eoffice import clock, db
from eoffice.documents import queries
from eoffice.documents.copies import actions as copies
from eoffice.documents.copies import copying
from eoffice.documents.copies.copying import Wanted
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import CopyMedium, VersionKind
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.objects.sha256 import Sha256
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests.documents.test_rendering import words
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, content, document, in_transaction, number, seal, sign

desk = test_ceremony.desk
MORNING = test_ceremony.MORNING


def copied(desk: Desk, kind: DocumentType, medium: CopyMedium) -> Desk:
    """A copy of the document that awaits its signature."""
    cast = desk.cast
    clerk = cast.clerk
    sign(desk)
    number(desk)
    seal(desk)
    with db.transaction(clerk.acting) as session:
        issuing.issue(session, desk.document_id, by=clerk, at=MORNING)
    with db.transaction(clerk.acting) as session:
        source = copies.own_source(session, desk.document_id, who=clerk)
    made: UUID = copying.make(
        source,
        Wanted(kind, medium, "", f"{cast.director.person_id}:head:Giám đốc", ()),
        by=clerk,
        within=in_transaction(clerk),
    )
    drafting.submit(made, by=clerk, within=in_transaction(clerk))
    chief = cast.chief_of_administration
    with db.transaction(chief.acting) as session:
        flow_actions.approve(session, made, by=chief, at=MORNING)
    drafting.pass_form(made, by=clerk, within=in_transaction(clerk))
    return Desk(cast, desk.store, desk.pki, made)


def test_an_electronic_copy_says_its_form_the_agency_and_the_time(desk: Desk) -> None:
    copy = copied(desk, DocumentType.CERTIFIED_COPY, CopyMedium.ELECTRONIC)

    sign(copy)
    assert number(copy) == "01/SY-SGDĐT"
    seal(copy)

    assert document(copy).state is State.SEALED
    assert document(copy).latest.kind is VersionKind.SEALED
    said = words(content(copy))
    assert "SAO Y; " in said
    assert said.endswith("+07:00")
    # What the original shows stays; its own signatures are none of the copy.
    assert "960/SGDĐT-CNTTTBTV" in said
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    verdict = verify_pdf(content(copy), trust=trust, at=clock.now(), online=True)
    assert [each.verdict for each in verdict.signatures] == [Finding.INTACT, Finding.INTACT]


def test_a_paper_copy_bears_number_signature_and_seal_in_its_block(desk: Desk) -> None:
    copy = copied(desk, DocumentType.COPY_OF_COPY, CopyMedium.PAPER)

    sign(copy)
    number(copy)
    seal(copy)

    said = words(content(copy))
    assert "SAO LỤC" in said
    assert "01/SL-SGDĐT" in said
    with db.transaction(desk.cast.clerk.acting) as session:
        (listed,) = copies.of_source(session, desk.document_id, who=desk.cast.clerk)
        source = queries.document(session, desk.document_id, who=desk.cast.clerk)
    assert (listed.code, listed.source_code) == ("01/SL-SGDĐT", source.code)
    assert Sha256.parse(source.latest.content_sha256 or "")
