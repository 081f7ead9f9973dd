"""A Redis with TLS, client certificates and the users of ``deploy/redis/users.acl``, as the documentation describes it."""

from pathlib import Path

import trustme
from outside_redis import OutsideRedis

USERS = Path(__file__).parents[1] / "deploy/redis/users.acl"
ROOT = {"username": "root", "password": "root"}
PASSWORD = "secret/of?this@test"  # noqa: S105


def make_certificates(folder):
    """An authority, and certificates of a server and a client, as files."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, host in (("server", "127.0.0.1"), ("client", "client.example")):
        certificate = authority.issue_cert(host)
        certificate.private_key_pem.write_to_path(str(folder / f"{name}.key"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))


def secured_redis(folder):
    """The server, with its certificates in the same folder; to be closed."""
    make_certificates(folder)
    users = USERS.read_text().replace(">CHANGE-ME", f">{PASSWORD}")
    (folder / "users.acl").write_text(users + "\nuser root on >root ~* &* +@all\n")
    tls = {
        "ssl": True, "ssl_ca_certs": str(folder / "ca.pem"), "ssl_certfile": str(folder / "client.pem"),
        "ssl_keyfile": str(folder / "client.key"),
    }  # fmt: skip
    return OutsideRedis(
        folder / "redis", "--aclfile", folder / "users.acl", "--tls-cert-file", folder / "server.pem",
        "--tls-key-file", folder / "server.key", "--tls-ca-cert-file", folder / "ca.pem", tls=tls,
    )  # fmt: skip


def url_for(server, user):
    """What such a user connects to."""
    query = "&".join(f"{name}={value}" for name, value in server.tls.items() if name != "ssl")
    return f"rediss://{user}:secret%2Fof%3Fthis%40test@127.0.0.1:{server.port}/0?{query}"
