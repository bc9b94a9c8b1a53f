"""The status of an order and its holder, by event (docs/protocol.md, "Status, by event")."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till, new_id
from till.sync.reply_handler import with_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sql.ringing import Venue


def opened(venue: Venue, number: int = 1) -> tuple[Till, Cart]:
    till = venue.till(number)
    cart = till.keyed((IDLY, 2))
    till.shown(cart)
    return till, cart


def stands(venue: Venue, cart: Cart, *columns: str) -> Any:
    query = f"SELECT {', '.join(columns)} FROM order_sessions WHERE id = %s"  # noqa: S608 - columns of the tests below
    [row] = venue.rows(query, cart.session)
    return row if len(columns) > 1 else row[0]


def test_an_order_that_was_suspended_is_granted_to_another_till(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session)
    one.shown(cart)
    assert stands(venue, cart, "status", "till_id", "hold_till", "logout_time") == ("pending_logout", None, 1, one.now)

    two = venue.till(2)
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert (row["session"], row["status"], row["lines"], row["total"]) == (cart.session, "pending_logout", 1, "80.00")
    found = two.read("till.session_events_v1", session=cart.session)
    assert [event["version"] for event in found["events"]] == [1, 2, 3]

    assert [event["version"] for event in two.take(cart)["events"]] == [1, 2, 3, 4]
    reply = two.push()
    assert reply["taken"] == reply["events"] == []
    assert stands(venue, cart, "status", "till_id", "hold_till", "logout_time") == ("active", 2, 2, None)
    assert stands(venue, cart, "hold_id::text") == cart.hold


def test_a_suspended_order_is_resumed_under_its_hold_by_its_till_alone(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session)
    one.push()
    other = venue.till(2)
    other.resume(cart)
    other.push()
    assert venue.value("SELECT reason FROM warm.quarantine") == "The till never held the order of the record."
    assert stands(venue, cart, "status") == "pending_logout"
    one.resume(cart, user=2)
    one.push()
    assert stands(venue, cart, "status", "till_id", "user_id", "hold_id::text") == ("active", 1, 2, cart.hold)


def test_an_order_given_to_another_person(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session, {"user": 2})
    one.push()

    two = venue.till(2)
    assert two.read("till.user_sessions_v1", user=1)["sessions"] == []
    assert [row["user"] for row in two.read("till.user_sessions_v1", user=2)["sessions"]] == [2]


def test_a_till_that_is_granted_an_order_is_asked_to_fold_it(venue: Venue) -> None:
    one, cart = opened(venue)
    one.add(cart, DOSA)
    one.push()
    two = venue.till(2)
    assert two.take(cart)["session"]["refold"] is True
    assert two.shown(cart)["sessions"][0]["refold"] is False
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


def test_a_till_granted_an_order_before_a_restore_is_asked_to_fold_the_later_events(
    venue: Venue,
) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    before = dict(cart.lines)
    one.add(cart, DOSA)
    one.push()  # the fourth event that stands now
    two.known[cart.session] = (4, new_id())  # the fourth event that it knows went with what came after the backup
    cart.lines, whole = before, cart.lines
    reply = two.shown(cart)
    assert reply["sessions"][0]["refold"] is True
    assert [event["version"] for event in reply["events"]] == [1, 2, 3, 4]

    cart.lines = whole
    assert two.shown(cart)["sessions"][0]["refold"] is False
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


@pytest.mark.parametrize("learnt", ["before", "never", "since"])
def test_a_version_of_another_epoch_is_no_base(venue: Venue, learnt: str) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    one.add(cart, DOSA)
    epoch = one.push()["epoch"]
    two.known[cart.session] = one.known[cart.session]  # the same event by the same version, but on others than now
    found = {"before": epoch - 1, "never": None, "since": epoch}[learnt]
    reply = two.push(cart.snapshot(two.base(cart)), epoch=found)
    assert reply["sessions"][0]["refold"] is (learnt != "since")

    assert two.push(cart.snapshot(two.base(cart)), epoch=epoch)["sessions"][0]["refold"] is False


def end(till: Till, cart: Cart, kind: str) -> None:
    """Let go of an order with an event of this kind, under the hold that the till has of it."""
    if kind == "order_discarded":
        till.clear(cart)
    elif kind == "tab_assigned":
        till.save(cart, new_id(), "7")
    else:
        till.make(kind, cart.session)


ENDS = ["order_discarded", "tab_assigned", "order_parked"]


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_acts_of_an_offline_till_on_an_order_granted_away_end_nothing(venue: Venue, kind: str, when: str) -> None:
    one, cart = opened(venue)
    tab = new_id()
    one.save(cart, tab, "7")
    one.resume(cart)
    one.shown(cart)
    two = venue.till(2)
    if when == "before":
        end(one, cart, kind)
    two.take(cart, user=2)
    if when == "after":
        end(one, cart, kind)
    [taken] = one.push()["taken"]

    assert (taken["till"], taken["till_name"], taken["user_name"], taken["hold_id"]) == (2, "Till 2", "Ravi", cart.hold)
    assert stands(venue, cart, "status", "till_id", "user_id", "hold_id::text") == ("active", 2, 2, cart.hold)
    assert str(stands(venue, cart, "tab_id")) == tab
    assert [row["session"] for row in one.read("till.open_tabs_v1")["tabs"]] == [cart.session]
    assert venue.rows("SELECT count(*) FROM tabs WHERE status = 'open'") == [(1,)]


def test_late_events_of_the_till_that_lost_an_order_mark_it_until_it_is_folded(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    one.add(cart, DOSA)
    one.shown(cart)  # its snapshot is of a hold that is over
    assert stands(venue, cart, "refold", "total") == (True, Decimal("80.00"))

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
    two.take(cart)
    before = dict(cart.lines)
    one.add(cart, DOSA)
    cart.lines, whole = before, cart.lines
    two.make("preference_set", cart.session, {"name": "spice", "value": "mild"})
    request = two.request(cart.snapshot(two.base(cart)))
    two.send(request)
    one.push()  # the unsent records of the till that lost it
    two.push()
    cart.lines = whole
    two.shown(cart)

    two.send(request)  # the network kept a copy
    assert stands(venue, cart, "refold", "total") == (False, Decimal("160.00"))


def test_the_holder_gets_what_another_till_added(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    line = one.add(cart, DOSA)
    one.push()

    [event] = two.push()["events"]
    assert (event["session"], event["version"]) == (cart.session, 4)
    assert line in event["b"]
    assert two.push()["events"] == []


def test_restored_server_gets_all_events_of_an_order_again(venue: Venue) -> None:
    one, cart = opened(venue)
    one.known[cart.session] = (2, str(uuid.uuid4()))

    assert [event["version"] for event in one.push()["events"]] == [1, 2]


def test_a_discarded_order_stays_until_money_for_it_turns_up(venue: Venue) -> None:
    one, cart = opened(venue)
    one.clear(cart, "left")
    one.push()
    assert stands(venue, cart, "status", "till_id") == ("discarded", None)
    assert venue.value("SELECT bool_or(is_active) FROM session_cart") is False
    one.place(cart)
    one.push()

    assert stands(venue, cart, "status") == "completed"
    assert venue.value("SELECT total_amount FROM orders") == Decimal("80.00")


def sweep(venue: Venue, cart: Cart) -> None:
    venue.owner.execute(
        "SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 30}')", [venue.store, cart.session]
    )


def test_nothing_moves_a_completed_order(venue: Venue) -> None:
    one, cart = opened(venue)
    one.place(cart)
    one.push()
    one.make("order_parked", cart.session)
    one.clear(cart)
    one.resume(cart)
    one.push()
    sweep(venue, cart)
    assert venue.till(2).ask(cart, warned=True)["granted"] is None

    assert stands(venue, cart, "status", "till_id", "hold_till") == ("completed", None, 1)


def test_a_sweep_stands_in_the_way_of_nothing_that_was_done_before_it(venue: Venue) -> None:
    one, cart = opened(venue)
    one.clear(cart, "left")  # while the line was cut
    sweep(venue, cart)
    assert stands(venue, cart, "status") == "pending_logout"
    one.push()
    assert stands(venue, cart, "status", "till_id") == ("discarded", None)


def test_a_sweep_names_the_holder_still(venue: Venue) -> None:
    one, cart = opened(venue)
    sweep(venue, cart)

    assert stands(venue, cart, "status", "till_id") == ("pending_logout", 1)
    one.resume(cart)
    one.push()
    assert stands(venue, cart, "status", "till_id", "logout_time") == ("active", 1, None)


def test_a_tab_is_opened_recalled_and_paid(venue: Venue) -> None:
    one, cart = opened(venue)
    tab = str(uuid.uuid4())
    one.save(cart, tab, "Window", table_number=7, covers=2)
    reply = one.push(cart.snapshot(one.base(cart)), reference={"tabs": 0})
    [listed] = reply["reference"]["tabs"]["body"]["tabs"]
    assert (listed["tab_name"], listed["table_number"], listed["lines"], listed["till"]) == ("Window", "7", 1, None)
    assert stands(venue, cart, "status", "till_id") == ("assigned_to_tab", None)

    two = venue.till(2)
    two.take(cart, user=2)
    two.add(cart, DOSA)
    two.shown(cart)
    [listed] = one.read("till.open_tabs_v1")["tabs"]
    assert (listed["session"], listed["till"], listed["till_name"], listed["user"], listed["status"]) == (
        cart.session, 2, "Till 2", 2, "active",
    )  # fmt: skip
    assert (listed["total"], listed["hold_id"]) == ("160.00", cart.hold)

    two.place(cart, tab_id=tab)
    two.shown(cart)
    assert one.read("till.open_tabs_v1")["tabs"] == []
    assert venue.rows("SELECT status, session_id FROM tabs") == [("closed", cart.session)]
    assert stands(venue, cart, "status", "user_id") == ("completed", 2)


def recalled(venue: Venue, tab: str) -> tuple[Till, Cart]:
    """An order recalled from a tab and open on its till again."""
    one, cart = opened(venue)
    one.save(cart, tab, "Rao")
    one.resume(cart)
    one.push()
    return one, cart


@pytest.mark.parametrize("ending", ["order_discarded", "tab_assigned"])
def test_a_recalled_tab_ends_or_goes_back(venue: Venue, ending: str) -> None:
    tab = str(uuid.uuid4())
    one, cart = recalled(venue, tab)
    if ending == "tab_assigned":
        one.make(ending, cart.session, {"tab_id": tab})
    else:
        one.clear(cart)
    one.push()

    assert venue.value("SELECT status FROM tabs") == ("closed" if ending == "order_discarded" else "open")
    assert venue.rows("SELECT name, session_id FROM tabs") == [("Rao", cart.session)]


def test_a_cleared_tab_that_is_brought_back_is_open_again(venue: Venue) -> None:
    one, cart = recalled(venue, str(uuid.uuid4()))
    one.clear(cart)
    one.push()
    assert one.read("till.open_tabs_v1")["tabs"] == []
    one.resume(cart)
    one.push()
    assert [row["status"] for row in one.read("till.open_tabs_v1")["tabs"]] == ["active"]
    assert venue.rows("SELECT status, closed_at FROM tabs") == [("open", None)]


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
    one.now = datetime(2036, 1, 1, tzinfo=UTC)  # its clock is ten years ahead
    one.make("login_refused", None, {"user": 2, "locked": True})
    one.push()

    staff = two.push(reference={"staff": known["version"]})["reference"]["staff"]["body"]["staff"]
    assert [(p["number"], p["locked_by"]) for p in staff if p["locked_until"]] == [(2, 1)]
    assert venue.value("SELECT locked_until - now() <= interval '5 minutes' FROM users WHERE id = 2")
    assert (
        two.push(reference={"staff": venue.value("SELECT version FROM settings WHERE name = 'staff'")})["reference"]
        == {}
    )


def test_a_till_that_locks_a_number_again_and_again_does_not_keep_it_locked(venue: Venue) -> None:
    one = venue.till(1)
    for _time in range(3):
        one.make("login_refused", None, {"user": 9, "locked": True})
        one.push()
        venue.owner.execute("UPDATE till.users SET locked_until = locked_until - interval '1 minute' WHERE id = 9")
    assert venue.value("SELECT locked_until < now() + interval '3 minutes' FROM till.users WHERE id = 9")
    venue.owner.execute("UPDATE till.users SET lock_told_at = lock_told_at - interval '61 minutes'")
    one.make("login_refused", None, {"user": 9, "locked": True})
    one.push()
    assert venue.value("SELECT locked_until > now() + interval '4 minutes' FROM till.users WHERE id = 9")


def test_acts_of_a_retired_journal_decide_as_the_tills_fold_them(venue: Venue) -> None:
    old, cart = opened(venue)
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    venue.till().push()

    old.add(cart, DOSA)
    old.make("order_parked", cart.session)
    assert old.push()["head"]["seq"] == 4
    assert stands(venue, cart, "status", "till_id", "hold_till", "refold") == ("pending_logout", None, 1, True)


def test_the_warning_of_two_tills_goes_by_the_databases_own_clock(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    one.now = datetime.now(UTC) - timedelta(seconds=90)
    cart = one.keyed(IDLY)
    started = {"payment_id": new_id(), "tender": "CARD", "amount": "40.00", "key": "k"}
    one.make("payment_started", cart.session, started)
    one.shown(cart)
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '50 seconds' WHERE id = 1")
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert 80 <= row["idle_s"] <= 100
    assert 50 <= row["seen_s"] <= 60
    assert row["paying"] is True
    assert row["quality"] is None
    one.push(beat={"session": one.login, "user": 1, "metadata": {"connection_quality": "DEGRADED"}})
    assert two.read("till.user_sessions_v1", user=1)["sessions"][0]["quality"] == "DEGRADED"
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


def test_a_suspension_by_the_database_is_no_activity_on_the_order(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    one.now = datetime.now(UTC) - timedelta(hours=1)
    cart = one.keyed(IDLY)
    one.shown(cart)
    venue.owner.execute(
        "SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 30}')", [venue.store, cart.session]
    )
    [row] = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert row["status"] == "pending_logout"
    assert 3500 <= row["idle_s"] <= 3700


def test_a_recalled_tab_that_a_logout_suspended_is_listed_and_anybodys(venue: Venue) -> None:
    tab = str(uuid.uuid4())
    one, cart = recalled(venue, tab)
    before = one.push(reference={"tabs": 0})["reference"]["tabs"]["version"]
    one.make("order_parked", cart.session, {})
    tabs = one.push(reference={"tabs": before})["reference"]["tabs"]["body"]["tabs"]
    assert [(row["session"], row["till"], row["status"]) for row in tabs] == [(cart.session, None, "pending_logout")]

    two = venue.till(2)
    two.take(cart, user=2)
    two.push()
    [listed] = one.read("till.open_tabs_v1")["tabs"]
    assert (listed["session"], listed["till"], listed["user"], listed["tab_name"]) == (cart.session, 2, 2, "Rao")


def whole_list(till: Till) -> tuple[int, Mapping[str, Any]]:
    """Return the list of open tabs, as a till without one gets it."""
    found = till.push(reference={"tabs": 0})["reference"]["tabs"]
    return found["version"], found["body"]


def test_changes_of_the_open_tabs_are_the_whole_list_after_any_act(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    carts = [Cart() for _each in range(6)]
    version, body = whole_list(two)
    for cart in carts:
        one.open(cart)
        one.add(cart, IDLY)
        one.shown(cart)
    sizes = []

    def follows() -> None:
        nonlocal version, body
        assert one.push()["ok"]
        if new := two.push(reference={"tabs": version, "changes": 1})["reference"].get("tabs"):
            sizes.append(len(new["body"]["tabs"]))
            version, body = with_changes((version, body), new["version"], new["body"])
        expected = whole_list(two)
        assert (version, sorted(body["tabs"], key=str)) == (expected[0], sorted(expected[1]["tabs"], key=str))

    tabs = [str(uuid.uuid4()) for _each in range(4)]
    for cart, tab in zip(carts, tabs, strict=False):
        one.save(cart, tab, "Rao")
        follows()
    first, second, third, fourth, *_others = carts
    one.resume(first)
    one.add(first, DOSA)
    one.shown(first)
    follows()
    one.save(first, str(uuid.uuid4()), "Mrs Rao")
    one.save(carts[4], tabs[1], "on the same")
    follows()
    one.resume(first)
    one.make("checkout_started", first.session)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "1.00", "tendered": "1.00", "change": "0.00"}
    one.make("payment_approved", first.session, payment)
    follows()
    one.resume(second)
    one.place(second)
    follows()
    one.resume(third)
    one.clear(third)
    follows()
    two.take(fourth)
    two.known.clear()
    follows()
    venue.value("SELECT till.order_session_discard_v1(%s, 9, %s, 'left')", venue.store, fourth.session)
    follows()
    assert max(sizes) == 3


def test_more_changes_of_the_open_tabs_than_are_remembered_bring_the_whole_list(venue: Venue) -> None:
    one, cart = recalled(venue, str(uuid.uuid4()))
    version, _body = whole_list(one)
    most = venue.value("SELECT warm.most_tab_changes()")

    def asked(since: int, **more: int) -> bool:
        """Return True if only changes come."""
        return "since" in one.push(reference={"tabs": since, **more})["reference"]["tabs"]["body"]

    venue.value("SELECT till.change_tabs(%s, %s)", venue.store, [f"s{number}" for number in range(most - 1)])
    venue.value("SELECT till.change_tabs(%s, %s)", venue.store, [cart.session])
    assert asked(version, changes=1)
    assert not asked(version)
    assert not asked(version + 3, changes=1), "a list of a database that was restored"
    venue.value("SELECT till.change_tabs(%s, %s)", venue.store, ["one more"])
    assert not asked(version, changes=1)
    assert asked(version + 1, changes=1)
    assert venue.value("SELECT pg_column_size(body) FROM till.settings WHERE name = 'tabs'") < 10_000
    venue.value("SELECT till.change_tabs(%s)", venue.store)
    assert not asked(version + 3, changes=1), "texts were erased"


def test_a_change_of_the_open_tabs_reads_each_order_once_at_most(venue: Venue) -> None:
    _one, cart = recalled(venue, str(uuid.uuid4()))
    venue.owner.execute(
        """WITH made AS (
            INSERT INTO till.tabs (id, store_id, name, status, session_id, opened_at)
            SELECT gen_random_uuid(), %s, 'guest ' || n, 'open', lpad(n::text, 36, '0'), now()
            FROM generate_series(1, 450) AS n RETURNING *)
        INSERT INTO till.order_sessions (id, store_id, user_id, status, tab_id, created_at, updated_at)
        SELECT session_id, store_id, 1, 'assigned_to_tab', id, now(), now() FROM made""",
        [venue.store],
    )
    of_orders = "relid = 'till.order_sessions'::regclass"
    read = f"SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE {of_orders}"  # noqa: S608 - ours
    with venue.owner.transaction():
        for _each in range(8):  # a connection that has been open for a while has generic plans
            before = venue.value(read)
            [row] = venue.value("SELECT till.open_tabs(%s, %s)", venue.store, [cart.session])
            assert row["session"] == cart.session
            assert venue.value(read) - before < 500
    assert len(venue.value("SELECT till.open_tabs(%s)", venue.store)) == 451


def test_the_warning_of_two_tills_is_shown_for_a_tab_too(venue: Venue) -> None:
    one, cart = recalled(venue, str(uuid.uuid4()))
    one.make("payment_started", cart.session, {"payment_id": new_id(), "tender": "CARD", "amount": "40.00", "key": "k"})
    one.push()
    [row] = venue.till(2).read("till.open_tabs_v1")["tabs"]
    assert row["seen_s"] < 10
    assert row["paying"] is True
    one.save(cart, str(uuid.uuid4()), "Rao")
    one.push()
    [row] = venue.till(2).read("till.open_tabs_v1")["tabs"]
    assert "seen_s" not in row, "no till has it open: nothing is warned of"


def test_a_recalled_tab_that_is_saved_under_another_name_is_listed_once(venue: Venue) -> None:
    one, cart = recalled(venue, str(uuid.uuid4()))
    one.save(cart, str(uuid.uuid4()), "Mrs Rao")
    one.push()
    assert [row["tab_name"] for row in one.read("till.open_tabs_v1")["tabs"]] == ["Mrs Rao"]
    assert sorted(venue.rows("SELECT name, status FROM tabs")) == [("Mrs Rao", "open"), ("Rao", "closed")]


def test_a_snapshot_of_an_older_copy_that_knows_less_than_the_journal_before_it_must_be_folded(venue: Venue) -> None:
    old, cart = opened(venue)
    known = old.base(cart)
    older = cart.snapshot(known - 1)
    old.add(cart, DOSA)
    old.shown(cart)
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    copy = venue.till()
    assert copy.push(older)["ok"]
    assert stands(venue, cart, "refold") is True
    copy.known[cart.session] = stands(venue, cart, "version", "last_event::text")
    copy.shown(cart)
    assert stands(venue, cart, "refold") is False


def test_an_order_whose_snapshot_never_came_must_be_folded_and_its_lines_are_counted(venue: Venue) -> None:
    one, cart = venue.keyed(IDLY)
    off = one.add(cart, DOSA)
    one.make("line_voided", cart.session, {"line_id": off})
    one.push()  # a part of what it has; then the machine is lost
    assert stands(venue, cart, "refold") is True
    [row] = venue.till(2).read("till.user_sessions_v1", user=1)["sessions"]
    assert (row["lines"], row["refold"]) == (1, True)
    one.shown(cart)
    assert stands(venue, cart, "refold") is False


def test_the_events_of_several_orders_come_in_one_answer(venue: Venue) -> None:
    till, carts = venue.till(), [Cart(), Cart(), Cart()]
    for cart, dishes in zip(carts, (1, 3, 1), strict=True):
        till.open(cart)
        for _dish in range(dishes):
            till.add(cart, IDLY)
    till.push()
    asked = [carts[2].session, new_id(), carts[1].session, carts[0].session]
    alone = {one: till.read("till.session_events_v1", session=one)["events"] for one in asked}
    for most, whole in ((1000, asked), (4, [asked[0], asked[3]]), (3, asked[:1]), (1, [])):
        venue.owner.execute(
            f"CREATE OR REPLACE FUNCTION warm.most_sent_events() RETURNS integer LANGUAGE sql AS 'SELECT {most}'"
        )
        answer = till.read("till.session_events_v1", sessions=asked)
        assert answer["sessions"] == [one for one in whole if alone[one]]
        assert answer["events"] == [event for one in whole for event in alone[one]]


def test_an_order_that_changes_its_tab_in_one_push_leaves_none_open(venue: Venue) -> None:
    one, cart = venue.keyed(IDLY)
    for table in ("5", "3", "7"):
        one.save(cart, new_id(), table)
    one.shown(cart)
    stands_there = {"3": "closed", "5": "closed", "7": "open"}
    assert dict(venue.rows("SELECT name, status FROM tabs")) == stands_there


def test_a_tab_whose_snapshot_never_came_must_be_folded(venue: Venue) -> None:
    one, cart = venue.keyed(IDLY)
    one.save(cart, new_id(), "Table 5")
    one.push()  # its snapshot goes with a later batch; then the machine is lost
    assert stands(venue, cart, "status", "refold") == ("assigned_to_tab", True)
    one.shown(cart)
    assert stands(venue, cart, "refold", "total") == (False, Decimal("40.00"))


def test_a_cleared_order_that_is_brought_back_is_open_and_hot_again(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.push(cart.snapshot(0))
    till.clear(cart, "left")
    till.push()
    found = [row["session"] for row in till.read("till.user_sessions_v1", user=9)["sessions"]]
    assert found == [cart.session]
    assert till.read("till.user_sessions_v1", user=1)["sessions"] == []
    till.resume(cart)
    till.push(cart.snapshot(till.base(cart)))
    assert venue.value("SELECT status FROM till.order_sessions") == "active"
    assert venue.rows("SELECT quantity, is_active FROM session_cart") == [(1, True)]
    assert till.read("till.user_sessions_v1", user=9)["sessions"] == []


def test_an_order_names_a_tab_that_the_database_does_not_have(venue: Venue) -> None:
    """No foreign key binds an order to its tab: a record of one till is never refused for want of another's."""
    till, cart, tab = venue.till(), Cart(), new_id()
    till.open(cart)
    till.add(cart, IDLY)
    till.save(cart, tab, "Terrace")
    assert till.push(cart.snapshot(0, status="assigned_to_tab"))["ok"]
    venue.owner.execute("DELETE FROM till.tabs WHERE id = %s", [tab])
    till.resume(cart)
    till.add(cart, IDLY)
    assert till.push()["ok"]
    query = "SELECT tab_id::text, (SELECT count(*) FROM till.tabs WHERE id = tab_id) FROM order_sessions WHERE id = %s"
    assert venue.rows(query, cart.session) == [(tab, 0)]
    bound = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'till.tabs'::regclass"
    assert venue.value(bound) == 0
