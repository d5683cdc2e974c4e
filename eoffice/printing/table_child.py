"""Sets one printed table in a child process: JSON of the page in, JSON with the PDF out.

Started by `printed_table.compose_bounded` through `bounded`. What is set comes from the office
itself; the bounds are for its length. No settings, no database, no network.
"""

import base64
import json
import sys
from dataclasses import asdict
from datetime import datetime

from eoffice.printing import printed_table, typesetting


def made(given: bytes) -> bytes:
    """The page that `printed_table` laid out, and where its signatures go."""
    page = json.loads(given)
    composed = typesetting.compose(
        printed_table.FORM, page["data"], at=datetime.fromisoformat(page["at"])
    )
    answer = {
        "pdf": base64.b64encode(composed.pdf).decode("ascii"),
        "placeholders": [asdict(each) for each in composed.placeholders],
    }
    return json.dumps(answer).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(made(sys.stdin.buffer.read()))
