"""A jumble at the counter: random bursts of keys, pastes, clicks, the wheel and resizes, from the login on.

Each round plays one script on two tills: in bursts, and calmly, each piece once the one before is painted. What the
first keyed and shows at its end must be what the second did.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyte

from bench import venue
from bench.shop import NOWHERE, Shop
from bench.table import Figure, exactly
from bench.terminal import SIZE
from till.config import Folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

_ITEMS: Final = 60
#: The end of a round: a character that no screen shows before it is typed.
_END: Final = "§"
_PIECES: Final = 40
_SIZES: Final = ((80, 24), (100, 30), SIZE)
#: Ways to key an item: typed twice as often, pasted, with Esc behind it, with a letter taken back, after a click, after
#: a turn of the wheel, and after a look at the help, the menu and the pay screen.
_WAYS: Final = (
    "{}\r",
    "{}\r",
    "3 {}\r",
    "\x1b[200~{}\x1b[201~\r",
    "{}\r\x1b",
    "{}x\x7f\r",
    "\x1b[<0;5;5M\x1b[<0;5;5m{}\r",
    "\x1b[<65;5;5M{}\r",
    "\x1bOP\x1b{}\r",
    "\x1bOS\x1b{}\r",
    "\x1b[20~\x1b{}\r",
)
_PAID: Final = "cash\r"
#: Pieces of one write, and the seconds until the next one.
_AT_ONCE: Final = (1, 1, 1, 2, 3, 6)
_GAPS: Final = (0, 0, 0.002, 0.01, 0.05)
_CALM_S: Final = 0.03
#: Ids and receipts that differ from till to till.
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|1X[0-9A-F]{4}-\d+")


def script(chance: Random) -> list[str]:
    """Return the pieces of a round: a login, items in many ways, and a payment now and then."""
    pieces = [chance.choice(_WAYS).format(chance.randint(1, _ITEMS)) for _piece in range(_PIECES)]
    for place in chance.sample(range(1, _PIECES), 3):
        pieces.insert(place, _PAID)
    return [f"1\r{venue.PIN}\r", *pieces]


def play_in_bursts(terminal: Terminal, pieces: list[str], chance: Random) -> None:
    """Write the pieces in bursts, among resizes, of which the last is to the first size and paints all."""
    waiting = list(pieces)
    while waiting:
        count = chance.choice(_AT_ONCE)
        terminal.press("".join(waiting[:count]))
        before, waiting = len(waiting), waiting[count:]
        if before > _PIECES // 2 >= len(waiting):
            terminal.resize(*SIZE)
        elif before > _PIECES // 2 and chance.random() < 1 / 3:
            terminal.resize(*chance.choice(_SIZES))
        terminal.settle(chance.choice(_GAPS))


def play_calmly(terminal: Terminal, pieces: list[str]) -> None:
    """Write each piece once the one before is painted."""
    for piece in pieces:
        terminal.press(piece)
        terminal.settle(_CALM_S)


def play(testbed: Bench, pieces: list[str], chance: Random | None) -> tuple[list[Any], list[str]]:
    """Play pieces on a new till, in bursts if there is a chance. Return what it recorded, and what it shows.

    Raises:
        TimeoutError: the till hangs.
    """
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, _ITEMS, secret=testbed.secrets.get(1, "none"))
    with shop.terminal() as terminal:
        terminal.type("")
        if chance is None:
            play_calmly(terminal, pieces)
        else:
            play_in_bursts(terminal, pieces, chance)
        terminal.press(_END)
        terminal.wait_for(_END.encode())
        terminal.settle(0.5)
        shown = _picture(terminal.seen)
    found = _records(shop)
    shutil.rmtree(shop.folder)
    return found, shown


def faults(testbed: Bench, rounds: int) -> list[str]:
    """List each round that lost, swapped or left unpainted something, or hung."""
    found = []
    for number in range(rounds):
        chance = Random(number)  # noqa: S311 - a round must be repeatable
        pieces = script(chance)
        calm = play(testbed, pieces, None)
        try:
            wild = play(testbed, pieces, chance)
        except TimeoutError as problem:
            found.append(f"round {number} hangs: {problem}")
            continue
        parts = zip(("records", "shows"), calm, wild, strict=True)
        found += [f"round {number} {part} {other}, not {one}" for part, one, other in parts if one != other]
    return found


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the faults of twenty rounds."""
    count = len(faults(testbed, 20))
    yield Figure("random bursts, twenty rounds: lost, swapped, hung", count, "faults", goal=exactly(0))


def _picture(output: bytes) -> list[str]:
    """Return the rows of a terminal after this output, without the first, which has the time and the light."""
    screen = pyte.Screen(*SIZE)
    pyte.ByteStream(screen).feed(output.replace(b"\x1b[<u", b""))
    return screen.display[1:]


def _records(shop: Shop) -> list[Any]:
    """Read the records of a till's journal, with the ids that it made numbered."""
    journal = sqlite3.connect(Folders(shop.folder).journal(shop.till))
    rows = journal.execute("SELECT body FROM own WHERE body IS NOT NULL ORDER BY seq").fetchall()
    journal.close()
    items = {venue.item_id(plu): f"item {plu}" for plu in range(1, _ITEMS + 1)}
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return items.get(found[0]) or numbers.setdefault(found[0], f"id {len(numbers)}")

    bodies = [msgspec.json.decode(body) for (body,) in rows]
    return [(body["type"], _ID.sub(number, msgspec.json.encode(body["data"]).decode())) for body in bodies]
