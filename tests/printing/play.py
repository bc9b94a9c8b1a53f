"""One random history of two tills and two printers by a seed: sales, receipts, faults of printers, kills of tills.

A till is killed between any two writes of its journal, before or after one. Till 2 prints on the printer of till 1, and
has the drawer at the other one. Whoever plays knows the paper, the drawers and every sentence that a till showed.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tests.evenings.evening import hold
from tests.printer.device import Device
from tests.printing.wires import Network
from tests.register.conftest import Till
from tests.register.exchange import meet
from tests.register.fakes import MemoryJournal, SetClock
from tests.register.payments.scripted import played
from till.devices.printer import EscPosPrinter
from till.domain.errors import TillError
from till.domain.order.paying import CASH
from till.domain.paper.document import PaperLine
from till.domain.shift.kicks import opens_drawer
from till.ports.printer import Job, JobState, PrinterProfile, Printers, ReceiptsWhen
from till.register.printing.interrupted import left_words
from till.register.printing.runner import Runner
from till.wiring.printing import no_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.register.printing.jobs import PrintJobs

_STEPS: Final = (12, 30)
_WHAT: Final = (
    *(
        "sell",
        "sell",
        "sell",
        "sell_by_card",
        "receipt",
        "receipt",
        "receipt",
        "bill",
        "no_sale",
        "refuse",
        "print_late",
    ),
    *("break_printer", "break_printer", "mend", "mend", "wait", "wait_long", "kill", "kill", "meet"),
)
_FAULTS: Final = (
    *("no paper", "paper for 3", "paper for 9", "open", "error", "mute", "rubbish", "slow", "no ids"),
    *("off", "off after 7", "off after 90", "off after 200"),
)
_MENDED: Final = ("on", "paper", "close", "no error", "speak", "fast", "all answers")
#: Seconds after which a kick is done, or said to be not.
_KICKED_S: Final = 3.5
_DRAWER: Final = "The drawer did not open: use its key."
_IN_DOUBT: Final = re.compile(r"^Did .* print\?")


class KilledError(BaseException):
    """The end of a till's process in the middle of something."""


class MortalJournal(MemoryJournal):
    """A journal whose till is killed at one of its writes.

    Attributes:
        dies_in: the writes after which it dies; None for never.
        is_dead: True from then on until the till starts again.
        killed: called once when it dies.
    """

    def __init__(self, journal_id: str, killed: Callable[[], None]) -> None:
        super().__init__(journal_id)
        self.dies_in: int | None = None
        self.is_before = self.is_dead = False
        self.killed = killed

    def _written(self, write: Callable[[], None]) -> None:
        if self.is_dead:
            raise KilledError
        if self.dies_in is not None:
            self.dies_in -= 1
        is_last = self.dies_in is not None and self.dies_in <= 0
        if not is_last or not self.is_before:
            write()
        if is_last:
            self.dies_in, self.is_dead = None, True
            self.killed()
            raise KilledError

    @override
    def append(
        self, events: Iterable[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0
    ) -> None:
        own = tuple(events)
        self._written(lambda: MemoryJournal.append(self, own, closed=closed, jobs=jobs, kick=kick))

    @override
    def keep_jobs(self, jobs: Iterable[Job], *, is_lasting: bool = True) -> None:
        own = tuple(jobs)
        self._written(lambda: MemoryJournal.keep_jobs(self, own, is_lasting=is_lasting))

    @override
    def kicked(self, seq: int) -> None:
        self._written(lambda: MemoryJournal.kicked(self, seq))


class Place:
    """A till with what the person before it sees.

    Attributes:
        sentences: all that it showed about papers and its drawer, also at starts.
        named: the jobs that a sentence asked about.
        drawer: the printer that its drawer is wired to.
    """

    def __init__(self, number: int, clock: SetClock, network: Network, drawer: Device, when: ReceiptsWhen) -> None:
        self.network = network
        self.drawer = drawer
        self.sentences: list[str] = []
        self.named: set[int] = set()
        journal = MortalJournal(f"0197a000-0000-7000-8000-00000000be0{number}", lambda: network.kill(number))
        self.till = Till(number, number, clock=clock, journal=journal)
        every = {name: PrinterProfile(name=name, address=f"tcp://{name}-{number}") for name in network.boards}
        self.printers = Printers(every, papers="a", drawer="ab"[number - 1], when=when)
        self.runner: Runner | None = None

    @property
    def journal(self) -> MortalJournal:
        assert isinstance(self.till.journal, MortalJournal)
        return self.till.journal

    def begin(self) -> None:
        """Start printing, as a till does once its screen is there."""
        printing = self.till.register.printing
        printing.printers = lambda: self.printers
        doubt = left_words(self.till.register.ledger, self.till.register.venue)
        if doubt:
            self.sentences.append(doubt)
            self.named |= {job.number for job in self.journal.live_jobs() if job.state is JobState.UNKNOWN}
        self.runner = Runner(printing, EscPosPrinter, self.lines, self.tell, till=self.till.number, calm=no_keys)
        printing.begin(self.runner)

    def tell(self, sentence: str) -> None:
        """Show a sentence."""
        if self.journal.is_dead:
            return
        if sentence:
            self.sentences.append(sentence)
        if _IN_DOUBT.match(sentence):
            self.named |= {job.number for job in self.journal.live_jobs() if job.state is JobState.UNKNOWN}

    async def lines(self, job: Job, _profile: PrinterProfile) -> list[PaperLine]:
        """Return the lines of a document: its mark and number, some text, and its end."""
        mark = "AGAIN" if job.again else f"COPY {job.copy}" if job.copy else "ORIGINAL"
        text = [PaperLine(f"{number} Filter coffee") for number in range(2 + job.number % 12)]
        return [PaperLine(f"{mark} {job.paper} {job.of}"), *text, PaperLine(f"END {self.till.number}.{job.number}")]

    async def start_again(self) -> None:
        """Start the till after it was killed."""
        runner = self.runner
        assert runner is not None
        tasks = {*runner._serving.values(), *runner._kicks}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.journal.is_dead = False
        self.till.start()
        try:
            self.begin()
        except KilledError:  # in its start
            await self.start_again()

    def opened(self) -> int:
        """Count the events that open the drawer, and what became of each: kicks, sentences and names at starts."""
        named = sum(sentence.count("did the drawer open?") for sentence in self.sentences)
        return self.drawer.kicks + self.sentences.count(_DRAWER) + named

    def openings(self) -> int:
        """Count the commands that open the drawer."""
        return sum(any(opens_drawer(event.data, self.till.number) for event in one) for one in self.journal.appends)


def _ignore_kill(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), KilledError):
        loop.default_exception_handler(context)


def print_late(printing: PrintJobs) -> None:
    """Print all that waited too long."""
    for job in printing.late():
        printing.wanted(job)


class History:
    """A history by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a history repeats itself
        self.clock = SetClock()
        self.devices = {name: Device(columns=80) for name in "ab"}
        self.network = Network(self.devices)
        self.trace: list[str] = []
        when: ReceiptsWhen = self.rng.choice(("always", "key"))
        self.places = [
            Place(number, self.clock, self.network, self.devices[name], when) for number, name in ((1, "a"), (2, "b"))
        ]
        self.place = self.places[0]

    def play(self) -> None:
        """Play it to its end, and check every rule.

        Raises:
            BrokenError: a rule does not hold.
        """
        with self.network.plugged():
            played(self.clock, self._story())
        self.check()

    async def _story(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_ignore_kill)
        for place in self.places:
            place.begin()
        for _step in range(self.rng.randint(*_STEPS)):
            self.place = self.rng.choice(self.places)
            await self._step(self.rng.choice(_WHAT))
        self.trace.append("end")
        for name in self.devices:
            self._mend(name)
        for place in self.places:
            place.journal.dies_in = None
        await asyncio.sleep(300)
        await self._start_killed()
        for place in self.places:
            print_late(place.till.register.printing)
        await asyncio.sleep(300)
        for place in self.places:
            assert place.runner is not None
            await place.runner.end()

    async def _step(self, what: str) -> None:
        place, before = self.place, (self.place.openings(), self.place.opened())
        self.trace.append(f"{place.till.number} {what}")
        try:
            act: Callable[[], None] = getattr(self, what)
            act()
        except TillError as refused:
            self.trace[-1] += f" ({refused.code})"
        except KilledError:
            self.trace[-1] += " (killed)"
        is_opening = place.openings() > before[0]
        await asyncio.sleep(_KICKED_S if is_opening else self.rng.choice((0, 0.01, 0.3, 4)))
        await self._start_killed()
        after = place.opened() - before[1]
        hold("the drawer opens, or a sentence says that it did not", holds=not is_opening or after > 0, what=after)

    async def _start_killed(self) -> None:
        for place in self.places:
            if place.journal.is_dead:
                self.trace.append(f"{place.till.number} starts")
                await place.start_again()

    # Acts

    def _order(self) -> Order:
        return self.place.till.order(*self.rng.choices((1, 2, 3, 8, 9), k=self.rng.randint(1, 3)))

    def sell(self) -> None:
        """Sell for cash."""
        self.place.till.register.checkout.pay_exact(self._order().id, CASH)

    def sell_by_card(self) -> None:
        """Sell by card, which opens no drawer."""
        self.place.till.register.checkout.pay_exact(self._order().id, "CARD")

    def receipt(self) -> None:
        """Print the receipt of any sale, of this till or the other, for the first time or again."""
        ledger = self.place.till.register.ledger
        ids = dict.fromkeys(event.session_id for one in self.places for event in one.journal.own if event.session_id)
        orders = (ledger.readable(one) for one in ids)
        if sold := [order.id for order in orders if order is not None and order.placed is not None]:
            self.place.till.register.printing.receipt(self.rng.choice(sold[-4:]))

    def bill(self) -> None:
        """Print a provisional bill."""
        self.place.till.register.printing.bill(self._order().id)

    def no_sale(self) -> None:
        """Open the drawer."""
        self.place.till.register.drawer.no_sale("change")

    def refuse(self) -> None:
        """Print nothing of what waits."""
        self.place.till.register.printing.drop()

    def print_late(self) -> None:
        """Print what waited too long."""
        print_late(self.place.till.register.printing)

    def break_printer(self) -> None:
        """Break a printer."""
        fault = self.rng.choice(_FAULTS)
        self.trace[-1] += f": {fault}"
        self.rng.choice(list(self.devices.values())).tell(fault)

    def mend(self) -> None:
        """Mend a printer."""
        self._mend(self.rng.choice(list(self.devices)))

    def _mend(self, name: str) -> None:
        for words in _MENDED:
            self.devices[name].tell(words)

    def wait(self) -> None:
        """Let time pass."""
        self.clock.move(seconds=20)

    def wait_long(self) -> None:
        """Let the time pass after which receipts ask first."""
        self.clock.move(minutes=6)

    def kill(self) -> None:
        """Let the till be killed at one of its next writes."""
        journal = self.place.journal
        journal.dies_in, journal.is_before = self.rng.randint(1, 6), self.rng.random() < 0.5

    def meet(self) -> None:
        """Let both tills know all sales."""
        meet(*(place.till for place in self.places))

    # Rules

    def paper(self) -> list[str]:
        """Return all lines on paper."""
        return [line.text for device in self.devices.values() for sheet in device.sheets for line in sheet.lines]

    def check(self) -> None:
        """Check every rule.

        Raises:
            BrokenError: a rule does not hold.
        """
        paper = Counter(self.paper())
        twice = [text for text, times in paper.items() if text.startswith("ORIGINAL receipt") and times > 1]
        hold("no receipt is printed twice unmarked", holds=not twice, what=twice)
        for device in self.devices.values():
            hold("a printer knows each command", holds=not device.unknown, what=device.unknown)
        for place in self.places:
            for job in place.journal.jobs.values():
                self._check_job(place, job, paper)
            if place.printers.when == "always":
                printed = {job.of for job in place.journal.jobs.values() if job.paper == "receipt"}
                own = {event.stream_id for event in place.journal.own if event.type == "order_placed"}
                hold("each sale has its receipt", holds=own <= printed, what=own - printed)

    def _check_job(self, place: Place, job: Job, paper: Counter[str]) -> None:
        end = f"END {place.till.number}.{job.number}"
        what: Any = (place.till.number, job, end in paper)
        if job.state is JobState.PRINTED:
            hold("a printed paper is there", holds=end in paper, what=what)
        if job.state is JobState.UNKNOWN:
            hold("a paper in doubt is named", holds=job.number in place.named, what=what)
        hold("nothing is left that nobody asks for", holds=job.state is not JobState.QUEUED, what=what)
