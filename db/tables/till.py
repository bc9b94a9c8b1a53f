"""The tables and views of `till` that reports select from. Written by tools/tables.py (`make tables`)."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Integer, Numeric, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import JSONB

accounts = table(
    "accounts",
    column("customer_id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("credit_limit", Numeric),
    column("currency", Text),
    column("opened_by", Integer),
    column("opened_at", DateTime(timezone=True)),
    column("closed_at", DateTime(timezone=True)),
    schema="till",
)

notices = table(
    "notices",
    column("id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("till_id", Integer),
    column("user_id", Integer),
    column("kind", Text),
    column("session_id", Text),
    column("by_till", Integer),
    column("data", JSONB),
    column("place", BigInteger),
    column("at", DateTime(timezone=True)),
    column("seen_at", DateTime(timezone=True)),
    column("seen_by", Integer),
    schema="till",
)

programs = table(
    "programs",
    column("store_id", Uuid(as_uuid=False)),
    column("name", Text),
    column("role", Text),
    column("added_at", DateTime(timezone=True)),
    column("revoked_at", DateTime(timezone=True)),
    column("tells_payments", Boolean),
    schema="till",
)

shifts = table(
    "shifts",
    column("shift_id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("till_id", Integer),
    column("opened", Uuid(as_uuid=False)),
    column("closed", Uuid(as_uuid=False)),
    column("closed_by_server", Uuid(as_uuid=False)),
    column("checked_at", DateTime(timezone=True)),
    column("ended", Uuid(as_uuid=False)),
    column("booked", Uuid(as_uuid=False)),
    schema="till",
)

stores = table(
    "stores",
    column("store_id", Uuid(as_uuid=False)),
    column("name", Text),
    column("currency", Text),
    column("created_at", DateTime(timezone=True)),
    schema="till",
)

tills = table(
    "tills",
    column("store_id", Uuid(as_uuid=False)),
    column("id", Integer),
    column("name", Text),
    column("secret_hash", Text),
    column("live_journal", Uuid(as_uuid=False)),
    column("journals", Integer),
    column("other_asked_at", DateTime(timezone=True)),
    column("revoked_at", DateTime(timezone=True)),
    column("seen_at", DateTime(timezone=True)),
    column("enrolled_at", DateTime(timezone=True)),
    column("logged_in", Integer),
    column("login_event", Uuid(as_uuid=False)),
    column("takeovers", Integer),
    column("takeovers_since", DateTime(timezone=True)),
    column("stations", ARRAY(Text)),
    column("sends", Boolean),
    column("schemes", ARRAY(Text)),
    column("money_changes", Integer),
    column("money_changed_at", DateTime(timezone=True)),
    column("hands_dropped", Integer),
    column("hand_dropped_at", DateTime(timezone=True)),
    schema="till",
)

users = table(
    "users",
    column("store_id", Uuid(as_uuid=False)),
    column("id", Integer),
    column("name", Text),
    column("role", Text),
    column("pin_hash", Text),
    column("disabled_at", DateTime(timezone=True)),
    column("failed", Integer),
    column("locked_until", DateTime(timezone=True)),
    column("locked_by", Integer),
    column("lock_told_at", DateTime(timezone=True)),
    column("password_salt", Text),
    column("password_hash", Text),
    column("created_at", DateTime(timezone=True)),
    column("language", Text),
    schema="till",
)

value_movements = table(
    "value_movements",
    column("movement_id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("tender", Text),
    column("holder_id", Uuid(as_uuid=False)),
    column("session_id", Text),
    column("amount", Numeric),
    column("state", Text),
    column("payment_id", Uuid(as_uuid=False)),
    column("how", Text),
    column("user_id", Integer),
    column("till_id", Integer),
    column("moved_at", DateTime(timezone=True)),
    column("event_id", Uuid(as_uuid=False)),
    column("arrived_at", DateTime(timezone=True)),
    schema="till",
)

vouchers = table(
    "vouchers",
    column("voucher_id", Uuid(as_uuid=False)),
    column("store_id", Uuid(as_uuid=False)),
    column("digest", Text),
    column("hint", Text),
    column("amount", Numeric),
    column("currency", Text),
    column("expires", Date),
    column("issued_by", Integer),
    column("issued_at", DateTime(timezone=True)),
    column("voided_by", Integer),
    column("voided_at", DateTime(timezone=True)),
    column("how", Text),
    schema="till",
)
