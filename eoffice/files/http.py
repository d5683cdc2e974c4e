"""Files over HTTP: uploads within bounds, downloads that never open in the page, pictures."""

from __future__ import annotations

from urllib.parse import quote

from litestar import Response

from eoffice.errors import Invalid
from eoffice.files import intake
from eoffice.web.forms import Form

#: Room for the parts of a form around the largest file.
UPLOAD_BODY = intake.LARGEST_UPLOAD + (1 << 20)


#: Content under a digest never changes; but on a machine that several people use, what one of them
#: was shown is not to be shown to the next, who comes with another cookie.
KEPT = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Cookie, Authorization",
}
ASKED_ANEW = {"Cache-Control": "private, no-cache"}


def uploaded(form: Form) -> tuple[str, bytes]:
    """Name and bytes of the part `file`. Raises Invalid, UploadTooLarge."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp để tải lên."})
    content = found.file.read(intake.LARGEST_UPLOAD + 1)
    intake.sniff(content)
    return found.filename or "", content


def download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-cache",
        },
    )
