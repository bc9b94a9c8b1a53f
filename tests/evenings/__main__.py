"""See `tests.evenings.runs`."""

import sys

from tests.evenings.runs import main

if __name__ == "__main__":
    sys.exit(main())
