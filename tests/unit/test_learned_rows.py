"""What was learned of a site, as ``copydesk rules learned`` shows it."""

from copydesk.core.learned import Place, key_text
from copydesk.core.sites import Sighting, Site, State, Story
from copydesk_services.commands import learned_rows

HOSTILE = "Our [bold]ledger[/bold] \x1b[31mprogramme\u202e of the northern guild audits its bookkeeping each spring"
TEXTS = {
    1 << 60: "Learned of all stories",
    2 << 60: HOSTILE,
    3 << 60: "Vetoed by hand",
    4 << 60: "Pinned by hand",
    5 << 60: "Seen once",
}


def site():
    """Stories of five days: the first block in all, the second in a third of them, the last in one."""
    site = Site()
    for number in range(25):
        carried = [key for key in TEXTS if key <= 1 << 60 or (number % 3 == 0 and key < 5 << 60) or number == 7]
        sightings = tuple(Sighting(key, Place.TAIL, True, TEXTS[key]) for key in carried)
        site.observe(Story(number, 20_000 + number // 5, sightings))
    site.decide(3 << 60, State.VETOED)
    site.decide(4 << 60, State.PINNED)
    return site


def test_what_is_removed_comes_first_then_by_evidence():
    rows = learned_rows.rows(site())
    assert [row["state"] for row in rows] == ["pinned", "learned", "vetoed", "watching"]
    assert rows[1] == {
        "key": "1000000000000000", "state": "learned", "text": "Learned of all stories", "stories": 25, "share": 1.0,
        "days": 5, "first_day": "2024-10-04", "last_day": "2024-10-08", "place": "tail", "steadiness": 1.0, "since": 1,
        "host_stories": 25, "version": 3,
    }  # fmt: skip
    assert (rows[3]["stories"], rows[3]["since"]) == (10, None)
    assert 0.3 < rows[3]["share"] < 0.45
    assert "Seen once" not in {row["text"] for row in rows}


def test_without_dates_there_are_no_days():
    known = Site()
    for number in range(3):
        known.observe(Story(number, None, (Sighting(1, Place.HEAD, True, "x"),)))
    [row] = learned_rows.rows(known)
    assert (row["days"], row["first_day"], row["last_day"], row["place"]) == (0, None, None, "head")


def test_the_table_shows_texts_of_others_as_they_are_and_obeys_none(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    learned_rows.show("site.example", site())
    shown = capsys.readouterr().out
    assert "site.example: 25 stories seen, 2 removed, version 3" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "Our [bold]ledger[/bold]" in shown
    for key in (1 << 60, 2 << 60, 3 << 60, 4 << 60):
        assert key_text(key)[:8] in shown
