"""The words of the shelf: what came, what was thrown away, a count, and what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.events.envelope import time_text
from till.domain.i18n import N_, _
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.stock.events import StockCounted, StockMoved
from till.domain.structs import replace
from till.domain.text import clean
from till.register.quick_entry.counts import whole_count
from till.register.stock import (
    StockError,
    TypedStock,
    amount_text,
    in_words,
    read_minute,
    read_typed,
    tell_shelf,
)
from till.register.words.word import Needs, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.ports import RemoteShelf, Store
    from till.register.put_back import SentPieces
    from till.register.register import Register


@word(
    N_("Delivered: put on the shelf"),
    "stock",
    "delivery",
    "goods in",
    needs=Needs.NOTHING,
    begins=("delivered ", N_("What came? As in “delivered 24 cola”.")),
    asks=N_("Put on the shelf"),
)
def delivered(
    register: Register,
    before: Order | None,
    user: int,
    name: str = "",
    minute: str = "",
    approval: Approval | None = None,
) -> str:
    """Record what was delivered, now or at a minute."""
    del before, user
    typed, amount = _with_amount(read_typed(register, name), _("As in “delivered 24 cola”."))
    at = read_minute(register, minute)
    tell_shelf(register, StockMoved(typed.item.id, amount, "delivered", happened_at=_text(at)), approval)
    return _sentence(register, _("Delivered: {what}."), typed, at)


@word(
    N_("Wasted: thrown away or broken"),
    "stock",
    "waste",
    "broken",
    needs=Needs.NOTHING,
    begins=("wasted ", N_("What, and why? As in “wasted 3 cola broken”.")),
    asks=N_("Take off the shelf"),
)
def wasted(
    register: Register,
    before: Order | None,
    user: int,
    name: str = "",
    minute: str = "",
    approval: Approval | None = None,
) -> str:
    """Record what was thrown away, with the reason, now or at a minute."""
    del before, user
    typed, amount = _with_amount(read_typed(register, name, takes_words=True), _("As in “wasted 3 cola broken”."))
    at = read_minute(register, minute)
    moved = StockMoved(typed.item.id, amount, "wasted", why=typed.words, happened_at=_text(at))
    tell_shelf(register, moved, approval)
    return _sentence(register, _("Wasted: {what}."), typed, at)


async def _figure(register: Register, store: Store | None, slots: Mapping[str, str]) -> RemoteShelf | None:
    """Ask the server what is there of an item; None for a count, and while it is away."""
    typed = read_typed(register, slots.get("name", ""))
    if store is None or typed.amount is not None:
        return None
    return next(iter(await store.shelf([typed.item.id])), None)


@word(
    N_("What is on the shelf; a count"),
    "shelf",
    "inventory",
    "count",
    needs=Needs.NOTHING,
    begins=("stock ", N_("Of what? “stock cola”, or a count: “stock cola 31”.")),
    asks=N_("Count the shelf"),
    looks_up=_figure,
)
def stock(
    register: Register,
    before: Order | None,
    user: int,
    name: str = "",
    minute: str = "",
    found: RemoteShelf | None = None,
    approval: Approval | None = None,
) -> str:
    """Record a count, now or at a minute; without an amount, say what is there."""
    del before, user
    typed = read_typed(register, name)
    if typed.amount is not None:
        at = read_minute(register, minute)
        tell_shelf(register, StockCounted(typed.item.id, typed.amount, _text(at)), approval)
        return _sentence(register, _("Counted: {what}."), typed, at)
    if minute:
        raise StockError(_("How many? As in “stock cola 31 at 21:15”."))
    register.approvals.need(PermissionRequest(Permission.STOCK), approval)
    called = clean(typed.item.name)
    if found is None:
        raise StockError(_("The server knows it, and is away. Counts are kept."))
    if found.amount is None or found.counted_at is None:
        return _("{name} was never counted.").format(name=called)
    counted_at = _time(register, register.venue.local(found.counted_at))
    amount = amount_text(register, found.amount, typed.unit)
    return _("{name}: {amount} on the shelf, counted {at}.").format(name=called, amount=amount, at=counted_at)


@word(N_("Stocktake: count a place"), "count", "inventory", "stock", needs=Needs.NOTHING)
def stocktake(register: Register, before: Order | None, user: int, name: str = "") -> str:
    """Open the sheet of a place. It needs the screen of a till."""
    del before, user
    if register.open_stocktake is None:
        raise StockError(_("A stocktake needs the screen. “stock cola 31” counts one."))
    register.open_stocktake(name)
    return _("Leave a stocktake any time, and come back to it.")


@word(N_("Back on the shelf, after a void or a refund"), "stock", "returned", needs=Needs.NOTHING)
def put_back(register: Register, before: Order | None, user: int, count: str = "") -> str:
    """Say that what came off last is on the shelf again: all of it, or as many pieces of a single item."""
    del before, user
    taken = register.put_back.newest()
    if not taken:
        raise StockError(_("Nothing that was sent came off just now."))
    pieces = whole_count(count, register.lookup.words) if count else None
    if count and (pieces is None or len(taken) > 1 or not 0 < pieces <= taken[0].pieces):
        raise StockError(_("How many of {what}?").format(what=all_in_words(register, taken)))
    back = [(one, one.pieces if pieces is None else pieces) for one in taken]
    register.put_back.answer(back)
    return back_sentence(register, back)


def all_in_words(register: Register, taken: Sequence[SentPieces]) -> str:
    """Return `2 × Cola, 1 × Beer`."""
    return ", ".join(in_words(register, one.item, one.pieces * one.measure) for one in taken)


def back_sentence(register: Register, back: Sequence[tuple[SentPieces, int]]) -> str:
    """Return `Back on the shelf: 2 × Cola.`"""
    what = all_in_words(register, [replace(one, pieces=pieces) for one, pieces in back])
    return _("Back on the shelf: {what}.").format(what=what)


def _with_amount(typed: TypedStock, usage: str) -> tuple[TypedStock, int]:
    """Return the sentence with its amount.

    Raises:
        StockError: there is no amount.
    """
    if not typed.amount:
        raise StockError(_("How many? {usage}").format(usage=usage))
    return typed, typed.amount


def _text(at: datetime | None) -> str | None:
    return time_text(at) if at is not None else None


def _sentence(register: Register, sentence: str, typed: TypedStock, at: datetime | None) -> str:
    """Return `Wasted: 3 × Croissant, burnt, yesterday at 21:15.`"""
    parts = [in_words(register, typed.item, typed.amount or 0), typed.words]
    if at is not None:
        parts.append(_time(register, at))
    return sentence.format(what=", ".join(filter(None, parts)))


def _time(register: Register, at: datetime) -> str:
    """Return `at 21:15`, `yesterday at 21:15`, or the date."""
    days = (register.venue.local(register.ledger.now()).date() - at.date()).days
    words = {0: _("at {time}"), 1: _("yesterday at {time}")}.get(days, "")
    return words.format(time=f"{at:%H:%M}") if words else register.formats.moment(at)
