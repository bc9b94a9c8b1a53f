"""Two at once: the second waits where the first may decide for it, and then decides by what the first did.

The first has not committed when the second begins. The second is answered once it waits for the first, which then
commits; or at once, if nothing holds it up.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from psycopg import Error

from db.engine import connect
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_archive import leave
from tests.sql.test_handed import granted_and_lost
from tests.sql.test_paid_at_drawer import move, owe, shift_of
from tests.sql.test_refunds import Refund, sell
from tests.sql.test_status import opened
from tests.sql.test_vouchers import approve, ask, begin, issue, place, start, started
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

    Act = Callable[[psycopg.Connection[Any]], Any]


SWEPT: Final = "SELECT warm.server_event_v1(%s, 9, 'session_swept', %s, '{\"minutes\": 1}')"


class Race(NamedTuple):
    """Two acts at once.

    Attributes:
        first: the act that has not committed yet.
        second: the act that meets it, over a connection of its own.
        found: reads the result of both, from the answer of the second.
        result: the result that both must have.
        waits: True if the second waits for the first.
        then: a further act of the first, once the second waits.
    """

    first: Act
    second: Act
    found: Callable[[Any], Any]
    result: Any
    waits: bool = True
    then: Act = lambda _session: None


def pushed(till: Till, *snapshots: dict[str, Any], **more: Any) -> Act:
    """Return the push of what a till has made by now."""
    request = json.dumps(till.request(*snapshots, **more))
    return lambda session: _answer(session, "SELECT warm.sync_push_v1(%s)", request)


def _answer(session: psycopg.Connection[Any], query: str, *asked: Any) -> Any:
    ((answer,),) = session.execute(query.encode(), asked).fetchall()
    return json.loads(answer) if isinstance(answer, str) and answer.startswith("{") else answer


def same_push(venue: Venue) -> Race:
    """A till that had no answer sends its push again."""
    till = venue.till()
    till.push()
    till.add(till.keyed(), DOSA)
    push = pushed(till)
    return Race(push, push, lambda reply: reply["head"]["seq"], 2)


def new_journal(venue: Venue) -> Race:
    """Two machines begin a journal for one till: only one is live."""
    one, two = venue.till(), venue.till()
    return Race(pushed(one), pushed(two), lambda reply: reply["code"], "journal_not_live")


def servers_chain(venue: Venue) -> Race:
    """The server writes about two orders at once, one record after the other."""
    till = venue.till()
    carts = [till.keyed(), till.keyed()]
    till.push()
    one, two = ((lambda session, cart=cart: _answer(session, SWEPT, venue.store, cart.session)) for cart in carts)
    return Race(one, two, lambda _: venue.types("till_id = 0 AND event_type = 'session_swept'"), ["session_swept"] * 2)


def one_order(venue: Venue) -> Race:
    """Two tills write on one order, which one of them has no longer."""
    one, two = venue.till(), venue.till(2)
    cart = one.keyed()
    one.push()
    two.take(cart)
    one.look(cart, "dosa")
    two.look(cart, "idly")
    versions = "SELECT version FROM warm.session_events WHERE session_id = %s ORDER BY 1"
    return Race(
        pushed(one), pushed(two), lambda _: [row[0] for row in venue.rows(versions, cart.session)], [1, 2, 3, 4]
    )


def one_voucher(venue: Venue) -> Race:
    """Two tills are paid with one voucher of 100.00."""
    issue(venue, "100.00")
    one, two = venue.till(), venue.till(2)
    for till in (one, two):
        start(till, begin(till), ask(till)["ask"])
    states = "SELECT state FROM till.value_movements ORDER BY till_id"
    return Race(pushed(one), pushed(two), lambda _: venue.rows(states), [("reserved",), ("declined",)])


def one_sale(venue: Venue) -> Race:
    """Two tills begin a refund of the same pieces."""
    one, two = venue.till(), venue.till(2)
    cart, order = sell(one, (DOSA, 1))
    for till in (one, two):
        Refund(till, cart, order, r1=1).start()
    states = "SELECT state FROM till.refund_claims ORDER BY till_id"
    return Race(pushed(one), pushed(two), lambda _: venue.rows(states), [("reserved",), ("refused",)])


def one_number(venue: Venue) -> Race:
    """A restored journal gives a refund of another sale under the same number."""
    till, restored = venue.till(), venue.till()
    sales = [sell(till, (DOSA, 1)) for _ in range(2)]
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, 1)", [venue.store])
    for one, sale in zip((till, restored), sales, strict=True):
        given = Refund(one, *sale, r1=1).start()
        one.push()
        given.answer("approved")
    kinds = "SELECT kind FROM till.conflicts"
    return Race(pushed(till), pushed(restored), lambda _: venue.rows(kinds), [("number_twice",)])


def tenth_code(venue: Venue) -> Race:
    """A till tries two codes at once, and has tried nine."""
    till = venue.till()
    for number in range(9):
        ask(till, f"code {number}")
    request = json.dumps({"store": venue.store, "till": 1, "secret": till.secret, "digest": "0" * 64})

    def act(session: psycopg.Connection[Any]) -> Any:
        return _answer(session, "SELECT till.voucher_v1(%s)", request)

    return Race(act, act, lambda reply: reply["why"], "too_many")


def credit_and_cash(venue: Venue) -> Race:
    """A guest's debt goes back to the account at one till, and is paid in cash at the other."""
    one, two = venue.till(), venue.till(2)
    guest = _account(venue)
    cart = begin(one)
    payment = start(one, cart, guest, tender="ACCOUNT")
    one.push()
    approve(one, cart, payment)
    order = place(one, cart, payment)
    number, facts = started(one, cart, order, "-80.00", "ACCOUNT")
    one.push()
    one.make("refund_approved", number, facts)
    two.make("cash_moved", shift_of(two), {"kind": "account", "amount": "80.00", "currency": "INR", "of": guest})
    found = ["Of 80.00 only 0.00 was owed on the house account: give the rest back."]
    return Race(pushed(one), pushed(two), lambda _: _quarantined(venue), found)


def account_by_two(venue: Venue) -> Race:
    """Two tills book cash for one account, each past the lock of all values."""
    guest = _account(venue)
    owe(venue, guest, "120")
    book = (
        "SELECT warm.book_account_cash(jsonb_populate_record(NULL::warm.auth_context, jsonb_build_object("
        "'store_id', %s::text, 'till_id', 1)), jsonb_populate_record(NULL::warm.incoming_event, %s))"
    )

    def act(session: psycopg.Connection[Any]) -> Any:
        data = {"of": guest, "amount": "100.00", "currency": "INR"}
        event = {"event_id": new_id(), "data": data, "user_id": 1, "at": "2026-03-03T05:00:00Z"}
        return _answer(session, book, venue.store, json.dumps(event))

    return Race(act, act, lambda why: why, "Of 100.00 only 20.00 was owed on the house account: give the rest back.")


def undone_and_spent(venue: Venue) -> Race:
    """A till undoes the sale of a voucher that pays at another one."""
    one, two = venue.till(), venue.till(2)
    query = "SELECT till.voucher_issue_v2(%s, 9, %s, 'WXYZ', 50, NULL, true)"
    voucher = str(venue.value(query, venue.store, sha256("a code")))
    moved = move(one, "voucher", "50.00", voucher)
    start(two, begin(two), ask(two)["ask"], "50.00")
    one.make("movement_undone", one.login, {"event": moved.id})
    found = ["The sale of the voucher …WXYZ is undone, and 50.00 INR of it was spent. The rest is unpaid."]
    return Race(pushed(two), pushed(one), lambda _: _quarantined(venue), found)


def released_and_reserved(venue: Venue) -> Race:
    """A sale spends a payment that went back to its voucher, which pays at another till."""
    issue(venue, "100.00")
    one, two = venue.till(), venue.till(2)
    cart = begin(one)
    payment = start(one, cart, ask(one)["ask"])
    one.push()
    one.make("payment_voided", cart.session, payment)
    one.push()
    place(one, cart, payment)
    start(two, begin(two), ask(two)["ask"])
    found = ["The payment went back to the voucher or the account, and has been spent since."]
    return Race(pushed(two), pushed(one), lambda _: _quarantined(venue), found)


def conflict_by_two(venue: Venue) -> Race:
    """Two managers settle a conflict: it is settled once."""
    query = "SELECT till.conflict_resolve_v1(%s, 9, %s, 'given back')::text"
    conflict, _session = _conflict(venue)

    def second(session: psycopg.Connection[Any]) -> str | None:
        with pytest.raises(Error) as refused:
            session.execute(query.encode(), [venue.store, conflict])
        return refused.value.sqlstate

    return Race(lambda session: _answer(session, query, venue.store, conflict), second, lambda state: state, "TL005")


def conflict_and_push(venue: Venue) -> Race:
    """A manager settles a conflict whose order a push has: the order is locked first, by both."""
    query = "SELECT till.conflict_resolve_v1(%s, 9, %s, 'given back')::text"
    conflict, session_id = _conflict(venue)
    return Race(
        lambda session: _answer(session, "SELECT warm.lock_session(%s)", session_id),
        lambda session: _answer(session, query, venue.store, conflict),
        lambda row: row["how"],
        "given back",
        then=lambda session: session.execute("SELECT FROM till.conflicts FOR UPDATE"),
    )


def order_and_chain(venue: Venue) -> Race:
    """The server writes about an order that a push has: the order is locked before the server's chain, by both."""
    till = venue.till()
    cart = till.keyed()
    till.push()

    def write(session: psycopg.Connection[Any]) -> Any:
        return _answer(session, SWEPT, venue.store, cart.session)

    swept = ["session_swept"] * 2
    found = "till_id = 0 AND event_type = 'session_swept'"
    return Race(
        lambda session: _answer(session, "SELECT warm.lock_session(%s)", cart.session),
        write, lambda _: venue.types(found), swept, then=write,
    )  # fmt: skip


def returned_order_and_chain(venue: Venue) -> Race:
    """A till returns a grant that a restore lost, of an order that a push has: both lock the order first."""
    _one, cart = opened(venue)
    two = venue.till(2)
    two.push()
    handed = granted_and_lost(venue, two, cart)
    holder = "SELECT hold_till FROM till.order_sessions WHERE id = %s"
    return Race(
        lambda session: _answer(session, "SELECT warm.lock_session(%s)", cart.session),
        pushed(two, handed=[handed]),
        lambda _: venue.value(holder, cart.session),
        2,
        then=lambda session: _answer(session, SWEPT, venue.store, cart.session),
    )


def returned_and_servers_chain(venue: Venue) -> Race:
    """A till returns a grant while the server writes about another order: one record after the other."""
    one, cart = opened(venue)
    other = one.keyed()
    one.push()
    two = venue.till(2)
    two.push()
    handed = granted_and_lost(venue, two, cart)
    return Race(
        lambda session: _answer(session, SWEPT, venue.store, other.session),
        pushed(two, handed=[handed]),
        lambda _: venue.types("till_id = 0 AND session_id IS NOT NULL"),
        ["session_swept", "order_granted"],
    )


def ahead_and_another_till(venue: Venue) -> Race:
    """A record of more than a day ahead comes while another till writes on its order: it is kept out of it."""
    one, two = venue.till(), venue.till(2)
    cart = one.keyed()
    one.push()
    ahead = venue.value("SELECT warm.least_id(now() + interval '2 days')::text")
    one.look(cart, "dosa", event_id=f"{ahead[:14]}7000-8{ahead[20:]}")
    two.take(cart)
    venue.owner.execute("DELETE FROM warm.quarantine")
    two.look(cart, "idly")
    states = "SELECT sqlstate FROM warm.quarantine"
    return Race(pushed(two), pushed(one), lambda _: venue.rows(states), [("TL013",)])


def hot_rows_and_push(venue: Venue) -> Race:
    """Rows that a crash emptied are restored from an order that a push changes: the push counts."""
    till = venue.till()
    cart = till.keyed()
    till.add(cart, IDLY)
    till.shown(cart)
    venue.owner.execute("DELETE FROM hot.session_cart; DELETE FROM hot.session_state; DELETE FROM hot.hot_epoch")
    change = "UPDATE till.order_sessions SET hot = jsonb_set(hot, '{cart,0,quantity}', '3')"
    return Race(
        lambda session: session.execute(change),
        lambda session: _answer(session, "SELECT hot.hot_rebuild_v1(%s)", venue.store),
        lambda restored: (restored, venue.value("SELECT quantity FROM hot.session_cart WHERE is_active")),
        (1, 3),
    )


def orders_by_id(venue: Venue) -> Race:
    """Records of two orders are refused: the orders are locked by their ids, however the table has them."""
    till, first, second = venue.till(), Cart(), Cart()
    for cart in (second, first):
        till.open(cart)
        till.push()
    for cart in (second, first):
        till.make_badly("line_voided", cart.session, {"line_id": 1})
    lock = "SELECT FROM till.order_sessions WHERE id = %s FOR NO KEY UPDATE NOWAIT"
    quarantined = "SELECT count(*) FROM till.order_sessions WHERE quarantined"
    return Race(
        lambda session: session.execute(lock, [first.session]),
        pushed(till), lambda _: venue.value(quarantined), 2,
        then=lambda session: session.execute(lock, [second.session]),
    )  # fmt: skip


def archive_of_a_busy_order(venue: Venue) -> Race:
    """An order that a push has is not archived, and the maintenance does not wait for it."""
    till = venue.till()
    cart, _order = sell(till, (DOSA, 1))
    leave(venue)
    venue.owner.execute("SELECT cold.move_to_audit(%s, now(), 500)", [venue.store])
    ended = "SELECT cold.archivable(%s, now(), false, 100)"
    return Race(
        lambda session: _answer(session, "SELECT warm.lock_session(%s)", cart.session),
        lambda session: _answer(session, f"SELECT cold.archive_sessions(now(), ARRAY({ended}))", venue.store),
        lambda archived: archived, 0, waits=False,
    )  # fmt: skip


def hot_rows_by_two(venue: Venue) -> Race:
    """Two restore the rows that a crash emptied: one does it, and the other does not wait."""
    venue.till().push()
    venue.owner.execute("DELETE FROM hot.hot_epoch")
    query = "SELECT hot.hot_rebuild_v1(%s)"

    def act(session: psycopg.Connection[Any]) -> Any:
        return _answer(session, query, venue.store)

    return Race(act, act, lambda restored: restored, None, waits=False)


def relation_and_push(venue: Venue) -> Race:
    """The relation is built again once the pushes that write it are done."""
    till = venue.till()
    till.add(till.keyed(), DOSA)
    contents = "SELECT count(*) FROM warm.order_contents"
    return Race(
        pushed(till),
        lambda session: _answer(session, "SELECT warm.rebuild_relation(%s)::text", venue.store),
        lambda _: venue.value(contents), 1,
    )  # fmt: skip


RACES: list[Callable[[Venue], Race]] = [
    same_push, new_journal, servers_chain, one_order, one_voucher, one_sale, one_number, tenth_code, credit_and_cash,
    account_by_two, undone_and_spent, released_and_reserved, conflict_by_two, conflict_and_push, order_and_chain,
    returned_order_and_chain, returned_and_servers_chain, ahead_and_another_till, hot_rows_and_push, orders_by_id,
    archive_of_a_busy_order, hot_rows_by_two, relation_and_push,
]  # fmt: skip


def _account(venue: Venue) -> str:
    """Return a customer with a house account of 200."""
    known = str(venue.value("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')", venue.store))
    venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, known)
    return known


def _conflict(venue: Venue) -> tuple[str, str]:
    """Return a conflict of money that no sale lists, and its order."""
    till = venue.till()
    cart = till.keyed()
    approve(till, cart, {"payment_id": new_id(), "tender": "CARD", "amount": "80.00"})
    till.clear(cart)
    till.push()
    return str(venue.value("SELECT id FROM till.conflicts")), cart.session


def _quarantined(venue: Venue) -> list[str]:
    return [reason for (reason,) in venue.rows("SELECT reason FROM warm.quarantine ORDER BY id")]


@pytest.mark.parametrize("race", RACES)
def test_second_decides_by_what_the_first_did(venue: Venue, database: Database, race: Callable[[Venue], Race]) -> None:
    acts = race(venue)
    with connect(database.owner) as one, connect(database.owner) as two, ThreadPoolExecutor(1) as beside:
        with one.transaction():
            acts.first(one)
            second = beside.submit(acts.second, two)
            blocked = "SELECT pg_backend_pid() = ANY (pg_blocking_pids(%s))"
            waited = False
            while not second.done() and not waited:
                waited = _answer(one, blocked, two.info.backend_pid)
            acts.then(one)
        assert acts.found(second.result(30)) == acts.result
    assert waited == acts.waits
