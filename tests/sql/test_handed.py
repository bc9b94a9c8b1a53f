"""Grants and acts that a restored database lost: tills hand them back, and the server takes what bears its seal."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.plugins.front_ends import front_end
from tests.sql.ringing import DOSA, IDLY, Cart, Till, Venue, make_venue, new_id
from tests.sql.test_acting import asked, keyed, where
from tests.sql.test_authentication import ASIDE
from tests.sql.test_charged import intend
from tests.sql.test_notices import read_notices
from tests.sql.test_refused import refused
from tests.sql.test_status import opened, stands
from tests.sql.test_submitted import folded, stream_of, waiting
from tests.sql.test_verify import verify
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.plugins.database import Database

#: All tables of the database, without partitioned ones: their partitions are tables themselves.
TABLES = """SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('till', 'warm', 'cold', 'hot') AND c.relkind = 'r' ORDER BY 1"""
GRANTS = "SELECT event_id::text, seq FROM session_events WHERE event_type = 'order_granted' ORDER BY seq"


def granted_and_lost(venue: Venue, till: Till, cart: Cart) -> dict[str, Any]:
    """An order is granted to a till, and the server is set back to before that; the grant, as it is handed back."""
    with venue.app.transaction(force_rollback=True):
        event = till.take(cart)["events"][-1]
    assert venue.rows(GRANTS) == []
    return {"session": cart.session, "b": event["b"], "m": event["m"]}


def test_a_grant_that_is_handed_back_counts_before_what_its_till_brings(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.push()
    handed = granted_and_lost(venue, two, cart)
    line = two.add(cart, DOSA)
    two.make("order_parked", cart.session, {"user": 2})
    assert two.push(handed=[handed])["records"] == 0
    assert stands(venue, cart, "status", "hold_till", "hold_id::text", "hold_journal::text", "user_id") == (
        "pending_logout", 2, cart.hold, two.journal, 2,
    )  # fmt: skip
    [(grant, place)] = venue.rows(GRANTS)
    assert (grant, place) == (cart.hold, venue.value("SELECT seq FROM warm.journal_head WHERE till_id = 0"))
    assert verify(venue)["sound"] is True
    assert any(line in event["b"] for event in one.push()["events"])


def test_a_grant_that_is_handed_back_again_is_there_once(venue: Venue) -> None:
    _one, cart = opened(venue)
    two = venue.till(2)
    two.push()
    handed = granted_and_lost(venue, two, cart)
    for again in ([handed], [handed], [handed, handed]):
        assert two.push(handed=again)["ok"]
    assert len(venue.rows(GRANTS)) == 1
    assert two.ask(cart)["granted"] == cart.hold


def test_a_grant_of_an_order_whose_opening_comes_later_counts(venue: Venue) -> None:
    """The till that opened it is slower to bring again what the server lost."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    for till in (one, two):
        till.push()
    one.open(cart)
    first = one.add(cart, IDLY)
    lost = one.request()
    with venue.app.transaction(force_rollback=True):
        one.send(lost)
        event = two.take(cart)["events"][-1]
    second = two.add(cart, DOSA)
    assert two.push(handed=[{"session": cart.session, "b": event["b"], "m": event["m"]}])["records"] == 0
    assert one.read("till.user_sessions_v1", user=1)["sessions"] == []
    again = two.ask(cart)
    assert (again["code"], again["detail"]) == (
        "not_opened", "A restore lost its start. Turn on its first till, or key it again.",
    )  # fmt: skip
    assert one.send(lost)["records"] == 0
    assert [row["session"] for row in one.read("till.user_sessions_v1", user=1)["sessions"]] == [cart.session]
    assert stands(venue, cart, "status", "till_id", "hold_id::text", "user_id") == ("active", 2, cart.hold, 1)
    events = two.read("till.session_events_v1", session=cart.session)["events"]
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in events)
    assert order is not None
    assert (order.holder, list(order.lines)) == (2, [first, second])


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("ended", [False, True])
def test_acts_from_before_a_grant_that_is_handed_back_count_though_they_come_later(
    venue: Venue, *, ended: bool, alone: bool
) -> None:
    """A table that goes from till to till keeps its discount, its order type and its name over a restore."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    for till in (one, two):
        till.push()
    one.open(cart)
    line = one.add(cart, IDLY, 2)
    one.make("order_type_set", cart.session, {"order_type": "dine_in"})
    one.make("discount_applied", cart.session, {"percent": "10", "kind": "discount"})
    void = one.add(cart, DOSA)
    one.make("line_voided", cart.session, {"line_id": void})
    one.save(cart, new_id(), "table 13")
    lost = one.request()
    with venue.app.transaction(force_rollback=True):
        one.send(lost)
        event = two.take(cart)["events"][-1]
    cart.lines = {line: cart.lines[line]}
    two.resume(cart)
    if ended:
        two.place(cart, known=cart.hold)
    handed = [{"session": cart.session, "b": event["b"], "m": event["m"]}]
    if alone:
        assert two.send(two.request(events=[], handed=handed))["records"] == 0
        assert one.send(lost)["records"] == 0
    assert two.push(handed=handed)["records"] == 0
    assert one.send(lost)["records"] == 0
    assert refused(venue) == []
    assert read_notices(venue, one)["body"]["notices"] == []
    events = two.read("till.session_events_v1", session=cart.session)["events"]
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in events)
    assert order is not None
    assert order.tab is not None
    assert (order.order_type, len(order.given), order.tab.name) == ("dine_in", 1, "table 13")
    late = one.make("order_type_set", cart.session, {"order_type": "take_away"})
    one.push()
    assert refused(venue) == [late.id]


def test_money_that_went_back_is_reported_though_the_sale_came_before_the_opening(venue: Venue) -> None:
    """The till that opened the order, took a part of its money and gave that back is the slower one."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    for till in (one, two):
        till.push()
    payment = {"payment_id": new_id(), "tender": "CARD", "amount": "40.00"}
    one.open(cart)
    one.add(cart, IDLY)
    one.make("payment_started", cart.session, {**payment, "key": payment["payment_id"], "number": "0413"})
    one.make("payment_approved", cart.session, {**payment, "tendered": "40.00", "change": "0.00"})
    lost = one.request()
    with venue.app.transaction(force_rollback=True):
        one.send(lost)
        event = two.take(cart)["events"][-1]
    two.place(cart, payments=[{**payment, "change": "0.00"}])
    assert two.push(handed=[{"session": cart.session, "b": event["b"], "m": event["m"]}])["ok"] is True
    one.make("payment_voided", cart.session, {**payment, "return_id": new_id()})
    assert one.push()["ok"] is True
    query = "SELECT kind, subject::text FROM till.conflicts WHERE kind <> 'record_skipped'"
    assert venue.rows(query) == [("outcome_contradicted", payment["payment_id"])]


class Lost:
    """The requests of tills to a database that a restore set back, and the grants and acts that they hand back."""

    def __init__(self, *tills: Till) -> None:
        self.sent: dict[Till, list[Any]] = {till: [] for till in tills}
        self.handed: dict[Till, list[dict[str, Any]]] = {till: [] for till in tills}
        for till in tills:
            till.push()

    def push(self, till: Till, **changes: Any) -> None:
        self.sent[till] += till.pending
        self._keep(till, till.push(**changes))

    def take(self, till: Till, cart: Cart) -> None:
        self._keep(till, till.take(cart))

    def move(self, till: Till, origin: Cart, into: Cart, line: str, *, piece: bool = False) -> str:
        """Take both orders and move a line, or one of its pieces; return the moved line."""
        for cart in (origin, into):
            self.take(till, cart)
        with till.deciding() as decided:
            if piece:
                cut = new_id()
                till.make("line_cut", origin.session, {"line_id": line, "into": cut, "quantity": 1})
                item, pieces = origin.lines[line]
                origin.lines |= {line: (item, pieces - 1), cut: (item, 1)}
                line = cut
            till.hand_on(origin, into, line)
        self.push(till, act=till.act(decided))
        return line

    def sell(self, till: Till, cart: Cart) -> None:
        self.take(till, cart)
        till.place(cart, known=till.known[cart.session][1])
        self.push(till)

    def send_again(self, till: Till) -> None:
        reply = till.send(till.request(events=self.sent[till], known=[], handed=self.handed[till]))
        assert reply["ok"], reply

    def _keep(self, till: Till, reply: dict[str, Any]) -> None:
        for one in reply["events"]:
            body = json.loads(one["b"])
            if one.get("m") and till.number in {body.get("for_till"), body["data"].get("till")}:
                self.handed[till].append({"session": body["stream_id"], "b": one["b"], "m": one["m"], "t": one["t"]})


def three_tills(venue: Venue) -> list[Till]:
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, warm.digest('secret 3'))", [venue.store])
    return [venue.till(number) for number in (1, 2, 3)]


def check_sold(venue: Venue, *carts: Cart) -> None:
    """Check that each order is sold once, and that nothing waits for a manager."""
    sold = dict(venue.rows("SELECT session_id, total_amount FROM cold.sales"))
    assert sold == {cart.session: cart.total for cart in carts}
    assert venue.rows("SELECT kind FROM till.conflicts") == []
    assert venue.rows("SELECT reason FROM warm.quarantine WHERE resolved_at IS NULL") == []
    assert venue.rows("SELECT 1 FROM order_sessions WHERE status NOT IN ('completed', 'discarded')") == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("piece", [False, True])
def test_sales_of_two_tables_stand_whenever_the_move_between_them_is_handed_back(
    venue: Venue, order: tuple[int, ...], *, piece: bool
) -> None:
    """Any of the till that keyed the lines, the one that sold them and the one that moved them may be the last."""
    tills = one, two, three = three_tills(venue)
    lost, left, right = Lost(*tills), Cart(), Cart()
    one.open(left)
    one.add(left, IDLY)
    line = one.add(left, DOSA, 2)
    two.open(right)
    two.add(right, IDLY)
    with venue.app.transaction(force_rollback=True):
        lost.push(one)
        lost.push(two)
        lost.move(three, left, right, line, piece=piece)
        lost.sell(one, left)
        lost.sell(two, right)
    for place in order:
        lost.send_again(tills[place])
    check_sold(venue, left, right)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_sale_stands_whichever_of_two_moves_of_its_line_is_handed_back_first(
    venue: Venue, order: tuple[int, ...]
) -> None:
    tills = one, two, three = three_tills(venue)
    lost = Lost(*tills)
    carts = last, middle, first = Cart(), Cart(), Cart()
    for cart in carts:
        one.open(cart)
        one.add(cart, IDLY)
    line = one.add(first, DOSA)
    with venue.app.transaction(force_rollback=True):
        lost.push(one)
        lost.move(three, first, middle, line)
        lost.move(two, middle, last, line)
        lost.sell(one, last)
        for cart in (first, middle):
            one.add(cart, DOSA)
            lost.sell(one, cart)
    for place in order:
        lost.send_again(tills[place])
    check_sold(venue, *carts)


def test_a_void_that_comes_with_its_line_after_the_sale_of_it_is_refused(venue: Venue) -> None:
    """The till that keyed and voided the line is slower to bring again what the server lost."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    for till in (one, two):
        till.push()
    one.open(cart)
    line = one.add(cart, IDLY)
    known = one.request()
    with venue.app.transaction(force_rollback=True):
        one.send(known)
        event = two.take(cart)["events"][-1]
    two.place(cart)
    assert two.push(handed=[{"session": cart.session, "b": event["b"], "m": event["m"]}])["ok"] is True
    removed = {"item_name": "Idly", "pieces": 1, "amount": "40.00"}
    late = one.make("line_voided", cart.session, {"line_id": line, "removed": removed})
    assert one.push()["ok"] is True
    assert refused(venue) == [late.id]


def test_an_act_that_is_handed_back_stands_under_its_ids_before_what_its_till_keyed_on_it(venue: Venue) -> None:
    till, cart, (idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    with venue.app.transaction(force_rollback=True):
        reply = asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))
    handed = [{"session": one["session"], "b": one["b"], "m": one["m"]} for one in reply["events"]]
    assert where(venue) == {idly: cart.session, dosa: cart.session}
    more = till.add(new, IDLY)
    for again in (handed, handed):
        assert till.push(handed=again)["records"] == 0
    assert where(venue) == {idly: cart.session, dosa: new.session, more: new.session}
    assert venue.value("SELECT count(*) FROM session_events WHERE for_till = 1") == len(decided)
    assert stands(venue, new, "status", "hold_till", "hold_journal::text") == ("active", 1, till.journal)
    assert verify(venue)["sound"] is True


@pytest.mark.parametrize(
    "change",
    [
        lambda handed: handed | {"m": "0" * 64},
        lambda handed: handed | {"m": None},
        lambda handed: handed | {"b": handed["b"].replace('"till":2,"user"', '"till":1,"user"')},
        lambda handed: handed | {"b": json.dumps(json.loads(handed["b"]) | {"type": "session_swept"})},
        lambda handed: handed | {"session": new_id()},
    ],
    ids=["another seal", "no seal", "another till", "another type", "another order"],
)
def test_a_handed_back_grant_without_its_seal_is_ignored(
    venue: Venue, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    _one, cart = opened(venue)
    two, hold = venue.till(2), cart.hold
    two.push()
    handed = change(granted_and_lost(venue, two, cart))
    two.make("order_parked", cart.session)
    assert two.push(handed=[handed])["records"] == 1
    assert venue.rows(ASIDE) == [(1, "order_parked", "The till never held the order of the record.")]
    assert venue.rows(GRANTS) == []
    assert stands(venue, cart, "status", "till_id", "hold_id::text") == ("active", 1, hold)


def test_the_seal_of_another_venue_is_none_here(venue: Venue) -> None:
    other = make_venue(venue.owner, venue.app)
    one, two, cart = other.till(1), other.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY)
    one.push()
    two.push()
    handed = granted_and_lost(other, two, cart)
    thief = venue.till(2)
    assert thief.push(handed=[handed])["ok"]
    assert venue.rows(GRANTS) == []


@pytest.mark.parametrize("handed", [None, "x", 7, {}, [7], [{"session": 7, "b": "no JSON", "m": "x"}], [{}]])
def test_a_malformed_grant_handed_back_gets_an_answer(venue: Venue, handed: object) -> None:
    two = venue.till(2)
    two.push()
    reply = two.push(handed=handed)
    assert reply["ok"] is True or reply["code"] == "protocol"


def test_a_push_that_was_learnt_in_another_epoch_takes_nothing_and_says_the_epoch_of_now(venue: Venue) -> None:
    one, cart = opened(venue)
    epoch = one.push()["epoch"]
    before = one.seq
    one.add(cart, DOSA)
    total = stands(venue, cart, "total")
    reply = one.push(cart.snapshot(one.base(cart)), epoch=epoch - 1)
    assert (reply["ok"], reply["head"]["seq"], reply["epoch"]) == (True, before, epoch)
    assert stands(venue, cart, "version", "total") == (2, total)
    assert one.push(cart.snapshot(one.base(cart)), epoch=epoch)["head"]["seq"] == before + 1


class Backup:
    """All rows of the database at one moment."""

    def __init__(self, venue: Venue) -> None:
        self._owner = venue.owner
        rows = "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM {} AS t"
        self._kept = {table: venue.value(rows.format(table)) for (table,) in venue.rows(TABLES)}

    def restore(self) -> None:
        """Bring these rows back; what came since is lost."""
        with unwatched(self._owner):
            for table, rows in self._kept.items():
                self._owner.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - names of ours
                self._owner.execute(
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"  # noqa: S608 - names of ours
                    f" SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)".encode(),
                    [rows],
                )


@pytest.mark.parametrize("saved", [False, True])
def test_a_part_paid_order_that_a_program_made_is_handed_back_whole(
    venue: Venue, database: Database, *, saved: bool
) -> None:
    """Only tills can bring it again: the program made it, and the gateway charged a part, in the database alone."""
    till = venue.till()
    till.push()
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        backup = Backup(venue)
        chat.put("sess_abc123", IDLY, 2)
        chat.put("sess_abc123", DOSA, 2)
        chat.session.execute("UPDATE session_cart SET quantity = 1 WHERE item_id = %s", [DOSA])
        intend(chat, "sess_abc123")
        order = chat.order("sess_abc123")
        cart = Cart(session=stream_of(venue, "sess_abc123"))
        till.take(cart)
        payment = {"payment_id": new_id(), "tender": "CARD", "amount": "40.00"}
        till.resume(cart)
        till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"], "number": "0413"})
        till.make("payment_approved", cart.session, {**payment, "tendered": "40.00", "change": "0.00"})
        if saved:
            till.save(cart, new_id(), "table 13")
        own = list(till.pending)
        assert till.push()["ok"]
        charge = "SELECT cold.take_charge(%s, 'order_A', %s, %s, 'INR')"
        venue.owner.execute(charge, [venue.store, "pay_A", 30])
        handed = [
            {"session": cart.session, "b": one["b"], "m": one["m"], "t": one["t"]}
            for one in till.ask(cart)["events"]
            if one["m"]
        ]
        backup.restore()
        for again in (handed, handed):
            assert till.send(till.request(events=own, handed=again))["ok"]
        assert [(row["total"], row["paid"]) for row in waiting(till)] == [("160.00", "70.00")], "without a snapshot"
        venue.owner.execute(charge, [venue.store, "pay_B", 20])
        stood = folded(till.ask(cart)["events"])
        lines = {(line.item_id, line.quantity) for line in stood.lines.values() if line.quantity}
        assert (lines, stood.submitted is not None) == ({(IDLY, 2), (DOSA, 1)}, True)
        assert {(one.tender, one.amount) for one in stood.payments.values()} == {
            ("CARD", 40_00), ("UPI", 30_00), ("UPI", 20_00)
        }  # fmt: skip
        assert chat.value("SELECT order_id FROM orders") == order
        till.resume(cart)
        cart.lines = {line.id: (line.item_id, line.quantity) for line in stood.lines.values() if line.quantity}
        taken = [
            {"payment_id": one.id, "tender": one.tender, "amount": f"{one.amount / 100:.2f}", "change": "0.00"}
            for one in stood.payments.values()
        ]
        rest = {"payment_id": new_id(), "tender": "CASH", "amount": "70.00", "change": "0.00"}
        till.place(cart, order_id=str(order), payments=[*taken, rest])
        assert till.push()["ok"]
        check_sold(venue, cart)
        venue.owner.execute(charge, [venue.store, "pay_A", 30])
        assert venue.rows("SELECT kind FROM till.conflicts") == []
        chat.put("another", IDLY)
        chat.order("another")
        assert [row["submitted"]["number"] for row in waiting(till)] == [2]
        assert verify(venue)["sound"] is True


def test_a_till_is_unheard_after_a_restore_until_all_that_it_has_came(venue: Venue) -> None:
    tills = one, two = venue.till(1), venue.till(2)
    cart = one.keyed()
    for till in tills:
        till.push(seq=till.seq)
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, warm.digest('secret 3'))", [venue.store])
    assert settings(two)["unheard"] == []
    venue.owner.execute("UPDATE till.tills SET seen_at = seen_at - id * interval '1 minute'")
    venue.owner.execute("SELECT till.note_restored()")
    one.add(cart, IDLY)
    later = one.request(seq=one.seq)
    assert one.send(one.request(events=[], seq=one.seq))["ok"], "it asks first"
    assert settings(two)["unheard"] == [1], "and the other one has no more"
    version = venue.value("SELECT version FROM till.settings WHERE name = 'settings'")
    assert one.send(later)["ok"]
    body = settings(two)
    assert (body["unheard"], body["restored_at"] is not None) == ([], True)
    assert venue.value("SELECT version FROM till.settings WHERE name = 'settings'") > version


@pytest.mark.parametrize("change", ["revoked_at = now()", "seen_at = seen_at - interval '8 days'", "seen_at = NULL"])
def test_a_till_that_is_revoked_or_was_idle_for_a_week_is_not_waited_for(venue: Venue, change: str) -> None:
    for number in (1, 2):
        till = venue.till(number)
        till.push(seq=till.seq)
    venue.owner.execute(f"UPDATE till.tills SET {change} WHERE id = 2".encode())  # noqa: S608 - words of ours
    venue.owner.execute("SELECT till.note_restored()")
    unheard = "SELECT till.unheard(%s)"
    assert venue.value(unheard, venue.store) == [1]
    venue.owner.execute("UPDATE till.tills SET seen_at = clock_timestamp() WHERE id = 1")
    assert venue.value(unheard, venue.store) == [], "nor once all others are heard"


def settings(till: Till) -> dict[str, Any]:
    """Return the settings as a till that asks for them gets them."""
    return dict(till.push(reference={"settings": 0}, seq=till.seq)["reference"]["settings"]["body"])
