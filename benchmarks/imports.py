"""The marks of a whole school from one workbook: read by class, shown, accepted, and taken again.

2,025 pupils in 45 classes with 13 subjects, the marks of one semester: 585 worksheets. Measured are
the reading (from the bytes until every class is on record with its faults), the counting of what
would change, the acceptance of all classes one after the other, and a second acceptance of the same
file. Peer: a bare COPY of the same cells into a table of the same columns without an index.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
from sqlalchemy import select

from benchmarks.figures import Figure, Peer
from benchmarks.issue import _office
from eoffice import clock, db
from eoffice.assessment.marks import Semester
from eoffice.classes import actions as classes
from eoffice.classes.actions import NewPupil, NewSubject
from eoffice.files.tables import reading as tables
from eoffice.marks import (
    differences,
    importing,
    marks_template,
    record_queries,
    school_importing,
    school_reading,
    sections,
)
from eoffice.marks.import_model import SchoolImport
from eoffice.marks.model import MarkImport
from eoffice.marks.states import ImportState
from eoffice.objects.sha256 import Sha256
from tests.cast import Cast, load_cast
from tests.registers import stage

CLASSES = int(os.environ.get("EOFFICE_BENCHMARK_CLASSES", "45"))
PUPILS = 45
YEAR = "2024-2025"


def measure() -> Sequence[Figure]:
    with _office() as backing:
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
        class_ids = [_open_class(cast, number, at) for number in range(1, CLASSES + 1)]
        content = _workbook(class_ids)
        begun = time.perf_counter()
        first, parts = _read(cast, content, at)
        read_s = time.perf_counter() - begun
        begun = time.perf_counter()
        with db.system_transaction() as session:
            cells = sum(one.all for one in differences.counts(session, parts).values())
        counted_s = time.perf_counter() - begun
        taken_s = _accept(parts, first, at)
        again, same = _read(cast, content, at)
        nothing_s = _accept(same, again, at)
        with psycopg.connect(backing.owner_database_url.replace("+psycopg", "")) as bare:
            copied_s = _copied(bare)
    peer = Peer(f"COPY of {cells} cells", cells / copied_s)
    return [
        Figure(name, "cells/s", cells / seconds, peer, f"{cells} cells in {CLASSES} classes")
        for name, seconds in (
            ("reading a school's workbook", read_s),
            ("counting what it changes", counted_s),
            ("accepting it, class by class", taken_s),
            ("accepting the same again", nothing_s),
        )
    ]


def _open_class(cast: Cast, number: int, at: datetime) -> UUID:
    pupils = [
        NewPupil(
            f"HS{number:02}{place:03}", f"Nguyễn Văn Học Sinh {number} {place}",
            date(2012, 1, 1) + timedelta(days=place), "Nam" if place % 2 else "Nữ",
        )
        for place in range(1, PUPILS + 1)
    ]  # fmt: skip
    with db.system_transaction() as session:
        return classes.open_class(
            session,
            name=f"7A{number}",
            grade=7,
            school_year=YEAR,
            homeroom_teacher_id=cast.homeroom_teacher.person_id,
            taught=[
                NewSubject(code, teacher.person_id)
                for code, teacher in cast.subject_teachers.items()
            ],
            pupils=pupils,
            by=cast.school_clerk,
            at=at,
        )


def _workbook(class_ids: Sequence[UUID]) -> bytes:
    pages = []
    for class_id in class_ids:
        with db.system_transaction() as session:
            roster = record_queries.roster(session, class_id)
            pages += [
                stage.sheet_of(session, class_id, subject.code, Semester.FIRST, Decimal("7.5"))
                for subject in roster.subjects
            ]
    return marks_template.write(pages)


def _read(cast: Cast, content: bytes, at: datetime) -> tuple[UUID, list[UUID]]:
    """What the task does, with a transaction for each class."""
    with db.system_transaction() as session:
        import_id = school_importing.begin(
            session, school_year=YEAR, file_name="diem.xlsx", content_sha256=Sha256.of(content),
            media_type=tables.XLSX, by=cast.school_clerk, at=at,
        )  # fmt: skip
    grids = tables.grids(content, tables.XLSX, name="diem.xlsx")
    by_name = {grid.name: grid for grid in grids}
    with db.system_transaction() as session:
        row = session.get_one(SchoolImport, import_id)
        plan = sections.planned(grids, school_reading.known_classes(session, row.school_id, YEAR))
    assert not plan.unplaced, plan.unplaced[:3]
    parts = []
    for class_id, wanted in school_reading.by_class(plan).items():
        with db.system_transaction() as session:
            readings = school_reading.read_class(
                by_name, wanted, record_queries.roster(session, class_id)
            )
            row = session.get_one(SchoolImport, import_id)
            parts.append(
                importing.record_part(session, row, class_id, readings, by=cast.school_clerk, at=at)
            )
    with db.system_transaction() as session:
        school_importing.end_reading(session, import_id, (), by="worker:benchmark", at=at)
    return import_id, parts


def _accept(parts: Sequence[UUID], import_id: UUID, at: datetime) -> float:
    begun = time.perf_counter()
    for part in parts:
        with db.system_transaction() as session:
            school_importing.accept_class(session, part, at=at)
    spent = time.perf_counter() - begun
    with db.system_transaction() as session:
        states = set(
            session.scalars(
                select(MarkImport.state).where(MarkImport.school_import_id == import_id)
            )
        )
    assert states == {ImportState.ACCEPTED}, states
    return spent


def _copied(bare: psycopg.Connection[tuple[object, ...]]) -> float:
    """Seconds that a bare COPY of the marks takes, as text, as they stand in the register."""
    bare.execute("create table bare (like marks)")
    rows = bare.execute("select * from marks").fetchall()
    bare.commit()
    begun = time.perf_counter()
    with bare.cursor() as cursor, cursor.copy("copy bare from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    bare.commit()
    return time.perf_counter() - begun
