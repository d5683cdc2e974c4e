"""An issued document is corrected, amended or replaced by another one; both pages say so.

Decree 30/2020, art. 18: an error of content by a document of the same form, an error of form by a
dispatch (đính chính).
"""

from __future__ import annotations

import itertools
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.documents.actions import Recipient
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue import corrections, corrections_rules
from eoffice.documents.issue.corrections_rules import (
    CorrectionKind,
    Force,
    NotToBeCorrected,
    WrongForm,
)
from eoffice.documents.model import Document
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State
from eoffice.documents.steps import Frozen, NoDocument
from eoffice.documents.types import DocumentType
from tests.cast import Cast
from tests.documents import sealed_papers

#: Written out again by hand, so that a slip in the table is seen.
FORCES = {
    ("in_force", "corrects"): "corrected",
    ("in_force", "amends"): "amended",
    ("in_force", "replaces"): "replaced",
    ("corrected", "corrects"): "corrected",
    ("corrected", "amends"): "amended",
    ("corrected", "replaces"): "replaced",
    ("amended", "corrects"): "amended",
    ("amended", "amends"): "amended",
    ("amended", "replaces"): "replaced",
}


@pytest.mark.parametrize(("force", "kind"), list(itertools.product(Force, CorrectionKind)))
def test_each_pair_leads_on_or_is_refused(force: Force, kind: CorrectionKind) -> None:
    expected = FORCES.get((force.value, kind.value))
    if expected is None:
        with pytest.raises(NotToBeCorrected):
            corrections_rules.after(force, kind)
    else:
        assert corrections_rules.after(force, kind) is Force(expected)


@pytest.mark.parametrize("length", range(4))
def test_the_force_is_that_of_the_table_whatever_the_order(length: int) -> None:
    for kinds in itertools.product((CorrectionKind.CORRECTS, CorrectionKind.AMENDS), repeat=length):
        force = Force.IN_FORCE
        for kind in kinds:
            force = corrections_rules.after(force, kind)
        assert corrections_rules.force_of(kinds) is force
        assert corrections_rules.force_of((*kinds, CorrectionKind.REPLACES)) is Force.REPLACED


@pytest.mark.parametrize("kind", CorrectionKind)
@pytest.mark.parametrize("new_type", [DocumentType.DISPATCH, DocumentType.DECISION])
@pytest.mark.parametrize("state", State)
def test_form_and_state_decide_whether_it_may_be_noted(
    kind: CorrectionKind, new_type: DocumentType, state: State
) -> None:
    def check() -> None:
        corrections_rules.check(
            kind,
            new_type=new_type,
            old_type=DocumentType.DECISION,
            old_state=state,
            old_force=Force.IN_FORCE,
        )

    right_form = (kind is CorrectionKind.CORRECTS) == (new_type is DocumentType.DISPATCH)
    if state is not State.ISSUED:
        with pytest.raises(NotToBeCorrected):
            check()
    elif not right_form:
        with pytest.raises(WrongForm):
            check()
    else:
        check()


@pytest.fixture
def issued(session: Session, cast: Cast, at: datetime) -> UUID:
    """Dispatch 960, issued to a high school."""
    document_id = sealed_papers.sealed(
        session, cast, [Recipient(unit_id=cast.high_school.id)], at=at
    )
    issuing.issue(session, document_id, by=cast.clerk, at=at)
    session.flush()
    return document_id


def test_both_pages_are_linked_and_the_earlier_one_is_marked_with_the_issue(
    session: Session, cast: Cast, issued: UUID, at: datetime
) -> None:
    new = sealed_papers.draft(session, cast, [Recipient(unit_id=cast.district.id)], at=at)
    corrections.note(session, new, issued, CorrectionKind.REPLACES, by=cast.specialist, at=at)
    session.flush()
    before = corrections.links(session, issued, who=cast.specialist)
    sealed_papers.seal(session, cast, new, number=961, at=at)
    issuing.issue(session, new, by=cast.clerk, at=at)
    session.flush()

    ahead = corrections.links(session, new, who=cast.specialist)
    back = corrections.links(session, issued, who=cast.specialist)
    assert before.force is Force.IN_FORCE
    assert [(each.said, each.code) for each in ahead.corrects] == [
        ("Thay thế", "960/SGDĐT-CNTTTBTV")
    ]
    assert [(each.said, each.code) for each in back.corrected_by] == [
        ("Được thay thế bởi", "961/SGDĐT-CNTTTBTV")
    ]
    assert back.force is Force.REPLACED


def test_a_recalled_replacement_leaves_the_earlier_document_in_force(
    session: Session, cast: Cast, issued: UUID, at: datetime
) -> None:
    new = sealed_papers.draft(session, cast, [Recipient(unit_id=cast.district.id)], at=at)
    corrections.note(session, new, issued, CorrectionKind.REPLACES, by=cast.specialist, at=at)
    sealed_papers.seal(session, cast, new, number=961, at=at)
    issuing.issue(session, new, by=cast.clerk, at=at)
    issuing.withdraw(session, new, "Sai.", by=cast.director, at=at)
    session.flush()

    assert corrections.force_of(session, issued) is Force.IN_FORCE


def test_who_got_the_earlier_document_and_would_not_get_this_one_is_named(
    session: Session, cast: Cast, issued: UUID, at: datetime
) -> None:
    new = sealed_papers.draft(session, cast, [Recipient(unit_id=cast.district.id)], at=at)
    corrections.note(session, new, issued, CorrectionKind.CORRECTS, by=cast.specialist, at=at)
    session.flush()

    meant = recipients.of_document(session, session.get_one(Document, new), at=at)
    assert corrections.left_out(session, new, meant) == (cast.high_school.id,)
    again = corrections.recipients_of_corrected(session, new)
    assert [target.unit_id for target in again] == [cast.high_school.id]


def test_only_writers_note_it_and_only_on_a_draft(
    session: Session, cast: Cast, issued: UUID, at: datetime
) -> None:
    new = sealed_papers.draft(session, cast, [], at=at)
    kind = CorrectionKind.REPLACES

    with pytest.raises(StepNotYours):
        corrections.note(session, new, issued, kind, by=cast.secondary_office_head, at=at)
    with pytest.raises(NoDocument):
        corrections.note(session, new, issued, kind, by=cast.district_head, at=at)
    sealed_papers.seal(session, cast, new, number=961, at=at)
    with pytest.raises(Frozen):
        corrections.note(session, new, issued, kind, by=cast.specialist, at=at)


def test_a_link_can_be_dropped_again(
    session: Session, cast: Cast, issued: UUID, at: datetime
) -> None:
    new = sealed_papers.draft(session, cast, [], at=at)
    corrections.note(session, new, issued, CorrectionKind.CORRECTS, by=cast.specialist, at=at)
    for _ in range(2):
        corrections.drop(session, new, issued, by=cast.specialist, at=at)
    session.flush()

    assert corrections.links(session, new, who=cast.specialist).corrects == ()


def test_candidates_are_found_by_number_or_subject(
    session: Session, cast: Cast, issued: UUID
) -> None:
    def found(words: str) -> list[UUID]:
        return [
            each.document_id
            for each in corrections.candidates(session, who=cast.specialist, words=words, limit=5)
        ]

    assert found("960") == found("vnedu") == found("960/SGDĐT") == [issued]
    assert found("961") == []
