"""Refusals: the normal "no" of the office, typed and named after the rule that says it.

A refusal is raised where its rule is and becomes a problem document (RFC 9457) in one place,
`eoffice.web.problems`: the class name gives the `type`, the first line of the docstring the
`title`, the instance the `detail`, which is a whole Vietnamese sentence that says what to do next.
Bugs are assertions; failures of the outside world are `Unavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID


class Refusal(Exception):
    """The request breaks a rule of the office."""

    status: ClassVar[int] = 422

    def __init__(self, detail: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        #: Name of the form field -> what is wrong with it, for a form that comes back filled.
        self.fields: dict[str, str] = dict(fields or {})


class Invalid(Refusal):
    """Something that was entered cannot be accepted."""

    status = 422


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    status = 401


class NotAllowed(Refusal):
    """The person may not do this in the position in which they act."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or the acting unit may not know of it."""

    status = 404


class Conflict(Refusal):
    """The request does not fit the present state."""

    status = 409


class Held(Conflict):
    """The record is held by a decision; it is not changed until that is lifted."""

    def __init__(self, since: str) -> None:
        super().__init__(
            f"Hồ sơ, văn bản này đang được giữ, khóa từ ngày {since} nên không sửa, chuyển hay xóa"
            " được. Người đứng đầu hoặc người làm lưu trữ của cơ quan gỡ khóa được."
        )


class TooLarge(Refusal):
    """What was sent is larger than what is accepted."""

    status = 413


class TooManyRequests(Refusal):
    """Too many attempts in a short time."""

    status = 429


class Unavailable(Refusal):
    """A service outside of the office does not answer; nothing was changed, try again."""

    status = 503


class Awaited(Exception):
    """No refusal: the request was taken, and somebody or something else is awaited now.

    `path` is the page that says who, since when, and what comes next; `of` names it for programs.
    """

    def __init__(self, detail: str, *, path: str, of: UUID) -> None:
        super().__init__(detail)
        self.detail = detail
        self.path = path
        self.of = of
