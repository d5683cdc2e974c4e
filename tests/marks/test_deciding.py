"""Decisions of the principal are saved cell by cell; cells of one pupil stand or fall together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from eoffice import db
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Outcome
from eoffice.marks import deciding
from eoffice.marks import pages as marks_pages
from eoffice.marks.deciding import Decided, Kind, NotADecision
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.marks.test_years import FIRST, finish, opened, put
from tests.registers import desk as desks
from tests.registers.desk import Desk

NOTHING = Decided(is_chosen=False, outcome=None, reason="")
WHY = "Đã được giúp đỡ, có tiến bộ."


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_pages.pages) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        (Kind.CHOSEN, "X", "x"),
        (Kind.CHOSEN, "có", "x"),
        (Kind.CHOSEN, " ", ""),
        (Kind.OUTCOME, "l", "L"),
        (Kind.OUTCOME, "lên lớp", "L"),
        (Kind.OUTCOME, "ở", "Ở"),
        (Kind.OUTCOME, "O", "Ở"),
        (Kind.OUTCOME, "", ""),
        (Kind.REASON, "  Có   tiến bộ ", "Có tiến bộ"),
    ],
)
def test_cells_are_understood_as_people_write_them(kind: Kind, text: str, shown: str) -> None:
    assert NOTHING.with_cell(kind, text).shown(kind) == shown


@pytest.mark.parametrize(("kind", "text"), [(Kind.CHOSEN, "8"), (Kind.OUTCOME, "T")])
def test_what_decides_nothing_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(NotADecision):
        NOTHING.with_cell(kind, text)


def test_the_tag_of_a_cell_is_short_and_changes_with_it() -> None:
    assert deciding.tag("") == '""'
    assert len(deciding.tag(WHY * 20)) == 18
    assert deciding.tag("L") != deciding.tag("Ở")
    assert Decided(True, Outcome.PROMOTED, "").shown(Kind.OUTCOME) == "L"


def weak_class(desk: Desk, at: datetime) -> str:
    """A primary class in which everybody but the first pupil has done well."""
    with db.system_transaction() as session:
        class_id = opened(session, desk.cast, at, "TT27/2020")
        finish(session, desk.cast, class_id, at)
        put(session, class_id, FIRST, "TOAN", Semester.SECOND, Part.FINAL_TEST, Decimal("3.0"))
    return f"/registers/classes/{class_id}/decisions"


def names(html: str) -> list[str]:
    return re.findall(r'<input id="f-([^"]+)" name="[^"]+" value="[^"]*" data-cell', html)


def test_decisions_are_saved_cell_by_cell_and_by_the_button(desk: Desk, at: datetime) -> None:
    path = weak_class(desk, at)
    html = desk.page("school_principal", path).text
    (outcome,) = [name for name in names(html) if name.endswith(".outcome")]
    reason = outcome.replace(".outcome", ".reason")
    others = [name for name in names(html) if name.endswith(".chosen")]

    def put_cells(*cells: tuple[str, str, str]) -> Any:
        sent = [{"name": n, "value": v, "seen": s} for n, v, s in cells]
        answer = desk.send(
            "school_principal", f"{path}/cells", {"cells": json.dumps(sent)}, seen_on=path
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    (alone,) = put_cells((outcome, "L", '""'))["cells"]
    assert "lí do" in alone["refused"]
    said = put_cells((reason, WHY, '""'), (outcome, "lên lớp", '""'))
    assert [one["refused"] for one in said["cells"]] == [None, None]
    assert [one["shown"] for one in said["cells"]] == [WHY, "L"]
    assert said["averages"][outcome.partition(".")[0]].startswith("Hoàn thành") or (
        "lên lớp" in said["averages"][outcome.partition(".")[0]].lower()
    )
    (changed,) = put_cells((outcome, "Ở", '""'))["cells"]
    assert "vừa được người khác sửa" in changed["refused"]
    assert changed["tag"] == deciding.tag("L")

    if others:
        wrong = {others[0]: "8"}
        refused = desk.send(
            "school_principal", path, {reason: WHY, outcome: "L", **wrong}, seen_on=path
        )
        assert refused.status_code == 422
        assert 'value="8"' in refused.text
    kept = {reason: WHY, outcome: "Ở"}
    done = desk.send("school_principal", path, kept, seen_on=path)
    assert done.status_code == 303, done.text
    assert 'data-shown="Ở"' in desk.page("school_principal", path).text
    assert not names(desk.page("homeroom_teacher", path).text)
