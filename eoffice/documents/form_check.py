"""Whether a draft has the form that Decree 30/2020 prescribes (kiểm tra thể thức).

Pure rules over the text; each answers with findings in whole sentences and names its source. An
error keeps the document from its signature; a warning is for the clerk to judge, because the rule
allows exceptions or because a program cannot read meaning. What the printed form does by itself
(sizes, capitals, lines, dashes, final punctuation) cannot be wrong and is not checked.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from eoffice.documents import text as texts
from eoffice.documents import types
from eoffice.documents.letterhead import Letterhead
from eoffice.documents.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.people.rules import Capacity

_DECREE = "Nghị định 30/2020/NĐ-CP"
_ANNEX = f"{_DECREE}, Phụ lục I, Phần I, Mục II"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    #: Name of the rule; stable, for programs.
    rule: str
    #: The law or the reason behind the rule.
    source: str
    severity: Severity
    #: What is wrong and what to do, a whole sentence.
    message: str
    #: Name of the part of the text, as in DispatchText.
    field: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the check looks at."""

    kind: DocumentType
    text: DispatchText
    letterhead: Letterhead
    #: None where the agency drafts by itself.
    drafting_unit_notation: str | None
    attachment_count: int = 0


def check(draft: Draft) -> tuple[Finding, ...]:
    """All findings, errors first, each group in the order of the page."""
    rules = (
        _letterhead,
        _subject,
        _addressees,
        _legal_bases,
        _body,
        _numbering,
        _dates,
        _notations,
        _citations,
        _percentages,
        _attachments,
        _signer,
        _recipients,
        _filing,
    )
    findings = [finding for rule in rules for finding in rule(draft)]
    return tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR))


def passes(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing keeps the document from being signed; warnings do not."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def _error(rule: str, source: str, message: str, field: str) -> Finding:
    return Finding(rule, source, Severity.ERROR, message, field)


def _warning(rule: str, source: str, message: str, field: str) -> Finding:
    return Finding(rule, source, Severity.WARNING, message, field)


def _letterhead(draft: Draft) -> Iterator[Finding]:
    head = draft.letterhead
    if not head.agency_name:
        yield _error(
            "agency-missing",
            f"{_ANNEX}, khoản 2",
            "Thiếu tên cơ quan ban hành. Đề nghị quản trị bổ sung trong danh mục đơn vị.",
            "letterhead",
        )
    if not head.place:
        yield _error(
            "place-missing",
            f"{_ANNEX}, khoản 4",
            "Thiếu địa danh ban hành. Đề nghị quản trị bổ sung trong danh mục đơn vị.",
            "letterhead",
        )
    try:
        types.notation(draft.kind, head.agency_notation, draft.drafting_unit_notation)
    except types.NotationUnknown as unknown:
        yield _error("notation-unknown", f"{_ANNEX}, khoản 3", unknown.detail, "letterhead")


#: "ngắn gọn": more syllables than this do not fit the block under the number in five lines.
_LONG_SUBJECT_SYLLABLES: Final = 45


def _subject(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 5"
    subject = draft.text.subject
    if not subject:
        yield _error("subject-missing", source, "Văn bản chưa có trích yếu nội dung.", "subject")
        return
    if re.match(r"(?i)v/v\b|v\.v\b", subject):
        yield _error(
            "subject-repeats-prefix",
            source,
            "Trích yếu không cần chữ “V/v”: mẫu công văn tự in chữ này.",
            "subject",
        )
    if subject.endswith((".", ";", ",")):
        yield _warning(
            "subject-punctuation", source, "Trích yếu không kết thúc bằng dấu câu.", "subject"
        )
    first = subject.split()[0]
    if draft.kind is DocumentType.DISPATCH and first.istitle() and len(first) > 1:
        yield _warning(
            "subject-capital",
            source,
            f"Trích yếu công văn viết tiếp sau chữ “V/v” nên không viết hoa chữ “{first}”, "
            "trừ khi đó là tên riêng.",
            "subject",
        )
    if subject.isupper():
        yield _error(
            "subject-in-capitals", source, "Trích yếu được viết bằng chữ in thường.", "subject"
        )
    if len(subject.split()) > _LONG_SUBJECT_SYLLABLES:
        yield _warning(
            "subject-long",
            source,
            f"Trích yếu dài {len(subject.split())} tiếng; nên rút thành một câu ngắn gọn.",
            "subject",
        )


def _addressees(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 9, điểm b"
    if draft.kind is DocumentType.DISPATCH and not draft.text.addressees:
        yield _error("addressee-missing", source, "Công văn phải có phần “Kính gửi”.", "addressees")
    if draft.text.addressees and draft.kind not in types.ADDRESSED:
        yield _error(
            "addressee-unexpected",
            f"{_ANNEX}, khoản 9, điểm c",
            f"{types.name(draft.kind)} không có phần “Kính gửi”; đề nghị ghi nơi nhận ở cuối văn "
            "bản.",
            "addressees",
        )
    for addressee in draft.text.addressees:
        if re.match(r"(?i)kính gửi", addressee):
            yield _error(
                "addressee-repeats-prefix",
                source,
                "Không ghi lại chữ “Kính gửi” trong tên nơi nhận: mẫu tự in chữ này.",
                "addressees",
            )
    yield from _repeated(draft.text.addressees, "addressee-repeated", source, "addressees")


_NUMBERED: Final = re.compile(r"\b\d+[a-z]?/(?:\d{4}/)?[A-ZĐa-zđ]")
_FULL_DATE: Final = re.compile(r"(?i)\bngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}")
#: Laws and ordinances are cited by name alone (Annex I, II.6.a).
_STATUTES: Final = re.compile(r"(?i)^căn cứ (?:bộ )?(?:luật|hiến pháp|pháp lệnh)\b")


def _legal_bases(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 6, điểm a"
    for basis in draft.text.legal_bases:
        if re.match(r"(?i)(theo|xét) (đề nghị|chỉ đạo|yêu cầu)", basis):
            continue
        if not basis.startswith("Căn cứ "):
            yield _error(
                "basis-prefix",
                source,
                f"Căn cứ ban hành phải bắt đầu bằng “Căn cứ …”: “{_short(basis)}”.",
                "legal_bases",
            )
        elif not _STATUTES.match(basis) and not (
            _NUMBERED.search(basis) and _FULL_DATE.search(basis)
        ):
            yield _warning(
                "basis-incomplete",
                source,
                "Căn cứ phải ghi đủ tên loại, số, ký hiệu, cơ quan ban hành, ngày tháng năm và "
                f"trích yếu: “{_short(basis)}”.",
                "legal_bases",
            )
    if draft.kind is DocumentType.DECISION and not draft.text.legal_bases:
        yield _error(
            "basis-missing",
            f"{_DECREE}, Phụ lục III, Mẫu 1.2",
            "Quyết định phải có căn cứ ban hành.",
            "legal_bases",
        )
    if draft.kind is DocumentType.DECISION and not draft.text.authority:
        yield _error(
            "authority-missing",
            f"{_DECREE}, Phụ lục III, Mẫu 1.2",
            "Quyết định phải ghi thẩm quyền ban hành, ví dụ “Giám đốc Sở Giáo dục và Đào tạo”.",
            "authority",
        )
    yield from _repeated(draft.text.legal_bases, "basis-repeated", source, "legal_bases")


def _body(draft: Draft) -> Iterator[Finding]:
    # Forms 1.2 to 1.5 of Annex III close the body with "./.".
    source = f"{_DECREE}, Phụ lục III, Mẫu 1.2 đến 1.5"
    paragraphs = [texts.plain(paragraph) for paragraph in draft.text.paragraphs]
    if not paragraphs:
        yield _error("body-missing", source, "Văn bản chưa có nội dung.", "paragraphs")
        return
    if not paragraphs[-1].endswith("./."):
        yield _error(
            "body-end", source, "Nội dung văn bản phải kết thúc bằng dấu “./.”.", "paragraphs"
        )
    if any("./." in paragraph.removesuffix("./.") for paragraph in paragraphs) or any(
        paragraph.endswith("./.") for paragraph in paragraphs[:-1]
    ):
        yield _error(
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


def _numbering(draft: Draft) -> Iterator[Finding]:
    """Articles, clauses and points follow one another without gaps."""
    source = f"{_ANNEX}, khoản 6, điểm đ"
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
                yield _warning(
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
    return _warning(
        "numbering-gap",
        source,
        f"Thứ tự bị ngắt: gặp “{found}” ở chỗ của “{expected}”.",
        "paragraphs",
    )


_WRITTEN_DATE: Final = re.compile(r"(?i)\bngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})")
_SHORT_DATE: Final = re.compile(r"(?<![\d/])(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)\d{2})(?![\d/])")


def _dates(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 4, điểm b"
    for field, line in _read_lines(draft.text):
        for match in _WRITTEN_DATE.finditer(line):
            day, month, year = match.groups()
            if not _is_date(int(day), int(month), int(year)):
                yield _impossible(match[0], field)
            elif len(day) == 1 or (len(month) == 1 and int(month) <= 2):
                yield _warning(
                    "date-padding",
                    source,
                    f"“{match[0]}”: ngày nhỏ hơn 10 và tháng 1, 2 phải ghi thêm số 0 phía trước.",
                    field,
                )
        for match in _SHORT_DATE.finditer(line):
            if not _is_date(int(match[1]), int(match[2]), int(match[3])):
                yield _impossible(match[0], field)
            else:
                yield _warning(
                    "date-short",
                    source,
                    f"“{match[0]}”: ngày, tháng, năm nên viết đầy đủ bằng chữ “ngày … tháng … năm "
                    "…”.",
                    field,
                )


def _impossible(written: str, field: str) -> Finding:
    return _error(
        "date-impossible", "Dương lịch", f"“{written}” không phải là một ngày có thật.", field
    )


def _is_date(day: int, month: int, year: int) -> bool:
    return 1 <= month <= 12 and year > 0 and 1 <= day <= monthrange(year, month)[1]


_SPACED_NOTATION: Final = re.compile(
    r"\b(?:số:?\s*)(\d+(?:\s+/\s*|\s*/\s+)[A-ZĐ][\w.]*|\d+/[A-ZĐ][\w.]*(?:\s+-\s*|\s*-\s+)[A-ZĐ]{2,})",
    re.IGNORECASE,
)


def _notations(draft: Draft) -> Iterator[Finding]:
    for field, line in _read_lines(draft.text):
        for match in _SPACED_NOTATION.finditer(line):
            yield _warning(
                "notation-blanks",
                f"{_ANNEX}, khoản 3, điểm c",
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


def _citations(draft: Draft) -> Iterator[Finding]:
    """The first citation of a document names its date and what it is about."""
    seen: set[str] = set()
    for field, line in _read_lines(draft.text):
        matches = list(_CITED.finditer(line))
        for index, match in enumerate(matches):
            end = matches[index + 1].start() if index + 1 < len(matches) else len(line)
            cited = match[1].rstrip(".-").upper()
            if cited in seen:
                continue
            seen.add(cited)
            rest = line[match.end() : end]
            if not (_DATED.search(rest) and _ABOUT.search(rest)):
                yield _warning(
                    "citation-incomplete",
                    f"{_ANNEX}, khoản 6, điểm b",
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


def _percentages(draft: Draft) -> Iterator[Finding]:
    """A share that is written beside its percentage agrees with it, rounded half up."""
    for field, line in _read_lines(draft.text):
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
                yield _warning(
                    "percentage-wrong",
                    "Phép tính",
                    f"{match[1]}/{match[2]} là {_decimal(better)}% (làm tròn {_decimal(exact)}%), "
                    f"không phải {match['percent']}%.",
                    field,
                )


def _decimal(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


_ATTACHED: Final = re.compile(r"(?i)kèm theo|đính kèm|gửi kèm|phụ lục")


def _attachments(draft: Draft) -> Iterator[Finding]:
    source = f"{_DECREE}, Phụ lục I, Phần I, Mục III, khoản 1, điểm a"
    mentioned = _ATTACHED.search(texts.body(draft.text))
    if mentioned and not draft.attachment_count:
        yield _warning(
            "attachment-missing",
            source,
            f"Nội dung nói “{mentioned[0].lower()}” nhưng chưa có tệp nào được đính kèm.",
            "paragraphs",
        )
    if draft.attachment_count and not mentioned:
        yield _warning(
            "attachment-unmentioned",
            source,
            "Văn bản có tệp kèm theo nhưng nội dung không có chỉ dẫn về tệp đó.",
            "paragraphs",
        )


#: Academic ranks and degrees, honours; the education sector may allow them by its own rule.
_HONOURS: Final = re.compile(
    r"^(?:(?:GS|PGS|TS|ThS|CN|KS|BS|NGND|NGƯT|TSKH|CVC|Dr|Mr|Ông|Bà|Tiến sĩ|Thạc sĩ|Giáo sư|"
    r"Phó Giáo sư|Nhà giáo)\b\.?\s*)",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"^(?:TM|Q|KT|TL|TUQ|Thừa lệnh|Thay mặt|Ký thay)\b\.?", re.IGNORECASE)


def _signer(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 7"
    text = draft.text
    if not text.signer_title:
        yield _error(
            "signer-title-missing", source, "Chưa ghi chức vụ của người ký.", "signer_title"
        )
    elif _PREFIX.match(text.signer_title):
        yield _error(
            "signer-title-prefix",
            source,
            "Không ghi chữ viết tắt quyền hạn (TM., KT., TL., TUQ., Q.) trong chức vụ: hãy chọn ở "
            "mục Quyền hạn.",
            "signer_title",
        )
    if not text.signer_name:
        yield _error("signer-name-missing", source, "Chưa ghi họ tên của người ký.", "signer_name")
    else:
        if _HONOURS.match(text.signer_name):
            yield _warning(
                "signer-honours",
                f"{source}, điểm c",
                "Trước họ tên người ký không ghi học hàm, học vị, danh hiệu, trừ khi cơ quan quản "
                "lý ngành có quy định riêng.",
                "signer_name",
            )
        if text.signer_name.isupper():
            yield _error(
                "signer-name-in-capitals",
                f"{source}, điểm đ",
                "Họ tên người ký viết bằng chữ in thường.",
                "signer_name",
            )
    yield from _capacity(draft, source)


def _capacity(draft: Draft, source: str) -> Iterator[Finding]:
    text = draft.text
    needs_other = text.capacity not in (Capacity.HEAD, Capacity.ACTING)
    if needs_other and not text.on_behalf_of:
        yield _error(
            "capacity-incomplete",
            f"{source}, điểm b",
            f"Ký {text.capacity.prefix} phải ghi chức vụ của người đứng đầu hoặc "
            "tên tập thể được thay mặt.",
            "on_behalf_of",
        )
    is_deputy = text.signer_title.lower().startswith("phó ")
    if is_deputy and text.capacity is Capacity.HEAD:
        yield _error(
            "capacity-deputy",
            f"{source}, điểm b",
            "Cấp phó ký thay người đứng đầu phải ghi “KT.” trước chức vụ của người đứng đầu.",
            "capacity",
        )
    if text.signer_title and not is_deputy and text.capacity is Capacity.FOR_HEAD:
        yield _warning(
            "capacity-not-deputy",
            f"{source}, điểm b",
            "“KT.” dành cho cấp phó; người không phải cấp phó ký thừa lệnh (TL.) hoặc thừa uỷ "
            "quyền (TUQ.).",
            "capacity",
        )


def _recipients(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 9"
    recipients = draft.text.recipients
    if not recipients:
        yield _error(
            "recipients-missing", source, "Chưa ghi nơi nhận ở cuối văn bản.", "recipients"
        )
        return
    says_above = [each.lower() == "như trên" for each in recipients]
    if draft.text.addressees and not says_above[0]:
        yield _error(
            "recipients-above",
            f"{source}, điểm b",
            "Văn bản có “Kính gửi” thì dòng đầu của nơi nhận là “Như trên”.",
            "recipients",
        )
    if any(says_above) and not draft.text.addressees:
        yield _error(
            "recipients-above-without-addressee",
            f"{source}, điểm c",
            "Văn bản không có “Kính gửi” nên nơi nhận không thể ghi “Như trên”.",
            "recipients",
        )
    if any(re.match(r"(?i)lưu\b", each) for each in recipients):
        yield _error(
            "recipients-filing",
            f"{source}, điểm d",
            "Dòng “Lưu” được in từ mục Lưu; không ghi trong danh sách nơi nhận.",
            "recipients",
        )
    yield from _repeated(recipients, "recipient-repeated", source, "recipients")


def _filing(draft: Draft) -> Iterator[Finding]:
    source = f"{_ANNEX}, khoản 9, điểm d"
    parts = [part.strip() for part in draft.text.filing.split(",")]
    if parts[0] != "VT":
        yield _error(
            "filing-registry",
            source,
            "Dòng “Lưu” bắt đầu bằng “VT” (văn thư), ví dụ “VT, GDTrH”.",
            "filing",
        )
    elif len(parts) < 2 or not parts[1]:
        yield _warning(
            "filing-unit",
            source,
            "Dòng “Lưu” nên ghi chữ viết tắt của đơn vị soạn thảo sau “VT”.",
            "filing",
        )


def _repeated(lines: tuple[str, ...], rule: str, source: str, field: str) -> Iterator[Finding]:
    ordered = sorted(line.casefold() for line in lines)
    for first in sorted({one for one, other in pairwise(ordered) if one == other}):
        shown = next(line for line in lines if line.casefold() == first)
        yield _warning(rule, source, f"“{_short(shown)}” được ghi hai lần.", field)


def _read_lines(text: DispatchText) -> Iterator[tuple[str, str]]:
    """Lines with the field in which they stand, in the order in which they are read."""
    yield "subject", text.subject
    for basis in text.legal_bases:
        yield "legal_bases", basis
    for paragraph in text.paragraphs:
        yield "paragraphs", texts.plain(paragraph)


def _short(line: str, most: int = 60) -> str:
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
