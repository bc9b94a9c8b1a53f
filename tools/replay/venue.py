"""The venue of recorded trading: settings, menu and staff, extended with each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.venue import read_venue
from tools.replay.cells import TradingFileError
from tools.replay.sums import users_of
from tools.replay.trading import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from tools.replay.trading import SoldItem, Trading

#: The number of a replay's till, which has a separate journal.
TILL: Final = 90
#: The time zone of the files.
TIMEZONE: Final = "Europe/London"
#: The taxes of all departments, whatever their band.
VAT: Final = ({"name": "VAT", "rate": "20"},)
#: The tax band of departments that are missing in departments.csv.
_BAND: Final = "A"


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """The shared facts of a venue's tills, in the formats of docs/protocol.md.

    Attributes:
        settings: the settings.
        menu: the menu.
        staff: number and name of each cashier; nobody can log in until a PIN is set.
    """

    settings: Mapping[str, Any]
    menu: Mapping[str, Any]
    staff: tuple[tuple[int, str], ...]


def business_dates(
    trading: Trading, known: Mapping[str, Any], now: datetime, *, ending_today: bool
) -> tuple[dict[int, date], list[str]]:
    """Return the business date of each chosen day, and sentences on days that could not get the requested date.

    Args:
        trading: the chosen days.
        known: the settings of the venue so far; empty for a new one.
        now: the real time, aware.
        ending_today: True to move new days so that the last one is on today's business date.
    """
    _check_same(trading, known)
    rung = known.get("trading_days", {})
    fresh = {day.number for day in trading.days if str(day.number) not in rung}
    venue = read_venue(_settings(trading, {}, known))
    shift = timedelta(0)
    if ending_today and fresh:
        shift = _shift_to(trading, fresh, venue.business_date(now), venue.local(now).replace(tzinfo=None))
    dates = {
        day.number: day.date + shift if day.number in fresh else date.fromisoformat(rung[str(day.number)])
        for day in trading.days
    }
    if not ending_today:
        return dates, []
    kept = _("Day {day} was already rung and keeps its date, {date}.")
    sentences = [kept.format(day=number, date=dates[number]) for number in dates if number not in fresh]
    if (last := max((dates[number] for number in fresh), default=None)) not in {None, venue.business_date(now)}:
        early = _("The last day counts for {date}: on today's date it would have sales in the future.")
        sentences.append(early.format(date=last))
    return dates, sentences


def _check_same(trading: Trading, known: Mapping[str, Any]) -> None:
    recorded = known.get("recorded_days", {})
    for day in trading.days:
        before = recorded.get(str(day.number), day.date.isoformat())
        if before != day.date.isoformat():
            sentence = _(
                "Day {day} of these files is {here}, but this venue has rung a day {day} of {there}. "
                "Name another data folder in TILL_DATA_DIR."
            )
            raise TradingFileError(sentence.format(day=day.number, here=day.date, there=before))


def _shift_to(trading: Trading, numbers: Collection[int], today: date, now: datetime) -> timedelta:
    """Return the shift in whole days that moves the last day to `today`; less if a row would be after `now`.

    `today` is the venue's business date, and `now` the naive time on its clock.
    """
    rows = (row.at for sale in trading.sales if sale.day in numbers for row in sale.rows)
    last_row = max(rows, default=None)
    shift = today - max(day.date for day in trading.days if day.number in numbers)
    return shift if last_row is None or last_row + shift <= now else timedelta(days=(now - last_row).days)


def describe(trading: Trading, dates: Mapping[int, date], store_id: str, known: VenueFacts | None = None) -> VenueFacts:
    """Return the facts for the tills of this trading; entries of `known` keep their id, number and position."""
    return VenueFacts(
        _settings(trading, dates, known.settings if known else {}),
        _menu(trading, store_id, known.menu if known else {}),
        _staff(users_of(trading), known.staff if known else ()),
    )


def _settings(trading: Trading, dates: Mapping[int, date], known: Mapping[str, Any]) -> dict[str, Any]:
    fresh = {
        "name": trading.name,
        "locale": "en_GB",
        "timezone": TIMEZONE,
        "business_day_ends": "06:00",
        "currency": CURRENCY.code,
        "prices_include_tax": True,
        "tax_rounding": "line",
    }
    recorded = {str(day.number): day.date.isoformat() for day in trading.days}
    rung = {str(number): when.isoformat() for number, when in dates.items()}
    return {
        **fresh,
        **known,
        "recorded_days": {**known.get("recorded_days", {}), **recorded},
        "trading_days": {**known.get("trading_days", {}), **rung},
    }


def _staff(users: Iterable[int], known: Sequence[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    names = {number: _("cashier {number}").format(number=number) for number in users} | dict(known)
    return tuple(sorted(names.items()))


def _menu(trading: Trading, store_id: str, known: Mapping[str, Any]) -> dict[str, Any]:
    departments = dict(trading.departments)
    for item in trading.items:
        departments.setdefault(item.department, (item.department, _BAND))
    categories = {raw["id"]: raw for raw in known.get("categories", ())}
    for department, (name, _band) in departments.items():
        fresh = {"id": department, "name": name, "position": len(categories) + 1, "daypart": None}
        categories.setdefault(department, fresh)
    returned = {line.item for sale in trading.sales for line in sale.lines if line.quantity < 0 and not line.is_void}
    items = {raw["name"]: raw for raw in known.get("items", ())}
    plu = max((raw["plu"] or 0 for raw in items.values()), default=0)
    for item in trading.items:
        if item.name not in items:
            plu += 1
            items[item.name] = _item(item, derived_id(store_id, f"item:{item.name}"), plu, departments)
        if item.name in returned:
            items[item.name] = {**items[item.name], "returnable": True}
    return {
        "version": known.get("version", 0),
        "taxes": {**{band: list(VAT) for _name, band in departments.values()}, **known.get("taxes", {})},
        "dayparts": list(known.get("dayparts", ())),
        "categories": list(categories.values()),
        "items": list(items.values()),
    }


def _item(item: SoldItem, item_id: str, plu: int, departments: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": item_id,
        "name": item.name,
        "category": item.department,
        "price": CURRENCY.price_text(item.price4),
        "tax": departments[item.department][1],
        "plu": plu,
        "aliases": [],
        "barcodes": [],
        "sold_out": False,
        "returnable": False,
        "unit": "",
        "position": plu,
        "daypart": None,
    }
