"""The gift receipt: after a sale, of marked pieces at F10, and found again by its barcode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.sales.test_sales import FIRST, SOLD, state
from tests.tui.screens.sell.test_printing import begun
from till.ports.printer import JobState
from till.register.other_tills.news import PaperChanged
from till.register.papers import DocumentMaker
from till.register.printing.names import document_of
from till.tui.screens.sales.scene import SalesScene

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

GIFT = "{ctrl+f10}"


def pieces(till: Till) -> list[str]:
    """Print all gift receipts that wait, and return what they list."""
    made, listed = DocumentMaker(till.register), list[str]()
    for job in till.register.printing.queued().get("Counter", ()):
        assert (job.paper, job.copy, job.again) == ("gift", 0, False)
        rows = made.document(job, till.register.formats).rows
        listed.append(", ".join(row.left.strip() for row in rows if "×" in row.left))
        till.register.printing.take_up(job)
        till.register.printing.put_down(job, JobState.PRINTED)
    return listed


@pytest.mark.parametrize("typed", [GIFT, "gift receipt{enter}", "gift{enter}"])
async def test_a_gift_receipt_after_a_sale_is_no_copy_of_its_receipt(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        begun(till)
        await till.type(LOG_IN + typed)
        assert till.answer() == "Nothing was sold here today."
        await till.type("2 idly{enter}1 tea{enter}cash 100{enter}")
        assert "Ctrl+F10\nGift" in till.text()
        await till.type(typed)
        assert till.answer() == "Gift receipt: ○ printing."
        assert pieces(till) == ["2 × Idly, 1 × Tea"]
        till.register.watcher.on_news(PaperChanged())
        assert till.answer() == "Gift receipt: ✓ printed."
        await till.type(typed)
        assert pieces(till) == ["2 × Idly, 1 × Tea"]
        await till.type("receipt{enter}")
        assert till.answer() == "Receipt: ○ printing."


async def test_at_f10_it_is_of_the_marked_pieces_or_the_whole_sale(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        begun(till)
        await till.type(SOLD + FIRST + "2+" + GIFT)
        assert till.answer() == "Gift receipt: ○ printing."
        opened = state(till).state.opened
        assert opened is not None
        assert not opened.marks.by_row
        await till.type("1" + GIFT + "gift{enter}" + "p" + GIFT)
        assert pieces(till) == [
            "1 × Idly",
            "2 × Masala Dosa",
            "2 × Masala Dosa, 1 × Idly, 1 × Filter Coffee",
        ]
        assert "Gift receipt" in till.text()


async def test_a_barcode_finds_the_sale(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        begun(till)
        await till.type(SOLD + "{f10}{down}{enter}" + GIFT)
        (job,) = till.register.printing.queued()["Counter"]
        document = DocumentMaker(till.register).document(job, till.register.formats)
        code = next(row.left for row in document.rows if row.role == "bars")
        number = document_of(job).part
        assert code == f"#{number}"
        await till.type("{escape}{up}{enter}")
        assert opened(till) != number
        await till.type("1" + code + "{enter}{enter}")  # over marks, and from a scanner that sends Enter twice
        assert opened(till) == number
        assert till.answer() == "Mark a line: its digit, * for all, or “amount 50”."
        await till.type("{escape}" + code.replace("#", "£") + "{enter}")
        assert opened(till) == number
        await till.type("{escape}{escape}" + code + "{enter}")
        assert isinstance(till.scene, SalesScene)
        assert opened(till) == number
        await till.type("*{escape}" + code + "{enter}{enter}")
        assert till.answer() == "It is marked. Enter again refunds it."
        await till.type("{escape}{escape}" + code + "{enter}")
        assert opened(till) == number


def opened(till: Till) -> str:
    now = state(till).state.opened
    return now.receipt if now is not None else ""


async def test_without_a_printer_it_says_so(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=SOLD + GIFT) as till:
        assert till.answer() == "No printer here: `till admin printers add` adds one."
        await till.type(FIRST + GIFT)
        assert till.answer() == "No printer here: `till admin printers add` adds one."
