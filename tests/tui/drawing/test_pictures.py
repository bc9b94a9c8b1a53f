"""The widgets against the pictures of the look, row by row and column by column."""

from tests.tui.drawing.seeing import ground, ink, look, read, show
from tests.tui.drawing.selling import SellPicture
from till.tui.drawing.palette import THEMES, Tone
from till.tui.drawing.viewmodels import EntryView

PANE = slice(0, 57)
RIGHT = slice(60, 118)


async def test_the_sell_screen() -> None:
    async with show("sell-120x36") as app:
        rows = read(app)
    assert rows[0] == (
        "  Udupi Corner   Till 1   cashier 1"
        "                                                         Breakfast 10:31    ● saved"
    )
    assert rows[2] == (
        "   Order  take away                                      │  All  Breakfast  Lunch  Drinks  Sweets  Extras"
    )
    assert rows[3] == "  " + "─" * 54 + " │  " + "━━━" + "─" * 55
    assert [row[PANE].rstrip() for row in rows[4:13]] == [
        "     2 × Idly                        @ 40.00      80.00",
        "  ▌  1 × Masala Dosa                             100.00",
        "  ▌      no onion",
        "  ▌      extra ghee                   +20.00",
        "     2 × Filter Coffee               @ 30.00      60.00",
        "         less sugar",
        "     1 × Rava Dosa                                90.00",
        "     3 × Kesari Bath                 @ 40.00     120.00",
        "     1 × Water 1 l                                20.00",
    ]
    assert [row[RIGHT].rstrip() for row in rows[5:10]] == [
        "Breakfast       until 11:30    Drinks",
        " 1 Idly               40.00    21 Filter Coffee      30.00",
        " 2 Masala Dosa        80.00    22 Tea                20.00",
        " 3 Medu Vada    86 sold out    23 Badam Milk         50.00",
        " 4 Plain Dosa         60.00    24 Buttermilk         25.00",
    ]
    assert [row[RIGHT].rstrip() for row in rows[15:18]] == [
        "10 Kesari Bath        40.00    32 Jalebi       86 sold out",
        "                               33 Payasam            50.00",
        "Lunch          ○ from 12:00    34 Badam Halwa        60.00",
    ]
    assert rows[23][PANE] == "  " + "─" * 54 + " "
    assert rows[24][PANE].rstrip() == "   10 items                     GST 5 % included  22.38"
    assert rows[26][PANE].rstrip() == "   Total ₹     ██  ██  ██████  ▄████▄    ▄████▄  ▄████▄"
    assert rows[30][PANE].rstrip() == "                   ██      ██  ▀████▀ ██ ▀████▀  ▀████▀"
    assert rows[32] == "  > 2 dosa" + " " * 50 + "Added 1 × Masala Dosa. Total ₹470.00."
    assert rows[33] == "    Tab  Masala Dosa 80.00    Plain Dosa 60.00    Rava Dosa 90.00    Set Dosa 70.00"
    assert rows[35] == (
        "  F1 Help   F2 Note   F3 Discount   F4 Menu   F5 Recall   F6 Quantity   F7 Void   F8 Tabs   F12 Log out"
        "        F9 Pay"
    )


async def test_amounts_end_in_their_columns_and_the_divider_stands_in_its_own() -> None:
    async with show("sell-120x36") as app:
        grid = look(app)
    for y in (4, 5, 8, 10, 11, 12):
        assert grid[y][54][0] == "0"
        assert grid[y][55][0] == " "
    for y in (*range(6, 16), *range(18, 22)):
        assert grid[y][86][0] in "0t"
    for y in (*range(6, 12), *range(14, 18), *range(20, 23)):
        assert grid[y][117][0] in "0t"
    assert {grid[y][57][0] for y in range(2, 31)} == {"│"}
    assert {grid[y][57][0] for y in (1, 31)} == {" "}


async def test_the_thumb_and_the_head_tell_what_is_out_of_sight() -> None:
    async with show("sell-offline") as app:
        grid, rows = look(app), read(app)
    assert rows[2][PANE].rstrip() == "   Order  table 7                             ↑ 2 above"
    assert [y for y in range(2, 31) if grid[y][57][0] == "┃"] == list(range(6, 23))
    assert rows[21][PANE].rstrip() == "         Discount 10 %, regular guest            −95.50"


async def test_a_void_stays_in_its_place_struck_and_faint() -> None:
    faint, bad = (THEMES["dark"].colours[role] for role in (Tone.FAINT, Tone.BAD))
    async with show("sell-offline") as app:
        grid, rows = look(app), read(app)
    assert rows[10][PANE].rstrip() == "     2 × Badam Milk                  @ 50.00     100.00"
    assert rows[11][PANE].rstrip() == "         ✖ void  keyed twice, 14:04"
    for x in (9, 18, 49, 54):
        style = grid[10][x][1]
        assert style.strike
        assert ink(style) == faint
    assert not grid[10][25][1].strike
    assert ink(grid[11][9][1]) == bad


async def test_the_small_sell_screen() -> None:
    async with show("sell-80x24") as app:
        rows = read(app)
    assert rows[0] == "  Udupi Corner   Till 1   cashier 1                 Breakfast 10:31    ● saved"
    assert rows[4] == "     2 × Idly                                              @ 40.00      80.00"
    assert rows[15] == "  " + "─" * 76
    assert rows[16:19] == [
        "   Total ₹                           ▄█▀▀█▄  ██  ██  ▄█▀▀█▄    ▄█▀▀█▄  ▄█▀▀█▄",
        "   5 items                             ▄▄█▀  ██▄▄██  ██  ██    ██  ██  ██  ██",
        "   GST 5 % included 11.43            ▄██▄▄▄      ██  ▀█▄▄█▀ ▄▄ ▀█▄▄█▀  ▀█▄▄█▀",
    ]
    assert rows[20] == "    Added 1 × Masala Dosa. Total ₹240.00."
    assert rows[21] == "  > 2 dosa                    Tab  Masala Dosa 80.00   Plain Dosa 60.00"
    assert rows[23] == "  F1 Help  F2 Note  F4 Menu  F6 Qty  F7 Void  F8 Tabs  F12 Log out     F9 Pay"


async def test_login() -> None:
    async with show("login") as app:
        rows = read(app)
    assert rows[5] == ("  ▌  1   cashier 1    cashier     3 lines, ₹240.00 open  │  ▄▄██    ██  ██ ▄▄ ▄█▀▀█▄  ▄█▀▀█▄")
    assert rows[11][PANE].rstrip() == "     4   cashier 4    cashier      ✖ locked until 14:08"
    assert rows[13][RIGHT] == "Number   1  cashier 1"
    assert rows[16][RIGHT] == "PIN      ●  ●  ●"
    assert rows[17][RIGHT] == " " * 9 + "━" * 49
    assert rows[19][RIGHT] == "         Demo: the PIN of every number is 1111."
    assert rows[32] == ("  ▲ This till closed unexpectedly at 14:02. 1 order was open: 3 lines, ₹240.00. It is here.")
    assert rows[33] == "    It opens by itself when cashier 1 logs in."


async def test_pay() -> None:
    async with show("pay") as app:
        rows = read(app)
    assert rows[6][RIGHT].rstrip() == "▌ Q    500   × 1      W    200            E    100"
    assert rows[7][PANE].rstrip() == "   1  Card       ✓ approved 14:11                200.00"
    assert rows[9][PANE].rstrip() == "   2  Voucher    ✖ declined, used up             100.00"
    assert rows[15][PANE].rstrip() == "   Due ₹       ██  ██  ██  ██  ▄█▀▀█▄    ▄█▀▀█▄  ▄█▀▀█▄"
    assert rows[17][RIGHT].rstrip() == "  C  Card             terminal ready"
    assert rows[24][PANE].rstrip() == "   Give back                            1 × 50   1 × 10"
    assert rows[26][PANE].rstrip() == "   Change ₹            ▄████▄  ▄████▄    ▄████▄  ▄████▄"
    assert rows[35].endswith(" Enter Take cash 500.00")


async def test_the_sheet_cuts_no_word_behind_it_in_half() -> None:
    async with show("takeover") as app:
        rows = read(app)
    assert rows[6] == (
        "         No lines yet.                                   │   1 Idly               40.00    "
        "21 Filter Coffee      30.00"
    )
    assert rows[7] == ""
    assert rows[8] == "━" * 120
    assert rows[10] == "   Your order is open on another till"
    assert rows[13] == "  ▌ T   Take it over here  the order locks on Till 2        Till         Till 2"
    assert rows[19] == "    Esc Back to login                                       Connection   ● good"
    assert rows[22] == ""
    assert rows[24][PANE].rstrip() == "   0 items                       GST 5 % included  0.00"


async def test_the_z_report() -> None:
    async with show("z-report") as app:
        rows = read(app)
    assert rows[4] == (
        "     500 ×  14                                 7,000.00  │  "
        "Cash              9,270.00     9,230.00   ▼ short   −40.00"
    )
    assert rows[12][RIGHT].rstrip() == " " * 20 + "████  ▄████▀  ██  ██    ██  ██  ██  ██"
    assert rows[22][RIGHT] == "09  " + "▆" * 34 + " busiest    2,910.00"
    assert rows[29][PANE].rstrip() == "   Head of the chain  seq 8,214  9f3ac07b…41d2"


async def test_contrast_parts_surfaces_by_rules_and_reverses_the_selection() -> None:
    async with show("sell-contrast") as app:
        rows, grid = read(app), look(app)
    assert rows[1] == "─" * 120
    assert rows[31] == "─" * 120
    assert rows[5][PANE].startswith("  ▸  1 × Masala Dosa")
    assert rows[6][PANE].startswith("         no onion")
    assert ground(grid[5][9][1]) == "#ffffff"
    assert ink(grid[5][9][1]) == "#000000"


async def test_no_colour_says_it_all_by_weight_stroke_and_reverse() -> None:
    async with show("sell-no-colour") as app:
        grid, rows = look(app), read(app)
    styles = {style for row in grid for _, style in row}
    assert all(style.color is None and (style.bgcolor is None or style.bgcolor.is_default) for style in styles)
    assert grid[5][9][1].reverse
    assert grid[35][112][1].reverse
    assert grid[35][2][1].bold
    assert "86 sold out" in rows[8]


async def test_sixteen_colours_are_named_and_the_ground_is_the_terminals_own() -> None:
    async with show("sell-16-colours") as app:
        styles = {style for row in look(app) for _, style in row}
    colours = {colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None}
    assert all(colour.triplet is None for colour in colours)
    assert {style.bgcolor.name for style in styles if style.bgcolor is not None} == {"default", "bright_cyan"}


async def test_without_drawing_characters_all_is_words() -> None:
    async with show("offline-plain") as app:
        rows = read(app)
    drawn = {char for row in rows for char in row if not char.isascii()}
    assert drawn == {"₹"}
    assert rows[0].endswith("! offline since 14:01, keep selling")
    assert rows[17].startswith("  >  1 x Lime Soda")
    assert rows[26].strip() == "Total 859.50 rupees, 23 items."


async def test_a_window_too_small_says_so_and_comes_back() -> None:
    async with show("sell-39x9") as app:
        assert read(app)[:2] == ["This window is too small: make it at", "least 40 × 10."]
        entry = app.shown(SellPicture).entry.view
        assert isinstance(entry, EntryView)
        assert (entry.text, entry.cursor) == ("2 dosa", 6)
        await app.pilot.resize_terminal(80, 24)
        await app.pilot.pause()
        rows = read(app)
        assert "This window is too small" not in "".join(rows)
        assert any("> 2 dosa" in row for row in rows)
