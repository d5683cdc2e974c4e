"""What only those who run the office may do."""

from __future__ import annotations

from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


class OnlyOperators(NotAllowed):
    """Units and people are kept by the operators of the office."""


def operators_only(by: Principal | str) -> None:
    """Raises OnlyOperators. A process of the office may do what an operator may."""
    if not isinstance(by, str) and by.position_kind != PositionKind.OPERATOR.value:
        raise OnlyOperators("Chỉ quản trị hệ thống được quản lý đơn vị và tài khoản.")
