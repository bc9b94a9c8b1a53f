"""`till admin promotions`: what the venue offers, from a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import speak_german
from tests.sql.ringing import start_till
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

MENU = "plu,name,category,price,tax\n1,Idly,Breakfast,40.00,\n20,Filter Coffee,Drinks,30.00,\n"
ADD = ("admin", "promotions", "add")


@pytest.fixture
def shell(staffed: Shell) -> Shell:
    staffed.become(9)
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=MENU)
    return staffed


def test_promotions_are_added_listed_shown_and_removed(shell: Shell) -> None:
    hours = ("--hours", "mon-fri 17:00-19:00 + sat 12:00-14:00", "--until", "2099-12-31")
    added = shell.ok(*ADD, "Happy hour", "--category", "drinks", "--percent", "20", *hours)
    assert added == "Happy hour is offered: 20 % off.\n"
    assert shell.ok(*ADD, "3 for 2", "--item", "idly", "--buy", "2", "--get", "1") == (
        "3 for 2 is offered: buy 2, get 1 free.\n"
    )
    shell.ok(*ADD, "Morning", "--set", "Idly", "--set", "20", "--price", "60")
    slots = ("--slot", "Main: Idly | category Drinks +1.50, 2", "--slot", "Drink: Filter Coffee")
    assert shell.ok(*ADD, "Lunch", *slots, "--price", "90") == "Lunch is offered: Main + Main + Drink for 90.00.\n"
    shell.ok(*ADD, "Six", "--item", "1", "--pieces", "6", "--price", "200")
    assert shell.ok(*ADD, "Senior", "--percent", "15", "--by-hand") == (
        "Senior is offered: 15 % off. Every cashier may give it, whatever the discount limit: no PIN is asked.\n"
    )
    shell.ok(*ADD, "Cheap", "--item", "1", "--amount", "5", "--off")
    again = shell.ok(*ADD, "Cheap", "--item", "1", "--price", "35.50", "--from", "2026-03-03")
    assert again == "Cheap is changed: for 35.50.\n"
    listed = [" ".join(row.split()) for row in shell.ok("admin", "promotions", "list").splitlines()]
    assert listed == [
        "Promotion What On When",
        "3 for 2 buy 2, get 1 free Idly always",
        "Cheap for 35.50 Idly from 2026-03-03",
        "Happy hour 20 % off Drinks Mon-Fri 17:00-19:00 + Sat 12:00-14:00, until 2099-12-31",
        "Lunch Main + Main + Drink for 90.00 Idly, Drinks, Filter Coffee always",
        "Morning together for 60.00 Idly, Filter Coffee always",
        "Senior 15 % off everything by hand, no PIN",
        "Six 6 for 200.00 Idly always",
    ]
    found = shell("admin", "promotions", "list", "--json").json["promotions"]
    assert found[-2] == {"name": "Senior", "percent": "15", "by_hand": True}
    assert shell("admin", "promotions", "show", "SENIOR", "--json").json == found[-2]
    assert "15 % off" in shell.ok("admin", "promotions", "show", "senior")
    shown = [" ".join(row.split()) for row in shell.ok("admin", "promotions", "show", "lunch").splitlines()]
    assert shown == [
        "Lunch",
        "What Main + Main + Drink for 90.00",
        "2 × Main Idly, category Drinks +1.50",
        "Drink Filter Coffee",
        "When always",
    ]
    assert shell.ok("admin", "promotions", "remove", "senior") == (
        "Senior is no longer offered. Lines already keyed keep it.\n"
    )
    acts = shell("admin", "audit", "show", "--what", "administered", "--json").json["acts"]
    assert [(one["type"], one["user"], one["details"]) for one in acts[:2]] == [
        ("promotion_removed", 9, {"name": "Senior"}),
        ("promotion_set", 9, {"name": "Cheap"}),
    ]
    assert "removed the promotion Senior" in shell.ok("admin", "audit", "show")


ONE_KIND = "The promotion is not valid: it has one kind: percent, amount, price, buy with get, or pieces, a set or"
REFUSED: tuple[tuple[tuple[str, ...], int, str], ...] = (
    ((*ADD, "P"), 1, ONE_KIND),
    (
        (*ADD, "P", "--percent", "10", "--amount", "1"),
        1,
        ONE_KIND,
    ),
    ((*ADD, "P", "--percent", "120"), 1, "The promotion is not valid: percent cannot be"),
    ((*ADD, "P", "--amount", "ten"), 1, "“ten” is not an amount."),
    ((*ADD, "P", "--amount", "0.001"), 1, "0.001 has more decimals than this money has."),
    ((*ADD, "P", "--buy", "2"), 1, ONE_KIND),
    ((*ADD, "P", "--pieces", "2"), 1, ONE_KIND),
    ((*ADD, "P", "--slot", "Main: Idly"), 1, ONE_KIND),
    ((*ADD, "P", "--slot", "Idly", "--price", "1"), 2, "Write a slot like “Drink: Cola | category Beers +1.50, 1”."),
    ((*ADD, "P", "--slot", "Main: Pizza", "--price", "1"), 1, "Pizza"),
    ((*ADD, "P", *("--slot", "Main: Idly, 7") * 2, "--price", "1"), 2, "A combo has at most 12 pieces."),
    ((*ADD, "P", "--percent", "1", "--item", "Pizza"), 1, "Pizza"),
    ((*ADD, "P", "--percent", "1", "--hours", "evenings"), 2, "Write hours like “mon-fri 17:00-19:00”."),
    ((*ADD, "P", "--percent", "1", "--hours", "17:00-25:00"), 1, "“25:00” is not a time of day."),
    ((*ADD, "P", "--percent", "1", "--until", "soon"), 2, "Write a day as 2026-12-31."),
    ((*ADD, " ", "--percent", "1"), 1, 'The promotion is not valid: name cannot be "".'),
    (("admin", "promotions", "remove", "P"), 1, "There is no such promotion."),
    (("admin", "promotions", "show", "P"), 1, "There is no such promotion."),
)


def test_nonsense_is_refused_in_a_line_and_changes_nothing(shell: Shell) -> None:
    for asked, code, sentence in REFUSED:
        found = shell(*asked)
        assert (found.code, sentence in found.err) == (code, True), found.err
    assert shell("admin", "promotions", "list", "--json").json == {"promotions": []}


def test_a_combo_names_the_tills_that_cannot_read_it(shell: Shell, database: Database) -> None:
    with database.connect() as owner:
        start_till(owner, Surroundings.find().venue.store_id, 2, "0.1.0")
    combo = shell(*ADD, "Lunch", "--slot", "Main: Idly", "--slot", "Drink: Filter Coffee", "--price", "90")
    assert (combo.code, combo.out) == (0, "Lunch is offered: Main + Drink for 90.00.\n")
    assert "Update first: Till 2 (0.1.0). They cannot read a combo." in combo.err
    assert "Update first" not in shell(*ADD, "Senior", "--percent", "15").err


def test_a_cashier_sets_no_promotion(shell: Shell) -> None:
    shell.become(1)
    assert "needs a manager" in shell.refused(*ADD, "P", "--percent", "10")


def test_a_venue_that_writes_a_comma_reads_and_writes_one(shell: Shell, database: Database) -> None:
    speak_german(database)
    assert shell.ok(*ADD, "Half", "--item", "1", "--price", "6,50") == "Half is offered: for 6,50.\n"
    assert shell.ok(*ADD, "Off", "--item", "1", "--amount", "1,5", "--off") == "Off is offered: 1,50 off.\n"
    assert shell.ok(*ADD, "Some", "--item", "1", "--percent", "12,5", "--off") == "Some is offered: 12,5 % off.\n"
    assert shell("promotions", "show", "Half", "--json").json["price"] == "6.50"
    assert "for 6,50" in shell.ok("promotions")
