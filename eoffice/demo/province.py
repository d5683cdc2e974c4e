"""The demo province as plain values: Đồng Tháp in 2018.

District names, the Sở, its offices, the counts of schools and the director's name are those of
the public dispatch 960/SGDĐT-CNTTTBTV of 13 August 2018; every other name is generated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from eoffice.demo import names
from eoffice.people.kinds import PositionKind, SchoolLevel, UnitKind

PLACE = "Đồng Tháp"

#: District, and the place that stands before the date of its papers.
DISTRICTS: tuple[tuple[str, str], ...] = (
    ("thành phố Cao Lãnh", "Thành phố Cao Lãnh"),
    ("thành phố Sa Đéc", "Sa Đéc"),
    ("thị xã Hồng Ngự", "Thị xã Hồng Ngự"),
    ("huyện Hồng Ngự", "Hồng Ngự"),
    ("huyện Tân Hồng", "Tân Hồng"),
    ("huyện Tam Nông", "Tam Nông"),
    ("huyện Thanh Bình", "Thanh Bình"),
    ("huyện Tháp Mười", "Tháp Mười"),
    ("huyện Cao Lãnh", "Cao Lãnh"),
    ("huyện Lấp Vò", "Lấp Vò"),
    ("huyện Lai Vung", "Lai Vung"),
    ("huyện Châu Thành", "Châu Thành"),
)

#: Offices of the Sở: notation and name.
OFFICES: tuple[tuple[str, str], ...] = (
    ("VP", "Văn phòng"),
    ("TTr", "Thanh tra"),
    ("TCCB", "Phòng Tổ chức cán bộ"),
    ("KHTC", "Phòng Kế hoạch - Tài chính"),
    ("GDMN", "Phòng Giáo dục Mầm non"),
    ("GDTH", "Phòng Giáo dục Tiểu học"),
    ("GDTrH", "Phòng Giáo dục Trung học"),
    ("GDTX", "Phòng Giáo dục thường xuyên"),
    ("KTKĐCL", "Phòng Khảo thí và Kiểm định chất lượng"),
    ("CNTTTBTV", "Phòng Công nghệ thông tin - Thiết bị - Thư viện"),
)

UPPER_SECONDARY_SCHOOLS = 43
LOWER_SECONDARY_SCHOOLS = 141
PRIMARY_SCHOOLS = 314

DEPARTMENT = "so"
#: The school whose class plays in the second half of the story.
STORY_SCHOOL = "thcs-001"
#: The upper secondary school that answers the dispatch.
ANSWERING_SCHOOL = "thpt-001"
#: The one that says that the dispatch was not for it.
REFUSING_UNIT = "pgd-12"


@dataclass(frozen=True, slots=True)
class DemoUnit:
    key: str
    name: str
    notation: str
    kind: UnitKind
    level: SchoolLevel | None
    parent: str | None
    place: str
    organ_id: str | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    login: str
    full_name: str
    unit: str
    title: str
    position: PositionKind
    #: Whether a key store with a certificate is made for this person.
    signs: bool = False


def units() -> tuple[DemoUnit, ...]:
    """The Sở first; every unit stands behind its parent."""
    found = [
        DemoUnit(
            DEPARTMENT,
            "Sở Giáo dục và Đào tạo Đồng Tháp",
            "SGDĐT",
            UnitKind.DEPARTMENT,
            None,
            None,
            PLACE,
            "000.00.13.H20",
        )
    ]
    found += [
        DemoUnit(f"so-{notation}", name, notation, UnitKind.OFFICE, None, DEPARTMENT, PLACE, None)
        for notation, name in OFFICES
    ]
    found += [
        DemoUnit(
            f"pgd-{index:02}",
            f"Phòng Giáo dục và Đào tạo {district}",
            "PGDĐT",
            UnitKind.DISTRICT_OFFICE,
            None,
            DEPARTMENT,
            place,
            f"000.{index:02}.13.H20",
        )
        for index, (district, place) in enumerate(DISTRICTS, start=1)
    ]
    found += _schools("thpt", "Trường THPT", SchoolLevel.UPPER_SECONDARY, UPPER_SECONDARY_SCHOOLS)
    found += _schools("thcs", "Trường THCS", SchoolLevel.LOWER_SECONDARY, LOWER_SECONDARY_SCHOOLS)
    found += _schools("th", "Trường Tiểu học", SchoolLevel.PRIMARY, PRIMARY_SCHOOLS)
    return tuple(found)


def _schools(key: str, title: str, level: SchoolLevel, count: int) -> Iterator[DemoUnit]:
    """Schools with distinct names; those below upper secondary belong to a district office."""
    districts = cycle(enumerate(DISTRICTS, start=1))
    for index, (number, (district, place)) in enumerate(islice(districts, count), start=1):
        called = names.SCHOOL_NAMES[(index - 1) % len(names.SCHOOL_NAMES)]
        where = district.split(" ", 1)[1] if district.startswith("huyện") else district
        is_repeated = count > len(names.SCHOOL_NAMES)
        own = level is SchoolLevel.UPPER_SECONDARY
        initials = "".join(word[0] for word in called.split())
        yield DemoUnit(
            f"{key}-{index:03}",
            f"{title} {called}" + (f" {_round(index)}({where})" if is_repeated else ""),
            f"{title.split(' ', 1)[1].replace('Tiểu học', 'TH')}.{initials}".replace(" ", ""),
            UnitKind.SCHOOL,
            level,
            DEPARTMENT if own else f"pgd-{number:02}",
            place,
            None,
        )


def _round(index: int) -> str:
    """ "2 ", "3 " for the second and third school of one name in a level; empty for the first."""
    turn = (index - 1) // len(names.SCHOOL_NAMES)
    return f"{turn + 1} " if turn else ""


SUBJECT_TEACHERS = 13


def persons() -> tuple[DemoPerson, ...]:
    """The cast: who can sign in. Heads and clerks of all recipients, and one whole school."""
    cast = [
        DemoPerson("giamdoc", "Trần Thanh Liêm", DEPARTMENT, "Giám đốc", PositionKind.HEAD, True)
    ]
    supply = names.people("Đồng Tháp 2018")

    def add(login: str, unit: str, title: str, position: PositionKind, signs: bool = False) -> None:
        cast.append(DemoPerson(login, next(supply)[0], unit, title, position, signs))

    add("phogiamdoc", DEPARTMENT, "Phó Giám đốc", PositionKind.DEPUTY_HEAD, True)
    add("vanthu", DEPARTMENT, "Văn thư", PositionKind.CLERK, True)
    add("quantri", DEPARTMENT, "Quản trị hệ thống", PositionKind.OPERATOR)
    add("truongphong.cntt", "so-CNTTTBTV", "Trưởng phòng", PositionKind.OFFICE_HEAD)
    add("chuyenvien.cntt", "so-CNTTTBTV", "Chuyên viên", PositionKind.SPECIALIST)
    add("chanhvanphong", "so-VP", "Chánh Văn phòng", PositionKind.OFFICE_HEAD)
    add("truongphong.gdtrh", "so-GDTrH", "Trưởng phòng", PositionKind.OFFICE_HEAD)
    add("thanhtra", "so-TTr", "Thanh tra viên", PositionKind.INSPECTOR)
    for index in range(1, len(DISTRICTS) + 1):
        add(f"truongphong.pgd{index:02}", f"pgd-{index:02}", "Trưởng phòng", PositionKind.HEAD)
        add(f"vanthu.pgd{index:02}", f"pgd-{index:02}", "Văn thư", PositionKind.CLERK)
    for index in range(1, UPPER_SECONDARY_SCHOOLS + 1):
        unit = f"thpt-{index:03}"
        answers = unit == ANSWERING_SCHOOL
        add(f"hieutruong.thpt{index:02}", unit, "Hiệu trưởng", PositionKind.HEAD, answers)
        add(f"vanthu.thpt{index:02}", unit, "Văn thư", PositionKind.CLERK, answers)
    add("giaovien.thpt01", ANSWERING_SCHOOL, "Giáo viên", PositionKind.TEACHER)
    add("hieutruong.thcs", STORY_SCHOOL, "Hiệu trưởng", PositionKind.HEAD, True)
    add("phohieutruong.thcs", STORY_SCHOOL, "Phó Hiệu trưởng", PositionKind.DEPUTY_HEAD, True)
    add("vanthu.thcs", STORY_SCHOOL, "Văn thư", PositionKind.CLERK, True)
    for index in range(1, SUBJECT_TEACHERS + 1):
        add(f"giaovien{index:02}.thcs", STORY_SCHOOL, "Giáo viên", PositionKind.TEACHER, True)
    return tuple(cast)


#: Units whose seal has a key in the demo.
SEALS: tuple[str, ...] = (DEPARTMENT, ANSWERING_SCHOOL, STORY_SCHOOL)
