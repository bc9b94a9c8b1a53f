"""The gift receipt: what was bought and its barcode, and no price in any form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Desk
from tests.domain.paper.samples import AT, CORNER, DOSA, PAK, PRINTER, RUPEES, _keyed, _paid
from till.devices.escpos import document
from till.domain.catalogue.menu import Item
from till.domain.money.measures import Millionths, Price4, Thousandths
from till.domain.money.promotion import Offer
from till.domain.order.selling import ItemEntry, add_item
from till.domain.paper.gift import make_gift
from till.domain.paper.html import html_of
from till.domain.paper.lines import lines_of, text_of
from till.domain.paper.receipt import Sold, make_receipt
from till.domain.structs import replace
from till.ports.printer import PrinterProfile

if TYPE_CHECKING:
    from till.domain.paper.document import Document

GOUDA = Item("gouda", "Gouda", "all", Price4(240_000), "A", unit="kg")


def sold() -> Sold:
    """A sale with choices, notes, a discount, taxes, a service charge, a tip and change."""
    order = _paid(_keyed("less sugar"))
    assert order.placed is not None
    return Sold(order, replace(order.placed.data, receipt="1-000538"), CORNER.local(AT), "Asha")


def forms(paper: Document) -> str:
    """Return a document as text, as a page without its styles, and as the bytes of a printer."""
    profile = PrinterProfile(name="Counter", address="tcp://10.0.0.9:9100")
    printed = document(lines_of(paper, 42, PRINTER), profile, "0001").decode("cp437")
    page = re.sub(r"<style>.*</style>|<svg.*</svg>", "", html_of(paper), flags=re.DOTALL)
    return text_of(paper, 42, PRINTER) + page + printed


@pytest.mark.parametrize("pieces", [{}, {1: 2}, {2: 1, 3: 2}])
def test_no_amount_of_the_receipt_is_on_its_gift_receipt(pieces: dict[int, int]) -> None:
    of = sold()
    receipt = make_receipt(of, CORNER, RUPEES)
    amounts = set(re.findall(r"\d[\d,]*\.\d\d", text_of(receipt, 48, PRINTER)))
    assert {"120.00", "80.00", "20.00", "13.95"} <= amounts
    paper = make_gift(of, CORNER, RUPEES, pieces)
    shown = forms(paper)
    assert not [one for one in amounts if one in shown]
    assert not re.search(r"\d[.,]\d\d\b|[₹$€£%]|Rs|GST \d|Visa|Cash| off|TOTAL|Tax", shown.replace("GSTIN", ""))
    assert not any(row.right for row in paper.rows if row.left != "1-000538")


def test_a_gift_receipt_has_the_pieces_and_the_number_with_its_barcode() -> None:
    text = text_of(make_gift(sold(), CORNER, RUPEES, {}), 42, PRINTER)
    assert "Gift receipt" in text.split("1-000538")[0]
    assert " 2 × Meals\n" in text.replace(" x ", " × ")
    assert "     extra ghee" in text
    assert "less sugar" not in text
    part = make_gift(sold(), CORNER, RUPEES, {2: 1, 3: 2})
    names = [row.left.strip() for row in part.rows if "×" in row.left]
    assert names == [f"1 × {DOSA.name}", f"2 × {PAK.name}"]
    (bars,) = [line for line in lines_of(part, 32, PRINTER) if line.bars]
    assert bars.text == "#1-000538"
    assert "<svg width" in html_of(part)
    assert "COPY" not in text


def test_a_weight_is_shown_and_returns_are_left_out() -> None:
    bottle = Item("bottle", "Bottle", "all", Price4(2_500), "A", returnable=True)
    desk = Desk(CORNER.terms)
    offers = (Offer("Cheese week", rate=Millionths(100_000)),)
    keyed = ItemEntry(GOUDA, measure=Thousandths(335), offers=offers)
    desk.do(add_item(desk.order, desk.menu, keyed, desk.hand.new_id()))
    desk.add(bottle, -2)
    desk.pay("CASH", 1_000)
    placed = replace(desk.place(), receipt="1-000539")
    paper = make_gift(Sold(desk.order, placed, CORNER.local(AT)), CORNER, RUPEES, {})
    assert [row.left.strip() for row in paper.rows if "×" in row.left] == ["0.335 kg × Gouda"]
    assert "week" not in forms(paper)
