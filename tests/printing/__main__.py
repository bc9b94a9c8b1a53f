"""See `tests.printing.runs`."""

import sys

from tests.printing.runs import main

if __name__ == "__main__":
    sys.exit(main())
