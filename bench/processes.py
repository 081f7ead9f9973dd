"""CPU of processes and all their descendants, dead ones included, as Linux counts it in ``/proc/PID/stat``.

A process that has ended and was waited for stands in the children's fields of its parent, with all that it had waited for
itself. So nothing is lost as long as everybody waits for their children (copydesk's processes do), and the sum over those that
live is exact at a moment when none is just ending: look when the system is at rest.
"""

import os
from collections import Counter
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    """Ids of the living children of a process, of all its threads."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return found


def usage(pid):
    """CPU seconds of a process itself, and of its descendants that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return (user + system) / TICKS, (ended_user + ended_system) / TICKS


def by_depth(pid, depth=0, into=None):
    """CPU seconds of a process (0), its children (1), theirs (2) and so on; of those that ended, one below their parent."""
    into = Counter() if into is None else into
    for child in children(pid):
        by_depth(child, depth + 1, into)
    own, ended = usage(pid)
    into[depth] += own
    into[depth + 1] += ended
    return into


def family(pid):
    """A process and its living descendants."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def resident(pid):
    """Bytes of memory that a process has for itself, its share of what it has with others (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
