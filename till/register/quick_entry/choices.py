"""Options typed after the name of an item: `dosa hot extra cheese`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import AskedBackError
from till.domain.i18n import _
from till.domain.order.choices import check_fits, in_order, modifier_of
from till.domain.text import clean, comparable_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.menu import Item
    from till.domain.catalogue.modifiers import Option
    from till.domain.order.line import Modifier
    from till.register.quick_entry.lookup import Lookup


def options_called(item: Item, words: str, lookup: Lookup) -> tuple[Modifier, ...] | None:
    """Return the options of an item that the words name; None if a word names nothing.

    An option is named exactly, with or without its group's name before it. The last word may also be the first word of
    one option alone, unless it begins a note: “oat” is oat milk, and “no” is not “no onion”.
    """
    groups = lookup.menu.groups_of(item)
    named: dict[tuple[str, ...], Modifier] = {}
    for group in groups:
        for option in group.options:
            name, modifier = tuple(comparable_text(option.name).split()), modifier_of(group, option)
            named.setdefault(name, modifier)
            named.setdefault((*comparable_text(group.name).split(), *name), modifier)
    typed = tuple(comparable_text(words).split())
    begun = [option for group in groups for option in group.options if _first(option) == typed[-1:]]
    if len(begun) == 1 and next(lookup.words.find(f"{typed[-1]} x", ("without", "wish")), None) is None:
        named.setdefault(typed[-1:], named[tuple(comparable_text(begun[0].name).split())])
    found = _read(typed, named)
    if found:
        check_fits(groups, found, item.price4 or 0, item.name)
    return in_order(groups, found) if found else None


def _first(option: Option) -> tuple[str, ...]:
    """Return the first word of an option."""
    return tuple(comparable_text(option.name).split()[:1])


def option_begun(words: str, lookup: Lookup) -> str:
    """Return the name of the option that is called or begins with the words, in any group; empty if there is none.

    Raises:
        AskedBackError: several names begin so.
    """
    typed = comparable_text(words).split()
    options = (option for group in lookup.menu.groups.values() for option in group.options)
    names = {one.name: comparable_text(one.name).split() for one in options}
    found = [name for name, parts in names.items() if typed and parts[: len(typed)] == typed]
    exact = [name for name in found if names[name] == typed] or found
    if len(exact) > 1:
        sentence = _("Which choice: {names}? Type the whole name.")
        raise AskedBackError(sentence.format(names=", ".join(map(clean, exact))))
    return "".join(exact)


def _read(words: tuple[str, ...], named: dict[tuple[str, ...], Modifier]) -> list[Modifier]:
    """Return the options in the words, the longest name first; empty unless every word is used."""
    if not words:
        return []
    for end in range(len(words), 0, -1):
        modifier = named.get(words[:end])
        if modifier is None:
            continue
        rest = _read(words[end:], named)
        if rest or end == len(words):
            return [modifier, *rest]
    return []


def name_splits(name: str) -> Sequence[tuple[str, str]]:
    """Return each split of words into a name and further words, the longest name first."""
    words = name.split(" ")
    return [(" ".join(words[:end]), " ".join(words[end:])) for end in range(len(words) - 1, 0, -1)]
