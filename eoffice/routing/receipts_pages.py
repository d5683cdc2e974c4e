"""A receipt as a file, for people and programs of both sides."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from eoffice import db
from eoffice.files import http as files
from eoffice.routing import receipts
from eoffice.web.principal import Request, principal


@get("/deliveries/{delivery_id:uuid}/receipt", sync_to_thread=True)
def receipt(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """Biên nhận tiếp nhận, which `eoffice verify` judges."""
    return handed_out(request, delivery_id)


@get("/{delivery_id:uuid}/receipt", sync_to_thread=True)
def receipt_for_programs(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """The signed receipt of a registration: canonical JSON with the public key inside."""
    return handed_out(request, delivery_id)


def handed_out(request: Request, delivery_id: UUID) -> Response[bytes]:
    """Raises ReceiptUnknown."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = receipts.document(session, delivery_id, who=who)
    return files.download(found.encode(), "application/json", f"bien-nhan-{delivery_id}.json")
