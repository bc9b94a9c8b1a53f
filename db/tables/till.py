"""The venue, its people, its tills and their open orders.

Every table has a `store_id`, so that many venues can be merged into one database later.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.metadata import ID, MOMENT, NAME, table

stores = table(
    "till.stores",
    Column("store_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
)

# The keys by which the server recognises its own events. Both are random, and leave the database only in backups.
store_seals = table(
    "till.store_seals",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), primary_key=True),
    Column("inner_key", LargeBinary, nullable=False),
    Column("outer_key", LargeBinary, nullable=False),
)

# `reach`: the order sessions that a role may open: the person's own, the store's, or those of all stores.
roles = table(
    "till.roles",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("reach", Text, nullable=False),
    CheckConstraint("reach in ('own', 'store', 'all')", name="reach"),
    PrimaryKeyConstraint("store_id", "name"),
)

# `locked_by` is the till that locked the number after wrong PINs, 0 for the database; `lock_told_at` is the time of the
# last lock. A person who acts at the server needs a password. Anyone may read its salt; the database stores only a hash
# of the value that a till derives from both.
users = table(
    "till.users",
    Column("store_id", ID, nullable=False),
    Column("id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("pin_hash", Text),
    Column("disabled_at", MOMENT),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", MOMENT),
    Column("locked_by", Integer),
    Column("lock_told_at", MOMENT),
    Column("password_salt", Text),
    Column("password_hash", Text),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    CheckConstraint("id > 0", name="id"),
    PrimaryKeyConstraint("store_id", "id"),
    ForeignKeyConstraint(["store_id", "role"], ["till.roles.store_id", "till.roles.name"]),
)

# Tokens of people who may act at the server for some minutes. Only the hashes are stored.
act_tokens = table(
    "till.act_tokens",
    Column("token_hash", Text, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    ForeignKeyConstraint(["store_id", "user_id"], ["till.users.store_id", "till.users.id"]),
)

# Wrong passwords of a person at a till.
password_failures = table(
    "till.password_failures",
    Column("store_id", ID, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", MOMENT),
    PrimaryKeyConstraint("store_id", "user_id", "till_id"),
)

# `secret_hash` is the SHA-256 of the till's secret in hexadecimal; the secret is stored only on the till. `journals` is
# the number of journals that the till has had, from which the next one gets its series. `logged_in` is the logged-in
# person, `login_event` the event: a projection of the newest `logged_in` or `logged_out`. `stations` are those of a
# screen of the kitchen (empty for all of them), which takes no money and holds no order; null for a till that sells.
tills = table(
    "till.tills",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("live_journal", ID),
    Column("journals", Integer, nullable=False, server_default=text("0")),
    Column("other_asked_at", MOMENT),  # another journal asked to take the place of the live one
    Column("revoked_at", MOMENT),
    Column("seen_at", MOMENT),
    Column("enrolled_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("logged_in", Integer),
    Column("login_event", ID),
    # Orders taken over within an hour that other tills had open.
    Column("takeovers", Integer, nullable=False, server_default=text("0")),
    Column("takeovers_since", MOMENT),
    Column("stations", ARRAY(Text)),
    # True if it sends orders to the kitchen, by its last push.
    Column("sends", Boolean, nullable=False, server_default=text("false")),
    # The laws of invoices that its program knows, by its last push.
    Column("schemes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # The number of changes of whether it takes money: an odd number means that it takes none.
    Column("money_changes", Integer, nullable=False, server_default=text("0")),
    Column("money_changed_at", MOMENT),
    CheckConstraint("id > 0", name="id"),
    PrimaryKeyConstraint("store_id", "id"),
    Index("tills_logged_in", "store_id", "logged_in", postgresql_where=text("logged_in is not null")),
)

# The code with which a machine becomes this till, as a digest, until it expires. `taken_by` is the hash of the secret
# of the machine that used the code: it may repeat the call, another machine is refused.
enrolments = table(
    "till.enrolments",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text),
    Column("made_by", Integer),
    Column("expires_at", MOMENT, nullable=False),
    Column("taken_by", Text),
    Column("stations", ARRAY(Text)),
    Column("no_money", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("kind in ('add', 'replace', 'renew')", name="kind"),
    PrimaryKeyConstraint("store_id", "till_id"),
    UniqueConstraint("digest"),
)

# Programs that are not tills and have orders: a chat, a web shop. Each logs in under its own role of the server, and is
# identified by that role alone.
programs = table(
    "till.programs",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("added_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("revoked_at", MOMENT),
    Column("tells_payments", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("store_id", "name"),
    UniqueConstraint("role"),
)

# Reports of a gateway, kept for some days, so that tills are notified of each only once. A report is recognised by the
# gateway's event id, which proves nothing, and by the digest of the signed bytes.
payment_hints = table(
    "till.payment_hints",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payment_id", ID),
    Column("received_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("store_id", "event_id"),
    UniqueConstraint("store_id", "digest"),
    Index("payment_hints_by_arrival", "store_id", "received_at"),
)

# The program of a session: the first one that claimed it. Tills name the session by its `stream_id`, which is unique.
program_sessions = table(
    "till.program_sessions",
    Column("session_id", NAME, primary_key=True),
    Column("stream_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    Column("program", Text, nullable=False),
    Column("claimed_at", MOMENT, nullable=False, server_default=text("now()")),
    UniqueConstraint("stream_id"),
    ForeignKeyConstraint(["store_id", "program"], ["till.programs.store_id", "till.programs.name"]),
)

# Orders whose tickets wait for a till that does not hold them: `event_id`, `till_id` and `handed_at` of the last hand,
# and the number of hands.
hands = table(
    "till.hands",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("session_id", NAME, nullable=False),
    Column("asked_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("event_id", ID),
    Column("till_id", Integer),
    Column("handed_at", MOMENT),
    Column("times", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("store_id", "session_id"),
)

# The sender of the venue's fiscal records: its last sign of life, its last request with the pause that the authority
# asked for, and why the authority took nothing, since when.
fiscal_senders = table(
    "till.fiscal_senders",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), primary_key=True),
    Column("till_id", Integer, nullable=False),
    Column("heard_at", MOMENT, nullable=False),
    Column("sent_at", MOMENT),
    Column("wait_s", Integer, nullable=False, server_default=text("60")),
    Column("trouble", Text, nullable=False, server_default=text("''")),
    Column("trouble_since", MOMENT),
    Column("certificate_ends", MOMENT),
)

# The records that a manager asked the sender to mend: the stamp that was refused, by its arrival, and the buyer as it
# should have been named.
fiscal_mends = table(
    "till.fiscal_mends",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("number", NAME, nullable=False),
    Column("arrival", BigInteger, nullable=False),
    Column("asked_by", Integer),
    Column("asked_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("buyer", JSONB),
    PrimaryKeyConstraint("store_id", "number"),
)

# The last number of the orders and receipts of each program, and of the database itself (program '').
numbers = table(
    "till.numbers",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("program", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reached", Integer, nullable=False),
    CheckConstraint("kind in ('orders', 'receipts')", name="kind"),
    PrimaryKeyConstraint("store_id", "program", "kind"),
)

# Reference data that tills cache, by name: menu, staff, settings, tabs. The version increases with every change; the
# bodies of staff and tabs are composed when they are read.
settings = table(
    "till.settings",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("body", JSONB),
    Column("updated_at", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("store_id", "name"),
)

# All versions of the menu, each with the act that made it. They can be shown and restored; the current one is in
# `settings`. A version that only marks an item as sold out has no body: it has the item, and the body of the version
# before it.
menus = table(
    "till.menus",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("act", Text, nullable=False),
    Column("body", JSONB),
    Column("item_id", Text),
    Column("of_version", Integer),
    Column("user_id", Integer),
    Column("made_at", MOMENT, nullable=False, server_default=text("now()")),
    # the till that marked the item, and the time of arrival, by which its marks are limited
    Column("till_id", Integer),
    Column("came_at", MOMENT, nullable=False, server_default=text("now()")),
    CheckConstraint("act in ('imported', 'edited', 'scheduled', 'brought_back', 'sold_out', 'back')", name="act"),
    CheckConstraint("(body is null) = (act in ('sold_out', 'back'))", name="body"),
    PrimaryKeyConstraint("store_id", "version"),
    Index("menus_of_item", "store_id", "item_id", "made_at", postgresql_where=text("item_id is not null")),
    Index("menus_of_till", "store_id", "till_id", "came_at", postgresql_where=text("till_id is not null")),
)

# Promotions of the venue, by name; tills cache all of them with the settings.
promotions = table(
    "till.promotions",
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    PrimaryKeyConstraint("store_id", "name"),
)

# A tab is open while it has an open order; `session_id` is the last one put on it. `erased_at` is the time at which its
# name was erased: an older name is erased on arrival.
tabs = table(
    "till.tabs",
    Column("id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("table_number", Text),
    Column("covers", Integer),
    Column("user_id", Integer),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("session_id", NAME),
    Column("opened_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    Column("erased_at", MOMENT),
    CheckConstraint("status in ('open', 'closed')", name="status"),
    Index("tabs_open_by_table", "store_id", "table_number", postgresql_where=text("status = 'open'")),
)

# A projection of events. `hold_id` is the event that created the hold, `hold_till` the till that has it (0 is the
# server), `hold_journal` the journal to which it was granted, null if that journal opened the order. `till_id` is the
# till that has the order open, or null. `last_move` is the greatest id of the events that changed status or hold. The
# hot rows are restored from `hot` after a crash. `submitted` is the data of `order_submitted`, with its time.
order_sessions = table(
    "till.order_sessions",
    Column("id", NAME, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("user_id", Integer),
    Column("till_id", Integer),
    Column("hold_id", ID),
    Column("hold_till", Integer),
    Column("hold_journal", ID),
    Column("last_move", ID),
    Column("held_at", MOMENT),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("items", JSONB, nullable=False, server_default=text("'[]'")),
    Column("total", Numeric, nullable=False, server_default=text("0")),
    Column("currency", Text),
    Column("order_type", Text),
    Column("tab_id", ID),
    Column("ref", Text),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("last_event", ID),
    Column("refold", Boolean, nullable=False, server_default=text("false")),
    Column("refold_version", BigInteger, nullable=False, server_default=text("0")),
    Column("quarantined", Boolean, nullable=False, server_default=text("false")),
    Column("hot", JSONB),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Column("arrived_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("logout_time", MOMENT),
    Column("written", JSONB, nullable=False, server_default=text("'{}'")),
    Column("submitted", JSONB),
    CheckConstraint(
        "status in ('active', 'pending_logout', 'assigned_to_tab', 'completed', 'discarded')", name="status"
    ),
    # Columns that every push changes are in no index, so that updates can be heap-only.
    Index("order_sessions_of_user", "store_id", "user_id", "status", "created_at", "id"),
    Index("order_sessions_held_by_till", "store_id", "till_id", postgresql_where=text("till_id is not null")),
    # Open orders of a till: the condition names the status, which all sales leave soon.
    Index(
        "order_sessions_open_at",
        "store_id",
        "hold_till",
        postgresql_where=text("status in ('active', 'pending_logout', 'assigned_to_tab')"),
    ),
    Index("order_sessions_of_tab", "tab_id", postgresql_where=text("tab_id is not null")),
    Index("order_sessions_newest", "store_id", "status", "created_at", "id"),
    # Orders that programs submitted, until they are paid: tills list the open ones.
    Index(
        "order_sessions_submitted", "store_id", postgresql_where=text("submitted is not null and status <> 'completed'")
    ),
    Index("order_sessions_user_created", "store_id", "user_id", "created_at"),
    postgresql_with={"fillfactor": 80},
)

# Conflicts about money that only a manager can settle: a projection of `conflict_found` and `conflict_resolved`. A till
# finds one, or the server (till 0) when it refuses an order that is already paid. `subject` is the order, line or
# payment: the same finding of two tills is one row. `till_id` is the till whose records show it, 0 for none; `place` is
# the order of discovery.
conflicts = table(
    "till.conflicts",
    Column("id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("session_id", NAME),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("amount", Numeric),
    Column("currency", Text),
    Column("found_by", Integer, nullable=False),
    Column("till_id", Integer, nullable=False, server_default=text("0")),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("found_at", MOMENT, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("resolved_at", MOMENT),
    Column("resolved_by", Integer),
    Column("how", Text),
    UniqueConstraint("store_id", "kind", "subject"),
    Index("conflicts_open", "store_id", "till_id", "place", postgresql_where=text("resolved_at is null")),
    Index("conflicts_of_session", "session_id", postgresql_where=text("session_id is not null")),
)

# Decisions of the server that a person at a till should know (`till.notify`). Each remains until somebody has seen it.
# `by_till` is the till whose record is the cause; `data` has the facts of its kind (`docs/protocol.md`).
notices = table(
    "till.notices",
    Column("id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("user_id", Integer),
    Column("kind", Text, nullable=False),
    Column("session_id", NAME),
    Column("by_till", Integer, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    Column("at", MOMENT, nullable=False, server_default=text("now()")),
    Column("seen_at", MOMENT),
    Column("seen_by", Integer),
    Index("notices_unseen", "store_id", "till_id", "place", postgresql_where=text("seen_at is null")),
)

# Only a digest of the code is stored; `hint` is its last four characters, for people. The balance of a voucher is the
# issued amount less its movements in `value_movements`.
vouchers = table(
    "till.vouchers",
    Column("voucher_id", ID, primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("expires", Date),
    Column("issued_by", Integer),
    Column("issued_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("voided_by", Integer),
    Column("voided_at", MOMENT),
    UniqueConstraint("store_id", "digest"),
    CheckConstraint("amount > 0", name="amount"),
)

# Lookups of a code, with its voucher if it exists. A payment names the id of its lookup; wrong codes are counted.
voucher_asks = table(
    "till.voucher_asks",
    Column("ask_id", ID, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("store_id", ID, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("voucher_id", ID, ForeignKey("till.vouchers.voucher_id")),
    Column("asked_at", MOMENT, nullable=False, server_default=text("now()")),
    Index("voucher_asks_of_till", "store_id", "till_id", "asked_at"),
)

# House accounts of guests who may pay later. The balance is the sum of the account's rows in `value_movements`.
accounts = table(
    "till.accounts",
    Column("customer_id", ID, ForeignKey("cold.customer_table.customer_id"), primary_key=True),
    Column("store_id", ID, ForeignKey("till.stores.store_id"), nullable=False),
    Column("credit_limit", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_by", Integer),
    Column("opened_at", MOMENT, nullable=False, server_default=text("now()")),
    Column("closed_at", MOMENT),
    CheckConstraint("credit_limit >= 0", name="credit_limit"),
)

# Movements of a voucher or an account, `holder_id`: a positive amount is taken from it, a negative one is credited.
# `movement_id` is the payment, the refund, or the payment of a debt. A payment is reserved until its order ends; then
# it is spent or released. `arrived_at` is the arrival of a pay-off at a drawer, by which they are counted; null if its
# till sent it again after a restore.
value_movements = table(
    "till.value_movements",
    Column("movement_id", ID, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("tender", Text, nullable=False),
    Column("holder_id", ID, nullable=False),
    Column("session_id", NAME),
    Column("amount", Numeric, nullable=False),
    Column("state", Text, nullable=False),
    Column("payment_id", ID),
    Column("how", Text),
    Column("user_id", Integer),
    Column("till_id", Integer, nullable=False),
    Column("moved_at", MOMENT, nullable=False),
    Column("event_id", ID),
    Column("arrived_at", MOMENT),
    CheckConstraint("tender in ('VOUCHER', 'ACCOUNT')", name="tender"),
    CheckConstraint("state in ('reserved', 'spent', 'released', 'declined', 'refunded', 'paid_off')", name="state"),
    Index("value_movements_of_holder", "holder_id"),
    Index("value_movements_of_session", "session_id", postgresql_where=text("state = 'reserved'")),
    Index(
        *("value_movements_arrived", "store_id", "till_id", "arrived_at"),
        postgresql_where=text("arrived_at is not null"),
    ),
)

_OPEN_SHIFT = "closed is null and closed_by_server is null and ended is null"
_UNBOOKED = "booked is distinct from coalesce(closed, closed_by_server, ended)"

# The shifts of the tills, each with the events of its opening and its close. `closed_by_server` is the close of one
# that its till left open. `checked_at` is when the upkeep added up the close of the till (`db/sql/37_shift`). `ended`
# is the next opening in the journal of a shift that was left open there: it is in no list then. `booked` is the one of
# these by which the accountant's journal has it (`db/sql/85_stored/ledger.sql`).
shifts = table(
    "till.shifts",
    Column("shift_id", ID, primary_key=True),
    Column("store_id", ID, nullable=False),
    Column("till_id", Integer, nullable=False),
    Column("opened", ID),
    Column("closed", ID),
    Column("closed_by_server", ID),
    Column("checked_at", MOMENT),
    Column("ended", ID),
    Column("booked", ID),
    Index("shifts_of_till", "store_id", "till_id", "shift_id"),
    Index("shifts_unchecked", "store_id", postgresql_where=text("closed is not null and checked_at is null")),
    Index("shifts_open", "store_id", "till_id", postgresql_where=text(_OPEN_SHIFT)),
    Index("shifts_unbooked", "store_id", postgresql_where=text(_UNBOOKED)),
)

# The events of the stream of each shift: its opening and close, movements, counts and corrections. A correction of a
# later shift is also with the shift whose count it explains.
shift_facts = table(
    "till.shift_facts",
    Column("shift_id", ID, nullable=False),
    Column("event_id", ID, nullable=False),
    Column("store_id", ID, nullable=False),
    PrimaryKeyConstraint("shift_id", "event_id"),
)

# The jobs of the upkeep that failed (`db/sql/70_upkeep/jobs.sql`), by their kind and what they are about. `asked` are
# the limits with which they ran, `functions` the number of the functions at the last try, `tries` the failed ones in a
# row. A job that is put aside has a record for a manager, `quarantine_id`. The row of the kind `upkeep` is about a
# whole call.
upkeep_jobs = table(
    "till.upkeep_jobs",
    Column("store_id", ID, nullable=False),
    Column("kind", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("till_id", Integer, nullable=False, server_default=text("0")),
    Column("asked", JSONB, nullable=False, server_default=text("'{}'")),
    Column("error", Text),
    Column("sqlstate", Text),
    Column("functions", Integer, nullable=False, server_default=text("0")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("tried_at", MOMENT, nullable=False),
    Column("quarantine_id", BigInteger),
    PrimaryKeyConstraint("store_id", "kind", "key"),
    Index("upkeep_jobs_told", "quarantine_id", postgresql_where=text("quarantine_id is not null")),
)
