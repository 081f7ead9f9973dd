"""Commands sent one by one, on real servers."""

from contextlib import suppress

import pytest
import redis

from copydesk.runtime.commands import Commands


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url, max_connections=1) as client:
        yield client


def test_answers_come_in_the_order_of_the_commands(client):
    with Commands(client) as commands:
        for number in range(300):
            commands.send("RPUSH", "list", number)
        commands.send("LRANGE", "list", 0, 2)
        answers = commands.answers()

    assert answers == [*range(1, 301), [b"0", b"1", b"2"]]


def test_an_error_is_the_answer_to_its_command_alone(client):
    with Commands(client) as commands:
        commands.send("SET", "text", b"\x00\r\n")
        commands.send("INCR", "text")
        commands.send("GET", "text")
        first, second, third = commands.answers()

    assert (first, third) == (b"OK", b"\x00\r\n")
    assert isinstance(second, redis.ResponseError)


def test_answers_that_were_not_read_reach_nobody_else(client):
    with suppress(ZeroDivisionError), Commands(client) as commands:
        commands.send("SET", "name", "value")
        commands.send("GET", "name")
        _ = 1 / 0

    assert client.ping() is True, "the only connection of the pool, and not the answer to GET"
    assert client.get("name") == b"value"
