"""The tables of India's GSTR-1, of a month worked out by hand."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from till.domain.errors import ConfigError
from till.domain.order.events import InvoiceIssued, OrderPlaced
from till.domain.order.state import Buyer
from till.domain.refund.events import RefundDeclined, RefundStarted
from till.domain.venue import read_venue
from till.fiscal.in_gstr1.export import EXPORT
from till.fiscal.in_gstr1.gstin import check_of, gstin_in, is_gstin
from till.ports.fiscal_export import ExportDays, ExportedRefund, ExportedSale, ExportFault, ExportVenue

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN, FIRM, FAR = (f"{number}{check_of(number)}" for number in ("29ABCDE1234F1Z", "29PQRST5678K2Z", "27AAPFU0939F1Z"))
MONTH = ExportDays(
    date(2026, 4, 1),
    date(2026, 4, 30),
    datetime(2026, 3, 31, 18, 30, tzinfo=UTC),
    datetime(2026, 4, 30, 18, 30, tzinfo=UTC),
)
NOON = datetime(2026, 4, 12, 6, 30, tzinfo=UTC)
SETTINGS: dict[str, Any] = {
    "name": "Udupi", "currency": "INR", "locale": "en_IN", "timezone": "Asia/Kolkata", "tax_number": f"GSTIN {OWN}",
    "business_day_ends": "04:00", "prices_include_tax": True, "tax_rounding": "line",
}  # fmt: skip
CODES = {
    "in-gstr1": {
        "category": {"food": "996331", "drinks": "220290"},
        "item": {"milk": "0401/NIL", "beer": "2203/NONGST", "voucher": "NONE"},
        "tax": {"CGST 2.5": "CGST", "SGST 2.5": "SGST", "CGST 9": "CGST", "SGST 9": "SGST", "VAT 20": "OTHER",
                "Central 2.5": "CGST", "State 2.5": "SGST",
                "Cess 12": "CESS"},
        "charge": {"service": "996331"},
    }
}  # fmt: skip
MENU: dict[str, Any] = {
    "categories": [{"id": "food", "name": "Food"}, {"id": "drinks", "name": "Drinks"}],
    "items": [
        {"id": name, "name": name.title(), "category": group}
        for name, group in (
            ("dosa", "food"),
            ("cola", "drinks"),
            ("milk", "drinks"),
            ("beer", "drinks"),
            ("voucher", "food"),
        )
    ],
    "taxes": {},
}
#: The taxes of the items, in percent.
TAXES = {
    "dosa": (("CGST", "2.5"), ("SGST", "2.5")), "cola": (("CGST", "9"), ("SGST", "9"), ("Cess", "12")),
    "beer": (("VAT", "20"),), "milk": (), "voucher": (),
}  # fmt: skip


def tax_rows(*rows: tuple[str, str, str, str]) -> list[dict[str, str]]:
    return [{"name": name, "rate": rate, "net": net, "tax": tax} for name, rate, net, tax in rows]


def new_uuid(number: int) -> str:
    return f"0197d000-0000-7000-8000-{number:012}"


def line(item: str, net: str, tax: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    total = f"{float(net) + float(tax):.2f}"
    return {
        "line_ids": [new_uuid(1)], "line_quantities": [quantity], "item_id": item, "item_name": item.title(),
        "quantity": quantity, "unit_price": "1.00", "subtotal": total, "net": net, "tax": tax, "discount": "0.00",
        "taxes": [{"name": name, "rate": rate, "tax": "0.00"} for name, rate in TAXES[item]], **more,
    }  # fmt: skip


class Kept:
    """A read of what a test sells and gives back."""

    def __init__(self) -> None:
        self.sold: list[ExportedSale] = []
        self.given: list[ExportedRefund] = []
        self.others: list[Any] = []

    def sell(
        self, number: str, net: str, tax: str, taxes: list[dict[str, str]], *lines: dict[str, Any], buyer: str = "",
        at: datetime = NOON, **more: Any,
    ) -> ExportedSale:  # fmt: skip
        body = {
            "order_id": new_uuid(2), "receipt": number, "business_date": "2026-04-12", "order_type": "eat_in",
            "payment_method": "CASH", "currency": "INR", "net": net, "tax": tax, "rounding": "0.00",
            "total": f"{float(net) + float(tax):.2f}", "lines": lines, "payments": [], "taxes": taxes, **more,
        }  # fmt: skip
        named = Buyer("=Rao & Co", buyer) if buyer else None
        event: Any = type("Event", (), {"at": at})
        self.sold.append(ExportedSale(event, msgspec.convert(body, OrderPlaced), named))
        return self.sold[-1]

    def give(
        self, sale: ExportedSale, number: str, net: str, tax: str, taxes: list[dict[str, str]], *rows: Any
    ) -> None:
        body = {
            "session_id": new_uuid(3), "receipt": number, "tender": "CASH", "amount": f"{float(net) + float(tax):.2f}",
            "order_id": sale.data.order_id, "sold": sale.data.receipt, "business_date": "2026-04-12",
            "payment_id": new_uuid(4), "currency": "INR", "net": net, "tax": tax, "rounding": "0.00", "taxes": taxes,
            "lines": [
                {"row": row, "item_id": "x", "item_name": "X", "quantity": pieces, "amount": net, "net": net,
                 "tax": tax}
                for row, pieces, net, tax in rows
            ],
        }  # fmt: skip
        self.given.append(ExportedRefund(sale.event, msgspec.convert(body, RefundStarted), sale))

    def sales(self) -> Iterator[ExportedSale]:
        yield from self.sold

    def refunds(self) -> Iterator[ExportedRefund]:
        yield from self.given

    def events(self, *kinds: Any) -> Iterator[Any]:
        yield from ((None, one) for one in self.others if isinstance(one, kinds))


class Files:
    """The files of an export."""

    def __init__(self, kept: Any, days: ExportDays = MONTH, **changes: Any) -> None:
        self.venue = ExportVenue(
            venue=read_venue(SETTINGS | changes), version="1", made_at=NOON, menu=MENU, coded=CODES
        )
        self.texts: dict[str, str] = {}
        self.faults: dict[str, ExportFault] = {}
        for one in EXPORT.write(kept, days, self.venue):
            if isinstance(one, ExportFault):
                self.faults[one.subject] = one
            else:
                self.texts[one.file] = self.texts.get(one.file, "") + one.text
        self.missing = self.venue.codes("in-gstr1").missing

    def rows(self, name: str) -> list[list[str]]:
        return [*csv.reader(self.texts[name].splitlines())][1:]


DOSAS = tax_rows(("CGST", "2.5", "250.00", "6.25"), ("SGST", "2.5", "250.00", "6.25"))
COLAS = tax_rows(("CGST", "9", "50.00", "4.50"), ("SGST", "9", "50.00", "4.50"), ("Cess", "12", "50.00", "6.00"))
ONE_COLA = tax_rows(
    ("CGST", "9", "-16.67", "-1.50"), ("SGST", "9", "-16.67", "-1.50"), ("Cess", "12", "-16.67", "-2.00")
)
HALF_A_DOSA = tax_rows(("CGST", "2.5", "-25.01", "-0.63"), ("SGST", "2.5", "-25.01", "-0.62"))


@pytest.fixture
def april() -> Kept:
    """A guest's dosas and colas, a firm's dosas with the charge, beer, milk and a voucher; a cola and money back."""
    kept = Kept()
    drinks = kept.sell(
        "1-000001", "300.00", "27.50", DOSAS + COLAS,
        line("dosa", "200.00", "10.00", 2), line("cola", "50.00", "15.00", 3), line("dosa", "50.00", "2.50"),
    )  # fmt: skip
    late = datetime(2026, 4, 29, 18, 30, 1, tzinfo=UTC)  # in the first minute of the 30th in Kolkata
    firm = kept.sell(
        "1-000002", "250.00", "12.50", DOSAS, line("dosa", "200.00", "10.00", 2), buyer=FIRM.lower(), at=late,
        rounding="0.50", service_charge={
            "percent": "25", "subtotal": "52.50", "net": "50.00", "tax": "2.50", "taxes": tax_rows(
                ("CGST", "2.5", "50.00", "1.25"), ("SGST", "2.5", "50.00", "1.25"))},
    )  # fmt: skip
    kept.sell(
        "2-000007", "850.00", "100.00", tax_rows(("VAT", "20", "500.00", "100.00")),
        line("beer", "500.00", "100.00", 2),
        line("milk", "150.00", "0.00", 1, measure=2500, unit="l"), line("voucher", "200.00", "0.00"),
    )  # fmt: skip
    kept.give(drinks, "1-R000001", "-16.67", "-5.00", ONE_COLA, (2, -1, "-16.67", "-5.00"))
    kept.give(firm, "1-R000002", "-25.01", "-1.25", HALF_A_DOSA)
    kept.others.append(declined("1-R000003"))
    return kept


def declined(number: str) -> RefundDeclined:
    body = {"session_id": new_uuid(3), "receipt": number, "tender": "CASH", "amount": "-1.00"}
    return msgspec.convert(body, RefundDeclined)


def test_the_tables_of_a_month_are_those_worked_out_by_hand(april: Kept) -> None:
    files = Files(april)
    assert (files.faults, files.missing) == ({}, {})
    place = "29-Karnataka"
    assert files.rows("b2b.csv") == [
        [
            FIRM,
            "'=Rao & Co",
            "1-000002",
            "30-Apr-2026",
            "263.00",
            place,
            "N",
            "",
            "Regular B2B",
            "",
            "5.00",
            "250.00",
            "0.00",
        ]
    ]
    assert files.rows("cdnr.csv") == [
        [
            FIRM,
            "'=Rao & Co",
            "1-R000002",
            "30-Apr-2026",
            "C",
            place,
            "N",
            "Regular B2B",
            "26.26",
            "",
            "5.00",
            "25.01",
            "0.00",
        ]
    ]
    assert files.rows("b2cs.csv") == [
        ["OE", place, "", "5.00", "250.00", "0.00", ""],
        ["OE", place, "", "18.00", "33.33", "4.00", ""],
    ]
    assert [row[1:] for row in files.rows("exemp.csv")] == [
        ["0.00"] * 3, ["0.00"] * 3, ["0.00"] * 3, ["150.00", "0.00", "500.00"],
    ]  # fmt: skip
    assert files.rows("hsn(b2b).csv") == [
        ["996331", "", "NA", "0.00", "236.24", "5.00", "224.99", "0.00", "5.62", "5.63", "0.00"]
    ]  # fmt: skip
    assert files.rows("hsn(b2c).csv") == [
        ["0401", "", "LTR", "2.50", "150.00", "0.00", "150.00", "0.00", "0.00", "0.00", "0.00"],
        ["220290", "", "NOS", "2.00", "43.33", "18.00", "33.33", "0.00", "3.00", "3.00", "4.00"],
        ["2203", "", "NOS", "2.00", "500.00", "0.00", "500.00", "0.00", "0.00", "0.00", "0.00"],
        ["996331", "", "NA", "0.00", "262.50", "5.00", "250.00", "0.00", "6.25", "6.25", "0.00"],
    ]  # fmt: skip
    assert files.rows("docs.csv") == [
        ["Invoices for outward supply", "1-000001", "1-000002", "2", "0"],
        ["Invoices for outward supply", "2-000007", "2-000007", "1", "0"],
        ["Credit Note", "1-R000001", "1-R000003", "3", "1"],
    ]


def test_the_portals_form_has_the_same_amounts(april: Kept) -> None:
    found = json.loads(Files(april).texts["gstr1.json"])
    assert (found["gstin"], found["fp"]) == (OWN, "042026")
    five = {"rt": 5.0, "txval": 250.0, "camt": 6.25, "samt": 6.25, "csamt": 0.0}
    assert found["b2b"] == [
        {"ctin": FIRM, "inv": [
            {"inum": "1-000002", "idt": "30-04-2026", "val": 263.0, "pos": "29", "rchrg": "N", "inv_typ": "R",
             "itms": [{"num": 1, "itm_det": five}]}]}
    ]  # fmt: skip
    ((note,),) = [one["nt"] for one in found["cdnr"]]
    assert (note["nt_num"], note["ntty"], note["val"]) == ("1-R000002", "C", 26.26)
    assert note["itms"][0]["itm_det"] == {"rt": 5.0, "txval": 25.01, "camt": 0.63, "samt": 0.62, "csamt": 0.0}
    assert [one["txval"] for one in found["b2cs"]] == [250.0, 33.33]
    assert found["nil"]["inv"] == [{"sply_ty": "INTRAB2C", "nil_amt": 150.0, "expt_amt": 0.0, "ngsup_amt": 500.0}]
    assert [(one["num"], one["hsn_sc"]) for one in found["hsn"]["hsn_b2c"]] == [
        (1, "0401"), (2, "220290"), (3, "2203"), (4, "996331"),
    ]  # fmt: skip
    notes = found["doc_issue"]["doc_det"][1]
    assert notes["doc_num"] == 5
    assert notes["docs"] == [
        {"num": 1, "from": "1-R000001", "to": "1-R000003", "totnum": 3, "cancel": 1, "net_issue": 2}
    ]


def test_a_document_that_no_rule_reads_is_named_and_the_others_are_counted(april: Kept) -> None:
    def fault_of(number: str, *lines: dict[str, Any], taxes: Any = DOSAS, **more: Any) -> str:
        kept = Kept()
        kept.sell(number, "250.00", "12.50", taxes, *(lines or (line("dosa", "250.00", "12.50"),)), **more)
        return Files(kept).faults[number].sentence

    assert fault_of("1-000009", buyer=f"{FIRM[:-1]}{'A' if FIRM[-1] != 'A' else 'B'}").startswith(
        f"1-000009: {FIRM[:-1]}"
    )
    assert fault_of("1-000009", currency="EUR") == "1-000009: it is in EUR. Enter it by hand."
    assert "goods for a buyer of Maharashtra" in fault_of("1-1", line("cola", "250.00", "12.50"), taxes=(
        tax_rows(("CGST", "9", "250.00", "6.25"), ("SGST", "9", "250.00", "6.25"))), buyer=FAR)  # fmt: skip
    assert "are not two halves" in fault_of("1-1", taxes=DOSAS[:1])
    assert "a row has no GST" in fault_of("1-1", line("dosa", "250.00", "0.00", taxes=[]), taxes=[])
    assert "do not agree" in fault_of("1-1", line("milk", "250.00", "0.00"))
    assert "has more than 16 signs" in fault_of("CENTRO/1-00000000009")
    april.sell("1-000003", "250.00", "12.50", DOSAS[:1], line("dosa", "250.00", "12.50"))
    files = Files(april)
    assert [*files.faults] == ["1-000003"]
    assert files.rows("b2cs.csv")[0][4] == "250.00"


def test_taxes_of_two_names_and_one_rate_are_one_rate(april: Kept) -> None:
    named = tax_rows(("Central", "2.5", "100.00", "2.50"), ("State", "2.5", "100.00", "2.50"))
    april.sell("1-000003", "350.00", "17.50", DOSAS + named, line("dosa", "350.00", "17.50"))
    assert Files(april).rows("b2cs.csv")[0] == ["OE", "29-Karnataka", "", "5.00", "600.00", "0.00", ""]


def test_a_gap_and_an_invoice_for_a_ticket_are_said_and_not_refused(april: Kept) -> None:
    april.sell("2-000010", "250.00", "12.50", DOSAS, line("dosa", "250.00", "12.50"))
    body = {"order_id": new_uuid(2), "sold": "1-000001", "number": "1-F000001"}
    april.others.append(msgspec.convert(body, InvoiceIssued))
    faults = Files(april).faults
    assert faults["1-F000001"].sentence.startswith("Invoice 1-F000001 is for ticket 1-000001")
    assert faults["2-000007"].sentence.startswith("2 numbers from 2-000007 to 2-000010 are in no record")
    assert all(one.is_left_out for one in faults.values())


def test_the_venue_needs_its_number_its_currency_a_period_and_codes() -> None:
    with pytest.raises(ConfigError, match="no right GSTIN"):
        Files(Kept(), tax_number="GSTIN 29AAAAA0000A1Z5")
    with pytest.raises(ConfigError, match="in rupees"):
        Files(Kept(), currency="EUR")
    assert [*Files(Kept(), MONTH._replace(last=date(2026, 4, 29))).faults] == ["days"]
    assert [*Files(Kept(), MONTH._replace(last=date(2026, 5, 31))).faults] == ["days"]
    assert Files(Kept(), MONTH._replace(last=date(2026, 6, 30))).faults == {}
    kept = Kept()
    kept.sell(
        "1-1", "1.00", "0.00", tax_rows(("IGST", "5", "1.00", "0.00")), line("dosa", "1.00", "0.00", item_id="new")
    )
    assert len(Files(kept).missing) == 2


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("27AAPFU0939F1ZV", True),
        ("24AAACC1206D1ZM", True),
        ("27AAPFU0939F1ZW", False),
        ("28AAPFU0939F1ZT", False),
        ("27AAPFU0939F1AV", False),
        ("", False),
    ],
)
def test_a_gstin_has_a_state_and_a_check(number: str, *, is_right: bool) -> None:
    assert is_gstin(number) is is_right
    assert gstin_in(f"GSTIN {number.lower()}") == (number if "1Z" in number else "")
