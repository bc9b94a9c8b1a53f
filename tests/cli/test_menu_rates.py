"""Tax groups that begin on a day: planned, moved, cancelled, listed and refused in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.sql.ringing import start_till
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

MENU: Final = """name,price,category,tax,tax take_away
Soup,4.00,Food,VAT 19,VAT 7
Pasta,9.00,Food,VAT 19,
Cola,3.00,Drinks,VAT 19,
"""
EDIT: Final = ("admin", "menu", "edit")


@pytest.fixture
def priced(staffed: Shell) -> Shell:
    """A venue with a menu and a service charge."""
    staffed.become(9)
    staffed.ok("admin", "menu", "import", "-", stdin=MENU)
    staffed.ok("admin", "settings", "set", "service_charge", '{percent = "10", tax = "VAT 19"}')
    return staffed


def rates(shell: Shell) -> dict[str, Any]:
    listed = shell("admin", "menu", "list", "--json").json
    return {item["name"]: item["rates"] for item in listed["items"] if item["rates"]}


def test_one_command_plans_a_whole_group_with_types_and_charge(priced: Shell, database: Database) -> None:
    output = priced.ok(*EDIT, "VAT 19", "--tax", "VAT 16", "--from", "2099-01-01")
    assert output == "VAT 19: VAT 16 from 2099-01-01 00:00. Menu 3.\n"
    begun = [{"from": "2098-12-31T23:00:00Z", "tax": "VAT 16"}]
    assert rates(priced) == dict.fromkeys(("Soup", "Pasta", "Cola"), begun)
    with database.connect() as connection:
        [(charge,)] = connection.execute(
            "SELECT body->'charge_rates' FROM till.settings WHERE name = 'menu'"
        ).fetchall()
    assert charge == begun
    assert "VAT 16 from 2099-01-01 00:00" in priced.ok("admin", "menu", "list")
    assert "planned tax VAT 16 from 2099-01-01 00:00" in priced.ok("admin", "menu", "history")
    assert priced.ok(*EDIT, "VAT 19", "--tax", "VAT 16", "--from", "2099-01-01") == "Nothing changes.\n"


def test_a_plan_moves_and_is_cancelled(priced: Shell) -> None:
    priced.ok(*EDIT, "Drinks", "--tax", "VAT 7", "--from", "2099-01-01")
    priced.ok(*EDIT, "Drinks", "--tax", "VAT 7", "--from", "2099-02-01 06:00")
    assert rates(priced) == {"Cola": [{"from": "2099-02-01T05:00:00Z", "tax": "VAT 7"}]}
    assert priced.ok(*EDIT, "Cola", "--tax", "none", "--from", "2099-01-01") == "Nothing changes.\n"
    output = priced.ok(*EDIT, "Cola", "--tax", "none", "--from", "2099-02-01 06:00")
    assert output == "Cola: as usual from 2099-02-01 06:00. Menu 5.\n"
    assert rates(priced) == {}


def test_a_plan_for_an_order_type_leaves_the_rest(priced: Shell) -> None:
    output = priced.ok(*EDIT, "Soup, Pasta", "--tax", "VAT 0", "--type", "take away", "--from", "2099-01-01")
    assert output.startswith("2 items: take away: VAT 0 from 2099-01-01 00:00. Menu 3.")
    begun = [{"from": "2098-12-31T23:00:00Z", "tax": "VAT 0", "order_type": "take_away"}]
    assert rates(priced) == {"Soup": begun, "Pasta": begun}


def test_tills_that_are_away_or_too_old_are_named(priced: Shell, database: Database) -> None:
    with database.connect() as owner:
        store = Surroundings.find().venue.store_id
        start_till(owner, store, 1, "0.1.0")
        start_till(owner, store, 2, "0.2.0")
        owner.execute("UPDATE till.tills SET seen_at = '2026-11-30 21:30+00' WHERE id = 2")
    output = priced.ok(*EDIT, "Cola", "--tax", "VAT 7", "--from", "2099-01-01")
    assert output == (
        "Cola: VAT 7 from 2099-01-01 00:00. Menu 3. "
        "Not heard yet by Till 2 (seen 2026-11-30 22:30): it counts there once the till is online. "
        "Till 1 (0.1.0) begins it only if it is online then: update it before.\n"
    )
    output = priced.ok(*EDIT, "Cola", "--tax", "none", "--from", "2099-01-01")
    assert "Not heard yet by Till 2" in output, "of a plan that is cancelled too"


NONSENSE: Final = (
    (["Cola", "--tax", "VAT 7", "--from", "2020-01-01"], "2020-01-01 00:00 is over: a planned tax begins later."),
    (["Tae", "--tax", "VAT 7", "--from", "2099-01-01"], "There is no “Tae” on the menu."),
    (["VAT 3", "--tax", "VAT 7", "--from", "2099-01-01"], "There is no “VAT 3” on the menu."),
    (["Cola", "--tax", "wrong", "--from", "2099-01-01"], "The tax “wrong” is not a tax"),
    (
        ["Cola", "--tax", "VAT 7", "--type", "flying", "--from", "2099-01-01"],
        "The menu was not changed: there is no order type flying.",
    ),
)


def test_nonsense_is_refused_in_a_line_and_changes_nothing(priced: Shell, subtests: pytest.Subtests) -> None:
    for arguments, sentence in NONSENSE:
        with subtests.test(arguments=arguments):
            assert priced.refused(*EDIT, *arguments).startswith(sentence)
            assert rates(priced) == {}
    for arguments in (
        ["Cola", "--from", "2099-01-01"],
        ["Cola", "--tax", "VAT 7", "--price", "3", "--from", "2099-01-01"],
        ["Cola", "--tax", "VAT 7", "--name", "Coke", "--from", "2099-01-01"],
    ):
        assert priced(*EDIT, *arguments).code == 2
