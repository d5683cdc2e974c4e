"""The kinds of registers as a table: level and era, data, pages, form, and who signs in turn.

What is done with a register (made, embedded, read back, computed anew) asks this table and knows no
kind by name. The data of every kind are `format`, `kind`, `made_at`, `entered` and `results`: what
people entered, and beside it what the circular makes of that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import msgspec

from eoffice.assessment import tt22, tt27
from eoffice.assessment.tt58 import AMENDED, ORIGINAL
from eoffice.errors import Invalid
from eoffice.registers import gradebook
from eoffice.registers.gradebook import DataUnreadable, NotComplete
from eoffice.registers.kinds import (
    certificates_register,
    certificates_register_sheets,
    class_book,
    class_book_sheets,
    class_diary,
    class_diary_sheets,
    class_register,
    covers,
    enrolment_register,
    enrolment_register_sheets,
    homeroom_book,
    homeroom_book_sheets,
    moves_register,
    moves_register_sheets,
    primary_table_sheets,
    report_part,
    report_part_cover,
    report_part_sheets,
    roll_book_sheets,
    shapes,
    teacher_book,
    teacher_book_sheets,
)
from eoffice.registers.kinds.parts import Citation
from eoffice.registers.kinds.sheets import Sheet
from eoffice.registers.states import SignatureKind

Json = Any
E = TypeVar("E")
R = TypeVar("R")

#: What follows `made_at` in the data of a register.
_PARTS: Final = ("entered", "results")
_SHOWN: Final = 5


class RegisterKind(StrEnum):
    ROLL_BOOK = "roll_book"  # Sổ gọi tên và ghi điểm
    TEACHER_BOOK = "teacher_book"  # Sổ theo dõi và đánh giá học sinh (của giáo viên)
    REPORT_PART = "report_part"  # Học bạ: phần của một năm học
    ENROLMENT_REGISTER = "enrolment_register"  # Sổ đăng bộ
    MOVES_REGISTER = "moves_register"  # Sổ theo dõi học sinh chuyển đi, chuyển đến
    CERTIFICATES_REGISTER = "certificates_register"  # Sổ quản lý cấp phát văn bằng, chứng chỉ
    CLASS_DIARY = "class_diary"  # Sổ ghi đầu bài
    HOMEROOM_BOOK = "homeroom_book"  # Sổ chủ nhiệm
    CLASS_BOOK = "class_book"  # Sổ theo dõi và đánh giá học sinh (theo lớp học)
    PRIMARY_TABLE = "primary_table"  # Bảng tổng hợp kết quả đánh giá giáo dục của lớp


@dataclass(frozen=True, slots=True)
class Kind(Generic[E, R]):
    """One kind of register; all that is particular to it."""

    kind: RegisterKind
    title: str
    #: Name and version of the data's schema.
    format: str
    #: Root element in XML.
    root: str
    #: The circulars under which it is kept, and the grades.
    rule_sets: Collection[str]
    grades: range
    #: In forms/.
    form: str
    entered: type[E]
    results: type[R]
    compute: Callable[[E], R]
    #: What is missing before it can be signed.
    gaps: Callable[[E], list[str]]
    sheets: Callable[[E, R], Sequence[Sheet]]
    #: What the form needs beside the sheets: cover, guidance, names beside signatures.
    cover: Callable[[E], Mapping[str, object]]
    #: Whose signatures it takes, in this order.
    signing: tuple[SignatureKind, ...]
    #: What is entered now with its corrections told, against what an earlier signed version had.
    corrected: Callable[[E, E], E] | None = None

    @property
    def namespace(self) -> str:
        return f"urn:{self.format.replace('/', ':')}"

    @property
    def shape(self) -> shapes.Record:
        return shapes.Record(
            {
                "format": shapes.Text(values=(self.format,)),
                "kind": shapes.Text(
                    values=tuple(one.kind for one in KINDS if one.format == self.format)
                ),
                "made_at": shapes.INSTANT,
                "cited": shapes.CITED,
                "entered": shapes.shape_of(self.entered),
                "results": shapes.shape_of(self.results),
            }
        )


_SUBJECT, _HOMEROOM = SignatureKind.SUBJECT, SignatureKind.HOMEROOM
_PRINCIPAL, _SEAL = SignatureKind.PRINCIPAL, SignatureKind.SEAL
_KEEPER = SignatureKind.KEEPER

KINDS: Final[tuple[Kind[Any, Any], ...]] = (
    Kind(
        kind=RegisterKind.ROLL_BOOK,
        title="Sổ gọi tên và ghi điểm",
        format=class_register.FORMAT,
        root="class_register",
        rule_sets=frozenset({ORIGINAL.rule_set, AMENDED.rule_set}),
        grades=range(6, 13),
        form="roll_book.typ",
        entered=class_register.ClassRegister,
        results=class_register.ClassResults,
        compute=class_register.compute,
        gaps=class_register.gaps,
        sheets=roll_book_sheets.sheets,
        cover=covers.of_roll_book,
        signing=(_SUBJECT, _HOMEROOM, _PRINCIPAL, _SEAL),
        corrected=class_register.corrected,
    ),
    Kind(
        kind=RegisterKind.CLASS_BOOK,
        title="Sổ theo dõi và đánh giá học sinh (theo lớp học)",
        format=class_book.FORMAT,
        root="class_book",
        rule_sets=frozenset({tt22.RULE_SET}),
        grades=range(6, 13),
        form="class_book.typ",
        entered=class_book.ClassBook,
        results=class_register.ClassResults,
        compute=class_register.compute,
        gaps=class_register.gaps,
        sheets=class_book_sheets.sheets,
        cover=class_book_sheets.cover,
        signing=(_SUBJECT, _HOMEROOM, _PRINCIPAL, _SEAL),
        corrected=class_book.corrected,
    ),
    Kind(
        kind=RegisterKind.TEACHER_BOOK,
        title="Sổ theo dõi và đánh giá học sinh (của giáo viên)",
        format=teacher_book.FORMAT,
        root="teacher_register",
        rule_sets=frozenset({tt22.RULE_SET}),
        grades=range(6, 13),
        form="teacher_book.typ",
        entered=teacher_book.TeacherBook,
        results=teacher_book.TeacherBookResults,
        compute=teacher_book.compute,
        # A teacher prints it in any week of the year.
        gaps=lambda _: [],
        sheets=teacher_book_sheets.sheets,
        cover=covers.of_teacher_book,
        signing=(SignatureKind.TEACHER, _PRINCIPAL, _SEAL),
        corrected=teacher_book.corrected,
    ),
    Kind(
        kind=RegisterKind.PRIMARY_TABLE,
        title="Bảng tổng hợp kết quả đánh giá giáo dục của lớp",
        format=class_register.FORMAT,
        root="class_register",
        rule_sets=frozenset({tt27.RULE_SET}),
        grades=range(1, 6),
        form="primary_table.typ",
        entered=class_register.ClassRegister,
        results=class_register.ClassResults,
        compute=class_register.compute,
        gaps=class_register.gaps,
        sheets=primary_table_sheets.sheets,
        cover=covers.of_primary_table,
        signing=(_HOMEROOM, _PRINCIPAL, _SEAL),
        corrected=class_register.corrected,
    ),
    Kind(
        kind=RegisterKind.REPORT_PART,
        title="Học bạ",
        format=report_part.FORMAT,
        root="report_part",
        # Every circular has one; its life is that of eoffice.reports.
        rule_sets=frozenset(),
        grades=range(1, 13),
        form="report_part.typ",
        entered=report_part.ReportPart,
        results=class_register.PupilResult,
        compute=report_part.compute,
        gaps=report_part.gaps,
        sheets=report_part_sheets.sheets,
        cover=report_part_cover.of_part,
        signing=(_HOMEROOM, _PRINCIPAL, _SEAL),
        corrected=report_part.corrected,
    ),
    Kind(
        kind=RegisterKind.CLASS_DIARY,
        title="Sổ ghi đầu bài",
        format=class_diary.FORMAT,
        root="class_diary",
        rule_sets=frozenset(),
        grades=range(0),
        form="school_roll.typ",
        entered=class_diary.ClassDiary,
        results=class_diary.DiaryResults,
        compute=class_diary.compute,
        gaps=lambda _: [],
        sheets=class_diary_sheets.sheets,
        cover=class_diary_sheets.cover,
        signing=(_KEEPER, _PRINCIPAL, _SEAL),
    ),
    Kind(
        kind=RegisterKind.HOMEROOM_BOOK,
        title="Sổ chủ nhiệm",
        format=homeroom_book.FORMAT,
        root="homeroom_book",
        rule_sets=frozenset(),
        grades=range(0),
        form="school_roll.typ",
        entered=homeroom_book.HomeroomBook,
        results=homeroom_book.HomeroomResults,
        compute=homeroom_book.compute,
        gaps=lambda _: [],
        sheets=homeroom_book_sheets.sheets,
        cover=homeroom_book_sheets.cover,
        signing=(_KEEPER, _PRINCIPAL, _SEAL),
    ),
    Kind(
        kind=RegisterKind.ENROLMENT_REGISTER,
        title="Sổ đăng bộ",
        format=enrolment_register.FORMAT,
        root="enrolment_register",
        rule_sets=frozenset(),
        grades=range(0),
        form="school_roll.typ",
        entered=enrolment_register.EnrolmentRegister,
        results=enrolment_register.EnrolmentResults,
        compute=enrolment_register.compute,
        gaps=lambda _: [],
        sheets=enrolment_register_sheets.sheets,
        cover=enrolment_register_sheets.cover,
        signing=(_KEEPER, _PRINCIPAL, _SEAL),
    ),
    Kind(
        kind=RegisterKind.MOVES_REGISTER,
        title="Sổ theo dõi học sinh chuyển đi, chuyển đến",
        format=moves_register.FORMAT,
        root="moves_register",
        rule_sets=frozenset(),
        grades=range(0),
        form="school_roll.typ",
        entered=moves_register.MovesRegister,
        results=moves_register.MovesResults,
        compute=moves_register.compute,
        gaps=lambda _: [],
        sheets=moves_register_sheets.sheets,
        cover=moves_register_sheets.cover,
        signing=(_KEEPER, _PRINCIPAL, _SEAL),
    ),
    Kind(
        kind=RegisterKind.CERTIFICATES_REGISTER,
        title="Sổ quản lý cấp phát văn bằng, chứng chỉ",
        format=certificates_register.FORMAT,
        root="certificates_register",
        rule_sets=frozenset(),
        grades=range(0),
        form="school_roll.typ",
        entered=certificates_register.CertificatesRegister,
        results=certificates_register.CertificatesResults,
        compute=certificates_register.compute,
        gaps=lambda _: [],
        sheets=certificates_register_sheets.sheets,
        cover=certificates_register_sheets.cover,
        signing=(_KEEPER, _PRINCIPAL, _SEAL),
    ),
)
BY_KIND: Final = {one.kind: one for one in KINDS}


def data_of(
    kind: Kind[E, R], entered: E, *, made_at: datetime, cited: Sequence[Citation] = ()
) -> Json:
    """The register as JSON values. Raises NotComplete, naming what is missing."""
    refuse_gaps(kind.gaps(entered))
    return {
        "format": kind.format,
        "kind": kind.kind.value,
        "made_at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
        **({"cited": [gradebook.citation_json(one) for one in cited]} if cited else {}),
        "entered": plain(entered),
        "results": plain(kind.compute(entered)),
    }


def refuse_gaps(missing: Sequence[str]) -> None:
    """Raises NotComplete where something is missing."""
    if missing:
        more = f" và {len(missing) - _SHOWN} mục khác" if len(missing) > _SHOWN else ""
        raise NotComplete(
            f"Chưa đủ dữ liệu để lập sổ: {'; '.join(missing[:_SHOWN])}{more}. "
            "Hãy bổ sung rồi lập sổ lại."
        )


def plain(value: object) -> Json:
    """A value as JSON has it: lists, texts, no tuples and no decimals."""
    return msgspec.json.decode(msgspec.json.encode(value))


def encoded(data: Json) -> bytes:
    """The one byte sequence of the data: UTF-8, sorted keys, no superfluous spaces."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def xml_of(data: Json) -> bytes:
    """The same data as XML. Raises DataUnreadable, XmlUnwritable."""
    kind = kind_of(data)
    return shapes.xml(kind.root, kind.namespace, kind.shape, data)


def kind_of(data: Json) -> Kind[Any, Any]:
    """Raises DataUnreadable: of no kind that is known here."""
    if not isinstance(data, dict):
        data = {}
    kind = next((one for one in KINDS if one.kind == data.get("kind")), None)
    if kind is None or kind.format != data.get("format"):
        raise DataUnreadable("Dữ liệu kèm theo sổ không theo lược đồ nào của các loại sổ.")
    return kind


def decoded(content: bytes) -> Json:
    """Raises DataUnreadable."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataUnreadable("Dữ liệu kèm theo sổ không phải là JSON.") from error
    kind_of(data)
    return data


def entered_of(data: Json) -> Any:
    """What the data say was entered, without any of the results that they state.

    Raises DataUnreadable where the data do not follow the schema.
    """
    kind = kind_of(data)
    try:
        return msgspec.convert(data["entered"], kind.entered)
    except (LookupError, TypeError, msgspec.ValidationError, Invalid) as error:
        raise DataUnreadable(
            f"Dữ liệu kèm theo sổ không theo lược đồ {kind.format}: {error}."
        ) from error


def results_of(data: Json) -> Any:
    """The results as they are stated, right or wrong. Raises DataUnreadable."""
    kind = kind_of(data)
    try:
        return msgspec.convert(data["results"], kind.results)
    except (LookupError, TypeError, msgspec.ValidationError) as error:
        raise DataUnreadable(
            f"Dữ liệu kèm theo sổ không theo lược đồ {kind.format}: {error}."
        ) from error


def citations_of(data: Json) -> tuple[Citation, ...]:
    """The subjects that the version leaves as they were signed before. Raises DataUnreadable."""
    try:
        return msgspec.convert(data.get("cited", []), tuple[Citation, ...])
    except msgspec.ValidationError as error:
        raise DataUnreadable(
            f"Dữ liệu kèm theo sổ không theo lược đồ {kind_of(data).format}: {error}."
        ) from error


def made_at(data: Json) -> datetime:
    """Raises DataUnreadable."""
    try:
        return datetime.fromisoformat(data["made_at"])
    except (LookupError, TypeError, ValueError) as error:
        raise DataUnreadable("Dữ liệu kèm theo sổ không ghi thời điểm lập sổ.") from error


def sheets_of(data: Json) -> Sequence[Sheet]:
    """The pages that the data give. Raises DataUnreadable."""
    kind = kind_of(data)
    try:
        return kind.sheets(entered_of(data), results_of(data))
    except (LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise DataUnreadable(
            f"Dữ liệu kèm theo sổ không theo lược đồ {kind.format}: {error}."
        ) from error


def kinds_for(rule_set: str, grade: int) -> list[Kind[Any, Any]]:
    """The registers that a class of this grade keeps under this circular."""
    return [one for one in KINDS if rule_set in one.rule_sets and grade in one.grades]
