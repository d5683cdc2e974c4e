"""The report of a verification as PDF/A, for whoever must put it into a file: plain Vietnamese, the
indication of ETSI EN 319 102-1 beside each word. Adapter: the typesetter.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Self

from eoffice.archive.verify_command import WORDS, Checked, in_words
from eoffice.clock import vietnam_time
from eoffice.files import letters
from eoffice.printing import typesetting
from eoffice.signing.content import PIECE_BYTES
from eoffice.signing.verdict import SignatureVerdict, TimeSource

_FORM: Final = Path(__file__).parent / "forms" / "verification.typ"
_TITLE: Final = "Báo cáo kiểm tra tệp đã ký số"
_MEANING: Final = (
    "Nguyên vẹn: nội dung đúng là nội dung đã ký, chứng thư số có hiệu lực lúc ký và do cơ quan "
    "chứng thực được tin cậy cấp. Đã bị thay đổi: nội dung không còn là nội dung đã ký. Không hợp "
    "lệ: chữ ký sai, hoặc chứng thư số không được dùng để ký vào lúc đó. Không kiểm tra được: "
    "thiếu căn cứ để kết luận; điều đó không có nghĩa là tệp bị giả. Chỉ dẫn viết bằng chữ in hoa "
    "theo tiêu chuẩn ETSI EN 319 102-1. Báo cáo nêu kết quả tại thời điểm kiểm tra và tự nó không "
    "phải là bằng chứng; bất cứ ai có tệp đều kiểm tra lại được."
)
_SOURCES: Final = {
    TimeSource.TIMESTAMP: "theo dấu thời gian của cơ quan cấp dấu thời gian",
    TimeSource.CLAIMED: "do máy của người ký tự khai",
    TimeSource.NONE: "",
}
#: Of which it is known that the fonts of the office have them.
_CHARACTERS: Final = (
    letters.VIETNAMESE | frozenset(map(chr, range(0x20, 0x7F))) | frozenset("“”‘’–—…·←×\u00a0")
)
_UNSAID: Final = "không ghi trong tệp"


@dataclass(frozen=True, slots=True)
class Subject:
    """A file that was verified."""

    name: str
    #: Hexadecimal; says which file was meant.
    sha256: str
    checked: Checked

    @classmethod
    def of(cls, name: str, file: IO[bytes], checked: Checked) -> Self:
        file.seek(0)
        digest = hashlib.sha256()
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
        return cls(name, digest.hexdigest(), checked)


def subject(path: Path, checked: Checked) -> Subject:
    """A file on disk; one that cannot be read any more has no digest."""
    try:
        with path.open("rb") as file:
            return Subject.of(path.name, file, checked)
    except OSError:
        return Subject(path.name, "", checked)


def pdf(subjects: Sequence[Subject], *, at: datetime) -> bytes:
    """The report about these files, at least one, as they were found at `at`.

    The same bytes for the same findings.
    """
    moment = f"{vietnam_time(at):%H:%M:%S ngày %d/%m/%Y}"
    count = f"{len(subjects)} tệp" if len(subjects) > 1 else "một tệp"
    data = {
        "title": _TITLE,
        "author": "eoffice",
        "subtitle": f"Kiểm tra {count} lúc {moment} (giờ Việt Nam)",
        "foot": f"{_TITLE}, lập lúc {moment}",
        "files": [_file(one) for one in subjects],
        "meaning": _MEANING,
    }
    return typesetting.compose(_FORM, data, at=at).pdf


def as_address(subject: Subject, *, at: datetime) -> str:
    """The report as an address that holds it, for a page: nothing is kept, nothing sent twice."""
    return f"data:application/pdf;base64,{base64.b64encode(pdf([subject], at=at)).decode('ascii')}"


def _file(subject: Subject) -> dict[str, object]:
    said = subject.checked
    return {
        "name": _printable(subject.name),
        "word": WORDS[said.verdict],
        "reason": _printable(said.reason),
        "facts": [
            ["Mã băm SHA-256:", subject.sha256 or "không đọc được tệp"],
            ["Số chữ ký:", str(len(said.signatures))],
        ],
        "faults": [_printable(one) for one in said.faults if one not in said.reason],
        "signatures": [
            _signature(number, one) for number, one in enumerate(said.signatures, start=1)
        ],
    }


def _signature(number: int, one: SignatureVerdict) -> dict[str, object]:
    name = one.signer or f"ô “{one.field}”"
    return {
        "heading": _printable(f"Chữ ký {number}: {name}"),
        "word": WORDS[one.verdict].capitalize(),
        "reason": _printable(one.reason),
        "facts": [[label, _printable(value)] for label, value in _facts(one)],
        "notes": [
            *(_printable(f"Sau khi ký: {in_words(change)}") for change in one.changes),
            *map(_printable, one.warnings),
        ],
    }


def _facts(one: SignatureVerdict) -> list[tuple[str, str]]:
    facts = [
        ("Tư cách ký:", one.capacity or _UNSAID),
        ("Đơn vị:", one.unit or _UNSAID),
    ]
    if one.signed_at is not None:
        at = f"{vietnam_time(one.signed_at):%H:%M:%S ngày %d/%m/%Y}"
        facts.append(("Thời gian ký:", f"{at}, {_SOURCES[one.time_source]}"))
    else:
        facts.append(("Thời gian ký:", _UNSAID))
    told = one.certificate
    if told is not None:
        chain = " ← ".join(told.issuers)
        trusted = "được tin cậy" if told.is_anchored else "không rõ có được tin cậy hay không"
        facts += [
            ("Cơ quan chứng thực:", f"{chain} ({trusted})"),
            *((("Gốc tin cậy:", told.trusted_root),) if told.trusted_root else ()),
            (
                "Hạn chứng thư số:",
                f"từ {vietnam_time(told.valid_from):%d/%m/%Y} "
                f"đến {vietnam_time(told.valid_until):%d/%m/%Y}",
            ),
            ("Việc thu hồi:", told.revocation),
        ]
    facts += [
        (
            "Phạm vi:",
            "toàn bộ tệp" if one.covers_whole_file else "tệp như lúc ký; sau đó có bổ sung",
        ),
        ("Mức chữ ký:", one.level.value),
        ("Chỉ dẫn ETSI:", one.indication.value),
    ]
    return facts


def _printable(text: str) -> str:
    """Names come from strangers' files: what the fonts may lack is shown as a question mark."""
    plain = letters.normalised(text)
    return "".join(each if each in _CHARACTERS else "?" for each in plain)
