"""`python -m tests.mutants`: see `make mutants`."""

from __future__ import annotations

import sys

from tests.mutants.runs import main

if __name__ == "__main__":
    sys.exit(main())
