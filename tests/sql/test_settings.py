"""The settings of a store: what no till could read is refused, whoever sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.sql.ringing import MENU, Cart
from tests.sql.test_archive import archive, cleared, leave
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def change(venue: Venue, changes: Any) -> Any:
    return venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(changes))


NO_TEXTS: Final[tuple[Any, ...]] = (None, 1, True, [], {}, "a\nb", "a" * 251)
NO_ROUNDINGS: Final[tuple[Any, ...]] = (
    1, "0.05", [], {}, {"step": 0.05}, {"step": "-1"}, {"step": "1e3"}, {"step": None}, {"step": "1", "to": "x"},
    {"step": "1", "direction": "up"}, {"step": "1", "of": "card"}, {"step": "1", "never": "card"},
    {"step": "1", "never": [1]}, {"step": "1", "nothing_up_to": "-1"},
)  # fmt: skip
NO_CHARGES: Final[tuple[Any, ...]] = (
    "10", {}, {"percent": 10}, {"percent": "101"}, {"percent": "10", "tax": 1}, {"percent": "10", "tax": "none"},
    {"percent": "10", "order_types": "dine_in"}, {"percent": "10", "on": "dine_in"},
)  # fmt: skip
NO_FLAGS: Final[tuple[Any, ...]] = (None, 1, "true", [], {})


FORGED: Final[tuple[Any, ...]] = (
    None, [], "name", 1, {"no such": 1}, {"tills": []}, {"demo": True}, {"backed_up_at": "2026-01-01"},
    *({key: wrong} for key in (
        "name", "currency", "locale", "timezone", "business_day_ends", "tax_rounding",
        "tax_rounding_direction", "tax_rounding_of", "tax_number", "address", "hsn",
    ) for wrong in NO_TEXTS),
    *({"prices_include_tax": wrong} for wrong in NO_FLAGS), {"trading_days": []},
    {"name": ""}, {"name": " "}, {"name": "a" * 81}, {"name": "a\u009bb"}, {"currency": "inr"},
    {"currency": "INRS"},
    {"locale": "English"}, {"locale": "en-IN"}, {"timezone": "Mars/Base"}, {"timezone": ""},
    {"business_day_ends": "24:00"}, {"business_day_ends": "4:00"}, {"business_day_ends": "04:00:00"},
    {"tax_rounding": "each"}, {"tax_rounding_direction": "half_down"}, {"tax_rounding_of": "rates"},
    *({"rounding": wrong} for wrong in NO_ROUNDINGS),
    *({"service_charge": wrong} for wrong in NO_CHARGES),
    {"tax_number": "29OK", "currency": "x"},
    *({key: wrong} for key in (
        "cashier_may", "cashier_discount_percent", "cashier_discount_amount", "manager_may",
        "manager_discount_percent", "manager_discount_amount", "staff_meal_percent",
    ) for wrong in (*NO_TEXTS, "nonsense", "-1")),
    *({"tab_minutes": wrong} for wrong in (None, "90", -1, 1441, 1.5, 1e300, [90], True)),
    {"rounding": {"step": "0.001"}}, {"cashier_discount_amount": "1.005"}, {"manager_discount_amount": "0.001"},
    {"rounding": {"step": "0.05", "nothing_up_to": "0.025"}},
    {"cashier_cash": "1.005"}, {"cashier_cash": "-1"}, {"cashier_cash": "all"}, {"cashier_cash": None},
    {"currency": "JPY", "rounding": {"step": "0.05"}},
    {"labels": "21IIIIIWW.WWW"}, {"labels": "21IIIIIWWW.WWWC"}, {"labels": "21IIIIIW.WWWWC"},
    {"labels": ["21IIIIIWW.WWWC"]},
    {"cashier_may": "comp everything"}, {"cashier_discount_percent": "100.5"}, {"staff_meal_percent": ""},
)  # fmt: skip


def test_a_forged_setting_is_refused_and_changes_nothing(venue: Venue, subtests: pytest.Subtests) -> None:
    read = "SELECT version, body FROM settings WHERE name = 'settings'"
    before = venue.rows(read)
    for changes in FORGED:
        with subtests.test(changes=changes):
            with pytest.raises(Error, match="The settings were not changed") as refused:
                change(venue, changes)
            assert refused.value.sqlstate == "TL006"
            assert venue.rows(read) == before
            assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'settings_changed'") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"cashier_may": ""}, {"cashier_may": "all"}, {"cashier_may": "comp"}, {"cashier_may": "comp, price  refund"},
        {"cashier_discount_percent": "0"}, {"cashier_discount_percent": "100.00"}, {"staff_meal_percent": "33.3333"},
        {"manager_discount_amount": "250.50"}, {"tab_minutes": 0}, {"tab_minutes": 1440},
        {"labels": ""}, {"labels": "21IIIIIWW.WWWC"}, {"labels": "20IIIIIVPP.PPC 22IIIIIVPPPPC 02IIIIIPPP.PPV"},
    ],
)  # fmt: skip
def test_rights_of_a_role_are_set(venue: Venue, changes: dict[str, str]) -> None:
    body = change(venue, changes)
    assert {key: body[key] for key in changes} == changes
    read_venue(body)


def test_a_change_says_what_was(venue: Venue) -> None:
    change(venue, {"tax_number": "29NEW", "trading_days": {"1": "2026-03-03"}})
    change(venue, {})  # asks what they are
    data = venue.rows("SELECT event_data FROM session_events WHERE event_type = 'settings_changed'")
    assert [one["changes"] for (one,) in data] == [{"tax_number": "29NEW", "trading_days": {"1": "2026-03-03"}}]
    assert "trading_days" not in data[0][0]["was"]
    with pytest.raises(Error, match="There is no such store"):
        venue.value("SELECT till.store_settings_v1(gen_random_uuid(), 9, '{}')")


def test_rounding_and_the_service_charge_are_set_and_removed_again(venue: Venue) -> None:
    band = next(iter(MENU["taxes"]))
    rounding = {"step": "0.05", "direction": "half_down", "nothing_up_to": "0.02", "of": "bill", "never": ["voucher"]}
    charge = {"percent": "12.5", "tax": band, "order_types": ["dine_in"]}
    found = change(venue, {"rounding": rounding, "service_charge": charge, "tax_rounding_direction": "down"})
    assert (found["rounding"], found["service_charge"]) == (rounding, charge)
    found = change(venue, {"rounding": None, "service_charge": None})
    assert (found["rounding"], found["service_charge"]) == (None, None)


def test_a_store_with_orders_keeps_its_currency(venue: Venue) -> None:
    change(venue, {"currency": "INR"})
    till = venue.till()
    till.open(Cart())
    till.push()
    change(venue, {"currency": "INR", "name": "Other"})
    with pytest.raises(Error, match="there are orders in the present currency"):
        change(venue, {"currency": "EUR"})
    assert venue.value("SELECT name || currency FROM stores") == "OtherINR"


def test_a_store_with_orders_in_the_archive_alone_keeps_its_currency(venue: Venue) -> None:
    cleared(venue.till())
    leave(venue)
    assert archive(venue) == 1
    with pytest.raises(Error, match="there are orders in the present currency"):
        change(venue, {"currency": "EUR"})


def test_settings_that_do_not_go_with_a_promotion_are_refused(venue: Venue) -> None:
    venue.value("SELECT till.promotion_set_v1(%s, 9, 'P', %s)", venue.store, Jsonb({"amount": "0.50"}))
    with pytest.raises(Error, match="an amount is smaller than the coin of JPY"):
        change(venue, {"currency": "JPY"})
    change(venue, {"currency": "EUR"})
