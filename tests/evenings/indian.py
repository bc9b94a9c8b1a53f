"""A served evening in India: the tables of GSTR-1 are judged by the taxes and totals that its papers show."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from tests.evenings.evening import hold
from tests.evenings.house import menu_of
from tests.evenings.served import ServedEvening
from till.administration.calls import AtServer
from till.administration.exporting import RecordsAtServer, days_of
from till.cli.fiscal_export import about_venue
from till.domain.events.envelope import Draft
from till.domain.order.events import BuyerNamed, OrderPlaced
from till.domain.refund.events import RefundApproved, RefundStarted
from till.domain.venue import read_venue
from till.fiscal.in_gstr1.export import EXPORT
from till.fiscal.in_gstr1.gstin import check_of
from till.ports.fiscal_export import ExportFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.register.conftest import Till

_OWN: Final = f"29ABCDE1234F1Z{check_of('29ABCDE1234F1Z')}"
_INDIA: Final[dict[str, Any]] = {
    "currency": "INR",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "tax_number": f"GSTIN {_OWN}",
    "prices_include_tax": True,
    "rounding": {"step": "1", "of": "bill"},
}
_BUYERS: Final = (
    BuyerNamed(name='=Rao & Co, "Sons"', tax_number=f"29PQRST5678K2Z{check_of('29PQRST5678K2Z')}"),
    BuyerNamed(name="Menon", tax_number=f"29AAGCM4444C1Z{check_of('29AAGCM4444C1Z')}".lower()),
)
_HALVES: Final = {"A": "9", "B": "2.5", "C": "6"}
_CODES: Final[dict[str, dict[str, str]]] = {
    "category": {"all": "996331"},
    "item": {"item-6": "220290", "item-7": "170199", "item-9": "3923/EXEMPT", "item-10": "2201/NIL"},
    "tax": {
        "Deposit": "OTHER",
        **{f"{name} {half}": name for half in _HALVES.values() for name in ("CGST", "SGST")},
    },
    "charge": {"service": "996331"},
}
#: The tills begin in the morning; in so many seconds it is half an hour to midnight in Kolkata.
_LATE_S: Final = 50_400


class IndianEvening(ServedEvening):
    """An evening by a seed, at tills whose venue is in India. Some guests name their firm."""

    laws: ClassVar[Sequence[dict[str, Any]]] = (
        _INDIA,
        _INDIA | {"prices_include_tax": False},
        _INDIA | {"service_charge": {"percent": "10", "tax": "B"}},
        _INDIA | {"tax_rounding": "order", "service_charge": {"percent": "12.5", "tax": "A"}},
    )

    def __init__(self, seed: int, *about: Any) -> None:
        super().__init__(seed, *about)
        self.what = (*self.what, *("buyer",) * 4, *("cash",) * 8, *("refund",) * 4)

    @override
    def _open_venue(self, law: dict[str, Any], offers: list[dict[str, Any]]) -> list[Till]:
        tills = super()._open_venue(law, offers)
        if self.seed % 2:
            self.clock.move(seconds=_LATE_S)
        return tills

    @override
    def _menu(self, law: dict[str, Any]) -> dict[str, Any]:
        menu = menu_of(law)
        taxes = {key: [{"name": name, "rate": half} for name in ("CGST", "SGST")] for key, half in _HALVES.items()}
        taxes["C"].append({"name": "Deposit", "per_piece": "1"})
        items = [one | ({"tax": ""} if one["id"] in {"item-9", "item-10"} else {}) for one in menu["items"]]
        return menu | {"taxes": taxes, "items": items}

    def buyer(self) -> None:
        """Name the firm that wants an invoice."""
        self.till.register.ledger.commit([Draft(self.rng.choice(_BUYERS), self._open().id)])


class _Files:
    """The files of the months of an evening."""

    def __init__(self, evening: IndianEvening, days: Iterable[datetime]) -> None:
        server = evening.world.server
        admin = AtServer(connection=evening.world.server.base.owner, store_id=server.store)
        admin.act("codes_set_v1", "in-gstr1", _CODES)
        body = admin.ask("venue")
        venue = read_venue(body)
        self.rows: defaultdict[str, list[list[str]]] = defaultdict(list)
        self.faults: list[ExportFault] = []
        for first in sorted({venue.local(at).date().replace(day=1) for at in days}):
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            span = days_of(venue, first, last)
            about = about_venue(admin, body, span.ends)
            texts: defaultdict[str, str] = defaultdict(str)
            read = RecordsAtServer(admin, venue, span, texts=True)
            for piece in EXPORT.write(read, span, about):
                if isinstance(piece, ExportFault):
                    self.faults.append(piece)
                else:
                    texts[piece.file] += piece.text
            self.faults += read.faults.values()
            hold("each code is known", holds=not about.codes("in-gstr1").missing, what=about.codes("in-gstr1").missing)
            json.loads(texts.pop("gstr1.json"))
            for name, text in texts.items():
                self.rows[name] += [*csv.reader(text.splitlines())][1:]

    def sum(self, name: str, column: int, rate: int | None = None, sign: int = 1) -> dict[Decimal, int]:
        """Return a column of a table in paise by the rate of each row; without one all of it at 0."""
        found: defaultdict[Decimal, int] = defaultdict(int)
        for row in self.rows[name]:
            found[Decimal(row[rate]) if rate is not None else Decimal()] += sign * int(Decimal(row[column]) * 100)
        return found


def _added(*sums: dict[Decimal, int]) -> dict[Decimal, int]:
    """Return the sums of all by rate, without those of nothing."""
    rates = {rate for one in sums for rate in one}
    return {rate: total for rate in rates if (total := sum(one.get(rate, 0) for one in sums))}


def check_gst(evening: IndianEvening) -> None:
    """Check that the tables have each tax and each rupee of the evening's papers once.

    Raises:
        BrokenError: they do not.
    """
    events, server = evening.events(), evening.world.server
    minor = evening.till.register.formats.currency.minor
    booked = {str(one) for (one,) in server.rows("SELECT event_id FROM cold.orders WHERE store_id = %s", server.store)}
    given = {one.stream_id for one in events if isinstance(one.data, RefundApproved)}
    papers = {
        one.data.receipt: one.data
        for one in events
        if (isinstance(one.data, OrderPlaced) and one.id in booked)
        or (isinstance(one.data, RefundStarted) and one.stream_id in given)
    }
    files = _Files(evening, [one.at for one in events])
    unread = [one for one in files.faults if not one.is_left_out]
    hold("each paper is in the tables", holds=not unread, what=unread)
    taxes: dict[str, defaultdict[Decimal, int]] = {name: defaultdict(int) for name in ("CGST", "SGST", "Deposit")}
    charged: defaultdict[Decimal, int] = defaultdict(int)
    for tax in (tax for paper in papers.values() for tax in paper.taxes):
        taxes[tax.name][2 * Decimal(tax.rate or 0)] += minor(tax.tax)
        if tax.name == "CGST":
            charged[2 * Decimal(tax.rate or 0)] += minor(tax.net or "0")
    codes = ("hsn(b2b).csv", "hsn(b2c).csv")
    for name, column in (("CGST", 8), ("SGST", 9)):
        found = _added(*(files.sum(one, column, 5) for one in codes))
        hold(f"{name} is that of the papers", holds=found == _added(taxes[name]), what=(found, taxes[name]))
    sold = _added(
        files.sum("b2b.csv", 11, 10), files.sum("b2cs.csv", 4, 3), files.sum("cdnr.csv", 11, 10, sign=-1)
    )  # fmt: skip
    hold("the taxable value is that of the papers", holds=sold == _added(charged), what=(sold, charged))
    coded = {rate: net for rate, net in _added(*(files.sum(one, 6, 5) for one in codes)).items() if rate}
    hold("the codes have the taxable value", holds=coded == sold, what=(coded, sold))
    total = sum(minor(paper.net) + minor(paper.tax) for paper in papers.values()) - sum(taxes["Deposit"].values())
    listed = sum(sum(files.sum(one, 4).values()) for one in codes)
    # the net of each tax of a refund is rounded by itself
    refunds = [paper for paper in papers.values() if isinstance(paper, RefundStarted)]
    nets = [sum(minor(tax.net or "0") for tax in one.taxes if tax.name == "CGST") for one in refunds]
    apart = (abs(minor(one.net) - net) for one, net in zip(refunds, nets, strict=True))
    loose = sum(one for one in apart if one < 100)
    hold("the codes have each rupee", holds=abs(listed - total) <= loose, what=(listed, total, loose))
    free = sum(sum(files.sum("exemp.csv", column).values()) for column in (1, 2, 3))
    net = sum(minor(paper.net) for paper in papers.values())
    hold("each net is in one table", holds=abs(sum(sold.values()) + free - net) <= loose, what=(sold, free, net))
    counted = sum(int(row[3]) - int(row[4]) for row in files.rows["docs.csv"])
    gaps = sum(int(one.sentence.split()[0]) for one in files.faults if one.is_left_out)
    hold("each number is counted", holds=counted - gaps == len(papers), what=(counted, gaps, len(papers)))
