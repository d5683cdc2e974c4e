"""What is secret goes on paper: it is issued and numbered for itself, and sent over no network."""

from __future__ import annotations

import pytest

from eoffice.documents import types
from eoffice.documents.types import Secrecy
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, TEXT, promises


def issued(desk: Desk, secrecy: Secrecy) -> str:
    answer = desk.post(
        "specialist",
        f"{DOCUMENTS}/",
        {"type": "dispatch", "text": TEXT, "secrecy": secrecy.value},
    )
    document = str(answer.json()["id"])
    path = f"{DOCUMENTS}/{document}"
    desk.put(
        "specialist", f"{path}/recipients", {"recipients": [{"group_code": "district_offices"}]}
    )
    for login, step in (
        ("specialist", "submission"),
        ("office_head", "approval"),
        ("clerk", "form-check"),
    ):
        assert desk.post(login, f"{path}/{step}").status_code == 200
    desk.signed_by_the_director(document)
    assert desk.post("clerk", f"{path}/number").status_code == 200
    desk.sealed_by_the_clerk(document)
    answer = desk.post("clerk", f"{path}/issuance")
    assert answer.status_code == 200, answer.text
    return document


def test_a_secret_document_is_issued_and_not_delivered(desk: Desk) -> None:
    document = issued(desk, Secrecy.SECRET)

    assert "routing.deliver" not in promises(desk)
    found = desk.get("clerk", f"{DOCUMENTS}/{document}").json()
    assert found["state"] == "issued"
    assert found["issuance"]["recipients"] == 2


def test_an_open_document_is_delivered(desk: Desk) -> None:
    issued(desk, Secrecy.NONE)
    assert promises(desk).count("routing.deliver") == 1


def test_secret_documents_are_counted_for_themselves(desk: Desk) -> None:
    codes = [
        desk.get("clerk", f"{DOCUMENTS}/{issued(desk, secrecy)}").json()["number"]
        for secrecy in (Secrecy.NONE, Secrecy.CONFIDENTIAL, Secrecy.TOP_SECRET)
    ]
    assert codes == [1, 1, 2]


@pytest.mark.parametrize("secrecy", list(Secrecy))
def test_only_what_is_not_secret_travels_and_every_degree_has_its_stamp(secrecy: Secrecy) -> None:
    assert types.travels_electronically(secrecy) == (secrecy is Secrecy.NONE)
    assert (secrecy in types.SECRECY_STAMPS) == (secrecy is not Secrecy.NONE)
    assert types.SECRECY_NAMES[secrecy]
