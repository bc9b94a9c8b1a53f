"""The catalogues, one `.po` a language, and the table that a till loads of each, written by `make generate`."""
