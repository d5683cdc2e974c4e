"""The one place where a refusal becomes an answer: RFC 9457 for programs, a page for people.

The class name of the refusal gives the `type` (`/problems/step-refused`), the first line of its
docstring the `title`, the instance the `detail`; `fields` says what is wrong where. A bug is
answered with 500 and a reference; the log knows under this reference where it happened, but not
the values, which may be personal.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar import Response
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from eoffice.errors import (
    Awaited,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from eoffice.web import words
from eoffice.web.forms import KEY_FIELD, TOKEN_FIELD, FormExpired
from eoffice.web.pages import page, see
from eoffice.web.principal import SAFE_METHODS, Request, is_api
from eoffice.web.site import Around

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = 30

#: Fields whose content is never given back on a page.
_SECRET = re.compile(r"(^|_)(password|passphrase|pin|otp|totp|secret)(_|$)|^code$")
#: A choice, a mark of the program or a day: nothing that somebody would want to copy.
_CHOSEN = re.compile(r"[a-z0-9_./:-]*")

HEADINGS = {
    400: "Yêu cầu không đọc được",
    401: "Cần đăng nhập",
    403: "Không được phép",
    404: "Không tìm thấy",
    405: "Thao tác không có ở đây",
    409: "Chưa làm được lúc này",
    413: "Tệp quá lớn",
    422: "Cần sửa lại",
    429: "Thử quá nhiều lần",
    500: "Hệ thống gặp lỗi",
    503: "Dịch vụ tạm thời không trả lời",
}

_DETAILS = {
    400: "Yêu cầu gửi lên không đúng dạng nên không đọc được.",
    401: "Hãy đăng nhập để làm tiếp.",
    403: "Ở chức danh đang dùng, không được làm việc này.",
    404: "Địa chỉ này không có, hoặc đơn vị đang làm việc không được xem.",
    405: "Trang này không nhận thao tác đó. Hãy quay lại và dùng các nút trên trang.",
    413: "Nội dung gửi lên lớn hơn mức được nhận. Hãy chia nhỏ hoặc nén lại rồi gửi.",
    429: "Đã thử quá nhiều lần trong thời gian ngắn. Hãy đợi ít phút.",
    503: "Dịch vụ đang bận. Chưa có gì thay đổi, hãy thử lại sau ít phút.",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    fields: dict[str, str] = {}
    #: Under which the log knows a failure.
    reference: str = ""


def problem_type(refusal: type[Refusal]) -> str:
    """`StepRefused` -> `/problems/step-refused`."""
    return "/problems/" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", refusal.__name__).lower()


def title(refusal: type[Refusal]) -> str:
    """The first line of the docstring, without its full stop."""
    return (refusal.__doc__ or refusal.__name__).strip().splitlines()[0].rstrip(".")


def refused(request: Request, refusal: Refusal) -> Response[Any]:
    """Answer a refusal of the office."""
    if not _wants_page(request):
        return _problem_json(request, refusal)
    if isinstance(refusal, NotSignedIn) and request.method in SAFE_METHODS:
        return see("/sign-in?next=" + quote(_here(request), safe=""))
    return _problem_page(
        request,
        refusal.status,
        refusal.detail,
        fields=refusal.fields,
        again=isinstance(refusal, NotSignedIn | FormExpired),
    )


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was taken, and whose end is awaited."""

    id: str
    detail: str


def going(request: Request, awaited: Awaited) -> Response[Any]:
    """Say where it can be seen how far it is: 202 (RFC 9110, 15.3.3), or its page."""
    if _wants_page(request):
        return see(awaited.path, said=awaited.detail)
    return Response(
        msgspec.json.encode(Going(id=str(awaited.of), detail=awaited.detail)),
        status_code=202,
        media_type="application/json",
        headers={"Location": f"/api/v1{awaited.path}"},
    )


def not_routed(request: Request, failure: HTTPException) -> Response[Any]:
    """Answer what the framework refuses: no such address, wrong method, unreadable content."""
    if failure.status_code >= 500:
        return failed(request, failure)
    detail = _DETAILS.get(failure.status_code, _DETAILS[400])
    if isinstance(failure, ValidationException):
        return refused(request, Invalid("Có mục chưa đúng.", fields=_fields(failure)))
    kind: type[Refusal] = {
        401: NotSignedIn,
        403: NotAllowed,
        404: NotFound,
        413: TooLarge,
        429: TooManyRequests,
    }.get(failure.status_code, Invalid)
    refusal = kind(detail)
    headers = failure.headers or {}
    if _wants_page(request):
        response = _problem_page(request, failure.status_code, detail)
    else:
        response = _problem_json(request, refusal, status=failure.status_code)
    response.headers.update(headers)
    return response


def busy(request: Request, failure: OperationalError | PoolTimeout) -> Response[Any]:
    """The database does not answer, or somebody else holds the row for too long."""
    sqlstate = _sqlstate(failure)
    log.warning("request.busy", kind=type(failure).__name__, sqlstate=sqlstate)
    if sqlstate in ("55P03", "40P01", "40001"):
        return refused(
            request,
            Unavailable("Đang có người làm việc này cùng lúc. Chưa có gì thay đổi, hãy thử lại."),
        )
    return refused(request, Unavailable(_DETAILS[503]))


def unkeepable(request: Request, failure: DataError) -> Response[Any]:
    """A value that no column can hold: a NUL, a number beyond all numbers. Nothing was changed."""
    log.warning("request.unkeepable", sqlstate=_sqlstate(failure))
    return refused(
        request, Invalid("Có số quá lớn hoặc ký tự không đọc được. Hãy sửa lại rồi gửi lại.")
    )


def failed(request: Request, failure: Exception) -> Response[Any]:
    """Answer a bug: no details outside, the place in the log, no values anywhere."""
    reference = str(request.scope["state"].get("request_id", ""))
    log.error(
        "request.failed",
        reference=reference,
        kind=type(failure).__name__,
        sqlstate=_sqlstate(failure),
        place=[
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(failure.__traceback__)[-12:]
        ],
    )
    detail = f"Lỗi này đã được ghi lại. Khi báo cho quản trị, hãy đọc mã {reference}."
    if _wants_page(request):
        return _problem_page(request, 500, detail)
    return _json(
        Problem(
            type="about:blank",
            title="Internal error",
            status=500,
            detail=detail,
            instance=request.scope["path"],
            reference=reference,
        ),
    )


#: For `Litestar(exception_handlers=…)`.
HANDLERS: Mapping[int | type[Exception], Any] = {
    Refusal: refused,
    Awaited: going,
    HTTPException: not_routed,
    OperationalError: busy,
    PoolTimeout: busy,
    DataError: unkeepable,
    Exception: failed,
}


def _problem_json(
    request: Request, refusal: Refusal, *, status: int | None = None
) -> Response[bytes]:
    response = _json(
        Problem(
            type=problem_type(type(refusal)),
            title=title(type(refusal)),
            status=refusal.status if status is None else status,
            detail=refusal.detail,
            instance=request.scope["path"],
            fields=refusal.fields,
        ),
    )
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="eoffice"'
    return response


def _json(problem: Problem) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, media_type=PROBLEM_JSON
    )


def _problem_page(
    request: Request,
    status: int,
    detail: str,
    *,
    fields: Mapping[str, str] | None = None,
    again: bool = False,
) -> Response[bytes]:
    """A page that says what is wrong and gives back what was typed, to copy or to send again."""
    typed, files = _typed(request)
    response = page(
        request,
        "web/problem.html",
        status=status,
        around=Around(),
        heading=HEADINGS.get(status) or HTTPStatus(status).phrase,
        detail=detail,
        problem_status=status,
        fields=fields or {},
        typed=typed,
        texts=[value for _, value in typed if not _CHOSEN.fullmatch(value)],
        files=files,
        again=again and request.method == "POST",
        sign_in=status == 401,
    )
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _typed(request: Request) -> tuple[list[tuple[str, str]], list[str]]:
    """What the refused form held: texts, and the names of files, which cannot be kept.

    Passwords and codes are never given back.
    """
    data = request.scope["state"].get("typed")
    if data is None:
        return [], []
    texts: list[tuple[str, str]] = []
    files: list[str] = []
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            files.extend([value.filename] if value.filename else [])
        elif name not in (TOKEN_FIELD, KEY_FIELD) and not _SECRET.search(name):
            texts.append((name, str(value)))
    return texts, files


def _fields(failure: ValidationException) -> dict[str, str]:
    """What Litestar found wrong, by field, in Vietnamese."""
    found: dict[str, str] = {}
    extra = failure.extra if isinstance(failure.extra, list) else []
    for fault in extra:
        if isinstance(fault, Mapping):
            key = str(fault.get("key") or "").removeprefix("$.") or "content"
            found[key] = words.fault(str(fault.get("message", "")))
    return found


def _wants_page(request: Request) -> bool:
    if is_api(request):
        return False
    accept = request.headers.get("accept", "*/*")
    return "json" not in accept or "text/html" in accept


def _here(request: Request) -> str:
    path: str = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _sqlstate(failure: BaseException) -> str | None:
    original = failure.orig if isinstance(failure, DBAPIError) else None
    return getattr(original, "sqlstate", None)
