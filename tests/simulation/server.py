"""The venue's database as a seed sees it: the real functions in a real PostgreSQL, and the mishaps of their data."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg

from till.domain.ids import derived_id
from till.domain.payment.codes import digest_of, hint_of
from till.sync.connection import ConnectionFailedError
from till.sync.failures import Failure, FailureKind, of_sqlstate
from till.sync.server import PUSH

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.ports import Head

#: A hash of a PIN as the database takes it. No PIN matches it.
PIN_HASH: Final = f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}"
PEOPLE: Final = ((1, "Asha", "cashier"), (2, "Ravi", "cashier"), (9, "Meena", "manager"))
VENUE: Final[dict[str, Any]] = {
    "name": "Udupi Corner",
    "currency": "INR",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "04:00",
    "prices_include_tax": True,
    "tax_rounding": "line",
    "tax_number": "",
    "cashier_may": "void_sent",  # nobody is there to be asked, and voids after a tab was saved are to be played
}
_PRICES: Final = {"Idly": "40.00", "Masala Dosa": "80.00", "Vada": "55.50", "Coffee": "33.33"}
MENU: Final[dict[str, Any]] = {
    "taxes": {"A": [{"name": "GST", "rate": "5"}]},
    "dayparts": [],
    "categories": [{"id": "c1", "name": "All", "position": 1, "daypart": None}],
    "items": [
        {"id": name.lower(), "plu": plu, "name": name, "category": "c1", "price": price, "tax": "A", "aliases": [],
         "barcodes": [], "sold_out": False, "returnable": False, "unit": "", "position": plu}
        for plu, (name, price) in enumerate(_PRICES.items(), 1)
    ],
}  # fmt: skip


class House(NamedTuple):
    """The settings and the menu of a venue, as they are when it opens."""

    venue: dict[str, Any] = VENUE
    menu: dict[str, Any] = MENU


HOUSE: Final = House()
#: One with stations: coffee is made at the counter.
STATIONS: Final = [{"name": "Grill", "items": ["idly", "masala dosa"]}, {"name": "Fryer", "items": ["vada"]}]
KITCHEN_HOUSE: Final = House(VENUE | {"stations": STATIONS})
#: Promotions of the venue: a percentage, a price, one more, and several at a price.
OFFERS: Final[tuple[dict[str, Any], ...]] = (
    {"percent": "33", "items": ["idly", "coffee"]},
    {"price": "49.99", "items": ["vada"]},
    {"buy": 2, "get": 1, "items": ["masala dosa"]},
    {"pieces": 2, "price": "61", "items": ["coffee"]},
)
#: Tables in a backup of a store, parents first.
_TABLES: Final = (
    "till.settings",
    "till.menus",
    "till.promotions",
    "till.tills",
    "till.enrolments",
    "till.tabs",
    "till.order_sessions",
    "till.conflicts",
    "till.programs",
    "till.program_sessions",
    "till.hands",
    "till.payment_hints",
    "warm.journal_head",
    "warm.session_events",
    "warm.event_links",
    "warm.event_texts",
    "warm.logins",
    "session.active_sessions",
    "warm.session_checkout",
    "warm.session_payment_intent",
    "warm.quarantine",
    "warm.order_contents",
    "warm.content_moves",
    "warm.sale_claims",
    "cold.customer_table",
    "cold.table_info",
    "cold.table_booking_info",
    "cold.customer_sessions",
    "cold.customer_preferences",
    "cold.feedback",
    "cold.orders",
    "cold.order_item",
    "cold.order_line",
    "cold.order_payment",
    "cold.order_status_history",
    "cold.contested_sales",
    "cold.void_receipts",
    "cold.refunds",
    "cold.refund_item",
    "cold.tender_correction",
    "till.refund_claims",
    "till.vouchers",
    "till.voucher_asks",
    "till.accounts",
    "till.value_movements",
    "cold.order_sessions_archive",
    "cold.session_checkout_archive",
    "cold.session_payment_intent_archive",
    "cold.order_contents_archive",
    "cold.content_moves_archive",
)
#: The clock of the database is the world's: each statement says what time it is.
_CLOCK: Final = """
    CREATE FUNCTION warm.time_of_seed() RETURNS timestamptz LANGUAGE sql STABLE AS $$
        SELECT coalesce(nullif(current_setting('seed.now', true), '')::timestamptz, clock_timestamp())
    $$;
    GRANT EXECUTE ON FUNCTION warm.time_of_seed() TO till_app"""
#: Functions that make ids, tell tills the time, or compare an id with it.
_TELL_TIME: Final = (
    "warm.next_id",
    "warm.server_event",
    "warm.floor_of",
    "warm.follow_chain",
    "warm.handle_ahead",
    "warm.fault_of_act",
    "warm.flag_doubtful_sale",
    "warm.answer",
    "till.hello_v1",
    "till.grant_order_v1",
)
#: The payments by voucher and account that the database itself said were taken.
_APPROVED: Final = """
    SELECT event_id::text, event_data->>'payment_id' FROM warm.session_events
    WHERE store_id = %s AND till_id = 0 AND event_type = 'payment_approved'"""
_HOT: Final = ("hot.session_cart", "hot.session_state", "hot.session_preferences", "hot.hot_epoch")


def secret(till: int) -> str:
    """Return the secret that a till is enrolled with."""
    return f"secret of till {till}"


def reference(tills: int, house: House) -> dict[str, dict[str, Any]]:
    """Return the reference data of a journal's cache before the first contact with the database."""
    names = [{"number": number, "name": f"Till {number}"} for number in range(1, tills + 1)]
    people = [
        {"number": number, "name": name, "role": role, "pin_hash": PIN_HASH, "disabled": False}
        for number, name, role in PEOPLE
    ]
    return {
        "menu": {"version": 0, **house.menu},
        "staff": {"staff": people},
        "settings": {**house.venue, "tills": names},
    }


class Base:
    """The two connections to the database of a run: as its owner, and as a till."""

    def __init__(self, owner: psycopg.Connection[Any], app: psycopg.Connection[Any]) -> None:
        self.owner, self.app = owner, app
        self._planted: dict[str, str] = {}
        self._moment = ""
        rows = owner.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('till', 'warm', 'cold', 'hot', 'session')"
        ).fetchall()
        there = {row[0] for row in rows}
        self.tables = [table for table in _TABLES if table in there]
        query = (
            "SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal"
        )
        self.watched = {row[0] for row in owner.execute(query).fetchall()}
        for table in (*self.tables, *_HOT):  # thousands of stores: who looks at one must not read them all
            owner.execute(f"CREATE INDEX ON {table} (store_id)")
        owner.execute(_CLOCK)
        for name in _TELL_TIME:
            self.reword(name, r"(clock_timestamp|now)\(\)", "warm.time_of_seed()")

    def ask(self, statement: str, text: str, moment: str) -> str:
        """Run a statement of a till at a moment and return its answer; the same statement sets the time."""
        dated = f"SELECT set_config('seed.now', %s, true), ({statement})"
        row = self.app.execute(dated, [moment, text], prepare=True).fetchone()
        assert row is not None
        return str(row[1])

    def tell_time(self, moment: str) -> None:
        """Set the owner's time, if it has changed."""
        if self._moment != moment:
            self.owner.execute("SELECT set_config('seed.now', %s, false)", [moment], prepare=True)
            self._moment = moment

    def plant(self, function: str, pattern: str, words: str) -> None:
        """Plant a fault, unless it is there already."""
        if function not in self._planted:
            self._planted[function] = self.reword(function, pattern, words)

    def weed(self) -> None:
        """Remove the planted faults."""
        for text in self._planted.values():
            self.owner.execute(text.encode())
        self._planted.clear()

    def reword(self, function: str, pattern: str, words: str) -> str:
        """Replace words in a function or a view of the database, and return its former text."""
        query = (
            "SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
            " WHERE n.nspname || '.' || p.proname = %s"
            " UNION ALL SELECT format('CREATE OR REPLACE VIEW %%I.%%I AS %%s', schemaname, viewname, definition)"
            " FROM pg_views WHERE schemaname || '.' || viewname = %s"
        )
        found = [str(row[0]) for row in self.owner.execute(query, [function, function]).fetchall()]
        # a function that a till calls has the name of its answer
        saying = [text for text in found if re.sub(pattern, words, text) != text]
        assert len(saying) == 1, f"{function} says {pattern} {len(saying)} times"
        self.owner.execute(re.sub(pattern, words, saying[0]).encode())
        return saying[0]


class Server:
    """A store of the database.

    Attributes:
        up: True while it can be reached.
        heads: the head of each journal that it acknowledged, which a light may believe.
        backups: the states that can be restored.
        age: the number of restores.
        exchange: called for each statement of a till; a planted fault may replace it.
        codes: the codes of the vouchers sold.
        guests: the customers with a house account.
        lost: payments that the database approved itself and lost in a restore.
    """

    def __init__(self, base: Base, store: str, tills: int, now: Callable[[], datetime], house: House = HOUSE) -> None:
        self.base = base
        self.store = store
        self._now = now
        self._moment = ""
        self.up = True
        self.heads: dict[str, tuple[int, str]] = {}
        self.backups: list[dict[str, list[Any]]] = []
        self.age = 0
        self.exchange: Callable[[str, str], str] = self._execute
        self.codes: list[str] = []
        self.guests: list[str] = []
        self.lost: set[str] = set()
        hashed = [hashlib.sha256(secret(number).encode()).hexdigest() for number in range(1, tills + 1)]
        enrolled = ", ".join("till.till_enrol_v1(%s, NULL, %s, %s, %s)" for _till in hashed)
        people = ", ".join(f"till.user_add_v1(%s, NULL, %s, %s, %s, '{PIN_HASH}')" for _person in PEOPLE)
        self.look_at_clock()
        self._owner().execute(
            f"SELECT till.store_create_v1(%s, %s), {enrolled}, {people}, till.menu_import_v1(%s, 9, %s)",
            [
                store,
                json.dumps(house.venue),
                *(fact for n, h in enumerate(hashed, 1) for fact in (store, n, f"Till {n}", h)),
                *(fact for person in PEOPLE for fact in (store, *person)),
                store,
                json.dumps(house.menu),
            ],
        )

    def look_at_clock(self) -> None:
        """Read the clock: the owner's session gets the time before a dated act, a till's with each statement."""
        self._moment = self._now().isoformat()

    def _owner(self) -> psycopg.Connection[Any]:
        self.base.tell_time(self._moment)
        return self.base.owner

    def ask(self, statement: str, text: str) -> str:
        """Run one statement of a till.

        Raises:
            ConnectionFailedError: the statement failed.
        """
        if not self.up:
            raise ConnectionFailedError(Failure(FailureKind.UNREACHABLE, "the server is down"))
        try:
            return self.exchange(statement, text)
        except psycopg.Error as problem:
            inside = problem.diag.context is not None
            raise ConnectionFailedError(of_sqlstate(problem.sqlstate, str(problem), inside=inside)) from problem

    def _execute(self, statement: str, text: str) -> str:
        self.look_at_clock()
        answer = self.base.ask(statement, text, self._moment)
        if statement == PUSH:
            self._believe(text, answer)
        return answer

    def _believe(self, request: str, reply: str) -> None:
        answer = json.loads(reply)
        if answer["ok"]:
            journal = request.partition('"journal":"')[2].partition('"')[0]
            self.heads[journal] = (answer["head"]["seq"], answer["head"]["hash"])

    # Faults of the server.

    def server_down(self, _chance: int) -> None:
        """Take the server down."""
        self.up = False

    def server_up(self, _chance: int) -> None:
        """Bring the server up again."""
        self.up = True

    def empty_hot(self, _chance: int) -> None:
        """Empty the unlogged tables, as a crash of the server does."""
        for table in _HOT:
            self.base.owner.execute(f"DELETE FROM {table} WHERE store_id = %s", [self.store])  # noqa: S608 - names of ours

    def sweep(self, chance: int) -> None:
        """Suspend orders that nobody has touched for long, by the maintenance's own function.

        In every other sweep all tills were silent for a day, so that orders are suspended under their users' hands. In
        every other one ended orders go to the archive, which changes nothing for anybody.
        """
        if not self.up:
            return
        if chance % 2:
            query = "UPDATE till.tills SET seen_at = now() - interval '1 day' WHERE store_id = %s"
            self.base.owner.execute(query, [self.store])
        self.look_at_clock()
        stale = "ARRAY(SELECT warm.stale_sessions(%(store)s, 0))"
        self._owner().execute(f"SELECT warm.sweep_sessions(%(store)s, NULL, 0, {stale})", {"store": self.store})
        if chance & 2:
            ended = "cold.archivable(%s, 'infinity', true, NULL)"
            self.base.owner.execute(f"SELECT cold.move_to_archive(ARRAY(SELECT {ended}))", [self.store])

    def new_price(self, chance: int) -> None:
        """Change the menu, as the manager."""
        menu = json.loads(json.dumps(MENU))
        menu["items"][chance % len(menu["items"])]["price"] = f"{chance % 90 + 1}.50"
        self._owner().execute("SELECT till.menu_import_v1(%s, 9, %s)", [self.store, json.dumps(menu)])

    def shut_out(self, till: int) -> None:
        """Shut a till out, as a manager who thinks that it was stolen."""
        query = "SELECT till.till_revoke_v1(store_id, 9, id) FROM till.tills WHERE (store_id, id) = (%s, %s)"
        self._owner().execute(f"{query} AND revoked_at IS NULL", [self.store, till])

    def let_in(self, till: int | None = None) -> None:
        """Add a found till again, by its secret; without a number, add every till that was shut out."""
        query = (
            "SELECT till.till_enrol_v1(store_id, 9, id, NULL, secret_hash) FROM till.tills"
            " WHERE store_id = %s AND id = coalesce(%s, id) AND revoked_at IS NOT NULL"
        )
        self._owner().execute(query, [self.store, till])

    def settle_left(self, refund: str, *, given: bool) -> None:
        """A manager says what became of a refund that a till which is shut out left."""
        query = (
            "SELECT till.conflict_resolve_v1(store_id, 9, id, %s) FROM till.conflicts"
            " WHERE store_id = %s AND kind = 'no_answer' AND subject = %s AND resolved_at IS NULL"
        )
        self._owner().execute(query, ["given" if given else "not given", self.store, refund])

    def retry(self, _chance: int) -> None:
        """A manager has all records tried again that wait."""
        waiting = self.rows(
            "SELECT id FROM warm.quarantine WHERE store_id = %s AND resolved_at IS NULL ORDER BY id", self.store
        )
        for (record,) in waiting:
            self._owner().execute("SELECT till.quarantine_retry_v1(%s, 9, %s)", [self.store, record])

    def book_corrections(self) -> None:
        """A manager books the corrections of another till's payments."""
        query = (
            "SELECT till.quarantine_book_v1(store_id, 9, id) FROM warm.quarantine"
            " WHERE store_id = %s AND sqlstate = 'TL026' AND resolved_at IS NULL ORDER BY id"
        )
        self._owner().execute(query, [self.store])

    def promote(self, chance: int) -> None:
        """The manager lets a promotion begin, or another one of that name; every third time it ends."""
        known = self.value("SELECT count(*) FROM till.promotions WHERE store_id = %s", self.store)
        if chance % 3 == 0 and known:
            query = (
                "SELECT till.promotion_remove_v1(%s, 9, (SELECT min(name) FROM till.promotions WHERE store_id = %s))"
            )
            self._owner().execute(query, [self.store, self.store])
            return
        self.offer(f"Offer {chance // 7 % 2}", OFFERS[chance % len(OFFERS)])

    def offer(self, name: str, body: dict[str, Any]) -> None:
        """Let a promotion begin, in place of one of that name."""
        self._owner().execute("SELECT till.promotion_set_v1(%s, 9, %s, %s)", [self.store, name, json.dumps(body)])

    def issue(self, code: str, amount: int) -> None:
        """The manager sells a voucher."""
        query = "SELECT till.voucher_issue_v1(%s, 9, %s, %s, %s, NULL)::text"
        row = self._owner().execute(query, [self.store, digest_of(code), hint_of(code), amount]).fetchone()
        assert row is not None
        self.codes.append(code)

    def submit(self, chance: int) -> str:
        """A program orders for the counter. Return the order's session."""
        session = derived_id("0197a000-0000-7000-8000-000000000001", f"{self.store} {chance}")
        dishes = [{"item_id": "idly", "item": "Idly", "quantity": 1 + chance % 3, "unit_price": "40.00"}]
        if chance & 4:
            dishes.append({"item_id": "coffee", "item": "Coffee", "quantity": 2, "unit_price": "33.33"})
        save = "SELECT till.order_session_save_v1(%s, NULL, %s, %s, 'take_away')"
        self._owner().execute(save, [self.store, session, json.dumps(dishes)])
        self._owner().execute("SELECT cold.create_order_from_session(%s, 'take_away', 'cash')", [session])
        return session

    def charge(self, session: str, chance: int) -> None:
        """The gateway charges something for an order of a program."""
        payment = {"payment_id": derived_id(session, f"{chance}"), "tender": "UPI", "amount": f"{1 + chance % 90}.00"}
        write = "SELECT cold.write_payments(%s, NULL, %s, %s)"
        self._owner().execute(write, [self.store, session, json.dumps([{**payment, "transaction": f"pay_{chance}"}])])

    def open_account(self, limit: int) -> None:
        """The manager opens a house account for a guest."""
        owner = self._owner()
        added = owner.execute("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')::text", [self.store]).fetchone()
        assert added is not None
        owner.execute("SELECT till.account_set_v1(%s, 9, %s, %s, false)", [self.store, added[0], limit])
        self.guests.append(str(added[0]))

    def adopt(self, till: int) -> None:
        """Let the next journal that a till brings take the place of its live one.

        A database that does not know that one waits, as after a restore, refuses until the till asks again.
        """
        try:
            self._owner().execute("SELECT till.till_adopt_v1(%s, 9, %s)", [self.store, till])
        except psycopg.DatabaseError as problem:
            if problem.sqlstate != "TL005":
                raise

    def backup(self, _chance: int) -> None:
        """Keep all rows of the store as they are now."""
        tables = [*self.base.tables, *_HOT]
        parts = ", ".join(
            f"(SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM {table} AS t WHERE store_id = %s)"  # noqa: S608 - ours
            for table in tables
        )
        row = self.base.owner.execute(f"SELECT {parts}", [self.store] * len(tables)).fetchone()
        assert row is not None
        self.backups.append(dict(zip(tables, row, strict=True)))

    def set_back(self, chance: int) -> None:
        """Restore a backup: what came since is gone from here.

        Every other one was a dump, with the hot rows of then; what copies the server's files loses them. It befalls a
        seed once: of a second restore what was judged between the two is not known any more.
        """
        if not self.backups or self.age:
            return
        kept = self.backups[chance % len(self.backups)]
        owner = self.base.owner
        kept_events = {row["event_id"] for row in kept["warm.session_events"]}
        self.lost.update(payment for event, payment in self.rows(_APPROVED, self.store) if event not in kept_events)
        self.empty_hot(0)
        with owner.transaction():
            watched = [table for table in self.base.tables if table in self.base.watched]
            for table in watched:
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # a restore fires none
            for table in reversed(self.base.tables):
                owner.execute(f"DELETE FROM {table} WHERE store_id = %s", [self.store])  # noqa: S608 - ours
            for table in (*self.base.tables, *(_HOT if chance & 64 else ())):
                owner.execute(
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"  # noqa: S608 - ours
                    f" SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
                    [json.dumps(kept[table])],
                )
            for table in watched:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.age += 1
        self.heads.clear()

    # The owner's eyes.

    def has(self, journal: str, head: Head) -> bool:
        """True if the database has this record of a journal in this place."""
        if head.seq == 0 or self.heads.get(journal) == (head.seq, head.hash):
            return True
        return bool(self.value("SELECT warm.hash_at(%s, %s) = %s", journal, head.seq, head.hash))

    def value(self, query: str, *facts: Any) -> Any:
        """The first value of a query."""
        row = self.base.owner.execute(query, facts).fetchone()
        return row[0] if row else None

    def rows(self, query: str, *facts: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.base.owner.execute(query, facts).fetchall()
