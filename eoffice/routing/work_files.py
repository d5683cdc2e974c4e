"""Files that show what was done: kept in the object store before the step that names them."""

from __future__ import annotations

from eoffice.files import http as files
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.routing.kept_file import KeptFile
from eoffice.web.forms import Form

#: Longest name of a file, in characters.
LONGEST_NAME = 200


def kept(form: Form) -> tuple[KeptFile, ...]:
    """The part `file` of a form, sniffed and put into the store; nothing where none was chosen.

    Raises what `intake.receive` raises.
    """
    found = form.file("file")
    if found is None or not found.filename:
        return ()
    name, content = files.uploaded(form)
    received = intake.receive(content)
    media_type = received.media_type.value
    sha256 = configured.store().put(content, media_type)
    return (KeptFile(name[-LONGEST_NAME:], media_type, len(content), sha256),)
