"""What is done to tabs that stand there: merged, moved to another table, handed over, parted for guests who pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import found, give, meet, take, taken_over
from tests.register.test_promotions import offer
from till.domain.errors import LineError, NoTabError, OrderClosedError, PaymentError, QuantityError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor
from till.domain.order.events import DiscountApplied, LineCut
from till.domain.order.paying import Tendered, give_back, start_payment
from till.domain.order.state import Status
from till.domain.order.suspension import bring_cleared_back
from till.domain.structs import replace

if TYPE_CHECKING:
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
    kept = till.register.tabs.merge(seven, nine)
    assert (kept.id, kept.status, kept.total) == (seven.session_id, Status.ASSIGNED_TO_TAB, total)
    assert _pieces(kept) == {"Idly": 2, "Masala Dosa": 1}
    assert [tab.name for tab in till.register.open_tabs.local()] == ["table 7"]
    gone = _order(till, nine.session_id)
    assert (gone.status, gone.discard_reason) == (Status.DISCARDED, "added to table 7")
    assert gone.carriers == {kept.id}
    with pytest.raises(OrderClosedError, match="another one has its lines"):
        bring_cleared_back(gone, here=1, by=1, manages=True)


def test_what_is_off_the_one_tab_is_not_taken_off_what_another_brings(till: Till) -> None:
    seven, nine = _saved(till, "7", 1, 2), _saved(till, "9", 1)
    till.register.ledger.commit([Draft(DiscountApplied(percent="10", reason="regular"), seven.session_id)])
    total = _order(till, seven.session_id).total + _order(till, nine.session_id).total
    assert till.register.tabs.merge(seven, nine).total == total


def test_a_tab_is_not_merged_with_itself_nor_with_one_that_was_paid(till: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    with pytest.raises(NoTabError, match="is that tab itself"):
        till.register.tabs.merge(seven, seven)
    till.register.tabs.recall(nine.session_id, 1)
    till.register.checkout.pay_exact(nine.session_id)
    before = _order(till, seven.session_id)
    for kept, other in ((seven, nine), (nine, seven)):
        with pytest.raises(NoTabError, match="Table 9 was paid on Till 1"):
            till.register.tabs.merge(kept, other)
    assert _order(till, seven.session_id) == before


@pytest.mark.parametrize("changed", [{"prices_include_tax": False}, {"currency": "JPY"}])
def test_lines_stay_where_their_prices_mean_something_else_than_on_the_other_order(
    till: Till, changed: dict[str, object]
) -> None:
    """The venue changed its settings while a table was open: nothing costs its guests another price for that."""
    seven = _saved(till, "7", 1, 2)
    version, body = till.journal.cached("settings")
    till.journal.cache("settings", version + 1, {**body, **changed})
    till.register.reference_changed(["settings"])
    nine, present = _saved(till, "9", 1), till.order(1)
    written = till.register.ledger.journal.head
    for move in (
        lambda: till.register.tabs.merge(nine, seven),
        lambda: till.register.tabs.move_pieces(seven, "Idly", 1, nine),
        lambda: till.register.tabs.move_lines(present.id, {next(iter(present.lines)): 1}, seven),
        lambda: till.register.tabs.add(present.id, seven),
    ):
        with pytest.raises(LineError, match="under other settings"):
            move()
    assert till.register.ledger.journal.head == written


def test_a_merge_leaves_no_money_behind(till: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    till.register.tabs.recall(nine.session_id, 1)
    till.register.checkout.pay(nine.session_id, "CASH", Minor(1_000))
    till.register.tabs.recall(seven.session_id, 1)
    till.register.checkout.pay(seven.session_id, "CARD", Minor(500), tip=Minor(100))
    merged = till.register.tabs.merge(_tab(till, seven.session_id), _tab(till, nine.session_id))
    left = _order(till, nine.session_id)
    assert (merged.paid, merged.due, merged.tips) == (1_400, 8_000 - 1_400, 100)
    assert (left.paid, left.has_money, left.status) == (0, False, Status.DISCARDED)
    till.register.tabs.recall(seven.session_id, 1)
    placed = till.register.checkout.pay_exact(seven.session_id).placed
    assert placed is not None
    assert len(placed.data.payments) == 3
    assert {one.payment_id for one in placed.data.payments} >= left.payments.keys()
    assert found(till) == []


def _paid_in_part(till: Till, name: str, plu: int) -> tuple[OpenTab, str]:
    """A tab on which ten rupees were paid, and that payment."""
    tab = _saved(till, name, plu)
    till.register.tabs.recall(tab.session_id, 1)
    order = till.register.checkout.pay(tab.session_id, "CASH", Minor(1_000))
    return _tab(till, tab.session_id), next(iter(order.payments))


def test_pieces_on_the_screen_go_to_a_tab_and_money_goes_with_all_of_them_alone(till: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id  # one dosa, three idlies
    nine, tabs = _saved(till, "9", 1), till.register.tabs
    _off(till, session, "0.50")
    till.register.checkout.pay(session, "CASH", Minor(5_000))
    (payment,) = _order(till, session).payments
    total = _order(till, session).total + _order(till, nine.session_id).total
    dosa, idly = _order(till, session).lines
    for taken, refused in (({idly: 4}, QuantityError), ({}, LineError)):
        with pytest.raises(refused):
            tabs.move_lines(session, taken, nine)
    with pytest.raises(PaymentError, match="more than what would stay"):
        tabs.move_lines(session, {dosa: 1, idly: 2}, nine)
    has = tabs.move_lines(session, {idly: 2}, nine)
    left = _order(till, session)
    assert (_pieces(has), _pieces(left)) == ({"Idly": 3}, {"Idly": 1, "Masala Dosa": 1})
    assert (has.status, left.status, has.paid, left.paid) == (Status.ASSIGNED_TO_TAB, Status.ACTIVE, 0, 5_000)
    assert has.total + left.total == total
    has = tabs.move_lines(session, {line.id: line.quantity for line in left.lines.values() if line.quantity}, nine)
    assert (_pieces(has), has.total, list(has.payments)) == ({"Idly": 4, "Masala Dosa": 1}, total, [payment])
    assert (has.paid, _order(till, session).paid, _order(till, session).status) == (5_000, 0, Status.DISCARDED)
    with pytest.raises(NoTabError, match="is that tab itself"):
        tabs.move_lines(nine.session_id, {}, nine)


def test_what_is_off_a_tab_is_not_taken_off_pieces_that_come_to_it(till: Till) -> None:
    seven, nine = _saved(till, "7", 1, 2), _saved(till, "9", 1)
    till.register.ledger.commit([Draft(DiscountApplied(percent="10", reason="regular"), nine.session_id)])
    total = _order(till, seven.session_id).total + _order(till, nine.session_id).total
    till.register.tabs.move_pieces(seven, "dosa", None, nine)
    assert _order(till, seven.session_id).total + _order(till, nine.session_id).total == total


def test_a_payment_under_way_is_waited_for_before_a_merge(till: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    till.register.tabs.recall(nine.session_id, 1)
    tendered = Tendered("CARD", Minor(1_000))
    till.register.ledger.commit(start_payment(_order(till, nine.session_id), till.register.ledger.new_id(), tendered))
    with pytest.raises(PaymentError, match="under way"):
        till.register.tabs.merge(seven, _tab(till, nine.session_id))


def test_a_tab_changes_its_table_and_keeps_its_guests(till: Till) -> None:
    tab = _saved(till, "7")
    till.register.tabs.set_covers(tab, 4)
    till.register.tabs.change_table(_tab(till, tab.session_id), "9")
    order = _order(till, tab.session_id)
    assert order.tab is not None
    assert (order.tab.name, order.tab.table_number, order.tab.covers) == ("table 9", 9, 4)
    assert order.status is Status.ASSIGNED_TO_TAB
    _saved(till, "3")
    with pytest.raises(NoTabError, match="Table 3 is open already"):
        till.register.tabs.change_table(_tab(till, tab.session_id), "3")
    for guests in (0, 100):
        with pytest.raises(NoTabError, match="1 to 99 guests"):
            till.register.tabs.set_covers(tab, guests)


def test_a_tab_paid_in_part_changes_its_table_with_its_money_and_its_lines(till: Till) -> None:
    tab, payment = _paid_in_part(till, "7", 2)
    till.register.tabs.set_covers(tab, 4)
    before = _order(till, tab.session_id)
    till.register.tabs.change_table(_tab(till, tab.session_id), "9")
    till.register.tabs.recall(tab.session_id, 1)
    till.register.tabs.save(tab.session_id, "")  # back to where it stands
    till.register.tabs.recall(tab.session_id, 1)
    till.register.tabs.save(tab.session_id, "11")  # or to another table, from the screen
    after = _order(till, tab.session_id)
    assert after.tab is not None
    assert (after.tab.name, after.tab.covers, after.status) == ("table 11", 4, Status.ASSIGNED_TO_TAB)
    assert (after.lines.keys(), after.total, after.paid) == (before.lines.keys(), before.total, 1_000)
    assert [tab.name for tab in till.register.open_tabs.local()] == ["table 11"]
    till.register.tabs.recall(tab.session_id, 1)
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


def test_what_another_till_has_open_stays_there(till: Till, other: Till) -> None:
    seven, nine = _saved(till, "7"), _saved(till, "9")
    with pytest.raises(NoTabError, match="save it there first"):
        till.register.tabs.merge(seven, replace(nine, till=2))
    give(till, other, nine.session_id)
    other.register.tabs.recall(nine.session_id, 1)
    give(other, till, nine.session_id)
    with pytest.raises(NoTabError, match="save it there first"):
        till.register.tabs.merge(seven, nine)


def test_a_guest_pays_some_pieces_and_the_rest_stays(till: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id
    till.register.tabs.save(session, "7")
    till.register.tabs.recall(session, 1)
    _off(till, session, "0.50")
    order = _order(till, session)
    idly = next(line for line in order.lines.values() if line.name == "Idly")
    guests = till.register.tabs.part(session, {idly.id: 2})
    rest = _order(till, session)
    assert guests.total + rest.total == order.total
    assert _pieces(guests) == {"Idly": 2}
    assert _pieces(rest) == {"Idly": 1, "Masala Dosa": 1}
    assert guests.tab is not None
    assert (guests.tab.name, guests.status) == ("table 7", Status.ACTIVE)
    assert [data.quantity for data in till.wrote(LineCut)] == [2]
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
            till.register.tabs.part(session, taken)
    till.register.checkout.pay(session, "CASH", Minor(5_000))
    with pytest.raises(PaymentError, match="more than what would stay"):
        till.register.tabs.part(session, {two: 1})
    assert _order(till, session).lines == before.lines


def test_two_tills_apart_part_the_same_line_and_no_piece_is_made(till: Till, other: Till) -> None:
    session = till.add(till.order(2).id, 1, 3).id
    give(till, other, session)
    other.register.recovery.resume(session, holder=1, taking_over=True)
    idly = next(line for line in _order(till, session).lines.values() if line.name == "Idly")
    here, there = (one.register.tabs.part(session, {idly.id: 2}).id for one in (till, other))
    meet(till, other, sessions=[session, here, there])
    for one in (till, other):
        assert _pieces(*(_order(one, each) for each in (session, here, there))) == {"Idly": 3, "Masala Dosa": 1}


def test_two_tills_apart_split_a_lot_alike_and_agree_on_what_it_costs(till: Till, other: Till) -> None:
    for one in (till, other):
        offer(one, {"name": "3 for 2", "buy": 2, "get": 1})
    session = till.add(till.order(2).id, 1, 3).id
    give(till, other, session)
    other.register.recovery.resume(session, holder=1, taking_over=True)
    idly = next(line for line in _order(till, session).lines.values() if line.name == "Idly")
    here, there = (one.register.tabs.part(session, {idly.id: 1}).id for one in (till, other))
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
    (guest,), stays = till.register.tabs.quote(session, [{idly.id: 2}])
    assert (_order(till, session), len(till.journal.own)) == (before, written)
    parted = till.register.tabs.part(session, {idly.id: 2})
    assert (parted.total, _order(till, session).total) == (guest.total, stays.total)


def test_two_tills_apart_merge_the_same_two_and_each_line_is_once(till: Till, other: Till) -> None:
    seven, nine = _saved(till, "7", 2), _saved(till, "9", 1)
    for tab in (seven, nine):
        give(till, other, tab.session_id)
    till.register.tabs.merge(seven, nine)
    other.register.tabs.merge(seven, nine)
    sessions = [seven.session_id, nine.session_id]
    meet(till, other, sessions=sessions)
    for one in (till, other):
        assert _pieces(*(_order(one, each) for each in sessions)) == {"Idly": 1, "Masala Dosa": 1}


def test_one_merges_while_the_other_pays_and_the_manager_sees_what_was_paid(till: Till, other: Till) -> None:
    seven, nine = _saved(till, "7", 2), _saved(till, "9", 1)
    for tab in (seven, nine):
        give(till, other, tab.session_id)
    till.register.tabs.merge(seven, nine)
    other.register.tabs.recall(nine.session_id, 1)
    other.register.checkout.pay_exact(nine.session_id)
    sessions = [seven.session_id, nine.session_id]
    meet(till, other, sessions=sessions)
    till.register.tabs.recall(seven.session_id, 1)
    assert _order(till, nine.session_id).status is Status.COMPLETED
    assert _pieces(_order(till, seven.session_id)) == {"Masala Dosa": 1}


def test_of_two_merges_apart_the_first_has_the_money(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven, eight = _saved(till, "7", 2), _saved(till, "8", 3)
    till.register.recovery.park(nine.session_id)
    sessions = [tab.session_id for tab in (seven, eight, nine)]
    for session in sessions:
        give(till, other, session)
    till.register.tabs.merge(seven, nine)
    other.register.tabs.merge(eight, replace(nine, till=None))
    meet(till, other, sessions=sessions)
    for one in (till, other):
        paid = {session: _order(one, session).paid for session in sessions}
        assert sorted(paid.values()) == [0, 0, 1_000], "it counts once, wherever its lines are"
        (has,) = (session for session, amount in paid.items() if amount)
        assert "Idly" in _pieces(_order(one, has))
        assert payment in _order(one, has).payments
    assert found(till, other) == []


def test_what_was_paid_for_where_it_came_from_takes_its_money_back(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven = _saved(till, "7", 2)
    till.register.recovery.park(nine.session_id)
    sessions = [seven.session_id, nine.session_id]
    for session in sessions:
        give(till, other, session)
    merged = till.register.tabs.merge(seven, nine)
    assert merged.paid == 1_000
    other.register.tabs.recall(nine.session_id, 1)
    other.register.checkout.pay_exact(nine.session_id)  # the rest of it, apart
    meet(till, other, sessions=sessions)
    for one in (till, other):
        kept, sold = _order(one, seven.session_id), _order(one, nine.session_id)
        assert (kept.paid, _pieces(kept)) == (0, {"Masala Dosa": 1})
        assert sold.status is Status.COMPLETED
        assert payment in sold.listed
    assert found(till, other) == []


def test_what_was_given_back_where_it_came_from_counts_nowhere(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven = _saved(till, "7", 2)
    take(till, other, nine.session_id)
    give(till, other, seven.session_id)
    till.register.tabs.merge(seven, _tab(till, nine.session_id))
    other.register.ledger.commit(give_back(_order(other, nine.session_id), payment, 2, manager=9))
    sessions = [seven.session_id, nine.session_id]
    meet(till, other, sessions=sessions)
    assert [_order(one, session).paid for one in (till, other) for session in sessions] == [0, 0, 0, 0]
    assert found(till, other) == []


def test_what_was_given_back_after_it_was_sold_is_for_the_manager(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven = _saved(till, "7", 2)
    take(till, other, nine.session_id)
    give(till, other, seven.session_id)
    till.register.tabs.merge(seven, _tab(till, nine.session_id))
    till.register.tabs.recall(seven.session_id, 1)
    till.register.checkout.pay_exact(seven.session_id)
    other.register.ledger.commit(give_back(_order(other, nine.session_id), payment, 2, manager=9))
    meet(till, other, sessions=[seven.session_id, nine.session_id])
    assert [(one.kind, one.subject, one.amount) for one in found(till, other)] == [("given_back", payment, "10.00")]


def test_money_goes_on_with_lines_that_came_too_late_for_their_new_order(till: Till, other: Till) -> None:
    nine, payment = _paid_in_part(till, "9", 1)
    seven = _saved(till, "7", 2)
    give(till, other, seven.session_id)
    other.register.tabs.recall(seven.session_id, 1)
    other.register.checkout.pay_exact(seven.session_id)  # apart, before what is merged came
    till.register.tabs.merge(seven, _tab(till, nine.session_id))
    meet(till, other, sessions=[seven.session_id, nine.session_id])
    (late,) = (order for order in till.register.ledger.open_orders() if not order.is_empty)
    assert (_pieces(late), late.paid) == ({"Idly": 1}, 1_000)
    assert payment in late.payments
    assert found(till, other) == []


def test_one_cuts_a_line_that_the_other_is_paid_for_whole(till: Till, other: Till) -> None:
    session = taken_over(till, other, 2)
    dosa = next(iter(_order(till, session).lines))
    till.add(session, 1)
    other.register.checkout.pay_exact(session)
    parted = till.register.tabs.part(session, {dosa: 1})
    meet(till, other, sessions=[session, parted.id])
    assert _pieces(_order(till, parted.id)) == {}
    assert _order(till, session).status is Status.COMPLETED
