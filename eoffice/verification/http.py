"""Verification for programs, signed in or not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.archive import verification_report
from eoffice.people.account_http import source as source_of
from eoffice.verification import public, queries
from eoffice.web.forms import Form
from eoffice.web.principal import Request, principal_or_none


class VerificationOut(msgspec.Struct, frozen=True, kw_only=True):
    verdict: str
    reason: str
    faults: tuple[str, ...]
    signatures: list[dict[str, Any]]
    #: Of the file that was sent, in hexadecimal.
    sha256: str


class PublicFactsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What may be public about a page with a code; never its content."""

    kind: str
    agency: str
    number_notation: str | None
    issued_on: date | None
    school_year: str | None
    standing: str
    verdict: str | None
    level: str | None
    checked_at: datetime | None


@post(
    "/",
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=public.BODY,
    opt={"public": True},
)
def check(request: Request, form: NamedDependency[Form]) -> VerificationOut:
    """Check a signed PDF or an evidence package (part `file`); nothing of it is kept."""
    found = public.checked(form, source=source(request), at=clock.now())
    return VerificationOut(
        verdict=found.checked.verdict.value,
        reason=found.checked.reason,
        faults=found.checked.faults,
        signatures=[dict(one.to_json()) for one in found.checked.signatures],
        sha256=found.sha256,
    )


@post(
    "/report",
    sync_to_thread=True,
    status_code=200,
    media_type="application/pdf",
    request_max_body_size=public.BODY,
    opt={"public": True},
)
def report(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """The same as a report to put into a file, as PDF/A."""
    at = clock.now()
    found = public.checked(form, source=source(request), at=at)
    return Response(
        verification_report.pdf([found], at=at),
        media_type="application/pdf",
        headers={
            "Content-Disposition": 'attachment; filename="bao-cao-kiem-tra.pdf"',
            "Cache-Control": "no-store",
        },
    )


@get("/codes/{code:str}", sync_to_thread=True, opt={"public": True})
def of_code(code: FromPath[str]) -> PublicFactsOut:
    """What the code on a page leads to."""
    with db.transaction(None) as session:
        found = queries.of_code(session, code)
    return PublicFactsOut(
        kind=found.kind,
        agency=found.agency,
        number_notation=found.number_notation,
        issued_on=found.issued_on,
        school_year=found.school_year,
        standing=found.standing,
        verdict=None if found.finding is None else found.finding.value,
        level=found.level,
        checked_at=found.checked_at,
    )


def source(request: Request) -> str:
    """By what verifications are counted: the person, or the address of who is not signed in."""
    who = principal_or_none(request)
    return source_of(request) if who is None else f"person:{who.person_id}"


router = Router(
    "/api/v1/verifications", route_handlers=[check, report, of_code], tags=["verification"]
)
