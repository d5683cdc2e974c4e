"""The page of a book's data as XML under the school's seal; the same for programs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice.errors import Refusal
from eoffice.files.http import download
from eoffice.registers import data_sealing
from eoffice.signing.pin import PinEntered
from eoffice.signing.sealed_data import views
from eoffice.signing.sealed_data.sealing import MEDIA_TYPE
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_PAGE = "/registers/gradebooks/{gradebook_id:uuid}/data"
_API = "/gradebooks/{gradebook_id:uuid}/data"


@get(_PAGE, sync_to_thread=True)
def show(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """Whether the data are sealed, and by whom; the clerk seals them here."""
    return _page(request, gradebook_id, FormState())


@post(_PAGE, sync_to_thread=True, opt={"scope": "sign"})
def seal(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Seal them."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        entered = form.parse(PinEntered)

        def within(last: Callable[[Session], None]) -> Response[bytes]:
            def work(session: Session) -> See:
                last(session)
                return See(request.url.path, said="Đã đóng dấu số dữ liệu XML.")

            return once.see(work)

        return data_sealing.seal(gradebook_id, entered.pin, by=principal(request), within=within)
    except Refusal as refusal:
        return _page(request, gradebook_id, form.refused(refusal), status=refusal.status)


@get(_PAGE + "/content", sync_to_thread=True)
def content(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The sealed XML as a file."""
    return _file(request, gradebook_id)


@get(_API, sync_to_thread=True, media_type=MEDIA_TYPE)
def sealed_data(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The data of a closed book as XML under the school's seal (XAdES B-T)."""
    return _file(request, gradebook_id)


@post(_API, sync_to_thread=True, opt={"scope": "sign"})
def seal_data(
    request: Request,
    gradebook_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[None]:
    """Seal the data of a closed book with the school's seal."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[None]:
        return once.answer(last, status=204)

    return data_sealing.seal(gradebook_id, data.pin, by=principal(request), within=within)


def _page(
    request: Request, gradebook_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    data = data_sealing.of(gradebook_id, by=principal(request))
    return page(
        request,
        "signing/sealed_data.html",
        status=status,
        section="registers",
        data=data,
        form=form,
    )


def _file(request: Request, gradebook_id: UUID) -> Response[bytes]:
    found = views.content(data_sealing.of(gradebook_id, by=principal(request)))
    return download(found, MEDIA_TYPE, f"so-{gradebook_id}.xml")


pages = Router("/", route_handlers=[show, seal, content], include_in_schema=False)
router = Router("/api/v1", route_handlers=[sealed_data, seal_data], tags=["gradebooks"])
