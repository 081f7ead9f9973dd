"""Connections to servers: aiohttp's, with bounds that it has no options for."""

from __future__ import annotations

import functools
import resource
from collections import deque
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http_exceptions import HttpProcessingError

MAX_HEAD_BYTES: Final = 131_072
"""Bytes that may come before a body: status lines, headers, and any number of interim answers (1xx)."""
MAX_FRAMING_BYTES: Final = 1_000_000
"""Bytes of an answer that are not its body: the sizes of chunks, mostly. Chunks of one byte cost a second of CPU for each MB."""
MAX_IDLE_HOSTS: Final = 2_048
"""Hosts to which connections are kept open while nobody uses them; those longest unused go first."""
MAX_IDLE_TLS: Final = 256
"""And connections under TLS among them: each holds some 0.3 MB of buffers."""
MAX_IDLE_A_HOST: Final = 2
KEEP_SECONDS: Final = 5.0
"""How long they are kept. It is longer than the usual delay between two requests to a host."""
MOST_FILES: Final = 65_536


class BoundedConnector(aiohttp.TCPConnector):
    """Connections of which few idle ones are kept, and whose answers have heads of bounded size."""

    def __init__(self, **options: Any) -> None:
        super().__init__(keepalive_timeout=KEEP_SECONDS, **options)
        self._tls: deque[ConnectionKey] = deque()
        self._factory: Any = functools.partial(_BoundedHandler, loop=self._loop)

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        super()._release(key, protocol, should_close=should_close)
        if len(self._conns.get(key, ())) > MAX_IDLE_A_HOST:
            self._conns[key].popleft()[0].close()
        if key.is_ssl:
            self._tls.append(key)
            if len(self._tls) > MAX_IDLE_TLS:
                self._let_go(self._tls.popleft())
        if len(self._conns) > MAX_IDLE_HOSTS:
            # Hosts stand in the order in which their first idle connection was given back.
            self._let_go(next(iter(self._conns)))

    def _let_go(self, key: ConnectionKey) -> None:
        for idle, _ in self._conns.pop(key, ()):
            idle.close()


class _BoundedHandler(ResponseHandler):
    """Counts what comes beside the body; aiohttp bounds single lines, their number, and no interim answers."""

    _received = 0
    _awaits_head = False

    def set_response_params(self, **params: Any) -> None:
        self._received = 0
        self._awaits_head = True
        super().set_response_params(**params)

    def feed_data(self, data: Any, size: int = 0) -> None:
        # One message, whose head is complete. Interim ones (RFC 9110, 15.2) are of no use here.
        if data[0].code >= 200 or data[0].code == 101:
            self._awaits_head = False
            super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        if self._received > MAX_HEAD_BYTES and (said := self._excess()):
            if self.transport is not None:
                self.transport.abort()
            error = HttpProcessingError(message=said)
            self.set_exception(error)
            if self._payload is not None:
                self._payload.set_exception(aiohttp.ClientPayloadError(said), error)
            return
        self._received += len(data)
        super().data_received(data)

    def _excess(self) -> str | None:
        if self._awaits_head:
            return f"more than {MAX_HEAD_BYTES} bytes and no body yet"
        if self._payload is not None and self._received - self._payload.total_bytes > MAX_FRAMING_BYTES:
            return f"more than {MAX_FRAMING_BYTES} bytes beside the body"
        return None


def raise_file_limit() -> None:
    """Let this process have as many files and sockets open as the system lets it, up to ``MOST_FILES``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
