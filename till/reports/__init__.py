"""Reports from the database, by selects over `db.tables`: the sales of a day, and the lists of administration.

Sales are read only from completed orders, which never change, so a report of a day never changes either.
"""
