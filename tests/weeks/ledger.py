"""The accountant's journal of a week: judged by the Zs, by the drawers, by the report of the days and by beancount."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from beancount.loader import load_string

from tests.evenings.evening import hold
from tests.weeks.week import KEPT
from till.domain.order.events import OrderPlaced
from till.domain.shift.events import ShiftClosed
from till.domain.venue import read_venue
from till.reports.ledger import JOURNAL, beancount, entries
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from tests.weeks.served import ServedWeek
    from till.reports.report import ReportResult

_UPKEEP: Final = "SELECT till.maintain_v1(%s, NULL, 30, 24, 30, false)"
_MISSING: Final = "SELECT till.ledger_missing_v1(%s, '0001-01-01', '9999-12-31')"
_SALES: Final = "SELECT count(*), sum(net), sum(tax), sum(rounding) FROM cold.sales WHERE store_id = %s"
_REFUNDS: Final = "SELECT count(*), sum(net), sum(tax), sum(rounding) FROM cold.refunds WHERE store_id = %s"
_EVER: Final = Span(date(2000, 1, 1), date(2100, 1, 1))


def keep_books(week: ServedWeek) -> None:
    """Run the upkeep until it has nothing to do."""
    server = week.world.server
    while server.value(_UPKEEP, server.store)["more"]:
        pass


def read_journal(week: ServedWeek) -> ReportResult:
    """Read the journal as its command does."""
    server = week.world.server

    def ask(function: str, asked: Any) -> Any:
        return server.value(f"SELECT till.{function}(%s, %s::jsonb)", server.store, json.dumps(asked))

    return read_report(ask, JOURNAL, _EVER, read_venue(server.value("SELECT till.venue(%s)", server.store)))


def check_ledger(week: ServedWeek) -> dict[str, tuple[str, int]]:
    """Check the journal once every shift is closed, and return its rows by their ids.

    Raises:
        BrokenError: an invariant does not hold.
    """
    keep_books(week)
    server, minor = week.world.server, week.till.register.formats.currency.minor
    missing = server.value(_MISSING, server.store)
    hold("every closed Z is booked", holds=not missing, what=missing)
    found = read_journal(week)
    rows = list(entries(found))
    batches: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    of_zs: dict[str, Counter[str]] = {}
    for row in rows:
        amount = row["debit"] - row["credit"]
        batches[row["batch"]] += amount
        kinds[row["kind"]] += amount
        of_zs.setdefault(row["batch"], Counter())[row["kind"]] += amount
    hold("a batch sums to zero", holds=not any(batches.values()), what=batches)
    _entries, errors, _options = load_string(beancount(found), dedent=False)
    hold("beancount accepts the journal", holds=not errors, what=errors[:3])
    for event in week.events():
        if isinstance(event.data, ShiftClosed):
            _is_the_z(of_zs.get(event.data.number, Counter()), event.data, minor)
    _is_the_day(week, kinds)
    return {row["row"]: (row["kind"], row["debit"] - row["credit"]) for row in rows}


def _is_the_z(rows: Counter[str], z: ShiftClosed, minor: Any) -> None:
    """A batch has the balances of its Z."""
    sums = z.sums
    for tender in sums.tenders:
        drawer = next((one for one in sums.drawer if one.tender == tender.tender), None)
        moved = sum((minor(one.amount) for one in drawer.moved if one.kind != "corrected"), 0) if drawer else None
        known = rows[f"tender.{tender.tender.lower()}"]
        if moved is not None:
            hold("a tender in the drawer is what the drawer moved", holds=known == moved, what=(z.number, tender, rows))
    taxes = -sum(amount for kind, amount in rows.items() if kind.startswith("tax."))
    net = -sum(amount for kind, amount in rows.items() if kind.split(".")[0] in {"sales", "service_charge"})
    hold("sales are those of the Z", holds=net == minor(sums.sales.net), what=(z.number, rows, sums))
    back = sum(amount for kind, amount in rows.items() if kind.startswith("refunds."))
    # the tax of a refund that another shift began is in no sum of the Z
    back += minor(sums.sales.tax) - taxes + minor(sums.rounding) + rows["rounding"]
    hold("refunds are those of the Z", holds=back == minor(sums.refunds.amount), what=(z.number, rows, sums))
    for kind, amount in (("tips", sums.tips), ("taken_ahead", sums.taken_ahead)):
        hold("owed is what the Z says", holds=-rows[kind] == minor(amount), what=(z.number, kind, rows))
    hold("used is what the Z says", holds=rows["used"] == minor(sums.used), what=(z.number, rows))
    hold("the records are those of the Z", holds=not rows["difference"], what=(z.number, rows))


def _is_the_day(week: ServedWeek, kinds: Counter[str]) -> None:
    """The journal has the sales and refunds of all days, and what lies in the drawers."""
    here = week.till
    drawers: Counter[str] = Counter()
    for till in week.tills:
        week.till = till
        drawers.update({one: week.mine.balance(one) for one in KEPT})
    week.till = here
    lies = [kinds[f"tender.{one.lower()}"] for one in KEPT]
    known = [drawers[one] for one in KEPT]
    hold("tenders are what lies in the drawers", holds=lies == known, what=(lies, known))
    server, minor = week.world.server, week.till.register.formats.currency.minor
    ((number, *sold),) = server.rows(_SALES, server.store)
    ((_number, *back),) = server.rows(_REFUNDS, server.store)
    if number != sum(isinstance(event.data, OrderPlaced) for event in week.events()):
        return  # a sale of two tills is in both Zs, and once in the report of the day
    net, tax, rounding = (minor(str(one or 0)) + minor(str(less or 0)) for one, less in zip(sold, back, strict=True))
    booked = (
        -sum(amount for kind, amount in kinds.items() if kind.split(".")[0] in {"sales", "service_charge", "refunds"}),
        -sum(amount for kind, amount in kinds.items() if kind.startswith("tax.")),
        -kinds["rounding"],
    )
    hold("the journal has the days", holds=booked == (net, tax, rounding), what=(booked, net, tax, rounding))


def check_kept(week: ServedWeek, before: dict[str, tuple[str, int]]) -> None:
    """Check that no row behind an id changed, after more was booked.

    Raises:
        BrokenError: an invariant does not hold.
    """
    keep_books(week)
    rows = {row["row"]: (row["kind"], row["debit"] - row["credit"]) for row in entries(read_journal(week))}
    changed = {one: (was, rows.get(one)) for one, was in before.items() if rows.get(one) != was}
    hold("no row behind an id changes", holds=not changed, what=changed)
    batches: Counter[str] = Counter()
    for row, (_kind, amount) in rows.items():
        batches[row.rpartition("/")[0]] += amount
    hold("a later batch sums to zero", holds=not any(batches.values()), what=batches)
