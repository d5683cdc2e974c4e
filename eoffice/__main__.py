"""`python -m eoffice` is the command `eoffice`."""

from eoffice.cli import run

run()
