"""Options of an item in the words behind its name: `dosa hot extra cheese`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.order.choices import check_fits, in_order, modifier_of
from till.register.quick_entry.lookup import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.menu import Item
    from till.domain.order.line import Modifier
    from till.register.quick_entry.lookup import Lookup


def options_called(item: Item, words: str, lookup: Lookup) -> tuple[Modifier, ...] | None:
    """What of an item's groups these words name, all of them; None where one of them names nothing.

    An option goes by its very name, with the name of its group before it or without.

    Raises:
        ChoiceError: it is more than a group allows.
    """
    groups = lookup.menu.groups_of(item)
    named: dict[tuple[str, ...], Modifier] = {}
    for group in groups:
        for option in group.options:
            name, modifier = tuple(folded(option.name).split()), modifier_of(group, option)
            named.setdefault(name, modifier)
            named.setdefault((*folded(group.name).split(), *name), modifier)
    found = _read(tuple(folded(words).split()), named)
    if found:
        check_fits(groups, found, item.price4 or 0, item.name)
    return in_order(groups, found) if found else None


def _read(words: tuple[str, ...], named: dict[tuple[str, ...], Modifier]) -> list[Modifier]:
    """Words as options, the longest name first; nothing where they do not read so to the end."""
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


def parted(name: str) -> Sequence[tuple[str, str]]:
    """A name and the words behind it, in each way, the longest name first."""
    words = name.split(" ")
    return [(" ".join(words[:end]), " ".join(words[end:])) for end in range(len(words) - 1, 0, -1)]
