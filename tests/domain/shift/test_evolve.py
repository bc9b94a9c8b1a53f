"""The fold of the close of a shift, by its till or by the server."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from till.domain.shift.events import ShiftClosed, ShiftOpened, ShiftSums
from till.domain.shift.evolve import SHIFTS


@pytest.mark.parametrize(("for_till", "is_over"), [(None, True), (1, False)])
def test_a_close_by_the_server_leaves_the_shift_of_the_till_open(for_till: int | None, is_over: bool) -> None:
    shift: Any = None
    opened = ShiftOpened(business_date="2026-03-03", currency="EUR", kept=("CASH",))
    closed = ShiftClosed(number="0-Z000001", currency="EUR", sums=ShiftSums())
    for place, (data, by_server) in enumerate(((opened, None), (closed, for_till))):
        event: Any = SimpleNamespace(
            data=data, id=f"event {place}", stream_id="shift", till=1, at=datetime(2026, 3, 3, tzinfo=UTC), user=1,
            journal_id="journal", seq=place, prev_hash="", hash="hash", for_till=by_server,
        )  # fmt: skip
        shift = SHIFTS.steps[type(data)](shift, event, data)
    assert shift.is_over is is_over


@pytest.mark.parametrize(("journal", "records"), [("journal", (70, 90)), ("in its place", (1, 90))])
def test_a_z_names_the_records_of_the_journal_that_closed_it(journal: str, records: tuple[int, int]) -> None:
    shift: Any = None
    opened = ShiftOpened(business_date="2026-03-03", currency="EUR", kept=("CASH",))
    closed = ShiftClosed(number="1-Z000001", currency="EUR", sums=ShiftSums())
    for data, user, written_in, seq in ((opened, 1, "journal", 70), (closed, 9, journal, 90)):
        event: Any = SimpleNamespace(
            data=data, id=f"event {seq}", stream_id="shift", till=1, at=datetime(2026, 3, 3, tzinfo=UTC), user=user,
            journal_id=written_in, seq=seq, prev_hash="", hash=f"hash {seq}", for_till=None,
        )  # fmt: skip
        shift = SHIFTS.steps[type(data)](shift, event, data)
    assert (shift.user, shift.closed_by, shift.records, shift.closed_hash) == (1, 9, records, "hash 90")
