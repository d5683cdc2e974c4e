"""Whatever is recorded can be read by people: each action has its phrase."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import eoffice
from eoffice.archive.states import Look
from eoffice.audit import looks, phrases
from eoffice.documents import states as documents
from eoffice.registers import states as registers

PACKAGE = Path(eoffice.__file__).parent


def recorded() -> Iterator[tuple[str, str]]:
    """Every action that stands as text in a call of `record` or of a `_record` around it."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            name = called if isinstance(called, str) else getattr(called, "id", "")
            if name not in {"record", "_record"}:
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            for text in texts:
                if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
                    yield file.relative_to(PACKAGE).as_posix(), text


def test_every_action_has_a_phrase() -> None:
    found = list(recorded())
    without = [(file, action) for file, action in found if action not in phrases.PHRASES]

    assert len(found) > 30
    assert without == []


def test_every_step_of_a_document_and_a_gradebook_has_a_phrase() -> None:
    steps = {f"document.{step.value}" for step in documents.Step}
    steps |= {f"gradebook.{step.value}" for step in registers.Step}

    assert steps - phrases.PHRASES.keys() == set()


def test_looks_are_told_from_deeds() -> None:
    of_archive = {look.value for look in Look} | {"archive.searched"}
    assert of_archive | looks.ACTIONS == phrases.LOOKS
    assert phrases.PHRASES.keys() >= phrases.LOOKS


def test_details_fill_the_phrase_in_the_words_of_the_office() -> None:
    assert phrases.what("document.number", {"number": "960/SGDĐT"}) == "Cấp số 960/SGDĐT"
    said = phrases.what("archive.fixity_checked", {"outcome": "changed"})
    assert said == "Đối chiếu bản lưu với mã băm: đã bị thay đổi"


def test_a_detail_that_is_not_there_leaves_a_gap_and_an_unknown_action_its_name() -> None:
    assert phrases.what("document.number", {}) == "Cấp số …"
    assert phrases.what("ship.launched", {}) == "ship.launched"


def test_processes_are_named_by_what_they_are() -> None:
    assert phrases.who("process", "worker:archive.ingest", None) == "Tiến trình tự động"
    assert phrases.who("process", "unknown:x", None) == "unknown:x"
    assert phrases.who("person", "Trần Thị Hoa", "Văn thư") == "Trần Thị Hoa, Văn thư"
    assert phrases.who("person", "Trần Thị Hoa", None) == "Trần Thị Hoa"
