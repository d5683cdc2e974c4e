"""The text of a document as people write it, apart from any layout.

A `DispatchText` is what a version keeps, what the form check judges and what the form prints. It
is lenient: a draft may lack anything. It is bounded and normalised: nothing in it is invisible,
endless or in two spellings of the same letter. How the lines of the body are written: `body.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Final

from eoffice.documents import types
from eoffice.documents.form import appendices, particulars
from eoffice.documents.form import body as bodies
from eoffice.documents.form.appendices import Appendix
from eoffice.documents.form.body import BODY_LENGTH
from eoffice.errors import Invalid
from eoffice.files.letters import normalised
from eoffice.people.rules import Capacity

#: Decree 30/2020, Annex VI: Subject has 500 characters, FullName 50.
SUBJECT_LENGTH: Final = 500
NAME_LENGTH: Final = 50
LINE_LENGTH: Final = 300
MOST_LINES: Final = 100


#: Of the body, under the names by which readers of texts know them.
HEADING_MARK: Final = bodies.HEADING_MARK
plain = bodies.plain
runs = bodies.runs


class TextRefused(Invalid):
    """The text of the document cannot be kept as it is."""


@dataclass(frozen=True, slots=True)
class DispatchText:
    """Everything that the writer decides about a document; the rest is on the letterhead."""

    #: trích yếu, without "V/v"
    subject: str = ""
    #: Kính gửi, one addressee or group each, without dash and final punctuation
    addressees: tuple[str, ...] = ()
    #: thẩm quyền ban hành of a decision: "Giám đốc Sở Giáo dục và Đào tạo Đồng Tháp"
    authority: str = ""
    #: căn cứ ban hành, one each, without final punctuation
    legal_bases: tuple[str, ...] = ()
    #: nội dung, one paragraph each
    paragraphs: tuple[str, ...] = ()
    #: nơi nhận as printed, without the last line ("Lưu: …")
    recipients: tuple[str, ...] = ()
    #: lưu: "VT, VH"
    filing: str = ""
    #: ký hiệu người soạn thảo và số lượng bản: "07b"
    copies: str = ""
    capacity: Capacity = Capacity.HEAD
    #: for KT., TL. and TUQ. the title of the head; for TM. the collective
    on_behalf_of: str = ""
    #: the collective for which a deputy (KT.) or an acting head (Q.) signs; else empty
    collective: str = ""
    #: chức vụ of the signer
    signer_title: str = ""
    #: họ và tên of the signer
    signer_name: str = ""
    #: địa chỉ, thư điện tử, điện thoại in the foot of the first page
    contact: str = ""
    #: what only the form of this type asks for: name of the blank and its words
    particulars: particulars.Particulars = ()
    #: phụ lục in the same file, and what is issued together with a decision
    appendices: tuple[Appendix, ...] = ()

    def particular(self, key: str) -> str:
        """What was filled into a blank of the form; empty where nothing was."""
        return dict(self.particulars).get(key, "")


_LISTS: Final = frozenset({"addressees", "legal_bases", "recipients"})
_NAMES: Final[dict[str, str]] = {
    "subject": "Trích yếu",
    "addressees": "Kính gửi",
    "authority": "Thẩm quyền ban hành",
    "legal_bases": "Căn cứ",
    "paragraphs": "Nội dung",
    "recipients": "Nơi nhận",
    "filing": "Lưu",
    "copies": "Số lượng bản",
    "capacity": "Quyền hạn",
    "on_behalf_of": "Ký thay",
    "collective": "Tập thể được thay mặt",
    "signer_title": "Chức vụ người ký",
    "signer_name": "Họ tên người ký",
    "contact": "Địa chỉ liên hệ",
    "particulars": "Các mục riêng của mẫu",
    "appendices": "Phụ lục",
}
_LENGTHS: Final[dict[str, int]] = {
    "subject": SUBJECT_LENGTH,
    "signer_name": NAME_LENGTH,
    "legal_bases": 1_000,
    "contact": 500,
}


def parse(content: Mapping[str, object]) -> DispatchText:
    """The text from JSON or from a form; blank lines of lists fall away, unknown names are refused.

    Raises TextRefused with the fields that are too long or of the wrong kind.
    """
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    for key, value in content.items():
        if key not in _NAMES:
            wrong[key] = "Văn bản không có thành phần này."
        elif key == "paragraphs":
            values[key] = _body(value, wrong)
        elif key in _LISTS:
            values[key] = _lines(key, value, wrong)
        elif key == "capacity":
            values[key] = _capacity(value, wrong)
        elif key == "particulars":
            values[key] = particulars.parse(value, wrong)
        elif key == "appendices":
            values[key] = appendices.parse(value, wrong)
        else:
            values[key] = _line(key, value, wrong)
    if wrong:
        named = ", ".join(_NAMES.get(key, key) for key in wrong)
        raise TextRefused(f"Chưa lưu được vì có mục không hợp lệ: {named}.", fields=wrong)
    return DispatchText(**values)  # type: ignore[arg-type]


def serialise(text: DispatchText) -> dict[str, object]:
    """The JSON form that `parse` reads back."""
    return {
        **{
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(text).items()
        },
        "particulars": dict(text.particulars),
        "appendices": appendices.serialise(text.appendices),
    }


def body(text: DispatchText) -> str:
    """The lines of the body without marks, one a line."""
    return "\n".join(bare for line in text.paragraphs if (bare := plain(line)))


def capacity_lines(text: DispatchText) -> tuple[str, ...]:
    """What is printed above the signature, not yet in capitals."""
    return types.capacity_lines(
        text.capacity, text.signer_title, text.on_behalf_of, text.collective
    )


def searchable(text: DispatchText) -> str:
    """All words of the document in the order in which they are read, for full-text search."""
    return "\n".join(
        part
        for part in (
            text.subject,
            *text.addressees,
            text.authority,
            *text.legal_bases,
            *(words for _, words in text.particulars),
            body(text),
            *text.recipients,
            *capacity_lines(text),
            text.signer_name,
            *(
                words
                for each in text.appendices
                for words in (each.title, *map(plain, each.paragraphs))
            ),
        )
        if part
    )


def changed_fields(older: DispatchText, newer: DispatchText) -> tuple[str, ...]:
    """Names of the parts in which two versions differ, as the writer knows them."""
    return tuple(
        _NAMES[each.name]
        for each in fields(DispatchText)
        if getattr(older, each.name) != getattr(newer, each.name)
    )


def parts(
    older: DispatchText, newer: DispatchText
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Each part of two versions as the writer knows it, in lines, in the order of the page."""
    return tuple(
        (_NAMES[each.name], _as_lines(older, each.name), _as_lines(newer, each.name))
        for each in fields(DispatchText)
    )


def _as_lines(text: DispatchText, name: str) -> tuple[str, ...]:
    if name == "particulars":
        return tuple(words for _, words in text.particulars)
    if name == "appendices":
        return tuple(line for each in text.appendices for line in (each.title, *each.paragraphs))
    if name == "capacity":
        return (text.capacity.prefix or "Ký trực tiếp",)
    value = getattr(text, name)
    if isinstance(value, tuple):
        return value
    return (str(value),) if value else ()


@dataclass(frozen=True, slots=True)
class ChangedParagraph:
    """A paragraph that two versions do not share: `before` is None where it is new."""

    before: str | None
    after: str | None


def changed_paragraphs(older: DispatchText, newer: DispatchText) -> tuple[ChangedParagraph, ...]:
    """What was taken out of the body and what was put in, in reading order."""
    changes: list[ChangedParagraph] = []
    matches = [
        (-1, -1),
        *_common(older.paragraphs, newer.paragraphs),
        (len(older.paragraphs), len(newer.paragraphs)),
    ]
    for (before, after), (next_before, next_after) in pairwise(matches):
        gone = older.paragraphs[before + 1 : next_before]
        come = newer.paragraphs[after + 1 : next_after]
        changes += [
            ChangedParagraph(
                gone[index] if index < len(gone) else None,
                come[index] if index < len(come) else None,
            )
            for index in range(max(len(gone), len(come)))
        ]
    return tuple(changes)


def _common(older: tuple[str, ...], newer: tuple[str, ...]) -> list[tuple[int, int]]:
    """Pairs of indexes of equal paragraphs, rising in both: greedy, first match wins.

    Not the longest such chain: a document has few paragraphs that repeat, and quadratic time over
    a thousand of them is not worth it.
    """
    places: dict[str, list[int]] = {}
    for index, paragraph in enumerate(newer):
        places.setdefault(paragraph, []).append(index)
    pairs: list[tuple[int, int]] = []
    last = -1
    for index, paragraph in enumerate(older):
        found = next((place for place in places.get(paragraph, ()) if place > last), None)
        if found is not None:
            pairs.append((index, found))
            last = found
    return pairs


def _line(key: str, value: object, wrong: dict[str, str]) -> str:
    if not isinstance(value, str):
        wrong[key] = f"{_NAMES[key]} phải là chữ."
        return ""
    return _bounded(key, normalised(value[: BODY_LENGTH + 1]), wrong)


def _lines(key: str, value: object, wrong: dict[str, str]) -> tuple[str, ...]:
    """Lines of a list; what the form prints by itself (dash, final punctuation) is taken off."""
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        wrong[key] = f"{_NAMES[key]} phải là danh sách các dòng chữ."
        return ()
    if len(value) > MOST_LINES:
        wrong[key] = f"{_NAMES[key]} có nhiều hơn {MOST_LINES} dòng."
        return ()
    if sum(len(each) for each in value) > BODY_LENGTH:
        wrong[key] = f"{_NAMES[key]} dài hơn {BODY_LENGTH} ký tự."
        return ()
    lines = tuple(_without_list_marks(normalised(each)) for each in value)
    return tuple(_bounded(key, each, wrong) for each in lines if each)


def _body(value: object, wrong: dict[str, str]) -> tuple[str, ...]:
    """Lines as people write them, or blocks as programs do."""
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        try:
            return bodies.lines(bodies.parse(value))
        except bodies.BodyRefused as refused:
            wrong["paragraphs"] = refused.detail
            return ()
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        wrong["paragraphs"] = "Nội dung phải là danh sách các dòng chữ hoặc các khối."
        return ()
    if sum(len(each) for each in value) > BODY_LENGTH:
        wrong["paragraphs"] = f"Nội dung dài hơn {BODY_LENGTH} ký tự."
        return ()
    lines = bodies.tidy(value)
    fault = bodies.fault(lines)
    if fault is not None:
        wrong["paragraphs"] = fault
        return ()
    return lines


def _without_list_marks(line: str) -> str:
    bare = line.removeprefix("- ").removeprefix("-\u00a0").rstrip(" ;")
    return bare if bare.endswith("v.v.") else bare.rstrip(".")


def _bounded(key: str, line: str, wrong: dict[str, str]) -> str:
    longest = _LENGTHS.get(key, LINE_LENGTH)
    if len(line) > longest:
        wrong[key] = f"{_NAMES[key]} dài hơn {longest} ký tự."
    return line


def _capacity(value: object, wrong: dict[str, str]) -> Capacity:
    try:
        return Capacity(str(value))
    except ValueError:
        wrong["capacity"] = "Quyền hạn ký không có trong Nghị định 30/2020/NĐ-CP."
        return Capacity.HEAD
