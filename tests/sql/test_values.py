"""Functions of the database that only compute, called directly: each line of `values.sql` is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

ROWS = {"hold": "warm.hold_state", "event": "warm.incoming_event"}
#: A value of each type of column, not its default, different for each number.
SAMPLES = {
    "text": "text {}",
    "uuid": "00000000-0000-7000-8000-0000000000{:02}",
    "integer": "{}",
    "bigint": "{}",
    "numeric": "{}.50",
    "boolean": "true",
    "jsonb": "value {}",
    "timestamp with time zone": "2026-03-03T12:00:{:02}+00:00",
}


def test_functions_compute_their_values(venue: Venue) -> None:
    lines = Path(__file__).with_name("values.sql").read_text(encoding="utf-8").splitlines()
    known = [line for line in lines if line and not line.startswith("--")]
    assert [line for line in known if venue.value(f"SELECT {_whole(line)}") is not True] == []


def test_the_state_of_a_session_has_what_its_row_has(venue: Venue) -> None:
    columns = venue.rows(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = 'till.order_sessions'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    texts = {name: SAMPLES[kind].format(number) for number, (name, kind) in enumerate(columns, start=10)}
    row, state = venue.rows(
        "SELECT to_jsonb(t), to_jsonb(warm.state_of(t, true))"
        " FROM jsonb_populate_record(NULL::till.order_sessions, %s) AS t",
        Jsonb(texts),
    )[0]
    assert {name: state[name] for name in row if name in state} == {name: row[name] for name in row if name in state}
    assert (state["before_version"], state["before_event"], state["before_tab"]) == (
        row["version"],
        row["last_event"],
        row["tab_id"],
    )
    assert [name for name, value in state.items() if value is None] == []


def _whole(line: str) -> str:
    line = re.sub(r"@(\d)", r"00000000-0000-7000-8000-00000000000\1", line)
    return re.sub(r"(?<![\w.])(hold|event)\(", lambda row: f"jsonb_populate_record(null::{ROWS[row[1]]}, ", line)
