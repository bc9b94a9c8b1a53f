"""Tax groups that begin on a day: planned, moved, cancelled, listed and refused in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.sql.ringing import start_till
from till.administration.menu_texts import what_changed
from till.cli.environment import Surroundings
from till.domain.venue import NOWHERE

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


def test_plans_go_out_and_in_and_stay_without_a_column(priced: Shell) -> None:
    priced.ok(*EDIT, "VAT 19", "--tax", "VAT 16", "--from", "2099-01-01")
    priced.ok(*EDIT, "Cola", "--tax", "CGST 2.5 + SGST 2.5", "--from", "2099-07-01 06:00")
    priced.ok(*EDIT, "Soup", "--tax", "VAT 0", "--type", "dine_in", "--from", "2099-01-01")
    before = rates(priced)
    exported = priced.ok("admin", "menu", "export", "-")
    assert "VAT 16 2099-01-01T00:00:00+01:00|CGST 2.5 + SGST 2.5 2099-07-01T06:00:00+02:00" in exported
    assert priced.ok("admin", "menu", "import", "-", stdin=exported) == "Nothing changes.\n"
    result = priced("admin", "menu", "import", "-", "--yes", stdin=MENU.replace("3.00", "3.50"))
    assert result.code == 0, result.err
    assert rates(priced) == before, "without the columns the plans stay"
    with_column = "\n".join(
        f"{row},{'planned_tax' if n == 0 else 'VAT 16 2099-02-01' if n == 1 else ''}"
        for n, row in enumerate(MENU.splitlines())
    )
    assert priced("admin", "menu", "import", "-", "--yes", stdin=with_column).code == 0
    soup = [{"from": "2098-12-31T23:00:00Z", "tax": "VAT 0", "order_type": "dine_in"}]
    assert rates(priced) == {"Soup": [*soup, {"from": "2099-01-31T23:00:00Z", "tax": "VAT 16"}]}


BAD_CELLS: Final = (
    ("VAT 16", "2: planned_tax “VAT 16” is not a tax with a day; write it like VAT 16 2027-01-01."),
    ("VAT 16 2099-02-30", "2: planned_tax “2099-02-30” is not a time"),
    ("wrong 2099-01-01", "2: planned_tax “wrong” is not a tax"),
    ("VAT 16 2099-01-01|VAT 7 2099-01-01", "2: planned_tax names two taxes from 2099-01-01."),
)


def test_a_cell_that_is_no_plan_is_named_with_its_line(priced: Shell, subtests: pytest.Subtests) -> None:
    for cell, fault in BAD_CELLS:
        with subtests.test(cell=cell):
            stdin = f"name,price,category,tax,planned_tax\nSoup,4.00,Food,VAT 19,{cell}\n"
            result = priced("admin", "menu", "import", "-", stdin=stdin)
            assert (result.code, result.err.startswith(f"-:{fault}")) == (1, True), result.err


def test_a_menu_that_takes_an_ended_tax_back_or_drops_a_plan_names_the_items(priced: Shell, database: Database) -> None:
    priced.ok(*EDIT, "VAT 19", "--tax", "VAT 16", "--from", "2099-01-01")
    priced.ok(*EDIT, "Soup", "--tax", "VAT 0", "--type", "take_away", "--from", "2099-01-01")
    with database.connect() as owner:
        owner.execute(
            "UPDATE till.settings SET body = replace(body::text, '2098-12-31T23', '2026-01-01T00')::jsonb"
            " WHERE name IN ('menu', 'rates')"
        )
        owner.execute("SELECT till.begin_rates(%s)", [Surroundings.find().venue.store_id])
    priced.ok(*EDIT, "Cola", "--tax", "VAT 7", "--from", "2099-07-01")
    result = priced("admin", "menu", "import", "-", stdin=MENU)
    assert result.code == 1
    lines = result.err.splitlines()
    assert "VAT 19 is back, which a plan ended: Soup, Pasta, Cola" in lines
    assert "VAT 7 is back, which a plan ended: Soup" in lines, "by type"
    assert "Nothing was changed. Pass --yes to use the new menu." in lines[-1]
    result = priced("admin", "menu", "bring-back", "2")
    assert "VAT 19 is back, which a plan ended: Soup, Pasta, Cola" in result.err
    assert "No longer planned: VAT 7 from 2099-07-01 00:00: Cola" in result.err
    listed = priced("admin", "menu", "list", "--json").json["items"]
    assert {item["name"]: item["tax"] for item in listed} == dict.fromkeys(("Soup", "Pasta", "Cola"), "VAT 16")


def test_history_says_of_the_version_of_the_moment_that_planned_taxes_began() -> None:
    made: dict[str, Any] = {"act": "edited", "of": None, "user": None, "changes": []}
    assert what_changed(made, {}, NOWHERE) == "planned taxes began"
    assert what_changed({**made, "user": 9}, {}, NOWHERE) == "edited"
