"""The password of a program other than a till, stolen: the limits of its reads, writes and locks."""

from __future__ import annotations

import json
from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from db import migrate, roles
from db.engine import connect
from db.errors import DatabaseError
from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, new_id, off
from tests.sql.test_grants import GRANTED, RELATIONS
from tests.sql.test_passwords import STRETCHED, set_password

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]

#: Tables whose rows a program may read and change, in its own sessions.
ROWS = (
    "hot.session_cart", "hot.session_state", "hot.session_preferences", "warm.session_checkout",
    "warm.session_payment_intent",
)  # fmt: skip
#: Tables that it may only read: of its own sessions, and of its venue.
READ = (
    "warm.session_events", "warm.orders", "warm.order_item", "warm.order_status_history",
    "cold.order_payment", "cold.payment_order", "cold.payment_transaction", "cold.payment_audit_log",
)  # fmt: skip
OF_VENUE = (
    "cold.menu_categories", "cold.menu_item", "cold.menu_item_price", "cold.menu_item_availability_schedule",
    "cold.menu_modifier_group", "cold.menu_modifier", "cold.menu_item_modifier_group", "cold.order_type_table",
    "cold.order_source_type", "cold.payment_method_table",
)  # fmt: skip
#: No right; a view that takes no such thing, or no table at all.
REFUSED = (errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState, errors.WrongObjectType)
LONG = 1_000_000
NEW = [{"item_id": IDLY, "item": "Idly", "quantity": 1, "unit_price": "40.00"}]


@pytest.fixture
def thief(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, "thief") as program:
        yield program


@pytest.fixture
def honest(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    """A program with a customer of its own, `guest`."""
    with front_end(venue.owner, database.app, venue.store, "honest") as program:
        program.session.execute("INSERT INTO session_state (session_id, user_id) VALUES ('guest', 'me')")
        program.put("guest", IDLY, 2, 40)
        program.session.execute(
            "INSERT INTO session_preferences (session_id, name, value) VALUES ('guest', 'spice', 'hot')"
        )
        program.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('guest', 'take_away')")
        yield program


def written(venue: Venue) -> list[Any]:
    """Return all rows and events of a program."""
    tables = (*ROWS, "till.order_sessions", "till.program_sessions", "warm.journal_head", "cold.orders", "till.tabs")
    return [venue.rows(f"SELECT x::text FROM {table} AS x ORDER BY 1") for table in tables]  # noqa: S608 - constants of this file


def test_program_role_reaches_only_its_named_objects(venue: Venue, thief: FrontEnd) -> None:
    names = {row[0] for row in venue.rows(RELATIONS)}
    readable = {*READ, *OF_VENUE}
    assert names > {*ROWS, *readable}
    for name in sorted(names - set(ROWS)):
        for words in ("SELECT FROM {}", "DELETE FROM {}", "TRUNCATE {}", "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"):
            if name in readable and words.startswith("SELECT"):
                continue
            with pytest.raises(REFUSED), thief.session.transaction():
                thief.session.execute(words.format(name).encode())
    for name in READ:
        assert thief.rows(f"TABLE {name}") == []
    for name in OF_VENUE:
        assert sorted(thief.rows(f"TABLE {name}")) == sorted(venue.rows(f"TABLE {name}"))
    for name in ROWS:
        assert thief.rows(f"TABLE {name}") == []
        with pytest.raises(errors.InsufficientPrivilege):
            thief.session.execute(f"TRUNCATE {name}".encode())
    assert {row[0] for row in venue.rows(GRANTED, thief.role)} == {
        "schema_v1()", "is_own(text)", "sees_all()", "own_sessions()", "own_orders()", "own_store()",
        "steps_so_far(text)", "log_event(text,text,jsonb)", "get_session_cart(text)", "get_cart_total(text)",
        "create_order_from_session(text,text,text,uuid)", "order_session_active_v1(uuid,integer,integer)",
        "order_session_by_id_v1(uuid,integer,text)", "order_session_save_v1(uuid,integer,text,jsonb,text)",
        "order_session_update_v1(uuid,integer,text,bigint,jsonb)",
        "order_session_complete_v1(uuid,integer,text,jsonb,text)",
        "order_session_assign_to_tab_v1(uuid,integer,text,uuid,text,integer,integer)",
        "order_session_discard_v1(uuid,integer,text,text)",
    }  # fmt: skip


WRITES = (
    "INSERT INTO session_cart (session_id, item_id, price) VALUES (%s, 'x', 1)",
    f"INSERT INTO session_cart (session_id, item_id, price) VALUES (%s, '{IDLY}', 1) ON CONFLICT DO NOTHING",  # noqa: S608
    f"""INSERT INTO session_cart (session_id, item_id, price) VALUES (%s, '{IDLY}', 1)
        ON CONFLICT (session_id, item_id) DO UPDATE SET quantity = 99""",  # noqa: S608
    "INSERT INTO session_state (session_id) VALUES (%s) ON CONFLICT (session_id) DO UPDATE SET user_id = 'thief'",
    "INSERT INTO session_preferences (session_id, name, value) VALUES (%s, 'note', 'thief')",
    "INSERT INTO session_checkout (session_id, order_type) VALUES (%s, 'dine_in')",
    "INSERT INTO session_checkout (session_id, special_instructions) VALUES (%s, 'thief')",
    "INSERT INTO session_events (session_id, event_type, event_data) VALUES (%s, 'menu_viewed', '{}')",
    "SELECT log_event(%s, 'menu_viewed', '{}')",
    "SELECT create_order_from_session(%s, 'take_away', 'cash')",
)

OPERATIONS: tuple[tuple[Any, ...], ...] = (
    ("by_id",),
    ("save", NEW),
    ("update", 1, {}),
    ("complete",),
    ("assign_to_tab", None, "Mine"),
    ("discard", "x"),
)


def test_the_session_of_another_is_as_if_it_were_not_there(venue: Venue, thief: FrontEnd, honest: FrontEnd) -> None:
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    venue.owner.execute("INSERT INTO session_cart (session_id, item_id, price) VALUES ('owners', 'x', 1)")
    before = written(venue)
    assert len(honest.rows("SELECT FROM session_cart")) == 1
    for session in ("guest", cart.session, "owners"):
        for table in ROWS:
            assert thief.rows(f"SELECT FROM {table} WHERE session_id = %s", session) == []
        assert thief.rows("SELECT * FROM get_session_cart(%s)", session) == []
        assert thief.value("SELECT get_cart_total(%s)", session) == 0
        for words in WRITES:
            with pytest.raises(psycopg.Error) as refused:
                thief.session.execute(words, [session])
            assert refused.value.sqlstate == "TL003", words
        for operation, *more in OPERATIONS:
            with pytest.raises(psycopg.Error) as refused:
                thief.call(operation, session, *more)
            assert refused.value.sqlstate == "TL003", operation
    for words in (
        "DELETE FROM session_cart",
        "DELETE FROM session_preferences",
        "UPDATE session_cart SET quantity = 99",
        "UPDATE session_state SET user_id = 'thief'",
        "UPDATE session_checkout SET order_type = 'dine_in'",
    ):
        assert thief.session.execute(words).rowcount == 0
    assert written(venue) == before


def test_a_session_that_tills_would_take_for_anothers_is_none(thief: FrontEnd, honest: FrontEnd) -> None:
    stream = honest.value("SELECT md5('guest')::uuid::text")
    with pytest.raises(psycopg.Error, match="is a UUID of version 7"):
        thief.put(stream, IDLY)


def test_a_filter_that_fails_shows_nothing_of_what_is_hidden(thief: FrontEnd, honest: FrontEnd) -> None:
    assert honest.value("SELECT count(*) FROM session_cart") == 1
    for filtering in ("1 / (quantity - 2) > 0", "item_name::integer > 0", "user_seen(item_name)"):
        words = f"SELECT FROM session_cart WHERE {filtering}"
        if "user_seen" in filtering:
            with pytest.raises(errors.UndefinedFunction):
                thief.rows(words)
        else:
            assert thief.rows(words) == []
    with pytest.raises(errors.InsufficientPrivilege):
        thief.session.execute("SET row_security = off; TABLE session_cart")


def test_program_role_cannot_become_another_role(thief: FrontEnd, honest: FrontEnd, subtests: pytest.Subtests) -> None:
    for role in ("till_owner", "till_app", "till_admin", "till_report", "postgres", honest.role):
        for words in ("SET ROLE {}", "SET SESSION AUTHORIZATION {}"):
            with subtests.test(words, role=role), pytest.raises(errors.InsufficientPrivilege):
                thief.session.execute(words.format(f'"{role}"').encode())


def test_as_the_group_of_all_programs_it_is_still_itself(thief: FrontEnd, honest: FrontEnd) -> None:
    thief.put("mine", IDLY)
    thief.session.execute("SET ROLE till_program")
    assert thief.rows("SELECT session_id FROM session_cart") == [("mine",)]
    thief.put("mine", IDLY)
    with pytest.raises(psycopg.Error, match="does not belong to this program"):
        thief.put("guest", IDLY)
    assert honest.value("SELECT get_cart_total('guest')") == 80


def test_program_role_creates_nothing_on_a_search_path(venue: Venue, thief: FrontEnd) -> None:
    for words in (
        "CREATE TEMP TABLE order_sessions (id text)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT clock_timestamp()'",
        "CREATE TABLE public.programs (role text)",
        "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "CREATE FUNCTION hot.line_total(text, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0'",
        "ALTER TABLE hot.session_cart DISABLE TRIGGER ALL",
        "ALTER TABLE hot.session_cart DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_rows ON hot.session_cart",
        "CREATE TRIGGER mine BEFORE INSERT ON hot.session_cart FOR EACH ROW EXECUTE FUNCTION hot.cart_changed()",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            thief.session.execute(words.encode())
    thief.session.execute("SET search_path TO pg_temp, public, till, warm, hot, cold")
    thief.put("mine", IDLY, 2)
    thief.session.execute("SET search_path TO ''")
    thief.session.execute("UPDATE hot.session_cart SET quantity = 3")
    assert thief.value("SELECT hot.get_cart_total('mine')") == 120
    assert venue.types("session_id = 'mine'") == ["order_opened", "item_added", "item_added"]


SQL = "'; DROP TABLE till.users; --\" $$ %s {} \\"


def test_sql_in_a_name_is_a_name(venue: Venue, thief: FrontEnd) -> None:
    thief.put(SQL, IDLY, 1, 5, SQL)
    thief.session.execute("INSERT INTO session_preferences (session_id, name, value) VALUES (%s, %s, %s)", [SQL] * 3)
    thief.session.execute("INSERT INTO session_state (session_id, user_id) VALUES (%s, %s)", [SQL, SQL])
    thief.log(SQL, "menu_viewed", query=SQL, result_count=0, meal_period=SQL)
    thief.order(SQL)
    for words in ("SELECT log_event(%s, 'item_added', %s)",):
        with pytest.raises(psycopg.Error, match="There is no item"):
            thief.session.execute(words.encode(), [SQL, Jsonb({"item": SQL, "qty": 1})])
    assert venue.rows("SELECT session_id, total_amount FROM orders") == [(SQL, Decimal(40))]
    assert venue.value("SELECT count(*) FROM users") == 4


def test_claims_of_a_program_about_itself_are_not_believed(venue: Venue, thief: FrontEnd, honest: FrontEnd) -> None:
    for setting in ("till.token", "till.program", "till.actor", "role.name"):
        thief.session.execute("SELECT set_config(%s, %s, false)", [setting, honest.name])
    thief.session.execute("SET application_name = 'till_owner'")
    with pytest.raises(psycopg.Error, match="not for staff"):
        thief.call("save", None, NEW, actor=9)
    with pytest.raises(psycopg.Error, match="belongs to another venue"):
        thief.call("save", None, NEW, store=new_id())
    with pytest.raises(psycopg.Error, match="Only a manager can see the orders of another person"):
        thief.call("active", 1)
    with pytest.raises(errors.InsufficientPrivilege):
        thief.session.execute(
            "INSERT INTO session_cart (session_id, item_id, store_id) VALUES ('m', 'x', %s)", [new_id()]
        )
    made = thief.call("save", None, NEW)
    assert venue.value("SELECT program FROM till.program_sessions WHERE session_id = %s", made["session"]) == thief.name
    tab = new_id()
    other = honest.call("save", new_id(), NEW)
    honest.call("assign_to_tab", other["session"], tab, "Window")
    with pytest.raises(psycopg.Error, match="The tab does not belong to this program"):
        thief.call("assign_to_tab", made["session"], tab, "Mine")


def test_a_role_that_is_neither_owner_nor_program_proves_who_acts(venue: Venue, database: Database) -> None:
    role = f"clerk_{venue.owner.info.dbname}"
    with venue.owner.transaction():  # a check of another worker sees it with its password
        venue.owner.execute(f'CREATE ROLE "{role}" LOGIN IN ROLE till_admin'.encode())
        roles.set_password(venue.owner, role, "clerk")
    way = type(database.app)(database.app.host, database.app.port, database.app.dbname, role, "clerk")
    set_password(venue)
    save = "SELECT till.order_session_save_v1(%s, %s, %s, %s)"
    proves = "SELECT till.act_as_v1(%s, 9, %s)"
    try:
        with connect(way) as clerk:

            def refused(actor: int | None) -> None:
                with pytest.raises(psycopg.Error, match="Log in first"):
                    clerk.execute(save, [venue.store, actor, None, Jsonb(NEW)])

            refused(9)
            refused(None)
            with pytest.raises(psycopg.Error, match="Log in first"):
                clerk.execute("SELECT cold.create_order_from_session('s', 'take_away', 'cash')")
            clerk.execute("SELECT set_config('till.token', 'forged', false)")
            refused(9)
            wrong = clerk.execute(proves, [venue.store, "cd" * 32]).fetchone()
            assert wrong == ({"verdict": "wrong_password", "locked_until": None},)
            refused(9)
            right = clerk.execute(proves, [venue.store, STRETCHED]).fetchone()
            assert right == ({"verdict": None, "locked_until": None},)
            clerk.execute(save, [venue.store, 9, None, Jsonb(NEW)])
            refused(1)
            clerk.execute("SELECT set_config('till.token', 'forged', false)")
            refused(9)
    finally:
        venue.owner.execute(f'DROP ROLE "{role}"'.encode())


def test_a_revoked_program_is_shut_out_at_the_next_statement_whatever_is_open(venue: Venue, thief: FrontEnd) -> None:
    """This holds even where the server's role could not be changed."""
    thief.put("mine", IDLY, 2)
    venue.value("SELECT till.program_revoke_v1(%s, 9, %s)", venue.store, thief.name)
    for table in ROWS:
        assert thief.rows(f"TABLE {table}") == []
    assert thief.value("SELECT get_cart_total('mine')") == 0
    for words in WRITES:
        with pytest.raises(psycopg.Error) as refused:
            thief.session.execute(words, ["mine"])
        assert refused.value.sqlstate in {"TL003", "42501"}, words
    with pytest.raises(psycopg.Error, match="revoked"):
        thief.call("by_id", "mine")
    assert venue.value("SELECT get_cart_total('mine')") == 80


def test_a_megabyte_is_refused_in_any_field(venue: Venue, thief: FrontEnd) -> None:
    thief.put("mine", IDLY)
    before = written(venue)
    big = "x" * LONG
    for words, values in (
        ("SELECT log_event('mine', 'menu_viewed', %s)", [json.dumps({"query": big})]),
        ("SELECT log_event('mine', 'item_added', %s)", [json.dumps({"item_id": big, "quantity": 1, "price": 1})]),
        ("SELECT log_event('mine', %s, '{}')", [big]),
        ("SELECT log_event(%s, 'menu_viewed', '{}')", [big]),
        ("INSERT INTO session_cart (session_id, item_id, price) VALUES ('mine', %s, 1)", [big]),
        ("INSERT INTO session_cart (session_id, item_id, item_name, price) VALUES ('mine', 'x', %s, 1)", [big]),
        ("INSERT INTO session_cart (session_id, item_id, price) VALUES (%s, 'x', 1)", [big]),
        ("INSERT INTO session_state (session_id, last_shown_menu) VALUES ('mine', %s)", [json.dumps([big])]),
        ("INSERT INTO session_state (session_id, current_step) VALUES ('mine', %s)", [big]),
        ("INSERT INTO session_preferences (session_id, name, value) VALUES ('mine', 'spice', %s)", [big]),
        ("INSERT INTO session_preferences (session_id, name, value) VALUES ('mine', %s, 'hot')", [big]),
        ("INSERT INTO session_checkout (session_id, order_type) VALUES ('mine', %s)", [big]),
        ("INSERT INTO session_checkout (session_id, payment_method) VALUES ('mine', %s)", [big]),
        ("INSERT INTO session_checkout (session_id, special_instructions) VALUES ('mine', %s)", [big]),
        (
            "INSERT INTO session_events (session_id, event_type, event_data) VALUES ('mine', 'menu_viewed', %s)",
            [json.dumps({"query": big})],
        ),
    ):
        with pytest.raises(psycopg.Error) as refused:
            thief.session.execute(words.encode(), values)
        assert refused.value.sqlstate == "TL006", (words, str(refused.value)[:200])
        assert len(str(refused.value)) < 2000
    assert written(venue) == before


def test_a_till_does_nothing_in_the_name_of_a_program(venue: Venue, honest: FrontEnd) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    login = venue.value("SELECT till.login_of(p)::text FROM till.programs AS p WHERE p.role = %s", honest.role)
    taken = off(IDLY, 1) | {"sent": True}
    till.make_badly("line_voided", cart.session, {"line_id": line, "removed": taken}, user=None, login_session=login)
    assert till.push()["records"] == 0
    honest.session.execute("DELETE FROM session_cart")
    named = "SELECT till_id, login_session::text FROM session_events WHERE event_type = 'line_voided' ORDER BY till_id"
    assert venue.rows(named) == [(0, login), (1, login)]
    acts = venue.ask("acts_v1", {"types": ["line_voided"], "limit": 9})
    assert {act["till"]: act["name"] for act in acts} == {0: honest.name, 1: None}
    assert venue.rows("SELECT name FROM cold.void_acts ORDER BY name") == [("",), (honest.name,)]


def test_a_row_that_is_none_is_refused(venue: Venue, thief: FrontEnd, subtests: pytest.Subtests) -> None:
    for item, quantity in ((IDLY, -1), (IDLY, 10_000), ("", 1), ("x", 1)):
        with subtests.test(item=item, quantity=quantity):
            with pytest.raises(psycopg.Error) as refused:
                thief.put("mine", item, quantity)
            assert refused.value.sqlstate == "TL006"
            assert venue.value("SELECT count(*) FROM order_sessions") == 0


def test_an_event_that_is_none_is_refused(thief: FrontEnd, subtests: pytest.Subtests) -> None:
    rows: tuple[Any, ...] = (
        [], 1, None, {"item_id": IDLY}, {"item_id": IDLY, "quantity": 0}, {"item_id": IDLY, "quantity": "1; 2"},
        {"item_id": "nothing", "quantity": 1}, {"quantity": 1, "price": 1}, {"item": "Nothing", "qty": 1},
    )  # fmt: skip
    for data in rows:
        with subtests.test(data=data):
            with pytest.raises(psycopg.Error) as refused:
                thief.session.execute("SELECT log_event('mine', 'item_added', %s)", [Jsonb(data)])
            assert refused.value.sqlstate == "TL006"


def test_an_event_that_is_not_its_to_write_is_refused(thief: FrontEnd, subtests: pytest.Subtests) -> None:
    for kind in ("order_placed", "order_opened", "payment_approved", "till_revoked", "", "x"):
        with subtests.test(kind), pytest.raises(psycopg.Error, match="log_event does not take"):
            thief.log("mine", kind)


def test_locks_that_it_keeps_on_its_own_hold_up_no_till(venue: Venue, thief: FrontEnd) -> None:
    till, cart = venue.keyed()
    with thief.session.transaction():
        thief.put("mine", IDLY)
        thief.rows("SELECT FROM session_cart FOR UPDATE")
        for lock in ("pg_advisory_lock(1)", "pg_try_advisory_xact_lock_shared(1, 1)"):
            with pytest.raises(errors.InsufficientPrivilege), thief.session.transaction():
                thief.session.execute(f"SELECT {lock}".encode())
        till.add(cart, IDLY)
        venue.app.execute("SET statement_timeout = '2s'")
        assert till.shown(cart)["ok"]
        till.place(cart)
        assert till.push()["ok"]
        with pytest.raises(errors.InsufficientPrivilege), thief.session.transaction():
            thief.session.execute("LOCK TABLE warm.session_checkout IN SHARE MODE")
        with pytest.raises(errors.InsufficientPrivilege), thief.session.transaction():
            thief.session.execute("LOCK TABLE hot.session_state IN SHARE MODE")


@pytest.mark.parametrize("lock", ["LOCK TABLE hot.session_cart IN ACCESS EXCLUSIVE MODE", "the chain"])
def test_a_lock_that_holds_up_a_till_is_gone_when_that_asks_again(venue: Venue, thief: FrontEnd, lock: str) -> None:
    """A till whose push waited for a lock in vain reconnects, even if the client lifted its own limits."""
    till, cart = venue.keyed(IDLY)
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        thief.session.execute(f"SET {setting} = 0".encode())
    thief.session.execute("BEGIN")
    waiting = "SELECT till.user_rename_v1(%s, 9, 1, 'Asha')"
    if lock == "the chain":
        thief.put("mine", IDLY)
        venue.owner.execute("SET statement_timeout = '3200ms'")
        with pytest.raises(errors.QueryCanceled):
            venue.value(waiting, venue.store)
    else:
        thief.session.execute(lock.encode())
        with pytest.raises(errors.LockNotAvailable):
            till.shown(cart)
    assert till.read("till.hello_v1", journal=till.journal)["head"] is not None
    assert till.shown(cart)["ok"]
    if lock == "the chain":
        venue.value(waiting, venue.store)
    with pytest.raises(psycopg.OperationalError):
        thief.session.execute("SELECT 1")


def test_program_role_cannot_take_every_connection(venue: Venue, thief: FrontEnd) -> None:
    with ExitStack() as stack:
        for _more in range(4):
            stack.enter_context(connect(thief.way))
        with pytest.raises(DatabaseError):
            stack.enter_context(connect(thief.way))
    left = (
        """SELECT current_setting('max_connections')::integer - rolconnlimit FROM pg_roles WHERE rolname = 'till_app'"""
    )
    assert venue.value(left) > 3 * 5, "three programs leave the owner room"


def test_a_database_that_lost_its_row_security_says_so_and_has_it_again(venue: Venue, database: Database) -> None:
    venue.owner.execute("ALTER TABLE hot.session_cart DISABLE ROW LEVEL SECURITY")
    assert any("The rights in the database" in fault.sentence for fault in migrate.check(database.owner))
    migrate.upgrade(database.owner)
    assert migrate.check(database.owner) == ()
    assert venue.value("SELECT relrowsecurity FROM pg_class WHERE oid = 'hot.session_cart'::regclass")
