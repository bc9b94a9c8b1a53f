"""An order that has one of everything, for tests that look at whole records of it.

By hand, in rupees, taxes added to the price: 2 dosas with ghee 184.00, less 15 % for a senior 156.40; 0.335 kg of
gouda at 12.99 are 4.35; 3 cups 3.00; a dosa at half price 40.00. A tenth off the order takes 15.64, 0.44 and 4.00 of
them and nothing of a deposit, so 140.76, 3.91, 3.00 and 36.00 stay. GST 5 % is 7.04 and 1.80; VAT 20 % on gouda is
0.78, its levy 0.25. Service of 10 %, on 180.67, is 18.07, and VAT on it 3.61. All of it comes to 215.22.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from tests.domain.making import SESSION, TAB, Desk, Hand, uid
from till.domain.catalogue.menu import Item, Menu
from till.domain.catalogue.modifiers import ModifierGroup, Option
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.money.promotion import Offer
from till.domain.money.tax import Tax
from till.domain.order import discounting, guests, noting, paying, selling, suspension, voiding
from till.domain.order.discounting import Given
from till.domain.order.line import Modifier
from till.domain.order.paying import Tendered
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Tab
from till.domain.order.terms import ChargeRule, Terms
from till.domain.payment.events import CheckoutStarted

GST: Final = Tax("GST", Millionths(50_000))
VAT: Final = Tax("VAT", Millionths(200_000))
LEVY: Final = Tax("Levy", Millionths(0), Fraction(25), included=False)
TERMS: Final = Terms(
    Currency("INR"), included=False, charge=ChargeRule(Millionths(100_000), (VAT,), ("dine_in",), except_deposits=True)
)
DOSA: Final = Item("dosa", "Masala Dosa", "breakfast", Price4(800_000), "A", modifiers=("extra", "size"))
GOUDA: Final = Item("gouda", "Gouda", "deli", Price4(129_900), "B", unit="kg")
CUP: Final = Item("cup", "Cup", "extras", Price4(10_000), "", returnable=True)
EXTRA: Final = ModifierGroup("extra", "Extra", 0, 2, (Option("ghee", Price4(120_000)), Option("podi", Price4(0))))
SIZE: Final = ModifierGroup("size", "Size", 0, 1, (Option("large", Price4(200_000)),))
MENU: Final = Menu(1, {"A": (GST,), "B": (VAT, LEVY)}, items=(DOSA, GOUDA, CUP), groups={"extra": EXTRA, "size": SIZE})
GHEE: Final = Modifier("ghee", Price4(120_000), "extra")
LATE: Final = Offer("Late", rate=Millionths(500_000))
TABLE: Final = Tab(TAB, "table 7", 7, 3)


def laden() -> Desk:
    """Return the order, active on till 1 after it was on a tab, with a voided dosa."""
    desk = Desk(TERMS, menu=MENU)
    desk.order = desk.hand.take(
        None, [selling.open_order(SESSION, 1, TERMS, "dine_in", ref="sale 12", from_session=uid("late"))]
    )
    for line, keyed in (
        ("l1", ItemEntry(DOSA, 2, modifiers=(GHEE,), seat=2, course=1)),
        ("l2", ItemEntry(GOUDA, measure=Thousandths(335))),
        ("l3", ItemEntry(CUP, 3)),
        ("l4", ItemEntry(DOSA, offers=(LATE,))),
        ("l5", ItemEntry(DOSA, 2, price4=Price4(500_000))),
    ):
        desk.do(selling.add_item(desk.order, MENU, keyed, uid(line)))
    desk.do(noting.note_row(desk.order, uid("l1"), "no onion"))
    desk.do(voiding.void_row(desk.order, uid("l5"), "dropped"))
    desk.do(discounting.give(desk.order, uid("l1"), Given(rate=Millionths(150_000), name="Senior")))
    desk.do(discounting.give(desk.order, None, Given(rate=Millionths(100_000), reason="friend")))
    desk.do(noting.note_order(desk.order, "rush"))
    desk.do(guests.attach_customer(desk.order, uid("guest"), ""))
    desk.do(guests.set_preference(desk.order, "spice", "mild"))
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    return desk


def part_paid() -> Desk:
    """Return the order at till 2, after till 1 took 100.00 in cash for it."""
    desk = laden()
    desk.do_one(CheckoutStarted())
    take(desk, "p1", Tendered("CASH", Minor(10_000), drawer=1))
    other = Hand(2, user=6)
    desk.grant(other)
    desk.hand = other
    return desk


def take(desk: Desk, payment: str, tendered: Tendered) -> None:
    """Take a payment."""
    drafts = paying.approve_payment(desk.order, uid(payment), tendered, cashback=True)
    desk.do([*paying.start_payment(desk.order, uid(payment), tendered), *drafts])
