"""Files that other tills export, with the columns of their public descriptions (docs/moving-in)."""

from __future__ import annotations

import csv
import io
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.catalogue.csv_table import MenuFileError
from till.domain.catalogue.menu_csv import read_menu_csv
from till.domain.catalogue.other_tills import translate_export
from till.domain.errors import MenuError
from till.domain.money.amount import Currency

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

SQUARE: Final = """\
Reference Handle,Token,Item Name,Variation Name,Unit and Precision,SKU,Description,Categories,Reporting Category,GTIN,\
Price,Archived,Sellable,Enabled Main St,Price Main St,Enabled Kiosk,Price Kiosk,Modifier Set - Milk,Tax - GST (5%),\
Tax - City
h1,T1,Coffee,Small,,101,"Fresh
brewed",Drinks,Drinks,,3.50,N,Y,Y,,Y,3.90,Y,Y,N
h2,T2,Coffee,Large,,102,,Drinks,Drinks,,$4.50,N,Y,Y,4.75,Y,,Y,Y,N
h3,T3,Bagel,Regular,,BG-1,,,,012345678905,2.00,N,Y,Y,,N,,N,Y,Y
h4,T4,Gift,Regular,,,,,,,variable,N,Y,Y,,Y,,N,N,N
h5,T5,Old pie,Regular,,,,Food,Food,,1.00,Y,Y,Y,,Y,,N,Y,N
h6,T6,Nuts,Regular,"oz, 0.1",,,Food,Food,,1.00,N,Y,Y,,Y,,N,Y,N
"""
LOYVERSE: Final = '''\
Handle,SKU,Name,Category,Description,Sold by weight,Option 1 name,Option 1 value,Option 2 name,Option 2 value,\
Option 3 name,Option 3 value,Cost,Barcode,SKU of included item,Quantity of included item,Track stock,\
Available for sale [Main],Price [Main],In stock [Main],Low stock [Main],"Modifier - ""Milk""","Tax - ""VAT"" (12%)"
tea,10001,Tea,Drinks,,N,Size,Small,,,,,1.00,,,,N,Y,10.00,,,N,Y
tea,10002,,,,,,Large,,,,,1.00,,,,N,Y,12.00,,,,
box,10003,Box,Food,,N,,,,,,,,,10001,1,N,Y,20.00,,,N,Y
box,,,,,,,,,,,,,,10002,2,,,,,,,
bananas,10004,Bananas,,,Y,,,,,,,,4006381333931,,,N,Y,2.50,,,N,N
soup,10005,Soup,Food,,N,,,,,,,,,,,N,N,9.00,,,N,Y
'''
ODOO: Final = """\
"Name","Variant Values","Internal Reference","Barcode","Sales Price","Point of Sale Category","Sales Taxes",\
"Available in POS","To Weigh With Scale","Unit","Cost"
"Desk","Legs: Steel","FURN_1","","100.0","Office","15%","True","","Units","60.0"
"","Color: White","","","","","Eco","","","",""
"Apples","","7","","2.5","Fruit","15%","True","True","kg","1.0"
"Hidden","","8","","2.5","","Luxury 40","","","Units",""
"""


def items_of(shell: Shell) -> dict[str, tuple[str, ...]]:
    """Return the menu: price, category, number, tax, barcodes and unit of each item."""
    columns = ("price", "category", "plu", "tax", "barcodes", "unit")
    rows = csv.DictReader(io.StringIO(shell.ok("admin", "menu", "export", "-").removeprefix("\ufeff")))
    return {row["name"]: tuple(row[column] for column in columns) for row in rows}


def test_square_items_come_in_and_what_is_left_is_named(staffed: Shell) -> None:
    taxes = ("--tax", "GST=5,added", "--tax", "City=1.5,included")
    done = staffed("admin", "menu", "import", "-", "--location", "main st", *taxes, stdin=SQUARE)
    assert done.out == "Menu 2 has 4 items.\n"
    assert items_of(staffed) == {
        "Coffee Small": ("3.50", "Drinks", "101", "GST 5 (added)", "", ""),
        "Coffee Large": ("4.75", "Drinks", "102", "GST 5 (added)", "", ""),
        "Bagel": ("2.00", "Other", "", "GST 5 (added) + City 1.5 (included)", "012345678905", ""),
        "Gift": ("open", "Other", "", "", "", ""),
    }
    assert done.err.splitlines()[:5] == [
        "An export of Square.",
        "Left out, not for sale: Old pie.",
        "Left out, sold by a unit that this till lacks: Nuts.",
        "Under Other, since they have no category: Bagel, Gift.",
        (
            "Not taken, with the number of cells: Reference Handle (4), Token (4), Description (1), Enabled Kiosk (3), "
            "Price Kiosk (1), Modifier Set - Milk (2), SKU (1)."
        ),
    ]
    other = translate_export(SQUARE, taxes[1::2], "Kiosk")
    assert other is not None
    assert "Coffee Small,3.90" in other.text
    assert "Bagel" not in other.text


def test_loyverse_variants_are_items_and_parts_of_composites_are_not(staffed: Shell) -> None:
    done = staffed("admin", "menu", "import", "-", "--tax", "VAT=12,included", "--unit", "kg", stdin=LOYVERSE)
    assert done.out == "Menu 2 has 4 items.\n"
    assert items_of(staffed) == {
        "Tea Small": ("10.00", "Drinks", "10001", "VAT 12 (included)", "", ""),
        "Tea Large": ("12.00", "Drinks", "10002", "VAT 12 (included)", "", ""),
        "Box": ("20.00", "Food", "10003", "VAT 12 (included)", "", ""),
        "Bananas": ("2.50", "Other", "10004", "", "4006381333931", "kg"),
    }
    assert "SKU of included item (1)" in done.err
    assert "Left out, not for sale: Soup." in done.err


def test_odoo_variants_and_several_taxes_stand_in_further_rows(staffed: Shell) -> None:
    taxes = ("--tax", "15%=VAT 15,added", "--tax", "Eco=2,added")
    done = staffed("admin", "menu", "import", "-", *taxes, stdin=ODOO)
    assert done.out == "Menu 2 has 2 items.\n"
    assert items_of(staffed) == {
        "Desk Steel White": ("100.00", "Office", "", "VAT 15 (added) + Eco 2 (added)", "", ""),
        "Apples": ("2.50", "Fruit", "7", "VAT 15 (added)", "", "kg"),
    }
    assert "Left out, not for sale: Hidden." in done.err
    assert "Internal Reference (1), Cost (2)." in done.err


@pytest.mark.parametrize(
    ("export", "words", "sentence"),
    [
        (SQUARE, (), "The file has prices of several locations. Choose one with --location: Main St, Kiosk."),
        (SQUARE, ("--location", "Bar"), "The file has no location Bar, only: Main St, Kiosk."),
        (
            ODOO,
            ("--tax", "Eco=2,added"),
            'added if it comes on top: --tax "15%=NAME RATE,HOW".',
        ),
        (LOYVERSE, ("--unit", "kg"), '--tax "VAT=12,HOW".'),
        (LOYVERSE, ("--tax", "VAT=12"), "Write --tax as “GST=5,included”, or “GST=5,added”."),
        (LOYVERSE, ("--tax", "VAT=7,added"), "The file says that VAT is 12 %."),
        (LOYVERSE, ("--tax", "GST=7,added"), "The file has no tax GST, only: VAT."),
        (LOYVERSE, ("--tax", "VAT=12,added"), "Bananas is sold by weight, and the file does not say by which unit."),
        (ODOO, ("--tax", "15%=15,added", "--tax", "Eco=2,added"), "--tax: “15% 15 (added)” is not one tax"),
    ],
)
def test_import_asks_for_facts_that_an_export_lacks(
    staffed: Shell, export: str, words: tuple[str, ...], sentence: str
) -> None:
    before = staffed.ok("admin", "menu", "export", "-")
    refused = staffed("admin", "menu", "import", "-", *words, stdin=export)
    assert (refused.code, refused.out) == (1, "")
    assert sentence in refused.err
    assert staffed.ok("admin", "menu", "export", "-") == before


@pytest.mark.parametrize("export", [SQUARE, LOYVERSE, ODOO])
@given(data=st.data())
def test_any_cells_become_a_menu_or_a_sentence(export: str, data: st.DataObject) -> None:
    heading, *rows = csv.reader(io.StringIO(export))
    cell = st.sampled_from(sorted({*heading, *itertools.chain(*rows)})) | st.text(max_size=9)
    lines = data.draw(st.lists(st.lists(cell, max_size=len(heading) + 1), max_size=5))
    table = io.StringIO()
    csv.writer(table).writerows([heading, *lines])
    with suppress(MenuError):  # any other error is a fault of the program
        moved = translate_export(table.getvalue(), data.draw(st.lists(cell, max_size=2)), "", "kg")
        assert moved is not None
        read_menu_csv(moved.text, Currency("INR"), "0197d6a0-0000-7000-8000-00000000d001")


def test_a_comma_in_a_name_without_quotes_is_a_fault_and_shifts_no_price() -> None:
    with pytest.raises(MenuFileError) as refused:
        translate_export(LOYVERSE.replace("Tea,Drinks", "Tea, green,Drinks"), ["VAT=12,added"], "", "kg")
    assert [(fault.line, fault.sentence) for fault in refused.value.faults] == [(2, "More columns than the header.")]
    with pytest.raises(MenuFileError) as refused:
        translate_export(ODOO.replace('"Cost"', '"Sales Price"'), ["15%=VAT 15,added"])
    assert [fault.sentence for fault in refused.value.faults] == ["The column sales price appears twice."]


def test_a_fault_names_the_line_of_the_export(staffed: Shell) -> None:
    wrong = LOYVERSE.replace("20.00", '"12,50"').replace("tea,10001,Tea", 'tea,10001,"Tea\nGreen"')
    refused = staffed("admin", "menu", "import", "-", "--tax", "VAT=12,added", "--unit", "kg", stdin=wrong)
    assert [line.partition(" ")[0] for line in refused.err.splitlines() if line.startswith("-:")] == ["-:5:"]


@pytest.mark.parametrize(
    "export",
    [
        "First Name,Last Name,Email Address,Phone Number\nAsha,Rao,asha@example.com,+919845012345\n,Iyer,,080 2345\n",
        "Customer ID,Customer name,Email,Phone\n1,Asha Rao,asha@example.com,+919845012345\n2,Iyer,,080 2345\n",
        '"Name","Phone","Mobile","Email"\n"Asha Rao",,\'+919845012345,asha@example.com\n"Iyer",080 2345,,\n',
        "name,phone,email\nAsha Rao,+919845012345,asha@example.com\nIyer,080 2345,\n",
    ],
)
def test_customers_come_in_once(staffed: Shell, export: str) -> None:
    staffed.become(9)
    done = staffed("admin", "customers", "import", "-", stdin=export)
    assert (done.code, done.out) == (0, "Added 2 customers.\n")
    assert "1 mail address was left out." in done.err
    known = staffed("admin", "customers", "list", "--json").json["customers"]
    assert [(one["name"], one["phone"]) for one in known] == [("Asha Rao", "+919845012345"), ("Iyer", "0802345")]
    assert staffed.ok("admin", "customers", "import", "-", stdin=export) == "Added 0 customers.\n"


def test_a_file_without_customers_is_refused(staffed: Shell) -> None:
    staffed.become(9)
    some = staffed("admin", "customers", "import", "-", stdin="name,phone\nRao,call me\nIyer,080 2345\n")
    assert (some.code, some.out) == (1, "Added 1 customer.\n")
    assert "-:2: “call me” is not a phone number." in some.err
    assert "no column name with phone" in staffed.refused("admin", "customers", "import", "-", stdin="a,b\n1,2\n")
