"""The list of acts by person, from the log and from the audit, page by page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, Till, new_id, off
from tests.sql.test_upkeep import age, maintain
from till.domain.money.amount import Currency
from till.domain.venue import read_venue
from till.reports.acts import KINDS, ActFilter, AuditEntry, CursorError, Page, read_acts

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

RUPEES = Currency("INR")


def acts(venue: Venue, act_filter: ActFilter | None = None, *, limit: int = 50, after: str | None = None) -> Page:
    return read_acts(venue.ask, venue.store, act_filter or ActFilter(), RUPEES, limit=limit, after=after)


def gist(act: AuditEntry) -> tuple[object, ...]:
    return act["kind"], act["type"], act["user"], act["pieces"], act["amount"], act["items"]


def evening(venue: Venue, tills: tuple[Till, Till] | None = None) -> tuple[Cart, Cart]:
    """Some of everything that a till does: on one order that is paid, and on one that is cleared."""
    till, two = tills or (venue.till(), venue.till(2))
    sold, left = Cart(), Cart()
    two.open(left)
    two.add(left, IDLY, 2)
    two.add(left, DOSA)
    two.push()
    till.open(sold)
    some, other = till.add(sold, IDLY, 5), till.add(sold, DOSA)
    till.make("quantity_changed", sold.session, {"line_id": some, "taken_off": 2, "removed": off(IDLY, 2)}, user=2)
    till.make(
        "line_voided", sold.session, {"line_id": some, "removed": off(IDLY, 3, sent=True)}, texts={"reason": "=cold"}
    )
    till.make("quantity_changed", sold.session, {"line_id": other, "taken_off": 1, "removed": off(DOSA, 1, sent=True)})
    undone = till.make("line_voided", sold.session, {"line_id": other, "removed": off(DOSA, 1)})
    till.make("change_undone", sold.session, {"event": undone.id})
    off_dosa = till.make(
        "discount_applied", sold.session, {"line_id": other, "percent": "10"}, texts={"reason": "regular"}
    )
    yes = {"act": "discount", "stream_kind": "order", "stream_id": sold.session, "events": [off_dosa.id]}
    till.make("approval_given", None, yes | {"approved_by": 9})
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "40.00"}
    given_back = till.make("payment_voided", sold.session, payment | {"approved_by": 9})
    yes = {"act": "give_back", "stream_kind": "order", "stream_id": sold.session, "events": [given_back.id]}
    till.make("approval_given", None, yes | {"approved_by": 9, "amount": "40.00", "currency": "INR"})
    till.make("line_voided", sold.session, {"line_id": some, "follows": undone.id})  # a copy of what was done elsewhere
    till.push(sold_snapshot(till, sold))
    till.take(left, user=2)
    till.clear(left, "left", user=2)
    till.make("login_refused", None, {"user": 2, "locked": False})
    till.push(left.snapshot(till.base(left), total="144.00"))  # after a discount
    return sold, left


def sold_snapshot(till: Till, cart: Cart) -> dict[str, object]:
    return cart.snapshot(till.base(cart))


ACTS = [
    ("refused", "login_refused", 1, None, None, []),
    ("cleared", "order_discarded", 2, 3, "144.00", ["Idly", "Masala Dosa"]),
    ("taken-over", "order_granted", 2, None, None, []),
    ("approved", "approval_given", 1, None, "40.00", []),
    ("given-back", "payment_voided", 1, None, "40.00", []),
    ("approved", "approval_given", 1, None, None, []),
    ("discounted", "discount_applied", 1, None, None, ["Masala Dosa"]),
    ("corrected", "change_undone", 1, None, None, []),
    ("voided", "line_voided", 1, 1, "80.00", ["Masala Dosa"]),
    ("voided", "quantity_changed", 1, 1, "80.00", ["Masala Dosa"]),
    ("voided", "line_voided", 1, 3, "120.00", ["Idly"]),
    ("voided", "quantity_changed", 2, 2, "80.00", ["Idly"]),
]


@pytest.mark.parametrize("days", [0, 31])
def test_acts_are_listed_newest_first_from_log_and_audit(venue: Venue, days: int) -> None:
    sold, left = evening(venue)
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    found = acts(venue, ActFilter(till=1)).acts
    assert [gist(act) for act in found] == ACTS
    assert [act["type"] for act in found if act["details"].get("undone")] == ["line_voided"]
    assert found[8]["details"].get("undone")
    voided, discounted = found[10], found[6]
    assert (discounted["approved_by"], discounted["reason"]) == (9, "regular")
    assert (voided["reason"], voided["session"], voided["name"], voided["currency"]) == (
        "=cold",
        sold.session,
        "Asha",
        "INR",
    )
    assert voided["details"]["sent"]
    assert (found[4]["approved_by"], found[1]["reason"], found[1]["session"]) == (9, "left", left.session)
    assert (found[3]["approved_by"], found[3]["session"], found[3]["details"]) == (
        9,
        sold.session,
        {"act": "give_back"},
    )
    assert found[0]["details"] == {"user": 2, "locked": False}
    administered = [act["type"] for act in acts(venue, ActFilter(till=0)).acts]
    assert administered.count("user_added") == 4
    assert {"till_enrolled", "menu_imported"} < set(administered)


def test_an_order_suspended_for_somebody_else_is_an_act_and_a_logout_is_not(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    for data in ({}, {"user": 2}):
        till.make("order_parked", cart.session, data)
        till.make("order_resumed", cart.session, data)
    till.push(sold_snapshot(till, cart))
    found = acts(venue, ActFilter(till=1)).acts
    assert [(act["kind"], act["details"]) for act in found] == [("resumed", {"user": 2}), ("suspended", {"user": 2})]


def test_pages_follow_each_other_across_the_log_and_the_audit(venue: Venue) -> None:
    tills = venue.till(), venue.till(2)
    evening(venue, tills)
    age(venue, "31 days")
    maintain(venue)
    evening(venue, tills)
    whole = acts(venue, limit=1000)
    assert len([act for act in whole.acts if act["till"] == 1]) == 2 * len(ACTS)
    assert whole.next is None
    seen: list[AuditEntry] = []
    cursor = None
    while True:
        page = acts(venue, limit=4, after=cursor)
        seen += page.acts
        cursor = page.next
        if cursor is None:
            break
        assert len(page.acts) == 4
    assert seen == whole.acts
    assert len({act["id"] for act in seen}) == len(seen)


@pytest.mark.parametrize(
    ("act_filter", "expected"),
    [
        (ActFilter(till=1, user=9), ["approval_given", "payment_voided", "approval_given"]),
        (ActFilter(till=1, user=2), ["order_discarded", "order_granted", "quantity_changed"]),
        (ActFilter(kinds=("approved",)), ["approval_given"] * 2),
        (
            ActFilter(kinds=("voided", "cleared")),
            ["order_discarded", "line_voided", "quantity_changed", "line_voided", "quantity_changed"],
        ),
        (ActFilter(kinds=("corrected",)), ["change_undone"]),
        (ActFilter(till=2), []),
        (ActFilter(datetime(2026, 3, 4, tzinfo=UTC), till=1), ["order_granted"]),  # by the clock of the server
        (ActFilter(ends=datetime(2026, 3, 3, tzinfo=UTC), till=1), []),
        (
            ActFilter(
                datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), till=1, kinds=("discounted",)
            ),
            ["discount_applied"],
        ),
    ],
)
def test_only_what_is_asked_for_is_returned(venue: Venue, act_filter: ActFilter, expected: list[str]) -> None:
    evening(venue)
    assert [act["type"] for act in acts(venue, act_filter).acts] == expected


def test_a_cursor_that_is_made_up_or_of_another_question_is_refused(venue: Venue) -> None:
    evening(venue)
    cursor = acts(venue, ActFilter(till=1), limit=2).next
    assert cursor is not None
    assert len(acts(venue, ActFilter(till=1), after=cursor).acts) == len(ACTS) - 2
    for act_filter, after in (
        (ActFilter(), cursor),
        (ActFilter(till=1, kinds=("voided",)), cursor),
        (ActFilter(till=1), cursor[:-1]),
        (ActFilter(till=1), new_id() + cursor[36:]),
        (ActFilter(till=1), new_id()),
        (ActFilter(till=1), ""),
        (ActFilter(till=1), "x" * 53),
    ):
        with pytest.raises(CursorError):
            acts(venue, act_filter, after=after)


def test_a_paid_order_is_named_by_its_receipt(venue: Venue) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.add(cart, DOSA)
    till.make("line_voided", cart.session, {"line_id": line, "removed": off(IDLY, 1)})
    del cart.lines[line]
    receipt = till.place(cart)["receipt"]
    till.push()
    (act,) = acts(venue, ActFilter(till=1)).acts
    assert (act["receipts"], act["pieces"], act["amount"]) == ([receipt], 1, "40.00")


def test_each_kind_of_act_names_types_that_there_are(venue: Venue) -> None:
    known = {row[0] for row in venue.rows("SELECT type FROM warm.event_types")}
    assert {name for names in KINDS.values() for name in names} <= known
    by_server = {row[0] for row in venue.rows("SELECT unnest(warm.kinds_by_server())")}
    named = {name for names in KINDS.values() for name in names}
    act_filter = {row[0] for row in venue.rows("SELECT unnest(warm.kinds_of_acts())")}
    decided = {
        "session_swept", "refused", "lines_copied", "lines_withdrawn", "order_submitted", "gateway_order_named",
        "order_handed",
    }  # fmt: skip
    assert by_server - named - act_filter == decided, "nobody's act: the server decides, or a program"


def test_a_day_ends_as_sales_do(venue: Venue) -> None:
    begins, ends = read_venue(SETTINGS).times_of(date(2026, 3, 3))
    assert (begins, ends) == (datetime(2026, 3, 2, 22, 30, tzinfo=UTC), datetime(2026, 3, 3, 22, 30, tzinfo=UTC))
    evening(venue)
    assert len(acts(venue, ActFilter(begins, ends, till=1)).acts) == len(ACTS) - 1  # the grant is of today
