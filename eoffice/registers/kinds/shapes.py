"""The structure of a register's data, said once: its XML and its two published schemas follow.

A shape is derived from the dataclasses that hold the data (`shape_of`), so that a field which is
added there is in JSON, XML, JSON Schema and XSD at once. In XML a field is an element of its name,
a list has one element for each item, an entry of a mapping bears its key as attribute, and what is
null is left out.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeAlias

from lxml import etree as lxml_etree

from eoffice.errors import Invalid

Json: TypeAlias = Any

#: The stubs of the library know no namespace map whose key is None.
etree: Any = lxml_etree
_XS: Final = "http://www.w3.org/2001/XMLSchema"
_JSON_SCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"


class XmlUnwritable(Invalid):
    """A text of the register holds characters that XML cannot carry."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text; `xsd` names its type, `pattern` and `values` say what it may be."""

    xsd: str = "string"
    pattern: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """Null, or what `shape` says."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Absent:
    """A field of a record that some data do not have: older ones, and those that need none."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class ListOf:
    name: str
    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    name: str
    item: Shape


@dataclass(frozen=True, slots=True)
class Record:
    fields: Mapping[str, Shape] = field(hash=False)


Shape: TypeAlias = Text | Whole | Flag | Maybe | Absent | ListOf | MapOf | Record

#: A mark or an average: a text, since a JSON number would be a binary fraction.
DECIMAL: Final = Text("decimal", r"\d+(\.\d+)?")
DATE: Final = Text("date", r"\d{4}-\d{2}-\d{2}")
INSTANT: Final = Text("dateTime")
#: Subjects that a version which corrects others leaves as they were signed before.
CITED: Final = Absent(
    ListOf(
        "citation",
        Record({"subject": Text(), "version": Whole(), "signer": Text(), "signed_at": INSTANT}),
    )
)
_PLAIN: Final[dict[object, Shape]] = {
    str: Text(),
    int: Whole(),
    bool: Flag(),
    Decimal: DECIMAL,
    date: DATE,
    datetime: INSTANT,
}


def shape_of(kind: object) -> Shape:
    """The shape of what a type annotation holds. Raises TypeError: it has none."""
    return _shape_of(kind)


@cache
def _shape_of(kind: Hashable) -> Shape:
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        (one,) = (argument for argument in arguments if argument is not type(None))
        return Maybe(shape_of(one))
    if origin is tuple:
        return ListOf(_item_name(arguments[0]), shape_of(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return MapOf("entry", shape_of(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Text(values=tuple(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return Record({one.name: shape_of(hints[one.name]) for one in fields(kind)})
    raise TypeError(f"no shape for {kind!r}")


def xml(root: str, namespace: str, shape: Shape, data: Json) -> bytes:
    """`data` as XML in UTF-8; the same bytes for the same data. Raises XmlUnwritable."""
    element = etree.Element(f"{{{namespace}}}{root}", nsmap={None: namespace})
    try:
        _fill(element, namespace, shape, data)
    except ValueError as error:
        raise XmlUnwritable(
            "Dữ liệu của sổ có ký tự điều khiển mà XML không ghi được. Hãy xóa ký tự đó."
        ) from error
    return _written(element)


def json_schema(title: str, shape: Shape) -> Json:
    """The shape as JSON Schema, draft 2020-12."""
    return {"$schema": _JSON_SCHEMA, "title": title, **_json(shape)}


def xsd(root: str, namespace: str, title: str, shape: Shape) -> bytes:
    """The shape as XML Schema 1.0."""
    schema = etree.Element(
        f"{{{_XS}}}schema",
        {"targetNamespace": namespace, "elementFormDefault": "qualified"},
        nsmap={"xs": _XS},
    )
    notes = etree.SubElement(schema, f"{{{_XS}}}annotation")
    etree.SubElement(notes, f"{{{_XS}}}documentation").text = title
    _element(schema, root, shape)
    return _written(schema)


def _written(element: Any) -> bytes:
    return bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _item_name(kind: object) -> str:
    if isinstance(kind, type) and is_dataclass(kind):
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")
    return "value"


def _tag(key: str) -> str:
    """The element of a field: a name cannot begin with a digit, as the semesters' keys do."""
    return f"semester_{key}" if key[0].isdigit() else key


def _fill(element: Any, namespace: str, shape: Shape, data: Json) -> None:
    def child(name: str, inner: Shape, value: Json) -> Any:
        if value is None:
            return None
        made = etree.SubElement(element, f"{{{namespace}}}{name}")
        _fill(made, namespace, inner, value)
        return made

    match shape:
        case Record():
            for key, inner in shape.fields.items():
                if not isinstance(inner, Absent):
                    child(_tag(key), inner, data[key])
                elif key in data:
                    child(_tag(key), inner.shape, data[key])
        case ListOf():
            for value in data:
                child(shape.name, shape.item, value)
        case MapOf():
            for key in sorted(data):
                made = child(shape.name, shape.item, data[key])
                if made is not None:
                    made.set("key", key)
        case Maybe():
            _fill(element, namespace, shape.shape, data)
        case Flag():
            element.text = "true" if data else "false"
        case _:
            element.text = str(data)


def _json(shape: Shape) -> Json:
    match shape:
        case Record():
            return {
                "type": "object",
                "properties": {key: _json(inner) for key, inner in shape.fields.items()},
                "required": [
                    key for key, inner in shape.fields.items() if not isinstance(inner, Absent)
                ],
                "additionalProperties": False,
            }
        case ListOf():
            return {"type": "array", "items": _json(shape.item)}
        case MapOf():
            return {"type": "object", "additionalProperties": _json(shape.item)}
        case Absent():
            return _json(shape.shape)
        case Maybe():
            return {"anyOf": [_json(shape.shape), {"type": "null"}]}
        case Whole():
            return {"type": "integer"}
        case Flag():
            return {"type": "boolean"}
        case Text():
            said: Json = {"type": "string"}
            if shape.values:
                said["enum"] = list(shape.values)
            if shape.pattern:
                said["pattern"] = f"^({shape.pattern})$"
            if shape.xsd == "dateTime":
                said["format"] = "date-time"
            return said


def _element(parent: Any, name: str, shape: Shape, **attributes: str) -> None:
    if isinstance(shape, Maybe | Absent):
        shape, attributes = shape.shape, {**attributes, "minOccurs": "0"}
    if isinstance(shape, Whole | Flag) or (
        isinstance(shape, Text) and not shape.values and not shape.pattern
    ):
        plain = "integer" if isinstance(shape, Whole) else "boolean"
        kind = shape.xsd if isinstance(shape, Text) else plain
        etree.SubElement(parent, f"{{{_XS}}}element", name=name, type=f"xs:{kind}", **attributes)
        return
    element = etree.SubElement(parent, f"{{{_XS}}}element", name=name, **attributes)
    _type(element, shape)


def _type(element: Any, shape: Shape) -> None:
    if isinstance(shape, Text):
        simple = etree.SubElement(element, f"{{{_XS}}}simpleType")
        narrowed = etree.SubElement(simple, f"{{{_XS}}}restriction", base=f"xs:{shape.xsd}")
        for value in shape.values:
            etree.SubElement(narrowed, f"{{{_XS}}}enumeration", value=value)
        if shape.pattern:
            etree.SubElement(narrowed, f"{{{_XS}}}pattern", value=shape.pattern)
        return
    complex_type = etree.SubElement(element, f"{{{_XS}}}complexType")
    sequence = etree.SubElement(complex_type, f"{{{_XS}}}sequence")
    if isinstance(shape, Record):
        for key, inner in shape.fields.items():
            _element(sequence, _tag(key), inner)
    elif isinstance(shape, ListOf | MapOf):
        _element(sequence, shape.name, shape.item, minOccurs="0", maxOccurs="unbounded")
        if isinstance(shape, MapOf):
            _keyed(sequence[0])


def _keyed(element: Any) -> None:
    """An entry of a mapping bears its key as attribute."""
    key = {"name": "key", "type": "xs:string", "use": "required"}
    holder = element.find(f"{{{_XS}}}complexType")
    if holder is not None:
        etree.SubElement(holder, f"{{{_XS}}}attribute", key)
        return
    plain = element.attrib.pop("type", None)
    simple = element.find(f"{{{_XS}}}simpleType")
    holder = etree.SubElement(element, f"{{{_XS}}}complexType")
    content = etree.SubElement(holder, f"{{{_XS}}}simpleContent")
    if plain is not None:
        extended = etree.SubElement(content, f"{{{_XS}}}extension", base=plain)
        etree.SubElement(extended, f"{{{_XS}}}attribute", key)
        return
    # Narrowed texts under a key: an anonymous type cannot be extended, so the narrowing is left to
    # the JSON Schema and the base type stands here.
    base = simple[0].get("base")
    element.remove(simple)
    extended = etree.SubElement(content, f"{{{_XS}}}extension", base=base)
    etree.SubElement(extended, f"{{{_XS}}}attribute", key)
