"""Widgets, as their views change and as text from outside arrives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.geometry import Region

from tests.tui.drawing.arriving import LoginPicture
from tests.tui.drawing.gallery import SCENES, Gallery, Scene, empty, sell
from tests.tui.drawing.paying import PayPicture, ZPicture
from tests.tui.drawing.seeing import drawn, ground, look, read, show
from tests.tui.drawing.selling import MenuPicture, SellPicture, TakeoverPicture
from tests.tui.drawing.stock import KEYS, ORDER, STATUS, styled, total
from till.tui.drawing.layout import place
from till.tui.drawing.palette import Depth, Mark, Paint
from till.tui.drawing.viewmodels import (
    BoardView,
    CategoryView,
    ChoicesView,
    ChoiceView,
    EntryView,
    ItemView,
    KeysView,
    KeyView,
    LineView,
    ModifierView,
    NoteKeyView,
    OrderView,
    StyledText,
    TotalView,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.screen_base import ScreenBase

HOSTILE = "\x1b[31mEvil\x07\n[bold red]\u202e天ぷら\u200b" + "e" * 90
SIZES = [(120, 36), (80, 24), (60, 16), (40, 10), (200, 60)]


def dirty(app: Gallery) -> set[int]:
    """Return the rows that will be repainted."""
    assert not any(widget._repaint_regions for widget in drawn(app))
    return {y for region in app.screen._repaint_regions for y in region.line_range}


async def test_a_new_line_paints_only_what_changed() -> None:
    async with show("sell-120x36") as app:
        lines = (*ORDER.lines, LineView("Tea", "20.00", "1"))
        app.shown(SellPicture).order.show(replace(ORDER, lines=lines))
        app.shown(SellPicture).foot.show(total("490.00", "11 items", "23.33", ""))
        assert dirty(app) == {13, 24, 26, 27, 28, 30}  # 7 and 9 look alike in row 29


async def test_an_equal_view_paints_nothing() -> None:
    async with show("sell-120x36") as app:
        for widget in drawn(app):
            widget.show(replace(widget.view) if isinstance(widget.view, Struct) else widget.view)
        assert dirty(app) == set()


async def test_moving_the_selection_paints_two_lines() -> None:
    async with show("sell-120x36") as app:
        app.shown(SellPicture).order.show(replace(ORDER, selected=0))
        assert dirty(app) == {4, 5, 6, 7}


async def test_an_order_that_overflows_follows_its_end_and_its_selection() -> None:
    async with show("sell-120x36") as app:
        many = tuple(LineView(f"Item {number}", "10.00", "1") for number in range(500))
        app.shown(SellPicture).order.show(OrderView(many, 499))
        await app.pilot.pause()
        assert "Item 499" in read(app)[22]
        assert "↑ 481 above" in read(app)[2]
        app.shown(SellPicture).order.show(OrderView(many, 100))
        await app.pilot.pause()
        assert "Item 100" in read(app)[4]
        assert "↑ 100 above, ↓ 381 below" in read(app)[2]
        app.shown(SellPicture).order.show(OrderView(many[:3], 2))
        await app.pilot.pause()
        assert "Item 0" in read(app)[4]
        assert "more" not in read(app)[2]


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.NONE])
async def test_text_from_outside_cannot_leave_its_place(depth: Depth) -> None:
    line = LineView(HOSTILE, "1.00", "1", "@ 1.00", (ModifierView(HOSTILE, "+1.00"),))
    board = BoardView((CategoryView(HOSTILE, (ItemView("1", HOSTILE, "1.00"),), note="until 11:30"),))

    def hostile() -> SellPicture:
        return SellPicture(
            OrderView((line, replace(line, void=HOSTILE)), 0),
            TotalView(total("1.00", HOSTILE, "", "").figure, styled(HOSTILE), (styled(HOSTILE),)),
            EntryView(HOSTILE, len(HOSTILE), styled(HOSTILE)),
            status=replace(STATUS, venue=HOSTILE, staff=HOSTILE, light=StyledText(HOSTILE, mark=Mark.HERE)),
            board=board,
        )

    async with show(Scene(hostile, SIZES[-1], depth=depth)) as app:
        for size in SIZES:
            await app.pilot.resize_terminal(*size)
            await app.pilot.pause()
            rows = ["".join(char for char, _ in row) for row in look(app)]
            assert all(char.isprintable() for row in rows for char in row)
            assert {cell_len(row) for row in rows} == {size[0]}


@pytest.mark.parametrize(
    "screen",
    [sell, LoginPicture, PayPicture, ZPicture, lambda: empty(TakeoverPicture), lambda: empty(MenuPicture)],
    ids=["sell", "login", "pay", "z", "takeover", "menu"],
)
@pytest.mark.parametrize("plain", [False, True])
async def test_every_screen_fills_every_size(screen: Callable[[], ScreenBase[None]], plain: bool) -> None:
    async with show(Scene(screen, SIZES[-1], plain=plain)) as app:
        for size in SIZES:
            await app.pilot.resize_terminal(*size)
            await app.pilot.pause()
            rows = ["".join(char for char, _ in row) for row in look(app)]
            assert ({cell_len(row) for row in rows}, len(rows)) == ({size[0]}, size[1])
            assert rows[-1].strip(), size


async def test_a_screen_lays_itself_out_anew() -> None:
    app = Gallery(SCENES["sell-120x36"])
    async with app.run_test(size=(120, 36)) as pilot:
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            rows = [strip.text for strip in app.screen._compositor.render_strips()]
            assert rows[-1].rstrip().endswith("F9 Pay")
            assert any("Masala Dosa" in row for row in rows)
            assert app.shown(SellPicture).board.display == (width >= 100)


async def test_a_theme_changes_everywhere_at_once() -> None:
    async with show("sell-120x36") as app:
        app.repaint(Paint("light"))
        await app.pilot.pause()
        grounds = {style.bgcolor.name for row in look(app) for _, style in row if style.bgcolor is not None}
    assert "#0f1216" not in grounds
    assert "#fbfaf6" in grounds


async def test_the_key_bar_drops_whole_entries() -> None:
    seen = []
    async with show(Scene(sell)) as app:
        for width in range(40, 121, 8):
            await app.pilot.resize_terminal(width, 24)
            await app.pilot.pause()
            bar = read(app)[-1]
            assert bar.endswith("F9 Pay")
            words = [key for key in KEYS.keys if f"{key.key} {key.word}" in bar or f"{key.key} {key.short}" in bar]
            assert bar.count("F") == len(words) + 1
            seen.append(len(words))
    assert seen == sorted(seen)
    assert seen[-1] == len(KEYS.keys)


async def test_training_stands_on_every_width() -> None:
    training = replace(STATUS, training="TRAINING")
    screen = partial(SellPicture, ORDER, total("1.00", "", "", ""), EntryView(), status=training)
    async with show(Scene(screen)) as app:
        for width in (40, 60, 80, 120):
            await app.pilot.resize_terminal(width, 24)
            await app.pilot.pause()
            row = look(app)[0]
            text = "".join(char for char, _ in row)
            at = text.index("TRAINING")
            assert row[at][1].bold
            assert text.rstrip().endswith("● saved")


async def test_a_long_entry_keeps_its_cursor_in_sight() -> None:
    async with show("sell-120x36") as app:
        text = "a very long sentence that nobody would ever type into a till but someone will"
        app.shown(SellPicture).entry.show(EntryView(text, len(text)))
        await app.pilot.pause()
        row = look(app)[32]
        assert "someone will" in read(app)[32]
        cursors = [x for x, (_, style) in enumerate(row) if ground(style) == "#5ccfe6"]
        assert cursors == [56]
        app.shown(SellPicture).entry.show(EntryView(text, 2))
        await app.pilot.pause()
        assert ground(look(app)[32][6][1]) == "#5ccfe6"


async def test_a_pin_never_shows_itself_or_its_length() -> None:
    async with show("login") as app:
        assert "111" not in read(app)[16]
        assert read(app)[16].count("●") == 3


async def test_the_terminals_cursor_goes_along() -> None:
    async with show("sell-120x36") as app:
        assert app.cursor_position == (10, 32)
    async with show("login") as app:
        assert app.cursor_position == (78, 16)


async def test_the_label_gives_way_to_a_larger_figure() -> None:
    async with show("sell-120x36") as app:
        app.shown(SellPicture).foot.show(total("1,859.50", "", "", ""))
        await app.pilot.pause()
        rows = read(app)
        assert rows[25].startswith("   Total ₹")
        assert rows[26][3:55].lstrip().startswith("▄██")
        app.shown(SellPicture).foot.show(total("12,859.50", "", "", ""))
        await app.pilot.pause()
        assert read(app)[26].startswith("   Total ₹")


async def test_the_menu_turns_its_pages_and_follows_the_selection() -> None:
    items = tuple(ItemView(str(number), f"Thing {number}", "1.00") for number in range(10_000))
    board = BoardView((CategoryView("All things", items),))
    async with show("sell-120x36") as app:
        widget = app.shown(SellPicture).board
        widget.show(board)
        await app.pilot.pause()
        assert widget.pages == 200
        assert "page 1 of 200" in read(app)[2]
        assert "    0 Thing 0" in read(app)[6]
        widget.turn(1)
        await app.pilot.pause()
        assert "   50 Thing 50" in read(app)[6]
        widget.show(replace(board, selected=9_999))
        await app.pilot.pause()
        assert "page 200 of 200" in read(app)[2]
        widget.turn(5)
        assert widget.page == 199


async def test_digits_pick_what_the_menu_sheet_numbers() -> None:
    async with show("menu-80x24") as app:
        board = app.shown(MenuPicture).choices
        assert board.picked("3") == 2
        assert board.picked("0") is None
        board.turn(1)
        await app.pilot.pause()
        first = board.in_sight()[0]
        assert board.picked("1") == first > 8
        assert any("  1 Kesari Bath " in row for row in read(app))


async def test_a_list_is_spread_as_long_as_it_fits() -> None:
    many = ChoicesView(tuple(ChoiceView(str(n), f"cashier {n}") for n in range(1, 31)), selected=29)
    async with show("login") as app:
        app.shown(LoginPicture).staff.show(many)
        await app.pilot.pause()
        rows = read(app)
        assert "cashier 29" in rows[29][:57]
        assert "cashier 30" in rows[30][:57]
        assert app.shown(LoginPicture).staff.window.above == 4


async def test_a_note_taken_is_marked() -> None:
    async with show("pay") as app:
        notes = app.shown(PayPicture).notes
        keys = (notes.view.keys[0], NoteKeyView("W", "200", 2), *notes.view.keys[2:])
        notes.show(replace(notes.view, keys=keys))
        assert dirty(app) == {5, 6, 7}
        await app.pilot.pause()
        assert "W    200   × 2" in read(app)[6]
        assert ground(look(app)[5][97][1]) == "#15323b"


async def test_an_empty_order_says_what_to_type() -> None:
    async with show(Scene(lambda: empty(SellPicture))) as app:
        assert read(app)[6][:57].rstrip() == "         No lines yet."
        assert read(app)[7][:57].rstrip() == "         Type 2 idly, a number, or scan."


async def test_keys_above_have_a_row_of_their_own_or_stand_before_the_way_back() -> None:
    def foot(app: Gallery) -> list[str]:
        return [" ".join(row.split()) for row in read(app)[-2:]]

    ways = tuple(KeyView(letter, f"way {letter}", spare=letter > "B") for letter in "ABCDEFGHIJKL")
    async with show("sell-80x24") as app:
        keys = app.shown(SellPicture).keys
        keys.show(KeysView((KeyView("F1", "Help"), KeyView("Esc", "Back")), KeyView("Enter", "Pay"), above=ways[:3]))
        assert foot(app)[1] == "F1 Help A way A B way B C way C Esc Back Enter Pay"
        keys.show(replace(keys.view, above=ways))
        place(keys, Region(0, 22, 80, 2))
        await app.pilot.pause()
        assert foot(app) == [
            "A way A B way B C way C D way D E way E F way F G way G H way H I way I …",
            "F1 Help Esc Back Enter Pay",
        ]
        assert [keys.pointed(3, row) for row in (0, 1)] == ["A", "F1"]
