"""The tables as SQLAlchemy's Core knows them, a module for each schema, and the views that reports read.

The first revision is written from them (`make generate`), and a test holds them equal to the database. What Core
cannot say (composite types, partitions, the first rows) stands in `migrations/ddl`; functions, triggers and views in
`db/sql`. Nobody imports it on the way to a till's first screen, nor for a key: it loads SQLAlchemy.
"""

from db.tables import cold, hot, session, simulator, till, views, warm
from db.tables.metadata import METADATA

__all__ = ["METADATA", "cold", "hot", "session", "simulator", "till", "views", "warm"]
