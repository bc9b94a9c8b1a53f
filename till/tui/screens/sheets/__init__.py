"""Dialogs: a band over the screen that asks one thing, with the way back always Esc."""
