"""Forms of pages: read with bounds, parsed into types, given back filled when refused.

Handlers ask for the dependency `form: NamedDependency[Form]`:

    form["subject"] -> str                        "" when absent
    form.all("unit") -> tuple[str, ...]           repeated fields and checkboxes
    form.file("sheet") -> UploadFile | None       form.uploads("sheets") -> tuple[UploadFile, ...]
    form.parse(NewDocument) -> NewDocument        a msgspec Struct; all faults at once, as Invalid
    form.refused(refusal) -> FormState            for the template that shows the form again
    FormState.of(subject="…", due_on=date)        begins filled; FormState() is empty
"""

from __future__ import annotations

import types
import typing
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import anyio
import litestar
import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.handlers import BaseRouteHandler

from eoffice.errors import Invalid, NotAllowed, Refusal
from eoffice.web import seals, words
from eoffice.web.principal import SAFE_METHODS, Request, is_api, principal_or_none
from eoffice.web.site import Site

TOKEN_FIELD = "_token"  # noqa: S105  (name of a form field)
KEY_FIELD = "_key"
VISIT_COOKIE = "visit"

T = TypeVar("T")


class FormExpired(NotAllowed):
    """The form was rendered for another session or too long ago."""


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form shows: values to begin with, or what was typed and why it was refused."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    #: What is wrong with the whole; None for a form that nobody has sent yet.
    detail: str | None = None

    @classmethod
    def of(cls, **values: object) -> FormState:
        """Begin with these values; None is blank, a list fills a repeated field."""
        return cls({name: _shown(value) for name, value in values.items()})

    def value(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self.values.get(name, ()))

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


class Form:
    """What was sent: texts and files by the name of their field, in the order of the page.

    Not a dataclass, because msgspec would take it apart on the way into the handler.
    """

    __slots__ = ("files", "values")

    def __init__(
        self,
        values: Mapping[str, tuple[str, ...]],
        files: Mapping[str, tuple[UploadFile, ...]],
    ) -> None:
        self.values = values
        self.files = files

    def __getitem__(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        return self.values.get(name, ())

    def file(self, name: str) -> UploadFile | None:
        return next(iter(self.files.get(name, ())), None)

    def uploads(self, name: str) -> tuple[UploadFile, ...]:
        return self.files.get(name, ())

    def parse(self, kind: type[T]) -> T:
        """The form as a msgspec Struct; blank is absent, so a field without default must be filled.

        Dates may be written 2018-08-13 or 13/08/2018, numbers with a decimal comma. A bool is a
        checkbox. Raises Invalid with one sentence for each wrong field.
        """
        faults: dict[str, str] = {}
        found: dict[str, Any] = {}
        for spec in msgspec.structs.fields(kind):  # type: ignore[arg-type]
            raw = self._raw(spec.encode_name, spec.type)
            if raw is None:
                if spec.required:
                    faults[spec.encode_name] = "Cần điền mục này."
                continue
            try:
                msgspec.convert(raw, spec.type, strict=False)
            except msgspec.ValidationError as problem:
                faults[spec.encode_name] = words.fault(str(problem))
            else:
                found[spec.encode_name] = raw
        if faults:
            raise Invalid(_how_many(len(faults)), fields=faults)
        try:
            return msgspec.convert(found, kind, strict=False)
        except msgspec.ValidationError as problem:
            # A rule between fields, from the Struct's own __post_init__: its text is for people.
            raise Invalid(str(problem)) from problem

    def state(self) -> FormState:
        return FormState(self._visible())

    def refused(self, refusal: Refusal) -> FormState:
        """The form as it was typed, with what is wrong."""
        return FormState(self._visible(), refusal.fields, refusal.detail)

    def _visible(self) -> dict[str, tuple[str, ...]]:
        return {k: v for k, v in self.values.items() if k not in (TOKEN_FIELD, KEY_FIELD)}

    def _raw(self, name: str, kind: Any) -> Any:
        """What msgspec can convert; None when the person left the field blank."""
        kinds = _members(kind)
        if kinds & {list, tuple, set, frozenset}:
            return [v for v in (value.strip() for value in self.all(name)) if v] or None
        text = self[name].strip()
        if bool in kinds:
            return text.lower() in ("on", "1", "true", "yes")
        if not text:
            return None
        if kinds & {date, datetime} and text.count("/") == 2:
            day, month, year = text.split("/")
            return f"{year:0>4}-{month:0>2}-{day:0>2}"
        if kinds & {float, Decimal}:
            return text.replace(",", ".")
        return text


async def own_form(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard of all routes: what changes something from a page was sent by a form of ours.

    Also where the handler does not read the form, such as a step that is one button. Raises
    FormExpired when the form's token was not made for this session. The API has no forms.
    """
    if not isinstance(connection, litestar.Request) or connection.method in SAFE_METHODS:
        return
    if is_api(connection):
        return
    data = await sent_form(connection)
    connection.scope["state"]["typed"] = data
    who = principal_or_none(connection)
    if who is not None and who.session_id is None:
        return
    token = next((str(value) for name, value in data.multi_items() if name == TOKEN_FIELD), "")
    binding = token_binding(connection)
    key = Site.of(connection).secret_key
    if binding is None or not seals.is_form_token(key, binding, token):
        raise FormExpired(
            "Trang này được mở từ phiên làm việc trước. Nội dung đã nhập vẫn còn:"
            " hãy xem lại rồi gửi lại."
        )


async def read_form(request: Request) -> Form:
    """Provider of the dependency `form`."""
    return form_of((await sent_form(request)).multi_items())


async def sent_form(request: Request) -> FormMultiDict:
    """The form as it came, read once: the dependencies of a handler are resolved at the same time,
    and two readers of one body would each get a part of it.
    """
    lock: anyio.Lock = request.scope["state"].setdefault("form_lock", anyio.Lock())
    async with lock:
        return await request.form()


def form_of(items: typing.Iterable[tuple[str, Any]]) -> Form:
    """Normalise: one form of Unicode, one kind of line end; no NUL, which no database takes."""
    values: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in items:
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(value)
            continue
        text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n")
        if "\0" in text:
            raise Invalid("Có ký tự không đọc được. Hãy gõ lại.", fields={name: "Hãy gõ lại."})
        values.setdefault(name, []).append(text)
    return Form(
        {name: tuple(many) for name, many in values.items()},
        {name: tuple(many) for name, many in files.items()},
    )


def token_binding(request: Request) -> str | None:
    """To what a form's token is bound: the session, or before sign-in the visit.

    None when there is neither yet. A request with an API token needs no form token, because no
    browser sends one by itself.
    """
    who = principal_or_none(request)
    if who is not None:
        return f"session:{who.session_id}"
    visit = request.cookies.get(Site.of(request).cookie_name(VISIT_COOKIE))
    return f"visit:{visit}" if visit else None


def _how_many(faults: int) -> str:
    return "Có một mục cần sửa." if faults == 1 else f"Có {faults} mục cần sửa."


def _shown(value: object) -> tuple[str, ...]:
    if value is None or value is False:
        return ()
    if value is True:
        return ("on",)
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(str(v) for v in value)
    return (str(value),)


def _members(kind: Any) -> set[Any]:
    """The plain types within `Annotated`, `X | None` and generic types."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _members(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        return set().union(*(_members(arg) for arg in typing.get_args(kind)))
    return {origin or kind}
