"""Quotes: prices of a basket outside any order. The basket is read strictly from JSON."""
