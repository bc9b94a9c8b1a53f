"""Customers: known by name or number, whose orders are whose, and forgotten without breaking a chain."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.plugins.secrets import leaked
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_archive import archive, leave
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.reports.customers import read_customer, read_customers

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

WHOSE = "SELECT session_id, customer_id::text FROM customer_sessions"


def known(venue: Venue, name: str = "Mrs Rao", phone: str = "+91 98450-12345") -> str:
    return str(venue.value("SELECT till.customer_add_v1(%s, 9, %s, %s)", venue.store, name, phone))


def erase(venue: Venue, customer: str, actor: int | None = 9) -> int:
    return int(venue.value("SELECT till.customer_erase_v1(%s, %s, %s)", venue.store, actor, customer))


def attach(till: Till, cart: Cart, customer: str | None, who: str = "Mrs Rao") -> Any:
    return till.make("customer_attached", cart.session, {"customer_id": customer}, texts={"who": who})


def begin(till: Till, item: str = IDLY) -> Cart:
    cart = till.keyed()
    till.add(cart, item)
    return cart


def found(till: Till, query: object) -> list[str]:
    answer = till.read("till.customers_v1", query=query)
    assert answer["ok"], answer
    return [row["name"] for row in answer["customers"]]


def everything(venue: Venue) -> str:
    """Return the rows of all tables of the database, as text."""
    tables = venue.rows(
        "SELECT format('%%I.%%I', relnamespace::regnamespace, relname) FROM pg_class"
        " WHERE relnamespace = ANY ('{till,hot,warm,cold}'::regnamespace[]) AND relkind IN ('r', 'p')"
    )
    return "\n".join(str(venue.rows(f"SELECT x::text FROM {name} AS x")) for (name,) in tables)  # noqa: S608


def test_an_order_is_its_customers_from_key_to_cold_storage(venue: Venue) -> None:
    till, rao, iyer = venue.till(), known(venue), known(venue, "Mr Iyer", "")
    cart = begin(till)
    attach(till, cart, iyer, "Mr Iyer")
    till.shown(cart)
    assert venue.rows(WHOSE) == [(cart.session, iyer)]
    assert venue.value("SELECT refold FROM till.order_sessions") is False
    attach(till, cart, rao)
    till.make("preference_set", cart.session, {"name": "spice", "value": "mild"})
    till.make("preference_set", cart.session, {"name": "spice", "value": "hot"})
    till.push()
    assert venue.rows(WHOSE) == [(cart.session, rao)]
    assert venue.rows("SELECT name FROM customer_preferences") == []
    till.place(cart, customer_id=rao)
    till.push()
    assert venue.rows("SELECT customer_id::text FROM orders") == [(rao,)]
    assert venue.rows("SELECT customer_id::text, name, value FROM customer_preferences") == [(rao, "spice", "hot")]
    row = venue.read(read_customer, rao)
    assert row is not None
    assert (row["name"], row["phone"], row["orders"], row["preferences"]) == (
        "Mrs Rao",
        "+919845012345",
        1,
        {"spice": "hot"},
    )
    assert [(one["session"], one["total"], one["items"]) for one in row["history"]] == [
        (cart.session, "40.00", [{"item": "Idly", "quantity": 1}])
    ]
    assert [one["name"] for one in venue.read(read_customers)] == ["Mr Iyer", "Mrs Rao"]


def test_customer_of_an_added_round_comes_with_its_lines_and_is_erased_in_both_orders(venue: Venue) -> None:
    till, rao = venue.till(), known(venue)
    table, cart = begin(till), begin(till)
    first = attach(till, cart, rao)
    till.shown(table)
    till.shown(cart)
    with till.deciding() as decided:
        follows = {"customer_id": rao, "follows": first.id}
        till.make("customer_attached", table.session, follows, texts={"who": "Mrs Rao"})
        till.hand_on(cart, table, *cart.lines)
        till.clear(cart)
    till.done(decided)
    assert sorted(venue.rows(WHOSE)) == sorted([(table.session, rao), (cart.session, rao)])
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 2
    query = "SELECT event_type FROM session_events JOIN warm.event_texts USING (event_id) WHERE text = 'Mrs Rao'"
    assert venue.rows(query) == [("customer_added",)]


def test_a_preference_of_a_customer_goes_with_the_order_that_showed_it(venue: Venue) -> None:
    till, rao = venue.till(), known(venue)
    first, second = begin(till), begin(till)
    for cart, wishes in ((first, {"spice": "mild", "seat": "window", "language": "es"}), (second, {"spice": "hot"})):
        attach(till, cart, rao)
        for name, value in wishes.items():
            till.make("preference_set", cart.session, {"name": name, "value": value})
        till.place(cart, customer_id=rao)
        till.push()
    likes = "SELECT name, value FROM customer_preferences ORDER BY 1"
    assert venue.rows(likes) == [("seat", "window"), ("spice", "hot")], "the language is of the order's papers alone"
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, first.session)
    assert venue.rows(likes) == [("spice", "hot")]
    assert "window" not in everything(venue)


def test_a_sale_of_the_future_teaches_what_its_customer_likes_until_the_next_one(venue: Venue) -> None:
    honest, thief, rao = venue.till(), venue.till(2), known(venue)
    honest.now = datetime.now(UTC)
    thief.now = datetime(2098, 1, 1, tzinfo=UTC)
    for till, allergy in ((honest, "nuts"), (thief, "none"), (honest, "nuts"), (thief, "none"), (honest, "peanuts")):
        cart = begin(till)
        attach(till, cart, rao)
        till.make("preference_set", cart.session, {"name": "allergy", "value": allergy})
        till.place(cart, customer_id=rao)
        till.push()
        honest.now = datetime.now(UTC)
        assert venue.rows("SELECT name, value FROM customer_preferences") == [("allergy", allergy)]


def test_an_order_that_is_tried_again_teaches_what_its_customer_likes(venue: Venue) -> None:
    venue.owner.execute("ALTER TABLE cold.orders ADD CONSTRAINT for_now CHECK (total_amount < 30) NOT VALID")
    till, rao = venue.till(), known(venue)
    cart = begin(till)
    attach(till, cart, rao)
    till.make("preference_set", cart.session, {"name": "spice", "value": "mild"})
    till.place(cart, customer_id=rao)
    till.push(cart.snapshot(0))
    venue.owner.execute("ALTER TABLE cold.orders DROP CONSTRAINT for_now")
    assert venue.rows("SELECT name FROM customer_preferences") == []
    record = venue.value("SELECT id FROM warm.quarantine")
    assert venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, record)["applied"] is True
    assert venue.rows("SELECT name, value FROM customer_preferences") == [("spice", "mild")]
    assert venue.rows(WHOSE) == [(cart.session, rao)]


def test_whom_another_attached_later_counts_whoever_is_heard_first(venue: Venue) -> None:
    one, two, rao, iyer = venue.till(), venue.till(2), known(venue), known(venue, "Mr Iyer", "")
    cart = begin(one)
    one.push()
    attach(one, cart, rao)  # not sent yet
    two.take(cart)
    attach(two, cart, iyer, "Mr Iyer")
    two.push()
    one.push()
    assert venue.rows(WHOSE) == [(cart.session, iyer)]
    attach(two, cart, None, "")
    two.push()
    assert venue.rows(WHOSE) == []


def test_a_till_that_never_took_the_order_says_nothing_of_its_customer(venue: Venue) -> None:
    one, two, rao = venue.till(), venue.till(2), known(venue)
    cart = begin(one)
    one.push()
    attach(two, cart, rao)
    two.push()
    assert venue.rows(WHOSE) == []


def test_one_whom_nobody_knows_costs_the_order_nothing(venue: Venue) -> None:
    till, cart, nobody = venue.till(), Cart(), new_id()
    till.open(cart)
    till.add(cart, IDLY)
    attach(till, cart, nobody)
    till.place(cart, customer_id=nobody)
    reply = till.push()
    assert (reply["ok"], reply["quarantined"]) == (True, [])
    assert venue.rows("SELECT customer_id::text FROM orders") == [(nobody,)]
    assert venue.rows(WHOSE) == []


def test_the_order_of_a_chat_is_its_customers_too(venue: Venue) -> None:
    rao = known(venue)
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('chat 1', %s, NULL, 1, 40)",
        [IDLY],
    )
    venue.owner.execute("SELECT create_order_from_session('chat 1', 'take_away', 'cash', %s)", [rao])
    venue.complete("chat 1")
    assert venue.rows(WHOSE) == [("chat 1", rao)]


def test_only_customers_with_an_open_house_account_are_found_for_one(venue: Venue) -> None:
    till, rao, iyer = venue.till(), known(venue, "Guest Rao"), known(venue, "Guest Iyer", "")
    known(venue, "Guest Li", "")
    for guest, closed in ((rao, False), (iyer, False), (iyer, True)):
        limit = None if closed else 500
        venue.value("SELECT till.account_set_v1(%s, 9, %s, %s, %s)", venue.store, guest, limit, closed)
    answer = till.read("till.customers_v1", query="guest", with_account=True)
    assert [row["customer"] for row in answer["customers"]] == [rao]
    assert len(found(till, "guest")) == 3


def test_a_customer_is_found_by_name_or_number_and_never_all_of_them(venue: Venue) -> None:
    till = venue.till()
    known(venue)
    known(venue, "Mr Iyer", "080 2345 678")
    known(venue, "Li", "")
    assert found(till, "rao") == ["Mrs Rao"]
    assert found(till, "MRS RAO ") == ["Mrs Rao"]
    assert found(till, "98450 123") == ["Mrs Rao"]
    assert found(till, "+91 98450") == ["Mrs Rao"]
    assert found(till, "li") == ["Li"]
    for nothing in ("", " ", "m", "mr", "45", "%", "___", "ra%", "a", "yer", None, "Mrs Rao' or true --"):
        assert found(till, nothing) == [], nothing
    assert till.read("till.customers_v1", query=["Rao"])["ok"]
    for number in range(12):
        known(venue, f"Guest {number}", "")
    assert len(found(till, "guest")) == 9
    till.secret = "wrong"
    assert till.read("till.customers_v1", query="rao")["code"] == "wrong_secret"


@pytest.mark.parametrize(
    ("name", "phone", "expected"),
    [
        ("", "", "a name, a phone number"),
        (" ", None, "a name, a phone number"),
        (None, None, "a name, a phone number"),
        ("Rao", "call me", "is not a phone number"),
        ("Rao", "12", "is not a phone number"),
        ("Rao", "1" * 21, "is not a phone number"),
        ("Ra\no", "", "no line break"),
        ("R" * 121, "", "120 characters"),
    ],
)
def test_an_invalid_customer_is_refused(venue: Venue, name: str | None, phone: str | None, expected: str) -> None:
    with pytest.raises(psycopg.Error, match=expected):
        venue.value("SELECT till.customer_add_v1(%s, 9, %s, %s)", venue.store, name, phone)
    assert venue.value("SELECT count(*) FROM warm.session_events WHERE event_type = 'customer_added'") == 0


def test_a_number_is_one_customers_until_it_is_erased(venue: Venue) -> None:
    rao = known(venue)
    with pytest.raises(psycopg.Error, match="already known: Mrs Rao"):
        known(venue, "Somebody", "(+91) 98450 12345".replace("(", "").replace(")", ""))
    erase(venue, rao)
    assert known(venue, "Somebody") != rao


def test_a_forgotten_customer_is_forgotten_everywhere(venue: Venue) -> None:
    till, rao = venue.till(), known(venue)
    paid, waits = begin(till), begin(till, DOSA)
    attach(till, paid, rao)
    till.make("order_noted", paid.session, {}, texts={"note": "Mrs Rao, window"})
    till.place(paid, customer_id=rao, note="Mrs Rao, window")
    attach(till, waits, rao)
    till.save(waits, new_id(), "Mrs Rao")
    till.make("preference_set", waits.session, {"name": "spice", "value": "hot"})
    till.push(waits.snapshot(0, preferences={"spice": "hot"}))
    age(venue, "31 days")
    maintain(venue)
    late = attach(till, waits, rao)  # on a till that is away
    assert "Rao" in everything(venue)
    assert "98450" in everything(venue)

    with pytest.raises(psycopg.Error, match="Only a manager"):
        erase(venue, rao, 1)
    assert erase(venue, rao) == 2
    left = everything(venue)
    assert leaked(("Rao", "98450"), left) == []
    assert found(till, "rao") == []
    till.push()
    assert "Rao" not in everything(venue)
    assert venue.value("SELECT count(*) FROM warm.erased WHERE event_id = %s", late.id) == 1
    assert venue.rows("SELECT customer_id::text FROM orders") == [(rao,)]
    assert venue.rows("SELECT erased_at IS NOT NULL, name, phone FROM customer_table") == [(True, "", "")]
    assert verify(venue)["sound"] is True
    row = venue.read(read_customer, rao)
    assert row is not None
    assert (row["name"], row["orders"], row["erased_at"] is None) == ("", 1, False)
    assert venue.read(read_customers) == []
    assert venue.read(read_customer, new_id()) is None
    with pytest.raises(psycopg.Error, match="already erased"):
        erase(venue, rao)
    with pytest.raises(psycopg.Error, match="There is no customer"):
        erase(venue, new_id())


@pytest.mark.parametrize(
    ("moved", "expected"),
    [("80", "The guest owes 80.00 INR on their account"), ("-30", "30.00 INR of the guest is on")],
)
def test_guest_with_a_balance_is_erased_only_once_it_is_settled(venue: Venue, moved: str, expected: str) -> None:
    """After the erasure, the owner of the debt or of the money would be unknown."""
    rao = str(venue.value("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')", venue.store))
    venue.value("SELECT till.account_set_v1(%s, 9, %s, 200, false)", venue.store, rao)
    venue.owner.execute(
        """INSERT INTO till.value_movements (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)
        VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, %s, 'spent', 1, now())""",
        [venue.store, rao, moved],
    )
    with pytest.raises(psycopg.Error, match=expected):
        erase(venue, rao)
    assert venue.rows("SELECT name FROM customer_table") == [("Mrs Rao",)]
    pay_off = "SELECT till.account_pay_off_v1(%s, 9, %s, %s, 'CASH')"
    with pytest.raises(psycopg.Error, match="more than"):
        venue.value(pay_off, venue.store, rao, 81)
    assert venue.value(pay_off, venue.store, rao, moved.strip("-")) == 0
    assert erase(venue, rao) == 0


def test_a_customer_of_another_venue_is_nobody_here(venue: Venue) -> None:
    rao, other = known(venue), new_id()
    settings = venue.value("SELECT body FROM till.settings WHERE store_id = %s AND name = 'settings'", venue.store)
    venue.owner.execute("SELECT till.store_create_v1(%s, %s)", [other, Jsonb(settings)])
    with pytest.raises(psycopg.Error, match="There is no customer"):
        venue.value("SELECT till.customer_erase_v1(%s, NULL, %s)", other, rao)
    assert venue.value("SELECT till.customer_add_v1(%s, NULL, 'Mrs Rao', '+91 98450 12345')", other) is not None
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 1, NULL, repeat('0', 64))", [other])
    assert len(found(venue.till(), "rao")) == 1


def test_one_whose_orders_ended_long_ago_is_forgotten_in_the_archive_too(venue: Venue) -> None:
    till, rao = venue.till(), known(venue)
    cart = begin(till)
    attach(till, cart, rao)
    till.make("order_noted", cart.session, {}, texts={"note": "Mrs Rao, window"})
    order = till.place(cart, customer_id=rao, note="Mrs Rao, window")
    till.make("feedback_given", cart.session, {"order_id": order["order_id"], "score": 5}, texts={"words": "Mrs Rao"})
    till.push(cart.snapshot(0, status="completed"))
    leave(venue)
    assert archive(venue) == 1
    assert erase(venue, rao) == 1
    assert "Rao" not in everything(venue)
    assert venue.rows("SELECT score, words FROM feedback") == [(5, None)]
    assert verify(venue)["sound"] is True
    row = venue.read(read_customer, rao)
    assert row is not None
    assert row["orders"] == 1


def waits(looking: psycopg.Connection[Any], thread: threading.Thread) -> None:
    """Wait until a session waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while looking.execute(waiting).fetchone() == (0,):
        assert thread.is_alive()


def test_one_who_is_forgotten_at_that_moment_is_attached_to_nothing(venue: Venue, database: Database) -> None:
    till, rao = venue.till(), known(venue)
    cart = begin(till)
    till.push()
    attach(till, cart, rao)
    pushing = threading.Thread(target=till.push)
    with database.connect() as busy:
        with busy.transaction():
            busy.execute("SELECT till.customer_erase_v1(%s, 9, %s)", [venue.store, rao])
            pushing.start()
            waits(venue.owner, pushing)
        pushing.join()
    assert till.pending == []
    assert "Rao" not in everything(venue)
    assert verify(venue)["sound"] is True


def test_a_push_that_attaches_the_customer_meanwhile_is_waited_for_and_forgotten(
    venue: Venue, database: Database
) -> None:
    till, rao, erased = venue.till(), known(venue), list[int]()
    first, second = begin(till), begin(till)
    attach(till, first, rao)
    till.push()
    attach(till, second, rao)
    erasing = threading.Thread(target=lambda: erased.append(erase(venue, rao)))
    with database.connect() as busy, database.connect() as looking:
        till.connection = busy
        with busy.transaction():  # as a push has it that is about both
            busy.execute("SELECT warm.lock_session(%s)", [first.session])
            erasing.start()
            waits(looking, erasing)
            till.push()
        erasing.join()
    assert (till.pending, erased) == ([], [2])
    assert "Rao" not in everything(venue)
