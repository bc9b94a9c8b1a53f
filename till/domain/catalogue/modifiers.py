"""Modifier groups: the options of an item with their prices, defaults and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Price4

#: The prefix of the name of a choice among counted items.
CHOICE: Final = "choice "
#: The most groups of an item. The first digit of a choice selects the group.
MOST_GROUPS: Final = 9
#: The most options of a group. The first nine have a digit; the others are selected with the cursor.
MOST_OPTIONS: Final = 50


class Option(Struct, frozen=True):
    """An option of a group. `price4` is added to the price of a piece, in ten-thousandths, and may be negative.

    `contains` is what guests may be allergic to in it; none if nobody stated it.
    """

    name: str
    price4: Price4
    default: bool = False
    sold_out: bool = False
    contains: tuple[str, ...] = ()


class ModifierGroup(Struct, frozen=True):
    """A group of options.

    Attributes:
        least: the least number of options to choose.
        most: the most options to choose; None for no limit.
    """

    id: str
    name: str
    least: int
    most: int | None
    options: tuple[Option, ...]

    @property
    def is_one(self) -> bool:
        """True if at most one option can be chosen; choosing another one replaces it."""
        return self.most == 1

    @property
    def rule(self) -> str:
        """The number of options to choose, in words."""
        return rule_text(self.least, self.most)

    def option(self, name: str) -> Option | None:
        """Return the option with a name; None if there is none."""
        return next((option for option in self.options if option.name == name), None)


def rule_text(least: int, most: int | None) -> str:
    """Return the number of options to choose, in words: `one of these`, `up to 3`, `any`."""
    if least == most == 1:
        return _("one of these")
    if least and least == most:
        return _("{n} of these").format(n=least)
    if least and most is None:
        return _("{n} or more").format(n=least)
    if least:
        return _("{least} to {most}").format(least=least, most=most)
    return _("any") if most is None else _("up to {n}").format(n=most)


def read_groups(body: Mapping[str, Any], currency: Currency) -> dict[str, ModifierGroup]:
    """Return the modifier groups of a menu by id.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the body is not in the format of a menu.
    """
    return {
        raw["id"]: ModifierGroup(
            raw["id"],
            raw["name"],
            int(raw["least"]),
            None if raw["most"] is None else int(raw["most"]),
            tuple(
                Option(
                    option["name"],
                    currency.price4(option["price"]),
                    bool(option["default"]),
                    contains=tuple(option.get("contains", ())),
                )
                for option in raw["options"]
            ),
        )
        for raw in body.get("modifiers", ())
    }
