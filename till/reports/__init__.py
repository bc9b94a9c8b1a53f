"""What people read of the database, by selects over `db.tables`: the sales of a day, and the lists of administration.

Sales are read from the completed orders alone: they never change, so a report of a day never does.
"""
