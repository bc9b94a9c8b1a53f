"""The documents' own conversation, keyed: it ends with exactly the events that they list."""

from collections import Counter

from tests.register.conftest import Till
from till.domain.order.events import MenuViewed, ShownItem
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.register.quick_entry import language
from till.register.quick_entry.intents import AddItem, OneMore, PayCash, SetType, ShowCart, ShowMenu


def test_the_conversation_of_the_documents(till: Till) -> None:
    register, clock = till.register, till.clock
    session: str | None = None
    answers: list[str] = []
    for typed in ("show me the menu", "add 2 idly", "also add 1 masala dosa", "view my cart", "add one more"):
        clock.move(seconds=15)
        intent = language.understand(typed, register.lookup, register.venue.terms.currency)
        if isinstance(intent, OneMore):
            assert session is not None
            last = register.ledger.order(session).last_item
            assert last is not None
            intent = AddItem(register.menu.by_id[last[0]], intent.quantity)
        if isinstance(intent, AddItem):
            order = register.sales.add(session, 1, ItemEntry(intent.item, intent.quantity, intent.price4))
            session = order.id
            answers.append(register.answers.added(order, intent.item.name, intent.quantity))
        elif isinstance(intent, ShowMenu):
            moment = register.venue.local(register.ledger.now())
            session = register.sales.view_menu(session, 1, "", list(register.menu.sold_at(moment))).id
        else:
            assert isinstance(intent, ShowCart)
            answers.append(register.answers.size(register.ledger.order(session or "")))
    assert answers == [
        "Added 2 × Idly. Total ₹80.00.",
        "Added 1 × Masala Dosa. Total ₹160.00.",
        "2 lines, ₹160.00",
        "Added 1 × Masala Dosa. Total ₹240.00.",
    ]
    assert session is not None
    kind = language.understand("take away", register.lookup, register.venue.terms.currency)
    assert isinstance(kind, SetType)
    register.sales.set_order_type(session, 1, kind.order_type)
    cash = language.understand("cash", register.lookup, register.venue.terms.currency)
    assert cash == PayCash(None)
    order = register.checkout.pay_exact(session)

    counted = Counter(till.types())
    assert counted["menu_viewed"] == 1
    assert counted["item_added"] == 3
    assert counted["order_placed"] == 1
    assert set(counted) - {"menu_viewed", "item_added", "order_placed"} == {
        "order_opened",
        "payment_started",
        "payment_approved",
    }
    (viewed,) = till.wrote(MenuViewed)
    assert (viewed.meal_period, viewed.query) == ("Breakfast", "")
    assert viewed.items[0] == ShownItem(id="item-1", name="Idly", position=1)
    assert order.status is Status.COMPLETED
    assert order.placed is not None
    placed = order.placed.data
    assert (placed.total, placed.payment_method, placed.order_type) == ("240.00", "cash", "take_away")
    assert [(row.item_name, row.quantity, row.unit_price, row.subtotal) for row in placed.lines] == [
        ("Idly", 2, "40.00", "80.00"),
        ("Masala Dosa", 2, "80.00", "160.00"),
    ]
