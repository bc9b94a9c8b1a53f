"""The tables and views that reports select from, for SQLAlchemy Core, with a module for each schema.

They are written from the database by `make tables`. This package loads SQLAlchemy, so it is not imported before a
till's first screen or for a key.
"""
