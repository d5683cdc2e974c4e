"""A message is taken apart whatever wrote it: names, charsets, decorations, traps."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from eoffice.demo.pdf import information_sheet
from eoffice.mailroom import mime
from eoffice.mailroom.states import AttachmentKind

PDF = information_sheet()
EDXML = b'<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:edXML="http://www.e-doc.vn/Schema/">'


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = headers.get("sender", "Phòng GDĐT Lấp Vò <vanthu@lapvo.example>")
    made["Subject"] = headers.get("subject", "Gửi công văn 12/PGDĐT")
    made["Message-ID"] = headers.get("message_id", "<1@lapvo.example>")
    made["Date"] = "Mon, 13 Aug 2018 08:15:00 +0700"
    made.set_content("Kính gửi nhà trường.\n\nPhòng gửi công văn kèm theo.")
    return made


def test_headers_and_text_are_read() -> None:
    found = mime.letter(message().as_bytes())
    assert found.message_id == "<1@lapvo.example>"
    assert (found.sender_name, found.sender_address) == (
        "Phòng GDĐT Lấp Vò",
        "vanthu@lapvo.example",
    )
    assert found.subject == "Gửi công văn 12/PGDĐT"
    assert found.sent_at == datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
    assert found.text == "Kính gửi nhà trường.\n\nPhòng gửi công văn kèm theo."


def test_files_are_sorted_by_what_they_are_and_not_by_their_names() -> None:
    made = message()
    made.add_attachment(
        PDF, maintype="application", subtype="octet-stream", filename="công văn 12.doc"
    )
    made.add_attachment(EDXML, maintype="text", subtype="xml", filename="12.edxml")
    made.add_attachment(b"a,b", maintype="text", subtype="csv", filename="bảng.csv")
    made.add_attachment(
        b"x\x9f\x3e", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    found = mime.letter(made.as_bytes())
    assert [(part.name, part.kind) for part in found.parts] == [
        ("công văn 12.doc", AttachmentKind.DOCUMENT),
        ("12.edxml", AttachmentKind.EXCHANGE),
        ("bảng.csv", AttachmentKind.FILE),
        ("winmail.dat", AttachmentKind.FILE),
    ]
    assert found.parts[0].content == PDF


def test_decorations_signatures_and_programs_are_left_out_and_named() -> None:
    made = message()
    made.add_attachment(b"\x89PNG small", maintype="image", subtype="png", filename="image001.png")
    made.add_attachment(
        b"\xff\xd8\xff logo", maintype="image", subtype="jpeg", cid="<logo>", disposition="inline"
    )
    made.add_attachment(
        b"sig", maintype="application", subtype="pkcs7-signature", filename="smime.p7s"
    )
    made.add_attachment(b"MZ\x90", maintype="application", subtype="pdf", filename="công văn.pdf")
    made.add_attachment(b"echo", maintype="text", subtype="plain", filename="chạy.bat")
    made.add_attachment(
        b"\xff\xd8\xff" + b"x" * 100_000, maintype="image", subtype="jpeg", filename="ảnh chụp.jpg"
    )
    found = mime.letter(made.as_bytes())
    assert [part.name for part in found.parts] == ["ảnh chụp.jpg"]
    assert len(found.left_out) == 5
    assert any("smime.p7s" in line for line in found.left_out)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"filename*=UTF-8''c%C3%B4ng%20v%C4%83n.pdf", "công văn.pdf"),
        (b"filename*0*=UTF-8''c%C3%B4ng;\r\n filename*1*=%20v%C4%83n.pdf", "công văn.pdf"),
        (b'filename="=?UTF-8?B?Y8O0bmcgdsSDbi5wZGY=?="', "công văn.pdf"),
        (b'filename="=?utf-8?Q?c=C3=B4ng_v=C4=83n.pdf?="', "công văn.pdf"),
        (b'filename="..\\..\\etc/passwd.pdf"', "passwd.pdf"),
        (b"filename*=NO-SUCH''x.pdf", "x.pdf"),
    ],
)
def test_names_are_read_in_every_way_of_writing_them(header: bytes, name: str) -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; " + header + b"\r\n\r\n%PDF-1.4"
    )
    assert [part.name for part in mime.letter(raw).parts] == [name]


@pytest.mark.parametrize(
    ("charset", "encoded"),
    [
        ("utf-8", "Kính gửi".encode()),
        ("windows-1258", "Kính".encode("cp1258")),
        ("x-unknown", "Kính gửi".encode()),
        ("us-ascii", "Kính gửi".encode()),
    ],
)
def test_a_broken_charset_is_guessed(charset: str, encoded: bytes) -> None:
    raw = f"From: a@b\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + encoded
    assert mime.letter(raw).text.startswith("Kính")


def test_html_alone_is_shown_as_words() -> None:
    made = EmailMessage()
    made["From"] = "a@b.example"
    made.set_content(
        "<html><head><style>p{}</style></head><p>Kính gửi</p><script>x()</script><p>Sở</p>",
        subtype="html",
    )
    assert mime.letter(made.as_bytes()).text.split() == ["Kính", "gửi", "Sở"]


def test_a_forwarded_message_is_one_file() -> None:
    outer = message()
    outer.add_attachment(message(subject="bên trong"))
    parts = mime.letter(outer.as_bytes()).parts
    assert [part.name for part in parts] == ["thư chuyển tiếp.eml"]
    assert b"Message-ID" in parts[0].content


def test_the_digest_is_that_of_what_is_said_and_not_of_the_way() -> None:
    raw = message().as_bytes()
    assert mime.letter(b"Received: from x\r\n" + raw).digest == mime.letter(raw).digest
    assert mime.letter(raw + b"P.S.").digest != mime.letter(raw).digest
    assert mime.letter(message(subject="khác").as_bytes()).digest != mime.letter(raw).digest


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\xfe",
        b"no headers at all",
        b"From: =?utf-8?B?!!!?=\r\nDate: never\r\nSubject: =?x?Q?=ff?=\r\n\r\n\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 5_000,
        b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n\r\nx\r\n',
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
    ],
)
def test_nothing_makes_it_fail(raw: bytes) -> None:
    mime.letter(raw)
