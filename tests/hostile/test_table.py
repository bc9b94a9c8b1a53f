"""The tables of the README beside this file and of the one above it: every test that they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("table", ["tests/hostile/README.md", "tests/README.md"])
def test_every_test_that_the_table_names_is_there(table: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / table).read_text(encoding="utf-8"))
    assert named
    gone = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8").replace("async def", "def")
    ]
    assert gone == []
