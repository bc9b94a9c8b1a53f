"""The facts of an order: what it has beside its lines and its money, a row each.

A row says what an order gets when another one is added to it, or pieces of it move there, what an order that is split
off has, what an order has that is rung again, and who sees it. Decisions that move lines write them by the functions
below. A new fact is an attribute of `Order`, a row, and its events in acts (`of_acts`).
Whether a fact counts from a till that had lost the order is a flag of its events: `fact`, or `repeated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from till.domain.events.envelope import Draft
from till.domain.events.fields import LONGEST
from till.domain.order.events import (
    AgeChecked,
    BookingSeated,
    BuyerNamed,
    CoursesHeld,
    CustomerAttached,
    OrderNoted,
    OrderNumbered,
    OrderTypeSet,
    PreferenceSet,
    TabAssigned,
)
from till.domain.order.guests import TooLongError
from till.domain.order.naming import DINE_IN
from till.domain.order.preferences import LANGUAGE
from till.domain.order.wishes import with_wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from till.domain.events.registry import EventData
    from till.domain.order.state import Order

#: The readers of a fact: screens of a till, tickets and boards of the kitchen, papers of the guest, a program.
Reader = Literal["till", "kitchen", "bill", "program"]


class Fact(NamedTuple):
    """A fact of an order.

    Attributes:
        name: the name of the fact.
        fields: the attributes of `Order` that have it.
        events: the events that set it.
        joins: yields what an order gets when the first is added to it whole; called with both.
        moves: yields what an order gets when pieces of the first move to it; called with both.
        parts: yields what a new order has that is split off.
        again: yields what a new order has that is rung again; called with the words that are known of the other: its
            preferences by name, and its `note`.
        seen: the readers of it.
    """

    name: str
    fields: tuple[str, ...]
    events: tuple[type[EventData], ...]
    seen: frozenset[Reader]
    joins: Callable[[Order, Order], Iterable[EventData]] = lambda _order, _into: ()
    moves: Callable[[Order, Order], Iterable[EventData]] = lambda _order, _into: ()
    parts: Callable[[Order], Iterable[EventData]] = lambda _order: ()
    again: Callable[[Mapping[str, str]], Iterable[EventData]] = lambda _words: ()


def joined_facts(order: Order, into: Order) -> list[Draft]:
    """Return the drafts that give an order the facts of another one that is added to it."""
    return [Draft(data, into.id) for fact in FACTS for data in fact.joins(order, into)]


def moved_facts(order: Order, into: Order) -> list[Draft]:
    """Return the drafts that give an order the facts of another one of which pieces move to it."""
    return [Draft(data, into.id) for fact in FACTS for data in fact.moves(order, into)]


def parted_facts(order: Order, session_id: str) -> list[Draft]:
    """Return the drafts that give a new order the facts of the one that it is split off from."""
    return [Draft(data, session_id) for fact in FACTS for data in fact.parts(order)]


def facts_again(words: Mapping[str, str], session_id: str) -> list[Draft]:
    """Return the drafts that give an order that is rung again the facts that are known of the other."""
    return [Draft(data, session_id) for fact in FACTS for data in fact.again(words)]


def _together(known: str, more: str) -> str:
    """Return the words of two orders."""
    both = with_wishes(known, more)
    if len(both) > LONGEST:
        raise TooLongError
    return both


def _join_customer(order: Order, into: Order) -> Iterator[EventData]:
    customer = order.customer
    if customer is not None and into.customer is None:
        yield CustomerAttached(customer_id=customer.id, who=customer.name, follows=order.customer_event)


def _join_buyer(order: Order, into: Order) -> Iterator[EventData]:
    buyer = order.buyer
    if buyer is not None and into.buyer is None:
        yield BuyerNamed(name=buyer.name, tax_number=buyer.tax_number, address=buyer.address)


def _join_hold(order: Order, into: Order) -> Iterator[EventData]:
    if order.holds and into.holds is None:
        yield CoursesHeld()


def _part_hold(order: Order) -> Iterator[EventData]:
    if order.holds is not None:
        yield CoursesHeld(held=order.holds)


def _join_preferences(order: Order, into: Order) -> Iterator[EventData]:
    for name, words in order.preferences.items():
        known = into.preferences.get(name, "")
        if name != LANGUAGE and (both := _together(known, words)) != known:
            yield PreferenceSet(name=name, value=both)


def _part_preferences(order: Order) -> Iterator[EventData]:
    return (PreferenceSet(name=name, value=words) for name, words in order.preferences.items() if name != LANGUAGE)


def _ring_preferences(words: Mapping[str, str]) -> Iterator[EventData]:
    return (PreferenceSet(name=name, value=one) for name, one in words.items() if name not in {LANGUAGE, "note"})


def _join_language(order: Order, into: Order) -> Iterator[EventData]:
    if LANGUAGE in order.preferences and LANGUAGE not in into.preferences:
        yield PreferenceSet(name=LANGUAGE, value=order.preferences[LANGUAGE])


def _part_language(order: Order) -> Iterator[EventData]:
    return _ring_language(order.preferences)


def _ring_language(words: Mapping[str, str]) -> Iterator[EventData]:
    if LANGUAGE in words:
        yield PreferenceSet(name=LANGUAGE, value=words[LANGUAGE])


def _join_note(order: Order, into: Order) -> Iterator[EventData]:
    if (both := _together(into.note, order.note)) != into.note:
        yield OrderNoted(note=both)


def _part_note(order: Order) -> Iterator[EventData]:
    return _ring_note({"note": order.note})


def _ring_note(words: Mapping[str, str]) -> Iterator[EventData]:
    if note := words.get("note"):
        yield OrderNoted(note=note)


def _join_age(order: Order, into: Order) -> Iterator[EventData]:
    if order.of_age > into.of_age:
        yield AgeChecked(years=order.of_age, passed=True)


def _part_age(order: Order) -> Iterator[EventData]:
    if order.of_age:
        yield AgeChecked(years=order.of_age, passed=True)


def _join_booking(order: Order, into: Order) -> Iterator[EventData]:
    if order.booking is not None and into.booking is None:
        yield BookingSeated(booking_id=order.booking)


def _part_type(order: Order) -> Iterator[EventData]:
    if order.is_type_chosen and order.order_type != DINE_IN:  # or a table would seat it
        yield OrderTypeSet(order_type=order.order_type)


def _seen(*readers: Reader) -> frozenset[Reader]:
    return frozenset(readers)


#: The facts of an order, in the sequence in which an act writes them.
FACTS: Final = (
    Fact("type", ("order_type", "is_type_chosen"), (OrderTypeSet,), _seen("till", "kitchen", "bill", "program"),
         parts=_part_type),
    Fact("customer", ("customer", "customer_event"), (CustomerAttached,), _seen("till", "bill", "program"),
         joins=_join_customer),
    Fact("buyer", ("buyer",), (BuyerNamed,), _seen("till", "bill"), joins=_join_buyer),
    Fact("courses held", ("holds",), (CoursesHeld,), _seen("till", "kitchen"),
         joins=_join_hold, moves=_join_hold, parts=_part_hold),
    Fact("preferences", ("preferences_set",), (PreferenceSet,), _seen("till", "kitchen", "program"),
         joins=_join_preferences, moves=_join_preferences, parts=_part_preferences, again=_ring_preferences),
    Fact("language", ("preferences_set",), (PreferenceSet,), _seen("till", "bill", "program"),
         joins=_join_language, parts=_part_language, again=_ring_language),
    Fact("note", ("notes",), (OrderNoted,), _seen("till", "kitchen", "program"),
         joins=_join_note, moves=_join_note, parts=_part_note, again=_ring_note),
    Fact("guests", ("tab",), (TabAssigned,), _seen("till", "kitchen", "bill")),
    Fact("called number", ("called",), (OrderNumbered,), _seen("till", "kitchen", "bill")),
    Fact("age checked", ("of_age",), (AgeChecked,), _seen("till"), joins=_join_age, parts=_part_age),
    Fact("booking", ("booking",), (BookingSeated,), _seen("till"), joins=_join_booking),
)  # fmt: skip
