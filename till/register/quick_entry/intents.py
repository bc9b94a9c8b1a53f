"""What a typed line can ask for: the intents that quick entry gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.register.quick_entry.choices import options_called

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.line import Modifier
    from till.register.quick_entry.lookup import Lookup

#: More than this is a paste that missed its place.
LONGEST: Final = 200


class AddItem(Struct, frozen=True):
    """Key so many of an item.

    Attributes:
        price4: a price that was typed.
        modifiers: what was chosen with it.
        measure: a weight that was typed, in thousandths.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None


class Choose(Struct, frozen=True):
    """Several items fit: ask, with what was typed before the name kept; `options` are the words behind it."""

    query: str
    items: tuple[Item, ...]
    quantity: int
    price4: Price4 | None = None
    options: str = ""
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None

    def picked(self, place: int, lookup: Lookup) -> AddItem:
        """The one that was picked of them."""
        item = self.items[place]
        modifiers = options_called(item, self.options, lookup) if self.options else None
        return AddItem(item, self.quantity, self.price4, modifiers or (), self.seat, self.course, self.measure)


class AddAll(Struct, frozen=True):
    """Key several items at once, all or none."""

    items: tuple[AddItem, ...]


class OneMore(Struct, frozen=True):
    """So many more of the item that was last mentioned."""

    quantity: int = 1


class OneLess(Struct, frozen=True):
    """So many fewer of the line that is marked."""

    quantity: int = 1


class TakeOff(Struct, frozen=True):
    """Take a line off the order, or so many of it; `item_ids` are the items that its name can mean.

    `wish` is what was typed, where it may be a wish instead: “no onion”.
    """

    name: str
    item_ids: tuple[str, ...]
    quantity: int | None = None
    wish: str = ""


class Wish(Struct, frozen=True):
    """Something is wished of a line: “less sugar”. `item` is what the words may mean instead: “extra idly”."""

    words: str
    item: Item | None = None


class ShowMenu(Struct, frozen=True):
    """The menu is asked for."""


class ShowCart(Struct, frozen=True):
    """What is on the order is asked for."""


class GoToPay(Struct, frozen=True):
    """The guest is ready to pay."""


class PayCash(Struct, frozen=True):
    """Cash was handed over; None for exactly what is due. Minor units."""

    amount: Minor | None


class PayCard(Struct, frozen=True):
    """Not cash: by card, phone, voucher or account, all or an amount in minor units, with the number of a slip."""

    tender: str = "CARD"
    amount: Minor | None = None
    slip: str = ""


class GiveTip(Struct, frozen=True):
    """The guest gives a tip on top. Minor units; nothing takes it off again."""

    amount: Minor


class SetType(Struct, frozen=True):
    """Take away or eat in."""

    order_type: str


class ToTab(Struct, frozen=True):
    """Save to a tab; None to be asked which."""

    name: str | None


class Recall(Struct, frozen=True):
    """Bring a tab back; None to be shown what waits."""

    name: str | None


class ToSales(Struct, frozen=True):
    """Look at past sales; `number` is the receipt that was said."""

    number: str = ""


class Split(Struct, frozen=True):
    """Guests pay apart, so many of them; 0 where it is not said."""

    guests: int = 0


class LastSaleWas(Struct, frozen=True):
    """The last sale was paid so in truth: what people call the tender."""

    tender: str


class ForCustomer(Struct, frozen=True):
    """Whose order it is; empty to be asked."""

    who: str = ""


class SeatLine(Struct, frozen=True):
    """Whose the marked line is, or with which course it comes; 0 takes that off, None leaves it."""

    seat: int | None = None
    course: int | None = None


class SetPrice(Struct, frozen=True):
    """Another price for a piece of the marked line; None to be asked."""

    price4: Price4 | None = None


class SoldOut(Struct, frozen=True):
    """An item is sold out (86), or there again; `items` are those that its name can mean."""

    sold_out: bool
    name: str
    items: tuple[Item, ...]


class Discounted(Struct, frozen=True):
    """Something comes off: `P` so many percent, `A` an amount, `comp`, `staff_meal`; empty to be asked.

    `figure` is what was typed for it.
    """

    way: str = ""
    figure: str = ""


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
    | SeatLine
    | SetPrice
    | SoldOut
    | ToSales
    | Split
    | LastSaleWas
    | Discounted
)
