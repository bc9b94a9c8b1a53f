"""The shifts of the tills."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0004_shifts.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    drop = "drop table till.shift_facts, till.shifts; alter table cold.tender_correction drop column arrived_at"
    op.get_bind().exec_driver_sql(drop)
    op.get_bind().exec_driver_sql("alter table till.tills drop column takeovers, drop column takeovers_since")
    op.get_bind().exec_driver_sql("drop index till.order_sessions_open_at")
