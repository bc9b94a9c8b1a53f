"""A busy evening on the real server in which taxes begin, with a judge who knows when a line was keyed, and the rates.

The clocks of the tills are apart, and each is away from the server for any time. In some evenings the server makes the
version of the menu of that moment, as for tills that know no plans.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tests.evenings.evening import hold
from tests.evenings.served import ServedEvening, ServedTill
from tests.simulation.machine import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tests.register.conftest import Till

#: The rates of each tax group before a moment and from it on; a deposit has none.
_RATES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "A": (("19",), ("16",)),
    "B": (("2.5", "2.5"), ("1", "9")),
    "C": (("7",), ("5",)),
    "": ((), ()),
}
_NEW: Final[dict[str, list[dict[str, Any]]]] = {
    "A new": [{"name": "VAT", "rate": "16"}],
    "B new": [{"name": "CGST", "rate": "1"}, {"name": "SGST", "rate": "9"}],
    "C new": [{"name": "VAT", "rate": "5"}, {"name": "Deposit", "per_piece": "1"}],
}
#: In the past by the clock of the server, which is years behind that of the evening.
_PAST: Final = "2026-01-01T00:00:00Z"
_LOG: Final = """
    SELECT event_id, event_type, event_data, session_id, "timestamp" FROM warm.session_events
    WHERE store_id = %s AND event_type IN ('item_added', 'line_cut', 'order_opened', 'order_placed')
    ORDER BY event_id"""
_REPORTED: Final = "SELECT rate, sum(tax) FROM cold.tax_by_rate WHERE store_id = %s AND rate <> '' GROUP BY 1"
_DUE: Final = (
    "UPDATE till.settings SET body = jsonb_build_object('next', %s::text) WHERE store_id = %s AND name = 'rates'"
)


class RatedEvening(ServedEvening):
    """An evening by a seed, in which each tax becomes another at one moment."""

    def __init__(self, seed: int, *about: Any) -> None:
        self.begins = START + timedelta(minutes=seed % 17)
        self.group_of: dict[str, str] = {}
        super().__init__(seed, *about)
        self.what = (*self.what, *("quantity",) * 4, *("begin",) * 2)

    @override
    def _menu(self, law: dict[str, Any]) -> dict[str, Any]:
        menu = super()._menu(law)
        starts = f"{self.begins:%Y-%m-%dT%H:%M:%SZ}"
        items = []
        for item in menu["items"]:
            self.group_of[item["id"]] = item["tax"]
            rates = [{"from": starts, "tax": f"{item['tax']} new"}] if item["tax"] else []
            items.append({**item, **({"rates": rates} if rates else {})})
        charge = law.get("service_charge")
        planned = {"charge_rates": [{"from": starts, "tax": f"{charge['tax']} new"}]} if charge else {}
        return {**menu, "taxes": {**menu["taxes"], **_NEW}, "items": items, **planned}

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        self.charged = law.get("service_charge", {}).get("tax", "")
        for till in tills:
            assert isinstance(till, ServedTill)
            till.machine._skew = timedelta(seconds=self.rng.randrange(-400, 400))
        return tills

    def begin(self) -> None:
        """Have the server make the version of the moment, once it is over."""
        if self.clock.now() < self.begins + timedelta(minutes=10):  # no clock of a till is before it
            return
        server, starts = self.world.server, f"{self.begins:%Y-%m-%dT%H:%M:%SZ}"
        server.base.owner.execute(
            "UPDATE till.settings SET body = replace(body::text, %s, %s)::jsonb"
            " WHERE store_id = %s AND name IN ('menu', 'rates')",
            [starts, _PAST, server.store],
        )
        server.base.owner.execute(_DUE, [_PAST, server.store])
        server.base.owner.execute("SELECT till.begin_rates(%s)", [server.store])

    def rates_of(self, group: str, keyed_at: datetime) -> tuple[str, ...]:
        """Return the rates of a group at a moment."""
        return _RATES[group][keyed_at >= self.begins]


def check_rates(evening: RatedEvening) -> None:
    """Check the taxes of each sale by when its lines were keyed and its order opened, and the sums of the report."""
    server = evening.world.server
    keyed: dict[str, datetime] = {}
    item_of: dict[str, str] = {}
    opened: dict[str, datetime] = {}
    exact: dict[str, Decimal] = defaultdict(Decimal)
    parts = 0
    booked = {str(one) for (one,) in server.rows("SELECT event_id FROM cold.orders WHERE store_id = %s", server.store)}
    for event_id, kind, data, session, at in server.rows(_LOG, server.store):
        match kind:
            case "item_added":
                keyed[data["line_id"]], item_of[data["line_id"]] = at, data["item_id"]
            case "line_cut":
                keyed[data["into"]], item_of[data["into"]] = keyed[data["line_id"]], item_of[data["line_id"]]
            case "order_opened":
                opened[session] = opened.get(data.get("from_session", ""), at)
            case "order_placed":
                sold = [
                    (one, {evening.rates_of(evening.group_of[item_of[line]], keyed[line]) for line in one["line_ids"]})
                    for one in data["lines"]
                ]
                if charge := data.get("service_charge"):
                    sold.append((charge, {evening.rates_of(evening.charged, opened[session])}))
                for one, wanted in sold:
                    found = _rates(one.get("taxes", ()))
                    hold("a sale has the rates of when it was keyed", holds=wanted == {found}, what=(one, wanted))
                    if str(event_id) in booked:
                        parts += 1
                        _add(exact, one)
    there = dict(server.rows(_REPORTED, server.store))
    unit = Decimal(10) ** -evening.till.register.formats.currency.exponent
    wrong = {
        rate: (exact[rate], there.get(rate, Decimal(0)))
        for rate in {*exact, *there}
        if abs(exact[rate] - there.get(rate, Decimal(0))) > 2 * unit * (parts + 1)
    }
    hold("report tax has the sum of each rate", holds=not wrong, what=wrong)


def _rates(taxes: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(tax["rate"] for tax in taxes if "rate" in tax)


def _add(exact: dict[str, Decimal], part: Mapping[str, Any]) -> None:
    """Add the exact taxes of an amount, which has them in it, whatever its price had."""
    taxes = part.get("taxes", ())
    rates = _rates(taxes)
    levies = sum((Decimal(tax["tax"]) for tax in taxes if "rate" not in tax), Decimal(0))
    net = (Decimal(part["subtotal"]) - levies) * 100 / (100 + sum(map(Decimal, rates)))
    for rate in rates:
        exact[rate] += net * Decimal(rate) / 100
