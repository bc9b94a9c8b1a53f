"""`python -m tests.simulation`: see `make simulate`."""

from __future__ import annotations

import sys

from tests.simulation.runs import main

if __name__ == "__main__":
    sys.exit(main())
