"""Quick entry: one line of what a cashier types, understood by a small grammar (design §15). No model, no network.

An exact name wins; what is ambiguous asks and never guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from till.domain.errors import AmountError, NotOnMenuError, QuantityError
from till.domain.i18n import _
from till.domain.order.selling import MOST
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor, Price4
    from till.register.quick_entry.lookup import Lookup

#: More than this is a paste that missed its place.
LONGEST: Final = 200
_QUANTITY: Final = re.compile(r"(?P<sign>[-−]?)\s*(?P<count>\d{1,12})\s+(?P<rest>\S.*)\Z", re.ASCII)
# A sign of its own, or one that stands at the number: “2 x idly”, “2x idly”; but “2 xacuti” is two of an item.
_TIMES: Final = re.compile(r"(?P<sign>[-−]?)(?P<count>\d{1,12})(?:[x×*]\s*|\s+[x×*]\s+)(?P<rest>\S.*)\Z")
_MAJOR: Final = r"(?:\d{1,9}|\d{1,3}(?:,\d{2,3})+)"  # thousands may be marked as the till writes them
# A number that stands at the name, “2tea”, and one behind it, “tea x 2”.
_GLUED: Final = re.compile(r"(?P<sign>[-−]?)(?P<count>[0-9]{1,4})(?P<rest>[^\W\d_]{2}.*)\Z")
_BEHIND: Final = re.compile(r"(?P<sign>)(?P<rest>.*\S)\s+[x×*]\s*(?P<count>[0-9]{1,12})\Z")
_AT: Final = re.compile(rf"(?P<rest>.*\S)\s*@\s*(?P<price>{_MAJOR}(?:\.\d{{1,4}})?)\Z", re.ASCII)
_PRICED: Final = re.compile(rf"(?P<rest>.*\S)\s+(?P<price>{_MAJOR}\.\d{{1,4}})\Z", re.ASCII)
_NUMBERED: Final = re.compile(rf"(?P<rest>.*\S)\s+(?P<price>{_MAJOR})\Z", re.ASCII)
_FRACTION: Final = re.compile(r"[-−]?\d*\.\d+\s", re.ASCII)
_LEAD: Final = re.compile(r"(?:(?:also|and|please)\s+)*(?:add|ring|give me)\s+(?:also\s+)?", re.IGNORECASE)
_OFF: Final = re.compile(r"(?:no|without|remove|take off|cancel)\s+(?P<rest>\S.*)\Z", re.IGNORECASE)
# “cash 500”, “I’ll pay cash”, “we’ll pay by card, please”: who pays and the courtesies say nothing more.
_WHO: Final = r"(?:i|we)(?:['’](?:ll|d like to)| will| would like to| want to)?"
_PAYING: Final = rf"(?:(?:{_WHO} )?pay(?:ing)? )?(?:(?:in|by|with|on)(?: the)? )?"
_CASH: Final = re.compile(rf"{_PAYING}cash(?: (?!please)(?P<amount>\S+?))?(?:,? please)?\Z", re.IGNORECASE)
_CARD: Final = re.compile(rf"{_PAYING}card(?:,? please)?\Z", re.IGNORECASE)
_TAB: Final = re.compile(r"(?:save\s+(?:it\s+)?(?:to\s+)?)?tab(?:\s+(?P<name>\S.*))?\Z", re.IGNORECASE)
_COUNTS: Final = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "ten": 10,
    "dozen": 12,
}
_MENU: Final = {"menu", "show me the menu", "show the menu", "show menu", "what is there", "the menu"}
_CART: Final = {"view my cart", "cart", "my cart", "view cart", "show my cart", "show cart", "total"}
_CHECKOUT: Final = {"checkout", "checkout please", "check out", "pay", "bill"}
_MORE: Final = {"one more", "another", "another one", "same again", "again", "more", "1 more"}
_TYPES: Final = {
    "take away": "take_away",
    "takeaway": "take_away",
    "take-away": "take_away",
    "to go": "take_away",
    "eat in": "dine_in",
    "dine in": "dine_in",
    "here": "dine_in",
    "for here": "dine_in",
}


@dataclass(frozen=True, slots=True)
class AddItem:
    """Key so many of an item; `price4` when a price was typed."""

    item: Item
    quantity: int = 1
    price4: Price4 | None = None


@dataclass(frozen=True, slots=True)
class OneMore:
    """One more of the item that was last mentioned."""

    quantity: int = 1


@dataclass(frozen=True, slots=True)
class TakeOff:
    """Take a line off the order, or so many of it; `item_ids` are the items that its name can mean."""

    name: str
    item_ids: tuple[str, ...]
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    """Several items fit: ask, with what was typed before the name kept."""

    query: str
    items: tuple[Item, ...]
    quantity: int
    price4: Price4 | None = None


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """The menu is asked for."""


@dataclass(frozen=True, slots=True)
class ShowCart:
    """What is on the order is asked for."""


@dataclass(frozen=True, slots=True)
class GoToPay:
    """The guest is ready to pay."""


@dataclass(frozen=True, slots=True)
class PayCash:
    """Cash was handed over; None for exactly what is due. Minor units."""

    amount: Minor | None


@dataclass(frozen=True, slots=True)
class PayCard:
    """The card terminal took it all."""


@dataclass(frozen=True, slots=True)
class SetType:
    """Take away or eat in."""

    order_type: str


@dataclass(frozen=True, slots=True)
class ToTab:
    """Save to a tab; None to be asked which."""

    name: str | None


class Amounts(Protocol):
    """Reads amounts: `till.domain.money.formats.Formats` as people type them, `Currency` in the plain form."""

    def minor(self, text: str, /) -> Minor:
        """An amount in minor units."""
        ...

    def price4(self, text: str, /) -> Price4:
        """A unit price in ten-thousandths."""
        ...


Intent = AddItem | OneMore | TakeOff | Choose | ShowMenu | ShowCart | GoToPay | PayCash | PayCard | SetType | ToTab


def understand(typed: str, lookup: Lookup, money: Amounts) -> Intent:
    """What a typed line asks for.

    Raises:
        NotOnMenuError: nothing on the menu is called anything like it.
        QuantityError: the quantity is none.
        AmountError: the price or amount is none.
    """
    text = " ".join(clean(typed).split())
    if len(text) > LONGEST:
        raise NotOnMenuError(_("That is too long for one entry. Nothing was keyed."))
    if item := lookup.exact(text):
        return AddItem(item)
    return _phrase(text, money) or _taken_off(text, lookup) or _item(text, lookup, money)


def _taken_off(text: str, lookup: Lookup) -> TakeOff | None:
    """`no dosa`, `remove one idly`; an item whose own name begins so is meant as an item."""
    found = _OFF.match(text)
    if found is None or any(lookup.begins(text, item) for item in lookup.search(text)):
        return None
    quantity, name = _split_quantity(found["rest"], lookup)
    item = _exact(name, lookup)
    meant = [item] if item else [near for near in lookup.search(name) if lookup.begins(name, near)]
    counted = None if name == found["rest"] else abs(quantity)
    return TakeOff(name[:20], tuple(one.id for one in meant), counted)


def _phrase(text: str, money: Amounts) -> Intent | None:
    said = text.casefold().rstrip(".!?")
    more = said.removeprefix("also ").removeprefix("add ").removeprefix("also ")
    if more in _MORE:
        return OneMore()
    simple: dict[str, Intent] = {
        **dict.fromkeys(_MENU, ShowMenu()),
        **dict.fromkeys(_CART, ShowCart()),
        **dict.fromkeys(_CHECKOUT, GoToPay()),
        **{words: SetType(kind) for words, kind in _TYPES.items()},
    }
    if said in simple:
        return simple[said]
    if _CARD.match(text.rstrip(".!?")):
        return PayCard()
    if found := _CASH.match(text.rstrip(".!?")):
        amount = found["amount"]
        return PayCash(money.minor(amount) if amount else None)
    if found := _TAB.match(text):
        return ToTab(found["name"])
    return None


def _is_phrase(text: str) -> bool:
    said = text.casefold()
    phrases = (_MORE, _MENU, _CART, _CHECKOUT, _TYPES)
    return any(said in known for known in phrases) or any(form.match(said) for form in (_CASH, _CARD, _TAB, _OFF))


def _item(text: str, lookup: Lookup, money: Amounts) -> Intent:
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    if text.isascii() and text.isdigit():
        if item := lookup.number(text):
            return AddItem(item)
        raise NotOnMenuError(
            _("Nothing has the number {number}. Say “menu” for what there is.").format(number=text[:20])
        )
    if _FRACTION.match(text):
        raise QuantityError
    quantity, name = _split_quantity(text, lookup)
    price4: Price4 | None = None
    if lookup.exact(name) is None and (found := _price_after(name, lookup)):
        name, price4 = found["rest"].strip(), money.price4(found["price"])
    return _named(name, quantity, price4, lookup)


def _price_after(text: str, lookup: Lookup) -> re.Match[str] | None:
    """A name with a price behind it. A whole number is one only after an item that has no price of its own."""
    if found := _AT.match(text) or _PRICED.match(text):
        return found
    found = _NUMBERED.match(text)
    item = _meant(found["rest"], lookup) if found else None
    return found if item is not None and item.price4 is None else None


def _split_quantity(text: str, lookup: Lookup) -> tuple[int, str]:
    glued = None if lookup.begins_with_number(text) else _GLUED.match(text)
    if found := _TIMES.match(text) or _QUANTITY.match(text) or glued or _BEHIND.match(text):
        count = int(found["count"])
        if not 1 <= count <= MOST:
            raise QuantityError
        return (-count if found["sign"] else count), found["rest"].strip()
    first, _space, rest = text.partition(" ")
    if rest and first.casefold() in _COUNTS and lookup.exact(text) is None:
        return _COUNTS[first.casefold()], rest
    if text[:1] in "-−" and len(text) > 1:
        return -1, text[1:].strip()
    return 1, text


def _meant(name: str, lookup: Lookup) -> Item | None:
    """The one item that a name or number can mean."""
    return _exact(name, lookup) or _only(name, lookup.search(name, 2), lookup)


def _exact(name: str, lookup: Lookup) -> Item | None:
    return lookup.number(name) if name.isascii() and name.isdigit() else lookup.exact(name)


def _only(name: str, found: list[Item], lookup: Lookup) -> Item | None:
    """What was found, when it is one item and every word typed begins a word of it: it is meant, not merely alike."""
    return found[0] if len(found) == 1 and lookup.begins(name, found[0]) else None


def _named(name: str, quantity: int, price4: Price4 | None, lookup: Lookup) -> Intent:
    if item := _exact(name, lookup):
        return AddItem(item, quantity, price4)
    found = lookup.search(name)
    if item := _only(name, found, lookup):
        return AddItem(item, quantity, price4)
    if not found:
        said = f"-{name}" if quantity == -1 else name
        said = said if len(said) <= 30 else said[:29] + "…"  # noqa: PLR2004 - what fits the answer line
        raise NotOnMenuError(_("“{name}” is not on the menu. Say “menu” for what there is.").format(name=said))
    return Choose(name, tuple(found), quantity, price4)


def complete(typed: str, name: str, lookup: Lookup) -> str:
    """What is typed with the name in place of the words that were typed for it: the quantity before them stays."""
    lead = _LEAD.match(typed.lstrip())
    text = typed.lstrip()[lead.end() :] if lead else typed.lstrip()
    try:
        _quantity, words = _split_quantity(text, lookup)
    except QuantityError:
        return name
    before, found, behind = text.rpartition(words)
    if not found:
        return name
    return before + (" " if before[-1:].isdigit() else "") + name + behind


def suggestions(typed: str, lookup: Lookup) -> list[Item]:
    """What to offer while typing; nothing for a number, and nothing merely alike for what is a phrase."""
    name = counted(typed, lookup)[1]
    return lookup.search(name, 6, near=not _is_phrase(_without_lead(typed))) if name else []


def counted(typed: str, lookup: Lookup) -> tuple[int, str]:
    """How many of what is being typed for: the words of an item, none for a number."""
    text = _without_lead(typed)
    if not text or text.isdigit():
        return 1, ""
    try:
        quantity, name = _split_quantity(text, lookup)
    except (QuantityError, AmountError):
        return 1, ""
    return quantity, "" if name.isdigit() else name


def _without_lead(typed: str) -> str:
    return _LEAD.sub("", " ".join(clean(typed).split())[:LONGEST], count=1)
