"""A card terminal on the venue's network: nexo retailer in JSON, as Adyen's terminals speak it in local mode.

- `open_terminal`: opens the terminal of a table in the configuration.
- `TerminalTender`: the terminal as a way to pay; `Totals`: what it took.
- `TerminalError`: a request to it failed.
"""

from till.tenders.terminal.housekeeping import TerminalError, Totals
from till.tenders.terminal.opening import TerminalSettings, open_terminal
from till.tenders.terminal.tender import TerminalTender

__all__ = ["TerminalError", "TerminalSettings", "TerminalTender", "Totals", "open_terminal"]
