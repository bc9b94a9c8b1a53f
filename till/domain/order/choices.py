"""The modifiers chosen from an item's groups: menu order, limits, and groups that still need a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.order.line import Modifier
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from till.domain.catalogue.modifiers import ModifierGroup, Option


class ChoiceError(TillError):
    """A choice that is not allowed."""

    code = "choice"
    default = N_("That choice is not allowed.")


def modifier_of(group: ModifierGroup, option: Option) -> Modifier:
    """Return the line modifier of an option."""
    return Modifier(option.name, option.price4, group.id)


def in_order(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return choices in menu order, so that equal choices compare equal. Choices of no group come last."""
    places = {
        (group.id, option.name): place
        for place, (group, option) in enumerate((group, option) for group in groups for option in group.options)
    }
    return tuple(sorted(dict.fromkeys(chosen), key=lambda one: places.get((one.group, one.name), len(places))))


def with_defaults(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return the choices, plus the default options of each group without a choice."""
    named = {one.group for one in chosen}
    defaults = [
        modifier_of(group, option)
        for group in groups
        if group.id not in named
        for option in group.options
        if option.default and not option.sold_out
    ]
    return in_order(groups, [*chosen, *defaults])


def settle(
    groups: Sequence[ModifierGroup],
    chosen: Sequence[Modifier],
    price4: int,
    name: str,
    *,
    had: Collection[Modifier] = (),
) -> tuple[str, ...]:
    """Settle the choices of a line: refuse what is not allowed, and return the groups that still ask for one.

    Args:
        groups: the groups of the item.
        chosen: the choices, in menu order.
        price4: the price of a piece without choices, in ten-thousandths.
        name: the name of the item, for a refusal.
        had: the choices that the line has already, which may be sold out since.

    Raises:
        ChoiceError: they are not allowed, or not for sale.
    """
    check_fits(groups, chosen, price4, name)
    check_for_sale(groups, [one for one in chosen if one not in had])
    return tuple(group.name for group in still_asked(groups, chosen))


def chosen_of(group: ModifierGroup, chosen: Sequence[Modifier]) -> tuple[Modifier, ...]:
    """Return the choices made from one group."""
    return tuple(one for one in chosen if one.group == group.id)


def still_asked(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> tuple[ModifierGroup, ...]:
    """Return the groups with fewer choices than they require."""
    return tuple(group for group in groups if len(chosen_of(group, chosen)) < group.least)


def not_chosen(groups: Sequence[ModifierGroup], asked: ModifierGroup) -> str:
    """Return the prompt for a group, such as `Spice is not chosen: 11 mild, 12 medium, 13 hot.`"""
    place = groups.index(asked) + 1
    options = ", ".join(f"{place}{at} {clean(option.name)}" for at, option in enumerate(asked.options[:9], 1))
    if asked.least == 1:
        return _("{group} is not chosen: {options}.").format(group=clean(asked.name), options=options)
    sentence = _("{group} needs {n} of these: {options}.")
    return sentence.format(group=clean(asked.name), n=asked.least, options=options)


def toggle_option(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier], taken: Modifier) -> tuple[Modifier, ...]:
    """Return the choices with an option added, or removed if it was chosen. In a group of one it replaces the choice.

    A chosen option is recognised by its name, even if its price has changed.
    """
    group = next(one for one in groups if one.id == taken.group)
    own = chosen_of(group, chosen)
    if any(one.name == taken.name for one in own):
        return tuple(one for one in chosen if (one.group, one.name) != (taken.group, taken.name))
    check_for_sale(groups, [taken])
    if group.is_one:
        return in_order(groups, [*(one for one in chosen if one not in own), taken])
    if group.most is not None and len(own) >= group.most:
        raise ChoiceError(_("Up to {n}. Take one off first.").format(n=group.most))
    return in_order(groups, [*chosen, taken])


def check_for_sale(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier]) -> None:
    """Refuse choices that are sold out."""
    for one in chosen:
        option = next((found for group in groups if group.id == one.group and (found := group.option(one.name))), None)
        if option is not None and option.sold_out:
            raise ChoiceError(_("{name} is sold out (86). Choose another.").format(name=clean(one.name)))


def check_fits(groups: Sequence[ModifierGroup], chosen: Sequence[Modifier], price4: int, name: str) -> None:
    """Refuse more choices than a group allows, and choices that make the price negative.

    Args:
        groups: the groups of the item.
        chosen: the choices.
        price4: the price of a piece without choices, in ten-thousandths.
        name: the name of the item, for the message.
    """
    for group in groups:
        if group.most is not None and len(chosen_of(group, chosen)) > group.most:
            sentence = _("{group}: up to {n}.")
            raise ChoiceError(sentence.format(group=clean(group.name), n=group.most))
    if price4 + sum(one.price4 for one in chosen) < 0:
        raise ChoiceError(_("{name} would cost less than 0. Take an option off.").format(name=clean(name)))
