"""Commands to Redis, each sent as soon as it is there, the answers read at the end.

A pipeline of redis-py keeps all commands until the last is there, and looks at each of their arguments: a look-up in the
copy index has thousands. Here the server works on one while the next is still being made.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self, cast

import redis
from hiredis import pack_command
from redis.exceptions import ResponseError


class Commands:
    """A connection of a client's pool, for one exchange. Use as a context manager."""

    def __init__(self, client: redis.Redis) -> None:
        self._pool = client.connection_pool
        self._connection = self._pool.get_connection()
        self._unanswered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._unanswered:
            # With answers that nobody has read the connection is of no use to anybody.
            self._connection.disconnect()  # type: ignore[no-untyped-call]
        self._pool.release(self._connection)

    def send(self, *arguments: str | bytes | float) -> None:
        """Send a command: its name, then its arguments."""
        self._unanswered += 1
        packed = pack_command(arguments)  # type: ignore[arg-type]
        # The pool has checked the connection; a check between two commands would take the answer to the first.
        self._connection.send_packed_command([packed], check_health=False)  # type: ignore[no-untyped-call]

    def answers(self) -> list[object]:
        """Return the answers to all commands, in their order; an error of one command is its answer."""
        answers: list[object] = []
        while self._unanswered:
            try:
                answer = self._connection.read_response()
            except ResponseError as error:
                answer = error
            self._unanswered -= 1
            answers.append(cast("object", answer))
        return answers
