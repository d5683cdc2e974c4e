"""Facts of files that a verifier once judged wrongly, with the verdict that is right.

    python -m tests.signing.regressions NAME FILE.pdf --trust DIRECTORY --at TIME --about SENTENCE

writes `facts/NAME.json` from a file that somebody has brought; look at the verdict in it before it
is committed. `tests.signing.bugs` writes those that can be made with the test PKI.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eoffice.signing import evidence, gathering, judging, policy
from eoffice.signing.evidence import AnchorFact, FileFacts
from eoffice.signing.gathering_certificates import anchors_of
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Verdict

FACTS = Path(__file__).with_name("facts")


@dataclass(frozen=True, slots=True)
class Regression:
    name: str
    #: What was wrong, or could be.
    about: str
    at: datetime
    anchors: tuple[AnchorFact, ...]
    facts: FileFacts
    #: The verdict; of each signature and of each time-stamp verdict, indication and level.
    expected: tuple[str, ...]

    def judged(self) -> Verdict:
        return judging.judge(self.facts, anchors=self.anchors, policy=policy.shipped(), at=self.at)

    def write(self) -> None:
        text = json.dumps(
            {
                "about": self.about,
                "at": self.at.isoformat(),
                "expected": list(self.expected),
                "anchors": [evidence.to_json(one) for one in self.anchors],
                "facts": self.facts.to_json(),
            },
            ensure_ascii=False,
            indent=1,
        )
        (FACTS / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Regression:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            name=file.stem,
            about=found["about"],
            at=datetime.fromisoformat(found["at"]),
            anchors=tuple(evidence.from_json(AnchorFact, one) for one in found["anchors"]),
            facts=FileFacts.from_json(found["facts"]),
            expected=tuple(found["expected"]),
        )


def everything() -> Iterator[Regression]:
    """All that were kept, by name."""
    return map(Regression.read, sorted(FACTS.glob("*.json")))


def summary(found: Verdict) -> tuple[str, ...]:
    """What is compared: words for programs, no sentences."""
    return (
        found.verdict.value,
        *(f"{one.field}: {one.indication.value} {one.level.value}" for one in found.signatures),
        # Fields of time-stamps are named at random behind the dash.
        *(f"{one.field.split('-')[0]}: {one.indication.value}" for one in found.timestamps),
    )


def of_file(name: str, about: str, pdf: bytes, *, trust: TrustStore, at: datetime) -> Regression:
    """With the verdict of today as the expected one."""
    facts = gathering.gather(pdf, trust=trust, at=at)
    anchors = anchors_of(trust)
    expected = summary(judging.judge(facts, anchors=anchors, policy=policy.shipped(), at=at))
    return Regression(name, about, at, anchors, facts, expected)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.signing.regressions")
    parser.add_argument("name")
    parser.add_argument("file", type=Path)
    parser.add_argument("--trust", type=Path, required=True)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--about", required=True)
    told = parser.parse_args(arguments)
    trust = TrustStore.from_directory(told.trust)
    made = of_file(told.name, told.about, told.file.read_bytes(), trust=trust, at=told.at)
    made.write()
    print("\n".join(made.expected))


if __name__ == "__main__":
    main()
