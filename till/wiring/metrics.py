"""The metrics of a till for Prometheus, in a file or on a local port. They are off by default.

A measurement only appends a number, which is counted some seconds later, in a moment without keys. A request on the
port gets the text from that moment.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from bisect import bisect_left
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till import __version__
from till.config.files import whole_file
from till.domain.events.registry import OrderEvent
from till.journal import JournalDamagedError
from till.ports import LightState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from till.config import MetricsConfig
    from till.journal import JournalFile
    from till.register.register import Register

#: The upper bounds of the buckets in seconds. The design requires 8 ms for 95 % of keys, and 100 ms for 99 % of pushes.
KEY_BOUNDS: Final = (0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.125, 0.25, 0.5, 1.0)
PUSH_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WAITING: Final = 100_000
_CALM_S: Final = 0.5
_LONGEST: Final = 8_192
_ASKING_S: Final = 5.0
_MOST_ASKING: Final = 8
_PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"
_log: Final = logging.getLogger(__name__)


class Histogram:
    """A histogram of durations. Measuring only calls `observe`.

    Args:
        bounds: the upper bounds of the buckets, in seconds.
    """

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._new: deque[float] = deque(maxlen=_WAITING)

    def observe(self, seconds: float) -> None:
        """Add a duration."""
        self._new.append(seconds)

    def lines(self, name: str, labels: str) -> Iterator[str]:
        """Count the added durations, and yield the lines for Prometheus."""
        while self._new:
            seconds = self._new.popleft()
            self._counts[bisect_left(self._bounds, seconds)] += 1
            self._sum += seconds
        total = 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
        yield f"{name}_sum{{{labels}}} {self._sum:.6f}"
        yield f"{name}_count{{{labels}}} {total}"


class Measures:
    """The metrics of one till.

    Args:
        journal: this till's disk.
        register: has the light.
        path: the journal's file.
    """

    def __init__(self, journal: JournalFile, register: Register, path: Path) -> None:
        self.journal, self.register, self._path = journal, register, path
        self._keys, self._pushes = Histogram(KEY_BOUNDS), Histogram(PUSH_BOUNDS)
        self._answered_at = _acknowledged_at(journal)

    def key_painted(self, seconds: float) -> None:
        """Add the time from a key to its paint."""
        self._keys.observe(seconds)

    def answered(self, seconds: float, records: int) -> None:
        """Add an answer of the database to a push with a number of records, or to a poll with 0."""
        self._answered_at = time.time()
        if records:
            self._pushes.observe(seconds)

    def text(self, *, is_open: bool = True) -> str:
        """Return the present metrics. It queries the journal, so call it only in a moment without keys.

        Args:
            is_open: False for the last metrics of a till that closes in order.
        """
        return "\n".join([*self._lines(is_open), ""])

    def _lines(self, is_open: bool) -> Iterator[str]:
        light, ledger, printing = self.register.light, self.register.ledger, self.register.printing
        till = f'till="{self.register.till}"'
        gauges = (
            ("till_open", "1 while the till is open or if it died, 0 once it was closed.", int(is_open)),
            ("till_measured_timestamp_seconds", "When these metrics were taken.", f"{time.time():.3f}"),
            (
                "till_unsent_events",
                "Records that only this till has.",
                self.journal.head.seq - self.journal.acked.seq,
            ),
            (
                "till_open_orders",
                "Orders that are open on this till.",
                len(self.journal.streams(OrderEvent.stream, is_open=True)),
            ),
            ("till_conflicts", "Conflicts about money that wait for a manager.", light.conflicts),
            ("till_records_aside", "Records of the venue that need attention.", light.records),
            ("till_journal_bytes", "Size of the journal on disk.", self._size()),
            ("till_disk_free_bytes", "Free space beside the journal.", shutil.disk_usage(self._path.parent).free),
            (
                "till_clock_skew_seconds",
                "How far this machine's clock is from the database's, as last heard.",
                f"{abs((ledger.clock.now() - ledger.now()).total_seconds()):.3f}",
            ),
            ("till_print_jobs_waiting", "Papers that wait for a person or a printer.", len(printing.waiting())),
            ("till_printers_in_trouble", "Printers of this till that do not print.", printing.in_trouble),
        )
        yield from gauge_lines("till_info", "Which till this is.", {f'{till},version="{__version__}"': 1})
        for name, meaning, value in gauges:
            yield from gauge_lines(name, meaning, {till: value})
        states = {f'{till},state="{state}"': int(light.state is state) for state in LightState}
        yield from gauge_lines("till_light", "1 for the state that the light shows.", states)
        if self._answered_at:
            meaning = "When the database answered last; at a start, its last record of this till."
            answered = {till: f"{self._answered_at:.3f}"}
            yield from gauge_lines("till_last_acknowledged_timestamp_seconds", meaning, answered)
        yield from _head("till_push_seconds", "histogram", "From sending records to their acknowledgement.")
        yield from self._pushes.lines("till_push_seconds", till)
        yield from _head("till_key_to_line_seconds", "histogram", "From a key to the screen that shows it.")
        yield from self._keys.lines("till_key_to_line_seconds", till)

    def _size(self) -> int:
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


def _acknowledged_at(journal: JournalFile) -> float:
    """Return the time of the last record that the database acknowledged; 0 if unknown."""
    acked = journal.acked
    try:
        at = journal.written_at(acked.seq) if journal.hash_at(acked.seq) == acked.hash else None
    except JournalDamagedError:  # the till itself reports it
        return 0.0
    return at.timestamp() if at else 0.0


class Exporter:
    """An exporter of a till's metrics while `run` runs.

    Args:
        config: the file or the port, and the interval.
        measures: the metrics.
        till: the till's number, for the file's name.
        calm: waits up to a number of seconds for a moment without keys.
    """

    def __init__(
        self, config: MetricsConfig, measures: Measures, till: int, calm: Callable[[float], Awaitable[None]]
    ) -> None:
        self._config, self._measures, self._calm = config, measures, calm
        self._file = Path(config.file.replace("{till}", str(till))).expanduser() if config.file else None
        self._text = ""
        self._is_logged = False
        self._asking = 0
        #: The port of the server; 0 while it does not listen.
        self.port = 0

    async def run(self) -> None:
        """Export at intervals. A failure is logged once, and does not stop the till."""
        server = await self._listen() if self._config.port else None
        try:
            while True:
                await self._calm(_CALM_S)
                self._text = self._measures.text()
                await asyncio.to_thread(self._write)
                await asyncio.sleep(self._config.every_s)
        finally:
            if server is not None:
                server.close()

    def close(self) -> None:
        """Write that the till was closed, after `run`. The file of a till that died says that it is open."""
        self._text = self._measures.text(is_open=False)
        self._write()

    def _write(self) -> None:
        """Replace the file, if there is one."""
        if self._file is None:
            return
        try:
            replace_metrics(self._file, self._text)
        except OSError as problem:
            if not self._is_logged:
                _log.warning("metrics_not_written", extra={"error": problem.strerror})
            self._is_logged = True

    async def _listen(self) -> asyncio.Server | None:
        try:
            server = await asyncio.start_server(self._answer, "127.0.0.1", self._config.port, limit=_LONGEST)
        except OSError as problem:  # another till of this machine uses the port
            _log.warning("metrics_port_taken", extra={"error": problem.strerror})
            return None
        self.port = int(server.sockets[0].getsockname()[1])
        return server

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._asking += 1
        try:
            if self._asking <= _MOST_ASKING:
                async with asyncio.timeout(_ASKING_S):
                    asked = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._response(asked))
                    await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a malformed request gets no answer
        finally:
            self._asking -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _response(self, asked: bytes) -> bytes:
        known = asked.startswith((b"GET /metrics ", b"GET /metrics?"))
        body = self._text.encode() if known else b"GET /metrics\n"
        status = "200 OK" if known else "404 Not Found"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {_PLAIN}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


def replace_metrics(file: Path, text: str) -> None:
    """Replace a file of metrics atomically, readable by everybody.

    Raises:
        OSError: it cannot be written.
    """
    with whole_file(file) as out:
        out.write(text.encode())
        os.fchmod(out.fileno(), 0o644)


def gauge_lines(name: str, meaning: str, values: Mapping[str, float | str]) -> Iterator[str]:
    """Yield the lines of a gauge, with its values by their labels."""
    yield from _head(name, "gauge", meaning)
    for labels, value in values.items():
        yield f"{name}{{{labels}}} {value}"


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
