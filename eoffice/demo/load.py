"""Loads the demo province into an empty office, and says who can sign in.

Everything goes through the slices' own actions in one transaction, so a load that was interrupted
leaves nothing behind and the next start does it again. One password and one PIN, generated at the
first start, serve all accounts and keys of the demo.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.demo import dispatch_960, province
from eoffice.demo.province import DemoUnit
from eoffice.documents.books import numbers as books
from eoffice.embedded import credentials, pki, ports
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.errors import Unavailable
from eoffice.people import accounts, appointment_actions, person_actions, unit_actions
from eoffice.people import queries as people_queries
from eoffice.people.kinds import UnitKind
from eoffice.settings import settings
from eoffice.signing import actions as signing
from eoffice.signing.model import KeyStoreKind

ACCESS_FILE = "demo-access.json"
BY = "demo"
#: Before the demo's first day; schools and offices are older than that.
FOUNDED_ON = date(2015, 1, 1)
APPOINTED_ON = date(2017, 8, 1)


@dataclass(frozen=True, slots=True)
class Access:
    """How people and the story get into the demo."""

    password: str
    pin: str
    var: Path


class NoDemo(Unavailable):
    """The demo is not running on this machine."""


def load(var: Path) -> Access:
    """Load the province once; a second call changes nothing."""
    access = _access(var)
    trust = trust_services(var)
    at = clock.now()
    with system_transaction() as session:
        if people_queries.search_units(session, on=None, limit=1):
            return access
        units = _load_units(session, at)
        persons = _load_persons(session, units, access.password, at)
        _load_keys(session, trust, units, persons, at)
        books.open_book(
            session,
            units[province.DEPARTMENT],
            year=clock.civil_date(at).year,
            opening_number=dispatch_960.NUMBER_BEFORE,
            by=BY,
            at=at,
        )
    return access


def read_access(var: Path) -> Access:
    """Raises NoDemo where `scripts/start` has not run."""
    if not (var / ACCESS_FILE).exists():
        raise NoDemo(
            f"Chưa có bản trình diễn trong {var}. Hãy chạy scripts/start ở một cửa sổ khác trước."
        )
    return _access(var)


def trust_services(var: Path) -> Pki:
    """Keys and certificates of the demo's cast, made at the first call and kept.

    The port of the services is written into the certificates, so it stays that of the first call.
    """
    pin = _access(var).pin
    names = {unit.key: unit.name for unit in province.units()}
    subjects = [
        Subject(
            label=_label(person.login),
            common_name=person.full_name,
            organization=names[person.unit],
            title=person.title,
            pin=pin,
            key=KeyKind.RSA_2048 if person.login in _RSA_HOLDERS else KeyKind.P_256,
        )
        for person in province.persons()
        if person.signs
    ]
    subjects += [
        Subject(
            label=_seal_label(unit.key),
            common_name=unit.name,
            organization=unit.name,
            pin=pin,
            key=KeyKind.RSA_2048,
        )
        for unit in province.units()
        if unit.key in province.SEALS
    ]
    return pki.materialise(var / "pki", subjects, port=ports.free_port())


def who_can_sign_in(access: Access) -> str:
    """The lines that `scripts/start` prints."""
    shown = (
        ("chuyenvien.cntt", "Chuyên viên, Phòng CNTT-TB-TV của Sở: soạn công văn"),
        ("truongphong.cntt", "Trưởng phòng CNTT-TB-TV: duyệt nội dung"),
        ("giamdoc", "Giám đốc Sở: ký"),
        ("vanthu", "Văn thư Sở: kiểm tra thể thức, cấp số, đóng dấu, phát hành"),
        ("vanthu.thpt01", "Văn thư một trường THPT: vào sổ văn bản đến"),
        ("hieutruong.thpt01", "Hiệu trưởng trường đó: giao việc, trả lời"),
        ("giaovien01.thcs", "Giáo viên chủ nhiệm lớp 7A1: nhập điểm, ký sổ"),
        ("hieutruong.thcs", "Hiệu trưởng trường THCS: ký sổ"),
        ("vanthu.thcs", "Văn thư trường THCS: đóng dấu sổ"),
        ("thanhtra", "Thanh tra viên: tìm, đọc, kiểm tra hồ sơ lưu trữ"),
        ("quantri", "Quản trị hệ thống"),
    )
    now = clock.vietnam_time(clock.now())
    return "\n".join(
        (
            "",
            f"Đồng hồ của bản trình diễn: {now:%H:%M} ngày {now:%d/%m/%Y}.",
            f"Mật khẩu chung: {access.password}     Mã PIN chữ ký số: {access.pin}",
            *(f"  {login:<20} {what}" for login, what in shown),
            "",
        )
    )


#: Both kinds of keys are in use, as in the field; RSA takes longer to make.
_RSA_HOLDERS = frozenset({"giamdoc", "hieutruong.thcs"})


def _access(var: Path) -> Access:
    file = var / ACCESS_FILE
    if not file.exists():
        made = {
            "password": "sen-" + "-".join(secrets.token_hex(3) for _ in range(2)),
            "pin": f"{secrets.randbelow(10**6):06}",
        }
        credentials.write_private(file, json.dumps(made))
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Access(kept["password"], kept["pin"], var)


def _load_units(session: Session, at: datetime) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for unit in province.units():
        ids[unit.key] = _create_unit(session, unit, ids, at)
    return ids


def _create_unit(session: Session, unit: DemoUnit, ids: dict[str, UUID], at: datetime) -> UUID:
    is_department = unit.kind is UnitKind.DEPARTMENT
    return unit_actions.create_unit(
        session,
        code=unit.key,
        name=unit.name,
        kind=unit.kind,
        level=unit.level,
        parent_id=None if unit.parent is None else ids[unit.parent],
        notation=unit.notation,
        place=unit.place,
        organ_id=unit.organ_id,
        letterhead_name="Sở Giáo dục và Đào tạo" if is_department else unit.name.partition(" (")[0],
        superior_name="UBND tỉnh Đồng Tháp" if is_department else None,
        valid_from=FOUNDED_ON,
        by=BY,
        at=at,
    )


def _load_persons(
    session: Session, units: dict[str, UUID], password: str, at: datetime
) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for person in province.persons():
        ids[person.login] = person_actions.create_person(
            session, login=person.login, full_name=person.full_name, by=BY, at=at
        )
        appointment_actions.appoint(
            session,
            person_id=ids[person.login],
            unit_id=units[person.unit],
            title=person.title,
            kind=person.position,
            valid_from=APPOINTED_ON,
            by=BY,
            at=at,
        )
    accounts.set_common_password(session, ids.values(), password, by=BY, at=at)
    return ids


def _load_keys(
    session: Session,
    trust: Pki,
    units: dict[str, UUID],
    persons: dict[str, UUID],
    at: datetime,
) -> None:
    for person in province.persons():
        if person.signs:
            _register(session, trust, _label(person.login), at, person_id=persons[person.login])
    for key in province.SEALS:
        _register(session, trust, _seal_label(key), at, unit_id=units[key])


def _register(
    session: Session,
    trust: Pki,
    label: str,
    at: datetime,
    *,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> None:
    file = trust.key_file(label)
    pin = _access(settings().var).pin
    _, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), pin.encode())
    assert certificate is not None
    signing.register_key(
        session,
        person_id=person_id,
        unit_id=unit_id,
        store=KeyStoreKind.PKCS12,
        locator=file.name,
        certificate=certificate.public_bytes(Encoding.DER),
        by=BY,
        at=at,
    )


def _label(login: str) -> str:
    return login.replace(".", "-")


def _seal_label(unit: str) -> str:
    return f"seal-{unit.lower()}"
