"""Acts on open tabs: merge, move to another table, hand over, split for guests who pay."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.exchange import found, give, meet, recall, resume
from tests.register.test_promotions import offer
from till.domain.errors import (
    AmountError,
    AskedBackError,
    LineError,
    NoTabError,
    OrderClosedError,
    PaymentError,
    QuantityError,
    RightsError,
)
from till.domain.events.envelope import Draft
from till.domain.money.measures import Millionths, Minor
from till.domain.order.discounting import ALL_OF_IT, Given
from till.domain.order.events import DiscountApplied, LineCut, OrderOpened, RungAgain
from till.domain.order.evolve import fold
from till.domain.order.paying import Completion, Tendered, frozen_order, start_payment
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Customer, Status
from till.domain.order.suspension import reopen
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till
    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab


def _saved(till: Till, name: str, *plus: int) -> OpenTab:
    order = till.order(*(plus or (1,)))
    till.register.tabs.save(order.id, name)
    return _tab(till, order.id)


def _tab(till: Till, session: str) -> OpenTab:
    return next(tab for tab in till.register.open_tabs.local() if tab.session_id == session)


def _order(till: Till, session: str) -> Order:
    return till.register.ledger.order(session)


def _pieces(*orders: Order) -> dict[str, int]:
    found: dict[str, int] = {}
    for order in orders:
        for row in order.priced.rows:
            found[row.first.name] = found.get(row.first.name, 0) + row.quantity
    return found


def _off(till: Till, session: str, amount: str) -> None:
    till.register.ledger.commit([Draft(DiscountApplied(amount=amount, reason="regular"), session)])


def test_two_tabs_are_merged_and_the_emptied_one_never_comes_back(till: Till) -> None:
    seven, nine = _saved(till, "7", 1, 2), _saved(till, "9", 1)
    _off(till, nine.session_id, "0.50")
    total = _order(till, seven.session_id).total + _order(till, nine.session_id).total
    kept = till.acts.merge(seven, nine)
    assert (kept.id, kept.status, kept.total) == (seven.session_id, Status.ASSIGNED_TO_TAB, total)
    assert _pieces(kept) == {"Idly": 2, "Masala Dosa": 1}
    assert [tab.name for tab in till.register.open_tabs.local()] == ["table 7"]
    gone = _order(till, nine.session_id)
    assert (gone.status, gone.discard_reason) == (Status.DISCARDED, "added to table 7")
    assert {move.to_session for move in gone.moved.values()} == {kept.id}
    with pytest.raises(OrderClosedError, match="its lines are on another one"):
        reopen(gone, here=1, by=1, manages=True)


def test_a_discount_on_one_tab_is_not_given_on_the_lines_of_another(till: Till) -> None:
    seven, nine = _saved(till, "7", 1, 2), _saved(till, "9", 1)
    till.register.ledger.commit([Draft(DiscountApplied(percent="10", reason="regular"), seven.session_id)])
    total = _order(till, seven.session_id).total + _order(till, nine.session_id).total
    assert till.acts.merge(seven, nine).total == total


THREE_FOR_TWO = {"name": "3 for 2", "buy": 2, "get": 1}


@pytest.mark.parametrize(
    ("promotion", "given", "total"),
    [
        (THREE_FOR_TWO, None, 12_000),  # four idlies, of which one is free
        (None, DiscountApplied(percent="10", reason="regular"), 14_400),
        (None, DiscountApplied(amount="10.00", reason="regular"), 15_000),
        (THREE_FOR_TWO, DiscountApplied(percent="50", reason="regular"), 6_000),
    ],
)
def test_added_round_costs_what_it_costs_if_keyed_on_the_tab(
    till: Till, promotion: dict[str, Any] | None, given: DiscountApplied | None, total: int
) -> None:
    if promotion is not None:
        offer(till, promotion)
    five, six = _saved(till, "5", 1, 1), _saved(till, "6", 1, 1)
    for tab in (five, six):
        if given is not None:
            _give(till, tab.session_id, given)
    recall(till, six.session_id)
    keyed = till.add(six.session_id, 1, 2)
    round_ = till.add(None, 1, 2)
    quoted = till.register.between.quote_added(round_.id, five.session_id)
    added = till.acts.add(round_.id, five)
    assert (added.total, keyed.total, quoted.total) == (total, total, total)
    assert fold(till.journal.events_of(added.id)) == added


@pytest.mark.parametrize("name", ["", "Senior"])
@pytest.mark.parametrize("on_line", [True, False])
def test_added_round_with_a_discount_completes_a_promotion(till: Till, name: str, *, on_line: bool) -> None:
    """Two of three idlies are keyed later, at ten percent off: guests never pay more for a discount."""
    offer(till, THREE_FOR_TWO)
    five, round_ = _saved(till, "5", 1), till.add(None, 1, 2)
    line = next(iter(round_.lines)) if on_line else None
    _give(till, round_.id, DiscountApplied(line_id=line, percent="10", reason="regular", name=name))
    added = till.acts.add(round_.id, five)
    assert added.total == 8_000 - 800
    assert _sold(added)[name] == 8.00
    assert fold(till.journal.events_of(added.id)) == added


def test_added_round_keeps_its_cost_where_both_have_a_limited_discount(till: Till) -> None:
    """A cashier whose limit is ten percent could otherwise give nineteen."""
    five, ten = _saved(till, "5", 1), DiscountApplied(percent="10", reason="regular")
    _give(till, five.session_id, ten)
    round_ = till.order(1)
    _give(till, round_.id, replace(ten, line_id=next(iter(round_.lines))))
    assert till.acts.add(round_.id, five).total == 3_600 + 3_600


def test_customer_of_an_added_round_is_the_one_of_a_tab_without_a_customer(till: Till) -> None:
    five, six, round_ = _saved(till, "5"), _saved(till, "6"), till.order(1)
    till.register.sales.attach_customer(round_.id, 1, None, "Mrs Rao")
    added = till.acts.add(round_.id, five)
    assert added.customer == Customer(None, "Mrs Rao")
    kept = till.acts.merge(six, _tab(till, added.id))
    assert kept.customer == Customer(None, "Mrs Rao")
    other = till.order(1)
    till.register.sales.attach_customer(other.id, 1, None, "Mr Iyer")
    assert till.acts.add(other.id, _tab(till, kept.id)).customer == Customer(None, "Mrs Rao")


def test_a_tab_is_not_merged_with_itself_nor_with_one_that_was_paid(till: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    with pytest.raises(NoTabError, match="is the marked one"):
        till.acts.merge(seven, seven)
    recall(till, nine.session_id)
    till.register.checkout.pay_exact(nine.session_id)
    before = _order(till, seven.session_id)
    for kept, other in ((seven, nine), (nine, seven)):
        with pytest.raises(NoTabError, match="Table 9 was paid on Till 1"):
            till.acts.merge(kept, other)
    assert _order(till, seven.session_id) == before


@pytest.mark.parametrize("changed", [{"prices_include_tax": False}, {"currency": "JPY"}])
def test_lines_stay_where_their_prices_mean_something_else_than_on_the_other_order(
    till: Till, changed: dict[str, object]
) -> None:
    """The venue changed its settings while a table was open, which must not change its guests' prices."""
    seven = _saved(till, "7", 1, 2)
    version, body = till.journal.cached("settings")
    till.journal.cache("settings", version + 1, {**body, **changed})
    till.register.reference_changed(["settings"])
    nine, present = _saved(till, "9", 1), till.order(1)
    written = till.register.ledger.journal.head
    moves: tuple[Callable[[], Order], ...] = (
        lambda: till.acts.merge(nine, seven),
        lambda: till.acts.move_pieces(seven, "Idly", 1, nine),
        lambda: till.acts.move_lines(present.id, {next(iter(present.lines)): 1}, seven),
        lambda: till.acts.add(present.id, seven),
    )
    for move in moves:
        with pytest.raises(LineError, match="tax settings differ"):
            move()
    assert till.register.ledger.journal.head == written


def test_money_never_leaves_its_order(till: Till) -> None:
    """Whichever tab is merged into the other, the order paid in part stays, at the table asked for."""
    for kept_paid in (True, False):
        seven, (nine, payment) = _saved(till, "7", 2), _paid_in_part(till, "9", 1)
        till.register.tabs.set_covers(seven, 4)
        till.register.tabs.set_covers(nine, 2)
        kept, put = (nine, seven) if kept_paid else (seven, nine)
        merged = till.acts.merge(kept, put)
        assert (merged.id, merged.status, merged.paid) == (nine.session_id, Status.ASSIGNED_TO_TAB, 1_000)
        assert merged.tab is not None
        assert (merged.tab.name, merged.tab.covers) == (kept.name, 2 if kept_paid else 4)
        assert _pieces(merged) == {"Idly": 1, "Masala Dosa": 1}
        assert [tab.name for tab in till.register.open_tabs.local()] == [kept.name]
        assert _order(till, seven.session_id).status is Status.DISCARDED
        recall(till, merged.id)
        placed = till.register.checkout.pay_exact(merged.id).placed
        assert placed is not None
        assert payment in {one.payment_id for one in placed.data.payments}
    assert found(till) == []


def test_two_tabs_that_have_both_paid_in_part_are_left_apart(till: Till) -> None:
    (seven, _paid), (nine, _too) = _paid_in_part(till, "7", 2), _paid_in_part(till, "9", 1)
    recall(till, nine.session_id)
    pieces = dict.fromkeys(_order(till, nine.session_id).lines, 1)
    written = till.register.ledger.journal.head
    unions: tuple[Callable[[], Order], ...] = (
        lambda: till.acts.merge(seven, nine),
        lambda: till.acts.join(seven.session_id, nine.session_id),
        lambda: till.acts.add(nine.session_id, seven),
        lambda: till.acts.move_lines(nine.session_id, pieces, seven),
    )
    for unite in unions:
        with pytest.raises(PaymentError, match="Both have paid in part: let one pay, or refund one part"):
            unite()
    assert till.register.ledger.journal.head == written


def test_the_notes_of_both_tabs_are_kept(till: Till) -> None:
    (nine, _paid), seven = _paid_in_part(till, "9", 1), _saved(till, "7", 2)
    for tab, note in ((nine, "window"), (seven, "birthday")):
        recall(till, tab.session_id)
        till.register.sales.note(tab.session_id, note)
        till.register.tabs.save(tab.session_id, "")
    merged = till.acts.merge(_tab(till, seven.session_id), _tab(till, nine.session_id))
    assert merged.note == "window, birthday"
    assert [line.note for line in merged.lines.values() if line.note] == []


def _offs(*orders: Order) -> dict[str, list[tuple[str, str, int]]]:
    """Return the discounts of each item: the name, reason and amount of each."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for row in (row for order in orders for row in order.priced.rows if row.offs):
        found.setdefault(row.first.name, []).extend((one.name, one.reason, int(off)) for one, off in row.offs)
    return found


def _give(till: Till, session: str, *discounts: DiscountApplied) -> None:
    till.register.ledger.commit([Draft(given, session) for given in discounts])


def test_the_reasons_of_discounts_are_kept_in_a_merge(till: Till) -> None:
    seven, nine, twelve = _saved(till, "7", 1), _saved(till, "9", 2), _saved(till, "12", 3)
    for tab, reason in ((seven, "regular"), (nine, "food was cold")):
        _give(till, tab.session_id, DiscountApplied(percent="10", reason=reason))
    [plain] = _order(till, twelve.session_id).lines
    _give(till, twelve.session_id, DiscountApplied(line_id=plain, percent="10", kind="comp", reason="spilt"))
    till.acts.merge(seven, nine)
    kept = till.acts.merge(seven, twelve)
    offs = {
        "Idly": [("", "regular", 400)],
        "Masala Dosa": [("", "food was cold", 800)],
        "Plain Dosa": [("", "spilt", 600)],
    }
    assert _offs(kept) == offs
    folded = fold(till.journal.events_of(kept.id))  # as another till does
    assert folded is not None
    assert _offs(folded) == offs


def test_the_reason_of_a_discount_goes_with_pieces_that_are_split_off(till: Till) -> None:
    order = till.add(till.order(2).id, 1, 3)
    [_dosa, idly] = order.lines
    _give(till, order.id, DiscountApplied(line_id=idly, percent="10", reason="regular"))
    guest = till.acts.part(order.id, {idly: 1})
    assert _offs(guest) == {"Idly": [("", "regular", 400)]}
    assert _offs(_order(till, order.id)) == {"Idly": [("", "regular", 800)]}


def _with_discounts(till: Till) -> Order:
    """Return an order of 280.00: half of the idlies off, then a tenth for a regular, then 15 % for a senior."""
    order = till.add(till.order(2, 2).id, 1, 3)
    _give(
        till,
        order.id,
        DiscountApplied(line_id=[*order.lines][2], percent="50", name="Half idly"),
        DiscountApplied(percent="10", reason="regular"),
        DiscountApplied(percent="15", name="Senior"),
    )
    return _order(till, order.id)


def _sold(*orders: Order) -> dict[str, float]:
    """Return the discounts as a sale of each order lists them."""
    placed = (frozen_order(order, Completion("", "", date(2026, 3, 3))) for order in orders)
    found: dict[str, float] = {}
    for off in (off for one in placed for off in (*one.off, *(off for line in one.lines for off in line.off))):
        found[off.name] = round(found.get(off.name, 0) + float(off.amount), 2)
    return found


@pytest.mark.parametrize("how", ["add", "merge", "move", "split", "seats"])
def test_each_discount_keeps_its_name_and_amount_where_lines_move(till: Till, how: str) -> None:
    order, nine = _with_discounts(till), _saved(till, "9", 3)
    sold = {"Half idly": 60.00, "": 22.00, "Senior": 29.70}
    assert _sold(order) == sold
    total, (one, two, idly) = order.total, order.lines
    match how:
        case "add":
            ids = [till.acts.add(order.id, nine).id]
        case "merge":
            till.register.tabs.save(order.id, "7")
            ids = [till.acts.merge(nine, _tab(till, order.id)).id]
        case "move":
            ids = [order.id, till.acts.move_lines(order.id, {one: 1, idly: 1}, nine).id]
        case "split":
            ids = [order.id, till.acts.part(order.id, {idly: 3}).id, nine.session_id]
        case _:
            ids = [order.id, *(till.acts.part(order.id, {idly: 1, line: 1}).id for line in (one, two))]
            ids.append(nine.session_id)
    orders = [_order(till, session) for session in ids]
    assert sum(one.total for one in orders) == total + 6_000
    assert _sold(*orders) == sold
    for order in orders:
        assert fold(till.journal.events_of(order.id)) == order


def test_discount_on_a_merged_order_counts_beside_those_of_its_lines(till: Till) -> None:
    merged = till.acts.add(_with_discounts(till).id, _saved(till, "9", 3))
    _give(till, merged.id, DiscountApplied(percent="50", name="Late", reason="late"))
    late = _order(till, merged.id).total
    merged = till.acts.merge(_saved(till, "12", 1), _tab(till, merged.id))
    assert merged.total == late + 4_000
    assert _sold(merged) == {"Half idly": 60.00, "": 22.00, "Senior": 29.70, "Late": late / 100}
    assert _offs(merged)["Idly"] == [
        ("Half idly", "", 6_000),
        ("", "regular", 600),
        ("Senior", "", 810),
        ("Late", "late", 2_295),
    ]
    recall(till, merged.id)
    idly = next(line.id for line in merged.lines.values() if line.given)
    given = Given(ALL_OF_IT, name="Cook", kind="staff_meal")
    after = till.register.sales.take_off(merged.id, idly, given)
    assert [one.name for one in after.lines[idly].given] == ["Cook"]
    assert _offs(till.register.sales.undo(merged.id)) == _offs(merged)


@pytest.mark.parametrize("how", ["add", "move"])
def test_named_discount_is_not_given_again_where_lines_moved(till: Till, how: str) -> None:
    order, nine, sales = _with_discounts(till), _saved(till, "9", 3), till.register.sales
    [_one, two, idly] = order.lines
    kept = till.acts.add(order.id, nine) if how == "add" else till.acts.move_lines(order.id, {idly: 3}, nine)
    senior, half = Given(Millionths(150_000), name="Senior"), Given(Millionths(500_000), name="Half idly")
    recall(till, kept.id)
    tables = [(kept.id, idly, (senior, half)), *([] if how == "add" else [(order.id, two, (senior,))])]
    for session, line, discounts in tables:
        for given in discounts:
            with pytest.raises(AmountError, match=f"^{given.name} is on this order already"):
                sales.take_off(session, None, given)
            with pytest.raises(AmountError, match=f"^{given.name} is on this line already"):
                sales.take_off(session, line, given)
    plain = next(line.id for line in kept.lines.values() if line.name == "Plain Dosa" and line.quantity)
    assert sales.take_off(kept.id, plain, senior).total == kept.total - 900  # a line that does not have it


def _paid_in_part(till: Till, name: str, plu: int) -> tuple[OpenTab, str]:
    """Save a tab on which ten rupees were paid; return it and the payment."""
    tab = _saved(till, name, plu)
    recall(till, tab.session_id)
    order = till.register.checkout.pay(tab.session_id, "CASH", Minor(1_000))
    return _tab(till, tab.session_id), next(iter(order.payments))


def test_pieces_on_the_screen_go_to_a_tab_and_their_order_too_where_it_has_money(till: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id  # one dosa, three idlies
    nine, tabs = _saved(till, "9", 1), till.acts
    _off(till, session, "0.50")
    till.register.checkout.pay(session, "CASH", Minor(5_000))
    (payment,) = _order(till, session).payments
    total = _order(till, session).total + _order(till, nine.session_id).total
    dosa, idly = _order(till, session).lines
    for taken, refused in (({idly: 4}, QuantityError), ({}, LineError)):
        with pytest.raises(refused):
            tabs.move_lines(session, taken, nine)
    with pytest.raises(PaymentError, match="more than stays"):
        tabs.move_lines(session, {dosa: 1, idly: 2}, nine)
    has = tabs.move_lines(session, {idly: 2}, nine)
    left = _order(till, session)
    assert (_pieces(has), _pieces(left)) == ({"Idly": 3}, {"Idly": 1, "Masala Dosa": 1})
    assert (has.status, left.status, has.paid, left.paid) == (Status.ASSIGNED_TO_TAB, Status.ACTIVE, 0, 5_000)
    assert has.total + left.total == total
    has = tabs.move_lines(session, {line.id: line.quantity for line in left.lines.values() if line.quantity}, nine)
    assert (_pieces(has), has.total, list(has.payments)) == ({"Idly": 4, "Masala Dosa": 1}, total, [payment])
    assert (has.id, has.paid, has.tab and has.tab.name, has.status) == (
        session, 5_000, "table 9", Status.ASSIGNED_TO_TAB)  # fmt: skip
    with pytest.raises(NoTabError, match="is the marked one"):
        tabs.move_lines(nine.session_id, {}, nine)


def test_a_discount_on_a_tab_is_not_given_on_pieces_that_come_to_it(till: Till) -> None:
    seven, nine = _saved(till, "7", 1, 2), _saved(till, "9", 1)
    till.register.ledger.commit([Draft(DiscountApplied(percent="10", reason="regular"), nine.session_id)])
    total = _order(till, seven.session_id).total + _order(till, nine.session_id).total
    till.acts.move_pieces(seven, "dosa", None, nine)
    assert _order(till, seven.session_id).total + _order(till, nine.session_id).total == total


def test_a_payment_under_way_is_waited_for_before_a_merge(till: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    recall(till, nine.session_id)
    tendered = Tendered("CARD", Minor(1_000))
    till.register.ledger.commit(start_payment(_order(till, nine.session_id), till.register.ledger.new_id(), tendered))
    with pytest.raises(PaymentError, match="under way"):
        till.acts.merge(seven, _tab(till, nine.session_id))


def test_a_tab_changes_its_table_and_keeps_its_guests(till: Till) -> None:
    tab = _saved(till, "7")
    till.register.tabs.set_covers(tab, 4)
    till.register.tabs.change_table(_tab(till, tab.session_id), "9")
    order = _order(till, tab.session_id)
    assert order.tab is not None
    assert (order.tab.name, order.tab.table_number, order.tab.covers) == ("table 9", 9, 4)
    assert order.status is Status.ASSIGNED_TO_TAB
    _saved(till, "3")
    with pytest.raises(NoTabError, match="Table 3 is open"):
        till.register.tabs.change_table(_tab(till, tab.session_id), "3")
    for guests in (0, 100):
        with pytest.raises(NoTabError, match="1 to 99 guests"):
            till.register.tabs.set_covers(tab, guests)


def test_a_tab_paid_in_part_changes_its_table_with_its_money_and_its_lines(till: Till) -> None:
    tab, payment = _paid_in_part(till, "7", 2)
    till.register.tabs.set_covers(tab, 4)
    before = _order(till, tab.session_id)
    till.register.tabs.change_table(_tab(till, tab.session_id), "9")
    recall(till, tab.session_id)
    till.register.tabs.save(tab.session_id, "")  # back to where it stands
    recall(till, tab.session_id)
    till.register.tabs.save(tab.session_id, "11")  # or to another table, from the screen
    after = _order(till, tab.session_id)
    assert after.tab is not None
    assert (after.tab.name, after.tab.covers, after.status) == ("table 11", 4, Status.ASSIGNED_TO_TAB)
    assert (after.lines.keys(), after.total, after.paid) == (before.lines.keys(), before.total, 1_000)
    assert [tab.name for tab in till.register.open_tabs.local()] == ["table 11"]
    recall(till, tab.session_id)
    placed = till.register.checkout.pay_exact(tab.session_id).placed
    assert placed is not None
    assert payment in {one.payment_id for one in placed.data.payments}


def test_a_tab_is_handed_over_to_another_person(till: Till) -> None:
    tab = _saved(till, "7")
    till.register.tabs.hand_over(tab, 2)
    order = _order(till, tab.session_id)
    assert (order.user, order.status) == (2, Status.ASSIGNED_TO_TAB)
    with pytest.raises(NoTabError, match="Nobody here has number 77"):
        till.register.tabs.hand_over(tab, 77)


def test_a_tab_that_another_till_has_open_stays_there(till: Till, other: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    with pytest.raises(NoTabError, match="save it there first"):
        till.acts.merge(seven, replace(nine, till=2))
    give(till, other, nine.session_id)
    recall(other, nine.session_id)
    give(other, till, nine.session_id)
    with pytest.raises(NoTabError, match="save it there first"):
        till.acts.merge(seven, nine)


def test_a_guest_pays_some_pieces_and_the_rest_stays(till: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id
    till.register.tabs.save(session, "7")
    recall(till, session)
    _off(till, session, "0.50")
    order = _order(till, session)
    idly = next(line for line in order.lines.values() if line.name == "Idly")
    guests = till.acts.part(session, {idly.id: 2})
    rest = _order(till, session)
    assert guests.total + rest.total == order.total
    assert _pieces(guests) == {"Idly": 2}
    assert _pieces(rest) == {"Idly": 1, "Masala Dosa": 1}
    assert guests.tab is not None
    assert (guests.tab.name, guests.status) == ("table 7", Status.ACTIVE)
    cuts = [event.data for event in till.journal.events_of(session) if isinstance(event.data, LineCut)]
    assert [data.quantity for data in cuts] == [2]
    assert till.register.checkout.pay_exact(guests.id).status is Status.COMPLETED
    assert till.register.checkout.pay_exact(session).status is Status.COMPLETED
    assert found(till) == []


def test_a_bill_is_parted_between_what_is_there(till: Till) -> None:
    session = till.order(1, 2).id
    one, two = _order(till, session).lines
    before = _order(till, session)
    for taken, refused in (
        ({one: 1, two: 1}, LineError),
        ({one: 2}, QuantityError),
        ({one: 0}, QuantityError),
        ({}, LineError),
        ({session: 1}, LineError),  # no line is called so
    ):
        with pytest.raises(refused):
            till.acts.part(session, taken)
    till.register.checkout.pay(session, "CASH", Minor(5_000))
    with pytest.raises(PaymentError, match="more than stays"):
        till.acts.part(session, {two: 1})
    assert _order(till, session).lines == before.lines


def test_two_tills_apart_split_a_lot_alike_and_agree_on_what_it_costs(till: Till, other: Till) -> None:
    for one in (till, other):
        offer(one, {"name": "3 for 2", "buy": 2, "get": 1})
    session = till.add(till.order(2).id, 1, 3).id
    give(till, other, session)
    resume(other, session)
    idly = next(line for line in _order(till, session).lines.values() if line.name == "Idly")
    here, there = (one.acts.part(session, {idly.id: 1}).id for one in (till, other))
    assert _order(till, session).total + _order(till, here).total == 16_000  # one piece of three is given
    meet(till, other, sessions=[session, here, there])
    totals = [[_order(one, each).total for each in (session, here, there)] for one in (till, other)]
    assert totals[0] == totals[1]
    assert sum(totals[0]) == 16_000


def test_a_quote_is_what_a_part_comes_to_and_writes_nothing(till: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id
    _off(till, session, "0.50")
    idly = next(line for line in _order(till, session).lines.values() if line.name == "Idly")
    before, written = _order(till, session), len(till.journal.own)
    (guest,), stays = till.register.between.quote(session, [{idly.id: 2}])
    assert (_order(till, session), len(till.journal.own)) == (before, written)
    parted = till.acts.part(session, {idly.id: 2})
    assert (parted.total, _order(till, session).total) == (guest.total, stays.total)


def test_lines_merged_onto_a_tab_that_another_till_is_paid_for_live_on(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven = _saved(till, "7", 2)
    till.register.recovery.suspend(nine.session_id)
    sessions = [seven.session_id, nine.session_id]
    for session in sessions:
        give(till, other, session)
    merged = till.acts.merge(seven, nine)
    assert (merged.id, merged.paid) == (nine.session_id, 1_000)
    recall(other, nine.session_id)
    other.register.checkout.pay_exact(nine.session_id)  # the rest of it, apart
    meet(till, other, sessions=sessions)
    for one in (till, other):
        sold = _order(one, nine.session_id)
        assert (sold.status, payment in sold.listed) == (Status.COMPLETED, True)
    assert found(till, other) == []


def test_an_order_rung_again_goes_to_its_tab_without_the_lines_of_both(till: Till) -> None:
    """If both had the lines, Enter would add the copy to its own original, and the guest would pay twice."""
    original, copy = _saved(till, "8"), till.order(1)
    again = RungAgain(session=original.session_id, at="2026-03-03T05:00:00.000000Z")
    [opened, *_rest] = till.journal.events_of(copy.id)
    rung = till.register.ledger.new_id()
    assert isinstance(opened.data, OrderOpened)
    till.register.ledger.commit([Draft(replace(opened.data, again=again), rung)])
    for item in till.register.menu.items[:2]:
        till.register.sales.add(rung, 1, ItemEntry(item))
    with pytest.raises(LineError, match="was rung again: void it on one of the two first"):
        till.acts.add(rung, original)
    first = next(iter(_order(till, rung).lines))
    till.register.sales.void(rung, first, "rung again")
    till.acts.add(rung, original)
    assert len(_pieces(_order(till, original.session_id))) == 2


@pytest.mark.parametrize("how", ["add", "merge", "move"])
def test_lines_keep_their_service_charge_unless_a_manager_moves_them(till: Till, how: str) -> None:
    version, body = till.journal.cached("settings") or (0, {})
    charge = {"percent": "10", "order_types": ["dine_in"]}
    till.journal.cache("settings", version + 1, {**body, "service_charge": charge, "tab_word": "tab"})
    till.register.reference_changed(["settings"])
    five, zoe = _saved(till, "5", 1, 2), _saved(till, "zoe", 1)
    assert [tab.total for tab in (five, zoe)] == [13_200, 4_000]
    session = five.session_id
    recall(till, session)
    acts: dict[str, Callable[[], Order]] = {
        "add": lambda: till.acts.add(session, zoe),
        "merge": lambda: till.acts.merge(zoe, five),
        "move": lambda: till.acts.move_lines(session, {next(iter(_order(till, session).lines)): 1}, zoe),
    }
    if how == "merge":
        till.register.tabs.save(session, "")
    with pytest.raises(RightsError, match=r"^Zoe has no service charge: Ctrl\+Y there first\.$"):
        acts[how]()
    till.register.ledger.user = 9
    with pytest.raises(AskedBackError, match=r"Service charge: ₹172\.00 becomes ₹16[08]\.00\. Again does it\."):
        acts[how]()
    assert acts[how]().total == {"add": 16_000, "merge": 16_000, "move": 8_000}[how]
