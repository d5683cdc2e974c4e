"""A request that is sent twice is done once, and answered twice the same.

A program sends the header `Idempotency-Key`, a page the hidden field `_key`. The answer is kept in
the transaction of the action, so there is never an action without its answer or the other way
round. Handlers ask for the dependency `once: NamedDependency[Once]`:

    once.answer(work, status=201, location=lambda out: "/api/v1/…") -> Response    JSON
    once.see(work) -> Response          pages: `work` returns `See(path, said)`
    once.kept() -> Response | None      the answer that was kept, if the work is done already

`work(session)` runs in one `db.transaction` on behalf of the signed-in person. A refusal rolls the
key back with everything else, so it may be sent again. Of two requests with one key at the same
time the second waits for the first and gets its answer. The same key for another request, or with
another content, is refused. Without a key the work is simply done.

A step with several transactions (a signature: record the request, call the key store, record the
result) begins with `kept()`, then does its first transactions, and gives its last to `answer()` or
`see()`; that two such requests at the same time do not both begin is the step's own lock to hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.params import HeaderParameter
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from eoffice import clock, db
from eoffice.db import Base
from eoffice.errors import Invalid
from eoffice.web.forms import KEY_FIELD, TOKEN_FIELD, sent_form
from eoffice.web.pages import See, SeeOther
from eoffice.web.principal import Principal, Request, is_api, principal

MOST_KEY_CHARS = 200
_CHUNK_BYTES = 1 << 20

T = TypeVar("T")


class KeyReused(Invalid):
    """The idempotency key was used before for another request."""


class KeyInvalid(Invalid):
    """The idempotency key must have 8 to 200 printable characters."""


class StoredAnswer(Base):
    """The answer to a request with a key; status 0 while the work is not done yet."""

    __tablename__ = "idempotency_keys"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str]
    path: Mapped[str]
    request_sha256: Mapped[str]
    status: Mapped[int]
    content_type: Mapped[str]
    location: Mapped[str | None]
    body: Mapped[bytes]
    created_at: Mapped[datetime]


class Once:
    """One request, to be done once.

    Not a dataclass, because msgspec would take it apart on the way into the handler.
    """

    __slots__ = ("content", "for_page", "key", "method", "path", "who")

    def __init__(
        self,
        who: Principal,
        key: str | None,
        *,
        method: str,
        path: str,
        content: bytes | tuple[tuple[str, str | UploadFile], ...],
        for_page: bool,
    ) -> None:
        self.who = who
        self.key = key
        self.method = method
        self.path = path
        #: Raw bytes, or the parts of a form.
        self.content = content
        self.for_page = for_page

    def answer(
        self,
        work: Callable[[Session], T],
        *,
        status: int = 200,
        location: Callable[[T], str] | None = None,
    ) -> Response[T]:
        """Do the work and answer with its result as JSON; 204 has no body."""
        with db.transaction(self.who.acting) as session:
            kept = self._claim(session)
            if kept is not None:
                return kept
            result = work(session)
            at = location(result) if location is not None else None
            body = b"" if status == 204 else msgspec.json.encode(result)
            self._keep(session, status, "application/json", at, body)
        return _response(status, "application/json", at, body)

    def see(self, work: Callable[[Session], See]) -> Response[bytes]:
        """Do the work and send the browser to the page that shows what was done."""
        with db.transaction(self.who.acting) as session:
            kept = self._claim(session)
            if kept is not None:
                return kept
            result = work(session)
            self._keep(session, 303, "text/plain", result.path, (result.said or "").encode())
        return SeeOther(result)

    def kept(self) -> Response[Any] | None:
        """The answer of an earlier, finished request with this key."""
        if self.key is None:
            return None
        with db.transaction(self.who.acting) as session:
            return self._stored(session)

    def _claim(self, session: Session) -> Response[Any] | None:
        """Take the key for this transaction, waiting for another that holds it."""
        if self.key is None:
            return None
        taken = session.execute(
            insert(StoredAnswer)
            .values(
                person_id=self.who.person_id,
                key=self.key,
                method=self.method,
                path=self.path,
                request_sha256=self._sha256(),
                status=0,
                content_type="",
                body=b"",
                created_at=clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(StoredAnswer.key)
        ).one_or_none()
        return self._stored(session) if taken is None else None

    def _stored(self, session: Session) -> Response[Any] | None:
        row = session.get(StoredAnswer, (self.who.person_id, self.key))
        if row is None:
            return None
        if (row.method, row.path, row.request_sha256) != (self.method, self.path, self._sha256()):
            raise KeyReused("Mã chống gửi lặp này đã dùng cho một yêu cầu khác. Hãy mở lại trang.")
        if self.for_page:
            return SeeOther(See(row.location or "/", row.body.decode() or None))
        response = _response(row.status, row.content_type, row.location, row.body)
        response.headers["Idempotent-Replayed"] = "true"
        return response

    def _keep(
        self, session: Session, status: int, content_type: str, location: str | None, body: bytes
    ) -> None:
        if self.key is None:
            return
        session.execute(
            update(StoredAnswer)
            .where(StoredAnswer.person_id == self.who.person_id, StoredAnswer.key == self.key)
            .values(status=status, content_type=content_type, location=location, body=body)
        )

    def _sha256(self) -> str:
        """Of what was asked and in which position; boundaries and tokens do not count."""
        digest = hashlib.sha256(self.who.appointment_id.bytes)
        if isinstance(self.content, bytes):
            digest.update(self.content)
            return digest.hexdigest()
        for name, value in self.content:
            if name in (KEY_FIELD, TOKEN_FIELD):
                continue
            if isinstance(value, UploadFile):
                part = _file_sha256(value)
            else:
                part = hashlib.sha256(value.encode()).digest()
            digest.update(hashlib.sha256(name.encode()).digest() + part)
        return digest.hexdigest()


async def read_once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        HeaderParameter(
            name="Idempotency-Key",
            description="Of your choice, 8 to 200 characters: what has the same key is done once.",
        ),
    ] = None,
) -> Once:
    """Provider of the dependency `once`. Raises NotSignedIn and KeyInvalid."""
    who = principal(request)
    key = idempotency_key
    content: bytes | tuple[tuple[str, Any], ...]
    if request.content_type[0] in ("multipart/form-data", "application/x-www-form-urlencoded"):
        parts = list((await sent_form(request)).multi_items())
        content = tuple(
            (name, value if isinstance(value, UploadFile) else str(value)) for name, value in parts
        )
        key = key or next((str(value) for name, value in parts if name == KEY_FIELD), None)
    else:
        content = await request.body()
    if key is not None and not (8 <= len(key) <= MOST_KEY_CHARS and key.isprintable()):
        raise KeyInvalid("Mã chống gửi lặp phải có từ 8 đến 200 ký tự.")
    return Once(
        who,
        key,
        method=request.method,
        path=request.scope["path"],
        content=content,
        for_page=not is_api(request),
    )


def forget_answers(session: Session, *, before: datetime) -> int:
    """Delete answers that nobody will ask for again; how many. For a task of the worker."""
    result = session.execute(
        delete(StoredAnswer).where(StoredAnswer.created_at < before).returning(StoredAnswer.key)
    )
    return len(result.all())


def _file_sha256(upload: UploadFile) -> bytes:
    digest = hashlib.sha256()
    upload.file.seek(0)
    while chunk := upload.file.read(_CHUNK_BYTES):
        digest.update(chunk)
    upload.file.seek(0)
    return digest.digest()


def _response(status: int, content_type: str, location: str | None, body: bytes) -> Response[Any]:
    headers = {} if location is None else {"Location": location}
    return Response(body, status_code=status, media_type=content_type, headers=headers)
