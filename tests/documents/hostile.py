"""PDF files that do more than show pages, and archives that unfold without end."""

from __future__ import annotations

import io
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def blank(pages: int = 1) -> bytes:
    with pikepdf.new() as file:
        for _ in range(pages):
            file.add_blank_page(page_size=(595, 842))
        return _saved(file)


def with_script_on_opening() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        file.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        return _saved(file)


def with_named_script() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        file.Root.Names = Dictionary(
            JavaScript=Dictionary(Names=Array([String("a"), file.make_indirect(script)]))
        )
        return _saved(file)


def with_launch_on_a_page() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        file.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))
        return _saved(file)


def with_launch_behind_a_link() -> bytes:
    """The link itself is harmless; what comes after it is not."""
    with pikepdf.new() as file:
        file.add_blank_page()
        launch = Dictionary(S=Name.Launch, F=String("calc.exe"))
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 10, 10]),
            A=Dictionary(S=Name.URI, URI=String("https://example.vn"), Next=launch),
        )
        file.pages[0].obj.Annots = Array([file.make_indirect(link)])
        return _saved(file)


def with_embedded_file() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        file.attachments["virus.exe"] = b"MZ"
        return _saved(file)


def with_attached_note() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 10, 10]))
        file.pages[0].obj.Annots = Array([file.make_indirect(note)])
        return _saved(file)


def with_xfa() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        file.Root.AcroForm = Dictionary(Fields=Array(), XFA=file.make_stream(b"<xdp/>"))
        return _saved(file)


def encrypted_for_everybody() -> bytes:
    """Anybody can open it; an owner password forbids changes."""
    with pikepdf.new() as file:
        file.add_blank_page()
        out = io.BytesIO()
        file.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
        return out.getvalue()


def with_password() -> bytes:
    with pikepdf.new() as file:
        file.add_blank_page()
        out = io.BytesIO()
        file.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
        return out.getvalue()


def with_a_page_that_draws_itself() -> bytes:
    """A form that uses itself without end; a well-known renderer aborts on it."""
    with pikepdf.new() as file:
        page = file.add_blank_page()
        form = file.make_stream(b"/X Do /X Do", Type=Name.XObject, Subtype=Name.Form)
        form.BBox = Array([0, 0, 595, 842])
        form.Resources = Dictionary(XObject=Dictionary(X=form))
        page.obj.Resources = Dictionary(XObject=Dictionary(X=form))
        page.obj.Contents = file.make_stream(b"/X Do")
        return _saved(file)


def nested_flate_bomb(gibibytes: int = 2) -> bytes:
    """A few kilobytes that unfold into gigabytes, twice compressed."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    once = b"".join(packer.compress(block) for _ in range(gibibytes << 10)) + packer.flush()
    with pikepdf.new() as file:
        page = file.add_blank_page()
        stream = file.make_stream(b"")
        stream.write(zlib.compress(once, 9), filter=Array([Name.FlateDecode, Name.FlateDecode]))
        page.obj.Contents = stream
        out = io.BytesIO()
        file.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


def word(document: bytes = b"<w:document/>", **parts: bytes) -> bytes:
    """An archive that looks like a Word file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def _saved(file: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()
