"""A card terminal on the venue's network: nexo retailer in JSON, as Adyen's terminals speak it in local mode.

- `open_terminal`: the terminal that a table of the config describes.
- `TerminalTender`: it, as a way to pay; `Totals`: what it took.
- `TerminalError`: it did not do what was asked of it.
"""

from till.tenders.terminal.housekeeping import TerminalError, Totals
from till.tenders.terminal.opening import TerminalSettings, open_terminal
from till.tenders.terminal.tender import TerminalTender

__all__ = ["TerminalError", "TerminalSettings", "TerminalTender", "Totals", "open_terminal"]
