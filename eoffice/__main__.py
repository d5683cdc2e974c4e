"""`python -m eoffice` is the command `eoffice`."""

from eoffice.cli import main

main()
