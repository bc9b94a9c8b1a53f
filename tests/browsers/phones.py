"""Phones: real browsers before a real `till serve`, whose sockets a test cuts, and the hands of their waiters."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pytest

from db.address import Address
from tests.e2e.terminal import PATIENCE, TILL
from tests.sync.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.plugins.terminals import Venue

#: A phone held upright.
UPRIGHT: Final = {"width": 390, "height": 844}
_LINE: Final = re.compile(r"(?m)^\W*(\d+) × ([A-Z][a-z]*(?: [A-Z][a-z]*)*)")
_COUNT_CUTS: Final = """() => {
  let wasCut = true;
  window.cuts = 0;
  new MutationObserver(() => {
    const isCut = document.body.classList.contains("cut");
    window.cuts += isCut && !wasCut;
    wasCut = isCut;
  }).observe(document.body, { attributeFilter: ["class"] });
}"""
_LOGIN: Final = ("type a number", "PIN")


def find_chromium() -> str:
    """Return Debian's Chromium; skip the test without it, or without what drives it."""
    pytest.importorskip("playwright.async_api", reason="playwright is not installed: make browsers")
    if (program := shutil.which("chromium")) is None:
        pytest.skip("Chromium is not installed: apt install chromium")
    return program


async def until(page: Any, condition: str, words: str = "") -> None:
    """Wait until a condition holds in a page, whose policy allows no expression that is text there."""
    wait = "await new Promise(done => setTimeout(done, 20))"
    try:
        async with asyncio.timeout(PATIENCE):
            await page.evaluate(f"async words => {{ while (!({condition})) {wait}; }}", words)
    except TimeoutError:
        text = await page.evaluate("window.till?.text()")
        raise AssertionError(f"{condition} {words}:\n{text}") from None


class Hand:
    """The hand of a waiter at a phone: it keys what the page takes, and again what it did not take during a cut.

    Attributes:
        shown: the most pieces of each item that the page showed, by table.
        keyed: the pieces that were keyed, by table.
        lines, composed: the number of lines that were keyed, and of those whose words were composed.
        tries: the number of keys that were pressed; the page refused some, and composed ones are not among them.
    """

    def __init__(self, page: Any, typing: Any) -> None:
        self._page = page
        self._typing = typing
        self._run = ""
        self.shown: dict[int, Counter[str]] = {}
        self.keyed: dict[int, Counter[str]] = {}
        self.lines = self.composed = self.tries = 0

    async def state(self) -> dict[str, Any]:
        """Return the state of the page, by its own account."""
        found: dict[str, Any] = await self._page.evaluate("till.state")
        return found

    async def cuts(self) -> int:
        """Return how often the page was cut."""
        return int(await self._page.evaluate("window.cuts"))

    async def text(self) -> str:
        """Return the screen. The till is the same run as at first, and asks for no PIN."""
        text = str(await self._page.evaluate("till.text()"))
        if self._run:
            assert (await self.state())["run"] == self._run
            assert not any(words in text for words in _LOGIN), text
        return text

    async def sees(self, words: str) -> str:
        """Wait until words are on the screen, and return it."""
        await until(self._page, "till.text().includes(words)", words)
        return await self.text()

    async def _is_open(self) -> None:
        await until(self._page, "till.state.isOpen")

    async def value(self) -> str:
        """Return the words in the page's field."""
        return str(await self._page.evaluate("document.getElementById('field').value"))

    async def starting(self) -> str:
        """Return the words in place of the screen of a till that starts."""
        return str(
            await self._page.evaluate("(one => one.hidden ? '' : one.innerText)(document.getElementById('starting'))")
        )

    async def read_status(self) -> str:
        """Return the sentence of the page about its connection and its keys, and the keys that it keeps."""
        kept = "(sessionStorage.getItem('lost') || '')"
        return str(await self._page.evaluate(f"document.getElementById('status').textContent + ' ' + {kept}"))

    async def begins_again(self) -> None:
        """Start the till again once it has ended."""
        await until(self._page, "till.state.isOver")
        await self._page.tap("#again")
        await until(self._page, "!till.state.isOver")

    async def press(self, key: str) -> None:
        """Press a key until the page takes it."""
        before = (await self.state())["number"]
        while (await self.state())["number"] == before:
            await self._is_open()
            self.tries += 1
            await self._page.keyboard.press(key)

    async def tap_terminal(self) -> None:
        """Tap on the middle of the screen."""
        await self._page.touchscreen.tap(UPRIGHT["width"] // 2, UPRIGHT["height"] // 3)

    async def write(self, words: str) -> None:
        """Type words."""
        for end in range(1, len(words) + 1):
            while await self.value() != words[:end]:
                await self._is_open()
                self.tries += 1
                await self._page.keyboard.type(words[end - 1])

    async def type(self, words: str) -> None:
        """Type words, and Enter."""
        await self.write(words)
        await self.press("Enter")

    async def compose(self, words: str) -> None:
        """Type words as a soft keyboard composes them, with a correction, and Enter."""
        while await self.value() != words:
            while await self.value():
                await self.press("Backspace")
            await self._is_open()
            for text in (words[:1], f"{words[:-1]}x", words):
                place = {"selectionStart": len(text), "selectionEnd": len(text)}
                await self._typing.send("Input.imeSetComposition", {"text": text, **place})
            await self._typing.send("Input.insertText", {"text": words})
        await self.press("Enter")

    async def log_in(self, staff: int, pin: str) -> None:
        """Log in."""
        await self.sees("Asha")  # a new till has heard of the staff
        await self.type(str(staff))
        await self.type(pin)
        await self.sees("No lines yet")
        self._run = (await self.state())["run"]

    async def serve(self, table: int, lines: list[tuple[int, str, str]], *, composes: bool) -> None:
        """Key lines for a table: pieces, the words for an item, and its name; then save it to the table."""
        if table in self.keyed:
            await self.press("F8")
            await self.sees("Recall")
            await self.type(str(table))
            await self.sees(f"Table {table} is here")
        wanted = self.keyed.setdefault(table, Counter())
        for pieces, words, name in lines:
            await (self.compose if composes else self.type)(f"{pieces} {words}")
            wanted[name] += pieces
            self.lines += 1
            self.composed += composes
            await until(self._page, "!till.state.unanswered")
            await self.sees(name)
            ends = monotonic() + PATIENCE
            while (seen := pieces_in(text := await self.text())) != wanted:
                assert monotonic() < ends, f"{pieces} {words} to {wanted}:\n{text}"
                await asyncio.sleep(0.02)
            self.shown[table] = seen
        await self.type(f"table {table}")
        await self.sees("No lines yet")


def pieces_in(text: str) -> Counter[str]:
    """Return the pieces of each item on a screen."""
    found: Counter[str] = Counter()
    for pieces, name in _LINE.findall(text):
        found[name] += int(pieces)
    return found


class Front:
    """A `till serve` behind a proxy, and browsers that come in by their links.

    Args:
        venue: the demo venue.
        proxy: the proxy that a test cuts.
        browsers: starts browsers.
        server: the process id of the server.
    """

    def __init__(self, venue: Venue, proxy: Proxy, environment: dict[str, str], browsers: Any, server: int) -> None:
        self._venue, self._browsers, self._environment, self._server = venue, browsers, environment, server
        self.proxy = proxy

    async def end_tills(self) -> None:
        """End the tills as a closed window does."""
        children = Path(f"/proc/{self._server}/task/{self._server}/children")
        for till in (await asyncio.to_thread(children.read_text, encoding="ascii")).split():
            os.kill(int(till), signal.SIGHUP)
        while await asyncio.to_thread(children.read_text, encoding="ascii"):  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.02)

    async def phone(self, till: int, program: str, stack: AsyncExitStack) -> Hand:
        """Make a till for a phone, and open its link in a browser of its own."""
        made = await asyncio.to_thread(
            self._venue.run, "admin", "tills", "add", str(till), "--phone", more=self._environment
        )
        assert made.returncode == 0, made.stderr
        browser = await self._browsers.launch(executable_path=program, args=["--no-sandbox"])
        stack.push_async_callback(browser.close)
        context = await browser.new_context(viewport=UPRIGHT, has_touch=True, is_mobile=True)
        page = await context.new_page()
        await page.goto(made.stdout.strip())
        await page.locator("#terminal").wait_for(state="attached", timeout=PATIENCE * 1000)
        await until(page, "window.till")
        await page.evaluate(_COUNT_CUTS)
        return Hand(page, await context.new_cdp_session(page))


@asynccontextmanager
async def served(venue: Venue, folder: Path) -> AsyncIterator[Front]:
    """Yield a server of phones behind a proxy."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra of its own

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy.before(Address("127.0.0.1", port, "", "")))
        url = f"http://127.0.0.1:{proxy.address.port}"
        config = folder / "config.toml"
        config.write_text(f'[serve]\nurl = "{url}"\nport = {port}\ncertificate = "none"\n', encoding="utf-8")
        environment = {"TILL_CONFIG": str(config)}
        process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
            [TILL, "serve"], env=venue.environment(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        stack.enter_context(process.stdout)
        stack.callback(process.wait, PATIENCE)
        stack.callback(process.terminate)
        await asyncio.to_thread(process.stdout.readline)
        browsers = (await stack.enter_async_context(async_playwright())).chromium
        yield Front(venue, proxy, environment, browsers, process.pid)
