"""The desk on its screen: its lists, its acts, and its messages while the database is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.tui.drawing.seeing import drawn
from tests.tui.drawing.test_snapshots import Picture as Drawing
from tests.tui.screens.desk.watching import (
    ALERTS,
    PASSWORD,
    TWICE,
    FakeDesk,
    Watched,
    a_desk,
    a_picture,
    login,
    order,
)
from till.administration.acts.menu import SellOut
from till.administration.acts.people import SetPin, Unlock
from till.administration.acts.waiting import SettleConflict
from till.domain.errors import TillError
from till.domain.order.state import Status
from till.domain.structs import replace
from till.ports.desk import ListRow
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.desk.state import DeskList, DeskStage

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

BOTH = [(80, 24), (120, 36)]
SCENES = {
    "desk": "",
    "desk-orders": "{tab}2",
    "desk-order": "{tab}2{enter}",
    "desk-settling": "{enter}given back{enter}abc",
    "desk-shutting": "{tab}{tab}2{enter}2{enter}1{enter}",
    "desk-help": "{f1}{pagedown}",
    "desk-users": "users{enter}",
    "desk-menu": "menu{enter}{pagedown}{pagedown}",
    "desk-settings": "settings{enter}set cash_r",
    "desk-words": "86 vada{enter}",
    "desk-enrolment": "add till 3 Bar{enter}{enter}correct horse 9{enter}{enter}",
    "desk-phone": "add phone 5{enter}{enter}correct horse 9{enter}{enter}",
    "desk-pin": "pin 2{enter}{enter}4711",
}


#: The rows of the lists that are opened by a word.
BOOKS = {
    "users": (
        ListRow("1", "Asha", "cashier"),
        ListRow("2", "Ravi", "cashier, locked"),
        ListRow("9", "Meena", "manager"),
    ),
    "menu": tuple(
        ListRow(str(n), f"Dosa of kind {n}", "Dosas, 45.00 from 2026-12-01 18:00" if n == 12 else "Dosas", "80.00")
        for n in range(1, 40)
    ),
    "settings": (ListRow("", "prices_include_tax", "true"), ListRow("", "cash_rounding", "0.05")),
}


@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, snapshot: SnapshotAssertion) -> None:
    async with a_desk(BOTH[-1], FakeDesk(books=BOOKS)) as desk:
        await desk.type(SCENES[name])
        for width, height in reversed(BOTH):
            await desk.resize(width, height)
            picture = desk.app.export_screenshot(title=name, simplify=True)
            assert picture == snapshot(name=f"{width}x{height}", extension_class=Drawing)


@pytest.mark.parametrize("theme", ["light", "contrast"])
async def test_themes(theme: str, snapshot: SnapshotAssertion) -> None:
    async with a_desk(paint=Paint(theme, Depth.TRUE)) as desk:
        picture = desk.app.export_screenshot(title=theme, simplify=True)
    assert picture == snapshot(extension_class=Drawing)


@pytest.mark.parametrize("size", BOTH, ids=["80x24", "120x36"])
async def test_an_alert_is_explained_in_words(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with a_desk(size, FakeDesk(a_picture(matters=(), alerts=ALERTS))) as desk:
        await desk.type("4{enter}")
        assert desk.answer() == "It keeps selling on its own disk. Check its network."
        assert desk.scene.state.step is DeskStage.LOOKING
        picture = desk.app.export_screenshot(title="alerts", simplify=True)
    assert picture == snapshot(extension_class=Drawing)


async def test_a_pasted_block_is_not_taken_and_the_enter_behind_it_opens_nothing() -> None:
    async with a_desk() as desk:
        desk.app.take_input([events.Paste("86 vada\nprice 2 85.00\n")])
        await desk.type("{enter}")
        assert desk.answer() == "2 lines pasted, none keyed: paste or type one at a time."
        assert (desk.scene.state.entry.text, desk.scene.state.step) == ("", DeskStage.LOOKING)


async def test_each_alert_says_what_is_wrong_and_what_to_do() -> None:
    async with a_desk((120, 60), FakeDesk(a_picture(matters=(), alerts=ALERTS))) as desk:
        shown = desk.text()
    for words in (
        "The server's disk is nearly full: 640 MB left",
        "The server's disk will be full in 9 days",
        "No backup for 12 days",
        "`till db backup FOLDER` makes one, on another disk.",
        "Till 2 was last seen at 20:33",
        "Till 3 was last seen at 01/02/2026 20:41",
        "If it is gone for good, revoke it: Tab to tills.",
        "Till 1 has a very slow connection",
    ):
        assert words in shown, words


@pytest.mark.parametrize("size", BOTH, ids=["80x24", "120x36"])
async def test_desk_says_that_the_terminal_knows_the_outcome(size: tuple[int, int]) -> None:
    async with a_desk(size, FakeDesk(a_picture(matters=(replace(TWICE, what="no_answer"),)))) as desk:
        await desk.type("{enter}")
        assert "Its till was revoked. Settle it by the terminal's list" in desk.text()


async def test_a_conflict_is_settled_by_the_password_of_who_sits_there() -> None:
    async with a_desk() as desk:
        await desk.type("{enter}given back{enter}wrong{enter}")
        assert "Wrong number or password" in desk.answer()
        assert "wrong" not in desk.text()
        await desk.type(PASSWORD + "{enter}")
        assert desk.desk.acts == [SettleConflict("c1", "given back")]
        assert desk.answer() == "It was said, and done."
        assert desk.scene.state.step is DeskStage.LOOKING


async def test_the_owner_of_the_database_is_asked_nothing() -> None:
    async with a_desk(desk=FakeDesk(person="", asks_password=False)) as desk:
        await desk.type("3{enter}{enter}")
        assert "Enter does it, Esc leaves it." in desk.text()
        await desk.type("{enter}")
        assert desk.desk.acts == [Unlock(2)]


async def test_candidates_for_an_order_are_listed_with_their_open_orders() -> None:
    async with a_desk() as desk:
        await desk.type("{tab}2{enter}2{enter}")
        shown = [" ".join(row[:50].split()) for row in desk.rows()]
        assert {"1 Asha 2 open", "2 Ravi 1 open", "9 Meena 1 open"} <= set(shown)


async def test_an_order_of_a_program_is_named_and_waits_for_its_money() -> None:
    waits = order(9, 12, "240.00", user=0, person="", till=None, status=Status.PENDING_LOGOUT, name="Chat 17")
    async with a_desk(desk=FakeDesk(replace(a_picture(), orders=(waits, order(8, 5, "40.00"))))) as desk:
        shown = desk.text()
        assert "Chat 17      to be paid" in shown
        assert "suspended" not in shown


async def test_keys_wait_while_something_is_done() -> None:
    async with a_desk(desk=FakeDesk(asks_password=False)) as desk:
        desk.desk.gate.clear()
        await desk.type("{enter}given back{enter}{tab}{down}")
        assert "One moment." in desk.text()
        desk.desk.gate.set()
        await desk.settle()
        assert "One moment." not in desk.text()
        assert desk.scene.state.listed is DeskList.ORDERS


async def test_a_refusal_of_the_server_is_reported_and_what_was_typed_stays() -> None:
    refused = FakeDesk(asks_password=False, refuses=TillError("The conflict is already settled: by Om."))
    async with a_desk(desk=refused) as desk:
        await desk.type("{enter}given back{enter}")
        assert desk.answer() == "The conflict is already settled: by Om."
        assert "> given back" in desk.text()


@pytest.mark.parametrize("size", BOTH)
async def test_no_sentence_of_the_server_is_cut(size: tuple[int, int]) -> None:
    why = "The settings were not changed: there is no order type eat in; there are delivery, dine_in, take_away."
    refused = FakeDesk(asks_password=False, refuses=TillError(f"{why} {why}"))
    async with a_desk(size, refused) as desk:
        await desk.type("{enter}given back{enter}")
        assert f"{why} {why}" in " ".join(desk.text().split())
        await desk.type("x")
        assert "order type" not in desk.text(), "until a key is pressed"


@pytest.mark.parametrize("size", BOTH)
async def test_a_new_item_is_filled_in_on_one_sheet(size: tuple[int, int]) -> None:
    async with a_desk(size, FakeDesk()) as desk:
        await desk.type("add item{enter}61{enter}Lassi{enter}Drinks{enter}45{enter}")
        rows = [" ".join(row.split()) for row in desk.text().split("\n")]
        for field in ("Number 61", "Name Lassi", "Category Drinks", "Price 45"):
            assert any(field in row for row in rows), field
        assert "Empty: as the others of that category." in desk.text()


@pytest.mark.parametrize("size", BOTH, ids=["80x24", "120x36"])
async def test_the_network_goes_and_the_desk_goes_on(size: tuple[int, int]) -> None:
    async with a_desk(size) as desk:
        desk.desk.away = "The database at here:5432 cannot be reached."
        await desk.look()
        assert "offline since 20:41" in desk.rows()[0]
        assert "As of 20:41; it updates by itself." in desk.text()
        assert "cannot be reached." in " ".join(desk.text().split())
        assert "Sold twice" in desk.text()
        await desk.type("{enter}given back{enter}" + PASSWORD + "{enter}")
        assert "It may have been done." in desk.answer()
        assert desk.desk.acts == []
        await desk.type("{escape}{escape}")
        desk.desk.away, desk.desk.picture = "", a_picture(matters=())
        await desk.look()
        assert "away" not in desk.rows()[0].replace("1 till is offline", "")
        assert "Nothing needs you." in desk.text()


async def test_a_desk_that_never_saw_its_venue_says_so() -> None:
    async with a_desk(desk=FakeDesk(away="The database at here:5432 cannot be reached.")) as desk:
        assert "the server is offline" in desk.rows()[0]
        assert "cannot be reached" in desk.text()
        await desk.type("1{enter}{tab}{enter}{f1}")
        assert "Mark an entry" in desk.text()


async def test_a_notification_of_the_database_is_looked_at_soon() -> None:
    async with a_desk() as desk:
        looked = desk.desk.looks
        desk.desk.picture = a_picture(matters=(replace(TWICE, amount="1.00"),))
        desk.desk.heard()
        desk.desk.heard()
        desk.desk.looked.clear()
        async with asyncio.timeout(10):
            await desk.desk.looked.wait()
        await desk.settle()
        assert desk.desk.looks == looked + 1
        assert "Enter Settle 1.00" in desk.text()


async def test_nothing_that_stands_in_a_name_or_a_note_reaches_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;mine\x07\u202eAsha\u200b\n"
    picture = a_picture(
        matters=(replace(TWICE, what=evil, receipts=(evil,), amount=evil, currency=evil),),
        orders=(order(1, 5, evil, tab=evil, person=evil, currency="€€"),),
        tills=tuple(replace(till, name=evil, login=login(1, evil, 1)) for till in a_picture().tills),
        staff=((1, evil),),
    )
    for script in ("", "{enter}", "{tab}{enter}", "{tab}{enter}2{enter}", "{tab}{tab}{enter}"):
        async with a_desk(desk=FakeDesk(picture, person=evil)) as desk:
            await desk.type(script)
            shown = desk.text()
            assert not any(char in shown for char in "\x1b\x07\u202e\u200b")


async def test_open_matters_are_seen_at_any_size() -> None:
    async with a_desk() as desk:
        for size in ((40, 10), (60, 16), (99, 30), (100, 10), (100, 22), (120, 24), (120, 28), (200, 60)):
            await desk.resize(*size)
            assert "Needs you  3" in desk.text(), size
            assert "Sold twice" in desk.text(), size
            seen_by = {"{tab}2": "open", "{enter}": "Suspend it", "{escape}{tab}": "Till 1", "{f1}": "Mark"}
            for script, seen in seen_by.items():
                await desk.type(script)
                assert seen in desk.text(), size
                assert all(len(row) <= size[0] for row in desk.rows()), size
            overlaid = [widget for widget in drawn(desk.app) if widget.display and not widget.is_dim]
            assert all(widget.region.bottom <= size[1] for widget in overlaid), size
            await desk.type("{escape}{tab}")


async def test_no_list_stands_over_another_at_any_height() -> None:
    async with a_desk() as desk:
        for height in range(10, 40):
            await desk.resize(120, height)
            shown = [widget for widget in drawn(desk.app) if widget.display and widget.region]
            for place, one in enumerate(shown):
                assert not any(one.region.overlaps(other.region) for other in shown[place + 1 :]), height


async def test_nothing_is_done_where_nothing_is_in_sight() -> None:
    async with a_desk((39, 9), FakeDesk(asks_password=False)) as desk:
        await desk.type("{enter}given back{enter}")
        assert desk.desk.acts == []
        assert "too small" in desk.text()
        await desk.pilot.resize_terminal(120, 36)
        await desk.settle()
        assert "Sold twice" in desk.text()
        assert desk.scene.state.step is DeskStage.LOOKING


async def test_a_click_marks_and_opens() -> None:
    async with a_desk() as desk:
        rows = desk.rows()
        y = next(place for place, row in enumerate(rows) if "Number 2, Ravi" in row)
        x = rows[y].index("Number 2")
        await _click(desk, x, y)
        assert desk.rows()[y][x - 7] == "▌"
        await _click(desk, x, y)
        assert "Unlock it" in desk.text()
        await _click(desk, desk.rows()[35].index("Esc"), 35)
        assert desk.scene.state.step is DeskStage.LOOKING


async def _click(desk: Watched, x: int, y: int) -> None:
    desk.app.take_input([events.MouseDown(None, x, y, 0, 0, 1, False, False, False)])
    await desk.settle()


async def test_without_drawing_characters_all_of_it_is_words() -> None:
    async with a_desk(paint=Paint("dark", Depth.NONE, plain=True)) as desk:
        shown = desk.text()
        assert "Today ₹31,870.50, 131 sales." in shown
        assert not any(char in shown for char in "●▲✖▌█▆─━│")


async def test_closing_leaves_nothing_at_work() -> None:
    async with a_desk() as desk:
        desk.app.take_input([events.Key("ctrl+q", None)])
        while not desk.app._exit:
            await desk.pilot.pause()
    assert desk.app._works == set()
    assert desk.app.trouble is None


async def test_a_fault_ends_the_desk_and_is_passed_on() -> None:
    class Broken(FakeDesk):
        async def look(self) -> object:  # type: ignore[override]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with a_desk(desk=Broken()):
            pass


async def test_an_act_typed_in_words_is_done_with_the_password() -> None:
    async with a_desk() as desk:
        await desk.type("86 vada{enter}")
        assert "As it was said" in desk.text()
        await desk.type(f"{{enter}}{PASSWORD}{{enter}}")
        assert (desk.desk.acts, desk.answer()) == ([SellOut("vada")], "It was said, and done.")
        await desk.type("86 tea{enter}")
        assert desk.answer() == "There is no tea on the menu."
        assert "86 tea" in desk.text()


async def test_a_new_pin_stands_nowhere_and_what_is_typed_ahead_waits() -> None:
    async with a_desk() as desk:
        await desk.type("pin 2{enter}{enter}4711{enter}47")
        assert "4711" not in desk.text()
        await desk.type(f"11{{enter}}{PASSWORD}{{enter}}")
        assert desk.desk.acts == [SetPin(2, "4711")]
        assert "4711" not in desk.text() + repr(desk.desk.acts)


async def test_a_list_of_one_persons_orders_and_a_database_that_is_away() -> None:
    async with a_desk() as desk:
        await desk.type("orders 1{enter}")
        assert "Orders of Asha" in desk.text()
        desk.desk.away = "It is away."
        await desk.type("users{enter}")
        assert desk.answer() == "It is away."
        assert desk.scene.state.step is DeskStage.READING


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 36)])
async def test_why_the_database_is_away_is_cut_between_sentences(width: int, height: int) -> None:
    desk = FakeDesk()
    async with a_desk((width, height), desk) as shown:
        desk.away = (
            "There is no database cafe at db.corner-cafe.example:5432. `till db prepare` on that server makes it; or "
            "correct database.url. Whoever runs that server has the rest of what there is to say about it."
        )
        await shown.look()
        foot = " ".join(" ".join(shown.rows()[-6:]).split())
        assert "it updates by itself." in foot
        assert "example:5432." in foot
        assert "Make it" not in foot
