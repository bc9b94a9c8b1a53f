"""The choices from an item's groups: in menu order, within the limits, and the groups that still need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import ChoiceError
from till.domain.i18n import _
from till.domain.order.line import Modifier
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.modifiers import ModifierGroup, Option


def modifier_of(group: ModifierGroup, option: Option) -> Modifier:
    """Return an option as a line has it."""
    return Modifier(option.name, option.price4, group.id)


def in_order(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return choices in menu order, so that equal lines are equal. Those of no group come last."""
    places = {
        (group.id, option.name): place
        for place, (group, option) in enumerate((group, option) for group in groups for option in group.options)
    }
    return tuple(sorted(dict.fromkeys(chosen), key=lambda one: places.get((one.group, one.name), len(places))))


def with_defaults(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return the choices, with the defaults of each group that has none."""
    named = {one.group for one in chosen}
    at_first = [
        modifier_of(group, option)
        for group in groups
        if group.id not in named
        for option in group.options
        if option.default
    ]
    return in_order(groups, [*chosen, *at_first])


def chosen_of(group: ModifierGroup, chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return the choices from a group."""
    return tuple(one for one in chosen if one.group == group.id)


def still_asked(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[ModifierGroup, ...]:
    """Return the groups that need more choices."""
    return tuple(group for group in groups if len(chosen_of(group, chosen)) < group.least)


def not_chosen(groups: Sequence[ModifierGroup], asked: ModifierGroup) -> str:
    """Return `Spice is not chosen: 11 mild, 12 medium, 13 hot.`"""
    place = groups.index(asked) + 1
    options = ", ".join(f"{place}{at} {clean(option.name)}" for at, option in enumerate(asked.options[:9], 1))
    if asked.least == 1:
        return _("{group} is not chosen: {options}.").format(group=clean(asked.name), options=options)
    sentence = _("{group} needs {n} of these: {options}.")
    return sentence.format(group=clean(asked.name), n=asked.least, options=options)


def toggled(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier], taken: Modifier) -> tuple[Modifier, ...]:
    """Return the choices after an option was added or removed. In a group of one, it replaces the other.

    An option that is chosen already is recognised by its name, whatever its price was.

    Raises:
        ChoiceError: the group is full.
    """
    group = next(one for one in groups if one.id == taken.group)
    own = chosen_of(group, chosen)
    if any(one.name == taken.name for one in own):
        return tuple(one for one in chosen if (one.group, one.name) != (taken.group, taken.name))
    if group.is_one:
        return in_order(groups, [*(one for one in chosen if one not in own), taken])
    if group.most is not None and len(own) >= group.most:
        raise ChoiceError(_("Up to {n}. Take one off first.").format(n=group.most))
    return in_order(groups, [*chosen, taken])


def check_fits(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier], price4: int, name: str) -> None:
    """Refuse more choices than a group allows, and choices that make the price negative.

    `price4`, in ten-thousandths, is the price of a piece without them.

    Raises:
        ChoiceError: it says which.
    """
    for group in groups:
        if group.most is not None and len(chosen_of(group, chosen)) > group.most:
            sentence = _("{group}: up to {n}.")
            raise ChoiceError(sentence.format(group=clean(group.name), n=group.most))
    if price4 + sum(one.price4 for one in chosen) < 0:
        raise ChoiceError(_("{name} would cost less than 0. Take an option off.").format(name=clean(name)))
