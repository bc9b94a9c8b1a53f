"""Where an order stands and who holds it, by event (docs/protocol.md, "Status, by event")."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till, new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def opened(venue: Venue, number: int = 1) -> tuple[Till, Cart]:
    till, cart = venue.till(number), Cart()
    till.open(cart)
    till.add(cart, IDLY, 2)
    till.shown(cart)
    return till, cart


def stands(venue: Venue, cart: Cart, *columns: str) -> Any:
    query = f"SELECT {', '.join(columns)} FROM order_sessions WHERE id = %s"  # noqa: S608 - columns of the tests below
    [row] = venue.rows(query, cart.session)
    return row if len(columns) > 1 else row[0]


def take_over(till: Till, cart: Cart, kind: str = "order_taken_over", from_till: int | None = 1) -> dict[str, Any]:
    epoch = cart.epoch
    till.make(kind, cart.session, {"from_epoch": epoch, "from_till": from_till}, epoch=epoch + 1)
    cart.epoch = epoch + 1
    till.known.setdefault(cart.session, (0, None))
    return till.push()


def test_parked_and_resumed_on_another_till(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session)
    one.shown(cart)
    assert stands(venue, cart, "status", "till_id", "logout_time") == ("pending_logout", None, one.now)

    two = venue.till(2)
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert (row["session"], row["status"], row["lines"], row["total"]) == (cart.session, "pending_logout", 1, "80.00")
    found = two.read("till.session_events_v1", session=cart.session)
    assert [event["version"] for event in found["events"]] == [1, 2, 3]

    two.known[cart.session] = (row["version"], row["event"])
    reply = take_over(two, cart, "order_resumed", None)
    assert reply["taken"] == reply["events"] == []
    assert stands(venue, cart, "status", "till_id", "hold_epoch", "logout_time") == ("active", 2, 2, None)


def test_an_order_given_to_another_person(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session, {"user": 2})
    one.push()

    two = venue.till(2)
    assert two.read("till.user_sessions_v1", user=1)["sessions"] == []
    assert [row["user"] for row in two.read("till.user_sessions_v1", user=2)["sessions"]] == [2]


@pytest.mark.parametrize("first", ["early", "late"])
def test_of_two_that_take_over_apart_the_later_wins_whoever_is_heard_first(venue: Venue, first: str) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    for till in (two, one):  # its events have ids that sort in this order
        till.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    replies = [till.push() for till in ((two, one) if first == "early" else (one, two))]
    told = two.push() if first == "early" else replies[-1]

    assert stands(venue, cart, "status", "till_id", "hold_epoch") == ("active", 1, 2)
    [taken] = told["taken"]
    assert (taken["till"], taken["till_name"], taken["user_name"], taken["hold_epoch"]) == (1, "Till 1", "Asha", 2)


def test_who_takes_an_order_over_without_knowing_all_of_it_is_asked_to_fold_it(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    before = dict(cart.lines)
    one.add(cart, DOSA)
    one.shown(cart)
    cart.lines, whole = before, cart.lines
    two.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    cart.epoch = 2
    reply = two.shown(cart)
    assert reply["sessions"][0]["refold"] is True
    assert len(reply["events"]) == 1

    cart.lines = whole
    assert two.shown(cart)["sessions"][0]["refold"] is False
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


def test_who_took_an_order_over_before_the_server_was_set_back_is_asked_to_fold_what_came_instead(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = (3, new_id())  # the third event that it knows went with what came after the backup
    before = dict(cart.lines)
    one.add(cart, DOSA)
    one.shown(cart)  # the third event that stands now
    cart.lines, whole = before, cart.lines
    two.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    cart.epoch = 2
    reply = two.shown(cart)
    assert reply["sessions"][0]["refold"] is True
    assert [event["version"] for event in reply["events"]] == [1, 2, 3]

    cart.lines = whole
    assert two.shown(cart)["sessions"][0]["refold"] is False
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


@pytest.mark.parametrize("learnt", ["before", "never", "since"])
def test_what_is_based_on_a_version_of_another_epoch_is_based_on_nothing(venue: Venue, learnt: str) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    before = dict(cart.lines)
    one.add(cart, DOSA)
    epoch = one.shown(cart)["epoch"]
    two.known[cart.session] = one.known[cart.session]  # the same event by the same version, but on others than now
    cart.lines, whole = before, cart.lines
    two.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    cart.epoch = 2
    one.make("menu_viewed", cart.session, {"query": ""})
    one.push()
    two.known[cart.session] = one.known[cart.session]
    told = {"before": epoch - 1, "never": None, "since": epoch}[learnt]
    reply = two.push(cart.snapshot(two.base(cart)), epoch=told)
    assert reply["sessions"][0]["refold"] is (learnt != "since")

    cart.lines = whole
    assert two.push(cart.snapshot(two.base(cart)), epoch=epoch)["sessions"][0]["refold"] is False


@pytest.mark.parametrize("kind", ["order_discarded", "tab_assigned", "order_parked"])
@pytest.mark.parametrize("first", ["taken", "ended"])
def test_who_took_an_order_over_has_it_though_another_ended_it_meanwhile(venue: Venue, kind: str, first: str) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    one.make(kind, cart.session, {"tab_id": new_id()} if kind == "tab_assigned" else {})
    two.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    for till in (two, one) if first == "taken" else (one, two):
        till.push()

    assert stands(venue, cart, "status", "till_id", "hold_epoch") == ("active", 2, 2)


def test_what_the_displaced_till_still_had_marks_the_order_until_it_is_folded(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    take_over(two, cart)
    cart.epoch = 1
    one.add(cart, DOSA)
    one.shown(cart)  # its snapshot is of an epoch that is over
    assert stands(venue, cart, "refold", "total") == (True, Decimal("80.00"))

    cart.epoch = 2
    stale = two.known[cart.session][0]
    two.push(cart.snapshot(stale - 1, total="80.00"))
    assert stands(venue, cart, "refold") is True
    two.send(two.request(cart.snapshot(two.base(cart)), known=[]))  # it names no event that stands by that version
    assert stands(venue, cart, "refold") is True
    reply = two.push(cart.snapshot(two.base(cart)))
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))
    assert reply["sessions"][0]["refold"] is False


def test_a_request_that_comes_again_late_does_not_bring_the_older_order_back(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    take_over(two, cart)
    cart.epoch = 1
    before = dict(cart.lines)
    one.add(cart, DOSA)
    cart.lines, whole = before, cart.lines
    cart.epoch = 2
    two.make("preference_set", cart.session, {"name": "spice", "value": "mild"}, epoch=2)
    request = two.request(cart.snapshot(two.base(cart)))
    two.send(request)
    one.push()  # what the displaced till still had
    two.push()
    cart.lines = whole
    two.shown(cart)

    two.send(request)  # the network kept a copy
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


def test_the_holder_gets_what_another_till_added(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.known[cart.session] = one.known[cart.session]
    take_over(two, cart)
    cart.epoch = 1
    line = one.add(cart, DOSA)
    one.push()

    [event] = two.push()["events"]
    assert (event["session"], event["version"]) == (cart.session, 4)
    assert line in event["b"]
    assert two.push()["events"] == []


def test_when_the_server_was_set_back_all_events_of_an_order_come_again(venue: Venue) -> None:
    one, cart = opened(venue)
    one.known[cart.session] = (2, str(uuid.uuid4()))

    assert [event["version"] for event in one.push()["events"]] == [1, 2]


def test_a_discarded_order_stays_until_money_for_it_turns_up(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_discarded", cart.session, {}, texts={"reason": "left"})
    one.push()
    assert stands(venue, cart, "status", "till_id") == ("discarded", None)
    assert venue.value("SELECT bool_or(is_active) FROM session_cart") is False
    one.place(cart)
    one.push()

    assert stands(venue, cart, "status") == "completed"
    assert venue.value("SELECT total_amount FROM orders") == Decimal("80.00")


def test_nothing_moves_a_completed_order(venue: Venue) -> None:
    one, cart = opened(venue)
    one.place(cart)
    one.push()
    for kind in ("order_parked", "order_discarded", "session_swept"):
        one.make(kind, cart.session)
    one.make("order_taken_over", cart.session, {"from_epoch": 1, "from_till": 1}, epoch=2)
    one.push()

    assert stands(venue, cart, "status", "till_id", "hold_epoch") == ("completed", None, 1)


def test_a_sweep_stands_in_the_way_of_nothing_that_was_done_before_it(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_discarded", cart.session, {}, texts={"reason": "left"})  # while the line was cut
    venue.owner.execute(
        "SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 30}')", [venue.store, cart.session]
    )
    assert stands(venue, cart, "status") == "pending_logout"
    one.push()
    assert stands(venue, cart, "status", "till_id") == ("discarded", None)


def test_a_sweep_names_the_holder_still(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("session_swept", cart.session, {"minutes": 30})
    one.push()

    assert stands(venue, cart, "status", "till_id") == ("pending_logout", 1)


def test_a_tab_is_opened_recalled_and_paid(venue: Venue) -> None:
    one, cart = opened(venue)
    tab = str(uuid.uuid4())
    one.make("tab_assigned", cart.session, {"tab_id": tab, "table_number": 7, "covers": 2}, texts={"name": "Window"})
    reply = one.push(cart.snapshot(one.base(cart)), reference={"tabs": 0})
    [listed] = reply["reference"]["tabs"]["body"]["tabs"]
    assert (listed["tab_name"], listed["table_number"], listed["lines"], listed["till"]) == ("Window", "7", 1, None)
    assert stands(venue, cart, "status", "till_id") == ("assigned_to_tab", None)

    two, again = venue.till(2), Cart(lines=dict(cart.lines))
    two.open(again, tab_id=tab, from_session=cart.session)
    two.make("lines_moved", again.session, {"from_session": cart.session, "lines": [], "discounts": []})
    two.shown(again)
    [listed] = one.read("till.open_tabs_v1")["tabs"]
    assert (listed["session"], listed["till"], listed["till_name"], listed["total"]) == (
        again.session,
        2,
        "Till 2",
        "80.00",
    )

    two.place(again, tab_id=tab)
    two.shown(again)
    assert one.read("till.open_tabs_v1")["tabs"] == []
    assert venue.rows("SELECT status, till_id FROM tabs") == [("closed", None)]
    assert stands(venue, cart, "status") == "assigned_to_tab"


@pytest.mark.parametrize("ending", ["order_discarded", "tab_assigned"])
def test_a_recalled_tab_ends_or_goes_back(venue: Venue, ending: str) -> None:
    one, cart = opened(venue)
    tab = str(uuid.uuid4())
    one.make("tab_assigned", cart.session, {"tab_id": tab, "table_number": None, "covers": None}, texts={"name": "Rao"})
    again = Cart(lines=dict(cart.lines))
    one.open(again, tab_id=tab)
    one.make(ending, again.session, {"tab_id": tab})
    one.push()

    assert venue.value("SELECT status FROM tabs") == ("closed" if ending == "order_discarded" else "open")
    assert venue.rows("SELECT name, session_id FROM tabs") == [("Rao", again.session)]


def test_a_whole_shift_in_one_push(venue: Venue) -> None:
    """A till that was away sends many orders at once, some mixed with others."""
    till, carts = venue.till(), [Cart() for _ in range(30)]
    till.make("logged_in", None, {"user": 1})
    for cart in carts:
        till.open(cart)
    for cart in carts:
        till.add(cart, DOSA)
    for cart in carts[:20]:
        till.place(cart)
    reply = till.push(*(cart.snapshot(0) for cart in carts))

    assert reply["quarantined"] == []
    assert len(reply["sessions"]) == 30
    assert venue.rows("SELECT status, count(*) FROM order_sessions GROUP BY 1 ORDER BY 1") == [
        ("active", 10), ("completed", 20),
    ]  # fmt: skip
    assert venue.value("SELECT sum(total_amount) FROM orders") == Decimal("1600.00")
    assert (
        venue.value("SELECT count(*) FROM session_events GROUP BY session_id HAVING count(*) <> max(version)") is None
    )


def test_a_locked_number_is_locked_on_every_till(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    known = two.push(reference={"staff": 0})["reference"]["staff"]
    assert [p["number"] for p in known["body"]["staff"]] == [1, 2, 7, 9]
    one.make("login_refused", None, {"user": 2, "locked": True})
    one.push()

    staff = two.push(reference={"staff": known["version"]})["reference"]["staff"]["body"]["staff"]
    assert [p["number"] for p in staff if p["locked_until"]] == [2]
    assert (
        two.push(reference={"staff": venue.value("SELECT version FROM settings WHERE name = 'staff'")})["reference"]
        == {}
    )


def test_what_a_retired_journal_did_to_an_order_decides_as_the_tills_fold_it(venue: Venue) -> None:
    old, cart = opened(venue)
    two = venue.till(2)
    take_over(two, cart)
    two.make("order_parked", cart.session, epoch=2)
    two.push()
    venue.owner.execute("SELECT till.till_adopt_v1(%s, 9, 1)", [venue.store])
    venue.till().push()

    old.make("order_resumed", cart.session, {"from_epoch": 2, "from_till": None}, epoch=3)
    old.add(cart, DOSA)
    assert old.push()["head"]["seq"] == 4
    assert stands(venue, cart, "status", "till_id", "hold_epoch", "refold") == ("active", 1, 3, True)


def test_the_warning_of_two_tills_is_told_by_the_databases_own_clock(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    one.now = datetime.now(UTC) - timedelta(seconds=90)
    cart = Cart()
    one.open(cart)
    one.add(cart, IDLY)
    started = {"payment_id": new_id(), "tender": "CARD", "amount": "40.00", "key": "k"}
    one.make("payment_started", cart.session, started)
    one.shown(cart)
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '50 seconds' WHERE id = 1")
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert 80 <= row["idle_s"] <= 100
    assert 50 <= row["seen_s"] <= 60
    assert row["paying"] is True
    one.make(
        "payment_declined", cart.session, {"payment_id": started["payment_id"], "tender": "CARD", "amount": "40.00"}
    )
    one.shown(cart)
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert row["paying"] is False
    assert row["seen_s"] < 10
    one.now = datetime.now(UTC) + timedelta(days=1)  # its clock jumped
    one.add(cart, IDLY)
    one.shown(cart)
    assert two.read("till.user_sessions_v1", user=1)["sessions"][0]["idle_s"] == 0


def test_what_the_database_put_aside_by_itself_is_no_key_of_the_order(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    one.now = datetime.now(UTC) - timedelta(hours=1)
    cart = Cart()
    one.open(cart)
    one.add(cart, IDLY)
    one.shown(cart)
    venue.owner.execute(
        "SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 30}')", [venue.store, cart.session]
    )
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert row["status"] == "pending_logout"
    assert 3500 <= row["idle_s"] <= 3700


def test_a_recalled_tab_that_a_logout_put_aside_is_held_by_none_and_goes_on_from_its_tab(venue: Venue) -> None:
    one, cart = opened(venue)
    tab = str(uuid.uuid4())
    one.make("tab_assigned", cart.session, {"tab_id": tab, "table_number": 12, "covers": None}, texts={"name": "T12"})
    again = Cart(lines=dict(cart.lines))
    one.open(again, tab_id=tab)
    one.push()
    before = one.push(reference={"tabs": 0})["reference"]["tabs"]["version"]
    one.make("order_parked", again.session, {})
    tabs = one.push(reference={"tabs": before})["reference"]["tabs"]["body"]["tabs"]
    assert [(row["session"], row["till"], row["status"]) for row in tabs] == [(again.session, None, "pending_logout")]

    two, third = venue.till(2), Cart(lines=dict(cart.lines))
    two.known[again.session] = one.known[again.session]
    two.make("order_resumed", again.session, {"from_epoch": 1, "from_till": None}, epoch=2)
    two.make("tab_assigned", again.session, {"tab_id": tab}, texts={"name": "T12"}, epoch=2)
    two.open(third, tab_id=tab, from_session=again.session)
    two.push()
    [listed] = one.read("till.open_tabs_v1")["tabs"]
    assert (listed["session"], listed["till"], listed["tab_name"]) == (third.session, 2, "T12")
    assert stands(venue, again, "status", "till_id") == ("assigned_to_tab", None)


def test_a_recalled_tab_that_is_saved_under_another_name_is_listed_once(venue: Venue) -> None:
    one, cart = opened(venue)
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    one.make("tab_assigned", cart.session, {"tab_id": first, "table_number": 7, "covers": None}, texts={"name": "T7"})
    again = Cart(lines=dict(cart.lines))
    one.open(again, tab_id=first)
    one.make("tab_assigned", again.session, {"tab_id": second}, texts={"name": "Mrs Rao"})
    one.push()
    assert [row["tab_name"] for row in one.read("till.open_tabs_v1")["tabs"]] == ["Mrs Rao"]
    assert sorted(venue.rows("SELECT name, status FROM tabs")) == [("Mrs Rao", "open"), ("T7", "closed")]


def test_a_snapshot_of_an_older_copy_that_knows_less_than_the_journal_before_it_must_be_folded(venue: Venue) -> None:
    old, cart = opened(venue)
    known = old.base(cart)
    older = cart.snapshot(known - 1)
    old.add(cart, DOSA)
    old.shown(cart)
    venue.owner.execute("SELECT till.till_adopt_v1(%s, 9, 1)", [venue.store])
    copy = venue.till()
    assert copy.push(older)["ok"]
    assert stands(venue, cart, "refold") is True
    copy.known[cart.session] = stands(venue, cart, "version", "last_event::text")
    copy.shown(cart)
    assert stands(venue, cart, "refold") is False


def test_an_order_whose_snapshot_never_came_must_be_folded_and_its_lines_are_counted(venue: Venue) -> None:
    one, cart = venue.till(), Cart()
    one.open(cart)
    one.add(cart, IDLY)
    off = one.add(cart, DOSA)
    one.make("line_voided", cart.session, {"line_id": off})
    one.push()  # a part of what it has; then the machine is lost
    assert stands(venue, cart, "refold") is True
    [row] = venue.till(2).read("till.user_sessions_v1", user=1)["sessions"]
    assert (row["lines"], row["refold"]) == (1, True)
    one.shown(cart)
    assert stands(venue, cart, "refold") is False
