"""Quotes: prices of a basket outside any order, an oracle for who examines the till's sums.

The basket is read strictly from JSON.
"""

from typing import Final

#: The command, as typed.
NAME: Final = "python -m tools.quote"
