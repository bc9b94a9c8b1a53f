"""The intents of quick entry: the possible commands of a typed line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_
from till.register.quick_entry.choices import options_called
from till.register.quick_entry.slots import Intent, minor, slot

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.measures import Minor, Price4, Thousandths
    from till.domain.order.line import Modifier
    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.slots import Amounts, Phrases, Slots

#: The longest entry. A longer one is a paste into the wrong place.
LONGEST: Final = 200


class AddItem(Intent, frozen=True):
    """Key a quantity of an item.

    Attributes:
        price4: a typed price.
        modifiers: the options chosen with it.
        measure: a typed weight, in thousandths.
        turned: the entry with its two numbers swapped, if they may be in the wrong order: `2 x 26`.
        labelled: True if a label carries its weight or price, which is not doubted.
        order_type: the order type that was typed behind it; empty for that of its order.
    """

    item: Item
    quantity: int = 1
    price4: Price4 | None = None
    modifiers: tuple[Modifier, ...] = ()
    seat: int | None = None
    course: int | None = None
    measure: Thousandths | None = None
    turned: str = ""
    labelled: bool = False
    order_type: str = ""


class Choose(Intent, frozen=True):
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
    order_type: str = ""

    @property
    def offered(self) -> tuple[Item, ...]:
        """The items to choose from."""
        return self.items[: len(self.items) - self.unsold]

    def picked(self, place: int, lookup: Lookup) -> AddItem:
        """Return the entry for the picked item."""
        item = self.items[place]
        modifiers = options_called(item, self.options, lookup) if self.options else None
        return AddItem(
            item,
            self.quantity,
            self.price4,
            modifiers or (),
            self.seat,
            self.course,
            self.measure,
            order_type=self.order_type,
        )


class AddAll(Intent, frozen=True):
    """Key several items at once, all or none. Those of `near` are merely similar to what was typed."""

    items: tuple[AddItem, ...]
    near: tuple[AddItem, ...] = ()


class KeyCombo(Intent, frozen=True):
    """Choose the pieces of a combo, slot by slot."""

    combo: Promotion


class OneMore(Intent, frozen=True):
    """Key more of the last item."""

    quantity: int = 1


class OneLess(Intent, frozen=True):
    """Remove pieces of the marked line."""

    quantity: int = 1


class TakeOff(Intent, frozen=True):
    """Remove a line or some of its pieces; `item_ids` are the items that match the name.

    `wish` is the typed text if it may be a note instead: “no onion”.
    """

    name: str
    item_ids: tuple[str, ...]
    quantity: int | None = None
    wish: str = ""


class Wish(Intent, frozen=True):
    """Add a note to a line: “less sugar”, with “sugar” as `named`.

    `item` is the item that the words may name instead: “extra idly”.
    """

    words: str
    item: Item | None = None
    named: str = ""


class ShowMenu(Intent, frozen=True):
    """Show the menu."""


class ShowCart(Intent, frozen=True):
    """Show the lines of the order."""


class GoToPay(Intent, frozen=True):
    """Go to the pay screen."""


class PayCash(Intent, frozen=True):
    """Take cash, in minor units; None for the exact amount due."""

    amount: Minor | None


class PayCard(Intent, frozen=True):
    """Pay by card, phone, voucher or account: the amount due, or an amount in minor units, with a slip number."""

    tender: str = "CARD"
    amount: Minor | None = None
    slip: str = ""


class GiveTip(Intent, frozen=True):
    """Add a tip on top, in minor units; zero removes it."""

    amount: Minor


class ToTab(Intent, frozen=True):
    """Save to a tab; None to ask for its name."""

    name: str | None


class Recall(Intent, frozen=True):
    """Recall a tab; None to list them."""

    name: str | None


class ToSales(Intent, frozen=True):
    """Show past sales; `number` is a receipt number."""

    number: str = ""


class Split(Intent, frozen=True):
    """Split the bill in a number of even parts; 0 for by piece, or by items with `items`."""

    guests: int = 0
    items: bool = False


class LastSaleWas(Intent, frozen=True):
    """Correct the tender of the last sale, by its label."""

    tender: str


class ForCustomer(Intent, frozen=True):
    """Set the customer of the order; empty to ask for one."""

    who: str = ""


class GiveFeedback(Intent, frozen=True):
    """Record the feedback of the guest who paid last."""

    score: int
    words: str = ""


class SayWord(Intent, frozen=True):
    """Carry out a word that a subject declares, by its name; `slots` has what was typed in those of its phrase."""

    name: str
    slots: dict[str, str]


class SetPrice(Intent, frozen=True):
    """Override the price of the marked line; None to ask for it."""

    price4: Price4 | None = None


class SoldOut(Intent, frozen=True):
    """Mark an item as sold out (86), or back on sale; `items` are the items that match the name.

    With `left`, the pieces that can still be sold: until the business day ends, unless it is to `keep`. `choice` is the
    choice that is meant.
    """

    sold_out: bool
    name: str
    items: tuple[Item, ...]
    left: int | None = None
    keep: bool = False
    choice: str = ""


class Discounted(Intent, frozen=True):
    """Give a discount: `P` for percent, `A` for an amount, `comp`, `staff_meal`; empty to ask.

    `figure` is the typed figure; `whole` is true for the whole order, false for the marked line.
    """

    way: str = ""
    figure: str = ""
    whole: bool = False


def pay_by(tender: str, slots: Slots, money: Amounts) -> PayCard:
    """Return the payment by a tender, of an amount and with a slip if they are typed."""
    return PayCard(tender, minor(slots.get("amount"), money), slot(slots, "slip"))


#: The order types that a phrase names: of the order, or behind an item of its line.
TYPES: Final = ("take_away", "dine_in")

#: The meaning of each phrase that is not about an item; the first that matches holds. Subjects declare the others as
#: words (`till.register.words`). These stay, as each is two acts under one sentence: a screen or a sheet of the till,
#: that follows a payment, counts, or asks for a reason first; and `till say`, which answers at once or refuses.
PHRASES: Final[Phrases] = {
    "menu": lambda _slots, _money: ShowMenu(),
    "cart": lambda _slots, _money: ShowCart(),
    "pay": lambda _slots, _money: GoToPay(),
    "comp": lambda _slots, _money: Discounted("comp"),
    "staff_meal": lambda _slots, _money: Discounted("staff_meal"),
    "discount": lambda _slots, _money: Discounted(),
    "discount_order": lambda _slots, _money: Discounted(whole=True),
    "tabs": lambda _slots, _money: ToTab(None),
    "items": lambda _slots, _money: Split(items=True),
    "card": lambda slots, money: pay_by("CARD", slots, money),
    "upi": lambda slots, money: pay_by("UPI", slots, money),
    "voucher": lambda slots, money: pay_by("VOUCHER", slots, money),
    "account": lambda slots, money: pay_by("ACCOUNT", slots, money),
    "tip": lambda slots, money: GiveTip(money.minor(slot(slots, "amount"))),
    "cash": lambda slots, money: PayCash(minor(slots.get("word") or slots.get("figure"), money)),
    "price": lambda slots, money: SetPrice(money.price4(slot(slots, "word"))),
    "percent_off_order": lambda slots, _money: Discounted("P", slot(slots, "figure"), whole=True),
    "percent_off": lambda slots, _money: Discounted("P", slot(slots, "figure")),
    "amount_off_order": lambda slots, _money: Discounted("A", slot(slots, "figure"), whole=True),
    "amount_off": lambda slots, _money: Discounted("A", slot(slots, "figure")),
    "tab": lambda slots, _money: ToTab(slot(slots, "name")),
    "recall": lambda slots, _money: Recall(slots.get("name")),
    "customer": lambda slots, _money: ForCustomer(slot(slots, "who")),
    "feedback": lambda slots, _money: GiveFeedback(int(slot(slots, "number")), slot(slots, "wish")),
    "sales": lambda slots, _money: ToSales(slot(slots, "receipt")),
    "split": lambda slots, _money: Split(int(slot(slots, "guests") or 0)),
    "was": lambda slots, _money: LastSaleWas(slot(slots, "tender")),
}
#: The right form of a command that is begun in a wrong one.
USAGES: Final = {
    "split": N_("Type “split”, or “split 3” for three even parts; 9 at most."),
    "tip": N_("Type “tip 5”, with one amount."),
    "seat": N_("Type “seat 2” or “course 1”."),
    "fire": N_("Type “fire”, or “fire 2” for a course."),
    "card": N_("Type “card”, or “card 50” with an amount."),
    "discount": N_("Type “10% off” or “5 off”; the reason comes next."),
    "was": N_("Type “that was cash”, or how else it was paid."),
    "refund": N_("Type “refund 1-531”, the receipt's number. Or F10 finds it."),
    "feedback": N_("Type “feedback”, or “feedback 4 slow”: 1 to 5, and words."),
    "preference": N_("Type what: “allergy nuts”, or “prefers oat milk”."),
    "contains": N_("Type what: “contains nuts”."),
    "stock": N_("Type “delivered 24 cola”, “wasted 3 cola”, “stock cola”."),
    "invoice": N_("Type “invoice to Rao Ltd, 29ABC1234”: name, number."),
    "note": N_("F2 asks for a note. Or just type the note: “no onion”."),
    "tables": N_("F8 takes it: merge 7, move 9, guests 4 or hand over 2."),
}
