"""Every oddity of real trading, rung through the real register on a real journal."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.replay.bar import CUP, ODD_LINES, ODD_SALES, ODD_TENDERS, Bar, odd_bar
from tests.replay.desk import KilledError, MemoryBooks
from till.domain.ids import moment_of
from till.domain.money.measures import Minor
from till.domain.order.events import PlacedTax
from till.domain.order.state import Order, Status
from till.domain.payment.movement import PaymentState
from till.domain.venue import read_venue
from tools.replay.cells import TradingFileError
from tools.replay.files import read_trading
from tools.replay.replay import ReplayOptions, run
from tools.replay.venue import VenueFacts

if TYPE_CHECKING:
    from pathlib import Path

    from tools.replay.compare import ReplayReport


@pytest.fixture
def books(tmp_path: Path) -> MemoryBooks:
    return MemoryBooks(tmp_path / "till-90.sqlite")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    return odd_bar().write(tmp_path / "odd")


def rows(order: Order) -> list[tuple[str, int, int]]:
    return [(row.first.name, row.quantity, row.taxed.gross) for row in order.priced.rows]


def counts(report: ReplayReport) -> dict[int, tuple[int, int, int]]:
    return {day.day: (day.sales, day.lines, day.unbalanced) for day in report.days}


async def test_every_oddity_comes_through_to_the_penny(odd: Path, books: MemoryBooks) -> None:
    report = await run(read_trading(odd), books)
    assert report.troubles == ()
    assert report.is_exact
    assert {day["day"]: day["tenders"] for day in report.to_json()["days"]} == ODD_TENDERS
    assert counts(report) == {day: (ODD_SALES[day], ODD_LINES[day], 0) for day in (1, 2)}
    assert report.to_json()["lost"] == 0


async def test_each_sale_is_the_order_that_it_was(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd), books)
    void = books.order("1/void")
    assert rows(void) == [("Bitter pint", 1, 480)]
    assert [line.void.reason for line in void.lines.values() if line.void] == ["replay"]
    assert rows(books.order("1/all void")) == []
    assert books.order("1/all void").status is Status.COMPLETED
    assert rows(books.order("1/second")) == [("Bitter pint", -2, -960)]
    assert rows(books.order("1/lone")) == [("Bitter pint", 1, 480), ("Crisps", -1, -120)]
    assert rows(books.order("1/twice")) == [("Crisps", 1, 120)]
    assert rows(books.order("1/cup")) == [("Bitter pint", 1, 480), (CUP, -1, -25)]
    assert rows(books.order("2/prices"))[1] == ("Crisps", 3, 60)
    assert [line.discount.reason for line in books.order("2/prices").lines.values() if line.discount] == ["Friends"]
    assert books.order("1/free").total == 0
    assert books.order("1/two of us").user == 5


async def test_payments_are_reported_as_they_were(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd), books)

    def payments_of(sale: str) -> list[tuple[str, int, int]]:
        return [(p.tender, p.tendered, p.change) for p in books.order(f"1/{sale}").payments.values()]

    assert payments_of("notes") == [("CASH", 200, 0), ("CASH", 500, 220)]
    assert payments_of("coins") == [("CASH", 1500, 1020)]
    assert payments_of("cashback") == [("SQUARE", 1480, 1000)]
    assert payments_of("swap") == [("SQUARE", -520, 0), ("CASH", 1000, 0)]
    assert payments_of("change a note") == [("CASH", -2000, 0), ("SQUARE", 2000, 0)]
    assert payments_of("mixed return") == [("CASH", 520, 0), ("SQUARE", -1000, 0)]
    attempt = books.order("1/attempt")
    assert [p.state for p in attempt.payments.values()] == [PaymentState.DECLINED, PaymentState.APPROVED]
    only = books.order("1/only an attempt")
    assert (only.status, only.discard_reason) == (Status.DISCARDED, "nothing was sold")
    assert [p.state for p in only.payments.values()] == [PaymentState.DECLINED]


async def test_a_sale_keeps_its_times_and_the_day_that_it_was_closed_in(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd), books)
    overnight = books.order("2/overnight")
    assert overnight.created_at == datetime(2025, 7, 1, 22, 50, 0, 250_000, tzinfo=UTC)
    assert overnight.placed
    assert overnight.placed.at.replace(microsecond=0) == datetime(2025, 7, 2, 9, 5, tzinfo=UTC)
    assert overnight.placed.data.business_date == "2025-07-02"
    assert moment_of(overnight.id) == overnight.created_at


async def test_a_replay_that_is_run_again_adds_nothing(odd: Path, books: MemoryBooks, tmp_path: Path) -> None:
    first = await run(read_trading(odd), books)
    events = books.events
    assert (await run(read_trading(odd), books)).to_json() == first.to_json()
    moved = odd_bar().write(tmp_path / "elsewhere")
    assert (await run(read_trading(moved, [2]), books)).is_exact
    assert books.events == events


async def test_days_may_be_brought_one_by_one(odd: Path, books: MemoryBooks, tmp_path: Path) -> None:
    assert (await run(read_trading(odd, [2]), books)).is_exact
    assert books.reference
    known = {item["name"]: item for item in books.reference.menu["items"]}
    assert (await run(read_trading(odd, [1]), books)).is_exact
    report = await run(read_trading(odd), books)
    assert report.is_exact
    whole = MemoryBooks(tmp_path / "whole.sqlite")
    assert report.to_json() == (await run(read_trading(odd), whole)).to_json()
    assert {item["name"]: item["id"] for item in books.reference.menu["items"]}.items() >= {
        (name, item["id"]) for name, item in known.items()
    }


@pytest.mark.parametrize("lives", [2, 7])
async def test_a_replay_broken_off_at_any_command_goes_on_where_it_was(
    odd: Path, books: MemoryBooks, tmp_path: Path, lives: int
) -> None:
    whole = MemoryBooks(tmp_path / "whole.sqlite")
    await run(read_trading(odd), whole)
    books.lives, kills, report = lives, 0, None
    while report is None:
        try:
            report = await run(read_trading(odd), books)
        except KilledError:
            kills += 1
    assert kills >= whole.events // (4 * lives)
    assert report.is_exact
    assert {day["day"]: day["tenders"] for day in report.to_json()["days"]} == ODD_TENDERS
    assert books.events == whole.events


@pytest.mark.parametrize("lives", [None, 3, 7])
async def test_each_day_is_counted_once_as_the_files_say(odd: Path, books: MemoryBooks, lives: int | None) -> None:
    trading = read_trading(odd)
    books.lives, report = lives, None
    while report is None:
        with suppress(KilledError):
            report = await run(trading, books, ReplayOptions(count=True))
    over = {
        day.number: {tender: amount - books_of.tenders.get(tender, 0) for tender, amount in day.counted.items()}
        for day, books_of in zip(trading.days, report.days, strict=True)
    }
    assert {day.day: day.over for day in report.days} == over
    assert any(amount for amounts in over.values() for amount in amounts.values())
    before = books.events
    books.lives = None
    assert (await run(trading, books, ReplayOptions(count=True))).to_json() == report.to_json()
    assert books.events == before


async def test_a_sale_that_does_not_balance_waits_and_stops_nothing(tmp_path: Path, books: MemoryBooks) -> None:
    bar = Bar()
    bar.sell("short", "Bitter pint", 1, "4.80")
    bar.pay("short", "SQUARE", "4.00")
    bar.sell("good", "Crisps", 1, "1.20", at="12:45", department="50")
    bar.pay("good", "CASH", "1.20", at="12:46")
    report = await run(read_trading(bar.write(tmp_path / "bar")), books)
    assert counts(report) == {1: (1, 1, 1), 2: (0, 0, 0)}
    assert not report.is_exact
    assert report.lost == 0
    assert report.troubles == (
        "Sale short of day 1 does not balance: its lines come to 4.80, its payments to 4.00. Its order waits.",
    )
    waiting = books.order("1/short")
    assert (waiting.status, waiting.payments) == (Status.PENDING_LOGOUT, {})
    events = books.events
    await run(read_trading(tmp_path / "bar"), books)
    assert books.events == events


async def test_an_order_that_waited_is_finished_when_its_payment_comes(tmp_path: Path, books: MemoryBooks) -> None:
    bar = Bar()
    bar.sell("short", "Bitter pint", 1, "4.80")
    await run(read_trading(bar.write(tmp_path / "bar")), books)
    bar.pay("short", "SQUARE", "4.80")
    assert (await run(read_trading(bar.write(tmp_path / "bar")), books)).is_exact


async def test_a_sale_that_the_register_refuses_is_lost_and_named(tmp_path: Path, books: MemoryBooks) -> None:
    bar = Bar()
    bar.sell("huge", "Crisps", 10_000, "1.00", department="50")
    bar.pay("huge", "SQUARE", "10000.00")
    report = await run(read_trading(bar.write(tmp_path / "bar")), books)
    assert report.lost == 1
    assert report.troubles == ("Sale huge of day 1 could not be rung: A quantity is a whole number from 1 to 9999.",)


async def test_a_sale_refused_midway_waits_and_is_reported_though_it_does_not_balance(
    tmp_path: Path, books: MemoryBooks
) -> None:
    bar = Bar()
    for sale, paid in (("huge", "10001.20"), ("short", "4.00")):
        bar.sell(sale, "Bitter pint" if sale == "short" else "Crisps", 1, "1.20", department="50")
        bar.sell(sale, "Crisps", 10_000, "1.00", at="12:01", department="50")
        bar.pay(sale, "SQUARE", paid, at="12:02")
    report = await run(read_trading(bar.write(tmp_path / "bar")), books)
    why = "could not be rung: A quantity is a whole number from 1 to 9999."
    assert report.troubles == (
        f"Sale huge of day 1 {why}",
        f"Sale short of day 1 does not balance (10001.20 against 4.00) and {why}",
    )
    for sale in ("1/huge", "1/short"):
        assert (books.order(sale).status, books.order(sale).payments) == (Status.PENDING_LOGOUT, {})
    again = await run(read_trading(tmp_path / "bar"), books)
    assert again.troubles[0] == f"Sale huge of day 1 {why}"
    assert books.order("1/huge").status is Status.PENDING_LOGOUT
    assert len(books.order("1/huge").lines) == 1


async def test_a_sale_that_is_missing_or_different_in_the_database_is_lost(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd), books)
    gone, other = books.order("1/void"), books.order("1/split")
    del books.orders[gone.id]
    found = list(books.found([1, 2]))
    assert other.placed
    books.found = lambda days: [  # type: ignore[method-assign] # a database that says something else
        sale if sale.ref != "1/split" else type(sale)(sale.ref, sale.business_date, {"CASH": Minor(480)}, sale.items)
        for sale in found
        if days
    ]
    report = await run(read_trading(odd), books)
    assert report.lost == 2
    assert set(report.troubles) == {
        "Sale void of day 1 is not in the database.",
        "Sale split of day 1 is in the database, but not as in the files.",
    }


async def test_the_venue_is_that_of_the_files(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd), books)
    assert books.reference
    venue = read_venue(books.reference.settings)
    assert (venue.settings.name, venue.settings.timezone, venue.terms.currency.code, venue.terms.included) == (
        "odd",
        "Europe/London",
        "GBP",
        True,
    )
    assert books.reference.settings["trading_days"] == {"1": "2025-07-01", "2": "2025-07-02"}
    assert books.reference.staff == ((4, "cashier 4"), (5, "cashier 5"), (6, "cashier 6"))
    items = {item["name"]: item for item in books.reference.menu["items"]}
    assert [name for name, item in items.items() if item["returnable"]] == [CUP]
    assert items["Plum 'n' ginger ½"]["price"] == "2.35"
    assert sorted(item["plu"] for item in items.values()) == [1, 2, 3, 4]
    assert [c["name"] for c in books.reference.menu["categories"]] == ["Real Ale", "Snacks", CUP]
    order = books.order("1/split")
    assert order.placed
    assert order.placed.data.taxes == (PlacedTax(name="VAT", rate="20", net="4.00", tax="0.80"),)


@pytest.mark.parametrize(
    ("now", "dates"),
    [
        # Everything of the second day is over by noon on the day itself only from 12:30 on its clock (UTC + 0).
        (datetime(2026, 3, 3, 18, 0, tzinfo=UTC), ["2026-03-02", "2026-03-03"]),
        (datetime(2026, 3, 3, 9, 0, tzinfo=UTC), ["2026-03-01", "2026-03-02"]),
        (datetime(2026, 3, 3, 2, 0, tzinfo=UTC), ["2026-03-01", "2026-03-02"]),
    ],
)
async def test_the_last_day_ends_today_and_nothing_is_later_than_now(
    odd: Path, books: MemoryBooks, now: datetime, dates: list[str]
) -> None:
    books.real_now = now
    messages: list[str] = []
    assert (await run(read_trading(odd), books, ReplayOptions(ending_today=True), say=messages.append)).is_exact
    early = f"The last day counts for {dates[1]}: on today's date it would have sales in the future."
    assert messages == ([early] if now.hour == 9 else [])  # at 2 h the day before is today still
    assert books.reference
    assert list(books.reference.settings["trading_days"].values()) == dates
    assert max(order.updated_at for order in books.orders.values()) <= now
    placed = books.order("2/prices").placed
    assert placed
    assert date.fromisoformat(placed.data.business_date) == date.fromisoformat(dates[1])


async def test_a_day_that_was_rung_keeps_its_date(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd, [1]), books)
    messages: list[str] = []
    events = books.events
    assert (await run(read_trading(odd, [1]), books, ReplayOptions(ending_today=True), say=messages.append)).is_exact
    assert messages == ["Day 1 was already rung and keeps its date, 2025-07-01."]
    assert books.events == events


async def test_another_bar_with_the_same_days_is_refused(odd: Path, books: MemoryBooks, tmp_path: Path) -> None:
    await run(read_trading(odd), books)
    events = books.events
    other = Bar(days={2: "2026-01-02"})
    other.sell("1", "Crisps", 1, "1.20", day=2, department="50")
    other.pay("1", "CASH", "1.20", day=2)
    with pytest.raises(TradingFileError) as caught:
        await run(read_trading(other.write(tmp_path / "other")), books)
    assert caught.value.sentence == (
        "Day 2 of these files is 2026-01-02, but this venue has rung a day 2 of 2025-07-02. "
        "Name another data folder in TILL_DATA_DIR."
    )
    assert books.events == events


async def test_an_owner_keeps_what_they_changed_when_days_are_brought(odd: Path, books: MemoryBooks) -> None:
    await run(read_trading(odd, [1]), books)
    known = books.reference
    assert known
    items = [{**item, "sold_out": True, "plu": item["plu"] + 100} for item in known.menu["items"]]
    books.reference = VenueFacts({**known.settings, "name": "The Odd"}, {**known.menu, "items": items}, ((4, "Ann"),))
    await run(read_trading(odd), books)
    assert books.reference.settings["name"] == "The Odd"
    assert books.reference.staff == ((4, "Ann"), (5, "cashier 5"), (6, "cashier 6"))
    grown = books.reference.menu["items"]
    assert grown[: len(items)] == items
    assert [(item["name"], item["plu"]) for item in grown[len(items) :]] == [("Plum 'n' ginger ½", 104)]


async def test_progress_runs_to_its_end(odd: Path, books: MemoryBooks) -> None:
    seen: list[tuple[int, int]] = []
    await run(read_trading(odd), books, progress=lambda done, whole: seen.append((done, whole)))
    whole = len(odd_bar().lines) + len(odd_bar().payments)
    assert seen[-1] == (whole, whole)
    assert seen == sorted(seen)
