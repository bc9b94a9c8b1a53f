"""Labels of scales: barcodes of 13 digits that carry an item with its weight or its price.

A prefix has no meaning of its own, so that each venue says what its labels are, as pictures of 13 places: digits as
they are, `I` for the item, `V` for a skipped digit, `W` for a weight or `P` for a price with its point, and `C` for the
check digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.amount import MEASURE_SCALE, PRICE_SCALE
from till.domain.money.measures import Price4, Thousandths

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item, Menu

_PLACES: Final = 13
_PICTURE: Final = rf"(?=([0-9IVWPC]\.?){{{_PLACES}}}( |\Z))[0-9]+V*I[0-9IV]*(W+(\.W{{1,3}})?|P+(\.P{{1,4}})?)[0-9V]*C?"
#: The form of the setting `labels`.
LABELS_PATTERN: Final = rf"^({_PICTURE}( {_PICTURE})*)?\Z"


class LabelError(TillError):
    """A label that was misread, or carries nothing."""

    code = "label"
    default = N_("That label was misread: its check digit is wrong. Scan again.")


class Scanned(Struct, frozen=True):
    """The meaning of a code: an item, and the price of a piece or the weight that its label carries."""

    item: Item
    price4: Price4 | None = None
    measure: Thousandths | None = None

    @property
    def is_label(self) -> bool:
        """True if the code carries a price or a weight."""
        return self.price4 is not None or self.measure is not None


def read_code(code: str, menu: Menu, labels: str = "") -> Scanned | None:
    """Return the meaning of a code; None if it has none. A barcode of the menu wins, then the first picture that fits.

    Args:
        code: the scanned or typed text.
        menu: the items.
        labels: the venue's pictures, separated by spaces.

    Raises:
        LabelError: the check digit of a label is wrong, or its weight or price is 0.
    """
    if (own := menu.by_barcode.get(code)) is not None:
        return Scanned(own)
    if not labels or not (code.isascii() and code.isdigit()):
        return None
    code = f"0{code}" if len(code) == _PLACES - 1 else code  # scanners shorten a code that begins with 0
    if (own := menu.by_barcode.get(code)) is not None:
        return Scanned(own)
    for picture in labels.split() if len(code) == _PLACES else ():
        places = list(zip(picture.replace(".", ""), code, strict=True))
        if all(place == digit for place, digit in places if place.isdigit()):
            return _label(code, places, len(picture.partition(".")[2].rstrip("CV0123456789")), menu)
    return None


def _label(code: str, places: list[tuple[str, str]], decimals: int, menu: Menu) -> Scanned | None:
    """Return the meaning of a label whose weight or price has some decimals; None if the menu has no such item."""
    if (item := _item(places, menu)) is None:
        return None
    if places[-1][0] == "C" and code[-1] != check_digit(code[:-1]):
        raise LabelError
    value = int("".join(digit for place, digit in places if place in "WP"))
    if not value:
        raise LabelError(_("That label carries no weight or price. Weigh it again."))
    if any(place == "P" for place, _digit in places):
        return Scanned(item, price4=Price4(value * PRICE_SCALE // 10**decimals))
    return Scanned(item, measure=Thousandths(value * MEASURE_SCALE // 10**decimals))


def _item(places: list[tuple[str, str]], menu: Menu) -> Item | None:
    """Return the item of a label: by the label with nothing on it, by its prefix and number, or by its number."""
    bare = "".join("0" if place in "VWP" else digit for place, digit in places)[:-1]
    if (item := menu.by_barcode.get(bare + check_digit(bare))) is not None:
        return item
    found = {item.id: item for last in "0123456789" if (item := menu.by_barcode.get(bare + last)) is not None}
    if len(found) == 1:
        return next(iter(found.values()))
    named = "".join(digit for place, digit in places if place.isdigit() or place == "I")
    number = int("".join(digit for place, digit in places if place == "I"))
    return menu.by_barcode.get(named) or menu.by_plu.get(number)


def check_digit(digits: str) -> str:
    """Return the last digit of a code of GS1 whose other digits are known."""
    threes, ones = sum(map(int, digits[::-2])), sum(map(int, digits[-2::-2]))
    return str(-(3 * threes + ones) % 10)
