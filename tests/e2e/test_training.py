"""Training in a pseudo-terminal, on a database of its own: drills, scores, kills, and nothing of it in the books."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.terminal import TILL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

#: The schemas of the venue's database that a training may change.
OWN = ("session", "simulator")
#: `make rush` plays it at 1.
PACE = os.environ.get("TILL_RUSH_PACE", "20")
WIDE = (120, 36)


@pytest.fixture
def known(venue: Venue) -> Iterator[Venue]:
    """The venue, once its till has met its menu; its database stays up."""
    venue.url()
    assert venue.open_connected().press("ctrl+q").wait_for_end() == 0
    yield venue
    venue.run("db", "stop")


def books(venue: Venue) -> dict[str, Any]:
    """Return the rows of every table but those of trainings, except when tills were heard."""
    tables = venue.rows(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('till', 'hot', 'warm', 'cold')"
    )
    query = "SELECT md5((to_jsonb(x) - 'seen_at')::text) FROM {} AS x ORDER BY 1"
    return {name: venue.rows(query.format(name)) for (name,) in tables}


def train(venue: Venue, *options: str, size: tuple[int, int] = WIDE) -> Terminal:
    till = venue.spawn([TILL, "train", "--seed", "5", *options], size=size)
    return venue.log_in(till, 1).wait_for("Choose a drill.")


def instances(venue: Venue) -> list[tuple[Any, ...]]:
    return venue.rows("SELECT status, user_id FROM simulator.instances ORDER BY created_at")


def at_counter(till: Terminal) -> tuple[str, str]:
    """Return the name and the words of the guest at the counter; empty while nobody waits."""
    rows = [row[59:].strip() for row in till.rows()]
    name = re.match(r"(.+?)  at the counter", rows[2])
    return (name[1], " ".join(rows[5:13])) if name else ("", "")


NUMBERS = ("one", "two", "three", "four", "five", "six")


def serve(till: Terminal, words: str) -> None:
    """Key what a guest of the rush says, and take the money."""
    said = re.findall(r"“([^”]+)”", words)[0].lower().removesuffix(".")
    for part in re.split(r", and |, (?=(?:one|two|three|four|five|six) )", said):
        number, _space, item = part.removeprefix("and ").partition(" ")
        till.type(f"{NUMBERS.index(number) + 1} {item.partition(',')[0]}\r")
    till.press("f9").wait_for("Enter takes")
    note = re.search(r"Pays with ₹([\d,.]+)\.", words)
    till.type(f"{note[1].replace(',', '')}\r" if note else "c\r").wait_for("Paid ₹")


def test_a_rush_is_scored_and_nothing_of_it_is_in_the_books(known: Venue) -> None:
    before = books(known)
    till = train(known, "--guests", "100", "--pace", PACE)
    assert "TRAINING" in till.line(0)
    assert instances(known) == [("RUNNING", "1")]
    till.press("enter").wait_for(lambda t: at_counter(t)[0])
    ends, served = time.monotonic() + 20 * 60 / float(PACE), 0
    while "Rush, day by day" not in till.text and time.monotonic() < ends:
        _name, words = at_counter(till)
        if "Pays " in words:
            serve(till, words)
            served += 1
        till.read_for(0.02)
    text = till.wait_for("Start Rush").text
    [(score, figures)] = known.rows("SELECT score, figures FROM simulator.scores")
    assert f"{score} of 100" in text
    assert (figures["served"], figures["served"] + figures["left"]) == (served, 100)
    assert till.press("f12").wait_for_end() == 0
    assert instances(known) == [("STOPPED", "1")]
    assert known.rows("SELECT datname FROM pg_database WHERE datname LIKE 'training%'") == []
    assert not [*(known.folder / "training").glob("*")]
    assert books(known) == before


def test_a_killed_training_is_swept_by_the_next_and_another_terminal_joins(known: Venue) -> None:
    till = train(known)
    till.kill9()
    assert instances(known) == [("RUNNING", "1")]
    again = train(known)
    left = known.rows("SELECT count(*) FROM pg_database WHERE datname LIKE 'training%'")
    assert left == [(1,)], "the killed one's database is dropped"
    other = known.spawn([TILL, "train", "--join"])
    known.log_in(other, 2).type("2 idly\r").wait_for("Total ₹80.00").type("tab 7\r").wait_for("● saved")
    assert "TRAINING" in other.line(0)
    again.press("enter").wait_for("at the counter").press("f8").wait_for("cashier 2").press("escape")


def test_without_a_venue_or_its_database_training_is_refused_in_words(venue: Venue) -> None:
    refused = venue.run("train")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "needs a terminal" in refused.stderr
