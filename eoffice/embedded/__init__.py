"""PostgreSQL, broker and object store as child processes of one machine.

For a newcomer's machine, for a small office and for the tests; a department runs the same services
from `compose.yaml`. Only the command line and the tests import this package.
"""
