"""Browsers take orders for two tables each while their sockets are cut: nothing is lost, and nothing doubled."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from contextlib import AsyncExitStack
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Final

from tests.browsers.phones import Hand, find_chromium, served
from till.cli.demo_venue import DEMO_PINS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browsers.phones import Front
    from tests.plugins.terminals import Venue

TABLES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14)
ITEMS: Final = (("idly", "Idly"), ("masala dosa", "Masala Dosa"), ("tea", "Tea"))
#: Seconds of service; the long proof has 600: TILL_PHONES_S=600.
SECONDS: Final = float(os.environ.get("TILL_PHONES_S", "20"))
#: The browsers; each takes a third of a core.
PHONES: Final = 6 if SECONDS > 60 else 3
#: Seconds between two cuts.
CUT_S: Final = 4.0
_log: Final = logging.getLogger(__name__)


async def waits_on(hand: Hand, tables: tuple[int, ...], ends: float, chance: Random) -> None:
    """Serve tables until the end of the service, the first and some others with words as composition."""
    composes = True
    while monotonic() < ends:
        lines = [(chance.randint(1, 3), *chance.choice(ITEMS)) for _line in range(chance.randint(1, 3))]
        await hand.serve(chance.choice(tables), lines, composes=composes)
        composes = chance.random() < 0.3


async def cut_always(front: Front) -> None:
    """Cut all sockets again and again."""
    while True:
        await asyncio.sleep(CUT_S)
        front.proxy.drop()


async def test_lines_of_a_page_are_in_the_order_though_its_socket_is_cut_every_four_seconds(
    venue: Venue, tmp_path: Path
) -> None:
    program = find_chromium()
    hands: list[Hand] = []
    venue.url()  # its database runs until the end
    async with served(venue, tmp_path) as front, AsyncExitStack() as stack:
        for till in range(1, PHONES + 1):
            hands.append(await front.phone(till, program, stack))
            staff = list(DEMO_PINS)[till % len(DEMO_PINS)]
            await hands[-1].log_in(staff, DEMO_PINS[staff])
        ends = monotonic() + SECONDS
        cutting = asyncio.create_task(cut_always(front))
        async with asyncio.TaskGroup() as work:
            for place, hand in enumerate(hands):
                tables = TABLES[2 * place : 2 * place + 2]
                work.create_task(waits_on(hand, tables, ends, Random(place)))  # noqa: S311 - the same each time
        cutting.cancel()
        for hand in hands:
            await hand.sees("● saved")
        keys = [(await hand.state())["number"] for hand in hands]
        cuts = [await hand.cuts() for hand in hands]
    keyed = {str(table): pieces for hand in hands for table, pieces in hand.keyed.items()}
    shown = {str(table): pieces for hand in hands for table, pieces in hand.shown.items()}
    _log.info("%s s, keys %s, cuts of a page %s, pressed %s, lines %s, composed %s, pieces %s",
        SECONDS, keys, cuts, sum(hand.tries for hand in hands),
        sum(hand.lines for hand in hands), sum(hand.composed for hand in hands),
        sum(pieces.total() for pieces in keyed.values()))  # fmt: skip
    query = (
        "SELECT t.table_number, one->>'item', sum((one->>'quantity')::integer)::integer FROM till.order_sessions s"
        " JOIN till.tabs t ON t.id = s.tab_id, jsonb_array_elements(s.items) one WHERE NOT (one->>'voided')::boolean"
        " GROUP BY 1, 2"
    )
    kept: dict[str, Counter[str]] = {}
    for table, item, pieces in venue.rows(query):
        kept.setdefault(table, Counter())[item] = pieces
    assert shown == kept, "every line that a page showed is in its order"
    assert keyed == kept, "every key that a page took had its effect once"
    assert all(cuts)
    assert all(hand.composed for hand in hands)


async def test_words_for_a_run_that_ended_are_not_in_the_field_of_the_next(venue: Venue, tmp_path: Path) -> None:
    program = find_chromium()
    venue.url()
    async with served(venue, tmp_path) as front, AsyncExitStack() as stack:
        hand = await front.phone(1, program, stack)
        assert "Udupi Corner" in await hand.starting()
        await hand.sees("Asha")
        assert not await hand.starting()
        await hand.write("12")
        await front.end_tills()
        await hand.begins_again()
        assert not await hand.value()


async def test_keys_that_were_not_sent_are_named_without_a_pin(venue: Venue, tmp_path: Path) -> None:
    program = find_chromium()
    venue.url()
    async with served(venue, tmp_path) as front, AsyncExitStack() as stack:
        hand = await front.phone(1, program, stack)
        await hand.sees("Asha")
        front.proxy.freeze()
        await hand.type("1")
        await hand.write("1111")
        await hand.tap_terminal()
        await hand.press("F9")
        await front.end_tills()
        front.proxy.thaw()
        await hand.begins_again()
        status = await hand.read_status()
        assert status.startswith("Not sent: ")
        assert status.count("[Enter]••••[tap][F9]") == 2  # said, and kept
        assert "1" not in status
