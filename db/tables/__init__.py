"""The tables for SQLAlchemy Core, with a module for each schema, and the views for reports.

A test compares them with the database that the revisions make. Objects that
Core cannot describe (composite types, partitions, the first rows) are in `migrations/ddl`; functions, triggers and
views are in `db/sql`. This package loads SQLAlchemy, so it is not imported before a till's first screen or for a key.
"""

from db.tables import cold, hot, session, simulator, till, views, warm
from db.tables.metadata import METADATA

__all__ = ["METADATA", "cold", "hot", "session", "simulator", "till", "views", "warm"]
