"""Form fields on a composed PDF, made before the first signature, and filling them after it.

Decree 30/2020, art. 15 and 18: the competent person signs first, then number and date are given,
then the agency seals. So the fields must exist when the first signature is made, and are filled by
an incremental update which that signature permits (DocMDP level 2). Both keep the file PDF/A: every
field has an appearance, all glyphs come from embedded subsets, nothing is left to the viewer.

Adapter: pikepdf writes the fields, pyHanko the increment; no database.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
from fontTools import subset
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils import generic as pyhanko_objects
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from eoffice.errors import Conflict, Invalid
from eoffice.files.letters import FIELD_CHARACTERS, normalised

#: The library leaves its constructors without annotations.
generic: Any = pyhanko_objects
#: How far the baseline of a field stands above the bottom of its box, in em of its face.
_DESCENT: Final = 0.22
_FACES: Final = {"VnR": "Tinos-Regular.ttf", "VnI": "Tinos-Italic.ttf"}
_FONTS: Final = Path(__file__).parent / "forms" / "fonts"
#: Print; and for signatures, locked as well: nobody drags a signature about.
_PRINTED: Final = 4
_PRINTED_AND_LOCKED: Final = 4 | 128
_READ_ONLY: Final = 1
_NO_CHANGES: Final = 1


class Kind(StrEnum):
    TEXT = "text"
    SIGNATURE = "signature"


class Alignment(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Room for one form field; lengths in points, origin in the top left corner of the page."""

    name: str
    kind: Kind
    #: Counted from one.
    page: int
    x: float
    y: float
    width: float
    height: float
    #: Size of the type, for text.
    size: float = 10.0
    italic: bool = False
    alignment: Alignment = Alignment.LEFT
    #: Shown in a text field until it is filled.
    initial: str = ""
    #: What a reader program says the field is.
    label: str = ""
    #: Whether the filled field hides what is printed below it: blanks to fill in by hand.
    covers: bool = False
    #: Whether nothing may be changed, filled or signed once this is signed (ISO 32000-2, 12.7.5.5:
    #: /Lock with /P 1); proofs for later verifiers may still be added.
    closes: bool = False


class FieldMissing(Conflict):
    """The file has no such form field."""


class FieldFilled(Conflict):
    """The form field was filled before."""


class CharacterMissing(Invalid):
    """The embedded font has no such character."""


def placeholder_from(published: Mapping[str, Any]) -> Placeholder:
    """The placeholder that a form published through `fields.typ`."""
    return Placeholder(
        **{
            **published,
            "kind": Kind(published["kind"]),
            "alignment": Alignment(published["alignment"]),
        }
    )


def add_fields(pdf: bytes, placeholders: Iterable[Placeholder]) -> bytes:
    """The file with a real form field on each placeholder; the same bytes for the same input.

    Rewrites the file: only for files that nobody has signed.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        places = tuple(placeholders)
        fonts = {key: _embed(file, key) for key in sorted(_FACES)}
        fields = [_add_field(file, place, fonts) for place in places]
        has_signatures = any(place.kind is Kind.SIGNATURE for place in places)
        file.Root.AcroForm = file.make_indirect(
            Dictionary(
                Fields=Array(fields),
                DR=Dictionary(Font=Dictionary({f"/{key}": font for key, font in fonts.items()})),
                DA=String("/VnR 13 Tf 0 g"),
                # Bit 1: signature fields exist. Bit 2 (append only) belongs to the first signature.
                SigFlags=1 if has_signatures else 0,
            )
        )
        out = io.BytesIO()
        file.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
        )
    # An increment begins right behind the file; "%%EOF25 0 obj" is not PDF/A (6.1.9).
    return out.getvalue().rstrip(b"\n") + b"\n"


def fill(pdf: bytes, values: Mapping[str, str]) -> bytes:
    """The file with an increment that writes `values` into its text fields, read-only from then on.

    The bytes before the increment are untouched, so signatures that permit form filling stay valid;
    document metadata are left alone. The same input gives the same bytes. A text that is wider than
    its field is set smaller.

    Raises FieldMissing, FieldFilled (a value was written before), CharacterMissing.
    """
    writer: Any = _MetadataKeeper(io.BytesIO(pdf))
    if "/AcroForm" not in writer.root:
        raise FieldMissing("Tệp PDF không có ô nào để ghi.")
    # By index, not by get(): only the former follows the reference.
    form = writer.root["/AcroForm"]
    fields = {str(reference.get_object()["/T"]): reference for reference in form["/Fields"]}
    for name in sorted(values):
        reference = fields.get(name)
        if reference is None or reference.get_object().get("/FT") != "/Tx":
            raise FieldMissing(f"Tệp PDF không có ô “{name}” để ghi.")
        field = reference.get_object()
        if int(field.get("/Ff", 0)) & _READ_ONLY:
            raise FieldFilled(f"Ô “{name}” của tệp PDF đã được ghi trước đó.")
        _write_value(writer, field, form["/DR"]["/Font"], normalised(values[name]))
        writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def field_values(pdf: bytes) -> dict[str, str]:
    """What stands in the text fields of a file of ours; empty where nothing was filled in yet."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        form = file.Root.get("/AcroForm")
        if form is None:
            return {}
        return {
            str(field.T): str(field.get("/V", ""))
            for field in form.Fields
            if field.get("/FT") == Name.Tx
        }


class _MetadataKeeper(IncrementalPdfFileWriter):
    """An incremental writer that adds what it is told and nothing else.

    Its parent rewrites XMP and Info on every increment in a form that PDF/A checkers reject, and
    stamps the machine's time into them; the increments of the office are recorded in the database.
    It also draws a random second file identifier, which would make equal increments unequal.
    """

    def _update_meta(self) -> None:
        return

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        first, _ = self._document_id
        digest = hashlib.sha256(stream.getvalue()).digest()[:16]
        self._document_id = generic.ArrayObject([first, generic.ByteStringObject(digest)])


@dataclass(frozen=True, slots=True)
class _Face:
    """A subset of a face: its bytes and what PDF wants to know of it, in thousandths of an em."""

    data: bytes
    name: str
    glyphs: dict[str, int]
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int
    italic_angle: int

    def width(self, text: str) -> float:
        """Width of a line in em."""
        return sum(self.widths[self.glyphs[character]] for character in text) / 1000

    def encoded(self, text: str) -> str:
        """The line in the hexadecimal code of an Identity-H font. Raises CharacterMissing."""
        missing = sorted(set(text) - set(self.glyphs))
        if missing:
            raise CharacterMissing(
                f"Không ghi được vì phông chữ trong tệp không có ký tự: {' '.join(missing)}"
            )
        return "".join(f"{self.glyphs[character]:04X}" for character in text)


@cache
def _face(key: str) -> _Face:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [1, 2, 4, 6]
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern"]
    options.recalc_timestamp = False
    font = TTFont(_FONTS / _FACES[key], recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in FIELD_CHARACTERS])
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out, reorderTables=None)
    data = out.getvalue()

    font = TTFont(io.BytesIO(data))
    scale = 1000 / font["head"].unitsPerEm
    names = font.getGlyphOrder()
    codes = font.getBestCmap()
    head = font["head"]
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(data).digest()[:6])
    return _Face(
        data=data,
        name=f"{tag}+{font['name'].getDebugName(6)}",
        glyphs={chr(code): font.getGlyphID(name) for code, name in sorted(codes.items())},
        widths=tuple(round(font["hmtx"][name][0] * scale) for name in names),
        box=(
            round(head.xMin * scale),
            round(head.yMin * scale),
            round(head.xMax * scale),
            round(head.yMax * scale),
        ),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        cap_height=round(font["OS/2"].sCapHeight * scale),
        italic_angle=round(font["post"].italicAngle),
    )


def _embed(file: pikepdf.Pdf, key: str) -> pikepdf.Object:
    """The subset as a composite font with its own widths and a way back to Unicode."""
    face = _face(key)
    program = file.make_stream(face.data)
    program.Length1 = len(face.data)
    serif, symbolic, italic = 1 << 1, 1 << 2, 1 << 6
    descriptor = file.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{face.name}"),
            Flags=serif | symbolic | (italic if face.italic_angle else 0),
            FontBBox=Array(list(face.box)),
            ItalicAngle=face.italic_angle,
            Ascent=face.ascent,
            Descent=face.descent,
            CapHeight=face.cap_height,
            StemV=80,
            FontFile2=program,
        )
    )
    descendant = file.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name(f"/{face.name}"),
            CIDSystemInfo=Dictionary(
                Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
            ),
            FontDescriptor=descriptor,
            W=Array([0, Array(list(face.widths))]),
            DW=1000,
            CIDToGIDMap=Name.Identity,
        )
    )
    return file.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(f"/{face.name}"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([descendant]),
            ToUnicode=file.make_stream(_to_unicode(face)),
        )
    )


def _to_unicode(face: _Face) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    # Where two characters share a glyph (blank and no-break blank) the plain one wins.
    back = {glyph: character for character, glyph in sorted(face.glyphs.items(), reverse=True)}
    pairs = sorted(back.items())
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        lines.append(f"{len(part)} beginbfchar")
        lines += [
            f"<{glyph:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for glyph, character in part
        ]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")


def _add_field(
    file: pikepdf.Pdf, place: Placeholder, fonts: Mapping[str, pikepdf.Object]
) -> pikepdf.Object:
    page = file.pages[place.page - 1]
    page_height = float(page.mediabox[3])
    rectangle = [
        round(place.x, 2),
        round(page_height - place.y - place.height, 2),
        round(place.x + place.width, 2),
        round(page_height - place.y, 2),
    ]
    key = "VnI" if place.italic else "VnR"
    is_text = place.kind is Kind.TEXT
    appearance = file.make_stream(
        _drawn(_face(key), key, place.initial, place.size, place.alignment, place.width)
        if is_text
        else b"",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, round(place.width, 2), round(place.height, 2)]),
        Resources=Dictionary(Font=Dictionary({f"/{key}": fonts[key]}))
        if is_text and place.initial
        else Dictionary(),
    )
    widget = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx if is_text else Name.Sig,
        T=String(place.name),
        TU=String(place.label or place.name),
        Rect=Array(rectangle),
        P=page.obj,
        F=_PRINTED if is_text else _PRINTED_AND_LOCKED,
        AP=Dictionary(N=appearance),
    )
    if is_text:
        widget.DA = String(f"/{key} {place.size:g} Tf 0 g")
        widget.Q = list(Alignment).index(place.alignment)
        widget.Ff = 0
        if place.covers:
            # The background of the field, white; drawn only once there is something to show.
            widget.MK = Dictionary(BG=Array([1]))
    if place.closes:
        widget.Lock = file.make_indirect(
            Dictionary(Type=Name.SigFieldLock, Action=Name.All, P=_NO_CHANGES)
        )
    field = file.make_indirect(widget)
    if "/Annots" not in page.obj:
        page.obj.Annots = Array()
    page.obj.Annots.append(field)
    return field


def _write_value(writer: Any, field: Any, fonts: Any, value: str) -> None:
    key, size = str(field["/DA"]).split()[:2]
    key = key.lstrip("/")
    left, bottom, right, top = (float(edge) for edge in field["/Rect"])
    drawn = _drawn(
        _face(key),
        key,
        value,
        float(size),
        list(Alignment)[int(field.get("/Q", 0))],
        right - left,
    )
    if "/MK" in field and "/BG" in field["/MK"]:
        drawn = f"q 1 g 0 0 {right - left:.2f} {top - bottom:.2f} re f Q ".encode() + drawn
    appearance = generic.StreamObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
            generic.pdf_name("/BBox"): generic.ArrayObject(
                generic.FloatObject(edge)
                for edge in (0, 0, round(right - left, 2), round(top - bottom, 2))
            ),
            generic.pdf_name("/Resources"): generic.DictionaryObject(
                {
                    generic.pdf_name("/Font"): generic.DictionaryObject(
                        {generic.pdf_name(f"/{key}"): fonts.raw_get(f"/{key}")}
                    )
                }
            ),
        },
        stream_data=drawn,
    )
    # As the empty appearance is: to some judges another filter is another kind of change.
    appearance.compress()
    field["/V"] = generic.TextStringObject(value)
    field["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(appearance)})
    field["/Ff"] = generic.NumberObject(int(field.get("/Ff", 0)) | _READ_ONLY)


def _drawn(
    face: _Face, key: str, text: str, size: float, alignment: Alignment, room: float
) -> bytes:
    """The content of a text field's appearance, on the baseline of the line around it."""
    if not text:
        return b"/Tx BMC EMC"
    code = face.encoded(text)
    width = face.width(text) * size
    if width > room:
        size, width = size * room / width, room
    start = {
        Alignment.LEFT: 0.0,
        Alignment.CENTER: (room - width) / 2,
        Alignment.RIGHT: room - width,
    }[alignment]
    return (
        f"/Tx BMC q BT /{key} {size:.4g} Tf 0 g {start:.2f} {_DESCENT * size:.2f} Td "
        f"<{code}> Tj ET Q EMC"
    ).encode("ascii")
