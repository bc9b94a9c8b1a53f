"""The tables: stores, order sessions, hot rows, the log, completed orders, conflicts and the menu.

The statements stand in `migrations/ddl/0001_*.sql` and are never edited (docs/adr/0060-frozen.md). A later change is an
added revision, from 0003 on, and is declared in `db.tables` too. The functions that work on these tables stand in
`db/sql` and are applied whole.

Letters before this one name tables from before they were frozen: such a database is recognised by its revision and
left as it is (`db.schema.judge`).
"""

from pathlib import Path

from alembic import op

revision = "0001k"
down_revision = None
branch_labels = None
depends_on = None

_DDL = Path(__file__).parent.parent / "ddl"
_PARTS = ("tables", "till", "warm", "cold")
_SCHEMAS = ("till", "hot", "warm", "cold", "session", "simulator")


def upgrade() -> None:
    for part in _PARTS:
        op.get_bind().exec_driver_sql((_DDL / f"0001_{part}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for schema in reversed(_SCHEMAS):
        op.get_bind().exec_driver_sql(f"drop schema {schema} cascade")
