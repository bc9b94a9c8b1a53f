"""The tickets of kitchen screens, and the stations of a till that is a screen of the kitchen."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0009_kitchen_screens.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "drop table warm.tickets; alter table till.tills drop column stations; "
        "alter table till.enrolments drop column stations"
    )
