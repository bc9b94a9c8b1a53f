"""The language of a person."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl = Path(__file__).parent.parent / "ddl/0025_languages.sql"
    op.get_bind().exec_driver_sql(ddl.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql("alter table till.users drop column language")
