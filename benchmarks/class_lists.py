"""The class lists of a whole school from one file: read, shown, accepted, and taken again.

2,025 pupils in 45 classes, 15 columns each: code, personal number, particulars, parents with their
telephone. Measured are the reading (from the bytes until every class is on
record with its faults and the plan of what would change is made), the acceptance of all classes one
after the other (each is planned anew and opened with its pupils), and a second acceptance of the
same file, which changes nothing. Peer: a bare COPY of the same pupils into a table of the same
columns without an index.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from benchmarks.figures import Figure, Peer
from benchmarks.issue import _office
from eoffice import clock, db
from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.lists import actions, record_queries, taking
from eoffice.classes.lists.model import ListImport, ListImportClass
from eoffice.classes.model import Pupil
from eoffice.files.tables import reading as tables
from eoffice.objects.sha256 import Sha256
from tests.cast import Cast, load_cast

CLASSES = int(os.environ.get("EOFFICE_BENCHMARK_CLASSES", "45"))
PUPILS = 45
YEAR = "2024-2025"
HEADER = (
    "Mã HS", "Số định danh cá nhân", "Họ và tên", "Ngày sinh", "Giới tính", "Lớp", "Nơi sinh",
    "Dân tộc", "Nơi ở hiện nay", "Hộ khẩu thường trú", "Họ tên cha", "SĐT cha", "Họ tên mẹ",
    "SĐT mẹ", "GVCN",
)  # fmt: skip


def measure() -> Sequence[Figure]:
    with _office() as backing:
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
        content = _file(cast)
        pupils = CLASSES * PUPILS
        begun = time.perf_counter()
        first = _read(cast, content, at)
        read_s = time.perf_counter() - begun
        taken_s = _accept(cast, first, at)
        with db.system_transaction() as session:
            assert session.scalar(select(func.count()).select_from(Pupil)) == pupils
        again = _read(cast, content, at)
        nothing_s = _accept(cast, again, at)
        with psycopg.connect(backing.owner_database_url.replace("+psycopg", "")) as bare:
            copied_s = _copied(bare)
    peer = Peer(f"COPY of {pupils} pupils", pupils / copied_s)
    note = f"{pupils} pupils in {CLASSES} classes"
    return [
        Figure(name, "pupils/s", pupils / seconds, peer, note)
        for name, seconds in (
            ("reading a school's class lists", read_s),
            ("accepting them, class by class", taken_s),
            ("accepting the same again", nothing_s),
        )
    ]


def _file(cast: Cast) -> bytes:
    """A list as programs export it; names of pupils and parents are made up by number."""
    rows = [HEADER]
    for number in range(1, CLASSES + 1):
        for place in range(1, PUPILS + 1):
            turn = number * 100 + place
            born = date(2012, 1, 1) + timedelta(days=place)
            rows.append(
                (
                    f"HS{turn:05}", f"0872120{turn:05}", f"Nguyễn Học Sinh {_word(turn)}",
                    f"{born:%d/%m/%Y}", "Nam" if place % 2 else "Nữ", f"7A{number}", "Đồng Tháp",
                    "Kinh", "Ấp 1, xã Tân Hộ Cơ", "Ấp 1, xã Tân Hộ Cơ", f"Nguyễn Cha {_word(turn)}",
                    f"0901{turn:06}", f"Lê Mẹ {_word(turn)}", f"0902{turn:06}",
                    cast.homeroom_teacher.full_name,
                )
            )  # fmt: skip
    return "\n".join("\t".join(row) for row in rows).encode()


def _word(turn: int) -> str:
    """A name of letters for a number."""
    letters = "ABCDEGHIKLMNOPQRSTUVXY"
    digits = []
    while turn:
        turn, rest = divmod(turn, len(letters))
        digits.append(letters[rest])
    return "".join(digits).capitalize()


def _read(cast: Cast, content: bytes, at: datetime) -> UUID:
    """What the task does: the file is read, and every class is kept with its faults."""
    media_type = tables.media_type(content)
    with db.system_transaction() as session:
        import_id = actions.begin(
            session, school_year=YEAR, file_name="ds.csv", content_sha256=Sha256.of(content),
            media_type=media_type, by=cast.school_clerk, at=at,
        )  # fmt: skip
    grids = tables.grids(content, media_type, name="ds.csv")
    with db.system_transaction() as session:
        row = session.get_one(ListImport, import_id)
        known = record_queries.known_layouts(session, row.school_id)
        found = taking.readings(grids, known, row.sheets, clock.civil_date(at))
        taking.end_reading(session, import_id, [grid.name for grid in grids], found, at=at)
        assert row.state is SchoolImportState.READY, (row.state, row.failure, row.sheets)
    return import_id


def _accept(cast: Cast, import_id: UUID, at: datetime) -> float:
    begun = time.perf_counter()
    with db.system_transaction() as session:
        actions.accept(session, import_id, {}, by=cast.school_clerk, at=at)
        ordinals = session.scalars(
            select(ListImportClass.ordinal).where(ListImportClass.import_id == import_id)
        ).all()
    for ordinal in ordinals:
        with db.system_transaction() as session:
            taking.take_class(session, import_id, ordinal, at=at)
    spent = time.perf_counter() - begun
    with db.system_transaction() as session:
        refused = session.scalars(
            select(ListImportClass.refused).where(
                ListImportClass.import_id == import_id, ListImportClass.refused.is_not(None)
            )
        ).all()
        assert not refused, refused[:3]
    return spent


def _copied(bare: psycopg.Connection[tuple[object, ...]]) -> float:
    """Seconds that a bare COPY of the pupils takes, as text, as they stand on record."""
    bare.execute("create table bare (like pupils)")
    rows = bare.execute("select * from pupils").fetchall()
    bare.commit()
    begun = time.perf_counter()
    with bare.cursor() as cursor, cursor.copy("copy bare from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    bare.commit()
    return time.perf_counter() - begun
