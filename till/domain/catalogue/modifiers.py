"""Groups of choices that an item may have: options, prices, defaults, and how many are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Price4

#: The most groups of an item: the first digit of a choice names one.
MOST_GROUPS: Final = 9
#: The most options of a group. The first nine have a number; the others are reached with the cursor.
MOST_OPTIONS: Final = 50


class Option(Struct, frozen=True):
    """One choice. `price4` is added to the price of a piece, in ten-thousandths; it may be negative."""

    name: str
    price4: Price4
    default: bool = False


class ModifierGroup(Struct, frozen=True):
    """Choices that go together.

    Attributes:
        least: the number of options that must be chosen.
        most: the number that may be chosen; None for no limit.
    """

    id: str
    name: str
    least: int
    most: int | None
    options: tuple[Option, ...]

    @property
    def is_one(self) -> bool:
        """True if one option is chosen, and choosing another replaces it."""
        return self.most == 1

    @property
    def rule(self) -> str:
        """The number of options to choose, for people."""
        return rule_text(self.least, self.most)

    def option(self, name: str) -> Option | None:
        """Return the option of that name."""
        return next((option for option in self.options if option.name == name), None)


def rule_text(least: int, most: int | None) -> str:
    """Return the number of options to choose of a group: `one of these`, `up to 3`, `any`."""
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
    """Return the groups of a menu's body, by id.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the body does not have the shape of a menu.
    """
    return {
        raw["id"]: ModifierGroup(
            raw["id"],
            raw["name"],
            int(raw["least"]),
            None if raw["most"] is None else int(raw["most"]),
            tuple(
                Option(option["name"], currency.price4(option["price"]), bool(option["default"]))
                for option in raw["options"]
            ),
        )
        for raw in body.get("modifiers", ())
    }
