"""Who is asked whether a certificate was revoked: public hosts, and those the operator has named.

OCSP first, then the list; what is too large, redirected or elsewhere counts as no answer.
"""

from __future__ import annotations

import pytest
from asn1crypto import x509

from eoffice.embedded.pki import Pki
from eoffice.settings import REVOCATION_HOSTS
from eoffice.signing import asking, revocation
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from tests import pki as cast
from tests.signing import certified


@pytest.fixture
def path(pki: Pki) -> list[x509.Certificate]:
    """The director's certificate below its issuer."""
    identity = cast.key_store(pki, cast.DIRECTOR).identity()
    return [x509.Certificate.load(one) for one in (*identity.chain[:1], identity.certificate)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the desk wants to ask; nobody answers."""
    found: list[str] = []

    def nobody(url: str, *_: object, **__: object) -> bytes:
        found.append(url)
        raise asking.NoAnswer("không trả lời")

    monkeypatch.setattr(asking, "ask", nobody)
    return found


def test_a_host_that_the_operator_has_named_is_asked(
    pki: Pki, path: list[x509.Certificate]
) -> None:
    (response,) = RevocationDesk().ask(path).ocsp_responses
    assert response["response_status"].native == "successful"


def test_a_host_of_this_network_that_nobody_has_named_is_not(
    path: list[x509.Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(REVOCATION_HOSTS)
    with pytest.raises(RevocationUnavailable, match="Không hỏi được cơ quan chứng thực"):
        RevocationDesk().ask(path)


def test_ocsp_is_asked_first_and_the_list_after(
    path: list[x509.Certificate], asked: list[str]
) -> None:
    with pytest.raises(RevocationUnavailable):
        RevocationDesk().ask(path)
    assert [url.rpartition("/")[2] for url in asked] == ["ocsp", "issuing.crl"]


def test_a_certificate_with_many_addresses_does_not_keep_us_busy(asked: list[str]) -> None:
    root = certified.make("Root", is_ca=True)
    made = certified.make("Nhiều địa chỉ", by=root, address="http://ca.example.vn/list")
    many = [x509.Certificate.load(one.der) for one in (root, made)]
    points = many[1].crl_distribution_points
    many[1]._crl_distribution_points = points * 50
    with pytest.raises(RevocationUnavailable):
        RevocationDesk().ask(many)
    assert len(asked) == revocation.MOST_ADDRESSES


def test_what_was_told_once_is_not_asked_again(path: list[x509.Certificate]) -> None:
    desk = RevocationDesk()
    (first,), (second,) = (desk.ask(path).ocsp_responses for _ in range(2))
    assert first.dump() == second.dump()
