"""News of other tills that nobody could read yet: shown when the user unlocks the screen or logs in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.register.exchange import grant_to, hear_found, sealed_by_server
from tests.tui.playing import (
    LOG_IN,
    FakeStore,
    PinCheck,
    Till,
    a_till,
    idle,
    make_register,
    open_file,
    reads,
    row_of,
)
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it
from till.cli.demo_venue import DEMO, demo_reference
from till.domain.events.envelope import SERVER, Draft
from till.domain.order.events import LinesWithdrawn, OrderParked, SessionSwept
from till.domain.order.evolve import fold
from till.domain.structs import replace
from till.ports import Light, LightState, Received
from till.register.other_tills.news import LinesChanged, OrderNews
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.register.register import Register

COUNTER_2 = "2{enter}2222{enter}"
UNLOCK = "1111{enter}"
PAID = "That order was paid on Till 2."


def at_now(till: Till) -> str:
    """Return the time of the till, as a message names it."""
    return f"{till.register.venue.local(till.clock.now()):%H:%M}"


def on_till_2(till: Till, folder: Path, session: str, act: Callable[[Register], object]) -> list[Received]:
    """Grant an order to till 2 and act on it there while this till is offline; return the events to come."""
    file = open_file(folder, 2)
    try:
        for name, body in demo_reference().items():
            file.cache(name, 0, body)
        register = make_register(file, till.clock, PinCheck(), 2)
        register.ledger.user = 1
        file.receive([Received(1, event) for event in till.journal.events_of(session)])
        if register.ledger.order(session).is_open:
            grant_to(register, session)
        act(register)
        events = file.events_of(session)
    finally:
        file.close()
    return [Received(1, event) for event in events]


async def comes(till: Till, session: str, events: list[Received]) -> None:
    """Receive till 2's events, and those that the server writes for lines keyed here too late."""
    till.journal.receive(events)
    order = fold(till.journal.events_of(session))
    if order is not None and order.settled is not None:
        late = tuple(one.id for one in order.lines.values() if one.id not in order.settled and one.keyed_by == 1)
        if late:
            withdrawn = LinesWithdrawn(to_session=till.register.ledger.new_id(), line_ids=late)
            event = sealed_by_server(till.register, session, withdrawn, None, order.last_id, order.hold)
            till.journal.receive([Received(2, event)])
    till.register.sessions_grew([session])
    await till.settle()


def pays(session: str) -> Callable[[Register], object]:
    return lambda register: register.checkout.pay_exact(session)


async def keyed_apart(till: Till, folder: Path) -> tuple[str, list[Received]]:
    """Make an order of Asha that till 2 took and ended, with a line keyed here too late."""
    await till.type(LOG_IN + "2 idly{enter}")
    session = till.order.id
    events = on_till_2(till, folder, session, pays(session))
    await till.type("tea{enter}")
    return session, events


LATE = f"{PAID} 1 line came too late: F5."


def gives(session: str, user: int) -> Callable[[Register], object]:
    """Suspend an order for a user, as the database does for a manager's `till recover`."""

    def suspend(register: Register) -> object:
        return register.ledger.commit([Draft(OrderParked(user=user), session)])

    return suspend


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (1, "Your order was suspended by Asha: 1 line, ₹80.00. F5 shows it."),
        (2, "Your order was handed to Ravi by Asha."),
    ],
)
@pytest.mark.parametrize("paying", [False, True])
async def test_an_order_that_was_suspended_under_its_cashier_leaves_the_screen_in_words(
    tmp_path: Path, user: int, message: str, *, paying: bool
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        if paying:
            await till.type("{f9}")
        await comes(till, session, on_till_2(till, tmp_path, session, gives(session, user)))
        assert till.answer() == message
        assert "Idly   " not in till.text().split("All")[0]
        await till.type("tea{enter}")
        assert till.order.id != session


async def test_unlocking_shows_that_the_order_was_given_away(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await idle(till)
        await comes(till, session, on_till_2(till, tmp_path, session, gives(session, 2)))
        await till.type(UNLOCK)
        assert till.answer() == "Your order was handed to Ravi by Asha."


async def test_the_end_of_an_order_behind_the_lock_is_reported_when_it_is_unlocked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await idle(till)
        await comes(till, session, events)
        assert PAID not in till.text()
        await till.type(UNLOCK)
        assert till.answer() == LATE
        await reads(till)
        await idle(till)
        await till.type(UNLOCK + "{f12}" + LOG_IN)
        assert PAID not in till.answer()  # said once


async def test_logging_out_from_the_locked_screen_shows_it_at_the_next_login(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        events = on_till_2(till, tmp_path, session, pays(session))
        await idle(till)
        await comes(till, session, events)
        await till.type("{escape}" + COUNTER_2)
        assert till.answer() == ""
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == PAID


async def test_a_manager_who_has_the_order_of_a_cashier_open_reads_it_too(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f12}9{enter}9999{enter}") as till:
        (order,) = till.register.recovery.of_user(1)
        till.app.controller.sell(till.register.recovery.resume(order.id).id, None)
        events = on_till_2(till, tmp_path, order.id, pays(order.id))
        await idle(till)
        await comes(till, order.id, events)
        await till.type("9999{enter}")
        assert till.answer() == PAID


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (SessionSwept(minutes=30), "was suspended after a long pause: "),
        (OrderParked(), "was suspended by Meena: "),
    ],
)
async def test_the_words_for_a_cashiers_order_that_leaves_a_managers_screen_are_true(
    tmp_path: Path, act: SessionSwept | OrderParked, message: str
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f12}9{enter}9999{enter}") as till:
        (order,) = till.register.recovery.of_user(1)
        held = till.register.recovery.resume(order.id)
        till.app.controller.sell(held.id, None)
        if act.by_server:
            server = Hand(SERVER, start=till.clock.now())
            server.knows(*till.journal.events_of(held.id))
            event = forged(server.make(act), store_id=DEMO.store_id, stream_id=held.id)
            await comes(till, held.id, [Received(1, event)])
        else:
            till.register.ledger.commit([Draft(act, held.id)])
            await comes(till, held.id, [])
        assert till.answer() == f"The order {message}1 line, ₹80.00."


async def test_order_of_lines_that_were_too_late_is_counted_in_the_key_bar_at_once(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        session, events = await keyed_apart(till, tmp_path)
        late = replace(till.order, id=till.register.ledger.new_id())
        store.sessions = [row_of(late, till=None, status="pending_logout", holder=0, late_for="table 5")]
        await comes(till, session, events)
        assert till.answer() == LATE
        assert "Waiting orders 1" in till.text()
        await till.type("tea{enter}")
        assert "Waiting orders 1" in till.text()


async def test_lines_that_were_too_late_are_shown_to_who_keyed_them_though_another_took_the_order(
    tmp_path: Path,
) -> None:
    def takes_and_pays(register: Register) -> None:
        grant_to(register, session, 2)
        register.checkout.pay_exact(session)

    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        events = on_till_2(till, tmp_path, session, takes_and_pays)
        await till.type("tea{enter}")
        await comes(till, session, events)
        assert till.register.ledger.order(session).user == 2
        assert till.answer() == LATE


async def test_news_survives_a_kill_while_locked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await idle(till)
        await comes(till, session, events)
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        assert till.answer() == LATE


async def test_lines_that_come_while_an_amount_is_on_the_pay_screen_are_not_charged_unread(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        session = till.order.id
        two = Hand(2, start=till.clock.now())
        two.knows(*till.journal.events_of(session))
        line = forged(two.added("late"), store_id=DEMO.store_id, stream_id=session)
        await comes(till, session, [Received(1, line)])
        await till.type("{enter}")
        assert till.answer() == "The bill changed: ₹120.00 is due. Enter again does it."
        assert not till.order.payments
        await till.type("{enter}")
        assert till.answer() == "Paid ₹120.00, exact."


@pytest.mark.parametrize("who", ["", COUNTER_2])
async def test_lines_that_were_too_late_are_shown_to_their_cashier_who_had_left(tmp_path: Path, who: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await till.type("{f12}" + who)
        await comes(till, session, events)
        assert PAID not in till.text()
        await till.type("{f12}" * bool(who) + LOG_IN)
        assert till.answer() == LATE


async def test_a_payment_of_an_order_cleared_here_is_reported_at_the_next_login(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        events = on_till_2(till, tmp_path, session, pays(session))
        till.register.recovery.discard(session, "guest left")
        await till.type("{f12}")
        await comes(till, session, events)
        message = "Paid on Till 2 after it was cleared here: 1 line, ₹80.00."
        await till.type(LOG_IN)
        assert till.answer() == message
        await reads(till)
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == ""


async def test_lines_that_joined_an_order_behind_the_lock_are_reported_without_the_earlier_answer(
    tmp_path: Path,
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        order = till.order
        await idle(till)
        till.register.watcher.on_news(LinesChanged(order, "1 × Tea came from Till 2. Total ₹100.00."))
        till.register.watcher.on_news(LinesChanged(order, "Till 2 took 1 × Idly off. Total ₹60.00."))
        await till.type(UNLOCK)
        message = "1 × Tea came from Till 2. Total ₹100.00. Till 2 took 1 × Idly off. Total ₹60.00."
        assert till.answer() == message


async def test_a_pay_screen_under_the_lock_whose_order_was_taken_takes_no_money_for_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        session = till.order.id
        await idle(till)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type(UNLOCK)
        assert isinstance(till.scene, SellScene)
        assert till.answer().startswith("Asha took this order over on Till 2 at ")


@pytest.mark.parametrize(
    ("is_paid", "message"),
    [(False, "Asha took this order over on Till 2 at "), (True, "This order was paid on Till 2.")],
)
@pytest.mark.parametrize("under_lock", [False, True])
async def test_change_of_a_part_is_reported_where_the_cash_was_taken_though_the_order_is_gone(
    tmp_path: Path, message: str, *, is_paid: bool, under_lock: bool
) -> None:
    """Till 2 takes the order over in the moment of the payment; or it was paid there by the time this till hears."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}tea{enter}{f9}si1{enter}100{enter}") as till:
        assert till.answer() == "Change ₹20.00. Paid. ₹20.00 is still due."
        (session,) = (order.id for order in till.register.ledger.open_orders())
        if under_lock:
            await idle(till)
        if is_paid:
            await comes(till, session, on_till_2(till, tmp_path, session, pays(session)))
        else:
            till.register.taken(session, "Till 2", "Asha", till.clock.now())
        if under_lock:
            await till.type(UNLOCK)
            message = message.replace("This order", "That order")
        assert till.answer().startswith(f"At {at_now(till)}: Change ₹20.00. {message}")
        till.app.news.look_again(0, 1000.0)
        till.app.news.look_again(0, 1004.0)
        await till.type("{escape}tea{enter}")
        till.app.news.look_again(9, 1020.0)
        assert till.answer() == "Added 1 × Tea. Total ₹20.00.", "it was read"


@pytest.mark.parametrize("is_paid", [False, True])
async def test_refund_of_a_part_is_named_though_the_order_is_gone(tmp_path: Path, *, is_paid: bool) -> None:
    """Enter was typed before this till knew that till 2 has the order."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}60{enter}{f7}{enter}") as till:
        session = till.order.id
        if is_paid:
            await comes(till, session, on_till_2(till, tmp_path, session, pays(session)))
        else:
            till.register.taken(session, "Till 2", "Asha", till.clock.now())
            await till.settle()
        assert till.answer().startswith(f"At {at_now(till)}: Refunded ₹60.00. ")


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ("2 idly{enter}{f9}60{enter}", "₹60.00 was taken."),
        ("-16 deposit{enter}{f9}-40{enter}9{enter}9999{enter}", "₹40.00 was refunded."),
    ],
)
async def test_a_part_that_just_moved_is_named_as_the_order_is_taken_over(
    tmp_path: Path, keys: str, named: str
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + keys) as till:
        till.register.taken(till.order.id, "Till 2", "Asha", till.clock.now())
        message = f"At {at_now(till)}: {named} Asha took this order over on Till 2 at "
        assert till.answer().startswith(message)


async def test_money_of_a_takeover_is_named_until_the_logout_and_not_beside_other_guests(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "tab 4{enter}2 idly{enter}tea{enter}{f9}si1{enter}100{enter}")
        (session,) = (one.id for one in till.register.ledger.open_orders())
        at = at_now(till)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.settle()
        assert till.answer().startswith(f"Table 4, at {at}: Change ₹20.00. Asha took this order over on Till 2 at ")
        await till.type("{f12}")
        await comes(till, session, on_till_2(till, tmp_path, session, pays(session)))
        await till.type(LOG_IN + "tea{enter}{f9}50{enter}")
        assert till.answer() == "Paid ₹20.00. Change ₹30.00."


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ("", "The open order, 1 line, ₹80.00, was cleared on Till 2."),
        ("{f9}60{enter}", "The open order was cleared on Till 2; its ₹60.00 went back."),
    ],
)
async def test_an_order_left_by_a_crash_and_cleared_on_another_till_is_named_as_such(
    tmp_path: Path, keys: str, named: str
) -> None:
    def clears(register: Register) -> None:
        given_back(register, session)
        register.recovery.discard(session, "left")

    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + keys) as till:
        session = till.order.id
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left) as till:
        assert "It is here." in till.text()
        await comes(till, session, on_till_2(till, tmp_path, session, clears))
        assert named in " ".join(till.text().split())
        assert "It is here." not in till.text()


def takes_all_itself(session: str) -> Callable[[Register], object]:
    """Give the part back that another till took, and take the whole amount."""

    def act(register: Register) -> None:
        given_back(register, session)
        register.checkout.pay_exact(session)

    return act


def given_back(register: Register, session: str) -> None:
    """Give all payments of an order back, as manager 9."""
    manager = register.access.find(9)
    register.access.admit(manager)
    for payment in register.ledger.order(session).payments:
        asked = register.checkout.needs_manager(session, payment, by_hand=True)
        assert asked is not None
        register.checkout.give_back(session, payment, register.approvals.give(manager, asked))


@pytest.mark.parametrize(
    ("table", "act", "named"),
    [
        ("", pays, "₹30.00 of the open order was paid here, the rest on Till 2."),
        ("tab 5{enter}tab 5{enter}", pays, "₹30.00 for table 5 was paid here, the rest on Till 2."),
        ("", takes_all_itself, "The open order, 1 line, ₹80.00, was paid on Till 2."),
    ],
)
async def test_a_part_paid_before_a_crash_is_named_if_it_is_in_the_sale_of_another_till(
    tmp_path: Path, table: str, act: Callable[[str], Callable[[Register], object]], named: str
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}" + table + "{f9}30{enter}{enter}")
        session = till.order.id
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left) as till:
        await comes(till, session, on_till_2(till, tmp_path, session, act(session)))
        assert named in " ".join(till.text().split())


async def test_change_of_a_guest_who_paid_apart_is_named_as_the_rest_is_taken_over(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "masala dosa{enter}2 idly{enter}split{enter}12{enter}100{enter}")
        sale = till.register.recovery.last_sale()
        assert sale is not None
        rest = next(iter(till.register.ledger.open_orders()))
        till.register.taken(rest.id, "Till 2", "Asha", till.clock.now())
        await till.settle()
        assert "Paid ₹40.00. Change ₹60.00. Asha took this order over on Till 2 at " in till.answer()
        assert sale.placings[0].data.receipt in till.answer()


async def test_change_that_was_given_long_before_is_not_reported_again(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}tea{enter}{f9}si1{enter}100{enter}") as till:
        (session,) = (order.id for order in till.register.ledger.open_orders())
        till.clock.pass_by(minutes=2)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        assert till.answer().startswith("Asha took this order over on Till 2 at ")


async def test_change_of_a_sale_stays_in_sight_as_the_order_is_taken_over(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "4 idly{enter}") as till:
        session = till.order.id
        await till.type("{f9}200{enter}")
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        till.register.sessions_grew([session])
        await till.settle()
        assert till.answer() == "Paid ₹160.00. Change ₹40.00."


async def test_news_that_came_while_another_order_was_paid_is_reported_after_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        till.register.taken(session, "Till 2", "Asha", till.clock.now())
        await till.type("{escape}2 tea{enter}{f9}")
        await comes(till, session, events)
        assert PAID not in till.text()
        await till.type("{enter}")
        assert till.answer() == f"{LATE} Paid ₹40.00, exact."


async def test_money_that_no_sale_lists_is_reported_where_it_was_taken(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        events = on_till_2(till, tmp_path, session, pays(session))
        await till.type("{f9}40{enter}")
        await comes(till, session, events)
        assert till.answer() == "This order was paid on Till 2."
        hear_found(till.register, session)
        await till.settle()
        assert till.answer().startswith("₹40.00 taken here is not on a sale: ask a manager.")
        assert till.lines() == {}


async def test_news_typed_over_at_once_is_reported_again_in_a_calm_moment(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        news, now = till.app.news, time.monotonic()
        await comes(till, session, events)
        await till.type("tea{enter}")
        assert till.answer().startswith("Added 1 × Tea.")
        news.look_again(0.5, now + 1)
        assert till.answer().startswith("Added 1 × Tea.")  # keys go on
        news.look_again(2.5, now + 5)
        assert till.answer() == LATE
        await till.type("tea{enter}")
        news.look_again(2.5, time.monotonic() + 60)
        assert till.answer() == LATE  # that was too short again
        news.look_again(5, time.monotonic() + 120)
        await till.type("tea{enter}")
        news.look_again(5, time.monotonic() + 180)
        assert till.answer().startswith("Added 1 × Tea.")  # it stood there long enough


async def test_a_drawer_that_did_not_open_is_said_to_the_user_until_read(tmp_path: Path) -> None:
    shut = "The drawer did not open: use its key."
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 tea{enter}") as till:
        till.register.paper_changed()
        assert till.answer().startswith("Added 2 × Tea.")
        till.register.paper_changed(shut)
        assert shut in till.answer()
        await till.type("tea{enter}")
        till.app.news.look_again(2.5, time.monotonic())
        assert shut in till.answer()
        till.app.news.look_again(2.5, time.monotonic() + 5)
        await till.type("tea{enter}")
        till.app.news.look_again(2.5, time.monotonic() + 9)
        assert shut not in till.answer()


async def test_the_end_of_an_order_that_was_typed_over_at_once_comes_again_and_esc_puts_it_away(
    tmp_path: Path,
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await comes(till, session, on_till_2(till, tmp_path, session, pays(session)))
        assert till.answer() == "This order was paid on Till 2."
        await till.type("tea{enter}")
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == PAID  # the order in sight is another one by now
        await till.type("{escape}")
        till.app.news.look_again(2.5, time.monotonic())
        await till.type("tea{enter}")
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == "Added 1 × Tea. Total ₹40.00."


async def test_news_typed_over_by_a_logout_is_reported_at_the_next_login(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await comes(till, session, events)
        await till.type("{f12}")
        till.app.news.look_again(5, time.monotonic() + 5)
        await till.type(COUNTER_2)
        assert till.answer() == ""
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == LATE


@pytest.mark.parametrize("keys", ["tea{enter}", "{escape}", "{enter}"])
async def test_keys_typed_ahead_of_the_unlocked_screen_do_not_cost_the_news(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await idle(till)
        await comes(till, session, events)
        till.burst(UNLOCK + keys)
        await till.settle()
        assert PAID not in till.answer()
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == LATE


async def test_unread_news_outlives_a_till_that_is_killed_after_it_was_unlocked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await idle(till)
        await comes(till, session, events)
        await till.type(UNLOCK + "tea{enter}")
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        assert till.answer().startswith(LATE)
        await reads(till)
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        assert PAID not in till.answer()


@pytest.mark.parametrize("keys", ["x{escape}", "{escape}{enter}", "tea{enter}{escape}"])
async def test_only_esc_on_the_sentence_itself_puts_it_away(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await comes(till, session, events)
        await till.type(keys)
        till.app.news.look_again(2.5, time.monotonic())
        assert (till.answer() == LATE) == (keys != "{escape}{enter}")


async def test_the_next_message_does_not_cost_one_that_was_typed_over(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        till.register.watcher.on_news(OrderNews(till.order, "₹30.00 taken here is not on a sale: ask a manager."))
        await till.type("tea{enter}{f9}{enter}")
        await till.type("tea{enter}")
        till.register.watcher.on_news(OrderNews(till.order, "₹50.00 taken here is not on a sale: ask a manager."))
        both = " ".join(f"₹{sum_}.00 taken here is not on a sale: ask a manager." for sum_ in (30, 50))
        assert till.answer() == both
        await till.type("tea{enter}")
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == both


async def test_a_disk_that_refuses_costs_neither_the_till_nor_the_sentence(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        session, events = await keyed_apart(till, tmp_path)
        await comes(till, session, events)
        await till.type("{f12}")
        till.journal.fails = True
        till.register.watcher.on_news(OrderNews(till.register.ledger.order(session), "₹30.00 is on no sale."))
        till.app._tick()
        await till.settle()
        assert till.login().message is not None
        till.login().message = None
        till.app._tick()
        assert till.login().message is None  # it was said
        till.journal.fails = False
        till.app._tick()
        await till.settle()
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        assert till.answer().startswith(f"{LATE} ₹30.00 is on no sale.")


async def test_a_manager_at_the_till_hears_at_once_that_there_is_more_about_money(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="9{enter}9999{enter}") as till:
        till.register.light_changed(Light(LightState.SAVED, conflicts=1))
        await till.settle()
        assert till.answer() == "1 conflict about money waits: Ctrl+O."
        await till.type("tea{enter}")
        till.register.light_changed(Light(LightState.SAVED, conflicts=1))
        await till.settle()
        assert till.answer() == "Added 1 × Tea. Total ₹20.00."


async def test_a_login_on_another_till_too_is_reported_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        twice = Light(LightState.SAVED, logged_in=1, also_on=(2,))
        till.register.light_changed(twice)
        await till.settle()
        assert till.answer() == "You are logged in on Till 2 too."
        await till.type("idly{enter}")
        till.register.light_changed(Light(LightState.SAVING, 1, logged_in=1, also_on=(2,)))
        till.register.light_changed(twice)
        await till.settle()
        assert till.answer() == "Added 1 × Idly. Total ₹40.00."
        till.register.light_changed(Light(LightState.SAVED, logged_in=1))
        till.register.light_changed(twice)
        await till.settle()
        assert till.answer() == "Added 1 × Idly. Total ₹40.00. You are logged in on Till 2 too."


async def test_a_takeover_is_read_whole_and_the_login_there_after_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}") as till:
        till.register.taken(till.order.id, "Till 2", "Asha", till.clock.now())
        till.register.light_changed(Light(LightState.SAVED, logged_in=1, also_on=(2,)))
        await till.settle()
        assert till.answer().endswith("on Till 2 at 10:31.")
        await till.type("{escape}")
        till.app.news.look_again(2.5, time.monotonic())
        assert till.answer() == "You are logged in on Till 2 too."


async def test_a_login_elsewhere_is_reported_when_the_order_is_in_front(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{f9}") as till:
        till.register.light_changed(Light(LightState.SAVED, logged_in=1, also_on=(2,)))
        await till.settle()
        assert "logged in on" not in till.text()
        await till.type("{escape}")
        assert till.answer().endswith("You are logged in on Till 2 too.")
        till.register.light_changed(Light(LightState.SAVED, logged_in=9, also_on=(3,)))
        await till.settle()
        assert "Till 3" not in till.text()
