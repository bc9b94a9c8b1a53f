"""Promotions at the register: a line meets those on offer when it is keyed, and keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.exchange import give, resume
from till.domain.errors import RightsError
from till.domain.money.measures import Millionths, Price4
from till.domain.order.discounting import ALL_OF_IT, Given, asked_for
from till.domain.order.events import DiscountApplied, OrderPlaced
from till.domain.till.events import ApprovalGiven

if TYPE_CHECKING:
    from tests.register.conftest import Till

FROM_11 = {"name": "Happy hour", "percent": "50", "hours": [{"from": "11:00", "to": "12:00"}]}


def offer(till: Till, *promotions: dict[str, Any]) -> None:
    """Offer these promotions from now on."""
    version, body = till.journal.cached("settings") or (0, {})
    till.journal.cache("settings", version + 1, {**body, "promotions": list(promotions)})
    till.register.reference_changed(["settings"])


def test_a_line_keeps_what_it_met_when_it_was_keyed(till: Till) -> None:
    offer(till, FROM_11, {"name": "By hand", "percent": "90", "by_hand": True})
    order = till.order(1)  # at 10:31
    full = order.total
    till.clock.move(minutes=30)
    order = till.add(order.id, 1)
    assert order.total == full + full // 2
    assert [row.quantity for row in order.priced.rows] == [1, 1]
    offer(till)
    till.clock.move(minutes=90)
    till.start()
    assert till.register.ledger.order(order.id).total == full + full // 2
    assert till.register.checkout.pay_exact(order.id).placed
    (placed,) = till.wrote(OrderPlaced)
    assert [[(one.kind, one.name, one.amount) for one in line.off] for line in placed.lines] == [
        [],
        [("promotion", "Happy hour", "20.00")],
    ]


def test_pieces_beyond_those_that_were_keyed_meet_what_is_offered_as_they_come(till: Till) -> None:
    """Added pieces meet the offers of now, whatever their line met; restored pieces keep their offer."""
    offer(till, FROM_11)
    order, change = till.order(1), till.register.sales.change_quantity  # at 10:31
    (early,) = order.lines
    till.clock.move(minutes=30)
    assert change(order.id, early, 2).total == 6_000
    order = till.add(None, 1, 2)
    (happy,) = order.lines
    change(order.id, happy, 1)
    till.clock.move(hours=12)
    assert change(order.id, happy, 3).total == 8_000


def exchange(till: Till, other: Till, session: str) -> None:
    """Exchange the events of two tills."""
    for one, to in ((till, other), (other, till)):
        give(one, to, session)


def test_two_tills_that_key_apart_come_to_the_same(till: Till, other: Till) -> None:
    lot = {"name": "3 for 2", "buy": 2, "get": 1}
    for one in (till, other):
        offer(one, lot)
    session = till.add(None, 1, 2).id
    exchange(till, other, session)
    resume(other, session)
    till.add(session, 1)  # it has not heard of that
    other.add(session, 1, 2)
    exchange(till, other, session)
    totals = {one.register.ledger.order(session).total for one in (till, other)}
    assert totals == {16_000}  # five pieces, of which one is given
    assert len({tuple(one.register.ledger.order(session).lines) for one in (till, other)}) == 1


def test_a_discount_within_the_limit_asks_nobody_and_is_undone(till: Till) -> None:
    log_in(till, 1)
    order = till.order(1)
    (line,) = order.lines
    tenth = Given(rate=Millionths(100_000), reason="regular")
    assert till.register.sales.take_off(order.id, line, tenth).total == 3_600
    assert till.register.sales.undo(order.id).total == 4_000
    assert not till.wrote(ApprovalGiven)


@pytest.mark.parametrize(
    "given", [Given(rate=Millionths(500_000), reason="late"), Given(ALL_OF_IT, kind="comp", reason="late")]
)
@pytest.mark.parametrize("on_line", [True, False])
def test_more_than_that_needs_a_manager_and_says_who(till: Till, given: Given, *, on_line: bool) -> None:
    log_in(till, 1)
    order = till.order(1)
    line = next(iter(order.lines)) if on_line else None
    with pytest.raises(RightsError):
        till.register.sales.take_off(order.id, line, given)
    asked = asked_for(order, line, given)
    assert asked is not None
    manager = next(one for one in till.register.access.staff if one.manages)
    yes = till.register.approvals.give(manager, asked)
    total = till.register.sales.take_off(order.id, line, given, yes).total
    (approval,) = till.wrote(ApprovalGiven)
    assert (approval.act, approval.approved_by, approval.stream_id) == (asked.act, 9, order.id)
    assert (approval.amount, approval.events) == (f"{(4_000 - total) / 100:.2f}", (till.journal.own[-2].id,))
    assert isinstance(till.journal.own[-2].data, DiscountApplied)


def test_a_discount_that_the_venue_has_named_asks_nobody(till: Till) -> None:
    log_in(till, 1)
    order = till.order(1)
    assert till.register.sales.take_off(order.id, None, Given(rate=Millionths(900_000), name="Family")).total == 400


def log_in(till: Till, number: int) -> None:
    till.register.access.admit(next(one for one in till.register.access.staff if one.number == number))


@pytest.mark.parametrize("how", ["whole", "part", "add"])
@pytest.mark.parametrize("offers", [(), ({"name": "Happy hour", "percent": "33"},)])
@pytest.mark.parametrize("given", [None, Given(Millionths(333_300), reason="late")])
def test_the_price_of_a_row_is_conserved_when_it_is_torn_apart(
    till: Till, how: str, offers: tuple[dict[str, Any], ...], given: Given | None
) -> None:
    """A percentage is rounded once for a row: its lines cost that sum together, wherever they go."""
    offer(till, *offers)
    order = till.add(None, 1, 2, 40_050)
    order = till.add(order.id, 1, 1, 40_050)
    if given is not None:
        asked = asked_for(order, order.lines[next(iter(order.lines))].id, given)
        assert asked is not None
        approval = till.register.approvals.give(till.register.access.find(9), asked)
        order = till.register.sales.take_off(order.id, next(iter(order.lines)), given, approval)
    before, first = int(order.priced.amount), next(iter(order.lines))
    if how == "whole":
        gone = till.part(order.id, first)
    elif how == "part":
        gone = till.acts.part(order.id, {first: 1})
    else:
        till.register.tabs.save(order.id, "7")
        gone = till.order(2)
        before += gone.priced.amount
        till.acts.add(gone.id, till.register.open_tabs.local()[0])
        gone = till.register.ledger.order(gone.id)
    assert gone.priced.amount + till.register.ledger.order(order.id).priced.amount == before


def test_a_promotion_counts_once_where_a_discount_on_all_is_shared(till: Till) -> None:
    offer(till, {"name": "Happy hour", "percent": "50"})
    order = till.add(None, 1, 2)
    order = till.add(order.id, 2)
    given = Given(Millionths(100_000), reason="late")
    order = till.register.sales.take_off(order.id, None, given)
    before = order.priced.amount
    gone = till.acts.part(order.id, {next(iter(order.lines)): 1})
    assert gone.priced.amount + till.register.ledger.order(order.id).priced.amount == before


def test_the_saving_of_a_promotion_on_a_split_line_is_at_most_its_later_price(till: Till) -> None:
    offer(till, {"name": "Happy hour", "percent": "50"})
    order = till.add(None, 1, 3)
    guest = till.acts.part(order.id, {next(iter(order.lines)): 1})
    till.register.ledger.user = 9
    for session, price4 in ((order.id, 100_000), (guest.id, 0)):
        line = next(iter(till.register.ledger.order(session).lines))
        assert till.register.sales.override_price(session, line, Price4(price4), "cold").total == 0
