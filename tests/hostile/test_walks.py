"""Rights of every role, read from the catalogue itself, so that a new object forgotten here fails.

Every table by role, every function by credential, every event on another till's order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from psycopg import errors

from tests.domain.events.shapes import BY_SERVER, GOOD, TAKINGS
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, Venue, make_venue, new_id
from tests.sql.test_conflicts import find
from tests.sql.test_passwords import STRETCHED, set_password, token
from till.domain.events.registry import name_of
from till.domain.order.evolve import fold
from till.domain.streams import REGISTRY, unseal
from till.reports.declared import REPORTS

__all__ = ["template", "venue"]

SCHEMAS = "'{till,hot,warm,cold,session,simulator}'::regnamespace[]"
NAMED = f"""
    SELECT format('%%I.%%I', relnamespace::regnamespace, relname) FROM pg_class
    WHERE relnamespace = ANY ({SCHEMAS}) AND relkind = ANY (%s)
"""  # noqa: S608 - words of ours
FUNCTIONS = Path(__file__).parents[2] / "docs" / "protocol-functions.md"

# Each right on what holds rows, of a table or of its columns, of everybody but the owner.
HELD = f"""
    SELECT n.who, format('%%I.%%I', c.relnamespace::regnamespace, c.relname), n.right
    FROM pg_class AS c CROSS JOIN LATERAL (
        SELECT coalesce(r.rolname, 'PUBLIC') AS who, a.privilege_type AS right
        FROM aclexplode(coalesce(
            c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee WHERE a.grantee <> c.relowner
        UNION
        SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type || ' of columns' FROM pg_attribute AS t
        CROSS JOIN aclexplode(t.attacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE t.attrelid = c.oid AND a.grantee <> c.relowner
    ) AS n
    WHERE c.relnamespace = ANY ({SCHEMAS})
"""  # noqa: S608 - words of ours

# Each function, with who may call it.
CALLED = f"""
    SELECT coalesce(r.rolname, 'PUBLIC'), p.pronamespace::regnamespace::text || '.' || p.proname
    FROM pg_proc AS p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    LEFT JOIN pg_roles AS r ON r.oid = a.grantee
    WHERE p.pronamespace = ANY ({SCHEMAS}) AND a.grantee <> p.proowner
"""  # noqa: S608 - words of ours

_SECTIONS = [section for report in REPORTS for section in report.sections]
#: Views that people read: of reports, of the acts behind their rows, and the ends of logins without their tokens.
SEEN = {f"cold.{section.view}" for section in _SECTIONS} | {
    f"cold.{section.orders}" for section in _SECTIONS
    if section.orders and section.orders not in {one.of or one.name for one in section.keys}
} | {
    "cold.payment_order", "cold.payment_transaction", "cold.payment_audit_log", "session.sessions_now",
    "cold.stock_by_day", "cold.stock_by_minute",
}  # fmt: skip
#: The rights of a program on the rows of its own guests (the rest is row security).
OF_PROGRAMS = {
    "hot.session_cart": {"SELECT", "DELETE"},
    "hot.session_state": {"SELECT"},
    "hot.session_preferences": {"SELECT", "DELETE"},
    "warm.session_checkout": {"SELECT"},
    "warm.session_payment_intent": {"SELECT"},
}
#: Tables that a program may read: the menu and the words of its venue, and the rows of its own sessions (row security).
READ_BY_PROGRAMS = {
    "cold.menu_categories", "cold.menu_item", "cold.menu_item_price", "cold.menu_item_availability_schedule",
    "cold.menu_modifier_group", "cold.menu_modifier", "cold.menu_item_modifier_group", "cold.order_type_table",
    "cold.order_source_type", "cold.payment_method_table", "warm.session_events", "warm.orders", "warm.order_item",
    "warm.order_status_history", "cold.order_payment", "cold.payment_order", "cold.payment_transaction",
    "cold.payment_audit_log",
}  # fmt: skip
#: Functions for a till's secret, and those that need a manager's token too.
BY_SECRET = {
    "warm.sync_push_v1", "till.hello_v1", "till.user_sessions_v1", "till.open_tabs_v1", "till.session_events_v1",
    "till.grant_order_v1", "till.open_orders_v1", "till.cleared_orders_v1", "till.conflicts_v1", "till.maintenance_v1",
    "till.password_salt_v1", "till.password_login_v1", "till.customers_v1", "till.bookings_v1",
    "warm.past_sales_v1", "warm.refund_state_v1", "till.voucher_v1", "till.account_v1", "warm.payment_answer_v1",
    "till.training_v1", "till.training_scores_v1", "till.tell_v1", "till.kitchen_board_v1",
    "till.claim_invoice_v1", "till.fiscal_backlog_v1", "till.fiscal_answers_v1", "till.shelf_v1", "till.stocktake_v1",
}  # fmt: skip
BY_TOKEN = "till.manage_v1"
#: The function for a machine without a secret: the code of an enrolment opens it (tests/sql/test_enrolments.py).
BY_CODE = "till.enrol_v1"
#: The functions that take nothing: what everybody calls first, and a pooler's new connection (tests/sql/test_plans.py).
OPEN = {"till.schema_v1", "warm.plan_pushes_v1"}


def everything(venue: Venue) -> dict[str, Any]:
    """Return all rows of all tables, except when tills were heard, and wrong passwords."""
    tables = [name for (name,) in venue.rows(NAMED, ["r"]) if name != "till.password_failures"]
    rows = "SELECT jsonb_agg(to_jsonb(x) - 'seen_at' ORDER BY to_jsonb(x)::text COLLATE \"C\") FROM {} AS x"
    found = venue.rows(f"SELECT {', '.join(f'({rows.format(name)})' for name in tables)}")
    return dict(zip(tables, found[0], strict=True))


def test_every_table_is_nobodys_but_what_is_named_here(venue: Venue) -> None:
    held = {(who, name, right) for who, name, right in venue.rows(HELD) if not who.startswith("till_program_")}
    named = {(who, name, "SELECT") for who in ("till_report", "till_admin") for name in SEEN}
    for name, rights in OF_PROGRAMS.items():
        named |= {("till_program", name, right) for right in rights}
        named |= {("till_program", name, f"{right} of columns") for right in ("INSERT", "UPDATE")}
    named |= {("till_program", name, "SELECT") for name in READ_BY_PROGRAMS}
    # no policy lets a row in; the right is there for the trigger, whose refusal names `log_event`
    named.add(("till_program", "warm.session_events", "INSERT of columns"))
    assert held == named
    assert venue.rows("SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


@pytest.mark.parametrize("role", ["till_app", "till_admin", "till_report", "till_program", "till_gateway"])
def test_every_table_refuses_every_role(venue: Venue, role: str) -> None:
    """This tests the server's behaviour, and not its catalogue."""
    relations = venue.rows(NAMED, ["r", "v", "p"])
    assert len(relations) > 50
    venue.owner.execute(f"SET ROLE {role}".encode())
    try:
        for (name,) in relations:
            may = set(OF_PROGRAMS.get(name, ())) if role == "till_program" else set()
            if role == "till_program" and name in READ_BY_PROGRAMS:
                may = {"SELECT"}
            if role in {"till_report", "till_admin"} and name in SEEN:
                may = {"SELECT"}
            for right, words in (
                ("SELECT", "SELECT FROM {} LIMIT 0"),
                ("SELECT", "COPY {} TO STDOUT"),
                ("DELETE", "DELETE FROM {} WHERE false"),
                ("TRUNCATE", "TRUNCATE {}"),
                ("INSERT", "INSERT INTO {} DEFAULT VALUES"),
                ("ALTER", "ALTER TABLE {} OWNER TO CURRENT_USER"),
                ("DROP", "DROP TABLE {}"),
                ("TRIGGER", "CREATE TRIGGER x BEFORE INSERT ON {} EXECUTE FUNCTION till.schema_v1()"),
            ):
                if right in may and not words.startswith("COPY"):
                    venue.owner.execute(words.format(name).encode())
                elif right not in may:
                    with pytest.raises(
                        (errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState, errors.WrongObjectType)
                    ):
                        venue.owner.execute(words.format(name).encode())
    finally:
        venue.owner.execute("RESET ROLE")


def test_no_role_creates_objects_in_our_schemas(venue: Venue) -> None:
    rights = venue.rows(
        """SELECT n.nspname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type FROM pg_namespace AS n
        CROSS JOIN aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE n.nspname IN ('till', 'hot', 'warm', 'cold', 'session', 'simulator', 'shape', 'public')
            AND a.grantee <> n.nspowner AND (a.privilege_type <> 'USAGE' OR a.grantee = 0)"""
    )
    assert [row for row in rights if row != ("public", "PUBLIC", "USAGE")] == []


def named_for(who: str) -> set[str]:
    """Return the functions that the page names for a role."""
    rows = re.findall(r"^\| `([\w.]+)[^|]* \| ([^|]+) \|", FUNCTIONS.read_text(encoding="utf-8"), re.MULTILINE)
    return {function for function, roles in rows if f"`{who}`" in roles}


def test_the_page_of_the_protocol_names_who_may_call_what(venue: Venue) -> None:
    called: dict[str, set[str]] = {}
    for who, name in venue.rows(CALLED):
        called.setdefault(who, set()).add(name)
    programs = {who for who in called if who.startswith("till_program_")}
    assert called.keys() - programs == {"till_app", "till_admin", "till_report", "till_program", "till_gateway"}
    for who, names in called.items():
        assert names == named_for("till_program" if who in programs else who), who


def test_every_function_of_a_till_stands_in_one_of_the_two_lists(venue: Venue) -> None:
    found = {name for who, name in venue.rows(CALLED) if who == "till_app"}
    assert found == BY_SECRET | {BY_TOKEN, BY_CODE} | OPEN


@pytest.fixture
def stores(venue: Venue) -> tuple[Venue, Venue]:
    """Two venues in one database, each with a manager's password; an order is open in the first, a record waits."""
    other = make_venue(venue.owner, venue.app)
    for one in (venue, other):
        set_password(one)
        set_password(one, user=1)
    till = venue.till(1)
    cart = till.keyed(IDLY)
    assert till.shown(cart)["ok"]
    till.make_badly("no_such_type")
    assert till.push()["records"] == 1
    find(venue, cart.session)
    assert till.push()["conflicts"] == 1
    return venue, other


def test_every_function_by_a_credential_that_is_none(stores: tuple[Venue, Venue]) -> None:
    venue, other = stores
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, %s)", [venue.store, "ab" * 32])
    revoked = venue.till(2)
    taken_before = token(revoked)
    venue.owner.execute("SELECT till.till_revoke_v1(%s, NULL, 2)", [venue.store])
    journal = venue.value("SELECT live_journal::text FROM till.tills WHERE store_id = %s AND id = 1", venue.store)
    honest = venue.till(1)
    honest.open(Cart())
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("no secret", {"secret": None}, "wrong_secret"),
        ("an empty one", {"secret": ""}, "wrong_secret"),
        ("that of another till", {"secret": "secret 2"}, "wrong_secret"),
        ("its hash", {"secret": venue.value("SELECT secret_hash FROM till.tills WHERE id = 1")}, "wrong_secret"),
        ("a till that was shut out", {"till": 2, "secret": revoked.secret, "journal": None}, "till_revoked"),
        ("no till", {"till": None}, "wrong_secret"),
        ("a till that is not there", {"till": 99}, "wrong_secret"),
        ("the server", {"till": 0, "secret": ""}, "wrong_secret"),
        ("a store that is not there", {"store": new_id()}, "wrong_store"),
        ("no store", {"store": None}, "wrong_store"),
    ]
    # of another venue the same number has another secret
    other.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 1, NULL, %s)", [other.store, "cd" * 32])
    wrong.append(("the secret of another venue", {"store": other.store}, "wrong_secret"))
    # a manager's token serves as a secret in the place of a till, and nobody else's does
    wrong += [
        (f"in its place, {whose}", {"secret": held}, "wrong_secret")
        for whose, held in (
            ("a cashier's token", token(honest, 1)),
            ("a token of another venue", token(other.till(2))),
            ("a token of a till that was shut out", taken_before),
        )
    ]
    asked = {"user": 9, "session": "x", "stretched": STRETCHED, "token": "ab" * 32, "conflict": new_id(),
             "record": 1, "how": "x", "login": None, "stale_minutes": 1, "hot_hours": 1, "warm_days": 1,
             "tills": [1, 2]}  # fmt: skip
    before = everything(venue)
    for function in sorted(BY_SECRET | {BY_TOKEN}):
        for what, changes, code in wrong:
            reply = honest.send(honest.request(**{"journal": journal, **asked, **changes}), function)
            assert (reply["ok"], reply["code"]) == (False, code), (function, what)
            assert reply.keys() == {"ok", "code", "detail", "head"}, (function, what)
            assert reply["head"] is None, (function, what)
    assert everything(venue) == before


def test_every_act_of_a_manager_by_a_token_that_is_none(stores: tuple[Venue, Venue]) -> None:
    venue, other = stores
    one, two = venue.till(1), venue.till(2)
    good, cashiers = token(one), token(one, 1)
    of_another_till, of_another_venue = token(two), token(other.till(1))
    venue.owner.execute(
        "INSERT INTO till.act_tokens (token_hash, store_id, user_id, till_id, expires_at)"
        " VALUES (warm.digest('expired'), %s, 9, 1, now() - interval '1 second')",
        [venue.store],
    )
    venue.owner.execute(
        "INSERT INTO till.act_tokens (token_hash, store_id, user_id, till_id, expires_at)"
        " VALUES (warm.digest('administration'), %s, 9, 0, now() + interval '1 hour')",
        [venue.store],
    )
    session = venue.value("SELECT id FROM till.order_sessions WHERE status = 'active'")
    acts: dict[str, list[Any]] = {
        "conflict_resolve_v1": [venue.value("SELECT id::text FROM till.conflicts"), "mine"],
        "quarantine_resolve_v1": [venue.value("SELECT id FROM warm.quarantine"), "mine"],
        "order_session_update_v1": [session, None, {"status": "pending_logout"}],
    }
    hashed = venue.value("SELECT token_hash FROM till.act_tokens WHERE user_id = 9 AND till_id = 1 LIMIT 1")
    before = everything(venue)
    for name, values in acts.items():
        for held, code in (
            (None, "wrong_token"), ("", "wrong_token"), ("made up", "wrong_token"), (hashed, "wrong_token"),
            (of_another_till, "wrong_token"), (of_another_venue, "wrong_token"), ("expired", "wrong_token"),
            ("administration", "wrong_token"), (good.upper(), "wrong_token"), ([good], "wrong_token"),
            (cashiers, "needs_manager"),
        ):  # fmt: skip
            reply = one.read(BY_TOKEN, token=held, call=name, values=values)
            assert (reply["ok"], reply["code"]) == (False, code), (name, held)
        # a manager of another venue, with a till there: what waits here is not there
        reply = other.till(1).read(BY_TOKEN, token=of_another_venue, call=name, values=values)
        assert (reply["ok"], reply["code"]) == (False, "refused"), name
    assert everything(venue) == before
    for name, values in acts.items():
        assert one.read(BY_TOKEN, token=good, call=name, values=values)["ok"], name


ORDERS = [name for name, (stream, *_data) in GOOD.items() if stream == "order"]


@pytest.mark.parametrize("whose", ["another till", "another venue"])
def test_every_event_on_an_order_that_it_never_held(stores: tuple[Venue, Venue], whose: str) -> None:
    venue, other = stores
    honest = venue.till(1)
    honest.journal = venue.value(
        "SELECT live_journal::text FROM till.tills WHERE store_id = %s AND id = 1", venue.store
    )
    honest.seq, honest.hash = venue.rows(
        "SELECT seq, hash FROM warm.journal_head WHERE journal_id = %s", honest.journal
    )[0]
    thief = venue.till(2) if whose == "another till" else other.till(2)
    stands = """SELECT status, till_id, hold_id, hold_till, user_id, tab_id, total, store_id
                FROM till.order_sessions WHERE id = %s"""
    for kind in (one for one in ORDERS if one not in BY_SERVER and one not in TAKINGS):
        cart = honest.keyed(IDLY)
        honest.shown(cart)
        thief.holds[cart.session] = cart.hold
        conflicts = "SELECT * FROM till.conflicts WHERE session_id IS DISTINCT FROM %s ORDER BY id"
        sold = "SELECT session_id, total_amount FROM cold.orders WHERE store_id = %s ORDER BY 1"
        watched = ((stands, cart.session), (conflicts, cart.session), ("TABLE till.users",), (sold, venue.store))
        before = [venue.rows(*one) for one in watched]
        for data in GOOD[kind][1:]:
            thief.make_badly(kind, cart.session, data, id=new_id())
            reply = thief.push(cart.snapshot(0, total="0.01", items=[], status="discarded"))
            assert reply["ok"], (kind, reply)
        assert [venue.rows(*one) for one in watched] == before, kind
        placed = "SELECT total_amount FROM cold.orders WHERE session_id = %s"
        assert venue.rows(placed, cart.session) == [], kind
        log = venue.value("SELECT till.session_log_v1(%s, %s)", venue.store, cart.session)
        assert fold([unseal(one["b"], one["h"], one["t"]) for one in log]) is not None, kind
        honest.add(cart, IDLY)
        honest.place(cart)
        assert honest.push()["ok"], kind
        assert venue.rows(placed, cart.session) == [(cart.total,)], kind


def test_an_order_that_another_till_gets_is_reported_to_the_till_that_had_it(stores: tuple[Venue, Venue]) -> None:
    venue, other = stores
    honest = venue.till(2)
    cart = honest.keyed(IDLY)
    honest.shown(cart)
    thief, stranger = venue.till(1), other.till(1)
    thief.journal = venue.value("SELECT live_journal::text FROM till.tills WHERE store_id = %s AND id = 1", venue.store)
    thief.seq, thief.hash = venue.rows("SELECT seq, hash FROM warm.journal_head WHERE journal_id = %s", thief.journal)[
        0
    ]
    for till in (stranger, thief):
        its = Cart(session=cart.session)
        answer = till.ask(its, warned=True)
        assert answer["ok"]
        assert bool(answer.get("granted")) is (till is thief)
        found = [(one["session"], one["till"], one["hold_id"]) for one in honest.push()["taken"]]
        assert found == ([(cart.session, 1, its.hold)] if till is thief else []), "a till of another venue gets nothing"


def test_every_event_of_the_server_pushed_by_a_till(stores: tuple[Venue, Venue]) -> None:
    venue, _other = stores
    thief = venue.till(2)
    session = venue.value("SELECT id FROM till.order_sessions LIMIT 1")
    assert thief.push()["ok"]
    quiet = ("warm.quarantine", "warm.journal_head", "till.order_sessions")
    before = {name: rows for name, rows in everything(venue).items() if name not in quiet}
    for kind in sorted(BY_SERVER):
        for data in GOOD[kind][1:]:
            for user in (9, 7, 0, None):
                thief.make_badly(kind, session if GOOD[kind][0] == "order" else None, data, user=user)
            thief.make_badly(kind, session if GOOD[kind][0] == "order" else None, data, till=0)
            reply = thief.send(thief.request(events=thief.pending[:-1]))
            assert reply["ok"], kind
            refused = thief.send(thief.request(events=thief.pending[-1:]))
            assert (refused["ok"], refused["code"]) == (False, "protocol"), "the name of the server is not its own"
            thief.pending.clear()
            thief.seq, thief.hash = reply["head"]["seq"], reply["head"]["hash"]
        reasons = venue.rows("SELECT reason FROM warm.quarantine WHERE event_type = %s", kind)
        assert reasons == [("Only the database can write such a record.",)] * 8, kind
    after = {name: rows for name, rows in everything(venue).items() if name not in quiet}
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_registry_and_the_table_of_records_name_the_same(venue: Venue) -> None:
    assert GOOD.keys() >= BY_SERVER
    assert {name_of(one) for one in REGISTRY} == GOOD.keys()
    assert venue.value("SELECT count(*) FROM warm.event_types") == len(GOOD)
    assert {stream for stream, *_data in GOOD.values()} == {kind.stream for kind in REGISTRY}
