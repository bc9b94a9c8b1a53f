"""The customer of an order, at the counter: found at the server, kept as typed, taken off, and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.tui.playing import LOG_IN, FakeStore, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.test_news import comes
from till.cli.demo_venue import DEMO
from till.domain.events.envelope import SERVER, Draft
from till.domain.money.measures import Minor
from till.domain.order.events import CustomerAttached, Erased, OrderSubmitted
from till.domain.order.state import Customer
from till.ports import Light, LightState, Received, RemoteCustomer, RemotePurchase
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]
RAO, IYER = "6ba7b811-9dad-41d1-80b4-00c04fd430c8", "6ba7b812-9dad-41d1-80b4-00c04fd430c8"
ASHA = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d"
BOUGHT = RemotePurchase(
    "1-000007", datetime(2026, 2, 28, 5, 0, tzinfo=UTC), Minor(10000), "INR", (("Idly", 2), ("Filter Coffee", 1))
)


def guests() -> FakeStore:
    return FakeStore(
        guests=[
            RemoteCustomer(RAO, "Mrs Rao", "+919845012345", 3, {"spice": "hot"}, (BOUGHT,)),
            RemoteCustomer(IYER, "", "0802345678", 0, {}, ()),
        ]
    )


def seen(till: Till, words: str) -> bool:
    return any(words in row for row in till.rows())


@pytest.mark.parametrize("size", SIZES)
async def test_one_whom_the_venue_knows_is_found_and_stands_over_the_order(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, store=guests(), typed=LOG_IN + "2 idly{enter}{ctrl+f}rao{enter}") as till:
        assert seen(till, "1  Mrs Rao")
        assert seen(till, "3 orders")
        assert seen(till, "Last on 28/02: ₹100.00, 2 × Idly, 1 × Filter Coffee.")
        if size[0] > 100:
            assert seen(till, "spice hot")
        await till.type("{enter}")
        assert till.answer() == "This order is for Mrs Rao."
        assert till.order.customer == Customer(RAO, "Mrs Rao")
        assert seen(till, "Mrs Rao, take away")
        session = till.order.id
        await till.type("{f9}{enter}")
        placed = till.register.ledger.order(session).placed
        assert placed is not None
        assert placed.data.customer_id == RAO


@pytest.mark.parametrize("typed", ["customer 98450", "for customer Rao", "Customer rao"])
async def test_customer_is_attached_in_words_before_any_line(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, store=guests(), typed=LOG_IN + typed + "{enter}1{enter}") as till:
        assert till.order.customer == Customer(RAO, "Mrs Rao")
        await till.type("idly{enter}")
        assert till.lines() == {"Idly": 1}
        assert till.order.customer == Customer(RAO, "Mrs Rao")


async def test_a_customer_without_a_name_is_called_by_the_number(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=guests(), typed=LOG_IN + "customer{enter}080{enter}{enter}") as till:
        assert till.answer() == "This order is for 0802345678."
        assert till.order.customer == Customer(IYER, "0802345678")


async def test_unknown_customer_is_kept_by_a_second_enter(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=guests(), typed=LOG_IN + "idly{enter}{ctrl+f}Asha{enter}") as till:
        assert till.answer() == "No customer “Asha” yet. Enter again keeps the name."
        await till.type("{enter}")
        assert till.answer() == "This order is for Asha."
        assert till.order.customer == Customer(None, "Asha")
        data = till.journal.events_of(till.order.id)[-1]
        assert isinstance(data.data, CustomerAttached)
        assert "Asha" not in data.body


async def test_another_name_is_looked_for_anew(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=guests()) as till:
        await till.type(LOG_IN + "idly{enter}{ctrl+f}Asha{enter}rao{enter}{enter}")
        assert till.order.customer == Customer(RAO, "Mrs Rao")


@pytest.mark.parametrize("how", ["store", "light", "nothing"])
async def test_away_from_the_server_it_says_so_and_keeps_what_was_typed(tmp_path: Path, how: str) -> None:
    store = guests()
    store.away = how == "store"
    async with a_quiet_till(tmp_path, store=None if how == "nothing" else store, typed=LOG_IN + "idly{enter}") as till:
        if how == "light":
            till.register.light_changed(Light(LightState.OFFLINE))
        await till.type("{ctrl+f}98450 12345{enter}")
        assert till.answer() == "This needs the server. Enter again keeps “98450 12345”."
        await till.type("{enter}")
        assert till.order.customer == Customer(None, "98450 12345")
        await till.type("customer Rao{enter}")
        assert "This needs the server." in till.answer()
        await till.type("{escape}")
        assert till.order.customer == Customer(None, "98450 12345")


async def test_customer_is_removed_and_replaced(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=guests()) as till:
        await till.type(LOG_IN + "idly{enter}customer rao{enter}{enter}{ctrl+f}")
        assert seen(till, "removed")
        await till.type("{escape}")
        assert till.order.customer == Customer(RAO, "Mrs Rao")
        await till.type("{ctrl+f}Asha")
        assert not seen(till, "removed")
        await till.type("{enter}")
        assert "Enter again keeps the" in till.answer()
        assert not seen(till, "removed")
        await till.type("{escape}{ctrl+f}{enter}")
        assert till.answer() == "The customer is off this order."
        assert till.register.ledger.order(till.order.id).customer is None
        assert not seen(till, "Mrs Rao")


async def test_with_nobody_to_take_off_enter_is_back(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=guests(), typed=LOG_IN + "idly{enter}") as till:
        written = len(till.journal.events_of(till.order.id))
        await till.type("{ctrl+f}{enter}tea{enter}")
        assert till.lines() == {"Idly": 1, "Tea": 1}
        assert len(till.journal.events_of(till.order.id)) == written + 1


async def test_a_forgotten_customer_is_named_no_more(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=guests(), typed=LOG_IN + "idly{enter}customer rao{enter}{enter}") as till:
        session, hand = till.order.id, Hand(SERVER, start=till.clock.now())
        ids = tuple(event.id for event in till.journal.events_of(session) if event.texts)
        event = hand.seal(Draft(Erased(events=ids), session))
        await comes(till, session, [Received(1, forged(event, store_id=DEMO.store_id))])
        assert till.order.customer == Customer(RAO, "")
        await till.type("{escape}")
        assert not seen(till, "Rao")
        await till.type("{f9}{enter}")
        assert till.register.ledger.order(session).placed is not None


@pytest.mark.parametrize("size", SIZES)
async def test_the_guest_of_a_program_is_named_and_nobody_is_removed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, store=guests(), typed=LOG_IN + "idly{enter}") as till:
        session, hand = till.order.id, Hand(SERVER, start=till.clock.now())
        submitted = OrderSubmitted(order_id=ASHA, number=17, payment_method="cash", program="chat", customer_id=ASHA)
        event = hand.seal(Draft(submitted, session), till.order.hold)
        await comes(till, session, [Received(1, forged(event, store_id=DEMO.store_id))])
        assert isinstance(till.scene, SellScene)
        till.scene.show_order(till.register.recovery.take_up(session, 1))
        await till.type("{ctrl+f}")
        assert till.order.id == session
        assert seen(till, "The guest of Chat 17 has no name yet.")
        assert not seen(till, "removed")
        assert not seen(till, "Take it off")
        await till.type("Asha{enter}{enter}")
        assert till.answer() == "This order is for Asha."
        assert till.order.customer == Customer(ASHA, "Asha")
        await till.type("{f9}{enter}")
        placed = till.register.ledger.order(session).placed
        assert placed is not None
        assert placed.data.customer_id == ASHA


async def test_a_receipt_in_sight_is_no_order_to_attach_to(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=guests(), typed=LOG_IN + "idly{enter}") as till:
        paid = till.order.id
        await till.type("{f9}{enter}customer rao{enter}{enter}")
        assert till.order.id != paid
        assert till.register.ledger.order(paid).customer is None


@pytest.mark.parametrize("keys", ["{ctrl+f}", "customer "])
async def test_a_name_that_is_too_long_is_refused_and_stays(tmp_path: Path, keys: str) -> None:
    async with a_drawn_till(tmp_path, store=guests()) as till:
        await till.type(LOG_IN + "idly{enter}" + keys + "9" * 81 + "{enter}")
        assert till.answer() == "That name is too long: 80 characters at most."
        assert seen(till, "999")
        await till.type("{enter}")
        assert till.order.customer is None


async def test_a_scan_is_no_customer(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + "tea{enter}{ctrl+f}8901234500019{enter}8901234500019{enter}")
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        assert till.order.customer is None
