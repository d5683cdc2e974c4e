"""Rules of the form check about what the body says: numbering, dates, citations, figures.

Pure. Decree 30/2020, Annex I, part I, section II.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from eoffice.documents import types
from eoffice.documents.form import findings, layouts
from eoffice.documents.form import text as texts
from eoffice.documents.form.findings import Draft, Finding
from eoffice.documents.types import DocumentType


def body(draft: Draft) -> Iterator[Finding]:
    # Forms 1.2 to 1.5 of Annex III close the body with "./.".
    source = f"{findings.DECREE}, Phụ lục III, Mẫu 1.2 đến 1.5"
    paragraphs = [texts.plain(paragraph) for paragraph in draft.text.paragraphs]
    if not paragraphs:
        if layouts.needs_body(draft.kind):
            yield findings.error("body-missing", source, "Văn bản chưa có nội dung.", "paragraphs")
        return
    if layouts.ends_itself(draft.kind):
        if any("./." in paragraph for paragraph in paragraphs):
            yield findings.error(
                "body-end-twice",
                f"{findings.DECREE}, Phụ lục III, Mẫu 1.8 đến 1.10",
                f"Mẫu {types.name(draft.kind).lower()} tự in câu cuối và dấu “./.”; nội dung không "
                "ghi dấu này.",
                "paragraphs",
            )
        return
    if not paragraphs[-1].endswith("./."):
        yield findings.error(
            "body-end", source, "Nội dung văn bản phải kết thúc bằng dấu “./.”.", "paragraphs"
        )
    if any("./." in paragraph.removesuffix("./.") for paragraph in paragraphs) or any(
        paragraph.endswith("./.") for paragraph in paragraphs[:-1]
    ):
        yield findings.error(
            "body-end-repeated",
            source,
            "Dấu “./.” chỉ đứng ở cuối cùng của nội dung văn bản.",
            "paragraphs",
        )


#: The alphabet in which points are counted: "đ)" comes after "d)", there is no "f)" (II.6.đ).
_POINT_LETTERS: Final = "abcdđeghiklmnopqrstuvxy"


_CLAUSE: Final = re.compile(r"^(\d{1,2})\.\s")


_ARTICLE: Final = re.compile(r"^Điều (\d{1,3})\b")


_POINT: Final = re.compile(r"^([a-zđ])\)\s")


def numbering(draft: Draft) -> Iterator[Finding]:
    """Articles, clauses and points follow one another without gaps."""
    source = f"{findings.ANNEX}, khoản 6, điểm đ"
    article = clause = 0
    point = -1
    for paragraph in (texts.plain(each) for each in draft.text.paragraphs):
        if match := _ARTICLE.match(paragraph):
            number, clause, point = int(match[1]), 0, -1
            if number != article + 1:
                yield _gap(source, f"Điều {number}", f"Điều {article + 1}")
            article = number
        elif match := _CLAUSE.match(paragraph):
            number, point = int(match[1]), -1
            # A clause "1." begins a new row wherever it stands: a section may count anew.
            if number not in (1, clause + 1):
                yield _gap(source, f"{number}.", f"{clause + 1}.")
            clause = number
        elif match := _POINT.match(paragraph):
            letter = match[1]
            if letter not in _POINT_LETTERS:
                yield findings.warning(
                    "numbering-letter",
                    source,
                    f"Điểm “{letter})” không có trong bảng chữ cái tiếng Việt.",
                    "paragraphs",
                )
                continue
            place = _POINT_LETTERS.index(letter)
            if place not in (0, point + 1):
                yield _gap(source, f"{letter})", f"{_POINT_LETTERS[point + 1]})")
            point = place


def _gap(source: str, found: str, expected: str) -> Finding:
    return findings.warning(
        "numbering-gap",
        source,
        f"Thứ tự bị ngắt: gặp “{found}” ở chỗ của “{expected}”.",
        "paragraphs",
    )


_WRITTEN_DATE: Final = re.compile(r"(?i)\bngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})")


_SHORT_DATE: Final = re.compile(r"(?<![\d/])(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d{2})(?![\d/])")


def dates(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 4, điểm b"
    for field, line in findings.read_lines(draft.text):
        for match in _WRITTEN_DATE.finditer(line):
            day, month, year = match.groups()
            if not _is_date(int(day), int(month), int(year)):
                yield _impossible(match[0], field)
            elif len(day) == 1 or (len(month) == 1 and int(month) <= 2):
                yield findings.warning(
                    "date-padding",
                    source,
                    f"“{match[0]}”: ngày nhỏ hơn 10 và tháng 1, 2 phải ghi thêm số 0 phía trước.",
                    field,
                )
        for match in _SHORT_DATE.finditer(line):
            if not _is_date(int(match[1]), int(match[2]), int(match[3])):
                yield _impossible(match[0], field)
            else:
                yield findings.warning(
                    "date-short",
                    source,
                    f"“{match[0]}”: ngày, tháng, năm nên viết đầy đủ bằng chữ “ngày … tháng … năm "
                    "…”.",
                    field,
                )


def _impossible(written: str, field: str) -> Finding:
    return findings.error(
        "date-impossible", "Dương lịch", f"“{written}” không phải là một ngày có thật.", field
    )


def _is_date(day: int, month: int, year: int) -> bool:
    return 1 <= month <= 12 and year > 0 and 1 <= day <= monthrange(year, month)[1]


_SPACED_NOTATION: Final = re.compile(
    r"\b(?:số:?\s*)(\d+(?:\s+/\s*|\s*/\s+)[A-ZĐ][\w.]*|\d+/[A-ZĐ][\w.]*(?:\s+-\s*|\s*-\s+)[A-ZĐ]{2,})",
    re.IGNORECASE,
)


def notations(draft: Draft) -> Iterator[Finding]:
    for field, line in findings.read_lines(draft.text):
        for match in _SPACED_NOTATION.finditer(line):
            yield findings.warning(
                "notation-blanks",
                f"{findings.ANNEX}, khoản 3, điểm c",
                f"“{match[1]}”: giữa số, dấu gạch chéo, dấu gạch nối và ký hiệu không có cách chữ.",
                field,
            )


_CITED: Final = re.compile(
    r"(?:"
    + "|".join(
        types.name(kind) for kind in DocumentType if types.abbreviation(kind) or kind == "dispatch"
    )
    + r"|Thông tư|Nghị định)\s+(?:số\s+)?(\d+(?:/\d{4})?/[A-ZĐ][\w.-]*)",
    re.IGNORECASE,
)


_DATED: Final = re.compile(r"(?i)\bngày\s+\d{1,2}\s*(?:/|tháng)")


_ABOUT: Final = re.compile(r"(?i)\b(?:về|v/v|quy định|hướng dẫn|ban hành|thông tin)\b")


def citations(draft: Draft) -> Iterator[Finding]:
    """The first citation of a document names its date and what it is about."""
    seen: set[str] = set()
    for field, line in findings.read_lines(draft.text):
        matches = list(_CITED.finditer(line))
        for index, match in enumerate(matches):
            end = matches[index + 1].start() if index + 1 < len(matches) else len(line)
            cited = match[1].rstrip(".-").upper()
            if cited in seen:
                continue
            seen.add(cited)
            rest = line[match.end() : end]
            if not (_DATED.search(rest) and _ABOUT.search(rest)):
                yield findings.warning(
                    "citation-incomplete",
                    f"{findings.ANNEX}, khoản 6, điểm b",
                    f"Lần đầu viện dẫn “{match[0].rstrip('.-')}” phải ghi đủ thời gian ban hành, "
                    "cơ quan ban hành và trích yếu.",
                    field,
                )


#: "40/43 (đạt tỉ lệ 93,1%)", "126/141, đạt 89,36 %": a part, a whole, soon after it a percentage.
_SHARE: Final = re.compile(
    r"(?<![\d/.,])(\d{1,3}(?:\.\d{3})+|\d+)/(\d{1,3}(?:\.\d{3})+|\d+)(?![\d/])"
    r"(?P<between>[^\d%/]{0,40})"
    r"(?P<percent>\d{1,3}(?:[,.]\d+)?)\s*%"
)


def percentages(draft: Draft) -> Iterator[Finding]:
    """A share that is written beside its percentage agrees with it, rounded half up."""
    for field, line in findings.read_lines(draft.text):
        for match in _SHARE.finditer(line):
            part, whole = (int(match[index].replace(".", "")) for index in (1, 2))
            written = Decimal(match["percent"].replace(",", "."))
            if whole == 0 or part > whole:
                continue
            share = Decimal(part) * 100 / Decimal(whole)
            places = -int(written.as_tuple().exponent)
            exact = share.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            if exact != written:
                better = share.quantize(Decimal(1).scaleb(-max(places, 2)), ROUND_HALF_UP)
                yield findings.warning(
                    "percentage-wrong",
                    "Phép tính",
                    f"{match[1]}/{match[2]} là {_decimal(better)}% (làm tròn {_decimal(exact)}%), "
                    f"không phải {match['percent']}%.",
                    field,
                )


def _decimal(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


_ATTACHED: Final = re.compile(r"(?i)kèm theo|đính kèm|gửi kèm|phụ lục")


def attachments(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.DECREE}, Phụ lục I, Phần I, Mục III, khoản 1, điểm a"
    mentioned = _ATTACHED.search(texts.body(draft.text))
    is_accompanied = bool(draft.attachment_count or draft.text.appendices)
    if mentioned and not is_accompanied:
        yield findings.warning(
            "attachment-missing",
            source,
            f"Nội dung nói “{mentioned[0].lower()}” nhưng chưa có phụ lục hay tệp nào kèm theo.",
            "paragraphs",
        )
    if is_accompanied and not mentioned:
        yield findings.warning(
            "attachment-unmentioned",
            source,
            "Văn bản có phụ lục hoặc tệp kèm theo nhưng nội dung không có chỉ dẫn về phần đó.",
            "paragraphs",
        )
