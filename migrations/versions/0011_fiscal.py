"""Stamps of sales and refunds, the laws that a till knows, and customers that an invoice names."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0011_fiscal.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "drop table cold.fiscal_stamps; alter table till.tills drop column schemes;"
        " alter table cold.customer_table drop column tax_number, drop column address"
    )
