"""Two tills, played row by row: press keys on one, read the other, query the server."""

from __future__ import annotations

import re
import select
from datetime import datetime, time, timedelta
from functools import cache, partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from db.engine import connect
from tests.e2e.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.plugins.terminals import Venue

#: Columns and rows: only a wide screen has room for the guests, people and lines of tables.
WIDE: Final = (120, 34)
#: Each till hears of the other by what the server tells it, and locks after longer than a run takes.
SETTINGS: Final = {"TILL_SYNC__POLL_S": "120", "TILL_SESSION__IDLE_MINUTES": "60"}
#: Esc as newer terminals send it: the bare one with a key behind it is another key, and a list repaints between them.
_ESCAPE: Final = "\x1b[27u"
#: The sell screen with nothing keyed, before and after a sale: where a row begins and ends.
HOME: Final = ("No lines yet.", "stays until the next line")
#: Seconds until a list in sight shows what the server has, as is promised.
LIVE: Final = 1.0
#: The business days of the demo venue.
_ZONE: Final = ZoneInfo("Asia/Kolkata")
_DAY_ENDS: Final = time(4)
#: Between two panes, and the frame of a sheet.
_FRAME: Final = re.compile("[│┃]")
#: The heading of a list of tabs.
_LIST: Final = re.compile(r"(?m)^\d+ open, ")
#: Tabs that are open, with the person and what is due of the order on each, and where that stands.
TABS: Final = """
SELECT t.name, s.user_id, (s.total - warm.paid_in(s.id))::text, s.status
FROM till.tabs AS t JOIN till.order_sessions AS s ON s.tab_id = t.id
WHERE t.status = 'open' ORDER BY 1, 2, 3
"""
#: Leftovers that fail a row: an open order with lines, a conflict, a record that was not applied.
_LEFT: Final = """
SELECT id, status FROM till.order_sessions
WHERE status NOT IN ('completed', 'discarded') AND (items <> '[]' OR tab_id IS NOT NULL)
UNION ALL SELECT subject, kind FROM till.conflicts
UNION ALL SELECT session_id, reason FROM warm.quarantine
"""


class At(NamedTuple):
    """Keys that are pressed on a till in one go, and change its screen.

    Attributes:
        keys: names of keys (`f8`), or text with `\\r` for Enter.
    """

    till: int
    keys: tuple[str, ...]


class Reads(NamedTuple):
    """Texts that appear on the screen of a till, all at once.

    Each is whole words in a row of a pane, with single spaces; ` … ` between them matches any other words.

    Attributes:
        within: the seconds that they may take.
    """

    till: int
    texts: tuple[str, ...]
    within: float = PATIENCE


class Gone(NamedTuple):
    """A text that leaves the screen of a till, or was not there.

    Attributes:
        within: the seconds that it may take.
    """

    till: int
    text: str
    within: float = PATIENCE


class Never(NamedTuple):
    """A text that a till does not show from here to the end of the row."""

    till: int
    text: str


class Server(NamedTuple):
    """A query and its expected answer in the end; `%(since)s` is the time when the row began."""

    sql: str
    answer: list[tuple[Any, ...]]


class Tabs(NamedTuple):
    """The open tabs, as the database lists them in the end and as the screens of both tills show them then.

    Attributes:
        rows: the name of each, the number of its user, what is due, and the status of the order on it.
    """

    rows: tuple[tuple[str, int, str, str], ...]


class Delays(NamedTuple):
    """A delay by the server of one till's records, or of none any more."""

    till: int | None


class Runs(NamedTuple):
    """A command of the till, run beside the two.

    Attributes:
        booked: of a booking, which of three minutes of the present business day it is for; they are listed by these.
    """

    command: tuple[str, ...]
    booked: int | None = None


Step = At | Reads | Gone | Never | Server | Tabs | Delays | Runs


def at(till: int, *keys: str) -> At:
    """Press keys on a till."""
    return At(till, keys)


def reads(till: int, *texts: str, within: float = PATIENCE) -> Reads:
    """Read texts on a till."""
    return Reads(till, texts, within)


class Row(NamedTuple):
    """Steps on two tills, in their order.

    Attributes:
        name: the behaviour that they show.
    """

    name: str
    steps: tuple[Step, ...]


class TwoTills:
    """Till 1 with Asha and till 2 with Ravi, of one venue.

    Args:
        venue: the venue of the tills.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._tills = {number: venue.log_in(venue.open(number, size=WIDE, more=SETTINGS), number) for number in (1, 2)}
        for till in self._tills.values():
            till.wait_for("● saved")
        self._server, self._lock = (connect(venue.server.owner()) for _ in range(2))
        self._lock.autocommit = False
        self._before: dict[int, list[str]] = {}
        self._never: list[Never] = []
        self._since: object = None
        self._delayed = False

    def close(self) -> None:
        """Close the connections; the venue ends the tills."""
        self._lock.close()
        self._server.close()

    def play(self, row: Row, patience: float = PATIENCE) -> None:
        """Play a row, which leaves nothing behind.

        Args:
            row: the row to play.
            patience: seconds that a step may take.

        Raises:
            AssertionError: something is not as the row says; its notes have the step and the screens.
        """
        self._never = []
        self._look_at_tables(patience)
        for number in self._tills:  # a sale of the row before that arrives later would count for this one
            self._await(number, partial(_stands, "● saved"), patience)
        ((self._since,),) = self._server.execute("SELECT clock_timestamp()").fetchall()
        for number, step in enumerate((*row.steps, Server(_LEFT, [])), 1):
            try:
                self._take(step, patience)
            except AssertionError as problem:
                problem.add_note(f"{row.name}, step {number}: {step}")
                for till in self._tills.values():
                    problem.add_note(till.picture())
                raise
        for number in self._tills:
            self._await(number, _is_home, patience)

    def _look_at_tables(self, patience: float) -> None:
        """Have both tills hear that no tab is open: what the row before left in their lists would be asked back."""
        self._in_lists([*self._tills], partial(_lists, ()), _is_home, patience)

    def _in_lists(
        self,
        tills: Iterable[int],
        listed: Callable[[list[str]], bool],
        back: Callable[[list[str]], bool],
        patience: float,
    ) -> None:
        """Read something in the lists of tabs of these tills at once, and go back to their orders."""
        for key, holds in (("f8", listed), (_ESCAPE, back)):
            for number in tills:
                self._take(At(number, (key,)), patience)
            for number in tills:
                self._await(number, holds, patience)

    def _compare(self, rows: tuple[tuple[str, int, str, str], ...], patience: float) -> None:
        """Compare the lists of both tills with the database's: those in sight, and those one key away."""
        listed, away = partial(_lists, rows), []
        for number in self._tills if not self._delayed else ():
            screen = panes(self._tills[number].read_for(0))
            if _LIST.search("\n".join(screen)):
                self._await(number, listed, patience)
            elif _stands("F8 Tables", screen):
                away.append(number)
        self._in_lists(away, listed, partial(_stands, "F8 Tables"), patience)

    def _take(self, step: Step, patience: float) -> None:
        match step:
            case At(till=till, keys=keys):
                self._await(till, lambda _screen: True, patience)
                self._before[till] = panes(self._tills[till].read_for(0))
                self._tills[till].press(*(_ESCAPE if key == "escape" else key for key in keys))
            case Reads(till=till, texts=texts, within=within):
                self._await(till, lambda screen: all(_stands(text, screen) for text in texts), min(within, patience))
            case Gone(till=till, text=text, within=within):
                self._await(till, lambda screen: not _stands(text, screen), min(within, patience))
            case Never():
                self._never.append(step)
            case Server(sql=sql, answer=answer):
                self._ask(sql, answer, patience)
            case Tabs(rows=rows):
                self._ask(TABS, list(rows), patience)
                self._compare(rows, patience)
            case Runs(command=command, booked=booked):
                done = self._venue.run(*command, *(() if booked is None else ("--at", _minutes()[booked])))
                assert done.returncode == 0, done.stderr
            case Delays(till=None):
                self._lock.rollback()
                self._delayed = False
            case Delays(till=till):
                self._lock.execute("SELECT FROM warm.journal_head WHERE till_id = %s FOR UPDATE", [till])
                self._delayed = True

    def _await(self, number: int, holds: Callable[[list[str]], bool], seconds: float) -> None:
        """Read until something holds of the screen of a till, which is not the one before the last keys."""
        ends = monotonic() + seconds
        while True:
            screen = panes(self._tills[number])
            for never in self._never:
                assert never.till != number or not _stands(never.text, screen), f"{never.text} stands on till {number}"
            if screen != self._before.get(number) and holds(screen):
                return
            left = ends - monotonic()
            same = ", whose screen is as before the last keys" if screen == self._before.get(number) else ""
            assert left > 0, f"It did not come in {seconds:g} s on till {number}{same}."
            self._read(left)

    def _ask(self, sql: str, answer: list[tuple[Any, ...]], seconds: float) -> None:
        """Ask until the answer comes: records are still on their way when what they did is on the screen."""
        ends = monotonic() + seconds
        while (rows := self._server.execute(sql, {"since": self._since}).fetchall()) != answer:
            assert monotonic() < ends, f"The server says {rows}, not {answer}."
            self._read(0.005)

    def _read(self, seconds: float) -> None:
        """Read what comes next from either till: one that nobody reads stops when its terminal is full."""
        for till in select.select(self._tills.values(), [], [], seconds)[0]:
            till.read_for(0)
            assert till.process.poll() is None, "A till ended."


def _minutes() -> list[str]:
    """Return three minutes in a row of one business day: from now on, unless it ends before."""
    now = datetime.now(_ZONE)
    ends = datetime.combine(now.date() + timedelta(days=now.time() >= _DAY_ENDS), _DAY_ENDS, _ZONE)
    first = min(now, ends - timedelta(minutes=3))
    return [f"{first + timedelta(minutes=minute):%Y-%m-%d %H:%M}" for minute in range(3)]


def panes(till: Terminal) -> list[str]:
    """Return the rows of each pane of a screen, with single spaces."""
    return [" ".join(part.split()) for row in till.rows() for part in _FRAME.split(row)]


@cache
def _pattern(text: str) -> re.Pattern[str]:
    words = r"\s(?:.*\s)?".join(re.escape(part) for part in text.split(" … "))
    return re.compile(rf"(?<!\S){words}(?!\S)")


def _stands(text: str, screen: list[str]) -> bool:
    return any(_pattern(text).search(row) for row in screen)


def _is_home(screen: list[str]) -> bool:
    return any(_stands(text, screen) for text in HOME)


def _lists(rows: Iterable[tuple[str, int, str, str]], screen: list[str]) -> bool:
    """True if a list of tabs has these and no other."""
    texts = [f"{name.removeprefix('table ')} … {total}" for name, _user, total, _status in rows]
    return all(_stands(text, screen) for text in (f"{len(texts)} open,", *texts))
