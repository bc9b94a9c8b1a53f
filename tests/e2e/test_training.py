"""Training in a pseudo-terminal, on a database of its own: drills, scores, kills, and nothing of it in the books."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from datetime import datetime, time, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from db import migrate
from tests.e2e.terminal import PATIENCE, TILL
from tests.papers import queries
from tests.sql.ringing import new_id
from till.cli.demo_venue import demo_settings
from till.cli.environment import Surroundings
from till.cli.training import EmbeddedDatabases, alive
from till.domain.errors import StoreError
from till.training.drills import DRILLS
from till.wiring.training import make_training_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.address import Address
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

#: The schemas of the venue's database that a training may change.
OWN = ("session", "simulator")
#: `make rush` plays it at 1, with a hundred guests.
PACE = os.environ.get("TILL_RUSH_PACE", "100")
GUESTS = 100 if PACE == "1" else 12
WIDE = (120, 36)
#: `till` with a server whose clock is ten minutes ahead, so that the hour of this minute is over.
_LATER = """
import sys
from datetime import timedelta
from till.administration.calls import AtServer
from till.cli.main import main
now = AtServer.now
AtServer.now = lambda self: now(self) + timedelta(minutes=10)
sys.exit(main({words}))
"""


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


def served_so_far(till: Terminal) -> int:
    """Return the figure beside the order."""
    return int(re.findall(r"Served +(\d+)", till.text)[0])


NUMBERS = ("one", "two", "three", "four", "five", "six")


def serve(till: Terminal, words: str) -> None:
    """Key what a guest of the rush says, and take the money."""
    sentence = re.findall(r"“([^”]+)”", words)[0].lower().removesuffix(".")
    for part in re.split(r", and |, (?=(?:one|two|three|four|five|six) )", sentence):
        number, _space, item = part.removeprefix("and ").partition(" ")
        till.type(f"{NUMBERS.index(number) + 1} {item.replace(',', '')}\r")  # with its choice
    till.press("f9").wait_for("Enter takes")
    note = re.search(r"Pays with ₹([\d,.]+)\.", words)
    till.type(f"{note[1].replace(',', '')}\r" if note else "c\r")
    if "Enter again takes it" in till.wait_for(lambda t: "Paid ₹" in t.text or "Enter again takes it" in t.text).text:
        till.press("enter").wait_for("Paid ₹")


def test_a_rush_is_scored_and_no_drill_leaves_a_trace_in_the_books(known: Venue) -> None:
    before = books(known)
    till = train(known, "--guests", str(GUESTS), "--pace", PACE)
    assert "TRAINING" in till.line(0)
    assert instances(known) == [("RUNNING", "1")]
    till.press("enter").wait_for(lambda t: at_counter(t)[0])
    ends, sales, for_nobody = monotonic() + PATIENCE + 20 * 60 / float(PACE), 0, 0
    while "Rush, day by day" not in till.text and monotonic() < ends:
        _name, words = at_counter(till)
        if "Pays " in words:
            serve(till, words)
            sales += 1
            # on a busy machine the last guest may leave before the first line
            for_nobody += not at_counter(till)[0] and served_so_far(till) < sales - for_nobody
        till.read_for(0.02)
    text = till.wait_for("Start Rush").text
    [(score, figures)] = known.rows("SELECT score, figures FROM simulator.scores")
    assert f"{score} of 100" in text
    assert (figures["served"], figures["served"] + figures["left"]) == (sales - for_nobody, GUESTS)
    for number, drill in enumerate(DRILLS[1:], 2):
        till.type(f"{number}\r").wait_for("at the counter").type("2 idly\r").wait_for("Total ₹80.00")
        till.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹80.00")
        till.press("f12").wait_for(f"{drill.name}, day by day")
    assert known.rows("SELECT drill FROM simulator.scores ORDER BY at") == [(drill.key,) for drill in DRILLS]
    assert till.press("f12").wait_for_end() == 0
    assert instances(known) == [("STOPPED", "1")]
    assert known.rows("SELECT datname FROM pg_database WHERE datname LIKE 'training%'") == []
    assert not [*(known.folder / "training").glob("*")]
    assert books(known) == before


def test_a_training_is_found_by_the_queries_swept_after_a_kill_and_joined_from_elsewhere(known: Venue) -> None:
    till = train(known)
    [(simulator, login)] = known.rows("SELECT simulator_id, session_id FROM simulator.instances")
    of_user = known.rows(queries.OF_USER.text.replace("<user_id>", "1"))
    assert (login, simulator) in [(row[0], row[4]) for row in of_user]
    assert known.rows(queries.INACTIVE_SIMULATORS.text) == []
    assert login in [row[0] for row in known.rows(queries.CONNECTIONS.text)]
    known.rows("UPDATE simulator.instances SET last_active = now() - interval '2 hours' RETURNING 1")
    assert [row[:4] for row in known.rows(queries.INACTIVE_SIMULATORS.text)] == [(simulator, login, "1", "RUNNING")]
    till.kill9()
    assert instances(known) == [("RUNNING", "1")]
    again = train(known)
    left = known.rows("SELECT count(*) FROM pg_database WHERE datname LIKE 'training%'")
    assert left == [(1,)], "the killed one's database is dropped"
    other = known.spawn([TILL, "train", "--join"])
    known.log_in(other, 2).type("2 idly\r").wait_for("Total ₹80.00").type("tab 7\r")
    other.wait_for("Saved to table 7.").wait_for("● saved")
    assert "TRAINING" in other.line(0)
    again.press("enter").wait_for("at the counter").press("f8").wait_for("Ravi").press("escape")


def test_a_training_that_cannot_be_made_says_why_and_leaves_nothing(
    known: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(_owner: Address) -> None:
        raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    monkeypatch.setenv("TILL_DATA_DIR", str(known.folder))
    monkeypatch.setattr(migrate, "upgrade", fill_up)
    before, simulator = books(known), new_id()
    here = Surroundings.find()
    databases = EmbeddedDatabases(here, 1, simulator, lambda _message: None)
    room = make_training_room(here.config, databases, here.venue.store_id, 1, simulator, new_id(), cash="500")

    async def story() -> None:
        with pytest.raises(StoreError, match=r"^The disk is full\. Free some space, then run `till train` again\.$"):
            await room.open(1)
        with pytest.raises(StoreError, match=r"^This training has ended\. Press Ctrl\+Q and run `till train`\.$"):
            await room.open(2)
        await room.close()

    with alive(here, simulator):
        asyncio.run(story())
        assert known.rows("SELECT datname FROM pg_database WHERE datname LIKE 'training%'") == []
        databases.release()
    assert not [*(known.folder / "training").glob("*")]
    assert instances(known) == [("ERROR", "1")]
    [(reason,)] = known.rows(
        "SELECT metadata->>'simulator_error' FROM session.session_metadata JOIN simulator.instances USING (session_id)"
    )
    assert reason.startswith("The disk is full.")
    assert books(known) == before


def test_an_hour_of_the_till_brings_its_rounds_as_guests(known: Venue) -> None:
    """A sale, and a table that is saved and paid: the training starts on them, however late it is."""
    till = known.open_at(1, size=WIDE)
    till.type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes").press("enter").wait_for(
        "Paid ₹80.00"
    )
    till.type("1 filter coffee\r").wait_for("Total ₹30.00").type("tab 7\r").wait_for("Saved to table 7.").wait_for(
        "● saved"
    )
    assert till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end() == 0
    [(sold,)] = known.rows("SELECT min(timestamp) FROM warm.session_events WHERE event_type = 'item_added'")
    zone = demo_settings()["timezone"]
    began = sold.astimezone(ZoneInfo(zone))
    day = (began - timedelta(hours=4)).date()
    ends = min(began + timedelta(minutes=3), datetime.combine(day + timedelta(days=1), time(4), began.tzinfo))
    hour = ["--day", f"{day}", "--from", f"{began:%H:%M}", "--to", f"{ends:%H:%M}"]
    later = _LATER.format(words=["train", "--seed", "5", "--till", "1", *hour])
    trained = known.spawn([sys.executable, "-c", later], size=WIDE)
    known.log_in(trained, 1).wait_for("Choose a drill.")
    assert "2 rounds of orders." in trained.text
    trained.press("enter").wait_for("“Two idly.”", PATIENCE + 60).wait_for("Pays with ₹")  # at the second of its minute
    trained.type("2 idly\r").wait_for("Total ₹80.00")


def test_without_a_venue_or_its_database_training_is_refused_in_words(venue: Venue) -> None:
    refused = venue.run("train")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "needs a terminal" in refused.stderr
