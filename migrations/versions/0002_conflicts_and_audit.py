"""Conflicts about money, what a person settles in the quarantine, gaps of chains, and the cold end of the log."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DDL = Path(__file__).parent.parent / "ddl"
_PARTS = ("till", "warm", "cold")


def upgrade() -> None:
    for part in _PARTS:
        op.get_bind().exec_driver_sql((_DDL / f"0002_{part}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    bind = op.get_bind()
    for table in ("order_audit", "order_audit_links", "order_audit_texts", "audit_reach"):
        bind.exec_driver_sql(f"drop table cold.{table}")
    bind.exec_driver_sql("alter type warm.arrival drop attribute gone cascade")
    bind.exec_driver_sql("alter type warm.door drop attribute reach cascade, drop attribute conflicts cascade")
    bind.exec_driver_sql("alter type warm.door drop attribute records cascade")
    bind.exec_driver_sql("drop index cold.orders_by_receipt")
    bind.exec_driver_sql("drop index warm.quarantine_open")
    bind.exec_driver_sql("drop table warm.chain_gaps")
    bind.exec_driver_sql("drop table warm.logins")
    for column in ("conflict_id", "resolved_by", "how"):
        bind.exec_driver_sql(f"alter table warm.quarantine drop column {column}")
    bind.exec_driver_sql("drop table till.conflicts")
    bind.exec_driver_sql("alter table till.tills drop column logged_in, drop column login_event")
