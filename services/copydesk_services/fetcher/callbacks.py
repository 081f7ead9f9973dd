"""The port at which hubs reach us: bounded in connections, seconds and bytes before anything is asked of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final

from aiohttp import web

from copydesk.errors import UsageError
from copydesk.runtime.settings import Settings

MAX_CONNECTIONS: Final = 128
# From the connection, or the last answer, to a whole head of a request.
HEAD_SECONDS: Final = 15.0
LINGER_SECONDS: Final = 2.0
STOP_SECONDS: Final = 5.0

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Closed(asyncio.Protocol):
    """A connection beyond the bound."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- what a stream server gives
        transport.abort()


class CallbackServer:
    """An HTTP server in this event loop. Use as an asynchronous context manager."""

    def __init__(self, settings: Settings, handle: Handler) -> None:
        self._settings = settings
        self._handle = handle
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is served."""
        if self._server is None:
            raise RuntimeError("CallbackServer is used outside its context")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> CallbackServer:
        # Bodies are taken as they were signed, so nothing is decompressed.
        self._requests = web.Server(
            self._answer,
            auto_decompress=False,
            access_log=None,
            keepalive_timeout=HEAD_SECONDS,
            lingering_time=LINGER_SECONDS,
        )
        host, port = self._settings.websub_bind, self._settings.websub_port
        try:
            self._server = await asyncio.get_running_loop().create_server(self._protocol, host, port)
        except OSError as error:
            raise UsageError(
                f"COPYDESK_WEBSUB_BIND={host!r}, COPYDESK_WEBSUB_PORT={port}: "
                f"cannot listen there: {error.strerror or error}"
            ) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self._requests.pre_shutdown()  # connections between two requests end at once
            await self._requests.shutdown(STOP_SECONDS)
            self._server = None

    def _protocol(self) -> asyncio.Protocol:
        return _Closed() if len(self._requests.connections) >= MAX_CONNECTIONS else self._requests()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            async with asyncio.timeout(self._settings.fetch_timeout):
                return await self._handle(request)
        except TimeoutError:
            return web.Response(status=408)
