"""A provider's payouts against the payments of the tills: the files of payouts, and the comparison by reference."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from msgspec import Struct

from till.domain.cells import unguard
from till.domain.errors import AmountError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.text import clean
from till.ports import ListedMoney
from till.ports.shell import ShellField
from till.reports.reader import ReportReading, VenueServer, reads
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from till.domain.venue import Venue

_DELIMITERS: Final = (",", ";", "\t")
#: The categories of Stripe's report that are the payout itself, and so no part of what it pays.
_ITSELF: Final = frozenset({"payout", "payout_reversal"})
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
_BANK: Final = Column("bank", ColumnKind.MONEY, N_("To the bank"))
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
                _BANK,
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
                Column("day", ColumnKind.DAY, N_("Day")),
                Column("reference", ColumnKind.TEXT, N_("Reference")),
                Column("other", ColumnKind.TEXT, N_("Kind"), words={"": N_("payment in this currency")}),
                Column("currency", ColumnKind.TEXT, N_("Currency")),
                Column("amount", ColumnKind.TEXT, N_("Amount")),
                Column("fee", ColumnKind.TEXT, N_("Fee")),
            ),
            title=N_("Other rows, not compared"),
        ),
    ),
    N_("A payment of the first or last day may be in the payouts before or after."),
    longest=200,
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
        unread = _("The date cannot be read. Write it as 2026-03-31 or 2026-03-31 21:05.")
        why = problem.sentence if isinstance(problem, AmountError) else unread
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

    def money(self, amount: Minor, at: datetime, references: Sequence[str], **more: Any) -> ListedMoney:
        """Return a row, named by the first of the columns `references` that is not empty."""
        named = next(filter(None, map(self.row.get, references)), "")
        return ListedMoney(reference=named, amount=amount, currency=self.currency, at=at, **more)


def _of_stripe(cells: _Cells) -> ListedMoney:
    kind = cells.row["reporting_category"]
    at = cells.at("created_utc", "created", "automatic_payout_effective_at_utc", "automatic_payout_effective_at")
    other = "" if kind in {"charge", "refund"} else kind or "?"
    references = ("payment_intent_id", *(("source_id", "balance_transaction_id") if other else ()))
    facts = {"fee": cells.amount("fee", "0"), "other": other, "is_banked": kind not in _ITSELF}
    return cells.money(cells.amount("gross"), at, references, **facts)


def _of_sumup(cells: _Cells) -> ListedMoney:
    """Return a payout of SumUp: one for each payment, whose amount is what was paid out, without the fee.

    A deduction may be written with a minus or without one, and its fee is apart; a payout with a minus is no payment.
    """
    kind, failed = cells.row["type"].upper(), cells.row.get("status", "").upper().replace("SUCCESSFUL", "")
    fee = Minor(abs(cells.amount("fee", "0")))
    amount = cells.amount("amount")
    gross = Minor(amount + fee if kind == "PAYOUT" else -abs(amount))
    is_known = kind in {"PAYOUT", "REFUND_DEDUCTION"} and not failed
    other = "" if is_known else " ".join(filter(None, (kind or "?", failed)))
    references = ("transaction_code", *(("reference", "id") if other else ()))
    return cells.money(gross, cells.at("date"), references, fee=fee, other=other, is_banked=not failed)


def _of_plain(cells: _Cells) -> ListedMoney:
    return cells.money(cells.amount("amount"), cells.at("date"), ("reference",))


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
    there: Sequence[ListedMoney],
    moves: Iterable[Mapping[str, Any]],
    venue: Venue,
    begins: datetime,
    ends: datetime,
    *,
    is_file: bool = True,
) -> ReportResult:
    """Return the report on what a provider lists and what the tills have. Another currency is named, not compared.

    Args:
        there: the money at the provider, of which none is left out unless it has its match outside the times.
        moves: the rows that `read_moves` returned.
        venue: the venue.
        begins: the time from which money counts that is not in a file.
        ends: the time until which it counts.
        is_file: True if all that a file has counts, with what the bank gets; False if a pair counts by its till's time.
    """
    code = venue.terms.currency.code
    both = [*there, *(_move(one, code) for one in moves)]
    compared = [one for one in both if not one.other and one.currency == code]
    equal, found = (
        [one for one in some if one.here is None or begins <= one.here.at < ends or (is_file and one.there)]
        for some in _matched(compared)
    )
    theirs = [one.there for one in (*equal, *found) if one.there is not None]
    ours = [one.here for one in (*equal, *found) if one.here is not None]
    there_sum, here_sum = (sum_of(one.amount for one in side) for side in (theirs, ours))
    banked = [one for one in there if one.is_banked and one.currency == code]
    values = {
        "matched": len(equal),
        "there": there_sum,
        "here": here_sum,
        "difference": Minor(there_sum - here_sum),
        "fees": sum_of(one.fee for one in banked),
        "tips": sum_of(one.tip for one in ours),
        "bank": sum_of(Minor(one.amount - one.fee) for one in banked),
    }
    figures, differences, other = PAYOUTS.sections
    span = Span(*(venue.local(at).date() for at in (begins, ends - timedelta(microseconds=1))))
    rows = sorted((_row(one, venue) for one in found), key=lambda row: row[:4])
    others = sorted(_other_row(one, venue) for one in both if one.other or one.currency != code)
    return ReportResult(
        PAYOUTS,
        venue,
        span,
        tuple((column, values[column.name]) for column in figures.columns if is_file or column is not _BANK),
        (ReportTable(differences, tuple(rows)), ReportTable(other, tuple(others))),
    )


@reads(PAYOUTS, "CARD payouts.csv")
def payouts(
    at: VenueServer,
    tender: Annotated[str, ShellField("NAME", N_("The way to pay, such as CARD."))],
    file: Annotated[
        bytes,
        ShellField(
            "FILE",
            N_("Stripe's payout report, SumUp's payouts as CSV, or a table of reference, amount and date; - is input."),
        ),
    ],
) -> ReportReading:
    """Compare a file of payouts with the payments of all tills."""
    venue = at.venue()
    there = read_payouts(file, venue)
    times = days_of_file(there, venue)
    here = read_moves(at.ask, tender, *times)
    sentence = _("The tills have no {tender} on these days. `till admin tenders list` shows the names.")
    notes = () if here else (sentence.format(tender=tender),)
    return ReportReading(compare(there, here, venue, *times), notes)


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
        both_have = min(len(theirs), len(ours)) if reference else 0
        found += [_Difference("amount", *sides) for sides in zip(theirs[:both_have], ours[:both_have], strict=True)]
        found += [_Difference("twice" if one.amount in known else "not_here", one, None) for one in theirs[both_have:]]
        found += [
            _Difference("twice_here" if one.amount in known else "not_there", None, one) for one in ours[both_have:]
        ]
    return equal, found


def _equal_pairs(theirs: list[ListedMoney], ours: list[_Move]) -> list[_Difference]:
    """Take the pairs of equal amounts out of both lists."""
    of_amount: dict[int, list[ListedMoney]] = defaultdict(list)
    for one in reversed(theirs):
        of_amount[one.amount].append(one)
    pairs = [_Difference("", of_amount[move.amount].pop(), move) for move in ours if of_amount[move.amount]]
    paired = {id(side) for pair in pairs for side in pair[1:]}
    theirs[:] = [one for one in theirs if id(one) not in paired]
    ours[:] = [one for one in ours if id(one) not in paired]
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


def _other_row(one: ListedMoney, venue: Venue) -> tuple[Any, ...]:
    """Return the row of money that is not compared."""
    text = Currency(one.currency).text
    fee = text(one.fee) if one.fee else ""
    return venue.local(one.at).date(), one.reference, one.other, one.currency, text(one.amount), fee
