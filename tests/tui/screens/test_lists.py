"""Every list of the till is marked alike: by arrows, Page keys, Home, End, numbers, clicks, and says what is hidden."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from msgspec.structs import replace

from tests.tui.playing import LOG_IN, MORNING
from tests.tui.quiet import a_quiet_till
from tests.tui.screens import test_train as training
from tests.tui.screens.desk.test_reduce import OWNER
from tests.tui.screens.sell import test_reduce as selling
from tests.tui.screens.sheets.test_choice_sheet import Twelve
from tests.tui.screens.split.test_reduce import an_order, began, facts_of
from tests.tui.screens.tabs import test_reduce as tables
from tests.tui.screens.test_day import a_day
from till.domain.money.measures import Minor
from till.domain.notice.notice import Notice
from till.domain.order.line import make_row
from till.domain.refund.past import PastSale
from till.domain.staff.person import Person, Role
from till.ports.training import DrillOffered
from till.tui.drawing.layout import PAGE
from till.tui.drawing.widgets.head import HeadOfList
from till.tui.drawing.widgets.lines import LineList
from till.tui.screens.day import DayFacts, DayScreen, DayState
from till.tui.screens.day import reduce as reduce_day
from till.tui.screens.desk.reduce import reduce as reduce_desk
from till.tui.screens.desk.screen import DeskScreen
from till.tui.screens.desk.state import DeskList, DeskState, place_of
from till.tui.screens.login.scene import reduce as reduce_login
from till.tui.screens.login.scene import typed_person
from till.tui.screens.login.screen import LoginFacts, LoginScreen, LoginState
from till.tui.screens.notices import NoticesFacts, NoticesScreen, NoticesState
from till.tui.screens.notices import reduce as reduce_notices
from till.tui.screens.sales.reduce import reduce as reduce_sales
from till.tui.screens.sales.screen import SalesScreen
from till.tui.screens.sales.state import OpenedSale, SalesFacts, SalesState, matching_rows
from till.tui.screens.sell.commands import make_keymap
from till.tui.screens.sell.order_lines import ShownLine
from till.tui.screens.sell.reduce import reduce as reduce_sell
from till.tui.screens.sell.screen import SellScreen
from till.tui.screens.sell.state import SellState
from till.tui.screens.split.reduce import reduce as reduce_split
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.tabs.reduce import reduce as reduce_tables
from till.tui.screens.tabs.screen import TablesScreen
from till.tui.screens.tabs.state import TablesState, places
from till.tui.screens.train import TrainFacts, TrainScreen, TrainState
from till.tui.screens.train import reduce as reduce_drills
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.tui.drawing.screen import TillScreen

KEYMAP: Final = make_keymap()
MANY: Final = 12


class AList(NamedTuple):
    """A list of a screen: its reducer, its first state, the place of its mark, and its widget.

    With `digits` a number marks an entry; `begins` is the place of the mark at first; with `turns` the Page keys have a
    meaning of their own.
    """

    reduce: Callable[[Any, Any, Any], Any]
    state: Any
    facts: Any
    place: Callable[[Any], int]
    screen: type[TillScreen]
    widget: str
    entries: int = MANY
    digits: bool = False
    begins: int = 0
    turns: bool = False
    clicks: bool = True


def _sale(number: int) -> PastSale:
    at = MORNING - timedelta(minutes=number)
    return PastSale("s", f"o{number}", f"1-{number:06}", at, Minor(4000), "INR", 1, 1, ("CASH",), (("Idly", 1),))


def _sales(**known: Any) -> SalesFacts:
    register: Any = SimpleNamespace(in_words=str, label_of=str)
    facts = SalesFacts(
        sales=tuple(map(_sale, range(MANY))), sale=None, order=None, names=MappingProxyType({}), now=MORNING,
        lookup=tables.LOOKUP, formats=training.FORMATS, venue=tables.VENUE, tenders=register, keymap=KEYMAP, till=1,
    )  # fmt: skip
    return replace(facts, **known)


_SOLD: Any = SimpleNamespace(rows=(None,) * MANY)
_STAFF: Final = tuple(Person(number, f"cashier {number}", Role.CASHIER, "") for number in range(1, MANY + 1))
_ORDER: Final = an_order(*(1,) * MANY)
_OPEN: Final = tuple(tables.tab(f"guest {number:02}", number) for number in range(MANY))
_ROOM: Final = tables.facts(_OPEN, venue=replace(tables.VENUE, tables=()))
_LINES: Final = tuple(
    ShownLine.of(make_row((replace(selling.SHOWN.shown.first, id=str(number)),)), selling.SHOWN.view)
    for number in range(MANY)
)
_NOTICE: Final = Notice("n", 1, 1, "refused", "")
_TEXT: Any = None
_DAY: Final = DayFacts(OWNER.keymap, a_day(more=4))


def _table(state: TablesState) -> int:
    return next((n for n, place in enumerate(places(state, _ROOM)) if place.key == state.marked), 0)


def _staff(state: LoginState) -> int:
    person = typed_person(state, _STAFF)
    return _STAFF.index(person) if person is not None else -1


def _line(state: SellState) -> int:
    return next((n for n, line in enumerate(_LINES) if line.line_id == state.selected), MANY - 1)


LISTS: Final = {
    "notices": AList(
        reduce_notices,
        NoticesState(),
        NoticesFacts(((_NOTICE, _TEXT),) * MANY, frozenset(), MANY, training.FORMATS, KEYMAP, wide=True, page=5),
        lambda state: state.mark.place,
        NoticesScreen,
        "list",
        digits=True,
    ),
    "drills": AList(
        reduce_drills,
        TrainState(),
        TrainFacts((DrillOffered("rush", "Rush"),) * MANY, "", training.FORMATS, KEYMAP, rows=9, width=50),
        lambda state: state.mark.place,
        TrainScreen,
        "next",
        digits=True,
    ),
    "past sales": AList(
        reduce_sales, SalesState(), _sales(), lambda state: state.mark.place, SalesScreen, "list", turns=False
    ),
    "lines of a sale": AList(
        reduce_sales,
        SalesState(opened=OpenedSale("s", "1-000001")),
        _sales(sale=_SOLD),
        lambda state: state.opened.marks.line,
        SalesScreen,
        "lines",
    ),
    "split": AList(reduce_split, began(_ORDER), facts_of(_ORDER), lambda state: state.line, SplitScreen, "lines"),
    "tables": AList(reduce_tables, TablesState(), _ROOM, _table, TablesScreen, "plan", turns=True),
    "staff": AList(
        reduce_login, LoginState(), LoginFacts(_STAFF, KEYMAP), _staff, LoginScreen, "staff", begins=-1, clicks=False
    ),
    "order": AList(
        reduce_sell,
        SellState(selected="0"),
        replace(selling.FACTS, lines=_LINES, page=5),
        _line,
        SellScreen,
        "order",
        clicks=False,
    ),
    "open orders of the desk": AList(
        reduce_desk,
        DeskState(listed=DeskList.ORDERS),
        OWNER,
        lambda state: place_of(state, OWNER.picture) or 0,
        DeskScreen,
        "orders",
        entries=len(OWNER.picture.orders) if OWNER.picture else 0,
    ),
    "events of a day": AList(
        reduce_day,
        DayState(),
        _DAY,
        lambda state: state.place,
        DayScreen,
        "events",
        entries=len(_DAY.events),
        turns=True,
    ),
}


def pressed(one: AList, *keys: str, state: Any = None) -> Any:
    state = one.state if state is None else state
    for key in keys:
        state, _calls = one.reduce(state, KeyPress(key, key if len(key) == 1 else ""), one.facts)
    return state


@pytest.mark.parametrize("name", LISTS)
def test_arrows_home_and_end_mark(name: str) -> None:
    one = LISTS[name]
    assert one.place(pressed(one, "down")) == one.begins + 1
    assert one.place(pressed(one, "down", "down", "up")) == one.begins + 1
    if name != "staff":  # there Home and End edit the number
        assert one.place(pressed(one, "end")) == one.entries - 1
        assert one.place(pressed(one, "end", "down")) == one.entries - 1, "it ends at the last"
        assert one.place(pressed(one, "end", "home")) == 0
    assert one.place(pressed(one, "up")) == max(0, one.begins - 1), "and begins at the first"


@pytest.mark.parametrize("name", [name for name, one in LISTS.items() if not one.turns])
def test_page_keys_mark_the_entry_a_page_on(name: str) -> None:
    one = LISTS[name]
    after = pressed(one, "pagedown")
    assert one.place(after) == min(one.begins + getattr(one.facts, "page", PAGE), one.entries - 1)
    assert one.place(pressed(one, "pageup", "pageup", state=after)) == 0


@pytest.mark.parametrize("name", [name for name, one in LISTS.items() if one.digits])
@pytest.mark.parametrize(("typed", "place"), [("3", 2), ("12", 11), ("13", 2), ("10", 9), ("93", 2)])
def test_number_marks_where_digits_pick(name: str, typed: str, place: int) -> None:
    one = LISTS[name]
    assert one.place(pressed(one, *typed)) == place


@pytest.mark.parametrize("name", [name for name, one in LISTS.items() if one.digits])
def test_number_that_no_entry_has_is_refused(name: str) -> None:
    state = pressed(LISTS[name], "0")
    assert (LISTS[name].place(state), state.message.text[:8]) == (0, "There is")


@pytest.mark.parametrize("name", [name for name, one in LISTS.items() if one.clicks])
def test_click_marks(name: str) -> None:
    one = LISTS[name]
    click = KeyPress(f"click {one.widget}", place=1)
    assert one.place(one.reduce(one.state, click, one.facts)[0]) == 1


@pytest.mark.parametrize("name", ["notices", "drills", "past sales", "tables"])
def test_second_click_acts_as_enter(name: str) -> None:
    one = LISTS[name]
    click = KeyPress(f"click {one.widget}", place=1)
    marked = one.reduce(one.state, click, one.facts)[0]
    assert one.reduce(marked, click, one.facts) == one.reduce(marked, KeyPress("enter"), one.facts)


def test_typing_filters() -> None:
    sold = LISTS["past sales"]
    state = pressed(sold, "down", "down", *"1-000004")
    assert ([row.receipt for row in matching_rows(state, sold.facts)], sold.place(state)) == (["1-000004"], 0)
    room = LISTS["tables"]
    state = pressed(room, "down", *"guest 04")
    assert [place.name for place in places(state, room.facts)] == ["guest 04"]


def test_words_on_an_open_sale_filter_no_list() -> None:
    sold = LISTS["lines of a sale"]
    state = pressed(sold, *"amount 390")
    assert (state.entry.text, len(matching_rows(state, sold.facts))) == ("amount 390", MANY)


@pytest.mark.parametrize("key", ["ctrl+w", "insert", "ctrl+left", "shift+tab"])
@pytest.mark.parametrize("name", LISTS)
def test_no_key_is_silent(name: str, key: str) -> None:
    one = LISTS[name]
    after, calls = one.reduce(one.state, KeyPress(key), one.facts)
    means_something = replace(after, message=None) != replace(one.state, message=None) or calls
    assert means_something or (after.message is not None and after.message.text != "")
    if key == "ctrl+left" and not means_something:
        assert after.message.text == "Ctrl+← does nothing here. F1 lists the keys."


#: Lists that say their pages, or “3 of 40”, and one whose heading follows it once a sale is open.
_COUNTED: Final = {"tables", "events of a day", "lines of a sale"}


@pytest.mark.parametrize(
    ("screen", "name"),
    [
        *[(LISTS[name].screen, LISTS[name].widget) for name in sorted(LISTS.keys() - _COUNTED)],
        *[(TablesScreen, "detail"), (SalesScreen, "paid"), (DayScreen, "order"), (TrainScreen, "days")],
    ],
)
def test_heading_says_how_much_of_a_list_is_hidden(screen: type[TillScreen], name: str) -> None:
    widget = getattr(screen(), name)
    assert isinstance(widget, LineList)
    assert any(isinstance(getattr(watch, "__self__", None), HeadOfList) for watch in widget.watchers)


@pytest.mark.parametrize(
    ("keys", "marked"),
    [("{pagedown}", True), ("{end}", 11), ("{end}{home}", 0), ("{end}{down}", 11), ("{home}{up}", 0)],
)
async def test_sheet_is_such_a_list(tmp_path: Path, keys: str, marked: int | bool) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        sheet = Twelve(till.app.controller)
        till.app.controller.open(sheet)
        await till.type("z")
        assert till.answer() == "1-12 ↑↓ and Enter choose. Esc: back."
        await till.type(keys)
        assert sheet.marked() == marked or (marked is True and sheet.marked() != 0)
        sheet.point(sheet._list, 4)
        assert (sheet.marked(), sheet.done) == (4, [])
        sheet.point(sheet._list, 4)
        assert sheet.done == [4]
