"""What kinds of units, positions, appointments and grants there are.

Stored as text, printed on pages, named in the API: a member is never renamed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class UnitKind(StrEnum):
    #: Sở Giáo dục và Đào tạo
    DEPARTMENT = "department"
    #: Phòng chuyên môn, Văn phòng, Thanh tra of an agency: drafts, but has neither number nor seal
    OFFICE = "office"
    #: Phòng Giáo dục và Đào tạo of a district, until 30 June 2025
    DISTRICT_OFFICE = "district_office"
    #: Phòng Văn hóa - Xã hội of a commune, from 1 July 2025
    COMMUNE_OFFICE = "commune_office"
    SCHOOL = "school"


class SchoolLevel(StrEnum):
    #: mầm non
    PRESCHOOL = "preschool"
    #: tiểu học
    PRIMARY = "primary"
    #: tiểu học và trung học cơ sở
    PRIMARY_AND_LOWER_SECONDARY = "primary_and_lower_secondary"
    #: trung học cơ sở
    LOWER_SECONDARY = "lower_secondary"
    #: trung học cơ sở và trung học phổ thông
    LOWER_AND_UPPER_SECONDARY = "lower_and_upper_secondary"
    #: trung học phổ thông
    UPPER_SECONDARY = "upper_secondary"


class PositionKind(StrEnum):
    """What a position is allowed to do; its title is only how it is printed."""

    #: Giám đốc, Trưởng phòng GDĐT, Hiệu trưởng: head of an agency
    HEAD = "head"
    #: Phó Giám đốc, Phó Trưởng phòng GDĐT, Phó Hiệu trưởng
    DEPUTY_HEAD = "deputy_head"
    #: Trưởng phòng, Chánh Văn phòng of an office of an agency
    OFFICE_HEAD = "office_head"
    OFFICE_DEPUTY = "office_deputy"
    #: Chuyên viên
    SPECIALIST = "specialist"
    #: Văn thư
    CLERK = "clerk"
    TEACHER = "teacher"
    #: Thanh tra viên
    INSPECTOR = "inspector"
    #: Quản trị hệ thống
    OPERATOR = "operator"


class Manner(StrEnum):
    """How somebody came into a position."""

    #: bổ nhiệm, phân công
    APPOINTED = "appointed"
    #: giao quyền: acts as the head while the position has none
    ACTING = "acting"


class GrantKind(StrEnum):
    """The two ways in which a head lets somebody sign who is not a deputy (Decree 30, art. 13)."""

    #: thừa lệnh (TL.): written into the working rules of the agency
    ORDER = "order"
    #: thừa uỷ quyền (TUQ.): in writing, for a limited time, not to be passed on
    AUTHORISATION = "authorisation"


class Scope(StrEnum):
    """What a program may do with a token; a person who is signed in may do all of it."""

    READ = "read"
    WRITE = "write"
    SIGN = "sign"
    #: Of a signer's own computer: to fetch what waits for its owner, and to bring signatures.
    DEVICE = "device"


UNIT_KIND_NAMES: Final[dict[UnitKind, str]] = {
    UnitKind.DEPARTMENT: "Sở Giáo dục và Đào tạo",
    UnitKind.OFFICE: "Phòng, ban thuộc cơ quan",
    UnitKind.DISTRICT_OFFICE: "Phòng Giáo dục và Đào tạo",
    UnitKind.COMMUNE_OFFICE: "Phòng Văn hóa - Xã hội",
    UnitKind.SCHOOL: "Trường",
}

SCHOOL_LEVEL_NAMES: Final[dict[SchoolLevel, str]] = {
    SchoolLevel.PRESCHOOL: "Mầm non",
    SchoolLevel.PRIMARY: "Tiểu học",
    SchoolLevel.PRIMARY_AND_LOWER_SECONDARY: "Tiểu học và trung học cơ sở",
    SchoolLevel.LOWER_SECONDARY: "Trung học cơ sở",
    SchoolLevel.LOWER_AND_UPPER_SECONDARY: "Trung học cơ sở và trung học phổ thông",
    SchoolLevel.UPPER_SECONDARY: "Trung học phổ thông",
}

POSITION_KIND_NAMES: Final[dict[PositionKind, str]] = {
    PositionKind.HEAD: "Người đứng đầu cơ quan",
    PositionKind.DEPUTY_HEAD: "Cấp phó của người đứng đầu",
    PositionKind.OFFICE_HEAD: "Trưởng phòng, ban",
    PositionKind.OFFICE_DEPUTY: "Phó trưởng phòng, ban",
    PositionKind.SPECIALIST: "Chuyên viên",
    PositionKind.CLERK: "Văn thư",
    PositionKind.TEACHER: "Giáo viên",
    PositionKind.INSPECTOR: "Thanh tra viên",
    PositionKind.OPERATOR: "Quản trị hệ thống",
}

MANNER_NAMES: Final[dict[Manner, str]] = {
    Manner.APPOINTED: "Bổ nhiệm, phân công",
    Manner.ACTING: "Giao quyền",
}

GRANT_KIND_NAMES: Final[dict[GrantKind, str]] = {
    GrantKind.ORDER: "Thừa lệnh (TL.)",
    GrantKind.AUTHORISATION: "Thừa uỷ quyền (TUQ.)",
}

SCOPE_NAMES: Final[dict[Scope, str]] = {
    Scope.READ: "Đọc",
    Scope.WRITE: "Ghi",
    Scope.SIGN: "Ký số",
    Scope.DEVICE: "Ký trên máy của mình",
}
