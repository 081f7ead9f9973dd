"""Calls of one script that come at much the same time, made in one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import redis.asyncio
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

# Of one round trip: as many bodies of pages are on their way to Redis at once.
MOST: Final = 32
# What comes this soon after the first goes with it: a round trip costs several times what one more call in it does.
GATHER_SECONDS: Final = 0.005


class Together:
    """A script; what is called within a moment, or while a round trip is under way, goes with the next."""

    def __init__(self, client: redis.asyncio.Redis, script: AsyncScript) -> None:
        self._client = client
        self._script = script
        self._waiting: list[tuple[Sequence[Any], asyncio.Future[Any]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def __call__(self, args: Sequence[Any]) -> Any:
        """Run the script; what it answered, or what went wrong."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((args, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        while self._waiting:
            calls, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            answers = await self._execute([args for args, _ in calls])
            for (_, future), answer in zip(calls, answers, strict=True):
                if future.done():  # whoever called was cancelled
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _execute(self, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """What each call answered, or what went wrong with it."""
        if len(calls) == 1:
            return [await self._alone(calls[0])]
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for args in calls:
                    pipe.evalsha(self._script.sha, 0, *args)
                answers: list[Any] = await pipe.execute(raise_on_error=False)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            return [error] * len(calls)
        except Exception:  # noqa: BLE001 -- one of them cannot be sent; nothing was
            answers = [NoScriptError()] * len(calls)
        # A server that was started anew has forgotten the script, too; the call by itself brings it there.
        return [
            await self._alone(args) if isinstance(answer, NoScriptError) else answer
            for args, answer in zip(calls, answers, strict=True)
        ]

    async def _alone(self, args: Sequence[Any]) -> Any:
        try:
            return await self._script(args=args)
        except Exception as error:  # noqa: BLE001 -- raised for whoever called
            return error
