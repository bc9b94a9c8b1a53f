from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`([\w./-]+\.(?:py|sql|tcss))`", page.read_text(encoding="utf-8")))
    rooms = [
        path for room in ("till", "db", "migrations", "docs", "tests", "bench") for path in ROOT.glob(f"{room}/**/*")
    ]
    there = {str(path.relative_to(ROOT)) for path in rooms}
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in there)}
    assert missing == set()
