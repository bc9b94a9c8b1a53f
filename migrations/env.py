"""Runs the revisions over a connection that `db.migrate` opened, in its transaction and as the database's owner.

There is no alembic.ini: `till db upgrade` is the way in. Names in revisions carry their schema; no search path helps.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="till",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
