"""Reports, declared over views of the database, and lists for administration, selected from `db.tables`.

Sales are read only from completed orders. These never change, so the report of a past day does not change either.
"""
