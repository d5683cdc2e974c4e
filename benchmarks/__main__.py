"""`python -m benchmarks [NAME…]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks import (
    class_lists,
    desk,
    figures,
    imports,
    issue,
    numbers,
    pages,
    reading,
    recipients,
    rendering,
    report_books,
    rules,
    search,
    signatures,
    signing,
    start,
    uploads,
    year_end,
)
from benchmarks.figures import Figure

BENCHMARKS: dict[str, tuple[Callable[[], Sequence[Figure]], str]] = {
    "start": (start.measure, "scripts/start to the first page, first and second time"),
    "issue": (issue.measure, "dispatches issued to 55 recipients, and their delivery"),
    "recipients": (recipients.measure, "an issue to 1,000 units until every recipient sees it"),
    "numbers": (numbers.measure, "10,000 numbers of one book taken by 32 threads"),
    "search": (search.measure, "searches of an agency with many documents"),
    "uploads": (uploads.measure, "100 text PDFs from upload to searchable"),
    "desk": (desk.measure, "desk and list of an agency with many documents"),
    "pages": (pages.measure, "pages of the running demo (scripts/start, eoffice demo)"),
    "reading": (reading.measure, "a scan of 200 pages in the reader, beside pdftoppm"),
    "signing": (signing.measure, "one dispatch signed, numbered, sealed, archived, verified"),
    "signatures": (
        signatures.measure,
        "signatures and verifications per CPU-second, and the memory of a file of 250 MB",
    ),
    "rendering": (rendering.measure, "a dispatch and a gradebook of 42 pupils as PDF"),
    "report_books": (
        report_books.measure,
        "3,000 report books set, signed and sealed, told for 300,000",
    ),
    "imports": (imports.measure, "the marks of 2,025 pupils from one workbook, beside COPY"),
    "class_lists": (class_lists.measure, "the lists of 2,025 pupils from one file, beside COPY"),
    "year_end": (year_end.measure, "the year's end of a school of 1,200 pupils"),
    "rules": (rules.measure, "pupils assessed under Circular 22"),
}


def main(names: Sequence[str]) -> int:
    """Run what is named; 2 when a name is unknown, 1 when one cannot run here."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown or not names:
        for name in unknown:
            print(f"unknown: {name}", file=sys.stderr)
        for name, (_, what) in BENCHMARKS.items():
            print(f"{name:<12} {what}")
        return 2 if unknown else 0
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # As in a worker: where Python's own handler stands, asyncio.run spells out what it awaited.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    for name in names:
        load_before = round(os.getloadavg()[0], 2)
        begun = time.perf_counter()
        try:
            found = BENCHMARKS[name][0]()
        except pages.NotRunning as missing:
            print(f"{name}: {missing}", file=sys.stderr)
            return 1
        took_s = time.perf_counter() - begun
        figures.tell(name, found, took_s=took_s, load_before=load_before)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
