"""Metrics of a till, as Prometheus reads them: in a file, on a port of this machine, or not at all."""

from __future__ import annotations

import asyncio
import re
import socket
import stat
import time
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING

import pytest

from till.config import MetricsConfig
from till.ports import Head, Light, LightState
from till.wiring.metrics import Exporter, Histogram, Measures
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

STORE = "0197d6a0-0000-7000-8000-00000000aa00"
_LINE = re.compile(r'[a-z_]+\{till="3"(,[a-z]+="[^"]+")?\} (-?[0-9.]+)\Z')


@pytest.fixture
def measures(tmp_path: Path) -> Iterator[Measures]:
    path = tmp_path / "till-3.sqlite"
    with closing(open_journal(path, till=3, store_id=STORE)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=3, store_id=STORE)
        register.light = Light(LightState.OFFLINE, conflicts=2, records=1)
        yield Measures(journal, register, path)


def values(text: str) -> dict[str, float]:
    """Each sample by its name and labels; the text is what Prometheus reads."""
    assert text.endswith("\n")
    found: dict[str, float] = {}
    names: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in names
            names.add(name)
        elif not line.startswith("#"):
            assert _LINE.match(line), line
            assert re.sub(r"(_bucket|_sum|_count)?\{.*", "", line) in names
            key, _space, value = line.rpartition(" ")
            assert key not in found
            found[key] = float(value)
    return found


class Looks:
    """Knows how often was looked: what is shown is shown before the next look."""

    def __init__(self) -> None:
        self._looks = 0
        self._another = asyncio.Event()

    async def calm(self, _most: float) -> None:
        self._looks += 1
        self._another.set()

    async def twice(self) -> None:
        """Wait until the measurement of now is shown."""
        until = self._looks + 2
        while self._looks < until:
            self._another.clear()
            await self._another.wait()


def test_the_text_is_what_prometheus_reads(measures: Measures) -> None:
    measures.answered(0.03, 0)
    measures.answered(0.03, 5)
    measures.answered(0.3, 1)
    measures.key_painted(0.004)
    found = values(measures.text())
    assert found['till_unsent_events{till="3"}'] == 1
    assert found['till_open_orders{till="3"}'] == 0
    assert found['till_conflicts{till="3"}'] == 2
    assert found['till_records_aside{till="3"}'] == 1
    assert found['till_journal_bytes{till="3"}'] > 4000
    assert found['till_light{till="3",state="offline"}'] == 1
    assert found['till_light{till="3",state="saved"}'] == 0
    assert found['till_last_acknowledged_timestamp_seconds{till="3"}'] > 1.7e9
    assert found['till_push_seconds_bucket{till="3",le="0.025"}'] == 0
    assert found['till_push_seconds_bucket{till="3",le="0.05"}'] == 1
    assert found['till_push_seconds_bucket{till="3",le="+Inf"}'] == 2
    assert found['till_push_seconds_sum{till="3"}'] == pytest.approx(0.33)
    assert found['till_key_to_line_seconds_bucket{till="3",le="0.004"}'] == 1
    assert found['till_key_to_line_seconds_count{till="3"}'] == 1


def test_the_last_acknowledgement_is_known_at_a_start(measures: Measures, tmp_path: Path) -> None:
    journal = measures.journal
    assert "till_last_acknowledged" not in measures.text()  # of a till that never had an answer
    journal.acknowledge(journal.head)
    begun = Measures(journal, measures.register, tmp_path / "till-3.sqlite").text()
    written = journal.written_at(journal.head.seq)
    assert written is not None
    assert values(begun)['till_last_acknowledged_timestamp_seconds{till="3"}'] == pytest.approx(written.timestamp(), 1)
    journal.acknowledge(Head(journal.head.seq, "0" * 64))  # of another chain
    assert "till_last_acknowledged" not in Measures(journal, measures.register, tmp_path / "till-3.sqlite").text()


def test_a_histogram_keeps_counting_from_one_look_to_the_next() -> None:
    one = Histogram((1.0,))
    for seconds in (0.5, 1.0, 1.5):
        one.observe(seconds)
    assert list(one.lines("n", "a")) == [
        'n_bucket{a,le="1.0"} 2',
        'n_bucket{a,le="+Inf"} 3',
        "n_sum{a} 3.000000",
        "n_count{a} 3",
    ]
    one.observe(9)
    assert list(one.lines("n", "a"))[-1] == "n_count{a} 4"


@asynccontextmanager
async def shown(config: MetricsConfig, measures: Measures) -> AsyncIterator[tuple[Exporter, Looks]]:
    looks = Looks()
    exporter = Exporter(config, measures, 3, looks.calm)
    work = asyncio.create_task(exporter.run())
    try:
        async with asyncio.timeout(20):
            yield exporter, looks
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


async def ask(port: int, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    answer = await reader.read()
    writer.close()
    return answer


async def test_the_port_is_of_this_machine_alone_and_answers_only_for_metrics(measures: Measures) -> None:
    async with shown(MetricsConfig(port=free_port(), every_s=0.1), measures) as (exporter, looks):
        await looks.twice()
        answer = await ask(exporter.port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _blank, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert b"text/plain; version=0.0.4" in head
        assert values(body.decode())['till_conflicts{till="3"}'] == 2
        for words in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"POST /metrics HTTP/1.1\r\n\r\n",
            b"GET /metrics/../x HTTP/1.1\r\n\r\n",
        ):
            assert (await ask(exporter.port, words)).startswith(b"HTTP/1.1 404")
        assert await ask(exporter.port, b"x" * 20_000 + b"\r\n\r\n") == b""
        hangs = [await asyncio.open_connection("127.0.0.1", exporter.port) for _number in range(9)]
        assert await hangs[-1][0].read() == b""
        for _reader, writer in hangs:
            writer.close()


async def test_a_port_that_another_till_has_costs_nothing(measures: Measures, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = MetricsConfig(port=taken.getsockname()[1], file=str(tmp_path / "till-{till}.prom"), every_s=0.1)
        async with shown(config, measures) as (exporter, looks):
            await looks.twice()
        assert exporter.port == 0
    assert (tmp_path / "till-3.prom").exists()


async def test_the_file_is_whole_each_time_and_anybody_may_read_it(measures: Measures, tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    folder.mkdir()
    async with shown(MetricsConfig(file=str(folder / "till-{till}.prom"), every_s=0.1), measures) as (_exporter, looks):
        await looks.twice()
        measures.answered(0.01, 1)
        await looks.twice()
    (made,) = folder.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o644
    assert values(made.read_text())['till_push_seconds_count{till="3"}'] == 1
    assert values(made.read_text())['till_unsent_events{till="3"}'] == 1


async def test_a_till_that_closed_in_order_says_so_and_one_that_died_stays_open(
    measures: Measures, tmp_path: Path
) -> None:
    file = tmp_path / "till-3.prom"
    async with shown(MetricsConfig(file=str(file), every_s=0.1), measures) as (exporter, looks):
        await looks.twice()
    died = values(file.read_text())
    assert died['till_open{till="3"}'] == 1
    assert died['till_measured_timestamp_seconds{till="3"}'] == pytest.approx(time.time(), abs=60)
    exporter.close()
    closed = values(file.read_text())
    assert closed['till_open{till="3"}'] == 0
    assert (
        closed['till_unsent_events{till="3"}'] == died['till_unsent_events{till="3"}'] == 1
    )  # an alert of the runbook


async def test_a_file_that_cannot_be_written_is_logged_once(
    measures: Measures, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = MetricsConfig(file=str(tmp_path / "nowhere" / "x"), every_s=0.1)
    async with shown(config, measures) as (exporter, looks):
        await looks.twice()
        await looks.twice()
    exporter.close()
    assert caplog.text.count("metrics_not_written") == 1
