"""Real journals in real files, and events that are sealed as the ledger seals them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from till.domain.events.envelope import Draft, Event, EventType, Place, seal
from till.domain.ids import IdClock
from till.journal import JournalFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from till.ports import Head

STORE = "0197a000-0000-7000-8000-000000000001"
HOST = "machine-a"
START = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)


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
        kind: str,
        session: str | None = None,
        *,
        after: Head | None = None,
        texts: dict[str, str] | None = None,
        **data: Any,
    ) -> Event:
        head = after or journal.head
        place = Place(journal.journal_id, 1, STORE, 1, None, None, self.now)
        draft = Draft(kind, session, data, texts or {}, 0)
        salt = lambda: secrets.token_hex(8)  # noqa: E731 - one word beside its use
        return seal(draft, place, event_id=self.new_id(), seq=head.seq + 1, prev_hash=head.hash, salt=salt)

    def opened(self, journal: JournalFile, user: int = 1) -> str:
        """Open an order; its id."""
        session = self.new_id()
        event = self.event(
            journal,
            EventType.ORDER_OPENED,
            session,
            user=user,
            currency="INR",
            prices_include_tax=True,
            tax_rounding="line",
            order_type="take_away",
        )
        journal.append([event])
        return session

    def added(self, journal: JournalFile, session: str, name: str = "Idly") -> Event:
        """Add a line to an order."""
        event = self.event(
            journal,
            EventType.ITEM_ADDED,
            session,
            line_id=self.new_id(),
            item_id=self.new_id(),
            item_name=name,
            quantity=1,
            price="40.00",
            taxes=[{"name": "GST", "rate": "5"}],
            modifiers=[],
        )
        journal.append([event])
        return event

    def placed(self, journal: JournalFile, session: str, receipt: str) -> Event:
        """Pay an order, as far as the journal cares."""
        event = self.event(journal, EventType.ORDER_PLACED, session, receipt=receipt, total="40.00")
        journal.append([event], closed=[session])
        return event


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "till-1.db"


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
