"""Tills that take no money: the changes of each, and the last one that each of their journals heard."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0014_no_money.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "alter table till.tills drop column money_changes, drop column money_changed_at; "
        "alter table till.enrolments drop column no_money; alter table warm.journal_head drop column money_heard"
    )
