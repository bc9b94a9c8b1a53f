"""Tills with their journals on disk in front of the terminal, by the plug-in that their config names."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tests.register.conftest import STORE, Till
from tests.terminal.process import POIID
from tests.tui.playing import FakeStore
from till.config import TenderConfig
from till.domain.payment.movement import PaymentState
from till.tenders.terminal.tender import TerminalTender
from till.wiring.parts import TillTime, open_journal
from till.wiring.tenders import make_tenders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal.process import TerminalProcess
    from till.domain.order.state import Order, Payment


class Counter:
    """Tills of one venue, each with a journal on disk, in front of one terminal."""

    def __init__(self, folder: Path, terminal: TerminalProcess) -> None:
        self.folder = folder
        self.terminal = terminal
        self.within: float | None = None
        self.listens: int | None = None
        self._open: list[Till] = []

    def till(self, number: int = 1) -> Till:
        """Start a till on its own file; a second call starts it as after a crash."""
        for one in [one for one in self._open if one.number == number]:
            self.close(one)
        journal = open_journal(self.folder / f"{number}.sqlite", till=number, store_id=STORE)
        till = Till(number, number, seed=1 + len(self._open), journal=journal)
        self._open.append(till)
        return till

    def connected(self, number: int = 1) -> Till:
        """Start a till, with the terminal beside it."""
        till = self.till(number)
        self.connect(till)
        return till

    def connect(self, till: Till) -> None:
        """Connect the config's tenders, as the wiring of a till does."""
        settings = {
            "address": self.terminal.address,
            "poiid": POIID,
            "certificate": str(self.terminal.certificate),
            "key_file": str(self.terminal.phrase_file),
            "key_identifier": "till-test",
        }
        if self.listens is not None:
            settings["displays"] = f"127.0.0.1:{self.listens}"
        named = {"CARD": TenderConfig(kind="terminal", label="Card", key="c", settings=settings)}
        tenders, wrong = make_tenders(named, till=till.number, clock=TillTime(till.register.ledger), store=FakeStore())
        assert wrong == []
        card = tenders.asked_of("CARD")
        assert isinstance(card, TerminalTender)
        if self.within is not None:  # the shortest that a config may say is half a minute
            card._within = card._short = self.within
        till.register.asker.begin(tenders)

    def close(self, till: Till) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is over already
            till.register.asker.end()
        till.journal.close()
        self._open.remove(till)

    def close_all(self) -> None:
        for till in list(self._open):
            self.close(till)


def only(order: Order) -> Payment:
    [payment] = order.payments.values()
    return payment


async def until(till: Till, session: str, *states: PaymentState) -> Order:
    """Wait until the only payment of an order is in one of these states."""
    async with asyncio.timeout(20):
        while True:
            order = till.register.ledger.order(session)
            if order.payments and only(order).state in (states or (PaymentState.APPROVED,)):
                return order
            await asyncio.sleep(0.01)


async def asked_on(till: Till, session: str) -> Order:
    """Wait for the answer about a payment as if somebody pressed Enter: without the pauses between polls."""
    async with asyncio.timeout(20):
        while True:
            order = till.register.ledger.order(session)
            if only(order).state in {PaymentState.APPROVED, PaymentState.DECLINED}:
                return order
            till.register.asker.ask_now(only(order).id)
            await asyncio.sleep(0.02)


async def course_over(till: Till, payment_id: str) -> None:
    """Wait until a charge of this till has its final answer."""
    async with asyncio.timeout(20):
        while till.register.asker.progress_of(payment_id) is not None:  # noqa: ASYNC110 - a till tells screens, not tests
            await asyncio.sleep(0.01)
