"""The file that shows why a cell is to be corrected: sniffed, bounded, kept before it is named."""

from __future__ import annotations

from uuid import UUID

from eoffice.db import transaction
from eoffice.errors import Invalid
from eoffice.files import http as files
from eoffice.files import intake, pictures
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.registers import correction_queries
from eoffice.registers.correction_actions import Evidence
from eoffice.web.forms import Form
from eoffice.web.principal import Principal


def kept(form: Form) -> Evidence:
    """The part `file` of a form, a document or a photograph, in the store.

    Raises Invalid and what `intake.receive` raises.
    """
    found = form.file("file")
    if found is None or not found.filename:
        ask = "Hãy kèm tệp minh chứng: bài kiểm tra, đơn hoặc biên bản."
        raise Invalid(ask, fields={"file": ask})
    name, content = files.uploaded(form)
    media_type = pictures.kind_of(content) or intake.receive(content).media_type.value
    return Evidence(configured.store().put(content, media_type), name, media_type)


def evidence(correction_id: UUID, *, by: Principal) -> tuple[bytes, str, str]:
    """Content, media type and name. Raises CorrectionUnknown, NotOfTheClass."""
    with transaction(by.acting) as session:
        sha256, name, media_type = correction_queries.evidence(session, correction_id, by)
    return configured.store().get(Sha256.parse(sha256)), media_type, name
