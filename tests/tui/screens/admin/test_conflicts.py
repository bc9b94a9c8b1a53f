"""Conflicts about money on the manager's screen."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain import making
from tests.domain.making import Hand, forged
from tests.register.exchange import hear_found
from tests.register.payments.scripted import UNKNOWN, Terminal
from tests.tui.playing import LOG_IN, MORNING, PASSWORD, FakeStore, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import beside, heard
from tests.tui.screens.test_news import comes, on_till_2
from till.cli.demo_venue import DEMO
from till.domain.advice import Advice
from till.domain.errors import StoreAwayError, StoreError
from till.domain.events.envelope import SERVER
from till.domain.money.measures import Minor
from till.domain.order.events import OrderDiscarded, OrderGranted
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.payment.events import PaymentApproved, PaymentReturnStarted, PaymentStarted, PaymentVoided
from till.domain.structs import replace
from till.ports import Light, LightState, Received, RemoteConflict, RemoteRecord, SessionMark

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from till.domain.events.registry import EventData
    from till.domain.order.state import Order

MANAGER = "9{enter}9999{enter}"
GIVEN = PASSWORD + "{enter}"
SESSION = "0197d6a0-0000-7000-8000-00000000aaaa"
TWICE = RemoteConflict(
    "0197d6a0-0000-7000-8000-00000000c0f1",
    SESSION,
    "sold_twice",
    "0197d6a0-0000-7000-8000-00000000bbbb",
    Minor(8_000),
    2,
    MORNING,
)


async def test_a_manager_settles_one_in_words(tmp_path: Path) -> None:
    store = FakeStore(conflicts=[TWICE])
    async with a_quiet_till(tmp_path, store=store, typed=MANAGER + "{ctrl+o}") as till:
        text = till.text()
        assert "sold twice" in text
        assert "₹80.00" in text
        assert "Till 2, 10:31" in text
        await till.type("given back in cash{enter}")
        assert store.settled == []
        assert "Nothing changes until the password is right." in till.text()
        await till.type(GIVEN)
        assert store.settled == [(TWICE.conflict_id, "given back in cash", 9)]
        assert till.answer() == "Settled. It is in the log, with your number."
        assert till.typed() == ""
        assert "Nothing is waiting for a manager." in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_password_is_seen_by_nobody_and_a_wrong_one_is_not_kept(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore(conflicts=[TWICE])
    async with a_drawn_till(tmp_path, size, store=store, typed=MANAGER + "{ctrl+o}given back{enter}swordfish") as till:
        assert "Your password" in till.text()
        assert "swordfish" not in till.text()
        assert "Password  " + "●  " * 8 in till.text()
        await till.type("{enter}")
        assert till.answer() == "Wrong number or password."
        assert till.typed() == ""
        assert "●  ●" not in till.text()
        assert store.settled == []
        assert "swordfish" not in till.journal.typed()
        await till.type(GIVEN)
        assert store.settled == [(TWICE.conflict_id, "given back", 9)]
        assert PASSWORD not in till.text()


async def test_esc_on_the_password_settles_nothing_and_keeps_the_words(tmp_path: Path) -> None:
    store = FakeStore(conflicts=[TWICE])
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(MANAGER + "{ctrl+o}given back{enter}swordfish{escape}")
        assert till.typed() == "given back"
        await till.type("{enter}" + GIVEN)
        assert store.settled == [(TWICE.conflict_id, "given back", 9)]


async def test_settling_needs_the_server(tmp_path: Path) -> None:
    store = FakeStore(conflicts=[TWICE])
    async with a_quiet_till(tmp_path, store=store, typed=MANAGER + "{ctrl+o}given back{enter}") as till:
        store.away = True
        await till.type(GIVEN)
        assert till.answer() == "This needs the server."
        assert till.typed() == ""
        store.away = False
        await till.type(GIVEN)
        assert store.settled == [(TWICE.conflict_id, "given back", 9)]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (StoreAwayError("Nobody answers."), "This needs the server."),
        (StoreError(StoreAwayError().sentence), StoreAwayError().sentence),
    ],
)
async def test_an_unreachable_server_is_known_by_the_type_of_its_error(
    tmp_path: Path, problem: StoreError, message: str
) -> None:
    store = FakeStore(conflicts=[TWICE], refuses=problem)
    async with a_quiet_till(tmp_path, store=store, typed=MANAGER + "{ctrl+o}given back{enter}" + GIVEN) as till:
        assert till.answer() == message


async def test_conflict_is_settled_by_a_sentence(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(conflicts=[TWICE]), typed=MANAGER + "{ctrl+o}{enter}") as till:
        assert "sold twice" in till.text()
        assert "A reason is needed" in till.text()


async def test_a_cashier_reads_that_conflicts_are_for_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(conflicts=[TWICE]), typed=LOG_IN + "{ctrl+o}") as till:
        assert till.answer() == "Conflicts and records are for a manager: log in as one."


async def test_a_manager_hears_of_them_at_login_and_a_cashier_does_not(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.light_changed(Light(LightState.SAVED, conflicts=2))
        await till.type(MANAGER)
        assert till.answer() == "2 conflicts about money wait: Ctrl+O."
        await till.type("{f12}" + LOG_IN)
        assert "conflict" not in till.text()


async def test_a_record_that_could_not_be_applied_is_reported_shown_and_settled(tmp_path: Path) -> None:
    record = RemoteRecord(7, TWICE.session_id, "The total 41.00 does not add up.", Minor(4_100), 2, MORNING)
    store = FakeStore(records=[record])
    async with a_quiet_till(tmp_path, store=store) as till:
        till.register.light_changed(Light(LightState.ATTENTION, records=1))
        await till.type(MANAGER)
        assert till.answer() == "1 record needs attention: Ctrl+O."
        await till.type("{ctrl+o}")
        text = till.text()
        assert "a record" in text
        assert "₹41.00" in text
        assert "The total 41.00 does not add up." in text
        await till.type("keyed again{enter}" + GIVEN)
        assert store.settled == [(7, "keyed again", 9)]


def sold(till: Till, quantity: int = 2) -> str:
    """Sell an order of Asha, paid here, and return its id."""
    item = till.register.lookup.exact("idly")
    assert item is not None
    order = till.register.sales.add(None, 1, ItemEntry(item, quantity))
    till.register.checkout.pay_exact(order.id, "CASH")
    till.clock.pass_by(milliseconds=1)
    return order.id


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_conflict_names_place_time_and_receipt_of_the_money(tmp_path: Path, size: tuple[int, int]) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store) as till:
        store.conflicts = [replace(TWICE, session_id=sold(till)), replace(TWICE, conflict_id="other", session_id=None)]
        await till.type(MANAGER + "{ctrl+o}")
        assert re.search(r"Paid +₹80\.00, Till 1, 10:31, [-0-9A-Za-z]+", till.text())
        assert re.search(r"Order +1 line, ₹80\.00, Asha", till.text())
        await till.type("{down}")
        assert "Paid  " not in till.text()  # nobody knows more of the second one


async def test_each_receipt_of_a_conflict_stands_once_on_the_screen(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store) as till:
        session = sold(till)
        placed = till.register.ledger.order(session).placed
        assert placed is not None
        own = placed.data.receipt
        store.conflicts = [replace(TWICE, session_id=session, receipts=(own, "2-000008"))]
        await till.type(MANAGER + "{ctrl+o}")
        assert till.text().count(own) == till.text().count("2-000008") == 1
        assert re.search(r"Paid too +2-000008", till.text())  # of another order that the lines were paid with


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_number_twice_shows_both_sales(tmp_path: Path, size: tuple[int, int]) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store) as till:
        first, second = sold(till), sold(till, 3)
        given = till.register.ledger.order(second).placed
        assert given is not None
        twice = replace(
            TWICE, kind="number_twice", session_id=second, subject=given.data.order_id, also=(first,), till=0
        )
        store.conflicts = [twice]
        await till.type(MANAGER + "{ctrl+o}")
        assert store.fetched == [second, first]
        facts = [row.partition("Sale")[2].strip() for row in till.rows() if "Sale" in row]
        assert [fact.split(", ")[:2] for fact in facts] == [["₹80.00", "Till 1"], ["₹120.00", "Till 1"]]  # in turn
        assert "1 line, ₹120.00, Asha" in till.text()
        assert "number used twice  10:31" in till.text()
        store.conflicts = [replace(twice, kind="number_twice", receipts=("1-000002", "1-R000001"))]
        await till.type("{escape}{ctrl+o}")
        assert re.search(r"Refund +1-R000001", till.text())
        assert till.text().count("Sale") == 2
        alone = replace(twice, also=(), receipts=("1-000001", "1-R000001"))
        for kind, message in (
            ("outcome_contradicted", "conflicting answers"),
            ("no_answer", "no answer"),
        ):
            store.conflicts = [replace(alone, kind=kind)]
            await till.type("{escape}{ctrl+o}")
            assert message in till.text()
            assert re.search(r"Refund +1-R000001", till.text())
            assert till.text().count("Sale") == 1
        assert "Its till was revoked. Settle it by the terminal's list." in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_left_refund_is_settled_as_given_or_not(tmp_path: Path, size: tuple[int, int]) -> None:
    left = replace(TWICE, kind="no_answer", session_id=None, receipts=("1-R000001",))
    store = FakeStore(conflicts=[left, replace(left, conflict_id="other")])
    async with a_quiet_till(tmp_path, size, store=store, typed=MANAGER + "{ctrl+o}it was{enter}") as till:
        assert till.answer() == "Type “given” or “not given”: that settles the refund."
        assert till.typed() == "it was"
        await till.type("Given{enter}" + GIVEN)
        assert till.answer() == "Settled. The refund counts as given."
        await till.type("not given{enter}" + GIVEN)
        assert till.answer() == "Settled. It was not given: refund it again with F10."
        assert [how for _what, how, _who in store.settled] == ["Given", "not given"]


async def test_the_till_that_took_money_without_an_order_is_named(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store) as till:
        session = sold(till)
        (payment,) = till.register.ledger.order(session).payments.values()
        store.conflicts = [replace(TWICE, kind="money_without_order", session_id=session, subject=payment.id)]
        await till.type(MANAGER + "{ctrl+o}")
        assert re.search(r"Money +₹80\.00, Cash, Till 1, 10:31", till.text())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_money_that_a_guest_left_is_given_back_at_the_counter_by_pin(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, size, store=store) as till:
        session, payment = left_behind(till)
        store.conflicts = [
            replace(TWICE, kind="money_without_order", session_id=session, subject=payment, amount=Minor(2200))
        ]
        await till.type(MANAGER + "{ctrl+o}")
        assert "Enter refunds ₹22.00, by PIN. Or type how it was settled." in till.text()
        assert "Till 0" not in till.text()
        await till.type("{enter}9{enter}1111{enter}")
        assert till.answer().startswith("Wrong PIN for number 9.")
        await till.type("9999{enter}")
        assert till.answer() == "Refunded ₹22.00."
        assert store.settled == []
        assert "Nothing is waiting for a manager." in till.text()
        assert till.register.ledger.order(session).paid == 0


async def test_money_that_was_left_at_another_till_is_refunded_there(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        pays = on_till_2(till, tmp_path, session, lambda register: register.checkout.pay(session, "CASH", Minor(2200)))
        await comes(till, session, pays)
        cleared_by_the_database(till, till.register.ledger.order(session))
        (payment,) = till.register.ledger.order(session).payments
        store.conflicts = [replace(TWICE, kind="money_without_order", session_id=session, subject=payment)]
        await till.type("{f12}" + MANAGER + "{ctrl+o}")
        assert "Till 2 refunds it by Ctrl+O. Or type how it was settled." in " ".join(till.text().split())


@pytest.mark.parametrize("held", [False, True])
async def test_charge_that_the_server_has_is_refunded_where_it_can_be(tmp_path: Path, *, held: bool) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        session, server = making.SESSION, Hand(SERVER, 0, start=till.clock.now())
        money: dict[str, Any] = {"payment_id": TWICE.subject, "tender": "UPI", "amount": "80.00"}
        grants = [OrderGranted(till=2, journal=TWICE.subject, user=1)] if held else []
        charge = (PaymentStarted(**money, key=TWICE.subject), PaymentApproved(**money, tendered="80.00", change="0"))
        opened = server.opened()
        events = [opened, *(server.make(one) for one in (*grants, *charge, OrderDiscarded(line_ids=())))]
        received = [Received(place, forged(one, store_id=DEMO.store_id)) for place, one in enumerate(events, 1)]
        await comes(till, session, received)
        store.conflicts = [replace(TWICE, kind="money_without_order", session_id=session, till=0)]
        await till.type(MANAGER + "{ctrl+o}")
        says = "Till 2 refunds it by Ctrl+O. Or type" if held else "Refund it at the gateway, then type"
        assert f"{says} how it was settled." in " ".join(till.text().split())


@pytest.mark.parametrize("opens", ["{ctrl+o}", "{f10}"])
async def test_money_that_another_till_gives_back_meanwhile_is_not_given_back_twice(tmp_path: Path, opens: str) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        session, payment = left_behind(till)
        store.conflicts = [
            replace(TWICE, kind="money_without_order", session_id=session, subject=payment, amount=Minor(2200))
        ]
        await till.type(MANAGER + opens + "{enter}9{enter}9999")
        assert "Refund ₹22.00" in till.text()
        back = PaymentVoided(payment_id=payment, tender="CASH", amount="22.00", approved_by=9)
        store.bring = lambda session_id: done_elsewhere(till, session_id, back) if session_id == session else None
        await till.type("{enter}")
        assert till.answer() == "That payment is already refunded."
        store.conflicts = []
        await till.type("{escape}")
        assert "Refunded" not in till.answer()
        voids = [one for one in till.journal.events_of(session) if one.type == "payment_voided"]
        assert [one.till for one in voids] == [2]


async def test_money_that_a_guest_left_is_given_back_while_the_server_is_away(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_quiet_till(tmp_path, store=store) as till:
        session, _payment = left_behind(till)
        store.away = True
        await till.type(MANAGER + "{f10}{enter}9{enter}9999{enter}")
        assert till.register.ledger.order(session).paid == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_payment_corrected_by_two_tills_shows_the_tender_that_counts(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store) as till:
        session, corrections = sold(till), till.register.corrections
        (payment,) = till.register.ledger.order(session).payments
        corrections.correct_tender(session, payment, "UPI", None)
        store.conflicts = [replace(TWICE, kind="outcome_contradicted", session_id=session, subject=payment)]
        await till.type(MANAGER + "{ctrl+o}")
        assert "conflicting answers" in till.text()
        assert re.search(r"Money +₹80\.00, Cash, Till 1, 10:31", till.text())
        assert re.search(r"Counts as +UPI", till.text())
        assert "Ask who took and gave it." in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_charge_that_no_till_polls_is_looked_up_by_a_person(tmp_path: Path, size: tuple[int, int]) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store) as till, beside(till, Terminal().then(UNKNOWN)):
        item = till.register.lookup.exact("idly")
        assert item is not None
        order = till.register.sales.add(None, 1, ItemEntry(item, 2))
        asked = till.register.charges.ask(order.id, "CARD", Minor(2200))
        await heard(till)
        cleared_by_the_database(till, till.register.ledger.order(order.id))
        store.conflicts = [replace(TWICE, kind="no_answer", session_id=order.id, subject=asked.payment_id, till=0)]
        await till.type(MANAGER + "{ctrl+o}")
        assert "no answer" in till.text()
        assert "Its till was revoked. Settle it by the terminal's list" in till.text()
        assert re.search(r"Asked for +₹22\.00, Card, Till 1, 10:31", till.text())
        await till.type("not taken{enter}" + GIVEN)
        assert store.settled == [(TWICE.conflict_id, "not taken", 9)]


@asynccontextmanager
async def left_by_card(
    tmp_path: Path,
    terminal: Terminal,
    size: tuple[int, int],
    before: Callable[[Till, str], None] = lambda _till, _session: None,
) -> AsyncIterator[tuple[Till, str]]:
    """Yield a till whose manager looks at 22.00 that a terminal took for a cleared order, and the order.

    `before` is called before it is cleared.
    """
    store = FakeStore()
    async with a_drawn_till(tmp_path, size, store=store) as till, beside(till, terminal):
        item = till.register.lookup.exact("idly")
        assert item is not None
        session = till.register.sales.add(None, 1, ItemEntry(item, 2)).id
        till.register.charges.ask(session, "CARD", Minor(2200))
        await heard(till)
        before(till, session)
        cleared_by_the_database(till, till.register.ledger.order(session))
        (payment,) = till.register.ledger.order(session).payments
        store.conflicts = [
            replace(TWICE, kind="money_without_order", session_id=session, subject=payment, amount=Minor(2200)),
            replace(TWICE, conflict_id="other", session_id=None),
        ]
        await till.type(MANAGER + "{ctrl+o}")
        yield till, session


async def ask_now(till: Till, session: str) -> None:
    """Poll the terminal, which answers."""
    (payment,) = till.register.ledger.order(session).payments.values()
    till.register.asker.ask_now(payment.asked_for.id)
    await heard(till)


YES = "9{enter}9999{enter}"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_terminal_gives_back_what_was_left_of_an_order(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with left_by_card(tmp_path, terminal, size) as (till, session):
        assert "Enter asks the terminal, by PIN. Or type how it was" in till.text()
        assert "Tab By hand" in till.rows()[-1]
        await till.type("{enter}" + YES)
        assert "₹22.00 is being refunded. Enter checks it now." in till.text()
        assert re.search(r"Refunding +₹22\.00, Card", till.text())
        assert [charge.amount for charge, _what in terminal.returned] == [2200]
        await heard(till)
        assert "money without an order" in till.text()
        await till.type("{down}")
        terminal.then()
        await ask_now(till, session)
        assert till.answer() == "Card: ₹22.00 refunded."
        assert "money without an order" not in till.text()
        assert till.register.ledger.order(session).paid == 0


async def test_a_refund_that_the_terminal_declines_is_given_by_hand(tmp_path: Path) -> None:
    terminal = Terminal().then().then("declined", words="card gone")
    async with left_by_card(tmp_path, terminal, (80, 24)) as (till, session):
        await till.type("{enter}" + YES)
        await heard(till)
        assert till.answer() == "Card: card gone. ₹22.00 was not refunded."
        assert "money without an order" in till.text()
        await till.type("{tab}" + YES)
        assert till.answer() == "₹22.00 is off this order: refund it by card too."
        assert "money without an order" not in till.text()
        assert (len(terminal.returned), till.register.ledger.order(session).paid) == (1, 0)


async def test_a_refund_without_an_answer_is_polled_and_settled_by_hand_in_its_time(tmp_path: Path) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN).then(UNKNOWN)
    async with left_by_card(tmp_path, terminal, (120, 36)) as (till, session):
        await till.type("{enter}" + YES)
        await heard(till)
        asked = len(terminal.asked)
        await till.type("{enter}")
        await heard(till)
        assert (till.answer(), len(terminal.asked)) == ("Asking now.", asked + 1)
        await till.type("{tab}")
        assert till.answer() == "It may still answer. A manager settles it from 10:32:30."
        till.clock.pass_by(minutes=2)
        await till.type("{tab}")
        assert "Was ₹22.00 refunded?" in till.text()
        await till.type("2{enter}")
        assert "₹22.00 was not refunded: a manager confirms" in till.text()
        await till.type(YES)
        assert till.answer() == "Card: settled by hand: not refunded. ₹22.00 was not refunded."
        assert till.register.ledger.order(session).paid == 2200
        assert "Enter asks the terminal, by PIN." in till.text()
        terminal.then(UNKNOWN).then(UNKNOWN)
        await till.type("{enter}" + YES)
        await heard(till)
        till.clock.pass_by(minutes=2)
        await till.type("{tab}1{enter}")
        assert "₹22.00 was refunded: a manager confirms" in till.text()
        await till.type(YES)
        assert till.answer() == "Card: ₹22.00 refunded."
        assert till.register.ledger.order(session).paid == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_refund_by_a_revoked_till_does_not_claim_to_be_polled(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = Terminal().then()
    async with left_by_card(tmp_path, terminal, size, asked_back_elsewhere) as (till, session):
        message = "₹22.00 is being refunded on Till 2."
        assert f"{message} Tab settles it here." in till.text()
        assert "Enter Ask now" not in till.text()
        await till.type("{enter}")
        assert till.answer() == f"{message} Tab settles it here."
        await till.type("{escape}{f10}")
        assert message.split(",", maxsplit=1)[0] in till.text()
        assert "Enter" not in till.rows()[-1]
        await till.type("{enter}")
        assert till.answer() == f"{message} Esc, then Ctrl+O settles it here."
        till.clock.pass_by(minutes=2)
        await till.type("{escape}{ctrl+o}{tab}1{enter}" + YES)
        assert till.answer() == "Card: ₹22.00 refunded."
        assert till.register.ledger.order(session).paid == 0
        assert terminal.returned == []


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ("approved", "Card: ₹22.00 refunded."),
        ("declined", "Card: card gone. ₹22.00 was not refunded. It waits: Ctrl+O."),
    ],
)
async def test_an_answer_is_reported_to_who_sells_on(tmp_path: Path, says: str, message: str) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with left_by_card(tmp_path, terminal, (80, 24)) as (till, session):
        await till.type("{enter}" + YES + "{escape}tea{enter}")
        await heard(till)
        assert till.answer() == "Added 1 × Tea. Total ₹20.00."
        terminal.then(says, words="card gone")
        await ask_now(till, session)
        assert till.answer() == message


async def test_a_charge_that_becomes_known_after_its_order_was_cleared_is_reported(tmp_path: Path) -> None:
    terminal = Terminal().then(UNKNOWN).then(UNKNOWN)
    async with a_quiet_till(tmp_path) as till, beside(till, terminal):
        await till.type(LOG_IN + "2 idly{enter}{f9}c{enter}")
        session = till.order.id
        await heard(till)
        cleared_by_the_database(till, till.order)
        await till.settle()
        await till.type("tea{enter}")
        terminal.then()
        await ask_now(till, session)
        assert "₹80.00 taken here is not on a sale: ask a manager." in till.answer()


async def test_money_on_an_order_that_the_database_cleared_is_reported_first_and_names_no_till_0(
    tmp_path: Path,
) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}22{enter}{enter}{escape}") as till:
        cleared_by_the_database(till, till.order)
        await till.settle()
        assert till.answer() == (
            "The owner of the database cleared your order with ₹22.00 paid."
            " ₹22.00 taken here is not on a sale: ask a manager."
        )
        assert "Till 0" not in till.text()
        assert "ask a manager." in " ".join(till.text().split())  # none of it is cut off


def left_behind(till: Till) -> tuple[str, str]:
    """Make an order of Asha with money on it that the database cleared; return the order and the payment."""
    item = till.register.lookup.exact("idly")
    assert item is not None
    session = till.register.sales.add(None, 1, ItemEntry(item, 2)).id
    order = till.register.checkout.pay(session, "CASH", Minor(2200))
    cleared_by_the_database(till, order)
    (payment,) = order.payments
    return session, payment


def cleared_by_the_database(till: Till, order: Order) -> None:
    server = Hand(SERVER, 0, start=till.clock.now())
    server.knows(*till.journal.events_of(order.id))
    cleared = server.make(OrderDiscarded(line_ids=tuple(order.lines)), stream_id=order.id)
    mark = SessionMark(order.id, order.user, 3, open=False)
    till.register.journal.receive([Received(3, forged(cleared, store_id=DEMO.store_id))], [mark])
    till.register.sessions_grew([order.id])
    assert till.register.ledger.order(order.id).status is Status.DISCARDED
    hear_found(till.register, order.id)


def asked_back_elsewhere(till: Till, session: str) -> None:
    """Grant an order to till 2, which asks the terminal to give its payment back and hears no answer."""
    (payment,) = till.register.ledger.order(session).payments.values()
    key = Hand(2, start=till.clock.now()).new_id()
    back = PaymentReturnStarted(
        payment_id=payment.id, return_id=key, tender="CARD", amount="22.00", place="POI", number="1"
    )
    done_elsewhere(till, session, back)


def done_elsewhere(till: Till, session: str, back: EventData) -> None:
    """Grant an order to till 2, which writes an event about its money."""
    other = Hand(2, start=till.clock.now())
    other.knows(*till.journal.events_of(session))
    took = forged(other.took(), stream_id=session)
    came = [forged(one, store_id=DEMO.store_id) for one in (took, other.make(back, stream_id=session))]
    till.register.journal.receive([Received(place, one) for place, one in enumerate(came, 1)])
    till.register.sessions_grew([session])


@pytest.mark.parametrize("kind", ["sold_twice", "money_without_order", "number_twice", "record_skipped"])
async def test_the_time_of_each_kind_stands_beside_it_on_a_wide_screen(tmp_path: Path, kind: str) -> None:
    async with a_drawn_till(tmp_path, (120, 36), store=FakeStore(conflicts=[replace(TWICE, kind=kind)])) as till:
        await till.type(MANAGER + "{ctrl+o}")
        assert "Till 2, 10:31" in till.text()


async def test_a_waiting_conflict_is_reported_no_more_when_it_is_settled(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(conflicts=[TWICE])) as till:
        till.register.light_changed(
            Light(LightState.ATTENTION, detail=Advice("1 record needs attention."), conflicts=1)
        )
        await till.type(MANAGER)
        assert till.answer() == "1 conflict about money waits: Ctrl+O."
        await till.type("{ctrl+o}given back{enter}" + GIVEN + "{escape}")
        assert till.answer() != "1 conflict about money waits: Ctrl+O."
        till.register.light_changed(Light(LightState.ATTENTION, detail=Advice("2 records need attention.")))
        await till.settle()
        assert till.answer() == "2 records need attention."
        till.register.light_changed(Light(LightState.SAVED))
        await till.settle()
        assert till.answer() == ""


async def test_the_list_follows_the_server_and_keeps_the_marked_one_and_the_typed_words(tmp_path: Path) -> None:
    later = replace(TWICE, conflict_id="0197d6a0-0000-7000-8000-00000000c0f2", amount=Minor(9_900))
    store = FakeStore(conflicts=[TWICE])
    async with a_quiet_till(tmp_path, store=store, typed=MANAGER + "{ctrl+o}given ba") as till:
        store.conflicts = [later, TWICE]
        till.register.server_answered()
        await till.settle()
        assert "₹99.00" in till.text()
        assert till.typed() == "given ba"
        await till.type("ck{enter}" + GIVEN)
        assert store.settled == [(TWICE.conflict_id, "given back", 9)]
        store.conflicts = []
        till.register.server_answered()
        await till.settle()
        assert "Nothing is waiting for a manager." in till.text()


async def test_words_that_begin_with_the_number_of_another_one_are_asked_back(tmp_path: Path) -> None:
    other = replace(TWICE, conflict_id="0197d6a0-0000-7000-8000-00000000c0f2", kind="number_twice", till=1)
    store = FakeStore(conflicts=[TWICE, other])
    async with a_quiet_till(tmp_path, store=store, typed=MANAGER + "{ctrl+o}#2, guests{enter}") as till:
        assert till.answer() == "Is it number 2? Type 2, Enter first, or begin with a word."
        await till.type("2 guests came back{enter}")
        assert till.answer() == "Is it number 2? Type 2, Enter first, or begin with a word."
        assert till.typed() == "2 guests came back"
        await till.type("2{enter}")
        assert till.answer() == "A reason is needed. Type a word or two."
        assert till.typed() == ""
        await till.type("2 were given back{enter}")
        assert "number used twice, ₹80.00, Till 1, 10:31" in till.text()
        await till.type(GIVEN + "2 guests came back{enter}")
        assert "sold twice, ₹80.00, Till 2, 10:31" in till.text()
        await till.type(GIVEN)
        assert [(what, how) for what, how, _who in store.settled] == [
            (other.conflict_id, "2 were given back"),
            (TWICE.conflict_id, "2 guests came back"),
        ]


async def test_the_number_of_unlisted_conflicts_is_reported(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(conflicts=[TWICE], unlisted=3_980)) as till:
        await till.type(MANAGER + "{ctrl+o}")
        assert "3980 more wait: `till admin conflicts` lists them." in till.text()
