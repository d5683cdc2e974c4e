"""The three books as lists that are printed or taken along as .xlsx. Pure.

A sheet has a column for each particular, so that it can be sorted and counted; a page of paper is
narrower, and says in one cell what belongs together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from eoffice.printing.printed_table import Align, Column, Table
from eoffice.rolls.certificate_queries import CORRECTABLE, CertificateSeen
from eoffice.rolls.certificate_states import CERTIFICATE_NAMES, Tally
from eoffice.rolls.enrolment_queries import Line
from eoffice.rolls.move_queries import Move
from eoffice.rolls.rules import DIRECTION_NAMES

_C: Final = Align.CENTER
ENROLMENT: Final = (
    Column("Số đăng bộ", 10, _C),
    Column("Ngày vào trường", 11, _C),
    Column("Lớp", 7, _C),
    Column("Mã học sinh", 13),
    Column("Số định danh cá nhân", 14),
    Column("Họ và tên", 22),
    Column("Ngày sinh", 11, _C),
    Column("Giới tính", 7, _C),
    Column("Nơi sinh", 16),
    Column("Quê quán", 16),
    Column("Dân tộc", 9),
    Column("Tôn giáo", 9),
    Column("Quốc tịch", 9),
    Column("Nơi thường trú", 20),
    Column("Nơi ở hiện nay", 20),
    Column("Họ tên cha", 18),
    Column("Họ tên mẹ", 18),
    Column("Chuyển từ trường", 16),
    Column("Ra trường, chuyển đi, thay đổi", 30),
    Column("Ghi chú", 16),
)
MOVES: Final = (
    Column("Số", 6, _C),
    Column("Ngày", 11, _C),
    Column("Số đăng bộ", 11, _C),
    Column("Họ và tên", 22),
    Column("Ngày sinh", 11, _C),
    Column("Lớp", 7, _C),
    Column("Trường chuyển đến, chuyển đi", 26),
    Column("Lý do", 20),
    Column("Giấy tờ, quyết định", 22),
    Column("Hồ sơ giao, nhận", 24),
    Column("Ghi chú", 14),
)
CERTIFICATES: Final = (
    Column("Số TT", 6, _C),
    Column("Loại", 22),
    Column("Số hiệu", 13),
    Column("Số vào sổ gốc", 11, _C),
    Column("Họ và tên", 22),
    Column("Ngày sinh", 11, _C),
    Column("Giới tính", 7, _C),
    Column("Nơi sinh", 16),
    Column("Dân tộc", 9),
    Column("Năm tốt nghiệp", 8, _C),
    Column("Xếp loại", 10, _C),
    Column("Quyết định công nhận", 20),
    Column("Ngày ký cấp", 11, _C),
    Column("Ngày phát, người nhận", 28),
    Column("Tình trạng", 16),
    Column("Bản sao, chỉnh sửa, ghi chú", 30),
)


PAPER_ENROLMENT: Final = (
    Column("Số đăng bộ", 17, _C),
    Column("Vào trường", 19),
    Column("Họ và tên, mã số", 26),
    Column("Ngày sinh, giới tính", 15, _C),
    Column("Nơi sinh, quê quán", 24),
    Column("Dân tộc, tôn giáo, quốc tịch", 16),
    Column("Nơi thường trú, nơi ở", 28),
    Column("Cha, mẹ", 24),
    Column("Ra trường, thay đổi, ghi chú", 32),
)
PAPER_MOVES: Final = (
    Column("Việc", 14),
    Column("Số", 7, _C),
    Column("Ngày", 15, _C),
    Column("Học sinh", 28),
    Column("Lớp", 9, _C),
    Column("Trường chuyển đến, chuyển đi", 30),
    Column("Quyết định, lý do", 28),
    Column("Hồ sơ giao, nhận", 28),
    Column("Ghi chú", 16),
)
PAPER_CERTIFICATES: Final = (
    Column("Số TT", 8, _C),
    Column("Loại", 26),
    Column("Số hiệu, số vào sổ", 20),
    Column("Người được cấp", 36),
    Column("Năm tốt nghiệp, xếp loại", 15, _C),
    Column("Quyết định, ngày ký cấp", 24),
    Column("Ngày phát, người nhận", 28),
    Column("Tình trạng, ghi chú", 30),
)


def enrolment_on_paper(lines: Sequence[Line], *, school_year: str = "") -> Table:
    return Table(
        title="Sổ đăng bộ",
        columns=PAPER_ENROLMENT,
        rows=tuple(
            (
                one.shown,
                _joined(
                    _day(one.admitted_on),
                    one.class_name and f"lớp {one.class_name}",
                    one.came_from and f"từ {one.came_from}",
                ),
                _joined(one.name, one.code, one.personal_id),
                _joined(_day(one.born_on), one.sex),
                _joined(one.birthplace, one.hometown and f"quê {one.hometown}"),
                _joined(
                    one.ethnicity,
                    one.religion and f"tôn giáo: {one.religion.lower()}",
                    one.nationality,
                ),
                "; ".join(dict.fromkeys(filter(None, (one.permanent_address, one.address)))),
                _joined(one.father, one.mother),
                ". ".join(filter(None, (later(one), _note(one)))),
            )
            for one in lines
        ),
        notes=(f"Học sinh vào trường trong năm học {school_year}",) if school_year else (),
    )


def moves_on_paper(moves: Sequence[Move], school_year: str) -> Table:
    return Table(
        title=f"Sổ theo dõi học sinh chuyển đi, chuyển đến năm học {school_year}",
        columns=PAPER_MOVES,
        rows=tuple(
            (
                DIRECTION_NAMES[one.direction],
                one.number,
                one.on,
                _joined(
                    one.name,
                    _day(one.born_on),
                    one.enrolment_number and f"số đăng bộ {one.enrolment_number}",
                ),
                one.class_name,
                one.other_school,
                ". ".join(filter(None, (one.decision, one.reason))),
                handed(one),
                one.note,
            )
            for one in moves
        ),
    )


def certificates_on_paper(certificates: Sequence[CertificateSeen], title: str) -> Table:
    return Table(
        title=title,
        columns=PAPER_CERTIFICATES,
        rows=tuple(
            (
                one.ordinal,
                one.kind_name,
                _joined(one.serial, f"số vào sổ {one.entry_number}"),
                _joined(one.name, _day(one.born_on), one.sex, one.birthplace, one.ethnicity),
                _joined(str(one.graduation_year), one.grading),
                _joined(one.decision, f"ký ngày {_day(one.signed_on)}"),
                taken(one),
                ". ".join(filter(None, (CERTIFICATE_NAMES[one.state], beside(one)))),
            )
            for one in certificates
        ),
    )


def of_enrolment(lines: Sequence[Line], *, school_year: str = "") -> Table:
    return Table(
        title="Sổ đăng bộ",
        columns=ENROLMENT,
        rows=tuple(
            (
                one.shown,
                one.admitted_on,
                one.class_name,
                one.code,
                one.personal_id,
                one.name,
                one.born_on,
                one.sex,
                one.birthplace,
                one.hometown,
                one.ethnicity,
                one.religion,
                one.nationality,
                one.permanent_address,
                one.address,
                one.father,
                one.mother,
                one.came_from,
                later(one),
                _note(one),
            )
            for one in lines
        ),
        notes=(f"Học sinh vào trường trong năm học {school_year}",) if school_year else (),
    )


def later(line: Line) -> str:
    """What came after the entry, in order: changes, leaving, finishing."""
    return ". ".join([*(c.text for c in line.changes), *(e.text for e in line.endings)])


def of_moves(moves: Sequence[Move], school_year: str) -> Table:
    return Table(
        title=f"Sổ theo dõi học sinh chuyển đi, chuyển đến năm học {school_year}",
        columns=(Column("Việc", 12), *MOVES),
        rows=tuple(
            (
                DIRECTION_NAMES[one.direction],
                one.number,
                one.on,
                one.enrolment_number,
                one.name,
                one.born_on,
                one.class_name,
                one.other_school,
                one.reason,
                one.decision,
                handed(one),
                one.note,
            )
            for one in moves
        ),
    )


def handed(move: Move) -> str:
    """Which papers went when with whom; "" until they did."""
    if move.papers_on is None:
        return ""
    carrier = f", {move.papers_with}" if move.papers_with else ""
    return f"{move.papers} ({move.papers_on:%d/%m/%Y}{carrier})"


def of_certificates(certificates: Sequence[CertificateSeen], title: str) -> Table:
    return Table(
        title=title,
        columns=CERTIFICATES,
        rows=tuple(
            (
                one.ordinal,
                one.kind_name,
                one.serial,
                one.entry_number,
                one.name,
                one.born_on,
                one.sex,
                one.birthplace,
                one.ethnicity,
                one.graduation_year,
                one.grading,
                one.decision,
                one.signed_on,
                taken(one),
                CERTIFICATE_NAMES[one.state],
                beside(one),
            )
            for one in certificates
        ),
    )


def taken(one: CertificateSeen) -> str:
    """When and by whom the certificate was taken, showing what."""
    if one.handover is None:
        return ""
    by = one.handover
    words = [f"{by.on:%d/%m/%Y}", by.receiver, by.identity_paper]
    words += [f"ủy quyền: {by.authorisation}"] if by.authorisation else []
    words += [f"ký: {by.signature}"] if by.signature else []
    return ", ".join(words)


def beside(one: CertificateSeen) -> str:
    """Everything that stands beside the line but who took it."""
    words = [f"{on:%d/%m/%Y}: {what}" for on, what in _besides(one)]
    return ". ".join([*words, one.note] if one.note else words)


def later_of(one: CertificateSeen) -> list[tuple[date, str]]:
    """What happened to a certificate after it was entered, each with its day."""
    taken_by = one.handover
    handed = [] if taken_by is None else [(taken_by.on, f"Phát cho {taken_by.receiver}")]
    return [*handed, *_besides(one)]


def _besides(one: CertificateSeen) -> list[tuple[date, str]]:
    found = [
        (c.on, f"Cấp {c.copies} bản sao, số {c.number}/{c.year}, cho {c.receiver}")
        for c in one.copies
    ]
    found += [
        (
            c.on,
            f"Chỉnh sửa {CORRECTABLE[c.field].lower()} “{c.old}” thành “{c.new}” ({c.decision})",
        )
        for c in one.corrections
    ]
    if one.ended_on is not None:
        found.append((one.ended_on, f"{CERTIFICATE_NAMES[one.state]}: {one.ended_because}"))
    return found


def of_blanks(tallies: Mapping[str, Tally], names: Mapping[str, str]) -> Table:
    return Table(
        title="Tình hình phôi văn bằng, chứng chỉ",
        columns=(
            Column("Loại", 40),
            *(
                Column(title, 11, Align.RIGHT)
                for title in (
                    "Đã nhận", "Đã cấp", "Hư hỏng, chờ hủy", "Bị mất", "Đã hủy", "Đã nộp trả",
                    "Còn lại",
                )
            ),
        ),
        rows=tuple(
            (
                names.get(code, code),
                one.received,
                one.granted,
                one.damaged,
                one.lost,
                one.destroyed,
                one.returned,
                one.left,
            )
            for code, one in tallies.items()
        ),
    )  # fmt: skip


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _day(on: date | None) -> str:
    return "" if on is None else f"{on:%d/%m/%Y}"


def _note(line: Line) -> str:
    annulled = f"Số bị hủy: {line.annulled_because}" if line.annulled_because else ""
    return ". ".join(part for part in (line.note.rstrip("."), annulled) if part)
