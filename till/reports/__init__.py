"""Reports, each declared once over its views, and the lists of administration, by selects over `db.tables`.

Sales are read only from completed orders, which never change, so a report of a day never changes either.
"""
