"""A receipt printer that speaks ESC/POS: a job is printed when the printer says so (ADR 0063)."""

from __future__ import annotations

import asyncio
import errno
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from till.devices import escpos
from till.devices.device_file import FileWire
from till.devices.escpos import AnswerKind
from till.devices.tcp import TcpWire
from till.domain.structs import replace
from till.ports.printer import JobState, PrinterTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from till.domain.paper.document import PaperLine
    from till.ports.printer import PrinterProfile

_TROUBLES: Final = {
    errno.EBUSY: PrinterTrouble.BUSY,
    errno.EACCES: PrinterTrouble.FORBIDDEN,
    errno.EPERM: PrinterTrouble.FORBIDDEN,
}
#: Trouble in the middle of a job during which the clock stands still: the printer goes on by itself after it.
_GOES_ON: Final = (PrinterTrouble.NO_PAPER, PrinterTrouble.OPEN)
_ALL_KINDS: Final = (1, 2, 3, 4)
_TEST_ID: Final = "test"
#: Seconds that are not waited for.
_MOMENT_S: Final = 0.001


class PrinterTimeouts(Struct, frozen=True):
    """Seconds to wait for a printer.

    Attributes:
        status: to connect and answer for the status.
        kick: to answer before and after a kick.
        job: to print, beside the time for its lines.
        line: more for each line.
        poll: between two questions for the status in the middle of a job.
        late: to say that a job was printed after its time is over.
        end: to take the last bytes, and to close.
    """

    status: float = 4.0
    kick: float = 2.0
    job: float = 10.0
    line: float = 0.25
    poll: float = 0.5
    late: float = 60.0
    end: float = 1.0


_LIMITS: Final = PrinterTimeouts()


class Examined(Struct, frozen=True):
    """The facts that a test of a printer finds.

    Attributes:
        state: the state of the page that it printed, or the trouble because of which it printed none.
    """

    state: JobState | PrinterTrouble
    asks_status: bool = False
    answers_ids: bool = False


class _Wire(Protocol):
    """A way to a printer."""

    @property
    def can_read(self) -> bool: ...
    def write(self, data: bytes) -> None: ...
    async def written(self) -> None: ...
    def close(self) -> None: ...


class _Connection:
    """A connection to a printer, with its questions and answers.

    Attributes:
        printed: done when the printer says that the job is printed or read (True), or the connection is lost (False).
        settled: set when it is connected, or never will be.
        lost: set when it is closed, by whomever.

    Args:
        profile: the printer.
        job_id: the id of the job that it is for.
    """

    def __init__(self, profile: PrinterProfile, job_id: str = "") -> None:
        self.profile = profile
        self._job_id = job_id.encode("ascii", "replace")
        self._wire: _Wire | None = None
        self._arrived = bytearray()
        #: Questions for the status: the number of their answers, those so far, and all of them.
        self._asked: deque[tuple[int, bytearray, asyncio.Future[bytes]]] = deque()
        self._has_document = self._is_rubbish = False
        self.printed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.settled = asyncio.Event()
        self.lost = asyncio.Event()

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: there is no connection.
        """
        try:
            if (address := self.profile.host_and_port) is None:
                self._wire = file = FileWire(self.profile.address, self._receive, self._lose)
                await file.open()
            else:
                self._wire = tcp = TcpWire(self._receive, self._lose)
                await tcp.open(*address)
        except ValueError:
            self._lose()
            raise OSError(errno.EINVAL, self.profile.address) from None
        except BaseException:
            self.close()
            self._lose()
            raise
        self.settled.set()

    @property
    def can_read(self) -> bool:
        """True if the way to the printer is also one back."""
        return self._wire is not None and self._wire.can_read

    @property
    def answers_status(self) -> bool:
        """True if it can be asked for its status."""
        return self.profile.asks_status and self.can_read

    @property
    def can_answer(self) -> bool:
        """True if it can say that a job is printed or read."""
        return self.can_read and (self.profile.answers_ids or self.profile.asks_status)

    def write(self, data: bytes) -> None:
        """Send."""
        if self._wire is not None:
            self._wire.write(data)

    async def written(self) -> None:
        """Wait until everything is sent."""
        if self._wire is not None:
            await self._wire.written()

    def send_document(self, document: bytes) -> None:
        """Send a document; from now on an answer may concern it."""
        self._has_document = True
        self.write(document)

    def ask(self, *kinds: int) -> asyncio.Future[bytes]:
        """Ask for the status. The answer is empty if the connection is lost, or something else is answered."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if self.lost.is_set():
            answer.set_result(b"")
        else:
            self._asked.append((len(kinds), bytearray(), answer))
            self.write(escpos.ask_status(*kinds))
        return answer

    def trouble_of(self, answer: bytes) -> PrinterTrouble | None:
        """Return the trouble in an answer to a question of all kinds."""
        if answer:
            return escpos.trouble_of(answer)
        return PrinterTrouble.ERROR if self._is_rubbish else PrinterTrouble.SILENT

    async def status(self) -> PrinterTrouble | None:
        """Ask for all kinds of status and return the trouble."""
        return self.trouble_of(await self.ask(*_ALL_KINDS))

    def close(self) -> None:
        """Close it."""
        self.settled.set()
        if self._wire is not None:
            self._wire.close()

    def _receive(self, data: bytes) -> None:
        self._arrived += data
        for kind, answer in escpos.take_answers(self._arrived):
            if kind is AnswerKind.STATUS:
                self._take_status(answer)
            elif kind is AnswerKind.PRINTED:  # of an earlier job: a device file may have it left
                if answer == self._job_id:
                    self._resolve(is_printed=True)
            elif kind is AnswerKind.READ and self._has_document and not self.profile.answers_ids:
                self._resolve(is_printed=True)
            else:
                self._is_rubbish = True
                self._answer_all()

    def _take_status(self, answers: bytes) -> None:
        """Give each question its answers; the rest, which nobody asked for, is dropped."""
        while answers and self._asked:
            number, so_far, whole = self._asked[0]
            missing = number - len(so_far)
            so_far += answers[:missing]
            answers = answers[missing:]
            if len(so_far) == number:
                self._asked.popleft()
                if not whole.done():
                    whole.set_result(bytes(so_far))

    def _answer_all(self) -> None:
        """End every question without an answer."""
        while self._asked:
            whole = self._asked.popleft()[2]
            if not whole.done():
                whole.set_result(b"")

    def _resolve(self, *, is_printed: bool) -> None:
        if not self.printed.done():
            self.printed.set_result(is_printed)

    def _lose(self) -> None:
        self.settled.set()
        self.lost.set()
        self._answer_all()
        self._resolve(is_printed=False)


class EscPosPrinter:
    """A printer that speaks ESC/POS over the network or a device file.

    Args:
        profile: its facts.
        limits: the seconds to wait for it.
    """

    def __init__(self, profile: PrinterProfile, limits: PrinterTimeouts = _LIMITS) -> None:
        self._profile = profile
        self._limits = limits
        #: The connection of the running job, or of the last one while a late answer may come.
        self._connection: _Connection | None = None
        #: The connection opened last: a device file cannot be opened before it is closed.
        self._last: _Connection | None = None
        #: Held while a job connects, and by whoever has a connection without a job.
        self._lock = asyncio.Lock()

    @property
    def profile(self) -> PrinterProfile:
        """The facts of the printer."""
        return self._profile

    async def status(self) -> PrinterTrouble | None:
        """Connect and ask for the status, over the connection of the running job if there is one."""
        connection = self._connection
        if connection is not None and connection.answers_status and not connection.lost.is_set():
            answer = connection.ask(*_ALL_KINDS)
            await asyncio.wait({answer}, timeout=self._limits.status)
            return connection.trouble_of(answer.result() if answer.done() else b"")
        async with self._lock:
            connection = _Connection(self._profile)
            try:
                return await self._opened(connection)
            finally:
                connection.close()

    async def print_lines(
        self,
        lines: Sequence[PaperLine],
        job_id: str,
        begins: Callable[[], None],
        heard: Callable[[PrinterTrouble | None], None],
        late: Callable[[], None],
    ) -> JobState | PrinterTrouble:
        """Print one document on a connection of its own."""
        self.close()
        self._connection = connection = _Connection(self._profile, job_id)
        is_kept = False
        try:
            async with self._lock:
                trouble = await self._opened(connection)
            if trouble is not None:
                return trouble
            begins()
            connection.send_document(escpos.document(lines, self._profile, job_id))
            state = await self._outcome(connection, len(lines), heard)
            is_kept = state is JobState.UNKNOWN and connection.can_answer and not connection.lost.is_set()
            return state
        finally:
            if is_kept:
                self._keep(connection, late)
            else:
                self.close()

    async def kick(self) -> bool:
        """Open the drawer at once, over the connection of the running job if there is one."""
        with suppress(OSError):
            async with asyncio.timeout(self._limits.kick):
                if (connection := self._connection) is not None:
                    await connection.settled.wait()
                    if await _kicked(connection):
                        return True
                async with self._lock:
                    connection = _Connection(self._profile)
                    try:
                        await self._open(connection)
                        return await _kicked(connection)
                    finally:
                        connection.close()
        return False

    def close(self) -> None:
        """Close a connection that waits for a late answer."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _open(self, connection: _Connection) -> None:
        if self._last is not None:
            await _at_most(self._limits.end, self._last.lost.wait())
        self._last = connection
        await connection.open()

    async def _opened(self, connection: _Connection) -> PrinterTrouble | None:
        """Connect and ask for the status; return the trouble."""
        try:
            async with asyncio.timeout(self._limits.status):
                await self._open(connection)
                return await connection.status() if connection.answers_status else None
        except TimeoutError:
            return connection.trouble_of(b"")
        except OSError as fault:
            return _TROUBLES.get(fault.errno or 0, PrinterTrouble.GONE)

    async def _outcome(
        self, connection: _Connection, lines: int, heard: Callable[[PrinterTrouble | None], None]
    ) -> JobState:
        """Wait until the printer says that it printed, or the time is over."""
        seconds = self._limits.job + lines * self._limits.line
        if not connection.can_answer:
            is_written = await _at_most(seconds, connection.written())
            return JobState.SENT if is_written and not connection.lost.is_set() else JobState.UNKNOWN
        if await self._answered(connection, seconds, heard):
            await _at_most(self._limits.end, connection.written())  # the cut
            return JobState.PRINTED
        if connection.lost.is_set() or self._profile.answers_ids:
            return JobState.UNKNOWN
        # It answers for its status alone: it took the document, and cannot say more.
        answer = connection.ask(*_ALL_KINDS)
        await asyncio.wait({answer}, timeout=self._limits.status)
        return JobState.SENT if answer.done() and not connection.trouble_of(answer.result()) else JobState.UNKNOWN

    async def _answered(
        self, connection: _Connection, seconds: float, heard: Callable[[PrinterTrouble | None], None]
    ) -> bool:
        """Wait for the answer to a document. The clock stands still while the printer says that it goes on later."""
        loop = asyncio.get_running_loop()
        known: PrinterTrouble | None = None
        question = connection.ask(*_ALL_KINDS) if connection.answers_status else loop.create_future()
        asked = loop.time()
        while seconds > _MOMENT_S and not connection.printed.done():
            began = loop.time()
            await asyncio.wait({connection.printed}, timeout=min(seconds, self._limits.poll))
            if question.done():
                trouble = connection.trouble_of(question.result())
                if trouble is not known:
                    heard(known := trouble)
                question, asked = connection.ask(*_ALL_KINDS), loop.time()
            if known not in _GOES_ON or loop.time() - asked > self._limits.status:  # it says nothing any more
                seconds -= loop.time() - began
        if known is not None:
            heard(None)
        return connection.printed.done() and connection.printed.result()

    def _keep(self, connection: _Connection, late: Callable[[], None]) -> None:
        """Keep a connection for a late answer."""

        def hear(printed: asyncio.Future[bool]) -> None:
            if printed.result():
                late()
            connection.close()

        connection.printed.add_done_callback(hear)
        asyncio.get_running_loop().call_later(self._limits.late, connection.close)


async def _kicked(connection: _Connection) -> bool:
    """Kick, if the printer answers before and after it. One that cannot answer is believed."""
    if connection.answers_status:
        if not await connection.ask(1):
            return False
        connection.write(escpos.KICK)
        return bool(await connection.ask(1))
    connection.write(escpos.KICK)
    await connection.written()
    return not connection.lost.is_set()


async def _at_most(seconds: float, act: Coroutine[object, object, object]) -> bool:
    """Wait for an act; False if its time is over."""
    try:
        async with asyncio.timeout(seconds):
            await act
    except TimeoutError:
        return False
    return True


async def examine(profile: PrinterProfile, lines: Sequence[PaperLine], limits: PrinterTimeouts = _LIMITS) -> Examined:
    """Print a page as a test, and find what the printer can answer, whatever its profile says."""

    async def printed(*, answers: bool) -> JobState | PrinterTrouble:
        tried = replace(profile, asks_status=answers, answers_ids=answers)
        printer = EscPosPrinter(tried, limits)
        try:
            return await printer.print_lines(lines, _TEST_ID, _nothing, _nothing, _nothing)
        finally:
            printer.close()

    state = await printed(answers=True)
    if state is PrinterTrouble.SILENT:
        return Examined(await printed(answers=False))
    is_asked = state in {JobState.PRINTED, JobState.UNKNOWN}
    return Examined(state, asks_status=is_asked, answers_ids=state is JobState.PRINTED)


async def print_pages(
    profile: PrinterProfile, pages: Sequence[Sequence[PaperLine]], limits: PrinterTimeouts = _LIMITS
) -> tuple[int, JobState | PrinterTrouble]:
    """Print pages one after the other, each cut off. Return the number printed, and the outcome of the last one."""
    printer = EscPosPrinter(profile, limits)
    state: JobState | PrinterTrouble = JobState.SENT
    try:
        for place, page in enumerate(pages):
            state = await printer.print_lines(page, _TEST_ID, _nothing, _nothing, _nothing)
            if isinstance(state, PrinterTrouble) or state is JobState.UNKNOWN:
                return place, state
    finally:
        printer.close()
    return len(pages), state


def _nothing(*_: object) -> None:
    """Do nothing."""
