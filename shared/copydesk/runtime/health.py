"""The port that every process serves: /metrics for Prometheus, /healthz (it works) and /readyz (it can do its job)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final

from prometheus_client.exposition import choose_encoder

from copydesk.errors import UsageError
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import Settings

# A check gives None when all is well, else what is wrong in words.
Check = Callable[[], str | None]
REQUEST_SECONDS: Final = 10.0


class HealthServer:
    """An HTTP server in a thread of its own. Use as a context manager."""

    def __init__(self, settings: Settings, metrics: Metrics, *, healthy: Check, ready: Check) -> None:
        class Handler(_Handler):
            pass

        Handler.metrics, Handler.checks = metrics, {"/healthz": healthy, "/readyz": ready}
        try:
            self._server = ThreadingHTTPServer((settings.http_bind, settings.http_port), Handler)
        except OSError as error:
            raise UsageError(
                f"COPYDESK_HTTP_BIND={settings.http_bind!r}, COPYDESK_HTTP_PORT={settings.http_port}: "
                f"cannot listen there: {error.strerror or error}"
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served."""
        return self._server.server_address[1]

    def __enter__(self) -> HealthServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    metrics: Metrics
    checks: dict[str, Check]
    timeout = REQUEST_SECONDS
    server_version = "copydesk"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            encode, content_type = choose_encoder(self.headers.get("Accept", ""))
            self._answer(200, content_type, encode(self.metrics.registry))
        elif path in self.checks:
            wrong = self.checks[path]()
            body = json.dumps({"ok": wrong is None, "problem": wrong}).encode() + b"\n"
            self._answer(200 if wrong is None else 503, "application/json", body)
        else:
            self._answer(404, "text/plain", b"/metrics /healthz /readyz\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Scrapes and probes are no events."""
