"""A gate for PDF/A: a checker without Java, with its known false alarms cross-checked.

`assert_pdfa` is shared by the tests of all slices that make PDF files.
"""

from __future__ import annotations

import re

import page

_OBJECT = re.compile(rb"(?<!\d)(\d+) (\d+) obj\b")
_LENGTH = re.compile(rb"/Length\s+(\d+)(?!\s+\d+\s+R)")
_END = re.compile(rb"(?:\r\n|\n|\r)?endstream")


def assert_pdfa(data: bytes, profile: str = "2b", *, signed: bool = False) -> None:
    """Fail with the broken rules unless `data` is PDF/A of this profile ("2b", "3b", …).

    `signed`: the checker calls a signature wrong once another revision follows it, so the byte
    ranges of signed files are for the tests of signatures to judge.
    """
    broken = [rule for rule in _failures(data, profile) if not _is_false_alarm(rule, data, signed)]
    assert broken == [], f"not PDF/A-{profile}: {', '.join(broken)}"


def _failures(data: bytes, profile: str) -> list[str]:
    report = page.validate_pdf_bytes(data, profile=profile)
    return [failure.rule_id for failure in report.failures]


def _is_false_alarm(rule: str, data: bytes, signed: bool) -> bool:
    # The checker misjudges a stream whose compressed data end in a carriage return.
    if rule.endswith("STREAM-LENGTH-001"):
        return _stream_lengths_are_right(data)
    return signed and rule.endswith("SIGNATURE-BYTERANGE-001")


def _stream_lengths_are_right(data: bytes) -> bool:
    """Whether each direct /Length ends where `endstream` begins."""
    place = 0
    while match := _OBJECT.search(data, place):
        stream = data.find(b"stream", match.end())
        end = data.find(b"endobj", match.end())
        if stream < 0 or 0 <= end < stream:
            place = match.end()
            continue
        length = _LENGTH.search(data, match.end(), stream)
        start = stream + len(b"stream")
        start += 2 if data[start : start + 2] == b"\r\n" else 1
        if length is None:
            place = start
            continue
        place = start + int(length[1])
        if not _END.match(data, place):
            return False
    return True
