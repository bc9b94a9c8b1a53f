"""Amounts, taxes and how both are written. Integers of minor units, one rounding."""
