"""The intents of quick entry: the possible commands of a typed line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.money.measures import NOTHING
from till.register.quick_entry.choices import options_called

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.line import Modifier
    from till.domain.shift.events import MovementKind
    from till.register.quick_entry.lookup import Lookup

#: The longest entry. A longer one is a paste into the wrong place.
LONGEST: Final = 200


class AddItem(Struct, frozen=True):
    """Key a quantity of an item.

    Attributes:
        price4: a typed price.
        modifiers: the options chosen with it.
        measure: a typed weight, in thousandths.
        turned: the entry with its two numbers swapped, if they may be in the wrong order: `2 x 26`.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None
    turned: str = ""


class Choose(Struct, frozen=True):
    """Offer a choice of several items. The rest of the entry is kept; `options` are the words after the name.

    Attributes:
        unsold: the number of items at the end that are not on sale now; they are listed but not offered.
    """

    query: str
    items: tuple[Item, ...]
    quantity: int
    price4: Price4 | None = None
    options: str = ""
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None
    unsold: int = 0

    @property
    def offered(self) -> tuple[Item, ...]:
        """The items to choose from."""
        return self.items[: len(self.items) - self.unsold]

    def picked(self, place: int, lookup: Lookup) -> AddItem:
        """Return the entry for the picked item."""
        item = self.items[place]
        modifiers = options_called(item, self.options, lookup) if self.options else None
        return AddItem(item, self.quantity, self.price4, modifiers or (), self.seat, self.course, self.measure)


class AddAll(Struct, frozen=True):
    """Key several items at once, all or none. Those of `near` are merely similar to what was typed."""

    items: tuple[AddItem, ...]
    near: tuple[AddItem, ...] = ()


class OneMore(Struct, frozen=True):
    """Key more of the last item."""

    quantity: int = 1


class OneLess(Struct, frozen=True):
    """Remove pieces of the marked line."""

    quantity: int = 1


class TakeOff(Struct, frozen=True):
    """Remove a line or some of its pieces; `item_ids` are the items that match the name.

    `wish` is the typed text if it may be a note instead: “no onion”.
    """

    name: str
    item_ids: tuple[str, ...]
    quantity: int | None = None
    wish: str = ""


class Wish(Struct, frozen=True):
    """Add a note to a line: “less sugar”, with “sugar” as `named`.

    `item` is the item that the words may name instead: “extra idly”.
    """

    words: str
    item: Item | None = None
    named: str = ""


class ShowMenu(Struct, frozen=True):
    """Show the menu."""


class ShowCart(Struct, frozen=True):
    """Show the lines of the order."""


class GoToPay(Struct, frozen=True):
    """Go to the pay screen."""


class PayCash(Struct, frozen=True):
    """Take cash, in minor units; None for the exact amount due."""

    amount: Minor | None


class PayCard(Struct, frozen=True):
    """Pay by card, phone, voucher or account: the amount due, or an amount in minor units, with a slip number."""

    tender: str = "CARD"
    amount: Minor | None = None
    slip: str = ""


class GiveTip(Struct, frozen=True):
    """Add a tip on top, in minor units; zero removes it."""

    amount: Minor


class SetType(Struct, frozen=True):
    """Set the order type: take away or eat in."""

    order_type: str


class ToTab(Struct, frozen=True):
    """Save to a tab; None to ask for its name."""

    name: str | None


class Recall(Struct, frozen=True):
    """Recall a tab; None to list them."""

    name: str | None


class ToSales(Struct, frozen=True):
    """Show past sales; `number` is a receipt number."""

    number: str = ""


class Split(Struct, frozen=True):
    """Split the bill in a number of even parts; 0 for by piece, or by items with `items`."""

    guests: int = 0
    items: bool = False


class LastSaleWas(Struct, frozen=True):
    """Correct the tender of the last sale, by its label."""

    tender: str


class ForCustomer(Struct, frozen=True):
    """Set the customer of the order; empty to ask for one."""

    who: str = ""


class SetPreference(Struct, frozen=True):
    """Note a preference of the guest for the whole order, by its kind; without words clear it."""

    name: str
    words: str = ""


class GiveFeedback(Struct, frozen=True):
    """Record the feedback of the guest who paid last."""

    score: int
    words: str = ""


class SeatLine(Struct, frozen=True):
    """Assign the marked line to a guest or a course; 0 clears it, None leaves it unchanged."""

    seat: int | None = None
    course: int | None = None


class FireCourse(Struct, frozen=True):
    """Fire a course; None for the next one."""

    course: int | None = None


class SetPrice(Struct, frozen=True):
    """Override the price of the marked line; None to ask for it."""

    price4: Price4 | None = None


class SoldOut(Struct, frozen=True):
    """Mark an item as sold out (86), or back on sale; `items` are the items that match the name."""

    sold_out: bool
    name: str
    items: tuple[Item, ...]


class Discounted(Struct, frozen=True):
    """Give a discount: `P` for percent, `A` for an amount, `comp`, `staff_meal`; empty to ask.

    `figure` is the typed figure; `whole` is true for the whole order, false for the marked line.
    """

    way: str = ""
    figure: str = ""
    whole: bool = False


class MoveCash(Struct, frozen=True):
    """Move cash in or out of the drawer by hand, in minor units; `words` is the reason."""

    kind: MovementKind
    amount: Minor
    words: str = ""


class CountDrawer(Struct, frozen=True):
    """Count the cash in the drawer, in minor units, and take some of it out; None to open the form.

    With `is_float`, what differs was brought in or taken out.
    """

    amount: Minor
    taken: Minor = NOTHING
    to: str = ""
    is_float: bool = False


class PayOff(Struct, frozen=True):
    """Take cash for a house account; without an amount all that is owed, without a name ask for one."""

    who: str = ""
    amount: Minor | None = None


class ShowZ(Struct, frozen=True):
    """Show the Z of a closed shift by its number, `1-Z000042` or `42`."""

    number: str


class SellVoucher(Struct, frozen=True):
    """Take the cash for a voucher that was issued unpaid; without a code ask for it."""

    code: str = ""


Intent = (
    AddItem
    | AddAll
    | OneMore
    | OneLess
    | TakeOff
    | Wish
    | Choose
    | ShowMenu
    | ShowCart
    | GoToPay
    | PayCash
    | PayCard
    | GiveTip
    | SetType
    | ToTab
    | Recall
    | ForCustomer
    | SetPreference
    | GiveFeedback
    | SeatLine
    | FireCourse
    | SetPrice
    | SoldOut
    | ToSales
    | Split
    | LastSaleWas
    | Discounted
    | MoveCash
    | CountDrawer
    | PayOff
    | SellVoucher
    | ShowZ
)
