"""Boards of the kitchen by arrival, and the orders that a till was handed and dropped."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0018_boards.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "alter table warm.tickets drop column arrived_at, drop column weight, drop column came, drop column concerns; "
        "alter table till.hands drop column dropped_by; "
        "alter table till.tills drop column hands_dropped, drop column hand_dropped_at"
    )
