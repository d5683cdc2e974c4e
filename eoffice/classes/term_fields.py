"""The terms of a circular as a form: every value with its words, unit and article. Pure.

The values are those of `AssessmentTerms`; the circular itself refuses what it could not go by. A
list of rows has two empty ones at its end; a row that is emptied is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from eoffice.assessment import year27, year58
from eoffice.assessment.terms import TermsRefused
from eoffice.assessment.tt22 import Topics
from eoffice.assessment.tt58 import Promotion
from eoffice.assessment.year import TraitTime

Options = tuple[tuple[str, str], ...]
#: Empty rows at the end of a list.
SPARE: Final = 2
MOST_ROWS: Final = 40


class Kind(StrEnum):
    WHOLE = "whole"
    #: A whole number, or nothing for no limit.
    WHOLE_OR_NONE = "whole_or_none"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    #: Several of the options.
    CHOICES = "choices"
    #: Codes of subjects, with commas between them.
    CODES = "codes"
    #: A whole number for some of the options.
    BY_OPTION = "by_option"
    #: Values that belong together.
    GROUP = "group"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Term:
    """One value, or a list of rows of them."""

    key: str
    label: str
    kind: Kind
    #: Where the circular speaks of it, what it decides.
    hint: str = ""
    unit: str = ""
    options: Options = ()
    parts: tuple[Term, ...] = field(default=())


def _options(words: Mapping[Any, str]) -> Options:
    return tuple((str(code), text) for code, text in words.items())


_YES_NO: Final[Options] = (("true", "Có"), ("false", "Không"))
_LEARNING = _options(year58.LEARNING_WORDS)
_CONDUCT = _options(year58.CONDUCT_WORDS)
_PROMOTIONS = _options(
    {
        Promotion.PROMOTED: "Được lên lớp",
        Promotion.RE_TEST: "Kiểm tra lại",
        Promotion.CONDUCT_TRAINING: "Rèn luyện hạnh kiểm trong hè",
        Promotion.HELD_BACK: "Ở lại lớp",
    }
)
_TIMES = _options(
    {
        TraitTime.MIDDLE_OF_FIRST: "Giữa học kì I",
        TraitTime.END_OF_FIRST: "Cuối học kì I",
        TraitTime.MIDDLE_OF_SECOND: "Giữa học kì II",
        TraitTime.END_OF_YEAR: "Cuối năm",
    }
)
_TOPICS = _options(
    {
        Topics.EXTRA: "Thêm một điểm đánh giá thường xuyên",
        Topics.IN_PLACE: "Là một trong các điểm đánh giá thường xuyên phải có",
        Topics.NOT_COUNTED: "Không tính vào điểm trung bình môn",
    }
)
_REASSESSED: Final = (
    Term(
        "reassess_below", "Được đánh giá lại môn có điểm trung bình cả năm dưới", Kind.NUMBER,
        "Môn nhận xét: được đánh giá lại khi Chưa đạt.", "điểm",
    ),
    Term(
        "keeps_better_result", "Giữ kết quả cũ khi đánh giá lại thấp hơn", Kind.FLAG,
        "Không: kết quả đánh giá lại thay kết quả cả năm.",
    ),
)  # fmt: skip
_ONE_SEMESTER: Final = Term(
    "one_semester_makes_the_year", "Miễn một học kì thì lấy học kì kia làm cả năm", Kind.FLAG,
    "Học sinh được miễn học môn hoặc miễn phần thực hành trong một học kì.",
)  # fmt: skip
_COUNTS: Final = (
    Term("up_to", "Đến", Kind.WHOLE_OR_NONE, unit="tiết/năm"),
    Term("marks", "Số điểm", Kind.WHOLE, unit="điểm/học kì"),
)
_UNDER_58: Final = (
    Term("most_absences", "Nghỉ học không quá", Kind.WHOLE, "Điều 15: để được lên lớp.", "buổi"),
    Term(
        "promotions", "Lên lớp theo học lực và hạnh kiểm", Kind.ROWS,
        "Điều 15, 16. Cặp không có trong bảng thì ở lại lớp.",
        parts=(
            Term("learning", "Học lực", Kind.CHOICE, options=_LEARNING),
            Term("conduct", "Hạnh kiểm", Kind.CHOICE, options=_CONDUCT),
            Term("outcome", "Kết quả", Kind.CHOICE, options=_PROMOTIONS),
        ),
    ),
    Term(
        "titles", "Danh hiệu", Kind.ROWS, "Điều 18. Từ mức này trở lên.",
        parts=(
            Term("title", "Danh hiệu", Kind.CHOICE, options=_options(year58.TITLE_WORDS)),
            Term("learning", "Học lực từ", Kind.CHOICE, options=_LEARNING),
            Term("conduct", "Hạnh kiểm từ", Kind.CHOICE, options=_CONDUCT),
        ),
    ),
    Term(
        "comment_passed", "Môn nhận xét đạt khi có ít nhất", Kind.GROUP,
        "Điều 10: số bài Đạt trên tổng số bài.",
        parts=(
            Term("least", "Số phần đạt", Kind.WHOLE, unit="phần"),
            Term("of", "Trên tổng số", Kind.WHOLE, unit="phần"),
        ),
    ),
    _ONE_SEMESTER,
    *_REASSESSED,
    Term("key_subjects", "Môn phải đạt mức của học lực", Kind.CODES,
         "Điều 13: ít nhất một môn trong các môn này. Ghi mã môn, cách nhau bằng dấu phẩy."),
    Term("scored_regular", "Số điểm thường xuyên của môn tính điểm", Kind.ROWS,
         "Điều 8. Để trống “Đến” ở dòng cuối: không giới hạn.", parts=_COUNTS),
    Term("comment_regular", "Số lần kiểm tra thường xuyên của môn nhận xét", Kind.ROWS,
         "Điều 8.", parts=_COUNTS),
    Term("least_periodic", "Số bài kiểm tra định kì ít nhất", Kind.WHOLE, "Điều 8.",
         "bài/học kì"),
)  # fmt: skip
SPECS: Final[Mapping[str, tuple[Term, ...]]] = {
    "TT58/2011": _UNDER_58,
    "TT58/2011-TT26/2020": _UNDER_58,
    "TT27/2020": (
        Term(
            "standards", "Mức đánh giá kết quả giáo dục", Kind.ROWS,
            "Điều 9. Từ mức cao nhất; học sinh không đạt mức nào thì Chưa hoàn thành.",
            parts=(
                Term("level", "Mức", Kind.CHOICE, options=_options(year27.LEVEL_WORDS)),
                Term("lowest_subject", "Môn học thấp nhất", Kind.CHOICE,
                     options=(("well_done", "Hoàn thành tốt"), ("done", "Hoàn thành"),
                              ("not_done", "Chưa hoàn thành"))),
                Term("lowest_trait", "Phẩm chất, năng lực thấp nhất", Kind.CHOICE,
                     options=_options(year27.TRAIT_WORDS)),
                Term("lowest_test", "Bài kiểm tra cuối năm từ", Kind.WHOLE, unit="điểm"),
            ),
        ),
        Term("traits_judged_at", "Bắt buộc đánh giá phẩm chất, năng lực vào", Kind.CHOICES,
             "Điều 8.", options=_TIMES),
        Term("traits_from_grade", "Năng lực chỉ đánh giá từ khối", Kind.BY_OPTION,
             "Để trống: từ khối 1.", "khối", options=_options(year27.TRAITS)),
    ),
    "TT22/2021": (
        Term("topics", "Kết quả chuyên đề học tập", Kind.CHOICE,
             "Cách tính vào kết quả môn học ở trung học phổ thông.", options=_TOPICS),
        Term("bad_subject_may_count", "Môn thấp duy nhất được tính trong số môn phải đạt mức",
             Kind.FLAG, "Điều 9 khoản 3: khi xét điều chỉnh lên mức liền kề."),
        _ONE_SEMESTER,
        *_REASSESSED,
    ),
}  # fmt: skip
#: What every flag offers.
YES_NO: Final = _YES_NO


def shown(rule_set: str, terms: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form by name."""
    found: dict[str, str] = {}
    for term in SPECS[rule_set]:
        _show(found, term, term.key, terms.get(term.key))
    return found


def rows_of(term: Term, value: Callable[[str], str]) -> int:
    """How many rows the form has for a list: those that are filled, and the spare ones."""
    filled = [
        number + 1
        for number in range(MOST_ROWS)
        if any(value(f"{term.key}.{number}.{part.key}") for part in term.parts)
    ]
    return min(max(filled, default=0) + SPARE, MOST_ROWS)


def read(rule_set: str, value: Callable[[str], str]) -> dict[str, Any]:
    """The terms as JSON values. Raises TermsRefused with every field that is wrong."""
    faults: dict[str, str] = {}
    found = {term.key: _read(term, term.key, value, faults) for term in SPECS[rule_set]}
    if faults:
        raise TermsRefused(" ".join(dict.fromkeys(faults.values())), fields=faults)
    return found


def _show(found: dict[str, str], term: Term, name: str, kept: Any) -> None:
    if kept is None:
        return
    match term.kind:
        case Kind.ROWS:
            for number, row in enumerate(kept):
                for part in term.parts:
                    _show(found, part, f"{name}.{number}.{part.key}", row.get(part.key))
        case Kind.GROUP:
            for part in term.parts:
                _show(found, part, f"{name}.{part.key}", kept.get(part.key))
        case Kind.CHOICES:
            found |= {f"{name}.{code}": "on" for code in kept}
        case Kind.BY_OPTION:
            found |= {f"{name}.{code}": str(number) for code, number in kept.items()}
        case Kind.CODES:
            found[name] = ", ".join(kept)
        case Kind.FLAG:
            found[name] = "true" if kept else "false"
        case _:
            found[name] = str(kept).replace(".", ",") if term.kind is Kind.NUMBER else str(kept)


def _read(term: Term, name: str, value: Callable[[str], str], faults: dict[str, str]) -> Any:
    match term.kind:
        case Kind.ROWS:
            return _rows(term, value, faults)
        case Kind.GROUP:
            return {
                part.key: _read(part, f"{name}.{part.key}", value, faults) for part in term.parts
            }
        case Kind.CHOICES:
            return [code for code, _ in term.options if value(f"{name}.{code}")]
        case Kind.BY_OPTION:
            one = Term(term.key, term.label, Kind.WHOLE)
            return {
                code: _read(one, f"{name}.{code}", value, faults)
                for code, _ in term.options
                if value(f"{name}.{code}").strip()
            }
        case Kind.CODES:
            return [code for code in re.split(r"[\s,;]+", value(name).upper()) if code]
        case _:
            return _single(term, name, value(name).strip(), faults)


def _rows(term: Term, value: Callable[[str], str], faults: dict[str, str]) -> list[Any]:
    found = []
    for number in range(MOST_ROWS):
        names = [f"{term.key}.{number}.{part.key}" for part in term.parts]
        if any(value(name).strip() for name in names):
            found.append(
                {
                    part.key: _read(part, name, value, faults)
                    for part, name in zip(term.parts, names, strict=True)
                }
            )
    return found


def _single(term: Term, name: str, text: str, faults: dict[str, str]) -> Any:
    match term.kind:
        case Kind.WHOLE_OR_NONE if not text:
            return None
        case Kind.WHOLE | Kind.WHOLE_OR_NONE if text.isdigit() and len(text) <= 4:
            return int(text)
        case Kind.NUMBER if re.fullmatch(r"\d{1,3}([.,]\d{1,2})?", text):
            return text.replace(",", ".")
        case Kind.FLAG if text in ("true", "false"):
            return text == "true"
        case Kind.CHOICE if text in dict(term.options):
            return text
    wanted = {
        Kind.WHOLE: "ghi một số nguyên",
        Kind.WHOLE_OR_NONE: "ghi một số nguyên hoặc để trống",
        Kind.NUMBER: "ghi một số như 5,0",
    }.get(term.kind, "chọn một giá trị trong danh sách")
    faults[name] = f"{term.label}: {wanted}."
    return None
