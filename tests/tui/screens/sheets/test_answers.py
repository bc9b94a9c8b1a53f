"""The one rule of every sheet that takes something from somebody: its own key answers, and no words are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.register.payments.scripted import UNKNOWN, Terminal
from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_quiet_till
from tests.tui.screens.admin.test_conflicts import YES, left_by_card
from tests.tui.screens.guests.test_bookings import booked
from tests.tui.screens.pay.test_awaited import heard
from tests.tui.screens.tabs.test_recall import away, has_it_open, listed, on_till_2, saves
from tests.tui.screens.test_notices import refused, rung_again, tell
from tests.tui.screens.waiting_orders.test_waiting_orders import held
from till.tui.screens.guests.bookings import BookingSheet
from till.tui.screens.notices import NoticesScene
from till.tui.screens.sheets.answers import AnswerSheet, LetterSheet
from till.tui.screens.sheets.approval import ManagerSheet
from till.tui.screens.sheets.ended_rates import EndedRatesSheet
from till.tui.screens.sheets.managers import WentBackSheet
from till.tui.screens.sheets.reason import ReasonSheet
from till.tui.screens.tabs.ring_again import RingAgainSheet
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.takeover import TakeoverSheet
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.tui.playing import Till

#: A table with lines of its own, recalled: what leaves it is taken from the kitchen.
TABLED = LOG_IN + "2 idly{enter}tab 11{enter}tab 11{enter}"


class Sheet(NamedTuple):
    """A sheet, the keys that open it, and the answer that words typed ahead get.

    Attributes:
        store: makes the store from the folder of the test.
        before: acts before the last keys.
        keeps: True if the words stay in its entry line.
        again: keys that ask again after the words.
    """

    kind: type
    keys: str
    answer: str | tuple[str, ...]
    store: Callable[[Path], FakeStore | None] = lambda _folder: None
    first: str = LOG_IN
    before: Callable[[Till], object] = lambda _till: None
    keeps: bool = True
    again: str = ""


def open_there(folder: Path) -> FakeStore:
    return listed(on_till_2(folder, has_it_open))


def saved_there(folder: Path) -> FakeStore:
    return listed(on_till_2(folder, saves), till=None, till_name="")


def goes_away(till: Till) -> None:
    """Take the network down for good."""
    assert isinstance(till.app.controller.store, FakeStore)
    till.app.controller.store.away = True
    away(till)


def tax_changes(till: Till) -> None:
    """Receive a menu with other taxes, and let a day pass."""
    cached = till.journal.cached("menu")
    assert cached is not None
    version, body = cached
    taxes = {group: [{"name": "GST", "rate": "18"}] for group in body["taxes"]}
    till.journal.cache("menu", version + 1, {**body, "taxes": taxes})
    till.app.controller.register.reference_changed(["menu"])
    till.clock.pass_by(days=1)


def of_mine(folder: Path) -> FakeStore:
    return held(folder)


def has_two(till: Till) -> None:
    tell(till, rung_again(), refused())


SHEETS = {
    "a tab that is open elsewhere": Sheet(TakeoverSheet, "{f8}{enter}", "Answer first: T, V, N.", open_there),
    "an order of one's own elsewhere, at login": Sheet(TakeoverSheet, "", "Answer first: T, V, N.", of_mine),
    "an order of one's own elsewhere": Sheet(
        TakeoverSheet, "{f5}1{enter}", "Answer first: T, V, N.", of_mine, first=LOG_IN + "n{enter}"
    ),
    "a tab to be rung again": Sheet(
        RingAgainSheet, "{f8}{enter}", "Answer first: R.", saved_there, first=LOG_IN + "{f8}{escape}", before=goes_away
    ),
    "a void after it was sent": Sheet(ReasonSheet, "{f7}", "F2 first, then your own words.", first=TABLED),
    "a tabled order to be cleared": Sheet(ReasonSheet, "{ctrl+x}", "F2 first, then your own words.", first=TABLED),
    "a manager's PIN": Sheet(
        ManagerSheet,
        "{f7}1{enter}",
        ("That needs a manager.", "A staff number", "Nobody here"),
        first=TABLED,
        keeps=False,
    ),
    "a merge": Sheet(
        TablesScene,
        "tea{enter}tab 8{enter}{f8}merge 8{enter}",
        "Not merged. ",
        lambda _folder: FakeStore(),
        first=LOG_IN + "tea{enter}tab 7{enter}",
        again="merge 8{enter}",
    ),
    "lines for a tab that is open": Sheet(
        TablesScene, "tab 7{enter}", "There is no ", first=LOG_IN + "tea{enter}tab 7{enter}idly{enter}"
    ),
    "taxes that ended": Sheet(
        EndedRatesSheet,
        "tab 11{enter}",
        "Answer first: R. Backspace deletes the words.",
        first=LOG_IN + "2 idly{enter}tab 11{enter}",
        before=tax_changes,
    ),
    "guests of a booking": Sheet(BookingSheet, "{ctrl+s}", "For another table: “table 9”.", lambda _folder: booked()),
    "the other order of a notice": Sheet(
        NoticesScene, "notices{enter}{f7}", "Nothing is typed here: Esc first", before=has_two, keeps=False
    ),
}


@pytest.mark.parametrize("name", SHEETS)
async def test_words_typed_ahead_answer_nothing(tmp_path: Path, name: str) -> None:
    sheet = SHEETS[name]
    async with a_quiet_till(tmp_path, store=sheet.store(tmp_path), typed=sheet.first) as till:
        sheet.before(till)
        await till.type(sheet.keys)
        top, seq = till.app.controller.top, till.journal.head.seq
        assert isinstance(top, sheet.kind)
        for ahead in ("2 tea", "12 masala dosa", "2nd coffee for table 3"):
            await till.type(ahead + "{enter}")
            assert till.app.controller.top is top, "nothing was answered"
            assert till.journal.head.seq == seq, "nothing was taken"
            assert till.answer().startswith(sheet.answer), ahead
            assert not sheet.keeps or till.typed() == ahead
            await till.type("{backspace}" * len(ahead) + sheet.again)


def _kinds(of: type) -> set[type]:
    below: list[type] = of.__subclasses__()
    return {of}.union(*map(_kinds, below))


def test_every_sheet_of_answers_is_in_the_table() -> None:
    assert _kinds(AnswerSheet) <= {AnswerSheet, LetterSheet, WentBackSheet, *(one.kind for one in SHEETS.values())}


async def test_words_stand_in_the_entry_line_and_are_named_after_esc(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=saved_there(tmp_path), typed=LOG_IN + "{f8}{escape}") as till:
        goes_away(till)
        await till.type("{f8}{enter}2 tea{enter}")
        sheet = till.app.controller.top
        assert isinstance(sheet, RingAgainSheet)
        assert sheet.entry_view().text == "2 tea"
        till.app.controller.take(KeyPress("", paste=" for her"))
        assert sheet.entry_view().text == "2 tea for her"
        await till.type("{escape}")
        assert till.answer() == "Not keyed: “2 tea for her”."
        assert till.shown is None


async def test_words_typed_ahead_settle_no_refund(tmp_path: Path) -> None:
    terminal = Terminal().then().then(UNKNOWN).then(UNKNOWN)
    async with left_by_card(tmp_path, terminal, (80, 24)) as (till, session):
        await till.type("{enter}" + YES)
        await heard(till)
        till.clock.pass_by(minutes=2)
        for ahead in ("", "2 tea", "yes"):
            await till.type("{tab}" + ahead + "{enter}")
            assert isinstance(till.app.controller.top, WentBackSheet)
            assert till.answer().startswith("Answer first: 1, 2")
            await till.type("{escape}")
        assert till.register.ledger.order(session).paid == 2200
