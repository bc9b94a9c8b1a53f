"""`till serve`: real tills in a real server, seen by their pages, and what is left when it is killed."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pyte
import pytest

from tests.e2e.terminal import PATIENCE, TILL
from tests.serve.conftest import Connections, Page
from till.config import Folders
from till.config.phones import Phones
from till.serve.server import COOKIE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.plugins.terminals import Venue


class Serving:
    """A `till serve` on loopback, for the tills of the demo venue."""

    def __init__(self, venue: Venue, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / "config.toml"
        config.write_text(f'[serve]\nurl = "{self.url}"\nport = {self.port}\ncertificate = "none"\n', encoding="utf-8")
        self.environment = {**venue.environment(), "TILL_CONFIG": str(config), "TILL_STAFF": "9"}
        self.phones = Phones(Folders(venue.folder))
        self.lines = Connections()
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it listens."""
        self.process = subprocess.Popen([TILL, "serve"], env=self.environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"Serving tills at {self.url}. Ctrl+C stops.\n"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the server by a signal; return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def cookie(self, till: int) -> str:
        """Return the cookie of a browser that opened a new link."""
        cookie = self.phones.redeem(self.phones.new_link(till))
        assert cookie is not None
        return cookie

    async def open(self, cookie: str, load: str = "load-1", run: str = "") -> Phone:
        """Open a page."""
        headers = {"Origin": self.url, "Cookie": f"{COOKIE}={cookie}"}
        line = await self.lines.connect(f"ws://127.0.0.1:{self.port}/till", headers)
        page = Phone(line, load)
        await page.say(load=load, run=run, columns=40, rows=22)
        return page


class Phone(Page):
    """A page with the screen of its terminal."""

    def text_of(self: Page) -> str:
        """Return the screen, from all that was painted."""
        screen = pyte.Screen(40, 22)
        pyte.ByteStream(screen).feed(self.painted.replace(b"\x1b[<u", b""))
        return "\n".join(screen.display)

    async def shows(self, words: str) -> Phone:
        """Hear until words are on the screen."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.until(lambda now: words in Phone.text_of(now))
        except TimeoutError:
            pytest.fail(f"no “{words}” on:\n{Phone.text_of(self)}")
        return self

    async def keys(self, *keys: str) -> Phone:
        """Send keys, and hear until the till has them."""
        for one in keys:
            last = max(self.taken, 0) + 1
            await self.type(last, one)
            await self.until(lambda now, last=last: now.taken == last)  # type: ignore[misc]
        return self


@pytest.fixture
async def serving(venue: Venue, tmp_path: Path) -> AsyncIterator[Serving]:
    made = Serving(venue, tmp_path)
    yield made
    made.lines.close()
    if made.process.poll() is None:
        made.stop()


async def test_a_phone_sells_and_comes_back_to_its_words_without_a_pin(serving: Serving) -> None:
    cookie = serving.cookie(2)
    phone = await (await serving.open(cookie)).shows("type a number")
    await phone.keys("1\r", "1111\r")
    await phone.shows("No lines yet")
    await phone.keys("2 idly\r", "masala")
    before = Phone.text_of(await (await phone.shows("2 × Idly")).shows("> masala"))
    phone.socket.close()
    back = await serving.open(cookie, load="load-2")
    await back.until(lambda now: before.splitlines()[1:] == Phone.text_of(now).splitlines()[1:])  # without the time
    await back.keys(" dosa\r")
    await back.shows("1 × Masala Dosa")


async def test_phones_find_their_orders_after_their_server_was_killed(venue: Venue, serving: Serving) -> None:
    tills = [1, 2]
    cookies = [serving.cookie(till) for till in tills]
    for till, cookie in zip(tills, cookies, strict=True):
        phone = await (await serving.open(cookie)).shows("type a number")
        await phone.keys(f"{till}\r", f"{till}" * 4 + "\r")
        await phone.shows("No lines yet")
        await phone.keys(f"{till + 1} idly\r")
        await phone.shows(f"{till + 1} × Idly")
    serving.stop(signal.SIGKILL)
    serving.start()
    for till, cookie in zip(tills, cookies, strict=True):
        phone = await (await serving.open(cookie, load="load-2", run="old")).shows("type a number")
        await phone.keys(f"{till}\r", f"{till}" * 4 + "\r")
        await phone.shows(f"{till + 1} × Idly")
    assert serving.stop() == 0
    venue.open(2).wait_for("type a number")  # nobody has its journal any more


async def test_a_till_that_is_open_elsewhere_is_named_on_the_page(venue: Venue, serving: Serving) -> None:
    window = venue.open(2).wait_for("type a number")
    phone = await serving.open(serving.cookie(2))
    await phone.until(lambda now: now.ended is not None)
    assert "open in another" in (phone.ended or "")
    window.press("ctrl+q").wait_for_end()
    await phone.say(load="load-1", start=True)
    await phone.shows("type a number")
