"""Tax groups that begin on a day, at the server: what cannot be forged, and what older tills and programs get then."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import DOSA, IDLY, MENU
from tests.sql.test_order_types import order_of
from till.domain.money.tax import Tax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

SOON = "2099-12-01T12:30:00Z"
LOWER = {"from": SOON, "tax": "B"}


@pytest.fixture
def rated(venue: Venue) -> Venue:
    """A venue with two tax groups, and a service charge of the first."""
    menu: dict[str, Any] = copy.deepcopy(MENU)
    menu["taxes"]["B"] = [{"name": "GST", "rate": "3"}]
    menu["categories"][0]["daypart"], menu["dayparts"] = None, []
    venue.ask("menu_import_v1", 9, menu)
    venue.ask("store_settings_v1", 9, {"service_charge": {"percent": "10", "tax": "A", "order_types": ["dine_in"]}})
    return venue


@pytest.fixture
def chat(rated: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(rated.owner, database.app, rated.store, kept=database.kept) as program:
        yield program


def plan(venue: Venue, *rates: dict[str, Any], charge: list[dict[str, Any]] | None = None, item: str = IDLY) -> int:
    changes = {"items": {item: list(rates)}} | ({} if charge is None else {"charge": charge})
    return int(venue.ask("menu_rate_v1", 9, changes))


def time_goes_by(venue: Venue) -> None:
    """Let what begins in 2099 have begun a moment ago."""
    venue.owner.execute(
        "UPDATE settings SET body = replace(body::text, '2099-12-01T12:30:00', '2026-01-01T00:00:00')::jsonb"
        " WHERE name IN ('menu', 'rates')"
    )


def menu_of(venue: Venue) -> dict[str, Any]:
    body: dict[str, Any] = venue.value("SELECT body FROM settings WHERE name = 'menu'")
    return body


FORGED: Final[tuple[Any, ...]] = (
    {"items": {IDLY: {}}}, {"items": {IDLY: [1]}}, {"items": {IDLY: [{}]}}, {"items": {IDLY: [{"from": SOON}]}},
    {"items": {IDLY: [{"from": SOON, "tax": 1}]}}, {"items": {IDLY: [{"from": "soon", "tax": "B"}]}},
    {"items": {IDLY: [{**LOWER, "price": "1"}]}}, {"items": {IDLY: [{**LOWER, "tax": "C"}]}},
    {"items": {IDLY: [{**LOWER, "order_type": "flying"}]}}, {"items": {IDLY: [LOWER, {**LOWER, "tax": "A"}]}},
    {"items": {IDLY: [{"from": "2026-01-01T00:00:00Z", "tax": "B"}]}}, {"items": {}, "charge": [{**LOWER, "tax": "C"}]},
    {"items": {}, "charge": {}}, {"items": {}, "charge": [{"from": "2026-01-01T00:00:00Z", "tax": "B"}]},
    {"items": {IDLY: [LOWER]}, "taxes": {"A": []}}, {"items": {IDLY: [LOWER]}, "price": "1"},
)  # fmt: skip


def test_a_forged_plan_is_refused_and_changes_nothing(rated: Venue, subtests: pytest.Subtests) -> None:
    before = menu_of(rated)
    for changes in FORGED:
        with subtests.test(changes=changes):
            with pytest.raises(Error) as refused:
                rated.value("SELECT till.menu_rate_v1(%s, 9, %s)", rated.store, Jsonb(changes))
            assert refused.value.sqlstate == "TL006", refused.value
            assert menu_of(rated) == before
    with pytest.raises(Error, match="There is no item nothing"):
        rated.value("SELECT till.menu_rate_v1(%s, 9, %s)", rated.store, Jsonb({"items": {"nothing": [LOWER]}}))


def test_a_plan_stands_in_the_body_and_in_the_chain(rated: Venue) -> None:
    reached = plan(rated, LOWER, {**LOWER, "order_type": "dine_in"}, charge=[LOWER])
    body = rated.till().push(reference={"menu": 0})["reference"]["menu"]["body"]
    assert (body["version"], body["items"][0]["rates"]) == (reached, [LOWER, {**LOWER, "order_type": "dine_in"}])
    assert body["charge_rates"] == [LOWER]
    starts = "2099-12-01T12:30:00.000000Z"
    assert rated.value("SELECT event_data FROM session_events WHERE event_type = 'menu_rated'") == {
        "version": reached,
        "rates": [
            {"starts": starts, "tax": "B", "items": 1, "order_type": "dine_in"},
            {"starts": starts, "tax": "B", "items": 1, "charge": True},
        ],
    }
    plan(rated, charge=[])
    assert "charge_rates" not in menu_of(rated)
    assert "rates" not in menu_of(rated)["items"][0]


def test_server_makes_the_version_of_the_moment_for_tills_that_know_no_plans(rated: Venue) -> None:
    plan(rated, LOWER, {**LOWER, "order_type": "take_away"}, charge=[LOWER])
    till = rated.till()
    before = till.push(reference={"menu": 0})["reference"]["menu"]["version"]
    time_goes_by(rated)
    rated.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 minute'")
    reference = till.push(reference={"menu": before, "settings": 0})["reference"]
    idly = reference["menu"]["body"]["items"][0]
    assert (idly["tax"], idly["by_type"]["take_away"]["tax"], "rates" in idly) == ("B", "B", False)
    assert reference["settings"]["body"]["service_charge"]["tax"] == "B"
    assert "charge_rates" not in reference["menu"]["body"]
    assert rated.rows("SELECT tax FROM menu_item WHERE menu_item_id = %s", IDLY) == [("B",)]
    assert rated.value("SELECT count(*) FROM settings WHERE name = 'rates'") == 0
    begun = "SELECT event_data->'begun' FROM session_events WHERE event_type = 'menu_rated' ORDER BY event_id"
    assert rated.rows(begun) == [(None,), (True,)]
    assert till.push(reference={"menu": reference["menu"]["version"]})["reference"] == {}, "once"


def test_a_version_that_cannot_be_made_fails_no_push_and_is_reported(rated: Venue) -> None:
    plan(rated, {**LOWER, "order_type": "take_away"})
    time_goes_by(rated)
    rated.owner.execute("UPDATE settings SET body = jsonb_set(body, '{items,0,by_type}', '7') WHERE name = 'menu'")
    rated.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 minute'")
    assert rated.till().push()["ok"]
    with pytest.raises(Error):
        rated.value("SELECT till.begin_rates(%s)", rated.store)


def test_a_program_keys_at_the_rate_of_the_moment_before_any_till_was_heard(rated: Venue, chat: FrontEnd) -> None:
    plan(rated, LOWER, charge=[LOWER])
    chat.put("s", IDLY)
    time_goes_by(rated)
    chat.put("s", DOSA)
    chat.put("t", IDLY)
    assert rated.value("SELECT count(*) FROM session_events WHERE event_type = 'menu_rated'") == 1, "not made yet"
    assert [line.taxes for line in order_of(rated, "s").lines.values()] == [(Tax.of("GST", "5"),)] * 2
    order = order_of(rated, "t")
    assert [line.taxes for line in order.lines.values()] == [(Tax.of("GST", "3"),)]
    assert order.terms.charge is not None
    assert order.terms.charge.taxes == (Tax.of("GST", "3"),)


def test_an_import_without_plans_of_the_charge_keeps_them_and_so_does_an_earlier_menu(rated: Venue) -> None:
    before = rated.value("SELECT version FROM settings WHERE name = 'menu'")
    plan(rated, LOWER, charge=[LOWER])
    menu = copy.deepcopy(MENU)
    rated.ask("menu_import_v1", 9, menu)
    assert (menu_of(rated)["charge_rates"], menu_of(rated)["taxes"]["B"][0]["rate"]) == ([LOWER], "3")
    assert "rates" not in menu_of(rated)["items"][0], "an import says all of an item"
    rated.ask("menu_bring_back_v1", 9, before)
    assert menu_of(rated)["charge_rates"] == [LOWER]


@pytest.mark.parametrize("included", [True, False])
def test_line_of_a_program_keeps_its_rate_until_it_is_placed(
    rated: Venue,
    database: Database,
    included: bool,
) -> None:
    rated.ask("store_settings_v1", 9, {"prices_include_tax": included})
    plan(rated, LOWER)
    with front_end(rated.owner, database.app, rated.store, kept=database.kept) as program:
        program.put("s", IDLY, 2)
        time_goes_by(rated)
        program.put("s", IDLY)
        [(total,)] = rated.rows("SELECT total FROM order_sessions WHERE id = 's'")
        assert total == (Decimal("120.00") if included else Decimal("125.20")), "80 at 5 %, 40 at 3 %"
        order = order_of(rated, "s")
        assert [Decimal(order.total) / 100, Decimal(order.priced.tax) / 100] == [
            total, Decimal("4.98") if included else Decimal("5.20"),
        ]  # fmt: skip
        program.order("s", "cash")
    query = "SELECT cold.freeze_session(store_id, s, 'cash') FROM till.order_sessions AS s WHERE id = 's'"
    frozen = rated.value(query)
    assert [(one["quantity"], one["taxes"][0]["rate"], one["subtotal"]) for one in frozen["lines"]] == (
        [(2, "5", "80.00"), (1, "3", "40.00")] if included else [(2, "5", "84.00"), (1, "3", "41.20")]
    )
    assert (Decimal(frozen["total"]), Decimal(frozen["tax"])) == (total, Decimal(order.priced.tax) / 100)
    assert len({line for one in frozen["lines"] for line in one["line_ids"]}) == 2
