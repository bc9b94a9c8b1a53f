"""See `tests.weeks.runs`."""

import sys

from tests.weeks.runs import main

if __name__ == "__main__":
    sys.exit(main())
