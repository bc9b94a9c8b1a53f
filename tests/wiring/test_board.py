"""The board of a kitchen screen beside a till that sells, at a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.register.approving import approved
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY
from tests.wiring.boards import a_house
from till.register.other_tills.news import OrderNews

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue
    from till.register.other_tills.news import News

__all__ = ["template", "venue"]

KITCHEN = {"name": "Kitchen", "categories": ["c1"], "screen": True}
GRILL = {"name": "Grill", "items": [DOSA], "screen": True}
STEAM = {"name": "Steam", "items": [IDLY]}
PASS = {"name": "Pass", "screen": True}


class Heard:
    """The watcher of a till, which waits for a sentence about an order."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.came = asyncio.Event()

    def on_news(self, news: News) -> None:
        if isinstance(news, OrderNews):
            self.sentences.append(news.sentence)
            self.came.set()


async def test_a_table_is_made_voided_done_and_recalled(venue: Venue, database: Database, tmp_path: Path) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        await board.until(lambda text: "Nothing to make." in text and "saved" in text)
        session = till.key(till.key(None, 1, 2), 2, 3)
        await till.save(session, "4")
        text = await board.until(lambda text: "Table 4" in text)
        assert all(
            words in text for words in ("NEW", "1-1 Asha", "2 × Idly", "3 × Masala Dosa", "now", "2 to make"[1:])
        )
        till.register.tabs.recall(session, 1)
        till.key(session, 1, 1)
        await till.save(session, "4")
        await board.until(lambda text: "+ MORE" in text)
        dosa = next(one.id for one in till.register.ledger.order(session).lines.values() if one.item_id == DOSA)
        till.register.tabs.recall(session, 1)
        approved(till.register, partial(till.register.sales.change_quantity, session, dosa, 2))
        assert await till.sync.flush(5)
        text = await board.until(lambda text: "void" in text.partition("All of it")[0])
        assert "1 piece of ticket 1-1 voided" in text
        assert (
            text.index("1-1 Asha") < text.index("✖ 1 × Masala Dosa") < text.index("void ") < text.index("1-2 Asha")
        ), "on its ticket"
        assert text.count("✖") == 1
        assert "VOID" not in text, "a void stands once"
        assert "2 to make"[1:] in text
        assert "3 × Idly" in text.partition("All of it")[2]
        assert "2 × Masala Dosa" in text.partition("All of it")[2]
        await board.type("1{enter}")
        text = await board.until(lambda text: "✓ done" in text)
        assert "1-1, Table 4, is done. R brings it back." in text
        assert text.index("1-1 Asha") < text.index("1-2 Asha"), "places stay for three seconds"
        await board.type("1{enter}")
        assert "1-1 is done. Enter again brings it back." in board.text()
        await board.type("2")
        assert "Done: 2, Table 4" in board.text()
        board.wait(4)
        text = await board.until(lambda text: "✓ done" not in text)
        assert "Done: 1, Table 4" in text, "the mark stays at its ticket"
        assert "void" not in text.partition("All of it")[0]
        await board.type("{enter}")
        board.wait(4)
        await board.until(lambda text: "1-2 Asha" not in text)
        assert await board.machine.sync.flush(5)
        await board.type("r")
        await board.until(lambda text: "1-2, Table 4, is back." in text and "1-2 Asha" in text)
        await board.type("1-2{enter}")
        assert "Found" in await board.until(lambda text: "Found" in text)
        await board.type("{escape}9-9{enter}")
        await board.until(lambda text: "No ticket 9-9 here" in text)


async def test_card_that_was_just_done_comes_back_by_a_second_enter_alone(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        await till.save(till.key(None, 1, 2), "4")
        await board.until(lambda text: "Table 4" in text)
        await board.type("1{enter}1{enter}")
        assert "1-1 is done. Enter again brings it back." in board.text()
        assert "✓ done" in board.text()
        await board.type("{enter}")
        assert "1-1, Table 4, is back." in board.text()


async def test_a_board_without_the_network_stays_and_sends_later(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till):
        async with house.board() as board:
            for table in ("4", "5"):
                await till.save(till.key(None, 1, 2), table)
            await board.until(lambda text: "Table 5" in text)
            house.proxy.shut()
            await board.until(lambda text: "offline since" in text and "keep selling" not in text)
            await board.type("1{enter}")
            assert "1-1, Table 4, is done." in board.text()
            board.wait(4)
            text = board.text()
            assert "Table 4" not in text.partition("All of it")[0].replace("1-1, Table 4, is done", "")
        done = "SELECT count(*) FROM warm.session_events WHERE event_type = 'ticket_done'"
        assert venue.value(done) == 0
        async with house.board() as board:  # started again, and still away: nothing done comes back
            text = board.text()
            assert "Table 5" in text
            assert "Table 4" not in text
            house.proxy.reopen()
            await board.until(lambda text: "saved" in text and "Table 5" in text)
            assert await board.machine.sync.flush(5)
            await board.until(lambda text: "Table 4" not in text)
        assert venue.value(done) == 1
        assert venue.value("SELECT count(*) FROM warm.tickets WHERE waits_at <> '{}'") == 1


async def test_ages_are_by_the_server_and_names_are_drawn_safely(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till):
        menu = "UPDATE till.settings SET body = replace(body::text, %s, %s)::jsonb, version = 9 WHERE name = 'menu'"
        for was, name in (("Idly", "شاورما " * 28), ("Masala Dosa", f"\\u001b[31m{'x' * 195}")):
            venue.owner.execute(menu, [f'"{was}"', f'"{name}"'])
        house.clock.off = timedelta(minutes=5)
        session = till.key(till.key(None, 1, 2), 2, 1)
        await till.save(session, "4")
        for size in ((120, 36), (80, 24), (40, 10)):
            async with house.board(size=size) as board:
                text = await board.until(lambda text: "Table 4" in text and "now" in text)
                assert "\x1b" not in text
                house.clock.passed += 16 * 60
                await board.until(lambda text: "▲ 16 min" in text)
                house.clock.passed -= 16 * 60


async def test_two_hundred_tickets_turn_page_by_page(venue: Venue, database: Database, tmp_path: Path) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till):
        for n in range(200):
            till.register.tabs.save(till.key(None, 1 + n % 2), f"guest {n}")
        assert await till.sync.flush(20)
        async with house.board(size=(80, 24)) as board:
            text = await board.until(lambda text: "200 to make" in text)
            assert "Guest 0" in text
            assert "191 more  PgDn" in text
            await board.type("{pagedown}1")
            text = board.text()
            assert "Guest 9" in text
            assert "Guest 0 " not in text
            await board.type("{enter}")
            board.wait(4)
            text = await board.until(lambda text: "199 to make" in text)
            assert "Guest 10" in text


async def test_the_pass_has_whole_orders_and_done_there_is_ready(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, GRILL, STEAM, PASS) as (house, till):
        async with house.board("pass") as board:
            session = till.key(till.key(None, 1, 2), 2, 3)
            await till.save(session, "4")
            text = await board.until(lambda text: "Idly" in text)
            assert text.count("Table 4") == 2, "one card, and its age"
            assert "Masala Dosa" in text
            ready = f"SELECT warm.ready_for('{session}')"
            assert venue.value(ready) is None
            till.register.watcher = heard = Heard()
            await board.type("1{enter}")
            assert await board.machine.sync.flush(5)
            assert venue.value(ready) == 1
            async with asyncio.timeout(10):
                await heard.came.wait()
            assert heard.sentences == ["Table 4 is ready."]
            assert [tab.ready for tab in till.register.open_tabs.local()] == [1]
            await board.type("r")
            assert await board.machine.sync.flush(5)
            assert venue.value(ready) is None
        async with house.board() as board:
            text = await board.until(lambda text: "Masala Dosa" in text)
            assert "Idly" not in text.partition("All of it")[0]
            assert "Grill" in text


async def test_a_card_names_its_course_and_what_is_held(venue: Venue, database: Database, tmp_path: Path) -> None:
    house_of = a_house(venue, database, tmp_path, {**KITCHEN, "later": True}, {**GRILL, "items": ["none"]})
    async with house_of as (house, till), house.board() as board:
        sales = till.register.sales
        session = till.key(till.key(None, 1, 2), 2, 3)
        first, second = till.register.ledger.order(session).lines
        sales.seat(session, first, course=1)
        sales.seat(session, second, course=2)
        till.register.courses.hold(session, 1, held=True)
        await till.save(session, "4")
        text = await board.until(lambda text: "course 1" in text and "Table 4" in text)
        assert "○ course 2:" in text
        assert "3 Masala Dosa" in text, "a dish has a row of its own if it does not fit"
        assert "Kitchen 1-1" in text, "two stations count tickets apart"
        assert "Masala Dosa" not in text.partition("All of it")[2], "what is held is no piece to make"
        till.register.tabs.recall(session, 1)
        till.register.courses.fire(session, None)
        text = await board.until(lambda text: "Kitchen 1-2" in text)
        assert "held" not in text
        till.register.tabs.save(session, "4")
        till.register.watcher = heard = Heard()
        await board.type("1{enter}")
        board.wait(4)
        await board.type("1{enter}")
        async with asyncio.timeout(10):
            await heard.came.wait()
        assert heard.sentences == ["Table 4: course 2 ready."]


async def test_a_long_ticket_goes_on_in_the_next_column(venue: Venue, database: Database, tmp_path: Path) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till):
        session = till.key(None, 1, 2)
        for seat in range(1, 21):
            till.key(session, 2, seat)
            till.register.sales.seat(session, list(till.register.ledger.order(session).lines)[-1], seat=seat)
        await till.save(session, "4")
        async with house.board(size=(80, 24)) as board:
            text = await board.until(lambda text: "1 to make" in text)
            assert all(f"{pieces} × Masala Dosa" in text for pieces in range(1, 21))
            assert text.count("1-1 Asha") == 2
            await board.type("2{enter}")
            await board.until(lambda text: "1-1, Table 4, is done." in text and text.count("✓ done") == 2)


async def test_the_tickets_of_a_revoked_till_are_marked_and_one_key_ends_them(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        async with house.machine(2) as lost:
            for table in ("4", "5"):
                await lost.save(lost.key(None, 1, 2), table)
        await till.save(till.key(None, 1, 2), "6")
        text = await board.until(lambda text: "3 to make" in text)
        assert "revoked" not in text
        await board.type("e{escape}")
        venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
        text = await board.until(lambda text: text.count("till 2 revoked") == 2)
        assert "E End the revoked till’s" in text
        await board.type("e")
        text = await board.until(lambda text: "2 tickets of revoked tills are done. R brings them back." in text)
        board.wait(4)
        text = await board.until(lambda text: "1 to make" in text and "revoked till’s" not in text)
        assert await board.machine.sync.flush(5)
        await board.type("r")
        await board.until(lambda text: text.count("till 2 revoked") == 2)


async def test_a_table_that_moves_changes_its_cards_and_pieces_that_move_are_named(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        tabs, ledger = till.register.tabs, till.register.ledger
        goat = till.key(till.key(None, 1, 2), 2, 3)
        await till.save(goat, "goat")
        await board.until(lambda text: "Goat" in text)
        [tab] = till.register.open_tabs.local()
        tabs.change_table(tab, "4")
        text = await board.until(lambda text: "Table 4" in text)
        assert "Moved here from goat" in text
        assert "MOVED" not in text
        assert "1 to make" in text
        assert "3 × Masala Dosa" in text.partition("All of it")[2]
        await till.save(till.key(None, 1, 1), "7")
        found = till.register.open_tabs.local()
        one, two = (next(tab for tab in found if tab.number == number) for number in ("4", "7"))
        await till.register.between.merge(till.sync, two, one)
        text = await board.until(lambda text: "MOVED" in text)
        assert "moved here" in text
        assert ledger.order(goat).is_over
        assert "3 × Masala Dosa" in text
        assert "3 × Masala Dosa" in text.partition("All of it")[2]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_help_and_close(venue: Venue, database: Database, tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, _till), house.board(size=size) as board:
        await board.type("{enter}")
        assert "Choose a ticket: 1 to 9." in board.text()
        await board.type("?")
        await board.until(lambda text: "Choose a ticket" in text and "Recall the last" in text)
        await board.type("{escape}r")
        await board.until(lambda text: "Nothing was done here yet." in text)
        await board.type("zz{enter}")
        await board.until(lambda text: "Type a ticket" in text)
        await board.type("{escape}86 nothing{enter}")
        await board.until(lambda text: "No item of this kitchen" in text)
        await board.until(lambda text: "saved" in text)
        await board.type("{escape}86 masala{enter}")
        await board.until(lambda text: "Masala Dosa is sold out at every till." in text)
        assert await board.machine.sync.flush(5)
        sold_out = "SELECT sold_out FROM cold.menu_item WHERE name = 'Masala Dosa'"
        assert venue.value(sold_out) is True
        await board.type("back 2{enter}")
        await board.until(lambda text: "Masala Dosa is back on sale." in text)
        assert await board.machine.sync.flush(5)
        assert venue.value(sold_out) is False


async def test_a_count_at_the_board_is_shown_there_and_at_the_tills(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        await till.save(till.key(None, 2), "5")
        await board.until(lambda text: "1 × Masala Dosa" in text)
        await board.type("86 masala 3{enter}")
        await board.until(lambda text: "3 × Masala Dosa can be sold, at every till." in text)
        await board.until(lambda text: "Masala Dosa 3 left" in text)
        assert await board.machine.sync.flush(5)
        assert venue.rows("SELECT pieces FROM warm.left_now(%s)", venue.store) == [(3,)]
        till.key(None, 2, 2)
        assert await till.sync.flush(5)
        assert venue.rows("SELECT pieces FROM warm.left_now(%s)", venue.store) == [(1,)]
        await board.until(lambda text: "Masala Dosa 1 left" in text)
