"""Looks into one PDF in a child process: embedded gradebook data and the text of each page.

Started by `extraction.py` through `eoffice.files.bounded`; reads the file from standard input,
writes JSON. Imports the two parsers and nothing of the office.
"""

import base64
import io
import json
import sys

import pikepdf
import pypdfium2

DATA_FILE = "gradebook.json"
LARGEST_DATA_BYTES = 20 * 2**20
#: A register of a class has about 40 pages.
MOST_PAGES = 400


def embedded(content: bytes) -> bytes | None:
    """The embedded file; None where there is none. Raises ValueError when it is far too large."""
    with pikepdf.open(io.BytesIO(content)) as file:
        attachment = file.attachments.get(DATA_FILE)
        if attachment is None:
            return None
        data = attachment.get_file().read_bytes()
    if len(data) > LARGEST_DATA_BYTES:
        raise ValueError("too large")
    return data


def page_texts(content: bytes) -> list[str]:
    """The text of the pages themselves; what lies on them as annotations is not in it."""
    file = pypdfium2.PdfDocument(content)
    texts = []
    for number in range(min(len(file), MOST_PAGES)):
        page = file[number]
        text = page.get_textpage()
        texts.append(text.get_text_range())
        text.close()
        page.close()
    file.close()
    return texts


if __name__ == "__main__":
    received = sys.stdin.buffer.read()
    found = embedded(received)
    answer = {
        "data": None if found is None else base64.b64encode(found).decode("ascii"),
        "pages": [] if found is None else page_texts(received),
    }
    sys.stdout.write(json.dumps(answer))
