"""Amounts and taxes, their rounding and their written forms. All are integers of minor units with one rounding."""
