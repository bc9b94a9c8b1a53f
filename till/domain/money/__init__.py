"""Amounts, taxes, discounts and promotions: integers of minor units, rounded by one function."""
