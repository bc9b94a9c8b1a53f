"""A code for the guest to scan: a phone can read it from the screen at both sizes, and Esc closes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import segno
import zxingcpp

from tests.register.payments.scripted import HANGS, Terminal
from tests.tui.playing import LOG_IN, a_till
from tests.tui.quiet import a_drawn_till
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.ports import TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.drawing.palette import Paint
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.pay.screen import PayScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

SHORT = "upi://pay?pa=udupi@icici&pn=Till&am=240.00"
LONG = (
    "upi://pay?ver=01&mode=15&pa=rpy.qrudupicorner1234567@icici&pn=UdupiCorner&tr=RZPQwErTyUiOpAsDfqrv2&tn=PaymenttoUdupi"
    "Corner&cu=INR&mc=5812&am=240.00"
)
UPI = TenderTraits(name="UPI", label="UPI", key="u", shows_code=True, gives_up_s=300.0)


async def scanned(till: Till, code: str, terminal: Terminal | None = None) -> Terminal:
    """Key an order of 240.00, and show its code."""
    terminal = terminal or Terminal(traits=UPI, place="razorpay")
    terminal.code = code
    terminal.then(HANGS)
    till.register.asker.begin(Tenders(BY_HAND, [terminal]))
    await till.type(LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}{f9}u{enter}")
    for _turn in range(20):
        await asyncio.sleep(0)
    await till.settle()
    return terminal


class Gateway(Terminal):
    """A gateway that can check at once if its code is paid."""

    def __init__(self) -> None:
        super().__init__(traits=UPI, place="razorpay")
        self.looked: list[str] = []

    def look_now(self, key: str) -> None:
        self.looked.append(key)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize("code", [SHORT, LONG])
async def test_enter_asks_at_once_whether_a_code_is_paid(tmp_path: Path, size: tuple[int, int], code: str) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        gateway = Gateway()
        await scanned(till, code, gateway)
        assert "Enter Ask now" in " ".join(till.rows()[-1].split())
        assert "Esc Close" in till.text()
        await till.type("5")
        assert "Not kept: Enter asks if it is paid, Esc closes the code." in beside(till)
        await till.type("{enter}{enter}{enter}")
        assert "Checking. It is paid once this screen says so." in beside(till)
        assert gateway.looked == [gateway.charged[0].key], "more often than each second asks nobody"
        till.register.asker.end()


def beside(till: Till) -> str:
    """Return the words on the screen beside the code."""
    rows = (row.partition("▀▀▀▀▀")[0] for row in till.rows())
    return " ".join(" ".join(rows).split())


async def ticked(till: Till) -> None:
    """Let a second pass."""
    assert isinstance(till.scene, PayScene)
    till.scene.tick()
    await till.settle()


def drawn(till: Till) -> list[list[bool]]:
    """Return the cells of the code as painted, two to a row: true is light."""
    screen = till.app.screen
    assert isinstance(screen, PayScreen)
    rows: list[list[bool]] = []
    for y in range(screen.code.size.height):
        cells = list(screen.code.render_line(y))
        for colour in ("color", "bgcolor"):
            colours = [getattr(cell.style, colour).get_truecolor() for cell in cells if cell.style is not None]
            rows.append([one.red > 128 for one in colours])
    return rows


def read_back(light: list[list[bool]]) -> list[str]:
    """Return the texts that a phone reads in a picture of these cells."""
    size = 4
    width, height = len(light[0]) * size, len(light) * size
    picture = bytes(255 if light[y // size][x // size] else 0 for y in range(height) for x in range(width))
    found = zxingcpp.read_barcodes(memoryview(picture).cast("B", (height, width)))
    return [one.text for one in found]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize("code", [SHORT, LONG])
async def test_a_phone_reads_the_code_from_the_screen(tmp_path: Path, size: tuple[int, int], code: str) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        await scanned(till, code)
        light = drawn(till)
        assert read_back(light) == [code]
        modules = segno.make(code, error="l", micro=False, boost_error=False).matrix
        there = [[not cell for cell in row[2 : 2 + len(modules)]] for row in light[1 : 1 + len(modules)]]
        assert there == [[bool(module) for module in row] for row in modules]
        margin = [row[:2] for row in light] + [[*light[0]], [*light[-1]]]
        assert all(all(cells) for cells in margin)
        assert "the guest scans" in till.text()
        till.register.asker.end()


async def test_esc_closes_the_code_and_no_other_key_is_kept(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        terminal = await scanned(till, SHORT)
        assert "The code asks for ₹240.00. Paid once this screen says so." in till.text()
        await till.type("500{enter}")
        assert "Not kept: Esc closes the code." in till.text()
        await till.type("{escape}")
        assert "The bank closed the code. Money paid earlier counts." in till.text()
        assert "▀▀▀▀▀▀" not in till.text()
        assert terminal.stopped == terminal.charged
        assert isinstance(till.scene, PayScene)
        [payment] = till.scene.order.payments.values()
        assert payment.state is PaymentState.STARTED
        till.register.asker.end()


async def test_the_time_that_is_shown_is_the_guests(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        traits = replace(UPI, gives_up_s=180.0, guest_s=120.0)
        await scanned(till, SHORT, Terminal(traits=traits, place="razorpay"))
        assert "closed after 2:00" in beside(till)
        till.register.asker.end()


async def test_a_window_that_is_too_small_says_so_and_one_made_larger_shows_it(tmp_path: Path) -> None:
    async with a_till(tmp_path, (60, 20)) as till:
        await scanned(till, LONG)
        assert "The code does not fit this window." in till.text()
        await till.resize(120, 36)
        await ticked(till)
        assert read_back(drawn(till)) == [LONG]
        await till.resize(80, 24)
        await ticked(till)
        assert read_back(drawn(till)) == [LONG]
        till.register.asker.end()


async def test_without_drawing_characters_the_code_is_its_text(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), paint=Paint(plain=True)) as till:
        await scanned(till, SHORT)
        assert SHORT[:33] in till.text()
        assert "▀" not in till.text()
        till.register.asker.end()
