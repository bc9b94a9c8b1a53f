"""One set of bounds for all that administration sends: the database takes what Python reads, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.domain.events.building import data_at_random, mutated
from till.domain.catalogue.promotions import PromotionBody
from till.domain.settings import VenueSettings
from till.domain.venue import read_venue
from tools.generating.rules_sql import SHAPES

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

#: To make a failing value smaller takes minutes, and says no more.
AGREEING = settings(
    max_examples=15,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def fault(venue: Venue, shape: str, value: Any) -> str | None:
    fault = venue.value("SELECT till.fault_of(%s, %s)", shape, Jsonb(value))
    return fault and str(fault)


def reads(kind: type[msgspec.Struct], value: Any) -> bool:
    try:
        return goes_together(msgspec.convert(value, kind))
    except msgspec.ValidationError:
        return False


def goes_together(value: Any) -> bool:
    """True if each value has only fields that may stand together, down to the innermost part."""
    if isinstance(value, tuple | dict):
        return all(map(goes_together, value.values() if isinstance(value, dict) else value))
    if not isinstance(value, msgspec.Struct):
        return True
    parts = {name: getattr(value, name) for name in value.__struct_fields__}
    there = {name for name, part in parts.items() if part is not msgspec.UNSET}
    sets = [set(one) for one in getattr(value, "one_of", ())]
    return (not sets or there & set().union(*sets) in sets) and all(map(goes_together, parts.values()))


@pytest.mark.parametrize("shape", SHAPES)
@AGREEING
@given(data=st.data())
def test_rules_take_what_python_reads(venue: Venue, shape: str, data: st.DataObject) -> None:
    value = data.draw(data_at_random(SHAPES[shape]))
    assert reads(SHAPES[shape], value)
    assert fault(venue, shape, value) is None


@pytest.mark.parametrize("shape", SHAPES)
@AGREEING
@given(data=st.data())
def test_rules_refuse_what_python_refuses(venue: Venue, shape: str, data: st.DataObject) -> None:
    sound = data_at_random(SHAPES[shape]).filter(bool)
    value = data.draw(mutated(sound))
    assert (fault(venue, shape, value) is None) is reads(SHAPES[shape], value)


@AGREEING
@given(changes=data_at_random(VenueSettings), offer=data_at_random(PromotionBody))
def test_settings_and_promotions_that_are_taken_are_read_by_tills(
    venue: Venue, changes: dict[str, Any], offer: dict[str, Any]
) -> None:
    """Values that no bound of a single field covers are refused: a time zone, the coin of the currency."""
    terms = {name: value for name, value in offer.items() if name != "name"}
    for query, values in (
        ("SELECT till.store_settings_v1(%s, NULL, %s)", [Jsonb(changes | {"service_charge": None})]),
        ("SELECT till.store_settings_v1(%s, NULL, %s)", [Jsonb(changes | {"service_charge": None, "timezone": "UTC"})]),
        ("SELECT till.promotion_set_v1(%s, NULL, %s, %s)", [offer["name"], Jsonb(terms)]),
    ):
        try:
            venue.value(query, venue.store, *values)
        except Error as refused:
            if refused.sqlstate != "TL006":
                raise
        body = venue.value("SELECT till.reference_body(%s, 'settings', 1, till.venue(%s))", venue.store, venue.store)
        read_venue(body)


@pytest.mark.parametrize("value", [None, [], "x", 1, True, [{}]])
def test_rules_refuse_what_is_no_object(venue: Venue, value: Any) -> None:
    assert fault(venue, "settings", value) is not None


@pytest.mark.parametrize("number", ["1.0", "1.5", "1e-1"])
def test_rules_refuse_a_number_that_an_event_could_not_carry(venue: Venue, number: str) -> None:
    fault = venue.value(f"""SELECT till.fault_of('settings', '{{"tab_minutes": {number}}}')""")
    assert fault.startswith("tab_minutes cannot be")
