"""Sheets over the sell screen about guests: bookings, customers and feedback."""
