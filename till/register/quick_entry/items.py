"""The items in an entry: quantity, name and price. An exact name wins; for an ambiguous name the till asks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import NotOnMenuError, QuantityError
from till.domain.i18n import _
from till.domain.money.amount import MEASURE_SCALE, UNITS
from till.domain.money.measures import Thousandths
from till.domain.order.quantities import MOST
from till.domain.patterns import late
from till.domain.structs import replace
from till.domain.text import clean, comparable_text
from till.register.quick_entry.choices import name_splits, options_called
from till.register.quick_entry.counts import count_at, is_number, spelt_at
from till.register.quick_entry.intents import TYPES, AddItem, Choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Price4
    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.slots import Amounts
    from till.register.quick_entry.vocabulary import Vocabulary

_QUANTITY: Final = late(r"(?P<sign>[-−]?)\s*(?P<count>\d{1,12})\s+(?P<rest>\S.*)\Z", re.ASCII)
# A times sign, separate or attached to the number: “2 x idly”, “2x idly”; but “2 xacuti” is two of an item.
_TIMES: Final = late(r"(?P<sign>[-−]?)(?P<count>\d{1,12})(?:[x×*]\s*|\s+[x×*]\s+)(?P<rest>\S.*)\Z")
# A number attached to the name, “2tea”, and one after it, “tea x 2”.
_GLUED: Final = late(r"(?P<sign>[-−]?)(?P<count>[0-9]{1,4})(?P<rest>[^\W\d_]{2}.*)\Z")
_BEHIND: Final = late(r"(?P<sign>)(?P<rest>.*\S)\s+[x×*]\s*(?P<count>[0-9]{1,12})\Z")
_COUNTED: Final = late(r"(?P<rest>.*\S)\s+(?P<count>\d{1,12})\Z", re.ASCII)
# Two numbers that may be swapped: a large first number may be the item's.
_TURNED: Final = late(r"(?P<count>[1-9][0-9]{1,3})\s*[x×*]\s*(?P<number>[0-9]{1,4})\Z")


class Prices(Struct, frozen=True):
    """The patterns of prices after a name (`@`, decimals, a whole number), fractional quantities and weights."""

    at: re.Pattern[str]
    priced: re.Pattern[str]
    numbered: re.Pattern[str]
    fraction: re.Pattern[str]
    weighed: re.Pattern[str]
    weighed_behind: re.Pattern[str]
    weight: re.Pattern[str]


@cache
def prices_with(point: str) -> Prices:
    """Return the patterns for a decimal separator. A point is also accepted, and thousands may be grouped."""
    points = re.escape("".join({".", point}))
    groups = re.escape("".join(mark for mark in (",", ".", "’") if mark != point))
    major = rf"(?:\d{{1,9}}|\d{{1,3}}(?:[{groups}]\d{{2,3}})+)"
    minor = rf"[{points}]\d{{1,4}}"
    weight = rf"(?P<measure>\d{{1,7}}(?P<parts>[{points}]\d{{1,3}})?|(?=[{points}])(?P<part>[{points}]\d{{1,3}}))"
    weight += r"(?:\s*(?P<unit>kg|g|l|ml|lb)\b)?"
    return Prices(
        late(rf"(?P<rest>.*\S)\s*@\s*(?P<price>{major}(?:{minor})?)\Z", re.ASCII),
        late(rf"(?P<rest>.*\S)\s+(?P<price>{major}{minor})\Z", re.ASCII),
        late(rf"(?P<rest>.*\S)\s+(?P<price>{major})\Z", re.ASCII),
        late(rf"[-−]?\d*[{points}]\d+\s", re.ASCII),
        late(rf"(?P<sign>[-−]?){weight}\s+(?:of\s+)?(?P<rest>\S.*)\Z", re.ASCII | re.IGNORECASE),
        late(rf"(?P<sign>)(?P<rest>.*\S)\s+{weight}\Z", re.ASCII | re.IGNORECASE),
        late(rf"{weight}\Z", re.ASCII | re.IGNORECASE),
    )


def read_item(text: str, lookup: Lookup, money: Amounts) -> AddItem | Choose | None:
    """Read one item by its exact name or a prefix; None if nothing matches.

    If a count comes with only a part of an alias, the till asks first: `6 water` for “water dosa”.

    Raises:
        QuantityError: there are two quantities, or the quantity is invalid.
        NotOnMenuError: it is a combo with a count.
    """
    quantity, name, price4 = _measured(text, lookup, money)
    if quantity is not None and lookup.exact(name) is None and (combo := lookup.combo(name)):
        raise NotOnMenuError(_("One {combo} at a time: type “{combo}”.").format(combo=clean(combo.name)))
    found = items_called(name, lookup)
    if not found and price4 is None and (counted := count_behind(name)):
        name, behind = counted
        found = items_called(name, lookup)
        if found:
            quantity = _quantity_behind(quantity, behind, name, found)
        elif worded := _with_words(name, valid_count(behind), None, lookup):
            if quantity is not None:
                raise _two_numbers(quantity, behind, name)
            return worded
    if not found and quantity is not None:
        _check_one_number(quantity, name, lookup)
    check_spelt(quantity, name, found, lookup)
    if not found:
        return _with_words(name, 1 if quantity is None else quantity, price4, lookup)
    if len(found) == 1 and (quantity is None or _is_plain(name, found[0], lookup)):
        return AddItem(found[0], 1 if quantity is None else quantity, price4, turned=_turned(text, lookup))
    return Choose(name, tuple(found), 1 if quantity is None else quantity, price4)


def _is_plain(name: str, item: Item, lookup: Lookup) -> bool:
    """True if the text is the item's number, words of its name, or every word of an alias."""
    if name.isdigit() or lookup.exact(name) is not None:
        return True
    names = [comparable_text(one).split() for one in (item.name, *item.aliases)]
    for words in (comparable_text(one).split() for one in (name, *_singulars(name, lookup.words))):
        whole = [names[0], *(alias for alias in names[1:] if len(alias) <= len(words))]
        if any(all(any(one.startswith(word) for one in called) for word in words) for called in whole):
            return True
    return False


def _turned(text: str, lookup: Lookup) -> str:
    """Return `2 x 26` for `26 x 2` if 26 is also an item's number; otherwise empty."""
    found = _TURNED.match(text)
    if found is None or int(found["count"]) <= int(found["number"]) or lookup.number(found["count"]) is None:
        return ""
    return f"{found['number']} x {found['count']}"


def read_weighed(text: str, lookup: Lookup, money: Amounts) -> AddItem | Choose | None:
    """Read a weighed item, by name or number: `0.335 kg cheese`, `cheese 0.335`; None if no number is typed.

    A whole number without a unit may be grams, kilograms or pieces, so the till asks for the weight.
    """
    if lookup.exact(text) is not None:
        return None
    prices = prices_with(money.point)
    for form in (prices.weighed, prices.weighed_behind):
        if (found := form.match(text)) is None:
            continue
        name, price4 = found["rest"].strip(), None
        if priced := prices.at.match(name):
            name, price4 = priced["rest"].strip(), money.price4(priced["price"])
        called, plainly = items_called(name, lookup), _is_weight(found)
        weighed = tuple(item for item in called if item.unit)
        if plainly and not weighed:  # another item has exactly this name, or none has
            weighed = tuple(item for item in lookup.menu.items if item.unit and lookup.begins(name, item))
        is_near = plainly and not (called or weighed)
        if is_near:
            weighed = tuple(item for item in lookup.like(name) if item.unit)
        if weighed and (plainly or len(weighed) == len(called)):
            quantity, measure = -1 if found["sign"] else 1, _thousandths(found, weighed[0].unit) if plainly else None
            if len(weighed) == 1 and not is_near:
                return AddItem(weighed[0], quantity, price4, measure=measure)
            return Choose(name, weighed, quantity, price4, measure=measure)
        if called and form is prices.weighed and plainly:
            sentence = _("{name} is sold by the piece. Type 2 {name}.")
            raise QuantityError(sentence.format(name=clean(called[0].name if len(called) == 1 else name)))
    return None


def _is_weight(found: re.Match[str]) -> bool:
    """Return True for a weight with decimals or a unit. A whole number alone may be pieces."""
    return bool(found["parts"] or found["part"] or found["unit"])


def without_weight(text: str) -> str:
    """Return an entry without a weight before its name, `0.335 kg gouda`, with either decimal separator."""
    found = prices_with(",").weighed.match(text)
    return found["rest"] if found is not None and _is_weight(found) else text


def read_measure(text: str, unit: str, money: Amounts) -> Thousandths:
    """Read the answer to the question for a weight: `0.335`, `335 g`, `2`."""
    found = prices_with(money.point).weight.match(text)
    if found is None:
        raise QuantityError(_("That is no weight. Type it in {unit}, then Enter.").format(unit=unit))
    return _thousandths(found, unit)


def _thousandths(found: re.Match[str], unit: str) -> Thousandths:
    """Return a weight in thousandths of a unit."""
    typed = (found["unit"] or unit).casefold()
    if typed not in {unit, UNITS[unit]}:
        raise QuantityError(_("That is sold by the {unit}. Type how many {unit}.").format(unit=unit))
    major, _point, minor = re.sub(r"\D", ".", found["measure"]).partition(".")
    exact = int(major or 0) * MEASURE_SCALE + int(minor.ljust(3, "0") or 0)
    measure, rest = divmod(exact, MEASURE_SCALE) if typed != unit else (exact, 0)
    if rest or measure < 1:
        raise QuantityError
    return Thousandths(measure)


def _with_words(name: str, quantity: int, price4: Price4 | None, lookup: Lookup) -> AddItem | Choose | None:
    """Return the item of a name that is followed by its options, an order type or both; None if there is none."""
    for called, words in name_splits(name):
        order_type = next((one for one, _slots in lookup.words.find(words, TYPES)), "")
        if not order_type:
            continue
        found = items_called(called, lookup)
        if len(found) == 1:
            return AddItem(found[0], quantity, price4, order_type=order_type)
        if found:
            return Choose(called, tuple(found), quantity, price4, order_type=order_type)
        chosen = _with_options(called, quantity, price4, lookup)
        return replace(chosen, order_type=order_type) if chosen is not None else None
    return _with_options(name, quantity, price4, lookup)


def _with_options(name: str, quantity: int, price4: Price4 | None, lookup: Lookup) -> AddItem | Choose | None:
    """Return the item of a name that is followed by its options only; None if there is none."""
    for called, words in name_splits(name):
        fitting = [item for item in items_called(called, lookup) if options_called(item, words, lookup)]
        if fitting:
            asked = Choose(called, tuple(fitting), quantity, price4, words)
            return asked.picked(0, lookup) if len(fitting) == 1 else asked
    return None


def count_behind(text: str) -> tuple[str, int] | None:
    """Return a name and the number after it: `tea 3`. None without a number."""
    found = _COUNTED.match(text)
    return (found["rest"], int(found["count"])) if found else None


def _check_one_number(quantity: int, name: str, lookup: Lookup) -> None:
    """Refuse a second quantity before a name: `2 two idly`."""
    words = name.split(" ")
    second = count_at(words, lookup.words)
    if second is not None and items_called(rest := " ".join(words[second.words :]), lookup):
        raise _two_numbers(quantity, second.pieces, rest)


def check_spelt(quantity: int | None, name: str, found: Sequence[Item], lookup: Lookup, *, near: bool = False) -> None:
    """Refuse a name with a count in words, of any language, that is no word of the items found for it.

    Raises:
        QuantityError: there is one; the sentence has the entry in figures.
    """
    words = name.split(" ")
    if not found or len(words) == 1:
        return
    for place, word in enumerate(words):
        counted = spelt_at(words[place:], lookup.words)
        if counted is None or any(_is_word_of(word, words, item, near=near) for item in found):
            continue
        typed = words[place : place + counted.words]
        rest = " ".join([*words[:place], *words[place + counted.words :]])
        if rest and quantity is not None:
            raise _two_numbers(quantity, counted.pieces, rest)
        if rest:
            sentence = _("“{word}” is {count}? Type “{count} {name}”, or the name alone.")
            raise QuantityError(sentence.format(word=clean(" ".join(typed)), count=counted.pieces, name=clean(rest)))


def _is_word_of(word: str, words: Sequence[str], item: Item, *, near: bool) -> bool:
    """True if a typed word is a word of an item's name, or begins one that no other typed word begins.

    With `near`, only if it is a word of a name.
    """
    typed, others = comparable_text(word), [comparable_text(one) for one in words if one != word]
    for name in (item.name, *item.aliases):
        own = comparable_text(name).split()
        if typed in own:
            return True
        begins = [one for one in own if one.startswith(typed) and not any(map(one.startswith, others))]
        if begins and not near and all(any(one.startswith(other) for one in own) for other in others):
            return True
    return False


def _two_numbers(one: int, other: int, name: str) -> QuantityError:
    sentence = _("{one} or {other} × {name}? One number is the quantity.")
    return QuantityError(sentence.format(one=one, other=other, name=clean(name)))


def _quantity_behind(before: int | None, behind: int, name: str, found: Sequence[Item]) -> int:
    """Return the quantity after a name."""
    if before is not None:
        raise _two_numbers(before, behind, name)
    if len(found) == 1 and found[0].price4 == behind * 10_000:
        sentence = _("Quantity or price? Type “{count} {name}”, or the name alone.")
        raise QuantityError(sentence.format(count=behind, name=clean(name)))
    return valid_count(behind)


def _measured(text: str, lookup: Lookup, money: Amounts) -> tuple[int | None, str, Price4 | None]:
    """Return the quantity before a name, the name, and the price after it."""
    quantity, name = split_quantity(text, lookup)
    if lookup.exact(name) is None and (found := _price_after(name, lookup, prices_with(money.point))):
        return quantity, found["rest"].strip(), money.price4(found["price"])
    return quantity, name, None


def _price_after(text: str, lookup: Lookup, prices: Prices) -> re.Match[str] | None:
    """Return a name with a price after it. A whole number is a price only after an item with an open price."""
    if found := prices.at.match(text) or prices.priced.match(text):
        return found
    found = prices.numbered.match(text)
    meant = items_called(found["rest"], lookup) if found else []
    return found if len(meant) == 1 and meant[0].price4 is None else None


def split_quantity(text: str, lookup: Lookup) -> tuple[int | None, str]:
    """Return the quantity of an entry, None if there is none, and the name."""
    if (worded := _worded(text, lookup)) is not None:
        return worded
    glued = None if lookup.begins_with_number(text) else _GLUED.match(text)
    if found := _TIMES.match(text) or _QUANTITY.match(text) or glued or _BEHIND.match(text):
        count = valid_count(int(found["count"]))
        return (-count if found["sign"] else count), _without_of(found["rest"].strip(), lookup)
    if text[:1] in "-−" and len(text) > 1:
        return -1, text[1:].strip()
    return None, text


def _worded(text: str, lookup: Lookup) -> tuple[int | None, str] | None:
    """Return a quantity in words: `two idly`, `a dozen idly`, `half a dozen idly`. An item's own name wins."""
    words = text.split(" ")
    counted = count_at(words, lookup.words)
    if counted is None or counted.words >= len(words) or (counted.words == 1 and is_number(words[0])):
        return None
    name = " ".join(words[counted.words :])
    if lookup.exact(text) is not None or (counted.words > 1 and lookup.search(" ".join(words[1:]), 1, near=False)):
        return None
    if lookup.exact(digits := f"{counted.pieces} {name}") is not None:
        return None, digits  # “seven up”
    return valid_count(counted.pieces), _without_of(name, lookup)


def _without_of(name: str, lookup: Lookup) -> str:
    """Return a name without `of` in front, as in `a couple of tea`."""
    of, _space, rest = name.partition(" ")
    return rest if rest and of.casefold() in lookup.words.of("of") and not lookup.search(name, 1, near=False) else name


def valid_count(count: int) -> int:
    """Return a valid count."""
    if not 1 <= count <= MOST:
        raise QuantityError
    return count


def items_called(name: str, lookup: Lookup) -> list[Item]:
    """Return the items that match a name or number: the exact match, else all prefix matches.

    If nothing matches, a plural is read as its singular.
    """
    for words in (name, *_singulars(name, lookup.words)):
        exact = lookup.number(words) if words.isascii() and words.isdigit() else lookup.exact(words)
        if exact is not None:
            return [exact]
        if found := lookup.beginning(words):
            return found
    return []


def _singulars(name: str, known: Vocabulary) -> list[str]:
    """Return possible singulars of a name: `teas`, `dishes`, `puris`, `idlies`."""
    found = []
    for ending, single in known.plurals:
        words = [
            word[: -len(ending)] + single if len(word) > len(ending) + 1 and word.casefold().endswith(ending) else word
            for word in name.split(" ")
        ]
        if (one := " ".join(words)) != name:
            found.append(one)
    return found


def nearest(text: str, lookup: Lookup, money: Amounts) -> Choose:
    """Return a choice among similar items. A typed number is part of a name or a quantity.

    Raises:
        NotOnMenuError: nothing is similar.
    """
    quantity, name, price4 = _measured(text, lookup, money)
    found = lookup.like(name)
    if not found and quantity is None and price4 is None and (counted := count_behind(name)):
        found = lookup.like(counted[0])
        if found:
            name, quantity = counted[0], valid_count(counted[1])
    if not found:
        raise _not_understood(quantity, name, lookup)
    check_spelt(quantity, name, found, lookup, near=True)
    return Choose(name, tuple(found), 1 if quantity is None else quantity, price4)


def nearest_one(text: str, lookup: Lookup, money: Amounts) -> AddItem | Choose:
    """Return the similar item with as many words as are typed; a choice if there are several, or none.

    Raises:
        NotOnMenuError: nothing is similar.
    """
    near = nearest(text, lookup, money)
    alike = [item for item in near.items if len(item.name.split()) == len(near.query.split())] or near.items
    return near.picked(near.items.index(alike[0]), lookup) if len(alike) == 1 else near


def _not_understood(quantity: int | None, name: str, lookup: Lookup) -> NotOnMenuError:
    """Return the error for an unknown name; if it begins with an item's name, it is about the words after that."""
    words = name.split(" ")
    for place in range(len(words) - 1, 0, -1):
        if lookup.exact(item := " ".join(words[:place])) is not None:
            rest, typed = " ".join(words[place:]), item if quantity is None else f"{quantity} {item}"
            sentence = _("“{rest}” is not understood. Type “{item}” first.")
            return NotOnMenuError(sentence.format(rest=_shortened(rest), item=clean(typed)))
    return not_on_menu(f"-{name}" if quantity == -1 else name)


def _shortened(words: str) -> str:
    """Return words for an answer line."""
    return words if len(words) <= 30 else words[:29] + "…"  # noqa: PLR2004 - what fits the answer line


def not_on_menu(name: str) -> NotOnMenuError:
    """Return the error for an unknown name or number. It does not repeat a number, which may be a PIN."""
    if any(char.isdigit() for char in name) and not any(char.isalpha() for char in name):
        return NotOnMenuError(_("No item has that number. Type “menu” for the list."))
    return NotOnMenuError(_("“{name}” is not on the menu. Type “menu” for the list.").format(name=_shortened(name)))
