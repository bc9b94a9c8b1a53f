from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.catalogue.csv_table import MenuFileError, decode_menu
from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.menu_csv import COLUMNS, read_menu_csv, write_menu_csv
from till.domain.catalogue.modifiers_csv import read_modifiers_csv
from till.domain.cells import guard, unguard
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.order.events import TaxRate
from till.domain.order.terms import taxes_in
from till.domain.text import clean

INR = Currency("INR")
STORE = "0197d6a0-0000-7000-8000-00000000d001"
HEADING = "name,price,category,plu,tax,daypart,category_daypart,aliases,barcodes,sold_out,returnable,unit,id\n"
CHOICES = Path(__file__).parents[3] / "till" / "cli" / "data" / "udupi_modifiers.csv"
DEMO = Path(__file__).parents[3] / "till" / "cli" / "data" / "udupi_menu.csv"


def read(text: str, known: dict[str, Any] | None = None) -> dict[str, Any]:
    return read_menu_csv(text, INR, STORE, known)


def demo() -> dict[str, Any]:
    groups = read_modifiers_csv(decode_menu(CHOICES.read_bytes()), INR, STORE)
    return read_menu_csv(decode_menu(DEMO.read_bytes()), INR, STORE, groups=groups)


def faults(text: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(MenuFileError) as refused:
        read(decode_menu(text) if isinstance(text, bytes) else text)
    return [(fault.line, fault.sentence) for fault in refused.value.faults]


def test_a_row_becomes_an_item_of_the_menu() -> None:
    body = read(
        HEADING
        + "Idly,40,Breakfast,1,GST 5,All day 00:00-24:00,Breakfast 7:00-11:30,idli|idlis,8901234500019,no,yes,,\n"
        "Sundry,open,Extras,,,,,,,,,,\n"
    )
    menu = read_menu(body, INR)
    idly, sundry = menu.items
    assert (idly.plu, idly.price4, idly.aliases, idly.barcodes) == (1, 400_000, ("idli", "idlis"), ("8901234500019",))
    assert idly.returnable
    assert not idly.sold_out
    assert [(tax.name, tax.percent) for tax in menu.taxes_of(idly)] == [("GST", "5")]
    assert menu.is_sold_at(idly, datetime(2026, 3, 3, 3, tzinfo=UTC))
    assert menu.daypart_at(datetime(2026, 3, 3, 8, tzinfo=UTC)) == menu.daypart_by_name["Breakfast"]
    assert (sundry.price4, sundry.plu, menu.taxes_of(sundry)) == (None, None, ())
    assert [category.name for category in menu.categories] == ["Breakfast", "Extras"]


GERMAN = Formats(Currency("EUR"), marks_of("de"))


@pytest.mark.parametrize("text", ['name,price,category\nTee,"2,50",Getränke\n', "name;price;category\nTee;2,50;G\n"])
def test_a_price_stands_as_people_of_the_venue_write_it(text: str) -> None:
    body = read_menu_csv(text, GERMAN.currency, STORE, formats=GERMAN)
    assert body["items"][0]["price"] == "2.50"
    with pytest.raises(MenuFileError):
        read_menu_csv(text, GERMAN.currency, STORE)


def test_an_export_for_a_decimal_comma_reads_the_same() -> None:
    text = (
        "name;price;category;tax\nTee;1.250,5;G;USt 5,5\nKaffee;0,125;G;A: USt 20 + Kur 1,5\n"
        "Sonst;open;G;\nMilch;2.50;G;\n"
    )
    body = read_menu_csv(text, GERMAN.currency, STORE, formats=GERMAN)
    assert [item["price"] for item in body["items"]] == ["1250.50", "0.125", None, "2.50"]
    assert body["taxes"]["A"] == [{"name": "USt", "rate": "20"}, {"name": "Kur", "rate": "1.5"}]
    exported = write_menu_csv(body, GERMAN.point)
    assert "Tee;1250,50;" in exported
    assert read_menu_csv(exported, GERMAN.currency, STORE, body, GERMAN) == body


def test_the_demo_venue_reads_and_sells_idly_and_masala_dosa_all_day() -> None:
    menu = read_menu(demo(), INR)
    assert 55 <= len(menu.items) <= 70
    for plu, name, price4 in [(1, "Idly", 400_000), (2, "Masala Dosa", 800_000), (21, "Filter Coffee", 300_000)]:
        item = menu.by_plu[plu]
        assert (item.name, item.price4) == (name, price4)
        assert all(menu.is_sold_at(item, datetime(2026, 3, 3, hour, tzinfo=UTC)) for hour in range(24))
    assert menu.by_plu[3].sold_out
    assert any(item.price4 is None for item in menu.items)
    assert any(item.returnable for item in menu.items)
    assert any(item.barcodes for item in menu.items)
    assert not menu.is_sold_at(menu.by_plu[41], datetime(2026, 3, 3, 9, tzinfo=UTC))


def test_an_export_comes_back_the_same() -> None:
    body = demo()
    assert read_menu_csv(write_menu_csv(body), INR, STORE, groups=body["modifiers"]) == body


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).map(clean)


@given(st.lists(NAMES, min_size=1, max_size=6), st.sampled_from(["=", "+", "-", "@", "'=", "''@", ""]))
def test_any_names_come_back_the_same(names: list[str], sign: str) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS[:3])
    writer.writerows((guard(f"{sign}{name}"), "1", guard(name)) for name in names)
    try:
        body = read(table.getvalue())
    except MenuFileError:
        return  # a name that shows nothing, or twice the same
    written = write_menu_csv(body)
    assert read(written) == body
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}] == []


@given(st.text())
def test_a_guarded_cell_runs_nowhere_and_comes_back(text: str) -> None:
    assert unguard(guard(text)) == clean(text)
    assert guard(text).lstrip()[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_an_item_keeps_its_id_by_name_and_by_id() -> None:
    before = read(HEADING + "Idly,40,Food,1,,,,,,,,,\nVada,50,Food,2,,,,,,,,,\n")
    idly, vada = before["items"]
    renamed = HEADING + f"Rice cake,45,Food,1,,,,,,,,,{idly['id']}\nvada,50,Food,2,,,,,,,,,\nIdly,9,Food,3,,,,,,,,,\n"
    after = read(renamed, before)["items"]
    assert [item["id"] for item in after[:2]] == [idly["id"], vada["id"]]
    assert after[2]["id"] not in {idly["id"], vada["id"]}


@pytest.mark.parametrize(
    ("cell", "taxes", "written"),
    [
        ("GST 5", [{"name": "GST", "rate": "5"}], "GST 5"),
        ("A: VAT 20 % (Included)", [{"name": "VAT", "rate": "20", "included": True}], "A: VAT 20 (included)"),
        (
            "B: Deposit 0.25 each (included, taxed) + GST 12 + Cess 1 (on net, added)",
            [
                {"name": "Deposit", "per_piece": "0.25", "included": True, "affects_later": True},
                {"name": "GST", "rate": "12"},
                {"name": "Cess", "rate": "1", "affected_by_earlier": False, "included": False},
            ],
            "B: Deposit 0.25 each (included, taxed) + GST 12 + Cess 1 (added, on net)",
        ),
    ],
)
def test_a_tax_group_says_how_each_tax_stands(cell: str, taxes: list[dict[str, Any]], written: str) -> None:
    body = read(HEADING + f'Cola,3,Drinks,,"{cell}"\n')
    band = body["items"][0]["tax"]
    assert body["taxes"][band] == taxes
    assert written in write_menu_csv(body)
    assert read(write_menu_csv(body))["taxes"] == body["taxes"]
    group = read_menu(body, Currency("EUR")).taxes[band]
    assert taxes_in(group, Currency("EUR")) == tuple(TaxRate(**tax) for tax in taxes)


@pytest.mark.parametrize("between", [" + ", "+", "|", " | "])
def test_a_plus_or_a_bar_joins_taxes(between: str) -> None:
    body = read(HEADING + f"Cola,3,Drinks,,CGST 2.5{between}SGST 2.5 %\n")
    assert body["items"][0]["tax"] == "CGST 2.5 + SGST 2.5"
    assert [tax["rate"] for tax in body["taxes"]["CGST 2.5 + SGST 2.5"]] == ["2.5", "2.5"]


@pytest.mark.parametrize("between", [", ", ",", " / ", "/", " & ", "&", "; ", " ", " and ", " - ", "＋"])
@pytest.mark.parametrize(
    ("first", "second"),
    [("CGST 2.5", "SGST 2.5"), ("CGST 2.5 %", "Österr 5%"), ("Deposit 0.25 each (included)", "GST 5 (on net)")],
)
def test_any_other_mark_between_taxes_is_refused_with_the_right_one(between: str, first: str, second: str) -> None:
    """Taken for a name, the first rate would not be charged."""
    found = faults(HEADING + f'Cola,3,Drinks,,"{first}{between}{second}"\n')
    right = f"join taxes by +, like {first} + {second}; a name has no number of its own."
    assert found == [(2, f"tax “{first}{between}{second}” is not one tax: {right}")]


@pytest.mark.parametrize(
    "cell",
    [
        "2.5 CGST 2.5",
        "CGST 2.5 SGST 2.5",
        "CGST2.5% SGST 2.5",
        "CGST 2½ SGST 2.5",
        "CGST ٢ SGST 2",
        "Covid-19 levy 2",
        "A 1 2 3",
    ],
)
def test_a_number_in_the_name_of_a_tax_is_refused(cell: str) -> None:
    [(line, sentence)] = faults(HEADING + f"Cola,3,Drinks,,{cell}\n")
    assert (line, "is not one tax: join taxes by +, like CGST 2.5 + SGST 2.5;" in sentence) == (2, True)


@pytest.mark.parametrize("name", ["VAT2", "CO² levy", "CGST/SGST", "H1N1-Tax"])
def test_digits_within_a_word_are_part_of_the_name_of_a_tax(name: str) -> None:
    assert read(HEADING + f"Cola,3,Drinks,,{name} 5\n")["taxes"] == {f"{name} 5": [{"name": name, "rate": "5"}]}


def test_a_menu_with_a_number_in_the_name_of_a_tax_loads_as_it_is() -> None:
    body = read(HEADING + "Cola,3,Drinks,,GST 5\n")
    body["taxes"]["GST 5"][0]["name"] = "CGST 2.5/SGST"
    assert [tax.name for tax in read_menu(body, INR).taxes["GST 5"]] == ["CGST 2.5/SGST"]


def test_semicolons_tabs_and_a_byte_order_mark_are_read() -> None:
    for delimiter in ";\t":
        text = "\ufeff" + "name,price,category\nTea,20.00,Drinks\n".replace(",", delimiter)
        assert read(decode_menu(text.encode()))["items"][0]["price"] == "20.00"


@pytest.mark.parametrize(
    ("rows", "line", "expected"),
    [
        ('Tea,"1,50",Drinks', 2, "price “1,50” is not an amount"),
        ("Tea,NaN,Drinks", 2, "price “NaN” is not an amount"),
        ("Tea,1e3,Drinks", 2, "price “1e3” is not an amount"),
        ("Tea,-5,Drinks", 2, "price -5 is below zero"),
        ("Tea,99999999,Drinks", 2, "too much"),
        ("Tea,1.23456,Drinks", 2, "more decimals"),
        ("Tea,,Drinks", 2, "write “open”"),
        ("Tea,₹20,Drinks", 2, "price “₹20” is not an amount"),
        (",20,Drinks", 2, "name is missing"),
        ("\u200b,20,Drinks", 2, "name is missing"),
        ("Tea,20,", 2, "category is missing"),
        ('"Te\na",20,Drinks\nTea,20,Drinks\n"a\x1b[2J",20,Drinks', 2, "control character or a line break"),
        ("T\u0000ea,20,Drinks", 2, "control character"),
        ("x" * 81 + ",20,Drinks", 2, "81 characters"),
        ("Tea,20,Drinks,0", 2, "plu “0” is not a number"),
        ("Tea,20,Drinks,1.5", 2, "plu “1.5” is not a number"),
        ("Tea,20,Drinks,²", 2, "plu “²” is not a number"),
        ("Tea,20,Drinks,100000", 2, "from 1 to 99999"),
        ("Tea,20,Drinks,7\nMilk,20,Drinks,7", 3, "plu 7 is already in line 2"),
        ("Tea,20,Drinks\n\nTEA ,20,Drinks", 4, "name TEA is already in line 2"),
        ("A,1,D,,,,,,123456\nB,1,D,,,,,,99999999|123456", 3, "barcode 123456 is already in line 2"),
        (f"A,1,D,,,,,,,,,,{STORE}\nB,1,D,,,,,,,,,,{STORE}", 3, "is already in line 2"),
        ("A,1,D,,,,,,12 34", 2, "is not a barcode"),
        ("A,1,D,,,,,,,maybe", 2, "sold_out “maybe” is neither yes nor no"),
        ("A,1,D,,,,,,,,,,7", 2, "id “7” is not an id"),
        ("A,1,D,,GST", 2, "tax “GST” is not a tax"),
        ("A,1,D,,GST five", 2, "is not a tax"),
        ("A,1,D,,GST 1000", 2, "is not a tax"),
        ("A,1,D,,CGST|SGST 2.5", 2, "“CGST” is not a tax"),
        ("A,1,D,,GST 5 (inside)", 2, "in brackets write included or added, taxed, on net"),
        ('A,1,D,,"GST 5 (included, added)"', 2, "“included, added” does not say how a tax applies"),
        ("A,1,D,,Deposit 1.23456 each", 2, "is not a tax"),
        ("A,1,D,,Deposit -1 each", 2, "is not a tax"),
        ("A,1,D,,A: GST 5\nB,1,D,,A: GST 6", 3, "tax A has different rates in line 2"),
        ("A,1,D,,,Lunch", 2, "is not a daypart"),
        ("A,1,D,,,Lunch 12:00-25:30", 2, "is not a daypart"),
        ("A,1,D,,,Lunch 12:00-15:00\nB,1,D,,,lunch 12:00-16:00", 3, "daypart lunch has different hours in line 2"),
        ("A,1,D,,,,L 12:00-15:00\nB,1,D,,,,M 12:00-15:00", 3, "category D has a different category_daypart"),
        ("A,1,D,,,,,,,,,,,,x", 2, "More columns"),
        ('A,1,D\nB,1,"D', 3, "quote is not closed"),
        ('A,1,D\n"B"x,1,D', 3, "quote is not closed"),
        ("A" * 200_000 + ",1,D", 2, "too long"),
    ],
)
def test_a_fault_is_named_with_its_line(rows: str, line: int, expected: str) -> None:
    found = faults(HEADING + rows + "\n")
    assert [fault for fault in found if fault[0] == line and expected in fault[1]], found
    assert all(sentence.isprintable() for _line, sentence in found)


def test_every_fault_of_a_file_is_named_at_once() -> None:
    found = faults(HEADING + "A,NaN,D,0,,,,,,,,,\nB,1,D,,,,,,,,,,\nC,1,,x,,,,,,,,,\n")
    assert [line for line, _sentence in found] == [2, 2, 4, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "name is missing"),
        ("name,price\nTea,20\n", "category is missing"),
        ("name,price,category,name\n", "name appears twice"),
        ("name,prize,category\n", "Did you mean: price?"),
        ("name,price,category\n\n", "no items"),
        ("\n\nname,price,category\n", "no items"),
    ],
)
def test_a_file_without_a_menu_is_refused(text: str, expected: str) -> None:
    assert any(expected in sentence for _line, sentence in faults(text))


def test_another_encoding_is_named_with_its_line() -> None:
    found = faults(HEADING.encode() + b"Tea,20,Drinks,,,,,,,,,,\nCaf\xe9,30,Drinks,,,,,,,,,,\n")
    assert found == [(3, "This is not UTF-8 text. Save the file as CSV UTF-8.")]
    assert faults("name,price,category\n".encode("utf-16"))[0][0] == 1


@given(st.binary(max_size=300) | st.text(alphabet='abname,pricetgoy"\n;|=:5-', max_size=120).map(str.encode))
def test_any_file_reads_as_a_menu_or_is_refused(data: bytes) -> None:
    try:
        body = read(decode_menu(HEADING.encode() + data))
    except MenuFileError:
        return
    assert read_menu(body, INR).items


def test_thousands_of_lines_are_read_or_every_one_is_named() -> None:
    rows = (f"Item {n},{n % 90}.50,Category {n % 40},{n + 1},GST 5,,,,{n:08d},,,,\n" for n in range(1_999))
    text = HEADING + "".join(rows)
    assert len(read(text)["items"]) == 1_999
    assert [line for line, _sentence in faults(text.replace(".50", ".5O"))] == list(range(2, 2_001))


def test_a_price_from_a_time_on_is_read_by_the_clock_of_the_venue() -> None:
    text = "name;price;category;planned\nTee;2,50;G;2,80 2026-12-01 18:00|open 2027-01-01\n"
    body = read_menu_csv(text, GERMAN.currency, STORE, formats=GERMAN, zone=ZoneInfo("Europe/Vienna"))
    assert body["items"][0]["prices"] == [
        {"from": "2026-12-01T17:00:00Z", "price": "2.80"},
        {"from": "2026-12-31T23:00:00Z", "price": None},
    ]
    written = write_menu_csv(body, GERMAN.point, ZoneInfo("Europe/Vienna"))
    assert read_menu_csv(written, GERMAN.currency, STORE, body, GERMAN) == body


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("45", "planned “45” is not a price with a time; write it like 45.00 2026-12-01 18:00."),
        ("x 2026-12-01", "planned “x” is not an amount. Type it like 12.50."),
        ("45 2026-13-01", "planned “2026-13-01” is not a time. Write it like 18:00, 2026-12-01 or 2026-12-01 18:00."),
        ("45 2026-12-01|46 2026-12-01 00:00", "planned names two prices from 2026-12-01 00:00."),
    ],
)
def test_a_plan_that_cannot_be_read_is_a_fault(cell: str, sentence: str) -> None:
    assert faults(f"name,price,category,planned\nTea,2,G,{cell}\n") == [(2, sentence)]


def test_differences_by_order_type_goes_in_and_comes_out_the_same() -> None:
    text = (
        "name,price,category,tax,Tax take_away,price take_away,price delivery\n"
        "Croissant,3.20,Bakery,VAT 20,VAT 0,,3.50\nBun,3,Bakery,VAT 20,,2.80,\nEggs,8.50,Kitchen,VAT 20,,,\n"
    )
    body = read(text)
    assert [item.get("by_type") for item in body["items"]] == [
        {"take_away": {"tax": "VAT 0"}, "delivery": {"price": "3.50"}}, {"take_away": {"price": "2.80"}}, None,
    ]  # fmt: skip
    menu = read_menu(body, INR)
    croissant, eggs, bun = (
        next(one for one in menu.items if one.name == name) for name in ("Croissant", "Eggs", "Bun")
    )
    rates = {name: [tax.percent for tax in menu.taxes_of(croissant, name)] for name in ("", "take_away", "delivery")}
    assert rates == {"": ["20"], "take_away": ["0"], "delivery": ["20"]}
    assert (croissant.by_type["delivery"].price4, bun.by_type["take_away"].price4, eggs.by_type) == (35_000, 28_000, {})
    exported = write_menu_csv(body)
    assert exported.splitlines()[0].endswith(
        ",course,contains,tax delivery,price delivery,tax take_away,price take_away"
    )
    assert read(exported) == body


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("Tea,open,Drinks,,2", "price take_away: A typed price has none by order type."),
        ("Tea,1,Drinks,,open", "price take_away: A typed price has none by order type."),
        ("Tea,1,Drinks,,-2", "price take_away -2 is below zero; a return is keyed with a minus."),
        ("Tea,1,Drinks,zero,", "tax take_away “zero” is not a tax"),
    ],
)
def test_a_fault_of_an_order_type_names_its_column(row: str, sentence: str) -> None:
    [(line, message)] = faults(f"name,price,category,tax take_away,price take_away\n{row}\n")
    assert line == 2
    assert message.startswith(sentence)


def test_contents_of_a_dish_go_in_and_come_out_the_same() -> None:
    body = read("name,price,category,contains\nPesto,9,Mains,nuts | Milk|basil\nIdly,4,Mains,\n")
    assert [item.get("contains") for item in body["items"]] == [["nuts", "milk", "basil"], None]
    menu = read_menu(body, INR)
    assert [menu.contains_of(item.id) for item in menu.items] == [("nuts", "milk", "basil"), ()]
    assert read(write_menu_csv(body), body) == body
