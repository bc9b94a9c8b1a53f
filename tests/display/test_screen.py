"""The display of guests: an order as its guest may see it, in every size, and nothing about anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.plugins.made_up import made_up
from tests.tui.drawing.seeing import read
from tests.tui.playing import LOG_IN, a_reference, a_till
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.test_hostile import HOSTILE, with_names
from till.display.app import GuestApp, make_guest_keymap
from till.display.screen import GuestPicture
from till.display.showing import GuestPictures
from till.domain.i18n import spoken
from till.register import counter
from till.tui.drawing.palette import Depth, Paint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till


async def rows_of(picture: bytes, size: tuple[int, int]) -> list[str]:
    """Return the rows of the display after a picture."""
    view = msgspec.json.decode(picture, type=GuestPicture)

    async def follow(app: GuestApp) -> None:
        app.present("Waiting for till 1.")
        app.present(view)

    app = GuestApp(Paint("dark", Depth.TRUE), make_guest_keymap(), follow)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        rows = read(app)
        await pilot.press("1", "enter", "escape", "f9", "ctrl+c")
        assert app.is_running
        await pilot.press("ctrl+q")
    return rows


def picture_of(till: Till) -> bytes:
    """Return the newest picture of a till."""
    found = GuestPictures(till.register).changed(till.app.controller.guest_order)
    assert found is not None
    return found


async def test_a_guest_reads_their_own_language_whoever_serves(tmp_path: Path, qps: str) -> None:
    reference = a_reference()
    reference["settings"]["languages"] = ["en", qps]
    async with a_quiet_till(tmp_path, reference=reference, typed=f"{LOG_IN}2 idly{{enter}}") as till:
        assert b'"Total' in picture_of(till)
        await till.type("{f9}{ctrl+f}{escape}")
        picture = picture_of(till).decode()
        assert f'"{made_up("Total")}' in picture
        assert '"Total' not in picture
        assert spoken() == "en"


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_a_guest_sees_lines_total_and_change_and_then_only_the_venue(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_till(tmp_path, (120, 36), typed=f"{LOG_IN}2 idly{{enter}}3 filter coffee{{enter}}") as till:
        rows = await rows_of(picture_of(till), size)
        assert "Udupi Corner" in rows[0]
        coffee = next(row for row in rows if "Filter Coffee" in row)
        assert coffee.split()[0] == "▌"
        assert coffee.split()[-1] == "90.00"
        assert any("5 items" in row for row in rows)
        assert sum("█" in row for row in rows[-6:]) >= 5, "large digits"
        await till.type("{f9}200{enter}")
        rows = await rows_of(picture_of(till), size)
        assert any("Paid ₹200.00" in row and "170.00" in row for row in rows)
        assert any("Change" in row for row in rows)
        till.clock.pass_by(seconds=61)
        rows = await rows_of(picture_of(till), size)
        assert [row.strip() for row in rows if row.strip()] == ["Udupi Corner"]


@pytest.mark.parametrize(
    ("size", "sums"), [((40, 12), "Tip 5.00  Paid 175.00"), ((80, 24), "Total 170.00 · Tip 5.00 · Paid 175.00")]
)
async def test_a_guest_sees_the_tip_with_what_was_paid(tmp_path: Path, size: tuple[int, int], sums: str) -> None:
    async with a_till(tmp_path, (120, 36)) as till:
        await till.type(f"{LOG_IN}2 idly{{enter}}3 filter coffee{{enter}}{{f9}}p5{{enter}}c{{enter}}")
        rows = await rows_of(picture_of(till), size)
        assert any(sums in row for row in rows)


async def test_a_picture_names_nobody_and_no_reason(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36)) as till:
        await till.type(f"{LOG_IN}2 idly{{enter}}1 masala dosa{{enter}}no onion{{enter}}")
        order = till.order
        counter.note_line(till.register, order.id, next(iter(order.lines)), "for Rao")
        await till.type("note birthday of Rao{enter}table 7{enter}table 7{enter}1 tea{enter}{f7}")
        await till.type("spilled by Asha{enter}{f3}")
        await till.type("{f2}Rao waited{enter}{enter}")
        kept = repr(till.order)
        for private in ("Rao", "birthday", "spilled", "waited", "able 7"):
            assert private in kept, private
        picture = picture_of(till).decode()
        for private in ("Rao", "Asha", "birthday", "waited", "spilled", "cashier", "able 7", "Till", "1111"):
            assert private not in picture, private
        assert "Idly" in picture
        await till.type("{escape}{f12}")
        assert b"Idly" not in picture_of(till)


async def test_pictures_are_made_only_when_something_changed(tmp_path: Path) -> None:
    async with a_till(tmp_path) as till:
        pictures = GuestPictures(till.register)

        def is_new() -> bool:
            return pictures.changed(till.app.controller.guest_order) is not None

        assert is_new()
        await till.type(LOG_IN)
        assert not is_new()
        await till.type("idly{enter}")
        assert is_new()
        await till.type("masala")
        assert not is_new()


async def test_a_training_says_so_between_guests_too(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["training"] = True
    async with a_till(tmp_path, reference=reference, typed=LOG_IN) as till:
        assert any("TRAINING" in row for row in await rows_of(picture_of(till), (40, 12)))
        await till.type("idly{enter}")
        assert any("TRAINING" in row for row in await rows_of(picture_of(till), (40, 12)))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "controls"])  # no record may hold those
async def test_hostile_names_are_harmless(tmp_path: Path, name: str) -> None:
    async with a_till(tmp_path, reference=with_names(HOSTILE[name]), typed=f"{LOG_IN}1{{enter}}2{{enter}}") as till:
        picture = picture_of(till)
        assert b"\\u001b" not in picture
        rows = await rows_of(picture, (40, 12))
        assert any("80.00" in row for row in rows)
