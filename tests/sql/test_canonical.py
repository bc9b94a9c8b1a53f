"""The server writes the same canonical text as Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from till.domain.events.envelope import canonical, sha256
from till.domain.ids import tick_of

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

# jsonb holds no NUL and UTF-8 no half of a pair
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_any_value(venue: Venue, value: Any) -> None:
    text = venue.value("SELECT warm.canonical(%s::jsonb)", json.dumps(value))
    assert text == canonical(value)
    assert venue.value("SELECT warm.digest(%s)", text) == sha256(canonical(value))


@pytest.mark.parametrize(
    "odd", ['"', "\\", "/", "\b\f\n\r\t", "\x01\x1f\x7f", "\u2028\u2029", "é", "😀", "\u202e", "\ufeff"]
)
def test_odd_strings(venue: Venue, odd: str) -> None:
    value = {odd: [odd, {"ключ": odd}], "z": 1, "B": 2, "a": 3, "aa": 4, "é": 5, "😀": 6, "\uffff": 7}
    assert venue.value("SELECT warm.canonical(%s::jsonb)", json.dumps(value)) == canonical(value)


def test_ids_follow_what_they_must(venue: Venue) -> None:
    ahead = "7fffffff-ffff-7fff-bfff-ffffffffffff"
    made = [str(row[0]) for row in venue.rows("SELECT warm.next_id(NULL, NULL) FROM generate_series(1, 3)")]
    after = str(venue.value("SELECT warm.next_id(%s, NULL)", ahead))

    assert all(tick_of(one) > 0 for one in made)
    assert tick_of(after) == tick_of(ahead) + 1
    assert [row[0] for row in venue.rows("SELECT warm.tick_of(x::uuid) FROM unnest(%s::text[]) AS x", made)] == [
        tick_of(one) for one in made
    ]
    assert venue.value("SELECT warm.tick_of(gen_random_uuid())") == 0
