"""What a program at its owner's computer asks of the office. Documented in `docs/agent.md`.

The prepared file goes to the program whole: it hashes it itself and signs what it has seen.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from eoffice import clock, db
from eoffice.errors import Invalid, Refusal
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import accounts
from eoffice.people.account_http import source
from eoffice.settings import settings
from eoffice.signing import ceremony, pades
from eoffice.signing.devices import actions, queries, rules
from eoffice.signing.mechanisms import Mechanism
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests import actions as requests
from eoffice.web.principal import Request, principal

DEVICE: Final = {"scope": "device"}
#: No login is called so.
_GUESSING: Final = "device pairing "
_BASE64_CHARS: Final = rules.LARGEST_CERTIFICATE_BYTES * 4 // 3 + 4
Encoded = Annotated[str, msgspec.Meta(max_length=_BASE64_CHARS)]


class NotBase64(Invalid):
    """A value is not base64."""


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    #: DER in base64, as every value here.
    certificate: Encoded
    chain: Annotated[list[Encoded], msgspec.Meta(max_length=rules.MOST_ISSUERS)]
    mechanism: Mechanism
    #: Over `rules.proven`.
    proof: Encoded


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    #: For `Authorization: Bearer`; shown this once.
    token: str
    person: str
    position: str
    agency: str


class ToSign(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed, and how to find that it is what it says."""

    id: UUID
    title: str
    capacity: str
    agency: str
    requested_at: str
    expires_at: str
    #: Of the prepared file, hex SHA-256.
    sha256: str
    #: Where the signature will stand in it: everything else is hashed.
    place_start: int
    place_end: int
    mechanism: Mechanism
    document_digest: str
    signed_attributes: str
    certificate: str


class Value(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    value: Encoded


class Values(msgspec.Struct, frozen=True, kw_only=True):
    values: Annotated[list[Value], msgspec.Meta(min_length=1, max_length=rules.MOST_VALUES)]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    taken: bool
    #: Why not, as a sentence.
    detail: str


class Refusing(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    given: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class PassTaken(msgspec.Struct, frozen=True, kw_only=True):
    valid: bool
    #: What its page has shown: nothing else is signed by it.
    requests: list[UUID]


@post("/pairings", sync_to_thread=True, status_code=201, opt={"public": True})
def pair(request: Request, data: JSONBody[Pairing]) -> Paired:
    """Pair this device by the code that its owner reads from the page. The code is used up.

    Codes that are tried from one place count as attempts to sign in from there do.
    """
    at = clock.now()
    place = source(request)
    with db.transaction(None) as session:
        accounts.begin_attempt(
            session, _GUESSING + place, place, secret_key=settings().secret_key, at=at
        )
    certificate = _decoded(data.certificate)
    chain = [_decoded(each) for each in data.chain]
    proof = _decoded(data.proof)
    # Committed by itself: whatever is wrong with the rest, a code is tried once.
    with db.transaction(None) as session:
        who = actions.redeemed(session, data.code, at=at)
        accounts.forgive(session, _GUESSING + place, place, secret_key=settings().secret_key, at=at)
    with db.transaction(who.acting) as session:
        token = actions.pair(
            session,
            data.code,
            name=data.name,
            certificate=certificate,
            chain=chain,
            mechanism=data.mechanism,
            proof=proof,
            by=who,
            at=at,
        )
    return Paired(
        token=token, person=who.full_name, position=who.position_title, agency=who.agency_name
    )


@get("/requests", sync_to_thread=True, opt=DEVICE)
def to_sign(request: Request) -> list[ToSign]:
    """What waits for my signature at my own computer, the oldest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(row, who.agency_name) for row in queries.all_to_sign(session, who)]


@get("/requests/{request_id:uuid}/file", sync_to_thread=True, opt=DEVICE)
def file(request: Request, request_id: FromPath[UUID]) -> Response[bytes]:
    """The prepared PDF."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        sha256 = Sha256.parse(queries.to_sign(session, request_id, who=who).prepared_sha256)
    return Response(configured.store().get(sha256), media_type="application/pdf")


@post("/values", sync_to_thread=True, status_code=200, opt=DEVICE)
def bring(request: Request, data: JSONBody[Values]) -> list[Taken]:
    """Signatures that were made; each is examined and taken, or refused, by itself."""
    who = principal(request)
    answers = []
    for each in data.values:
        try:
            ceremony.take_value(each.id, _decoded(each.value), by=who)
        except Refusal as refusal:
            answers.append(Taken(id=each.id, taken=False, detail=refusal.detail))
        else:
            answers.append(Taken(id=each.id, taken=True, detail=""))
    return answers


@post("/requests/{request_id:uuid}/refusal", sync_to_thread=True, status_code=204, opt=DEVICE)
def refuse(request: Request, request_id: FromPath[UUID], data: JSONBody[Refusing]) -> None:
    """The owner does not sign it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        requests.decline(session, request_id, why=data.reason, by=who, at=clock.now())


@post("/passes", sync_to_thread=True, status_code=200, opt=DEVICE)
def take_pass(request: Request, data: JSONBody[Pass]) -> PassTaken:
    """Whether a page that called this device was opened by its owner. A pass is good once."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        shown = actions.take_pass(session, data.given, by=who, at=clock.now())
    return PassTaken(valid=shown is not None, requests=list(shown or ()))


def _out(row: SignatureRequest, agency: str) -> ToSign:
    assert row.prepared is not None
    assert row.expires_at is not None
    prepared = pades.Prepared.from_state(row.prepared)
    return ToSign(
        id=row.id,
        title=row.title,
        capacity=row.capacity,
        agency=agency,
        requested_at=row.requested_at.isoformat(),
        expires_at=row.expires_at.isoformat(),
        sha256=row.prepared_sha256,
        place_start=prepared.place[0],
        place_end=prepared.place[1],
        mechanism=prepared.mechanism,
        document_digest=_encoded(prepared.document_digest),
        signed_attributes=_encoded(prepared.signed_attributes),
        certificate=_encoded(prepared.certificate),
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as failure:
        raise NotBase64("Dữ liệu gửi lên không phải base64.") from failure


router = Router(
    "/api/v1/devices",
    route_handlers=[pair, to_sign, file, bring, refuse, take_pass],
    tags=["signatures"],
)
