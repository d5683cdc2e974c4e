"""Published attacks and files that others have broken: never intact, and never a crash.

The table of verdicts stands in `docs/verdicts.md`. Most files are not part of the project; where
they are absent their tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import verdicts
from tests.corpus_authorities import CorpusAuthorities
from tests.outside import outside, require
from tests.signing.papers import READ_AT

SHADOW = "reference/corpus/shadow-attacks"
DAMAGED = "reference/corpus/pyhanko/pdf"
TAMPERED = {Finding.CHANGED, Finding.INVALID}


def files(folder: str, pattern: str = "*.pdf") -> list[Path]:
    found = outside(folder)
    return sorted(found.rglob(pattern)) if found else []


def finding(file: Path) -> Finding:
    return verify_pdf(file.read_bytes(), trust=TrustStore(()), at=READ_AT).verdict


@pytest.mark.parametrize("file", files(SHADOW, "*__4_*.pdf"), ids=lambda file: file.stem)
def test_a_shadow_attack_is_found(file: Path) -> None:
    assert finding(file) in TAMPERED


@pytest.mark.parametrize("file", files(SHADOW, "*__3_*.pdf"), ids=lambda file: file.stem)
def test_the_same_file_before_the_attack_is_only_a_strangers(file: Path) -> None:
    assert finding(file) is Finding.UNVERIFIABLE


@pytest.mark.parametrize("file", files(SHADOW, "*__[12]_*.pdf"), ids=lambda file: file.stem)
def test_the_same_file_before_signing_is_unsigned(file: Path) -> None:
    assert finding(file) is Finding.UNSIGNED


@pytest.mark.parametrize("name", ["one-byterange", "signature-gap-too-big", "tail-uncovered"])
def test_a_signature_that_leaves_bytes_uncovered_is_found(name: str) -> None:
    assert finding(require(f"{DAMAGED}/coverage-anomalies/{name}.pdf")) in TAMPERED


@pytest.mark.parametrize("file", files(DAMAGED, "*sneaky*.pdf"), ids=lambda file: file.stem)
def test_a_sneaky_change_of_an_appearance_is_found(file: Path) -> None:
    assert finding(file) is Finding.CHANGED


def test_no_damaged_file_is_called_intact_and_none_crashes() -> None:
    require(DAMAGED)
    assert Finding.INTACT not in {finding(file) for file in files(DAMAGED)}


# The table, by readers who trust the authorities of these files

SAMPLES = Path(__file__).parents[1] / "corpus" / "verdicts"


@pytest.fixture(scope="module")
def table() -> set[str]:
    return set(verdicts.TABLE.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    "file", sorted(SAMPLES.rglob("*.pdf")), ids=lambda file: str(file.relative_to(SAMPLES))
)
def test_a_sample_gets_the_verdict_of_the_table(file: Path, table: set[str]) -> None:
    name = str(file.relative_to(SAMPLES))
    found = verdicts.row(file, name, CorpusAuthorities(SAMPLES))
    assert found.is_right, found
    assert str(found) in table


def test_the_whole_table_is_what_the_verifier_says() -> None:
    """Every good file is intact, every manipulated one refused, and none ends the verifier."""
    for folder in verdicts.FOLDERS:
        require(folder)
    found = [one for _file, one in verdicts.rows()]
    assert [one for one in found if not one.is_right] == []
    assert verdicts.table(found) == verdicts.TABLE.read_text(encoding="utf-8")
