"""A process that uses the embedded server of a data directory until its standard input ends."""

import sys
from pathlib import Path

import redis

from copydesk.runtime.embedded import EmbeddedServer

with EmbeddedServer(Path(sys.argv[1])) as server:
    redis.Redis.from_url(server.url).incr("users")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
