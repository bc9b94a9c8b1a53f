"""`python -m tools.quote`: price a basket without an order, by the rules of orders."""

from __future__ import annotations

import sys

from till.cli.main import run_module
from tools.quote import NAME

if __name__ == "__main__":
    sys.exit(run_module(NAME, "tools.quote.command", sys.argv[1:]))
