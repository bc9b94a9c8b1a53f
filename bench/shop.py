"""Tills of the bench: real processes on real journals, which begin with an order of a given size."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import venue
from bench.terminal import Terminal
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.order import selling
from till.domain.order.selling import ItemEntry
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench
    from till.journal import JournalFile
    from till.register.register import Register

TILL: Final = str(Path(sys.executable).parent / "till")
#: An address without a server: port 9 is the "discard" service, which is not used any more.
NOWHERE: Final = "postgresql://till_app@127.0.0.1:9/till"


@dataclass(frozen=True, slots=True)
class Shop:
    """The data folder of one till.

    Attributes:
        folder: the data folder.
        till: the number of the till and of its cashier.
        url: the URL of its database.
    """

    folder: Path
    till: int
    url: str

    def environment(self) -> dict[str, str]:
        """Return the environment of the till's process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TILL_", "PG", "TEXTUAL"))}
        kept.pop("NO_COLOR", None)
        return {
            **kept,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "TILL_DATA_DIR": str(self.folder),
            "TILL_CONFIG": str(self.folder / "config.toml"),
        }

    @contextmanager
    def register(self) -> Iterator[tuple[JournalFile, Register]]:
        """Open a register on this till's journal, without a screen."""
        journal = open_journal(self._folders.journal(self.till), till=self.till, store_id=venue.STORE)
        try:
            yield journal, make_register(journal, WallClock(), LateOutbox(), till=self.till, store_id=venue.STORE)
        finally:
            journal.close()

    @property
    def _folders(self) -> Folders:
        return Folders(self.folder)

    def open(self, lines: int, items: int, *, secret: str, more: str = "", language: str = "en") -> None:
        """Create the folder with an order of `lines` lines, a menu of `items` items, and `more` settings."""
        folders = self._folders
        hold_venue(folders, HeldVenue(VenueKind.OWN, venue.STORE, "Bench Corner", "INR"))
        folders.keep_secret(self.till, secret)
        config = f'[till]\nid = {self.till}\n[database]\nurl = "{self.url}"\n[session]\nidle_minutes = 1000\n{more}'
        (self.folder / "config.toml").write_text(config, encoding="utf-8")
        journal = open_journal(folders.journal(self.till), till=self.till, store_id=venue.STORE)
        try:
            seed_cache(journal, venue.reference(items, language))
        finally:
            journal.close()
        if lines:
            with self.register() as (_journal, register):
                key_order(register, self.till, lines)

    @contextmanager
    def terminal(self) -> Iterator[Terminal]:
        """Run the till in a pseudo-terminal up to its login screen."""
        terminal = Terminal([TILL], self.environment())
        try:
            terminal.wait_for(rb"type a number")
            yield terminal
        finally:
            terminal.close()

    def log_in(self, terminal: Terminal) -> None:
        """Log in the till's cashier, and wait for the complete sell screen."""
        terminal.type(f"{self.till}\r{venue.PIN}\r")
        terminal.wait_for(rb"F9")
        terminal.settle(0.3)


def key_order(register: Register, user: int, lines: int, first: int = 1) -> str:
    """Key an order of `lines` different items in one transaction. Return its session."""
    menu, ledger = register.menu, register.ledger
    with ledger.command() as command:
        session = ledger.new_id()
        command.write([selling.open_order(session, user, register.venue.terms, "take_away")])
        for plu in range(first, first + lines):
            keyed = ItemEntry(menu.by_plu[plu])
            command.write(selling.add_item(command.order(session), menu, keyed, ledger.new_id()))
    return session


@contextmanager
def shops(testbed: Bench, urls: list[str], lines: int, items: int) -> Iterator[list[tuple[Shop, Terminal]]]:
    """Run tills 1, 2 … of the venue, each with a database at one of the URLs, logged in and ready for a key."""
    with ExitStack() as stack:
        made = []
        for till, url in enumerate(urls, 1):
            shop = Shop(testbed.new_folder(), till, url)
            stack.callback(shutil.rmtree, shop.folder)
            shop.open(lines, items, secret=testbed.secrets.get(till, "none"))
            made.append((shop, stack.enter_context(shop.terminal())))
        for shop, terminal in made:
            shop.log_in(terminal)
        yield made
