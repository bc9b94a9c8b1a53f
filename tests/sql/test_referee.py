"""The server's decisions where two tills wrote on one order independently (ADR 0044)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_notices import notices
from till.domain.events.envelope import texts_to_data

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue


def granted_away(one: Till, two: Till, *items: str) -> Cart:
    """An order that the first till keyed and the second was granted while the first was away."""
    cart = one.keyed()
    for item in items or (IDLY,):
        one.add(cart, item, 2)
    one.push()
    two.take(cart)
    two.push()
    return cart


def late_orders(venue: Venue) -> list[tuple[str, str, list[str]]]:
    """Each order of late lines: its id, its status, and the lines that it has."""
    return [
        (session, status, [str(line) for line in lines])
        for session, status, lines in venue.rows(
            "SELECT s.id, s.status, array(SELECT n.content_id FROM warm.contents_now AS n"
            " WHERE n.session_id = s.id AND NOT n.is_payment ORDER BY 1)"
            " FROM till.order_sessions AS s JOIN warm.session_events AS e ON e.session_id = s.id"
            " WHERE e.event_type = 'order_opened' AND e.event_data ? 'from_session' ORDER BY s.id"
        )
    ]


def copied(venue: Venue) -> list[str]:
    query = "SELECT event_data FROM warm.session_events WHERE event_type = 'lines_copied' ORDER BY event_id"
    bodies = [body for (data,) in venue.rows(query) for body in data["events"]]
    return [body.partition('"type":"')[2].partition('"')[0] for body in bodies]


def withdrawn(venue: Venue) -> list[tuple[str, dict[str, Any]]]:
    query = (
        "SELECT session_id, event_data FROM warm.session_events WHERE event_type = 'lines_withdrawn' ORDER BY event_id"
    )
    return [(session, data) for session, data in venue.rows(query)]


def test_a_line_that_an_end_does_not_name_goes_on_in_an_order_of_late_lines(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.place(cart)
    two.push()
    assert late_orders(venue) == []
    line = one.add(cart, DOSA)
    one.push()
    ((late, status, lines),) = late_orders(venue)
    assert (status, lines) == ("pending_logout", [line])
    assert withdrawn(venue) == [(cart.session, {"to_session": late, "line_ids": [line]})]
    assert venue.rows("SELECT hold_till, user_id, tab_id, refold FROM till.order_sessions WHERE id = %s", late) == [
        (0, 1, None, True)
    ]
    rows = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert [(row["session"], row["lines"], row["late_for"]) for row in rows] == [(late, 1, "")]


def test_an_end_counts_the_pieces_of_no_line_that_it_names(venue: Venue) -> None:
    # Each count reads the whole order: for a sale of a hundred lines it once took longer than a till waits.
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.has_pieces(p_session text, p_line uuid) RETURNS boolean"
        " LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE 'the pieces of % are counted', p_line; END $$"
    )
    till, cart = venue.till(1), Cart()
    till.open(cart)
    for item in (IDLY, DOSA):
        till.add(cart, item)
    till.place(cart)
    till.push()
    assert venue.rows("SELECT * FROM warm.late_lines(%s)", cart.session) == []


def test_an_order_of_late_lines_is_listed_with_the_tab_that_they_came_too_late_for(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = one.keyed(IDLY)
    one.save(cart, new_id(), "table 5")
    one.push()
    two.take(cart)
    two.place(cart)
    two.push()
    one.add(cart, DOSA)
    one.push()
    assert [row["late_for"] for row in two.read("till.user_sessions_v1", user=1)["sessions"]] == ["table 5"]


def test_an_end_that_comes_second_meets_the_line_too(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.place(cart)
    line = one.add(cart, DOSA)
    one.push()
    assert late_orders(venue) == []
    two.push()
    ((_late, status, lines),) = late_orders(venue)
    assert (status, lines) == ("pending_logout", [line])


def test_an_order_that_was_cleared_has_late_lines_too(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.clear(cart)
    two.push()
    line = one.add(cart, DOSA)
    one.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == [[line]]


def test_an_end_without_the_hold_names_nothing(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    known = {**cart.lines}
    line = one.add(cart, DOSA)
    one.clear(cart)
    one.push()
    cart.lines = known
    two.place(cart)
    two.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == [[line]]


@pytest.mark.parametrize("act", ["line_voided", "quantity_changed"])
@pytest.mark.parametrize("undone", [False, True])
def test_a_line_of_which_nothing_is_left_is_not_late(venue: Venue, act: str, *, undone: bool) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.place(cart)
    two.push()
    line = one.add(cart, DOSA)
    off = one.make(act, cart.session, {"line_id": line, "taken_off": 1 if act == "quantity_changed" else None})
    if undone:
        one.make("change_undone", cart.session, {"event": off.id})
    one.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == ([[line]] if undone else [])


def test_later_changes_of_a_late_line_are_copied_and_an_empty_order_is_discarded(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.place(cart)
    two.push()
    line = one.add(cart, DOSA)
    one.push()
    noted = one.make("line_noted", cart.session, {"line_id": line}, texts={"note": "no onion"})
    one.push()
    ((late, status, _lines),) = late_orders(venue)
    assert (status, copied(venue)) == ("pending_logout", ["item_added", "line_noted"])
    rows = two.read("till.session_events_v1", session=late, after=0)["events"]
    texts = [row["t"] for row in rows if '"type":"lines_copied"' in row["b"]]
    assert texts == [{}, {f"{noted.id}.note": texts_to_data(noted)["note"]}]
    one.make("line_voided", cart.session, {"line_id": line})
    one.push()
    assert [status for _late, status, _lines in late_orders(venue)] == ["discarded"]


def test_an_order_of_late_lines_that_ended_has_one_itself(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.place(cart)
    two.push()
    one.add(cart, DOSA)
    one.push()
    ((late, _status, _lines),) = late_orders(venue)
    venue.owner.execute("SELECT till.order_session_discard_v1(%s, NULL, %s, 'test')", [venue.store, late])
    line = one.add(cart, IDLY)
    one.push()
    assert sorted((status, len(lines)) for _late, status, lines in late_orders(venue)) == [
        ("discarded", 1),
        ("pending_logout", 1),
    ]
    assert [line] in [lines for _late, _status, lines in late_orders(venue)]


def test_a_sale_takes_its_lines_out_of_the_order_of_late_lines(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    known = {**cart.lines}
    two.clear(cart)
    two.push()
    line = one.add(cart, DOSA)
    one.push()
    ((late, _status, _lines),) = late_orders(venue)
    one.place(cart)
    one.push()
    assert known.keys() < cart.lines.keys()
    assert withdrawn(venue)[1:] == [(late, {"to_session": cart.session, "line_ids": [line]})]
    assert late_orders(venue) == [(late, "discarded", [])]


def test_a_sale_takes_its_lines_out_of_the_order_that_they_were_moved_to(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    (line,) = cart.lines
    sold, other = Cart(cart.session, dict(cart.lines)), Cart()
    two.open(other)
    two.move(cart, other, line)
    one.place(sold)
    one.push()
    assert withdrawn(venue) == [(other.session, {"to_session": cart.session, "line_ids": [line]})]


@pytest.mark.parametrize("first", ["the order that they went to", "their own"])
def test_lines_that_one_sale_of_a_push_names_are_not_late_for_the_other(venue: Venue, first: str) -> None:
    """The answer to a merge was lost, and both tables were paid for as the till showed them."""
    till, cart, other = venue.till(), Cart(), Cart()
    for one in (cart, other):
        till.open(one)
        till.add(one, IDLY)
        till.shown(one)
    sold = [Cart(one.session, dict(one.lines)) for one in (other, cart)]
    till.move(cart, other, *cart.lines)
    for one in sold if first == "the order that they went to" else reversed(sold):
        till.place(one)
    till.push()
    assert late_orders(venue) == []
    assert venue.value("SELECT count(*) FROM cold.sales") == 2


@pytest.mark.parametrize("heard", [False, True])
def test_a_sale_takes_back_what_an_act_cut_off_that_its_till_had_not_heard_of(venue: Venue, heard: bool) -> None:
    """The answer to a split was lost, and the guest paid for all of it: the piece is nowhere else to pay."""
    till, cart, guest = venue.till(), Cart(), Cart()
    till.open(cart)
    line, into = till.add(cart, IDLY, 3), new_id()
    till.shown(cart)
    sold = Cart(cart.session, {line: (IDLY, 2 if heard else 3)})
    with till.deciding() as decided:
        till.open(guest, from_session=cart.session)
        till.make("line_cut", cart.session, {"line_id": line, "into": into, "quantity": 1})
        cart.lines[into] = (IDLY, 1)
        till.hand_on(cart, guest, into)
    known = till.known[cart.session][1]
    reply = till.push(act=till.act(decided))
    assert reply["act"]["taken"]
    till.place(sold, known=till.known[cart.session][1] if heard else known)
    till.push()
    assert withdrawn(venue) == ([] if heard else [(guest.session, {"to_session": cart.session, "line_ids": [into]})])


def test_the_relation_of_late_lines_is_rebuilt_from_the_log(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = granted_away(one, two)
    two.clear(cart)
    two.push()
    one.add(cart, DOSA)
    one.place(cart)
    one.push()
    query = "SELECT content_id, session_id, came_by, came_from, moved_by, left_by FROM warm.content_moves ORDER BY 1, 2"
    before = venue.rows(query)
    venue.owner.execute("SELECT warm.rebuild_relation(%s)", [venue.store])
    assert venue.rows(query) == before


def merged_away(one: Till, two: Till) -> tuple[Cart, Cart]:
    """An order that the second till took over from the first and added to its own, and that own order."""
    cart, kept = granted_away(one, two), Cart()
    two.open(kept)
    two.add(kept, IDLY)
    two.push()
    with two.deciding() as decided:
        two.hand_on(cart, kept, *cart.lines)
        two.clear(cart, "added to table 6")
    two.done(decided)
    return cart, kept


def lines_of(venue: Venue, cart: Cart) -> set[str]:
    query = "SELECT content_id FROM warm.contents_now WHERE session_id = %s AND NOT is_payment"
    return {str(line) for (line,) in venue.rows(query, cart.session)}


def test_an_order_is_added_to_another_only_while_that_one_has_its_lines(venue: Venue) -> None:
    """A restore may lose the records of the other order, and keep those of a third."""
    one, two = venue.till(1), venue.till(2)
    merged_away(one, two)
    cart, kept = merged_away(one, two)
    added = "SELECT warm.added_to(%s)"
    assert venue.value(added, cart.session) == kept.session
    venue.owner.execute("DELETE FROM warm.content_moves WHERE session_id = %s", [kept.session])
    assert venue.value(added, cart.session) is None


@pytest.mark.parametrize("saved", [True, False])
def test_lines_too_late_for_an_order_that_was_added_to_another_join_it(venue: Venue, *, saved: bool) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    if saved:
        two.save(kept, new_id(), "table 6")
        two.push()
    line = one.add(cart, DOSA)
    one.push()
    assert late_orders(venue) == []
    assert lines_of(venue, kept) == {*kept.lines, line}
    assert withdrawn(venue) == [(cart.session, {"to_session": kept.session, "line_ids": [line]})]
    one.make("line_voided", cart.session, {"line_id": line})
    one.push()
    assert copied(venue) == ["item_added", "line_voided"]
    venue.owner.execute("SELECT warm.rebuild_relation(%s)", [venue.store])
    assert lines_of(venue, kept) == {*kept.lines, line}


@pytest.mark.parametrize(("own", "joins"), [(None, False), ("take_away", True)])
def test_lines_too_late_of_another_order_type_have_their_own_order(
    venue: Venue, own: str | None, *, joins: bool
) -> None:
    """Their tax would fall, or rise, with the type of the order that theirs was added to."""
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    two.make("order_type_set", kept.session, {"order_type": "delivery"})
    two.push()
    line = one.add(cart, DOSA)
    rates = [{"order_type": "delivery", "taxes": [{"name": "GST", "rate": "0"}]}]
    one.make("line_rated", cart.session, {"line_id": line, "by_type": rates})
    if own:
        one.make("line_type_set", cart.session, {"line_id": line, "order_type": own})
    one.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == ([] if joins else [[line]])
    assert (line in lines_of(venue, kept)) is joins
    types = "SELECT order_type FROM order_sessions WHERE id NOT IN (%s, %s)"
    assert venue.rows(types, cart.session, kept.session) == ([] if joins else [("take_away",)])


def test_lines_too_late_for_an_order_that_was_added_to_a_paid_one_have_their_own_order(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    two.place(kept)
    two.push()
    line = one.add(cart, DOSA)
    one.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == [[line]]


def test_late_lines_that_joined_an_order_are_late_for_a_sale_that_does_not_name_them(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    line = one.add(cart, DOSA)
    one.push()
    two.place(kept)
    two.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == [[line]]


def test_money_too_late_for_an_order_that_was_added_to_another_waits_as_a_notice(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "30.00"}
    one.make("payment_approved", cart.session, {**payment, "tendered": "30.00", "change": "0.00"})
    one.push()
    assert notices(venue, one) == []
    [notice] = notices(venue, two)
    data = notice["data"]
    assert (notice["kind"], data["own"]["session"], data["which"]) == ("paid_apart", kept.session, cart.session)
    assert (data["amount"], data["by"]) == ("30.00", 1)
    one.make("payment_voided", cart.session, payment)
    one.push()
    assert notices(venue, two) == []


@pytest.mark.parametrize("status", ["active", "completed"])
def test_an_act_too_late_for_an_order_that_was_added_to_another_names_that_one(venue: Venue, status: str) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    if status == "completed":
        two.place(kept)
        two.push()
    line = next(iter(kept.lines))
    one.make("line_voided", cart.session, {"line_id": line})
    one.push()
    for till in (one, two):
        [notice] = notices(venue, till)
        own = notice["data"]["own"]
        assert (notice["kind"], own["session"], own["status"]) == ("refused", kept.session, status)


def test_returned_goods_too_late_for_an_order_that_was_added_to_another_lower_no_bill(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, kept = merged_away(one, two)
    line = one.add(cart, DOSA, -2)
    one.push()
    assert [lines for _late, _status, lines in late_orders(venue)] == [[line]]
    assert lines_of(venue, kept) == {*kept.lines}


def test_money_that_two_tills_gave_back_by_hand_is_a_conflict(venue: Venue) -> None:
    """Two managers had the same conflict before them."""
    one, two = venue.till(1), venue.till(2)
    cart, _kept = merged_away(one, two)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "30.00"}
    one.make("payment_approved", cart.session, {**payment, "tendered": "30.00", "change": "0.00"})
    one.push()
    for till, conflicts in ((one, 0), (two, 1)):
        till.make("payment_voided", cart.session, payment)
        assert till.push()["conflicts"] == conflicts
