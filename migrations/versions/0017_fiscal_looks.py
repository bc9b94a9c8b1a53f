"""The lists that the sender of fiscal records reads: stamps without an answer, and documents without a stamp."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0017_fiscal_looks.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "drop index cold.fiscal_stamps_waiting; alter table till.fiscal_senders drop column compared_at;"
        " drop table till.fiscal_unstamped cascade;"
        " alter table cold.fiscal_stamps drop column answered, drop column requests"
    )
