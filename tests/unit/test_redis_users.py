"""The users of Redis in deploy/ may run what copydesk's scripts do."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "shared/copydesk/runtime/lua"


def test_the_operator_may_run_every_command_of_every_script():
    users = (ROOT / "deploy/redis/users.acl").read_text().splitlines()
    [operator] = [line for line in users if line.startswith("user operator ")]
    allowed = {word[1:].partition("|")[0] for word in operator.split() if word.startswith("+")}
    called = {
        command.lower()
        for script in SCRIPTS.glob("*.lua")
        for command in re.findall(r"redis\.p?call\('([A-Z]+)'", script.read_text())
    }
    assert len(called) > 30
    assert called <= allowed


def test_nobody_has_a_password_that_is_known_or_may_touch_what_is_not_copydesks():
    for line in (ROOT / "deploy/redis/users.acl").read_text().splitlines():
        words = line.split()
        assert words[:2] == ["user", words[1]]
        assert words[2] == "off" or ">CHANGE-ME" in words
        assert "-@all" in words
        assert all(word.startswith(("~copydesk:", "~rq:")) for word in words if word[0] == "~")
        assert not {"nopass", "allkeys", "allcommands", "+@all", "~*", "&*"} & set(words)
