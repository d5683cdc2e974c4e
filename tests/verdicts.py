"""The table of verdicts over the files that others made to test and to fool verifiers.

    python -m tests.verdicts [--write] [FOLDER…]

Prints of each file our verdict, its ETSI indication, what pdfsig says, and the reason; `--write`
writes `docs/verdicts.md`. The files are outside of the project (`tests.outside`); a folder that is
absent is named. Each is read by somebody who trusts the authorities of the corpus it belongs to, a
day after it says that it was signed, or on the last day of the signer's certificate where that is
earlier; the authorities answer for themselves (`tests.corpus_authorities`). So a good file must be
intact, and a manipulated one is refused for what was done to it and not for want of an anchor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from eoffice.signing import gathering, judging, policy
from eoffice.signing.evidence import FileFacts
from eoffice.signing.gathering_certificates import Pool, anchors_of
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from tests.corpus_authorities import CorpusAuthorities
from tests.outside import outside
from tests.signing.papers import READ_AT

PYHANKO = "reference/corpus/pyhanko"
SHADOW = "reference/corpus/shadow-attacks"
FOLDERS = (PYHANKO, SHADOW)
TABLE = Path(__file__).parents[1] / "docs" / "verdicts.md"
_KEYS = "crypto"
_PDFSIG_S = 20


class Wanted(StrEnum):
    GOOD = "good"
    REFUSED = "refused"
    #: Whole, but nothing says whether its certificates were revoked, or it cannot be opened.
    OPEN = "open"
    UNSIGNED = "unsigned"


#: Parts of names of files that somebody changed after signing, or made against the standards, by
#: the word of those who made them.
_REFUSED = (
    "__4_",
    "sneaky",
    "coverage-anomalies",
    "not-all-paths",
    "disallowed-hash",
    "econtent",
)
#: Signed by an authority whose key is not in the corpus, so that nobody speaks for it.
_OPEN = ("no-sig-type",)
_ALLOWED = {
    Wanted.GOOD: {Finding.INTACT},
    Wanted.REFUSED: {Finding.CHANGED, Finding.INVALID},
    Wanted.OPEN: {Finding.UNVERIFIABLE},
    Wanted.UNSIGNED: {Finding.UNSIGNED},
}


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    wanted: Wanted
    verdict: Finding
    #: Of each signature, in the order of the file.
    indications: tuple[str, ...]
    reason: str

    @property
    def is_right(self) -> bool:
        return self.verdict in _ALLOWED[self.wanted]

    def __str__(self) -> str:
        said = ", ".join(dict.fromkeys(self.indications)) or "–"
        return f"| {self.file} | {self.wanted} | {self.verdict} | {said} | {self.reason} |"


def rows(folders: Sequence[str] = FOLDERS) -> Iterator[tuple[Path, Row]]:
    """A row for each PDF of these folders, in order of their names."""
    keys = outside(f"{PYHANKO}/{_KEYS}")
    for folder in folders:
        found = outside(folder)
        if found is None or keys is None:
            print(f"not here: {folder}", file=sys.stderr)
            continue
        authorities = CorpusAuthorities(keys)
        for file in sorted(found.rglob("*.pdf")):
            yield file, row(file, f"{Path(folder).name}/{file.relative_to(found)}", authorities)


def row(file: Path, name: str, authorities: CorpusAuthorities) -> Row:
    said, facts = verdict_of(file.read_bytes(), authorities)
    return Row(
        file=name,
        wanted=_wanted(name, facts),
        verdict=said.verdict,
        indications=tuple(one.indication.value for one in said.signatures),
        reason=said.reason,
    )


def verdict_of(pdf: bytes, authorities: CorpusAuthorities) -> tuple[Verdict, FileFacts]:
    """The verdict of a reader who trusts the file's own test authorities, near its date."""
    pool = Pool(TrustStore())
    facts = gathering.gather(pdf, trust=TrustStore(), at=READ_AT, pool=pool)
    trust = authorities.roots(pool.certificates)
    at = _read_at(facts)
    told = gathering.gather(pdf, trust=trust, at=at, desk=authorities.desk(at))
    return judging.judge(told, anchors=anchors_of(trust), policy=policy.shipped(), at=at), told


def _read_at(facts: FileFacts) -> datetime:
    claimed = [one.claimed_at for one in facts.signatures if one.claimed_at is not None]
    ends = [facts.known.certificates[one.signer].not_after for one in facts.signatures]
    day = timedelta(days=1)
    return min([max(claimed) + day, *(end - day for end in ends)]) if claimed else READ_AT


def _wanted(name: str, facts: FileFacts) -> Wanted:
    if facts.trouble is not None:
        return Wanted.OPEN
    if not facts.signatures and not facts.unreadable:
        return Wanted.UNSIGNED
    if any(part in name for part in _REFUSED):
        return Wanted.REFUSED
    return Wanted.OPEN if any(part in name for part in _OPEN) else Wanted.GOOD


def pdfsig(file: Path) -> str:
    """What pdfsig says of the signatures in the file, each word once with its number."""
    if shutil.which("pdfsig") is None:
        return "not installed"
    try:
        done = subprocess.run(
            ["pdfsig", "-nocert", str(file)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PDFSIG_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "does not end"
    words = Counter(
        line.partition("Signature Validation:")[2].strip().rstrip(".")
        for line in done.stdout.splitlines()
        if "Signature Validation:" in line
    )
    if not words:
        return "ends with a signal" if done.returncode < 0 else "no signature"
    return ", ".join(f"{count} × {word}" for word, count in words.items())


def summary(found: Sequence[Row]) -> str:
    """By folder: how many files got which word."""
    folders = dict.fromkeys(str(Path(one.file).parent) for one in found)
    lines = ["| folder | files | " + " | ".join(Finding) + " |"]
    lines.append("|---|---|" + "---|" * len(Finding))
    for folder in folders:
        own = Counter(one.verdict for one in found if str(Path(one.file).parent) == folder)
        counts = " | ".join(str(own[word] or "") for word in Finding)
        lines.append(f"| {folder} | {own.total()} | {counts} |")
    return "\n".join(lines)


def table(found: Sequence[Row]) -> str:
    """`docs/verdicts.md`: files without signatures are counted, all others have a row."""
    signed = [one for one in found if one.wanted is not Wanted.UNSIGNED]
    return "\n".join(
        (
            "# Verdicts over the files of others",
            "",
            "Written by `python -m tests.verdicts --write`, and compared with what the verifier "
            "says now in",
            "[test_attacks](../tests/signing/test_attacks.py). Each file is read by somebody who "
            "trusts the test",
            "authorities of its corpus (pyHanko's, MIT; RUB-NDS, shadow attacks), a day after it "
            "says that it was",
            "signed, or on the last day of the signer's certificate where that is earlier. "
            "*Wanted* is what those",
            "who made the file say of it: a *good* file must be `intact`, one to be *refused* "
            "`changed` or",
            "`invalid`; an *open* one has a password, is damaged beyond reading, or was signed by "
            "an authority",
            "for which nobody speaks. None ends the verifier.",
            "",
            summary(found),
            "",
            "| file | wanted | verdict | indication | reason |",
            "|---|---|---|---|---|",
            *map(str, signed),
            "",
        )
    )


def main(arguments: Sequence[str]) -> int:
    """1 when a manipulated file was accepted, or a good one was not."""
    folders = [one for one in arguments if not one.startswith("--")] or FOLDERS
    found: list[Row] = []
    for file, one in rows(folders):
        found.append(one)
        if one.wanted is not Wanted.UNSIGNED:
            print(f"{one}\n    pdfsig: {pdfsig(file)}")
    print("\n" + summary(found))
    if "--write" in arguments:
        TABLE.write_text(table(found), encoding="utf-8")
    wrong = [one for one in found if not one.is_right]
    for one in wrong:
        print(f"wanted {one.wanted}, found {one.verdict}: {one.file}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
