"""The reducer of the sell screen: the state after a key, and its effects. No app, no register."""

from __future__ import annotations

import inspect
import re
import tomllib
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tests.tui.playing import char_of
from till.cli.demo_venue import demo_reference
from till.domain import structs
from till.domain.catalogue.menu import Item, read_menu
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Price4, Thousandths
from till.domain.order.line import Line, make_row
from till.domain.order.selling import ItemEntry
from till.domain.venue import read_venue
from till.register.answers import Answers
from till.register.other_tills.news import OrderTaken
from till.register.quick_entry import vocabulary as vocabulary_module
from till.register.quick_entry.intents import AddItem
from till.register.quick_entry.language import PHRASES, phrases_of
from till.register.quick_entry.lookup import Lookup
from till.register.quick_entry.vocabulary import shipped_vocabulary
from till.register.words.every import WORDS
from till.register.words.word import MarkedRow, Needs
from till.tui.drawing.viewmodels import KeyView, LineView
from till.tui.screens.sell import acts, saying
from till.tui.screens.sell.commands import (
    BY_NAME,
    TABLE,
    Calls,
    Opens,
    commands_of_venue,
    found_by,
    help_rows,
    make_keymap,
    of_words,
)
from till.tui.screens.sell.order_lines import ShownLine
from till.tui.screens.sell.presenter import keys_view
from till.tui.screens.sell.reduce import reduce
from till.tui.screens.sell.state import (
    Asking,
    Choosing,
    Commanded,
    Picked,
    PriceOf,
    QuantityOf,
    RegisterRefused,
    SellFacts,
    SellState,
    ShowingOrder,
    Typing,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.register.words.word import Word
    from till.tui.screens.sell.commands import ScreenCommand
    from till.tui.screens.sell.host import SellCall

#: The patterns of each vocabulary as they are written.
PATTERNS = {
    one.stem: tomllib.loads(one.read_text(encoding="utf-8"))
    for one in Path(vocabulary_module.__file__).with_name("vocabularies").glob("*.toml")
}
_REFERENCE = demo_reference()
_VENUE = read_venue(_REFERENCE["settings"])
_MENU = read_menu(_REFERENCE["menu"], _VENUE.terms.currency)
_FORMATS = Formats(_VENUE.terms.currency, marks_of(_VENUE.settings.locale))
FACTS = SellFacts(
    user=1,
    menu=_MENU,
    lookup=Lookup(_MENU),
    venue=_VENUE,
    formats=_FORMATS,
    answers=Answers(_FORMATS),
    keymap=make_keymap(),
    now=datetime(2026, 3, 3, 10, 31, tzinfo=UTC),
)
NAMED: Any = MappingProxyType({name: item for item in _MENU.items for name in [item.name]})
_LINE = Line("line", _VENUE.terms, NAMED["Idly"].id, "Idly", 1, NAMED["Idly"].price4)
SHOWN = ShownLine.of(make_row((_LINE,)), LineView("Idly", "40.00"))
_MIXTURE = Item("mixture", "Mixture", "sweets", Price4(4_000_000), "", plu=91, unit="kg")
_SHOP = structs.replace(_MENU, items=(*_MENU.items, _MIXTURE))
SHOP = replace(FACTS, menu=_SHOP, lookup=Lookup(_SHOP))


def press(state: SellState, *names: str, facts: SellFacts = FACTS) -> tuple[SellState, list[SellCall]]:
    """Press keys one after another; return the state and the calls, except the saving of each letter."""
    asked: list[SellCall] = []
    for name in names:
        state, effects = reduce(state, KeyPress(name, char_of(name)), facts)
        asked += [one for one in effects if one.act is not acts.keep_typed]
    return state, asked


def typed(text: str, state: SellState | None = None) -> SellState:
    return replace(state or SellState(), entry=EntryLine.of(text))


def message_of(state: SellState) -> str:
    return state.message.text if state.message else ""


def test_every_change_of_the_entry_is_written_down() -> None:
    _state, effects = reduce(SellState(), KeyPress("2", "2"), FACTS)
    assert effects == (call(acts.keep_typed, "2", refused=False),)


def test_an_entry_is_marked_before_it_is_keyed_and_cleared_after() -> None:
    state, effects = reduce(typed("2 idly"), KeyPress("enter"), FACTS)
    assert effects == (
        call(acts.mark_sending, "2 idly"),
        call(acts.add, ItemEntry(NAMED["Idly"], 2)),
        call(acts.keep_typed, "", refused=False),
    )
    assert state.entry.text == ""


def test_an_entry_refused_by_the_register_comes_back_to_be_typed_over() -> None:
    sent, _effects = reduce(typed("2 idly"), KeyPress("enter"), FACTS)
    state, effects = reduce(sent, RegisterRefused("The disk is full."), FACTS)
    assert (state.entry, message_of(state)) == (EntryLine.offer("2 idly"), "The disk is full.")
    assert effects == (call(acts.keep_typed, "2 idly", refused=True),)


def test_a_refusal_to_write_down_what_is_typed_restores_nothing() -> None:
    sent, _effects = reduce(typed("2 idly"), KeyPress("enter"), FACTS)
    state, effects = reduce(sent, RegisterRefused("The disk is full.", restores=False), FACTS)
    assert (state.entry.text, effects) == ("", ())


def test_a_refusal_at_a_later_key_does_not_bring_back_what_was_keyed() -> None:
    sent, _asked = press(typed("2 idly"), "enter", "up")
    state, _effects = reduce(sent, RegisterRefused("No."), FACTS)
    assert state.entry.text == ""


def test_an_unknown_item_asks_nothing_of_the_register() -> None:
    state, asked = press(typed("xyzzy"), "enter")
    assert asked == []
    assert state.entry == EntryLine.offer("xyzzy")
    assert message_of(state).startswith("“xyzzy” is not on the menu.")


@pytest.mark.parametrize(
    ("digits", "stays"), [("999", True), ("9999", False), ("123456789012", False), ("1" * 13, True)]
)
@pytest.mark.parametrize("lock", [None, "Card is being taken."])
def test_digits_that_can_be_a_pin_are_cleared_if_no_item_has_them(
    digits: str, lock: str | None, *, stays: bool
) -> None:
    state, _asked = press(typed(digits), "enter", facts=replace(FACTS, lock=lock))
    assert state.entry.text == (digits if stays else "")
    assert digits not in message_of(state)


def test_more_pieces_than_likely_are_asked_back_once() -> None:
    state, asked = press(typed("300 idly"), "enter")
    assert (asked, message_of(state)) == ([], "300 × Idly, ₹12,000.00? Enter again keys it.")
    _state, asked = press(state, "enter")
    assert asked == [call(acts.mark_sending, "300 idly"), call(acts.add, ItemEntry(NAMED["Idly"], 300))]
    _state, asked = press(press(state, "end")[0], "enter")
    assert asked == []  # another key came between


def test_candidates_are_chosen_by_a_digit_and_enter() -> None:
    state, asked = press(typed("2 soda"), "enter")
    assert isinstance(state.mode, Choosing)
    assert asked == [call(acts.mark_sending, "2 soda")]
    state, asked = press(state, "1", "enter")
    assert asked == [call(acts.add, ItemEntry(NAMED["Lime Soda"], 2))]
    assert isinstance(state.mode, Typing)


def test_the_only_item_that_is_near_is_keyed_by_the_next_enter() -> None:
    state, asked = press(typed("3 cofee"), "enter")
    assert message_of(state) == "No “cofee”; near it: 1 Filter Coffee 30.00"
    assert asked == [call(acts.mark_sending, "3 cofee")]
    assert keys_view(state, FACTS, state.mode).primary == KeyView("Enter", "Key it")
    assert press(state, "enter")[1] == [call(acts.add, ItemEntry(NAMED["Filter Coffee"], 3))]


@pytest.mark.parametrize("keys", [("2", " ", "t"), ("3",), ("x",)])
def test_typing_on_over_candidates_takes_the_question_back(keys: tuple[str, ...]) -> None:
    asking, _asked = press(typed("soda"), "enter")
    state, asked = press(asking, *keys)
    assert isinstance(state.mode, Typing)
    assert (state.entry.text, asked) == ("".join(keys), [])


@pytest.mark.parametrize(
    "keys",
    [("f9",), ("1", "f9"), ("f8",), ("f12",), ("down", "f9"), ("c", "backspace", "f9")]
    + [(*words, "enter") for words in ("cash 100", "card", "pay", "table 6", "log out", "no sugar")],
)
def test_nothing_but_an_item_replaces_the_question_which_item_is_meant(keys: tuple[str, ...]) -> None:
    facts = replace(FACTS, lines=(SHOWN,))
    asking, _asked = press(typed("2 badam"), "enter", facts=facts)
    choosing = asking.mode
    assert isinstance(choosing, Choosing)
    state, asked = press(asking, *keys, facts=facts)
    assert asked == [call(acts.ask_which, choosing.asked, "Badam: which one?", "2 badam", again=True)]
    assert (state.over, state.entry.text) == (choosing, "")
    answered, calls = reduce(state, Picked(choosing.asked, 0, "2 badam"), facts)
    added = call(acts.add, ItemEntry(NAMED["Badam Milk"], 2))
    words = "".join(keys[:-1]) if keys[-1] == "enter" else ""
    assert list(calls) == [added, *([call(acts.tell_left_out, words)] if words else [])]
    assert answered.left_out == ""
    assert acts.ask_which not in [one.act for one in press(state, "escape", "f9", facts=facts)[1]]


def test_help_leaves_the_question_which_item_is_meant() -> None:
    asking, _asked = press(typed("2 badam"), "enter")
    state, asked = press(asking, "f1")
    assert (state.mode, message_of(state), asked[0].act) == (asking.mode, message_of(asking), acts.show_help)


def test_an_item_that_replaces_the_question_leaves_its_words_out() -> None:
    state, asked = press(typed("2 badam"), "enter", *"idly", "enter")
    added = call(acts.add, ItemEntry(NAMED["Idly"], 1))
    assert asked[1:] == [call(acts.mark_sending, "idly"), added, call(acts.tell_left_out, "2 badam")]
    assert acts.ask_which not in [one.act for one in press(state, "f9")[1]]


def test_a_pick_that_is_refused_brings_back_what_was_typed_for_it() -> None:
    asking, _asked = press(typed("3 bajji"), "enter")
    assert isinstance(asking.mode, Choosing)
    state, _effects = reduce(asking, Picked(asking.mode.asked, 0, "3 bajji"), FACTS)
    state, _effects = reduce(state, RegisterRefused("Not now."), FACTS)
    assert state.entry == EntryLine.offer("3 bajji")


def test_more_candidates_than_the_answer_has_room_for_are_asked_on_a_sheet() -> None:
    _state, asked = press(typed("dosa"), "enter", facts=replace(FACTS, answer_cells=20))
    assert (asked[1].act, asked[1].values[-1]) == (acts.ask_which, "dosa")


def asking_price() -> SellState:
    item = next(item for item in _MENU.items if item.price4 is None)
    return SellState(mode=Asking("Price?", "Set the price", PriceOf(AddItem(item, 2)), aside=EntryLine.of("te")))


def test_an_open_price_is_asked_for_and_what_was_typed_comes_back() -> None:
    state, asked = press(asking_price(), *"12.50", "enter")
    assert next(one.values[0].price4 for one in asked if one.act is acts.add) == 125_000
    assert (state.entry.text, state.mode) == ("te", Typing())


@pytest.mark.parametrize("entry", ["mixture", "250 mixture", "mixture 250", "91"])
def test_a_weight_is_asked_for_as_an_open_price_is(entry: str) -> None:
    state, asked = press(typed(entry), "enter", facts=SHOP)
    assert (asked, message_of(state)) == (
        [call(acts.mark_sending, entry)],
        "What does Mixture weigh? For example 0.250 kg.",
    )
    state, asked = press(state, *"0.250", "enter", facts=SHOP)
    assert asked == [call(acts.add, ItemEntry(_MIXTURE, measure=Thousandths(250)))]
    assert (state.entry.text, state.mode) == ("", Typing())


def test_a_weight_beyond_the_likely_is_asked_back_once() -> None:
    state, asked = press(press(typed("mixture"), "enter", facts=SHOP)[0], *"250", "enter", facts=SHOP)
    assert (asked, message_of(state)) == ([], "250.000 kg × Mixture, ₹1,00,000.00? Enter again keys it.")
    assert isinstance(state.mode, Asking)
    _state, asked = press(state, "enter", facts=SHOP)
    assert asked == [call(acts.add, ItemEntry(_MIXTURE, measure=Thousandths(250_000)))]


@pytest.mark.parametrize(
    ("entry", "question"),
    [
        ("25 kg mixture", "25.000 kg × Mixture, ₹10,000.00? Enter again keys it."),
        ("90 mysore pak 250 g", "90 × Mysore Pak 250 g, ₹16,200.00? Enter again keys it."),
        ("sundry 50000", "1 × Sundry, ₹50,000.00? Enter again keys it."),
        ("2 tea, 90 mysore pak 250 g", "90 × Mysore Pak 250 g, ₹16,200.00? Enter again keys it."),
    ],
)
def test_an_entry_worth_more_than_the_likely_is_asked_back(entry: str, question: str) -> None:
    state, asked = press(typed(entry), "enter", facts=SHOP)
    assert (asked, message_of(state)) == ([], question)


@pytest.mark.parametrize("entry", ["20 tea", "20 masala dosa", "-99 deposit", "2 kg mixture", "sundry 500"])
def test_a_likely_entry_is_not_asked_back(entry: str) -> None:
    _state, asked = press(typed(entry), "enter", facts=FACTS if "mixture" not in entry else SHOP)
    assert [one.act for one in asked] == [acts.mark_sending, acts.add]


def test_f6_asks_for_the_weight_of_what_is_weighed() -> None:
    line = structs.replace(_LINE, id="weighed", name="Mixture", measure=Thousandths(250), unit="kg")
    shown = ShownLine.of(make_row((line,)), LineView("Mixture", "100.00"))
    facts = replace(SHOP, lines=(shown,))
    state, _asked = press(SellState(), "f6", facts=facts)
    assert message_of(state) == "What does Mixture weigh? Here: 0.250 kg."
    _state, asked = press(state, *"0.350", "enter", facts=facts)
    assert asked == [call(acts.weigh, "weighed", Thousandths(350))]


def test_an_invalid_price_leaves_the_question() -> None:
    state, asked = press(asking_price(), *"much", "enter")
    assert isinstance(state.mode, Asking)
    assert (state.entry, asked) == (EntryLine.offer("much"), [])
    state, _asked = press(state, "escape")
    assert (state.entry.text, message_of(state)) == ("te", "Nothing changed.")


@pytest.mark.parametrize("answer", ["x", "", "1.5", "1234567"])
def test_an_invalid_quantity_is_refused(answer: str) -> None:
    asking = SellState(mode=Asking("How many?", "Set quantity", QuantityOf(SHOWN)))
    state, asked = press(asking, *answer, "enter")
    assert isinstance(state.mode, Asking)
    assert asked == []


def test_a_quantity_beyond_the_likely_is_asked_back_once() -> None:
    asking = SellState(mode=Asking("How many?", "Set quantity", QuantityOf(SHOWN)))
    state, asked = press(asking, *"500", "enter")
    assert (asked, message_of(state)) == ([], "500 × Idly, ₹20,000.00? Enter again keys it.")
    _state, asked = press(state, "enter")
    assert asked == [call(acts.change_quantity, SHOWN.line_id, 500)]


def test_a_command_does_not_interrupt_a_question() -> None:
    state, asked = press(asking_price(), "f9")
    assert (asked, message_of(state)) == ([], "Answer first, or press Esc; then F9. Price?")


def test_a_takeover_ends_the_question_and_keeps_what_was_typed() -> None:
    state, _effects = reduce(asking_price(), OrderTaken("s", "Till 2 has it."), FACTS)
    assert (state.mode, state.entry.text, message_of(state)) == (Typing(), "te", "Till 2 has it.")


LOCKED = replace(FACTS, lock="Till 2 has it.")


def test_a_locked_order_takes_no_entry_and_esc_leaves_it_with_what_was_typed() -> None:
    state = typed("tea", SellState(session_id="order"))
    refused, asked = press(state, "enter", facts=LOCKED)
    assert (asked, message_of(refused)) == ([], "Till 2 has it.")
    left, _asked = press(state, "escape", facts=LOCKED)
    assert (left.session_id, left.entry.text) == (None, "tea")


@pytest.mark.parametrize("command", [command.name for command in TABLE if command.is_about_order])
def test_a_locked_order_takes_no_command_that_is_about_it(command: str) -> None:
    state, effects = reduce(SellState(session_id="order"), Commanded(command), LOCKED)
    assert (effects, message_of(state)) == ((), "Taken over: Esc starts a new order.")


@pytest.mark.parametrize(
    ("key", "made"),
    [
        ("f12", call(acts.log_out)),
        ("f5", call(acts.open_waiting)),
        ("f4", call(acts.open_menu)),
        ("f8", call(acts.open_tables, "")),
        ("ctrl+z", call(saying.say_word, "undo")),
    ],
)
def test_a_key_asks_for_its_command(key: str, made: SellCall) -> None:
    assert press(SellState(), key)[1] == [made]


@pytest.mark.parametrize("command", [one for one in TABLE if isinstance(one.act, Calls)], ids=lambda one: one.name)
def test_the_fields_of_a_phrase_are_the_arguments_of_its_act(command: ScreenCommand) -> None:
    assert isinstance(command.act, Calls)
    intent = command.intent
    fields = dict.fromkeys(intent.__struct_fields__) if intent is not None else {}
    signature = inspect.signature(getattr(import_module(command.act.module or acts.__name__), command.act.act))
    signature.bind("scene", **fields)
    if command.keys or command.name in FACTS.lookup.words.commands:
        signature.bind("scene")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_phrase_without_an_intent_is_a_declared_word_that_takes_its_slots(language: str) -> None:
    vocabulary = shipped_vocabulary(language)
    for name in set(phrases_of(vocabulary)) - PHRASES.keys():
        slots = re.findall(r"{(\w+)}", " ".join(PATTERNS[language]["phrases"][name]))
        inspect.signature(WORDS[name].act).bind("register", "order", 1, **dict.fromkeys(slots, ""))
        inspect.signature(WORDS[name].act).bind("register", "order", 1)


@pytest.mark.parametrize(
    ("entry", "made"),
    [
        ("tickets table 4", call(saying.say_word, "tickets", name="4")),
        ("tickets", call(saying.say_word, "tickets")),
        ("hold off", call(saying.say_word, "hold_off")),
        ("this to go", call(saying.say_word, "this_take_away", "line")),
    ],
)
def test_a_declared_word_is_called_with_its_line_and_its_slots(entry: str, made: SellCall) -> None:
    _state, asked = press(typed(entry), "enter", facts=replace(FACTS, lines=(SHOWN,)))
    assert made in asked
    inspect.signature(saying.say_word).bind("scene", *made.values, **dict(made.named))


@pytest.mark.parametrize("declared", WORDS.values(), ids=WORDS)
def test_a_declared_word_takes_what_it_needs_and_an_approval_if_it_asks(declared: Word[Any, ..., Any]) -> None:
    given = inspect.signature(declared.act).parameters
    assert (list(given.values())[1].annotation == MarkedRow.__name__) is (declared.needs is Needs.LINE)
    assert ("approval" in given) is bool(declared.asks)


def test_each_declared_word_has_a_phrase_or_a_command() -> None:
    english = shipped_vocabulary("en")
    assert WORDS.keys() <= english.phrases | english.commands | {"seat"}  # which is read beside an item too


@pytest.mark.parametrize("opens", [one.act for one in TABLE if isinstance(one.act, Opens)], ids=lambda one: one.sheet)
def test_a_command_opens_a_sheet_that_is_there(opens: Opens) -> None:
    inspect.signature(getattr(import_module(opens.module), opens.sheet)).bind("controller", "scene")


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("f9", "There are no lines yet. Type an item, then Enter."),
        ("f6", "There are no lines yet. Type an item, then Enter."),
        ("f7", "There is no line to void."),
        ("ctrl+x", "There are no lines yet. Type an item, then Enter."),
        ("ctrl+o", "Conflicts and records are for a manager: log in as one."),
        ("ctrl+n", "No sale since this till was opened. F10 shows earlier ones."),
        ("ctrl+q", "Log out first (F12); the login screen closes the till."),
    ],
)
def test_a_command_that_cannot_act_says_why(key: str, why: str) -> None:
    state, asked = press(SellState(), key)
    assert (asked, message_of(state)) == ([], why)


def test_a_letter_and_delete_are_no_command_while_something_is_typed() -> None:
    state, asked = press(typed("te"), "delete", "question_mark")
    assert asked == []
    assert state.entry.text == "te?"


def test_tab_takes_the_suggestions_one_after_another() -> None:
    first, _asked = press(typed("2 do"), "tab")
    second, _asked = press(first, "tab")
    assert (first.entry.text, second.entry.text) == ("2 Masala Dosa", "2 Plain Dosa")


def test_esc_puts_away_what_was_read_but_not_what_nobody_saw() -> None:
    state = SellState(message=plain("Paid on Till 2."))
    assert press(state, "escape")[1] == []
    assert press(state, "escape", facts=replace(FACTS, was_read=True))[1] == [call(acts.mark_read, "Paid on Till 2.")]


def test_every_word_of_a_command_is_understood_and_leads_to_it() -> None:
    vocabulary = FACTS.lookup.words
    for command in TABLE:
        for words in vocabulary.words_of(command.name):
            assert of_words(words.upper(), vocabulary) is command
    assert vocabulary.commands <= BY_NAME.keys()


def test_a_key_that_is_no_command_says_so() -> None:
    for key, name in (("f13", "F13"), ("f14", "F14")):
        state, asked = press(typed("te"), key)
        assert (asked, message_of(state)) == ([], f"{name} does nothing here. F1 lists the keys.")
        assert state.entry.text == "te"


def test_f2_is_the_note_and_f3_the_discount() -> None:
    owners = {key: command.name for command in TABLE for key in command.keys}
    assert (owners["f2"], owners["ctrl+y"], owners["ctrl+z"]) == ("note", "order_type", "undo")
    assert owners["f3"] == "discount"


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        ("undo", ["undo"]),
        ("cancel", ["clear", "void"]),
        ("delete", ["void", "clear"]),
        ("log out", ["log_out"]),
        ("reprint", ["tickets", "print"]),
        ("recall", ["tabs", "waiting"]),
        ("Tables", ["tabs"]),
        ("waiting orders", ["waiting"]),
    ],
)
def test_a_command_is_found_by_what_people_call_it(looked_for: str, found: list[str]) -> None:
    assert [
        command.name for command in found_by(looked_for, FACTS.lookup.words, commands_of_venue(_VENUE.tabs))
    ] == found


@pytest.mark.parametrize(("command", "name"), [("waiting", "Waiting orders"), ("tabs", "Tables")])
def test_a_command_has_one_name_in_the_list_the_help_and_the_bar(command: str, name: str) -> None:
    one = next(one for one in commands_of_venue(_VENUE.tabs) if one.name == command)
    bar = one.in_bar.shows(SellState(), replace(FACTS, waiting=2)) if one.in_bar else None
    assert one.in_help is not None
    assert bar is not None
    assert (one.title, one.in_help.does, bar.word.removesuffix(" 2")) == (name, name, name)


def test_every_command_with_a_key_says_in_the_help_what_it_does() -> None:
    silent = [one.name for one in TABLE if one.keys and one.in_help is None]
    assert silent == ["help", "close"]


def test_the_help_begins_with_the_ten_commonest_keys() -> None:
    does = [row[1] for row in help_rows(FACTS.keymap, commands_of_venue(_VENUE.tabs), "2 idly")]
    assert does[:10] == [
        "Key an item", "Pay", "Choose a line", "Quantity of the line", "Void the line", "Undo the last act", "Tables",
        "Note on line or order", "Menu", "Log out",
    ]  # fmt: skip
    assert does[-3:] == ["Conflicts and records", "Skip a record", "Voids and comps today"]


@pytest.mark.parametrize(("name", "example"), [("Cola", "2 cola"), ("Croissant with almonds", "2 1"), ("", "2 idly")])
def test_the_first_row_of_the_help_keys_an_item_of_this_menu(name: str, example: str) -> None:
    items = (replace(_MENU.items[0], name=name, plu=1),) if name else ()
    _state, calls = press(SellState(), "f1", facts=replace(FACTS, menu=replace(_MENU, items=items)))
    assert calls[0].values[0][0][:2] == (f"{example}, Enter", "Key an item")


@pytest.mark.parametrize("manages", [False, True])
def test_help_and_list_leave_out_what_only_a_manager_needs_now(manages: bool) -> None:
    facts = replace(FACTS, manages=manages)
    _state, (helped,) = press(SellState(), "f1", facts=facts)
    _state, (listed,) = press(SellState(), "ctrl+p", facts=facts)
    keys, found = {row[0] for row in helped.values[0]}, {command.name for command in listed.values[0]("")}
    assert ("Ctrl+O or Shift+F10" in keys, "conflicts" in found) == (manages, manages)
    assert ("Ctrl+U or Shift+F7" in keys, "set_aside" in found) == (False, False)


def test_a_receipt_asks_nobody_for_a_score() -> None:
    assert BY_NAME["feedback"].in_bar is None


def test_every_key_is_of_one_command() -> None:
    keys = [key for command in TABLE for key in command.keys]
    assert {key for key in keys if keys.count(key) > 1} == set()


def test_every_name_stands_once_in_the_table() -> None:
    names = [command.name for command in TABLE]
    assert len(names) == len(set(names))


def test_a_minus_before_a_line_is_marked_may_begin_a_return() -> None:
    state, asked = press(SellState(), "minus")
    assert asked == []
    assert isinstance(state.pane, ShowingOrder)
