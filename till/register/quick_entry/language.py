"""Quick entry: a small grammar for the entry line (ADR 0052). No model, no network.

An exact name wins; for ambiguous input the till asks and never guesses; no typed digit is silently dropped.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import AmountError, AskedBackError, NotOnMenuError, QuantityError
from till.domain.i18n import _
from till.domain.structs import replace
from till.domain.text import clean
from till.register.quick_entry import drawer_entry, intents
from till.register.quick_entry.choices import option_begun, options_called
from till.register.quick_entry.counts import whole_count
from till.register.quick_entry.intents import (
    LONGEST,
    AddAll,
    AddItem,
    Choose,
    KeyCombo,
    OneLess,
    OneMore,
    PayCard,
    SayWord,
    SoldOut,
    TakeOff,
    Wish,
)
from till.register.quick_entry.items import (
    check_spelt,
    count_behind,
    items_called,
    nearest,
    not_on_menu,
    prices_with,
    read_item,
    read_weighed,
    split_quantity,
    valid_count,
    without_weight,
)
from till.register.quick_entry.several import read_several
from till.register.quick_entry.slots import slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.slots import Amounts, Intent, Slots
    from till.register.quick_entry.vocabulary import Vocabulary

    Ways = Callable[[str], str | None]

#: The most characters of a name that a question repeats.
_SHOWN: Final = 20


class _Seated(Struct, frozen=True):
    """The patterns of a seat or course: a single one, alone, before an item, after an item."""

    one: re.Pattern[str]
    alone: re.Pattern[str]
    before: re.Pattern[str]
    behind: re.Pattern[str]


@cache
def seated_with(words: Vocabulary) -> _Seated:
    """Return the patterns for a language."""
    either = "|".join(map(re.escape, [*words.of("seat"), *words.of("course")])) or r"(?!)"
    one = rf"(?:{either})\s+[0-9]{{1,2}}"
    seats = rf"(?P<seats>{one}(?:[\s,]+{one})?)"
    return _Seated(
        re.compile(rf"({either})\s+([0-9]{{1,2}})"),
        re.compile(rf"{seats}\Z", re.IGNORECASE),
        re.compile(rf"{seats}[\s,:]+(?P<rest>\S.*)\Z", re.IGNORECASE),
        re.compile(rf"(?P<rest>\S.*?)[\s,]+{seats}\Z", re.IGNORECASE),
    )


#: A subject of the trade registers here: the phrases that it adds, and the right forms of those begun in a wrong one.
PHRASES: Final = intents.PHRASES | drawer_entry.PHRASES
_USAGES: Final = intents.USAGES | drawer_entry.USAGES
#: Phrases about lines of the order; no items are suggested for them.
_OF_LINES: Final = ("more_of_it", "more", "less_of_it", "less", "unclear", "off", "without", "wish", "note")

#: Phrases about items, and payments by the name of a tender: each has a reader of its own here.
_READ_APART: Final = frozenset(("by_name", "sold_out", "back", *_OF_LINES))


@cache
def phrases_of(words: Vocabulary) -> tuple[str, ...]:
    """Return the phrases that are not about an item: those of `PHRASES`, then those that subjects declare."""
    declared = (name for name in words.phrases if name not in PHRASES and name not in _READ_APART)
    return (*PHRASES, *declared)


def understand(typed: str, lookup: Lookup, money: Amounts, ways: Ways | None = None) -> Intent:
    """Return the intent of a typed line. `ways` returns the tender of a name.

    Raises:
        LabelError: a label of a scale was misread.
        NotOnMenuError: nothing on the menu has a similar name.
        QuantityError: the quantity is invalid, or there are two.
        AmountError: the price or amount is invalid.
        TillError: the line has two readings; the sentence offers the choice.
    """
    text = " ".join(clean(typed).split())
    if len(text) > LONGEST:
        raise NotOnMenuError(_("That is too long for one entry. Nothing was keyed."))
    if item := lookup.exact(text):
        return AddItem(item)
    if combo := lookup.combo(text):
        return KeyCombo(combo)
    if label := lookup.scanned(text):
        return AddItem(label.item, price4=label.price4, measure=label.measure, labelled=label.is_label)
    text = _plain(text, lookup)
    try:
        return (
            _phrase(text, lookup, money)
            or _paid_by(text, lookup, money, ways)
            or _sold_out(text, lookup)
            or _seated(text, lookup, money)
            or _more(text, lookup, money)
            or _less(text, lookup)
            or _taken_off(text, lookup)
            or _wish(text, lookup)
            or not_returned(_item(text, lookup, money))
        )
    except NotOnMenuError as problem:
        if how := _usage_of(text, lookup):
            raise NotOnMenuError(how) from problem
        raise


def _plain(text: str, lookup: Lookup) -> str:
    """Return a sentence without polite words: “I’d like to …, please”."""
    text = text.replace("’", "'")
    for words in lookup.words.of("please"):
        if text.rstrip(".!").casefold().endswith((f" {words}", f",{words}")):
            text = text.rstrip(".!")[: -len(words)].rstrip(" ,")
    return lookup.words.without("wants", text)


def _usage_of(text: str, lookup: Lookup) -> str:
    """Return the usage of an incomplete command; empty if the text is not a command."""
    usage = _USAGES.get(lookup.words.begun(text) or "")
    return _(usage) if usage else _note_behind(text, lookup)


def _note_behind(text: str, lookup: Lookup) -> str:
    """Return the usage for an item followed by a note: `tea no sugar`; otherwise empty."""
    words = text.split()
    for place in range(1, len(words)):
        item, note = " ".join(words[:place]), " ".join(words[place:])
        wished = next(iter(lookup.words.find(note, ("without", "wish"))), None)
        if wished is None or not (found := lookup.search(quantity_and_name(item, lookup)[1], 1, near=False)):
            continue
        choice = slot(wished[1], "wish") if wished[0] == "wish" else ""
        if choice and options_called(found[0], choice, lookup):
            return _("Type “{item} {choice}”: it is a choice.").format(item=item, choice=choice)
        return _("Type “{item}”, Enter, then the note “{note}”.").format(item=item, note=note)
    return ""


# Phrases


def _phrase(text: str, lookup: Lookup, money: Amounts) -> Intent | None:
    """Read a phrase that is not about an item."""
    found = next(lookup.words.find(text, phrases_of(lookup.words)), None)
    if found is None:
        return None
    name, slots = found
    if (read := PHRASES.get(name)) is not None:
        return read(slots, money)
    return SayWord(name, {slot: typed for slot, typed in slots.items() if typed is not None})


def declared_word(typed: str, lookup: Lookup, money: Amounts) -> SayWord | None:
    """Read a word that a subject declares; None for any others."""
    intent = _phrase(_plain(" ".join(clean(typed).split()), lookup), lookup, money)
    return intent if isinstance(intent, SayWord) else None


def payment_by_name(typed: str, lookup: Lookup, money: Amounts, ways: Ways) -> PayCard | None:
    """Read `meal 50` as a payment by the tender of that name; None if there is none."""
    text = _plain(" ".join(clean(typed).split()), lookup)
    for _name, slots in lookup.words.find(text, ("by_name",)):
        if tender := ways(slot(slots, "tender")):
            return intents.pay_by(tender, slots, money)
    return None


def _paid_by(text: str, lookup: Lookup, money: Amounts, ways: Ways | None) -> PayCard | None:
    """Read a payment at the order, where an item of that name comes first."""
    intent = payment_by_name(text, lookup, money, ways) if ways is not None else None
    is_item = intent is not None and (_is_name(text, lookup) or lookup.exact(text.rstrip(" .,0123456789")) is not None)
    return None if is_item else intent


def _is_name(text: str, lookup: Lookup) -> bool:
    """True if the text is a prefix of an item's name."""
    return any(lookup.begins(text, item) for item in lookup.search(text))


def _sold_out(text: str, lookup: Lookup) -> SoldOut | None:
    """Read `86 vada`, `back vada`. A prefix of an item's name is read as the item.

    Raises:
        NotOnMenuError: no item has the name.
    """
    for name, slots in lookup.words.find(text, ("sold_out", "back")):
        if _is_name(text, lookup):
            return None
        called = slot(slots, "item") or slot(slots, "name")
        items = items_called(called, lookup)
        if not items and name == "sold_out" and (counted := _counted(called, lookup)):
            return counted
        if not items and (choice := option_begun(called, lookup)):
            return SoldOut(name == "sold_out", called, (), choice=choice)
        if not items:
            raise not_on_menu(called)
        return SoldOut(name == "sold_out", called, tuple(items))
    return None


def _counted(called: str, lookup: Lookup) -> SoldOut | None:
    """Read `cake 12`, `cake 12 keep`: the pieces that can still be sold."""
    rest, _space, last = called.rpartition(" ")
    keep = last.casefold() in lookup.words.of("keep")
    found = count_behind(rest if keep else called)
    items = items_called(found[0], lookup) if found else []
    if not found or not items:
        return None
    left = found[1] and valid_count(found[1])
    return SoldOut(sold_out=True, name=found[0], items=tuple(items), left=left, keep=keep)


def _seated(text: str, lookup: Lookup, money: Amounts) -> Intent | None:
    """Read `seat 2`, `course 1` for the marked line; with an item before or after it, for the item."""
    forms = seated_with(lookup.words)
    found = forms.alone.match(text) or forms.before.match(text) or forms.behind.match(text)
    if found is None:
        return None
    numbers = {word: int(number) for word, number in forms.one.findall(found["seats"].casefold())}
    seat = next((numbers[word] for word in lookup.words.of("seat") if word in numbers), None)
    course = next((numbers[word] for word in lookup.words.of("course") if word in numbers), None)
    if found.re is forms.alone:
        typed = {"seat": seat, "course": course}
        return SayWord("seat", {name: str(number) for name, number in typed.items() if number is not None})
    intent = _item(found["rest"], lookup, money)
    if isinstance(intent, AddAll):
        return replace(intent, items=tuple(replace(one, seat=seat, course=course) for one in intent.items))
    return replace(intent, seat=seat, course=course)


def _more(text: str, lookup: Lookup, money: Amounts) -> Intent | None:
    """Read `one more`, `2 more`, `another`, also before a name. An item's exact name is read as the item."""
    typed = lookup.words.without("lead", text).rstrip(".!?")
    for name, slots in lookup.words.find(typed, ("more_of_it", "more")):
        count = whole_count(slots.get("count") or "1", lookup.words)
        rest = slots.get("name")
        if count is None or lookup.exact(_behind(slots, typed)) is not None:
            continue
        if name == "more_of_it" or rest is None:
            return OneMore(valid_count(count))
        return _item(f"{valid_count(count)} {rest}" if slots.get("count") else rest, lookup, money)
    return None


def _behind(slots: Slots, text: str) -> str:
    """Return the words after the count: they may be the name of an item."""
    return text.removeprefix(slot(slots, "count")).lstrip()


def _less(text: str, lookup: Lookup) -> OneLess | TakeOff | None:
    """Read `one less` for the marked line, or `one less idly`. A prefix of an item's name is read as the item."""
    for name, slots in lookup.words.find(text, ("less_of_it", "less")):
        count = whole_count(slots.get("count") or "1", lookup.words)
        if count is None or lookup.search(_behind(slots, text), 1, near=False):
            continue
        return (
            OneLess(valid_count(count))
            if name == "less_of_it"
            else _off(slot(slots, "name"), lookup, valid_count(count))
        )
    return None


def _taken_off(text: str, lookup: Lookup) -> TakeOff | Wish | None:
    """Read `no dosa`, `remove one idly`; `no onion` is a note if no item has a similar name.

    A prefix of an item's name is read as the item.
    """
    for name, slots in lookup.words.find(text, ("unclear", "off", "without")):
        if _is_name(text, lookup):
            return None
        called = slot(slots, "name")
        if name == "unclear":
            words = _("Sold out or off? “86 {name}” or “remove {name}”.")
            raise AskedBackError(words.format(name=called[:_SHOWN]))
        off = _off(called, lookup)
        if name == "off" or off.quantity is not None:
            return off
        return replace(off, wish=text) if off.item_ids or lookup.search(called) else Wish(text)
    return None


def _wish(text: str, lookup: Lookup) -> Wish | None:
    """Read a note: `less sugar`. A prefix of an item's name is read as the item."""
    text = lookup.words.without("lead", text)
    for name, slots in lookup.words.find(text, ("wish", "note")):
        if _is_name(text, lookup):
            return None
        words = slot(slots, "wish")
        if name == "note":
            return Wish(words)
        return Wish(text, next(iter(items_called(words, lookup)), None), words)
    return None


def _off(text: str, lookup: Lookup, quantity: int | None = None) -> TakeOff:
    name = text
    if quantity is None:
        quantity, name = split_quantity(text, lookup)
    meant = items_called(name, lookup)
    if not meant and quantity is None and (counted := count_behind(name)):
        name, quantity = counted[0], valid_count(counted[1])
        meant = items_called(name, lookup)
    check_spelt(quantity, name, meant, lookup)
    return TakeOff(name[:20], tuple(one.id for one in meant), abs(quantity) if quantity is not None else None)


# Items


def _item(text: str, lookup: Lookup, money: Amounts) -> AddItem | AddAll | Choose:
    text = lookup.words.without("lead", text)
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
    if found := read_item(text, lookup, money) or read_several(text, lookup, money):
        return found
    try:
        return nearest(text, lookup, money)
    except NotOnMenuError:
        if several := _nearly_several(text, lookup, money):
            return several
        raise


def _nearly_several(text: str, lookup: Lookup, money: Amounts) -> AddAll | None:
    """Read several items that are all merely similar to what was typed; None if one is not."""
    try:
        return read_several(text, lookup, money, near=True)
    except NotOnMenuError:
        return None


def not_returned(intent: Intent) -> Intent:
    """Return `TakeOff` for a minus before an item that cannot be returned: `-1 idly`.

    Of several items, those that can be returned are offered.
    """
    if not isinstance(intent, AddItem | Choose) or intent.quantity > 0 or intent.measure is not None:
        return intent
    name, items = (intent.item.name, (intent.item,)) if isinstance(intent, AddItem) else (intent.query, intent.items)
    returnable = tuple(item for item in items if item.returnable)
    if not returnable:
        return TakeOff(clean(name), tuple(item.id for item in items), -intent.quantity)
    return intent if isinstance(intent, AddItem) else replace(intent, items=returnable)


# While typing


def _is_phrase(text: str, lookup: Lookup) -> bool:
    return any(lookup.words.find(text, (*phrases_of(lookup.words), "sold_out", "back", *_OF_LINES)))


def is_for_order(typed: str, lookup: Lookup) -> bool:
    """Return True if a text is an item, or begins a command, as typed at the order."""
    text = _plain(" ".join(clean(typed).split()), lookup)
    is_command = lookup.words.command(text) or lookup.words.begun(text) or _is_phrase(text, lookup)
    return bool(is_command or lookup.exact(text) or seated_with(lookup.words).alone.match(text))


def complete(typed: str, name: str, lookup: Lookup) -> str:
    """Return the typed text with its words replaced by the name; the quantity before them stays."""
    text = lookup.words.without("lead", typed.lstrip())
    try:
        _quantity, words = split_quantity(without_weight(text), lookup)
    except QuantityError:
        return name
    before, found, behind = text.rpartition(words)
    if not found:
        return name
    return before + (" " if before[-1:].isdigit() else "") + name + behind


def suggestions(typed: str, lookup: Lookup) -> list[Item]:
    """Return the items to suggest while typing: none for a number, and no similar names for a phrase."""
    name = quantity_and_name(typed, lookup)[1]
    if not name:
        return []
    begun = lookup.beginning(name, 6)
    found = begun or ([] if _is_phrase(_led(typed, lookup), lookup) else lookup.like(name, 6))
    try:
        check_spelt(None, name, found, lookup, near=not begun)
    except QuantityError:  # to take one would drop a number
        return []
    return found


def quantity_and_name(typed: str, lookup: Lookup) -> tuple[int, str]:
    """Return the quantity of the item being typed, and the words of its name; no words for a number."""
    text = _led(typed, lookup)
    if not text or text.isdigit():
        return 1, ""
    try:
        quantity, name = split_quantity(without_weight(text), lookup)
    except (QuantityError, AmountError):
        return 1, ""
    return (1 if quantity is None else quantity), "" if name.isdigit() else name


def _led(typed: str, lookup: Lookup) -> str:
    """Return the typed text without introductory words."""
    return lookup.words.without("lead", " ".join(clean(typed).split())[:LONGEST])
