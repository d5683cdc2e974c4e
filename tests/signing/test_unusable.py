"""Who may not sign with a certificate is told why, and nothing of it stays behind."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select

from eoffice import db
from eoffice.documents.states import State
from eoffice.embedded.pki import materialise
from eoffice.settings import settings
from eoffice.signing.certificates import (
    CertificateNotTrusted,
    CertificateNotUsable,
    CertificateOver,
    CertificateRevoked,
    TrustNotSet,
)
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from tests import pki as test_pki
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, document, register, requests, sign

pki = test_ceremony.pki
desk = test_ceremony.desk


@pytest.mark.parametrize(
    ("label", "refusal", "said"),
    [
        (
            "expired",
            CertificateOver,
            "Võ Văn Hết Hạn đã hết hạn ngày 01/01/2018 lúc 07:00",
        ),
        ("revoked", CertificateRevoked, "Phạm Thị Thu Hồi, hoặc của cơ quan cấp, đã bị thu hồi"),
        ("stranger", CertificateNotTrusted, "do “CA không được công nhận” cấp"),
    ],
)
def test_nothing_is_requested_with_a_certificate_that_may_not_sign(
    desk: Desk, label: str, refusal: type[CertificateNotUsable], said: str
) -> None:
    director = desk.cast.director
    with db.system_transaction() as session:
        register(session, desk.pki, label, person_id=director.person_id)
    with pytest.raises(refusal, match=said):
        sign(desk)
    with db.system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(SignatureRequest)) == 0
    assert document(desk).state is State.AWAITING_SIGNATURE

    with db.system_transaction() as session:
        register(session, desk.pki, "director", person_id=director.person_id)
    sign(desk)
    assert requests(desk) == [RequestState.SIGNED]


def test_what_was_not_known_of_a_certificate_is_kept_with_the_request(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The authority of this signer is silent: it signs, and the request says so."""
    who = dataclasses.replace(test_pki.TEACHER, label="silent")
    silent = materialise(tmp_path_factory.mktemp("silent"), [who], port=9)
    given = {
        silent.trust_directory / "root.pem": settings().trust_directory / "silent.pem",
        silent.key_file("silent"): settings().key_directory / "silent.p12",
        silent.key_file("silent").with_suffix(".pem"): settings().key_directory / "silent.pem",
    }
    for source, target in given.items():
        target.write_bytes(source.read_bytes())
    try:
        with db.system_transaction() as session:
            register(session, silent, "silent", person_id=desk.cast.director.person_id)
        sign(desk)
    finally:
        for target in given.values():
            target.unlink()
    with db.system_transaction() as session:
        (found,) = session.scalars(select(SignatureRequest))
        assert found.prepared is not None
        (said,) = found.prepared["notes"]
    assert said.startswith("Chưa hỏi được cơ quan chứng thực")


def test_without_roots_nothing_is_signed_and_the_operator_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EOFFICE_TRUST", str(settings().var / "khong-co"))
    settings.cache_clear()
    with pytest.raises(TrustNotSet, match="Hãy báo quản trị viên"):
        sign(desk)
    assert requests(desk) == []
