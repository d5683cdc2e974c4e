"""Word files into PDF/A-2b, by LibreOffice where the machine has it.

The converter would fetch what a document links to from anywhere, inside of the house too. So every
relationship that points outside is taken out before; the converter's profile, made for one file and
thrown away, tells it to follow no links and to go through a proxy that is not there; and it runs
bounded, where the kernel allows without a network.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from eoffice.errors import Invalid
from eoffice.files import bounded
from eoffice.files.intake import MediaType, UploadUnreadable, UploadUnsafe, sniff
from eoffice.printing.typesetting import FONTS

_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
#: A target with a scheme, a drive or a host is no part of the package, whatever its mode says.
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
#: Times New Roman, which the decree prescribes, is on few servers: Tinos of the office has the same
#: measures, so lines and pages break where they did in Word.
_FONTS: Final = """<?xml version="1.0"?>
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{fonts}</dir>
<cachedir>{directory}/fonts-cache</cachedir>
<alias binding="same"><family>Times New Roman</family>
<accept><family>Tinos</family></accept></alias>
</fontconfig>
"""
#: At which nobody listens.
_NO_PROXY: Final = "http://127.0.0.1:9"
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
        (directory / "profile" / "user").mkdir(parents=True)
        (directory / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE)
        (directory / "fonts.conf").write_text(
            _FONTS.format(fonts=escape(str(FONTS)), directory=directory)
        )
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
                environment={
                    "HOME": name,
                    "TMPDIR": name,
                    "FONTCONFIG_FILE": str(directory / "fonts.conf"),
                    "http_proxy": _NO_PROXY,
                    "https_proxy": _NO_PROXY,
                    "ftp_proxy": _NO_PROXY,
                },
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
            if part.filename.lower().endswith(".rels"):
                data = _inner_relationships(data)
            target.writestr(part.filename, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _inner_relationships(xml: bytes) -> bytes:
    """The relationships to parts of the package, written anew in one plain form.

    Read as XML, because what a pattern over bytes is looking for can be written in many ways:
    another encoding, a prefix, a character by its number. Raises UploadUnsafe, UploadUnreadable.
    """
    kept: list[str] = []

    def refuse(*_: object) -> None:
        raise UploadUnsafe("Tệp Word chứa khai báo XML không được phép.")

    def take(name: str, attributes: dict[str, str]) -> None:
        said = {key.rpartition(" ")[2].casefold(): value for key, value in attributes.items()}
        is_outside = said.get("targetmode", "").strip().casefold() == "external"
        is_outside = is_outside or _ELSEWHERE.match(said.get("target", "").strip()) is not None
        if name.rpartition(" ")[2] == "Relationship" and not is_outside:
            written = (
                f"{key}={quoteattr(said[key.casefold()])}"
                for key in ("Id", "Type", "Target")
                if key.casefold() in said
            )
            kept.append(f"<Relationship {' '.join(written)}/>")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = take
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as broken:
        raise UploadUnreadable("Không đọc được tệp Word: tệp bị hỏng.") from broken
    declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    inner = "".join(kept)
    return f'{declared}<Relationships xmlns="{_RELATIONSHIPS}">{inner}</Relationships>'.encode()


def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
