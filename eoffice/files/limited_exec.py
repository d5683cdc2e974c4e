"""Become another program under limits: `limited_exec.py MEMORY_BYTES CPU_SECONDS PROGRAM ARGS…`.

Where the kernel lets it, the program finds itself without any network: what a file of a stranger
links to is not fetched. Containers often forbid it; then the callers' other guards have to do.

Started by `eoffice.files.bounded` with a bare interpreter, so it imports nothing of the office.
The limits are set here and not between fork and exec of the parent, which has threads.
"""

import ctypes
import os
import resource
import sys

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
#: The largest file that a program may write: a converted document, a profile.
LARGEST_FILE_BYTES = 256 << 20


def leave_the_network() -> None:
    """A network of its own with nothing in it; as somebody with no rights through a user of its
    own, who stays the same person for files."""
    user, group = os.getuid(), os.getgid()
    wanted = NEW_NETWORK if user == 0 else NEW_NETWORK | NEW_USER
    if ctypes.CDLL(None, use_errno=True).unshare(wanted) != 0 or user == 0:
        return
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 — no imports
            file.write(content)


leave_the_network()
memory_bytes, cpu_s = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, LARGEST_FILE_BYTES))
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 — that is what this file is for
