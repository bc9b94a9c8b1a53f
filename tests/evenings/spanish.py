"""A served evening in Spain: each sale and refund has its record, judged by the authority's schema and by a lint."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from typing_extensions import override

from tests.evenings.evening import hold
from tests.evenings.house import menu_of
from tests.evenings.served import ServedEvening
from tests.fiscal.authority import SETTINGS, check_file
from till.domain.events.envelope import Draft
from till.domain.fiscal import FiscalStamp
from till.domain.order.events import BuyerNamed, OrderPlaced
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.till.events import FiscalStamped
from till.fiscal.es_verifactu.record import TAX_TOTAL, TOTAL
from till.fiscal.es_verifactu.scheme import SCHEME
from till.reports.declared import DAY
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.register.conftest import Till
    from till.domain.order.state import Order

_SETTINGS: Final = SETTINGS | {"prefix": "CENTRO/"}
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
}
_BUYERS: Final = (
    BuyerNamed(name="Ñandú & Cía = 'Uno'", tax_number="12345678Z", address="Calle Mayor 1"),
    BuyerNamed(name="Rad & Söhne <GmbH> " * 8, tax_number="DE 129 273 398", address="Am Bach 1"),
    BuyerNamed(name="Anna Ñ", tax_number="passport DE C01X00T47", address="Am Bach 1"),
)


class SpanishEvening(ServedEvening):
    """An evening by a seed, at tills whose venue is in Spain. Some guests ask for an invoice to their firm."""

    laws: ClassVar[Sequence[dict[str, Any]]] = (
        _SPAIN,
        _SPAIN | {"service_charge": {"percent": "10", "tax": "B"}},
        _SPAIN | {"rounding": {"step": "0.05", "of": "cash"}},
    )

    def __init__(self, seed: int, *about: Any) -> None:
        super().__init__(seed, *about)
        self.what = (*self.what, *("buyer",) * 4)
        self._own_only = False

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        server = self.world.server
        data = {"fiscal_law": msgspec.to_builtins(SCHEME.law(_SETTINGS))}
        server.value("SELECT till.store_settings_v1(%s, NULL, %s)", server.store, json.dumps(data))
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

    def buyer(self) -> None:
        """Name the firm that wants an invoice."""
        self.till.register.ledger.commit([Draft(self.rng.choice(_BUYERS), self._open().id)])


def check_stamps(evening: SpanishEvening) -> None:
    """Check the records of an evening that is over: one for each sale and refund, in chains, equal to the report.

    Raises:
        BrokenError: an invariant does not hold.
    """
    events, server = evening.events(), evening.world.server
    sales = {one.data.order_id: one.data for one in events if isinstance(one.data, OrderPlaced)}
    started = {one.stream_id: one.data for one in events if isinstance(one.data, RefundStarted)}
    refunds = {one.stream_id for one in events if isinstance(one.data, RefundApproved)}
    stamped = {one.id: one.data for one in events if isinstance(one.data, FiscalStamped)}
    ofs = Counter(one.of for one in stamped.values())
    hold("each sale and given refund has one record", holds=ofs == Counter([*sales, *refunds]), what=ofs)
    _chains_pass(stamped.values())
    states = dict(server.rows("SELECT event_id::text, state FROM cold.fiscal_stamps WHERE store_id = %s", server.store))
    hold("the server has each record", holds={*states} == {*stamped}, what=states)
    query = "SELECT reason FROM warm.quarantine WHERE store_id = %s AND event_type = 'fiscal_stamped'"
    hold("no record is quarantined", holds="quarantined" not in states.values(), what=server.rows(query, server.store))
    query = "SELECT order_id::text FROM cold.orders WHERE store_id = %s"
    booked = {order for (order,) in server.rows(query, server.store)}
    minor = evening.till.register.formats.currency.minor
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for one in stamped.values():
        if one.of in booked:
            sums = days[sales[one.of].business_date]
            sums["total"] += minor(one.fields[TOTAL])
            sums["tax"] += minor(one.fields[TAX_TOTAL])
        elif one.of in refunds:
            days[started[one.of].business_date]["refunded"] += minor(one.fields[TOTAL])
    for day, sums in days.items():
        found = _figures(evening, date.fromisoformat(day))
        there = {"total": found["total"], "tax": found["tax"], "refunded": found["refunded"] - found["refund_rounding"]}
        hold("records sum to the report of the day", holds=Counter(there) == sums, what=(day, there, sums))


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
                check_file(stamps, _SETTINGS, Path(folder))
            except AssertionError as refused:
                hold("the authority takes the records", holds=False, what=(refused, report.getvalue()))


def _figures(evening: SpanishEvening, day: date) -> dict[str, int]:
    server = evening.world.server

    def ask(name: str, query: Any) -> Any:
        return server.value(f"SELECT till.{name}(%s, %s)", server.store, json.dumps(query))

    report = read_report(ask, DAY, Span(day, day), evening.till.register.venue, ["figures"])
    return {column.name: int(value or 0) for column, value in report.figures if isinstance(value, int | None)}
