"""The series of the numbers of sales and refunds: `1B-FR000123` is of till 1, its journal B, and the series `FR`.

A venue whose law wants full invoices in a series of their own has all four. Another one has those of tickets alone.
"""

from __future__ import annotations

import re
from typing import Final

from till.domain.patterns import late

#: The letters of the series of sales: of tickets, and of full invoices.
TICKETS: Final = ""
INVOICES: Final = "F"
#: Those of refunds of tickets, and of full invoices.
REFUNDS_OF_TICKETS: Final = "R"
REFUNDS_OF_INVOICES: Final = "FR"
#: All series of sales and of refunds, each by the first one.
SERIES: Final = {TICKETS: (TICKETS, INVOICES), REFUNDS_OF_TICKETS: (REFUNDS_OF_TICKETS, REFUNDS_OF_INVOICES)}
_LETTERS: Final = late(r"[0-9][A-Z0-9]*-(FR|F|R)[0-9]{6,9}(?![A-Z0-9])", re.ASCII)


def series_of(number: str) -> str:
    """Return the letters of the series of a number, also after a law's prefix; empty for a ticket."""
    found = _LETTERS.search(number)
    return found[1] if found is not None else TICKETS


def refund_series(sold: str) -> str:
    """Return the series of the number of a refund, by the number of its sale."""
    return REFUNDS_OF_INVOICES if series_of(sold) == INVOICES else REFUNDS_OF_TICKETS
