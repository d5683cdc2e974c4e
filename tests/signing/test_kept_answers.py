"""Answers about revocation are kept where authorities are asked, and serve where none can be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import x509

from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.signing import asking
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.kept_answers import VARIABLE, KeptAnswers, NothingKept
from eoffice.signing.revocation import RevocationDesk
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.signing.papers import SIGNED_AT, Dispatch

LATER = SIGNED_AT + timedelta(minutes=5)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def filled(
    directory: Path, pki: Pki, trust: TrustStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """What is kept when authorities are asked about the dispatch's signers and stamps."""
    kept = KeptAnswers(directory)
    with cast.office_clock(tmp_path / "clock.json", LATER):
        for subject in (cast.DIRECTOR, cast.SEAL):
            identity = cast.key_store(pki, subject).identity()
            issuing = x509.Certificate.load(identity.chain[0])
            own = x509.Certificate.load(identity.certificate)
            anchors = [x509.Certificate.load(one) for one in trust.anchors]
            (root,) = (one for one in anchors if one.subject == issuing.issuer)
            RevocationDesk(kept=kept).ask([root, issuing, own])

    def nobody(*_: object, **__: object) -> bytes:
        raise asking.NoAnswer("không trả lời")

    monkeypatch.setattr(asking, "ask", nobody)
    return directory


def test_a_file_without_revocation_data_is_intact_by_what_was_kept(
    filled: Path, dispatch: Dispatch, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verify_pdf(dispatch.certified, trust=trust, at=LATER)
    assert found.verdict is Finding.INTACT, found.reason
    (signature,) = found.signatures
    assert signature.certificate is not None
    assert "lưu ở máy này" in signature.certificate.revocation
    monkeypatch.delenv(VARIABLE)
    assert verify_pdf(dispatch.certified, trust=trust, at=LATER).verdict is Finding.UNVERIFIABLE


def test_the_child_that_verifies_strangers_files_finds_them_too(
    filled: Path, dispatch: Dispatch, trust: TrustStore
) -> None:
    found = verify_pdf_bounded(dispatch.certified, trust=trust, at=LATER)
    assert found.verdict is Finding.INTACT, found.reason


def test_what_is_damaged_or_missing_says_nothing(
    filled: Path, dispatch: Dispatch, trust: TrustStore
) -> None:
    for file in filled.iterdir():
        file.write_bytes(file.read_bytes()[:-7] + b"garbage")
    assert verify_pdf(dispatch.certified, trust=trust, at=LATER).verdict is Finding.UNVERIFIABLE
    for file in filled.iterdir():
        file.unlink()
    assert verify_pdf(dispatch.certified, trust=trust, at=LATER).verdict is Finding.UNVERIFIABLE


def test_kept_answers_do_not_make_a_file_more_than_it_is(
    filled: Path, dispatch: Dispatch, trust: TrustStore
) -> None:
    found = verify_pdf(dispatch.certified, trust=trust, at=LATER)
    assert {each.level.value for each in found.signatures if each.level} == {"B-T"}


def test_nothing_is_kept_of_whom_nobody_knows(directory: Path, pki: Pki) -> None:
    own = x509.Certificate.load(cast.key_store(pki, cast.DIRECTOR).identity().certificate)
    with pytest.raises(NothingKept):
        KeptAnswers(directory).about([own, own])


def test_a_directory_that_cannot_be_written_keeps_nobody_from_signing(
    pki: Pki, trust: TrustStore, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    identity = cast.key_store(pki, cast.DIRECTOR).identity()
    path = [x509.Certificate.load(one) for one in (*identity.chain[:1], identity.certificate)]
    with cast.office_clock(tmp_path / "clock.json", LATER):
        assert clock.now() >= LATER
        told = RevocationDesk(kept=KeptAnswers(tmp_path / "file")).ask(path)
    assert told.ocsp_responses
