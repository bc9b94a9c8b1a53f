"""Keys on the screen of tables: its pure reducer, without a till."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import Hand, folded
from tests.tui.playing import a_reference, char_of
from tests.tui.playing import keys as scripted
from till.cli.demo_venue import demo_settings
from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.promotions import Promotion
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Millionths, Minor
from till.domain.money.promotion import Offer
from till.domain.order.copying import TabItem
from till.domain.settings import VenueSettings
from till.domain.structs import replace
from till.domain.venue import VenueTable, read_venue
from till.register.answers import Answers
from till.register.quick_entry.lookup import Lookup
from till.register.tabs.open_tabs import OpenTab
from till.tui.drawing.viewmodels import StatusView
from till.tui.screens.sell.commands import make_keymap
from till.tui.screens.tabs.acts import TablesActs
from till.tui.screens.tabs.presenter import age_text, tables_views
from till.tui.screens.tabs.reduce import reduce
from till.tui.screens.tabs.state import (
    Place,
    TableGrid,
    TablesFacts,
    TablesState,
    columns,
    is_newest,
    marked_place,
    page_of,
    places,
)
from till.tui.screens.tabs.typed_acts import TabAct
from till.tui.shell.calls import call
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.order.state import Order

NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
VENUE = read_venue(demo_settings())
ROOM = tuple(VenueTable(number, 4, "Hall" if number < 4 else "Terrace") for number in range(1, 7))
LOOKUP = Lookup(read_menu(a_reference()["menu"], VENUE.terms.currency))
WIDE, CLOSE = TableGrid(2, 18, wide=True), TableGrid(3, 10, wide=False)


def tab(name: str, minutes: int = 10, **other: Any) -> OpenTab:
    at = NOW - timedelta(minutes=minutes)
    known = OpenTab(f"tab {name} {minutes}", f"order {name} {minutes}", name, 1, 2, Minor(4000), at, None, at)
    return replace(known, **other)


TABS = (tab("table 2", 30), tab("table 5", 50), tab("Asha", 5), tab("Ashok", 120))


def facts(tabs: Iterable[OpenTab] = TABS, **other: Any) -> TablesFacts:
    formats = Formats(VENUE.terms.currency, marks_of("en"))
    given = TablesFacts(
        tabs=tuple(sorted(tabs, key=lambda one: one.place)), is_listed=True, order=None, own=None,
        venue=replace(VENUE, tables=ROOM), formats=formats, answers=Answers(formats), keymap=make_keymap(), till=1,
        now=NOW, names=MappingProxyType({1: "Asha"}), lookup=LOOKUP, room=WIDE,
    )  # fmt: skip
    return replace(given, **other)


def press(script: str, given: TablesFacts, state: TablesState | None = None) -> tuple[TablesState, tuple[Any, ...]]:
    state = state or TablesState()
    calls: tuple[Any, ...] = ()
    for key in scripted(script):
        state, calls = reduce(state, KeyPress(key, char_of(key)), given)
    return state, calls


def names(state: TablesState, given: TablesFacts) -> list[str]:
    return [place.name for place in places(state, given)]


GONE = "That one is no longer open. ↑ ↓ mark another."
KEYED = folded((hand := Hand()).opened(), hand.added("tea", 3, "20.00"))


def test_tables_stand_by_part_and_number_free_ones_among_them_and_names_last() -> None:
    shown = ["table 1", "table 2", "table 3", "table 4", "table 5", "table 6", "Asha", "Ashok"]
    assert names(TablesState(), facts()) == shown
    strange = facts((*TABS, tab("table 40"), tab("table 5-2"), tab("table 5-10")))
    shown = [*shown[:5], "table 5-2", "table 5-10", "table 6", "table 40", "Asha", "Ashok"]
    assert names(TablesState(), strange) == shown, "a table that the venue did not tell of is behind those it did"


def test_table_that_a_program_gave_beside_a_name_is_taken_and_found_by_both() -> None:
    given = facts((*TABS, tab("Rao", table_number="4")))
    assert names(TablesState(), given) == [
        "table 1",
        "table 2",
        "table 3",
        "Rao",
        "table 5",
        "table 6",
        "Asha",
        "Ashok",
    ]
    for typed in ("4", "table 4", "rao"):
        state, _calls = press(typed, given)
        at = marked_place(state, given)
        assert at is not None
        assert (at.label, at.name) == ("4", "Rao")


@pytest.mark.parametrize(("program", "who"), [("chat", "Chat"), ("", "a program")])
def test_a_table_of_a_program_names_it(program: str, who: str) -> None:
    given = facts((tab("table 5", user=0, program=program),))
    answer = tables_views(TablesState(), given, StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text.startswith(f"Table 5: {who}, 10 min, ")


def test_f8_again_shows_the_longest_open_first_and_no_free_table() -> None:
    state, _calls = press("{f8}", facts())
    assert names(state, facts()) == ["Ashok", "table 5", "table 2", "Asha"]
    assert names(press("{f8}", facts(), state)[0], facts())[0] == "table 1"


def test_a_character_that_the_venue_gave_the_command_is_typed_into_a_name() -> None:
    state, _calls = reduce(TablesState(), KeyPress("plus", "+"), facts(keymap=make_keymap({"tabs": "plus"})))
    assert (state.entry.text, state.longest_first) == ("+", False)


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        ("{enter}", call(TablesActs.recall, TABS[0])),
        ("5{enter}", call(TablesActs.recall, TABS[1])),
        ("table 5{enter}", call(TablesActs.recall, TABS[1])),
        ("3{enter}", call(TablesActs.open_table, 3)),
        ("asho{enter}", call(TablesActs.recall, TABS[3])),
        ("ash{enter}", call(TablesActs.recall, TABS[2])),
        ("ash{down}{enter}", call(TablesActs.recall, TABS[3])),
        ("{up}{enter}", call(TablesActs.open_table, 1)),
        ("{f8}{enter}", call(TablesActs.recall, TABS[3])),
        ("{escape}", call(TablesActs.go_back)),
    ],
)
def test_without_lines_enter_opens_what_is_named_or_marked(script: str, asked: object) -> None:
    assert press(script, facts())[1] == (asked,)


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("{right}", 5),
        ("{right}{right}", "Ashok"),
        ("{right}{left}", 2),
        ("{left}", 2),
        ("{pagedown}", "Asha"),
        ("{down}", 3),
    ],
)
def test_arrows_go_to_the_table_beside_and_pages_turn(script: str, place: int | str) -> None:
    given = facts(room=TableGrid(2, 3, wide=True))
    at = marked_place(press(script, given)[0], given)
    assert at is not None
    assert at.name == (place if isinstance(place, str) else f"table {place}")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("9{enter}", "No table 9 is open."),
        ("nobody{enter}", "No table is called nobody."),
        ("{tab}", "Key lines first; then Tab makes them a separate bill."),
        ("{f5}", "Press Esc first, then F5."),
    ],
)
def test_an_impossible_act_names_the_possible_one(script: str, message: str) -> None:
    state, calls = press(script, facts())
    assert (state.message.text if state.message else "", calls) == (message, ())


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        ("5{enter}", call(TablesActs.add_to, TABS[1])),
        ("asha{enter}", call(TablesActs.add_to, TABS[2])),
        ("ash{enter}", call(TablesActs.save_order, "ash")),
        ("3{enter}", call(TablesActs.save_order, "3")),
        ("5{tab}", call(TablesActs.save_order, "table 5", apart=True)),
        ("{enter}", call(TablesActs.save_order, "")),
        ("{down}{down}{enter}", call(TablesActs.add_to, TABS[0])),
        ("{down}{enter}", call(TablesActs.save_order, "1")),
    ],
)
def test_lines_go_where_they_are_sent_and_onto_no_tab_by_themselves(script: str, asked: object) -> None:
    assert press(script, facts(order=KEYED))[1] == (asked,)


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ("0{enter}", ()),
        ("77{enter}", ()),
        ("77{enter}{enter}", (call(TablesActs.save_order, "77"),)),
        ("77{enter}{backspace}7{enter}", ()),
        ("77-2{enter}", ()),
        ("5-3{enter}", (call(TablesActs.save_order, "5-3"),)),
        ("T12{enter}", (call(TablesActs.save_order, "T12"),)),
        ("Bar 3{enter}", (call(TablesActs.save_order, "Bar 3"),)),
    ],
)
def test_a_table_that_the_room_has_not_is_asked_back(script: str, calls: tuple[object, ...]) -> None:
    state, done = press(script, facts(order=KEYED))
    assert done == calls
    if not calls:
        name = "table 0" if script[0] == "0" else "table 77-2" if "-" in script else "table 77"
        assert state.message is not None
        assert state.message.text == f"There is no {name} here. Enter again uses it anyway."


@pytest.mark.parametrize(
    ("typed", "of", "question"),
    [
        ("mas", None, "Masala Dosa is an item. Save the order to “mas”? Enter again."),
        ("plain d", None, "Plain Dosa is an item. Save the order to “plain d”? Enter again."),
        ("mas", TABS[1], "Call table 5 “mas”? Enter again."),
        ("Rao", TABS[1], "Call table 5 “Rao”? Enter again."),
        ("tab Rao", TABS[1], "Call table 5 “Rao”? Enter again."),
        ("Sandra", None, ""),
        ("tab mas", None, ""),
        ("3", TABS[1], ""),
    ],
)
def test_name_of_an_item_and_a_new_name_of_a_table_are_asked_about(
    typed: str, of: OpenTab | None, question: str
) -> None:
    given = facts(order=KEYED, own=of)
    state, calls = press(f"{typed}{{enter}}", given)
    assert (state.message.text if state.message else "", bool(calls)) == (question, not question)
    if question:
        answer = tables_views(press(typed, given)[0], given, StatusView("", ""))["entry"].answer
        assert answer is not None
        assert answer.text == question.removesuffix(" Enter again.")
        assert press("{enter}", given, state)[1] == (call(TablesActs.save_order, typed),)


def test_typed_text_is_cleared_at_once_as_on_other_screens() -> None:
    assert press("Rao{ctrl+u}5{enter}", facts(order=KEYED))[1] == (call(TablesActs.add_to, TABS[1]),)


@pytest.mark.parametrize("typed", ["merge", "move", "Guests ", "guests4", "merge7", "hand over"])
@pytest.mark.parametrize("order", [KEYED, None])
def test_half_of_a_word_for_an_act_is_no_name(typed: str, order: Order | None) -> None:
    state, calls = press(f"{typed}{{enter}}", facts(order=order))
    assert calls == ()
    assert state.message is not None
    assert state.message.text.startswith("Add a number: merge 7")


WORDS = ("split", "card", "pay", "cash 100", "10% off", "no onion", "seat 2", "tip", "split 12", "clear", "refund 1-4")


@pytest.mark.parametrize("typed", [*WORDS, "idly", "senior"])
@pytest.mark.parametrize("order", [KEYED, None])
def test_words_of_the_order_are_no_name(typed: str, order: Order | None) -> None:
    senior = Promotion(Offer("Senior", Millionths(150_000)), by_hand=True)
    given = facts(order=order, venue=replace(VENUE, tables=ROOM, promotions=(senior,)))
    state, calls = press(f"{typed}{{enter}}{{enter}}", given)
    sentence = f"“{typed}” works at the order (Esc). For a name: “table …”."
    answer = tables_views(replace(state, message=None), given, StatusView("", ""))["entry"].answer
    assert (calls, state.message.text if state.message else "", answer.text if answer else "") == (
        (),
        sentence,
        sentence,
    )


@pytest.mark.parametrize("order", [KEYED, None])
def test_digits_that_can_be_a_pin_are_no_table_and_do_not_stay(order: Order | None) -> None:
    given = facts(order=order)
    typed, _calls = press("9999", given)
    answer = tables_views(typed, given, StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text == "There is no such table here."
    state, calls = press("{enter}", given, typed)
    assert (calls, state.entry.text, state.message and state.message.text) == ((), "", answer.text)
    state, calls = press("table 9999{enter}{enter}", given)
    assert bool(calls) == (order is not None), "a table may still be named so"


@pytest.mark.parametrize(("typed", "name"), [("tab split", "split"), ("table Idly", "Idly"), ("tab Asha", "Asha")])
def test_a_name_after_the_word_for_a_tab_may_be_any(typed: str, name: str) -> None:
    given = facts((), order=KEYED)
    answer = tables_views(press(typed, given)[0], given, StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text == f"Enter saves the order to {name}."
    assert press(f"{typed}{{enter}}", given)[1] == (call(TablesActs.save_order, typed),)
    assert press("tab asha{enter}", facts(order=KEYED))[1] == (call(TablesActs.add_to, TABS[2]),)


def test_a_tab_that_has_the_name_of_a_command_is_still_found() -> None:
    kept = tab("Split")
    assert press("split{enter}", facts((kept,)))[1] == (call(TablesActs.recall, kept),)


@pytest.mark.parametrize(("script", "word"), [("", "Back"), ("as", "Erase"), ("0{enter}", "Back")])
def test_the_bar_says_what_esc_does(script: str, word: str) -> None:
    given = facts(order=KEYED)
    state, _calls = press(script, given)
    keys = tables_views(state, given, StatusView("", ""))["keys"].keys
    assert [key.word for key in keys if key.key == "Esc"] == [word]
    assert bool(press("{escape}", given, state)[1]) == (word == "Back")


def test_a_venue_without_named_tables_has_any_but_0() -> None:
    given = facts(order=KEYED, venue=replace(VENUE, tables=()))
    assert press("200{enter}", given)[1] == (call(TablesActs.save_order, "200"),)
    assert press("0{enter}", given)[1] == ()


def test_no_tab_is_moved_to_a_table_that_the_room_has_not_before_that_is_asked() -> None:
    assert press("move 77{enter}", facts())[1] == ()
    assert press("move 77{enter}{enter}", facts())[1] == (call(TablesActs.carry_out, TabAct("move", "77"), TABS[0]),)
    assert press("move 3{enter}", facts())[1] == (call(TablesActs.carry_out, TabAct("move", "3"), TABS[0]),)


def test_a_merge_is_asked_back_for_no_key_takes_it_apart() -> None:
    merge = call(TablesActs.carry_out, TabAct("merge", "ashok"), TABS[0])
    state, done = press("merge ashok{enter}", facts())
    assert (state.message.text if state.message else "", done) == (
        "Merge Ashok into table 2 for good? Tab merges them.",
        (),
    )
    bounced, done = press("{enter}{enter}", facts(), state)
    assert (bounced, done) == (state, ()), "a bouncing Enter merges nothing"
    assert press("{tab}", facts(), state)[1] == (merge,)
    assert press("{backspace}k{tab}", facts(), state)[1] == ()
    gone = facts(TABS[1:])
    for _enter in range(2):
        state, done = press("{enter}", gone, state)
        assert (state.message.text if state.message else "", done) == (GONE, ()), "nor into another one"


@pytest.mark.parametrize("typed", ["move 3", "hand over 2", "guests 4", "move 1 tea to asha", "merge ashok"])
def test_an_act_on_a_table_that_is_gone_is_done_on_no_other(typed: str) -> None:
    state, _calls = press(typed, facts(), TablesState(marked=TABS[1].session_id))
    left = facts((TABS[0], *TABS[2:]))
    for _enter in range(2):
        state, calls = press("{enter}", left, state)
        assert (state.message.text if state.message else "", calls) == (GONE, ())
    state, calls = press("{down}{enter}", left, state)
    assert GONE not in (state.message.text if state.message else "")


def test_an_order_is_not_saved_back_to_a_table_in_place_of_one_that_is_gone() -> None:
    left = facts((TABS[0], *TABS[2:]), own=TABS[0], order=KEYED)
    assert press("{enter}", left, TablesState(marked=TABS[1].session_id))[1] == ()


@pytest.mark.parametrize("of", ["9", "ash", "2"])
def test_a_merge_that_is_refused_asks_nothing_first(of: str) -> None:
    assert press(f"merge {of}{{enter}}", facts())[1] == (call(TablesActs.carry_out, TabAct("merge", of), TABS[0]),)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("merge asho", "Enter merges Ashok into table 2: one bill."),
        ("merge 9", "No table 9 is open."),
        ("merge 2", "Table 2 is the marked one. Choose another."),
        ("merge ash", "2 tables are like ash: type the whole name."),
        ("move 2 tea to 9", "No table 9 is open."),
        ("move 2 tea to asha", "Enter moves 2 tea from table 2 to Asha."),
        ("move 3", "Enter moves table 2 to table 3."),
        ("move 5 to 3", "Enter moves table 5 to table 3."),
        ("move table 5 to table 3", "Enter moves table 5 to table 3."),
        ("move 3 to 4", "Table 3 is free. Mark an open one (↑ ↓), then type that."),
        ("move 77 to 4", "No table 77 is open."),
        ("at 21:15", "Enter shows table 2 as it was at 21:15."),
        ("hand over 1", "Enter hands table 2 over to Asha."),
        ("hand over 7", "Enter hands table 2 over to number 7."),
        ("hand over asha", "Add a number, as in “hand over 2”."),
        ("guests 4", "Enter: 4 guests sit at table 2."),
        ("guests four", "Add a number, as in “guests 4”."),
    ],
)
def test_words_promise_what_their_enter_does_and_no_more(words: str, message: str) -> None:
    state, _calls = press(words, facts())
    answer = tables_views(state, facts(), StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text == message


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({}, True),
        ({"paid": Minor(1_000)}, False),
        ({"since": KEYED.updated_at + timedelta(seconds=1)}, False),  # a line was replaced by one of the same price
        ({"since": KEYED.updated_at - timedelta(seconds=1)}, True),
    ],
)
def test_copy_of_an_order_is_the_newest_until_another_till_writes(change: dict[str, Any], is_same: bool) -> None:
    listed = replace(TABS[0], lines=1, total=KEYED.total, since=KEYED.updated_at)
    assert is_newest(KEYED, replace(listed, **change)) is is_same


def test_the_order_of_a_tab_goes_back_to_it() -> None:
    given = facts(order=KEYED, own=TABS[1])
    assert press("{enter}", given)[1] == (call(TablesActs.save_order, ""),)
    assert press("5{enter}", given)[1] == (call(TablesActs.save_order, ""),)
    assert press("2{enter}", given)[1] == (call(TablesActs.add_to, TABS[0]),)
    assert press("5{tab}", given)[1] == (), "it is that bill itself"


def test_the_coming_total_of_the_table_stands_large_and_in_words() -> None:
    given = facts((tab("table 5", lines=1, items=(TabItem("idly", "Idly", 1, "40.00", "40.00"),)),), order=KEYED)
    state, _calls = press("5", given)
    views = tables_views(state, given, StatusView("", ""))
    assert views["total"].figure.figure == "100.00"
    assert views["entry"].answer is not None
    assert views["entry"].answer.text == "Enter adds 1 line, ₹60.00 to table 5: total ₹100.00."
    assert views["keys"].primary is not None
    assert views["keys"].primary.word == "Add to table 5 60.00"


def test_words_need_a_mark_and_say_so() -> None:
    state, calls = press("guests 4{enter}", facts((), venue=VENUE))
    assert calls == ()
    assert state.message is not None
    assert state.message.text.startswith("On which one?")


def test_a_tab_that_till_2_may_have_open_is_waited_for() -> None:
    theirs = replace(TABS[0], till=2)
    assert press("2{enter}", facts((theirs,), is_listed=False))[1] == (
        call(TablesActs.press_once_listed, KeyPress("enter")),
    )
    assert press("2{enter}", facts((TABS[0],), is_listed=False))[1] == (call(TablesActs.recall, TABS[0]),), (
        "that one is here"
    )
    state, calls = press("{enter}", facts((theirs,), is_listed=False))
    assert (state.marked, calls) == (theirs.session_id, (call(TablesActs.press_once_listed, KeyPress("enter")),))
    state, calls = press("{enter}", facts((TABS[2],)), state)
    assert calls == (), "another one than was marked is not taken in its place"
    assert state.message is not None
    assert state.message.text.startswith("That one is no longer open.")


def test_the_mark_stays_on_an_order_that_moved_to_another_table() -> None:
    state, calls = press("{down}{up}", facts(TABS[:2]))
    assert (marked_place(state, facts(TABS[:2])) or Place("", "", "", None)).tab == TABS[0]
    moved = replace(TABS[0], tab_id="another", name="table 6")
    shown = facts((moved, TABS[1]))
    state, calls = press("{enter}", shown, state)
    assert calls == (call(TablesActs.recall, moved),)


@pytest.mark.parametrize("minutes", [0, 5, 29, 30])
def test_open_too_long_is_as_the_venue_says_and_a_sign_beside_the_colour(minutes: int) -> None:
    given = facts((TABS[0],), venue=replace(VENUE, tables=(), settings=VenueSettings(tab_minutes=minutes)))
    (column,) = tables_views(TablesState(), given, StatusView("", ""))["plan"].columns
    age = column[2].table.age if column[2].table else None
    assert age is not None
    assert (age.mark is not None) is (0 < minutes <= 30)


@pytest.mark.parametrize(("minutes", "message"), [(0, "0 min"), (59, "59 min"), (60, "1 h 00"), (125, "2 h 05")])
def test_an_age_is_shown_in_minutes_and_hours(minutes: int, message: str) -> None:
    assert age_text(timedelta(minutes=minutes)) == message


def test_parts_of_the_room_have_heads_in_a_narrow_window_where_those_take_no_further_page() -> None:
    given = facts(room=CLOSE)
    heads = [[cell.title for cell in column if cell.title] for column in columns(TablesState(), given, _shown(given))]
    assert heads == [["Hall", "Terrace"], ["By name"]]
    many = facts((*TABS, *(tab(f"guest {n}") for n in range(22))), room=CLOSE)
    found = columns(TablesState(), many, _shown(many))
    assert (len(found), [cell for column in found for cell in column if cell.title]) == (3, [])


def _shown(given: TablesFacts) -> tuple[Place, ...]:
    return places(TablesState(), given)


@given(
    st.integers(0, 90), st.integers(0, 60), st.integers(0, 20),
    st.sampled_from([WIDE, CLOSE, TableGrid(4, 40, wide=True)]),
    st.lists(st.sampled_from(["{up}", "{down}", "{left}", "{right}", "{pageup}", "{pagedown}", "{f8}"]), max_size=12),
)  # fmt: skip
def test_every_table_stands_once_and_the_mark_is_always_in_sight(
    free: int, open_: int, named: int, room: TableGrid, moves: list[str]
) -> None:
    tables = tuple(VenueTable(n, 2, ("Hall", "Terrace", "")[n % 3]) for n in range(1, free + 1))
    tabs = [*(tab(f"table {n}", n) for n in range(1, open_ + 1)), *(tab(f"guest of {n}x", n) for n in range(named))]
    given = facts(tabs, venue=replace(VENUE, tables=tables), room=room)
    state, _calls = press("".join(moves), given)
    shown = places(state, given)
    found = columns(state, given, shown)
    assert sorted(cell.place for column in found for cell in column if cell.place >= 0) == list(range(len(shown)))
    assert all(len(column) <= room.rows + (2 if room.wide else 0) for column in found)
    at = marked_place(state, given)
    if at is None:
        return
    place = shown.index(at)
    page, pages = page_of(found, room, place)
    here = found[page * room.columns : (page + 1) * room.columns]
    assert page < pages
    assert any(cell.place == place for column in here for cell in column)
