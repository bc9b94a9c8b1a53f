"""The code that reads and the code that writes agree with the table of good and bad records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.events.building import built, data_at_random
from tests.domain.events.shapes import GOOD, ID, ROWS, TEXTS, Row, body_of, data_of, envelope_of
from till.domain.errors import EventError
from till.domain.events.envelope import NO_HOLD, Draft, Event, Origin, canonical, seal, sha256
from till.domain.events.registry import name_of
from till.domain.streams import REGISTRY, unseal


def reads(body: str) -> bool:
    """True if a till reads a body as an event that it knows."""
    try:
        return unseal(body, sha256(body)).is_known
    except EventError:
        return False


def test_the_table_has_every_type() -> None:
    assert set(GOOD) == {name_of(kind) for kind in REGISTRY}


def test_a_till_reads_exactly_the_rows_of_the_table() -> None:
    assert [(row.name, row.type) for row in ROWS if reads(body_of(row)) is not row.good] == []


def test_the_texts_beside_a_record_are_bounded() -> None:
    body = body_of(next(row for row in ROWS if row.good and row.type == "line_voided"))
    for name, good, texts in TEXTS:
        try:
            unseal(body, sha256(body), texts)
        except EventError:
            assert not good, name
        else:
            assert good, name


def sealed(row: Row) -> Event:
    """Seal a row as an event, as a journal would write it.

    Raises:
        TypeError: a class has no place for it.
        ValueError: it is no time at all.
    """
    kind = REGISTRY.find(row.type)
    assert kind is not None
    around = envelope_of(row.type) | dict(row.envelope)
    at = datetime.fromisoformat(around["at"]) if isinstance(around["at"], str) else around["at"]
    origin = Origin(
        around["journal_id"], around["till"], around["store_id"], around["user"], around["login_session"],
        around["shift"], at,
    )  # fmt: skip
    return seal(
        Draft(built(kind, data_of(row)), around["stream_id"]),
        origin,
        event_id=around["id"],
        seq=around["seq"],
        prev_hash=around["prev_hash"],
        salt=lambda: "5a" * 16,
        hold=NO_HOLD if around["hold_id"] is None else around["hold_id"],
    )


def written(row: Row) -> str | None:
    """Return the sealed body of a row, or None if it is refused or fits no class, as most are."""
    try:
        return sealed(row).body
    except (EventError, TypeError, ValueError, AttributeError, KeyError):
        return None


def test_a_till_writes_no_event_that_no_till_reads() -> None:
    """For every request of a program, the written events can be read again."""
    bad = [row for row in ROWS if not row.good and not row.text]
    assert len(bad) > 1000
    wrong = [
        (row.name, row.type) for row in bad if (body := written(row)) and (not reads(body) or body == body_of(row))
    ]
    assert wrong == []


@given(st.data())
def test_data_that_fits_its_class_is_read(draws: st.DataObject) -> None:
    kind = draws.draw(st.sampled_from(list(REGISTRY)))
    data: dict[str, Any] = draws.draw(data_at_random(kind))
    assert reads(canonical({**envelope_of(name_of(kind)), "data": data, "id": ID}))
