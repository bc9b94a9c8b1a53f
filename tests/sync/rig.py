"""A till without its screen: a real journal in a file, the real ledger, an engine, and a clock that a test moves."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from db.schema import Program
from till.domain.events.envelope import NO_HASH, NO_HOLD, SERVER, Draft, Event, Origin, seal, sha256, texts_to_data
from till.domain.money.amount import Currency
from till.domain.order import moving
from till.domain.order.events import ItemAdded, MenuViewed, OrderGranted
from till.domain.order.selling import open_order
from till.domain.order.terms import Terms
from till.domain.streams import unseal
from till.domain.till.events import JournalOpened, PreviousJournal, stream_of_till
from till.journal import JournalFile
from till.ports import Received
from till.register.approvals import Approvals
from till.register.ledger.ledger import Command, Ledger
from till.register.payments.asking import PaymentClient
from till.register.payments.checkout import Checkout
from till.register.reference import Reference
from till.sync.engine import Engine
from till.sync.messages import Reply, decode_reply
from till.sync.settings import Identity, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from till.domain.events.registry import EventData
    from till.domain.fiscal import PaperStamp
    from till.domain.money.measures import Minor
    from till.ports import Light, LightState, Outbox, StoreListener, Transfer
    from till.sync.messages import Request

STORE = "0197a000-0000-7000-8000-000000000001"
SERVER_JOURNAL = "0197a000-0000-7000-8000-000000000000"
SCHEMA = Program().revision
VIEWED = MenuViewed(query="", result_count=0, meal_period="", items=())


@dataclass
class HandClock:
    """The time of day, moved by hand."""

    at: datetime = datetime(2026, 3, 3, 10, 31, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Ears:
    """A record of all calls from the sync to the register."""

    lights: list[Light] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)
    takers: list[tuple[str, str, str]] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    payments_hinted: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    left: list[tuple[str, int]] = field(default_factory=list)
    refunds_left_there: list[str] = field(default_factory=list)
    stamps: list[PaperStamp] = field(default_factory=list)
    was_taken: asyncio.Event = field(default_factory=asyncio.Event)
    ledger: Ledger | None = None

    def light_changed(self, light: Light) -> None:
        self.lights.append(light)

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        self.grown += session_ids
        if self.ledger:
            self.ledger.refold(session_ids)

    def stamps_came(self, stamps: Sequence[PaperStamp]) -> None:
        self.stamps += stamps

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        self.refunds_left_there += refund_ids

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        assert at.tzinfo is not None
        self.takers.append((session_id, till_name, user_name))
        self.was_taken.set()
        if self.ledger:
            self.ledger.lock(session_id, f"taken by {user_name} on {till_name}")

    def granted(self, session_id: str) -> None:
        if self.ledger:
            self.ledger.unlock(session_id)
            if self.times:
                self.ledger.hear_time(self.times[-1])

    def time_received(self, moment: datetime) -> None:
        self.times.append(moment)

    def server_answered(self) -> None:
        """Do nothing: no list is shown here."""

    def payment_hinted(self, key: str) -> None:
        self.payments_hinted.append(key)

    def reference_changed(self, names: Sequence[str]) -> None:
        self.reference += names


class Nudges:
    """An outbox that may be connected later."""

    def __init__(self) -> None:
        self.to: Outbox | None = None

    def nudge(self, *, at_once: bool) -> None:
        if self.to:
            self.to.nudge(at_once=at_once)


class Keys:
    """A user at the keys of a till, who writes the register's events through the real ledger."""

    def __init__(self, path: Path, till: int = 1, seed: int = 1) -> None:
        self.till = till
        self.clock = HandClock()
        self.chance = random.Random(seed * 1000 + till)  # noqa: S311 - a test repeats itself
        self.nudges = Nudges()
        self.ears = Ears()
        self.path = path
        self._open()

    def _open(self) -> None:
        bits = self.chance.getrandbits
        first = f"0197a000-0000-7000-8000-{bits(48):012x}"
        self.journal = JournalFile.open(self.path, till=self.till, store_id=STORE, new_id=lambda: first, host="here")
        self.ledger = Ledger(self.journal, self.clock, bits, self.nudges, till=self.till, store_id=STORE)
        self.ledger.user = 1
        self.ears.ledger = self.ledger

    def write(self, data: EventData, session: str | None = None) -> Event:
        """Write one event to an order, or to the stream that its type belongs to."""
        self.clock.pass_by(0.001)
        stream = stream_of_till(STORE, self.till) if data.stream == "till" else self.ledger.new_id()
        return self.ledger.commit([Draft(data, session or stream)])[0]

    def slip(self, session: str, data: EventData | None = None, *, rewritten: tuple[str, str] = ("", "")) -> Event:
        """Write a record to disk below the ledger, as a till without any checks would seal it."""
        self.clock.pass_by(0.001)
        origin = Origin(self.journal.journal_id, self.till, STORE, 1, None, None, self.clock.now())
        order = self.ledger.find(session)
        head = self.journal.head
        event = seal(
            Draft(data or VIEWED, session),
            origin,
            event_id=self.ledger.new_id(),
            seq=head.seq + 1,
            prev_hash=head.hash,
            salt=lambda: "5a" * 16,
            hold=order.hold if order else NO_HOLD,
        )
        event = rewrite(event, *rewritten)
        self.journal.append([event])
        self.ledger.refold([session])
        self.nudges.nudge(at_once=False)
        return event

    def open(self) -> str:
        """Open an order."""
        self.clock.pass_by(0.001)
        session = self.ledger.new_id()
        terms = Terms(Currency("INR"), included=True)
        self.ledger.commit([open_order(session, 1, terms, "take_away")])
        return session

    def add(self, session: str, name: str = "Idly") -> Event:
        """Add a line, also to an order that this till does not know."""
        self.clock.pass_by(0.001)
        return self.ledger.commit([Draft(self.line(name), session)])[0]

    def hear(self, *events: Event) -> None:
        """Receive events of another till."""
        self.journal.receive([Received(1, event) for event in events])

    def grant(self, session: str, till: int | None = None) -> Event:
        """Receive the server's grant of an order known here, to this till unless another is named."""
        self.clock.pass_by(0.001)
        order = self.ledger.order(session)
        granted = OrderGranted(
            till=till or self.till, journal=self.journal.journal_id if till is None else SERVER_JOURNAL, user=1,
            from_hold=order.hold, from_till=order.holder,
        )  # fmt: skip
        event = seal(
            Draft(granted, session),
            Origin(SERVER_JOURNAL, SERVER, STORE, 1, None, None, self.clock.now()),
            event_id=self.ledger.new_id(),
            seq=1,
            prev_hash=NO_HASH,
            salt=lambda: "",
        )
        self.hear(event)
        self.ears.sessions_grew([session])
        return event

    def line(self, name: str = "Idly") -> ItemAdded:
        """Return a line, as it is keyed."""
        return ItemAdded(
            line_id=self.ledger.new_id(), item_id=name.lower(), item_name=name, quantity=1, price="40.00", taxes=()
        )

    def act(self, session: str, line_id: str) -> Transfer:
        """Decide that a line goes to an order of its own."""
        self.clock.pass_by(0.001)
        command = Command(self.ledger)
        command.write(moving.split(command.order(session), [line_id], self.ledger.new_id()))
        return command.act()

    def pay(self, session: str) -> str:
        """Pay an order in cash, exactly, and return the id of the cold order."""
        placed = self.checkout(datetime.date).pay_exact(session).placed
        assert placed is not None
        return placed.data.order_id

    def pay_part(self, session: str, amount: Minor) -> None:
        """Pay a part of an order in cash."""
        assert self.checkout(datetime.date).pay(session, "CASH", amount).placed is None

    def checkout(self, business_date: Callable[[datetime], date] | None = None) -> Checkout:
        """The payments of this till, by the business dates of its venue or others."""
        reference = Reference(self.journal, self.ledger.now, business_date=business_date)
        approvals = Approvals(self.ledger, reference)
        return Checkout(self.ledger, reference, PaymentClient(self.ledger, reference), approvals)


class Rig(Keys):
    """Keys with an engine; the test is its connection and its database."""

    def __init__(
        self, path: Path, settings: Settings | None = None, chance: float = 0.5, till: int = 1, seed: int = 1
    ) -> None:
        super().__init__(path, till, seed)
        self.now = 100.0
        self.luck = chance
        self.settings = settings or Settings()
        self.start()

    def restart(self) -> None:
        """Close the till and open it again, carrying over the unsent events of a replaced journal."""
        self.journal.close()
        self._open()
        if self.journal.head.seq == 0:
            before = self.journal.previous
            previous = None
            if before is not None:
                previous = PreviousJournal(journal_id=before.journal_id, seq=before.head.seq, hash=before.head.hash)
            self.write(JournalOpened(host="here", previous=previous))
        self.journal.re_emit()
        self.start()

    def start(self) -> None:
        """Make an engine, as a till that starts does."""
        self.engine = Engine(
            self.journal,
            self.listener,
            self.ledger.snapshot,
            settings=self.settings,
            identity=Identity(STORE, self.till),
            clock=self.clock,
            chance=lambda: self.luck,
            attendance=self.ledger.attendance,
        )
        self.nudges.to = self
        self.engine.start(self.now)

    def nudge(self, *, at_once: bool) -> None:
        self.engine.nudge(self.now, at_once=at_once)

    @property
    def listener(self) -> StoreListener:
        return self.ears

    @property
    def light(self) -> Light:
        return self.ears.lights[-1]

    def shows(self, state: LightState) -> bool:
        """True if the light is in a state."""
        return self.light.state is state

    def pass_by(self, seconds: float) -> None:
        """Let time pass for both clocks."""
        self.now += seconds
        self.clock.pass_by(seconds)

    def wait(self) -> float:
        """Let time pass until the engine wants to wake; return the seconds."""
        wake = self.engine.next_wake(self.now)
        assert wake is not None
        waited = wake - self.now
        self.pass_by(waited)
        return round(waited, 6)

    def take(self) -> Request:
        """Return the request that is due now."""
        request = self.engine.take_request(self.now)
        assert request is not None
        return request

    def answer(self, request: Request, **facts: Any) -> None:
        """Answer a request like a database that accepts all of it."""
        self.engine.on_reply(self.reply(request, **facts), self.now)

    def reply(self, request: Request, **facts: Any) -> Reply:
        """Return the reply of a database that accepts the request; `facts` replace its own."""
        head = self.journal.acked
        seq, sealed = (request.events[-1].seq, request.events[-1].hash) if request.events else (head.seq, head.hash)
        good = {"ok": True, "head": {"seq": seq, "hash": sealed}, "series": ""}
        return decode_reply(json.dumps(good | facts))

    def quiet(self) -> None:
        """Push until nothing is left to push."""
        self.wait()
        while self.engine.next_wake(self.now) == self.now:
            self.answer(self.take())


def state(session: str, version: int, event: Event | str, till: int | None = 1, **facts: Any) -> dict[str, Any]:
    """Return the state of a session, as the database reports it."""
    name = event if isinstance(event, str) else event.id
    known = {"session": session, "version": version, "event": name, "till": till, "holder": till, "hold_id": name}
    return known | {"status": "active", "user": 1, "refold": False} | facts


def rewrite(event: Event, old: str, new: str) -> Event:
    """Return a record with changed text, sealed as another till would seal it."""
    body = event.body.replace(old, new) if old else event.body
    return unseal(body, sha256(body), texts_to_data(event), looked_at=True)


def arrived(event: Event, version: int) -> dict[str, Any]:
    """Return an event as the database sends it to another till."""
    body = {"session": event.session_id, "version": version, "b": event.body, "h": event.hash}
    return body | {"t": texts_to_data(event)}
