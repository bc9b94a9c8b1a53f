"""The sheets: help, every command, the menu, reasons. Typing continues under them; Esc always goes back."""

from pathlib import Path

import pytest

from tests.tui.playing import LOG_IN, a_reference, a_till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.cli.demo_venue import demo_reference
from till.domain.order.events import MenuViewed
from till.tui.screens.sell.menu_sheet import MenuSheet
from till.tui.screens.sheets.help import HelpSheet

SIZES = [(80, 24), (120, 36)]


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_every_key_and_a_key_read_there_works(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}tea{f1}") as till:
        text = till.text()
        for row in ("F6 or Ctrl+K         Quantity of the line", "a number, barcode, “one more”", "with a reason"):
            assert row in text
        assert "…" not in text.partition("Help")[2]
        if size == (80, 24):
            assert " below" in till.rows()[3]
            await till.type("{pagedown}{pagedown}{pagedown}")
            assert "Esc                  Back                   never loses a line" in till.text()
        await till.type("{f1}")
        assert till.typed() == "tea"
        await till.type("{f1}{f7}")
        assert "Void 2 × Idly" in till.text()


async def test_an_explanation_that_is_too_long_for_its_row_goes_on_below(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}split{enter}{f1}") as till:
        shown = " ".join(till.text().partition("Help")[2].split())
        assert "…" not in shown
        assert "Pay items 1-9 marks a line, + - its pieces; Enter takes them" in shown


async def test_each_screen_has_its_own_help(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="{f1}") as till:
        assert "five wrong ones lock it" in till.text()
        await till.type("{escape}" + LOG_IN + "idly{enter}{f9}{f1}")
        assert "each press adds one" in till.text()
        await till.type("{escape}500{f1}{escape}")
        assert till.typed() == "500"
        await till.type("{enter}?")
        assert isinstance(till.app.controller.top, HelpSheet)


async def test_commands_by_name(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "idly{enter}{ctrl+p}") as till:
        assert "Commands" in till.text()
        await till.type("void")
        assert "F7" in till.text()
        assert "Waiting orders" not in till.text()
        await till.type("{enter}")
        assert "Void 1 × Idly" in till.text()
        await till.type("{escape}{ctrl+p}zzz{enter}")
        assert "No command has that name." in till.text()
        await till.type("{escape}")
        assert till.lines() == {"Idly": 1}


async def test_the_menu_sheet_keys_by_digit_and_by_arrows(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "{f4}") as till:
        rows = till.rows()
        assert rows[3].startswith("   Menu  All")
        assert rows[3].endswith("page 1 of 4")
        assert "PgDn Page" in rows[23]
        await till.type("1{enter}2")
        assert "Enter keys 1 × Masala Dosa." in till.text()
        await till.type("{enter}")
        assert till.answer() == "Added 1 × Masala Dosa. Total ₹120.00."
        await till.type("3{enter}")
        assert till.answer() == "Medu Vada is sold out (86). Type “menu” for the list."
        await till.type("{down}{down}{enter}")
        assert till.lines() == {"Idly": 1, "Masala Dosa": 1, "Rava Dosa": 1}
        await till.type("{right}{right}")
        assert till.rows()[3].strip() == "Menu  Drinks"
        await till.type("{left}{pagedown}{escape}")
        assert till.lines() == {"Idly": 1, "Masala Dosa": 1, "Rava Dosa": 1}


@pytest.mark.parametrize(
    ("typed", "keyed"),
    [("21", "Filter Coffee"), ("8901234500019", "Water 1 l"), ("1 tea", "Tea"), ("0{backspace}tea", "Tea")],
)
async def test_a_number_over_the_menu_sheet_is_for_the_entry(tmp_path: Path, typed: str, keyed: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f4}" + typed + "{enter}") as till:
        assert till.lines() == {keyed: 1}
        assert not till.app.controller.sheets


async def test_a_row_of_the_menu_sheet_has_one_key_and_its_number_stands_apart(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "{f4}") as till:
        assert till.rows()[6].startswith("   2 Masala Dosa             #2  80.00       Ghee Podi Idly         #11")


@pytest.mark.parametrize("size", SIZES)
async def test_the_menu_opens_at_what_is_sold_now(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "{f4}{up}") as till:
        assert " Breakfast " in till.text()
        await till.type("{escape}")
        till.clock.pass_by(hours=6, minutes=44)
        await till.type("{escape}{f4}")
        assert " Evening " in till.text()
        assert "until 22:30" in till.text()
        await till.type("{enter}{right}{right}{left}{left}{enter}{pagedown}{escape}{f12}" + LOG_IN + "{f4}{enter}")
        assert till.lines() == {"Mangalore Bajji": 3}


async def test_the_menu_goes_home_when_it_is_walked_no_more(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN) as till:
        await till.type("{f4}{pagedown}")
        assert "Curd Rice" in till.text()
        assert "page 2 of 2" in till.rows()[2] + till.rows()[4]
        await till.type("{escape}{f12}" + LOG_IN)
        assert "Curd Rice" not in till.text()


async def test_each_item_says_whether_it_is_sold_now(tmp_path: Path) -> None:
    body = a_reference()
    tea = next(item for item in body["menu"]["items"] if item["name"] == "Tea")
    tea["daypart"] = "Lunch"
    async with a_drawn_till(tmp_path, (120, 36), reference=body, typed=LOG_IN) as till:
        assert "22 Tea" + 9 * " " + "○ from 12:00" in till.text()
        till.clock.pass_by(hours=2)
        await till.type("{escape}{f4}{right}")
        assert "Breakfast     ○ ended 11:30" in till.text()
        assert " 1 Idly           now 40.00" in till.text()
        assert " 4 Plain Dosa         60.00" in till.text()


async def test_a_wide_menu_is_walked_where_it_stands(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "2 idly{enter}{f4}{down}") as till:
        assert till.rows()[4].startswith("     2 × Idly")
        assert "Menu" not in "".join(row[:57] for row in till.rows()[:34])
        await till.type("{enter}{right}{right}{enter}")
        assert till.lines() == {"Idly": 2, "Masala Dosa": 1, "Filter Coffee": 1}
        await till.type("26{enter}")
        assert till.lines() == {"Idly": 2, "Masala Dosa": 1, "Filter Coffee": 1, "Water 1 l": 1}
        await till.type("{f4}{f4}")
        assert not till.app.controller.sheets


async def test_typing_on_over_the_menu_goes_to_the_entry(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "te{f4}") as till:
        assert "> te" in till.text()
        await till.type("a{enter}{f4}idly{enter}{f4}{f9}{enter}")
        assert till.answer() == "Paid ₹60.00, exact."


async def test_a_menu_that_is_resized_stays_open(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), typed=LOG_IN + "te{f4}{down}") as till:
        for size in ((80, 24), (40, 10), (120, 36), (80, 24)):
            await till.resize(*size)
            assert isinstance(till.app.controller.top, MenuSheet)
            assert till.selling().entry.text == "te"
        await till.type("{enter}{escape}")
        assert till.lines() == {"Masala Dosa": 1}


async def test_asking_for_the_menu_is_an_event_with_what_was_shown(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "show me the menu{enter}{right}{escape}") as till:
        events = [event.data for event in till.journal.events_of(till.order.id)]
        viewed = [one for one in events if isinstance(one, MenuViewed)]
        assert [one.query for one in viewed] == ["", "Breakfast"]
        assert viewed[0].meal_period == "Breakfast"
        assert viewed[0].result_count > viewed[1].result_count > 10


async def test_an_empty_menu_says_who_can_help(tmp_path: Path) -> None:
    empty = {"menu": {"version": 0, "taxes": {}, "dayparts": [], "categories": [], "items": []}}
    for size in SIZES:
        async with a_drawn_till(tmp_path / f"{size[0]}", size, reference={**demo_reference(), **empty}) as till:
            await till.type(LOG_IN)
            assert "The menu is empty: a manager imports one." in till.text()
            await till.type("{f4}")
            assert "till admin menu import" in till.answer()
            await till.type("idly{enter}")
            assert till.answer().startswith("“idly” is not on the menu.")


async def test_nothing_is_paid_while_the_window_shows_no_sum(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        await till.resize(30, 8)
        await till.type("c{enter}50")
        await till.resize(80, 24)
        assert "Enter takes ₹80.00 in cash." in till.text()
        assert till.lines() == {"Idly": 2}


async def test_a_resize_keeps_every_sheet_and_the_order(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        for keys in ("{f1}", "{f4}", "{f5}", "{f7}", "{ctrl+p}", "dosa{enter}"):
            await till.type(keys)
            top = till.app.controller.top
            assert till.app.controller.sheets, keys
            await till.resize(40, 10)
            await till.resize(160, 50)
            await till.resize(39, 9)
            assert "This window is too small: make it at" in till.text(), keys
            await till.resize(80, 24)
            assert till.app.controller.top is top, keys
            await till.type("{escape}")
            assert till.lines() == {"Idly": 2}, keys
            assert "Total" in till.text(), keys
            await till.type("{ctrl+u}")
            assert not till.app.controller.sheets, keys


#: Keys that open a sheet, and a sentence of its help.
HELPED = (
    ("{f7}", "A usual reason"),
    ("{ctrl+x}", "A reason of your own"),
    ("{f6}", "Set quantity"),
    ("{f5}", "Resume that order"),
    ("{f4}", "Another part of the menu"),
    ("{ctrl+p}", "A part of the name"),
    ("dosa{enter}", "Key that item"),
)


@pytest.mark.parametrize("size", SIZES)
async def test_each_sheet_has_its_own_help(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}") as till:
        for keys, title in HELPED:
            await till.type(keys)
            top, typed = till.app.controller.top, till.selling().entry.text
            await till.type("{f1}")
            assert isinstance(till.app.controller.top, HelpSheet), keys
            assert title in till.text()
            assert "…" not in till.text().split("Help", 1)[1].split("Esc", 1)[0], keys
            await till.type("{escape}")
            assert type(till.app.controller.top) is type(top), keys
            assert till.selling().entry.text == typed, keys
            await till.type("{escape}{ctrl+u}")
            assert not till.app.controller.sheets, keys


async def test_a_question_mark_asks_for_help_where_it_cannot_be_text(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f6}?") as till:
        assert isinstance(till.app.controller.top, HelpSheet)
        await till.type("{escape}{escape}{f4}?")
        assert "Another part of the menu" in till.text()
        await till.type("{escape}{escape}{f7}what?")
        assert till.typed() == "what?"


async def test_beside_the_reasons_stands_what_is_voided_where_there_is_room(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), typed=LOG_IN + "2 idly{enter}tea{enter}{up}{f7}") as till:
        right = [row[60:].strip() for row in till.rows()[9:22]]
        assert [row for row in right if row] == [
            "Line         2 × Idly @ 40.00",
            "Amount       80.00",
            "Order        2 lines, ₹100.00",
        ]
        await till.resize(80, 24)
        assert "2 × Idly @ 40.00" not in till.text()
        assert "4   not available" in till.text()
        await till.resize(120, 36)
        assert "Amount       80.00" in till.text()


async def test_beside_which_one_stands_what_the_marked_item_is(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "2 dosa{enter}{down}") as till:
        right = [row[60:].strip() for row in till.rows()[13:22]]
        assert [row for row in right if row] == [
            *(
                "Number       4",
                "Menu         Breakfast",
                "Sold         07:00 to 11:30",
                "Contains     Not stated",
                "Typed        2 dosa",
            )
        ]
        await till.type("{up}")
        assert "Sold         all day" in till.text()


async def test_an_item_marked_beside_an_exact_match_is_announced(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + "masala dosa{down}") as till:
        assert "Enter keys 1 × Mysore Masala Dosa." in till.text()
        await till.type("{enter}{escape}")
        assert till.lines() == {"Mysore Masala Dosa": 1}


async def test_many_rows_give_the_total_a_taller_figure(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (200, 60), typed=LOG_IN + "2 idly{enter}") as till:
        figure = [row[3:56].strip() for row in till.rows()[48:55]]
        assert all("█" in row for row in figure)
        assert figure[0].startswith("Total ₹")


async def test_a_number_only_marks_a_reason_and_words_that_begin_with_one_are_a_reason(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}tea{enter}{f7}2") as till:
        assert till.lines() == {"Idly": 2, "Tea": 1}
        assert any(row.startswith("  ▌ 2   wrong item") for row in till.rows())
        assert "1-4 ↑↓ Choose" in till.rows()[23]
        await till.type(" guests changed")
        assert "▌ 1" not in till.text(), "Enter refuses it, so no reason is marked"
        assert "Void the line" not in till.rows()[23]
        await till.type("{enter}")
        assert till.answer() == "F2 first, then your own words. Or pick a number."
        assert till.lines() == {"Idly": 2, "Tea": 1}
        await till.type("{f2}")
        assert "▌ 1" not in till.text()
        await till.type("{enter}")
        assert "✖ void  2 guests changed, 10:31" in till.text()
        assert till.lines() == {"Idly": 2}
        assert till.typed() == ""


async def test_enter_does_what_a_number_or_the_arrows_marked(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}tea{enter}coffee{enter}{f7}2{down}{enter}") as till:
        assert "✖ void  guest changed their mind" in till.text()
        await till.type("{f7}3{backspace}2{enter}")
        assert "✖ void  wrong item" in till.text()
        await till.type("{ctrl+x}2")
        assert till.lines() == {"Tea": 1} or till.lines() == {"Idly": 2}
        await till.type("{enter}")
        assert till.answer() == "The order is cleared: keyed by mistake. Ctrl+Z undoes it."


@pytest.mark.parametrize("opened", ["no tea{enter}", "{f7}", "{ctrl+x}", "price 30{enter}", "10% off{enter}"])
async def test_a_sentence_typed_ahead_is_no_reason(tmp_path: Path, opened: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + f"12 tea{{enter}}{opened}") as till:
        for ahead in ("two coffees", "7", "cash"):
            await till.type(ahead + "{enter}")
            assert till.answer() == "F2 first, then your own words. Or pick a number.", ahead
            assert till.order.total == 24_000, ahead
            assert till.typed() == ("" if ahead.isdigit() else ahead), "digits may be a PIN, and are not kept"
            await till.type("{backspace}" * len(till.typed()))
        await till.type("{escape}{f9}{enter}")
        assert till.journal.numbered(1)[0].data.total == "240.00"


@pytest.mark.parametrize("own", ["", "{f2}"])
@pytest.mark.parametrize("opened", ["{f7}", "{ctrl+x}", "price 30{enter}", "{f3}p10{enter}"])
async def test_a_pin_is_no_reason_and_never_shown(tmp_path: Path, opened: str, own: str) -> None:
    async with a_drawn_till(tmp_path, (120, 36), typed=LOG_IN + f"2 idly{{enter}}{opened}{own}9873") as till:
        assert "9873" not in till.text()
        await till.type("{enter}")
        assert till.answer() == (
            "A reason is needed. Type a word or two." if own else "F2 first, then your own words. Or pick a number."
        )
        assert (till.order.total, till.typed()) == (8000, "")
        assert "9873" not in till.text()


@pytest.mark.parametrize("opened", ["no tea{enter}", "-12{enter}", "void{enter}", "clear{enter}", "price 30{enter}"])
async def test_an_enter_too_many_picks_no_reason(tmp_path: Path, opened: str) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + f"12 tea{{enter}}{opened}{{enter}}") as till:
        assert "”? Enter again takes it." in till.answer()
        assert any(row.startswith("  ▌ 1") for row in till.rows()), "it is marked now, and named"
        assert till.order.total == 24_000
        await till.type("{f2}{enter}")
        assert till.answer() == "A reason is needed. Type a word or two."
        assert till.order.total == 24_000


async def test_minus_down_to_nothing_and_two_enters_void(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 tea{enter}idly{enter}{up}-2{enter}{enter}") as till:
        assert till.answer() == "“keyed twice”? Enter again takes it."
        await till.type("{enter}")
        assert till.lines() == {"Idly": 1}


async def test_no_sheet_of_the_sell_screen_acts_at_a_digit(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}tab 1{enter}2 idly{enter}") as till:
        for sheet in ("{f7}", "{ctrl+x}", "{f2}", "{f4}", "{f5}", "{f8}", "{ctrl+p}", "{f6}", "{ctrl+u}"):
            before = till.journal.head.seq
            await till.type(sheet)
            opened = till.journal.head.seq
            assert opened - before <= (1 if sheet == "{f4}" else 0)  # that the menu was shown is an event
            await till.type("123")
            assert till.journal.head.seq == opened, sheet
            await till.type("{escape}" * 3)
        assert till.lines() == {"Idly": 2}


@pytest.mark.parametrize("sheet", ["{f1}", "{f4}"])
async def test_a_function_key_without_a_command_says_so_over_the_help_and_the_menu(tmp_path: Path, sheet: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + sheet + "{f13}") as till:
        assert till.answer() == "F13 does nothing here. F1 lists the keys."


@pytest.mark.parametrize("sheet", ["{f7}", "{ctrl+x}", "{f5}", "{ctrl+p}", "{f2}"])
async def test_a_command_that_waits_for_a_sheet_says_so(tmp_path: Path, sheet: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + sheet + "{f9}") as till:
        assert till.answer() == "Press Esc first, then F9."
        await till.type("{f13}")
        assert till.answer() == "F13 does nothing here. F1 lists the keys."
        assert till.app.controller.sheets


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("{f3}z", "A number picks one. P, A or N begins a figure."),
        ("{f7}{tab}", "Tab does nothing here. F1 lists the keys."),
        ("{f1}z", "Nothing is typed here. Esc: back."),
        ("{f6}{tab}", "Tab does nothing here. F1 lists the keys. How many Idly? Type it, then Enter."),
        ("{tab}", "Tab completes the name of an item. None begins so."),
        ("{ctrl+left}", "Ctrl+← does nothing here. F1 lists the keys."),
    ],
)
async def test_no_key_is_silent(tmp_path: Path, keys: str, answer: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + keys) as till:
        assert till.answer() == answer


async def test_no_key_is_silent_without_lines(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        for key in ("up", "home", "pagedown"):
            await till.type(f"{LOG_IN if key == 'up' else ''}{{{key}}}")
            assert till.answer().endswith(" does nothing here. F1 lists the keys."), key


async def test_f5_and_f8_bear_the_names_of_their_keys(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f8}") as till:
        assert any(row.strip().startswith("Tables  0 open") for row in till.rows())
        await till.type("{escape}{f5}")
        assert any(row.strip().startswith("Waiting orders") for row in till.rows())
        await till.type("{escape}{f6}{f7}")
        assert till.answer() == "Answer first, or press Esc; then F7. How many Idly? Type it, then Enter."


@pytest.mark.parametrize("opened", ["{f7}", "price 30{enter}", "{f3}p10{enter}"])
async def test_a_scan_is_no_reason(tmp_path: Path, opened: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + f"2 idly{{enter}}{opened}8901234500019{{enter}}") as till:
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        await till.type("{enter}")
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it.", "some scanners send Enter twice"
        await till.type("{f2}8901234500002{enter}")
        assert till.answer() == "That was a barcode. Type a reason, or Esc to key the item."
        assert till.order.total == 8_000
        await till.type("{escape}8901234500019{enter}")
        assert till.lines() == {"Idly": 2, "Water 1 l": 1}


async def test_a_scan_is_no_wish(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f2}8901234500019{enter}") as till:
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        await till.type("{escape}8901234500019{enter}")
        assert till.lines() == {"Idly": 2, "Water 1 l": 1}


async def test_panes_behind_a_sheet_are_dim_until_it_closes(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f7}") as till:
        screen = till.selling().screen
        parts = screen.status, screen.order, screen.band, screen.keys
        assert [part.is_dim for part in parts] == [True, True, False, False]
        await till.type("{escape}")
        assert not any(part.is_dim for part in parts)
