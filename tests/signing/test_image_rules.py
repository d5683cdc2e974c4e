"""A picture is taken where it is what Decree 30/2020 asks for: PNG on a transparent ground, blue
for a signature, red, round and of its real size for a seal. Otherwise all that is wrong is said at
once, with what to do; what is kept holds pixels and nothing else.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from eoffice.errors import TooLarge
from eoffice.files import bounded
from eoffice.signing.images import png, receiving, rules
from eoffice.signing.images.rules import ImageRefused, Kind
from tests.signing import pictures
from tests.signing.pictures import as_png


def faults(kind: Kind, image: Image.Image, dpi: float | None = None) -> str:
    return " ".join(rules.faults(kind, rules.measure(image), dpi=dpi))


def refused(content: bytes, kind: Kind = Kind.SIGNATURE) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        receiving.receive(content, kind)
    return caught.value


def test_a_blue_signature_and_a_red_round_seal_are_taken() -> None:
    assert faults(Kind.SIGNATURE, pictures.signature()) == ""
    assert faults(Kind.SEAL, pictures.seal()) == ""
    assert faults(Kind.SEAL, pictures.seal(), dpi=300) == ""
    assert faults(Kind.SEAL, pictures.seal(size=850), dpi=600) == ""


@pytest.mark.parametrize(
    ("ink", "taken"),
    [
        (pictures.BLUE, True),
        ((0, 0, 255, 255), True),
        ((40, 90, 200, 255), True),
        ((20, 40, 90, 255), True),
        (pictures.BLACK, False),
        (pictures.RED, False),
        ((120, 120, 120, 255), False),
        ((30, 150, 60, 255), False),
        ((120, 40, 160, 255), False),
    ],
)
def test_a_signature_is_blue(ink: tuple[int, int, int, int], taken: bool) -> None:
    assert ("phải màu xanh" in faults(Kind.SIGNATURE, pictures.signature(ink=ink))) is not taken


@pytest.mark.parametrize(
    ("ink", "taken"),
    [
        (pictures.RED, True),
        ((255, 0, 0, 255), True),
        ((190, 30, 60, 255), True),
        (pictures.BLUE, False),
        (pictures.BLACK, False),
        ((240, 150, 30, 255), False),
        ((220, 30, 220, 255), False),
    ],
)
def test_a_seal_is_red(ink: tuple[int, int, int, int], taken: bool) -> None:
    assert ("phải màu đỏ" in faults(Kind.SEAL, pictures.seal(ink=ink))) is not taken


def test_a_ground_that_hides_the_paper_is_refused_and_nothing_else_is_blamed() -> None:
    said = faults(Kind.SIGNATURE, pictures.signature(ground=pictures.WHITE))
    assert said.startswith("Nền chưa trong suốt: mới có 0%")
    assert "màu xanh" not in said
    said = faults(Kind.SEAL, pictures.seal(ground=pictures.WHITE))
    assert "Nền chưa trong suốt" in said
    assert "con dấu tròn" not in said


def test_rests_of_white_paper_between_the_strokes_are_refused() -> None:
    image = pictures.signature()
    image.paste(pictures.WHITE, (0, 0, 100, 200))
    assert "Còn nền giấy trắng chưa xoá hết (13% diện tích ảnh)" in faults(Kind.SIGNATURE, image)


@pytest.mark.parametrize(
    ("width", "height", "wrong"),
    [
        (640, 240, ""),
        (320, 160, "chỉ rộng"),
        (700, 1600, "quá cao hoặc quá dẹt"),
        (1900, 150, "quá cao hoặc quá dẹt"),
    ],
)
def test_a_signature_has_the_shape_of_its_place(width: int, height: int, wrong: str) -> None:
    said = faults(Kind.SIGNATURE, pictures.signature(width=width, height=height))
    assert wrong in said
    assert bool(wrong) == bool(said)


@pytest.mark.parametrize("share", [0.97, 0.985, 1.015, 1.03])
def test_a_seal_is_of_its_real_size_within_two_in_a_hundred(share: float) -> None:
    size = round(pictures.REAL_SIZE * 2 * share)
    said = faults(Kind.SEAL, pictures.seal(size=size), dpi=600)
    assert ("con dấu thật rộng 36 mm" in said.replace("\n", " ")) == (abs(share - 1) > 0.02)


def test_a_file_that_says_96_dpi_is_told_how_wide_its_seal_would_be() -> None:
    said = faults(Kind.SEAL, pictures.seal(), dpi=96)
    assert "(96 dpi) con dấu rộng 112,4 mm" in said


def test_a_seal_of_too_few_pixels_is_refused_whether_or_not_the_file_says_its_size() -> None:
    for dpi in (None, 150):
        said = faults(Kind.SEAL, pictures.seal(size=213), dpi=dpi)
        assert "Con dấu chỉ rộng 213 điểm ảnh" in said
        assert "ít nhất 417 điểm ảnh" in said
        assert "con dấu thật" not in said


@pytest.mark.parametrize("stretch", [0.9, 1.05])
def test_a_stretched_seal_is_refused(stretch: float) -> None:
    assert "con dấu tròn trọn vẹn" in faults(Kind.SEAL, pictures.seal(stretch=stretch, size=500))


def test_what_is_not_round_or_not_whole_is_refused() -> None:
    assert "con dấu tròn trọn vẹn" in faults(Kind.SEAL, pictures.seal(square=True))
    half = pictures.seal()
    half.paste(pictures.CLEAR, (0, half.height // 2, half.width, half.height))
    assert "con dấu tròn trọn vẹn" in faults(Kind.SEAL, half)
    gappy = pictures.seal()
    gappy.paste(pictures.CLEAR, (0, 200, 60, 260))
    assert faults(Kind.SEAL, gappy) == ""


def test_an_empty_picture_is_called_empty() -> None:
    assert "gần như trống" in faults(Kind.SEAL, Image.new("RGBA", (600, 600), pictures.CLEAR))


def test_all_that_is_wrong_is_said_at_once() -> None:
    image = pictures.seal(ink=pictures.BLACK, ground=pictures.WHITE, size=200, stretch=1.3)
    caught = refused(as_png(image, dpi=(72, 72)), Kind.SEAL)
    assert len(caught.faults) == 5
    assert all(fault.count(".") >= 2 and "Hãy" in fault for fault in caught.faults)
    assert caught.fields["file"]


def test_what_is_kept_is_cut_to_the_ink_and_bears_nothing_but_pixels() -> None:
    info = PngInfo()
    info.add_text("Author", "Nguyễn Văn A")
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    image = pictures.seal(size=850, margin=80)
    hidden = image.copy()
    hidden.putpixel((0, 0), (1, 2, 3, 0))
    content = as_png(hidden, pnginfo=info, dpi=(600, 600), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    kept = receiving.receive(content, Kind.SEAL)
    assert (kept.width, kept.height) == (800, 800)
    assert _kinds(kept.content) <= {b"IHDR", b"IDAT", b"IEND"}
    with Image.open(BytesIO(kept.content)) as again:
        assert again.mode == "RGBA"
        assert again.getpixel((0, 0)) == (0, 0, 0, 0)
        assert faults(Kind.SEAL, again) == ""


def test_the_same_pixels_are_kept_as_the_same_bytes() -> None:
    plain = receiving.receive(as_png(pictures.signature()), Kind.SIGNATURE)
    other = receiving.receive(as_png(pictures.signature(), dpi=(300, 300)), Kind.SIGNATURE)
    assert plain == other


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0 jpeg",
        png.SIGNATURE,
        as_png(pictures.signature())[:-20],
        as_png(pictures.signature()).replace(b"IDAT", b"IDAX", 1),
    ],
)
def test_what_is_no_whole_png_is_refused(content: bytes) -> None:
    assert "không phải ảnh PNG nguyên vẹn" in refused(content).detail


def test_a_jpeg_named_png_and_a_picture_without_alpha_are_refused() -> None:
    out = BytesIO()
    pictures.signature().convert("RGB").save(out, "JPEG")
    assert "không phải ảnh PNG" in refused(out.getvalue()).detail
    assert "kênh trong suốt" in refused(as_png(pictures.signature().convert("RGB"))).detail


def test_a_palette_with_transparency_is_a_transparent_ground() -> None:
    palette = pictures.signature().quantize(16)
    assert receiving.receive(as_png(palette), Kind.SIGNATURE).width in range(570, 590)


def test_more_than_one_frame_is_refused() -> None:
    moving = as_png(
        pictures.signature(),
        save_all=True,
        append_images=[pictures.signature(ink=pictures.RED)],
    )
    assert "nhiều khung hình" in refused(moving).detail


def test_a_bomb_is_refused_by_what_it_declares_before_anything_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> bytes:
        raise AssertionError("was unpacked")

    monkeypatch.setattr(bounded, "run", never)
    rows = zlib.compress(bytes(1 + 4 * 30_000) * 30, 9)
    bomb = _png(30_000, 30_000, rows)
    said = refused(bomb).detail
    assert "30000 × 30000" in said


def test_a_stream_that_is_not_what_the_header_says_is_unreadable() -> None:
    assert "Không đọc được ảnh" in refused(_png(400, 300, b"not deflated")).detail
    more = _png(40, 30, zlib.compress(bytes(50_000_000), 9))
    assert "gần như trống" in refused(more).detail


def test_a_file_over_a_million_bytes_is_not_looked_at() -> None:
    with pytest.raises(TooLarge):
        receiving.receive(png.SIGNATURE + bytes(rules.LARGEST_BYTES), Kind.SEAL)


def test_the_resolution_is_known_where_the_file_says_it_in_metres() -> None:
    assert png.header(as_png(pictures.seal(), dpi=(300, 300))).dpi == pytest.approx(300, abs=0.1)
    assert png.header(as_png(pictures.seal())).dpi is None


def _png(width: int, height: int, rows: bytes) -> bytes:
    frame = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return png.SIGNATURE + b"".join(
        _chunk(kind, data) for kind, data in ((b"IHDR", frame), (b"IDAT", rows), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _kinds(content: bytes) -> set[bytes]:
    kinds, at = set(), len(png.SIGNATURE)
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kinds.add(content[at + 4 : at + 8])
        at += 12 + length
    return kinds
