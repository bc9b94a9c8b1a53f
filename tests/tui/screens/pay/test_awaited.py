"""Payment by a terminal: while it works, while the outcome is unknown, and when the answer arrives."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from tests.plugins.made_up import made_up
from tests.register.exchange import grant_to
from tests.register.payments.scripted import HANGS, Terminal
from tests.tui.playing import LOG_IN, FakeStore, PinCheck, a_reference, make_register, open_file
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it
from till.domain.i18n import _, speak
from till.domain.order.charging import start_charge
from till.domain.order.paying import Tendered, due_in
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.ports import ChargeAnswer, Outcome, Received, TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.tui.playing import Till
    from till.ports import Charge

ORDER = LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}"
MANAGER = "9{enter}9999{enter}"


@asynccontextmanager
async def beside(till: Till, terminal: Terminal) -> AsyncIterator[None]:
    """Connect a terminal to the till."""
    till.register.asker.begin(Tenders(BY_HAND, [terminal]))
    try:
        yield
    finally:
        till.register.asker.end()
        await heard(till)


async def heard(till: Till) -> None:
    """Wait until the charge has its answer, and the screen shows it."""
    for _turn in range(20):
        await asyncio.sleep(0)
    await till.settle()


async def test_a_terminal_is_asked_and_the_answer_is_the_end(tmp_path: Path) -> None:
    terminal = Terminal().then()
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c")
        assert "Enter asks the terminal for ₹240.00." in till.text()
        await till.type("{enter}")
        await heard(till)
        assert len(terminal.charged) == 1
        assert till.answer() == "Paid ₹240.00."


async def test_keys_are_dropped_while_the_terminal_works(tmp_path: Path) -> None:
    terminal = Terminal().then(HANGS)
    async with a_drawn_till(tmp_path, (120, 36)) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}100{enter}{enter}c{enter}")
        await heard(till)
        rows = till.rows()
        assert rows[2][60:].startswith("Terminal  beside Till 1")
        assert "○ at the terminal" in till.text()
        assert "card read" in till.text()
        assert "gives up after 1:30" in till.text()
        assert rows[35].endswith("○ the terminal works")
        await till.type("500{enter}")
        assert "Typing is ignored" in till.text()
        scene = till.scene
        assert isinstance(scene, PayScene)
        assert scene.state.entry.text == ""
        await till.type("{escape}")
        await heard(till)
        assert len(terminal.stopped) == 1
        assert "stopping 0:0" in till.text()
        await till.type("{escape}")
        assert isinstance(till.scene, PayScene)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_an_unknown_outcome_is_shown_with_the_ways_to_act(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till, beside(till, Terminal().then("unknown")):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        shown = till.text()
        assert "▲ outcome unknown" in shown
        assert "The bank's answer has not reached us. We ask again." in shown
        assert "You will not be charged twice." in shown
        assert "reference " in shown
        assert "It is not known yet if" in shown
        assert "Enter Ask now" in shown
        await till.type("m")
        assert "It may still answer. A manager settles it from" in shown + till.text()


async def test_the_help_names_the_ways_to_pay_that_are_offered(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.asker.begin(Tenders([TenderTraits(name="MEAL", label="Meal card", key="m", by_hand=True)]))
        await till.type(ORDER + "{f9}{f1}")
        assert "Meal card" in till.text()
        assert "m50#4711 Enter" in till.text()
        assert "Voucher" not in till.text()
    async with a_quiet_till(tmp_path / "all", typed=ORDER + "{f9}{f1}") as till:
        assert "Card, UPI" in till.text()


async def test_the_hint_names_the_first_way_to_pay_and_a_slip_where_a_person_takes_one(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        till.register.asker.begin(Tenders([TenderTraits(name="UPI", label="UPI", key="u", by_hand=True)], [Terminal()]))
        await till.type(ORDER + "{f9}")
        assert "U marks UPI." in till.text()
        await till.type("u")
        assert "# and a number: the slip." in till.text()
        await till.type("c")
        assert "Enter asks the terminal" in till.text()
        assert "its slip" not in till.text()


async def test_more_than_is_due_is_promised_of_no_card(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till, beside(till, Terminal()):
        await till.type(ORDER + "{f9}c241")
        assert "That is more than the ₹240.00 due." in till.text()
        assert "Enter Card" not in till.text()
        await till.type("{escape}card 240.01")
        assert "That is more than the ₹240.00 due." in till.text()
        await till.type("{escape}p60{enter}c300")
        assert "Enter asks the terminal for ₹300.00." in till.text()
        assert "Enter Card 300.00" in till.text()


async def test_the_help_names_the_keys_of_the_moment(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then(HANGS)):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{f1}")
        assert "Stop the card" in till.text()
        assert "Exact cash" not in till.text()
        till.register.asker.end()
    async with a_quiet_till(tmp_path / "unknown") as till, beside(till, Terminal().then("unknown")):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{f1}")
        assert "A manager settles it" in till.text()
        assert "Exact cash" not in till.text()


async def test_esc_leaves_the_order_locked_and_f9_comes_back(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then("unknown")):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{escape}")
        assert isinstance(till.scene, SellScene)
        await till.type("idly{enter}")
        assert till.answer() == "A payment is under way. F9 shows it, and settles it."
        await till.type("{escape}{f9}")
        assert "The bank's answer has not reached us. We ask again." in till.text()


async def test_k_keeps_it_as_a_tab_and_the_answer_finds_that(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        session = till.order.id
        await till.type("k")
        assert till.answer().startswith("Kept as Card ")
        assert till.register.ledger.order(session).status is Status.ASSIGNED_TO_TAB
        await till.type("idly{enter}")
        [charge] = terminal.charged
        terminal.then()
        till.register.asker.ask_now(charge.key)
        await heard(till)
        assert till.register.ledger.order(session).status is Status.COMPLETED
        assert till.answer() == "Answer received: Card 10:31, 2 lines, ₹240.00 is paid."
        await till.type("{ctrl+n}")
        assert till.answer() == "The last receipt. Esc goes back to the order."


async def test_orders_kept_in_one_minute_have_names_that_differ_and_their_sales_none(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown").then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        kept: dict[str, str] = {}
        for name in ("Card 10:31", "Card 10:31-2"):
            await till.type((ORDER if not kept else "2 idly{enter}") + "{f9}c{enter}")
            await heard(till)
            session = till.order.id
            await till.type("k")
            assert till.answer().startswith(f"Kept as {name}.")
            kept[name] = session
        await till.type("{f8}")
        assert all(name in till.text() for name in kept)
        await till.type("{escape}")
        for charge in terminal.charged:
            terminal.then()
            till.register.asker.ask_now(charge.key)
            await heard(till)
        for session in kept.values():
            placed = till.register.ledger.order(session).placed
            assert placed is not None
            assert placed.data.tab_id is None
        await till.type("{f10}{enter}")
        assert "Card 10:31" not in till.text()


async def test_a_table_that_waited_for_an_answer_keeps_its_name(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown").then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "table 7{enter}{f8}7{enter}{f9}c{enter}")
        await heard(till)
        table = till.order
        await till.type("k")
        await till.type("2 idly{enter}{f9}c{enter}")
        await heard(till)
        named = till.order.id
        await till.type("k")
        terminal.then("declined").then("declined")
        for charge in terminal.charged:
            till.register.asker.ask_now(charge.key)
            await heard(till)
        await till.type("tab Card 10:31{enter}tab Asha{enter}{enter}tab Asha{enter}{f9}{enter}{enter}")
        await till.type("table 7{enter}{f9}{enter}{enter}")
        sold = [till.register.ledger.order(session) for session in (table.id, named)]
        assert [one.tab_sold_on.name if one.tab_sold_on else "" for one in sold] == ["table 7", "Asha"]
        assert [one.placed.data.tab_id if one.placed else "" for one in sold] == [one.tab.id for one in sold if one.tab]


@pytest.mark.parametrize("keys", ["k", "k2 idly{enter}", "{escape}"])
async def test_a_decline_is_reported_where_nobody_waits_for_it(tmp_path: Path, keys: str) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type(keys)
        terminal.then("declined", words="no cover")
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        name = "Card 10:31, " if keys[0] == "k" else ""
        message = f"Not paid: {name}2 lines, ₹240.00. Card: no cover."
        assert till.answer() == message
        till.register.unread.read(1, message)
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        assert till.register.unread.text(1) == ""


async def test_a_decline_is_read_at_login_and_by_the_person_there(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    message = "Not paid: Card 10:31, 2 lines, ₹240.00. Card: no cover."
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("k{f12}2{enter}2222{enter}idly{enter}{f9}")
        terminal.then("declined", words="no cover")
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        await till.type("{enter}")
        assert till.answer().startswith(message), "the guest stands before them"
        await till.type("{f12}1{enter}1111{enter}")
        assert till.answer() == message
        await till.type("{f12}2{enter}2222{enter}tab Card 10:31{enter}{f9}240{enter}{enter}")
        assert till.register.unread.text(1) == "", "it is paid by now"


async def test_a_payment_of_another_persons_order_is_read_by_the_person_there_too(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    message = "Answer received: Card 10:31, 2 lines, ₹240.00 is paid."
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("k{f12}2{enter}2222{enter}")
        terminal.then()
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        assert till.answer() == message, "the guest stands before them"
        await till.type("{f12}1{enter}1111{enter}")
        assert till.answer() == message


async def test_an_order_paid_in_part_is_not_called_unpaid(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}200{enter}c{enter}")
        await heard(till)
        await till.type("k")
        terminal.then("declined", words="no cover")
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        message = "Card: no cover. Still due: ₹40.00 of Card 10:31, 2 lines, ₹240.00."
        assert till.answer() == message


async def test_a_card_payment_of_an_order_that_nobody_waits_at_leaves_the_rest_due(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("k")
        terminal.then("approved", amount=20_000)
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        message = "Card: ₹200.00 taken. Still due: ₹40.00 of Card 10:31, 2 lines, ₹240.00."
        assert till.answer() == message


@pytest.mark.parametrize(("words", "message"), [("no cover", "no cover."), ("No. Is it on?", "No. Is it on?")])
async def test_a_declined_card_says_why_and_cash_is_taken(tmp_path: Path, words: str, message: str) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then("declined", words=words)):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        assert till.answer() == f"Card: {message} Nothing taken: try again, or another way."
        await till.type("{enter}")
        assert till.answer() == "₹240.00 in cash? Enter again takes it."
        await till.type("{enter}")
        assert till.answer() == "Paid ₹240.00, exact."


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_many_declines_leave_the_total_and_the_money_in_sight(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = Terminal()
    async with a_drawn_till(tmp_path, size) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}p10{enter}200{enter}{enter}")
        for _time in range(12):
            terminal.then("declined")
            await till.type("c{enter}")
            await heard(till)
        rows = [row[: size[0] // 2 - 6] for row in till.rows()]
        assert [row.split()[0] for row in rows if row.split()][3:6] == ["Total", "Tip", "1"]
        assert any("✓ taken" in row for row in rows)
        assert any(" 14 " in row and "not taken yet" in row for row in rows)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_manager_reads_what_the_provider_lists_before_settling(tmp_path: Path, size: tuple[int, int]) -> None:
    listed = "SumUp has no outcome for it. Of that amount or more it lists: TAAA1 (240), TAAA2 (250.5)."
    traits = TenderTraits(name="CARD", label="Card", key="c", gives_up_s=0.0)
    terminal = Terminal(traits=traits).then("unknown", words=listed).then("unknown", words=listed)
    async with a_drawn_till(tmp_path, size) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        shown = " ".join(till.text().split())
        assert "It says SumUp has no outcome for it." in shown
        assert "TAAA1 (240)," in shown
        assert "TAAA2 (250.5)." in shown
        assert "It is not known yet if it was charged." in shown


async def test_a_manager_settles_by_hand(tmp_path: Path) -> None:
    traits = type(Terminal().traits)(name="CARD", label="Card", key="c", gives_up_s=0.0)
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal(traits=traits).then("unknown")):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        session = till.order.id
        await till.type("m")
        assert "By the slip: 1 charged, 2 not." in till.answer()
        await till.type("x")
        assert till.answer() != "Asking now."
        assert "Ask now" in till.text()
        await till.type("2")
        assert "A manager's PIN" in till.text()
        assert not {"Ask now", "Keep it open"} & {*till.text().split("\n")}
        await till.type("{escape}")
        assert till.answer() == "Nothing was settled. Still checking."
        await till.type("1{enter}" + MANAGER)
        await heard(till)
        order = till.register.ledger.order(session)
        assert (order.status, next(iter(order.payments.values())).settled_by) == (Status.COMPLETED, 9)


async def test_an_answer_that_comes_after_esc_takes_the_paid_order_off_the_screen(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{escape}")
        terminal.then()
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        assert till.answer() == "Answer received: 2 lines, ₹240.00 is paid."
        assert till.register.unread.text(1) == till.answer(), "it is said again so where it was typed over"


async def test_answer_that_pays_an_order_away_from_it_names_the_tip_and_the_number_to_call(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        till.register.numbers.is_on = True
        await till.type(ORDER + "{f9}tip 10{enter}c{enter}")
        await heard(till)
        session = till.order.id
        await till.type("{escape}")
        terminal.then()
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        called = till.register.ledger.order(session).called
        assert called
        assert till.answer() == f"Answer received: 2 lines, ₹240.00 is paid. Tip ₹10.00. Order {called}."


@pytest.mark.parametrize(("says", "amount"), [("declined", None), ("approved", 20_000)])
async def test_a_sale_that_its_terminal_contradicts_is_not_called_paid(
    tmp_path: Path, says: str, amount: int | None
) -> None:
    """The last receipt stays that of the guest who stands there."""
    traits = replace(Terminal().traits, gives_up_s=0.0)
    terminal = Terminal(traits=traits).then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("1{enter}" + MANAGER)
        await heard(till)
        await till.type("idly{enter}{f9}{enter}{enter}")
        last = till.app.controller.sold
        terminal.then(says, amount=amount)
        till.register.payment_hinted(terminal.charged[0].key)
        await heard(till)
        assert till.answer().endswith("-000001: the answers for card differ. Ask a manager.")
        assert till.app.controller.sold == last


async def test_a_tip_goes_with_what_takes_the_rest(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}p60{enter}") as till:
        assert till.answer() == "A tip of ₹60.00: ₹300.00 with it."
        assert not till.order.payments
        await till.type("200{enter}{tab}")
        assert till.answer() == "₹100.00 is still due, with the tip."
        session = till.order.id
        await till.type("u")
        assert "Enter takes ₹100.00 by UPI." in till.text()
        await till.type("{enter}")
        order = till.register.ledger.order(session)
        assert [(p.tender, p.amount, p.tip) for p in order.payments.values()] == [
            ("CASH", 20_000, 0), ("UPI", 10_000, 6_000),
        ]  # fmt: skip
        assert order.status is Status.COMPLETED


@pytest.mark.parametrize("typed", ["240", "c240", "u299"])
async def test_the_bill_without_its_tip_leaves_the_rest_due_and_no_tip_is_lost(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}p60{enter}") as till:
        session = till.order.id
        await till.type(typed + "{enter}")
        assert "is still due" in till.answer()
        order = till.register.ledger.order(session)
        assert (order.status, order.tips) == (Status.ACTIVE, 6_000)
        await till.type("{enter}{enter}")  # the first asks, so soon after another
        order = till.register.ledger.order(session)
        assert (order.status, order.tips, order.paid) == (Status.COMPLETED, 6_000, 24_000)


async def test_a_tip_that_was_agreed_on_outlives_a_till_that_is_killed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}p60{enter}") as till:
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, typed=LOG_IN + "{f9}") as till:
        assert till.answer() == "A tip of ₹60.00: ₹300.00 with it."
        session = till.order.id
        await till.type("u{enter}")
        assert till.register.ledger.order(session).tips == 6_000


async def test_a_tip_that_was_agreed_on_outlives_the_screen(tmp_path: Path) -> None:
    """The tip survives Esc and a card declined behind another screen; money keyed at the order leaves it."""
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}p60{enter}{escape}")
        assert till.answer() == "Back to the order. Nothing was taken. The tip of ₹60.00 is kept on this till."
        await till.type("upi{enter}")
        assert not till.order.payments
        assert till.answer() == "A tip of ₹60.00: ₹300.00 with it."
        await till.type("c{enter}")
        await heard(till)
        await till.type("{escape}")
        terminal.then("declined")
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        await till.type("{f9}")
        assert till.answer() == "A tip of ₹60.00: ₹300.00 with it."
        session = till.order.id
        await till.type("u{enter}")
        order = till.register.ledger.order(session)
        assert (order.status, order.tips) == (Status.COMPLETED, 6_000)
        assert till.register.draft_split.of(session, "tip") is None


async def test_a_tip_stays_with_the_rest_where_the_terminal_takes_only_a_part(tmp_path: Path) -> None:
    """In sight and behind another screen, and it goes with the next payment."""
    terminal = Terminal().then(amount=5_000).then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}p10{enter}c{enter}")
        await heard(till)
        assert till.answer() == "Card: ₹50.00 taken. ₹200.00 due with tip."
        await till.type("c{enter}")
        await heard(till)
        await till.type("{escape}")
        terminal.then(amount=9_000)
        till.register.asker.ask_now(terminal.charged[1].key)
        await heard(till)
        await till.type("{f9}")
        assert till.answer() == "A tip of ₹10.00: ₹110.00 with it."
        session = till.order.id
        await till.type("u{enter}")
        order = till.register.ledger.order(session)
        assert order.status is Status.COMPLETED
        assert [(p.amount, p.tip) for p in order.payments.values()] == [(5_000, 0), (9_000, 0), (11_000, 1_000)]


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("cash 500", ("CASH", 500_00, 200_00, "")),
        ("cash", ("CASH", 300_00, 0, "")),
        ("upi", ("UPI", 300_00, 0, "")),
        ("card #4711", ("CARD", 300_00, 0, "4711")),
    ],
)
async def test_money_given_at_the_order_is_typed_beside_a_kept_tip(
    tmp_path: Path, typed: str, taken: tuple[str, int, int, str]
) -> None:
    """The tip is shown before the payment, because the order's total does not include it."""
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}p60{enter}{escape}" + typed + "{enter}") as till:
        assert till.answer() == "A tip of ₹60.00: ₹300.00 with it."
        assert not till.order.payments
        session = till.order.id
        await till.type("{enter}" * (2 if typed == "cash" else 1))
        order = till.register.ledger.order(session)
        assert order.tips == 60_00
        assert [(p.tender, p.tendered, p.change, p.transaction) for p in order.payments.values()] == [taken]


@pytest.mark.parametrize(
    ("typed", "paid"),
    [
        ("upi{enter}", [("UPI", 24_000, 0, "")]),
        ("card 50{enter}", [("CARD", 5_000, 0, "")]),
        ("card 50 #4711{enter}", [("CARD", 5_000, 0, "4711")]),
        ("tip 5{enter}{enter}{enter}", [("CASH", 24_500, 500, "")]),
        ("{f9}c50#0815{enter}", [("CARD", 5_000, 0, "0815")]),
        ("{f9}c#0815{enter}", [("CARD", 24_000, 0, "0815")]),
        ("{f9}50u{enter}", [("UPI", 5_000, 0, "")]),
        ("{f9}p5{enter}300{enter}", [("CASH", 24_500, 500, "")]),
        ("{f9}P 5{enter}300{enter}", [("CASH", 24_500, 500, "")]),
        ("{f9}3 s{f9}{enter}", [("CASH", 8_000, 0, "")]),
        ("{f9}p5{enter}p{enter}{enter}{enter}", [("CASH", 24_000, 0, "")]),
    ],
)
async def test_words_and_keys_say_how(tmp_path: Path, typed: str, paid: list[tuple[object, ...]]) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER) as till:
        session = till.order.id
        await till.type(typed)
        order = till.register.ledger.order(session)
        assert [(p.tender, p.amount, p.tip, p.transaction) for p in order.payments.values()] == paid


@pytest.mark.parametrize("typed", ["p-5", "p1.2.3", "p99999999", "p5,5,5"])
async def test_an_invalid_tip_is_refused(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=ORDER + "{f9}" + typed + "{enter}") as till:
        assert not till.order.payments
        assert isinstance(till.scene, PayScene)
        assert till.scene.state.tip == 0


async def test_a_till_that_was_killed_asks_after_what_it_had_asked_for(tmp_path: Path) -> None:
    """On the same journal: the terminal has one charge of the rounded bill, and the next user reads that it is paid."""
    terminal = Terminal().then(HANGS)
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        version, body = till.journal.cached("settings") or (0, {})
        till.journal.cache("settings", version + 1, {**body, "rounding": {"step": "1", "of": "bill"}})
        till.register.reference_changed(["settings"])
        await till.type(ORDER + "0.2% off order{enter}1{enter}{f9}c{enter}")
        await heard(till)
        session = till.order.id
        left = as_a_crash_leaves_it(tmp_path)
    terminal.then()
    async with a_quiet_till(left) as till, beside(till, terminal):
        await heard(till)
        assert till.register.ledger.order(session).status is Status.COMPLETED
        assert "The open order, 2 lines, ₹240.00, is now paid." in till.text()
        await till.type(LOG_IN)
        assert till.answer() == "Answer received: 2 lines, ₹240.00 is paid."
    assert (len(terminal.charged), len(terminal.asked)) == (1, 1)
    assert terminal.asked == terminal.charged


async def test_a_terminal_payment_is_refunded_by_the_terminal(tmp_path: Path) -> None:
    """The return is declined, then unknown, then done; the order is locked meanwhile, on its screen and behind it."""
    terminal = Terminal().then().then("declined", words="no line").then("unknown")
    async with a_quiet_till(tmp_path, (120, 36)) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c50{enter}")
        await heard(till)
        assert till.answer() == "Card: ₹50.00 taken. ₹190.00 is still due."
        await till.type("{f7}")
        assert till.answer() == "Refund ₹50.00 by card? Enter asks the terminal."
        await till.type("{enter}")
        await heard(till)
        assert till.answer() == "Card: no line. ₹50.00 stays paid. F7 tries again."
        await till.type("{f7}")
        assert "Enter asks again. M: by hand." in till.answer()
        await till.type("{enter}")
        await heard(till)
        assert till.answer() == "It is not known yet if it was refunded."
        assert "refunded? unknown" in till.text()
        await till.type("5")
        assert "Enter: ask again" in till.answer()
        await till.type("{escape}")
        assert till.answer() == "Back to the order. It is locked until the refund is known."
        await till.type("1 idly{enter}")
        assert (till.order.priced.pieces, till.order.paid) == (4, 5_000)
        terminal.then()
        await till.type("{f9}{enter}")
        await heard(till)
        assert till.answer() == "Card: ₹50.00 refunded. ₹240.00 is due."
        assert (till.order.paid, till.order.due, len(terminal.returned)) == (0, 24_000, 2)


async def test_refund_that_the_terminal_may_still_answer_asks_no_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till, beside(till, Terminal().then().then(HANGS)):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{f10}{enter}1{enter}1{enter}" + MANAGER)
        await heard(till)
        for words in ("given", "not given"):
            await till.type(f"{words}{{enter}}")
            assert till.answer().startswith("It may still answer. A manager settles it from 10:3")


async def test_order_whose_lines_were_voided_is_not_sold_by_the_refund_of_its_payment(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then().then()):
        await till.type(LOG_IN + "2 tea{enter}{f9}c20{enter}")
        await heard(till)
        await till.type("{escape}{f7}1{enter}{f9}{f7}{enter}")
        await heard(till)
        assert till.answer() == "Card: ₹20.00 refunded."
        assert (till.order.status, till.order.paid, till.order.total) == (Status.ACTIVE, 0, 0)
        await till.type("{ctrl+x}")
        assert till.answer() == "The order is cleared: nothing was left on it."


async def test_card_that_the_terminal_refunded_is_not_to_be_refunded_again_after_a_crash(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till, beside(till, Terminal().then().then()):
        await till.type(ORDER + "{f9}c50{enter}")
        await heard(till)
        await till.type("{f7}{enter}")
        await heard(till)
        assert till.answer() == "Card: ₹50.00 refunded. ₹240.00 is due."
        left = as_a_crash_leaves_it(tmp_path)
    async with a_drawn_till(left) as till:
        text = " ".join(till.text().split())
        assert "Card: ₹50.00 refunded." in text
        assert "refund it" not in text


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_next_guest_is_served_during_a_return(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = Terminal().then().then(HANGS)
    async with a_quiet_till(tmp_path, size) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c50{enter}")
        await heard(till)
        await till.type("{f7}{enter}7")
        assert "the terminal refunds it" in till.text()
        assert "The terminal is refunding ₹50.00." in till.text()
        await till.type("{escape}")
        assert isinstance(till.scene, SellScene)
        assert till.order.pending_payment is not None
        assert "A refund of ₹50.00 has no answer yet: Pay shows it." in till.register.answers.here(till.order)


async def test_a_manager_says_that_it_went_back_by_hand(tmp_path: Path) -> None:
    terminal = Terminal().then().then("declined").then()
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c50{enter}")
        await heard(till)
        await till.type("{f7}m{escape}")
        assert till.order.paid == 5_000
        await till.type("{f7}{enter}")
        await heard(till)
        await till.type("{f7}m" + MANAGER)
        await till.settle()
        assert till.order.paid == 0
        [payment] = till.order.payments.values()
        assert (payment.back_by, len(terminal.returned)) == ("", 1)


async def test_code_is_never_settled_by_a_terminal_slip(tmp_path: Path) -> None:
    traits = TenderTraits(name="UPI", label="UPI", key="u", shows_code=True)
    async with a_quiet_till(tmp_path, (80, 24)) as till, beside(till, Terminal(traits=traits).then("unknown")):
        await till.type(ORDER + "{f9}u{enter}")
        await heard(till)
        assert "A manager settles it, by the gateway's list" in till.text()
        await till.type("m")
        assert till.answer().startswith("It may still answer. A manager settles it from")


async def test_a_payment_by_code_is_refunded_by_the_bank(tmp_path: Path) -> None:
    traits = TenderTraits(name="UPI", label="UPI", key="u", shows_code=True)
    terminal = Terminal(traits=traits).then().then("declined").then(HANGS)
    async with a_quiet_till(tmp_path, (120, 36)) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}u50{enter}")
        await heard(till)
        await till.type("{f7}")
        assert till.answer() == "Refund ₹50.00 by UPI? Enter asks the bank."
        await till.type("{enter}")
        await heard(till)
        await till.type("{f7}")
        assert "Enter: ask the bank. M: by hand." in till.answer()
        await till.type("{enter}")
        assert "the bank refunds it" in till.text()


async def test_the_slip_is_kept_with_what_a_manager_settles(tmp_path: Path) -> None:
    traits = type(Terminal().traits)(name="CARD", label="Card", key="c", gives_up_s=0.0)
    terminal = Terminal(traits=traits).then("unknown")
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c50{enter}")
        await heard(till)
        await till.type("1")
        assert "its number, if any" in till.answer()
        await till.type("k-122{backspace}{enter}")
        assert "k-12" in till.text()
        await till.type(MANAGER)
        await heard(till)
        [payment] = till.order.payments.values()
        assert (payment.settled_by, payment.transaction, till.order.paid) == (9, "k-12", 5_000)
        terminal.then("unknown")
        await till.type("{f7}{enter}")
        assert "Settled by hand, never confirmed. Check its list first." in till.text()
        await till.type(MANAGER)
        await heard(till)
        assert terminal.returned[0][1] == ""  # its slip names nothing to the terminal
        await till.type("1")
        assert till.answer() == "Refunded: Enter, a manager's PIN. Esc leaves it open."
        await till.type("{enter}" + MANAGER)
        await heard(till)
        assert till.order.paid == 0


async def test_a_late_approval_is_reported_and_paid(tmp_path: Path) -> None:
    terminal = Terminal().then(after=5)
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        terminal.on_stop = asyncio.Event()
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{escape}")
        await heard(till)
        assert till.answer() == "Card was approved before it stopped. It is paid."


async def test_a_payment_of_an_order_that_went_to_another_till_names_that_till(tmp_path: Path) -> None:
    terminal = Terminal().then()
    async with a_drawn_till(tmp_path, (80, 24)) as till:

        async def pushed(_seconds: float) -> bool:
            there = open_file(tmp_path, 2)
            try:
                register = make_register(there, till.clock, PinCheck(), 2)
                there.receive([Received(1, event) for event in till.journal.events_of(session)])
                grant_to(register, session)
                events = there.events_of(session)
            finally:
                there.close()
            till.journal.receive([Received(1, event) for event in events])
            till.register.sessions_grew([session])
            till.register.taken(session, "Till 2", "Asha", till.clock.now())
            return True

        till.register.asker.begin(Tenders(BY_HAND, [terminal]), pushed)
        await till.type(ORDER)
        session = till.order.id
        await till.type("{f9}c{enter}")
        await heard(till)
        till.register.asker.end()
        assert terminal.charged == []
        assert isinstance(till.scene, SellScene)
        assert till.answer() == "Not paid: 2 lines, ₹240.00. Card: Till 2 has the order."
        assert len(till.answer()) <= 60
        assert "▲ taken over" in till.text()


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize("is_set_up", [True, False])
async def test_a_payment_that_a_dead_till_began_is_settled_where_the_order_is(
    tmp_path: Path, size: tuple[int, int], *, is_set_up: bool
) -> None:
    """Nothing is taken beside it; F9 names the till where it began, and a manager settles it without that till."""
    async with a_drawn_till(tmp_path, size) as till:
        till.register.asker.begin(Tenders(BY_HAND, [Terminal()] if is_set_up else []))
        await till.type(ORDER)
        _begin_on_another_till(tmp_path, till)
        for tried in ("tea{enter}", "cash{enter}", "{f7}1{enter}"):
            await till.type(tried)
            assert till.answer() == "A payment is under way. F9 shows it, and settles it."
            await till.type("{escape}{escape}")
        await till.type("{f9}")
        await heard(till)
        assert till.text().count("reference 0000000001") == 1
        assert "Started on    Till 2" in till.text()
        await till.type("m2{enter}" + MANAGER)
        await heard(till)
        assert isinstance(till.scene, PayScene)
        await till.type("{enter}{enter}")
        sold = till.app.controller.sold
        assert sold is not None
        assert [(one.tender, one.state) for one in sold.payments.values()] == [
            ("CARD", PaymentState.DECLINED),
            ("CASH", PaymentState.APPROVED),
        ]
        till.register.asker.end()


def _begin_on_another_till(folder: Path, till: Till) -> None:
    """Have till 2, which does not hold the order on the screen, begin a payment for it, and hear of that."""
    session = till.order.id
    there = open_file(folder, 2)
    try:
        register = make_register(there, till.clock, PinCheck(), 2)
        there.receive([Received(1, event) for event in till.journal.events_of(session)])
        register.ledger.user = 1
        asked = Tendered("CARD", due_in(till.order, "CARD"))
        names = ("V400m-2", "till-2", "0000000001")
        register.ledger.commit(start_charge(register.ledger.order(session), register.ledger.new_id(), asked, names))
        events = there.events_of(session)
    finally:
        there.close()
    till.journal.receive([Received(1, event) for event in events])
    till.register.sessions_grew([session])


class Speaking(Terminal):
    """A terminal that waits until it is stopped, and says so."""

    @override
    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        self.progress, self.on_stop = progress, asyncio.Event()
        progress(_("Asking the reader."))
        await self.on_stop.wait()
        return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=_("Cancelled at the till."))

    @override
    async def stop(self, charge: Charge) -> None:
        self.progress(_("Cancelling."))


async def test_steps_of_the_till_are_in_the_readers_language_and_those_of_a_terminal_in_the_venues(
    tmp_path: Path, qps: str
) -> None:
    terminal = Speaking()
    reference = a_reference()
    reference["settings"]["languages"] = ["es"]
    reference["staff"]["staff"][0]["language"] = "en"
    async with a_quiet_till(tmp_path, (120, 36), reference=reference) as till, beside(till, terminal):
        await till.type(ORDER + "{f9}c{enter}")
        await heard(till)
        await till.type("{escape}")
        await heard(till)
        (progress,) = till.register.asker._under_way.values()
        assert [words for _at, words in progress.shown_steps] == [
            "asked for ₹240.00", "Preguntando al lector.", "Cancelando.",
        ]  # fmt: skip
        speak(qps)
        assert progress.shown_steps[0][1] == made_up("asked for") + " ₹240.00"
        assert terminal.on_stop is not None
        terminal.on_stop.set()
        await heard(till)
        assert till.shown is not None
        (payment,) = till.shown.payments.values()
        assert payment.reason == "Cancelado en la caja."
