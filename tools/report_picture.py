"""The picture of a report's page: the demo's week, and its last whole day in a browser.

Run it as `make report-picture`; it writes docs/screens/report.png, and needs Chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_PICTURE: Final = Path(__file__).parents[1] / "docs/screens" / "report.png"
_TILL: Final = Path(sys.executable).with_name("till")
_FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,1580")


def main() -> None:
    """Ring the week, write the page, and take its picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "day.html"
        environment = {**os.environ, "TILL_DATA_DIR": str(Path(folder) / "demo")}
        profile = Path(folder) / "profile"
        words = [
            (str(_TILL), "demo", "--busy"),
            (str(_TILL), "report", "day", "--day", "yesterday", "--beside", "--html", str(page)),
            ("chromium", *_FLAGS, f"--user-data-dir={profile}", f"--screenshot={_PICTURE}", page.as_uri()),
        ]
        for command in words:  # the first ends without a terminal, once the week is rung
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=command[1] != "demo")  # noqa: S603 - our own words


if __name__ == "__main__":
    main()
