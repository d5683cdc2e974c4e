"""Keys of services that ask the signer on the telephone: VNPT SmartCA and Viettel MySign.

Both take an array of hashes, show one question for all of them, and are asked for the answer
afterwards. Both make RSA signatures of PKCS#1 v1.5 only, so their keys are on record as such.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from eoffice.signing.keys import calling
from eoffice.signing.keys.calling import Bearers, ServiceRefused
from eoffice.signing.keys.contract import (
    Answer,
    AnswerKind,
    Identity,
    KeyUnavailable,
    Question,
    ToSign,
)
from eoffice.signing.keys.services import Provider
from eoffice.signing.mechanisms import Mechanism

_NO_CERTIFICATE: Final = (
    "Dịch vụ ký số không có chứng thư này của người ký. Kiểm tra mã người dùng và số chứng thư."
)
_ONLY: Final = "Dịch vụ ký số này chỉ ký RSA PKCS#1 v1.5 với SHA-256."
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
_MYSIGN_DONE: Final = "1"
_LONGEST_TITLE: Final = 200

_bearers: Final = Bearers()


class SmartCaKeyStore:
    """VNPT SmartCA. Credential: "user identifier/serial number of the certificate"."""

    def __init__(self, service: Provider, credential: str) -> None:
        self._service = service
        self._user, _, self._serial = credential.partition("/")

    def identity(self) -> Identity:
        answer = self._call("v1/credentials/get_certificate", {"transaction_id": uuid4().hex})
        for each in calling.listed(answer, "data", "user_certificates"):
            if str(each.get("serial_number", "")).casefold() == self._serial.casefold():
                issuers = each.get("chain_data") or {}
                return Identity(
                    calling.decoded(each.get("cert_data")),
                    tuple(
                        calling.decoded(issuers[name])
                        for name in ("ca_cert", "root_cert")
                        if issuers.get(name)
                    ),
                )
        raise KeyUnavailable(_NO_CERTIFICATE)

    def ask(self, items: Sequence[ToSign], mechanism: Mechanism, *, at: datetime) -> Question:
        _require(mechanism)
        answer = self._call(
            "v1/signatures/sign",
            {
                "transaction_id": uuid4().hex,
                "transaction_desc": _said(items),
                "time_stamp": at.strftime("%Y%m%d%H%M%SZ"),
                "sign_files": [
                    {
                        "doc_id": str(each.id),
                        "file_type": "pdf",
                        "sign_type": "hash",
                        "data_to_be_signed": each.digest.hex(),
                    }
                    for each in items
                ],
            },
        )
        data = answer.get("data") if isinstance(answer, dict) else None
        number = "tran_code" if (data or {}).get("tran_code") else "transaction_id"
        return Question(
            {"transaction": calling.text(answer, "data", number)},
            at + timedelta(minutes=self._service.minutes),
        )

    def answer(self, ticket: Mapping[str, Any], ids: Sequence[UUID]) -> Answer:
        answer = _called(
            f"{self._service.address}/v1/signatures/sign/{ticket['transaction']}/status",
            {},
            self._service,
        )
        if isinstance(answer, Answer):
            return answer
        found = calling.listed(answer, "data", "signatures")
        if not found:
            return _ended(answer, self._service)
        values = {str(each.get("doc_id")): each.get("signature_value") for each in found}
        return Answer(
            AnswerKind.SIGNED,
            {each: calling.decoded(values[str(each)]) for each in ids if values.get(str(each))},
        )

    def _call(self, method: str, body: Mapping[str, object]) -> Any:
        try:
            return calling.post(
                f"{self._service.address}/{method}",
                {
                    "sp_id": self._service.client_id,
                    "sp_password": self._service.read_secret(),
                    "user_id": self._user,
                    "serial_number": self._serial,
                    **body,
                },
            )
        except ServiceRefused as refused:
            raise refused.as_unavailable from refused


class MySignKeyStore:
    """Viettel MySign. Credential: "user identifier/credential"."""

    def __init__(self, service: Provider, credential: str) -> None:
        self._service = service
        self._user, _, self._credential = credential.partition("/")

    def identity(self) -> Identity:
        answer = self._call(
            "certificates/info", {"certificates": "chain", "certInfo": True, "authInfo": True}
        )
        for each in answer if isinstance(answer, list) else []:
            if str(each.get("credential_id", "")) == self._credential:
                found = calling.listed(each, "cert", "certificates")
                if found:
                    own, *chain = map(calling.decoded, found)
                    return Identity(own, tuple(chain))
        raise KeyUnavailable(_NO_CERTIFICATE)

    def ask(self, items: Sequence[ToSign], mechanism: Mechanism, *, at: datetime) -> Question:
        _require(mechanism)
        answer = self._call(
            "signHash",
            {
                "credentialID": self._credential,
                "description": _said(items),
                "numSignatures": len(items),
                "documents": [
                    {"document_id": str(each.id), "document_name": each.title[:_LONGEST_TITLE]}
                    for each in items
                ],
                "hash": [base64.b64encode(each.digest).decode() for each in items],
                "hashAlgo": _SHA256,
                "signAlgo": _RSA_ENCRYPTION,
                "async": 1,
            },
        )
        return Question(
            {"transaction": calling.text(answer, "transactionId")},
            at + timedelta(minutes=self._service.minutes),
        )

    def answer(self, ticket: Mapping[str, Any], ids: Sequence[UUID]) -> Answer:
        transaction = {"transactionId": ticket["transaction"]}
        try:
            answer = self._call("requests/status", transaction)
        except KeyUnavailable as unavailable:
            if isinstance(unavailable.__cause__, ServiceRefused):
                return _ended(
                    {"status": unavailable.__cause__.code}, self._service, or_raise=unavailable
                )
            raise
        found = calling.listed(answer, "signatures")
        if str(answer.get("status", "")) != _MYSIGN_DONE or not found:
            return _ended(answer, self._service)
        if len(found) != len(ids):
            raise calling.unreadable()
        values = map(calling.decoded, found)
        return Answer(AnswerKind.SIGNED, dict(zip(ids, values, strict=True)))

    def _call(self, method: str, body: Mapping[str, object]) -> Any:
        """A bearer token that was refused is asked for once more."""
        url = f"{self._service.address}/{method}"
        full = {
            "client_id": self._service.client_id,
            "client_secret": self._service.read_secret(),
            "profile_id": self._service.profile,
            "user_id": self._user,
            **body,
        }
        try:
            try:
                return calling.post(url, full, bearer=self._bearer())
            except ServiceRefused as refused:
                if refused.status != httpx.codes.UNAUTHORIZED:
                    raise
                _bearers.forget(self._kept_as())
                return calling.post(url, full, bearer=self._bearer())
        except ServiceRefused as refused:
            raise refused.as_unavailable from refused

    def _bearer(self) -> str:
        return _bearers.of(self._kept_as(), self._granted)

    def _granted(self) -> tuple[str, float]:
        answer = calling.post(
            f"{self._service.address}/ras/v1/login",
            {
                "client_id": self._service.client_id,
                "client_secret": self._service.read_secret(),
                "profile_id": self._service.profile,
                "user_id": self._user,
            },
        )
        lasts = answer.get("expires_in") if isinstance(answer, dict) else None
        return calling.text(answer, "access_token"), float(lasts or 300)

    def _kept_as(self) -> tuple[str, ...]:
        return self._service.address, self._service.client_id, self._user


def _called(url: str, body: Mapping[str, object], service: Provider) -> Any:
    """What is answered, or the Answer that a refusal means."""
    try:
        return calling.post(url, body)
    except ServiceRefused as refused:
        return _ended(
            {"status_code": refused.code, "message": refused.words},
            service,
            or_raise=refused.as_unavailable,
        )


def _ended(answer: Any, service: Provider, or_raise: KeyUnavailable | None = None) -> Answer:
    """Whether the service says, in words of its own, that no signature will come."""
    found = answer if isinstance(answer, dict) else {}
    said = {str(found[name]) for name in ("status_code", "message", "status") if name in found}
    if said & service.declined:
        return Answer(AnswerKind.DECLINED)
    if said & service.lapsed:
        return Answer(AnswerKind.LAPSED)
    if or_raise is not None:
        raise or_raise
    return Answer(AnswerKind.WAITING)


def _require(mechanism: Mechanism) -> None:
    if mechanism is not Mechanism.RSA_PKCS1_SHA256:
        raise KeyUnavailable(_ONLY)


def _said(items: Sequence[ToSign]) -> str:
    """For the telephone: the thing itself, or how many."""
    if len(items) == 1:
        return items[0].title[:_LONGEST_TITLE]
    return f"{len(items)} văn bản: {items[0].title}"[:_LONGEST_TITLE]
