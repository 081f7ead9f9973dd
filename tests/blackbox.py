"""Black-box harness: the installed command line, a data directory, and sites on this machine. Imports nothing of copydesk."""

import contextlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COPYDESK = Path(sys.executable).with_name("copydesk")
SHARED = Path(__file__).parents[2] / "shared"
PATIENCE = 90.0


def wait_for(condition, what, seconds=PATIENCE):
    """Wait until a condition holds; what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return found


class Site:
    """A site on a port of its own: pages by path, and what was asked for."""

    def __init__(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with site.lock:
                    site.asked[self.path] += 1
                    site.times.append(time.monotonic())
                    site.sent[self.path] = self.headers
                    answer = site.pages.get(self.path)
                status, content_type, body = answer or (404, "text/plain", b"not here")
                if site.held.get(self.path):
                    site.held[self.path].wait(PATIENCE)
                self.send_response(status)
                self.send_header("Location" if status in (301, 302) else "Content-Type", content_type)
                for name, value in site.headers.get(self.path, {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.lock = threading.Lock()
        self.asked = Counter()
        self.times = []
        self.sent = {}  # path: headers of the last request
        self.pages = {}
        self.headers = {}  # path: what goes with its answer beside the type
        self.held = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def page(self, path, html, content_type="text/html; charset=utf-8", status=200):
        self.pages[path] = (status, content_type, html if isinstance(html, bytes) else html.encode())

    def redirect(self, path, target, status=302):
        self.pages[path] = (status, target, b"")

    def feed(self, path, links):
        items = "".join(f"<item><title>{n}</title><link>{link}</link></item>" for n, link in enumerate(links))
        self.page(path, f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>", "application/rss+xml")
        return self.url + path

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def article(title, paragraphs):
    """A page with an article."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>{title}</h1>{body}</article></main><footer>Imprint</footer></body></html>"
    )


def words(n, paragraphs=6):
    """Paragraphs of a story that no other number has."""
    rng = random.Random(n)
    vocabulary = [
        "".join(rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
        for _ in range(120)
    ]
    return [
        " ".join(" ".join(rng.choices(vocabulary, k=12)).capitalize() + "." for _ in range(4))
        for _ in range(paragraphs)
    ]


class Copydesk:
    """The command line, with a data directory of its own."""

    def __init__(self, folder):
        self.folder = folder
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        self.env = {
            **clean,
            "COPYDESK_DATA_DIR": str(folder / "var"),
            "COPYDESK_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "COPYDESK_FETCH_HOST_DELAY": "0",
            "COPYDESK_BATCH_SECONDS": "0.2",
            "COPYDESK_LOG_FORMAT": "json",
        }

    def __call__(self, *arguments, check=True, stdin=None, timeout=150, env=None):
        done = subprocess.run(
            [COPYDESK, *arguments], env={**self.env, **(env or {})}, capture_output=True, text=True, input=stdin,
            timeout=timeout, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr[-6000:]}"
        return done

    def start(self, *arguments, env=None):
        log = (self.folder / "log").open("ab")
        return subprocess.Popen(
            [COPYDESK, *arguments], env={**self.env, **(env or {})}, stderr=log, stdout=subprocess.PIPE
        )

    @property
    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def admitted(self):
        """Documents that came out, copies too, by the log of what ``start`` runs: cheap enough to be waited for."""
        return self.log.count('"document.admitted"')

    def entries(self, stream):
        return [json.loads(line) for line in self("tail", stream).stdout.splitlines()]
