"""The way from Enter in a browser to its paint, through `till serve`, and the memory that a phone takes."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.keys import press
from bench.memory import resident_megabytes
from bench.shop import NOWHERE, TILL, Shop
from bench.table import Figure, Goal, Sample, under
from till.config import Folders
from till.config.phones import Phones, link_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench

_ITEMS: Final = 60
_ORDER: Final = 30
#: A screen that browsers paint every sixtieth of a second.
_FRAME_MS: Final = 1000 / 60
#: Types words, waits until the till has them, and returns the milliseconds from Enter until a text was painted.
_PRESS: Final = """async ([words, text]) => {
  const field = document.getElementById("field");
  field.value = words;
  field.dispatchEvent(new Event("input"));
  while (till.state.unanswered || !till.text().includes(`> ${words}`)) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 60));
  const painted = new Promise((done) => {
    const listening = till.screen.onRender(() => {
      if (!till.text().includes(text)) return;
      listening.dispose();
      done(performance.now());
    });
  });
  const pressed = performance.now();
  document.getElementById("enter").click();
  return await painted - pressed;
}"""


class Served:
    """A `till serve` with one phone.

    Attributes:
        page: the page of the phone.
        server: the process of the server.
    """

    def __init__(self, page: Any, server: int) -> None:
        self.page = page
        self.server = server

    def press(self, words: str, text: str) -> float:
        """Type words and Enter; return the milliseconds until a text was painted."""
        return float(self.page.evaluate(_PRESS, [words, text]))

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        wait = "await new Promise(requestAnimationFrame)"
        self.page.evaluate(f"async text => {{ while (!window.till?.text().includes(text)) {wait}; }}", text)

    @property
    def till(self) -> int:
        """The process of the till."""
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text(encoding="ascii")
        return int(children.split()[0])


@contextmanager
def serving(shop: Shop, program: str) -> Iterator[Served]:
    """Run the till of a shop in a browser, logged in."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra of its own

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (shop.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[serve]\nurl = "{url}"\nport = {port}\ncertificate = "none"\n')
    server = subprocess.Popen([TILL, "serve"], env=shop.environment(), stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None  # noqa: S101 - for the type checker
        server.stdout.readline()
        with sync_playwright() as hands:
            browser = hands.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1160, "height": 900})
            page.goto(link_of(url, Phones(Folders(shop.folder)).new_link(shop.till)))
            page.locator("#terminal").wait_for(state="attached")
            served = Served(page, server.pid)
            served.wait_for("type a number")
            for keys in (str(shop.till), venue.PIN):
                page.keyboard.type(keys)
                page.keyboard.press("Enter")
            served.wait_for("No lines yet")
            yield served
            browser.close()
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def measure(testbed: Bench, program: str, keys: int) -> Iterator[tuple[str, Sample, Sample]]:
    """Key the same items in a browser and in a terminal, in turn; yield what was measured of both."""
    ours, theirs = (Shop(testbed.new_folder(), till, NOWHERE) for till in (1, 2))
    for shop in (ours, theirs):
        shop.open(0, _ITEMS, secret=testbed.secrets.get(shop.till, "none"), more="[ui]\ntouch = true\n")
    with serving(ours, program) as served, theirs.terminal() as terminal:
        theirs.log_in(terminal)
        times: list[tuple[float, float]] = []
        for plu in (1 + number % _ORDER for number in range(keys)):
            if plu == 1 and times:
                served.press("cash", "Paid ")
                terminal.type("cash\r")
                terminal.settle(0.3)
            took = served.press(str(plu), f"1 × {venue.item_name(plu)}")
            times.append((took, press(terminal, plu).took * 1000))
        yield "key", Sample(tuple(one for one, _other in times)), Sample(tuple(other for _one, other in times))
        for name, one in (("server", served.server), ("till", served.till)):
            yield name, Sample((resident_megabytes(one),)), Sample((resident_megabytes(terminal.process.pid),))
    for shop in (ours, theirs):
        shutil.rmtree(shop.folder)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the time of a key in a browser beside that in a terminal, and the memory of the server and a till."""
    program = shutil.which("chromium")
    if program is None or importlib.util.find_spec("playwright") is None:
        print(
            "        Chromium or playwright (make browsers) is not installed here: no row of a phone", file=sys.stderr
        )
        return
    found = {name: samples for name, *samples in measure(testbed, program, 600 if testbed.full else 120)}
    (own, terminal), (server, _till), (till, alone) = found["key"], found["server"], found["till"]
    goal = Goal("≤ 1.5 × limit + a frame", lambda value, limit: value <= 1.5 * (limit or 0) + _FRAME_MS)
    against = "the same till in a terminal"
    yield Figure("Enter in a browser to its paint, median", own.median, "ms", terminal.median, against, goal, own)
    yield Figure("  p95", own.p95, "ms", terminal.p95, against, sample=own)
    yield Figure("memory of `till serve` with a phone", server.median, "MB", goal=under(60, "MB"))
    yield Figure("  of the phone's till", till.median, "MB", alone.median, against, under(85, "MB"))
