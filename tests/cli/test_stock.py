"""`till admin stock`: the shelf of a venue, from a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

MENU = "plu,name,category,price,tax\n1,Idly,Breakfast,40.00,\n20,Filter Coffee,Drinks,30.00,\n"
KEPT = "item,place,unit,cost,least\nIdly,Bar; Cellar,,12.50,40\n20,Bar,,,\nMilk,Cellar,ml,0.1,5000\n"


@pytest.fixture
def shell(staffed: Shell) -> Shell:
    staffed.become(9)
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=MENU)
    assert staffed.ok("admin", "stock", "items", "-", stdin=KEPT) == "3 items are kept on the shelf.\n"
    return staffed


def amounts(shell: Shell) -> dict[str, int | None]:
    return {one["name"]: one["amount"] for one in shell("admin", "stock", "list", "--json").json["stock"]}


def test_counts_deliveries_and_waste_make_the_figure(shell: Shell) -> None:
    assert amounts(shell) == {"Filter Coffee": None, "Idly": None, "Milk": None}
    reply = shell.ok("admin", "stock", "deliver", "Idly", "24")
    assert reply == "Idly: kept. It has no figure until it is counted.\n"
    assert shell.ok("admin", "stock", "count", "idl", "30") == "Idly: 30 on the shelf.\n"
    assert shell.ok("admin", "stock", "waste", "1", "3", "burnt") == "Idly: 27 on the shelf.\n"
    assert shell.ok("admin", "stock", "count", "milk", "4000") == "Milk: 4000 on the shelf.\n"
    below = [" ".join(row.split()) for row in shell.ok("admin", "stock", "below").splitlines()]
    assert below == [
        "Item Place Unit On the shelf Least Order Cost",
        "Idly Bar, Cellar 27 40 13 12.50",
        "Milk Cellar ml 4000 5000 1000 0.10",
    ]
    acts = shell("admin", "stock", "history", "--json").json["acts"]
    assert [(one["item"], one["kind"], one["amount"], one["why"]) for one in acts] == [
        ("Milk", "counted", 4000, ""),
        ("Idly", "wasted", 3, "burnt"),
        ("Idly", "counted", 30, ""),
        ("Idly", "delivered", 24, ""),
    ]
    wasted = acts[1]["event"]
    assert shell.ok("admin", "stock", "undo", wasted) == "Undone.\n"
    assert amounts(shell)["Idly"] == 30
    refused = shell.refused("admin", "stock", "undo", wasted)
    assert refused == "There is no such act on the shelf, or it is undone already."


def test_a_file_of_deliveries_is_taken_whole_or_not_at_all(shell: Shell) -> None:
    shell.ok("admin", "stock", "count", "Idly", "10")
    faulty = "item,amount\nIdly,24\nMilk,much\nCola,3\n"
    refused = shell("admin", "stock", "deliveries", "-", stdin=faulty)
    assert refused.code == 1
    assert refused.err.splitlines() == [
        "-:3: much is no amount: a whole number, in the base unit.",
        "-:4: Cola: Nothing of this name is kept. `till admin stock list` lists what is.",
        "till: Nothing changed: 2 mistakes. Fix the lines and give the file again.",
    ]
    assert amounts(shell)["Idly"] == 10
    good = "item,amount\nIdly,24\nMilk,1000\n"
    assert shell.ok("admin", "stock", "deliveries", "-", stdin=good) == "2 deliveries are on the shelf.\n"
    assert amounts(shell)["Idly"] == 34


def test_a_list_with_faults_changes_nothing_and_a_dropped_item_is_listed_no_more(shell: Shell) -> None:
    faulty = "item,place,unit,cost\nIdly,,kg,\nIdly,Bar,,x\n,,,\nTea,,g,=1+1\n"
    refused = shell("admin", "stock", "items", "-", stdin=faulty)
    assert refused.code == 1
    assert refused.err.splitlines()[-1] == "till: Nothing changed: 4 mistakes. Fix the lines and give the file again."
    assert len(amounts(shell)) == 3
    shell.ok("admin", "stock", "items", "-", stdin="item\nIdly\n")
    assert amounts(shell) == {"Idly": None}


def test_the_reports_of_the_shelf_have_money_and_reasons(shell: Shell) -> None:
    shell.ok("admin", "stock", "count", "Idly", "30")
    shell.ok("admin", "stock", "deliver", "Idly", "10")
    shell.ok("admin", "stock", "waste", "Idly", "3", "burnt")
    shell.ok("admin", "stock", "count", "Idly", "35")
    report = shell("report", "stock", "--json").json
    assert report["worth"] == "437.50"
    assert [(one["item"], one["amount"], one["promised"], one["worth"]) for one in report["items"]] == [
        ("Filter Coffee", None, 0, "0.00"),
        ("Idly", 35, 0, "437.50"),
        ("Milk", None, 0, "0.00"),
    ]
    assert shell("report", "stock", "--at", "2026-03-03 18:00", "--json").json["items"][1]["amount"] is None
    refused = shell("report", "stock", "--at", "later")
    assert refused.code == 2
    found = shell("report", "stock-differences", "--json").json
    assert (found["missing"], found["beyond"], found["waste"]) == ("25.00", "0.00", "37.50")
    [count] = found["counts"]
    assert (count["before"], count["delivered"], count["wasted"], count["expected"], count["counted"]) == (
        30,
        10,
        3,
        37,
        35,
    )
    assert (count["difference"], count["worth"], count["by"]) == (-2, "-25.00", "Meena")
    assert (found["wasted"][0]["why"], found["wasted"][0]["amount"], found["late"]) == ("burnt", 3, [])
    text = shell.ok("report", "stock-differences")
    assert "Missing, at cost  25.00" in text
    wasted = next(one for one in shell("admin", "stock", "history", "--json").json["acts"] if one["kind"] == "wasted")
    shell.ok("admin", "stock", "undo", wasted["event"])
    found = shell("report", "stock-differences", "--json").json
    [late] = found["late"]
    assert (late["kind"], late["undone"], late["was"], late["difference"]) == ("wasted", True, -2, -5)
    assert (found["missing"], found["wasted"]) == ("62.50", [])


def test_the_losses_list_what_a_count_lacked_above_a_setting(shell: Shell) -> None:
    def missing() -> list[str]:
        return [one["what"] for one in shell("report", "losses", "--json").json["shelf"]]

    for amount in ("30", "28", "29"):
        shell.ok("admin", "stock", "count", "Idly", amount)
    shell.ok("admin", "stock", "count", "Milk", "5000")
    shell.ok("admin", "stock", "count", "Milk", "4990")
    shell.become(7)
    assert missing() == ["Idly: 28 there, 30 expected", "Milk: 4990 there, 5000 expected"]
    shell.become(9)
    shell.ok("admin", "settings", "set", "shelf_losses", "20")
    shell.become(7)
    assert missing() == ["Idly: 28 there, 30 expected"]
