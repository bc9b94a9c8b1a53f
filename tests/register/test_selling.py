from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import MENU, Till, item
from tests.register.exchange import take
from till.domain.errors import AmountError, LineError, OrderClosedError, PaymentError, RightsError, TillError
from till.domain.money.measures import Minor, Price4, Thousandths
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.discounting import ALL_OF_IT, Given
from till.domain.order.selling import ItemEntry, NotForSaleError, PriceNeededError
from till.domain.order.state import Status
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.words.undo import undo

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order
    from till.register.selling import Sales


def test_the_first_line_opens_an_order(till: Till) -> None:
    order = till.add(None, 1, 2)
    assert (order.status, order.user, order.order_type, order.total) == (Status.ACTIVE, 1, "take_away", 8_000)


def test_an_item_that_is_not_on_sale_opens_no_order(till: Till) -> None:
    for plu in (4, 5):
        with pytest.raises(NotForSaleError):
            till.add(None, plu)
    assert till.types() == []


def plan(till: Till, price: str | None, starts: str) -> None:
    """Receive a price of item 1 that holds from a time on."""
    cached = till.journal.cached("menu")
    assert cached is not None
    version, body = cached
    items = [
        item | ({"prices": [{"from": starts, "price": price}]} if item["plu"] == 1 else {}) for item in body["items"]
    ]
    till.journal.cache("menu", version + 1, {**body, "items": items})
    till.register.reference_changed(["menu"])


def test_a_price_from_a_time_on_is_charged_from_that_moment_and_what_was_keyed_keeps_its_own(till: Till) -> None:
    plan(till, "45.00", "2026-03-03T06:00:00Z")
    order = till.add(None, 1)
    picked = till.register.lookup.search("idly", 1)[0]
    till.clock.move(minutes=58, seconds=57)
    assert till.add(order.id, 1).total == 8_000
    assert till.register.menu is till.register.menu
    till.clock.move(seconds=1)
    assert till.register.menu.by_plu[1].price4 == till.register.lookup.search("idly", 1)[0].price4 == 450_000
    order = till.register.sales.add(order.id, 1, ItemEntry(picked))  # it was on the screen before
    assert order.total == 12_500
    till.start()
    assert till.register.ledger.order(order.id).total == 12_500
    till.clock.jump(hours=-1)  # somebody sets the clock back
    assert till.register.menu.by_plu[1].price4 == 400_000


def test_a_price_that_becomes_open_is_asked_for_from_that_moment(till: Till) -> None:
    plan(till, None, "2026-03-03T05:01:00Z")
    with pytest.raises(PriceNeededError):
        till.add(None, 1)


def test_an_item_sold_out_while_it_was_on_the_screen_is_not_sold(till: Till) -> None:
    picked = till.register.menu.by_plu[1]
    cached = till.journal.cached("menu")
    assert cached is not None
    version, body = cached
    items = [item | {"sold_out": item["plu"] == 1} for item in body["items"]]
    till.journal.cache("menu", version + 1, {**body, "items": items})
    till.register.reference_changed(["menu"])
    with pytest.raises(NotForSaleError, match="sold out"):
        till.register.sales.add(None, 1, ItemEntry(picked))


def change_menu(till: Till, **parts: Any) -> None:
    """Receive another menu at this till."""
    version, body = till.journal.cached("menu") or (0, {})
    till.journal.cache("menu", version + 1, {**body, **parts})
    till.register.reference_changed(["menu"])


def test_an_item_picked_before_the_menu_changed_has_the_tax_of_the_new_menu(till: Till) -> None:
    picked = till.register.menu.by_plu[1]
    change_menu(
        till,
        taxes={"B": [{"name": "GST", "rate": "18"}]},
        items=[one | {"tax": "B", "name": "Idli"} for one in MENU["items"]],
    )
    (row,) = till.register.sales.add(None, 1, ItemEntry(picked)).priced.rows
    assert (row.first.name, [tax.percent for tax in row.taxes]) == ("Idli", ["18"])


def test_an_item_picked_before_it_left_the_menu_is_not_sold(till: Till) -> None:
    picked = till.register.menu.by_plu[1]
    change_menu(till, items=MENU["items"][1:])
    with pytest.raises(NotForSaleError, match="Idly is no longer on the menu"):
        till.register.sales.add(None, 1, ItemEntry(picked))
    assert till.types() == []


@pytest.mark.parametrize("user", [1, 9])
def test_a_price_that_is_typed_for_what_has_one_is_given_on_its_line_with_a_reason(till: Till, user: int) -> None:
    """The report of discounts and changed prices lists it there, whoever typed it."""
    menu, sales = till.register.menu, till.register.sales
    till.register.ledger.user = user
    cheap = ItemEntry(menu.by_plu[1], price4=Price4(10_000))
    with pytest.raises(AmountError, match="Idly is 40"):
        sales.add(None, 1, cheap)
    with pytest.raises(AmountError, match="Idly is 40"):
        sales.add(None, 1, ItemEntry(menu.by_plu[2]), cheap)
    assert till.types() == []
    order = sales.add(None, 1, ItemEntry(menu.by_plu[1], price4=Price4(400_000)))
    assert sales.add(order.id, 1, ItemEntry(menu.by_plu[7], price4=Price4(10_000))).total == 4_100  # its price is open


@pytest.mark.parametrize(
    ("give", "act"),
    [
        (
            lambda sales, order, line: sales.take_off(order, line, Given(ALL_OF_IT, kind="comp", reason="cold")),
            Permission.COMP,
        ),
        (lambda sales, order, line: sales.override_price(order, line, Price4(10_000), "cold"), Permission.PRICE),
    ],
)
def test_more_of_what_a_manager_gave_needs_a_manager(
    till: Till, give: Callable[[Sales, str, str], Order], act: Permission
) -> None:
    order, sales = till.order(1), till.register.sales
    line = next(iter(order.lines))
    till.register.ledger.user = 9
    total = give(sales, order.id, line).total
    till.register.ledger.user = 1
    with pytest.raises(RightsError):
        sales.change_quantity(order.id, line, 3)
    assert till.register.ledger.order(order.id).total == total
    asked = till.register.approvals.lacking(lambda: sales.change_quantity(order.id, line, 3))
    assert asked is not None
    assert asked.act is act
    approval = till.register.approvals.give(till.register.access.find(9), asked)
    order = sales.change_quantity(order.id, line, 3, approval)
    (row,) = order.priced.rows
    assert (row.quantity, order.total) == (3, 3 * total)
    assert [one.first_price4 for one in row.lines] == [400_000, 400_000]


def test_more_of_what_is_sold_out_meanwhile_is_not_keyed_and_what_was_taken_off_comes_back(till: Till) -> None:
    order, sales = till.add(None, 1, 2), till.register.sales
    line = next(iter(order.lines))
    till.register.reference.mark("item-1", sold_out=True)
    sales.change_quantity(order.id, line, 1)
    assert sales.change_quantity(order.id, line, 2).total == 8_000
    with pytest.raises(NotForSaleError, match="sold out"):
        sales.change_quantity(order.id, line, 3)


def test_recorded_trading_is_sold_at_any_time(till: Till) -> None:
    keyed = ItemEntry(till.register.menu.by_plu[4])
    assert till.register.sales.add(None, 1, keyed, at_any_time=True).total == 5_000


def test_the_last_void_comes_back_then_the_one_before(till: Till) -> None:
    order = till.order(1, 2)
    idly, dosa = (row.first.id for row in order.priced.rows)
    assert till.register.sales.void(order.id, idly, "dropped").first.name == "Idly"
    till.register.sales.void(order.id, dosa, "dropped")
    assert till.register.sales.undo(order.id).total == 8_000
    assert till.register.sales.undo(order.id).total == 12_000


def test_the_last_line_is_undone_then_the_one_before(till: Till) -> None:
    order, sales = till.order(1, 2), till.register.sales
    assert sales.undo(order.id).total == 4_000
    assert sales.undo(order.id).total == 0
    with pytest.raises(LineError, match="There is nothing to undo"):
        sales.undo(order.id)
    assert {void.void.reason for void in till.register.ledger.order(order.id).priced.voids if void.void} == {"undone"}


def test_an_undone_change_counts_for_no_other_undo(till: Till) -> None:
    order, sales = till.order(1, 2), till.register.sales
    idly, dosa = order.lines
    sales.void(order.id, idly, "dropped")
    sales.change_quantity(order.id, dosa, 3)
    assert sales.undo(order.id).total == 8_000, "the pieces that were added"
    assert sales.undo(order.id).total == 12_000, "the void"
    sales.change_quantity(order.id, dosa, 4)
    sales.change_quantity(order.id, dosa, 2)
    assert sales.undo(order.id).total == 36_000, "the pieces that were taken off"
    assert sales.undo(order.id).total == 12_000


def test_pieces_that_came_back_are_not_undone_nor_is_what_was_before(till: Till) -> None:
    order, sales = till.order(1), till.register.sales
    [idly] = order.lines
    sales.change_quantity(order.id, idly, 3)
    sales.change_quantity(order.id, idly, 2)
    sales.change_quantity(order.id, idly, 3)
    for _twice in range(2):
        with pytest.raises(LineError, match=r"^1 × Idly came back last\. − removes it again\.$"):
            sales.undo(order.id)
    dosa = list(sales.add(order.id, 1, ItemEntry(till.register.menu.by_plu[2], 4)).lines)[-1]
    sales.change_quantity(order.id, dosa, 1)
    sales.change_quantity(order.id, dosa, 3)
    with pytest.raises(LineError, match=r"^2 × Masala Dosa came back last\. − removes them again\.$"):
        sales.undo(order.id)


def test_the_type_of_an_order_is_undone(till: Till) -> None:
    order, sales = till.order(1), till.register.sales
    sales.set_order_type(order.id, 1, "dine_in")
    after = sales.undo(order.id)
    assert (after.order_type, after.total) == (order.order_type, order.total)
    assert sales.undo(order.id).total == 0


def test_a_weight_is_corrected_and_undone_in_one(till: Till) -> None:
    till.journal.cache("menu", 2, {**MENU, "items": [*MENU["items"], item("Mixture", 30, "400.00", unit="kg")]})
    till.start()
    sales, mixture = till.register.sales, till.register.menu.by_plu[30]
    order = sales.add(None, 1, ItemEntry(mixture, measure=Thousandths(250)))
    [line] = order.lines
    after = sales.weigh(order.id, line, Thousandths(350))
    assert [(row.first.measure, row.first.unit) for row in after.priced.rows] == [(350, "kg")]
    assert (after.total, [one.reason for one in after.lines[line].voids]) == (14_000, ["weighed again"])
    undone = undo(till.register, after, 1)
    assert undone.sentence == "Now 0.250 kg × Mixture. Total ₹100.00."
    assert [row.first.measure for row in undone.order.priced.rows] == [250]
    added = sales.add(order.id, 1, ItemEntry(mixture, measure=Thousandths(500)))
    assert undo(till.register, added, 1).sentence == "Undone: 0.500 kg × Mixture. Total ₹100.00."
    sales.take_off(order.id, line, Given(None, Minor(300), reason="late"))
    with pytest.raises(LineError, match="Its price was changed"):
        sales.weigh(order.id, line, Thousandths(350))


def test_a_sent_line_is_not_undone_without_its_right(till: Till) -> None:
    order, register = till.order(1), till.register
    register.tabs.save(order.id, "table 4")
    register.tabs.recall(order.id, 1)
    with pytest.raises(LineError, match="That was sent"):
        register.sales.undo(order.id)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda till, order: till.register.checkout.pay(order.id, "CASH", Minor(1_000)), "A payment was last"),
        (lambda till, order: till.acts.part(order.id, {list(order.lines)[1]: 1}), "Lines were moved last"),
        (lambda till, order: till.register.sales.attach_customer(order.id, 1, None, "Rao"), "customer was set last"),
    ],
)
def test_an_act_without_an_undo_is_named_and_nothing_older_undone(
    till: Till, act: Callable[[Till, Order], object], expected: str
) -> None:
    order, sales = till.order(1, 2, 3), till.register.sales
    sales.void(order.id, next(iter(order.lines)), "dropped")
    act(till, order)
    for _twice in range(2):
        with pytest.raises(LineError, match=expected):
            sales.undo(order.id)
    sales.add(order.id, 1, ItemEntry(till.register.menu.by_plu[1]))
    sales.undo(order.id)


def test_a_void_that_the_disk_refused_can_be_brought_back_by_nobody(till: Till) -> None:
    order = till.order(1)
    till.journal.full = True
    with pytest.raises(TillError):
        till.register.sales.void(order.id, next(iter(order.lines)), "dropped")
    till.journal.full = False
    assert till.register.sales.undo(order.id).total == 0, "the line itself"


def test_nothing_is_undone_of_a_line_that_is_on_another_order_now(till: Till) -> None:
    order, sales = till.order(1, 2), till.register.sales
    idly, dosa = order.lines
    for line in (idly, dosa):
        sales.take_off(order.id, line, Given(None, Minor(300), reason="late"))
    guest = till.acts.part(order.id, {dosa: 1})
    with pytest.raises(LineError, match="Lines were moved last"):
        sales.undo(order.id)
    assert till.acts.join(order.id, guest.id).total == 11_400


def test_a_discount_that_moved_with_its_lines_is_not_undone(till: Till) -> None:
    order, sales = till.order(1, 2), till.register.sales
    sales.take_off(order.id, None, Given(None, Minor(500), reason="late"))
    till.acts.part(order.id, {list(order.lines)[1]: 1})
    with pytest.raises(LineError, match="Lines were moved last"):
        sales.undo(order.id)


def test_wishes_and_the_menu_open_an_order_too(till: Till) -> None:
    assert till.register.sales.set_preference(None, 1, "onion", "none").preferences == {"onion": "none"}
    assert till.register.sales.set_order_type(None, 1, "dine_in").order_type == "dine_in"
    assert till.register.sales.view_menu(None, 1, "", []).step == "browsing"


# Taking money


def test_cash_gives_change_and_a_receipt(till: Till) -> None:
    order = till.register.checkout.pay(till.order(1, 2).id, "CASH", Minor(50_000))
    assert order.placed is not None
    assert order.placed.data.payments[0].change == "380.00"
    assert order.placed.data.business_date == "2026-03-03"
    assert (
        till.register.answers.change(order, till.register.checkout.tenders.traits_of) == "Paid ₹120.00. Change ₹380.00."
    )


def test_receipts_are_numbered_in_order_and_go_on_after_a_restart(till: Till) -> None:
    till.journal.set_series("")
    receipts = []
    for _sale in range(3):
        order = till.register.checkout.pay_exact(till.order(1).id)
        assert order.placed is not None
        receipts.append(order.placed.data.receipt)
        till.start()
    assert receipts == ["1-000001", "1-000002", "1-000003"]


def test_a_receipt_that_the_disk_refused_takes_no_number(till: Till) -> None:
    till.journal.set_series("")
    order = till.order(1)
    till.journal.full = True
    with pytest.raises(TillError):
        till.register.checkout.pay_exact(order.id)
    till.journal.full = False
    paid = till.register.checkout.pay_exact(order.id)
    assert paid.placed is not None
    assert paid.placed.data.receipt == "1-000001"


def test_a_journal_that_never_met_the_database_takes_letters_of_its_own(till: Till) -> None:
    order = till.register.checkout.pay_exact(till.order(1).id)
    assert order.placed is not None
    assert order.placed.data.receipt == "1XBEEF-000001"
    till.journal.set_series("B")
    order = till.register.checkout.pay_exact(till.order(1).id)
    assert order.placed is not None
    assert order.placed.data.receipt == "1XBEEF-000002"


def test_a_part_in_card_and_the_rest_in_cash(till: Till) -> None:
    order = till.order(1, 2)
    order = till.register.checkout.pay(order.id, "CARD", Minor(5_000))
    assert (order.status, order.due) == (Status.ACTIVE, 7_000)
    with pytest.raises(PaymentError, match="still due"):
        till.register.checkout.place(order.id)
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


def test_a_paid_order_takes_no_more_money(till: Till) -> None:
    order = till.register.checkout.pay_exact(till.order(1).id)
    with pytest.raises(OrderClosedError):
        till.register.checkout.pay(order.id, "CASH", Minor(4_000))
    with pytest.raises(OrderClosedError):
        till.register.checkout.pay_exact(order.id)
    with pytest.raises(OrderClosedError):
        till.register.checkout.place(order.id)
    assert till.types().count("order_placed") == 1


def test_an_empty_order_is_not_paid(till: Till) -> None:
    order = till.order(1)
    till.register.sales.void(order.id, next(iter(order.lines)), "left")
    blank = till.register.sales.view_menu(None, 1, "", [])
    for session in (order.id, blank.id):
        with pytest.raises(EmptyOrderError):
            till.register.checkout.pay_exact(session)
        with pytest.raises(EmptyOrderError):
            till.register.checkout.pay(session, "CASH", Minor(4_000))
    assert "order_placed" not in till.types()


def test_money_on_an_order_whose_lines_went_is_given_back(till: Till) -> None:
    order = till.order(1)
    till.register.checkout.pay(order.id, "CARD", Minor(1_000))
    till.register.sales.void(order.id, next(iter(order.lines)), "left")
    with pytest.raises(PaymentError, match=r"₹10\.00 was taken and no line is left"):
        till.register.recovery.discard(order.id, "left")
    with pytest.raises(RightsError):
        till.register.checkout.pay_exact(order.id)
    yes = till.register.approvals.give(
        till.register.access.find(9), PermissionRequest(Permission.GIVE_BACK, Minor(-1_000))
    )
    order = till.register.checkout.pay_exact(order.id, approval=yes)
    assert (order.status, order.paid, order.total) == (Status.COMPLETED, 0, 0)


def test_an_attempt_leaves_the_order_open(till: Till) -> None:
    order = till.register.checkout.attempt(till.order(1).id, "CARD", Minor(4_000), "no answer")
    assert (order.status, order.due, order.pending_payment) == (Status.ACTIVE, 4_000, None)
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


def test_an_order_that_comes_to_nothing_is_completed_without_money(till: Till) -> None:
    order = till.order(1)
    till.register.sales.discount(order.id, next(iter(order.lines)), amount=Minor(4_000), reason="friend")
    assert till.register.checkout.pay_exact(order.id).status is Status.COMPLETED


def test_a_finished_order_takes_no_line(till: Till) -> None:
    order = till.register.checkout.pay_exact(till.order(1).id)
    with pytest.raises(OrderClosedError, match="This order is finished"):
        till.add(order.id, 1)


def test_cash_below_the_smallest_coin_is_let_go() -> None:
    till = Till()
    settings = dict(till.journal.cached("settings")[1]) | {"rounding": {"step": "1.00"}}
    till.journal.cache("settings", 2, settings)
    till.start()
    order = till.register.checkout.pay_exact(till.add(None, 7, 1, 4_000).id)
    assert order.placed is not None
    assert (order.placed.data.total, order.placed.data.rounding) == ("0.40", "-0.40")
    assert till.register.answers.change(order, till.register.checkout.tenders.traits_of) == "Paid ₹0.00."


def test_money_beyond_a_bill_that_rounds_is_given_back_by_enter(till: Till) -> None:
    settings = dict(till.journal.cached("settings")[1]) | {"rounding": {"step": "1", "of": "bill"}}
    till.journal.cache("settings", 2, settings)
    till.start()
    order = till.add(till.add(None, 1, price4=604_000).id, 1, price4=500_000)
    till.register.checkout.pay(order.id, "UPI", Minor(6_040))
    till.register.sales.void(order.id, list(order.lines)[1], "dropped")
    yes = till.register.approvals.give(
        till.register.access.find(9), PermissionRequest(Permission.GIVE_BACK, Minor(-40))
    )
    placed = till.register.checkout.pay_exact(order.id, approval=yes).placed
    assert placed is not None
    assert (placed.data.total, placed.data.rounding) == ("60.40", "-0.40")


@pytest.mark.parametrize(("tenders", "rounding"), [(("UPI", "CARD"), "0.00"), (("CARD", "UPI"), "-0.20")])
def test_last_tender_decides_the_rounding_of_a_bill(till: Till, tenders: tuple[str, str], rounding: str) -> None:
    settings = dict(till.journal.cached("settings")[1])
    settings["rounding"] = {"step": "1", "of": "bill", "never": ["CARD"]}
    till.journal.cache("settings", 2, settings)
    till.start()
    order, (first, rest) = till.add(None, 1, price4=1_004_000), tenders
    till.register.checkout.pay(order.id, first, Minor(5_020))
    placed = till.register.checkout.pay_exact(order.id, rest).placed
    assert placed is not None
    assert (placed.data.total, placed.data.rounding) == ("100.40", rounding)


def test_a_sale_says_where_a_part_of_it_was_paid_that_another_till_took(till: Till, other: Till) -> None:
    session = till.order(2).id
    till.register.checkout.pay(session, "CASH", Minor(3_000))
    take(till, other, session)
    placed = other.register.checkout.pay_exact(session).placed
    assert placed is not None
    assert [(one.amount, one.till) for one in placed.data.payments] == [("30.00", 1), ("50.00", None)]


def test_a_sale_keeps_the_category_of_its_items(till: Till) -> None:
    session = till.order(1).id
    till.journal.cache("menu", 2, MENU | {"categories": [{"id": "all", "name": "Breakfast", "position": 1}]})
    till.start()
    placed = till.register.checkout.pay_exact(session).placed
    assert placed is not None
    assert [line.category for line in placed.data.lines] == ["Breakfast"]
    session = till.order(1).id
    till.journal.cache("menu", 3, MENU | {"items": []})
    till.start()
    placed = till.register.checkout.pay_exact(session).placed
    assert placed is not None
    assert [line.category for line in placed.data.lines] == [""]
