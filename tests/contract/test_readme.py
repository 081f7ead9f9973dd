"""The README's consumer is run as it stands there, against a real server."""

import re
import time
from pathlib import Path

import redis

from copydesk.core.copies import Draft, judge_and_admit
from copydesk.models import Block
from copydesk.runtime import keys
from copydesk.runtime.redis_index import RedisIndex

README = Path(__file__).parents[2] / "README.md"


def test_the_consumer_reads_and_acknowledges(redis_url, capsys):
    client = redis.Redis.from_url(redis_url)
    text = "The harbour master counted eleven ferries before noon, two more than the timetable had promised."
    draft = Draft(
        id="0" * 24,
        url="https://paper.example/1",
        host="paper.example",
        title="Eleven ferries",
        blocks=[Block(text=text)],
    )
    judge_and_admit(RedisIndex(client), draft, now=time.time())
    program = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert "unix://var/redis/redis.sock" in program
    assert "while True:" in program
    program = (
        program.replace("unix://var/redis/redis.sock", redis_url)
        .replace("while True:", "for _ in range(2):")
        .replace("5000", "1")
    )
    exec(program, {})  # noqa: S102 -- the documentation is what is tested
    assert capsys.readouterr().out == "None Eleven ferries 1.0\n"
    assert client.xpending(keys.DOCUMENTS, "mine")["pending"] == 0
    client.close()
