"""Parts as files: the PDF as it stands, its pages as pictures, and the evidence of a request.

Called by the edges; each function opens its own transaction before it asks the object store.
"""

from __future__ import annotations

from uuid import UUID

from eoffice.db import transaction
from eoffice.errors import NotFound
from eoffice.files import page_images
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.reports import part_queries, withdrawal_queries
from eoffice.web.principal import Principal


class NotMade(NotFound):
    """The pages of the part are still being made, or could not be made."""


def part(part_id: UUID, *, by: Principal) -> bytes:
    """The PDF of a part as it stands. Raises PartUnknown, NotYourPart, NotMade."""
    with transaction(by.acting) as session:
        sha256 = part_queries.row_for_reader(session, part_id, by).content_sha256
    if sha256 is None:
        raise NotMade("Các trang học bạ đang được lập. Hãy mở lại sau ít giây.")
    return configured.store().get(Sha256.parse(sha256))


def part_page(part_id: UUID, number: int, width_px: int, *, by: Principal) -> bytes:
    """A page of a part as PNG. Raises PageMissing and what `part` raises."""
    return page_images.page_image(part(part_id, by=by), number, width_px)


def evidence(withdrawal_id: UUID, *, by: Principal) -> tuple[bytes, str, str]:
    """Content, media type and name. Raises WithdrawalUnknown, NotAllowed."""
    with transaction(by.acting) as session:
        sha256, name, media_type = withdrawal_queries.evidence(session, withdrawal_id, by)
    return configured.store().get(Sha256.parse(sha256)), media_type, name
