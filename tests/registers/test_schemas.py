"""What is published under docs/schemas is what the registers hold, as JSON and as XML."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree

from eoffice.registers import gradebook, gradebook_shape
from eoffice.registers.kinds import shapes, table
from eoffice.registers.kinds.shapes import XmlUnwritable
from tests import schemas
from tests.registers import cast as gradebook_cast
from tests.registers import register_cast as cast

KINDS = [one.kind for one in table.KINDS]


@pytest.fixture(params=KINDS)
def data(request: pytest.FixtureRequest) -> table.Json:
    return cast.data(request.param)


def test_the_published_schemas_are_those_of_the_code() -> None:
    published = {file.name: file.read_bytes() for file in schemas.FOLDER.iterdir()}

    assert published == dict(schemas.schemas()), "run python -m tests.schemas"


def test_the_data_follow_their_json_schema(data: table.Json) -> None:
    kind = table.kind_of(data)
    schema = shapes.json_schema(kind.format, kind.shape)

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(table.encoded(data)), schema)


def test_the_data_as_xml_follow_their_xml_schema(data: table.Json) -> None:
    kind = table.kind_of(data)
    schema = etree.XMLSchema(
        etree.fromstring(shapes.xsd(kind.root, kind.namespace, kind.format, kind.shape))
    )

    schema.assertValid(etree.fromstring(table.xml_of(data)))


def test_the_xml_says_every_value_that_the_json_says(data: table.Json) -> None:
    root = etree.fromstring(table.xml_of(data))
    texts = sorted(element.text for element in root.iter() if element.text and element.text.strip())

    assert texts == sorted(_leaves(data))


def test_the_same_data_give_the_same_xml(data: table.Json) -> None:
    assert table.xml_of(data) == table.xml_of(json.loads(table.encoded(data)))


def test_the_gradebook_follows_its_schemas_too() -> None:
    data = json.loads(gradebook.encoded(gradebook_cast.data()))
    shape, namespace = gradebook_shape.SHAPE, gradebook_shape.NAMESPACE
    xsd = shapes.xsd(gradebook_shape.ROOT, namespace, gradebook.FORMAT, shape)

    jsonschema.validate(data, shapes.json_schema(gradebook.FORMAT, shape))
    root = etree.fromstring(gradebook_shape.xml_of(data))
    etree.XMLSchema(etree.fromstring(xsd)).assertValid(root)
    texts = sorted(one.text for one in root.iter() if one.text and one.text.strip())
    assert texts == sorted(_leaves(data))


def test_a_text_that_xml_cannot_carry_is_refused() -> None:
    data = cast.data(table.RegisterKind.ROLL_BOOK)
    data["entered"]["of_class"]["name"] = "8A\x01"

    with pytest.raises(XmlUnwritable):
        table.xml_of(data)


def _leaves(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for value in data.values() for text in _leaves(value)]
    if isinstance(data, list):
        return [text for value in data for text in _leaves(value)]
    if data is None or data == "":
        return []
    return [str(data).lower() if isinstance(data, bool) else str(data)]
