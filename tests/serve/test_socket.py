"""A page, its socket and its till: what a cut, a second browser and a hostile page do to them."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from tests.serve.conftest import PATIENCE, Page, serving
from till.serve import Limits
from till.serve.messages import LARGEST
from till.serve.runs import ELSEWHERE, MISUSED, NO_WAY_IN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serve.conftest import Venue

TOO_LARGE = 1009


async def test_keys_reach_the_till_once_though_a_cut_hid_their_answer(venue: Venue) -> None:
    cookie = venue.cookie()
    page = await (await venue.open(cookie)).sees("40x22 <>")
    await page.type(1, "2 id")
    await page.type(2, "ly")
    page.socket.close()  # before any answer
    back = await venue.open(cookie, run=page.run)
    assert back.run == page.run
    for number, keys in ((1, "2 id"), (2, "ly"), (3, "!")):
        if number > back.taken:
            await back.type(number, keys)
    await back.until(lambda now: now.taken == 3)
    await back.sees("<2 idly!>")
    await back.type(3, "!")
    await back.type(4, ".")
    await back.sees("<2 idly!.>")


async def test_keys_that_a_cut_swallowed_are_missed_and_not_guessed(venue: Venue) -> None:
    cookie = venue.cookie()
    page = await (await venue.open(cookie)).sees("<>")
    await page.type(1, "a")
    await page.type(3, "c")
    assert await page.closed() == MISUSED
    back = await venue.open(cookie, run=page.run)
    assert back.taken == 1
    await back.type(2, "b")
    await back.type(3, "c")
    await back.sees("<abc>")


@pytest.mark.parametrize(("minutes", "is_same"), [(14, True), (16, False)])
async def test_a_phone_that_comes_back_in_time_has_its_screen_as_it_was(
    venue: Venue, minutes: int, *, is_same: bool
) -> None:
    cookie = venue.cookie()
    page = await (await venue.open(cookie)).sees("<>")
    await page.type(1, "idl")
    await page.sees("<idl>")
    page.socket.close()
    await venue.left(5)
    venue.now += minutes * 60
    await venue.runs.sweep()
    assert venue.hung_up() == ([] if is_same else ["idl"])
    again = await venue.open(cookie, load="load-2", run=page.run)
    assert (again.run == page.run) is is_same
    await again.sees("<idl>" if is_same else "<>")
    assert again.taken == 0
    await again.type(1, "y")
    await again.sees("<idly>" if is_same else "<y>")


async def test_a_till_with_a_page_runs_on_for_as_long_as_it_likes(venue: Venue) -> None:
    page = await (await venue.open(venue.cookie())).sees("<>")
    venue.now += 3600
    await venue.runs.sweep()
    await page.type(1, "a")
    await page.sees("<a>")


async def test_the_newest_page_has_the_till_and_the_older_one_is_told(venue: Venue) -> None:
    cookie = venue.cookie()
    first = await (await venue.open(cookie)).sees("<>")
    await first.type(1, "a")
    await first.sees("<a>")
    copied = await (await venue.open(cookie, load="load-2")).sees("<a>")
    assert copied.run == first.run
    assert await first.closed() == ELSEWHERE
    await copied.type(1, "b")
    await copied.sees("<ab>")


async def test_a_new_cookie_ends_the_run_and_its_page(venue: Venue) -> None:
    old = venue.cookie()
    page = await (await venue.open(old)).sees("<>")
    await page.type(1, "mine")
    await page.sees("<mine>")
    new = venue.cookie()
    fresh = await (await venue.open(new, load="load-2")).sees("<>")
    assert fresh.run != page.run
    assert await page.closed() == NO_WAY_IN
    assert venue.hung_up() == ["mine"]
    with pytest.raises(HTTPClientError, match="403"):
        await venue.connect(old)


async def test_a_silent_socket_of_a_lost_phone_gets_nothing_of_the_next_one(venue: Venue) -> None:
    old = venue.cookie()
    silent, swept = [Page(await venue.connect(old), "lost") for _ in range(2)]
    new = await (await venue.open(venue.cookie(), load="load-2")).sees("<>")
    await silent.say(load="lost", columns=40, rows=22)
    assert await silent.closed() == NO_WAY_IN
    assert not silent.run
    await venue.served.sweep()
    assert await swept.closed() == NO_WAY_IN
    await new.type(1, "mine")
    await new.sees("<mine>")
    assert venue.hung_up() == []


async def test_keys_of_a_socket_that_the_server_ended_are_not_heard(venue: Venue) -> None:
    cookie = venue.cookie()
    first = await (await venue.open(cookie)).sees("<>")
    (ended,) = venue.served.sockets
    second = await (await venue.open(cookie, load="load-2")).sees("<>")
    await ended.on_message(b'{"number": 1, "keys": "lost"}')  # was on its way
    await ended.on_message(b'{"load": "load-1"}')
    assert await first.closed() == ELSEWHERE
    await second.type(1, "mine")
    await second.sees("<mine>")


async def test_a_till_whose_page_was_cut_while_it_started_is_left(venue: Venue) -> None:
    _reader, writer = await venue.raw(venue.cookie())
    (line,) = venue.served.sockets
    async with venue.runs._turn(5):
        opened = asyncio.create_task(line.on_message('{"load": "own"}'))
        await asyncio.sleep(0)
        writer.transport.abort()
        while venue.served.sockets:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
    await opened
    run = venue.run_of(5)
    assert run is not None
    assert run.socket is None


@pytest.mark.parametrize("how", ["forget", "new_link"])
async def test_a_phone_that_is_lost_or_revoked_is_cut_at_the_next_look(venue: Venue, how: str) -> None:
    page = await (await venue.open(venue.cookie())).sees("<>")
    other = await (await venue.open(venue.cookie(6))).sees("<>")
    getattr(venue.phones, how)(5)
    await venue.served.sweep()
    assert await page.closed() == NO_WAY_IN
    assert venue.hung_up() == [""]
    await other.type(1, "a")
    await other.sees("<a>")


@pytest.mark.parametrize(
    "bad", ["{", '{"keys": 1}', '{"other": 1}', '{"number": 0}', '{"number": 1, "keys": "a"}', b"\xff"]
)
async def test_a_page_that_says_nonsense_is_cut(venue: Venue, bad: Any) -> None:
    line = await venue.connect(venue.cookie())
    await line.write_message(bad, binary=isinstance(bad, bytes))
    assert await Page(line, "").closed() == MISUSED
    assert not venue.hung_up()


async def test_ten_megabytes_end_the_socket_and_not_the_till(venue: Venue) -> None:
    cookie = venue.cookie()
    page = await (await venue.open(cookie)).sees("<>")
    await page.type(1, "a")
    await page.sees("<a>")
    with suppress(WebSocketClosedError):
        await page.socket.write_message("x" * 10_000_000)
    assert await page.closed() in {TOO_LARGE, None}  # the rest of it may break the connection before the reason arrives
    back = await venue.open(cookie, run=page.run)
    await back.type(2, "b" * (LARGEST - 100))
    await back.sees("bbb>")


async def test_half_a_frame_holds_up_nobody(venue: Venue) -> None:
    _reader, writer = await venue.raw(venue.cookie())
    writer.write(struct.pack("!BBH", 0x81, 0xFE, 4000) + b"mask" + b"x" * 1000)
    await writer.drain()
    other = await (await venue.open(venue.cookie(6))).sees("<>")
    await other.type(1, "a")
    await other.sees("<a>")
    writer.close()
    await writer.wait_closed()


async def test_a_phone_that_does_not_read_costs_no_memory_and_sees_the_last_screen(venue: Venue) -> None:
    page = await (await venue.open(venue.cookie())).sees("<>")
    await page.type(1, "\x1bOP")  # twenty megabytes
    worst = 0
    (line,) = venue.served.sockets
    while not (venue.folder / "flooded").exists():  # nobody reads meanwhile, and the program does not wait for it
        worst = max(worst, line.waiting)
        await asyncio.sleep(0.001)
    assert 100_000 < worst < 400_000
    await page.type(2, "z")
    await page.until(lambda now: now.taken == 2 and now.painted.endswith(b"z>"))
    assert len(page.painted) < 10_000_000


async def test_a_till_that_refuses_to_start_says_why_and_is_tried_again(venue: Venue) -> None:
    venue.refusal = ["till: Till 5 is open in another window (process 77)."]
    page = await venue.open(venue.cookie())
    await page.until(lambda now: now.ended is not None)
    assert page.ended == "till: Till 5 is open in another window (process 77)."
    first = page.run
    venue.refusal = []
    await page.say(load="load-1", start=True)
    await page.sees("<>")
    assert page.run != first
    await page.type(1, "a")
    await page.sees("<a>")


async def test_a_till_that_was_closed_says_goodbye_and_takes_no_key(venue: Venue) -> None:
    cookie = venue.cookie()
    page = await (await venue.open(cookie)).sees("<>")
    await page.type(1, "\x1b[24~")
    await page.until(lambda now: now.ended is not None)
    assert page.ended == "See you."
    await page.type(2, "lost")
    back = await venue.open(cookie, run=page.run)  # the same page sees the end; another load opens the till again
    await back.until(lambda now: now.ended == "See you.")
    assert back.taken == 1
    again = await venue.open(cookie, load="load-2")
    assert again.run != page.run
    await again.sees("<>")


async def test_a_till_that_dies_says_that_nothing_is_lost(venue: Venue) -> None:
    page = await (await venue.open(venue.cookie())).sees("<>")
    run = venue.run_of(5)
    assert run is not None
    assert run._process is not None
    os.kill(run._process.pid, signal.SIGKILL)
    await page.until(lambda now: now.ended is not None)
    assert page.ended == "The till stopped. Nothing is lost."


async def test_tills_beyond_the_setting_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, Limits(tills=1, minutes=15)) as venue:
        first, second = venue.cookie(5), venue.cookie(6)
        page = await (await venue.open(first)).sees("<>")
        refused = await venue.open(second)
        assert "1 tills run here" in (refused.ended or "")
        assert not refused.run
        await page.type(1, "\x1b[24~")
        await page.until(lambda now: now.ended is not None)
        await refused.say(load="load-1", start=True)
        await refused.sees("<>")


async def test_a_size_reaches_the_till(venue: Venue) -> None:
    page = await (await venue.open(venue.cookie(), columns=60, rows=34)).sees("60x34 <>")
    await page.say(columns=100, rows=34)
    await page.type(1, "a")
    await page.sees("100x34 <a>")


async def test_tills_end_as_closed_windows_with_their_server(venue: Venue) -> None:
    page = await (await venue.open(venue.cookie())).sees("<>")
    await page.type(1, "words")
    await page.sees("<words>")
    await venue.runs.close()
    assert venue.hung_up() == ["words"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
async def test_a_page_of_another_origin_has_no_socket(venue: Venue, origin: str) -> None:
    cookie = venue.cookie()
    with pytest.raises(HTTPClientError, match="403"):
        await venue.connect(cookie, origin)


async def test_nothing_starts_without_a_cookie(venue: Venue) -> None:
    venue.cookie()
    for cookie in ("", "5-" + "A" * 43):
        with pytest.raises(HTTPClientError, match="403"):
            await venue.connect(cookie)
    assert venue.run_of(5) is None


async def test_many_sockets_of_one_till_end_the_oldest(venue: Venue) -> None:
    cookie = venue.cookie()
    first, *_others = [Page(await venue.connect(cookie), "") for _ in range(4)]
    assert await first.closed() == ELSEWHERE


async def test_sockets_over_the_limit_close_though_their_other_end_is_silent(venue: Venue) -> None:
    cookie = venue.cookie()
    first, *others = [await venue.raw(cookie) for _ in range(4)]
    async with asyncio.timeout(PATIENCE / 5):
        assert (await first[0].read()).endswith(struct.pack("!H", ELSEWHERE))
    assert len(venue.served.sockets) == 3
    for _reader, writer in (first, *others):
        writer.close()


async def test_a_stuck_till_is_killed(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("till.serve.till_process._PATIENCE_S", 0.1)
    page = await (await venue.open(venue.cookie())).sees("<>")
    run = venue.run_of(5)
    assert run is not None
    assert run._process is not None
    pid = run._process.pid
    os.kill(pid, signal.SIGSTOP)
    venue.phones.forget(5)
    await venue.runs.sweep()
    assert await page.closed() == NO_WAY_IN
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
