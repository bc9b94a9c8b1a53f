"""The cells of a menu table: conversion to the values of a menu, and back. Faults are raised with a sentence."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from till.domain.catalogue.allergens import canonical_name
from till.domain.catalogue.hours import HoursError, read_named_hours, write_named_hours
from till.domain.errors import AmountError, ConfigError, MenuError
from till.domain.events.fields import LONGEST_LABEL
from till.domain.i18n import N_, _
from till.domain.ids import is_uuid
from till.domain.money.amount import UNITS
from till.domain.money.measures import Price4
from till.domain.money.tax import Tax
from till.domain.text import clean
from till.domain.wall_clock import WallTimeError, read_wall_time, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from till.domain.catalogue.hours import Hours
    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats

#: The largest PLU. It has fewer digits than the shortest barcode, so that no number is both.
LARGEST_PLU: Final = 99_999
#: The price cell of an item whose price is typed at the till.
OPEN_PRICE: Final = "open"
NO_TYPED_PRICE: Final = N_("A typed price has none by order type.")
#: The highest age limit.
OLDEST: Final = 99
#: The highest course.
MOST_COURSES: Final = 99
_COUNT_DIGITS: Final = 3

_BARCODE: Final = re.compile(r"[0-9A-Za-z.\-]{6,48}\Z", re.ASCII)
_BETWEEN: Final = "|"
_TAX: Final = re.compile(
    r"(?P<name>.+?)\s+(?P<rate>[\d.,]+)(?:\s*%|(?P<each>\s+each))?(?:\s*\((?P<how>[^()]*)\))?\Z", re.ASCII
)
#: A number in the name of a tax: the rate of another one, which is not joined by a plus.
_IN_NAME: Final = re.compile(r"(?<!\w)[\d.,]*\d(?!\w)|\d\s*%")
#: A rate or an amount with the mark between it and the next tax.
_JOINED: Final = re.compile(
    r"(?P<rate>\s[0-9.,]*[0-9](?:\s*%|\s+each\b)?(?:\s*\([^()]*\))?)[^\w(]+(?:and\s+)?(?=[^\W\d])"
)
_PIECE: Final = re.compile(r"0*(\d{1,7}(\.\d{1,4})?)\Z", re.ASCII)
#: The words for the relation of a tax to the price and to other taxes: the field that each word sets, and its value.
_HOW: Final[Mapping[str, tuple[str, bool]]] = {
    "included": ("included", True),
    "added": ("included", False),
    "taxed": ("affects_later", True),
    "on net": ("affected_by_earlier", False),
}
_BAND: Final = re.compile(r"(?P<band>[A-Za-z0-9]{1,8}):\s+(?P<taxes>.*)\Z", re.ASCII | re.DOTALL)
_YES: Final = frozenset({"yes", "y", "true", "1", "x"})
_NO: Final = frozenset({"", "no", "n", "false", "0"})
_PLANNED: Final = re.compile(r"(?P<price>\S+)\s+(?P<starts>\d{4}-\d\d-\d\d\S*(\s+\S+)?)\Z", re.ASCII)
_PLANNED_TAX: Final = re.compile(r"(?P<tax>.+?)\s+(?P<starts>\d{4}-\d\d-\d\d\S*(\s+\d\d:\d\d\S*)?)\Z", re.ASCII)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class CellError(MenuError):
    """A cell of a menu file that cannot be read."""

    code = "menu_cell"
    default = N_("That cell cannot be read.")


def key_of(name: str) -> str:
    """Return the key of a name. Names that differ only in case or spaces have equal keys."""
    return " ".join(clean(name).casefold().split())


def read_name(cell: str) -> str:
    """Read a name, which must not be empty, too long, or contain control characters."""
    name = unicodedata.normalize("NFC", cell.strip())
    if not name or not clean(name).strip():
        raise CellError(_("is missing"))
    if len(name) > LONGEST_LABEL:
        raise CellError(_("has {n} characters; the limit is {most}").format(n=len(name), most=LONGEST_LABEL))
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise CellError(_("“{text}” holds a control character or a line break").format(text=clean(name)))
    return name


def read_names(cell: str) -> list[str]:
    """Read names separated by `|`."""
    return list(dict.fromkeys(read_name(part) for part in cell.split(_BETWEEN) if part.strip()))


def read_contains(cell: str) -> list[str]:
    """Read what a dish contains, separated by `|`: allergens in any language of a till, or the venue's own words."""
    return list(dict.fromkeys(map(canonical_name, read_names(cell))))


def read_plu(cell: str) -> int | None:
    """Read a number from 1 to 99999; None if the cell is empty."""
    text = cell.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= LARGEST_PLU):
        raise CellError(
            _("“{text}” is not a number from 1 to {most}").format(text=clean(text)[:LONGEST_LABEL], most=LARGEST_PLU)
        )
    return int(text)


def read_price(cell: str, currency: Currency, formats: Formats | None = None) -> str | None:
    """Return the unit price of a cell in the format of events; None for an open price.

    Without `formats`, the cell must be in the plain format.
    """
    text = cell.strip()
    if not text:
        raise CellError(_("is missing; write “{open}” for a price that is typed at the till").format(open=OPEN_PRICE))
    if text.casefold() == OPEN_PRICE:
        return None
    try:
        price4 = (formats or currency).price4(text)
    except AmountError as problem:
        raise CellError(clean(problem.sentence).rstrip(".")) from problem
    if price4 < 0:
        raise CellError(_("{text} is below zero; a return is keyed with a minus").format(text=clean(text)))
    return currency.price_text(price4)


def read_price_change(cell: str, currency: Currency, formats: Formats | None = None) -> str:
    """Read the price of a modifier, which may be negative. An empty cell is zero."""
    text = cell.strip().replace("\u2212", "-")
    if not text:
        return currency.price_text(Price4(0))
    try:
        price4 = (formats or currency).price4(text)
    except AmountError as problem:
        raise CellError(clean(problem.sentence).rstrip(".")) from problem
    return currency.price_text(price4)


def read_count(cell: str) -> int | None:
    """Read a count; None if the cell is empty."""
    text = cell.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS):
        raise CellError(_("“{text}” is not a count").format(text=clean(text)[:LONGEST_LABEL]))
    return int(text)


def read_age(cell: str) -> int | None:
    """Read an age limit in years; None if the cell is empty."""
    years = read_count(cell)
    if years is not None and not 1 <= years <= OLDEST:
        raise CellError(_("“{text}” is not an age from 1 to {most}").format(text=years, most=OLDEST))
    return years


def read_course(cell: str) -> int | None:
    """Read the number of a course; None if the cell is empty."""
    course = read_count(cell)
    if course is not None and not 1 <= course <= MOST_COURSES:
        raise CellError(_("“{text}” is not a course from 1 to {most}").format(text=course, most=MOST_COURSES))
    return course


def read_planned(
    cell: str, currency: Currency, formats: Formats | None = None, zone: tzinfo = UTC
) -> list[dict[str, str | None]]:
    """Read planned prices separated by `|`, such as `45.00 2026-12-01 18:00`; times are in the zone."""
    planned: dict[str, str | None] = {}
    for part in filter(None, map(str.strip, cell.split(_BETWEEN))):
        found = _PLANNED.match(part)
        if found is None:
            raise CellError(
                _("“{text}” is not a price with a time; write it like 45.00 2026-12-01 18:00").format(
                    text=clean(part)[:LONGEST_LABEL]
                )
            )
        starts = _read_start(found["starts"], zone)
        if starts in planned:
            raise CellError(_("names two prices from {time}").format(time=found["starts"]))
        planned[starts] = read_price(found["price"], currency, formats)
    return [{"from": starts, "price": price} for starts, price in sorted(planned.items())]


def write_planned(planned: Iterable[Mapping[str, Any]], point: str = ".", zone: tzinfo = UTC) -> str:
    """Return planned prices in the format of `read_planned`. Times have an offset, to be clear at clock changes."""
    return _BETWEEN.join(
        f"{write_price(one['price'], point)} {datetime.fromisoformat(one['from']).astimezone(zone).isoformat()}"
        for one in planned
    )


def read_planned_tax(cell: str, point: str = ".", zone: tzinfo = UTC) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Read tax groups from a time on, separated by `|`, such as `VAT 16 2027-01-01`; times are in the zone.

    Returns:
        For each its time in UTC, its name and its taxes, by time.
    """
    planned: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for part in filter(None, map(str.strip, cell.split(_BETWEEN))):
        found = _PLANNED_TAX.match(part)
        if found is None:
            raise CellError(
                _("“{text}” is not a tax with a day; write it like VAT 16 2027-01-01").format(
                    text=clean(part)[:LONGEST_LABEL]
                )
            )
        starts = _read_start(found["starts"], zone)
        if starts in planned:
            raise CellError(_("names two taxes from {time}").format(time=found["starts"]))
        planned[starts] = read_band(found["tax"], point)
    return [(starts, *band) for starts, band in sorted(planned.items())]


def write_planned_tax(rates: Iterable[Mapping[str, Any]], taxes: Mapping[str, Any], zone: tzinfo = UTC) -> str:
    """Return planned tax groups in the format of `read_planned_tax`; `taxes` are the groups of the menu."""
    return _BETWEEN.join(
        f"{write_band(one['tax'], taxes[one['tax']])} "
        f"{datetime.fromisoformat(one['from']).astimezone(zone).isoformat()}"
        for one in rates
    )


def _read_start(text: str, zone: tzinfo) -> str:
    """Read the time from which a plan holds."""
    try:
        return utc_text(read_wall_time(text, zone, _EPOCH))
    except WallTimeError as problem:
        raise CellError(clean(problem.sentence).rstrip(".")) from problem


def write_price(price: str | None, point: str = ".") -> str:
    """Return a price in the format of `read_price`."""
    return OPEN_PRICE if price is None else price.replace(".", point)


def read_barcodes(cell: str) -> list[str]:
    """Read barcodes separated by `|`."""
    codes = [part.strip() for part in cell.split(_BETWEEN) if part.strip()]
    for code in codes:
        if not _BARCODE.match(code):
            raise CellError(
                _("“{text}” is not a barcode: 6 to 48 digits or letters").format(text=clean(code)[:LONGEST_LABEL])
            )
    return list(dict.fromkeys(codes))


def read_flag(cell: str) -> bool:
    """Read yes or no; empty means no."""
    text = cell.strip().casefold()
    if text not in _YES | _NO:
        raise CellError(_("“{text}” is neither yes nor no").format(text=clean(text)[:LONGEST_LABEL]))
    return text in _YES


def read_unit(cell: str) -> str:
    """Read the unit of a weighed item; empty for an item sold by the piece."""
    text = cell.strip().casefold()
    if text and text not in UNITS:
        raise CellError(
            _("“{text}” is none of {units}").format(text=clean(text)[:LONGEST_LABEL], units=", ".join(UNITS))
        )
    return text


def read_id(cell: str) -> str | None:
    """Read an id from an export; None if the cell is empty."""
    text = cell.strip().lower()
    if text and not is_uuid(text):
        raise CellError(
            _("“{text}” is not an id; leave it empty for a new item").format(text=clean(text)[:LONGEST_LABEL])
        )
    return text or None


def read_daypart(cell: str) -> tuple[str, tuple[Hours, ...]] | None:
    """Read a daypart such as `Breakfast 07:00-11:30` or `Brunch Sat,Sun 09:00-13:00 + Mon 10:00-12:00`.

    Returns:
        The name and the hours; None if the cell is empty.
    """
    text = cell.strip()
    if not text:
        return None
    try:
        if found := read_named_hours(text):
            return read_name(found[0]), found[1]
    except HoursError:
        pass  # raise the error below, which shows an example
    raise CellError(
        _("“{text}” is not a daypart; write it like Lunch 12:00-15:30").format(text=clean(text)[:LONGEST_LABEL])
    )


def write_daypart(name: str | None, hours: Mapping[str, tuple[Hours, ...]]) -> str:
    """Return a daypart in the format of `read_daypart`. `hours` are the hours of each daypart of the menu."""
    return write_named_hours(name, hours[name]) if name in hours and name is not None else ""


def read_band(cell: str, point: str = ".") -> tuple[str, list[dict[str, Any]]]:
    """Read a tax group: its name and its taxes. `A: VAT 20` is a group named A; `GST 5` is a group named `GST 5`.

    `Deposit 0.25 each` is an amount per piece. Words in brackets override the defaults: `included` or `added`, `taxed`
    (later taxes apply to this tax) and `on net` (this tax does not apply to earlier taxes). Taxes are joined by `+` or,
    as other cells are, by `|`.

    Args:
        cell: the text of the cell.
        point: a decimal separator accepted in addition to the point.
    """
    text = " ".join(cell.split())
    named = _BAND.match(text)
    taxes = _read_taxes(named["taxes"] if named else text, point)
    return (named["band"] if named else write_taxes(taxes)), taxes


def _read_taxes(text: str, point: str) -> list[dict[str, Any]]:
    return [_read_tax(part.strip(), point) for part in text.replace(_BETWEEN, "+").split("+") if part.strip()]


def _read_tax(text: str, point: str) -> dict[str, Any]:
    found = _TAX.match(text)
    if found:
        name, amount = read_name(found["name"]), found["rate"].replace(point, ".")
        if _is_two(found["name"]):
            raise CellError(
                _("“{text}” is not one tax: join taxes by +, like {right}; a name has no number of its own").format(
                    text=clean(text)[:LONGEST_LABEL], right=_joined(text)
                )
            )
        how = _read_how(found["how"] or "")
        try:
            if not found["each"]:
                return {"name": name, "rate": Tax.of(name, amount).percent, **how}
            if piece := _PIECE.match(amount):
                return {"name": name, "per_piece": piece[1], **how}
        except ConfigError:
            pass  # raise the error below, which shows an example
    raise CellError(
        _("“{text}” is not a tax; write its name and percent like GST 5, or an amount like Deposit 0.25 each").format(
            text=clean(text)[:LONGEST_LABEL]
        )
    )


def _is_two(name: str) -> bool:
    """True if the name of a tax has a number of its own, which is the rate of another tax."""
    return _IN_NAME.search(unicodedata.normalize("NFKC", name)) is not None


def _joined(text: str) -> str:
    """Return taxes that another mark joins as they should be written; an example if they cannot be separated."""
    right = _JOINED.sub(r"\g<rate> + ", text)
    parts = [_TAX.match(part) for part in right.split(" + ")]
    is_readable = all(part is not None and not _is_two(part["name"]) for part in parts)
    return clean(right)[:LONGEST_LABEL] if is_readable else "CGST 2.5 + SGST 2.5"


def _read_how(text: str) -> dict[str, bool]:
    words = [" ".join(word.split()).casefold() for word in text.split(",") if word.strip()]
    known = [_HOW[word] for word in words if word in _HOW]
    if len(known) < len(words) or len(dict(known)) < len(known):
        raise CellError(
            _("“{text}” does not say how a tax applies; in brackets write included or added, taxed, on net").format(
                text=clean(text)[:LONGEST_LABEL]
            )
        )
    return dict(known)


def write_taxes(taxes: Iterable[Mapping[str, Any]]) -> str:
    """Return taxes in the format of `read_band`, such as `GST 5`, joined by a plus."""
    return " + ".join(map(_write_tax, taxes))


def _write_tax(tax: Mapping[str, Any]) -> str:
    how = ", ".join(word for word, (key, value) in _HOW.items() if tax.get(key) is value)
    amount = tax["rate"] if "rate" in tax else f"{tax['per_piece']} each"
    return f"{tax['name']} {amount}" + (f" ({how})" if how else "")


def write_band(band: str, taxes: Iterable[Mapping[str, Any]]) -> str:
    """Return a tax group in the format of `read_band`."""
    text = write_taxes(taxes)
    return text if text == band else f"{band}: {text}".rstrip()
