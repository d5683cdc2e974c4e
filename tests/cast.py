"""The people and units of all tests: a small Đồng Tháp that is the same in every run.

    cast = load_cast(session, at)
    actions.begin(session, …, by=cast.specialist, at=at)
    client.cookies["session"] = sign_in(session, cast.clerk, at)      # no password needed

Below the Sở: the offices VP, GDTrH, CNTTTBTV and the inspectorate; two district offices; two THPT;
below the first district office one THCS. All exist from 2010 and all appointments run from
1 January 2015 without end. Logins are the names in `Cast`, the password of each is `PASSWORD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from eoffice.people.kinds import Manner, PositionKind, SchoolLevel, Scope, UnitKind
from eoffice.people.model import Appointment, Person, Position, SignedIn, Unit
from eoffice.web.principal import Principal

PASSWORD = "sen hồng Tháp Mười 1985"
FOUNDED = date(2010, 1, 1)
APPOINTED = date(2015, 1, 1)


@dataclass(frozen=True, slots=True)
class Cast:
    """Units are rows (`cast.school.id`), people are principals in their position."""

    #: Sở Giáo dục và Đào tạo
    department: Unit
    #: Văn phòng Sở (VP), where the clerk and the operator sit
    administration_office: Unit
    #: Phòng Giáo dục Trung học (GDTrH)
    secondary_office: Unit
    #: Phòng Công nghệ thông tin - Thiết bị - Thư viện (CNTTTBTV), which drafts dispatch 960
    technology_office: Unit
    #: Thanh tra Sở (TTr)
    inspectorate: Unit
    #: Phòng GDĐT of a city; the school stands below it
    district: Unit
    other_district: Unit
    #: THPT
    high_school: Unit
    other_high_school: Unit
    #: THCS, with the class whose gradebook is made
    school: Unit

    director: Principal
    deputy_director: Principal
    chief_of_administration: Principal
    clerk: Principal
    operator: Principal
    secondary_office_head: Principal
    office_head: Principal
    specialist: Principal
    inspector: Principal

    district_head: Principal
    district_clerk: Principal
    other_district_head: Principal
    other_district_clerk: Principal

    school_principal: Principal
    school_deputy: Principal
    school_clerk: Principal
    #: Teaches literature too.
    homeroom_teacher: Principal
    #: Code of the subject ("TOAN", "VAN"…) -> its teacher in the class.
    subject_teachers: dict[str, Principal]

    high_school_principal: Principal
    high_school_deputy: Principal
    high_school_clerk: Principal
    high_school_teacher: Principal
    other_high_school_principal: Principal
    other_high_school_clerk: Principal

    @property
    def everybody(self) -> tuple[Principal, ...]:
        fields = [getattr(self, name) for name in self.__dataclass_fields__]
        single = [who for who in fields if isinstance(who, Principal)]
        return (*single, *(t for t in self.subject_teachers.values() if t not in single))


def load_cast(session: Session, at: datetime) -> Cast:
    """Write the cast into the database and hand it out; `at` is when the accounts were made."""
    stage = _Stage(session, at)
    department = stage.unit(
        "SGDDT",
        "Sở Giáo dục và Đào tạo Đồng Tháp",
        UnitKind.DEPARTMENT,
        notation="SGDĐT",
        letterhead_name="Sở Giáo dục và Đào tạo",
        superior_name="Ủy ban nhân dân tỉnh Đồng Tháp",
    )
    administration = stage.office(department, "VP", "Văn phòng Sở", "VP")
    secondary = stage.office(department, "GDTRH", "Phòng Giáo dục Trung học", "GDTrH")
    technology = stage.office(
        department,
        "CNTTTBTV",
        "Phòng Công nghệ thông tin - Thiết bị - Thư viện",
        "CNTTTBTV",
    )
    inspectorate = stage.office(department, "TTR", "Thanh tra Sở", "TTr")
    district = stage.district(department, "PGD-CAOLANH", "thành phố Cao Lãnh", "Cao Lãnh")
    other_district = stage.district(department, "PGD-LAPVO", "huyện Lấp Vò", "Lấp Vò")
    high_school = stage.school(
        department, "THPT-01", "Trường THPT Sen Hồng", SchoolLevel.UPPER_SECONDARY, "THPTSH"
    )
    other_high_school = stage.school(
        department, "THPT-02", "Trường THPT Tràm Chim", SchoolLevel.UPPER_SECONDARY, "THPTTC"
    )
    school = stage.school(
        district,
        "THCS-01",
        "Trường THCS Nguyễn Thị Minh Khai",
        SchoolLevel.LOWER_SECONDARY,
        "THCSNTMK",
    )

    literature = stage.teacher(school, "homeroom_teacher", "Lê Thị Ngọc Ánh", "VAN")
    return Cast(
        department=department,
        administration_office=administration,
        secondary_office=secondary,
        technology_office=technology,
        inspectorate=inspectorate,
        district=district,
        other_district=other_district,
        high_school=high_school,
        other_high_school=other_high_school,
        school=school,
        director=stage.person(
            department, "director", "Trần Thanh Liêm", "Giám đốc", PositionKind.HEAD
        ),
        deputy_director=stage.person(
            department,
            "deputy_director",
            "Huỳnh Kim Phụng",
            "Phó Giám đốc",
            PositionKind.DEPUTY_HEAD,
        ),
        chief_of_administration=stage.person(
            administration,
            "chief_of_administration",
            "Đỗ Quốc Bảo",
            "Chánh Văn phòng",
            PositionKind.OFFICE_HEAD,
        ),
        clerk=stage.person(
            administration, "clerk", "Nguyễn Thị Thu Hà", "Văn thư", PositionKind.CLERK
        ),
        operator=stage.person(
            administration,
            "operator",
            "Phan Minh Trí",
            "Quản trị hệ thống",
            PositionKind.OPERATOR,
        ),
        secondary_office_head=stage.person(
            secondary,
            "secondary_office_head",
            "Võ Thị Mỹ Dung",
            "Trưởng phòng",
            PositionKind.OFFICE_HEAD,
        ),
        office_head=stage.person(
            technology, "office_head", "Bùi Văn Đức", "Trưởng phòng", PositionKind.OFFICE_HEAD
        ),
        specialist=stage.person(
            technology, "specialist", "Nguyễn Hoàng Ân", "Chuyên viên", PositionKind.SPECIALIST
        ),
        inspector=stage.person(
            inspectorate, "inspector", "Đặng Thị Ỷ Lan", "Thanh tra viên", PositionKind.INSPECTOR
        ),
        district_head=stage.person(
            district, "district_head", "Trương Công Lý", "Trưởng phòng", PositionKind.HEAD
        ),
        district_clerk=stage.person(
            district, "district_clerk", "Lâm Thị Bé Sáu", "Văn thư", PositionKind.CLERK
        ),
        other_district_head=stage.person(
            other_district, "other_district_head", "Hồ Văn Nghĩa", "Trưởng phòng", PositionKind.HEAD
        ),
        other_district_clerk=stage.person(
            other_district, "other_district_clerk", "Mai Thị Diễm", "Văn thư", PositionKind.CLERK
        ),
        school_principal=stage.person(
            school, "school_principal", "Ngô Thị Tuyết Mai", "Hiệu trưởng", PositionKind.HEAD
        ),
        school_deputy=stage.person(
            school, "school_deputy", "Dương Văn Khải", "Phó Hiệu trưởng", PositionKind.DEPUTY_HEAD
        ),
        school_clerk=stage.person(
            school, "school_clerk", "Tô Thị Hồng Gấm", "Văn thư", PositionKind.CLERK
        ),
        homeroom_teacher=literature,
        subject_teachers={
            "TOAN": stage.teacher(school, "teacher_toan", "Phạm Quốc Việt", "TOAN"),
            "VAN": literature,
            "NN1": stage.teacher(school, "teacher_nn1", "Đinh Thị Phương Thảo", "NN1"),
            "GDCD": stage.teacher(school, "teacher_gdcd", "Lý Thanh Tâm", "GDCD"),
            "LSDL": stage.teacher(school, "teacher_lsdl", "Nguyễn Văn Ửng", "LSDL"),
            "KHTN": stage.teacher(school, "teacher_khtn", "Trịnh Thị Kim Xuyến", "KHTN"),
            "CN": stage.teacher(school, "teacher_cn", "Cao Văn Sơn", "CN"),
            "TIN": stage.teacher(school, "teacher_tin", "Đoàn Minh Nhựt", "TIN"),
            "NN2": stage.teacher(school, "teacher_nn2", "Vương Thị Mỹ Ý", "NN2"),
            "GDTC": stage.teacher(school, "teacher_gdtc", "Thạch Sa Rây", "GDTC"),
            "NT": stage.teacher(school, "teacher_nt", "Châu Thị Diệu Hiền", "NT"),
            "GDDP": stage.teacher(school, "teacher_gddp", "Hà Văn Út", "GDDP"),
            "HDTN": stage.teacher(school, "teacher_hdtn", "Quách Thị Lệ Quyên", "HDTN"),
        },
        high_school_principal=stage.person(
            high_school,
            "high_school_principal",
            "Nguyễn Phước Thạnh",
            "Hiệu trưởng",
            PositionKind.HEAD,
        ),
        high_school_deputy=stage.person(
            high_school,
            "high_school_deputy",
            "Tạ Thị Bích Ngọc",
            "Phó Hiệu trưởng",
            PositionKind.DEPUTY_HEAD,
        ),
        high_school_clerk=stage.person(
            high_school, "high_school_clerk", "Kiều Thị Oanh", "Văn thư", PositionKind.CLERK
        ),
        high_school_teacher=stage.teacher(
            high_school, "high_school_teacher", "Lương Hữu Phước", "TOAN"
        ),
        other_high_school_principal=stage.person(
            other_high_school,
            "other_high_school_principal",
            "Thái Văn Ẩn",
            "Hiệu trưởng",
            PositionKind.HEAD,
        ),
        other_high_school_clerk=stage.person(
            other_high_school,
            "other_high_school_clerk",
            "Bạch Thị Cẩm Tú",
            "Văn thư",
            PositionKind.CLERK,
        ),
    )


def sign_in(session: Session, who: Principal, at: datetime) -> str:
    """A session of `who`, as if they had signed in at `at`: the token for cookie or bearer."""
    token = f"eos_tests-{who.person_id.hex}"
    session.add(
        SignedIn(
            id=uuid5(who.person_id, "session"),
            token_sha256=sha256(token.encode()).digest(),
            person_id=who.person_id,
            appointment_id=who.appointment_id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=24),
        )
    )
    # Flushed, because the request that follows looks it up in another session.
    session.flush()
    return token


@cache
def password_hash() -> str:
    """Of `PASSWORD`, with parameters that cost little: the tests verify it often."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


class _Stage:
    """Rows with identifiers that follow from their names."""

    def __init__(self, session: Session, at: datetime) -> None:
        self._session = session
        self._at = at

    def unit(
        self,
        code: str,
        name: str,
        kind: UnitKind,
        *,
        notation: str,
        parent: Unit | None = None,
        level: SchoolLevel | None = None,
        letterhead_name: str | None = None,
        superior_name: str | None = None,
        place: str = "Đồng Tháp",
    ) -> Unit:
        unit_id = _identifier("unit", code)
        is_office = kind is UnitKind.OFFICE
        assert parent is not None or not is_office
        row = Unit(
            id=unit_id,
            organ_id=None if is_office else f"000.00.05.H20.{code}"[:35],
            code=code,
            name=name,
            letterhead_name=letterhead_name,
            superior_name=superior_name,
            notation=notation,
            kind=kind,
            level=level,
            parent_id=None if parent is None else parent.id,
            agency_id=parent.id if parent is not None and is_office else unit_id,
            place=place,
            valid_from=FOUNDED,
            valid_to=None,
        )
        self._session.add(row)
        # The rows that follow point here, and no relationship tells the session the order.
        self._session.flush()
        return row

    def office(self, agency: Unit, code: str, name: str, notation: str) -> Unit:
        return self.unit(code, name, UnitKind.OFFICE, notation=notation, parent=agency)

    def district(self, department: Unit, code: str, district: str, place: str) -> Unit:
        return self.unit(
            code,
            f"Phòng Giáo dục và Đào tạo {district}",
            UnitKind.DISTRICT_OFFICE,
            notation="PGDĐT",
            parent=department,
            letterhead_name="Phòng Giáo dục và Đào tạo",
            superior_name=f"Ủy ban nhân dân {district}",
            place=place,
        )

    def school(self, above: Unit, code: str, name: str, level: SchoolLevel, notation: str) -> Unit:
        return self.unit(
            code,
            name,
            UnitKind.SCHOOL,
            notation=notation,
            parent=above,
            level=level,
            place=above.place,
        )

    def teacher(self, school: Unit, login: str, full_name: str, subject: str) -> Principal:
        return self.person(school, login, full_name, f"Giáo viên ({subject})", PositionKind.TEACHER)

    def person(
        self, unit: Unit, login: str, full_name: str, title: str, kind: PositionKind
    ) -> Principal:
        person_id = _identifier("person", login)
        position_id = _identifier("position", f"{unit.code}/{title}")
        appointment_id = _identifier("appointment", login)
        agency = self._session.get_one(Unit, unit.agency_id)
        self._session.add_all(
            [
                Person(
                    id=person_id,
                    login=login,
                    full_name=full_name,
                    password_hash=password_hash(),
                    password_set_at=self._at,
                    password_is_foreign=False,
                    created_at=self._at,
                ),
                Position(id=position_id, unit_id=unit.id, title=title, kind=kind),
            ]
        )
        self._session.flush()  # The appointment points to both.
        self._session.add(
            Appointment(
                id=appointment_id,
                person_id=person_id,
                position_id=position_id,
                manner=Manner.APPOINTED,
                valid_from=APPOINTED,
                valid_to=None,
            )
        )
        self._session.flush()
        return Principal(
            person_id=person_id,
            full_name=full_name,
            appointment_id=appointment_id,
            position_title=title,
            position_kind=kind.value,
            unit_id=unit.id,
            unit_name=unit.name,
            agency_id=agency.id,
            agency_name=agency.name,
            scopes=frozenset(scope.value for scope in Scope),
            session_id=None,
        )


def _identifier(kind: str, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"https://eoffice.example/tests/{kind}/{name}")
