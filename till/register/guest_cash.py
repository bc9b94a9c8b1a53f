"""Cash that a guest pays for a house account or a voucher, as the server names it; the server books its movement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import AskedBackError, StoreAwayError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.payment.codes import digest_of, read_code
from till.domain.shift.deciding import ShiftError
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.shift.events import MovementKind
    from till.ports import Store


class GuestCash(Struct, frozen=True):
    """Cash for a house account or a voucher.

    Attributes:
        kind: the kind of its movement.
        of: the customer or the voucher.
        name: the name of the guest, or the end of the code.
        owed: the balance owed, or the price; negative if the guest has a credit.
        amount: the amount to take; negative to give back.
    """

    kind: MovementKind
    of: str
    name: str
    owed: Minor
    amount: Minor


def away() -> ShiftError:
    """Return the refusal while the server does not answer."""
    return ShiftError(_("This needs the server, which is away. Nothing was taken."))


async def unpaid_voucher(store: Store, code: str, formats: Formats) -> GuestCash:
    """Ask the server for the price of a voucher."""
    digest = digest_of(read_code(code))
    try:
        found = await store.unpaid_voucher(digest)
    except StoreAwayError as problem:
        raise away() from problem
    _check_currency(found.currency, formats)
    return GuestCash("voucher", found.voucher_id, f"…{clean(found.hint)}", found.price, found.price)


async def debt(store: Store, customer_id: str, name: str, amount: Minor | None, formats: Formats) -> GuestCash:
    """Ask the server for the balance of a house account; without an amount all of it is paid.

    Raises:
        ShiftError: nothing is owed, or not as much; there is no account; the server is away.
    """
    try:
        account = await store.account(customer_id)
    except StoreAwayError as problem:
        raise away() from problem
    who = clean(name) or _("This guest")
    if account is None:
        raise ShiftError(_("{name} has no house account.").format(name=who))
    _check_currency(account.currency, formats)
    if not account.owed:
        raise ShiftError(_("{name} owes nothing.").format(name=who))
    most = Minor(abs(account.owed))
    paid = most if amount is None else amount
    if paid > most:
        words = _("{name} owes {owed}: take that at most.") if account.owed > 0 else _("{name} has a credit of {owed}.")
        raise ShiftError(words.format(name=who, owed=formats.money(most)))
    if paid <= 0:
        raise ShiftError(_("Type an amount, as in “pay off Rao 120”."))
    return GuestCash("account", account.customer_id, who, account.owed, paid if account.owed > 0 else Minor(-paid))


async def debt_of(store: Store, who: str, amount: Minor | None, formats: Formats) -> GuestCash:
    """Ask the server for the house account of a name.

    Raises:
        ShiftError: see `debt`, or nobody has the name.
    """
    try:
        found = await store.customers(who, with_account=True)
    except StoreAwayError as problem:
        raise away() from problem
    found = [one for one in found if one.name.casefold() == who.casefold()] or found
    if not found:
        raise ShiftError(_("No house account for “{who}”.").format(who=clean(who)[:20]))
    if len(found) > 1:
        names = ", ".join(clean(one.name) or one.phone for one in found)
        raise AskedBackError(_("Which one? {names}.").format(names=names))
    return await debt(store, found[0].customer_id, found[0].name or found[0].phone, amount, formats)


def _check_currency(currency: str, formats: Formats) -> None:
    if currency != formats.currency.code:
        raise ShiftError(_("It is in another currency: {currency}.").format(currency=currency))


def title(cash: GuestCash, formats: Formats) -> str:
    """Return `Voucher …7KXW for ₹500.00`, as a manager approves it."""
    words = _("House account of {name}: {amount}") if cash.kind == "account" else _("Voucher {name} for {amount}")
    return words.format(name=cash.name, amount=formats.money(cash.amount))


def guest_cash_sentence(cash: GuestCash, formats: Formats) -> str:
    """Return `₹120.00 for Mrs Rao's account. ₹20.00 is still owed.`"""
    amount, rest = formats.money(Minor(abs(cash.amount))), Minor(cash.owed - cash.amount)
    if cash.kind == "voucher":
        return _("Voucher {name} is sold for {amount}.").format(name=cash.name, amount=amount)
    words = _("{amount} from {name}. {rest} is still owed.") if rest else _("{amount} from {name}. All is paid.")
    if cash.amount < NOTHING:
        words = _("{amount} of the credit is given back to {name}.")
    return words.format(name=cash.name, amount=amount, rest=formats.money(rest))
