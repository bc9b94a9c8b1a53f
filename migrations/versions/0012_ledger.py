"""The accountant's journal."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0012_ledger.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "drop table cold.ledger_rows; drop table cold.ledger_batches; drop table cold.ledger_due; "
        "alter table till.shifts drop column booked"
    )
