"""The order type of each line of a sale."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0023_types_of_lines.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql("alter table cold.order_item drop column order_type")
