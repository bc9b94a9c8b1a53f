"""A table at a minute: what stood on it then, what was done since, and what came late or was refused."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.plugins.database import unwatched
from tests.sql import ringing
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, ask
from tests.sql.test_archive import archive, leave
from till.domain.events.envelope import SERVER, Event
from till.domain.ids import IdClock
from till.domain.order.evolve import fold
from till.domain.streams import unseal
from till.domain.venue import read_venue
from till.reports.days import DateError
from till.reports.table import TableAt, end_of_minute, read_table

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.domain.order.state import Order

__all__ = ["template", "venue"]

#: 20:00 in India.
EVENING = datetime.now(UTC).replace(hour=14, minute=30, second=0, microsecond=0) - timedelta(days=60)
SAVED = "0197a000-0000-7000-8000-00000000007"


class Night:
    """An evening whose clock is that of its events and of their arrival."""

    def __init__(self, venue: Venue, patch: pytest.MonkeyPatch) -> None:
        self.venue, self.now = venue, EVENING
        clock = IdClock(lambda bits: id(object()) % 2**bits)
        patch.setattr(ringing, "new_id", lambda: clock.next(self.now))
        self.tills = [venue.till(1), venue.till(2)]
        self.at(0)

    def at(self, minute: int) -> None:
        """Go to a minute after 20:00."""
        self.now = EVENING + timedelta(minutes=minute)
        for till in self.tills:
            till.now = self.now

    def push(self, *tills: Till) -> None:
        """Push what tills have; it arrives now."""
        for till in tills or self.tills:
            assert till.push()["ok"]
        with unwatched(self.venue.owner):
            query = "UPDATE warm.session_events SET received_at = %s WHERE received_at > now() - interval '1 day'"
            self.venue.owner.execute(query, [self.now])
        query = "UPDATE till.order_sessions SET arrived_at = %s WHERE arrived_at > now() - interval '1 day'"
        self.venue.owner.execute(query, [self.now])

    def table(self, minute: int, name: str = "7") -> TableAt:
        """Return a table at the end of a minute after 20:00."""
        ends = EVENING + timedelta(minutes=minute + 1)
        known = read_venue(ask(self.venue.owner, self.venue.store, "venue"))
        return read_table(partial(ask, self.venue.owner, self.venue.store), known, name, ends)


@pytest.fixture
def night(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(venue, monkeypatch)


def stood(found: TableAt) -> list[tuple[str, int | None, str]]:
    """Return the lines of all orders of a table."""
    return [(row.words, row.quantity, row.why) for one in found.orders for row in one.stood]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_table_is_what_stood_on_it_at_the_end_of_that_minute(night: Night, is_old: bool) -> None:
    till = night.tills[0]
    cart = till.keyed()
    idly = till.add(cart, IDLY, 2)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.push(till)
    night.at(10)
    till.resume(cart)
    till.add(cart, DOSA)
    night.push(till)
    night.at(11)
    till.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1})
    till.save(cart, SAVED + "2", "table 9", table_number=9)
    night.push(till)
    night.at(20)
    till.place(cart, receipt="1-000042")
    night.push(till)
    if is_old:
        assert archive(night.venue) == 1
    assert stood(night.table(-1)) == []
    assert stood(night.table(9)) == [("Idly", 2, "")]
    assert stood(night.table(10)) == [("Idly", 2, ""), ("Masala Dosa", 1, "")]
    assert (stood(night.table(11)), stood(night.table(11, "9"))) == ([], [("Idly", 1, ""), ("Masala Dosa", 1, "")])
    assert stood(night.table(19, "table 9")) == stood(night.table(11, "9"))
    assert stood(night.table(20, "9")) == []
    (one,) = night.table(10).orders
    assert (one.order.till, one.order.user, one.order.total) == (1, 1, 16_000)
    assert [row.words for row in one.acts] == ["1 × Idly taken off", "Saved: table 9", "Paid 160.00, receipt 1-000042"]
    assert [(row.till, row.user) for row in one.acts] == [(1, 1)] * 3
    listed = [(row.at, row.words, row.amount, row.detail) for row in night.table(10).rows()]
    assert listed[0] == ("", "Table 7: 160.00, open, Asha, Till 1", "", "")
    assert listed[1] == ("20:00", "2 × Idly", "80.00", "Asha, Till 1")
    assert listed[-1] == ("20:20", "Paid 160.00, receipt 1-000042", "", "Asha, Till 1")


def test_a_record_that_came_late_or_was_refused_says_so(night: Night) -> None:
    """A line that a till keyed while it was cut off, and a removal that the server refused."""
    till, other = night.tills
    cart = till.keyed()
    idly = till.add(cart, IDLY, 2)
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.push(till)
    other.take(cart)
    night.at(5)
    other.add(cart, DOSA)
    night.at(6)
    refused = other.make("quantity_changed", cart.session, {"line_id": idly, "taken_off": 1})
    night.at(30)
    night.push(other)
    night.venue.owner.execute(
        "SELECT warm.server_event_v1(%s, 1, 'refused', %s, %s)",
        [night.venue.store, cart.session, Jsonb({"events": [refused.id]})],
    )
    came = f"came {EVENING:%Y-%m-%d} 20:30"
    assert stood(night.table(5)) == [("Idly", 2, ""), ("Masala Dosa", 1, came)]
    assert stood(night.table(6)) == [("Idly", 2, "refused, does not count"), ("Masala Dosa", 1, came)]
    (one,) = night.table(6).orders
    assert [(row.words, row.why) for row in one.acts if row.till == 2] == [
        ("1 × Masala Dosa", came),
        ("1 × Idly taken off", "refused, does not count"),
    ]
    assert [row.words for row in one.acts if row.till == SERVER] == [
        "Taken over from till 1",
        "A change that did not count",
    ]


def test_a_table_that_was_two_says_so_and_names_where_its_lines_went(night: Night) -> None:
    till = night.tills[0]
    kept, second, third = Cart(), Cart(), Cart()
    for number, (cart, name) in enumerate(((kept, "table 7"), (second, "table 7-2"), (third, "table 9")), 1):
        till.open(cart)
        till.add(cart, IDLY, number)
        till.save(cart, f"{SAVED}{number}", name, table_number=9 if number == 3 else 7)
    night.push(till)
    night.at(10)
    till.move(third, kept, *third.lines)
    night.push(till)
    found = night.table(9)
    assert found.sentence == "Table 7 was 2 then, each with its own order."
    assert [one.order.place_name for one in found.orders] == ["table 7", "table 7-2"]
    assert [row.words for row in found.orders[0].acts] == ["1 line moved from table 9: Idly"]
    assert stood(night.table(10)) == [("Idly", 1, ""), ("Idly", 3, ""), ("Idly", 2, "")]
    assert [row.words for row in night.table(9, "9").orders[0].acts] == ["1 line moved to table 7: Idly"]
    assert [one.order.place_name for one in night.table(9, "7-2").orders] == ["table 7-2"]
    assert night.table(9, "8").sentence == "Nothing stood on table 8 then."


def test_table_says_what_was_paid_of_it_by_that_minute(night: Night) -> None:
    till = night.tills[0]
    cart = till.keyed((DOSA, 2))
    till.save(cart, SAVED + "1", "table 7", table_number=7)
    night.at(5)
    till.resume(cart)
    payment = {"payment_id": ringing.new_id(), "tender": "CASH", "amount": "40.00"}
    till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"]})
    till.make("payment_approved", cart.session, {**payment, "tendered": "50.00", "change": "10.00"})
    night.push(till)
    titles = [night.table(minute).title_of(*night.table(minute).orders) for minute in (4, 5)]
    assert titles == ["Table 7: 160.00, saved, Asha, Till 1", "Table 7: 160.00, 40.00 paid, open, Asha, Till 1"]
    (one,) = night.table(5).to_json()["orders"]
    assert (one["total"], one["paid"]) == ("160.00", "40.00")


@pytest.mark.parametrize(
    ("typed", "day", "expected"),
    [
        ("21:15", None, "21:15 is still to come today."),
        ("9.05", None, "2026-03-04T03:36:00+00:00"),
        ("21:15", date(2026, 3, 1), "2026-03-01T15:46:00+00:00"),
        ("21:15", date(2026, 3, 4), "21:15 of that day is still to come."),
        ("25:15", None, "“25:15” is not a time. Write one such as 21:15."),
    ],
)
def test_minute_is_of_today_or_of_a_day(venue: Venue, typed: str, day: date | None, expected: str) -> None:
    known = read_venue(ask(venue.owner, venue.store, "venue"))
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    try:
        found = end_of_minute(known, typed, now, day).isoformat()
    except DateError as problem:
        found = problem.sentence
    assert found == expected


def test_a_minute_after_midnight_is_of_the_day_before(venue: Venue) -> None:
    known = read_venue(ask(venue.owner, venue.store, "venue") | {"business_day_ends": "04:00"})
    now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert end_of_minute(known, "00:30", now, date(2026, 3, 3)).isoformat() == "2026-03-03T19:01:00+00:00"
    assert end_of_minute(known, "04:00", now, date(2026, 3, 3)).isoformat() == "2026-03-02T22:31:00+00:00"


class Evening:
    """Two tills with three tables, of which each till folds what it wrote, and what a grant or an act brought it."""

    def __init__(self, venue: Venue, seed: int) -> None:
        self.venue, self.chance = venue, random.Random(seed)  # noqa: S311 - the same in each run
        self.tills = [venue.till(1), venue.till(2)]
        self.carts = [Cart() for _table in range(3)]
        self.holder = [0, 0, 0]
        self.known: list[dict[str, Event]] = [{}, {}]
        self.folded: list[tuple[datetime, int, Order]] = []
        for number, cart in enumerate(self.carts):
            self.tills[0].now = datetime.now(UTC)
            self.tills[0].open(cart)
            self.tills[0].add(cart, IDLY, 3)
            self.save(0, number, number + 1)

    def save(self, place: int, number: int, table: int) -> None:
        """Save an order to a table, a tab of its own for each time."""
        tab = ringing.new_id()
        self.tills[place].save(self.carts[number], tab, f"table {table}", table_number=table)

    def push(self, place: int) -> None:
        """Push what a till has; the tills that hold the orders hear of it."""
        self.note()
        assert self.tills[place].push()["ok"]
        for number, held in enumerate(self.holder):
            self.learn(held, number)

    def note(self) -> None:
        """Have each till know what it wrote."""
        for till, known in zip(self.tills, self.known, strict=True):
            known |= {event.id: event for event in till.pending if isinstance(event, Event)}

    def learn(self, place: int, *numbers: int) -> None:
        """Have a till know all that the server has of some orders."""
        for number in numbers:
            log = ask(self.venue.owner, self.venue.store, "session_log_v1", self.carts[number].session) or ()
            self.known[place] |= {event.id: event for event in (unseal(one["b"], one["h"], one["t"]) for one in log)}

    def step(self) -> None:
        """Do something at a till, and keep what the tills that hold the orders fold."""
        number = self.chance.randrange(3)
        place, cart = self.holder[number], self.carts[number]
        act = self.chance.choice(["key", "key", "off", "stale", "stale", "save", "push", "push", "take", "move"])
        at = 1 - place if act in {"stale", "take"} else place
        till = self.tills[at]
        till.now = datetime.now(UTC)
        match act:
            case "key" | "stale" if (
                act == "key" or cart.session in till.holds
            ):  # keys of a till that lost the order come late
                till.add(cart, self.chance.choice([IDLY, DOSA]), self.chance.randint(1, 4))
            case "off":
                taken = {"line_id": self.chance.choice([*cart.lines]), "taken_off": 1}
                till.make("quantity_changed", cart.session, taken)
            case "save":
                self.save(place, number, self.chance.randint(1, 9))
            case "push":
                self.push(self.chance.randrange(2))
            case "take":
                self.push(at)
                if till.ask(cart, warned=True).get("granted"):
                    self.holder[number] = at
                    self.learn(at, number)
            case "move":
                into = (number + 1) % 3
                if self.holder[into] == place and len(cart.lines) > 1:
                    self.push(place)
                    self.move(place, number, into)
        self.note()
        moment = datetime.now(UTC)
        for number, cart in enumerate(self.carts):
            held = self.holder[number]
            order = fold(event for event in self.known[held].values() if event.stream_id == cart.session)
            assert order is not None
            self.folded.append((moment, held + 1, order))

    def move(self, place: int, number: int, into: int) -> None:
        """Have the server move a line, unless it refuses: another till wrote meanwhile."""
        till, cart, other = self.tills[place], self.carts[number], self.carts[into]
        line = next(iter(cart.lines))
        was = cart.lines[line]
        with till.deciding() as decided:
            till.hand_on(cart, other, line)
        if not till.push(act=till.act(decided))["act"]["taken"]:
            cart.lines[line] = was
            del other.lines[line]
            return
        self.learn(place, number, into)

    def end(self) -> None:
        """Push all, and clear all orders."""
        for number, cart in enumerate(self.carts):
            self.tills[self.holder[number]].clear(cart)
        for place in (0, 1, 0):
            self.push(place)


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_a_table_at_any_moment_is_what_its_till_had_folded(venue: Venue, seed: int, is_old: bool) -> None:
    """Two tills key, take off, move and take over, pushed or not; all but what is marked is the same."""
    evening = Evening(venue, seed)
    for _step in range(25):
        evening.step()
    evening.end()
    if is_old:
        leave(venue, "2 days")
        assert archive(venue, warm=1) == 3
        with unwatched(venue.owner):  # as it arrived
            venue.owner.execute("UPDATE cold.order_audit SET received_at = received_at + interval '2 days'")
    refused = {row[0] for row in venue.rows("SELECT session_id FROM warm.log WHERE event_type = 'refused'")}
    known = read_venue(ask(venue.owner, venue.store, "venue"))
    for moment, till, order in evening.folded:
        assert order.tab is not None
        tables = [order.tab.table_number, *(range(1, 10) if order.id in refused else ())]
        at = (read_table(partial(ask, venue.owner, venue.store), known, str(table), moment) for table in tables)
        there = next(one for found in at for one in found.orders if one.order.id == order.id)
        if there.order.tab != order.tab:
            assert [row for row in there.acts if row.words == f"Saved: {order.tab.name}" and "refused" in row.why]
        assert (there.order.holder, there.order.user) == (till, order.user)
        marked = {row.line_id for row in (*there.stood, *there.acts) if row.why}
        ours, theirs = ({line.id: line.quantity for line in one.lines.values()} for one in (order, there.order))
        assert {line for line in {*ours, *theirs} if ours.get(line) != theirs.get(line)} <= marked
        assert {row.line_id for row in there.stood if row.line_id} == {line for line, n in theirs.items() if n}
