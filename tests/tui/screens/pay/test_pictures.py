"""Pictures of the pay screen: several tenders, at the terminal, unknown, by a code; one till shows all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.register.payments.scripted import Terminal
from tests.tui.drawing.test_snapshots import Picture
from tests.tui.playing import LOG_IN, FakeStore, a_till
from tests.tui.screens.pay.test_awaited import heard
from tests.tui.screens.pay.test_scanned import LONG, SHORT, UPI
from till.ports import TenderTraits
from till.register.payments.tenders import AT_SERVER, BY_HAND, Tenders
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.pay.scene import PayScene

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from tests.tui.playing import Till

ORDER = "2 idly{enter}1 masala dosa{enter}2 filter coffee{enter}rava dosa{enter}"
#: A tip, a note that is given back, and two parts.
PARTS = "{f9}p60{enter}100{enter}{tab}{f7}{enter}100{enter}{tab}50m#12{enter}c"
MEAL = TenderTraits(name="MEAL", label="Meal card", key="m", by_hand=True)


def stopped_by_esc(tender: Terminal, code: str = "") -> Terminal:
    """Make a terminal answer that it is paid when Esc stops it, so that the next guest can come."""
    tender.on_stop, tender.code = asyncio.Event(), code
    return tender.then(after=30)


def drawn(till: Till, name: str) -> str:
    return till.app.export_screenshot(title=name, simplify=True)


async def asked(till: Till, keys: str) -> None:
    """Ask by these keys, and let fourteen seconds pass."""
    await till.type(keys)
    await heard(till)
    till.clock.pass_by(seconds=14)
    if isinstance(till.scene, PayScene):
        till.scene.tick()
    await till.settle()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_paying(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with a_till(tmp_path, size) as till:
        card, upi = stopped_by_esc(Terminal()), Terminal(traits=UPI, place="razorpay")
        till.register.asker.begin(Tenders([*BY_HAND, MEAL, *AT_SERVER], [card, upi]))
        await till.type(LOG_IN + ORDER + "{f9}")
        assert drawn(till, "due") == snapshot(name="due", extension_class=Picture)
        await till.type("{escape}" + PARTS)
        assert drawn(till, "mixed") == snapshot(name="mixed", extension_class=Picture)
        await asked(till, "{enter}")
        assert drawn(till, "card") == snapshot(name="card", extension_class=Picture)
        for name, code in (("upi", SHORT), ("upi-long", LONG)):
            await asked(till, "{escape}")
            stopped_by_esc(upi, code)
            await asked(till, ORDER + "{f9}u{enter}")
            assert drawn(till, name) == snapshot(name=name, extension_class=Picture)
        card.then("unknown")
        await asked(till, "{escape}")
        await asked(till, ORDER + "{f9}100{enter}{enter}c{enter}")
        assert drawn(till, "unknown") == snapshot(name="unknown", extension_class=Picture)
        till.register.asker.end()
        await heard(till)


#: The keys to a large figure, with its word as it is drawn.
FIGURES = {
    "due": ("{f9}100{enter}{enter}{escape}", "Due ₹"),
    "due-table": ("{f9}100{enter}{enter}{escape}tab 7{enter}{f8}", "Due ₹"),
    "due-exact": ("{f9}310", "Due ₹"),
    "change": ("{f9}500", "C H A N G E  ₹"),
    "changed": ("{f9}500{enter}", "C H A N G E  ₹"),
    "refund": ("{f9}{enter}-4 deposit{enter}{f9}", "R E F U N D  ₹"),
    "paid": ("{f9}{enter}", "P A I D  ₹"),
    "paid-card": ("card{enter}", "P A I D  ₹"),
}


@pytest.mark.parametrize("name", FIGURES)
async def test_large_figures_differ_in_their_words(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    keys, word = FIGURES[name]
    async with a_till(tmp_path, typed=LOG_IN + ORDER + keys) as till:
        assert word in till.text()
        assert "Total ₹ " not in till.text()
        assert drawn(till, name) == snapshot(name=name, extension_class=Picture)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_two_cards_are_distinguished(size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Checked while two guests pay, on the opened sale, and in the refund that a manager allows."""
    async with a_till(tmp_path, size, store=FakeStore()) as till:
        card = Terminal().then(card=("mc", "541333 **** 9999")).then(card=("Visa", "4" * 12 + "4821")).then()
        till.register.asker.begin(Tenders(BY_HAND, [card]))
        await till.type(LOG_IN + ORDER + "{f9}100c{enter}")
        await heard(till)
        assert "✓ •••• 9999, approved" in till.text()
        assert drawn(till, "paid") == snapshot(name="paid", extension_class=Picture)
        await till.type("c{enter}")
        await heard(till)
        await till.type("{f10}{enter}1{tab}")
        assert "•••• 4821, Visa" in till.text()
        assert drawn(till, "sale") == snapshot(name="sale", extension_class=Picture)
        await till.type("{enter}1{enter}")
        assert "card •••• 4821" in till.text()
        await till.type("9{enter}9999{enter}")
        await heard(till)
        assert ("•••• 4821, 10:31, " in till.text()) is (size[0] == 120)
        assert "4444" not in till.text()
        till.register.asker.end()


@pytest.mark.parametrize("theme", ["light", "contrast"])
async def test_themes(theme: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with a_till(tmp_path, (120, 36), paint=Paint(theme, Depth.TRUE)) as till:
        till.register.asker.begin(Tenders(BY_HAND, [Terminal().then("unknown")]))
        await till.type(LOG_IN + ORDER + "{f3}p15{enter}2")
        assert drawn(till, "discount") == snapshot(name="discount", extension_class=Picture)
        await till.type("{enter}9{enter}999")
        assert drawn(till, "approval") == snapshot(name="approval", extension_class=Picture)
        await till.type("{escape}mysore masala dosa{enter}132122well done")
        assert drawn(till, "note") == snapshot(name="note", extension_class=Picture)
        await till.type("{escape}{f7}1{enter}{f9}c{enter}")
        await heard(till)
        assert drawn(till, "unknown") == snapshot(name="unknown", extension_class=Picture)
        till.register.asker.end()
        await heard(till)
