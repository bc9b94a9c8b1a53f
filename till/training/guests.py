"""Simulated guests: their arrivals, orders, changes of mind and payments."""

from __future__ import annotations

import math
from itertools import count, cycle, islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.i18n import N_, _
from till.domain.money.coins import notes
from till.domain.money.measures import NOTHING, Minor, Price4
from till.domain.order.naming import order_type_name
from till.domain.order.paying import CASH
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.training.drills import Drill, Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from random import Random

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.money.amount import Currency
    from till.register.quick_entry.vocabulary import Vocabulary
    from till.training.profile import Profile

#: The tender of a guest with a card.
CARD: Final = "CARD"
#: The share of items with free options that a guest orders with an option.
_NOTED: Final = 0.25
#: The share of guests who change their mind, and the range of seconds after which they do.
_CHANGES: Final = 0.25
_CHANGE_S: Final = (6.0, 14.0)
#: The margin on the prices, so that a note also covers taxes that are not included in them.
_SPARE: Final = 0.3
#: The largest number that a guest says in words.
_SPELT: Final = 10
_NAMES: Final = (
    N_("Grey coat"),
    N_("Blue shirt"),
    N_("Two students"),
    N_("Dr Rao"),
    N_("Lady with bag"),
    N_("Red cap"),
    N_("Old man"),
    N_("Girl with book"),
    N_("Green scarf"),
    N_("Family of four"),
    N_("Tall boy"),
    N_("Man in suit"),
)
_NUMBERS: Final = (
    N_("one"),
    N_("two"),
    N_("three"),
    N_("four"),
    N_("five"),
    N_("six"),
    N_("seven"),
    N_("eight"),
    N_("nine"),
    N_("ten"),
)


class Want(Struct, frozen=True):
    """Pieces of an item that a guest orders, with the options that the guest asks for.

    `order_type` is the type that the guest asks for these alone; empty for that of the order.
    """

    item_id: str
    name: str
    pieces: int
    notes: tuple[str, ...] = ()
    order_type: str = ""


class Pays(Struct, frozen=True):
    """A guest's payment: the tender, and for cash the banknote, in minor units."""

    tender: str
    note: Minor = NOTHING


class Change(Struct, frozen=True):
    """A change of mind: the seconds after the greeting, the words, and the new order."""

    after_s: float
    words: str
    wants: tuple[Want, ...]


class Guest(Struct, frozen=True, kw_only=True):
    """A guest of a drill.

    Attributes:
        arrives_s: the arrival in seconds after the start of the drill.
        words: the guest's words at the counter.
        table: the table of a tab or a bill; 0 without a table.
        sale: the order to refund, for a refund.
        then: the next guest of the order, who comes once this one sits at the table, in recorded trading.
        order_type: the type of the order that the guest asks for; empty if it is not judged.
    """

    number: int
    name: str
    arrives_s: float
    task: Task
    wants: tuple[Want, ...]
    words: str
    pays: Pays
    change: Change | None = None
    table: int = 0
    sale: str = ""
    then: Guest | None = None
    order_type: str = ""


def order_sentence(wants: Sequence[Want], vocabulary: Vocabulary) -> str:
    """Return `Two idly, one masala dosa, no onion, and one tea.`, in the vocabulary of the entry line."""
    parts = [spoken_want(want, vocabulary) for want in wants]
    if len(parts) > 1:
        parts[-1] = " ".join((*vocabulary.of("and")[:1], parts[-1]))
    return capitalize_first(_("{all}.").format(all=", ".join(parts)))


def spoken_number(number: int) -> str:
    """Return `three`; zero and numbers above ten in digits."""
    return _NUMBERS[number - 1] if 0 < number <= len(_NUMBERS) else str(number)


def table_sentence(words: str, table: int) -> str:
    """Return an order with the table that it is for."""
    return _("{words} On table {table}, please.").format(words=words, table=table)


def typed_sentence(words: str, order_type: str) -> str:
    """Return an order with the type that it is of: `Two tea. Take away, please.`"""
    kind = capitalize_first(order_type_name(order_type))
    return _("{words} {kind}, please.").format(words=words, kind=kind) if order_type else words


def bill_sentence(table: int) -> str:
    """Return `The bill for table 4, please.`"""
    return _("The bill for table {table}, please.").format(table=table)


def spoken_want(want: Want, vocabulary: Vocabulary) -> str:
    """Return `two idly, no onion`."""
    numbers = {value: words for words, value in vocabulary.numbers.items() if value <= _SPELT and " " not in words}
    number = numbers.get(want.pieces, str(want.pieces))
    text = _("{number} {item}").format(number=number, item=clean(want.name).lower())
    kind = (order_type_name(want.order_type),) if want.order_type else ()
    return ", ".join((text, *want.notes, *kind))


class Crowd:
    """The guests of a drill or of a day. Equal seeds give equal guests.

    Args:
        menu: the menu.
        vocabulary: the words of the guests.
        currency: the currency of the venue.
        profile: the distribution of their orders.
        chance: the random numbers, seeded by the caller.
    """

    def __init__(
        self, menu: Menu, vocabulary: Vocabulary, currency: Currency, profile: Profile, chance: Random
    ) -> None:
        self.menu = menu
        self.vocabulary = vocabulary
        self._currency = currency
        self._profile = profile
        self._chance = chance
        self._names = cycle(chance.sample(_NAMES, len(_NAMES)))
        self._numbers = count(1)

    def wants(self, at: datetime) -> tuple[Want, ...]:
        """Return an order of items on sale at a moment on the venue's clock; empty if nothing is on sale."""
        sold = [item for item in self.menu.sold_at(at) if item.price4 is not None and item.price4 > 0]
        sold = [item for item in sold if not item.unit and not item.age]
        if not sold:
            return ()
        popular = self._profile.popular
        weights = [popular[min(rank, len(popular) - 1)] for rank in range(len(sold))]
        size = 1 + self._index(self._profile.lines)
        chosen = dict.fromkeys(item.id for item in self._chance.choices(sold, weights, k=size))
        return tuple(self._want(self.menu.by_id[one]) for one in chosen)

    def pays(self, wants: Sequence[Want], cash: float | None = None) -> Pays:
        """Return the payment of an order. `cash` is the share of cash; None for the share in the profile."""
        if self._chance.random() >= (self._profile.cash if cash is None else cash):
            return Pays(CARD)
        least = (1 + _SPARE) * sum(self._price(want) for want in wants)
        largest = notes(self._currency)[0]
        enough = [note for note in notes(self._currency) if note >= least]
        return Pays(CASH, self._chance.choice(enough[-2:]) if enough else Minor(largest * math.ceil(least / largest)))

    def name(self) -> str:
        """Return the name of the next guest."""
        return next(self._names)

    def guests(self, drill: Drill, at: datetime) -> Iterator[Guest]:
        """Yield the guests of a drill by arrival."""
        arrives = 0.0
        tables = cycle(self._chance.sample(range(1, drill.tables + 1), drill.tables))
        for number in islice(self._numbers, drill.guests):
            wants = self.wants(at)
            task = self._chance.choices(*zip(*drill.tasks, strict=True))[0] if wants else Task.SALE
            guest = Guest(
                number=number,
                name=self.name(),
                arrives_s=arrives,
                task=task,
                wants=wants,
                words=order_sentence(wants, self.vocabulary),
                pays=self.pays(wants, drill.cash),
            )
            yield self._with_task(guest, tables)
            arrives += self._chance.expovariate(drill.per_minute / 60)

    def _with_task(self, guest: Guest, tables: Iterator[int]) -> Guest:
        if guest.task in {Task.TAB, Task.TAKEOVER}:
            guest = replace(guest, table=next(tables))
        if guest.task is Task.TAB:
            return replace(guest, words=table_sentence(guest.words, guest.table))
        if guest.task is Task.TAKEOVER:
            return replace(guest, words=bill_sentence(guest.table))
        if guest.task is Task.SALE and guest.wants and self._chance.random() < _CHANGES:
            return replace(guest, change=self._change(guest.wants))
        return guest

    def _change(self, wants: tuple[Want, ...]) -> Change:
        after, first = self._chance.uniform(*_CHANGE_S), wants[0]
        if len(wants) > 1 and self._chance.random() < 1 / 3:
            words = _("No {item} after all.").format(item=clean(wants[-1].name).lower())
            return Change(after, words, wants[:-1])
        more = replace(first, pieces=first.pieces + 1)
        words = _("No, make that {what}.").format(what=spoken_want(replace(more, notes=()), self.vocabulary))
        return Change(after, words, (more, *wants[1:]))

    def _want(self, item: Item) -> Want:
        groups = self.menu.groups_of(item)
        asked = [option.name for group in groups if group.least for option in group.options]
        free = [option.name for group in groups for option in group.options if not option.price4]
        offered = asked or (free if self._chance.random() < _NOTED else [])
        chosen = (self._chance.choice(offered),) if offered else ()
        return Want(item.id, item.name, 1 + self._index(self._profile.pieces), chosen)

    def _price(self, want: Want) -> Minor:
        item = self.menu.by_id[want.item_id]
        options = (option for group in self.menu.groups_of(item) for option in group.options)
        price4 = sum((one.price4 for one in options if one.name in want.notes), start=item.price4 or 0)
        return self._currency.amount_of(Price4(price4), want.pieces)

    def _index(self, weights: Sequence[float]) -> int:
        return self._chance.choices(range(len(weights)), weights)[0]
