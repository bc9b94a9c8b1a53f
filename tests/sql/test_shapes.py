"""PostgreSQL agrees with the table of good and bad records, and with the tills on what nobody thought of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.events.building import data_at_random, mutated
from tests.domain.events.shapes import ROWS, TEXTS, body_of, data_of, envelope_of
from till.domain.errors import EventError
from till.domain.events.envelope import canonical, sha256
from till.domain.events.registry import name_of
from till.domain.streams import REGISTRY, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import psycopg

    from tests.plugins.database import Database

FAULTS = """
    SELECT warm.fault_of_record(b, warm.read_envelope(b))
    FROM unnest(%s::text[]) WITH ORDINALITY AS x (b, n) ORDER BY n"""
SHAPES = """
    SELECT warm.fault_of_shape(t, 1, s, d) FROM unnest(%s::text[], %s::text[], %s::jsonb[])
    WITH ORDINALITY AS x (t, s, d, n) ORDER BY n"""
READ = "SELECT (e).fault FROM unnest(warm.read_events(%s::jsonb)) WITH ORDINALITY AS e"


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection


def faults(owner: psycopg.Connection[Any], bodies: Iterable[str]) -> list[str | None]:
    return [fault for (fault,) in owner.execute(FAULTS, [list(bodies)]).fetchall()]


def fault(owner: psycopg.Connection[Any], body: str) -> str | None:
    [fault] = faults(owner, [body])
    return fault


def reads(body: str) -> bool:
    try:
        return unseal(body, sha256(body)).is_known
    except EventError:
        return False


def test_the_database_takes_exactly_the_rows_of_the_table(owner: psycopg.Connection[Any]) -> None:
    found = faults(owner, map(body_of, ROWS))
    wrong = [(row.name, row.type, fault) for row, fault in zip(ROWS, found, strict=True) if (fault is None) != row.good]
    assert wrong == []


def test_a_push_finds_the_same_and_one_bad_record_costs_no_other(owner: psycopg.Connection[Any]) -> None:
    # a push judges each record as above: these are a good and a bad one of every type of event, in data and beside it
    some = {(row.type, row.good, row.envelope == (), row.text is None): row for row in ROWS}
    rows = [(row.good, body) for row in some.values() if len(body := body_of(row)) < 100_000]
    travelling = [{"b": body, "h": sha256(body), "t": {}} for _good, body in rows]
    found = owner.execute(READ, [json.dumps(travelling)]).fetchall()
    assert [fault is None for (fault,) in found] == [good for good, _body in rows]


def test_the_texts_beside_a_record_are_bounded(owner: psycopg.Connection[Any]) -> None:
    body = body_of(next(row for row in ROWS if row.good and row.type == "line_voided"))
    travelling = [{"b": body, "h": sha256(body), "t": texts} for _name, _good, texts in TEXTS]
    found = owner.execute(READ, [json.dumps(travelling)]).fetchall()
    assert [fault is None for (fault,) in found] == [good for _name, good, _texts in TEXTS]


@pytest.mark.parametrize(
    "texts", ["x", 5, [], [1], True, {"reason": None}, {"reason": "x"}, {"reason": {"text": 5}}, None]
)
def test_texts_that_are_none_fail_no_other_record(owner: psycopg.Connection[Any], texts: object) -> None:
    bodies = [body_of(row) for row in ROWS if row.good][:2]
    travelling = [{"b": body, "h": sha256(body), "t": t} for body, t in zip(bodies, ({}, texts), strict=True)]
    (first,), _second = owner.execute(READ, [json.dumps(travelling)]).fetchall()
    assert first is None


def test_the_shape_of_data_alone_is_judged_alike(owner: psycopg.Connection[Any]) -> None:
    of_data = [row for row in ROWS if not row.envelope and not row.text]
    assert len(of_data) > 1000
    streams = {name_of(kind): str(kind.stream) for kind in REGISTRY}
    asked = [[row.type for row in of_data], [streams[row.type] for row in of_data],
             [canonical(data_of(row)) for row in of_data]]  # fmt: skip
    found = owner.execute(SHAPES, asked).fetchall()
    assert [row.name for row, fault in zip(of_data, found, strict=True) if (fault == (None,)) is not row.good] == []


def test_a_fault_is_explained_in_words(owner: psycopg.Connection[Any]) -> None:
    row = next(row for row in ROWS if row.good and row.type == "item_added")
    wrong = {
        body_of(row._replace(data=((("more",), 1),))): "the record has fields that item_added does not have: more",
        body_of(row._replace(data=((("price",), "80,00"),))): "the data of the record is not that of item_added",
        body_of(
            row._replace(envelope=(("stream_kind", "login"),))
        ): "the record is in a stream where it does not belong",
        body_of(row._replace(envelope=(("type", "item_weighed"),))): "the record was made by a newer till",
        body_of(row._replace(envelope=(("till", -1),))): "the envelope of the record does not fit",
        body_of(row).replace('"at":', '"at": ', 1): "the record is not written as tills write",
        "no JSON": "the record cannot be read as an event",
    }
    for body, sentence in wrong.items():
        assert fault(owner, body) == sentence


AT_RANDOM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@AT_RANDOM
@given(st.data())
def test_data_at_random_is_taken_by_both(owner: psycopg.Connection[Any], draws: st.DataObject) -> None:
    kind = draws.draw(st.sampled_from(list(REGISTRY)))
    data = draws.draw(data_at_random(kind))
    body = canonical({**envelope_of(name_of(kind)), "data": data})
    assert reads(body)
    assert fault(owner, body) is None


@AT_RANDOM
@given(st.data())
def test_a_random_change_is_judged_alike(owner: psycopg.Connection[Any], draws: st.DataObject) -> None:
    kind = draws.draw(st.sampled_from(list(REGISTRY)))
    sound = data_at_random(kind).map(lambda data: {**envelope_of(name_of(kind)), "data": data})
    body = canonical(draws.draw(mutated(sound)))
    assert (fault(owner, body) is None) is reads(body)
