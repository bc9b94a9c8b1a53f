"""The settings of a store: what no till could read is refused, whoever sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.sql.ringing import Cart
from tests.sql.test_archive import archive, cleared, leave

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def change(venue: Venue, changes: Any) -> Any:
    return venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(changes))


NO_TEXTS: Final[tuple[Any, ...]] = (None, 1, True, [], {}, "a\nb", "a" * 251)
NO_FLAGS: Final[tuple[Any, ...]] = (None, 1, "true", [], {})


@pytest.mark.parametrize(
    "changes",
    [
        None, [], "name", 1, {"no such": 1}, {"tills": []}, {"demo": True}, {"backed_up_at": "2026-01-01"},
        *({key: wrong} for key in (
            "name", "currency", "locale", "timezone", "business_day_ends", "tax_rounding", "cash_rounding",
            "tax_number",
        ) for wrong in NO_TEXTS),
        *({"prices_include_tax": wrong} for wrong in NO_FLAGS), {"trading_days": []},
        {"name": ""}, {"name": " "}, {"name": "a" * 81}, {"name": "a\u009bb"}, {"currency": "inr"},
        {"currency": "INRS"},
        {"locale": "English"}, {"locale": "en-IN"}, {"timezone": "Mars/Base"}, {"timezone": ""},
        {"business_day_ends": "24:00"}, {"business_day_ends": "4:00"}, {"business_day_ends": "04:00:00"},
        {"tax_rounding": "each"}, {"cash_rounding": "-1"}, {"cash_rounding": "1e3"}, {"cash_rounding": "NaN"},
        {"cash_rounding": ""}, {"tax_number": "29OK", "currency": "x"},
    ],
)  # fmt: skip
def test_a_forged_setting_is_refused_and_changes_nothing(venue: Venue, changes: Any) -> None:
    read = "SELECT version, body FROM settings WHERE name = 'settings'"
    before = venue.rows(read)
    with pytest.raises(Error, match="The settings stay") as refused:
        change(venue, changes)
    assert refused.value.sqlstate == "TL006"
    assert venue.rows(read) == before
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'settings_changed'") == 0


def test_a_change_says_what_was(venue: Venue) -> None:
    change(venue, {"tax_number": "29NEW", "trading_days": {"1": "2026-03-03"}})
    change(venue, {})  # asks what they are
    data = venue.rows("SELECT event_data FROM session_events WHERE event_type = 'settings_changed'")
    assert [one["changes"] for (one,) in data] == [{"tax_number": "29NEW", "trading_days": {"1": "2026-03-03"}}]
    assert "trading_days" not in data[0][0]["was"]
    with pytest.raises(Error, match="There is no such store"):
        venue.value("SELECT till.store_settings_v1(gen_random_uuid(), 9, '{}')")


def test_what_has_orders_keeps_its_currency(venue: Venue) -> None:
    change(venue, {"currency": "INR"})
    till = venue.till()
    till.open(Cart())
    till.push()
    change(venue, {"currency": "INR", "name": "Other"})
    with pytest.raises(Error, match="orders stand in the currency of before"):
        change(venue, {"currency": "EUR"})
    assert venue.value("SELECT name || currency FROM stores") == "OtherINR"


def test_what_has_orders_in_the_archive_alone_keeps_its_currency(venue: Venue) -> None:
    cleared(venue.till())
    leave(venue)
    assert archive(venue) == 1
    with pytest.raises(Error, match="orders stand in the currency of before"):
        change(venue, {"currency": "EUR"})
