"""Quick entry: one line of a cashier's words, understood by a small grammar (design §15). No model, no network.

An exact name wins; ambiguous input asks and never guesses; no typed digit is silently dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from till.domain.errors import AmountError, NotOnMenuError, QuantityError
from till.domain.i18n import _
from till.domain.structs import replace
from till.domain.text import clean
from till.register.quick_entry.counts import whole_count
from till.register.quick_entry.intents import (
    LONGEST,
    AddAll,
    AddItem,
    Choose,
    Discounted,
    FireCourse,
    ForCustomer,
    GiveTip,
    GoToPay,
    Intent,
    LastSaleWas,
    OneLess,
    OneMore,
    PayCard,
    PayCash,
    Recall,
    SeatLine,
    SetPrice,
    SetType,
    ShowCart,
    ShowMenu,
    SoldOut,
    Split,
    TakeOff,
    ToSales,
    ToTab,
    Wish,
)
from till.register.quick_entry.items import (
    checked,
    count_behind,
    items_called,
    nearest,
    not_on_menu,
    prices_with,
    read_item,
    read_weighed,
    split_quantity,
    without_lead,
)
from till.register.quick_entry.several import read_several

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.items import Amounts
    from till.register.quick_entry.lookup import Lookup

_ALSO: Final = re.compile(r"\A(?:(?:also|and|add)\s+)+", re.IGNORECASE)
_PLEASE: Final = re.compile(r"[\s,]+please[.!]?\Z", re.IGNORECASE)
_OFF: Final = re.compile(r"(?:no|without|remove|take off|cancel|void|delete)\s+(?P<rest>\S.*)\Z", re.IGNORECASE)
_MORE: Final = re.compile(r"(?:(?P<count>\S.*?)\s+)?(?P<more>(?:more|another)(?:\s+(?P<rest>\S.*))?)\Z", re.IGNORECASE)
_SO_MANY_MORE: Final = re.compile(r"(?:\+\s*|another\s+)(?P<count>\S.*)\Z", re.IGNORECASE)  # “+3”, “another two”
_LESS: Final = re.compile(r"(?P<count>\S.*?)\s+(?P<less>(?:less|fewer)(?:\s+(?P<rest>\S.*))?)\Z", re.IGNORECASE)
# “cash 500”, “I’ll pay cash”, “we’ll pay by card, please”: the payer and the courtesies are ignored.
_WHO: Final = r"(?:i|we)(?:['’](?:ll|d like to)| will| would like to| want to)?"
_PAYING: Final = rf"(?:(?:{_WHO} )?pay(?:ing)? )?(?:(?:in|by|with|on)(?: the)? )?"
_CASH: Final = re.compile(rf"{_PAYING}cash(?: (?!please)(?P<amount>\S+?))?(?:,? please)?\Z", re.IGNORECASE)
_OTHER: Final = re.compile(
    rf"{_PAYING}(?P<way>card|upi|voucher|house account)(?: (?P<amount>[-+.,0-9]\S*))?(?: ?#(?P<slip>\S+))?"
    r"(?:,? please)?\Z",
    re.IGNORECASE,
)
_WAYS: Final = {"house account": "ACCOUNT"}
_TIP: Final = re.compile(r"(?:a )?tip(?: of)? (?P<amount>[-+.,0-9]\S*)\Z", re.IGNORECASE)
_TAB: Final = re.compile(
    r"(?:save\s+(?:it\s+)?(?:to\s+)?)?(?:tabs|tables|tab(?:le)?(?:\s+(?P<name>\S.*))?)\Z", re.IGNORECASE
)
_RECALL: Final = re.compile(r"recall(?:\s+(?:tab(?:le)?\s+)?(?P<name>\S.*))?\Z", re.IGNORECASE)
_SALES: Final = re.compile(
    r"(?:past\s+sales|sales|receipts|(?:refund|sale|receipt)(?:\s+(?P<number>\d+[a-z0-9]*-r?\d+))?)\Z", re.IGNORECASE
)
_WAS: Final = re.compile(
    r"(?:that|it|(?:the )?last (?:sale|one)) was (?:(?:paid )?(?:by|in|with) )?"
    r"(?P<tender>\w+(?: (?!not )\w+){0,3})(?:,? not \w.*)?\Z",
    re.IGNORECASE,
)
#: “10% off”, “5 off the bill”, “discount 10%”, “discount”.
_DISCOUNT: Final = re.compile(
    r"(?:(?P<off>\d[\d.,]*)\s*(?P<off_percent>%|percent)?\s+off|discount(?:\s+(?P<figure>\d[\d.,]*)\s*(?P<percent>%|percent)?)?)"
    r"(?P<whole>\s+(?:on\s+)?(?:the\s+)?(?:whole\s+)?(?:order|bill|check|table|lot))?\Z",
    re.ASCII | re.IGNORECASE,
)
_SPLIT: Final = re.compile(
    r"split(?:\s+(?:the\s+)?bill)?(?:\s+(?:by\s+|in\s+)?(?P<guests>[1-9]))?\Z", re.ASCII | re.IGNORECASE
)
_ITEMS: Final = re.compile(r"(?:pay|split)\s+(?:by\s+)?items\Z", re.IGNORECASE)
_CUSTOMER: Final = re.compile(r"(?:for\s+)?(?:the\s+)?customer(?:\s+(?P<who>\S.*))?\Z", re.IGNORECASE)
_PRICE: Final = re.compile(r"price\s+(?P<price>\S+)\Z", re.IGNORECASE)
# “86 x vada” is a quantity.
_EIGHTY_SIX: Final = re.compile(r"86\s+(?![x×*]\s)(?P<name>[^\d\s].*)\Z", re.IGNORECASE)
_BACK: Final = re.compile(r"back\s+(?P<name>\S.*)\Z", re.IGNORECASE)
_FIRE: Final = re.compile(
    r"(?:fire|call)(?: (?:the )?(?:next )?course)?(?: (?P<course>\d{1,2}))?\Z", re.ASCII | re.IGNORECASE
)
_SEAT: Final = re.compile(r"(seat|guest|course)\s+(\d{1,2})", re.ASCII)
_SAID: Final = r"(?:seat|guest|course)\s+[0-9]{1,2}"
_SEATS: Final = rf"(?P<said>{_SAID}(?:[\s,]+{_SAID})?)"
_SEATED_ALONE: Final = re.compile(rf"{_SEATS}\Z", re.IGNORECASE)
_SEATED_BEFORE: Final = re.compile(rf"{_SEATS}[\s,:]+(?P<rest>\S.*)\Z", re.IGNORECASE)
_SEATED_BEHIND: Final = re.compile(rf"(?P<rest>\S.*?)[\s,]+{_SEATS}\Z", re.IGNORECASE)
#: After these words, a name that is no line of the order is a wish.
_WITHOUT: Final = re.compile(r"(?:no|without)\s", re.IGNORECASE)
_WISH: Final = re.compile(r"(?:extra|less|with)\s+(?P<rest>[^\W\d_]\D*)\Z", re.IGNORECASE)
_MENU: Final = {"menu", "show me the menu", "show the menu", "show menu", "what is there", "the menu"}
_COMP: Final = {"comp", "comp it", "on the house"}
_MEAL: Final = {"staff meal", "staff food"}
_CART: Final = {"view my cart", "cart", "my cart", "view cart", "show my cart", "show cart", "total"}
_CHECKOUT: Final = {"checkout", "checkout please", "check out", "pay", "bill"}
#: Words after “more” for the item that was mentioned last.
_THOSE: Final = {"one", "of those", "of them", "of that", "of it", "of the same", "of these"}
_AGAIN: Final = {"same again", "the same again", "again"}
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


def understand(typed: str, lookup: Lookup, money: Amounts) -> Intent:
    """Return the intent of a typed line.

    Raises:
        NotOnMenuError: nothing on the menu has a similar name.
        QuantityError: the quantity is invalid, or there are two.
        AmountError: the price or amount is invalid.
        TillError: it can be read in two ways; it asks which is meant.
    """
    text = " ".join(clean(typed).split())
    if len(text) > LONGEST:
        raise NotOnMenuError(_("That is too long for one entry. Nothing was keyed."))
    if item := lookup.exact(text):
        return AddItem(item)
    text = _PLEASE.sub("", text)
    try:
        return (
            _phrase(text, money)
            or _sold_out(text, lookup)
            or _seated(text, lookup, money)
            or _more(text, lookup, money)
            or _less(text, lookup)
            or _taken_off(text, lookup)
            or _wish(text, lookup)
            or _item(text, lookup, money)
        )
    except NotOnMenuError as problem:
        if how := _how_said(text):
            raise NotOnMenuError(how) from problem
        raise


def _how_said(text: str) -> str:
    """Return how to say a command whose word the line has, but not the rest; empty for no command."""
    tables = _("F8 first; then merge 7, move 9, guests 4 or hand over 2.")
    known = {
        r"split": _("Type “split”, or “split 3” for three guests; 9 at most."),
        r"(?:a )?tip": _("Type “tip 5”, with one amount."),
        r"seat|guest|course": _("Type “seat 2” or “course 1”."),
        r"fire": _("Type “fire”, or “fire 2” for a course."),
        r"card|upi|voucher|house account": _("Type “card”, or “card 50” with an amount."),
        r"discount|\S+ off|\S+ percent off": _("Type “10% off” or “5 off”; the reason comes next."),
        r"(?:that|it|the last \w+) was": _("Type “that was card”, “that was cash” or “that was upi”."),
        r"refund|receipt": _("Type “refund 1-531”, the receipt's number. Or F10 finds it."),
        r"note|wish": _("F2 asks for a note. Or just type the note: “no onion”."),
        r"merge|move|guests|hand over": tables,
    }
    return next((how for said, how in known.items() if re.match(rf"(?:{said})\b", text, re.IGNORECASE)), "")


# Phrases.


def _phrase(text: str, money: Amounts) -> Intent | None:
    said = text.casefold().rstrip(".!?")
    simple: dict[str, Intent] = {
        **dict.fromkeys(_MENU, ShowMenu()),
        **dict.fromkeys(_CART, ShowCart()),
        **dict.fromkeys(_CHECKOUT, GoToPay()),
        **dict.fromkeys(_COMP, Discounted("comp")),
        **dict.fromkeys(_MEAL, Discounted("staff_meal")),
        **{words: SetType(kind) for words, kind in _TYPES.items()},
    }
    if said in simple:
        return simple[said]
    if (paying := _money_said(text, money)) is not None:
        return paying
    if found := _DISCOUNT.match(text.rstrip(".!?")):
        figure = found["off"] or found["figure"] or ""
        percent = bool(found["off_percent"] or found["percent"])
        return Discounted("" if not figure else "P" if percent else "A", figure, bool(found["whole"]))
    return _named(text)


def _money_said(text: str, money: Amounts) -> Intent | None:
    """Return a way to pay, a tip or another price, with the amount after it."""
    if found := _OTHER.match(text.rstrip(".!?")):
        amount = found["amount"]
        way = _WAYS.get(found["way"].lower(), found["way"].upper())
        return PayCard(way, money.minor(amount) if amount else None, found["slip"] or "")
    if found := _TIP.match(text.rstrip(".!?")):
        return GiveTip(money.minor(found["amount"]))
    if found := _CASH.match(text.rstrip(".!?")):
        amount = found["amount"]
        return PayCash(money.minor(amount) if amount else None)
    if found := _PRICE.match(text):
        return SetPrice(money.price4(found["price"]))
    return None


def _sold_out(text: str, lookup: Lookup) -> SoldOut | None:
    """Read `86 vada`, `back vada`; an item whose own name begins so is meant as an item.

    Raises:
        NotOnMenuError: nothing has that name.
    """
    found = _EIGHTY_SIX.match(text) or _BACK.match(text)
    if found is None or any(lookup.begins(text, item) for item in lookup.search(text)):
        return None
    name = found["name"]
    items = items_called(name, lookup)
    if not items:
        raise not_on_menu(name)
    return SoldOut(found.re is _EIGHTY_SIX, name, tuple(items))


def _seated(text: str, lookup: Lookup, money: Amounts) -> Intent | None:
    """Read `seat 2`, `course 1` for the marked line; with an item before or after it, for that."""
    found = _SEATED_ALONE.match(text) or _SEATED_BEFORE.match(text) or _SEATED_BEHIND.match(text)
    if found is None:
        return None
    said = {what: int(number) for what, number in _SEAT.findall(found["said"].casefold())}
    seat, course = said.get("seat", said.get("guest")), said.get("course")
    if found.re is _SEATED_ALONE:
        return SeatLine(seat, course)
    intent = _item(found["rest"], lookup, money)
    if isinstance(intent, AddAll):
        return AddAll(tuple(replace(one, seat=seat, course=course) for one in intent.items))
    return replace(intent, seat=seat, course=course)


def _named(text: str) -> Intent | None:
    """Read a phrase with a name or a number after it: of a tab, a customer or a course."""
    if found := _FIRE.match(text.rstrip(".!?")):
        return FireCourse(int(found["course"]) if found["course"] else None)
    if found := _TAB.match(text):
        return ToTab(found["name"])
    if found := _RECALL.match(text):
        return Recall(found["name"])
    if found := _CUSTOMER.match(text):
        return ForCustomer(found["who"] or "")
    return _of_money(text.rstrip(".!?"))


def _of_money(text: str) -> ToSales | Split | LastSaleWas | None:
    """Read a phrase about a sale, or about splitting the bill."""
    if found := _SALES.match(text):
        return ToSales(found["number"] or "")
    if found := _SPLIT.match(text):
        return Split(int(found["guests"] or 0))
    if _ITEMS.match(text):
        return Split(items=True)
    if found := _WAS.match(text):
        return LastSaleWas(found["tender"])
    return None


def _is_phrase(text: str) -> bool:
    said = text.casefold()
    phrases = (_AGAIN, _MENU, _CART, _CHECKOUT, _TYPES, _COMP, _MEAL)
    forms = (
        *(_CASH, _OTHER, _TIP, _DISCOUNT, _TAB, _RECALL, _CUSTOMER, _FIRE),
        *(_SALES, _SPLIT, _ITEMS, _WAS, _OFF, _MORE, _LESS, _WISH),
    )
    return any(said in known for known in phrases) or any(form.match(said) for form in forms)


def _more(text: str, lookup: Lookup, money: Amounts) -> Intent | None:
    """Read `one more`, `2 more`, `another`; with a name after it, more of that.

    An item with such a name is meant as an item.
    """
    said = _ALSO.sub("", text, count=1).rstrip(".!?")
    if said.casefold() in _AGAIN:
        return OneMore()
    if (alone := _SO_MANY_MORE.match(said)) and (pieces := whole_count(alone["count"])) is not None:
        return OneMore(checked(pieces))
    found = _MORE.match(said)
    count = whole_count(found["count"] or "one") if found else None
    if found is None or count is None or lookup.exact(found["more"]) is not None:
        return None
    rest = found["rest"]
    if rest is None or rest.casefold() in _THOSE:
        return OneMore(checked(count))
    return _item(f"{checked(count)} {rest}" if found["count"] else rest, lookup, money)


def _less(text: str, lookup: Lookup) -> OneLess | TakeOff | None:
    """Read `one less` for the marked line, or `one less idly`.

    An item whose name begins so is meant as an item.
    """
    found = _LESS.match(text.rstrip(".!?"))
    count = whole_count(found["count"]) if found else None
    if found is None or count is None or lookup.search(found["less"], 1, near=False):
        return None
    return OneLess(checked(count)) if found["rest"] is None else _off(found["rest"], lookup, checked(count))


def _taken_off(text: str, lookup: Lookup) -> TakeOff | Wish | None:
    """Read `no dosa`, `remove one idly`; `no onion` is a wish if nothing on the menu has a similar name.

    An item whose own name begins so is meant as an item.
    """
    found = _OFF.match(text)
    if found is None or any(lookup.begins(text, item) for item in lookup.search(text)):
        return None
    off = _off(found["rest"], lookup)
    if _WITHOUT.match(text) is None or off.quantity is not None:
        return off
    is_near = off.item_ids or lookup.search(found["rest"])
    return replace(off, wish=text) if is_near else Wish(text)


def _wish(text: str, lookup: Lookup) -> Wish | None:
    """Read `less sugar`. An item whose own name begins so is meant as an item; one of that exact name may be."""
    text = without_lead(text)
    found = _WISH.match(text)
    if found is None or any(lookup.begins(text, item) for item in lookup.search(text)):
        return None
    return Wish(text, next(iter(items_called(found["rest"], lookup)), None))


def _off(text: str, lookup: Lookup, quantity: int | None = None) -> TakeOff:
    name = text
    if quantity is None:
        quantity, name = split_quantity(text, lookup)
    meant = items_called(name, lookup)
    if not meant and quantity is None and (counted := count_behind(name)):
        name, quantity = counted[0], checked(counted[1])
        meant = items_called(name, lookup)
    return TakeOff(name[:20], tuple(one.id for one in meant), abs(quantity) if quantity is not None else None)


# Items.


def _item(text: str, lookup: Lookup, money: Amounts) -> AddItem | AddAll | Choose:
    text = without_lead(text)
    if text[:1] == "+" and len(text) > 1:
        text = text[1:].strip()
    if text.isascii() and text.isdigit():
        if item := lookup.number(text):
            return AddItem(item)
        raise not_on_menu(text)
    if weighed := read_weighed(text, lookup, money):
        return weighed
    if prices_with(money.point).fraction.match(text):
        raise QuantityError
    return read_item(text, lookup, money) or read_several(text, lookup, money) or nearest(text, lookup, money)


# While it is typed.


def complete(typed: str, name: str, lookup: Lookup) -> str:
    """Return the typed text with the name in place of its words; the quantity before them stays."""
    text = without_lead(typed.lstrip())
    try:
        _quantity, words = split_quantity(text, lookup)
    except QuantityError:
        return name
    before, found, behind = text.rpartition(words)
    if not found:
        return name
    return before + (" " if before[-1:].isdigit() else "") + name + behind


def suggestions(typed: str, lookup: Lookup) -> list[Item]:
    """Return the items to offer while typing: none for a number, and no similar ones for a phrase."""
    name = counted(typed, lookup)[1]
    if not name:
        return []
    return lookup.beginning(name, 6) or ([] if _is_phrase(_led(typed)) else lookup.like(name, 6))


def counted(typed: str, lookup: Lookup) -> tuple[int, str]:
    """Return the quantity of the item being typed, and the words of its name; empty for a number."""
    text = _led(typed)
    if not text or text.isdigit():
        return 1, ""
    try:
        quantity, name = split_quantity(text, lookup)
    except (QuantityError, AmountError):
        return 1, ""
    return (1 if quantity is None else quantity), "" if name.isdigit() else name


def _led(typed: str) -> str:
    """Return the typed text without the words that lead up to an item."""
    return without_lead(" ".join(clean(typed).split())[:LONGEST])
