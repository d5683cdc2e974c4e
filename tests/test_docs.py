"""The documentation is true: what it names exists, what it draws is what the program does."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice import app, clock, outbox, settings
from eoffice.db import new_id
from eoffice.outbox import Claim, Promise, PromiseState
from eoffice.signing import policy
from tests import diagrams
from tests.diagrams import CYCLES, PROMISES, PromiseStep

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        *DOCS.rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    ]
)
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))

_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"(?:eoffice|tests|benchmarks|scripts|deploy|docs)/[\w./-]+")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def spans(page: Path) -> list[str]:
    """What stands between backticks, outside of blocks."""
    return _CODE.findall(_FENCED.sub("", text_of(page)))


def anchors(page: Path) -> set[str]:
    """Headings as the addresses that renderers make of them."""
    found = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(page)), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in found)
    return {heading.strip().replace(" ", "-") for heading in plain}


def rows(page: Path) -> Iterator[list[str]]:
    """The cells of every table row, without heads and rulers."""
    lines = text_of(page).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        is_row = line.startswith("|") and before.startswith("|") and not line.startswith("|--")
        if is_row:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


@cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def resolve(dotted: str) -> object:
    """What `documents.books.take_number` means below the package eoffice. Raises otherwise."""
    parts = ["eoffice", *dotted.split(".")]
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as missing:
            if missing.name is None or not missing.name.startswith("eoffice"):
                raise
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise LookupError(dotted)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_FENCED.sub("", text_of(page))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(found), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_and_test_that_is_named_exists(page: Path) -> None:
    for span in spans(page):
        if named := _TEST.fullmatch(span):
            assert named[2] in functions_of(ROOT / named[1]), f"{page.name}: {span}"
        elif _FILE.fullmatch(span):
            assert (ROOT / span).exists(), f"{page.name}: {span}"


def test_every_page_can_be_reached_from_the_index() -> None:
    seen = {DOCS / "index.md"}
    waiting = list(seen)
    while waiting:
        page = waiting.pop()
        for target in _LINK.findall(text_of(page)):
            found = (page.parent / target.partition("#")[0]).resolve()
            if found.suffix == ".md" and found.exists() and found not in seen:
                seen.add(found)
                waiting.append(found)
    assert set(DOCS.rglob("*.md")) <= seen


def test_the_two_commands_of_the_readme_exist() -> None:
    for command in ("scripts/start", "scripts/test"):
        assert command in text_of(ROOT / "README.md")
        assert (ROOT / command).exists()


def test_the_layers_that_are_drawn_are_those_that_are_enforced() -> None:
    configured = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    (line,) = [each for each in configured["contracts"] if each["type"] == "layers"]
    enforced = [re.sub(r"\(?eoffice\.(\w+)\)?", r"\1", layer) for layer in line["layers"]]
    blocks = re.findall(
        r"^```\n(.*?)^```$", text_of(DOCS / "architecture.md"), re.DOTALL | re.MULTILINE
    )
    drawn = [[re.split(r"  +", row)[0] for row in block.splitlines()] for block in blocks]
    assert enforced in drawn


def test_every_request_that_is_named_is_answered() -> None:
    answered = {
        (method, re.sub(r"\{[^}]*\}", "{}", route.path_format).rstrip("/"))
        for router in app.ROUTES
        for route in router.routes
        for method in route.methods
    }
    named = [
        (method, re.sub(r"\{[^}]*\}", "{}", path).rstrip("/"))
        for page in PAGES
        for span in spans(page)
        for method, path in re.findall(r"^(GET|POST|PUT|DELETE) (/\S+)$", span)
    ]
    assert len(named) > 40
    assert [request for request in named if request not in answered] == []


def test_operations_explain_every_variable() -> None:
    read_by = (settings, clock, policy)
    sources = [*(Path(str(module.__file__)) for module in read_by), ROOT / "compose.yaml"]
    pattern = re.compile(r"\b((?:EOFFICE_|DATABASE_)[A-Z0-9_]+)\b")
    read = {name for file in sources for name in pattern.findall(text_of(file))}
    told = {span for span in spans(DOCS / "operations.md") if pattern.fullmatch(span)}
    assert read - told == set()
    assert told - read == set(), "explained, but nobody reads it"


class TestLaw:
    """Each rule of the law names where it is, and the test that proves it."""

    rules = [row for row in rows(DOCS / "law.md") if len(row) == 4]  # noqa: RUF012 -- read once

    def test_there_are_rules(self) -> None:
        assert len(self.rules) > 40

    @pytest.mark.parametrize("rule", rules, ids=lambda rule: rule[0][:60])
    def test_the_place_of_the_rule_exists(self, rule: list[str]) -> None:
        places = _CODE.findall(rule[2])
        assert places
        for place in places:
            if "/" in place:
                assert (ROOT / place).exists(), place
            else:
                resolve(place)

    @pytest.mark.parametrize("rule", rules, ids=lambda rule: rule[0][:60])
    def test_a_test_proves_the_rule(self, rule: list[str]) -> None:
        proofs = _CODE.findall(rule[3])
        assert proofs
        assert all(_TEST.fullmatch(proof) for proof in proofs)


def test_the_words_of_the_glossary_are_in_use() -> None:
    entries = [row for row in rows(DOCS / "glossary.md") if len(row) == 3]
    assert len(entries) > 60
    for term, identifiers, places in entries:
        homes = [ROOT / place for place in _CODE.findall(places)]
        files = [
            file for home in homes for file in ([home] if home.is_file() else home.rglob("*.py"))
        ]
        code = "".join(map(text_of, files))
        for identifier in _CODE.findall(identifiers):
            assert re.search(rf"\b{re.escape(identifier)}\b", code), (term, identifier, places)


def test_decisions_are_numbered_without_gaps_and_each_names_what_enforces_it() -> None:
    assert [page.name[:4] for page in DECISIONS] == [
        f"{number:04}" for number in range(1, len(DECISIONS) + 1)
    ]
    for page in DECISIONS:
        _, _, check = text_of(page).partition("\n## Enforced by\n")
        assert _CODE.findall(check), page.name


def test_the_documentation_names_nothing_outside_of_the_project() -> None:
    for page in PAGES:
        assert not re.search(r"(?<![\w.])\.\./\.\./\.\.|shared/", text_of(page)), page.name


# --- Life cycles -----------------------------------------------------------------------------


def test_the_diagrams_are_those_of_the_tables() -> None:
    page = text_of(diagrams.PAGE)
    assert sorted(diagrams.shown_on(page)) == sorted(CYCLES)
    assert page == diagrams.written_into(page), "run: python -m tests.diagrams"


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_has_an_end(name: str) -> None:
    assert CYCLES[name].ends()


@pytest.mark.parametrize("step", PromiseStep)
@pytest.mark.parametrize("state", PromiseState)
def test_a_promise_moves_as_it_is_drawn(
    session: Session, at: datetime, state: PromiseState, step: PromiseStep
) -> None:
    promise = Promise(
        id=new_id(),
        task="routing.deliver",
        payload={},
        state=state,
        promised_at=at,
        due_at=at,
        attempts=1,
    )
    session.add(promise)
    session.flush()

    _take(session, promise.id, step, at)

    session.flush()
    session.refresh(promise)
    assert promise.state is PROMISES.get((state, step), state)


def _take(session: Session, promise_id: UUID, step: PromiseStep, at: datetime) -> None:
    match step:
        case PromiseStep.HAND_OVER:
            outbox.hand_over(session, at=at)
        case PromiseStep.CLAIM:
            outbox.claim(session, promise_id, at=at)
        case PromiseStep.KEEP:
            outbox.keep(session, promise_id, at=at)
        case PromiseStep.PUT_OFF:
            outbox.put_off(session, Claim(promise_id, {}, 1), at=at, why="tests")
        case PromiseStep.GIVE_UP:
            last = Claim(promise_id, {}, outbox.MOST_ATTEMPTS)
            outbox.put_off(session, last, at=at, why="tests")
