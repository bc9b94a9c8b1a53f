"""The way from Enter in a browser to its paint, through `till serve`, and the memory that a phone takes."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from itertools import cycle, islice
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
#: The processor of the browser: as it is, and at a fourth of its speed, as in a phone.
_RATES: Final = (1, 4)
#: Types words, waits until the till has them, and returns the milliseconds from Enter until a text was parsed and until
#: it was rendered, and the rows that xterm.js rendered for it.
_PRESS: Final = """async ([words, text]) => {
  const field = document.getElementById("field");
  field.value = words;
  field.dispatchEvent(new Event("input"));
  while (till.state.unanswered || !till.text().includes(`> ${words}`)) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 60));
  let [parsed, rows] = [0, 0];
  const parsing = till.screen.onWriteParsed(() => {
    if (!parsed && till.text().includes(text)) parsed = performance.now();
  });
  const painted = new Promise((done) => {
    const listening = till.screen.onRender(({ start, end }) => {
      rows += end - start + 1;
      if (!till.text().includes(text)) return;
      listening.dispose();
      parsing.dispose();
      done(performance.now());
    });
  });
  const pressed = performance.now();
  document.getElementById("enter").click();
  const rendered = await painted;
  return [(parsed || rendered) - pressed, rendered - pressed, rows];
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

    def press(self, words: str, text: str) -> list[float]:
        """Type words and Enter; return the milliseconds until a text was parsed and rendered, and the rendered rows."""
        return [float(one) for one in self.page.evaluate(_PRESS, [words, text])]

    def throttle(self, rate: int) -> None:
        """Give the page a fraction of the processor's speed."""
        self.page.context.new_cdp_session(self.page).send("Emulation.setCPUThrottlingRate", {"rate": rate})

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
        numbers = cycle(range(1, _ORDER + 1))
        for rate in _RATES:
            served.throttle(rate)
            times: list[list[float]] = []
            for plu in islice(numbers, keys):
                if plu == 1 and (times or rate > 1):
                    served.press("cash", "Paid ")
                    terminal.type("cash\r")
                    terminal.settle(0.3)
                found = served.press(str(plu), f"1 × {venue.item_name(plu)}")
                times.append([*found, press(terminal, plu).took * 1000])
            *found_all, alone = (Sample(tuple(one)) for one in zip(*times, strict=True))
            for name, own in zip(("parsed", "key", "rows"), found_all, strict=True):
                yield f"{name} {rate}", own, alone
        served.throttle(1)
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
    (server, _till), (till, alone) = found["server"], found["till"]
    goal = Goal("≤ 1.5 × limit + a frame", lambda value, limit: value <= 1.5 * (limit or 0) + _FRAME_MS)
    against = "the same till in a terminal"
    for rate in _RATES:
        own, terminal = found[f"key {rate}"]
        speed = "" if rate == 1 else f", a browser of 1/{rate} of the speed"
        yield Figure(
            f"Enter in a browser to its paint, median{speed}", own.median, "ms", terminal.median, against,
            goal if rate == 1 else None, own,
        )  # fmt: skip
        yield Figure("  p95", own.p95, "ms", terminal.p95, against, sample=own)
        yield Figure("  until xterm.js has parsed it, median", found[f"parsed {rate}"][0].median, "ms")
        yield Figure("  rows that it rendered, median", found[f"rows {rate}"][0].median, "rows")
    yield Figure("memory of `till serve` with a phone", server.median, "MB", goal=under(60, "MB"))
    yield Figure("  of the phone's till", till.median, "MB", alone.median, against, under(85, "MB"))
