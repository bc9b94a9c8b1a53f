"""The reports at the desk: a table with bars, the orders behind a row, the lines of an order."""
