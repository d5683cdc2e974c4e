"""XML from strangers as a tree, within bounds: no DTD, no entities, no network, no endless depth.

libxml2 (through lxml) reads it, because signatures need canonical XML, which the standard library
does not have in the version that QCVN 102 uses. A damaged file can be read as far as it goes; what
was repaired says so, and no signature holds over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from eoffice.errors import Invalid

LARGEST_BYTES: Final = 64 * 1024 * 1024
DEEPEST: Final = 40
MOST_ELEMENTS: Final = 20_000

_DECLARATION: Final = re.compile(r"<\?xml\b([^>]{0,200}?)\?>")
_ENCODING: Final = re.compile(r"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
#: What somebody's program left before the beginning is passed over when damage is repaired.
_MOST_BEFORE: Final = 200


class MessageUnreadable(Invalid):
    """What came is no message of the electronic exchange of documents."""

    def __init__(self, place: str, why: str) -> None:
        """`place`: the path of the element, or the line, where reading ended."""
        super().__init__(f"Không đọc được thông điệp edXML, tại {place}: {why}")
        self.place = place
        self.why = why


@dataclass(frozen=True, slots=True)
class Tree:
    root: etree._Element
    #: In words, where the file was not well-formed and was read as far as it goes.
    damage: str | None
    #: Whether a signature stands in it, even one that was left out of the repaired tree.
    is_signed: bool


def read(content: bytes) -> Tree:
    """The tree of a message. Raises MessageUnreadable."""
    text = _text(content)
    try:
        root = etree.fromstring(text, _parser(recover=False))
        damage = None
    except etree.XMLSyntaxError as failure:
        damage = str(failure)[:200]
        root = _repaired(text, damage)
    _check_bounds(root)
    return Tree(root, damage, b"<Signature" in text or b":Signature" in text)


def local(element: etree._Element) -> str:
    """The name without prefix or namespace; a prefix that was never declared counts as one."""
    name = str(element.tag)
    return name.rpartition("}")[2].rpartition(":")[2]


def _text(content: bytes) -> bytes:
    if len(content) > LARGEST_BYTES:
        raise MessageUnreadable("đầu tệp", f"tệp lớn hơn {LARGEST_BYTES // 2**20} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise MessageUnreadable(f"byte {failure.start}", "tệp không ở bảng mã UTF-8.") from failure
    if "\0" in text:
        raise MessageUnreadable(f"ký tự {text.index(chr(0))}", "tệp có ký tự rỗng.")
    declaration = _DECLARATION.search(text, 0, _MOST_BEFORE + 250)
    if declaration is not None:
        encoding = _ENCODING.search(declaration[1])
        if encoding is not None and encoding[1].lower() not in ("utf-8", "us-ascii", "ascii"):
            raise MessageUnreadable("đầu tệp", f"bảng mã {encoding[1]} không được nhận.")
    # In whatever place: a message has no use for either, and so no parser is asked about them.
    for forbidden in ("<!DOCTYPE", "<!ENTITY"):
        if forbidden in text:
            line = text.count("\n", 0, text.index(forbidden)) + 1
            raise MessageUnreadable(f"dòng {line}", "tệp có khai báo DTD, không được nhận.")
    return text.encode()


def _repaired(text: bytes, damage: str) -> etree._Element:
    start = text.find(b"<")
    if not 0 <= start <= _MOST_BEFORE:
        raise MessageUnreadable("đầu tệp", "không thấy phần tử XML nào.")
    try:
        root = etree.fromstring(_without_signature(text[start:]), _parser(recover=True))
    except etree.XMLSyntaxError as failure:
        raise MessageUnreadable("đầu tệp", damage) from failure
    if root is None:
        raise MessageUnreadable("đầu tệp", damage)
    return root


def _without_signature(text: bytes) -> bytes:
    """Nothing holds over a damaged file; an unclosed certificate would swallow what follows it."""
    for opening, closing in (
        (b"<Signature", b"</Signature>"),
        (b"<ds:Signature", b"</ds:Signature>"),
    ):
        start = text.find(opening)
        end = text.find(closing, start)
        if 0 <= start < end:
            return text[:start] + text[end + len(closing) :]
    return text


def _parser(*, recover: bool) -> etree.XMLParser:
    # huge_tree only lifts the limit of 10 MB for one text, which an attachment passes; depth and
    # number of elements are bounded below, expansion has nothing to expand.
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


def _check_bounds(root: etree._Element) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        if depth > DEEPEST:
            raise MessageUnreadable(f"dòng {element.sourceline}", f"lồng quá {DEEPEST} tầng.")
        if count > MOST_ELEMENTS:
            raise MessageUnreadable(f"dòng {element.sourceline}", f"quá {MOST_ELEMENTS} phần tử.")
