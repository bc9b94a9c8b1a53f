"""A provider's payouts against the payments of the tills: the files of payouts, and the comparison by reference."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.cells import unguard
from till.domain.errors import AmountError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.text import clean
from till.ports import ListedMoney
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from till.domain.venue import Venue

_DELIMITERS: Final = (",", ";", "\t")
#: Days before and after those of a file in which its payments are searched for: a provider pays out some days later.
_BEFORE, _AFTER = timedelta(days=14), timedelta(days=3)
_STRIPE: Final = frozenset({"reporting_category", "gross", "payment_intent_id"})
_SUMUP: Final = frozenset({"transaction_code", "type", "amount", "date"})
_PLAIN: Final = frozenset({"reference", "amount", "date"})
_WHAT: Final = {
    "not_here": _("not at the tills"),
    "not_there": _("not at the provider"),
    "amount": _("another amount"),
    "twice": _("twice at the provider"),
    "twice_here": _("twice at the tills"),
}
#: `there` is the provider's side, `here` that of the tills. The differences add up to the difference. No view has them:
#: the command reads a file, or asks the provider.
PAYOUTS: Final = Report(
    "payouts",
    _("Payouts"),
    _("Compare a file of a provider's payouts with the tills' payments, by the provider's reference."),
    _("No payments on these days."),
    (
        Section(
            "figures",
            "",
            (
                Column("matched", ColumnKind.COUNT, _("Equal on both sides")),
                Column("there", ColumnKind.MONEY, _("At the provider")),
                Column("here", ColumnKind.MONEY, _("At the tills")),
                Column("difference", ColumnKind.MONEY, _("Difference")),
                Column("fees", ColumnKind.MONEY, _("Fees")),
                Column("tips", ColumnKind.MONEY, _("Tips")),
            ),
        ),
        Section(
            "differences",
            "",
            (
                Column("day", ColumnKind.DAY, _("Day")),
                Column("reference", ColumnKind.TEXT, _("Reference")),
                Column("kind", ColumnKind.TEXT, words={"payment": _("payment"), "refund": _("refund")}),
                Column("what", ColumnKind.TEXT, _("Difference"), words=_WHAT),
                Column("there", ColumnKind.MONEY, _("Provider")),
                Column("here", ColumnKind.MONEY, _("Tills")),
                Column("till", ColumnKind.TILL, _("Till")),
                Column("session", ColumnKind.ID),
            ),
            title=_("Differences"),
        ),
        Section(
            "others",
            "",
            (
                Column("other", ColumnKind.TEXT, _("Other rows"), words={"": _("payments in this currency")}),
                Column("currency", ColumnKind.TEXT, _("Currency")),
                Column("times", ColumnKind.COUNT, _("Times")),
                Column("amount", ColumnKind.TEXT, _("Amount")),
            ),
            title=_("Other rows, not compared"),
        ),
    ),
    _("A payment of the first or last day may be in the payouts before or after."),
)


class PayoutsError(TillError):
    """A file of payouts that cannot be read."""

    code = "payouts"
    default = _("That file of payouts cannot be read.")


class _Move(Struct, frozen=True):
    """A movement of the tills' money."""

    money: ListedMoney
    till: int | None
    session: str


class _Difference(Struct, frozen=True):
    """A difference. `money` is the provider's side if it has one; one of the sides may be missing."""

    what: str
    money: ListedMoney
    there: ListedMoney | None = None
    here: _Move | None = None


# The files


def read_payouts(data: bytes, venue: Venue) -> tuple[ListedMoney, ...]:
    """Read Stripe's payout report, SumUp's payouts, or a table with the columns reference, amount and date.

    Raises:
        PayoutsError: the file is none of these, or a line cannot be read.
    """
    try:
        text = data.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        raise PayoutsError(_("This is not UTF-8 text. Save the file as CSV UTF-8.")) from None
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        heading = [name.strip().casefold() for name in table.fieldnames or ()]
        read = next((read for columns, read in _FILES if columns <= {*heading}), None)
        if read is None:
            columns = ", ".join(sorted(_PLAIN))
            sentence = _(
                "Not a file of payouts. Take Stripe's payout report, SumUp's payouts, or the columns {columns}."
            )
            raise PayoutsError(sentence.format(columns=columns))
        table.fieldnames = heading
        return tuple(_lines(table, lambda row: read(row, _Cells(row, venue, delimiter))))
    except csv.Error:
        raise PayoutsError(_("The file is no CSV, or is cut short. Fetch it again.")) from None


def _lines(table: csv.DictReader[str], read: Callable[[Mapping[str, str]], ListedMoney]) -> Iterator[ListedMoney]:
    for row in table:
        if not any(row.values()):
            continue
        try:
            yield read({name: unguard((cell or "").strip()) for name, cell in row.items() if isinstance(name, str)})
        except (AmountError, ValueError, OverflowError) as problem:
            why = problem.sentence if isinstance(problem, AmountError) else _("The date cannot be read.")
            raise PayoutsError(_("Line {line}: {why}").format(line=table.line_num, why=clean(why))) from None


class _Cells(Struct, frozen=True):
    """The cells of a line. In a file with another delimiter than the comma, that is the decimal separator."""

    row: Mapping[str, str]
    venue: Venue
    delimiter: str

    def amount(self, name: str, currency: str, default: str = "") -> Minor:
        text = self.row.get(name, "") or default
        return Currency(currency).minor(text if self.delimiter == "," else text.replace(",", "."))

    def currency(self) -> str:
        return self.row.get("currency", "").upper() or self.venue.terms.currency.code

    def at(self, *names: str) -> datetime:
        name = next((name for name in names if self.row.get(name)), names[0])
        moment = datetime.fromisoformat(self.row.get(name, ""))
        zone = UTC if name.endswith("_utc") else self.venue.zone
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _of_stripe(row: Mapping[str, str], cells: _Cells) -> ListedMoney:
    kind, currency = row["reporting_category"], cells.currency()
    return ListedMoney(
        reference=row["payment_intent_id"],
        amount=cells.amount("gross", currency),
        currency=currency,
        at=cells.at("created_utc", "created", "automatic_payout_effective_at_utc", "automatic_payout_effective_at"),
        fee=cells.amount("fee", currency, "0"),
        other="" if kind in {"charge", "refund"} else kind or "?",
    )


def _of_sumup(row: Mapping[str, str], cells: _Cells) -> ListedMoney:
    """Return a payout of SumUp: one for each payment, whose amount is what was paid out, without the fee."""
    kind, currency = row["type"].upper(), cells.currency()
    failed = row.get("status", "").upper().replace("SUCCESSFUL", "")
    fee = Minor(abs(cells.amount("fee", currency, "0")))
    gross = abs(cells.amount("amount", currency)) + fee
    is_known = kind in {"PAYOUT", "REFUND_DEDUCTION"} and not failed
    return ListedMoney(
        reference=row["transaction_code"],
        amount=Minor(gross if kind == "PAYOUT" else -gross),
        currency=currency,
        at=cells.at("date"),
        fee=fee,
        other="" if is_known else " ".join(filter(None, (kind or "?", failed))),
    )


def _of_plain(row: Mapping[str, str], cells: _Cells) -> ListedMoney:
    currency = cells.currency()
    return ListedMoney(
        reference=row["reference"], amount=cells.amount("amount", currency), currency=currency, at=cells.at("date")
    )


_FILES: Final = ((_STRIPE, _of_stripe), (_SUMUP, _of_sumup), (_PLAIN, _of_plain))


# The comparison


def days_of_file(there: Sequence[ListedMoney], venue: Venue) -> tuple[datetime, datetime]:
    """Return the beginning of the first day of a file and the end of its last, by the calendar.

    Raises:
        PayoutsError: the file has no line.
    """
    if not there:
        raise PayoutsError(_("The file has no line beside its heading."))
    days = [venue.local(one.at).date() for one in there]
    first, last = (datetime.combine(day, time(), venue.zone) for day in (min(days), max(days) + timedelta(days=1)))
    return first, last


def read_moves(ask: Callable[[str, Any], Any], tender: str, begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    """Read the money that moved in a tender, of all tills, from some days before a time to some days after another."""
    times = {"begins": time_text(begins - _BEFORE), "ends": time_text(ends + _AFTER)}
    moves: list[dict[str, Any]] = ask("tender_moves_v1", {"tender": tender, **times})
    return moves


def compare(
    there: Iterable[ListedMoney], moves: Iterable[Mapping[str, Any]], venue: Venue, begins: datetime, ends: datetime
) -> ReportResult:
    """Return the report on what a provider lists and what the tills have.

    What has no match outside the times is left out: it belongs to another list. Another currency is named alone.
    """
    code = venue.terms.currency.code
    listed, here = list(there), [_move(one) for one in moves]
    others = [one for one in listed if one.other or one.currency != code]
    others += [one.money for one in here if one.money.currency != code]
    equal, found = _matched(
        [one for one in listed if not one.other and one.currency == code],
        [one for one in here if one.money.currency == code],
    )
    found = [one for one in found if begins <= one.money.at < ends or one.what == "amount"]
    theirs = [one.there for one in (*equal, *found) if one.there is not None]
    ours = [one.here.money for one in (*equal, *found) if one.here is not None]
    there_sum, here_sum = (sum_of(one.amount for one in side) for side in (theirs, ours))
    values = {
        "matched": len(equal),
        "there": there_sum,
        "here": here_sum,
        "difference": Minor(there_sum - here_sum),
        "fees": sum_of(one.fee for one in theirs),
        "tips": sum_of(one.tip for one in ours),
    }
    figures, differences, other = PAYOUTS.sections
    span = Span(*(venue.local(at).date() for at in (begins, ends - timedelta(microseconds=1))))
    rows = sorted((_row(one, venue) for one in found), key=lambda row: row[:4])
    return ReportResult(
        PAYOUTS,
        venue,
        span,
        tuple((column, values[column.name]) for column in figures.columns),
        (ReportTable(differences, tuple(rows)), ReportTable(other, tuple(_others(others)))),
    )


def _move(row: Mapping[str, Any]) -> _Move:
    currency = Currency(row["currency"])
    money = ListedMoney(
        reference=row["reference"],
        amount=currency.minor(row["amount"]),
        currency=currency.code,
        at=read_time(row["at"]),
        tip=currency.minor(row["tip"]),
    )
    return _Move(money, row["till"], row["session"])


def _matched(there: Sequence[ListedMoney], here: Sequence[_Move]) -> tuple[list[_Difference], list[_Difference]]:
    """Return the pairs that are equal, and the differences. Refunds have the reference of their payment."""
    sides: dict[tuple[str, bool], tuple[list[ListedMoney], list[_Move]]] = defaultdict(lambda: ([], []))
    for one in there:
        sides[one.reference, one.amount < 0][0].append(one)
    for move in here:
        sides[move.money.reference, move.money.amount < 0][1].append(move)
    equal: list[_Difference] = []
    found: list[_Difference] = []
    for (reference, _is_refund), (theirs, ours) in sides.items():
        pairs = _equal_pairs(theirs, ours) if reference else []
        known = {pair.money.amount for pair in pairs}
        equal += pairs
        while theirs and ours and reference:
            one, move = theirs.pop(0), ours.pop(0)
            found.append(_Difference("amount", one, one, move))
        found += [_Difference("twice" if one.amount in known else "not_here", one, one) for one in theirs]
        for money, move in ((move.money, move) for move in ours):
            found += [_Difference("twice_here" if money.amount in known else "not_there", money, None, move)]
    return equal, found


def _equal_pairs(theirs: list[ListedMoney], ours: list[_Move]) -> list[_Difference]:
    """Take the pairs of equal amounts out of both lists."""
    pairs: list[_Difference] = []
    for move in list(ours):
        one = next((one for one in theirs if one.amount == move.money.amount), None)
        if one is not None:
            theirs.remove(one)
            ours.remove(move)
            pairs.append(_Difference("", one, one, move))
    return pairs


def _row(one: _Difference, venue: Venue) -> tuple[Any, ...]:
    money, here = one.money, one.here
    return (
        venue.local(money.at).date(),
        money.reference,
        "refund" if money.amount < 0 else "payment",
        one.what,
        one.there.amount if one.there is not None else NOTHING,
        here.money.amount if here is not None else NOTHING,
        here.till if here is not None else None,
        here.session if here is not None else None,
    )


def _others(others: Iterable[ListedMoney]) -> Iterator[tuple[Any, ...]]:
    """Yield the sums of the rows that are not compared, by their kind and currency."""
    sums: dict[tuple[str, str], list[Minor]] = defaultdict(list)
    for one in others:
        sums[one.other, one.currency].append(one.amount)
    for (other, code), amounts in sorted(sums.items()):
        yield other, code, len(amounts), Currency(code).text(sum_of(amounts))
