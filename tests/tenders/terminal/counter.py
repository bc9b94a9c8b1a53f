"""Parts that the tests of the terminal share: a clock that tests set, charges, and a till in front of a terminal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.terminal.process import PHRASE, POIID, TerminalProcess
from till.domain.ids import id_at, tick_at
from till.domain.money.measures import Minor
from till.ports import Charge, ChargeReference, TenderTraits
from till.tenders.http import HttpAddress
from till.tenders.terminal.client import Client
from till.tenders.terminal.displays import Displays
from till.tenders.terminal.line import HttpLine, Trust
from till.tenders.terminal.seal import Seal
from till.tenders.terminal.tender import TerminalTender

if TYPE_CHECKING:
    from pathlib import Path

    from till.tenders.terminal.line import TerminalConnection

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRAITS = TenderTraits(name="CARD", label="Card", key="c")
#: Longer than any of these tests takes, so a time-out is one of the clock that is set.
WITHIN = 60.0


@dataclass
class SetClock:
    """A clock that the test sets."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def pass_by(self, **how: float) -> None:
        self.time += timedelta(**how)


@dataclass
class Till:
    """One till of the venue in front of the terminal."""

    terminal: TerminalProcess
    sale_id: str = "till-1"
    clock: SetClock = field(default_factory=SetClock)
    within: float = WITHIN
    phrase: str = PHRASE
    certificate: Path | None = None
    listens: int = 0
    patience: float = 5.0
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tender = TerminalTender(
            TRAITS,
            Client(self._line(), self._seal(), poi_id=POIID, sale_id=self.sale_id),
            self.clock,
            within=self.within,
            memory=timedelta(hours=48),
            displays=self._displays(),
        )

    def new(self, amount: int = 1250, currency: str = "EUR") -> Charge:
        """Return a new charge."""
        key = id_at(tick_at(self.clock.now()), uuid.uuid4().int)
        return Charge(key=key, amount=Minor(amount), currency=currency, reference=self.tender.name_charge(key))

    def _line(self) -> TerminalConnection:
        trust = Trust(self.certificate or self.terminal.certificate, POIID) if self.terminal.tls else None
        address = HttpAddress("127.0.0.1", self.terminal.port, "/nexo", self.terminal.tls)
        return HttpLine(address, trust, self.patience)

    def _seal(self) -> Seal | None:
        return Seal(self.phrase, "till-test", 1) if self.terminal.sealed else None

    def _displays(self) -> Displays | None:
        seal = self._seal()
        return Displays("127.0.0.1", self.listens, seal, POIID) if self.listens and seal else None


def elsewhere(charge: Charge, **names: str) -> Charge:
    """Return the same charge by other names."""
    one = charge.reference
    reference = ChargeReference(
        place=names.get("place", one.place), asker=names.get("asker", one.asker), number=names.get("number", one.number)
    )
    return Charge(key=charge.key, amount=charge.amount, currency=charge.currency, reference=reference)
