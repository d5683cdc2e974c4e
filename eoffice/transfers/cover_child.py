"""Looks into the cover of a package in a child process: the manifest inside it.

Started by `verification.py` through `eoffice.files.bounded`; reads the file from standard input,
writes JSON. Imports the parser and nothing of the office.
"""

import base64
import io
import json
import sys

import pikepdf

LARGEST_MANIFEST_BYTES = 100_000

if __name__ == "__main__":
    with pikepdf.open(io.BytesIO(sys.stdin.buffer.read())) as file:
        attachment = file.attachments.get("manifest.json")
        content = b"" if attachment is None else attachment.get_file().read_bytes()
    if len(content) > LARGEST_MANIFEST_BYTES:
        raise ValueError("too large")
    sys.stdout.write(json.dumps({"manifest": base64.b64encode(content).decode("ascii")}))
