"""Real journals in real files, and events that are sealed as the ledger seals them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from till.domain.events.envelope import NO_HOLD, Draft, Event, Origin, seal
from till.domain.ids import IdClock
from till.domain.order.events import ItemAdded, OrderOpened, OrderPlaced, TaxRate
from till.domain.refund.events import RefundApproved, RefundDeclined, RefundStarted
from till.domain.till.events import JournalOpened, stream_of_till
from till.journal import JournalFile
from till.journal.meta import NO_HEAD
from till.ports import Head

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from till.domain.events.registry import EventData

STORE = "0197a000-0000-7000-8000-000000000001"
HOST = "machine-a"
START = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)
_REFUND: Final[dict[str, Any]] = {"session_id": STORE, "receipt": "1B-R000001", "tender": "CASH", "amount": "-40.00"}
REFUND_STARTED = RefundStarted(
    **_REFUND, order_id=STORE, payment_id=STORE, sold="1B-000001", business_date="2026-03-03", currency="INR",
    net="-40.00", tax="0.00", rounding="0.00",
)  # fmt: skip
REFUND_APPROVED = RefundApproved(**_REFUND)
REFUND_DECLINED = RefundDeclined(**_REFUND)


@dataclass
class Hand:
    """Makes sealed events in a row, as a till at work does."""

    ids: IdClock = field(default_factory=lambda: IdClock(secrets.randbits))
    now: datetime = START

    def new_id(self) -> str:
        self.now += timedelta(milliseconds=1)
        return self.ids.next(self.now)

    def event(
        self,
        journal: JournalFile,
        data: EventData,
        stream: str | None = None,
        *,
        after: Head | None = None,
        hold: str = NO_HOLD,
        till: int = 1,
    ) -> Event:
        """Seal what happens to an order, or to a stream of its own."""
        head = after or journal.head
        origin = Origin(journal.journal_id, till, STORE, 1, None, None, self.now)
        return seal(
            Draft(data, stream or self.new_id()),
            origin,
            event_id=self.new_id(),
            seq=head.seq + 1,
            prev_hash=head.hash,
            salt=lambda: secrets.token_hex(16),
            hold=hold,
        )

    def begun(self, journal: JournalFile) -> None:
        """Open the chain of a journal."""
        journal.append([self.event(journal, JournalOpened(host=HOST), stream_of_till(STORE, 1))])

    def opened(self, journal: JournalFile, user: int = 1) -> str:
        """Open an order; its id."""
        session = self.new_id()
        journal.append([self.event(journal, opening(user), session)])
        return session

    def added(self, journal: JournalFile, session: str, name: str = "Idly") -> Event:
        """Add a line to an order."""
        event = self.event(journal, self.line(name), session)
        journal.append([event])
        return event

    def line(self, name: str = "Idly") -> ItemAdded:
        """A line, as it is keyed."""
        return ItemAdded(
            line_id=self.new_id(),
            item_id=self.new_id(),
            item_name=name,
            quantity=1,
            price="40.00",
            taxes=(TaxRate(name="GST", rate="5"),),
        )

    def paying(self, receipt: str = "1-000001", *, notes: int = 0) -> OrderPlaced:
        """The end of an order that is paid, as far as the journal cares."""
        return OrderPlaced(
            order_id=self.new_id(),
            receipt=receipt,
            business_date="2026-03-03",
            order_type="take_away",
            payment_method="cash",
            currency="INR",
            net="38.10",
            tax="1.90",
            rounding="0.00",
            total="40.00",
            lines=(),
            payments=(),
            discounts=tuple(self.new_id() for _note in range(notes)),
        )

    def placed(self, journal: JournalFile, session: str, receipt: str, *, notes: int = 0) -> Event:
        """Pay an order, as far as the journal cares; `notes` make the event as large as one of many lines."""
        event = self.event(journal, self.paying(receipt, notes=notes), session)
        journal.append([event], closed=[session])
        return event


@dataclass
class Writer:
    """The chain of one till in memory. Each call appends a sealed event."""

    hand: Hand
    till: int = 1
    journal_id: str = ""
    store_id: str = STORE
    head: Head = NO_HEAD

    def __post_init__(self) -> None:
        self.journal_id = self.journal_id or self.hand.new_id()

    def __call__(
        self, data: EventData, stream: str | None = None, *, user: int | None = 1, shift: str | None = None
    ) -> Event:
        event = seal(
            Draft(data, stream or self.hand.new_id()),
            Origin(self.journal_id, self.till, self.store_id, user, None, shift, self.hand.now),
            event_id=self.hand.new_id(),
            seq=self.head.seq + 1,
            prev_hash=self.head.hash,
            salt=lambda: secrets.token_hex(16),
            hold=NO_HOLD,
        )
        self.head = Head(event.seq, event.hash)
        return event


def opening(user: int = 1) -> OrderOpened:
    """The opening of an order."""
    return OrderOpened(
        user=user,
        currency="INR",
        prices_include_tax=True,
        tax_rounding="line",
        order_type="take_away",
    )


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def path(on_disk: Path) -> Path:
    return on_disk / "till-1.db"


class Reopen:
    """Opens the journal of the test, as often as it likes."""

    def __init__(self, path: Path, hand: Hand) -> None:
        self.path, self.hand = path, hand
        self.opened: list[JournalFile] = []

    def __call__(
        self, path: Path | None = None, *, till: int = 1, store_id: str = STORE, host: str = HOST
    ) -> JournalFile:
        journal = JournalFile.open(path or self.path, till=till, store_id=store_id, new_id=self.hand.new_id, host=host)
        self.opened.append(journal)
        return journal

    def close_all(self) -> None:
        while self.opened:
            self.opened.pop().close()


@pytest.fixture
def reopen(path: Path, hand: Hand) -> Iterator[Reopen]:
    opener = Reopen(path, hand)
    yield opener
    opener.close_all()
