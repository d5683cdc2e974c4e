"""A picture that came over HTTP, from a page or a program, into the object store and on record."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.errors import Invalid
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.images import actions, receiving, rules
from eoffice.signing.images.receiving import Picture
from eoffice.signing.images.rules import Kind
from eoffice.web.forms import Form
from eoffice.web.principal import Principal

#: Room for the parts of a form around the largest picture.
BODY: Final = rules.LARGEST_BYTES + (1 << 16)


def received(form: Form, kind: Kind) -> tuple[Picture, Sha256]:
    """The part `file`, checked and stored. Raises Invalid and what `receiving.receive` raises."""
    found = form.file("file")
    content = b"" if found is None else found.file.read(rules.LARGEST_BYTES + 1)
    if not content:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp PNG để tải lên."})
    picture = receiving.receive(content, kind)
    return picture, configured.store().put(picture.content, receiving.MEDIA_TYPE)


def offer(
    session: Session,
    kind: Kind,
    taken: tuple[Picture, Sha256],
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Raises NotYourImage."""
    picture, name = taken
    return actions.offer(
        session, kind, name, width_px=picture.width, height_px=picture.height, by=by, at=at
    )
