"""The webhook sink with a real server: what it sends, and what it makes of the answers."""

import base64
import json
import re

import pytest
from sink_targets import WebhookTarget, entry
from standardwebhooks import Webhook as Verifier

from copydesk.errors import SettingsError
from copydesk.runtime.metrics import Metrics
from copydesk.runtime.settings import load_settings
from copydesk_services.delivery.sink import Away, Gone, Refused, Setting
from copydesk_services.delivery.sinks import configured
from copydesk_services.delivery.sinks.webhook import KIND, Options, signing_keys

KEY = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
OLD = "whsec_" + base64.b64encode(b"another of as many bytes").decode()


@pytest.fixture
def make(tmp_path):
    targets = []

    def make(batch=1, **options):
        target = WebhookTarget(tmp_path, batch)
        targets.append(target)
        target.come()
        settings = load_settings(secrets_dir=tmp_path)
        opened = KIND.opened(
            Options(**{**target.options, **options}), Setting("mine", settings, Metrics("test"), store=None)
        )
        return target, opened

    yield make
    for target in targets:
        target.close()


async def test_a_document_is_a_signed_cloud_event(make, tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / "login").write_text("Authorization: Bearer t0ken\n")
    target, opened = make(secret="key", auth="login")  # noqa: S106 -- its name
    async with opened as sink:
        await sink.deliver([entry(1), entry(2)])
        # A key that follows another: both sign while both are there.
        (tmp_path / "new").write_text(f"{OLD}\n{KEY}\n")
        (tmp_path / "new").replace(tmp_path / "key")
        await sink.deliver([entry(3)])
    (headers, body), _, (later, later_body) = target.requests
    assert json.loads(body)["text"] == "Grüße \u2028 aus Köln"
    sent = {name.lower(): value for name, value in headers.items()}
    assert {name: value for name, value in sent.items() if name.startswith("ce-")} == {
        "ce-specversion": "1.0",
        "ce-id": f"{1:024x}:2",
        "ce-source": "copydesk",
        "ce-type": "copydesk.original",
        "ce-time": "2026-11-22T21:00:00Z",
        "ce-subject": f"{1:024x}",
    }
    assert sent["content-type"] == "application/json"
    assert sent["webhook-id"] == sent["ce-id"]
    assert sent["authorization"] == "Bearer t0ken"
    assert Verifier(KEY).verify(body, headers)["id"] == f"{1:024x}"
    for key in (KEY, OLD):
        assert Verifier(key).verify(later_body, later)
    with pytest.raises(Exception, match="No matching signature"):
        Verifier(OLD).verify(body, headers)


async def test_several_in_a_request(make, tmp_path):
    (tmp_path / "key").write_text(KEY)
    target, opened = make(batch=10, secret="key")  # noqa: S106 -- its name
    async with opened as sink:
        await sink.deliver([entry(1), entry(2)])
        await sink.deliver([entry(1), entry(2)])
        await sink.deliver([entry(3)])
    first, again, alone = target.requests
    assert Verifier(KEY).verify(first[1], first[0]) == json.loads(first[1])
    assert first[0]["Content-Type"] == "application/cloudevents-batch+json"
    events = json.loads(first[1])
    assert [event["data"]["id"] for event in events] == [f"{1:024x}", f"{2:024x}"]
    assert events[0]["specversion"] == "1.0"
    assert events[0]["type"] == "copydesk.original"
    # The same entries are the same message, however often they come.
    assert first[0]["webhook-id"] == again[0]["webhook-id"] != alone[0]["webhook-id"]
    assert len(json.loads(alone[1])) == 1


@pytest.mark.parametrize(
    ("status", "headers", "kind", "told"),
    [
        (400, {}, Refused, "status 400: ok"),
        (401, {}, Refused, "status 401"),
        (500, {}, Refused, "status 500"),
        (302, {"Location": "/elsewhere"}, Refused, "redirects are not followed"),
        (410, {}, Gone, "status 410"),
        (503, {"Retry-After": "7"}, Away, "status 503"),
        (429, {"Retry-After": "7"}, Away, "status 429"),
        (408, {}, Away, "status 408"),
        (502, {}, Away, "status 502"),
    ],
)
async def test_answers(make, status, headers, kind, told):
    target, opened = make()
    target.answers[f"{2:024x}"] = (status, headers)
    async with opened as sink:
        with pytest.raises(kind, match=told) as caught:
            await sink.deliver([entry(1), entry(2), entry(3)])
        # What stood before it was delivered, what stands behind it is not asked for: the order stays.
        assert caught.value.delivered == 1
        assert target.received() == [f"{1:024x}"]
        if kind is Away:
            assert caught.value.after == (7.0 if headers else 0.0)
        del target.answers[f"{2:024x}"]
        await sink.deliver([entry(2), entry(3)])
    assert target.received() == [f"{n:024x}" for n in (1, 2, 3)]


async def test_a_refused_batch_names_nobody(make):
    target, opened = make(batch=3)
    target.answers[f"{2:024x}"] = (400, {})
    async with opened as sink:
        with pytest.raises(Refused) as caught:
            await sink.deliver([entry(1), entry(2)])
        assert (caught.value.delivered, caught.value.named) == (0, False)
        with pytest.raises(Refused) as caught:
            await sink.deliver([entry(2)])
        assert caught.value.named


async def test_one_that_hangs_and_one_that_is_not_there(make):
    target, opened = make(timeout=0.2)
    target.held.clear()
    async with opened as sink:
        with pytest.raises(Refused, match=re.escape("no answer within 0.2 s")):
            await sink.deliver([entry(1)])
        target.close()
    gone, opened = make()
    gone.close()
    async with opened as sink:
        with pytest.raises(Away, match="ClientConnectorError"):
            await sink.deliver([entry(1)])


async def test_a_long_answer_is_not_read_to_its_end(make):
    target, opened = make()
    target.answers[f"{1:024x}"] = (400, {}, b"no! " * 5_000_000)
    async with opened as sink:
        with pytest.raises(Refused) as caught:
            await sink.deliver([entry(1)])
        assert str(caught.value) == "status 400: " + " ".join(["no!"] * 50)
        await sink.deliver([entry(2)])  # over a new connection
    assert target.received() == [f"{2:024x}"]


def test_keys():
    assert signing_keys(KEY) == [b"a key of twenty-four byt"]
    for bad in ("", "whsec_short", "whsec_!!!!", "\n".join([KEY] * 6)):
        with pytest.raises(ValueError, match=r"whsec_|lines"):
            signing_keys(bad)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind = 'webhook'\nurl = 'ftp://a.example/'", "[sink.mine] url='ftp://a.example/': Value error, must be an http://"),
        ("kind = 'webhook'", "[sink.mine] url: Field required"),
        ("kind = 'webhook'\nurl = 'http://a.example/'\nsecret = 'none'", "[sink.mine] the secret 'none' cannot be read"),
        ("kind = 'webhook'\nurl = 'http://a.example/'\nsecret = 'bad'", "[sink.mine] secret='bad': each line must be whsec_"),
        ("kind = 'pigeon'", "[sink.mine] kind='pigeon': must be one of: rq, webhook, files, kafka"),
        ("kind = 'rq'\nqueue = 'extract'\nfunction = 'a.b'", "[sink.mine] queue='extract' is a queue of copydesk's own"),
        ("kind = 'rq'\nqueue = 'q'\nfunction = 'import os'", "[sink.mine] function='import os': String should match"),
        ("kind = 'kafka'\nservers = 'a:1'\ntopic = 't'\nconfig = {acks = 1}", "[sink.mine] config: acks is set by copydesk"),
        ("kind = 'kafka'\nservers = 'a:1'\ntopic = 't'\nconfig = {nonsense = 1}", "[sink.mine] config: No such configuration"),
        ("kind = 'files'\nto = 'nosuch://a'", "[sink.mine] nosuch://a: "),
        ("kind = 'files'\nto = 'out'\nformat = 'xml'", "[sink.mine] format='xml': Input should be 'jsonl.zst'"),
    ],
)  # fmt: skip
def test_a_bad_sink_says_what_is_wrong(tmp_path, text, told):
    path = tmp_path / "delivery.toml"
    path.write_text(f"[sink.mine]\n{text}\n")
    (tmp_path / "bad").write_text("geheim")
    with pytest.raises(SettingsError) as caught:
        list(configured(load_settings(delivery_file=path, secrets_dir=tmp_path)))
    assert told in str(caught.value)
    assert "geheim" not in str(caught.value)


async def test_an_answer_that_repeats_our_credentials_is_told_without_them(make, tmp_path):
    (tmp_path / "login").write_text("Authorization: Bearer t0ken\n")
    target, opened = make(auth="login")
    target.answers[f"{1:024x}"] = (400, {}, b"not for Authorization: Bearer t0ken (t0ken)")
    async with opened as sink:
        with pytest.raises(Refused) as refusal:
            await sink.deliver([entry(1)])
    assert "not for Authorization: ***" in str(refusal.value)
    assert "t0ken" not in str(refusal.value)
