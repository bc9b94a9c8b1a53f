"""Tables and bookings: made, called off, missed, seated, and forgotten."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.plugins.secrets import leaked
from tests.sql.ringing import IDLY, Cart, heard, new_id
from tests.sql.test_customers import everything, known
from tests.sql.test_verify import verify
from till.reports.bookings import read_bookings, read_tables

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

ADD = "SELECT till.booking_add_v1(%s, 9, now() + %s::interval, %s, %s, %s, %s, %s)::text"
STATUS = "SELECT status, session_id FROM table_booking_info"


@pytest.fixture
def tables(venue: Venue) -> Venue:
    """A venue with a table of four and one of two."""
    for number, seats, area in ((7, 4, "garden"), (8, 2, "")):
        venue.value("SELECT till.table_set_v1(%s, 9, %s, %s, %s)", venue.store, number, seats, area)
    return venue


def book(venue: Venue, when: str | None = "1 minute", name: str | None = "Mrs Rao", phone: str | None = "98450 12345",
         *, minutes: int | None = 60, covers: int | None = 4, table: int | None = 7) -> str:  # fmt: skip
    return str(venue.value(ADD, venue.store, when, minutes, covers, table, name, phone))


def act(venue: Venue, what: str, booking: str, actor: int | None = 9) -> None:
    venue.value(f"SELECT till.booking_{what}_v1(%s, %s, %s)", venue.store, actor, booking)


def seat(till: Till, booking: str) -> Cart:
    cart = till.keyed()
    till.make("booking_seated", cart.session, {"booking_id": booking})
    till.save(cart, new_id(), "table 7", table_number=7, covers=4)
    return cart


def listed(till: Till) -> list[Any]:
    answer = till.read("till.bookings_v1")
    assert answer["ok"], answer
    return list(answer["bookings"])


def test_tables_are_named_changed_and_taken_away(tables: Venue) -> None:
    assert tables.read(read_tables) == [
        {"table": 7, "seats": 4, "area": "garden"}, {"table": 8, "seats": 2, "area": ""},
    ]  # fmt: skip
    version = tables.value("SELECT version FROM settings WHERE name = 'settings'")
    tables.value("SELECT till.table_set_v1(%s, 9, 7, 6, NULL)", tables.store)
    body = tables.value("SELECT till.reference(%s, '{\"settings\": 0}')->'settings'->'body'->'tables'", tables.store)
    assert body == [{"table": 7, "seats": 6, "area": ""}, {"table": 8, "seats": 2, "area": ""}]
    assert tables.value("SELECT version FROM settings WHERE name = 'settings'") == version + 1, "tills hear of it"
    tables.value("SELECT till.table_set_v1(%s, 9, 8, 0, '')", tables.store)
    assert tables.read(read_tables) == [{"table": 7, "seats": 6, "area": ""}]
    for wrong in ("-1, 4, ''", "10000, 4, ''", "NULL, 4, ''", "7, -1, ''", "7, NULL, ''", "7, 4, E'a\\nb'"):
        with pytest.raises(psycopg.Error, match=r"(A table|An area) has"):
            tables.value(f"SELECT till.table_set_v1(%s, 9, {wrong})", tables.store)


def test_a_till_lists_today_and_no_other_day(tables: Venue) -> None:
    till, today = tables.till(), book(tables, "0 minutes")
    book(tables, "3 days", table=8, covers=2)
    cancelled = book(tables, "0 minutes", "Mr Iyer", "", table=None)
    act(tables, "cancel", cancelled)
    (row,) = listed(till)
    assert (row["booking"], row["name"], row["phone"], row["covers"], row["table"], row["status"]) == (
        today, "Mrs Rao", "9845012345", 4, 7, "booked",
    )  # fmt: skip
    assert [one["status"] for one in tables.read(read_bookings)] == ["booked", "cancelled", "booked"]
    till.secret = "wrong"
    assert till.read("till.bookings_v1")["code"] == "wrong_secret"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": " ", "phone": None}, "a name, a phone number"),
        ({"phone": "call me"}, "is not a phone number"),
        ({"name": "Ra\no"}, "no line break"),
        ({"covers": 0}, "1 to 999 guests"),
        ({"covers": None}, "1 to 999 guests"),
        ({"covers": 5}, "Table 7 seats 4, and 5 are coming"),
        ({"table": 9}, "There is no table 9"),
        ({"minutes": 0}, "1 to 1440 minutes"),
        ({"minutes": None}, "1 to 1440 minutes"),
        ({"when": "-2 hours"}, "a time to come"),
        ({"when": "3 years"}, "within two years"),
        ({"when": "infinity"}, "within two years|out of range"),
        ({"when": None}, "a time to come"),
    ],
)
def test_an_invalid_booking_is_refused(tables: Venue, wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(psycopg.Error, match=expected):
        book(tables, **wrong)
    assert tables.rows(STATUS) == []
    assert tables.value("SELECT count(*) FROM warm.session_events WHERE event_type = 'booking_made'") == 0


def test_a_table_is_booked_once_at_a_time(tables: Venue) -> None:
    first = book(tables)
    with pytest.raises(psycopg.Error, match="Table 7 is already booked at that time: Mrs Rao"):
        book(tables, "60 minutes", "Mr Iyer", "")
    book(tables, "65 minutes", "Mr Iyer", "")
    book(tables, table=8, covers=2)
    book(tables, table=None)
    act(tables, "cancel", first)
    book(tables)
    for what in ("cancel", "no_show"):
        with pytest.raises(psycopg.Error, match="already cancelled"):
            act(tables, what, first)
        with pytest.raises(psycopg.Error, match="There is no booking"):
            act(tables, what, new_id())


def test_a_guest_who_came_is_seated_at_a_tab(tables: Venue) -> None:
    till, booking = tables.till(), book(tables)
    cart = seat(till, booking)
    assert till.push(cart.snapshot(0, status="assigned_to_tab"))["quarantined"] == []
    assert tables.rows(STATUS) == [("seated", cart.session)]
    assert tables.rows("SELECT name, table_number, covers FROM till.tabs") == [("table 7", "7", 4)]
    assert tables.value("SELECT refold FROM till.order_sessions") is False
    (tab,) = till.read("till.open_tabs_v1")["tabs"]
    assert tab["bill_out"] is False
    assert (tab["session"], tab["lines"], tab["covers"]) == (cart.session, 0, 4)
    with pytest.raises(psycopg.Error, match="is already seated"):
        act(tables, "no_show", booking)
    till.make("booking_missed", None, {"booking_id": booking})
    till.push()
    assert tables.rows(STATUS) == [("seated", cart.session)]


def test_first_seating_of_a_booking_counts(tables: Venue) -> None:
    one, two, booking = tables.till(), tables.till(2), book(tables)
    first, second = seat(one, booking), seat(two, booking)
    two.push()
    assert tables.rows(STATUS) == [("seated", second.session)]
    one.push()
    assert tables.rows(STATUS) == [("seated", first.session)]


def test_a_no_show_of_a_till_or_of_administration_and_who_came_after_all(tables: Venue) -> None:
    till, one, two = tables.till(), book(tables), book(tables, "2 hours", "Mr Iyer", "")
    till.make("booking_missed", None, {"booking_id": one})
    till.make("booking_missed", None, {"booking_id": new_id()})
    assert till.push()["ok"]
    act(tables, "no_show", two)
    assert tables.rows("SELECT DISTINCT status FROM table_booking_info") == [("no_show",)]
    cart = seat(till, one)
    till.push()
    assert tables.rows(STATUS + " WHERE booking_id = %s", one) == [("seated", cart.session)]


def test_tills_are_notified_of_each_change_of_a_booking(tables: Venue) -> None:
    till = tables.till()
    tables.app.execute("LISTEN till_store")

    def hears() -> set[str]:
        return {one.removeprefix(f"{tables.store} ") for one in heard(tables.app)}

    one, two, three = book(tables), book(tables, "2 hours", "Mr Iyer", ""), book(tables, "4 hours", "Mrs Bose", "")
    assert hears() == {"sessions"}
    for what, booking in (("cancel", one), ("no_show", two), ("erase", one)):
        act(tables, what, booking)
        assert hears() == {"sessions"}, what
    till.make("booking_missed", None, {"booking_id": three})
    till.push()
    assert hears() == {"sessions"}


def test_a_till_that_never_took_the_order_seats_nobody_there(tables: Venue) -> None:
    till, other, booking = tables.till(), tables.till(2), book(tables)
    cart = till.keyed(IDLY)
    till.push()
    other.make("booking_seated", cart.session, {"booking_id": booking})
    other.push()
    assert tables.rows(STATUS) == [("booked", None)]


@pytest.mark.parametrize("by", ["booking", "customer"])
def test_a_guest_who_booked_is_forgotten(tables: Venue, by: str) -> None:
    rao = known(tables, "Mrs Rao", "98450 12345")
    till, booking = tables.till(), book(tables)
    assert tables.rows("SELECT customer_id::text FROM table_booking_info") == [(rao,)]
    cart = seat(till, booking)
    till.make("customer_attached", cart.session, {"customer_id": rao}, texts={"who": "Mrs Rao"})
    till.push()
    with pytest.raises(psycopg.Error, match="Only a manager"):
        act(tables, "erase", booking, 1)
    if by == "booking":
        act(tables, "erase", booking)
        tables.owner.execute("DELETE FROM warm.event_texts WHERE event_id = (SELECT event_id FROM customer_table)")
        tables.owner.execute("UPDATE customer_table SET name = '', phone = ''")
    else:
        tables.value("SELECT till.customer_erase_v1(%s, 9, %s)", tables.store, rao)
    left = everything(tables)
    assert leaked(("Rao", "98450"), left) == []
    assert tables.rows(STATUS) == [("seated", cart.session)]
    assert verify(tables)["sound"] is True
    with pytest.raises(psycopg.Error, match="There is no booking"):
        act(tables, "erase", new_id())


def test_a_guest_who_booked_before_being_known_is_forgotten_at_their_table(tables: Venue) -> None:
    till, booking = tables.till(), book(tables)
    rao = known(tables, "Mrs Rao", "98450 12345")
    cart = till.keyed()
    till.make("customer_attached", cart.session, {}, texts={"who": "Mrs Rao"})
    till.make("booking_seated", cart.session, {"booking_id": booking})
    till.save(cart, new_id(), "Mrs Rao", covers=4)
    till.push()
    assert tables.value("SELECT till.customer_erase_v1(%s, 9, %s)", tables.store, rao) == 1
    left = everything(tables)
    assert leaked(("Rao", "98450"), left) == []
    assert verify(tables)["sound"] is True


def test_concurrent_bookings_of_a_table_give_it_to_one(tables: Venue, database: Database) -> None:
    refused: list[str] = []

    def second() -> None:
        with database.connect() as other:
            try:
                other.execute(ADD, [tables.store, "1 minute", 60, 4, 7, "Mr Iyer", ""])
            except psycopg.Error as problem:
                refused.append(str(problem.diag.message_primary))

    with tables.owner.transaction():
        book(tables)
        racer = threading.Thread(target=second)
        racer.start()
    racer.join(30)
    assert refused == ["Table 7 is already booked at that time: Mrs Rao."]
    assert tables.value("SELECT count(*) FROM table_booking_info") == 1
