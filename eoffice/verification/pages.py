"""The pages on which anybody, signed in or not, has a file or a page with a code verified."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.archive import verification_report
from eoffice.archive.pages import VERDICTS
from eoffice.archive.verification_report import Subject
from eoffice.archive.verify_command import in_words
from eoffice.errors import Refusal
from eoffice.verification import public, queries
from eoffice.verification.http import source
from eoffice.web.forms import Form, FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request


@get("/verification", sync_to_thread=True, opt={"public": True})
def desk(request: Request) -> Response[bytes]:
    """Where a file is dropped."""
    return _desk(request)


@post(
    "/verification",
    sync_to_thread=True,
    request_max_body_size=public.BODY,
    opt={"public": True},
)
def check(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """Says of the file what is to be said; nothing of it is kept."""
    try:
        found = public.checked(form, source=source(request), at=clock.now())
    except Refusal as refusal:
        return _desk(request, form=form.refused(refusal), status=refusal.status)
    return _desk(request, subject=found)


@get("/v/{code:str}", sync_to_thread=True, opt={"public": True})
def of_code(request: Request, code: FromPath[str]) -> Response[bytes]:
    """Where the code on a page leads."""
    return _of_code(request, code)


@post("/v/{code:str}", sync_to_thread=True, request_max_body_size=public.BODY, opt={"public": True})
def compare(request: Request, code: FromPath[str], form: NamedDependency[Form]) -> Response[bytes]:
    """Whether the file that was sent is what the office keeps, byte for byte."""
    try:
        sha256 = public.digest(form, source=source(request), at=clock.now())
    except Refusal as refusal:
        return _of_code(request, code, form=form.refused(refusal), status=refusal.status)
    return _of_code(request, code, sha256=sha256)


def _of_code(
    request: Request,
    code: str,
    *,
    form: FormState | None = None,
    sha256: str = "",
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(None) as session:
        found = queries.of_code(session, code)
    return page(
        request,
        "verification/code.html",
        status=status,
        section="archive",
        code=code,
        found=found,
        form=form or FormState(),
        sha256=sha256,
        is_same=bool(sha256) and found.has(sha256),
        verdicts=VERDICTS,
    )


def _desk(
    request: Request,
    *,
    form: FormState | None = None,
    subject: Subject | None = None,
    status: int = 200,
) -> Response[bytes]:
    return page(
        request,
        "verification/desk.html",
        status=status,
        section="archive",
        form=form or FormState(),
        subject=subject,
        report=verification_report.as_address(subject, at=clock.now()) if subject else "",
        in_words=in_words,
        verdicts=VERDICTS,
    )


pages = Router("/", route_handlers=[desk, check, of_code, compare], include_in_schema=False)
