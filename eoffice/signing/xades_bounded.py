"""Verification of XML in a child process with limits of time and memory, for files from outside.

A tree of small elements takes many times the memory of its file. The child gets neither settings
nor secrets.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from eoffice.files import bounded
from eoffice.signing import policy, xades
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.xades_verification import Signed, verify_xml

_PACKAGES: Final = Path(__file__).parents[2]
_MEMORY_MIB: Final = 1536
_SECONDS: Final = 30


def verify_xml_bounded(
    document: bytes,
    *,
    trust: TrustStore,
    at: datetime,
    memory_mib: int = _MEMORY_MIB,
) -> Signed:
    """The same as `verify_xml`, whatever the file does; nobody is asked. A second to start."""
    if len(document) > xades.LARGEST_BYTES:
        return verify_xml(document, trust=trust, at=at)  # Refused by its length.
    order = json.dumps({"trust": trust.to_json(), "at": at.isoformat()}).encode("ascii")
    environment = {"PYTHONPATH": str(_PACKAGES), "PYTHONUTF8": "1"}
    if chosen := os.environ.get(policy.VARIABLE):
        environment[policy.VARIABLE] = chosen
    try:
        answer = bounded.run(
            (sys.executable, "-m", "eoffice.signing.xades_bounded"),
            content=order + b"\n" + document,
            memory_mib=memory_mib,
            seconds=_SECONDS,
            environment=environment,
        )
        told = json.loads(answer)
        content = None if told["content"] is None else base64.b64decode(told["content"])
        return Signed(Verdict.from_json(told["verdict"]), content)
    except (bounded.ChildFailed, ValueError):
        return Signed(
            Verdict(
                Finding.UNVERIFIABLE,
                "Tệp quá phức tạp hoặc bị hỏng nên không kiểm tra được trong giới hạn cho phép.",
            )
        )


def main() -> None:
    """The child: an order on the first line of standard input, the document behind it."""
    order = json.loads(sys.stdin.buffer.readline())
    found = verify_xml(
        sys.stdin.buffer.read(),
        trust=TrustStore.from_json(order["trust"]),
        at=datetime.fromisoformat(order["at"]),
    )
    content = None if found.content is None else base64.b64encode(found.content).decode("ascii")
    json.dump({"verdict": found.verdict.to_json(), "content": content}, sys.stdout)


if __name__ == "__main__":
    main()
