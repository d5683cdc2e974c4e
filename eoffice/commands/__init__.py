"""One module for each command of `eoffice`, with the command in `command`."""
