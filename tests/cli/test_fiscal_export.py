"""`till fiscal export` by an export of another package: all files or none, the act, and what was accepted."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import test_receipt
from tests.cli.test_say import speak
from till.cli import fiscal_export
from till.domain.codes import CodeKind
from till.ports.fiscal_export import ExportFault, ExportPiece, exports_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.domain.codes import CodeBook
    from till.ports.fiscal_export import ExportRead, ExportVenue

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "export"
SINCE = ("--from", "2026-01-01")
BOOK = (*SINCE, "--as", "xf-daybook")
#: A fixture: a venue that sold two Idly, and the number of the receipt.
sold = test_receipt.sold


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder where the example is installed, as a stranger installs it."""
    place = tmp_path_factory.mktemp("installed")
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(place), str(EXAMPLE)]
    subprocess.run(command, check=True)
    return str(place)


@pytest.fixture
def shop(sold: tuple[Shell, str], installed: str) -> tuple[Shell, str]:
    """A venue with the example that sold two Idly, and the number of the receipt."""
    sold[0].patch.syspath_prepend(installed)
    return sold


def refused(shell: Shell, *arguments: str) -> list[str]:
    """Return the rows of a refused export, one for each name."""
    result = shell("fiscal", "export", *arguments)
    assert (result.code, result.out) == (1, "")
    *named, last = result.err.splitlines()
    assert last == "till: No file was written. Put that right, or accept it by name: --accept NAME."
    return named


def test_an_export_of_another_package_is_listed_with_what_the_venue_lacks(shop: tuple[Shell, str]) -> None:
    shell, _number = shop
    assert {"es-verifactu", "xf-daybook"} < {*exports_here()}
    listed = shell.ok("fiscal", "exports")
    assert "xf-daybook: A day book as CSV" in listed
    assert "  The head of the book wants a number: till admin settings set tax_number 12345." in listed
    assert "Spain: the records of VERI*FACTU as XML" in listed
    assert "The venue has no such law" in listed
    shell.ok("admin", "settings", "set", "tax_number", "12345")
    found = {one["name"]: one["lacks"] for one in shell("fiscal", "exports", "--json").json["exports"]}
    assert found["xf-daybook"] == []


def test_days_that_are_not_closed_are_refused_and_written_if_they_are_accepted_by_name(
    shop: tuple[Shell, str], database: Database
) -> None:
    shell, number = shop
    folder = shell.folder / "book"
    today, shift = refused(shell, *BOOK, str(folder))
    assert [*folder.iterdir()] == []
    assert "is not over" in today
    assert shift.startswith("z-999: Till 999 has no Z of its shift since")
    accepted = [part for one in (today, shift) for part in ("--accept", one.partition(":")[0])]
    assert refused(shell, *BOOK, *accepted[:2], str(folder))[-1] == shift
    shown = shell("fiscal", "export", *BOOK, *accepted, str(folder))
    assert shown.code == 0, shown.err
    assert f"{folder}/daybook.csv: 1 records." in shown.out
    files = {one.name: one.read_text() for one in folder.iterdir()}
    day = today.partition(":")[0]
    beside = f"xf-daybook-2026-01-01-{day}-left-out.txt"
    assert set(files) == {"daybook.csv", "taxes.csv", beside}
    assert files["daybook.csv"].splitlines()[2] == f"{day},{number},8.00"
    assert files["taxes.csv"] == "VAT 10,0.73\n"
    assert files[beside].splitlines() == [today.partition(": ")[2], shift.partition(": ")[2]]
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in folder.iterdir())
    with database.connect() as owner:
        ((user, act),) = owner.execute(
            "SELECT user_id, event_data FROM warm.session_events WHERE event_type = 'export_made'"
        ).fetchall()
    assert (user, act["export"], act["last"], act["accepted"]) == (7, "xf-daybook", day, sorted(accepted[1::2]))
    written = {one["name"]: one for one in act["files"]}
    digest = hashlib.sha256(files["daybook.csv"].encode()).hexdigest()
    assert written["daybook.csv"] == {"name": "daybook.csv", "sha256": digest, "records": 1}
    shown_act = shell.ok("admin", "audit", "show", "--what", "administered")
    assert f"exported xf-daybook from 2026-01-01 to {day}" in " ".join(shown_act.split())


def test_the_next_export_says_what_arrived_since(shop: tuple[Shell, str]) -> None:
    shell, number = shop
    named = [part for one in refused(shell, *BOOK, "x") for part in ("--accept", one.partition(":")[0])]
    shell.ok("fiscal", "export", *BOOK, *named, str(shell.folder / "one"))
    again = shell("fiscal", "export", *BOOK, *named, str(shell.folder / "two"))
    assert "Nothing of these days arrived since." in again.err
    speak(shell, 1, "1111")
    shell.ok("say", "idly")
    shell.ok("say", "cash 10")
    shell.become(7)
    later = shell("fiscal", "export", *BOOK, *named, str(shell.folder / "three"))
    assert f"1 sale or refund arrived since: {number[:-1]}2." in later.err


class Broken:
    """An export that fails at its end, or names what it cannot write."""

    name, about, texts, is_closed = "xf-broken", "", False, False

    def __init__(self, *last: Any) -> None:
        self._last = last

    def lacks(self, _venue: Any) -> Iterator[str]:
        yield from ()

    def write(self, read: Any, _days: Any, _venue: Any) -> Iterator[ExportPiece | ExportFault]:
        for sale in read.sales():
            yield ExportPiece("../a.csv", f"{sale.data.receipt}\n")
        yield ExportPiece("b.csv", "b\n")
        for one in self._last:
            if isinstance(one, Exception):
                raise one
            yield one


@pytest.mark.parametrize(
    "last", [ValueError("at the end"), ExportFault("1-000009", "It has no form."), KeyboardInterrupt()]
)
def test_no_file_appears_unless_all_are_whole(
    sold: tuple[Shell, str],
    monkeypatch: pytest.MonkeyPatch,
    last: Any,
    database: Database,
) -> None:
    shell, _number = sold
    monkeypatch.setattr(fiscal_export, "find_export", lambda _name: Broken(last))
    folder = shell.folder / "files"
    assert shell("fiscal", "export", *SINCE, "--as", "x", str(folder)).code != 0
    assert [*folder.iterdir()] == []
    with database.connect() as owner:
        assert owner.execute("SELECT 1 FROM warm.session_events WHERE event_type = 'export_made'").fetchall() == []


def test_a_fault_is_accepted_by_its_name_and_a_name_of_nothing_is_refused(
    sold: tuple[Shell, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell, number = sold
    fault = ExportFault("1-000009", "1-000009 has no form. Book it by hand.")
    monkeypatch.setattr(fiscal_export, "find_export", lambda _name: Broken(fault))
    named = (*SINCE, "--as", "x", "--accept", "1-000009")
    assert refused(shell, *named[:-2], str(shell.folder / "no")) == ["1-000009: 1-000009 has no form. Book it by hand."]
    sentence = "Nothing of these days is called 1-000010. Leave --accept 1-000010 out."
    assert sentence in shell("fiscal", "export", *named, "--accept", "1-000010", str(shell.folder / "no")).err
    folder = shell.folder / "files"
    shell.ok("fiscal", "export", *named, str(folder))
    assert (folder / "a.csv").read_text() == f"{number}\n", "no export writes beside its folder"
    assert "a.csv already exists." in shell("fiscal", "export", *named, str(folder)).err


def test_texts_are_an_admins(sold: tuple[Shell, str], monkeypatch: pytest.MonkeyPatch) -> None:
    shell, _number = sold
    broken = Broken()
    broken.texts = True
    monkeypatch.setattr(fiscal_export, "find_export", lambda _name: broken)
    shell.become(9)
    denied = shell("fiscal", "export", *SINCE, "--as", "x", str(shell.folder / "files"))
    assert (denied.code, denied.out) == (1, "")
    assert not (shell.folder / "files").exists()
    shell.become(7)
    shell.ok("fiscal", "export", *SINCE, "--as", "x", str(shell.folder / "files"))


def test_without_a_law_the_exports_are_named(sold: tuple[Shell, str]) -> None:
    shell, _number = sold
    folder = str(shell.folder / "files")
    assert "Name one, with --as: es-verifactu" in shell.refused("fiscal", "export", *SINCE, folder)
    assert "There is no export zz." in shell.refused("fiscal", "export", *SINCE, "--as", "zz", folder)
    file = shell.folder / "a-file"
    file.write_text("")
    shell.patch.setattr(fiscal_export, "find_export", lambda _name: Broken())
    assert "cannot be written" in shell.refused("fiscal", "export", *SINCE, "--as", "x", str(file / "in"))


class Coded:
    """An export that writes the code of each row, by a list of two codes."""

    name, about, texts, is_closed = "xf-coded", "", False, False

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        self._book(venue).look_ahead(CodeKind.ITEM, CodeKind.TAX)
        yield from ()

    def write(self, read: ExportRead, _days: Any, venue: ExportVenue) -> Iterator[ExportPiece]:
        book = self._book(venue)
        for sale in read.sales():
            for line in sale.data.lines:
                tax = book.tax(line.taxes[0].name, line.taxes[0].rate)
                code = book.item(line.item_id, line.item_name, line.category)
                yield ExportPiece("codes.csv", f"{code},{tax},{book.tender(sale.data.payments[0].tender)}\n", records=1)

    @staticmethod
    def _book(venue: ExportVenue) -> CodeBook:
        return venue.codes("xf", lambda kind, code: kind is not CodeKind.ITEM or code in {"F1", "F2"})


def test_codes_are_looked_up_at_the_export_and_all_missing_ones_are_one_list(
    sold: tuple[Shell, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, _number = sold
    monkeypatch.setattr(fiscal_export, "find_export", lambda _name: Coded())
    monkeypatch.setattr(fiscal_export, "exports_here", lambda: ("xf-coded",))
    folder = shell.folder / "coded"
    export = ("fiscal", "export", *SINCE, "--as", "xf-coded", str(folder))
    missing = [
        'tax VAT 10 has no code of xf: `till admin codes set xf tax "VAT 10" CODE`.',
        'item Idly has no code of xf: `till admin codes set xf item "Idly" CODE`.',
        'tender CASH has no code of xf: `till admin codes set xf tender "CASH" CODE`.',
    ]
    refused = shell(*export)
    assert (refused.code, refused.err.splitlines()[:-1]) == (1, missing)
    assert (
        refused.err.splitlines()[-1]
        == "till: No file was written. Set the codes first; `till admin codes list` shows them."
    )
    assert [*folder.iterdir()] == []
    listed = shell("fiscal", "exports", "--json").json["exports"][0]["lacks"]
    assert listed == [missing[1], "1 more code is missing."]
    shell.ok("admin", "codes", "set", "xf", "tax", "VAT 10", "T10")
    shell.ok("admin", "codes", "set", "xf", "tender", "cash", "C")
    assert shell.ok("admin", "codes", "set", "XF", "category", "food", "F9") == "food has the code F9 of xf.\n"
    wrong = 'item Idly: xf has no code F9. Set another: `till admin codes set xf item "Idly" CODE`.'
    assert shell(*export).err.splitlines()[0] == wrong
    shell.ok("admin", "codes", "set", "xf", "item", "idly", "F2")
    shell.ok(*export)
    assert (folder / "codes.csv").read_text() == "F2,T10,C\n"
    shell.ok("admin", "codes", "set", "xf", "category", "Food", "F1")
    shell.ok("admin", "codes", "set", "xf", "item", "Idly", "")
    shell.ok(*export[:-1], str(shell.folder / "again"))
    assert (shell.folder / "again" / "codes.csv").read_text() == "F1,T10,C\n"
    rows = [(one["kind"], one["name"], one["code"]) for one in shell("admin", "codes", "list", "--json").json["codes"]]
    assert rows == [("category", "Food", "F1"), ("tax", "VAT 10", "T10"), ("tender", "CASH", "C")]
    assert "There is no “Vada” on the menu" in shell.refused("admin", "codes", "set", "xf", "item", "Vada", "F1")
    assert "There are: item, category, tender" in shell("admin", "codes", "set", "xf", "colour", "x", "F1").err


def test_codes_of_items_are_columns_of_the_menus_file(sold: tuple[Shell, str], database: Database) -> None:
    shell, _number = sold
    file = shell.folder / "coded.csv"
    file.write_text(
        "name,price,category,plu,tax,code:hsn,code:xf\nIdly,4.00,Food,1,VAT 10,996331,F1\nTea,2.00,Food,2,VAT 10,,F2\n"
    )
    shell.ok("admin", "menu", "import", str(file), "--yes")
    with database.connect() as owner:
        query = "SELECT body FROM till.settings WHERE name IN ('codes', 'menu') ORDER BY name"
        ((codes,), (menu,)) = owner.execute(query).fetchall()
    assert sorted(codes) == ["hsn", "xf"]
    assert sorted(codes["xf"]["item"].values()) == ["F1", "F2"]
    assert [*codes["hsn"]["item"].values()] == ["996331"]
    assert "996331" not in str(menu), "no till gets the codes"
    exported = shell.ok("admin", "menu", "export", "-")
    assert exported.splitlines()[0].endswith(",code:hsn,code:xf")
    assert exported.splitlines()[1].endswith(",996331,F1")
    # without the column none changes; with it, what is empty has none
    file.write_text("name,price,category,plu,tax,code:xf\nIdly,4.00,Food,1,VAT 10,F2\nTea,2.00,Food,2,VAT 10,\n")
    assert shell.ok("admin", "menu", "import", str(file)) == "Nothing changes.\n2 codes of xf are set.\n"
    rows = [
        (one["scheme"], one["name"], one["code"]) for one in shell("admin", "codes", "list", "--json").json["codes"]
    ]
    assert rows == [("hsn", "Idly", "996331"), ("xf", "Idly", "F2")]
    assert shell.ok("admin", "menu", "import", str(file)) == "Nothing changes.\n"
