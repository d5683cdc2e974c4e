"""Slips of a class as one PDF/A-2b, two on a page, with the address as a picture (QR) and the code.

For families without e-mail or device; handed out by the homeroom teacher. Adapter: the typesetter.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import segno

from eoffice import clock
from eoffice.families.rules import Slip
from eoffice.files import letters
from eoffice.printing import typesetting

_FORM: Final = Path(__file__).parent / "forms" / "slips.typ"


@dataclass(frozen=True, slots=True)
class Door:
    """A slip with what opens it."""

    slip: Slip
    address: str
    code: str


def pdf(doors: Sequence[Door], *, at: datetime) -> bytes:
    """The slips in the order given, at least one. Raises CannotBePrinted."""
    first = doors[0].slip
    title = f"Phiếu kết quả {first.period}, lớp {first.class_name}, năm học {first.school_year}"
    data = {
        "title": title,
        "school": first.school,
        "slips": [_laid_out(number, door, at) for number, door in enumerate(doors)],
    }
    pictures = {f"/qr-{number}.svg": _picture(door.address) for number, door in enumerate(doors)}
    return typesetting.compose(_FORM, data, at=at, files=pictures).pdf


def _laid_out(number: int, door: Door, at: datetime) -> dict[str, object]:
    slip = door.slip
    return {
        "picture": f"/qr-{number}.svg",
        "code": door.code,
        "school": letters.normalised(slip.school),
        "heading": f"PHIẾU KẾT QUẢ HỌC TẬP, RÈN LUYỆN – {slip.period.upper()}",
        "result": "Cả năm" if slip.period == "cả năm học" else "TB/KQ",
        "who": [
            ["Học sinh:", letters.normalised(slip.pupil)],
            ["Ngày sinh:", f"{slip.born_on:%d/%m/%Y}"],
            ["Lớp:", f"{slip.class_name}, năm học {slip.school_year}"],
            ["Giáo viên chủ nhiệm:", letters.normalised(slip.homeroom_teacher)],
        ],
        "how": f"Xem trên mạng: quét mã hoặc mở {door.address} rồi nhập mã mở phiếu. Liên kết "
        "và mã là riêng của học sinh này, không chia sẻ cho người khác.",
        "subjects": [
            [
                letters.normalised(line.name),
                " · ".join(f"{label} {figure}" for label, figure in line.marks),
                line.result,
            ]
            for line in slip.subjects
        ],
        "facts": [[f"{label}:", words] for label, words in slip.facts],
        "remark": letters.normalised(slip.remark),
        "foot": f"Lập lúc {clock.vietnam_time(at):%H:%M ngày %d/%m/%Y}. Nếu kết quả được sửa, nhà "
        "trường thu hồi phiếu này và gửi phiếu mới.",
    }


def _picture(address: str) -> bytes:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=4, border=2)
    return out.getvalue()
