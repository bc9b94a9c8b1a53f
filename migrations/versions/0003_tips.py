"""Corrections of tips, and an index of payments with tips."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0001k"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0003_tips.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql("drop table cold.tip_correction; drop index cold.order_payment_tipped")
