"""Shifts that their tills left open: the server closes them, and a till's own close may still arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from tests.sql import ringing
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from till.domain.events.envelope import sha256
from till.domain.ids import IdClock, proven_id
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.shift.books import ShiftTotals
from till.reports.declared import DAY as DAY_REPORT
from till.reports.shifts import X

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tests.sql.ringing import Till, Venue

INR: Final = Currency("INR")


def opening(day: date) -> dict[str, Any]:
    """Return the data of a `shift_opened`."""
    return {"business_date": str(day), "currency": "INR", "kept": ["CASH"]}


def on(till: Till, day: date) -> Till:
    """Let it be five in the morning of a day at a till."""
    till.now = datetime.combine(day, time(5), UTC)
    return till


@dataclass
class Counter:
    """A till with an open shift, which sells and takes refunds."""

    till: Till
    day: date
    shift: str = field(init=False)
    books: ShiftTotals = field(default_factory=lambda: ShiftTotals(INR, {"CASH": Minor(0)}))

    def __post_init__(self) -> None:
        on(self.till, self.day)
        self.till.make("journal_opened", None, {"host": "counter"})
        secret = ringing.new_id()
        self.shift = self.till.shift = proven_id(secret)
        self.make("shift_opened", self.shift, opening(self.day) | {"secret": secret})

    def make(self, kind: str, stream: str | None, data: dict[str, Any]) -> None:
        self.books.add(self.till.make(kind, stream, data))

    def sell(self, item: str = IDLY) -> None:
        """Sell one piece for cash."""
        cart, payment = Cart(), ringing.new_id()
        self.till.open(cart)
        self.till.add(cart, item)
        paid = {"payment_id": payment, "tender": "CASH", "amount": str(cart.total), "change": "0.00"}
        drawer = {"drawer": self.till.number, "tendered": str(cart.total)}
        self.make("payment_approved", cart.session, paid | drawer)
        self.make("order_placed", cart.session, cart.frozen(payments=[paid], business_date=str(self.day)))

    def refund(self, amount: str) -> None:
        """Give cash back, for a sale of another day."""
        self.make("refund_approved", new_id(), {
            "session_id": new_id(), "receipt": "1-R000001", "tender": "CASH", "amount": f"-{amount}",
            "drawer": self.till.number,
        })  # fmt: skip

    def close(self) -> None:
        number = f"{self.till.number}-Z000001"
        data = {"number": number, "currency": "INR", "sums": msgspec.to_builtins(self.books.sums())}
        self.make("shift_closed", self.shift, data)
        self.till.shift = None

    def count(self, counted: str) -> None:
        count = {"tender": "CASH", "expected": "0.00", "counted": counted}
        self.make("drawer_counted", self.shift, {"currency": "INR", "counts": [count]})

    def push(self) -> None:
        while self.till.pending:
            assert self.till.push()["ok"]
            self.till.known.clear()


@pytest.fixture
def day(venue: Venue) -> date:
    found: date = venue.value("SELECT till.business_date(%s, now())", venue.store)
    return found


def opened(venue: Venue, day: date, number: int = 1) -> Counter:
    counter = Counter(venue.till(number), day)
    counter.sell()
    counter.sell(DOSA)
    counter.push()
    return counter


def upkeep(venue: Venue) -> bool:
    found: dict[str, Any] = venue.value("SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)", venue.store)
    assert found["ran"]
    return bool(found["more"])


def zs(venue: Venue, day: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = venue.ask("zs_v1", {"from": str(day), "to": str(day)})
    return found


def revoke(venue: Venue, _day: date, number: int = 1) -> None:
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, %s)", [venue.store, number])


def enrol(venue: Venue, number: int = 1) -> None:
    secret = sha256(f"secret {number}")
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", [venue.store, number, secret])


def replace(venue: Venue, day: date, shift: str | None = None) -> None:
    """Let a new journal take the place of the one of till 1. It may go on with a shift."""
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    assert not upkeep(venue)
    assert zs(venue, day) == []
    other = venue.till(1)
    other.make("journal_opened", None, {"host": "other", "shift": shift})
    assert other.push()["ok"]


def replace_and_sell(venue: Venue, day: date) -> None:
    """Let a new machine open a shift of its own at once."""
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    opened(venue, day)


@pytest.mark.parametrize("leave", [revoke, replace, replace_and_sell])
def test_upkeep_closes_a_shift_that_its_till_left_open(
    venue: Venue, day: date, leave: Callable[[Venue, date], None]
) -> None:
    counter = opened(venue, day)
    assert not upkeep(venue)
    leave(venue, day)
    assert upkeep(venue)
    assert not upkeep(venue)
    (z,) = zs(venue, day)
    sums = msgspec.json.decode(msgspec.json.encode(counter.books.sums()))
    assert {name: z[name] for name in ("sales", "tenders", "dates", "categories")} == {
        name: sums[name] for name in ("sales", "tenders", "dates", "categories")
    }
    assert (z["number"], z["closed_from"], z["closed_by"], z["other"]) == ("0-Z000001", "server", None, None)
    assert (z["shift"], z["till"], z["drawer"][0]["closing"]) == (counter.shift, 1, "120.00")
    assert z["totals"] == {"sales": "120.00", "refunds": "0.00", "net": "120.00"}
    assert z["arrived_later"] == {"number": 0, "amount": "0.00"}
    assert venue.ask("zs_v1", {"number": "0-Z000001"}) == [z]
    (listed,) = [one for one in venue.ask("shifts_v1") if one["shift"] == counter.shift]
    assert (listed["number"], listed["closed_by"], listed["closed_at"]) == ("0-Z000001", None, z["closed_at"])
    assert listed["other"] is None
    ((place, *found),) = venue.rows("SELECT id, till_id, reason FROM quarantine WHERE sqlstate = 'TL018'")
    assert found == [1, "Count the drawer of till 1: the server closed its shift from what arrived, with Z 0-Z000001."]
    named = "SELECT e.event_type FROM warm.quarantine AS q JOIN warm.session_events AS e USING (event_id, body)"
    assert venue.rows(f"{named} WHERE q.id = %s", place) == [("shift_closed",)]
    venue.ask("quarantine_resolve_v1", 9, place, "counted")
    assert venue.rows("SELECT FROM quarantine WHERE sqlstate = 'TL018' AND resolved_at IS NULL") == []


def test_a_shift_with_which_the_journal_goes_on_stays_open(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    replace(venue, day, counter.shift)
    assert not upkeep(venue)
    (x,) = venue.ask("zs_v1", {"open": True})
    assert x["shift"] == counter.shift


def test_later_records_stand_beside_the_z_of_the_server(venue: Venue, day: date) -> None:
    """Records of the old disk: two sales and a refund, and then the till's own close, which the venue's sums take."""
    counter = opened(venue, day)
    replace(venue, day)
    assert upkeep(venue)
    counter.sell()
    counter.sell(DOSA)
    counter.refund("30.00")
    counter.push()
    (z,) = zs(venue, day)
    assert (z["number"], z["arrived_later"]) == ("0-Z000001", {"number": 3, "amount": "90.00"})
    counter.close()
    counter.count("200.00")
    counter.push()
    while upkeep(venue):
        pass
    by_till, by_server = sorted(zs(venue, day), key=lambda one: str(one["closed_from"]), reverse=True)
    assert (by_till["number"], by_till["other"], by_till["arrived_later"]["number"]) == ("1-Z000001", "0-Z000001", 0)
    assert (by_server["number"], by_server["other"], by_server["sales"]["gross"]) == (
        "0-Z000001", "1-Z000001", "120.00",
    )  # fmt: skip
    assert by_server["arrived_later"] == {"number": 3, "amount": "90.00"}
    assert len(venue.rows("SELECT FROM quarantine WHERE sqlstate = 'TL018'")) == 1  # the till's Z fits its records
    report = venue.report(DAY_REPORT, day)
    assert [(row[1], row[-1]) for row in report.rows("balances")] == [("1-Z000001", Minor(21_000))]
    assert [row[1] for row in report.rows("over_short")] == ["1-Z000001"]
    assert report.rows("open_shifts") == ()
    (listed,) = [one for one in venue.ask("shifts_v1") if one["shift"] == counter.shift]
    assert (listed["number"], listed["other"]) == ("1-Z000001", "0-Z000001")


def test_the_server_numbers_its_zs_in_one_series_with_grand_totals_by_till(venue: Venue, day: date) -> None:
    for number in (1, 2, 1):
        counter = opened(venue, day, number)
        counter.refund("10.00")
        counter.push()
        revoke(venue, day, number)
        while upkeep(venue):
            pass
        enrol(venue, number)
        venue.owner.execute("SELECT warm.adopt_journal(%s, 9, %s)", [venue.store, number])
    found = sorted(zs(venue, day), key=lambda z: str(z["number"]))
    assert [(one["till"], one["number"], one["totals"]) for one in found] == [
        (1, "0-Z000001", {"sales": "120.00", "refunds": "10.00", "net": "110.00"}),
        (2, "0-Z000002", {"sales": "120.00", "refunds": "10.00", "net": "110.00"}),
        (1, "0-Z000003", {"sales": "240.00", "refunds": "20.00", "net": "220.00"}),
    ]


def test_the_server_closes_a_shift_over_a_gap(venue: Venue, day: date) -> None:
    counter = Counter(venue.till(1), day)
    counter.sell()
    counter.sell()
    request = counter.till.request()
    place = next(n for n, one in enumerate(counter.till.pending) if one.seq == 5)
    gone = counter.till.pending[place]
    request["events"][place] = {"seq": gone.seq, "h": gone.hash, "gone": True}
    assert counter.till.send(request)["ok"]
    revoke(venue, day)
    assert upkeep(venue)
    (z,) = zs(venue, day)
    assert (z["sales"]["gross"], z["drawer"][0]["closing"], z["used"]) == ("80.00", "40.00", "40.00")


def test_a_till_that_is_enrolled_again_closes_its_shift_itself(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    revoke(venue, day)
    assert upkeep(venue)
    enrol(venue)
    counter.sell()
    counter.close()
    counter.push()
    assert not upkeep(venue)
    assert {one["number"]: one["sales"]["gross"] for one in zs(venue, day)} == {
        "0-Z000001": "120.00",
        "1-Z000001": "160.00",
    }


def test_the_next_shift_opens_with_what_the_server_stated(venue: Venue, day: date) -> None:
    opened(venue, day)
    revoke(venue, day)
    assert upkeep(venue)
    enrol(venue)
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    counter = opened(venue, day)
    opening = venue.value("SELECT (o).balance FROM warm.opening_of_shift(%s) AS o", counter.shift)
    assert opening == {"CASH": "120.00"}


def brought(venue: Venue, till: Till, has: int = 0) -> dict[str, Any] | None:
    """Push, and return the balance of the drawer that the reply brings."""
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 minute'")
    reply = till.push(reference={"balance": has})
    assert reply["ok"], reply
    found: dict[str, Any] | None = reply["reference"].get("balance")
    return found


def begun(venue: Venue) -> Till:
    """A journal on an empty disk of till 1."""
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    till = venue.till(1)
    till.make("journal_opened", None, {"host": "other"})
    return till


def test_the_first_reply_to_a_journal_on_an_empty_disk_brings_the_balance(venue: Venue, day: date) -> None:
    counter = opened(venue, day)
    counter.close()
    counter.count("100.00")
    counter.push()
    till = begun(venue)
    reply = brought(venue, till)
    assert reply is not None
    assert reply["body"] == {"balance": {"CASH": "100.00"}}
    assert brought(venue, till, reply["version"]) is None
    till.make("journal_opened", None, {"host": "other"})
    assert brought(venue, till, 0) == reply, "a till that lost the reply, or doubts it, asks again"


def test_the_balance_follows_what_still_arrives_until_the_journal_closed_a_shift(venue: Venue, day: date) -> None:
    """The old disk left its shift open, which the server closes; its records and its own close come later."""
    counter = opened(venue, day)
    till = begun(venue)
    assert brought(venue, till) is None
    assert upkeep(venue)
    reply = brought(venue, till)
    assert reply is not None
    assert reply["body"] == {"balance": {"CASH": "120.00"}}
    other = Counter(till, day)
    other.sell()
    other.push()
    assert brought(venue, till, reply["version"]) is None
    counter.sell()
    counter.close()
    assert brought(venue, counter.till) is None, "nothing to the old journal"
    later = brought(venue, till, reply["version"])
    assert later is not None
    assert later["body"] == {"balance": {"CASH": "160.00"}}
    opening = venue.value("SELECT (o).balance FROM warm.opening_of_shift(%s) AS o", other.shift)
    assert opening == later["body"]["balance"]
    other.close()
    other.push()
    assert brought(venue, till) is None


def test_a_journal_that_knows_its_drawer_is_told_no_balance(venue: Venue, day: date) -> None:
    """The first journal of a till, one whose shift the server closed, and one that goes on with that shift."""
    counter = opened(venue, day)
    assert brought(venue, counter.till) is None
    revoke(venue, day)
    assert upkeep(venue)
    enrol(venue)
    assert brought(venue, counter.till) is None
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    other = venue.till(1)
    other.make("journal_opened", None, {"host": "other", "shift": counter.shift})
    assert brought(venue, other) is None


def test_a_till_hears_of_the_zs_by_the_server_of_its_shifts(venue: Venue, day: date) -> None:
    """The paper of its own Z names them."""

    def heard(till: Till, version: int = 0) -> Any:
        venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
        return till.push(reference={"zs": version})["reference"].get("zs")

    counters = [opened(venue, day, number) for number in (1, 2)]
    assert heard(counters[0].till) is None
    for number in (1, 2):
        revoke(venue, day, number)
        assert upkeep(venue)
        enrol(venue, number)
    found = heard(counters[0].till)
    assert found["body"] == {"by_server": {counters[0].shift: "0-Z000001"}}
    assert heard(counters[0].till, found["version"]) is None
    assert heard(counters[1].till)["body"] == {"by_server": {counters[1].shift: "0-Z000002"}}


@pytest.fixture
def then(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of the ids that the tills make: ten days ago."""
    then: list[datetime] = [venue.value("SELECT now() - interval '10 days'")]
    clock = IdClock(lambda _bits: 0)
    monkeypatch.setattr(ringing, "new_id", lambda: clock.next(then[0]))
    return then


def store_day(venue: Venue, day: date) -> None:
    """Store that no shift was opened on a day."""
    venue.owner.execute(
        "INSERT INTO cold.report_days (store_id, view, business_date, rows) VALUES (%s, 'zs_by_shift', %s, '[]')",
        [venue.store, day],
    )


def test_an_open_shift_is_read_anew_and_on_whatever_day(venue: Venue, day: date, then: list[datetime]) -> None:
    counter = opened(venue, day - timedelta(days=10))
    then[0] += timedelta(days=10)
    counter.sell()
    counter.push()
    store_day(venue, day - timedelta(days=10))
    (row,) = venue.report(X, day, day).rows("shifts")
    assert (row[0], row[-2:]) == (1, (3, Minor(16_000)))
    assert venue.report(X, day - timedelta(days=30), day - timedelta(days=20)).rows("shifts") == (row,)


def test_a_sale_of_an_old_shift_changes_its_stored_day(venue: Venue, day: date, then: list[datetime]) -> None:
    counter = opened(venue, day - timedelta(days=10))
    revoke(venue, day)
    assert venue.value("SELECT warm.close_left_shift(%s, %s)", venue.store, counter.shift)
    enrol(venue)
    store_day(venue, day - timedelta(days=10))
    then[0] += timedelta(days=10)
    counter.sell()
    counter.push()
    assert venue.rows("SELECT FROM cold.report_days") == []
    (z,) = zs(venue, day - timedelta(days=10))
    assert z["arrived_later"] == {"number": 1, "amount": "40.00"}
