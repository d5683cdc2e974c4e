"""Rules of the form check about the parts of a document: who, to whom, about what, signed by whom.

Pure. Decree 30/2020, Annex I, part I, section II.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from eoffice.documents import types
from eoffice.documents.form import findings
from eoffice.documents.form.findings import Draft, Finding
from eoffice.documents.types import DocumentType
from eoffice.people.rules import Capacity


def letterhead(draft: Draft) -> Iterator[Finding]:
    head = draft.letterhead
    if not head.agency_name:
        yield findings.error(
            "agency-missing",
            f"{findings.ANNEX}, khoản 2",
            "Thiếu tên cơ quan ban hành. Đề nghị quản trị bổ sung trong danh mục đơn vị.",
            "letterhead",
        )
    if not head.place:
        yield findings.error(
            "place-missing",
            f"{findings.ANNEX}, khoản 4",
            "Thiếu địa danh ban hành. Đề nghị quản trị bổ sung trong danh mục đơn vị.",
            "letterhead",
        )
    try:
        types.notation(draft.kind, head.agency_notation, draft.drafting_unit_notation)
    except types.NotationUnknown as unknown:
        yield findings.error(
            "notation-unknown", f"{findings.ANNEX}, khoản 3", unknown.detail, "letterhead"
        )


#: "ngắn gọn": more syllables than this do not fit the block under the number in five lines.
_LONG_SUBJECT_SYLLABLES: Final = 45


def subject(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 5"
    subject = draft.text.subject
    if not subject:
        yield findings.error(
            "subject-missing", source, "Văn bản chưa có trích yếu nội dung.", "subject"
        )
        return
    if re.match(r"(?i)v/v\b|v\.v\b", subject):
        yield findings.error(
            "subject-repeats-prefix",
            source,
            "Trích yếu không cần chữ “V/v”: mẫu công văn tự in chữ này.",
            "subject",
        )
    if subject.endswith((".", ";", ",")):
        yield findings.warning(
            "subject-punctuation", source, "Trích yếu không kết thúc bằng dấu câu.", "subject"
        )
    first = subject.split()[0]
    if draft.kind is DocumentType.DISPATCH and first.istitle() and len(first) > 1:
        yield findings.warning(
            "subject-capital",
            source,
            f"Trích yếu công văn viết tiếp sau chữ “V/v” nên không viết hoa chữ “{first}”, "
            "trừ khi đó là tên riêng.",
            "subject",
        )
    if subject.isupper():
        yield findings.error(
            "subject-in-capitals", source, "Trích yếu được viết bằng chữ in thường.", "subject"
        )
    if len(subject.split()) > _LONG_SUBJECT_SYLLABLES:
        yield findings.warning(
            "subject-long",
            source,
            f"Trích yếu dài {len(subject.split())} tiếng; nên rút thành một câu ngắn gọn.",
            "subject",
        )


def addressees(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 9, điểm b"
    if draft.kind is DocumentType.DISPATCH and not draft.text.addressees:
        yield findings.error(
            "addressee-missing", source, "Công văn phải có phần “Kính gửi”.", "addressees"
        )
    if draft.kind is DocumentType.TELEGRAM and not draft.text.addressees:
        yield findings.error(
            "addressee-missing",
            f"{findings.DECREE}, Phụ lục III, Mẫu 1.6",
            "Công điện phải ghi các nơi nhận điện.",
            "addressees",
        )
    if draft.text.addressees and draft.kind not in types.ADDRESSED:
        yield findings.error(
            "addressee-unexpected",
            f"{findings.ANNEX}, khoản 9, điểm c",
            f"{types.name(draft.kind)} không có phần “Kính gửi”; đề nghị ghi nơi nhận ở cuối văn "
            "bản.",
            "addressees",
        )
    for addressee in draft.text.addressees:
        if re.match(r"(?i)kính gửi", addressee):
            yield findings.error(
                "addressee-repeats-prefix",
                source,
                "Không ghi lại chữ “Kính gửi” trong tên nơi nhận: mẫu tự in chữ này.",
                "addressees",
            )
    yield from findings.repeated(draft.text.addressees, "addressee-repeated", source, "addressees")


_NUMBERED: Final = re.compile(r"\b\d+[a-z]?/(?:\d{4}/)?[A-ZĐa-zđ]")


_FULL_DATE: Final = re.compile(r"(?i)\bngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}")


#: Laws and ordinances are cited by name alone (Annex I, II.6.a).
_STATUTES: Final = re.compile(r"(?i)^căn cứ (?:bộ )?(?:luật|hiến pháp|pháp lệnh)\b")


def legal_bases(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 6, điểm a"
    for basis in draft.text.legal_bases:
        if re.match(r"(?i)(theo|xét) (đề nghị|chỉ đạo|yêu cầu)", basis):
            continue
        if not basis.startswith("Căn cứ "):
            yield findings.error(
                "basis-prefix",
                source,
                f"Căn cứ ban hành phải bắt đầu bằng “Căn cứ …”: “{findings.short(basis)}”.",
                "legal_bases",
            )
        elif not _STATUTES.match(basis) and not (
            _NUMBERED.search(basis) and _FULL_DATE.search(basis)
        ):
            yield findings.warning(
                "basis-incomplete",
                source,
                "Căn cứ phải ghi đủ tên loại, số, ký hiệu, cơ quan ban hành, ngày tháng năm và "
                f"trích yếu: “{findings.short(basis)}”.",
                "legal_bases",
            )
    if draft.kind in types.RULING:
        form = f"{findings.DECREE}, Phụ lục III, Mẫu 1.1 đến 1.3"
        if not draft.text.legal_bases:
            yield findings.error(
                "basis-missing",
                form,
                f"{types.name(draft.kind)} phải có căn cứ ban hành.",
                "legal_bases",
            )
        if not draft.text.authority:
            yield findings.error(
                "authority-missing",
                form,
                f"{types.name(draft.kind)} phải ghi thẩm quyền ban hành, ví dụ “Giám đốc Sở Giáo "
                "dục và Đào tạo”.",
                "authority",
            )
    yield from findings.repeated(draft.text.legal_bases, "basis-repeated", source, "legal_bases")


#: Academic ranks and degrees, honours; the education sector may allow them by its own rule.
_HONOURS: Final = re.compile(
    r"^(?:(?:GS|PGS|TS|ThS|CN|KS|BS|NGND|NGƯT|TSKH|CVC|Dr|Mr|Ông|Bà|Tiến sĩ|Thạc sĩ|Giáo sư|"
    r"Phó Giáo sư|Nhà giáo)\b\.?\s*)",
    re.IGNORECASE,
)


_PREFIX: Final = re.compile(r"^(?:TM|Q|KT|TL|TUQ|Thừa lệnh|Thay mặt|Ký thay)\b\.?", re.IGNORECASE)


def signer(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 7"
    text = draft.text
    if not text.signer_title:
        yield findings.error(
            "signer-title-missing", source, "Chưa ghi chức vụ của người ký.", "signer_title"
        )
    elif _PREFIX.match(text.signer_title):
        yield findings.error(
            "signer-title-prefix",
            source,
            "Không ghi chữ viết tắt quyền hạn (TM., KT., TL., TUQ., Q.) trong chức vụ: hãy chọn ở "
            "mục Quyền hạn.",
            "signer_title",
        )
    if not text.signer_name:
        yield findings.error(
            "signer-name-missing", source, "Chưa ghi họ tên của người ký.", "signer_name"
        )
    else:
        if _HONOURS.match(text.signer_name):
            yield findings.warning(
                "signer-honours",
                f"{source}, điểm c",
                "Trước họ tên người ký không ghi học hàm, học vị, danh hiệu, trừ khi cơ quan quản "
                "lý ngành có quy định riêng.",
                "signer_name",
            )
        if text.signer_name.isupper():
            yield findings.error(
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
        yield findings.error(
            "capacity-incomplete",
            f"{source}, điểm b",
            f"Ký {text.capacity.prefix} phải ghi chức vụ của người đứng đầu hoặc "
            "tên tập thể được thay mặt.",
            "on_behalf_of",
        )
    is_deputy = text.signer_title.lower().startswith("phó ")
    if is_deputy and text.capacity is Capacity.HEAD:
        yield findings.error(
            "capacity-deputy",
            f"{source}, điểm b",
            "Cấp phó ký thay người đứng đầu phải ghi “KT.” trước chức vụ của người đứng đầu.",
            "capacity",
        )
    if text.signer_title and not is_deputy and text.capacity is Capacity.FOR_HEAD:
        yield findings.warning(
            "capacity-not-deputy",
            f"{source}, điểm b",
            "“KT.” dành cho cấp phó; người không phải cấp phó ký thừa lệnh (TL.) hoặc thừa uỷ "
            "quyền (TUQ.).",
            "capacity",
        )


#: Each party has its copies; nobody else need be named.
_BETWEEN_PARTIES: Final = frozenset(
    {DocumentType.CONTRACT, DocumentType.AGREEMENT, DocumentType.MEMORANDUM}
)


def recipients(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 9"
    recipients = draft.text.recipients
    if not recipients:
        if draft.kind in _BETWEEN_PARTIES:
            return
        yield findings.error(
            "recipients-missing", source, "Chưa ghi nơi nhận ở cuối văn bản.", "recipients"
        )
        return
    says_above = [each.lower() == "như trên" for each in recipients]
    is_wired = draft.kind is DocumentType.TELEGRAM
    if draft.text.addressees and not says_above[0] and not is_wired:
        yield findings.error(
            "recipients-above",
            f"{source}, điểm b",
            "Văn bản có “Kính gửi” thì dòng đầu của nơi nhận là “Như trên”.",
            "recipients",
        )
    # Form 1.8 says "Như trên" of the agency to which it introduces.
    is_introduction = draft.kind is DocumentType.INTRODUCTION
    if any(says_above) and not draft.text.addressees and not is_introduction:
        yield findings.error(
            "recipients-above-without-addressee",
            f"{source}, điểm c",
            "Văn bản không có “Kính gửi” nên nơi nhận không thể ghi “Như trên”.",
            "recipients",
        )
    if any(re.match(r"(?i)lưu\b", each) for each in recipients):
        yield findings.error(
            "recipients-filing",
            f"{source}, điểm d",
            "Dòng “Lưu” được in từ mục Lưu; không ghi trong danh sách nơi nhận.",
            "recipients",
        )
    yield from findings.repeated(recipients, "recipient-repeated", source, "recipients")


def filing(draft: Draft) -> Iterator[Finding]:
    source = f"{findings.ANNEX}, khoản 9, điểm d"
    parts = [part.strip() for part in draft.text.filing.split(",")]
    if parts[0] != "VT":
        yield findings.error(
            "filing-registry",
            source,
            "Dòng “Lưu” bắt đầu bằng “VT” (văn thư), ví dụ “VT, GDTrH”.",
            "filing",
        )
    elif len(parts) < 2 or not parts[1]:
        yield findings.warning(
            "filing-unit",
            source,
            "Dòng “Lưu” nên ghi chữ viết tắt của đơn vị soạn thảo sau “VT”.",
            "filing",
        )
