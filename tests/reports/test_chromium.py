"""A report's page in a real browser: it renders, offline, and prints on two pages."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.reports.test_outputs import read, sold  # noqa: F401 - a fixture
from tests.reports.test_sales import shop  # noqa: F401 - a fixture
from till.reports.declared import DAY as GLANCE
from till.reports.page import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reports.test_sales import Shop

CHROMIUM: Final = shutil.which("chromium")
#: It asks nobody anything: the network is shut.
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--window-size=1200,1400",
)  # fmt: skip
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="this machine has no Chromium; .ci/run installs it where it can"
)


@pytest.fixture
def browse(tmp_path: Path) -> Callable[..., None]:
    def run(*options: str) -> None:
        subprocess.run(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *options],
            check=True,
            capture_output=True,
            timeout=120,
        )

    return run


def test_a_page_renders_in_a_browser_and_prints_on_two_pages(
    sold: Shop,  # noqa: F811
    tmp_path: Path,
    browse: Callable[..., None],
) -> None:
    file, picture, paper = (tmp_path / f"day.{ending}" for ending in ("html", "png", "pdf"))
    file.write_text(page(read(sold, GLANCE)), encoding="utf-8")
    browse(f"--screenshot={picture}", f"--print-to-pdf={paper}", "--no-pdf-header-footer", file.as_uri())
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000, "more than a blank page"
    assert 1 <= paper.read_bytes().count(b"/Type /Page\n") <= 2
