"""Keys of the accountant's journal."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0016_ledger_keys.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "alter table cold.ledger_due drop constraint ledger_due_pkey, "
        "add constraint ledger_due_pkey primary key (event_id); "
        "alter table cold.ledger_rows rename constraint ledger_rows_store_id_batch_fkey to ledger_rows_store_id_fkey"
    )
