"""The codes of the venue's items, tenders and taxes in the lists of authorities and accountants.

They are kept by scheme, kind and id, apart from the menu and the settings: no till needs them. An export looks them up.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from till.domain.catalogue.menu_cells import key_of
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: Codes by scheme, kind and id.
    Codes = Mapping[str, Mapping[str, Mapping[str, str]]]


class CodeKind(StrEnum):
    """The kind of what has a code, with its id: an item or category of the menu by its id, all else by its name."""

    ITEM = "item"
    CATEGORY = "category"
    TENDER = "tender"
    TAX = "tax"
    ORDER_TYPE = "order_type"
    CHARGE = "charge"
    VENUE = "venue"


#: The id of the service charge.
SERVICE = "service"


def tax_id(name: str, rate: str | None) -> str:
    """Return the id of a tax as it was sold: its name and its rate, such as `MVA 25`."""
    return clean(name if rate is None else f"{name} {Decimal(rate).normalize():f}")


def any_code(_kind: CodeKind, _code: str) -> bool:
    """Take any code."""
    return True


class CodeBook:
    """The codes of one scheme. It remembers each that was asked for and is missing.

    Args:
        scheme: its name.
        codes: the codes by kind and id.
        menu: the menu of now, in the format of the database.
        is_code: returns True for a code that the list of the scheme has.

    Attributes:
        missing: a sentence with its remedy for each missing or unknown code, by kind and id.
    """

    def __init__(
        self,
        scheme: str,
        codes: Mapping[str, Mapping[str, str]],
        menu: Mapping[str, Any],
        is_code: Callable[[CodeKind, str], bool] = any_code,
    ) -> None:
        self._scheme, self._codes, self._is_code = scheme, codes, is_code
        self._categories = {key_of(one["name"]): str(one["id"]) for one in menu.get("categories", ())}
        self._menu = menu
        self._category_of = {str(one["id"]): str(one["category"]) for one in menu.get("items", ())}
        self.missing: dict[tuple[CodeKind, str], str] = {}

    def find(self, kind: CodeKind, name: str) -> str:
        """Return a code by the id, empty for none: it is not missing."""
        return self._codes.get(kind, {}).get(name, "")

    def item(self, item_id: str, name: str, category: str = "") -> str:
        """Return the code of an item, or else of its category: of the menu's, or of the one that it was sold in."""
        groups = (self._category_of.get(item_id, ""), self._categories.get(key_of(category), ""))
        found = (self.find(CodeKind.ITEM, item_id), *(self.find(CodeKind.CATEGORY, one) for one in groups))
        return self._taken(CodeKind.ITEM, item_id, name, next(filter(None, found), ""))

    def category(self, name: str) -> str:
        """Return the code of a category by its name."""
        own = self._categories.get(key_of(name), name)
        return self._taken(CodeKind.CATEGORY, own, name, self.find(CodeKind.CATEGORY, own))

    def tender(self, name: str) -> str:
        """Return the code of a way to pay."""
        return self._named(CodeKind.TENDER, name)

    def tax(self, name: str, rate: str | None) -> str:
        """Return the code of a tax as it was sold, by its name and rate."""
        return self._named(CodeKind.TAX, tax_id(name, rate))

    def order_type(self, name: str) -> str:
        """Return the code of an order type."""
        return self._named(CodeKind.ORDER_TYPE, name)

    def charge(self) -> str:
        """Return the code of the service charge."""
        return self._named(CodeKind.CHARGE, SERVICE)

    def venue(self, name: str) -> str:
        """Return a code of the venue itself, such as its state."""
        return self._named(CodeKind.VENUE, name)

    def look_ahead(self, *kinds: CodeKind) -> None:
        """Ask for the code of each item or tax of the menu, also of those whose day is still to come."""
        for item in self._menu.get("items", ()) if CodeKind.ITEM in kinds else ():
            self.item(str(item["id"]), item["name"])
        for tax in (one for group in self._menu.get("taxes", {}).values() for one in group):
            if CodeKind.TAX in kinds:
                self.tax(tax["name"], tax.get("rate"))

    def _named(self, kind: CodeKind, name: str) -> str:
        return self._taken(kind, name, name, self.find(kind, name))

    def _taken(self, kind: CodeKind, own: str, name: str, code: str) -> str:
        """Return the code if the list has it; otherwise remember what to set."""
        if code and self._is_code(kind, code):
            return code
        shown = clean(name)
        command = f'`till admin codes set {self._scheme} {kind} "{shown}" CODE`'
        if kind is CodeKind.ITEM and own not in self._category_of:
            command = f"`till admin codes set {self._scheme} {kind} {own} CODE`"
        sentence = _("{what} {name} has no code of {scheme}: {command}.")
        if code:
            sentence = _("{what} {name}: {scheme} has no code {code}. Set another: {command}.")
        self.missing[kind, own] = sentence.format(
            what=kind.replace("_", " "), name=shown, scheme=self._scheme, code=clean(code), command=command
        )
        return ""
