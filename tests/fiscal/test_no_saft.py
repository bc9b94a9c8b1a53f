"""Norway's SAF-T of played days, read from the server: the schema and the code lists judge it, and an own addition."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from lxml import etree
from psycopg.types.json import Jsonb

from tests.sql import conftest as sql_conftest
from tests.sql.ringing import DOSA, IDLY, Cart
from tests.sql.test_exports import DAY, records
from tests.sql.test_refunds import Refund, sell
from tests.sql.test_shifts import Shifts
from till.administration.calls import AtServer
from till.administration.exporting import days_of
from till.cli.fiscal_export import about_venue
from till.domain.errors import ConfigError
from till.fiscal.no_saft import lists
from till.fiscal.no_saft.export import EXPORT
from till.ports.fiscal_export import ExportFault

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

SHARED: Final = Path(__file__).parents[3] / "shared/law/norway"
SCHEMA: Final = SHARED / "Norwegian_SAF-T_Cash_Register_Schema_v_1.00.xsd"
FACTS: Final = {
    "organisation_number": "999999999", "legal_name": "Dosa & Sønn AS", "street": "Storgata", "street_number": "5",
    "postal_code": "0155", "city": "Oslo", "country": "NO", "tax_number": "999999999MVA",
}  # fmt: skip
CODES: Final = {
    "category": {"c1": "04006"}, "item": {IDLY: "04011"}, "tender": {"CASH": "12001", "CARD": "12002"},
    "tax": {"GST 5": "3"}, "charge": {"service": "04999"},
}  # fmt: skip
REFERENCES: Final = {
    "//ctLine/artID": "//article/artID",
    "//vat/vatCode": "//vatCodeDetail/vatCode",
    "//event/transID": "//cashtransaction/transID",
    **dict.fromkeys(("//event/empID", "//cashtransaction/empID"), "//employee/empID"),
    **dict.fromkeys(
        ("//ctLine/artGroupID", "//article/artGroupID", "//reportArtGroup/artGroupID", "//ctLine/lineType",
         "//event/eventType", "//payment/paymentType"), "//basic/basicID"),
}  # fmt: skip
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the authority's schema is not beside the repository")
template, venue = sql_conftest.template, sql_conftest.venue


class Exported(NamedTuple):
    """The file of an export, its faults, and the codes that it lacks."""

    text: str
    faults: list[ExportFault]
    missing: list[str]


def exported(venue: Venue) -> Exported:
    """Export the day of the tests."""
    admin = AtServer(connection=venue.owner, store_id=venue.store)
    about = about_venue(admin, admin.ask("venue"), datetime.fromisoformat("2027-01-01T12:00:00Z"))
    pieces = list(EXPORT.write(records(venue), days_of(about.venue, DAY, DAY), about))
    faults = [one for one in pieces if isinstance(one, ExportFault)]
    texts = [one.text for one in pieces if not isinstance(one, ExportFault)]
    missing = [one for book in about.books.values() for one in book.missing.values()]
    return Exported("".join(texts), faults, missing)


def judged(text: str) -> Any:
    """Hold a file to the schema and the code lists. Return its tree, with names that have no space."""
    if SCHEMA.exists():
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        assert schema.validate(etree.fromstring(text.encode())), str(schema.error_log)[:2000]
    plain = etree.fromstring(text.replace(' xmlns="urn:StandardAuditFile-Taxation-CashRegister:NO"', "").encode())
    for kind in ("04", "10", "11", "12", "13") if SCHEMA.exists() else ():
        assert {*found(plain, f"//basic[basicType='{kind}']/predefinedBasicID")} <= listed(kind), kind
    for of, names in REFERENCES.items():  # the keys of the schema name no space, so no parser holds them
        assert {*found(plain, of)} <= {*found(plain, names)}, of
    return plain


def listed(kind: str) -> set[str]:
    """Return the codes of a list of the authority."""
    with (SHARED / f"PredefinedBasicID-{kind}.csv").open(encoding="utf-8", errors="replace") as file:
        return {row[0] for row in csv.reader(file, delimiter=";")} - {f"PredefinedBasicID-{kind}"}


def found(root: Any, path: str) -> list[str]:
    return [str(one) for one in root.xpath(f"{path}/text()")]


def summed(root: Any, path: str) -> Decimal:
    return sum((Decimal(one) for one in found(root, path)), Decimal())


def in_norway(venue: Venue, **codes: Any) -> None:
    venue.value("SELECT till.store_settings_v1(%s, NULL, %s)", venue.store, Jsonb(FACTS))
    venue.value("SELECT till.codes_set_v1(%s, NULL, 'no-saft', %s)", venue.store, Jsonb({**CODES, **codes}))


def play(one: Till, two: Till) -> list[Decimal]:
    """Play a day at two tills, and return the amounts of its papers."""
    one.make("till_started", None, {"build": "0.1.1"})
    orders = [sell(one, (DOSA, 2), (IDLY, 1))[1], sell(two, (IDLY, 3))[1]]
    cart, order = sell(one, (DOSA, 1))
    refund = Refund(one, cart, order, r1=1).start("cold").answer("approved")
    one.push()
    return [*(Decimal(paper["total"]) for paper in (*orders, order)), Decimal(str(refund.facts["amount"]))]


def test_a_day_of_two_tills_is_valid_and_adds_up_to_its_papers(venue: Venue) -> None:
    in_norway(venue)
    amounts = play(venue.till(), venue.till(2))
    text, faults, missing = exported(venue)
    assert (faults, missing) == ([], [])
    root = judged(text)
    assert sorted(Decimal(one) for one in found(root, "//cashtransaction/transAmntIn")) == sorted(amounts)
    assert sorted(Decimal(one) for one in found(root, "//payment/paidAmnt")) == sorted(amounts)
    assert summed(root, "//ctLine/lineAmntIn") == sum(amounts)
    for row in root.xpath("//cashtransaction"):
        gross, net = (Decimal(row.findtext(f"transAmnt{of}")) for of in ("In", "Ex"))
        assert summed(row, "vat/vatAmnt") == summed(row, "ctLine/vat/vatAmnt") == gross - net
        assert row.findtext("amntTp") == ("C" if gross > 0 else "D")
    assert found(root, "//cashregister/registerID") == ["till 1", "till 2"]
    groups = dict(
        zip(found(root, "//basic[basicType='04']/basicID"), found(root, "//basic/predefinedBasicID"), strict=False)
    )
    of_item = dict(zip(found(root, "//article/artDesc"), found(root, "//article/artGroupID"), strict=True))
    assert {item: groups[own] for item, own in of_item.items()} == {"Idly": "04011", "Masala Dosa": "04006"}
    assert found(root, "//ctLine[lineType='RET']/vat/vatPerc") == ["5"]
    assert found(root, "//event[eventType='13013']/transID") == ["1-R000001"]
    assert found(root, "//event[eventType='13001']/empID") == ["1"]
    assert found(root, "//companyName")[0] == "Dosa & Sønn AS"
    assert "cold" not in text
    assert "<signature/>" in text


@pytest.mark.parametrize("seed", range(6))
def test_random_shifts_with_their_zs_are_valid(venue: Venue, seed: int) -> None:
    in_norway(venue)
    till = venue.till()
    shifts = Shifts(till, seed)
    shifts.shift(40)
    till.push()
    _shift, sums = shifts.shift(0)
    till.push()
    root = judged(exported(venue).text)
    reports = root.xpath("//eventReport")
    assert len(reports) == 2
    assert summed(reports[0], "reportPayments/reportPayment/paymentAmnt") >= Decimal("-1e9")
    assert reports[1].findtext("reportReceiptNum") == str(sums.sales.number)


def test_a_row_that_the_form_cannot_have_is_a_fault_and_left_out(venue: Venue) -> None:
    in_norway(venue)
    till, cart = venue.till(), Cart()
    till.open(cart)
    till.add(cart, DOSA)
    order = cart.frozen()
    halves = [{"name": "CGST", "rate": "2.5", "tax": "1.91"}, {"name": "SGST", "rate": "2.5", "tax": "1.90"}]
    lines = [{**order["lines"][0], "taxes": halves}]
    till.place(cart, lines=lines, taxes=[{**one, "net": "76.19"} for one in halves])
    till.push()
    sell(till, (IDLY, 1))
    text, faults, _missing = exported(venue)
    (fault,) = faults
    assert fault.subject == fault.sentence.split()[0]
    assert "a row has several taxes, or one by the piece" in fault.sentence
    assert found(judged(text), "//cashtransaction/transAmntIn") == ["40.00"]


def test_missing_facts_are_refused_and_codes_are_one_list(venue: Venue) -> None:
    play(venue.till(), venue.till(2))
    with pytest.raises(ConfigError, match="Set these first: organisation_number, street, postal_code, city"):
        exported(venue)
    venue.value("SELECT till.store_settings_v1(%s, NULL, %s)", venue.store, Jsonb(FACTS))
    _text, faults, missing = exported(venue)
    assert faults == []
    assert [one.partition(" has no code")[0] for one in missing] == [
        "tax GST 5",
        "item Masala Dosa",
        "item Idly",
        "tender CASH",
    ]
    in_norway(venue, category={"c1": "4006"})
    _text, _faults, missing = exported(venue)
    assert ["no-saft has no code 4006" in one for one in missing] == [True]


PLANTED: Final = (
    ("<vatAmntTp>C", "<vatAmntTp>X"),
    ("<artID>", "<artID>x"),
    ("<keyVersion>0</keyVersion>", ""),
    ("<eventType>13013", "<eventType>9"),
)


@needs_schema
@pytest.mark.parametrize(("planted", "instead"), PLANTED)
def test_the_schema_finds_a_planted_fault(venue: Venue, planted: str, instead: str) -> None:
    in_norway(venue)
    play(venue.till(), venue.till(2))
    text, _faults, _missing = exported(venue)
    judged(text)
    assert planted in text
    with pytest.raises(AssertionError):
        judged(text.replace(planted, instead, 1))


@needs_schema
@pytest.mark.parametrize(("kind", "known"), [("04", lists.GROUPS), ("12", lists.PAYMENTS)])
def test_the_lists_that_a_venue_chooses_from_are_the_authoritys(kind: str, known: frozenset[str]) -> None:
    assert listed(kind) == known
