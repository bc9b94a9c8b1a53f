"""Every word and key of tables, tabs and splits is in a row of `test_played.py`: a new one fails here until it is."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.terminal import KEYS
from tests.e2e.test_played import ROWS
from tests.e2e.two_tills import At, Reads, Server, Tabs
from till.register.quick_entry.vocabulary import shipped_vocabulary
from till.tui.screens import notices
from till.tui.screens.sell.commands import BY_NAME, make_keymap
from till.tui.screens.split import reduce as split
from till.tui.screens.tabs import reduce as tables
from till.tui.screens.tabs import typed_acts
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.two_tills import Row
    from till.tui.shell.key_table import KeyTable

WORDS: Final = shipped_vocabulary("en")
#: Sentences and commands that are about one till's order alone. Any other is played on two.
ALONE: Final = frozenset(
    [
        "this_take_away",
        "this_dine_in",
        "this_as_order",
        "menu",
        "cart",
        "pay",
        "cash",
        "card",
        "upi",
        "voucher",
        "account",
        "tip",
        "price",
        "percent_off",
        "percent_off_order",
        "amount_off",
        "amount_off_order",
        "discount",
        "discount_order",
        "comp",
        "staff_meal",
        "take_away",
        "dine_in",
        "sales",
        "was",
        "customer",
        "sold_out",
        "back",
        "more_of_it",
        "more",
        "less_of_it",
        "less",
        "unclear",
        "off",
        "without",
        "wish",
        "note",
        "quantity",
        "conflicts",
        "set_aside",
        "voids",
        "order_type",
        "receipt",
        "print",
        "print_receipt",
        "gift_receipt",
        "combo",
        "print_bill",
        "no_receipt",
        "feedback",
        "invoice",
        "no_invoice",
        "send",
        "tickets",
        "contains",
        "hold",
        "hold_off",
        "help",
        "commands",
        "close",
        "drawer",
        "count_form",
        "move_cash",
        "no_sale",
        "change",
        "x_report",
        "close_shift",
        "float",
        "count",
        "paid_out",
        "paid_in",
        "safe_drop",
        "bank_deposit",
        "wages",
        "tips_paid_out",
        "private_in",
        "private_out",
        "pay_off",
        "sell_voucher",
        "z",
        "delivered",
        "wasted",
        "stock",
        "put_back",
        "stocktake",
        "add",
        "take_off",
        "which",
        "add_all",
        "one_more",
        "one_less",
        "was_paid",
    ]
)
#: For each key of a screen, in the order of its table: what a row presses of it, and a part of that row's name.
SCREENS: Final[dict[str, tuple[KeyTable[Any, Any, Any], tuple[tuple[str, str], ...]]]] = {
    "tables": (
        tables.KEYS,
        (
            ("f1", "F1 tells its words"),
            ("enter", "F8 and Enter recall what is marked"),
            ("down", "arrows mark where F8 saves"),
            ("right", "arrows mark where F8 saves"),
            ("tab", "Tab makes a bill of its own"),
            ("f8", "F8 turns the list"),
            ("pagedown", "arrows mark where F8 saves"),
            ("escape", "F1 tells its words"),
            ("escape", "going back from the question"),
            ("f12", "F12 logs out from it"),
        ),
    ),
    "split": (
        split.KEYS,
        (
            ("f1", "“pay items”: arrows"),
            ("1", "split by piece"),
            ("+", "M moves a guest's pieces"),
            ("0", "split with a share"),
            ("m", "M moves a guest's pieces"),
            ("4", "split in even parts"),
            ("1", "pay by items"),
            ("-", "“pay items”: arrows"),
            ("right", "split by seat"),
            ("i", "without the server lines stay"),
            ("down", "“pay items”: arrows"),
            ("backspace", "split by piece"),
            ("backspace", "“pay items”: arrows"),
            ("enter", "split by piece"),
            ("f9", "“pay items”: arrows"),
            ("enter", "split in even parts"),
            ("enter", "pay by items"),
            ("enter", "split by amount"),
            ("escape", "split in even parts"),
            ("escape", "split in even parts"),
            ("escape", "split by piece"),
        ),
    ),
    "a split's bill to move to": (
        split._MOVING,
        (("f1", "M moves a guest's pieces"), ("escape", "M moves a guest's pieces"), ("enter", "M moves a guest's")),
    ),
    "notices": (
        notices.KEYS,
        (
            ("f1", "two tabs of one name"),
            ("down", "two tabs of one name"),
            ("1", "two tabs of one name"),
            ("enter", "two tabs of one name"),
            ("enter", "two tabs of one name"),
            ("f7", "a tab of another till is rung again"),
            ("f8", "two tabs of one name"),
            ("escape", "two tabs of one name"),
        ),
    ),
}
#: The keys of sheets, whose rows depend on what they ask about.
SHEETS: Final = (
    ("takeover", "t v n escape down", "takes over|take it over|F5 lists"),
    ("view", "escape enter", "take it over"),
    ("ring again", "r escape", "is rung again without the server"),
    ("waiting orders", "1 enter escape", "F5"),
    ("bookings", "enter backspace down escape", "of a booking"),
)
#: The keys that the harness presses by name, by the characters that it may type for them.
_TYPED: Final = {"enter": "\r"}
#: Longer ones are sentences, whose characters are no keys.
_SHORT: Final = 4
_FACTS: Final = SimpleNamespace(keymap=make_keymap())


def rows_called(part: str) -> list[Row]:
    """Return the rows with this pattern in their names."""
    return [row for row in ROWS if re.search(part, row.name)]


def pressed(row: Row) -> set[str]:
    """Return the keys that a row presses by name, and the characters that it types."""
    keys = [key for step in row.steps if isinstance(step, At) for key in step.keys]
    named = {key for key in keys if key in KEYS or (key.startswith(("f", "ctrl+")) and len(key) > 1)}
    return named.union(*(key for key in keys if key not in named and len(key) <= _SHORT))


def sentences(row: Row) -> Iterator[str]:
    """Yield what a row types before an Enter."""
    for step in row.steps:
        if isinstance(step, At):
            *typed, _rest = "".join(f"\r{key}\r" if key in KEYS else key for key in step.keys).split("\r")
            yield from filter(None, typed)


TYPED: Final = [sentence for row in ROWS for sentence in sentences(row)]
PHRASES: Final = {name for typed in TYPED for name, _slots in WORDS.find(typed, WORDS.phrases)}


@pytest.mark.parametrize("screen", SCREENS)
def test_each_key_of_a_screen_is_pressed_in_its_row(screen: str) -> None:
    table, played = SCREENS[screen]
    rows = [key for key in table._keys if not any(name.startswith("click ") for name in key.keys)]
    for key, (press, part) in zip(rows, played, strict=True):
        char = press if len(press) == 1 else ""
        assert key.takes(None, KeyPress(press, char), _FACTS), (screen, press)
        assert any(_TYPED.get(press, press) in pressed(row) for row in rows_called(part)), (screen, press, part)


@pytest.mark.parametrize(("sheet", "keys", "part"), SHEETS)
def test_each_key_of_a_sheet_is_pressed_in_its_rows(sheet: str, keys: str, part: str) -> None:
    seen = set[str]().union(*map(pressed, rows_called(part)))
    assert not [key for key in keys.split() if _TYPED.get(key, key) not in seen], sheet


def test_each_word_of_the_tables_screen_is_typed() -> None:
    words = {*WORDS.on("tables").names} - {"move_tab", "unfinished"}
    assert words == {act.act for sentence in TYPED if (act := typed_acts.read_act(sentence, WORDS)) is not None}


def test_each_sentence_about_tables_is_typed() -> None:
    assert WORDS.phrases - ALONE == PHRASES - ALONE


def test_each_command_about_tables_is_typed_or_pressed() -> None:
    keys = set[str]().union(*map(pressed, ROWS))
    commands = PHRASES | {WORDS.command(typed) or typed.partition(" ")[0] for typed in TYPED}
    for name, command in BY_NAME.items():
        assert name in ALONE or name in commands or keys & {*command.keys}, name


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_each_row_compares_both_tills_with_the_database(row: Row) -> None:
    assert {step.till for step in row.steps if isinstance(step, Reads)} == {1, 2}
    assert any(isinstance(step, Server | Tabs) for step in row.steps)
