"""``--diff`` of ``extract`` and ``clean`` as a user sees it, and that nothing is lost between the blocks and what went."""

import os
import pty
import re
import tempfile

import forked
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.core.boilerplate import clean_text
from copydesk_services.commands import block_diff
from copydesk_services.commands.clean import command as clean

PROSE = [
    "The council of the small harbour town voted on Tuesday to rebuild the old pier, which a storm had torn down in the winter.",
    "Fishermen who had waited for the decision since March said that they were relieved, although work will only begin later.",
    "The mayor promised that the new pier would stand on pillars of stone, and that it would carry a second crane for the boats.",
]
TEXT = [PROSE[0], "Share this article", PROSE[1], PROSE[2], "Advertisement", "© 2020 The Harbour Paper"]
SHOWN = [
    f"  {PROSE[0]}",
    "- [share, any.share_row] Share this article",
    f"  {PROSE[1]}",
    f"  {PROSE[2]}",
    "- [advertisement, en.advertisement] Advertisement",
    "- [copyright, en.copyright] © 2020 The Harbour Paper",
    "3 blocks stay, 3 removed",
]
MOVES = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]")


def copydesk(*arguments, stdin=b""):
    return forked.copydesk(*arguments, stdin=stdin)


def page(*texts, title="Town rebuilds its pier"):
    body = "".join(f"<p>{text}</p>" for text in texts)
    return f"<html lang=en><head><title>{title}</title></head><body><article>{body}</article></body></html>".encode()


def on_a_terminal(*arguments, stdin, **environment):
    """What a verb writes to a terminal."""
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        files = {"stdin": given.fileno(), "stdout": theirs, "stderr": err.fileno()}
        process = forked.start(arguments, **files, env={**clean, "TERM": "xterm-256color", **environment})
        os.close(theirs)
        written = b""
        try:
            while chunk := os.read(ours, 65_536):
                written += chunk
        except OSError:  # Linux says so when the other side is closed
            pass
        assert forked.ended(process) == 0
    os.close(ours)
    return written.replace(b"\r\n", b"\n").decode()


def test_clean_shows_what_goes_in_its_place():
    done = copydesk("clean", "--diff", stdin="\n\n".join(TEXT).encode())

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == SHOWN


def test_extract_shows_the_page_too():
    done = copydesk("extract", "--diff", "--url", "https://paper.example/a", stdin=page(*TEXT))

    assert (done.returncode, done.stderr) == (0, b"")
    title, url, *blocks = done.stdout.decode().splitlines()
    assert (title, url) == ("Town rebuilds its pier", "https://paper.example/a")
    assert blocks == SHOWN


def test_a_page_that_is_no_article_is_shown_with_the_reason():
    body = page("Sorry, the page that you are looking for does not exist.", title="Page not found")

    done = copydesk("extract", "--diff", stdin=body)

    assert done.returncode == 0
    assert "no article: soft_404: " in done.stdout.decode()
    assert "  Sorry, the page" in done.stdout.decode()


def test_colours_on_a_terminal_only():
    text = "\n".join(TEXT).encode()

    coloured = on_a_terminal("clean", "--diff", stdin=text)
    plain = on_a_terminal("clean", "--diff", stdin=text, NO_COLOR="1")

    assert "\x1b[31mShare this article\x1b[0m" in coloured
    assert f"  {PROSE[0]}\n" in coloured
    assert plain.splitlines() == SHOWN
    assert re.sub(r"\x1b\[\d*m", "", coloured).splitlines() == SHOWN


@pytest.mark.parametrize("verb", ["clean", "extract"])
def test_hostile_texts_move_no_terminal(verb):
    hostile = "\x1b[2J\x1b]0;owned\x07 \u202e drow \x9b31m \x00\x08 \u2028 Advertisement"
    texts = [*PROSE, hostile, "Share this article \u202e\x1b[2J"]
    stdin = page(*texts, title=hostile) if verb == "extract" else "\n".join(texts).encode()

    done = copydesk(verb, "--diff", stdin=stdin)

    assert done.returncode == 0
    assert not MOVES.search(done.stdout)


@pytest.mark.parametrize("verb", ["clean", "extract"])
def test_it_is_for_one_text(verb):
    done = copydesk(verb, "--diff", "--jsonl", stdin=b"")

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--diff shows one text" in done.stderr


def test_an_empty_text():
    assert copydesk("clean", "--diff", stdin=b"\n").stdout == b"0 blocks stay, 0 removed\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("texts") / "text.txt"


LINES = st.lists(
    st.sampled_from([*TEXT, "Related articles", "A town and its pier", "", "Comments", "* * *"]) | st.text(max_size=30),
    max_size=15,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_what_stays_and_what_goes_give_back_everything(lines):
    text = "\n".join(lines)
    kept, removed = clean_text(text)
    blocks = block_diff.in_order(kept.split("\n") if kept else [], [block.model_dump(mode="json") for block in removed])

    assert [block if isinstance(block, str) else block["text"] for block in blocks] == [
        line for line in text.split("\n") if line.strip()
    ]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*TEXT, "Related articles", "A town and its pier", "Comments"]), max_size=15))
def test_the_same_through_the_command_line(file, lines):
    file.write_text("\n".join(lines))
    done = CliRunner().invoke(clean, ["--diff", str(file)])

    assert done.exit_code == 0, done.output
    *shown, told = done.stdout.splitlines()
    assert [re.sub(r"^(?:  |- \[[^\]]*\] )", "", line) for line in shown] == lines
    gone = sum(line.startswith("- ") for line in shown)
    stay = len(lines) - gone
    assert told == f"{stay} block{'s stay' if stay != 1 else ' stays'}, {gone} removed"
