"""`python -m eoffice.embedded.pki DIRECTORY [--port N]`: serve a test PKI until SIGTERM."""

from __future__ import annotations

import argparse
from pathlib import Path

from eoffice.embedded.pki.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eoffice.embedded.pki")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, help="default: the port written into the certificates")
    chosen = parser.parse_args()
    serve(chosen.directory, chosen.port)


if __name__ == "__main__":
    main()
