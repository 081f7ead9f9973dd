"""Serve the bundled news site over HTTP, on one address and port for all its hosts.

``python -m copydesk_services.demo.server --port 8000`` serves until it is stopped, and writes its address as its first
line. ``/_log`` on any host answers with every request so far, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

from aiohttp import web

from copydesk_services.demo.site import SITE, Site, home_of

LOG_PATH = "/_log"
_SITE = web.AppKey("site", Site)


@dataclass(frozen=True)
class Access:
    """One request: the path is as it was sent, with its query."""

    host: str
    path: str
    method: str
    status: int
    user_agent: str | None


_LOG = web.AppKey("log", list[Access])


@dataclass(frozen=True)
class RunningServer:
    """A server that is up."""

    bind: str
    port: int
    log: list[Access]

    def url(self, host: str, path: str = "/") -> str:
        """The address of a path on one of the site's hosts, for a client that knows where the name leads."""
        return home_of(host, self.port) + path


@contextlib.asynccontextmanager
async def serve(port: int = 0, bind: str = "127.0.0.1", site: Site = SITE) -> AsyncIterator[RunningServer]:
    """Serve the site while the context is open; port 0 takes a free one."""
    log: list[Access] = []
    runner = web.AppRunner(make_app(site, log), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, bind, port)
        await listener.start()
        yield RunningServer(bind, listener.port, log)
    finally:
        await runner.cleanup()


def make_app(site: Site, log: list[Access]) -> web.Application:
    """The application, which notes every request in ``log``."""
    app = web.Application()
    app[_SITE] = site
    app[_LOG] = log
    app.router.add_get(LOG_PATH, _show_log)
    app.router.add_get("/{path:.*}", _answer)
    return app


async def _answer(request: web.Request) -> web.Response:
    # The port that the client asked for, which is another than the own one where a container's port is mapped.
    answer = request.app[_SITE].answer(
        request.host, request.path_qs, base_port=request.url.port or 80, headers=request.headers
    )
    name = request.host.partition(":")[0].lower()
    agent = request.headers.get("User-Agent")
    request.app[_LOG].append(Access(name, request.path_qs, request.method, answer.status, agent))
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


async def _show_log(request: web.Request) -> web.Response:
    return web.json_response([asdict(access) for access in request.app[_LOG]])


async def _serve_until_stopped(port: int, bind: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve(port, bind) as server:
        sys.stdout.write(f"http://{server.bind}:{server.port}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Serve from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    arguments = parser.parse_args()
    asyncio.run(_serve_until_stopped(arguments.port, arguments.bind))


if __name__ == "__main__":
    main()
