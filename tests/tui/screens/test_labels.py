"""Labels of scales on the screen: keyed in a burst, refused on a sheet, and marked on a past sale."""

from pathlib import Path
from typing import Any

import pytest

from tests.domain.making import refund_events
from tests.tui.playing import LOG_IN, FakeStore, a_reference
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.sales.test_sales import MANAGER, state
from till.domain.catalogue.labels import check_digit
from till.domain.order.events import ItemAdded
from till.domain.refund.events import RefundStarted

FIRST_SALE = "{f10}{enter}"


def shop() -> dict[str, dict[str, Any]]:
    """A venue with labels, whose halwa is sold by weight."""
    reference = a_reference()
    reference["settings"]["labels"] = "21IIIIIWW.WWWC 23IIIIIPPP.PPC"
    halwa = next(item for item in reference["menu"]["items"] if item["plu"] == 26)
    reference["menu"]["items"].append(
        halwa
        | {"id": "halwa", "name": "Halwa", "plu": 800, "price": "90.00", "unit": "kg"}
        | {"barcodes": [], "aliases": []}
    )
    return reference


def priced(cents: int) -> str:
    return (code := f"2300800{cents:05d}") + check_digit(code)


def weighed(grams: int) -> str:
    return (code := f"2100800{grams:05d}") + check_digit(code)


async def test_a_burst_of_forty_labels_keeps_order_and_pieces(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=shop(), typed=LOG_IN) as till:
        codes = [priced(1_000 + n // 2) if n % 4 < 2 else weighed(300 + n // 2) for n in range(40)]
        till.burst("".join(f"{code}{{enter}}" for code in codes))
        await till.settle()
        added = [event.data for event in till.journal.events_of(till.order.id) if isinstance(event.data, ItemAdded)]
        assert [one.price if one.measure is None else one.measure for one in added] == [
            f"{10 + n // 2 / 100:.2f}" if n % 4 < 2 else 300 + n // 2 for n in range(40)
        ]
        assert sum(row.quantity for row in till.order.priced.rows) == 40


async def test_a_label_is_refused_on_a_sheet_and_a_misread_one_everywhere(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=shop()) as till:
        await till.type(LOG_IN + priced(1_250) + "{enter}" + priced(1_250)[:-1] + "0{enter}")
        assert till.answer() == "That label was misread: its check digit is wrong. Scan again."
        assert till.order.total == 1_250
        await till.type("{escape}{f7}" + weighed(335) + "{enter}")
        assert till.answer() == "Halwa was scanned. Esc goes back to key it."
        assert till.order.total == 1_250


@pytest.mark.parametrize(
    ("scanned", "answer", "marked"),
    [
        (weighed(500), "", {2: 1}),
        (priced(1_250), "", {1: 1}),
        (priced(1_250) + "{enter}" + priced(1_250), "", {1: 2}),
        (weighed(501) + "{enter}" + priced(1_250), "", {1: 1}),
        (weighed(501), "Halwa was not sold here with that label.", {}),
        ("8901234500019", "Water 1 l was scanned. Esc goes back to key it.", {}),
    ],
)
async def test_a_label_marks_its_line_on_a_past_sale(
    tmp_path: Path, scanned: str, answer: str, marked: dict[int, int]
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=shop()) as till:
        sold = f"{priced(1_250)}{{enter}}{weighed(500)}{{enter}}{priced(1_250)}{{enter}}1 idly{{enter}}"
        await till.type(LOG_IN + sold + "{f9}500{enter}{later}" + FIRST_SALE)
        await till.type(scanned + "{enter}")
        opened = state(till).state.opened
        assert (till.answer(), opened and opened.marks.by_row) == (answer, marked)


async def test_a_piece_of_a_label_goes_back_by_its_scan(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=shop()) as till:
        sold = f"{priced(1_250)}{{enter}}{priced(900)}{{enter}}"
        await till.type(LOG_IN + sold + "{f9}500{enter}{later}" + FIRST_SALE)
        await till.type(priced(900) + "{enter}{enter}")  # as a scanner that sends Enter twice
        assert till.answer() == "It is marked. Enter again refunds it."
        await till.type("{enter}1{enter}" + MANAGER)
        (started,) = [event.data for event in refund_events(till.journal) if isinstance(event.data, RefundStarted)]
        assert started.amount == "-9.00"
        await till.type("*" + priced(900) + "{enter}{enter}")
        assert till.answer() == "All of Halwa is already refunded."


async def test_labels_are_ordered_again_as_they_were(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), reference=shop()) as till:
        sold = f"{priced(1_250)}{{enter}}{weighed(500)}{{enter}}"
        await till.type(LOG_IN + sold + "{f9}500{enter}{later}" + FIRST_SALE + "o")
        rows = till.order.priced.rows
        assert [(row.first.measure, row.first.unit, row.amount) for row in rows] == [
            (None, "", 1_250),
            (500, "kg", 4_500),
        ]
