"""A process that makes a software token with one key of the cast: `python -m tests.agent.plugged`.

In a process of its own, for a PKCS#11 library reads the place of its tokens once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eoffice.embedded.pki import issue
from tests import pki as cast
from tests.signing import softhsm


def main() -> None:
    """Arguments: the directory of the PKI, the directory for the token, the label of the key."""
    pki, directory, label = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    (subject,) = [each for each in cast.CAST if each.label == label]
    softhsm.make_token(issue.load(pki), [subject], directory)


if __name__ == "__main__":
    main()
