import pytest

from copydesk.errors import UsageError
from copydesk.runtime.stream_names import stream_key, stream_name

NAMES = {
    "documents": "copydesk:documents",
    "copies": "copydesk:copies",
    "rejected": "copydesk:rejected",
    "german-agencies": "copydesk:selection:german-agencies",
    "replay:new.one": "copydesk:replay:new.one",
    "dead:archive": "copydesk:dead:archive",
    "own:archive": "copydesk:own:archive",
}


@pytest.mark.parametrize(("name", "key"), NAMES.items())
def test_a_name_is_a_key_and_the_other_way_round(name, key):
    assert stream_key(name) == key
    assert stream_name(key) == name


@pytest.mark.parametrize(
    "name", ["", "a b", "copydesk:documents", "replay:", "dead:own:x", "-x", "ä", "x" * 101, "x\n"]
)
def test_what_no_stream_is_called_says_what_there_is(name):
    with pytest.raises(UsageError, match="documents, copies, rejected, the names of selections, replay:NAME"):
        stream_key(name)
