"""A subscription as the user that consumers have of Redis, over TLS."""

from datetime import UTC, datetime

import pytest
from secured_redis import ROOT, secured_redis, url_for

from copydesk.models import RETRACTION_SCHEMA, Retraction
from copydesk.subscription import Subscription


@pytest.fixture
def server(tmp_path):
    server = secured_redis(tmp_path)
    yield server
    server.close()


@pytest.fixture
def url(server):
    return lambda user: url_for(server, user)


def retraction(n):
    return Retraction(
        id=f"{n:024}", revision=2, url="https://a.example/", host="a.example", why="x", retracted_at=datetime.now(UTC)
    ).model_dump_json()


def test_a_subscription_as_the_user_consumer(server, url):
    """Everything that a consumer may do to its group: take, fail, bury, follow one that died, leave."""
    with server.client(**ROOT) as root:
        for n in range(6):
            root.xadd("copydesk:documents", {"schema": RETRACTION_SCHEMA, "document": retraction(n)})
        root.xadd("copydesk:documents", {"schema": RETRACTION_SCHEMA, "document": "none"})
        root.xgroup_create("copydesk:documents", "mine", "0")
        root.xreadgroup("mine", "me", {"copydesk:documents": ">"}, count=2)  # and died
        had = []

        def take(record):
            had.append(record.id)
            if had.count(f"{5:024}") == 2:
                subscription.stop()
            if record.id.endswith("5"):
                raise ValueError("no")

        with Subscription(group="mine", url=url("consumer"), consumer="me", tries=2) as subscription:
            subscription.run(take)
        assert sorted(set(had)) == [f"{n:024}" for n in range(6)]
        assert root.xlen("copydesk:dead:mine") == 2
        assert root.xpending("copydesk:documents", "mine")["pending"] == 0
        assert [entry["object"] for entry in root.acl_log()] == []
