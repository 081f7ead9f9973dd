"""What docs/delivery.md shows works: each example of the file is one, and its programs verify what the webhook signs."""

import base64
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from copydesk.runtime.delivery_file import load_delivery_file
from copydesk.runtime.settings import load_settings
from copydesk_services.delivery.sinks import configured
from copydesk_services.delivery.sinks.webhook import signature, signing_keys

TEXT = (Path(__file__).parents[2] / "docs/delivery.md").read_text()
KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(blocks("toml"))))
def test_each_example_is_a_delivery_file(number, tmp_path):
    example = blocks("toml")[number].replace('to = "s3://bucket/news"', 'to = "memory://news"')
    (tmp_path / "delivery.toml").write_text(example)
    for name in ("crm", "crm-login", "kafka"):
        (tmp_path / name).write_text({"crm": KEY, "kafka": "sasl.password=x"}.get(name, "Authorization: Bearer x"))
    settings = load_settings(delivery_file=tmp_path / "delivery.toml", secrets_dir=tmp_path)
    sinks = list(configured(settings))
    assert len(sinks) + len(load_delivery_file(settings).selections) == example.count("[selection.") + example.count(
        "[sink."
    )


def test_every_kind_and_every_option_is_shown():
    shown = "\n".join(blocks("toml"))
    for module in ("webhook", "rq_queue", "files", "kafka"):
        kind = __import__(f"copydesk_services.delivery.sinks.{module}", fromlist=["KIND"]).KIND
        for name, field in kind.options.model_fields.items():
            key = field.alias or name
            assert f"{key} = " in shown or f"| `{key}` |" in TEXT, f"{key} of {module} is not in docs/delivery.md"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_program_for_node(tmp_path):
    body = json.dumps({"id": "a", "text": "Grüße"}, ensure_ascii=False)
    stamp = str(int(time.time()))
    [key] = signing_keys(KEY)
    headers = {"webhook-id": "a:1", "webhook-timestamp": stamp}
    good = signature(key, f"a:1.{stamp}.{body}".encode())
    wrong = signature(b"another key, 24 bytes!!!", f"a:1.{stamp}.{body}".encode())
    calls = [
        {**headers, "webhook-signature": f"{wrong} {good}"},
        {**headers, "webhook-signature": wrong},
        {**headers, "webhook-timestamp": "1700000000", "webhook-signature": good},
    ]
    (tmp_path / "verify.mjs").write_text(blocks("js")[0])
    (tmp_path / "try.mjs").write_text(
        "import { verify } from './verify.mjs';\n"
        f"const body = Buffer.from({json.dumps(body)});\n"
        f"for (const headers of {json.dumps(calls)}) {{\n"
        f"  try {{ console.log(verify({json.dumps(KEY)}, headers, body).text); }} catch (e) {{ console.log(e.message); }}\n"
        "}\n"
    )
    done = subprocess.run(["node", tmp_path / "try.mjs"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["Grüße", "no signature fits", "too old, or too new"]
