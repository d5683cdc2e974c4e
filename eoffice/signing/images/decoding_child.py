"""A program of its own: a PNG on standard input becomes raw RGBA pixels on standard output.

Runs without the office's environment and within limits (`files.bounded`); it imports nothing of
the office. The caller has checked the declared dimensions and knows them.
"""

from __future__ import annotations

import sys
from io import BytesIO

from PIL import Image


def main() -> None:
    with Image.open(BytesIO(sys.stdin.buffer.read()), formats=("PNG",)) as image:
        sys.stdout.buffer.write(image.convert("RGBA").tobytes())


if __name__ == "__main__":
    main()
