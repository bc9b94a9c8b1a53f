from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cli.conftest import speak_german
from tests.sql.ringing import start_till
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

DEMO = Path(__file__).parents[2] / "till" / "cli" / "data" / "udupi_menu.csv"
CHOICES = DEMO.with_name("udupi_modifiers.csv")
WITH_CHOICES = (str(DEMO), "--modifiers", str(CHOICES))


def test_a_menu_goes_in_and_comes_out_the_same(staffed: Shell) -> None:
    imported = staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    assert imported.startswith("Menu 2 has 62 items.")
    first, second = staffed.folder / "one.csv", staffed.folder / "two.csv"
    staffed.ok("admin", "menu", "export", str(first))
    assert staffed.ok("admin", "menu", "import", str(first)) == "Nothing changes.\n"
    staffed.ok("admin", "menu", "export", str(second))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"\xef\xbb\xbfname,price,")


def test_a_venue_that_writes_a_comma_reads_and_writes_one(staffed: Shell, database: Database) -> None:
    speak_german(database)
    staffed.ok("admin", "menu", "import", "-", stdin='name,price,category\nTee,"2,50",Getränke\n')
    assert staffed.ok("admin", "menu", "export", "-").splitlines()[1].startswith("Tee;2,50;Getränke;")
    result = staffed("admin", "menu", "import", "-", stdin="name;price;category\nTee;1.203,5;Getränke\n")
    assert "changed: Tee: price 1.203,50, was 2,50" in result.err


def test_a_menu_with_faults_changes_nothing_and_names_each(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    before = staffed.ok("admin", "menu", "export", "-")
    file = staffed.folder / "bad.csv"
    file.write_text('name,price,category,plu\nTea,"1,50",Drinks,1\nMilk,NaN,Drinks,1\n', encoding="utf-8")
    result = staffed("admin", "menu", "import", str(file))
    assert result.code == 1
    assert result.err.splitlines() == [
        f"{file}:2: price “1,50” is not an amount. Type it like 12.50.",
        f"{file}:3: plu 1 is already in line 2.",
        f"{file}:3: price “NaN” is not an amount. Type it like 12.50.",
        "till: The menu was not imported: 3 mistakes. Fix the lines and import the file again.",
    ]
    assert staffed.ok("admin", "menu", "export", "-") == before


def test_a_name_that_a_spreadsheet_would_run_is_harmless_outside_and_the_same_inside(staffed: Shell) -> None:
    names = ["=1+1", "@cmd", "-5 dosa", "+91 tea", "'=quoted", "Idly"]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["name", "price", "category"])
    writer.writerows([name if name == "Idly" else f"'{name}", "1.00", "Food"] for name in names)
    staffed.ok("admin", "menu", "import", "-", stdin=table.getvalue())
    exported = list(csv.DictReader(io.StringIO(staffed.ok("admin", "menu", "export", "-"))))
    assert [row["name"] for row in exported] == [*(f"'{name}" for name in names[:5]), "Idly"]
    assert staffed.ok("admin", "menu", "import", "-", stdin=staffed.ok("admin", "menu", "export", "-"))
    again = list(csv.DictReader(io.StringIO(staffed.ok("admin", "menu", "export", "-"))))
    assert again == exported


def test_choices_go_in_and_come_out_the_same(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    menu, choices = staffed.folder / "menu.csv", staffed.folder / "choices.csv"
    staffed.ok("admin", "menu", "export", str(menu), "--modifiers", str(choices))
    again = staffed.ok("admin", "menu", "import", str(menu), "--modifiers", str(choices))
    assert again == "Nothing changes.\n"
    assert staffed.ok("admin", "menu", "import", str(menu)) == "Nothing changes.\n"  # the groups stay without a file
    listed = staffed.ok("admin", "menu", "list")
    assert "Spice, Extra, Without" in listed
    assert "up to 3" in listed
    assert "cheese 30.00" in listed


def test_a_menu_that_names_no_such_group_is_refused_with_its_line(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    before = staffed.ok("admin", "menu", "export", "-")
    bad = "name,price,category,modifiers\nIdly,40,Breakfast,\nTea,10,Drinks,Sugar\nDosa,80,Breakfast,Spices\n"
    result = staffed("admin", "menu", "import", "-", stdin=bad)
    assert result.code == 1
    assert result.err.splitlines() == [
        (
            "-:3: There is no modifier group Sugar. “till admin menu import FILE --modifiers FILE” adds it; a new "
            "venue needs “till init” first, without a menu."
        ),
        "-:4: There is no modifier group Spices. Did you mean Spice?",
        "till: The menu was not imported: 2 mistakes. Fix the lines and import the file again.",
    ]
    assert staffed.ok("admin", "menu", "export", "-") == before


@pytest.mark.parametrize("data", [b"", b"name,price,category\n", b"\xff\xfen\x00", b"\0\1", b"name;price\nTea;1\n"])
def test_a_file_that_is_no_menu_is_refused(staffed: Shell, data: bytes) -> None:
    file = staffed.folder / "odd.csv"
    file.write_bytes(data)
    result = staffed("admin", "menu", "import", str(file))
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("till: The menu was not imported")


def test_a_file_that_is_not_there_is_one_line(staffed: Shell) -> None:
    assert "cannot be read" in staffed.refused("admin", "menu", "import", "nowhere.csv")
    assert "cannot be written" in staffed.refused("admin", "menu", "export", "no/where.csv")


def a_menu(*rows: str) -> str:
    return "\n".join(["name,price,category", *rows, ""])


def test_an_import_lists_what_changes_and_asks(staffed: Shell) -> None:
    first = a_menu("Idly,40.00,Food", "Tea,20.00,Drinks", "Vada,50.00,Food")
    reply = staffed("admin", "menu", "import", "-", stdin=first)
    assert "3 new, 0 changed, 0 gone" in reply.err  # nothing is lost by it: it is not asked
    file = staffed.folder / "menu.csv"
    file.write_text(a_menu("Idly,45.00,Food", "Tea,20.00,Drinks", "Coffee,30.00,Drinks"))
    result = staffed("admin", "menu", "import", str(file))
    assert result.code == 1
    assert result.err.splitlines() == [
        "1 new, 1 changed, 1 gone.",
        "  new: Coffee 30.00",
        "  changed: Idly: price 45.00, was 40.00",
        "  gone: Vada 50.00",
        "till: Nothing was changed. Pass --yes to use the new menu.",
    ]
    assert "Vada" in staffed.ok("admin", "menu", "export", "-")
    assert staffed.ok("admin", "menu", "import", str(file), "--yes") == "Menu 3 has 3 items.\n"
    again = staffed("admin", "menu", "import", str(file))
    assert (again.code, again.out) == (0, "Nothing changes.\n")


def menu_of(shell: Shell) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in shell("admin", "menu", "list", "--json").json["items"]}


SMALL = a_menu("Idly,40.00,Food", "Tea,20.00,Drinks")


@pytest.fixture
def sells(staffed: Shell) -> Shell:
    staffed.ok("admin", "menu", "import", "-", stdin=SMALL)
    return staffed


def test_import_names_a_tax_and_a_category_that_change(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", "-", stdin="name,price,category,tax\nTea,20.00,Drinks,GST 5\n")
    result = staffed("admin", "menu", "import", "-", stdin="name,price,category,tax\nTea,20.00,Hot,GST 18\n")
    assert "  changed: Tea: category Hot, was Drinks, tax GST 18, was GST 5" in result.err.splitlines()


def test_a_menu_without_the_tax_of_the_service_charge_keeps_it_and_says_so(staffed: Shell) -> None:
    set_charge = ("admin", "settings", "set", "service_charge", '{percent = "10", tax = "GST 18"}')
    assert "no tax GST 18 for the service charge; import a menu with it, then set this." in staffed.refused(*set_charge)
    staffed.ok("admin", "menu", "import", "-", stdin="name,price,category,tax\nTea,20.00,Drinks,GST 18\n")
    staffed.ok(*set_charge)
    without = "name,price,category,tax\nTea,20.00,Drinks,GST 5\n"
    result = staffed("admin", "menu", "import", "-", "--yes", stdin=without)
    assert (result.code, result.out) == (0, "Menu 3 has 1 item.\n")
    assert "The file has no tax GST 18. The menu keeps it for the service charge." in result.err.splitlines()
    staffed.ok("admin", "settings", "set", "service_charge", '{percent = "10", tax = "GST 5"}')
    staffed.ok("admin", "settings", "set", "service_charge", '{percent = "10", tax = "GST 18"}')


def test_import_shows_what_each_tax_comes_to_before_it_writes(staffed: Shell, database: Database) -> None:
    rows = ("Idly,40,CGST 2.5|SGST 2.5", "Cola,3,Deposit 0.25 each + GST 12", "Vada,50,CGST 2.5 + SGST 2.5", "Tea,2,")
    file = staffed.folder / "menu.csv"
    file.write_text("\n".join(["name,price,tax,category", *(f"{row},Food" for row in rows)]))
    result = staffed("admin", "menu", "import", str(file))
    assert result.err.splitlines() == [
        "4 new, 0 changed, 0 gone.",
        "The taxes of an item of 100.00:",
        "CGST 2.5 % + SGST 2.5 %: net 95.24 + CGST 2.38 + SGST 2.38 = 100.00",
        "Deposit 0.25 each + GST 12 %: net 89.06 + Deposit 0.25 + GST 10.69 = 100.00",
    ]
    assert result.out == "Menu 2 has 4 items.\n"
    with database.connect() as connection:
        connection.execute(
            """UPDATE till.settings SET body = body || '{"prices_include_tax": false}' WHERE name = 'settings'"""
        )
    file.write_text("name,price,category,tax\nIdly,40,Food,GST 18\n")
    result = staffed("admin", "menu", "import", str(file))
    assert result.code == 1
    assert result.err.splitlines()[-3:] == [
        "The taxes of an item of 100.00:",
        "GST 18 %: net 100.00 + GST 18.00 = 118.00",
        "till: Nothing was changed. Pass --yes to use the new menu.",
    ]


def test_a_tax_of_an_older_menu_is_named_as_it_is(sells: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("""UPDATE till.settings SET body = jsonb_set(body, '{taxes}',
            '{"CGST 2.5/SGST 2.5": [{"name": "CGST 2.5/SGST", "rate": "2.5"}]}') WHERE name = 'menu'""")
    sells.ok("admin", "menu", "edit", "Idly", "--tax", "CGST 2.5/SGST 2.5")
    assert menu_of(sells)["Idly"]["tax"] == "CGST 2.5/SGST 2.5"
    refused = sells.refused("admin", "menu", "edit", "Idly", "--tax", "CGST 9/SGST 9")
    assert refused.startswith("The tax “CGST 9/SGST 9” is not one tax: join taxes by +, like CGST 9 + SGST 9;")


def test_an_earlier_menu_is_kept_and_brought_back(sells: Shell) -> None:
    sells.ok("admin", "menu", "import", "-", "--yes", stdin=a_menu("Soup,60.00,Food"))
    listed = sells("admin", "menu", "history", "--json").json["versions"]
    assert [(m["version"], m["items"], m["user"], m["current"]) for m in listed] == [(3, 1, 7, True), (2, 2, 7, False)]
    assert sells.ok("admin", "menu", "history").splitlines()[1].endswith("imported: new: Soup; gone: Idly; gone: Tea")
    assert "2 new, 0 changed, 1 gone." in sells("admin", "menu", "bring-back", "2").err
    assert sells.ok("admin", "menu", "bring-back", "2", "--yes") == "Menu 4 equals menu 2: every till sells from it.\n"
    assert list(menu_of(sells)) == ["Idly", "Tea"]
    newest = sells("admin", "menu", "history", "--json").json["versions"][0]
    assert (newest["act"], newest["of"], len(newest["changes"])) == ("brought_back", 2, 3)
    assert sells.ok("admin", "menu", "bring-back", "2", "--yes") == "Nothing changes.\n"
    assert sells.refused("admin", "menu", "bring-back", "99").startswith("There is no menu 99.")


def test_an_item_is_edited_and_its_history_says_who_and_what(sells: Shell, database: Database) -> None:
    assert sells.ok("admin", "menu", "edit", "idly", "--price", "45") == "Idly: price 45.00, was 40.00. Menu 3.\n"
    output = sells.ok("admin", "menu", "edit", "Idly", "--name", "Rava Idly", "--category", "drinks", "--plu", "7")
    assert output == "Idly: name Rava Idly, was Idly; category Drinks, was Food; number 7. Menu 4.\n"
    sells.become(9)
    assert sells.ok("admin", "menu", "edit", "7", "--tax", "GST 5 + Cess 1").startswith("Rava Idly: tax GST 5 + Cess 1")
    assert sells.ok("admin", "menu", "edit", "7", "--price", "45.00") == "Nothing changes.\n"
    item = menu_of(sells)["Rava Idly"]
    assert (item["price"], item["plu"], item["category"], item["tax"]) == ("45.00", 7, "Drinks", "GST 5 + Cess 1")
    history = sells("admin", "menu", "history", "7", "--json").json["versions"]
    assert [(one["version"], one["act"], one["user"]) for one in history] == [
        (5, "edited", 9), (4, "edited", 7), (3, "edited", 7), (2, "imported", 7),
    ]  # fmt: skip
    assert history[2]["changes"][0]["was"] == {"price": "40.00"}
    assert [one["version"] for one in sells("admin", "menu", "history", "Tea", "--json").json["versions"]] == [2]
    assert "edited: Idly: price 45.00, was 40.00" in sells.ok("admin", "menu", "history")
    with database.connect() as connection:
        events = "SELECT event_data FROM warm.log WHERE event_type = 'menu_edited' ORDER BY seq LIMIT 1"
        [(data,)] = connection.execute(events).fetchall()
    assert data == {"version": 3, "item_id": item["id"], "changes": {"price": "45.00"}}


def test_a_price_from_a_time_on_is_planned_listed_and_exported(sells: Shell) -> None:
    output = sells.ok("admin", "menu", "edit", "Tea", "--price", "25", "--from", "2099-12-01 18:00")
    assert output == "Tea: planned 25.00 from 2099-12-01 18:00. Menu 3.\n"
    sells.ok("admin", "menu", "edit", "Tea", "--price", "open", "--from", "2100-06-01T00:00Z")
    sells.ok("admin", "menu", "edit", "Tea", "--price", "22")
    tea = menu_of(sells)["Tea"]
    assert (tea["price"], tea["prices"]) == (
        "22.00",
        [{"from": "2099-12-01T17:00:00Z", "price": "25.00"}, {"from": "2100-06-01T00:00:00Z", "price": None}],
    )
    assert "25.00 from 2099-12-01 18:00, open price from 2100-06-01 02:00" in sells.ok("admin", "menu", "list")
    exported = sells.ok("admin", "menu", "export", "-")
    assert "25.00 2099-12-01T18:00:00+01:00|open 2100-06-01T02:00:00+02:00" in exported
    assert sells.ok("admin", "menu", "import", "-", stdin=exported) == "Nothing changes.\n"
    result = sells("admin", "menu", "import", "-", stdin=a_menu("Idly,40.00,Food", "Tea,22.00,Drinks"))
    assert "  changed: Tea: planned none, was 25.00 from 2099-12-01 18:00, open price from 2100-06-01" in result.err
    sells.ok("admin", "menu", "edit", "Tea", "--price", "26", "--from", "2099-12-01 18:00")
    assert [one["price"] for one in menu_of(sells)["Tea"]["prices"]] == ["26.00", None]
    sells.ok("admin", "menu", "edit", "Tea", "--remove-planned")
    assert menu_of(sells)["Tea"]["prices"] == []
    output = sells.refused("admin", "menu", "edit", "Tea", "--price", "25", "--from", "2020-01-01")
    assert output.startswith("2020-01-01 00:00 is over")


NONSENSE: Final = (
    (["edit", "Tae", "--price", "1"], "There is no “Tae” on the menu. Did you mean Tea?"),
    (["edit", "99", "--price", "1"], "There is no “99” on the menu."),
    (["edit", "", "--price", "1"], "Name an item"),
    (["edit", "Tea", "--price", "NaN"], "The price “NaN” is not an amount"),
    (["edit", "Tea", "--price", "-1"], "The price -1 is below zero"),
    (["edit", "Tea", "--price", "99999999"], "The price 99999999 is too much for one entry."),
    (["edit", "Tea", "--name", " "], "The name is missing."),
    (["edit", "Tea", "--name", "a\x1bb"], "The name “ab” holds a control character"),
    (["edit", "Tea", "--name", "IDLY"], "The item cannot be changed: Idly is already on the menu."),
    (["edit", "Tea", "--category", "Fod"], "There is no category “Fod” on the menu. Did you mean Food?"),
    (["edit", "Tea", "--tax", "wrong"], "The tax “wrong” is not a tax"),
    (["edit", "Tea", "--plu", "0"], "The number “0” is not a number from 1 to 99999."),
    (["edit", "Tea", "--price", "1", "--from", "soon"], "“soon” is not a time."),
    (["edit", "Tea", "--price", "1", "--from", "2099-03-29 02:30"], "The clock skips 2099-03-29 02:30"),
    (["edit", "Tea", "--price", "1", "--from", "2099-10-25 02:30"], "The clock shows 2099-10-25 02:30 twice."),
    (["86", "Sambar"], "There is no “Sambar” on the menu."),
    (["history", "Sambar"], "There is no “Sambar” on the menu."),
)


def test_nonsense_is_refused_in_a_line_and_changes_nothing(sells: Shell, subtests: pytest.Subtests) -> None:
    for arguments, sentence in NONSENSE:
        with subtests.test(arguments=arguments):
            assert sells.refused("admin", "menu", *arguments).startswith(sentence)
            assert sells("admin", "menu", "list", "--json").json["version"] == 2


def test_wrong_usage_of_edit_is_reported(sells: Shell) -> None:
    for arguments in (["Tea"], ["Tea", "--from", "18:00"]):
        result = sells("admin", "menu", "edit", *arguments)
        assert (result.code, result.err.count("\n")) == (2, 1)


def test_an_edit_of_an_older_menu_is_refused(sells: Shell) -> None:
    sells.ok("admin", "menu", "edit", "Tea", "--price", "21", "--if-version", "2")
    sells.become(9)
    message = sells.refused("admin", "menu", "edit", "Tea", "--price", "22", "--if-version", "2")
    assert (
        message
        == "The menu has changed since then: menu 3 was saved by number 7, and you saw menu 2. Look at it again."
    )
    assert menu_of(sells)["Tea"]["price"] == "21.00"


def test_an_item_is_sold_out_and_back(sells: Shell) -> None:
    assert sells.ok("admin", "menu", "86", "tea") == "Tea is sold out at every till.\n"
    assert sells.ok("admin", "menu", "86", "Tea") == "Tea is already sold out.\n"
    assert "sold out" in sells.ok("admin", "menu", "list")
    sells.ok("admin", "menu", "edit", "Tea", "--price", "21")
    assert menu_of(sells)["Tea"]["sold_out"] is True
    assert sells.ok("admin", "menu", "back", "Tea") == "Tea is sold again at every till.\n"
    acts = [one["act"] for one in sells("admin", "menu", "history", "--json").json["versions"]]
    assert acts == ["back", "edited", "sold_out", "imported"]
    assert "sold out: Tea" in sells.ok("admin", "menu", "history")


def test_a_cashier_changes_nothing_of_the_menu(sells: Shell) -> None:
    sells.become(1)
    for arguments in (["edit", "Tea", "--price", "1"], ["86", "Tea"], ["bring-back", "2"]):
        assert sells.refused("admin", "menu", *arguments) == "Number 1 may not do that. It needs a manager."


def dayparts_of(shell: Shell) -> dict[str, dict[str, Any]]:
    return {part["daypart"]: part for part in shell("admin", "menu", "schedule", "--json").json["dayparts"]}


def test_a_category_and_an_item_are_scheduled_listed_and_exported(sells: Shell) -> None:
    morning = ["--daypart", "Morning", "--days", "mon-fri", "--from", "7:00", "--to", "11:30"]
    output = sells.ok("admin", "menu", "schedule", "--category", "food", *morning)
    assert output == "Food is sold Mon-Fri 07:00-11:30. Menu 3.\n"
    sells.ok("admin", "menu", "schedule", "Tea", "--days", "fri,sat", "--from", "22:00", "--to", "02:00")
    sells.ok("admin", "menu", "schedule", "Tea", "--from", "05:00", "--to", "06:00", "--also")
    assert dayparts_of(sells) == {
        "05:00-06:00 + Fri,Sat 22:00-02:00": {
            "daypart": "05:00-06:00 + Fri,Sat 22:00-02:00",
            "hours": [{"from": "05:00", "to": "06:00"}, {"from": "22:00", "to": "02:00", "days": [5, 6]}],
            "categories": [],
            "items": ["Tea"],
        },
        "Morning": {
            "daypart": "Morning",
            "hours": [{"from": "07:00", "to": "11:30", "days": [1, 2, 3, 4, 5]}],
            "categories": ["Food"],
            "items": [],
        },
    }
    assert sells.ok("admin", "menu", "schedule").splitlines()[-1].split() == [
        "Morning",
        "Mon-Fri",
        "07:00-11:30",
        "Food",
    ]
    assert "Morning Mon-Fri 07:00-11:30" in sells.ok("admin", "menu", "list")
    exported = sells.ok("admin", "menu", "export", "-")
    assert sells.ok("admin", "menu", "import", "-", stdin=exported) == "Nothing changes.\n"
    assert sells.ok("admin", "menu", "schedule", "--category", "Food", *morning) == "Nothing changes.\n"
    assert sells.ok("admin", "menu", "schedule", "Tea", "--daypart", "morning").startswith("Tea is sold Mon-Fri 07:00")
    output = sells.ok("admin", "menu", "schedule", "--daypart", "morning", "--from", "08:00", "--to", "12:00")
    assert output == "Morning is sold 08:00-12:00. Menu 7.\n"
    assert [part["hours"] for part in dayparts_of(sells).values()] == [[{"from": "08:00", "to": "12:00"}]]
    assert sells.ok("admin", "menu", "schedule", "Tea", "--remove") == "Tea is sold at all times. Menu 8.\n"
    assert sells.ok("admin", "menu", "schedule", "Tea", "--remove") == "Nothing changes.\n"
    sells.ok("admin", "menu", "schedule", "--category", "Food", "--remove")
    assert dayparts_of(sells) == {}
    assert sells("admin", "menu", "history", "--json").json["versions"][0]["act"] == "scheduled"
    sells.ok("admin", "menu", "bring-back", "3", "--yes")
    assert list(dayparts_of(sells)) == ["Morning"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Tea", "--from", "7", "--to", "8:00"], "“7” is not a time of day."),
        (["Tea", "--from", "7:00", "--to", "8:00", "--days", "man"], "“man” is not a weekday."),
        (["Tae", "--from", "7:00", "--to", "8:00"], "There is no “Tae” on the menu. Did you mean Tea?"),
        (["--category", "Fod", "--remove"], "There is no category “Fod” on the menu. Did you mean Food?"),
        (["Tea", "--daypart", "Lunhc"], "There is no daypart “Lunhc” on the menu. Did you mean Lunch?"),
        (["--daypart", "Dinner", "--from", "7:00", "--to", "8:00"], "There is no daypart “Dinner” on the menu."),
        (
            ["Tea", "--daypart", "Lunch", "--from", "7:00", "--to", "8:00"],
            "Lunch is 12:00-15:00 for every item that has it.",
        ),
        (["Tea", "--daypart", " ", "--from", "7:00", "--to", "8:00"], "--daypart is missing."),
        (
            ["--daypart", "Lunch", "--from", "12:00", "--to", "9:00", "--also"],
            "The schedule cannot be changed: two hours begin",
        ),
        (["Tea", "--remove", "--if-version", "1"], "The menu has changed since then"),
    ],
)
def test_a_schedule_of_nonsense_is_refused_in_a_line(sells: Shell, arguments: list[str], sentence: str) -> None:
    sells.ok("admin", "menu", "schedule", "Idly", "--daypart", "Lunch", "--from", "12:00", "--to", "15:00")
    if "--remove" in arguments and "Tea" in arguments:
        sells.ok("admin", "menu", "schedule", "Tea", "--daypart", "Lunch")
    assert sells.refused("admin", "menu", "schedule", *arguments).startswith(sentence)


WRONG_SCHEDULES: Final = (
    ["Tea"], ["Tea", "--from", "7:00"], ["Tea", "--days", "mon"], ["Tea", "--category", "Food", "--remove"],
    ["--remove"], ["Tea", "--remove", "--daypart", "x"], ["Tea", "--also", "--daypart", "x"], ["--daypart", "x"],
    ["--from", "7:00", "--to", "8:00"],
)  # fmt: skip


def test_wrong_usage_of_schedule_is_refused(sells: Shell, subtests: pytest.Subtests) -> None:
    for arguments in WRONG_SCHEDULES:
        with subtests.test(arguments=arguments):
            result = sells("admin", "menu", "schedule", *arguments)
            assert (result.code, result.err.count("\n")) == (2, 1), result


def test_a_number_that_another_item_has_is_named(sells: Shell) -> None:
    sells.ok("admin", "menu", "edit", "Tea", "--plu", "7")
    message = sells.refused("admin", "menu", "edit", "Idly", "--plu", "7")
    assert message == "The item cannot be changed: number 7 is Tea."


def test_a_file_larger_than_any_menu_is_refused_before_it_fills_the_memory(staffed: Shell, tmp_path: Path) -> None:
    film = tmp_path / "film.csv"
    with film.open("wb") as file:
        file.truncate(1 << 40)
    assert staffed.refused("admin", "menu", "import", str(film)) == (f"{film} is larger than 64 MB. Name another file.")


BY_TYPE: Final = "name,price,category,tax,tax take_away\nBun,3.00,Bakery,VAT 20,VAT 0\nTea,2.00,Drinks,VAT 20,\n"


def test_an_items_first_types_are_refused_while_a_till_that_cannot_read_them_is_in_use(
    staffed: Shell, database: Database, subtests: pytest.Subtests
) -> None:
    plain = BY_TYPE.replace("VAT 0", "")
    staffed.ok("admin", "menu", "import", "-", stdin=plain)
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=BY_TYPE)
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=plain)
    edit = ("admin", "menu", "edit", "Tea", "--type", "delivery", "--price", "1.00")
    store = Surroundings.find().venue.store_id
    with database.connect() as owner:
        start_till(owner, store, 3, "0.1.1")
        start_till(owner, store, 2, "0.1.0")
        for name, arguments, table in (
            ("import", ("admin", "menu", "import", "-", "--yes"), BY_TYPE),
            ("bring-back", ("admin", "menu", "bring-back", "3", "--yes"), ""),
            ("edit", edit, ""),
        ):
            with subtests.test(name):
                message = staffed.refused(*arguments, stdin=table)
                assert message.startswith("Update first: Till 2 (0.1.0). Until then")
                assert "--anyway" in message
                assert menu_of(staffed)["Bun"]["by_type"] == menu_of(staffed)["Tea"]["by_type"] == {}
                staffed.ok(*arguments, "--anyway", stdin=table)
                staffed.ok("admin", "menu", "import", "-", "--yes", stdin=plain)
        staffed.ok(*edit, "--anyway")
        staffed.ok("admin", "menu", "edit", "Tea", "--type", "take_away", "--price", "1.50")  # it has types already
        staffed.refused("admin", "menu", "edit", "Bun", "--type", "take_away", "--price", "1.50")
        owner.execute("UPDATE till.tills SET seen_at = now() - interval '32 days' WHERE id = 2")
        staffed.ok("admin", "menu", "edit", "Bun", "--type", "take_away", "--price", "1.50")


def test_differences_by_order_type_is_imported_listed_and_edited(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", "-", stdin=BY_TYPE)
    assert "take away: VAT 0" in staffed.ok("admin", "menu", "list")
    assert staffed("admin", "menu", "list", "--json").json["items"][0]["by_type"] == {"take_away": {"tax": "VAT 0"}}
    output = staffed.ok("admin", "menu", "edit", "Bun", "--type", "take_away", "--price", "2.50")
    assert output == "Bun: by order type take away: VAT 0, 2.50, was take away: VAT 0. Menu 3.\n"
    staffed.ok("admin", "menu", "edit", "Tea", "--type", "delivery", "--tax", "VAT 5")
    assert menu_of(staffed)["Tea"]["by_type"] == {"delivery": {"tax": "VAT 5"}}
    exported = staffed.ok("admin", "menu", "export", "-")
    assert exported.splitlines()[0].endswith(
        ",course,contains,tax delivery,price delivery,tax take_away,price take_away"
    )
    assert staffed.ok("admin", "menu", "import", "-", stdin=exported) == "Nothing changes.\n"
    for part in ("--tax", "--price"):
        staffed.ok("admin", "menu", "edit", "Bun", "--type", "take_away", part, "none")
    assert menu_of(staffed)["Bun"]["by_type"] == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Bun", "--type", "picnic", "--tax", "VAT 0"], "The menu was not changed: there is no order type picnic."),
        (["Sundry", "--type", "take_away", "--price", "2"], "A typed price has none by order type."),
        (["Bun", "--type", "take_away", "--tax", "wrong"], "The tax “wrong” is not a tax"),
        (["Bun", "--type", "take_away", "--price", "open"], "A typed price has none by order type."),
    ],
)
def test_an_order_type_that_cannot_be_is_refused(staffed: Shell, arguments: list[str], sentence: str) -> None:
    staffed.ok("admin", "menu", "import", "-", stdin=BY_TYPE + "Sundry,open,Drinks,VAT 20,\n")
    assert sentence in staffed.refused("admin", "menu", "edit", *arguments)
    file = BY_TYPE.replace("take_away", "picnic")
    assert "there is no order type picnic" in staffed("admin", "menu", "import", "-", "--yes", stdin=file).err


def test_contents_of_a_dish_is_imported_listed_and_in_the_history(staffed: Shell) -> None:
    table = "name,price,category,contains\nPesto,9.00,Mains,nuts|Leche\nIdly,4.00,Mains,\n"
    staffed.ok("admin", "menu", "import", "-", stdin=table)
    listed = staffed("admin", "menu", "list", "--json").json["items"]
    assert [one["contains"] for one in listed] == [["nuts", "milk"], []]
    rows = staffed.ok("admin", "menu", "list").splitlines()
    assert [next(words for words in ("nuts, milk", "Not stated") if words in row) for row in rows[-2:]] == [
        "nuts, milk", "Not stated",
    ]  # fmt: skip
    changed = staffed("admin", "menu", "import", "-", stdin=table.replace(",Mains,\n", ",Mains,gluten\n"))
    assert "changed: Idly: contains gluten" in changed.err
