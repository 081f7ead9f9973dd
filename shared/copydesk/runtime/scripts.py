"""Lua scripts: read from ``runtime/lua``, registered once a client."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import redis
import redis.asyncio
from redis.commands.core import AsyncScript, Script


@cache
def source(*names: str) -> str:
    """The text of the named scripts, one after the other; the last is the one that runs, the others give it functions."""
    folder = files("copydesk.runtime") / "lua"
    return "\n".join((folder / f"{name}.lua").read_text(encoding="utf-8") for name in names)


def script(client: redis.Redis, *names: str) -> Script:
    """A script of a synchronous client; it is sent again by itself where the server has forgotten it."""
    return client.register_script(source(*names))


def async_script(client: redis.asyncio.Redis, *names: str) -> AsyncScript:
    """A script of an asyncio client."""
    return client.register_script(source(*names))
