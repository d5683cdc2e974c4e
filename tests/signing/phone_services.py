"""Small servers in the shape of VNPT SmartCA and Viettel MySign, with a real key behind them.

They speak as the published adapters of others do; neither provider has been asked. What the signer
does on the telephone, the test does on `Phone`.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

CLIENT, SECRET, USER, SERIAL = "4928.apps", "one-secret", "001080000000", "540110000b4525650231e4f9"
CREDENTIAL, PROFILE, TOKEN = "cred-1", "adss:ras:profile:001", "a-bearer"


@dataclass
class Phone:
    """What the signer was asked, and says."""

    key: rsa.RSAPrivateKey
    #: DER, the holder's first.
    certificates: tuple[bytes, ...]
    #: Hashes of each question, with identifiers.
    questions: list[list[tuple[str, bytes]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    #: "waiting", "signed", "declined" or "lapsed".
    answers: str = "waiting"
    #: Silent: it breaks every connection.
    silent: bool = False
    #: Signs with this key instead.
    other_key: rsa.RSAPrivateKey | None = None
    #: Bearer tokens that are good.
    tokens: set[str] = field(default_factory=set)
    logins: int = 0

    def values(self, number: int) -> list[tuple[str, str]]:
        key = self.other_key or self.key
        return [
            (
                name,
                base64.b64encode(
                    key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
                ).decode(),
            )
            for name, digest in self.questions[number]
        ]

    def ask(self, said: str, items: list[tuple[str, bytes]]) -> str:
        self.questions.append(items)
        self.said.append(said)
        return str(len(self.questions) - 1)


@contextmanager
def served(phone: Phone) -> Iterator[str]:
    """The address of both services."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if phone.silent:
                self.connection.close()
                return
            if self.path.startswith("/sca/"):
                status, answer = _smartca(phone, self.path.removeprefix("/sca/"), body)
            else:
                bearer = (self.headers["authorization"] or "").removeprefix("Bearer ")
                status, answer = _mysign(phone, self.path.removeprefix("/vtss/"), body, bearer)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            """Nothing: the test says what it sees."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _smartca(phone: Phone, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    if path.endswith("/status"):
        number = path.split("/")[-2].removeprefix("tran-")
        match phone.answers:
            case "signed":
                signatures = [
                    {"doc_id": name, "signature_value": value, "timestamp_signature": None}
                    for name, value in phone.values(int(number))
                ]
                return 200, {
                    "status_code": 200,
                    "message": "SUCCESS",
                    "data": {"transaction_id": number, "signatures": signatures},
                }
            case "declined":
                return 200, {"status_code": 200, "message": "SIGNER_REJECTED", "data": None}
            case "lapsed":
                return 400, {"status_code": 4001, "message": "EXPIRED", "data": None}
        return 200, {"status_code": 200, "message": "PENDING", "data": {"signatures": None}}
    if (body["sp_id"], body["sp_password"], body["user_id"]) != (CLIENT, SECRET, USER):
        return 403, {"status_code": 403, "message": "Thông tin đối tác không hợp lệ"}
    if path == "v1/credentials/get_certificate":
        own, issuer, *_ = (*phone.certificates, phone.certificates[-1])
        found = {
            "serial_number": SERIAL,
            "cert_data": _text(own),
            "chain_data": {"ca_cert": _text(issuer), "root_cert": None},
        }
        return 200, {"status_code": 200, "data": {"user_certificates": [found]}}
    items = [
        (each["doc_id"], bytes.fromhex(each["data_to_be_signed"])) for each in body["sign_files"]
    ]
    number = phone.ask(body["transaction_desc"], items)
    return 200, {
        "status_code": 200,
        "data": {"transaction_id": body["transaction_id"], "tran_code": f"tran-{number}"},
    }


def _mysign(phone: Phone, path: str, body: dict[str, Any], bearer: str) -> tuple[int, Any]:
    given = (body["client_id"], body["client_secret"], body["profile_id"], body["user_id"])
    if given != (CLIENT, SECRET, PROFILE, USER):
        return 403, {"error": "invalid_client", "error_description": "Unknown client"}
    if path == "ras/v1/login":
        phone.logins += 1
        phone.tokens = {f"{TOKEN}-{phone.logins}"}
        return 200, {"access_token": f"{TOKEN}-{phone.logins}", "expires_in": "3600"}
    if bearer not in phone.tokens:
        return 401, {"error": "invalid_token"}
    match path:
        case "certificates/info":
            certificates = list(map(_text, phone.certificates))
            return 200, [{"credential_id": CREDENTIAL, "cert": {"certificates": certificates}}]
        case "signHash":
            names = [each["document_id"] for each in body["documents"]]
            digests = [base64.b64decode(each) for each in body["hash"]]
            number = phone.ask(body["description"], list(zip(names, digests, strict=True)))
            return 200, {"transactionId": number}
        case "requests/status":
            match phone.answers:
                case "signed":
                    values = phone.values(int(body["transactionId"]))
                    # Viettel's own come in lines.
                    lines = [f"{value[:76]}\r\n{value[76:]}\r\n" for _, value in values]
                    return 200, {"status": "1", "signatures": lines}
                case "declined":
                    return 200, {"status": "4"}
                case "lapsed":
                    return 400, {"error": "expired_transaction"}
            return 200, {"status": "0"}
    return 404, {"error": "unknown"}
