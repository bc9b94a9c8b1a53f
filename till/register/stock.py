"""The acts of a person on the shelf at a till: here at once, at the server with the next push."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.events.envelope import Draft
from till.domain.i18n import N_, _
from till.domain.money.amount import MEASURE_SCALE, UNITS
from till.domain.money.measures import Thousandths
from till.domain.patterns import late
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.stock.events import StockCounted, StockEvent, StockMoved, StockUndone
from till.domain.stock.kept import KeptItem, ShelfUnit
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.till.events import stream_of_till
from till.register.kept import kept_items
from till.register.quick_entry.counts import count_at
from till.register.quick_entry.items import items_called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.staff.rights import Approval
    from till.register.register import Register

_MOST: Final = 10**9
_SHOWN: Final = 24
#: The decimals of a weight.
_PLACES: Final = 3
#: An amount before a name, and one after it, each with a unit or without.
_UNIT: Final = "|".join(name for names in UNITS.items() for name in names if name)
_BEFORE: Final = late(rf"(?P<number>[0-9][0-9.,]*)(?: ?(?P<unit>{_UNIT}))? (?P<rest>\S.*)\Z", re.IGNORECASE)
_BEHIND: Final = late(rf"(?P<rest>\S.*?) (?P<number>[0-9][0-9.,]*)(?: ?(?P<unit>{_UNIT}))?\Z", re.IGNORECASE)
_ONE: Final = late(rf"(?P<number>[0-9][0-9.,]*)(?: ?(?P<unit>{_UNIT}))?\Z", re.IGNORECASE)
_CLOCK: Final = late(r"([01]?[0-9]|2[0-3])[:.h]([0-5][0-9])\Z")


class StockError(TillError):
    """A sentence about the shelf that is refused; nothing changed."""

    code = "stock"
    default = N_("Nothing of this name is kept on the shelf.")


class TypedStock(Struct, frozen=True):
    """An item of the shelf as it was typed. `amount` is in its base unit, None without one; `words` stand behind it."""

    item: KeptItem
    unit: ShelfUnit
    amount: int | None = None
    words: str = ""


def unit_of(register: Register, item: KeptItem) -> ShelfUnit:
    """Return the units of an item: a thousandth of what is weighed, or its own, or pieces."""
    sold = register.menu.by_id.get(item.id)
    if sold is not None and sold.unit:
        return ShelfUnit(UNITS.get(sold.unit, ""), sold.unit, 1000)
    big = next((one for one, small in UNITS.items() if item.unit and small == item.unit), "")
    return ShelfUnit(item.unit, big)


def amount_text(register: Register, amount: int, unit: ShelfUnit) -> str:
    """Return `24`, `500 g`, `12.5 kg`."""
    sign, size = "−" if amount < 0 else "", abs(amount)
    if unit.big and (size >= MEASURE_SCALE or not unit.small):
        text = register.formats.measure(Thousandths(size), unit.big)
    else:
        text = f"{size} {unit.small}".rstrip()
    return sign + text


def in_words(register: Register, item: KeptItem, amount: int) -> str:
    """Return `24 × Cola`, `2.500 l Milk`."""
    unit = unit_of(register, item)
    times = "" if unit.big else "× "
    return f"{amount_text(register, amount, unit)} {times}{clean(item.name)}"


def tell_shelf(register: Register, data: StockEvent, approval: Approval | None = None) -> str:
    """Record an act on the shelf, and return the id of its event.

    Raises:
        ApprovalNeededError: a manager must approve.
    """
    stream, asked = stream_of_till(register.ledger.store_id, register.till), None
    if isinstance(data, StockCounted | StockMoved):
        item = next((one for one in kept_items(register.journal) if one.id == data.item_id), KeptItem(data.item_id, ""))
        asked = PermissionRequest(Permission.STOCK, pieces=unit_of(register, item).pieces(data.amount))
        if approval is not None:
            data = replace(data, approved_by=approval.by.number)
    elif isinstance(data, StockUndone):
        asked = PermissionRequest(Permission.STOCK)
    with register.approvals.command(asked, approval) as command:
        command.write([Draft(data, stream)])
    return next(event.id for event in command.events if isinstance(event.data, StockEvent))


def read_typed(register: Register, typed: str, *, takes_words: bool = False) -> TypedStock:
    """Read an item of the shelf with an amount before or after it, or without one: `24 cola`, `cola 24`, `2.5 kg rice`.

    Args:
        register: the till.
        typed: the text.
        takes_words: True if other words may stand behind the name: `3 croissant burnt`.

    Raises:
        StockError: nothing of this name is kept, several are, or the amount is none.
    """
    text = " ".join(clean(typed).split())
    kept = kept_items(register.journal)
    if not kept:
        raise StockError(_("Nothing is kept. `till admin stock items` sets what is."))
    for item in kept:
        if item.name.casefold() == text.casefold():
            return TypedStock(item, unit_of(register, item))
    several: list[KeptItem] = []
    for number, unit_name, rest in _amounts(register, text):
        for name, words in _names(register.lookup.words.without("of", rest), takes_words=takes_words):
            found = _called(register, kept, name)
            if len(found) == 1:
                unit = unit_of(register, found[0])
                amount = None if number is None else amount_of(register, number, unit_name, found[0], unit)
                return TypedStock(found[0], unit, amount, words)
            several = several or found
            if found:
                break
    if several:
        names = ", ".join(clean(one.name) for one in several[:3])
        raise StockError(_("Which one? {names}.").format(names=names))
    raise StockError(_("“{name}” is not kept on the shelf.").format(name=_name_in(register, text)[:_SHOWN]))


def _name_in(register: Register, text: str) -> str:
    """Return a text without its amount, as the name that was meant."""
    return next((rest for number, _unit, rest in _amounts(register, text) if number is not None), text)


def _amounts(register: Register, text: str) -> Iterator[tuple[str | None, str, str]]:
    """Yield the readings of a text: amount, unit and the rest."""
    words = text.split(" ")
    counted = count_at(words, register.lookup.words)
    if counted is not None and 0 < counted.words < len(words):
        yield str(counted.pieces), "", " ".join(words[counted.words :])
    for form in (_BEFORE, _BEHIND):
        if found := form.match(text):
            yield found["number"], (found["unit"] or "").casefold(), found["rest"]
    yield None, "", text


def _names(text: str, *, takes_words: bool) -> Iterator[tuple[str, str]]:
    """Yield what may be the name, the longest first, and the words behind it."""
    words = text.split(" ")
    for place in range(len(words), 0 if takes_words else len(words) - 1, -1):
        yield " ".join(words[:place]), " ".join(words[place:])


def _called(register: Register, kept: tuple[KeptItem, ...], name: str) -> list[KeptItem]:
    """Return the kept items that a name may mean: its own name, as the menu finds it, or how its name begins."""
    wanted = name.casefold()
    exact = [one for one in kept if one.name.casefold() == wanted]
    on_menu = {one.id for one in items_called(name, register.lookup)}
    return (
        exact
        or [one for one in kept if one.id in on_menu]
        or [one for one in kept if one.name.casefold().startswith(wanted)]
    )


def amount_of(register: Register, number: str, unit_name: str, item: KeptItem, unit: ShelfUnit) -> int:
    """Return a typed amount in the base unit.

    Raises:
        StockError: it is none of this item.
    """
    size = unit.names.get(unit_name) if unit_name else unit.bare
    whole, _point, part = register.formats.plain(number).partition(".")
    if size is None or not (whole + part).isdigit() or (part and size == 1) or len(part) > _PLACES:
        name = clean(item.name)[:_SHOWN]
        known = " / ".join(unit.names) or _("pieces")
        raise StockError(_("{name} is counted in {unit}.").format(name=name, unit=known))
    amount = int(whole) * size + int(part.ljust(_PLACES, "0") if part else 0)
    if amount > _MOST:
        raise StockError(_("That is more than a shelf holds."))
    return amount


def read_minute(register: Register, typed: str) -> datetime | None:
    """Return the last time at which the clock showed a minute, such as `21:15`; None without one.

    Raises:
        StockError: the text is not a time.
    """
    if not typed:
        return None
    if (found := _CLOCK.match(typed)) is None:
        raise StockError(_("“{text}” is not a time. Write one such as 21:15.").format(text=clean(typed)[:_SHOWN]))
    now = register.ledger.now()
    local = register.venue.local(now)
    at = datetime.combine(local.date(), time(int(found[1]), int(found[2])), tzinfo=local.tzinfo)
    if at > local:
        at -= timedelta(days=1)
    return at


def read_sum(register: Register, item: KeptItem, typed: str) -> tuple[int, bool] | None:
    """Return a typed amount of an item, `48`, `2.5 l`, `48+12`, and whether it is added: `+12`; None for other text.

    Raises:
        StockError: it is no amount of this item.
    """
    text = typed.strip()
    parts = [one.strip() for one in text.removeprefix("+").split("+")]
    found = [_ONE.match(one) for one in parts]
    if not all(found):
        return None
    unit = unit_of(register, item)
    amounts = (amount_of(register, one["number"], (one["unit"] or "").casefold(), item, unit) for one in found if one)
    return sum(amounts), text.startswith("+")
