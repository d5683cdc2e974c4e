"""Entries for the tests of the archive, taken in without a store or a signature."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from eoffice.archive import actions
from eoffice.archive.actions import Decision, Kept, Order
from eoffice.archive.states import EntryKind
from eoffice.objects.contract import Lock
from eoffice.objects.sha256 import Sha256
from eoffice.people.model import Unit
from eoffice.signing.verdict import Finding, Verdict
from eoffice.web.principal import Principal

SOURCES = UUID(int=960)
GRADEBOOK_7A1 = "Sổ theo dõi và đánh giá học sinh lớp 7A1 năm học 2024-2025"


def gradebook(school: Unit, **changes: object) -> Order:
    values: dict[str, object] = {
        "kind": EntryKind.GRADEBOOK,
        "source_id": uuid5(SOURCES, f"{school.code} 7A1"),
        "content_sha256": str(Sha256.of(f"{school.code} 7A1 {changes}".encode())),
        "agency_id": school.id,
        "unit_id": school.id,
        "title": GRADEBOOK_7A1,
        "school_year": "2024-2025",
        "class_name": "7A1",
    } | changes
    return Order(**values)  # type: ignore[arg-type]


def dispatch(agency: Unit, **changes: object) -> Order:
    values: dict[str, object] = {
        "kind": EntryKind.DOCUMENT,
        "source_id": uuid5(SOURCES, f"{agency.code} 960"),
        "content_sha256": str(Sha256.of(f"{agency.code} 960 {changes}".encode())),
        "agency_id": agency.id,
        "unit_id": agency.id,
        "title": "Công văn về việc tiếp tục sử dụng phần mềm quản lý trường học",
        "number_notation": "960/SGDĐT-CNTTTBTV",
        "issued_on": date(2018, 8, 13),
    } | changes
    return Order(**values)  # type: ignore[arg-type]


def take_in(session: Session, order: Order, at: datetime, text: str = "") -> UUID:
    content = f"%PDF of {order.content_sha256}".encode()
    kept = Kept(
        content_sha256=Sha256.of(content),
        size_bytes=len(content),
        page_count=1,
        lock=Lock("1", at + timedelta(days=3650)),
        text=text,
        verdict=Verdict(Finding.UNSIGNED, "Tệp không có chữ ký số nào."),
    )
    made = actions.ingest(session, order, kept, by="worker:archive.ingest", at=at)
    session.flush()
    return made


def decision(inspector: Principal, *units: Unit, on: date, **changes: object) -> Decision:
    values: dict[str, object] = {
        "decision_number": "125/QĐ-SGDĐT",
        "decided_on": on,
        "title": "Thanh tra việc quản lý hồ sơ, sổ sách",
        "inspector_id": inspector.person_id,
        "unit_ids": tuple(unit.id for unit in units),
        "kinds": (EntryKind.GRADEBOOK,),
        "school_years": ("2024-2025",),
        "valid_from": on,
        "valid_to": on + timedelta(days=14),
    } | changes
    return Decision(**values)  # type: ignore[arg-type]
