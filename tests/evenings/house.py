"""The venue of an evening: one of several tax laws, a menu, two tills, and a card terminal with its books."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tests.register.conftest import VENUE, Till, item
from tests.register.fakes import MemoryJournal, SetClock, read_row
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.ports import Charge, ChargeAnswer, ChargeReference, Outcome, TenderTraits
from till.register.payments.tenders import AT_SERVER

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from till.domain.events.envelope import Event

#: Rules of laws, and of venues under them, for prices and payments.
LAWS: Final[tuple[dict[str, Any], ...]] = (
    {"currency": "INR", "prices_include_tax": False, "rounding": {"step": "1", "of": "bill"}},
    {"currency": "EUR", "prices_include_tax": True, "tax_rounding": "order"},
    {"currency": "CAD", "prices_include_tax": False, "tax_rounding": "order", "rounding": {"step": "0.05"}},
    {"currency": "SEK", "prices_include_tax": True, "rounding": {"step": "1", "of": "cash"}},
    {
        "currency": "EUR",
        "prices_include_tax": True,
        "rounding": {"step": "0.05", "of": "bill", "nothing_up_to": "0.05", "never": ["UPI"]},
    },
    {"currency": "ZAR", "prices_include_tax": True, "rounding": {"step": "0.10", "direction": "down"}},
    {"currency": "JPY", "prices_include_tax": False, "tax_rounding_direction": "down", "tax_rounding": "order"},
    {"currency": "GBP", "prices_include_tax": True, "service_charge": {"percent": "12.5", "tax": "A"}},
    {"currency": "USD", "prices_include_tax": False, "service_charge": {"percent": "18", "tax": "B"}},
)
#: Rules for bills that round with any tender, and for tenders that never round.
LAWS_THAT_ROUND: Final[tuple[dict[str, Any], ...]] = (
    {"currency": "INR", "prices_include_tax": True, "rounding": {"step": "1", "of": "bill", "never": ["TERMINAL"]}},
    {"currency": "INR", "prices_include_tax": True, "rounding": {"step": "1", "of": "bill", "never": ["VOUCHER"]}},
    {"currency": "EUR", "prices_include_tax": True, "rounding": {"step": "0.05", "of": "bill"}},
)
OFFERS: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Happy hour", "percent": "33", "items": ["item-2", "item-8"]},
    {"name": "3 for 2", "buy": 2, "get": 1, "items": ["item-1"]},
    {"name": "Two for 7", "price": "7", "pieces": 2, "items": ["item-3"]},
    {"name": "Breakfast", "price": "9", "set": ["item-4", "item-8"]},
    {"name": "A penny off", "amount": "1", "items": ["item-5"]},
)
_CHOICES: Final[tuple[dict[str, Any], ...]] = (
    {
        "id": "size",
        "name": "Size",
        "least": 1,
        "most": 1,
        "options": [
            {"name": "small", "price": "0", "default": True},
            {"name": "large", "price": "2", "default": False},
        ],
    },
    {
        "id": "more",
        "name": "More",
        "least": 0,
        "most": 2,
        "options": [
            {"name": "chutney", "price": "1", "default": False},
            {"name": "no butter", "price": "-1", "default": False},
        ],
    },
)
#: A voucher on paper, of which change is given: it lies in the drawer, which gave that.
MEAL: Final = TenderTraits(
    name="MEAL", label="Meal voucher", key="m", by_hand=True, gives_change=True, opens_drawer=True
)
#: Tenders that go into a drawer.
IN_DRAWER: Final = frozenset({CASH, MEAL.name})
SCRIPTED: Final = TenderTraits(name="TERMINAL", label="Card terminal", key="t", gives_up_s=90.0)


#: The stations of every other evening.
STATIONS: Final = (
    {"name": "Grill", "categories": ["all"]},
    {"name": "Bar", "items": ["item-6", "item-8", "item-10"]},
)


def menu_of(law: dict[str, Any]) -> dict[str, Any]:
    """Return a menu with odd prices, if the currency has any."""
    cents = law["currency"] != "JPY"

    def price(text: str) -> str:
        return text if cents else text.partition(".")[0]

    return {
        "version": 1,
        "taxes": {
            "A": [{"name": "VAT", "rate": "19"}],
            "B": [{"name": "CGST", "rate": "2.5"}, {"name": "SGST", "rate": "2.5"}],
            "C": [{"name": "VAT", "rate": "7"}, {"name": "Deposit", "per_piece": "1"}],
        },
        "dayparts": [],
        "categories": [{"id": "all", "name": "All", "position": 1, **({"course": 2} if "hold_courses" in law else {})}],
        "modifiers": list(_CHOICES),
        "items": [
            item("Idly", 1, price("4.05")),
            item("Masala Dosa", 2, price("83.33"), tax="B", modifiers=["size", "more"]),
            item("Plain Dosa", 3, price("5.99"), tax="B"),
            item("Vada", 4, price("6.66"), tax="A"),
            item("Bajji", 5, price("12.35"), tax="B", modifiers=["more"]),
            item("Bottle", 6, price("3.49"), tax="C"),
            item("Sheet of sugar", 7, "1.0049" if cents else "1.4", tax="A"),
            item("Filter Coffee", 8, price("3.10"), tax="A"),
            item("Return", 9, price("1.50"), tax="", returnable=True),
            item("Water", 10, "0"),
        ],
    }


@lru_cache(maxsize=20_000)
def _read_once(row: tuple[str, str, str]) -> Event:
    return read_row(row)


class KeptJournal(MemoryJournal):
    """A journal in memory that reads each event once, as an evening asks for them often."""

    def __init__(self, journal_id: str) -> None:
        super().__init__(journal_id)
        self._read: list[Event] = []
        self._of: dict[tuple[str, str], dict[str, Event]] = {}
        self._known: set[str] = set()

    @property
    @override
    def own(self) -> list[Event]:
        self._read += [self._index(_read_once(row)) for row in self._own[len(self._read) :]]
        return list(self._read)

    @override
    def events_of(self, stream_id: str, kind: str = "order") -> list[Event]:
        assert len(self.own) == len(self._own)
        for event_id in self._received.keys() - self._known:
            self._index(_read_once(self._received[event_id]))
            self._known.add(event_id)
        return sorted(self._of.get((kind, stream_id), {}).values(), key=lambda event: event.id)

    def _index(self, event: Event) -> Event:
        self._of.setdefault((event.stream_kind, event.stream_id), {})[event.id] = event
        return event


def make_till(number: int, seed: int, law: dict[str, Any], clock: SetClock, offers: list[dict[str, Any]]) -> Till:
    """Make a till of the venue, with a journal of its own."""
    journal = KeptJournal(f"0197a000-0000-7000-8000-{seed % 2**40:010x}{number:02x}")
    named = {"promotions": offers, "tax_rounding": "line", "order_types": ["take_away", "dine_in"]}
    journal.cache("settings", 1, {**VENUE, **named, **law})
    journal.cache("menu", 1, menu_of(law))
    return Till(number, number, seed=seed % 10_000_019, clock=clock, journal=journal)


@dataclass(frozen=True)
class Kept:
    """Money that the card terminals of a venue took and gave back, by the key of the charge or of the return.

    Attributes:
        charged: amounts taken; None for a charge that was declined, or never heard of.
        over: the part of a charge that nobody asked for and that is no tip.
        returned: amounts given back; None as above.
    """

    charged: dict[str, int | None] = field(default_factory=dict)
    over: dict[str, int] = field(default_factory=dict)
    returned: dict[str, int | None] = field(default_factory=dict)


@dataclass
class Books:
    """A card terminal that records its charges and is not always heard: a `till.ports.Tender`.

    Attributes:
        kept: the money that it took and gave back.
        errs: True if it may take more than was asked.
        honest: True if it reports all that it knows from now on.
    """

    rng: random.Random
    place: str
    kept: Kept
    errs: bool = False
    honest: bool = False
    traits: TenderTraits = SCRIPTED

    def name_charge(self, key: str) -> ChargeReference:
        return ChargeReference(self.place, "till", key.replace("-", "")[-10:])

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        progress("card read")
        charged = self.kept.charged
        assert charge.key not in charged, "a charge was asked for twice"
        if self.rng.random() < 0.15:
            return self._unknown(charge)  # it never heard of it
        if self.rng.random() < 0.25:
            charged[charge.key] = None
        else:
            charged[charge.key] = charge.amount + self.rng.choice((0, 0, 0, 5))
            if self.errs and self.rng.random() < 0.25:
                self._err(charge.key, self.rng.choice((1, 40, 1_000)))
        if self.rng.random() < 0.2:
            await asyncio.Event().wait()  # the line dropped: nobody hears
        return await self.ask_after(charge)

    def _err(self, key: str, over: int) -> None:
        self.kept.charged[key] = (self.kept.charged[key] or 0) + over
        self.kept.over[key] = over

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        if not self.honest and self.rng.random() < 0.4:
            return self._unknown(charge)
        if charge.key in self.kept.returned:
            moved, tip = self.kept.returned[charge.key], Minor(0)
        else:
            moved = self.kept.charged.setdefault(charge.key, None)  # a charge that it never received is not taken later
            tip = Minor((moved or 0) - charge.amount - self.kept.over.get(charge.key, 0))
        if moved is None:
            return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words="no cover")
        return ChargeAnswer(
            key=charge.key, outcome=Outcome.APPROVED, amount=Minor(moved), tip=tip, transaction=f"T{charge.key[-6:]}"
        )

    async def stop(self, charge: Charge) -> None:
        """Do nothing: the charge continues."""

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        del transaction
        assert charge.key not in self.kept.returned, "money was asked back twice under one key"
        does, is_heard = self.rng.random(), self.rng.random() < 0.8
        self.kept.returned[charge.key] = charge.amount if does < 0.6 else None
        if does > 0.85:
            return self._unknown(charge)  # it never heard of it
        if not is_heard:
            await asyncio.Event().wait()
        return await self.ask_after(charge)

    @staticmethod
    def _unknown(charge: Charge) -> ChargeAnswer:
        return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN)


@dataclass
class Vouchers:
    """The venue's server, which keeps vouchers and is not always heard: a `till.ports.Tender`.

    Attributes:
        kept: the amounts that they paid.
        left: the value left on each.
        honest: True if it is heard from now on.
    """

    rng: random.Random
    kept: Kept
    left: dict[str, int]
    honest: bool = False
    traits: TenderTraits = AT_SERVER[0]

    def name_charge(self, key: str) -> ChargeReference:
        del key
        return ChargeReference()

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        progress("asking the server")
        assert charge.key not in self.kept.charged, "a voucher paid twice under one key"
        is_enough = charge.amount <= self.left[charge.reference.place]
        self.kept.charged[charge.key] = charge.amount if is_enough else None
        self.left[charge.reference.place] -= charge.amount * is_enough
        return await self.ask_after(charge)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        if not self.honest and self.rng.random() < 0.3:
            return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN)
        paid = self.kept.charged.setdefault(charge.key, None)
        if paid is None:
            return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words="not enough is left")
        return ChargeAnswer(key=charge.key, outcome=Outcome.APPROVED, amount=Minor(paid), transaction="server")

    async def stop(self, charge: Charge) -> None:
        """Do nothing: the charge has its answer."""

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        del charge, transaction
        raise AssertionError("the server refunds what tills report as refunded")
