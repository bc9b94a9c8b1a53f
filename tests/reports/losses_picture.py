"""The picture of `till report losses`: a played night with thefts, as a browser shows its page.

`make report-picture` runs it; it writes docs/screens/losses.png, and needs Chromium.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from db.engine import connect
from tests.evenings.served import Stage
from tests.reports.test_losses_played import THEFTS, Night, play
from tests.simulation.arena import make_folder
from tests.simulation.runs import databases
from till.reports.page import page

if TYPE_CHECKING:
    from till.domain.events.envelope import Event

_PICTURE: Final = Path(__file__).parents[2] / "docs/screens/losses.png"
_FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,2120")
_SEED: Final = 5


class _Pictured(Night):
    """A night in a database whose rights of a superuser nobody has."""

    @override
    def date(self, late: Event) -> None:
        """Do nothing: no record came late."""


def main() -> None:
    """Play the night, write its page, and take its picture."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "losses.html"
        with (
            databases(1) as [(owner, app)],
            connect(owner) as owned,
            connect(app) as used,
            make_folder() as journals,
        ):
            _night, found = play(Stage(owned, used, Path(journals)), _SEED, 30, THEFTS, _Pictured)
        written.write_text(page(found.found), encoding="utf-8")
        profile = f"--user-data-dir={Path(folder) / 'profile'}"
        taken = ("chromium", *_FLAGS, profile, f"--screenshot={_PICTURE}", written.as_uri())
        subprocess.run(taken, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
