"""Functions of the database that only compute, called directly: each line of `values.sql` is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

ROWS = {"hold": "warm.hold_state", "event": "warm.incoming_event"}


def test_functions_compute_their_values(venue: Venue) -> None:
    lines = Path(__file__).with_name("values.sql").read_text(encoding="utf-8").splitlines()
    known = [line for line in lines if line and not line.startswith("--")]
    assert [line for line in known if venue.value(f"SELECT {_whole(line)}") is not True] == []


def _whole(line: str) -> str:
    line = re.sub(r"@(\d)", r"00000000-0000-7000-8000-00000000000\1", line)
    return re.sub(r"(?<![\w.])(hold|event)\(", lambda row: f"jsonb_populate_record(null::{ROWS[row[1]]}, ", line)
