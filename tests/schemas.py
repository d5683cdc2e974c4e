"""Writes docs/schemas: JSON Schema and XML Schema of the data inside each register.

Regenerate with `python -m tests.schemas`; tests/registers/test_schemas.py holds them to the code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from eoffice.registers import gradebook, gradebook_shape
from eoffice.registers.kinds import shapes, table
from eoffice.transfers import data, package

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"


def schemas() -> Iterator[tuple[str, bytes]]:
    """File name and content of every schema."""
    for kind in {one.format: one for one in table.KINDS}.values():
        name = kind.format.replace("/", "-")
        schema = shapes.json_schema(kind.format, kind.shape)
        yield f"{name}.schema.json", _json(schema)
        yield f"{name}.xsd", shapes.xsd(kind.root, kind.namespace, kind.format, kind.shape)
    yield f"{package.FORMAT.replace('/', '-')}.schema.json", _json(data.json_schema())
    name = gradebook.FORMAT.replace("/", "-")
    schema = shapes.json_schema(gradebook.FORMAT, gradebook_shape.SHAPE)
    yield f"{name}.schema.json", _json(schema)
    yield (
        f"{name}.xsd",
        shapes.xsd(
            gradebook_shape.ROOT,
            gradebook_shape.NAMESPACE,
            gradebook.FORMAT,
            gradebook_shape.SHAPE,
        ),
    )


def _json(schema: shapes.Json) -> bytes:
    return f"{json.dumps(schema, ensure_ascii=False, indent=1)}\n".encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in schemas():
        (FOLDER / name).write_bytes(content)
