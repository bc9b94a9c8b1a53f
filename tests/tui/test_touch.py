"""A till for fingers: an evening by taps alone, taps that come too late, swipes, and every key within reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.screens.sell.test_no_money import stop_money
from tests.tui.screens.test_screens import SCENES
from tests.tui.touching import PHONE, SIZES, TABLET, a_touched_till, swipe, tap, tap_at
from till.domain.order.state import Status
from till.tui.drawing.row_compositor import RowsUpdate, TerminalRows
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.widgets.tiles import Unfolded
from till.tui.screens.pay.scene import PayScene
from till.tui.shell.keymap import key_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till
    from till.domain.order.state import Order
    from till.tui.drawing.widgets.bars import KeyBar

MANY = (
    *("idly", "tea", "upma", "pongal", "rava dosa", "set dosa", "plain dosa", "poori sagu", "kesari bath"),
    *("thatte idly", "onion dosa", "ragi dosa", "akki roti", "filter coffee", "badam milk", "buttermilk", "lime soda"),
)
ORDER = LOG_IN + "2 idly{enter}tea{enter}rava dosa{enter}"


def screen_of(till: Till) -> TillScreen:
    screen = till.app.screen
    assert isinstance(screen, TillScreen)
    return screen


def bar_of(till: Till) -> KeyBar:
    return screen_of(till).keys


def sold(till: Till) -> Order:
    order = till.app.controller.sold
    assert order is not None
    return till.register.ledger.order(order.id)


async def log_in(till: Till) -> None:
    await tap(till, "Asha", *"1111", "Log")
    assert till.selling().user == 1


async def menu(till: Till, *items: str) -> None:
    """Tap on items, on the sheet of the menu or the board."""
    is_sheet = till.app.size.width < TABLET[0]
    await tap(till, *["F4"] * is_sheet, *items, *["Back"] * is_sheet)


async def unfold(till: Till, word: str) -> None:
    """Tap on a key of the bar, behind `More` if it is not in sight."""
    if not any(word in row for row in till.rows()[-9:]):
        await tap(till, "More")
    await tap(till, word)


@pytest.mark.parametrize("size", SIZES)
async def test_an_evening_by_taps_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_touched_till(tmp_path, size, store=FakeStore()) as till:
        await log_in(till)
        await menu(till, "@Idly", "@Upma", "@Pongal")
        await tap(till, "more", "more", "less", "Void", "wrong item", "Enter")
        assert till.lines() == {"Idly": 1, "Upma": 1}
        await unfold(till, "Tables")
        await tap(till, " 3 ", "Enter")
        assert "Saved to table 3" in till.text()

        await unfold(till, "Tables")
        await tap(till, " 3 ", "Enter")
        await tap(till, "1 × Upma", "more")
        assert till.lines() == {"Idly": 1, "Upma": 2}
        await tap(till, "Note")
        assert "Note on" in till.text()
        await tap(till, "Back", "Pay")
        assert isinstance(till.scene, PayScene)
        await unfold(till, "Split")
        await tap(till, "Esc")
        await tap(till, "100" if size == TABLET else " 100", "Enter")  # 130.00 are due
        assert till.order.paid == 10_000
        await tap(till, "C ", "Enter")
        assert sold(till).status is Status.COMPLETED
        assert "Receipt" in till.text()

        await menu(till, "Idly")
        await tap(till, "Pay")
        await tap(till, "Take cash")
        assert sold(till).priced.pieces == 1
        await unfold(till, "Log out")
        assert till.register.access.person is None


#: The rows that are cut on a phone, by screen: what is left out there is whole in the list or the sheet beneath.
CUT = {
    "split_items": {"Guest 1     ✓ paid card: 2…  110.00"},
    "receipt": {"2 × Filter Coff… @ 30.00      60.00"},
    "choices": {"Note on 1 × Mysore Masala…    145.00"},
    "approval": {"A manager's PIN, for this…    −13.50", "Act          Discount 15 %, waited l…"},
    "drawer": {"Drawer  shift since 10:31,…   650.00"},
    "sale": {
        "▌ 3 ✓  2 × Filter… 60.00        60.00",
        "4    1 × Rava D… 90.00",
        "5    3 × Kesar… 120.00",
    },
}


@pytest.mark.parametrize("name", SCENES)
async def test_rows_that_a_phone_cuts_are_known(name: str, tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, (40, 39), store=FakeStore()) as till:
        await till.type(SCENES[name])
        cut = set()
        for part in (Unfolded.USUAL, Unfolded.MORE):
            bar_of(till).fold(part)
            await till.settle()
            cut |= {row.strip() for row in till.rows() if "…" in row}
        assert cut == CUT.get(name, set())


@pytest.mark.parametrize("size", SIZES)
async def test_an_order_is_saved_back_to_its_table_by_two_taps(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_touched_till(tmp_path, size, store=FakeStore()) as till:
        stop_money(till)
        await till.type(LOG_IN + "2 idly{enter}table 4{enter}")
        await tap(till, "Tables", "4", "Enter")
        assert till.lines() == {"Idly": 2}
        assert not any(word in row for row in till.rows()[-9:] for word in ("Pay", "Drawer", "F11"))
        await tap(till, "Save to 4", "Enter")
        assert "Saved to table 4" in till.text()


@pytest.mark.parametrize("size", SIZES)
async def test_the_till_and_its_user_are_named(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_touched_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN)
        assert re.search(r"Till 1 +Asha", till.rows()[0])


async def test_rows_and_tiles_have_the_room_of_a_finger(tmp_path: Path) -> None:
    """A tap on the row below an entry is one on the entry; no tile has a key that the page of a phone lacks."""
    async with a_touched_till(tmp_path, (40, 39), store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}tea{enter}")
        await tap_at(till, 8, next(y for y, row in enumerate(till.rows()) if "2 × Idly" in row) + 1)
        assert "▌  2 × Idly" in till.text()
        await tap(till, "More")
        assert "Ctrl+" not in till.text()
        assert re.search(r"Eat +in|Eat in", till.text())
        await tap(till, "Less", "F4")
        rows = till.rows()
        first, second = (next(y for y, row in enumerate(rows) if f"  {name} " in row) for name in ("Idly", "Masala"))
        assert second == first + 4
        await tap_at(till, 4, second - 1)  # the gap
        await tap(till, "Back", "Tables")
        await tap_at(till, 12, next(y for y, row in enumerate(till.rows()) if " 3     free" in row) + 1)
        assert "▌  3" in till.text()


async def test_tile_cuts_the_mark_and_never_the_price(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, (40, 39), store=FakeStore()) as till:
        await till.type(LOG_IN + "86 idly 3{enter}9{enter}9999{enter}4 idly{enter}")
        await tap(till, "F4")
        (tile,) = (row for row in till.rows() if "count again" in row or "−1" in row)
        assert "40.00 " in tile


@pytest.mark.parametrize("name", SCENES)
async def test_every_key_of_the_bar_is_a_tile(name: str, tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE, store=FakeStore()) as till:
        await till.type(SCENES[name])
        for size in SIZES:
            await till.resize(*size)
            bar = bar_of(till)
            view, found = bar.view, set()
            for part in (Unfolded.USUAL, Unfolded.MORE):
                bar.fold(part)
                rows = bar._tiles(size[0])
                found |= {tile.key.key for row in rows for tile in row.tiles}
                assert screen_of(till).grid is not None
                assert all(tile.stop - tile.start >= 3 for row in rows for tile in row.tiles)
                assert all(row.tiles[-1].stop <= size[0] for row in rows)
            bar.fold(Unfolded.USUAL)
            shown = [*view.keys, *view.above, *view.quick, *([view.primary] if view.primary is not None else [])]
            assert {key.key for key in shown if key_of(key.key)} <= found


@pytest.mark.parametrize("size", SIZES)
async def test_an_enter_writes_only_rows_that_differ(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: dict[int, list[object]] = {}
    written: list[bool] = []
    take = TerminalRows.take

    def record(self: TerminalRows, update: RowsUpdate, width: int) -> RowsUpdate | None:
        found = take(self, update, width)
        for x, y, strip in found.rows if found is not None else ():
            row, cells = shown.setdefault(y, [None] * width), [(c, one.style) for one in strip for c in one.text]
            written.append(row[x : x + len(cells)] != cells)
            row[x : x + len(cells)] = cells
        return found

    monkeypatch.setattr(TerminalRows, "take", record)
    async with a_touched_till(tmp_path, size, store=FakeStore()) as till:
        await till.type(LOG_IN)
        for plu in (1, 2, 3, 1):
            await till.type(str(plu))
            written.clear()
            await till.type("{enter}")
            assert written
            assert all(written)


async def test_one_tap_takes_a_choice_and_another_takes_it_off(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(LOG_IN)
        await till.type("mysore masala dosa{enter}")
        await tap(till, "medium", "cheese", "podi", "cheese", "Note")
        (row,) = till.order.priced.rows
        assert [one.name for one in row.lines[0].modifiers] == ["medium", "podi"]


async def test_more_keys_are_put_away_after_one_is_tapped(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(ORDER)
        await tap(till, "More", "123", "3")
        assert till.typed() == "3"
        await tap(till, "Bksp", "7", "Enter")
        assert till.lines()["Rava Dosa"] == 1
        assert bar_of(till).unfolded is Unfolded.USUAL
        await tap(till, "More", "Disc-")
        assert "Discount" in till.text()
        assert bar_of(till).unfolded is Unfolded.USUAL


async def test_a_tap_on_what_moved_by_itself_does_nothing_for_a_moment(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(ORDER)
        first = till.order.id
        till.clock.passed = 10
        till.app.controller.sell(None, None)  # as an answer from elsewhere does
        till.app.controller.paint()
        await till.settle()
        till.clock.passed = 10.29
        await tap(till, "F4")
        assert not till.app.controller.sheets
        till.clock.passed = 10.3
        await tap(till, "F4")
        assert till.app.controller.sheets
        await tap(till, "@Upma", "@Upma")  # their own changes block no tap
        assert till.lines() == {"Upma": 2}
        assert till.order.id != first


async def test_a_tap_beside_what_moved_by_itself_acts(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(ORDER)
        till.clock.passed = 10
        till.selling().message = None
        till.app.controller.paint()
        await till.settle()
        await tap(till, "2 × Idly")
        assert "▌  2 × Idly" in till.text()
        till.selling().deselect()
        till.app.controller.paint()
        await till.settle()
        await tap(till, "2 × Idly")
        assert "▌  1 × Rava Dosa" in till.text()


async def test_a_tap_right_after_the_same_screen_was_painted_again_acts(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(ORDER)
        till.clock.passed = 10
        till.app.post_message(events.Resize(till.app.size, till.app.size))  # as for a phone that comes back
        await till.settle()
        await tap(till, "F4")
        assert till.app.controller.sheets


@pytest.mark.parametrize("size", SIZES)
async def test_a_swipe_scrolls_the_order_and_turns_the_menu(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_touched_till(tmp_path, size) as till:
        await till.type(LOG_IN + "".join(f"{item}{{enter}}" for item in MANY))
        assert "1 × Idly" not in till.text()
        await swipe(till, 10, 5, -60)
        assert "1 × Idly" in till.text()
        selected = till.selling().state.selected
        await swipe(till, 10, 5, 60)
        assert "1 × Idly" not in till.text()
        assert till.selling().state.selected == selected
        if size != TABLET:
            await tap(till, "F4")
        await swipe(till, size[0] - 8, 8, 3)
        assert "page 2" in till.text()
        await swipe(till, size[0] - 8, 8, -3)
        assert "page 1" in till.text()


async def test_the_pad_makes_room_for_a_soft_keyboard(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, (40, 14)) as till:
        await till.type("1{enter}")
        assert "PIN" in till.text()
        await till.type("1111")
        await tap(till, "Log")
        await tap(till, "More", "F4")
        assert till.app.controller.sheets


async def test_a_tap_between_tiles_does_nothing(tmp_path: Path) -> None:
    async with a_touched_till(tmp_path, PHONE) as till:
        await till.type(ORDER)
        before = till.rows()
        bottom = bar_of(till)._tiles(PHONE[0])[-1]
        await tap_at(till, bottom.tiles[0].stop, PHONE[1] - 2)
        assert till.rows() == before
