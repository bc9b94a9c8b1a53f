"""A provider's payouts against the payments of the tills: the files of payouts, and the comparison by reference."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from till.domain.cells import unguard
from till.domain.errors import AmountError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.text import clean
from till.ports import ListedMoney
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from till.domain.venue import Venue

_DELIMITERS: Final = (",", ";", "\t")
#: The years of dates that are no slip of the hand.
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
#: Days before and after those of a file in which its payments are searched for: a provider pays out some days later.
_BEFORE, _AFTER = timedelta(days=14), timedelta(days=3)
_WHAT: Final = {
    "not_here": N_("not at the tills"),
    "not_there": N_("not at the provider"),
    "amount": N_("another amount"),
    "twice": N_("twice at the provider"),
    "twice_here": N_("twice at the tills"),
}
#: `there` is the provider's side, `here` that of the tills. The differences add up to the difference. No view has them:
#: the command reads a file, or asks the provider.
PAYOUTS: Final = Report(
    "payouts",
    N_("Payouts"),
    N_("Compare a file of a provider's payouts with the tills' payments, by the provider's reference."),
    N_("No payments on these days."),
    (
        Section(
            "figures",
            "",
            (
                Column("matched", ColumnKind.COUNT, N_("Equal on both sides")),
                Column("there", ColumnKind.MONEY, N_("At the provider")),
                Column("here", ColumnKind.MONEY, N_("At the tills")),
                Column("difference", ColumnKind.MONEY, N_("Difference")),
                Column("fees", ColumnKind.MONEY, N_("Fees")),
                Column("tips", ColumnKind.MONEY, N_("Tips")),
            ),
        ),
        Section(
            "differences",
            "",
            (
                Column("day", ColumnKind.DAY, N_("Day")),
                Column("reference", ColumnKind.TEXT, N_("Reference")),
                Column("kind", ColumnKind.TEXT, words={"payment": N_("payment"), "refund": N_("refund")}),
                Column("what", ColumnKind.TEXT, N_("Difference"), words=_WHAT),
                Column("there", ColumnKind.MONEY, N_("Provider")),
                Column("here", ColumnKind.MONEY, N_("Tills")),
                Column("till", ColumnKind.TILL, N_("Till")),
                Column("session", ColumnKind.ID),
            ),
            title=N_("Differences"),
        ),
        Section(
            "others",
            "",
            (
                Column("other", ColumnKind.TEXT, N_("Other rows"), words={"": N_("payments in this currency")}),
                Column("currency", ColumnKind.TEXT, N_("Currency")),
                Column("times", ColumnKind.COUNT, N_("Times")),
                Column("amount", ColumnKind.TEXT, N_("Amount")),
            ),
            title=N_("Other rows, not compared"),
        ),
    ),
    N_("A payment of the first or last day may be in the payouts before or after."),
)


class PayoutsError(TillError):
    """A file of payouts that cannot be read."""

    code = "payouts"
    default = N_("That file of payouts cannot be read.")


class _Move(ListedMoney, frozen=True, kw_only=True):
    """A movement of the tills' money."""

    till: int
    session: str


class _Difference(NamedTuple):
    what: str
    there: ListedMoney | None
    here: _Move | None


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
        table.fieldnames = [name.strip().casefold() for name in table.fieldnames or ()]
        read = next((read for columns, read in _FILES.items() if columns <= {*table.fieldnames}), None)
        if read is None:
            sentence = _("No file of payouts. Take Stripe's payout report, SumUp's payouts, or the columns {columns}.")
            raise PayoutsError(sentence.format(columns="reference, amount, date"))
        return tuple(_read_line(table.line_num, row, read, venue, delimiter) for row in table if any(row.values()))
    except csv.Error:
        raise PayoutsError(_("The file is no CSV, or is cut short. Fetch it again.")) from None


def _read_line(
    line: int, row: Mapping[str | Any, Any], read: Callable[[_Cells], ListedMoney], venue: Venue, delimiter: str
) -> ListedMoney:
    cells = {name: unguard((cell or "").strip()) for name, cell in row.items() if isinstance(name, str)}
    try:
        return read(_Cells(cells, venue, delimiter))
    except (AmountError, ValueError, OverflowError) as problem:
        why = problem.sentence if isinstance(problem, AmountError) else _("The date cannot be read.")
        raise PayoutsError(_("Line {line}: {why}").format(line=line, why=clean(why))) from None


class _Cells(Struct, frozen=True):
    """The cells of a line. In a file with another delimiter than the comma, that is the decimal separator."""

    row: Mapping[str, str]
    venue: Venue
    delimiter: str

    @property
    def currency(self) -> str:
        return self.row.get("currency", "").upper() or self.venue.terms.currency.code

    def amount(self, name: str, default: str = "") -> Minor:
        text = self.row.get(name, "") or default
        return Currency(self.currency).minor(text if self.delimiter == "," else text.replace(",", "."))

    def at(self, *names: str) -> datetime:
        name = next((name for name in names if self.row.get(name)), names[0])
        moment = datetime.fromisoformat(self.row.get(name, ""))
        if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
            raise ValueError(name)
        zone = UTC if name.endswith("_utc") else self.venue.zone
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)

    def money(self, reference: str, amount: Minor, at: datetime, fee: Minor = NOTHING, other: str = "") -> ListedMoney:
        named = self.row[reference]
        return ListedMoney(reference=named, amount=amount, currency=self.currency, at=at, fee=fee, other=other)


def _of_stripe(cells: _Cells) -> ListedMoney:
    kind = cells.row["reporting_category"]
    at = cells.at("created_utc", "created", "automatic_payout_effective_at_utc", "automatic_payout_effective_at")
    other = "" if kind in {"charge", "refund"} else kind or "?"
    return cells.money("payment_intent_id", cells.amount("gross"), at, cells.amount("fee", "0"), other)


def _of_sumup(cells: _Cells) -> ListedMoney:
    """Return a payout of SumUp: one for each payment, whose amount is what was paid out, without the fee.

    A deduction may be written with a minus or without one; a payout with a minus is no payment.
    """
    kind, failed = cells.row["type"].upper(), cells.row.get("status", "").upper().replace("SUCCESSFUL", "")
    fee = Minor(abs(cells.amount("fee", "0")))
    amount = cells.amount("amount")
    gross = Minor(amount + fee if kind == "PAYOUT" else -abs(amount) - fee)
    is_known = kind in {"PAYOUT", "REFUND_DEDUCTION"} and not failed
    other = "" if is_known else " ".join(filter(None, (kind or "?", failed)))
    return cells.money("transaction_code", gross, cells.at("date"), fee, other)


def _of_plain(cells: _Cells) -> ListedMoney:
    return cells.money("reference", cells.amount("amount"), cells.at("date"))


#: The files by the columns that they need, in the order in which they are recognised.
_FILES: Final = {
    frozenset({"reporting_category", "gross", "payment_intent_id"}): _of_stripe,
    frozenset({"transaction_code", "type", "amount", "date"}): _of_sumup,
    frozenset({"reference", "amount", "date"}): _of_plain,
}


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
    both = [*there, *(_move(one, code) for one in moves)]
    compared = [one for one in both if not one.other and one.currency == code]
    equal, found = _matched(compared)
    found = [one for one in found if one.what == "amount" or begins <= _money(one).at < ends]
    theirs = [one.there for one in (*equal, *found) if one.there is not None]
    ours = [one.here for one in (*equal, *found) if one.here is not None]
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
    others = _others(one for one in both if one.other or one.currency != code)
    return ReportResult(
        PAYOUTS,
        venue,
        span,
        tuple((column, values[column.name]) for column in figures.columns),
        (ReportTable(differences, tuple(rows)), ReportTable(other, tuple(others))),
    )


def _move(row: Mapping[str, Any], code: str) -> _Move:
    """Return a movement of `tender_moves_v1`: a till wrote it, so its amounts may have more decimals."""
    currency = Currency(row["currency"] or code)
    amount, tip = (currency.nearest(Decimal(row[name])) for name in ("amount", "tip"))
    facts = {name: row[name] for name in ("reference", "till", "session")}
    return _Move(amount=amount, tip=tip, currency=currency.code, at=read_time(row["at"]), **facts)


def _matched(both: Iterable[ListedMoney]) -> tuple[list[_Difference], list[_Difference]]:
    """Return the pairs that are equal, and the differences. Refunds have the reference of their payment."""
    sides: dict[tuple[str, bool], tuple[list[ListedMoney], list[_Move]]] = defaultdict(lambda: ([], []))
    for one in both:
        theirs, ours = sides[one.reference, one.amount < 0]
        if isinstance(one, _Move):
            ours.append(one)
        else:
            theirs.append(one)
    equal: list[_Difference] = []
    found: list[_Difference] = []
    for (reference, _is_refund), (theirs, ours) in sides.items():
        pairs = _equal_pairs(theirs, ours) if reference else []
        known = {_money(pair).amount for pair in pairs}
        equal += pairs
        while theirs and ours and reference:
            found.append(_Difference("amount", theirs.pop(0), ours.pop(0)))
        found += [_Difference("twice" if one.amount in known else "not_here", one, None) for one in theirs]
        found += [_Difference("twice_here" if one.amount in known else "not_there", None, one) for one in ours]
    return equal, found


def _equal_pairs(theirs: list[ListedMoney], ours: list[_Move]) -> list[_Difference]:
    """Take the pairs of equal amounts out of both lists."""
    pairs: list[_Difference] = []
    for move in list(ours):
        one = next((one for one in theirs if one.amount == move.amount), None)
        if one is not None:
            theirs.remove(one)
            ours.remove(move)
            pairs.append(_Difference("", one, move))
    return pairs


def _money(one: _Difference) -> ListedMoney:
    """Return the provider's side of a difference, or the tills'."""
    return next(side for side in (one.there, one.here) if side is not None)


def _row(one: _Difference, venue: Venue) -> tuple[Any, ...]:
    money, sides = _money(one), (one.there, one.here)
    day, kind = venue.local(money.at).date(), "refund" if money.amount < 0 else "payment"
    there, here = (NOTHING if side is None else side.amount for side in sides)
    place = (None, None) if one.here is None else (one.here.till, one.here.session)
    return day, money.reference, kind, one.what, there, here, *place


def _others(others: Iterable[ListedMoney]) -> Iterator[tuple[Any, ...]]:
    """Yield the sums of the rows that are not compared, by their kind and currency."""
    sums: dict[tuple[str, str], list[Minor]] = defaultdict(list)
    for one in others:
        sums[one.other, one.currency].append(one.amount)
    for (other, code), amounts in sorted(sums.items()):
        yield other, code, len(amounts), Currency(code).text(sum_of(amounts))
