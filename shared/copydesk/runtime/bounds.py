"""Bounds of a process that the kernel holds, in C code as well: address space and CPU.

Services and the pool of ``copydesk extract`` use the same ones.
"""

from __future__ import annotations

import contextlib
import math
import resource
from pathlib import Path


def bound_memory(more: int) -> None:
    """Let this process take at most so many more bytes of address space, where the system can bound it (macOS cannot)."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def bound_cpu(seconds: float) -> None:
    """Let this process use at most so many more seconds of CPU; then the kernel ends it (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
