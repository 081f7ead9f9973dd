"""A subscription as the user that consumers have of Redis, over TLS."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from outside_redis import OutsideRedis

from copydesk.models import RETRACTION_SCHEMA, Retraction
from copydesk.subscription import Subscription

USERS = Path(__file__).parents[2] / "deploy/redis/users.acl"
ROOT = {"username": "root", "password": "root"}
PASSWORD = "secret/of?this@test"  # noqa: S105


@pytest.fixture
def certificates(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, host in (("server", "127.0.0.1"), ("client", "client.example")):
        certificate = authority.issue_cert(host)
        certificate.private_key_pem.write_to_path(str(tmp_path / f"{name}.key"))
        certificate.cert_chain_pems[0].write_to_path(str(tmp_path / f"{name}.pem"))
    return tmp_path


@pytest.fixture
def server(tmp_path, certificates):
    users = USERS.read_text().replace(">CHANGE-ME", f">{PASSWORD}")
    (tmp_path / "users.acl").write_text(users + "\nuser root on >root ~* &* +@all\n")
    c = certificates
    tls = {
        "ssl": True, "ssl_ca_certs": str(c / "ca.pem"), "ssl_certfile": str(c / "client.pem"),
        "ssl_keyfile": str(c / "client.key"),
    }  # fmt: skip
    server = OutsideRedis(
        tmp_path / "redis", "--aclfile", tmp_path / "users.acl", "--tls-cert-file", c / "server.pem",
        "--tls-key-file", c / "server.key", "--tls-ca-cert-file", c / "ca.pem", tls=tls,
    )  # fmt: skip
    yield server
    server.close()


@pytest.fixture
def url(server):
    query = "&".join(f"{name}={value}" for name, value in server.tls.items() if name != "ssl")
    return lambda user: f"rediss://{user}:secret%2Fof%3Fthis%40test@127.0.0.1:{server.port}/0?{query}"


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
