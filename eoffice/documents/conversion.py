"""Word files into PDF/A-2b, by LibreOffice where the machine has it.

The converter would fetch what a document links to from anywhere, so every relationship that points
outside is taken out before; it runs bounded, with a profile of its own that is thrown away.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

from eoffice.documents import bounded
from eoffice.documents.intake import MediaType, UploadUnreadable, sniff
from eoffice.errors import Invalid

_EXTERNAL: Final = re.compile(
    rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE
)
_FILTER: Final = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
_PROGRAMS: Final = ("soffice", "libreoffice")


class ConversionUnavailable(Invalid):
    """This machine cannot turn Word files into PDF."""


def is_available() -> bool:
    """Whether Word files can be converted on this machine."""
    return _program() is not None


def docx_to_pdf(content: bytes) -> bytes:
    """The Word file as PDF/A-2b; not the same bytes twice, the converter writes its time.

    Raises ConversionUnavailable, UploadUnreadable and what `intake.sniff` raises.
    """
    if sniff(content) is not MediaType.DOCX:
        raise UploadUnreadable("Tệp không phải là tệp Word (.docx).")
    program = _program()
    if program is None:
        raise ConversionUnavailable(
            "Máy chủ này không chuyển được Word sang PDF. Đề nghị mở tệp bằng Word, chọn Tệp > Lưu "
            "thành > PDF, rồi tải tệp PDF lên; hoặc soạn trực tiếp trên trang soạn thảo."
        )
    with tempfile.TemporaryDirectory(prefix="eoffice-word-") as name:
        directory = Path(name)
        (directory / "draft.docx").write_bytes(without_external_targets(content))
        try:
            bounded.run(
                (
                    program,
                    "--headless",
                    "--norestore",
                    "--nolockcheck",
                    f"-env:UserInstallation=file://{directory}/profile",
                    "--convert-to",
                    _FILTER,
                    "--outdir",
                    str(directory),
                    str(directory / "draft.docx"),
                ),
                memory_mib=3072,
                seconds=60,
                environment={"HOME": name, "TMPDIR": name},
                directory=directory,
            )
            return (directory / "draft.pdf").read_bytes()
        except (bounded.ChildFailed, FileNotFoundError) as failed:
            raise UploadUnreadable(
                "Không chuyển được tệp Word sang PDF. Đề nghị lưu thành PDF trong Word rồi tải lên."
            ) from failed


def without_external_targets(content: bytes) -> bytes:
    """The Word file without relationships to anything outside of it: pictures, templates, links."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            data = source.read(part)
            if part.filename.endswith(".rels"):
                data = _EXTERNAL.sub(b"", data)
            target.writestr(part.filename, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
