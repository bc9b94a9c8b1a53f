"""The keys of a sale's rows, which only the function that writes the sale itself writes."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CHILDREN = ("order_item", "order_line", "order_payment", "order_status_history")


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0007_sale_keys.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    for child in _CHILDREN:
        key = f"add constraint {child}_order_id_fkey foreign key (order_id) references cold.orders (order_id)"
        op.get_bind().exec_driver_sql(f"alter table cold.{child} {key}")
