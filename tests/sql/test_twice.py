"""Rules that both Python and SQL decide, and why; all others live in one place, or are generated (`make generate`).

A test that the table names compares the two on random input.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.domain.events.building import data_at_random
from tests.sql.ringing import IDLY, MENU, SETTINGS
from till.domain.catalogue.hours import HoursBody
from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.menu_csv import span
from till.domain.catalogue.menu_edit import prices_at
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor, Price4
from till.domain.order.events import OrderOpened, RoundingTerms
from till.domain.order.terms import rounding_from, terms_from, terms_in
from till.domain.settings import VenueSettings
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

ROOT: Final = Path(__file__).parents[2]
INR: Final = Currency("INR")
#: To make a failing value smaller takes minutes, and says no more.
AGREEING: Final = settings(
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Twice(NamedTuple):
    """A rule that is written twice: where in Python, where in SQL, why, and what holds the two to one another."""

    rule: str
    python: str
    sql: str
    why: str
    held_by: str


NO_TILL: Final = "no till need be on when a program's guest orders and pays, and the database runs no Python"
NO_SERVER: Final = "a till decides it with no server, and the server decides it for what no till sent"
TWICE: Final = (
    Twice(
        "the business date of a moment",
        "till.domain.venue:Venue.business_date",
        "till.day_of",
        NO_SERVER,
        "tests.sql.test_business_date:test_business_date_of_till_and_server_agree",
    ),
    Twice(
        "the taxes of an order",
        "till.domain.money.tax:tax_order",
        "cold.tax_lines",
        NO_TILL,
        "tests.sql.test_documents:test_the_taxes_of_a_chat_order_are_those_that_a_till_would_take",
    ),
    Twice(
        "what is rounded of what is paid",
        "till.domain.money.settling:PaidRounding.of",
        "cold.rounded_off",
        NO_TILL,
        "tests.sql.test_twice:test_rounding_of_what_is_paid_agrees",
    ),
    Twice(
        "the terms on which an order is opened",
        "till.domain.order.terms:terms_in",
        "till.terms_of",
        NO_TILL,
        "tests.sql.test_twice:test_terms_of_a_new_order_agree",
    ),
    Twice(
        "what pieces cost at a unit price",
        "till.domain.money.amount:Currency.amount_of",
        "till.shown_item",
        NO_TILL,
        "tests.sql.test_twice:test_amount_of_pieces_agrees",
    ),
    Twice(
        "what an item costs and bears at a moment, of the plans for it",
        "till.domain.catalogue.menu_edit:prices_at",
        "till.item_at",
        NO_SERVER,
        "tests.sql.test_twice:test_price_and_taxes_of_a_moment_agree",
    ),
    Twice(
        "whether an item is sold at a moment",
        "till.domain.catalogue.menu:Menu.is_sold_at",
        "cold.is_sold_at",
        NO_TILL,
        "tests.sql.test_twice:test_hours_of_an_item_agree",
    ),
    Twice(
        "which of two dayparts that hold now names the hour",
        "till.domain.catalogue.menu_csv:span",
        "till.dayparts_used",
        "a menu is read from a file before any server has it, and single dayparts change at the server",
        "tests.sql.test_twice:test_order_of_dayparts_agrees",
    ),
    Twice(
        "which of two answers about a refund contradict each other",
        "till.domain.payment.movement:apply_result",
        "warm.apply_refund_answer",
        "a till says so at its counter with no server, and the server tells a manager, also of a till that is gone",
        "tests.sql.test_refunds:test_answers_that_contradict_each_other_agree",
    ),
    Twice(
        "the one text of a record, and its hash",
        "till.domain.events.envelope:canonical",
        "warm.canonical",
        "both write chains",
        "tests.sql.test_canonical:test_any_value",
    ),
    Twice(
        "an id that comes after others",
        "till.domain.ids:tick_of",
        "warm.tick_of",
        "both write chains",
        "tests.sql.test_canonical:test_ids_follow_what_they_must",
    ),
    Twice(
        "what a record of a type may hold",
        "till.domain.streams:unseal",
        "warm.written_data",
        "both read records that others wrote; SQL's is made from the classes",
        "tests.sql.test_shapes:test_a_random_change_is_judged_alike",
    ),
    Twice(
        "what administration may send",
        "till.domain.settings:read_settings",
        "till.fault_of",
        "both are sent it by programs that they do not know; SQL's bounds are made from the classes",
        "tests.sql.test_rules:test_rules_refuse_what_python_refuses",
    ),
    Twice(
        "the sums of a shift, and the balance of a drawer",
        "till.domain.shift.books:ShiftTotals.sums",
        "warm.shift_sums",
        "a till closes its shift with no server, and the server adds it up again from what arrived",
        "tests.sql.test_shifts:test_sums_of_random_shifts_agree",
    ),
    Twice(
        "where an order stands, and who holds it",
        "till.domain.order.evolve:apply",
        "warm.apply_step",
        NO_SERVER,
        "tests.simulation.invariants:statuses_agree",
    ),
)


def _named(path: str) -> Any:
    module, _colon, name = path.partition(":")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("one", TWICE, ids=lambda one: one.rule)
def test_rule_that_is_left_twice_is_there_twice_and_held_together(one: Twice) -> None:
    assert callable(_named(one.python))
    assert callable(_named(one.held_by))
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "db/sql").rglob("*.sql"))
    assert f"create or replace function {one.sql}(" in written
    assert one.why


def test_generated_rules_are_written_by_hand_nowhere() -> None:
    """A name of an act, a list of currencies or the kinds of a flag in a function is a rule's second place."""
    by_hand = [path for path in (ROOT / "db/sql").rglob("*.sql") if path.parent.name != "05_types"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in by_hand)
    assert re.findall(r"'(?:void_sent|staff_meal)'", text) == []
    assert re.findall(r"'(?:JPY|KWD)'", text) == []
    assert re.findall(r"'(?:VOUCHER|ACCOUNT)', *'", text) == []
    assert re.findall(r"\[A-Z\]\[A-Z0-9_\]|\[0-9\]\{1,7\}|\[01\]\[0-9\]\|2\[0-3\]", text) == []


_STEPS = st.sampled_from(["0", "0.00", "0.01", "0.02", "0.05", "0.10", "0.20", "0.25", "0.5", "1", "1.00", "5", "10"])
_RULES = st.builds(
    lambda rule, step, floor: rule | {"step": step} | ({"nothing_up_to": floor} if "nothing_up_to" in rule else {}),
    data_at_random(RoundingTerms),
    _STEPS,
    _STEPS,
).map(lambda rule: {**rule, "never": ["CARD", "Meal"]} if "never" in rule else rule)


@AGREEING
@given(
    halves=st.lists(st.integers(-500, 500), min_size=8, max_size=8),
    rule=_RULES,
    method=st.sampled_from(["cash", "CASH", "card", "meal", "UPI"]),
)
def test_rounding_of_what_is_paid_agrees(venue: Venue, halves: list[int], rule: dict[str, Any], method: str) -> None:
    """Halves of a step are where the directions part; a unit beside them is too."""
    known = rounding_from(msgspec.convert(rule, RoundingTerms), INR)
    step = INR.minor(rule["step"])
    for half, beside in zip(halves, (0, 0, 0, 0, 1, -1, 1, -1), strict=True):
        total = half * step // 2 + beside
        of_till = known.of(total) if known is not None and known.touches(method) else 0
        amount = Decimal(total).scaleb(-2)
        of_server = venue.value("SELECT cold.rounded_off(%s, %s, %s)", amount, Jsonb(rule), method)
        assert of_server == Decimal(of_till).scaleb(-2), total


@AGREEING
@given(changes=data_at_random(VenueSettings), rule=st.none() | _RULES, band=st.sampled_from(["", "A"]))
def test_terms_of_a_new_order_agree(
    venue: Venue, changes: dict[str, Any], rule: dict[str, Any] | None, band: str
) -> None:
    charge = changes.get("service_charge")
    body = {**SETTINGS, **changes, "currency": "INR", "timezone": "UTC", "rounding": rule}
    body |= {"cashier_discount_amount": "0", "manager_discount_amount": "0", "cashier_cash": ""}
    body |= {"service_charge": {**charge, "tax": band} if charge else None}
    venue.owner.execute("UPDATE till.settings SET body = %s WHERE name = 'settings'", [Jsonb(body)])
    terms = read_venue(body).terms_with(read_menu({"version": 1, **MENU}, INR))
    reply = venue.value("SELECT till.terms_of(%s)", venue.store)
    read = msgspec.convert({**reply, "user": 1, "order_type": "take_away"}, OrderOpened)
    assert terms_in(terms_from(read)) == terms_in(terms)


@AGREEING
@given(price4=st.integers(0, 10**9), quantity=st.integers(-999, 999), code=st.sampled_from(["INR", "JPY", "KWD"]))
def test_amount_of_pieces_agrees(venue: Venue, price4: int, quantity: int, code: str) -> None:
    currency = Currency(code)
    item = {"unit_price": currency.price_text(Price4(price4)), "quantity": quantity}
    shown = venue.value("SELECT till.shown_item(%s, %s)->>'amount'", code, Jsonb(item))
    amount = currency.amount_of(Price4(price4), quantity)
    assert Decimal(shown) == Decimal(currency.text(Minor(amount)))


_PRICES = st.none() | st.sampled_from(["1.00", "45", "0.0125"])
_NOW = datetime(2026, 3, 3, 5, tzinfo=UTC)


@AGREEING
@given(
    price=_PRICES,
    planned=st.lists(st.tuples(st.integers(-50, 50), _PRICES), max_size=4, unique_by=lambda one: one[0]),
    rated=st.lists(
        st.tuples(st.integers(-50, 50), st.sampled_from(["", "take_away", "dine_in"]), st.sampled_from("ABC")),
        max_size=5,
        unique_by=lambda one: one[:2],
    ),
    by_type=st.sampled_from([{}, {"take_away": {"tax": "B"}}, {"dine_in": {"price": "50.00"}}]),
    at=st.integers(-51, 51),
)
def test_price_and_taxes_of_a_moment_agree(
    venue: Venue,
    price: str | None,
    planned: list[tuple[int, str | None]],
    rated: list[tuple[int, str, str]],
    by_type: dict[str, Any],
    at: int,
) -> None:
    moment = _NOW + timedelta(minutes=at)
    prices = [{"from": f"{_NOW + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}", "price": one} for n, one in planned]
    rates = [
        {"from": f"{_NOW + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}", "tax": tax}
        | ({"order_type": name} if name else {})
        for n, name, tax in rated
    ]
    item = {**MENU["items"][0], "price": price} | ({"prices": prices} if prices else {})
    item |= ({"rates": rates} if rates else {}) | ({"by_type": by_type} if by_type else {})
    of_server = venue.value("SELECT till.item_at(%s, %s)", Jsonb(item), moment)
    assert of_server == prices_at(item, moment)
    menu = read_menu({"version": 1, **MENU, "items": [item]}, INR).at(moment)
    assert menu.items == read_menu({"version": 1, **MENU, "items": [of_server]}, INR).items


@AGREEING
@given(st.lists(data_at_random(HoursBody), min_size=1, max_size=6))
def test_order_of_dayparts_agrees(venue: Venue, hours: list[dict[str, Any]]) -> None:
    parts = [{**one, "name": f"Part {place}"} for place, one in enumerate(hours)]
    items = [{"daypart": one["name"]} for one in parts]
    of_server = venue.value("SELECT till.dayparts_used(%s)", Jsonb({"dayparts": parts, "items": items}))
    assert of_server == sorted(parts, key=span)


@AGREEING
@given(
    hours=st.lists(data_at_random(HoursBody), max_size=4, unique_by=lambda one: one["from"]),
    at=st.lists(st.integers(0, 7 * 24 * 60), min_size=6, max_size=6),
)
def test_hours_of_an_item_agree(venue: Venue, hours: list[dict[str, Any]], at: list[int]) -> None:
    """Also at the very minutes at which they begin and end, a day later too."""
    parts = [{**one, "name": "Part"} | ({"days": sorted({*one["days"]})} if "days" in one else {}) for one in hours]
    menu = {**MENU, "dayparts": parts}
    menu |= {"categories": [{**one, "daypart": "Part" if parts else None} for one in MENU["categories"]]}
    venue.value("SELECT till.menu_import_v1(%s, 9, %s)", venue.store, Jsonb(menu))
    edges = [time.fromisoformat(one[end]) for one in hours for end in ("from", "to")]
    sold = read_menu({"version": 1, **menu}, INR)
    clock = read_venue({**SETTINGS, "currency": "INR"})
    minutes = [*at, *(edge.hour * 60 + edge.minute + day * 24 * 60 for edge in edges for day in (1, 2))]
    midnight = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    for moment in (midnight + timedelta(minutes=minute) for minute in minutes):
        of_server = venue.value("SELECT cold.is_sold_at(%s, %s, %s)", venue.store, IDLY, moment)
        assert of_server == sold.is_sold_at(sold.items[0], clock.local(moment)), moment
