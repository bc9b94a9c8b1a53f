from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import speak_german

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

DEMO = Path(__file__).parents[2] / "till" / "cli" / "data" / "udupi_corner.csv"


def test_a_menu_goes_in_and_comes_out_the_same(staffed: Shell) -> None:
    imported = staffed.ok("admin", "menu", "import", str(DEMO))
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
    said = staffed("admin", "menu", "import", "-", stdin="name;price;category\nTee;1.203,5;Getränke\n")
    assert "changed: Tee 1.203,50, was Tee 2,50" in said.err


def test_a_menu_with_faults_changes_nothing_and_names_each(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", str(DEMO))
    before = staffed.ok("admin", "menu", "export", "-")
    file = staffed.folder / "bad.csv"
    file.write_text('name,price,category,plu\nTea,"1,50",Drinks,1\nMilk,NaN,Drinks,1\n', encoding="utf-8")
    said = staffed("admin", "menu", "import", str(file))
    assert said.code == 1
    assert said.err.splitlines() == [
        f"{file}:2: price “1,50” is not an amount. Type it like 12.50.",
        f"{file}:3: plu 1 is there already, in line 2.",
        f"{file}:3: price “NaN” is not an amount. Type it like 12.50.",
        "till: The menu was not taken: 3 faults. Mend the lines and import the file again.",
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


@pytest.mark.parametrize("data", [b"", b"name,price,category\n", b"\xff\xfen\x00", b"\0\1", b"name;price\nTea;1\n"])
def test_a_file_that_is_no_menu_is_refused(staffed: Shell, data: bytes) -> None:
    file = staffed.folder / "odd.csv"
    file.write_bytes(data)
    said = staffed("admin", "menu", "import", str(file))
    assert said.code == 1
    assert said.err.splitlines()[-1].startswith("till: The menu was not taken")


def test_a_file_that_is_not_there_is_one_line(staffed: Shell) -> None:
    assert "cannot be read" in staffed.refused("admin", "menu", "import", "nowhere.csv")
    assert "cannot be written" in staffed.refused("admin", "menu", "export", "no/where.csv")


def a_menu(*rows: str) -> str:
    return "\n".join(["name,price,category", *rows, ""])


def test_an_import_tells_what_changes_and_asks(staffed: Shell) -> None:
    first = a_menu("Idly,40.00,Food", "Tea,20.00,Drinks", "Vada,50.00,Food")
    told = staffed("admin", "menu", "import", "-", stdin=first)
    assert "3 new, 0 changed, 0 gone" in told.err  # nothing is lost by it: it is not asked
    file = staffed.folder / "menu.csv"
    file.write_text(a_menu("Idly,45.00,Food", "Tea,20.00,Drinks", "Coffee,30.00,Drinks"))
    said = staffed("admin", "menu", "import", str(file))
    assert said.code == 1
    assert said.err.splitlines() == [
        "1 new, 1 changed, 1 gone.",
        "  new: Coffee 30.00",
        "  changed: Idly 45.00, was Idly 40.00",
        "  gone: Vada 50.00",
        "till: Nothing was changed. Say --yes to take the new menu.",
    ]
    assert "Vada" in staffed.ok("admin", "menu", "export", "-")
    assert staffed.ok("admin", "menu", "import", str(file), "--yes") == "Menu 3 has 3 items.\n"
    again = staffed("admin", "menu", "import", str(file))
    assert (again.code, again.out) == (0, "Nothing changes.\n")


def test_an_earlier_menu_is_kept_and_brought_back(staffed: Shell) -> None:
    staffed.ok("admin", "menu", "import", "-", stdin=a_menu("Idly,40.00,Food", "Tea,20.00,Drinks"))
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=a_menu("Soup,60.00,Food"))
    listed = staffed("admin", "menu", "list", "--json").json["menus"]
    assert [(m["version"], m["items"], m["user"], m["current"]) for m in listed] == [(3, 1, 7, True), (2, 2, 7, False)]
    assert "     2  " in staffed.ok("admin", "menu", "list")
    assert "1 gone" in staffed("admin", "menu", "restore", "2").err
    assert staffed.ok("admin", "menu", "restore", "2", "--yes") == "Menu 4 has 2 items.\n"
    assert "Idly" in staffed.ok("admin", "menu", "export", "-")
    assert staffed.refused("admin", "menu", "restore", "99").startswith("There is no menu 99.")
