"""Schema revisions, applied by Alembic."""
