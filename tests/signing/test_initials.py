"""Initials (ký nháy) are real signatures: they come before the competent person's, and the numbered
and sealed document is intact to the office's verifier and to another program."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest

from eoffice import clock, db
from eoffice.documents import actions, queries
from eoffice.documents.books import numbering
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import setting as flows
from eoffice.documents.flows.actions import InitialsWanted
from eoffice.documents.flows.rules import Asked, Planned, Task, Whom
from eoffice.documents.form import placing
from eoffice.documents.model import VersionKind
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.embedded.pki import Pki, Subject
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.signing import dispatches, initials
from eoffice.signing.batches.rules import ItemState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.desk.signing_stage import begun, offered, states, work
from tests.pdfa import assert_pdfa
from tests.signing import test_ceremony
from tests.signing.test_ceremony import MORNING, Desk, in_transaction, register

_SO = "Sở Giáo dục và Đào tạo Đồng Tháp"
MORE = tuple(
    Subject(label, name, _SO, test_pki.PIN, title)
    for label, name, title in (
        ("office-head", "Phan Văn Trưởng", "Trưởng phòng"),
        ("clerk", "Lê Thị Thư", "Văn thư"),
    )
)
desk = test_ceremony.desk


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with test_pki.trust_services(tmp_path_factory.mktemp("pki"), *MORE) as served:
        yield served


@pytest.fixture
def with_keys(desk: Desk) -> Desk:
    with db.system_transaction() as session:
        register(session, desk.pki, "office-head", person_id=desk.cast.office_head.person_id)
        register(session, desk.pki, "clerk", person_id=desk.cast.clerk.person_id)
    return desk


def submitted(desk: Desk) -> UUID:
    """A dispatch for which the office's head and the clerk are asked for their initials."""
    cast = desk.cast
    clerk = Whom(Asked.POSITION, position_kind=PositionKind.CLERK, unit_id=cast.department.id)
    steps = (
        Planned(1, Task.INITIAL_CONTENT, Whom(Asked.DRAFTING_HEAD)),
        Planned(2, Task.INITIAL_FORM, clerk, working_days=1),
    )
    with db.transaction(cast.director.acting) as session:
        flows.set_flow(
            session, steps, drafting_unit_id=None, kind=None, by=cast.director, at=MORNING
        )
    with db.transaction(cast.specialist.acting) as session:
        document_id = actions.begin(
            session,
            DocumentType.DISPATCH,
            test_ceremony.TEXT,
            by=cast.specialist,
            at=MORNING,
        )
    drafting.submit(document_id, by=cast.specialist, within=in_transaction(cast.specialist))
    return document_id


def initial(document_id: UUID, who: Principal) -> None:
    initials.put(document_id, test_pki.PIN, by=who, at=clock.now(), within=in_transaction(who))


def read(desk: Desk, document_id: UUID) -> queries.DocumentRead:
    with db.transaction(desk.cast.clerk.acting) as session:
        return queries.document(session, document_id, who=desk.cast.clerk)


def pdf_of(desk: Desk, document_id: UUID) -> bytes:
    sha256 = read(desk, document_id).latest.content_sha256
    assert sha256 is not None
    return desk.store.get(Sha256.parse(sha256))


def sealed(desk: Desk) -> UUID:
    cast = desk.cast
    document_id = submitted(desk)
    initial(document_id, cast.office_head)
    initial(document_id, cast.clerk)
    dispatches.sign(
        document_id, test_pki.PIN, by=cast.director, within=in_transaction(cast.director)
    )
    numbering.take_number(document_id, by=cast.clerk, within=in_transaction(cast.clerk))
    dispatches.seal(document_id, test_pki.PIN, by=cast.clerk, within=in_transaction(cast.clerk))
    return document_id


def test_initials_then_signature_number_and_seal_are_all_intact(with_keys: Desk) -> None:
    document_id = sealed(with_keys)

    found = read(with_keys, document_id)
    assert [version.kind for version in found.versions] == [
        VersionKind.DRAFT,
        VersionKind.INITIALLED,
        VersionKind.INITIALLED,
        VersionKind.SIGNED,
        VersionKind.NUMBERED,
        VersionKind.SEALED,
    ]
    trust = TrustStore.from_directory(with_keys.pki.trust_directory)
    verdict = verify_pdf(pdf_of(with_keys, document_id), trust=trust, at=clock.now(), online=True)
    assert [each.verdict for each in verdict.signatures] == [Finding.INTACT] * 4
    assert verdict.verdict is Finding.INTACT, verdict.reason
    assert [each.field for each in verdict.signatures] == [
        "initials_1",
        "initials_2",
        "signature_person",
        "signature_seal",
    ]
    assert_pdfa(pdf_of(with_keys, document_id), signed=True)


def test_another_program_calls_every_signature_valid(
    with_keys: Desk, pdfsig: str, tmp_path: Path
) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(pdf_of(with_keys, sealed(with_keys)))
    said = subprocess.run(
        [pdfsig, "-nocert", file], capture_output=True, text=True, check=False
    ).stdout
    assert said.count("Signature is Valid") == 4, said


def test_the_page_gets_as_many_fields_as_the_flow_asks_for_initials(with_keys: Desk) -> None:
    document_id = submitted(with_keys)
    with pikepdf.open(io.BytesIO(pdf_of(with_keys, document_id))) as file:
        names = [str(each.T) for each in file.Root.AcroForm.Fields]
        width = file.pages[0].mediabox[2]
        edges = [
            [float(edge) for edge in each.Rect]
            for each in file.Root.AcroForm.Fields
            if str(each.T).startswith("initials_")
        ]
    assert sorted(names) == [
        "initials_1",
        "initials_2",
        "issued_on",
        "number_notation",
        "signature_person",
        "signature_seal",
    ]
    assert all(0 < left < right < width for left, _, right, _ in edges)
    # Behind the line of "Lưu: VT, VH, 07b.", not over it.
    filing = placing.find(pdf_of(with_keys, document_id), 1, "VT, VH, 07b.")
    assert filing is not None
    assert edges[1][0] > filing.right


def test_initials_are_not_given_by_pressing_the_button_of_an_approval(with_keys: Desk) -> None:
    document_id = submitted(with_keys)
    head = with_keys.cast.office_head
    with pytest.raises(InitialsWanted), db.transaction(head.acting) as session:
        flow_actions.approve(session, document_id, by=head, at=MORNING)


def test_nobody_puts_initials_where_the_flow_asks_another(with_keys: Desk) -> None:
    document_id = submitted(with_keys)
    with pytest.raises(StepNotYours):
        initial(document_id, with_keys.cast.clerk)


def test_a_document_with_initials_that_is_returned_begins_again_without_them(
    with_keys: Desk,
) -> None:
    document_id = submitted(with_keys)
    cast = with_keys.cast
    initial(document_id, cast.office_head)
    assert read(with_keys, document_id).state is State.CHECKING
    with db.transaction(cast.clerk.acting) as session:
        flow_actions.send_back(
            session, document_id, "Thiếu căn cứ pháp lý.", by=cast.clerk, at=MORNING
        )
    drafting.submit(document_id, by=cast.specialist, within=in_transaction(cast.specialist))
    with pikepdf.open(io.BytesIO(pdf_of(with_keys, document_id))) as file:
        signed = [each for each in file.Root.AcroForm.Fields if "/V" in each and each.FT == "/Sig"]
    assert not signed


def test_initials_are_put_in_batches_as_on_their_own_page(with_keys: Desk) -> None:
    document_id = submitted(with_keys)
    for who in (with_keys.cast.office_head, with_keys.cast.clerk):
        chosen = [each for each in offered(who) if each.id == document_id]
        assert [each.kind for each in chosen] == ["document-initials"]
        batch_id = begun(who, chosen)
        work()
        assert states(who, batch_id) == [ItemState.SIGNED]
    assert read(with_keys, document_id).state is State.AWAITING_SIGNATURE
