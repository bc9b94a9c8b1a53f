"""The catalogues, one `.po` a language. `make setup` writes the table of each that a till loads; git has none."""
