"""The drawer on the entry line: its intents, its phrases and their right forms."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_
from till.domain.money.measures import NOTHING
from till.domain.shift.events import BY_HAND
from till.register.quick_entry.slots import Intent, minor, slot

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.shift.events import MovementKind
    from till.register.quick_entry.slots import Amounts, Phrases, Slots


class MoveCash(Intent, frozen=True):
    """Move cash in or out of the drawer by hand, in minor units; `words` is the reason."""

    kind: MovementKind
    amount: Minor
    words: str = ""


class CountDrawer(Intent, frozen=True):
    """Count the cash in the drawer, in minor units, and take some of it out; None to open the form.

    With `is_float`, what differs was brought in or taken out.
    """

    amount: Minor
    taken: Minor = NOTHING
    to: str = ""
    is_float: bool = False


class PayOff(Intent, frozen=True):
    """Take cash for a house account; without an amount all that is owed, without a name ask for one."""

    who: str = ""
    amount: Minor | None = None


class ShowZ(Intent, frozen=True):
    """Show the Z of a closed shift by its number, `1-Z000042` or `42`."""

    number: str


class SellVoucher(Intent, frozen=True):
    """Take the cash for a voucher that was issued unpaid; without a code ask for it."""

    code: str = ""


def _cash_moved(kind: MovementKind, slots: Slots, money: Amounts) -> MoveCash:
    return MoveCash(kind, money.minor(slot(slots, "amount")), slot(slots, "wish"))


PHRASES: Final[Phrases] = {
    "float": lambda slots, money: CountDrawer(money.minor(slot(slots, "amount")), is_float=True),
    "count": lambda slots, money: CountDrawer(
        money.minor(slot(slots, "amount")), minor(slots.get("taken"), money) or NOTHING, slots.get("wish") or ""
    ),
    **{kind: partial(_cash_moved, kind) for kind in BY_HAND},
    "pay_off": lambda slots, money: PayOff(slot(slots, "name"), minor(slots.get("amount"), money)),
    "sell_voucher": lambda slots, _money: SellVoucher(slot(slots, "of")),
    "z": lambda slots, _money: ShowZ(slot(slots, "z")),
}
USAGES: Final = {
    "count": N_("Type the sum, as in “count 1342.50”. Or F11 counts it."),
    "movement": N_("Type the amount first: “paid out 20 milk”, “drop 500”."),
}
