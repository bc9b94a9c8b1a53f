"""Acts without the hold, too late, or that an end did not know: judged once, as they come, and refused by an event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_granting import another_journal
from tests.sql.test_notices import notices, read_notices
from tests.sql.test_status import opened

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue
    from till.domain.events.envelope import Event

REFUSED = """
    SELECT array_agg(x ORDER BY x) FROM session_events, jsonb_array_elements_text(event_data->'events') AS x
    WHERE event_type = 'refused'"""
LATE: dict[str, dict[str, Any]] = {
    "discount_applied": {"amount": "5.00"},
    "order_type_set": {"order_type": "dine_in"},
    "preference_set": {"name": "spice"},
    "order_parked": {},
    "order_discarded": {"line_ids": []},
}


def refused(venue: Venue) -> list[str]:
    return venue.value(REFUSED) or []


def ids(*events: Event) -> list[str]:
    return sorted(event.id for event in events)


def void(till: Till, cart: Cart, line: str) -> Event:
    removed = {"item_name": "Idly", "pieces": 1, "amount": "40.00"}
    return till.make("line_voided", cart.session, {"line_id": line, "removed": removed})


def noted(till: Till, cart: Cart, line: str) -> Event:
    return till.make("line_noted", cart.session, {"line_id": line})


def met(venue: Venue) -> tuple[Till, Till, Cart, str]:
    """Till 1 was away while its order of one Idly was granted to till 2."""
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart, user=2)
    (line,) = cart.lines
    return one, two, cart, line


@pytest.mark.parametrize("kind", LATE)
def test_act_without_the_hold_is_refused_and_both_tills_hear_it(venue: Venue, kind: str) -> None:
    one, two, cart, _line = met(venue)
    late = one.make(kind, cart.session, LATE[kind])
    reply = one.push()

    assert refused(venue) == [late.id]
    assert sum('"refused"' in event["b"] for event in reply["events"]) == 1
    assert [late.id in event["b"] for event in two.push()["events"]][-1]
    assert venue.rows("SELECT status, till_id, quarantined FROM order_sessions") == [("active", 2, False)]
    assert len(notices(venue, one)) == (kind != "order_parked")


def test_act_of_the_current_hold_counts(venue: Venue) -> None:
    _one, two, cart, line = met(venue)
    for kind in ("discount_applied", "order_type_set"):
        two.make(kind, cart.session, LATE[kind])
    noted(two, cart, line)
    two.push()
    assert refused(venue) == []


def test_pieces_count_under_an_earlier_hold(venue: Venue) -> None:
    one, _two, cart, line = met(venue)
    one.add(cart, DOSA)
    one.make("quantity_changed", cart.session, {"line_id": line, "taken_off": 1})
    one.make("change_undone", cart.session, {"event": void(one, cart, line).id})
    one.push()
    one.make("change_undone", cart.session, {"event": void(one, cart, line).id})
    one.push()
    assert refused(venue) == []


def test_choices_count_under_an_earlier_hold_on_lines_that_the_till_keyed(venue: Venue) -> None:
    one, two, cart, line = met(venue)
    late = one.add(cart, DOSA)
    other = two.add(cart, DOSA)
    two.push()
    noted(one, cart, late)
    noted(one, cart, line)
    stranger = noted(one, cart, other)
    one.push()
    assert refused(venue) == [stranger.id]


def test_undoing_is_judged_as_what_it_undoes(venue: Venue) -> None:
    one, cart = opened(venue)
    given = one.make("discount_applied", cart.session, {"amount": "5.00"})
    one.push()
    venue.till(2).take(cart, user=2)
    undone = one.make("change_undone", cart.session, {"event": given.id})
    one.push()
    assert refused(venue) == [undone.id]


def test_line_that_was_cut_or_left_since_is_not_changed_under_an_earlier_hold(venue: Venue) -> None:
    one, cart = opened(venue)
    (line,) = cart.lines
    gone = one.add(cart, DOSA)
    one.push()
    two, other = venue.till(2), Cart()
    two.take(cart, user=2)
    with two.deciding() as decided:
        two.open(other)
        two.make("line_cut", cart.session, {"line_id": line, "into": Cart().session, "quantity": 1})
        two.hand_on(cart, other, gone)
    two.done(decided)
    late = [void(one, cart, line), void(one, cart, gone), void(one, cart, Cart().session)]
    one.push()
    assert refused(venue) == ids(*late)


def test_facts_count_whoever_holds_the_order(venue: Venue) -> None:
    one, _two, cart, line = met(venue)
    one.make("course_fired", cart.session, {"line_id": line})
    one.make("checkout_started", cart.session)
    one.look(cart)
    one.make("payment_started", cart.session, {
        "payment_id": Cart().session, "tender": "CASH", "amount": "40.00", "key": "k"})  # fmt: skip
    one.push()
    assert refused(venue) == []


def test_sale_without_the_hold_keeps_what_its_till_did_before(venue: Venue) -> None:
    one, two, cart, _line = met(venue)
    one.make("discount_applied", cart.session, {"amount": "5.00"})
    one.place(cart)
    one.push()
    late = two.make("order_type_set", cart.session, {"order_type": "dine_in"})
    two.push()
    assert refused(venue) == [late.id]
    assert venue.rows("SELECT status FROM order_sessions") == [("completed",)]


def test_second_sale_keeps_no_void_of_a_line_that_the_first_sold(venue: Venue) -> None:
    one, two, cart, line = met(venue)
    one.place(cart)
    one.push()
    dosa = two.add(cart, DOSA)
    late = void(two, cart, line)
    two.place(Cart(cart.session, {dosa: (DOSA, 1)}))
    two.push()
    assert refused(venue) == ids(late)
    assert venue.value("SELECT count(*) FROM cold.sales") == 2


def test_late_act_on_a_sold_line_is_refused_with_a_notice(venue: Venue) -> None:
    one, two, cart, line = met(venue)
    two.place(cart)
    two.push()
    late = void(one, cart, line)
    one.push()

    assert refused(venue) == [late.id]
    (notice,) = notices(venue, one)
    facts = notice["data"]
    assert (notice["kind"], facts["act"], facts["item"], facts["pieces"]) == ("refused", "line_voided", "Idly", 1)
    assert (facts["order"]["status"], bool(facts["order"]["receipt"])) == ("completed", True)
    assert notices(venue, two) == []


def test_late_acts_on_a_paid_order_are_notified_if_they_move_money(venue: Venue) -> None:
    """A table that was saved, or got a note, after it was paid elsewhere is no reason to refund it."""
    one, two, cart, line = met(venue)
    two.place(cart)
    two.push()
    late = [
        one.make("line_noted", cart.session, {"line_id": line}),
        one.make("order_type_set", cart.session, {"order_type": "dine_in"}),
        one.save(cart, new_id(), "table 5"),
    ]
    one.push()
    assert refused(venue) == ids(*late)
    (notice,) = notices(venue, one)
    assert (notice["data"]["act"], notice["data"].get("more")) == ("order_type_set", None)


def test_order_type_that_a_save_sets_is_no_reason_to_refund_a_paid_order(venue: Venue) -> None:
    one, two, cart, _line = met(venue)
    two.place(cart)
    two.push()
    late = [one.make("order_type_set", cart.session, {"order_type": "dine_in"})]
    one.now -= timedelta(seconds=1)
    late.append(one.save(cart, new_id(), "table 5"))
    one.push()
    assert refused(venue) == ids(*late)
    assert notices(venue, one) == []


def test_late_line_goes_on_with_what_was_done_to_it(venue: Venue) -> None:
    one, two, cart, line = met(venue)
    sold = Cart(session=cart.session, lines={line: (IDLY, 1)}, hold=cart.hold)
    two.place(sold)
    two.push()
    late = one.add(cart, DOSA)
    noted(one, cart, late)
    one.push()
    void(one, cart, late)
    one.push()
    assert refused(venue) == []
    assert venue.rows("SELECT DISTINCT status FROM order_sessions ORDER BY 1") == [("completed",), ("discarded",)]


@pytest.mark.parametrize("is_known", [False, True])
def test_act_that_the_sale_did_not_know_is_refused_with_it(venue: Venue, is_known: bool) -> None:
    one, two, cart, line = met(venue)
    two.push()
    known: Any = two.known[cart.session][1]
    late = void(one, cart, line)
    one.push()
    if is_known:
        known = late.id
    two.place(cart, known=known)
    two.push()
    assert refused(venue) == ([] if is_known else [late.id])
    assert len(notices(venue, one)) == (not is_known)
    assert venue.rows("SELECT status FROM order_sessions") == [("completed",)]


def test_act_that_a_copy_of_the_disk_did_not_have_is_refused_with_its_sale(venue: Venue) -> None:
    one, cart = opened(venue)
    known: Any = one.known[cart.session][1]
    (line,) = cart.lines
    late = void(one, cart, line)
    one.push()
    copy = another_journal(venue)
    copy.take(cart)
    copy.place(cart, known=known)
    copy.push()
    assert refused(venue) == ids(late)


def test_acts_of_one_push_are_one_event_and_one_notice(venue: Venue) -> None:
    one, _two, cart, _line = met(venue)
    late = [one.make("discount_applied", cart.session, {"amount": "5.00"}) for _each in range(30)]
    one.push()
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'refused'") == 1
    assert refused(venue) == ids(*late)
    (notice,) = notices(venue, one)
    assert notice["data"]["more"] == 29


def test_refused_acts_of_a_stolen_secret_are_no_flood(venue: Venue) -> None:
    one, two, cart, _line = met(venue)
    pushes = venue.value("SELECT warm.most_listed()") + 4
    for _push in range(pushes):
        for _each in range(20):
            one.make("discount_applied", cart.session, {"amount": "5.00"})
        one.push()
    assert len(refused(venue)) == 20 * pushes
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'refused'") == pushes
    assert read_notices(venue, one)["body"]["waiting"] == pushes - 4
    assert notices(venue, two) == []
    two.make("order_type_set", cart.session, {"order_type": "dine_in"})
    assert two.push()["ok"]


def test_a_refused_void_is_no_void_in_the_report(venue: Venue) -> None:
    one, two, cart, line = met(venue)
    two.place(cart)
    two.push()
    void(one, cart, line)
    one.push()
    assert venue.value("SELECT count(*) FROM cold.taken_off_by_person") == 0
