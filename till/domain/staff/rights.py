"""Rights: the acts that a role may do, and those that a manager approves. The venue sets the limits."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field

from till.domain.errors import RightsError
from till.domain.i18n import N_
from till.domain.money.discount import share_of
from till.domain.money.measures import NOTHING, Millionths, Minor
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.staff.person import Person

#: The word for all acts.
ALL: Final = "all"
_NONE, _TENTH, _HALF, _WHOLE = Millionths(0), Millionths(100_000), Millionths(500_000), Millionths(1_000_000)


class Permission(StrEnum):
    """An act that needs a right. Settings and the log use its value."""

    #: A line is taken off, or an order cleared, after it was saved on a tab.
    VOID_SENT = "void_sent"
    #: A discount is above the limits of the role.
    DISCOUNT = "discount"
    COMP = "comp"
    STAFF_MEAL = "staff_meal"
    #: The price of a line is overridden.
    PRICE = "price"
    #: An item is marked as sold out (86) or on sale again, at every till.
    SOLD_OUT = "sold_out"
    #: The shelf is counted, or something is put on it or taken off it without a sale.
    STOCK = "stock"
    #: A sale is refunded, in whole or in part.
    REFUND = "refund"
    #: A payment that another person took is refunded.
    GIVE_BACK = "give_back"
    #: The tender or the tip of a payment of a sale is corrected.
    TENDER = "tender"
    #: A payment whose outcome is unknown is settled by hand.
    SETTLE = "settle"
    #: The order of another user is taken over.
    TAKE_OVER = "take_over"
    #: An unreadable record is skipped, so that its order can be paid.
    SET_ASIDE = "set_aside"
    #: Cash is put into the drawer or taken out by hand.
    MOVE_CASH = "move_cash"
    #: The drawer is opened without a sale.
    NO_SALE = "no_sale"
    #: The drawer is counted, once it was counted in this shift before.
    COUNT_AGAIN = "count_again"
    #: The money that should be in the drawer is seen.
    READ_CASH = "read_cash"
    #: A shift is closed.
    CLOSE_SHIFT = "close_shift"
    #: The till is closed, at its login screen.
    CLOSE_TILL = "close_till"


_NAME: Final = f"({'|'.join(Permission)})"
#: The pattern of acts in a setting: names separated by spaces or commas, or `all`.
ACTS_PATTERN: Final = rf"^({ALL}|{_NAME}([ ,]+{_NAME})*)?\Z"

#: Acts that always need a PIN, even if a manager is logged in. The settings decide who may approve them. To refund
#: one's own payment on an open order of this till needs no PIN (`Checkout.needs_manager`).
ASKED_ALWAYS: Final = frozenset({Permission.GIVE_BACK, Permission.SET_ASIDE})

#: The display names of the acts.
ACTS_IN_WORDS: Final[Mapping[str, str]] = {
    Permission.VOID_SENT: N_("take off after it was sent"),
    Permission.DISCOUNT: N_("discount"),
    Permission.COMP: N_("on the house"),
    Permission.STAFF_MEAL: N_("staff meal"),
    Permission.PRICE: N_("another price"),
    Permission.SOLD_OUT: N_("mark an item sold out, or on sale"),
    Permission.STOCK: N_("count the shelf, or move things on it"),
    Permission.REFUND: N_("refund"),
    Permission.GIVE_BACK: N_("refund a payment"),
    Permission.TENDER: N_("correct how it was paid"),
    Permission.SETTLE: N_("settle an unknown payment"),
    Permission.TAKE_OVER: N_("take over an order"),
    Permission.SET_ASIDE: N_("skip a record"),
    Permission.MOVE_CASH: N_("move cash in or out of the drawer"),
    Permission.NO_SALE: N_("open the drawer without a sale"),
    Permission.COUNT_AGAIN: N_("count the drawer again"),
    Permission.READ_CASH: N_("read the cash"),
    Permission.CLOSE_SHIFT: N_("close the shift"),
    Permission.CLOSE_TILL: N_("close the till"),
}


class PermissionRequest(NamedTuple):
    """A request for an act.

    Attributes:
        act: the act.
        amount: the money that it moves or takes off a price; None if it does neither.
        of: the price that a discount is taken off.
        grows: True if a discount also applies to later lines, as a percentage of the whole order does. Only `share`
            limits such a discount.
        pieces: the pieces, kilograms or litres that it counts or moves on the shelf.
    """

    act: Permission
    amount: Minor | None = None
    of: Minor = NOTHING
    grows: bool = False
    pieces: int = 0


class ApprovalNeededError(RightsError):
    """An act that needs a manager's approval.

    Attributes:
        asked: the right to approve.
    """

    def __init__(self, asked: PermissionRequest) -> None:
        super().__init__()
        self.asked = asked


class RoleLimits(Struct, frozen=True):
    """The limits of a role.

    Attributes:
        may: the acts allowed, without a limit but those of `cash` and `stock`.
        share: the largest part of a price that a discount may take off.
        amount: the largest amount that a discount may take off any price, unless it `grows`. The greater of the two
            limits counts.
        cash: the largest movement of cash in or out of the drawer; None for no limit.
        stock: the largest amount that is counted or moved on the shelf at once; None for no limit.
    """

    may: frozenset[Permission] = frozenset()
    share: Millionths = _NONE
    amount: Minor = NOTHING
    cash: Minor | None = None
    stock: int | None = None

    def allow(self, asked: PermissionRequest) -> bool:
        """True if the role may do the act without approval."""
        off = abs(asked.amount or 0)
        if asked.act in self.may:
            limit = {Permission.MOVE_CASH: self.cash, Permission.STOCK: self.stock}.get(asked.act)
            return limit is None or max(off, asked.pieces) <= limit
        most = share_of(Minor(abs(asked.of)), self.share)
        return asked.act is Permission.DISCOUNT and off <= (most if asked.grows else max(most, self.amount))


#: The acts of a cashier on the drawer, if the setting names no others.
COUNTER: Final = frozenset({Permission.MOVE_CASH, Permission.NO_SALE, Permission.CLOSE_SHIFT})


class Rights(Struct, frozen=True):
    """The rights of each role of a venue; an admin may do everything.

    Attributes:
        meal: the part of a price that a staff meal takes off.
    """

    cashier: RoleLimits = field(default_factory=lambda: RoleLimits(COUNTER, share=_TENTH))
    manager: RoleLimits = field(default_factory=lambda: RoleLimits(frozenset(Permission), _WHOLE))
    meal: Millionths = _HALF

    def allow(self, role: Role, asked: PermissionRequest) -> bool:
        """True if a person with the role may do the act without approval."""
        match role:
            case Role.ADMIN:
                return True
            case Role.MANAGER:
                return self.manager.allow(asked)
            case Role.CASHIER:
                return self.cashier.allow(asked)


class Approval(Struct, frozen=True):
    """The approval of one act, by staff number and PIN. It is valid for one use, or for a refund in several tenders."""

    asked: PermissionRequest
    by: Person


def read_acts(text: str) -> frozenset[Permission]:
    """Return the acts that a setting names, in the form of `ACTS_PATTERN`."""
    named = text.replace(",", " ").split()
    return frozenset(Permission) if named == [ALL] else frozenset(map(Permission, named))
