"""The answers to sentences about the drawer, without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from till.domain.errors import AskedBackError, TillError
from till.domain.i18n import _
from till.domain.order.paying import CASH
from till.domain.paper.document import Document
from till.domain.paper.drawer import sums_rows
from till.domain.paper.lines import text_of
from till.domain.text import Repertoire
from till.register import guest_cash, shift_words
from till.register.quick_entry.drawer_entry import CountDrawer, MoveCash, PayOff, SellVoucher, ShowZ

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from till.domain.money.formats import Formats
    from till.domain.shift.evolve import Shift
    from till.ports import Store
    from till.register.drawer import Drawer
    from till.register.guest_cash import GuestCash
    from till.register.register import Register
    from till.register.words.sentence import Sentence


def _drawer(register: Register, at: Sentence) -> Drawer:
    """Return the drawer of this till.

    Raises:
        TillError: nobody named the till.
    """
    if not at.names_till:
        sentence = _("Whose drawer? Its till: --till 1, or {own} for this cash.")
        raise TillError(sentence.format(own=register.till))
    return register.drawer


def _move_cash(register: Register, intent: MoveCash, at: Sentence) -> str:
    drawer = _drawer(register, at)
    if drawer.is_beyond(intent.kind, intent.amount) and not at.is_again:
        raise AskedBackError(_(shift_words.BEYOND))
    signed = drawer.move(intent.kind, intent.amount, intent.words)
    return shift_words.movement_sentence(at.formats, intent.kind, signed, intent.words)


def _count(register: Register, intent: CountDrawer, at: Sentence) -> str:
    drawer, label_of = _drawer(register, at), register.checkout.tenders.label_of
    taken = {CASH: intent.taken} if intent.taken else {}
    results = drawer.count({CASH: intent.amount}, taken, to=intent.to, is_float=intent.is_float)
    return shift_words.count_sentence(at.formats, label_of, results)


def _take_cash(register: Register, _intent: PayOff | SellVoucher, at: Sentence) -> str:
    drawer, cash = _drawer(register, at), at.looked_up
    if isinstance(cash, TillError):
        raise cash
    if cash is None:
        raise guest_cash.away()
    drawer.take(cash)
    return guest_cash.guest_cash_sentence(cash, at.formats)


async def _debt(store: Store | None, intent: PayOff, formats: Formats) -> GuestCash:
    if store is None:
        raise guest_cash.away()
    return await guest_cash.debt_of(store, intent.who, intent.amount, formats)


async def _voucher(store: Store | None, intent: SellVoucher, formats: Formats) -> GuestCash:
    if store is None:
        raise guest_cash.away()
    return await guest_cash.unpaid_voucher(store, intent.code, formats)


def _no_sale(register: Register, _intent: None, at: Sentence, why: Literal["no_sale", "change"] = "no_sale") -> str:
    _drawer(register, at).no_sale(why=why)
    return shift_words.open_drawer_sentence(is_kicked=register.printing.kicks.are_on, for_change=why == "change")


def _change(register: Register, intent: None, at: Sentence) -> str:
    return _no_sale(register, intent, at, "change")


def _x(register: Register, _intent: None, at: Sentence) -> str:
    return _sums(register, _drawer(register, at).find(), at)


def _z(register: Register, intent: ShowZ, at: Sentence) -> str:
    return _sums(register, _drawer(register, at).find(intent.number), at)


def _close(register: Register, _intent: None, at: Sentence) -> str:
    return shift_words.close_sentence(at.formats, _drawer(register, at).close())


def _sums(register: Register, shift: Shift, at: Sentence) -> str:
    """Return the lines of the X of an open shift, or of a Z."""
    drawer, label_of = _drawer(register, at), register.checkout.tenders.label_of
    rows = sums_rows(shift.closed or drawer.sums(), at.formats, label_of, hides_cash=drawer.hides_cash(shift.id))
    text = text_of(Document("X", rows), 42, Repertoire("utf-8")).rstrip()
    return f"{shift_words.title(shift)}\n{text}" if shift.is_over else text


#: The answer to each intent, and to each command by its name.
ANSWERS: Final[Mapping[type[Any] | str, Callable[[Register, Any, Sentence], str]]] = {
    MoveCash: _move_cash,
    CountDrawer: _count,
    ShowZ: _z,
    PayOff: _take_cash,
    SellVoucher: _take_cash,
    "no_sale": _no_sale,
    "change": _change,
    "x_report": _x,
    "close_shift": _close,
}
#: Questions to the server whose answer a sentence needs.
LOOKS_UP: Final[Mapping[type[Any], Callable[[Store | None, Any, Formats], Awaitable[object]]]] = {
    PayOff: _debt,
    SellVoucher: _voucher,
}
