"""What the columns of a list of pupils hold: by the words of the header, or as a person said. Pure.

A header may stand in two rows (Cha: Họ và tên, Điện thoại); then the words above belong to those
below. A name may stand in two cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from eoffice.errors import Invalid
from eoffice.files.tables import headers
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid, Value

MOST_COLUMNS: Final = 80
MOST_HEADER_ROWS: Final = 3


class ColumnsRefused(Invalid):
    """Columns were given meanings by which no list of pupils can be read."""


class Field(StrEnum):
    """What a column holds."""

    NOTHING = "nothing"
    ORDINAL = "ordinal"
    CODE = "code"
    PERSONAL_ID = "personal_id"
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    BORN_ON = "born_on"
    SEX = "sex"
    #: A sign where the pupil is a girl.
    FEMALE = "female"
    CLASS = "class"
    HOMEROOM = "homeroom"
    BIRTHPLACE = "birthplace"
    ETHNICITY = "ethnicity"
    POLICY_GROUP = "policy_group"
    ADDRESS = "address"
    PERMANENT_ADDRESS = "permanent_address"
    FATHER = "father"
    FATHER_PHONE = "father_phone"
    FATHER_EMAIL = "father_email"
    MOTHER = "mother"
    MOTHER_PHONE = "mother_phone"
    MOTHER_EMAIL = "mother_email"
    GUARDIAN = "guardian"
    GUARDIAN_PHONE = "guardian_phone"
    GUARDIAN_EMAIL = "guardian_email"


FIELD_NAMES: Final[dict[Field, str]] = {
    Field.NOTHING: "Không dùng",
    Field.ORDINAL: "Số thứ tự",
    Field.CODE: "Mã học sinh",
    Field.PERSONAL_ID: "Số định danh cá nhân",
    Field.NAME: "Họ và tên",
    Field.FAMILY_NAME: "Họ và tên đệm",
    Field.GIVEN_NAME: "Tên",
    Field.BORN_ON: "Ngày sinh",
    Field.SEX: "Giới tính",
    Field.FEMALE: "Nữ (có đánh dấu)",
    Field.CLASS: "Lớp",
    Field.HOMEROOM: "Giáo viên chủ nhiệm",
    Field.BIRTHPLACE: "Nơi sinh",
    Field.ETHNICITY: "Dân tộc",
    Field.POLICY_GROUP: "Đối tượng ưu tiên",
    Field.ADDRESS: "Nơi ở hiện nay",
    Field.PERMANENT_ADDRESS: "Nơi thường trú",
    Field.FATHER: "Họ tên cha",
    Field.FATHER_PHONE: "Điện thoại của cha",
    Field.FATHER_EMAIL: "Thư điện tử của cha",
    Field.MOTHER: "Họ tên mẹ",
    Field.MOTHER_PHONE: "Điện thoại của mẹ",
    Field.MOTHER_EMAIL: "Thư điện tử của mẹ",
    Field.GUARDIAN: "Họ tên người giám hộ",
    Field.GUARDIAN_PHONE: "Điện thoại của người giám hộ",
    Field.GUARDIAN_EMAIL: "Thư điện tử của người giám hộ",
}

_PHONE, _MAIL = r"(so )?(dien thoai|dt|sdt|di dong)", r"(thu dien tu|e ?mail)"
_NAMED = r"(ho (va )?ten )?"
#: The whole words of a header, folded and without signs, in the order in which they are tried.
_WORDS: Final[tuple[tuple[str, Field], ...]] = (
    (r"stt|tt|so tt|so thu tu", Field.ORDINAL),
    (r"ma (so )?(hoc sinh|hs|hoc vien)|mhs|ma", Field.CODE),
    (r"(so|ma) dinh danh( ca nhan)?|(so )?(cccd|cmnd|ddcn)|so can cuoc( cong dan)?|ma dinh danh"
     r"( bo gd ?dt| bgd)?|(so )?cmnd/cccd|so dinh danh ca nhan/cccd", Field.PERSONAL_ID),
    (r"ho (va )?ten( hoc sinh| hs)?|ten hoc sinh", Field.NAME),
    (r"ho( va)?( ten)? dem|ho dem|ho", Field.FAMILY_NAME),
    (r"ten", Field.GIVEN_NAME),
    (r"ngay( thang nam)? sinh|ngay/thang/nam sinh|sinh ngay", Field.BORN_ON),
    (r"gioi( tinh)?|nam/nu|nam nu|phai", Field.SEX),
    (r"nu", Field.FEMALE),
    (r"lop( hoc)?|ten lop", Field.CLASS),
    (r"(giao vien|gv) (chu nhiem|cn)|gvcn|chu nhiem", Field.HOMEROOM),
    (r"noi sinh", Field.BIRTHPLACE),
    (r"dan toc", Field.ETHNICITY),
    (r"(doi tuong|dien) (uu tien|chinh sach)|(con )?dien chinh sach|uu tien|chinh sach",
     Field.POLICY_GROUP),
    (r"(noi o|cho o|dia chi)( hien (nay|tai))?|noi o hien nay cua gia dinh|dia chi lien he"
     r"|cho o hien nay", Field.ADDRESS),
    (r"(noi |dia chi |ho khau )?thuong tru|ho khau( thuong tru)?", Field.PERMANENT_ADDRESS),
    *(
        (rf"{prefix}{who}", field)
        for who, name, phone, email in (
            (r"(cha|bo)", Field.FATHER, Field.FATHER_PHONE, Field.FATHER_EMAIL),
            (r"me", Field.MOTHER, Field.MOTHER_PHONE, Field.MOTHER_EMAIL),
            (r"(nguoi )?(giam ho|ngh)", Field.GUARDIAN, Field.GUARDIAN_PHONE,
             Field.GUARDIAN_EMAIL),
        )
        for prefix, field in (
            (_NAMED, name),
            (rf"{_PHONE} (cua )?", phone),
            (rf"{_MAIL} (cua )?", email),
        )
    ),
    *(
        (rf"{who} {words}", field)
        for who, words, field in (
            (r"(cha|bo)", r"ho (va )?ten", Field.FATHER),
            (r"(cha|bo)", _PHONE, Field.FATHER_PHONE),
            (r"(cha|bo)", _MAIL, Field.FATHER_EMAIL),
            (r"me", r"ho (va )?ten", Field.MOTHER),
            (r"me", _PHONE, Field.MOTHER_PHONE),
            (r"me", _MAIL, Field.MOTHER_EMAIL),
            (r"(nguoi )?giam ho", r"ho (va )?ten", Field.GUARDIAN),
            (r"(nguoi )?giam ho", _PHONE, Field.GUARDIAN_PHONE),
            (r"(nguoi )?giam ho", _MAIL, Field.GUARDIAN_EMAIL),
        )
    ),
)  # fmt: skip
_NAMES: Final = frozenset({Field.NAME, Field.FAMILY_NAME, Field.GIVEN_NAME})
#: By one of these a pupil is told from others of the same name.
_KEYS: Final = frozenset({Field.CODE, Field.PERSONAL_ID, Field.BORN_ON})


@dataclass(frozen=True, slots=True)
class Columns:
    """How a sheet is read: rows from 1, and what each column from 1 holds."""

    header_row: int
    first_row: int
    fields: tuple[tuple[int, Field], ...]
    #: Column number and words of columns that nobody knows.
    unknown: tuple[tuple[int, str], ...] = ()

    @property
    def height(self) -> int:
        return self.first_row - self.header_row

    def of(self, field: Field) -> int | None:
        """The column that holds it."""
        return next((column for column, one in self.fields if one is field), None)


def meaning_of(header: str) -> Field | None:
    """What a column with these words usually holds."""
    label = _label(header)
    return next((field for words, field in _WORDS if re.fullmatch(words, label)), None)


def recognised(grid: Grid) -> Columns | None:
    """The columns of a sheet whose words are known; None where there is no such header."""
    for header_row in range(1, min(len(grid.rows), headers.DEPTH) + 1):
        cells = grid.rows[header_row - 1]
        own = {meaning_of(headers.text_of(cell)) for cell in cells}
        if not own & {Field.NAME, Field.FAMILY_NAME}:
            continue
        height = 2 if _is_second(grid.rows, header_row + 1) else 1
        columns = _columns(grid.rows, header_row, height)
        found = {field for _, field in columns.fields}
        if found & _KEYS:
            return columns
    return None


def checked(columns: Columns) -> Columns:
    """The columns themselves. Raises ColumnsRefused with what is wrong with them."""
    if columns.header_row < 1 or not 1 <= columns.height <= MOST_HEADER_ROWS:
        raise ColumnsRefused(
            f"Dòng tiêu đề cao từ 1 đến {MOST_HEADER_ROWS} dòng, ngay trên học sinh đầu tiên."
        )
    counted = Counter(field for _, field in columns.fields if field is not Field.NOTHING)
    if not counted[Field.NAME] and not (counted[Field.FAMILY_NAME] and counted[Field.GIVEN_NAME]):
        raise ColumnsRefused("Hãy chỉ ra cột họ và tên, hoặc cả cột họ đệm và cột tên.")
    if not _KEYS & counted.keys():
        raise ColumnsRefused("Hãy chỉ ra cột mã học sinh, số định danh cá nhân hoặc ngày sinh.")
    for field, count in counted.items():
        if count > 1:
            raise ColumnsRefused(
                f"“{FIELD_NAMES[field]}” được chọn cho {count} cột; chỉ một cột thôi."
            )
    if any(not 1 <= column <= MOST_COLUMNS for column, _ in columns.fields):
        raise ColumnsRefused("Có cột nằm ngoài bảng.")
    return columns


def found_again(grid: Grid, known: Mapping[str, Columns]) -> Columns | None:
    """The remembered columns whose header this sheet has, moved to where it stands now."""
    found = headers.found_again(grid.rows, {one.height for one in known.values()}, known)
    if found is None:
        return None
    signature, header_row, height = found
    return Columns(header_row, header_row + height, known[signature].fields)


def as_json(columns: Columns) -> dict[str, Any]:
    """For the database; `from_json` reads it back."""
    return {
        "header_row": columns.header_row,
        "first_row": columns.first_row,
        "fields": [[column, field.value] for column, field in columns.fields],
    }


def from_json(kept: Mapping[str, Any]) -> Columns:
    return Columns(
        kept["header_row"],
        kept["first_row"],
        tuple((column, Field(field)) for column, field in kept["fields"]),
    )


def _columns(rows: Sequence[Sequence[Value]], header_row: int, height: int) -> Columns:
    band = rows[header_row - 1 : header_row - 1 + height]
    fields: list[tuple[int, Field]] = []
    unknown: list[tuple[int, str]] = []
    taken: set[Field] = set()
    parent = ""
    for column in range(1, max(map(len, band)) + 1):
        head, *lower = (
            headers.text_of(row[column - 1]) if column <= len(row) else "" for row in band
        )
        parent = head or parent
        own = next((text for text in lower if text), "")
        written = " ".join(filter(None, [parent if own or head else "", own]))
        if not written:
            if (column - 1, Field.NAME) in fields and _has_words(rows, header_row + height, column):
                # A merged header over two cells: family and middle names, then the given name.
                fields[-1] = (column - 1, Field.FAMILY_NAME)
                fields.append((column, Field.GIVEN_NAME))
            continue
        meaning = meaning_of(written) or (meaning_of(own) if own else meaning_of(head))
        if meaning is None or meaning in taken:
            unknown.append((column, written))
        else:
            taken.add(meaning)
            fields.append((column, meaning))
    return Columns(header_row, header_row + height, tuple(fields), tuple(unknown))


def _is_second(rows: Sequence[Sequence[Value]], row: int) -> bool:
    """Whether a row belongs to the header above it: words only, and all of them known below it."""
    if row > len(rows):
        return False
    texts = [text for text in map(headers.text_of, rows[row - 1]) if text]
    known = [meaning_of(text) is not None or re.fullmatch(rf"{_PHONE}|{_MAIL}", _label(text))
             for text in texts]  # fmt: skip
    return bool(texts) and all(known)


def _has_words(rows: Sequence[Sequence[Value]], first_row: int, column: int) -> bool:
    below = rows[first_row - 1 : first_row + 4]
    texts = (headers.text_of(row[column - 1]) for row in below if column <= len(row))
    return any(re.search(r"[^\W\d]", text) for text in texts)


def _label(text: str) -> str:
    """As compared: folded, without brackets, dots and stars."""
    bare = re.sub(r"\(.*?\)", " ", folded(text))
    return " ".join(re.sub(r"[.:*_,;-]", " ", bare).split())
