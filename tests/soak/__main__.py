"""``python -m soak``: run copydesk on a made-up site, break whatever can be broken, count what its consumers got.

Progress goes to standard error; the last line on standard output is JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import zstandard

from soak import consumer
from soak.check import Check, read_lines
from soak.faults import plan_faults
from soak.processes import Processes
from soak.proxy import Proxy
from soak.redis_server import LOOK, RedisServer
from soak.site import Site, plan_site

COPYDESK = Path(sys.executable).with_name("copydesk")
# After the last fault: seconds without any progress after which what is missing is lost; a slow machine takes long for a backlog.
STILL = 120.0
SETTLE = 1_800.0  # at most
START = 60.0
GROUP = "soak"
CHILD_PATIENCE = 2.0  # RQ's children live as long as a job
SETTINGS = {
    "FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
    "FETCH_HOST_DELAY": "0.02",
    # Faults of the network are no fault of a page: more tries than they last.
    "FETCH_ATTEMPTS": "12",
    "FETCH_RETRY_DELAY": "0.25",
    "FETCH_TIMEOUT": "8",
    "FETCH_FIRST_BYTE_TIMEOUT": "4",
    "POLL_INTERVAL": "2",
    "POLL_INTERVAL_LEAST": "1",
    "POLL_INTERVAL_MOST": "4",
    "PAGE_TIMEOUT": "1",
    "REAP_INTERVAL": "2",
    "LOG_FORMAT": "json",
}


class Soak:
    """One run."""

    def __init__(self, options, folder):
        self._options = options
        self._folder = folder
        self._articles = plan_site(options.seed, options.duration, options.rate)
        planned = plan_faults(options.seed, options.duration)
        self._faults = [x for x in planned if f"{x.kind} {x.whom}".startswith(options.only)]
        self._site = Site(options.seed, self._articles)
        self._redis = None
        self._processes = None
        self._to_redis = self._to_site = None
        self._url = ""
        self._check = None
        self._kills = 0
        self._done = Counter()
        self._missed = Counter()
        self._cuts = []
        self._tasks = set()
        self._redis_lock = asyncio.Lock()
        self._told = ""

    async def run(self):
        """The summary and what was found."""
        started = time.monotonic()
        ticking = None
        try:
            await self._start()
            ticking = asyncio.create_task(self._tick())
            await self._break_things()
            await self._heal()
            seconds = time.monotonic() - self._site.started
            missing = await self._settle()
            ticking.cancel()
            late = await asyncio.to_thread(self._processes.close)
            found = self._compare()
            await asyncio.to_thread(self._audit, found)
        finally:
            if ticking is not None:
                ticking.cancel()
            if self._processes is not None:
                await asyncio.to_thread(self._processes.close, 1.0)
            if self._redis is not None:
                self._redis.stop()
            for part in (self._to_redis, self._to_site, self._site):
                if part is not None:
                    await part.close()
        self._say(f"in {time.monotonic() - started:.0f} s: {self._story()}", end="\n")
        if late:
            self._say(f"did not finish within 30 s of SIGTERM: {', '.join(late)}", end="\n")
        summary = {
            "seconds": round(seconds),
            "seed": self._options.seed,
            "kills": self._kills,
            "published": len(self._articles),
            "received": found.received,
            "lost": len(found.lost),
            "twice": len(found.twice),
            "wrong": len(found.wrong),
        }
        self._explain(found, missing)
        return summary, found

    # Start

    async def _start(self):
        site_port = await self._site.start(0)
        self._to_site = Proxy(lambda host: (host, site_port))
        port = await self._to_site.start("0.0.0.0")
        self._site.address = f":{port}"
        self._check = Check(self._options.seed, self._articles, self._site.address)
        redis_port = free_port()
        self._redis = RedisServer(self._folder, redis_port)
        await self._redis.start()
        self._to_redis = Proxy(lambda _: ("127.0.0.1", redis_port))
        url = f"redis://127.0.0.1:{await self._to_redis.start()}/0"
        self._url = url
        self._processes = Processes(self._folder, environment(self._folder, url))
        sources = [COPYDESK, "sources", "add", *self._site.sources]
        added = await asyncio.to_thread(
            subprocess.run, sources, env=environment(self._folder, url), capture_output=True, text=True, check=False
        )
        if added.returncode:
            raise RuntimeError(f"sources cannot be added: {added.stderr[-2000:]}")
        for service in services():
            for n in range(1 if service == "delivery" else 2):
                self._processes.add(f"{service}-{n}", [COPYDESK, service])
        for n in range(2):
            file = self._folder / f"received-{GROUP}-{n}.jsonl"
            self._processes.add(
                f"consumer-{n}", [sys.executable, "-m", "soak.consumer", url, GROUP, f"c{n}", file],
                PYTHONPATH=str(Path(__file__).parents[1]),
            )  # fmt: skip
        await self._all_are_up()
        self._site.started = time.monotonic()

    async def _all_are_up(self):
        """Wait until every service says that it has started: a fault before that would hit nobody."""
        deadline = time.monotonic() + START
        logs = [self._folder / f"{name}.log" for name in self._processes.names if not name.startswith("consumer")]
        while not all("service.started" in log.read_text() for log in logs):
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"not all services have started within {START:.0f} s; their logs are in {self._folder}"
                )
            await asyncio.sleep(0.1)

    async def _tick(self):
        while True:
            self._redis.note_size()
            self._processes.look()
            if int(time.monotonic() / LOOK) % 20 == 0:
                self._progress()
            await asyncio.sleep(LOOK)

    # Faults

    async def _break_things(self):
        halfway = self._options.duration / 2
        for fault in self._faults:
            if fault.at > halfway and self._redis.fsync != "always":
                await asyncio.to_thread(self._redis.sync_always)
            await asyncio.sleep(max(0.0, fault.at - self._site.now))
            task = asyncio.create_task(self._break(fault))
            self._tasks.add(task)
        await asyncio.sleep(max(0.0, self._options.duration - self._site.now))

    async def _break(self, fault):
        ways = {
            "kill": self._kill,
            "kill redis": self._kill_redis,
            "stop": self._stop,
            "stop long": self._stop,
            "stop redis": self._stop_redis,
            "fill": self._fill,
        }
        was_done = await (ways[fault.kind](fault) if fault.kind in ways else self._disturb(fault))
        self._note(fault, "done" if was_done else "nobody there")
        (self._done if was_done else self._missed)[fault.kind] += 1

    def _note(self, fault, said):
        with (self._folder / "faults.jsonl").open("a", encoding="utf-8") as file:
            file.write(
                json.dumps({"now": round(self._site.now, 2), "unix": time.time(), **vars(fault), "said": said}) + "\n"
            )

    async def _kill(self, fault):
        pid = await self._whom(fault)
        was_killed = pid is not None and self._processes.kill(pid)
        self._kills += was_killed
        return was_killed

    async def _whom(self, fault):
        deadline = time.monotonic() + CHILD_PATIENCE
        while True:
            pid = self._processes.find(fault.whom)
            if pid is not None or time.monotonic() >= deadline:
                return pid
            await asyncio.sleep(0.02)

    async def _stop(self, fault):
        pid = await self._whom(fault)
        handle = None if pid is None else self._processes.stop(pid)
        if handle is None:
            return False
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self._processes.go_on(handle)
        return True

    async def _kill_redis(self, fault):
        async with self._redis_lock:
            now = time.time() * 1000
            lost = await self._redis.kill(fault.lost)
            if lost:
                self._cuts.append((now - fault.lost * 1000, now))
                self._done["bytes cut"] += lost
            self._kills += 1
            await asyncio.sleep(fault.seconds)
            await self._redis.start()
        return True

    async def _stop_redis(self, fault):
        async with self._redis_lock:
            os.kill(self._redis.pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                os.kill(self._redis.pid, signal.SIGCONT)
        return True

    async def _fill(self, fault):
        async with self._redis_lock:
            await asyncio.to_thread(self._redis.fill)
            await asyncio.sleep(fault.seconds)
            await asyncio.to_thread(self._redis.release)
        return True

    async def _disturb(self, fault):
        verb, _, where = fault.kind.partition(" ")
        proxy = self._to_redis if where == "redis" else self._to_site
        if verb == "drop":
            proxy.drop()
            return True
        if verb == "stall":
            proxy.stall()
        else:
            proxy.slow(0.05)
        await asyncio.sleep(fault.seconds)
        proxy.release()
        return True

    async def _heal(self):
        """No fault any more: what was stopped goes on, what was full has room."""
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error
        self._processes.all_go_on()
        if self._redis.has_died():
            await self._redis.start()
        await asyncio.to_thread(self._redis.release)
        for proxy in (self._to_redis, self._to_site):
            proxy.release()

    # End

    async def _settle(self):
        """Wait until all is out and nothing is under way; what is missing when time is up."""
        now = moved = time.monotonic()
        deadline, before = now + SETTLE, None
        missing = self._missing()
        while now < min(deadline, moved + STILL):
            missing, left = await asyncio.to_thread(self._missing), await asyncio.to_thread(self._in_flight)
            if not missing and not left:
                break
            now = time.monotonic()
            if (len(missing), left) != before:
                moved, before = now, (len(missing), left)
            await asyncio.sleep(0.5)
        return missing

    def _missing(self):
        return self._check.missing(self._articles, self._received(), self._site.now)

    def _received(self):
        return list(read_lines(sorted(self._folder.glob(f"received-{GROUP}-*.jsonl"))))

    def _in_flight(self):
        """What stands on its way in Redis, and what the group has not acknowledged."""
        client, found = self._redis.client, Counter()
        found["leases"] = client.zcard("copydesk:frontier:leases")
        for host in client.scan_iter("copydesk:frontier:host:*"):
            found["frontier"] += client.zcard(host)
        for stage in ("extract", "dedup"):
            found[stage] = client.zcard(f"copydesk:stage:{stage}")
        for stream in consumer.STREAMS:
            for group in client.xinfo_groups(stream):
                found["unread"] += group["pending"] + (group["lag"] or 0)
        return +found

    def _compare(self):
        live = {}
        for stream in consumer.STREAMS:
            for entry, fields in self._redis.client.xrange(stream):
                if b"document" in fields:
                    live[stream, entry.decode()] = consumer.record(stream, entry, fields)
        received = {GROUP: self._received()}
        if kept := list(emitted(self._folder / "var" / "emitted")):
            received["the files of what was emitted"] = kept
        found = self._check.check(self._articles, received, live=live, cuts=self._cuts, end=self._site.now)
        for (stream, entry), number in Counter((record["stream"], record["entry"]) for record in kept).items():
            if number > 1:
                found.twice.append((0, f"the files of what was emitted have {stream} {entry} {number} times"))
        self._count_requests(found)
        left = unaccounted({k.decode(): int(v) for k, v in self._redis.client.hgetall("copydesk:counts").items()})
        if any(left.values()):
            found.wrong.append((0, f"the sums over the stages do not agree, so many pages have no outcome: {left}"))
        return found

    def _audit(self, found):
        """What copydesk itself says of its books."""
        done = subprocess.run(
            [COPYDESK, "audit", "--deep", "--json"], env=environment(self._folder, self._url),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        found.wrong += audited(done.returncode, done.stdout, done.stderr)

    def _count_requests(self, found):
        """At most one more GET for each request that was in flight when something broke: one a host."""
        breaks = sum(self._done[kind] for kind in self._done if kind != "bytes cut") + self._site.failed.total()
        extra = 0
        for number, asked in self._site.asked.items():
            article = self._site.articles[number]
            wanted = 1 + len(article.changes) + bool(article.offered_again)
            extra += max(0, asked - wanted)
            if asked > wanted + breaks:
                found.wrong.append((number, f"article {number} was asked for {asked} times, {wanted} were enough"))
        self._done["GETs beyond one"] = extra

    # Words

    def _progress(self):
        pages = len(self._received_quick())
        now = min(self._site.now, self._options.duration)
        self._say(
            f"{now:4.0f}/{self._options.duration:.0f} s  published {self._site.published}/{len(self._articles)}  "
            f"received {pages}  kills {self._kills}  faults {sum(self._done.values()) - self._done['bytes cut']}"
        )

    def _received_quick(self):
        lines = set()
        for path in self._folder.glob("received-*.jsonl"):
            with path.open("rb") as file:
                lines.update(line for line in file if line.strip())
        return lines

    def _say(self, text, end=""):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{text}{end}")
        elif end:
            sys.stderr.write(f"{text}{end}")
        sys.stderr.flush()

    def _story(self):
        said = ", ".join(f"{number} {kind}" for kind, number in sorted(self._done.items()))
        missed = sum(self._missed.values())
        return f"{said}; {missed} faults found nobody; {self._processes.ended} processes ended by themselves"

    def _explain(self, found, missing):
        shown = [("lost", found.lost), ("twice", found.twice), ("wrong", found.wrong)]
        for name, several in shown:
            for number, said in several[:10]:
                self._say(f"{name}: {said}", end="\n")
                if number:
                    for line in self._last_seen(number):
                        self._say(f"    {line}", end="\n")
        if missing:
            self._say(f"missing in the end: {[article.number for article in missing][:50]}", end="\n")

    def _last_seen(self, number):
        """The last lines of the services' logs about an article."""
        article = self._site.articles[number]
        url = self._site.url(article)
        lines, ids = [], set()
        for path in sorted(self._folder.glob("*.log")):
            for line in path.read_text(errors="replace").splitlines():
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        lines.append((str(said.get("timestamp") or said.get("time") or ""), path.stem, said))
        again = f"/again/{number}-"
        for _, _, said in lines:
            if said.get("url") == url or again in str(said.get("url")):
                ids |= {said.get("id"), said.get("page")} - {None}
        about = [
            x for x in lines if x[2].get("url") == url or {x[2].get("id"), x[2].get("page"), x[2].get("first")} & ids
        ]
        about.sort(key=lambda x: x[0])
        return [f"{when} {who} {json.dumps(said)[:220]}" for when, who, said in about[-8:]]


def environment(folder, url):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    ours = {f"COPYDESK_{name}": value for name, value in SETTINGS.items()}
    return {**clean, **ours, "COPYDESK_DATA_DIR": str(folder / "var"), "COPYDESK_REDIS_URL": url}


def audited(code, out, err):
    """What ``copydesk audit --deep --json`` found: nothing once all is out, and nothing in flight."""
    said = json.loads(out) if out else {"agrees": False, "in_flight": {}}
    if code == 0 and said["agrees"] and not any(said["in_flight"].values()):
        return []
    return [(0, f"copydesk audit --deep: exit code {code}, in flight {said['in_flight']}: {err.strip()[-1000:]}")]


def unaccounted(counts):
    """Pages that each stage has got and not ended, by copydesk's own counts: none once all is out."""

    def total(prefix):
        return sum(number for name, number in counts.items() if name.startswith(prefix))

    taken, pages, documents = (counts.get(name, 0) for name in ("fetch:taken", "fetch:page", "extract:document"))
    return {
        "fetch": taken - pages - total("fetch:rejected:") - counts.get("fetch:unchanged", 0),
        "extract": pages - documents - total("extract:rejected:"),
        "dedup": documents - total("dedup:"),
    }


def emitted(folder):
    """Records of the files in which the delivery keeps what was emitted."""
    for path in sorted(folder.glob("*/*.jsonl*")):
        raw = path.read_bytes()
        if path.suffix == ".zst":
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        for line in raw.splitlines():
            stream, _, entry = json.loads(line)["entry"].partition("/")
            yield consumer.record(f"copydesk:{stream}", entry.encode(), {b"document": line})


def services():
    """The services that this copydesk has."""
    known = subprocess.run([COPYDESK, "--help"], capture_output=True, text=True, check=True).stdout
    return [name for name in ("fetcher", "extractor", "deduper", "delivery") if f"\n  {name} " in known]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--duration", type=float, default=60.0, help="seconds of faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=8.0, help="articles a second")
    parser.add_argument(
        "--only", default="", help="of the plan, only faults whose kind or victim begins so, for a hunt"
    )
    parser.add_argument("--folder", type=Path, help="where logs go; without it a new one, which goes if all is well")
    parser.add_argument("--plan", action="store_true", help="print the plan, do nothing")
    options = parser.parse_args()
    if options.plan:
        for planned in (
            *plan_site(options.seed, options.duration, options.rate),
            *plan_faults(options.seed, options.duration),
        ):
            sys.stdout.write(f"{planned}\n")
        return 0
    folder = options.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        summary, found = asyncio.run(Soak(options, folder).run())
    except KeyboardInterrupt:
        sys.stderr.write(f"\ninterrupted; logs: {folder}\n")
        return 130
    if not found.clean:
        sys.stderr.write(f"logs: {folder}\n")
    elif options.folder is None:
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
