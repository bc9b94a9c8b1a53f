"""A card terminal on the venue's network: nexo retailer in JSON, as in the local mode of Adyen's terminals.

- `open_terminal`: opens the terminal of a table in the configuration.
- `TerminalTender`: the terminal as a tender.
- `TerminalError`: a request to the terminal failed.
"""

from till.tenders.terminal.housekeeping import TerminalError
from till.tenders.terminal.opening import TerminalSettings, open_terminal
from till.tenders.terminal.tender import TerminalTender

__all__ = ["TerminalError", "TerminalSettings", "TerminalTender", "open_terminal"]
