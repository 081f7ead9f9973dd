"""Lifelines: how a child process learns that its parent is gone, even by SIGKILL.

The parent keeps the write end of a pipe open; the child finds the number of the read end in its environment. When the
parent ends, however it ends, the read end comes to its end of file.
"""

from __future__ import annotations

import os
import select
from dataclasses import dataclass
from typing import Final

LIFELINE_FD: Final = "COPYDESK_LIFELINE_FD"


@dataclass
class Lifeline:
    """The parent's side: give ``read_end`` to the children (``pass_fds``), and keep this object alive."""

    read_end: int
    write_end: int

    @classmethod
    def create(cls) -> Lifeline:
        """Open the pipe; neither end is inherited by itself."""
        return cls(*os.pipe())

    def environment(self) -> dict[str, str]:
        """The environment of a child that holds on to it."""
        return {**os.environ, LIFELINE_FD: str(self.read_end)}

    def close(self) -> None:
        """Let go: the children stop."""
        os.close(self.write_end)
        os.close(self.read_end)


def held_lifeline() -> int | None:
    """The child's side: the file descriptor that becomes readable when the parent is gone; None without such a parent."""
    value = os.environ.get(LIFELINE_FD, "")
    return int(value) if value.isdecimal() else None


def parent_gone(lifeline: int | None) -> bool:
    """Whether the parent has ended."""
    return lifeline is not None and bool(select.select([lifeline], [], [], 0)[0])
