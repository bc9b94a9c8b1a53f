"""A served evening in Spain: each sale and refund has its record, judged by the authority's schema and by a lint."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from typing_extensions import override

from tests.evenings.evening import NothingError, hold
from tests.evenings.house import menu_of
from tests.evenings.served import ServedEvening, ServedTill
from tests.fiscal.authority import SETTINGS, check_file
from tests.fiscal.server import ENDS, Authority
from tests.simulation.machine import run
from till.domain.errors import StoreError, TillError
from till.domain.events.envelope import Draft
from till.domain.fiscal import FiscalStamp
from till.domain.numbers import series_of
from till.domain.order.events import BuyerNamed, InvoiceIssued, OrderPlaced
from till.domain.order.state import Buyer
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.structs import replace
from till.domain.till.events import FiscalStamped
from till.fiscal.es_verifactu.exchange import EXCHANGE
from till.fiscal.es_verifactu.record import DAY, TAX_TOTAL, TOTAL
from till.fiscal.es_verifactu.scheme import SCHEME
from till.register.fiscal.invoices import check_invoice, issue_invoice
from till.reports.declared import DAY as DAYS
from till.reports.declared import TAX as TAXES
from till.reports.report import Span, read_report
from till.sync.fiscal import fiscal_backlog
from till.tenders.http import HttpError
from till.wiring.fiscal import FiscalSender, StampsAtServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.fiscal_sending import Backlog
    from till.domain.order.state import Order
    from till.reports.report import Report

_SETTINGS: Final = SETTINGS | {"prefix": "CENTRO/"}
#: The number of the till that sends the records.
_SENDER: Final = 3
_LAW: Final = {
    "scheme": SCHEME.name,
    "from": "2031-01-01",
    "settings": _SETTINGS,
    "proof": msgspec.to_builtins(SCHEME.proof(_SETTINGS)),
}
_SPAIN: Final[dict[str, Any]] = {
    "currency": "EUR",
    "locale": "es_ES",
    "timezone": "Europe/Madrid",
    "prices_include_tax": True,
    "tax_rounding": "order",
    "fiscal": _LAW,
    "fiscal_sender": _SENDER,
}
_BUYERS: Final = (
    BuyerNamed(name="Ñandú & Cía = 'Uno'", tax_number="12345678Z", address="Calle Mayor 1"),
    BuyerNamed(name="Rad & Söhne <GmbH> " * 8, tax_number="DE 129 273 398", address="Am Bach 1"),
    BuyerNamed(name="Anna Ñ", tax_number="passport DE C01X00T47", address="Am Bach 1"),
)


#: The tills begin at five in the morning of Madrid; in so many seconds it is half an hour to midnight.
_LATE_S: Final = 66_600
#: The events that take a number of a series.
_NUMBERED: Final = (OrderPlaced, InvoiceIssued, RefundStarted)
#: The kinds of invoices by the series of their number.
_KINDS: Final = {"": {"F2"}, "F": {"F1", "F3"}, "R": {"R5"}, "FR": {"R1"}}
#: The most looks of the sender until nothing waits.
_LOOKS: Final = 200
#: Acts about records, with sales to have some.
_OF_RECORDS: Final = (*("invoice",) * 8, *("transmit",) * 4, *("refuse",) * 3, *("copy",) * 2, *("cash",) * 4)
#: Acts after a journal was put back.
_AFTER: Final = (*("key",) * 4, *("cash",) * 3, "by_hand", "refund", "buyer", "invoice", "invoice", "transmit")


class Stamps(StampsAtServer):
    """The stamps and answers at the server, whose pauses nobody waits for."""

    @override
    async def fiscal_backlog(self, after: int = 0) -> Backlog:
        return replace(await super().fiscal_backlog(after), sent_at=None)


class SpanishEvening(ServedEvening):
    """An evening by a seed, at tills whose venue is in Spain. Some guests ask for an invoice to their firm.

    In half of the evenings the day ends in the middle. A third machine sends the records to an authority that is silent
    at times, and refuses some. In some evenings a journal is put back, and the till goes on in another one.
    """

    machines: ClassVar[int] = _SENDER
    laws: ClassVar[Sequence[dict[str, Any]]] = (
        _SPAIN,
        _SPAIN | {"service_charge": {"percent": "10", "tax": "B"}},
        _SPAIN | {"rounding": {"step": "0.05", "of": "cash"}},
    )

    def __init__(self, seed: int, *about: Any) -> None:
        super().__init__(seed, *about)
        self.what = (*self.what, *("buyer",) * 4, *_OF_RECORDS)
        self._own_only = False
        self.authority = Authority()
        self.sender = self.world.machines[_SENDER - 1]
        self._sending = FiscalSender(Stamps(self.sender.store), EXCHANGE, self._post)
        #: Events of a journal that was put back, by id.
        self._gone: dict[str, Event] = {}

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        server = self.world.server
        data = {"fiscal_law": msgspec.to_builtins(SCHEME.law(_SETTINGS))}
        server.value("SELECT till.store_settings_v1(%s, NULL, %s)", server.store, json.dumps(data))
        if self.seed % 2:
            self.clock.move(seconds=_LATE_S)
        return tills

    @override
    def _menu(self, law: dict[str, Any]) -> dict[str, Any]:
        menu = menu_of(law)
        rates = {"A": "21", "B": "10", "C": "4"}
        items = [one | {"tax": one["tax"] or "B"} for one in menu["items"]]
        return menu | {"taxes": {key: [{"name": "IVA", "rate": rate}] for key, rate in rates.items()}, "items": items}

    @override
    def correct(self) -> None:
        """Put a tender right that this till took: one of another till waits for a manager, which is another play."""
        self._own_only = True
        try:
            super().correct()
        finally:
            self._own_only = False

    @override
    def _sales(self) -> list[Order]:
        tills = {None, self.till.number}
        return [
            order
            for order in super()._sales()
            if not self._own_only
            or all(
                placed.till == self.till.number and tills.issuperset(paid.till for paid in placed.data.payments)
                for placed in order.placings
            )
        ]

    @override
    def events(self) -> list[Event]:
        own = {event.id: event for event in super().events()}
        return sorted((self._gone | own).values(), key=lambda one: one.id)

    @override
    def play(self) -> None:
        super().play()
        if self.world.machines[0].copy is not None and self.seed % 4 < 2:
            self.till = self.tills[0]
            self._put_back()
            for _step in range(self.rng.randrange(10, 25)):
                self.till = self.rng.choice(self.tills)
                self.clock.move(seconds=self.rng.randrange(1, 90))
                what = self.rng.choice(_AFTER)
                self.trace.append(f"{self.till.number} {what}")
                try:
                    getattr(self, what)()
                except TillError as refused:
                    self.trace[-1] += f" ({refused.code})"
            self.end()

    @override
    def _pay_exact(self, order: Order, tender: str) -> Order:
        if order.total < 0 and order.buyer is not None:  # no invoice to a firm is negative
            order = self.till.register.sales.name_buyer(order.id, self.till.user, None)
        return super()._pay_exact(order, tender)

    # Acts

    def buyer(self) -> None:
        """Name the firm that wants an invoice."""
        self.till.register.ledger.commit([Draft(self.rng.choice(_BUYERS), self._open().id)])

    def invoice(self) -> None:
        """Make an invoice for a ticket that is paid. No other till makes one too, and none is made while offline."""
        sales = self._sales()
        if not sales:
            raise NothingError
        order = self.rng.choice(sales)
        sold, register, machine = self.rng.choice(order.placings), self.till.register, self._machine
        machine.flush()
        machine.fetch(order.id)
        order, named = register.ledger.order(order.id), self.rng.choice(_BUYERS)
        buyer = Buyer(named.name, named.tax_number, named.address)
        check_invoice(register.fiscal, order, sold, buyer)
        machine.online = self.rng.random() < 0.8
        try:
            run(machine.store.claim_invoice(sold.data.order_id))
        finally:
            machine.online = True
        other = next(till for till in self.tills if till.number != self.till.number)
        assert isinstance(other, ServedTill)
        _refuses(other, sold.data.order_id)
        issue_invoice(register.fiscal, order, sold, buyer)
        if self.rng.random() < 0.5:
            machine.flush()
        _refuses(other, sold.data.order_id)

    def transmit(self) -> None:
        """Send records, to an authority that may be silent, busy or at fault."""
        end = self.rng.choices(list(ENDS), list(ENDS.values()))[0]
        self.authority.ends = [f"={end}"]
        self._work()
        run(self._sending.step())

    def refuse(self) -> None:
        """Have the authority refuse a record that waits. What it took without an answer it refuses no more."""
        server, taken = self.world.server, {one.number for one in self.authority.taken}
        query = "SELECT number FROM cold.fiscal_waiting(%s) ORDER BY arrival"
        if waiting := [number for (number,) in server.rows(query, server.store) if number not in taken]:
            self.authority.refused[self.rng.choice(waiting)] = "Valor o tipo incorrecto."

    def copy(self) -> None:
        """Copy the journal of the first till."""
        self.world.machines[0].keep_copy()

    # The sender

    async def _post(self, _group: str, body: bytes) -> tuple[int, bytes]:
        end = self.authority.ends[0][1:]
        if end == "cut_before":
            raise HttpError("no answer")
        if end in {"closed", "busy"}:
            return (302 if end == "closed" else 503), b"busy"
        status, answer = self.authority.answer(body, end)
        if end in {"silent", "cut"}:
            raise HttpError("no answer")
        return status, answer

    def _work(self) -> None:
        """Make the stamps that the sender has to make, once those before are at the server."""
        self.sender.flush()
        for one in run(fiscal_backlog(self.sender.store, work=True)).work:
            self.sender.register.fiscal.do(one)
        self.sender.flush()

    def send_all(self) -> None:
        """Send what waits, and have a manager mend what was refused, until the authority has each invoice."""
        server, status = self.world.server, None
        self.authority.ends = ["=well"]
        for _look in range(_LOOKS):
            self._work()
            run(self._sending.step())
            status = server.value("SELECT till.fiscal_status_v1(%s)", server.store)
            if not status["waiting"] and not status["troubles"]:
                return
            for one in status["troubles"]:
                server.value("SELECT till.fiscal_mend_v1(%s, 9, %s, false)", server.store, one["number"])
        hold("the authority takes each record", holds=False, what=status)

    # A journal that is put back

    def _put_back(self) -> None:
        """Put an earlier copy of the till's journal back, and go on in the journal that begins then."""
        self._gone = {event.id: event for event in super().events()}
        self._machine.restore_copy()
        self._start()
        for _round in range(3):
            self._machine.engine.hurry(self.world.now)
            self._machine.sync()
            if self._machine.waits_for == "chain_diverged":  # “Close the till and open it again”
                self._start()
            self.world.adopt(self._machine)
        self.meet()


def _refuses(other: ServedTill, order_id: str) -> None:
    """Hold that another till gets no claim of an invoice that is claimed or made."""
    try:
        run(other.machine.store.claim_invoice(order_id))
    except StoreError:
        return
    hold("one till makes the invoice", holds=False, what=(other.number, order_id))


def check_stamps(evening: SpanishEvening) -> None:
    """Send what waits, and check the records of an evening that is over: in chains, taken, and equal to the reports.

    Raises:
        BrokenError: an invariant does not hold.
    """
    evening.send_all()
    events, server = evening.events(), evening.world.server
    sales = {one.data.order_id: one.data for one in events if isinstance(one.data, OrderPlaced)}
    started = {one.stream_id: one.data for one in events if isinstance(one.data, RefundStarted)}
    refunds = {one.stream_id for one in events if isinstance(one.data, RefundApproved)}
    invoices = {one.id: one.data for one in events if isinstance(one.data, InvoiceIssued)}
    every = {one.id: (one.till, one.data) for one in events if isinstance(one.data, FiscalStamped)}
    stamped = [data for till, data in every.values() if till != _SENDER]
    ofs = Counter(one.of for one in stamped)
    hold("each paper has one record", holds=ofs == Counter([*sales, *refunds, *invoices]), what=ofs)
    _chains_pass(data for _till, data in every.values())
    states = dict(server.rows("SELECT event_id::text, state FROM cold.fiscal_stamps WHERE store_id = %s", server.store))
    hold("the server has each record", holds={*states} == {*every}, what=states)
    query = "SELECT reason FROM warm.quarantine WHERE store_id = %s AND event_type = 'fiscal_stamped'"
    hold("no record is quarantined", holds="quarantined" not in states.values(), what=server.rows(query, server.store))
    query = "SELECT order_id::text FROM cold.orders WHERE store_id = %s"
    booked = {order for (order,) in server.rows(query, server.store)}
    minor = evening.till.register.formats.currency.minor
    days: dict[str, Counter[str]] = defaultdict(Counter)
    invoiced: dict[date, Counter[str]] = defaultdict(Counter)
    for one in stamped:
        if one.of in booked or one.of in refunds:
            issued = invoiced[datetime.strptime(one.fields[DAY], "%d-%m-%Y").date()]  # noqa: DTZ007 - a day alone
            issued["gross"] += minor(one.fields[TOTAL])
            issued["tax"] += minor(one.fields[TAX_TOTAL])
        if one.of in booked:
            sums = days[sales[one.of].business_date]
            sums["total"] += minor(one.fields[TOTAL])
            sums["tax"] += minor(one.fields[TAX_TOTAL])
        elif one.of in refunds:
            days[started[one.of].business_date]["refunded"] += minor(one.fields[TOTAL])
        elif one.of in invoices:
            whole = sales[invoices[one.of].order_id]
            amounts = (one.fields[TOTAL], one.fields[TAX_TOTAL])
            hold("an invoice is of its ticket", holds=amounts == (whole.total, whole.tax), what=(one, whole))
    for day, sums in days.items():
        found = _figures(evening, DAYS, date.fromisoformat(day))
        there = {"total": found["total"], "tax": found["tax"], "refunded": found["refunded"] - found["refund_rounding"]}
        hold("records sum to the report of the day", holds=Counter(there) == sums, what=(day, there, sums))
    for issue, sums in invoiced.items():
        found = _figures(evening, TAXES, issue)
        there = {"gross": found["gross"], "tax": found["tax"]}
        hold("records sum to the report of the invoice's day", holds=there == sums, what=(issue, there, sums))
    twice = Counter(one.order_id for one in invoices.values())
    hold("a ticket has one invoice", holds=max(twice.values(), default=0) < 2, what=twice)
    _series_have_no_gap([one.data.document for one in events if isinstance(one.data, _NUMBERED)])
    for data in stamped:
        hold("a series has its kinds", holds=data.kind in _KINDS[series_of(data.number)], what=data)
    known = {one.number for one in evening.authority.taken}
    different = known ^ {one.number for one in stamped}
    hold("the authority has each invoice", holds=not different, what=different)


def _series_have_no_gap(numbers: Iterable[str]) -> None:
    """Hold the numbers of each series of a journal to go from 1 without a gap."""
    series: dict[str, list[int]] = defaultdict(list)
    for number in numbers:
        letters = number.rstrip("0123456789")
        series[letters].append(int(number[len(letters) :]))
    for letters, found in series.items():
        hold("a series has no gap", holds=sorted(found) == [*range(1, len(found) + 1)], what=(letters, found))


def _chains_pass(stamped: Iterable[FiscalStamped]) -> None:
    """Hold the records of each installation to schema, lint and chain."""
    chains: dict[str, list[FiscalStamp]] = defaultdict(list)
    for one in stamped:
        names = json.loads(one.names) if one.names else {}
        chains[one.chain].append(
            FiscalStamp(
                kind=one.kind,
                number=one.number,
                fields=one.fields,
                names=names,
                previous=one.previous,
                hash=one.hash,
            )
        )
    for stamps in chains.values():
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as report:
            try:
                is_strict = not any("Subsanacion" in one.fields for one in stamps)
                check_file(stamps, _SETTINGS, Path(folder), strict=is_strict)
            except AssertionError as refused:
                hold("the authority takes the records", holds=False, what=(refused, report.getvalue()))


def _figures(evening: SpanishEvening, of: Report, day: date) -> dict[str, int]:
    server = evening.world.server

    def ask(name: str, query: Any) -> Any:
        return server.value(f"SELECT till.{name}(%s, %s)", server.store, json.dumps(query))

    report = read_report(ask, of, Span(day, day), evening.till.register.venue, ["figures"])
    return {column.name: int(value or 0) for column, value in report.figures if isinstance(value, int | None)}
