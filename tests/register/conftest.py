"""A register over a journal in memory, with the venue, menu and staff of a South Indian breakfast house."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.register.fakes import MemoryJournal, Nudges, Screen, SetClock
from tests.register.referee import Referee, at_once
from till.domain.money.measures import Price4
from till.domain.order.moving import whole
from till.domain.order.selling import ItemEntry
from till.register.register import Register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.events.registry import EventData
    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab

Data = TypeVar("Data", bound="EventData")
STORE = "0197a000-0000-7000-8000-000000000001"
VENUE: dict[str, Any] = {
    "name": "Udupi Corner",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "00:00",
    "currency": "INR",
    "prices_include_tax": True,
    "tax_rounding": "line",
    "tills": [{"number": 1, "name": "Till 1"}, {"number": 2, "name": "Till 2"}],
}
STAFF: dict[str, Any] = {
    "staff": [
        {"number": 1, "name": "Vamsi", "role": "cashier", "pin_hash": "1111"},
        {"number": 2, "name": "Asha", "role": "cashier", "pin_hash": "2222"},
        {"number": 3, "name": "Gone", "role": "cashier", "pin_hash": "3333", "disabled": True},
        {"number": 4, "name": "New", "role": "cashier", "pin_hash": None},
        {"number": 9, "name": "Meena", "role": "manager", "pin_hash": "9999"},
    ]
}


def item(name: str, plu: int, price: str | None = "40.00", **more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": f"item-{plu}",
        "name": name,
        "category": "all",
        "price": price,
        "tax": "A",
        "plu": plu,
        "aliases": [],
        "barcodes": [],
        "sold_out": False,
        "returnable": False,
        "unit": "",
        "position": plu,
    }
    return facts | more


MENU: dict[str, Any] = {
    "version": 1,
    "taxes": {"A": [{"name": "GST", "rate": "5"}]},
    "dayparts": [
        {"name": "Breakfast", "from": "07:00", "to": "11:30"},
        {"name": "Evening", "from": "16:00", "to": "20:00"},
    ],
    "categories": [{"id": "all", "name": "All", "position": 1}],
    "items": [
        item("Idly", 1, aliases=["Idli"], barcodes=["8901234567890"]),
        item("Masala Dosa", 2, "80.00"),
        item("Plain Dosa", 3, "60.00"),
        item("Medu Vada", 4, "50.00", sold_out=True),
        item("Bajji", 5, "45.00", daypart="Evening"),
        item("Deposit", 6, "1.00", returnable=True),
        item("Catering", 7, None),
        item("Filter Coffee", 8, "30.00"),
        item("7 Up", 9, "20.00"),
        item("Xacuti", 10, "90.00"),
    ],
}


class Acts:
    """A till's acts between orders, each sent to a server that takes it at once (`Referee`)."""

    def __init__(self, register: Register) -> None:
        self._between, self._new_id = register.between, register.ledger.new_id
        self._server: Any = Referee(register)

    def part(self, session: str, taken: Mapping[str, int]) -> Order:
        return at_once(self._between.part(self._server, session, taken, self._new_id()))

    def add(self, session: str, tab: OpenTab) -> Order:
        return at_once(self._between.add(self._server, session, tab))

    def merge(self, kept: OpenTab, other: OpenTab) -> Order:
        return at_once(self._between.merge(self._server, kept, other))

    def join(self, session: str, other: str) -> Order:
        return at_once(self._between.join(self._server, session, other))

    def move_pieces(self, tab: OpenTab, name: str, pieces: int | None, into: OpenTab) -> Order:
        return at_once(self._between.move_pieces(self._server, tab, name, pieces, into))

    def move_to_new(self, session: str, taken: Mapping[str, int], name: str) -> Order:
        return at_once(self._between.move_to_new(self._server, session, taken, name, ()))

    def move_lines(self, session: str, taken: Mapping[str, int], into: OpenTab) -> Order:
        return at_once(self._between.move_lines(self._server, session, taken, into))


@dataclass
class Till:
    """One till, and short words for what its cashier does."""

    number: int = 1
    user: int = 1
    seed: int = 1
    clock: SetClock = field(default_factory=SetClock)
    journal: Any = field(default_factory=MemoryJournal)
    nudges: Nudges = field(default_factory=Nudges)
    screen: Screen = field(default_factory=Screen)
    vocabulary: str = "en"

    def __post_init__(self) -> None:
        for name, body in (("settings", VENUE), ("staff", STAFF), ("menu", MENU)):
            if self.journal.cached(name) is None:
                self.journal.cache(name, 1, body)
        self.start()

    def start(self, *, watched: bool = True) -> None:
        """Start the till on its journal, with a screen or without; a second call starts it as after a crash."""
        chance = random.Random(1000 * self.seed + self.number)  # noqa: S311 - a test repeats itself
        self.seed += 100
        self.register = Register(
            self.journal,
            self.clock,
            chance.getrandbits,
            self.nudges,
            lambda pin_hash, pin: pin_hash == pin,
            till=self.number,
            store_id=STORE,
            vocabulary=self.vocabulary,
        )
        if watched:
            self.register.watcher = self.screen
        self.register.ledger.user = self.user
        self.register.kitchen.is_on = True

    def add(self, session: str | None, plu: int, quantity: int = 1, price4: int | None = None) -> Order:
        self.clock.move(seconds=1)
        keyed = ItemEntry(self.register.menu.by_plu[plu], quantity, None if price4 is None else Price4(price4))
        return self.register.sales.add(session, self.user, keyed, at_any_time=price4 is not None)

    def order(self, *plus: int) -> Order:
        """Open an order with these items on it."""
        order = self.add(None, plus[0])
        for plu in plus[1:]:
            order = self.add(order.id, plu)
        return order

    @property
    def acts(self) -> Acts:
        """The till's acts between orders, as the server answers them."""
        return Acts(self.register)

    def part(self, session: str, *lines: str) -> Order:
        """Split whole lines into an order of their own, as for guests who pay apart, and return it."""
        return self.acts.part(session, whole(self.register.ledger.order(session), lines))

    def wrote(self, kind: type[Data]) -> list[Data]:
        """Return the data of all events of a type in the chain."""
        return [event.data for event in self.journal.own if isinstance(event.data, kind)]

    def types(self) -> list[str]:
        """Return the types of all events in the chain."""
        return [event.type for event in self.journal.own]


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def other() -> Till:
    """A second till of the venue, with another cashier."""
    return Till(2, 2, journal=MemoryJournal("0197a000-0000-7000-8000-00000000cafe"))


@pytest.fixture
def third() -> Till:
    """A third till, where the cashier of the first one works too."""
    return Till(3, 1, journal=MemoryJournal("0197a000-0000-7000-8000-00000000fade"))
