"""Looks into one PDF in a child process: embedded data of a register and the text of each page.

Started by `extraction.py` through `eoffice.files.bounded`; reads the file from standard input,
writes JSON. Imports the two parsers and nothing of the office.
"""

import base64
import io
import json
import sys

import pikepdf
import pypdfium2

#: Under these names registers carry their data: JSON, and the same as XML.
DATA_FILES = ("register.json", "gradebook.json")
XML_FILES = ("register.xml", "gradebook.xml")
LARGEST_DATA_BYTES = 20 * 2**20
#: A register of a class has about 40 pages.
MOST_PAGES = 400


def embedded(content: bytes) -> dict[str, bytes]:
    """The embedded files of a register by name. Raises ValueError when one is far too large."""
    found = {}
    with pikepdf.open(io.BytesIO(content)) as file:
        for name in (*DATA_FILES, *XML_FILES):
            attachment = file.attachments.get(name)
            if attachment is not None:
                found[name] = attachment.get_file().read_bytes()
    if any(len(data) > LARGEST_DATA_BYTES for data in found.values()):
        raise ValueError("too large")
    return found


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
        "files": {name: base64.b64encode(data).decode("ascii") for name, data in found.items()},
        "pages": page_texts(received) if found else [],
    }
    sys.stdout.write(json.dumps(answer))
