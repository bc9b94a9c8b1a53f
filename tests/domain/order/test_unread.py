"""Records that this till cannot read are reported, never guessed (ADR 0016)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.domain.making import GST, SESSION, TAB, A, Hand, folded, uid
from till.domain.events.envelope import Draft, Event
from till.domain.events.registry import name_of
from till.domain.money.measures import Minor
from till.domain.order import paying
from till.domain.order.events import DiscountApplied, OrderDiscarded, OrderTypeSet, RecordSetAside
from till.domain.order.paying import CASH, Completion, Tendered, UnreadRecordError
from till.domain.order.snapshot import snapshot
from till.domain.order.state import Order, Status
from till.domain.payment.events import PaymentApproved
from till.domain.streams import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.registry import EventData

_LINE: dict[str, Any] = {
    "line_id": uid("z"),
    "item_id": "dosa",
    "item_name": "Masala Dosa",
    "quantity": 1,
    "price": "80.00",
    "taxes": [],
}
_MONEY: dict[str, Any] = {"payment_id": uid("p"), "tender": "CARD", "amount": "40.00"}
_PLACED: dict[str, Any] = {
    "order_id": uid("o"),
    "receipt": "2-000001",
    "business_date": "2026-03-03",
    "order_type": "take_away",
    "payment_method": "cash",
    "currency": "INR",
    "net": "40.00",
    "tax": "0.00",
    "rounding": "0.00",
    "total": "40.00",
    "lines": [],
    "payments": [],
}
_ROW: dict[str, Any] = {
    "line_ids": [A],
    "line_quantities": [1],
    "item_id": "idly",
    "item_name": "Idly",
    "quantity": 1,
    "unit_price": "40.00",
    "subtotal": "40.00",
    "net": "40.00",
    "tax": "0.00",
    "discount": "0.00",
}
_PAID: dict[str, Any] = {"payment_id": uid("p"), "tender": "CASH", "amount": "40.00", "change": "0.00"}


def _unread(hand: Hand, name: str) -> Event:
    """A record that does not read, by the name of a case."""
    cases: dict[str, tuple[str, int, dict[str, Any]]] = {
        "a price with a comma": ("item_added", 1, _LINE | {"price": "80,00"}),
        "a field too many": ("item_added", 1, _LINE | {"promotion": "2 for 1"}),
        "an unknown type": ("promotion_given", 1, {"percent": "25"}),
        "an unknown version": ("item_added", 2, _LINE),
        "too many decimals": ("payment_approved", 1, _MONEY | {"amount": "40.001", "tendered": "40.00", "change": "0"}),
        "too many decimals at the end": ("order_placed", 1, _PLACED | {"lines": [_ROW | {"subtotal": "40.005"}]}),
        "too many decimals of its money": ("order_placed", 1, _PLACED | {"payments": [_PAID | {"amount": "40.005"}]}),
        "pieces without a line": ("order_placed", 1, _PLACED | {"lines": [_ROW | {"line_quantities": [1, 1]}]}),
        "another currency": ("order_placed", 1, _PLACED | {"currency": "USD"}),
        "a discount of neither": ("discount_applied", 1, {"line_id": A}),
        "a discount of both": ("discount_applied", 1, {"line_id": A, "percent": "1", "amount": "1.00"}),
        "a discount below nothing": ("discount_applied", 1, {"line_id": A, "amount": "-5.00"}),
        "a percentage too high": ("discount_applied", 1, {"line_id": A, "percent": "150"}),
    }
    kind, version, data = cases[name]
    return hand.raw(kind, v=version, **data)


CASES = [
    "a price with a comma",
    "a field too many",
    "an unknown type",
    "an unknown version",
    "too many decimals",
    "too many decimals at the end",
    "too many decimals of its money",
    "pieces without a line",
    "another currency",
    "a discount of neither",
    "a discount of both",
    "a discount below nothing",
    "a percentage too high",
]


@pytest.mark.parametrize("case", CASES)
def test_an_order_with_a_record_that_does_not_read_waits_for_a_manager(case: str) -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a")]
    two.knows(*events)
    events += [two.took(), unread := _unread(two, case)]
    order = folded(*events)
    assert (order.total, order.status) == (4_000, Status.ACTIVE)
    (record,) = order.waits_for_manager
    assert (record.event, record.type, record.till, record.at) == (unread.id, unread.type, 2, unread.at)
    assert record.why
    with pytest.raises(UnreadRecordError):
        paying.check_payable(order)
    with pytest.raises(UnreadRecordError):
        paying.start_payment(order, uid("p"), Tendered(CASH, Minor(4_000)))
    with pytest.raises(UnreadRecordError):
        paying.place_order(order, Completion(uid("o"), "1-000001", date(2026, 3, 3)))


@pytest.mark.parametrize("case", CASES)
def test_a_record_skipped_by_a_manager_lets_the_order_be_paid_and_the_sale_names_it(case: str) -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a"), unread := _unread(hand, case))
    (draft,) = paying.set_aside(order, unread.id, 9)
    assert draft.data == RecordSetAside(event=unread.id, approved_by=9)
    order = hand.take(order, [draft])
    assert order.waits_for_manager == ()
    assert paying.set_aside(order, unread.id, 9) == []
    tendered = Tendered(CASH, Minor(4_000))
    order = hand.take(order, paying.start_payment(order, uid("q"), tendered))
    order = hand.take(order, paying.approve_payment(order, uid("q"), tendered))
    order = hand.take(order, paying.place_order(order, Completion(uid("o"), "1-000001", date(2026, 3, 3))))
    assert order.placed is not None
    assert order.placed.data.set_aside == (unread.id,)


def _line_off(hand: Hand) -> Event:
    return hand.make(DiscountApplied(line_id=A, amount="5.00"))


@pytest.mark.parametrize("make", [lambda hand: hand.added("b"), _line_off, lambda hand: hand.changed("a", 1)])
def test_a_record_skipped_on_an_older_till_is_passed_over_by_a_newer_one(make: Callable[[Hand], Event]) -> None:
    """Two tills of which one was upgraded have one order, whoever sends whom the bill."""
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a", 2)]
    before = folded(*events)
    two.knows(*events)
    newer = [two.took(), make(two)]
    assert folded(*events, *newer).total != before.total
    one.knows(*newer)
    aside = [one.took(), one.make(RecordSetAside(event=newer[-1].id, approved_by=9))]
    order = folded(*events, *newer, *aside)
    assert (order.total, order.waits_for_manager) == (before.total, ())
    assert order.set_aside == {newer[-1].id}
    assert [(record.event, record.why) for record in order.unread.values()] == [
        (newer[-1].id, "a manager skipped it on a till that cannot read it")
    ]
    paying.check_payable(order)
    assert folded(*events, *newer, *aside[:1]).total != before.total


def test_money_and_where_an_order_stands_count_whoever_set_them_aside() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.make(PaymentApproved(**_MONEY, tendered="40.00", change="0.00"))]
    events += [hand.took(), hand.placed("a"), hand.make(OrderDiscarded(line_ids=()))]
    order = folded(*events)
    asides = [hand.make(RecordSetAside(event=event.id, approved_by=9)) for event in events[:1] + events[2:]]
    after = folded(*events, *asides)
    assert (after.paid, after.status, after.placed, after.hold) == (order.paid, order.status, order.placed, order.hold)
    assert after.unread == {}


def test_only_what_does_not_read_is_set_aside() -> None:
    hand = Hand()
    order = folded(hand.opened(), added := hand.added("a"))
    assert paying.set_aside(order, added.id, 9) == []


def test_a_type_that_its_maker_calls_harmless_stands_in_the_way_of_nothing() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a"), hand.raw("table_sung_to", harmless=True, song="Sa Re Ga"))
    assert (order.waits_for_manager, order.unread) == ((), {})
    paying.check_payable(order)


def test_a_type_that_is_known_here_is_not_harmless_because_a_record_says_so() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.raw("item_added", harmless=True, **_LINE | {"price": "80,00"})]
    assert len(folded(*events).waits_for_manager) == 1


def test_an_order_of_nothing_but_a_record_that_does_not_read_is_kept_at_a_logout() -> None:
    from till.domain.order.suspension import suspend_or_clear  # noqa: PLC0415 - this test alone asks

    hand = Hand()
    order = folded(hand.opened(), _unread(hand, "a price with a comma"))
    assert hand.take(order, suspend_or_clear(order)).status is Status.PENDING_LOGOUT


# Whatever comes, the fold stands


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
    | st.just("40.00"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "rate", "price"]), inner),
    max_leaves=4,
)
known_types = st.sampled_from(
    [name_of(kind) for kind in REGISTRY if kind.stream == "order" and name_of(kind) != "order_opened"]
)
_GOOD: dict[str, Any] = {
    "line_id": A,
    "item_id": "idly",
    "item_name": "Idly",
    "quantity": 1,
    "price": "40.00",
    "taxes": [{"name": GST.name, "rate": GST.rate}],
    "modifiers": [{"name": "extra", "price": "1.00"}],
    "taken_off": 1,
    "event": "0197a000-0000-7000-8000-0000000000ee",
    "amount": "40.00",
    "percent": "10",
    "order_type": "dine_in",
    "name": "spice",
    "value": "hot",
    "items": [{"id": "idly", "name": "Idly", "position": 1}],
    "tab_id": TAB,
    "payment_id": uid("p"),
    "tender": "CASH",
    "tendered": "40.00",
    "change": "0.00",
    "key": "k",
    "lines": [_ROW],
    "discounts": [],
    "line_ids": [A],
    "to_session": uid("there"),
    "from_session": uid("here"),
    "till": 2,
    "journal": uid("journal"),
    "minutes": 30,
    "conflict_id": uid("c"),
    "kind": "sold_twice",
    "subject": "x",
} | {key: value for key, value in _PLACED.items() if key != "lines"}


def _survives(order: Order) -> None:
    assert order.total is not None
    assert snapshot(order, 0)["currency"] == "INR"
    assert isinstance(order.due, int)
    assert isinstance(order.step, str)
    assert isinstance(order.covered, frozenset)
    assert all(isinstance(line.name, str) for line in order.lines.values())


def _spelt_out(kind: type[EventData], name: str, value: object) -> bool:
    """True if a value is the default of its field. No till writes defaults, and the door rejects a record that does."""
    field = next((one for one in msgspec.structs.fields(kind) if one.encode_name == name), None)
    return field is not None and not field.required and value in (None, "", [], {}, False)


@given(known_types, st.dictionaries(st.sampled_from([*sorted(_GOOD), "measure", "follows"]), junk, max_size=3))
@example("item_added", {"measure": "heavy"})
@example("item_added", {"taxes": "GST"})
@example("item_added", {"quantity": 10**40})
@example("order_placed", {"lines": None})
@example("order_placed", {"lines": [{"line_ids": [[]]}]})
@example("menu_viewed", {"items": "abc"})
def test_a_damaged_record_is_reported_and_never_an_exception(kind: str, damage: dict[str, Any]) -> None:
    hand = Hand()
    found = REGISTRY.find(kind)
    assert found is not None
    fields = set(found.__struct_fields__) | set(damage)
    data = {
        name: value for name, value in (_GOOD | damage).items() if name in fields and not _spelt_out(found, name, value)
    }
    before = [hand.opened(), hand.added("z", 2)]
    order = folded(*before, hand.raw(kind, **data))
    _survives(order)
    assert order.lines[uid("z")].pieces == 2


def test_a_till_that_does_not_know_a_type_keeps_its_order_of_status() -> None:
    """A record that does not read makes no hold and ends nothing."""
    one, server = Hand(1), Hand(0)
    opened = one.opened()
    server.knows(opened)
    unread = server.raw("order_granted", v=2, till=2)
    order = folded(opened, unread, one.seal(Draft(OrderTypeSet(order_type="dine_in"), SESSION), opened.id))
    assert (order.till, order.hold, order.order_type) == (1, opened.hold, "dine_in")
    assert len(order.waits_for_manager) == 1
