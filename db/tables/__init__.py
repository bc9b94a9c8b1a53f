"""The tables for SQLAlchemy's Core, a module for each schema, and the views for reports.

The first revision is generated from them (`make generate`), and a test keeps them equal to the database. Things beyond
Core (composite types, partitions, the first rows) are in `migrations/ddl`; functions, triggers and views in `db/sql`.
Nothing imports this before a till's first screen, nor for a key: it loads SQLAlchemy.
"""

from db.tables import cold, hot, session, simulator, till, views, warm
from db.tables.metadata import METADATA

__all__ = ["METADATA", "cold", "hot", "session", "simulator", "till", "views", "warm"]
