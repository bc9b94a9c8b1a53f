"""Today's bookings at the counter: expected, seated at a tab, or a no-show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.order.events import BookingSeated, TabAssigned
from till.domain.order.state import Customer, Status
from till.domain.structs import replace
from till.domain.till.events import BookingMissed
from till.ports import Light, LightState, RemoteBooking

if TYPE_CHECKING:
    from pathlib import Path

    from till.domain.order.state import Order

SIZES = [(80, 24), (120, 36)]
RAO, IYER, KNOWN = (f"6ba7b81{n}-9dad-41d1-80b4-00c04fd430c8" for n in range(3))


def booked() -> FakeStore:
    return FakeStore(
        booked=[
            RemoteBooking(RAO, datetime(2026, 3, 3, 13, 30, tzinfo=UTC), "Mrs Rao", "98450", 4, 7, "booked", KNOWN),
            RemoteBooking(IYER, datetime(2026, 3, 3, 14, 0, tzinfo=UTC), "", "0802345678", 1, None, "booked"),
        ]
    )


def on_tabs(till: Till) -> list[Order]:
    return [order for order in till.register.ledger.open_orders() if order.tab is not None]


def seen(till: Till, words: str) -> bool:
    return any(words in row for row in till.rows())


@pytest.mark.parametrize("size", SIZES)
async def test_a_guest_who_came_is_seated_at_a_tab_with_table_name_and_covers(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, store=booked(), typed=LOG_IN + "tea{enter}{ctrl+s}") as till:
        assert seen(till, "19:00  Mrs Rao")
        assert seen(till, "4 guests, table 7")
        assert seen(till, "1 guest")
        await till.type("{enter}")
        assert till.answer() == "Table 7 is open: Mrs Rao, 4 guests. F8 recalls it."
        assert till.lines() == {"Tea": 1}
        (order,) = on_tabs(till)
        assert (order.status, order.customer, order.booking) == (
            Status.ASSIGNED_TO_TAB, Customer(KNOWN, "Mrs Rao"), RAO,
        )  # fmt: skip
        events = {type(event.data): event.data for event in till.journal.events_of(order.id)}
        saved = events[TabAssigned]
        assert isinstance(saved, TabAssigned)
        assert (saved.name, saved.table_number, saved.covers) == ("table 7", 7, 4)
        assert BookingSeated in events


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("minutes", "is_shown"), [(60, True), (61, False)])
async def test_a_table_booked_within_the_hour_says_so_on_the_tables(
    tmp_path: Path, size: tuple[int, int], minutes: int, *, is_shown: bool
) -> None:
    store = booked()
    async with a_drawn_till(tmp_path, size, store=store) as till:
        at = till.register.ledger.now() + timedelta(minutes=minutes)
        store.booked[0] = replace(store.booked[0], at=at)
        time = f"{till.register.venue.local(at):%H:%M}"
        await till.type(LOG_IN + "{f8}")
        await till.settle()
        assert seen(till, f"{time} Mrs Rao") is is_shown
        await till.type("7")
        assert seen(till, f"Table 7 is booked at {time} Mrs Rao") is is_shown
        await till.type("{escape}{escape}2 idly{enter}table 7{enter}{f8}7")
        assert seen(till, f"Table 7: {time} Mrs Rao, 0 min") is is_shown


async def test_their_tab_stays_theirs_though_nothing_was_keyed_on_it(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=booked(), typed=LOG_IN + "bookings{enter}{enter}{f8}7{enter}") as till:
        assert seen(till, "table 7, Mrs Rao, eat in")
        await till.type("{f12}")
        (order,) = on_tabs(till)
        assert (order.status, order.tab.covers if order.tab else None) == (Status.ASSIGNED_TO_TAB, 4)
        await till.type(LOG_IN + "{f8}7{enter}2 idly{enter}{f9}{enter}")
        assert till.register.ledger.order(order.id).status is Status.COMPLETED


async def test_another_table_is_typed_and_who_booked_none_is_called_by_name(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=booked(), typed=LOG_IN + "{ctrl+s}table 9{enter}{ctrl+s}2{enter}") as till:
        assert till.answer() == "Guest 0802345678 is open: 0802345678, 1 guest. F8 recalls it."
        assert sorted(order.tab.name for order in on_tabs(till) if order.tab) == ["guest 0802345678", "table 9"]


async def test_a_table_that_is_open_is_not_given_twice(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=booked(), typed=LOG_IN + "tea{enter}{f8}7{enter}{ctrl+s}{enter}") as till:
        assert "Table 7 is open" in till.answer()
        assert len(on_tabs(till)) == 1
        await till.type("5{enter}")
        assert till.answer() == "There is no booking 5. For a table: “table 5”."
        assert len(on_tabs(till)) == 1


async def test_a_guest_who_did_not_come_is_a_no_show_by_backspace_and_enter(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=booked(), typed=LOG_IN + "{ctrl+s}{backspace}") as till:
        assert seen(till, "no-show?")
        await till.type("{backspace}{backspace}{down}{up}")
        assert not seen(till, "no-show?")
        await till.type("{backspace}{enter}")
        assert till.answer() == "Mrs Rao did not come."
        assert seen(till, "no-show")
        missed = [one.data for one in till.journal.unsent(100) if isinstance(one.data, BookingMissed)]
        assert [one.booking_id for one in missed] == [RAO]
        await till.type("{backspace}{enter}")
        assert till.answer() == "That is already a no-show."
        await till.type("{backspace}{enter}")
        assert not till.app.controller.sheets
        assert len(on_tabs(till)) == 1


async def test_the_list_follows_a_booking_that_is_added_meanwhile(tmp_path: Path) -> None:
    store = booked()
    late = store.booked.pop()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{ctrl+s}") as till:
        assert not seen(till, "0802345678")
        store.booked.append(late)
        till.register.server_answered()
        await till.settle()
        assert seen(till, "19:30  0802345678")


@pytest.mark.parametrize("how", ["store", "light", "nothing"])
async def test_away_from_the_server_it_says_so(tmp_path: Path, how: str) -> None:
    store = booked()
    store.away = how == "store"
    async with a_drawn_till(tmp_path, store=None if how == "nothing" else store, typed=LOG_IN) as till:
        if how == "light":
            till.register.light_changed(Light(LightState.OFFLINE))
        await till.type("{ctrl+s}")
        assert till.answer() == "This needs the server. Key the order; F8 saves it there."
        assert seen(till, "Today's bookings are not known here now.")
        assert not seen(till, "Nobody has booked")
        await till.type("{backspace}{enter}")
        assert not till.app.controller.sheets


async def test_a_seated_guest_is_not_seated_again(tmp_path: Path) -> None:
    store = booked()
    store.booked = [RemoteBooking(RAO, datetime(2026, 3, 3, 13, 30, tzinfo=UTC), "Mrs Rao", "", 4, 7, "seated")]
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN + "{ctrl+s}") as till:
        assert seen(till, "They are already seated. F8 lists the tables.")
        assert not seen(till, "Seat them")
        assert not seen(till, "No-show")
        await till.type("{backspace}{enter}")
        assert till.answer() == "They are already seated. F8 lists the tables."
        assert on_tabs(till) == []


async def test_a_tab_with_guests_and_no_lines_is_saved_back_and_cleared_like_any(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=booked(), typed=LOG_IN + "{ctrl+s}{enter}{f8}7{enter}{f8}{enter}") as till:
        assert till.answer() == "Saved to table 7. F8 lists the tables."
        await till.type("{f8}7{enter}{ctrl+x}{f2}guest left{enter}")
        assert on_tabs(till) == []
        assert till.answer() == "The order is cleared: guest left. Ctrl+Z undoes it."
        await till.type("{ctrl+z}")
        assert till.order.booking == RAO
        await till.type("idly{enter}tab 8{enter}")
        assert [order.tab.name for order in on_tabs(till) if order.tab] == ["table 8"]


@pytest.mark.parametrize("store", [booked(), FakeStore()])
async def test_a_scan_seats_nobody(tmp_path: Path, store: FakeStore) -> None:
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "tea{enter}{ctrl+s}8901234500019{enter}") as till:
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        await till.type("{escape}8901234500019{enter}")
        assert till.lines() == {"Tea": 1, "Water 1 l": 1}
