"""An allergy in the heads of tickets: on the paper of each station, and on the board of a kitchen screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.devices.printing import until
from tests.register.approving import approved
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, MENU
from tests.tui.drawing.seeing import ground, ink, look
from tests.wiring import boards
from tests.wiring.boards import a_house
from tests.wiring.test_kitchen import add
from tests.wiring.test_kitchen_paper import Kitchen, play, till
from till.domain.kitchen.events import KitchenTold, LinesSent
from till.domain.money.measures import Minor
from till.domain.order.preferences import LANGUAGE
from till.register.words import kitchen as kitchen_words
from till.register.words.every import WORDS
from till.tui.drawing.cut import cut
from till.tui.screens.kitchen import screen as kitchen_screen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugins.database import Database
    from tests.printer.server import TcpPrinter
    from tests.sql.ringing import Venue
    from tests.wiring.test_shift_carried import Disk

__all__ = ["template", "till", "venue"]

GRILL = {"name": "Grill", "items": [DOSA], "screen": True}
KITCHEN = {"name": "Kitchen", "categories": ["c1"], "screen": True}
PASS = {"name": "Pass", "screen": True}


def alerts(printer: TcpPrinter) -> list[list[str]]:
    """Return the rows of each sheet that are in double height, and white on black."""
    sheets = [sheet for sheet in printer.device.sheets if sheet.is_cut]
    return [[line.text.strip() for line in sheet.lines if line.tall and line.reversed] for sheet in sheets]


def say(till: Disk, session: str, words: str, kind: str = "allergy") -> None:
    WORDS[kind](till.register, till.register.ledger.order(session), 1, words)


def test_every_ticket_on_paper_has_the_allergy_in_its_head(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        session = add(till, None, 1, 2)
        say(till, session, "nuts")
        say(till, session, "oat milk", "prefers")
        till.register.sales.note(session, "birthday")
        till.register.tabs.save(session, "4")
        (sheet,) = await kitchen.printed(kitchen.grill, 1)
        assert sheet[:6] == [
            "NEW Grill 1-1", "TABLE 4", "Vamsi 10:32", "ALLERGY: NUTS", "Prefers: oat milk", "birthday"
        ]  # fmt: skip
        assert alerts(kitchen.grill) == [["ALLERGY: NUTS"]], "in double height, white on black"
        till.register.tabs.recall(session, 1)
        line = next(iter(till.register.ledger.order(session).lines))
        approved(till.register, partial(till.register.sales.change_quantity, session, line, 1))
        add(till, session, 1, 3)
        till.register.tabs.save(session, "4")
        await kitchen.printed(kitchen.grill, 3)
        await until(lambda: not till.journal.live_jobs())
        assert kitchen_words.tickets(till.register, None, 1, "4") == "3 tickets print again."
        await kitchen.printed(kitchen.grill, 6)
        assert alerts(kitchen.grill) == [["ALLERGY: NUTS"]] * 6, "VOID, MORE and AGAIN"

    play(till, acts)


def test_a_reprint_has_what_holds_now(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        session = kitchen.save(1, "4")
        await kitchen.printed(kitchen.grill, 1)
        till.register.tabs.recall(session, 1)
        say(till, session, "nuts")
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        before = len(kitchen.grill.device.sheets)
        kitchen.printing.again(kitchen.printing.jobs_of(session)[0])
        await kitchen.printed(kitchen.grill, before + 1)
        assert alerts(kitchen.grill)[-1] == ["ALLERGY: NUTS"]

    play(till, acts)


def test_the_first_receipt_to_take_away_names_the_allergy_and_no_bill_or_copy_does(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        session = add(till, None, 1, 2)
        say(till, session, "nuts")
        kitchen.printing.bill(session)
        await kitchen.printed(kitchen.counter, 1)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        await kitchen.printed(kitchen.counter, 2)
        await until(lambda: not till.journal.live_jobs())
        kitchen.printing.receipt(session)
        await kitchen.printed(kitchen.counter, 3)
        assert alerts(kitchen.counter) == [[], ["ALLERGY: NUTS"], []]
        assert "nuts" not in "".join(sheet.text for sheet in kitchen.counter.device.sheets)

    play(till, acts)


def tickets_of(till: Disk, session: str) -> list[tuple[str, str, str]]:
    """Return the kind, the number and the words of the head of each ticket of an order."""
    words, events = dict[str, str](), till.journal.events_of(session)
    for event in events:
        if isinstance(event.data, KitchenTold):
            words[event.data.ticket] = event.data.words
    sent = [(event.id, event.data) for event in events if isinstance(event.data, LinesSent)]
    return [(data.kind, f"{data.station} {data.ticket}", words.get(event, "")) for event, data in sent]


def test_a_word_after_the_ticket_is_a_change_at_each_station_that_has_pieces(till: Disk) -> None:
    async def acts(kitchen: Kitchen) -> None:
        session = add(till, None, 1, 2)
        add(till, session, 2, 1)
        add(till, session, 2, 3)
        till.register.tabs.save(session, "4")
        await kitchen.printed(kitchen.bar, 1)
        till.register.tabs.recall(session, 1)
        till.register.sales.set_preference(session, 1, LANGUAGE, "es")
        assert tickets_of(till, session) == [("new", "Grill 1-1", ""), ("new", "Bar 1-1", "")]
        say(till, session, "nuts")
        assert (await kitchen.printed(kitchen.grill, 2))[1] == [
            "! CHANGED Grill 1-2", "TABLE 4", "Vamsi 10:34", "ALLERGY: NUTS", "2 IDLY",
            "Of 1-1, sent 10:34, 0 min ago.", "Previous ticket: 1-1",
        ]  # fmt: skip
        dishes = [row for row in (await kitchen.printed(kitchen.bar, 2))[1] if "DOSA" in row]
        assert dishes == ["1 MASALA DOSA", "3 MASALA DOSA"]
        add(till, session, 1, 1)
        till.register.tabs.save(session, "4")
        assert tickets_of(till, session)[2:] == [
            ("changed", "Grill 1-2", "allergy: nuts"), ("changed", "Bar 1-2", "allergy: nuts"),
            ("more", "Grill 1-3", "allergy: nuts"),
        ], "told once"  # fmt: skip
        till.register.tabs.recall(session, 1)
        till.register.sales.note(session, "birthday")
        till.register.sales.note(session, "birthday")
        till.register.sales.set_preference(session, 1, "allergy", "")
        till.register.sales.note(session, "")
        assert tickets_of(till, session)[5:] == [
            ("changed", f"{station} 1-{number}", words)
            for place, words in enumerate(("allergy: nuts; note: birthday", "note: birthday", ""))
            for station, number in (("Grill", 4 + place), ("Bar", 3 + place))
        ]
        await kitchen.printed(kitchen.grill, 6)
        assert alerts(kitchen.grill)[-1] == []

    play(till, acts)


async def test_a_word_on_a_paid_order_is_told_by_the_till_that_it_is_handed_to(
    venue: Venue, database: Database, tmp_path: Path
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        session = till.key(None, 1, 2)
        till.register.checkout.pay(session, "CASH", Minor(50_000))
        assert await till.sync.flush(5)
        await board.until(lambda text: "NEW" in text)
        write = "SELECT warm.server_event_v1(%s, null, 'preference_set', %s, %s, %s)"
        words = Jsonb({"name": "Allergies"}), Jsonb({"value": "nuts"})
        async with house.machine(2, sends=True):
            venue.owner.execute(write, [venue.store, session, *words])
            text = await board.until(lambda text: "▲ CHANGED" in text)
        assert text.count("▲ ALLERGY: NUTS") == 2
        ids = "SELECT array_agg(event_type ORDER BY version) FROM warm.log_of(%s) WHERE version > ("
        ids += "SELECT version FROM warm.log_of(%s) WHERE event_type = 'preference_set')"
        assert venue.value(ids, session, session) == ["order_handed", "lines_sent", "kitchen_told"]
        venue.owner.execute("SELECT till.erase_v1(%s, 9, %s)", [venue.store, session])
        await board.until(lambda text: "CHANGED" in text and "ALLERGY" not in text)
        assert venue.value("SELECT count(*) FROM warm.event_texts") == 0


def is_whole_on_each_part(text: str) -> bool:
    """True if each part of the card of table 4 has its three allergies."""
    return text.count("▲ ALLERGY: PEANUTS,") == text.count("SESAME") == text.count("Table 4 ") > 1


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_board_has_the_allergy_on_each_part_of_a_card_and_cuts_none_of_it(
    venue: Venue, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board(size=size) as board:
        sales = till.register.sales
        session = till.key(None, 1, 2)
        for guest in range(8):
            line = [*till.register.ledger.order(till.key(session, 2, 1)).lines][-1]
            sales.note_line(session, line, f"guest {guest} wants no onion and no garlic")
        sales.set_preference(session, 1, "allergy", "peanuts, Sellerie, sesame")
        sales.set_preference(session, 1, "prefers", "oat milk")
        sales.note(session, "birthday")
        await till.save(session, "4")
        text = await board.until(lambda text: "ALLERGY" in text)
        assert is_whole_on_each_part(text)
        styled = next(row for row in look(board.app) if "SESAME" in "".join(char for char, _style in row))
        plain = next(row for row in look(board.app) if "birthday" in "".join(char for char, _style in row))
        assert ground(styled[3][1]) == ink(plain[3][1]) != ground(plain[3][1]), "reversed over the whole row"
        assert "Prefers: oat milk" in text
        assert "birthday" in text
        monkeypatch.setattr(kitchen_screen, "_whole", lambda words, width: [cut(words, width)])
        await till.save(till.key(None, 1, 2), "5")
        text = await board.until(lambda text: "▲ ALLERGY: PEANUTS" in text and "SESAME" not in text)
        assert not is_whole_on_each_part(text), "a planted fault, a line that is cut, is found"


async def test_a_board_reads_the_order_that_has_the_lines_now(venue: Venue, database: Database, tmp_path: Path) -> None:
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board() as board:
        sales, tabs = till.register.sales, till.register.tabs
        await till.save(goat := till.key(None, 1, 2), "4")
        await till.save(till.key(None, 2, 1), "7")
        tabs.recall(goat, 1)
        sales.set_preference(goat, 1, "allergy", "nuts")
        await till.save(goat, "4")
        text = await board.until(lambda text: "▲ CHANGED" in text)
        assert text.count("ALLERGY: NUTS") == 2, "on its ticket, and on the change that tells of it; not on table 7"
        found = till.register.open_tabs.local()
        into, added = (next(tab for tab in found if tab.number == number) for number in ("4", "7"))
        await till.register.between.merge(till.sync, into, added)
        await board.until(lambda text: text.count("▲ ALLERGY: NUTS") > 1)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_board_says_under_a_dish_that_it_contains_the_allergy(
    venue: Venue, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    idly, *others = MENU["items"]
    monkeypatch.setattr(boards, "MENU", {**MENU, "items": [{**idly, "contains": ["nuts", "milk"]}, *others]})
    async with a_house(venue, database, tmp_path, KITCHEN) as (house, till), house.board(size=size) as board:
        session = till.key(None, 1, 2)
        till.key(session, 2, 1)
        till.register.sales.set_preference(session, 1, "allergy", "nut, soya")
        await till.save(session, "4")
        text = await board.until(lambda text: "CONTAINS NUTS" in text)
        assert "Contents not" in text, "never a sign that it is free of nuts"
        assert text.count("CONTAINS") == 1
