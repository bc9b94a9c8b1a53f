"""Sheets over a screen that ask one thing; Esc always goes back."""
