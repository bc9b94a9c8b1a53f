"""The shelf by word at a till: counts, deliveries and waste in its own stream, with the network or without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.register.conftest import MENU, VENUE, Till, item
from till.domain.errors import StoreAwayError, TillError
from till.domain.order.events import LineVoided
from till.domain.staff.rights import ApprovalNeededError
from till.domain.stock.events import StockCounted, StockEvent, StockMoved, StockReturned
from till.domain.till.events import stream_of_till
from till.ports import RemoteShelf
from till.register.conversation import Conversation
from till.register.kept import kept_items
from till.register.stock import tell_shelf

KEPT: dict[str, Any] = {
    "items": [
        {"id": "item-1", "name": "Idly", "places": ["Bar", "Cellar"], "unit": ""},
        {"id": "item-9", "name": "7 Up", "places": ["Bar"], "unit": ""},
        {"id": "cola", "name": "Cola", "places": [], "unit": ""},
        {"id": "zero", "name": "Cola Zero", "places": [], "unit": ""},
        {"id": "milk", "name": "Milk", "places": [], "unit": "ml"},
        {"id": "item-20", "name": "Rice", "places": [], "unit": ""},
    ]
}


class Server:
    """A server that counted the cola, and answers or is away."""

    def __init__(self, *, away: bool = False) -> None:
        self.away, self.asked = away, 0

    async def shelf(self, items: list[str]) -> list[RemoteShelf]:
        self.asked += 1
        if self.away:
            raise StoreAwayError
        counted_at = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
        return [RemoteShelf(one, -3, counted_at) if one == "cola" else RemoteShelf(one, None, None) for one in items]


@pytest.fixture
def till() -> Till:
    """Return a till of a manager at a venue that keeps six things, and sells rice by weight."""
    till = Till(user=9)
    till.journal.cache("stock", 1, KEPT)
    till.journal.cache("menu", 1, {**MENU, "items": [*MENU["items"], item("Rice", 20, "50.00", unit="kg")]})
    till.start()
    return till


def say(till: Till, typed: str) -> str:
    return Conversation(till.register, till.user).say(typed)


def on_record(till: Till) -> list[StockEvent]:
    return [event.data for event in till.journal.own if isinstance(event.data, StockEvent)]


@pytest.mark.parametrize(
    ("typed", "answer", "event"),
    [
        ("delivered 24 cola", "Delivered: 24 × Cola.", StockMoved("cola", 24, "delivered")),
        ("delivered cola zero 6", "Delivered: 6 × Cola Zero.", StockMoved("zero", 6, "delivered")),
        ("delivered two dozen idlies", "Delivered: 24 × Idly.", StockMoved("item-1", 24, "delivered")),
        ("delivered 1,000 of cola", "Delivered: 1000 × Cola.", StockMoved("cola", 1000, "delivered")),
        ("delivered 12.5 kg rice", "Delivered: 12.500 kg Rice.", StockMoved("item-20", 12500, "delivered")),
        ("delivered 12 rice", "Delivered: 12.000 kg Rice.", StockMoved("item-20", 12000, "delivered")),
        ("wasted 3 idly burnt", "Wasted: 3 × Idly, burnt.", StockMoved("item-1", 3, "wasted", why="burnt")),
        ("wasted 2 cola zero broken", "Wasted: 2 × Cola Zero, broken.", StockMoved("zero", 2, "wasted", why="broken")),
        ("wasted 250 milk", "Wasted: 250 ml Milk.", StockMoved("milk", 250, "wasted")),
        ("stock cola 31", "Counted: 31 × Cola.", StockCounted("cola", 31)),
        ("stock cola 0", "Counted: 0 × Cola.", StockCounted("cola", 0)),
        ("shelf milk 2.5 l", "Counted: 2.500 l Milk.", StockCounted("milk", 2500)),
        ("stock 7 up 31", "Counted: 31 × 7 Up.", StockCounted("item-9", 31)),
        ("delivered 24 7 up", "Delivered: 24 × 7 Up.", StockMoved("item-9", 24, "delivered")),
    ],
)
def test_a_sentence_is_an_event_of_the_till(till: Till, typed: str, answer: str, event: StockEvent) -> None:
    assert say(till, typed) == answer
    assert on_record(till) == [event]
    assert till.journal.own[-1].stream_id == stream_of_till(till.register.ledger.store_id, 1)


@pytest.mark.parametrize(
    ("typed", "answer", "at"),
    [
        ("stock cola 31 at 9:05", "Counted: 31 × Cola, at 09:05.", "2026-03-03T03:35:00.000000Z"),
        ("wasted 3 idly burnt at 21.15", "Wasted: 3 × Idly, burnt, yesterday at 21:15.", "2026-03-02T15:45:00.000000Z"),
    ],
)
def test_a_typed_minute_is_the_last_one_that_the_clock_showed(till: Till, typed: str, answer: str, at: str) -> None:
    assert say(till, typed) == answer
    [event] = on_record(till)
    assert (event.seen_at if isinstance(event, StockCounted) else event.happened_at) == at  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("delivered 3 banana", "“banana” is not kept on the shelf."),
        ("delivered 3 masala dosa", "“masala dosa” is not kept on the shelf."),
        ("delivered 3 col", "Which one? Cola, Cola Zero."),
        ("delivered cola", "How many? As in “delivered 24 cola”."),
        ("delivered 0 cola", "How many? As in “delivered 24 cola”."),
        ("wasted milk 2 l spilled", "How many? As in “wasted 3 cola broken”."),
        ("delivered 1.5 cola", "Cola is counted in pieces."),
        ("delivered 2 kg cola", "Cola is counted in pieces."),
        ("delivered 2 kg milk", "Milk is counted in ml / l."),
        ("delivered 99999999999 cola", "That is more than a shelf holds."),
        ("stock cola 3 at 25:00", "“25:00” is not a time. Write one such as 21:15."),
        ("stock cola at 21:15", "How many? As in “stock cola 31 at 21:15”."),
        ("delivered", "Type “delivered 24 cola”, “wasted 3 cola”, “stock cola”."),
        ("stock", "Type “delivered 24 cola”, “wasted 3 cola”, “stock cola”."),
    ],
)
def test_a_sentence_that_is_not_understood_changes_nothing(till: Till, typed: str, refusal: str) -> None:
    with pytest.raises(TillError) as refused:
        say(till, typed)
    assert refused.value.sentence == refusal
    assert len(refusal) <= 60
    assert on_record(till) == []


async def test_the_figure_is_asked_of_the_server_and_a_count_is_not(till: Till) -> None:
    server: Any = Server()
    talk = Conversation(till.register, 9)
    assert await talk.ask(server, "stock cola") == "Cola: −3 on the shelf, counted at 09:30."
    assert await talk.ask(server, "stock milk") == "Milk was never counted."
    assert server.asked == 2
    assert await talk.ask(server, "stock cola 31") == "Counted: 31 × Cola."
    assert server.asked == 2
    for store in (Server(away=True), None):
        with pytest.raises(TillError):
            await talk.ask(store, "stock cola")  # type: ignore[arg-type] # a part of it
    assert await talk.ask(Server(away=True), "delivered 3 cola") == "Delivered: 3 × Cola."  # type: ignore[arg-type]


def test_a_venue_that_keeps_nothing_says_so_and_a_list_that_cannot_be_read_is_empty() -> None:
    till = Till(user=9)
    for body in (None, {"items": [{"id": 7}]}, {"items": "x"}):
        if body is not None:
            till.journal.cache("stock", 1, body)
        assert kept_items(till.journal) == ()
        with pytest.raises(TillError, match=r"^Nothing is kept"):
            say(till, "stock cola 3")


def test_a_cashier_needs_the_right_and_above_the_limit_a_manager(till: Till) -> None:
    till.register.ledger.user = till.user = 1
    with pytest.raises(ApprovalNeededError):
        say(till, "delivered 3 cola")
    with pytest.raises(ApprovalNeededError):
        say(till, "stock cola")
    till.journal.cache("settings", 2, {**VENUE, "cashier_may": "stock", "cashier_stock": "24"})
    till.register.reference.forget(["settings"])
    assert say(till, "delivered 24 cola") == "Delivered: 24 × Cola."
    assert say(till, "stock rice 24") == "Counted: 24.000 kg Rice."
    for typed in ("delivered 25 cola", "stock rice 24001 g", "wasted 24001 milk"):
        with pytest.raises(ApprovalNeededError):
            say(till, typed)
    assert len(on_record(till)) == 2
    manager = next(one for one in till.register.reference.staff if one.number == 9)
    with pytest.raises(ApprovalNeededError) as asked:
        say(till, "delivered 25 cola")
    approval = till.register.approvals.give(manager, asked.value.asked)
    tell_shelf(till.register, StockMoved("cola", 25, "delivered"), approval)
    assert on_record(till)[-1] == StockMoved("cola", 25, "delivered", approved_by=9)


def test_a_program_is_asked_what_is_back_and_says_it_in_another_run(till: Till) -> None:
    talk = Conversation(till.register, 9)
    for typed in ("3 idly", "masala dosa", "tab 5", "recall 5"):
        talk.say(typed)
    assert talk.say("remove one idly").endswith("Back on the shelf? “put back” says so.")
    assert "Back" not in talk.say("cart"), "it is asked once"
    assert talk.say("no idly").endswith("Back on the shelf? “put back” says so.")
    till.start(watched=False)
    assert say(till, "put back 1") == "Back on the shelf: 1 × Idly."
    [voided] = till.wrote(LineVoided)
    [back] = till.wrote(StockReturned)
    assert (back.item_id, back.amount) == ("item-1", 1)
    assert back.of == next(event.id for event in till.journal.own if event.data is voided)
    with pytest.raises(TillError, match="Nothing that was sent"):
        say(till, "put back")
