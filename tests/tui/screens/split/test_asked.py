"""Splits by the server: until it answers, when it refuses, and when its answer is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.register.payments.scripted import Terminal
from tests.register.referee import Referee
from tests.tui.playing import LOG_IN, FakeStore, Till, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import beside, heard
from tests.tui.screens.split.test_split import ORDER, scene, totals
from tests.tui.screens.tabs.test_recall import ASHA, on_till_2, saves
from tests.tui.screens.waiting_orders.test_waiting_orders import as_a_crash_leaves_it, bring
from till.domain.errors import StoreAwayError, StoreError
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.ports import Light, LightState, RemoteSession, Transfer
from till.ports.store import ActOutdatedError, BacklogError, NoAnswerError
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.tabs.scene import TablesScene

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from till.register.register import Register

BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 36)])
APART = "This needs the server. I: pay items works without it."
MOVED = "Moving lines needs the server: here each pays its own bill."
MERGED = "Merging needs the server: here each pays its own bill."
ADDED = "Adding needs the server. Tab on F8: a separate bill."
UNANSWERED = NoAnswerError().sentence
#: A tab that is open at table 6, and one at table 7 with the order of these tests.
TABLES = LOG_IN + "tea{enter}tab 6{enter}" + ORDER.removeprefix(LOG_IN) + "tab 7{enter}"


@dataclass
class Server(FakeStore):
    """A server that takes acts once released. It refuses with `problem`, and may take an act without an answer."""

    problem: StoreError | None = None
    tells: bool = False
    let: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.let.set()

    async def act(self, act: Transfer) -> None:
        await self.let.wait()
        if self.tells:
            await self.tell()
        if self.problem is not None:
            self.acts.append(act)
            raise self.problem
        await super().act(act)

    async def tell(self) -> None:
        """Bring the act whose answer was lost with the next reply."""
        assert self.register is not None
        await Referee(self.register).act(self.acts[-1])


def away(till: Till) -> None:
    """Take the network down, and wait for the light to say so."""
    till.register.light_changed(Light(LightState.OFFLINE))


@BOTH
async def test_without_the_server_lines_stay_and_the_screen_says_which_keys_are_off(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with a_drawn_till(tmp_path, size, store=Server(away=True), typed=ORDER + "{f9}s122") as till:
        assert ("M Move" in till.rows()[-1], "Enter Pay" in till.rows()[-1]) == (True, True)
        away(till)
        await till.settle()
        assert ("M Move" in till.rows()[-1], "Enter Pay" in till.rows()[-1]) == (False, False)
        assert "Enter, M need the server" in till.rows()[-1]
        before = scene(till).state
        await till.type("{enter}")
        assert till.answer() == APART
        assert APART in till.text()
        assert scene(till).state.gifts == before.gifts
        await till.type("i1{enter}c{enter}")
        assert scene(till).order.paid == 8_000


@BOTH
@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (StoreAwayError(), APART),
        (ActOutdatedError(), ActOutdatedError().sentence),
        (BacklogError(3_000), "Still sending 3,000 records: try again in a moment."),
        (NoAnswerError(), UNANSWERED),
    ],
)
async def test_a_guest_whose_bill_is_refused_stays_as_it_was_marked(
    tmp_path: Path, size: tuple[int, int], problem: StoreError, message: str
) -> None:
    store = Server(problem=problem)
    async with a_drawn_till(tmp_path, size, store=store, typed=ORDER + "{f9}s122") as till:
        before, written = scene(till).state, till.journal.head
        await till.type("{enter}")
        after = scene(till).state
        assert till.answer() == message
        assert (after.gifts, after.guest, after.line, after.own) == (before.gifts, 2, before.line, ())
        assert till.journal.head == written
        store.problem = None
        await till.type("{enter}")
        assert isinstance(till.scene, PayScene)
        await till.type("c{enter}")
        assert [one.guest for one in scene(till).state.paid] == [2]


async def test_an_answer_that_takes_long_is_waited_for_in_words_and_keys_wait_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Server()
    async with a_drawn_till(tmp_path, store=store, typed=ORDER + "{f9}s122") as till:
        store.let.clear()
        till.burst("{enter}c{enter}")
        asking, paint = asyncio.Event(), till.app.controller.paint

        def painted() -> None:
            paint()
            if till.answer() == "Asking the server…":
                asking.set()

        monkeypatch.setattr(till.app.controller, "paint", painted)
        async with asyncio.timeout(5):
            await asking.wait()
        assert till.app.controller.is_held
        assert totals(till) == []
        store.let.set()
        await till.settle()
        assert totals(till) == ["120.00"]
        assert [one.guest for one in scene(till).state.paid] == [2]
        assert "Asking" not in till.text()


async def test_a_guest_whose_answer_was_lost_is_known_when_the_bill_comes(tmp_path: Path) -> None:
    store = Server(problem=NoAnswerError())
    async with a_quiet_till(tmp_path, store=store, typed=ORDER + "split{enter}122{enter}") as till:
        await store.tell()
        await till.settle()
        state = scene(till).state
        assert [guest for guest, _order in state.own] == [2]
        assert scene(till).order.total == 25_000 - till.register.ledger.order(state.own[0][1]).total
        await till.type("{enter}c{enter}")
        assert [one.guest for one in scene(till).state.paid] == [2]
        assert len(store.acts) == 1, "it was done: it is not asked for again"


async def test_a_guest_whose_answer_was_lost_pays_at_the_next_enter_where_that_brings_the_bill(tmp_path: Path) -> None:
    store = Server(problem=NoAnswerError())
    async with a_quiet_till(tmp_path, store=store, typed=ORDER + "split{enter}122{enter}") as till:
        store.problem, store.tells = StoreError("It stands already."), True
        await till.type("{enter}c{enter}")
        assert [one.guest for one in scene(till).state.paid] == [2]
        assert totals(till) == ["120.00"]


async def test_a_bill_that_comes_after_a_kill_is_still_the_guest_s(tmp_path: Path) -> None:
    store = Server(problem=NoAnswerError())
    async with a_quiet_till(tmp_path, store=store) as till:
        await till.type(ORDER + "tab 7{enter}{f8}{enter}split{enter}122{enter}")
        await store.tell()
        left = as_a_crash_leaves_it(tmp_path)
    async with a_quiet_till(left, store=Server(), typed=LOG_IN + "{f5}1{enter}split{enter}") as till:
        assert [guest for guest, _order in scene(till).state.own] == [2]
        await till.type("{enter}c{enter}")
        assert [one.guest for one in scene(till).state.paid] == [2]
        await till.type("1+{enter}c{enter}")
        assert isinstance(till.scene, SellScene)
        assert sorted(totals(till)) == ["120.00", "130.00"]


@pytest.mark.parametrize("problem", [StoreAwayError(), NoAnswerError(), ActOutdatedError()])
async def test_a_guest_who_goes_back_without_the_server_keeps_the_bill(tmp_path: Path, problem: StoreError) -> None:
    store = Server()
    async with a_quiet_till(tmp_path, store=store, typed=ORDER + "split{enter}122{enter}") as till:
        store.problem = problem
        await till.type("{escape}")
        assert till.answer() == "Guest 2 keeps a bill of its own until the server answers."
        assert [guest for guest, _order in scene(till).state.own] == [2]
        assert sum(scene(till)._facts().owed) + scene(till)._facts().open_amount == 25_000
        store.problem = None
        await till.type("{enter}{escape}")
        assert till.answer() == "Back to the guests. Nothing was taken."
        assert (scene(till).state.own, scene(till).order.total) == ((), 25_000)
        await till.type("{enter}c{enter}")
        assert [one.guest for one in scene(till).state.paid] == [2]


async def test_a_guest_who_went_back_unanswered_is_on_the_order_once_that_is_reported(tmp_path: Path) -> None:
    store = Server()
    async with a_quiet_till(tmp_path, store=store, typed=ORDER + "split{enter}122{enter}") as till:
        store.problem = NoAnswerError()
        await till.type("{escape}")
        await store.tell()
        await till.settle()
        assert (scene(till).state.own, scene(till).order.total) == ((), 25_000)
        assert len(scene(till).state.gifts) == 3


@pytest.mark.parametrize(
    ("problem", "message"), [(StoreAwayError(), MOVED), (NoAnswerError(), UNANSWERED), (ActOutdatedError(), "")]
)
async def test_pieces_that_are_not_taken_to_a_tab_stay_marked(
    tmp_path: Path, problem: StoreError, message: str
) -> None:
    store = Server(problem=problem)
    async with a_quiet_till(tmp_path, store=store, typed=TABLES + "{f8}7{enter}split{enter}122") as till:
        gifts = scene(till).state.gifts
        await till.type("m6{enter}")
        assert till.answer() == (message or problem.sentence)
        assert (scene(till).state.gifts, scene(till).state.moving, till.typed()) == (gifts, True, "6")
        store.problem = None
        await till.type("{enter}")
        assert till.answer() == "Table 6 has them now: 3 lines, ₹140.00."


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("{f8}{down}merge 6{enter}{tab}", MERGED),
        ("{f8}{down}move 1 idly to 6{enter}", MOVED),
        ("tea{enter}{f8}7{enter}", ADDED),
        ("{f8}7{enter}{f8}merge 6{enter}{tab}", MERGED),
    ],
)
@pytest.mark.parametrize("problem", [StoreAwayError(), NoAnswerError()])
async def test_tables_stay_as_they_are_without_the_server(
    tmp_path: Path, keys: str, message: str, problem: StoreError
) -> None:
    store = Server(problem=problem)
    async with a_quiet_till(tmp_path, store=store, typed=TABLES + "{f8}{down}{escape}") as till:
        before = [(tab.name, tab.total) for tab in till.register.open_tabs.local()]
        await till.type(keys)
        assert till.answer() == (message if not isinstance(problem, NoAnswerError) else UNANSWERED)
        assert [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == before
        await store.tell()
        await till.settle()
        assert isinstance(till.scene, SellScene | TablesScene)
        assert till.shown is None or not till.shown.is_over
        assert sum(tab.total for tab in till.register.open_tabs.local()) == sum(total for _name, total in before) + (
            2_000 if "tea" in keys else 0
        )


async def test_an_order_that_was_added_after_all_leaves_the_screen(tmp_path: Path) -> None:
    store = Server(problem=NoAnswerError())
    async with a_quiet_till(tmp_path, store=store, typed=TABLES + "tea{enter}{f8}7{enter}") as till:
        assert (till.answer(), till.lines()) == (UNANSWERED, {"Tea": 1})
        await store.tell()
        await till.settle()
        assert till.answer() == "The server did that after all. F8 lists the tables."
        assert till.shown is None


def saves_paid_in_part(register: Register) -> str:
    """Save 2 idly to table 7, with 30.00 of 80.00 paid."""
    session = saves(register)
    register.tabs.recall(session, ASHA)
    register.checkout.pay(session, CASH, Minor(3_000))
    register.tabs.save(session, "7")
    return session


async def test_a_granted_table_that_was_merged_after_all_stands_where_the_merge_put_it(tmp_path: Path) -> None:
    order = on_till_2(tmp_path, saves_paid_in_part)
    store = Server(tabs=[row_of(order, till=None, till_name="")])
    async with a_quiet_till(tmp_path, store=store) as till:
        bring(store, till, tmp_path)
        await till.type(LOG_IN + "tea{enter}tab 6{enter}{f8}6")
        store.problem = NoAnswerError()
        await till.type("{escape}merge 7{enter}{tab}")
        assert till.answer() == UNANSWERED
        await store.tell()
        till.register.server_answered()
        await till.settle()
        tabs = [(tab.name, tab.total, tab.paid, tab.till) for tab in till.register.open_tabs.local()]
        assert tabs == [("table 6", 10_000, 3_000, None)]


async def test_an_answer_meanwhile_leaves_the_guest_whose_pieces_move(tmp_path: Path) -> None:
    terminal = Terminal().then("unknown")
    async with a_quiet_till(tmp_path, store=FakeStore()) as till, beside(till, terminal):
        await till.type(TABLES + "{f8}7{enter}split 3{enter}{left}{left}1201{enter}c{enter}")
        await heard(till)
        await till.type("{escape}3m6")
        terminal.then("approved")
        till.register.asker.ask_now(terminal.charged[0].key)
        await heard(till)
        assert scene(till).state.guest == 3
        await till.type("{enter}")
        assert till.answer() == "Table 6 has them now: 2 lines, ₹50.00."
        assert [one.guest for one in scene(till).state.gifts] == [1, 2, 0, 1]


@dataclass
class Meanwhile(FakeStore):
    """A server in whose answers to a question for tabs something else comes between."""

    between: Callable[[], Awaitable[None]] | None = None

    async def open_tabs(self) -> list[RemoteSession]:
        between, self.between = self.between, None
        if between is not None:
            await between()
        return await super().open_tabs()


async def test_a_guest_who_paid_while_pieces_move_is_not_asked_again(tmp_path: Path) -> None:
    store, terminal = Meanwhile(), Terminal().then("unknown")

    async def approved() -> None:
        terminal.then("approved")
        till.register.asker.ask_now(terminal.charged[0].key)
        for _turn in range(30):
            await asyncio.sleep(0)

    async with a_quiet_till(tmp_path, (120, 36), store=store) as till, beside(till, terminal):
        await till.type(TABLES + "{f8}7{enter}split{enter}1201{enter}c{enter}")
        await heard(till)
        await till.type("{escape}2m6")
        store.between = approved
        await till.type("{enter}")
        assert [(one.guest, one.amount) for one in scene(till).state.paid] == [(1, 11_000)]
        assert scene(till).order.due == 7_000
        scene(till).paint()
        assert "Pay guest 2 40.00" in till.text()


async def test_a_guest_whose_order_came_though_it_was_refused_later_pays_once(tmp_path: Path) -> None:
    store = Server(problem=NoAnswerError())
    async with a_quiet_till(tmp_path, store=store, typed=ORDER + "split{enter}122{enter}1") as till:
        store.problem, store.tells = StoreError("refused"), True
        await till.type("{enter}")
        store.problem, store.tells = None, False
        await till.type("{backspace}{backspace}{enter}c{enter}{escape}split{enter}")
        assert [(one.guest, one.amount) for one in scene(till).state.paid] == [(2, 12_000)]
        assert scene(till).order.total == 13_000
