"""The code lists of SAF-T Cash Register that a venue chooses from, and the codes of what a till records.

Source: the code lists PredefinedBasicID-04, -11, -12 and -13 of the tax administration's repository Skatteetaten/saf-t.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.codes import CodeKind
from till.domain.order.events import OrderParked, OrderResumed, PriceOverridden
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, ShiftClosed
from till.domain.staff.events import LoggedIn, LoggedOut
from till.domain.till.events import DrawerOpened, ReceiptIssued, TillStarted, TillStopped

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

#: The groups of articles (04): 04003 goods, 04006 food, 04007 beer, 04008 wine, 04011 soft drinks, 04012 other drinks.
GROUPS: Final = frozenset({*(f"040{n:02}" for n in range(1, 22)), "04999"})
#: The ways to pay (12): 12001 cash, 12002 debit card, 12003 credit card, 12005 gift token, 12011 apps of phones.
PAYMENTS: Final = frozenset({*(f"120{n:02}" for n in range(1, 12)), "12999"})
_LISTS: Final = {CodeKind.ITEM: GROUPS, CodeKind.CATEGORY: GROUPS, CodeKind.CHARGE: GROUPS, CodeKind.TENDER: PAYMENTS}
_LONGEST: Final = 9

SALE: Final = "11001"
RETURN: Final = "11006"
TIP: Final = "10001"
#: The records that the file has as events, each with its code (13); cash that is put in has none of its own.
EVENTS: Final[dict[type[EventData], str]] = {
    TillStarted: "13001",
    TillStopped: "13002",
    LoggedIn: "13003",
    LoggedOut: "13004",
    DrawerOpened: "13005",
    ShiftClosed: "13009",
    OrderParked: "13010",
    OrderResumed: "13011",
    ReceiptIssued: "13012",
    RefundApproved: "13013",
    PriceOverridden: "13021",
    CashMoved: "13999",
}
COPY: Final = "13014"
BILL: Final = "13015"
DRAWN: Final = "13019"


def is_code(kind: CodeKind, code: str) -> bool:
    """Return True for a code that the list of its kind has; that of a tax is a number of the standard tax codes."""
    known = _LISTS.get(kind)
    return code in known if known is not None else code.isascii() and code.isdigit() and len(code) <= _LONGEST
