"""Become another program under limits: `limited_exec.py MEMORY_BYTES CPU_SECONDS PROGRAM ARGS…`.

Started by `eoffice.documents.bounded` with a bare interpreter, so it imports nothing of the office.
The limits are set here and not between fork and exec of the parent, which has threads.
"""

import os
import resource
import sys

memory_bytes, cpu_s = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 — that is what this file is for
