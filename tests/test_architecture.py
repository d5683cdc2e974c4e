"""Rules of docs/architecture.md that import contracts and linters cannot say."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import eoffice

PACKAGE = Path(eoffice.__file__).parent
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.html"))

#: Where a request, a task or a command begins: here somebody may ask what time it is.
EDGES = {
    "http.py",
    "pages.py",
    "tasks.py",
}
#: Further edges by path: processes, what they share, and steps of several transactions.
FURTHER_EDGES = {
    "app.py",
    "archive/renewal.py",
    "transfers/making.py",
    "transfers/receiving.py",
    "extracts/making.py",
    "cli.py",
    "machine.py",
    "examination.py",
    "relay.py",
    "promised.py",
    "web/idempotency.py",
    "people/authentication.py",
    "documents/document_page.py",
    "documents/copies/copying.py",
    "documents/drafts/drafting.py",
    "documents/books/numbering.py",
    "signing/ceremony.py",
    "signing/sealed_data/sealing.py",
    "registers/data_sealing.py",
    "signing/opened_keys.py",
    "signing/remote_signatures.py",
    "signing/timestamps.py",
    "signing/batches/running.py",
}
#: Programs of one machine and the demo are edges as a whole.
EDGE_PACKAGES = {"embedded", "demo", "commands"}
#: `clock.py` asks the machine; a certificate of the store's inner ports lives in real time.
KNOWS_REAL_TIME = {"clock.py", "embedded/store.py"}
#: Alembic's own environment runs outside of `db.transaction`.
COMMITS = {"migrations/env.py"}

MOST_LINES = 500

#: Tables that name an agency and are open to everybody who is signed in or to processes only.
WITHOUT_ROW_SECURITY = {
    # The directory of all offices: whom can one write to, who stands above whom.
    "units",
}
OWNER_COLUMNS = ("agency_id", "school_id", "sender_agency_id", "recipient_agency_id")


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def calls(file: Path) -> Iterator[tuple[str, int]]:
    """Every call with its line, as "clock.now", "commit" for `anything.commit()`."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name):
                yield f"{owner.id}.{node.func.attr}", node.lineno
            yield node.func.attr, node.lineno


def is_edge(file: Path) -> bool:
    name = name_of(file)
    return (
        file.name in EDGES
        or file.name.endswith(("_http.py", "_pages.py"))
        or name in FURTHER_EDGES
        or name.partition("/")[0] in EDGE_PACKAGES
    )


def offences(found: Iterator[str]) -> str:
    return "\n".join(found)


def test_only_edges_ask_what_time_it_is() -> None:
    """Principle 7: `at` is an argument."""
    assert not offences(
        f"{name_of(file)}:{line}"
        for file in MODULES
        if not is_edge(file)
        for call, line in calls(file)
        if call == "clock.now"
    )


def test_only_the_clock_knows_the_time_of_the_machine() -> None:
    asking = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    assert not offences(
        f"{name_of(file)}:{line} {call}"
        for file in MODULES
        if name_of(file) not in KNOWS_REAL_TIME
        for call, line in calls(file)
        if call in asking
    )


def test_nobody_commits_but_the_edge_that_opened_the_transaction() -> None:
    """Principle 4: `db.transaction` commits at the end of its block, and nothing else does."""
    assert not offences(
        f"{name_of(file)}:{line}"
        for file in MODULES
        if name_of(file) not in COMMITS
        for call, line in calls(file)
        if call == "commit"
    )


def test_no_import_hides_in_a_function() -> None:
    assert not offences(
        f"{name_of(file)}:{node.lineno}"
        for file in MODULES
        for function in ast.walk(tree_of(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_no_import_of_our_own_hides_behind_type_checking() -> None:
    """A cycle that only the type checker sees is a cycle."""
    assert not offences(
        f"{name_of(file)}:{node.lineno}"
        for file in MODULES
        for guard in ast.walk(tree_of(file))
        if isinstance(guard, ast.If) and "TYPE_CHECKING" in ast.unparse(guard.test)
        for node in ast.walk(guard)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("eoffice")
    )


def test_no_file_of_actions_escapes_the_contract_of_imports() -> None:
    """A wildcard of the contract stands for a whole name, so it misses `unit_actions.py`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(
        each
        for each in project["tool"]["importlinter"]["contracts"]
        if each["name"] == "Actions know neither pages nor the broker"
    )
    assert not offences(
        name_of(file)
        for file in MODULES
        if file.name.endswith("_actions.py")
        if f"eoffice.{name_of(file).removesuffix('.py').replace('/', '.')}"
        not in contract["source_modules"]
    )


def test_nothing_happens_by_signal_or_event() -> None:
    """An effect that the reader cannot see at the call does not exist in the reader's mind."""
    assert not offences(
        f"{name_of(file)}:{line} {call}"
        for file in MODULES
        for call, line in calls(file)
        if call in {"event.listen", "event.listens_for", "listens_for"}
    )


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES


def test_names_say_what_a_thing_is() -> None:
    empty = re.compile(r"(?:Manager|Service|Helper|Util|Utils|Handler|Processor|Base|Info|Data)$")
    # SQLAlchemy's own word for the ground of all tables; a sentence that ends with a noun; the
    # name that QCVN 102:2016 gives the element.
    allowed = {"Base", "CannotPlaceData", "OtherInfo"}
    assert not offences(
        f"{name_of(file)}: {node.name}"
        for file in MODULES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ClassDef) and empty.search(node.name) and node.name not in allowed
    )


# --- Pages -----------------------------------------------------------------------------------

#: Pattern -> why the strict content security policy, or a person without script, is hurt by it.
FORBIDDEN_IN_PAGES = {
    r"\sstyle\s*=": "inline style",
    r"<style\b": "inline style",
    r"\son[a-z]+\s*=": "inline script",
    r"<script(?![^>]*\bsrc=)": "inline script",
    r"javascript:": "inline script",
    r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""": "another host",
    r"\|\s*safe\b": "text that is not escaped",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_pages_have_nothing_inline_and_name_no_other_host(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    # Remarks and statements of the template language do not reach the browser.
    page = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    found = [why for pattern, why in FORBIDDEN_IN_PAGES.items() if re.search(pattern, page)]
    assert found == []


def test_styles_and_scripts_name_no_other_host() -> None:
    static = PACKAGE / "web" / "static"
    assert not offences(
        file.relative_to(PACKAGE).as_posix()
        for file in sorted([*static.rglob("*.css"), *static.rglob("*.js")])
        if re.search(r"https?://|@import|\beval\(", file.read_text(encoding="utf-8"))
    )


# --- Row-level security ----------------------------------------------------------------------


def test_every_table_that_belongs_to_an_agency_is_under_row_level_security(engine: Engine) -> None:
    """A query that forgets its filter shows nothing instead of everything."""
    with engine.connect() as connection:
        owned = connection.execute(
            text(
                "select distinct c.relname, c.relrowsecurity,"
                " exists (select from pg_policy p where p.polrelid = c.oid) as has_policy"
                " from pg_class c join pg_attribute a on a.attrelid = c.oid"
                " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
                " and a.attname = any (:columns) and not a.attisdropped"
            ),
            {"columns": list(OWNER_COLUMNS)},
        ).all()
    assert {table for table, _, _ in owned} >= {"documents", "deliveries", "gradebooks", "pupils"}
    unprotected = {table for table, enabled, policy in owned if not (enabled and policy)}
    assert unprotected == WITHOUT_ROW_SECURITY


def test_a_table_under_row_level_security_has_a_policy(engine: Engine) -> None:
    """Without a policy nobody would see anything, and somebody would turn the security off."""
    with engine.connect() as connection:
        bare = connection.scalars(
            text(
                "select relname from pg_class c where relrowsecurity"
                " and not exists (select from pg_policy p where p.polrelid = c.oid)"
            )
        ).all()
    assert bare == []


def test_functions_with_the_rights_of_the_owner_fix_their_search_path(engine: Engine) -> None:
    """Otherwise a caller could slip its own table or operator in."""
    with engine.connect() as connection:
        loose = connection.scalars(
            text(
                "select proname from pg_proc where prosecdef"
                " and pronamespace = 'public'::regnamespace"
                " and not coalesce(array_to_string(proconfig, ',') like '%search_path=%', false)"
            )
        ).all()
    assert loose == []


def test_the_web_process_cannot_delete_documents_registers_or_archive(engine: Engine) -> None:
    with engine.connect() as connection:
        removable = set(
            connection.scalars(
                text(
                    "select table_name from information_schema.role_table_grants"
                    " where grantee = 'eoffice_app' and privilege_type in ('DELETE', 'TRUNCATE')"
                )
            )
        )
    kept = {"documents", "document_versions", "book_entries", "deliveries", "arrivals"}
    kept |= {"gradebooks", "pupils", "archive_entries", "audit_events", "signature_requests"}
    assert removable & kept == set()


# --- What is in the repository ---------------------------------------------------------------


def test_nothing_names_a_directory_of_somebodys_machine() -> None:
    folders = "|".join(["home", "Users", "root", "work"])
    private = re.compile(rf"(?<![\w.}}])/(?:{folders})/\w|[A-Z]:\\Users\\")
    kinds = {".py", ".md", ".toml", ".yaml", ".html", ".css", ".js", ".sh", ".typ"}
    places = [
        *(ROOT / name for name in ("eoffice", "tests", "docs", "benchmarks", "deploy")),
        *(ROOT / "scripts").iterdir(),
        *(file for file in ROOT.glob("*.*") if file.is_file()),
        ROOT / "Dockerfile",
    ]
    files = [
        file
        for place in places
        for file in (place.rglob("*") if place.is_dir() else [place])
        if file.is_file() and (file.suffix in kinds or file.parent.name == "scripts")
    ]
    assert not offences(
        file.relative_to(ROOT).as_posix()
        for file in files
        if private.search(file.read_text(encoding="utf-8"))
    )
