from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.cli.conftest import speak_german
from tests.cli.test_menu import DEMO
from till.domain.settings import VenueSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def settings_of(shell: Shell) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in shell("admin", "settings", "list", "--json").json["settings"]}


def test_all_settings_of_the_config_are_listed(staffed: Shell) -> None:
    assert tuple(settings_of(staffed)) == VenueSettings.__struct_fields__
    assert settings_of(staffed)["timezone"] == "Europe/Vienna"
    listed = staffed.ok("admin", "settings", "list")
    assert all(row in listed for row in ("tax_rounding_of           each\n", "cashier_discount_percent  10\n"))


def test_a_setting_is_set_and_its_history_says_who_and_what(staffed: Shell) -> None:
    coins = '{step = "0.05"}'
    assert staffed.ok("admin", "settings", "set", "rounding", coins) == f"rounding is {coins}.\n"
    assert staffed.ok("admin", "settings", "set", "rounding", coins) == "Nothing changes.\n"
    staffed.become(9)
    assert staffed.ok("admin", "settings", "set", "prices_include_tax", "false") == (
        "prices_include_tax is false, was true.\n"
    )
    assert staffed.ok("admin", "settings", "set", "tax_number", "ATU1 €") == "tax_number is ATU1 €.\n"
    assert staffed.ok("admin", "settings", "set", "tax_number", "") == "tax_number is empty, was ATU1 €.\n"
    assert settings_of(staffed) | {"prices_include_tax": False, "rounding": {"step": "0.05"}} == settings_of(staffed)
    history = staffed("admin", "settings", "history", "--json").json["changes"]
    assert [(one["key"], one["was"], one["now"], one["user"]) for one in history] == [
        ("tax_number", "ATU1 €", "", 9),
        ("tax_number", "", "ATU1 €", 9),
        ("prices_include_tax", True, False, 9),
        ("rounding", None, {"step": "0.05"}, 7),
    ]
    assert history[0]["at"].endswith("Z")
    own = staffed("admin", "settings", "history", "rounding", "--json").json["changes"]
    assert own == history[3:]
    assert len(staffed("admin", "settings", "history", "--limit", "2", "--json").json["changes"]) == 2
    assert '{step = "0.05"}' in staffed.ok("admin", "settings", "history")
    assert staffed.ok("admin", "settings", "set", "rounding", "") == f"rounding is empty, was {coins}.\n"
    assert settings_of(staffed)["rounding"] is None


def test_a_figure_is_typed_as_the_venue_writes_it_or_as_it_is_listed(staffed: Shell, database: Database) -> None:
    speak_german(database)
    for typed in ("12,5", "12.5"):
        staffed("admin", "settings", "set", "cashier_discount_percent", typed)
        assert settings_of(staffed)["cashier_discount_percent"] == "12.5"
    staffed.ok("admin", "settings", "set", "cashier_discount_amount", "6,50")
    assert settings_of(staffed)["cashier_discount_amount"] == "6.50"


def test_a_figure_is_shown_as_the_venue_writes_it_also_in_a_table(staffed: Shell, database: Database) -> None:
    staffed.ok("admin", "menu", "import", str(DEMO), "--modifiers", str(DEMO.with_name("udupi_modifiers.csv")))
    speak_german(database)
    charge = '{percent = "12,5", tax = "GST 5"}'
    assert staffed.ok("admin", "settings", "set", "service_charge", charge) == f"service_charge is {charge}.\n"
    assert staffed.ok("admin", "settings", "set", "rounding", '{step = "0.05"}') == 'rounding is {step = "0,05"}.\n'
    assert staffed.ok("admin", "settings", "set", "rounding", '{step = "0,05"}') == "Nothing changes.\n"
    assert staffed.ok("admin", "settings", "set", "rounding", '{"step": "0,05"}') == "Nothing changes.\n"
    staffed.ok("admin", "settings", "set", "cashier_discount_percent", "12,5")
    now = settings_of(staffed)
    assert (now["service_charge"]["percent"], now["rounding"]["step"]) == ("12.5", "0.05")
    for found in (
        staffed.ok("admin", "settings", "list"),
        staffed.ok("admin", "settings", "history"),
        staffed.ok("admin", "audit", "show", "--what", "administered"),
    ):
        assert all(figure in found for figure in ('percent = "12,5"', '{step = "0,05"}', "12,5"))
        assert not any(figure in found for figure in ("12.5", "0.05"))


def test_a_setting_that_is_emptied_has_its_row_in_the_history_and_in_the_audit(staffed: Shell) -> None:
    choices = DEMO.with_name("udupi_modifiers.csv")
    staffed.ok("admin", "menu", "import", str(DEMO), "--modifiers", str(choices))
    for key, value in (("service_charge", '{percent = "12.5", tax = "GST 5"}'), ("rounding", '{step = "0.05"}')):
        assert staffed.ok("admin", "settings", "set", key, "") == "Nothing changes.\n"
        staffed.ok("admin", "settings", "set", key, value)
        staffed.ok("admin", "settings", "set", key, "")
        (last, first) = staffed("admin", "settings", "history", key, "--json").json["changes"]
        assert (first["was"], last["now"], last["user"]) == (None, None, 7)
        assert first["now"] == last["was"]
        assert last["was"] is not None
        assert f"{key}: empty, was {{" in staffed.ok("admin", "audit", "show", "--what", "administered")
    staffed.ok("admin", "settings", "set", "cashier_discount_percent", "20")
    (only,) = staffed("admin", "settings", "history", "cashier_discount_percent", "--json").json["changes"]
    assert (only["was"], only["now"]) == ("10", "20")


NONSENSE: Final = (
    ("tax_roundin", "1", "venue: there is no tax_roundin. Did you mean tax_rounding?"),
    ("xyz", "1", "venue: there is no xyz. There are: name, currency,"),
    ("demo", "true", "venue: there is no demo."),
    ("rounding", "five", 'rounding is a table such as {step = "0.05"} or {step = "1", of = "bill"}, not “five”.'),
    ("rounding", '{"step": 5', 'rounding is a table such as {step = "0.05"} or {step = "1", of = "bill"}, not'),
    ("rounding", '{step = "0.001"}', "0.001 has more decimals than this money has."),
    ("rounding", '{step = "1", direction = "up"}', "rounding is a table such as"),
    ("service_charge", "12.5", 'service_charge is a table such as {percent = "12.5", tax = "A",'),
    ("service_charge", '{percent = "10", tax = "none"}', "The settings were not changed: the menu has no tax none"),
    (
        "service_charge",
        '{percent = "10", order_types = ["eat in"]}',
        "The settings were not changed: there is no order type eat in; there are delivery, dine_in, take_away.",
    ),
    ("timezone", "Europe/Viena", "timezone: there is no Europe/Viena. Did you mean Europe/Vienna?"),
    ("timezone", "../etc", "timezone: there is no ../etc. For example: Europe/Berlin."),
    ("currency", "XYZ", "currency: XYZ is not a currency."),
    ("locale", "qq", "locale: there is no qq. "),
    ("business_day_ends", "24:00", "business_day_ends is a time of day from 00:00 to 23:59, not “24:00”."),
    ("prices_include_tax", "maybe", "prices_include_tax is true or false, not “maybe”."),
    ("tax_rounding", "each", "tax_rounding is one of line, order, not “each”."),
    ("currency", "euro", "currency is the three letters of a currency"),
    ("locale", "German", "locale is a locale such as en_IN"),
    ("name", "", "name is a name of 1 to 80 characters"),
    ("name", "a\x1b[2Jb", "name: name holds the control character U+001B. Remove it."),
    ("name", "caf\udce9", "name: name holds the control character U+DCE9. Remove it."),
)


def test_nonsense_is_refused_in_a_line_and_changes_nothing(staffed: Shell, subtests: pytest.Subtests) -> None:
    before = settings_of(staffed)
    for key, value, sentence in NONSENSE:
        with subtests.test(key=key, value=value):
            assert staffed.refused("admin", "settings", "set", key, value).startswith(sentence)
            assert settings_of(staffed) == before
    assert staffed("admin", "settings", "history", "--json").json["changes"] == []


def test_the_history_of_no_setting_names_the_nearest(staffed: Shell) -> None:
    assert "Did you mean locale?" in staffed.refused("admin", "settings", "history", "local")


def test_the_currency_stays_once_orders_stand_in_it(staffed: Shell, save_order: Callable[[], str]) -> None:
    staffed.ok("admin", "settings", "set", "currency", "CHF")
    save_order()
    message = staffed.refused("admin", "settings", "set", "currency", "EUR")
    assert message == "The settings were not changed: there are orders in the present currency, so it cannot be EUR."


def test_a_cashier_sets_nothing(staffed: Shell) -> None:
    staffed.become(1)
    assert "needs a manager" in staffed.refused("admin", "settings", "set", "name", "Mine")


def test_an_admin_sets_what_managers_may(staffed: Shell) -> None:
    staffed.become(9)
    message = staffed.refused("admin", "settings", "set", "manager_may", "comp")
    assert message == "Number 9 may not do that. It needs an admin."
    staffed.become(7)
    staffed.ok("admin", "settings", "set", "manager_may", "comp")
