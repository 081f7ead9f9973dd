"""The README's consumer is run as it stands there, against a real server."""

import re
import time
from pathlib import Path

import redis

from copydesk.core.copies import Draft, judge_and_admit
from copydesk.models import Block
from copydesk.runtime import keys
from copydesk.runtime.embedded import EmbeddedServer
from copydesk.runtime.redis_index import RedisIndex

README = Path(__file__).parents[2] / "README.md"


def program():
    return re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]


def test_the_consumer_reads_and_acknowledges_also_what_a_dead_one_had(tmp_path, monkeypatch, capsys):
    with EmbeddedServer(tmp_path / "var") as server:
        client = redis.Redis.from_url(server.url)
        texts = [
            "The harbour master counted eleven ferries before noon, two more than the timetable had promised.",
            "A baker in the old town sold out of rye by nine, and closed the shop to go and fish.",
        ]
        for n, text in enumerate(texts):
            draft = Draft(
                id=f"{n:024}",
                url=f"https://paper.example/{n}",
                host="paper.example",
                title=f"T{n}",
                blocks=[Block(text=text)],
            )
            judge_and_admit(RedisIndex(client), draft, now=time.time())
        client.xgroup_create(keys.DOCUMENTS, "mine", id="0")
        client.xreadgroup("mine", "dead", {keys.DOCUMENTS: ">"}, count=1)  # given to one that died a while ago
        client.xclaim(keys.DOCUMENTS, "mine", "dead", 0, [client.xrange(keys.DOCUMENTS)[0][0]], idle=3_600_000)
        end = "documents.stop() if document.title == 'T1' else None"
        bounded = program().replace("document.novelty)\n", f"document.novelty)\n            {end}\n")
        assert end in bounded
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("COPYDESK_REDIS_URL", raising=False)
        monkeypatch.delenv("COPYDESK_DATA_DIR", raising=False)
        exec(bounded, {})  # noqa: S102 -- the documentation is what is tested
        assert capsys.readouterr().out == "None T0 1.0\nNone T1 1.0\n"
        assert client.xpending(keys.DOCUMENTS, "mine")["pending"] == 0
