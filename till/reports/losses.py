"""Losses of a day: each act by which less was paid than was ordered, or by which cash left."""

from __future__ import annotations

import shlex
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from till.domain.errors import EventError
from till.domain.events.envelope import SERVER, read_time
from till.domain.events.registry import UnreadData
from till.domain.i18n import N_, _, ngettext
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.events import LineRated, OrderOpened, PriceOverridden, QuantityChanged, RemovalExplained
from till.domain.order.sent import removed_by
from till.domain.payment.events import PaymentApproved, PaymentDeclined, PaymentReturnDeclined, TenderCorrected
from till.domain.payment.names import in_words, tender_name
from till.domain.refund.events import RefundApproved, RefundDeclined, RefundEvent
from till.domain.shift.events import DrawerCounted
from till.domain.staff.person import Role
from till.domain.staff.rights import ACTS_IN_WORDS
from till.domain.streams import unseal
from till.domain.text import clean
from till.domain.till.events import (
    ApprovalGiven,
    BacklogTaken,
    DrawerOpened,
    JournalOpened,
    ReceiptIssued,
    RecordsLost,
    TillAdopted,
)
from till.ports.desk import DayEvent
from till.reports.billed import LOWERING, lowered
from till.reports.declared import DISCOUNTS
from till.reports.event_words import describe_event
from till.reports.reader import ReportReading, VenueServer, reads
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span, read_report
from till.reports.words import amount_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.venue import Venue

#: The types that a list of losses has or is found by.
LISTED: Final[frozenset[type[EventData]]] = LOWERING | {
    OrderOpened, LineRated, ReceiptIssued, TenderCorrected, PaymentApproved, PaymentDeclined, PaymentReturnDeclined,
    RefundApproved, RefundDeclined, DrawerOpened, DrawerCounted, ApprovalGiven, JournalOpened, RecordsLost, TillAdopted,
    BacklogTaken,
}  # fmt: skip
_MINUTE: Final = timedelta(minutes=1)
_WEEKS: Final = 4
_FIRST: Final = 5
#: The most orders that have the lines of one: a till may move them without an end.
_FAMILY: Final = 30
#: The figures of a seal that people compare; programs have all of them.
_SHOWN: Final = 16
_PERSON: Final = Column("name", ColumnKind.TEXT, N_("Person"))
_AMOUNT: Final = Column("amount", ColumnKind.MONEY, N_("Amount"))
_TIMES: Final = Column("times", ColumnKind.COUNT, N_("Times"))
_COLUMNS: Final = (
    Column("at", ColumnKind.TIME, N_("At")),
    Column("till", ColumnKind.TILL, N_("Till")),
    Column("place", ColumnKind.TEXT, N_("Table")),
    Column("what", ColumnKind.TEXT, N_("What")),
    _AMOUNT,
    _PERSON,
    Column("approver", ColumnKind.TEXT, N_("PIN of")),
    Column("session", ColumnKind.ID),
    Column("event", ColumnKind.ID),
)
#: The lists of acts, by their names in `till.losses_v1`. An act is in the first that it fits.
_LISTS: Final = {
    "less": N_("Billed and less paid"),
    "cooked": N_("Cooked and not paid"),
    "voided": N_("Voided after the kitchen had it"),
    "discarded": N_("Orders cleared"),
    "returned": N_("Returns of deposits"),
    "given": N_("Comps, discounts and typed prices"),
    "cheap": N_("Keyed below the menu, or without its taxes"),
    "refunded": N_("Refunds in cash"),
    "printed": N_("Bills and receipts printed again"),
    "corrected": N_("Cash corrected to another tender, or back"),
    "settled": N_("Payments settled by hand"),
    "opened": N_("Drawer opened without a sale"),
    "short": N_("Counts short"),
    "shelf": N_("Missing on the shelf, at cost"),
    "zs": N_("Z reports with other voids than their orders"),
}
_STILL_OPEN: Final = N_(
    "A billed order that is still open counts as it is now: `till admin sessions list` has it. Whether it is ever "
    "paid, nobody sees yet."
)
_DATED: Final = N_(
    "An act is listed on the day of its till's clock. One that was dated to another day is on that day alone: dated "
    "back, it is late there."
)
_UNSEEN: Final = N_(
    "What nobody sees here: selling without the till, an agreement with the cook, the PIN of somebody else, and what a "
    "till drops before it reaches the server."
)
LOSSES: Final = Report(
    "losses",
    N_("Losses"),
    N_("Show the acts of a day by which less was paid or cash left: minute, till, table, amount and person."),
    N_("Nothing to ask about."),
    (
        Section(
            "ask",
            "",
            (
                Column("what", ColumnKind.TEXT, N_("Ask about")),
                _AMOUNT,
                _PERSON,
                Column("look", ColumnKind.TEXT, N_("Look at it with")),
            ),
            title=N_("First ask about"),
            omitted=_UNSEEN,
        ),
        *(
            Section(name, "", _COLUMNS, title=title, omitted=_STILL_OPEN if name == "less" else "")
            for name, title in _LISTS.items()
        ),
        Section(
            "givers",
            "",
            (
                _PERSON,
                _TIMES,
                _AMOUNT,
                Column("usual", ColumnKind.MONEY, N_("Usual")),
            ),
            title=N_("Comps, discounts and typed prices by person, beside the usual of four weeks"),
        ),
        Section(
            "approvals",
            "",
            (
                Column("approver", ColumnKind.TEXT, N_("PIN of")),
                Column("act", ColumnKind.TEXT, N_("Approved")),
                Column("name", ColumnKind.TEXT, N_("For")),
                _TIMES,
                _AMOUNT,
            ),
            title=N_("Approved by a manager's PIN"),
        ),
        Section("late", "", _COLUMNS, title=N_("Records that came late, journals replaced"), omitted=_DATED),
        Section(
            "heads",
            "",
            (
                Column("till", ColumnKind.TILL, N_("Till")),
                Column("journal", ColumnKind.COPIED, N_("Journal")),
                Column("records", ColumnKind.NUMBER, N_("Records")),
                Column("begins", ColumnKind.TEXT, N_("Seal of the last begins")),
                Column("seal", ColumnKind.ID),
            ),
            title=N_("Made from these journals"),
        ),
    ),
    N_("These are facts, and no verdict: an honest evening has some of each. The staff must know that you look."),
    tells_empty=True,
    longest=200,
)


class _Act(Struct, frozen=True):
    """An act of a list; one that lowered a billed order names that order and its items."""

    event: Event
    place: str
    what: str
    amount: Minor
    session: str
    root: str = ""
    items: tuple[str, ...] = ()


class Losses(NamedTuple):
    """The report, and why some records are not in it."""

    found: ReportResult
    faults: tuple[str, ...]


def read_losses(ask: Callable[..., Any], venue: Venue, day: date) -> Losses:
    """Read the acts of a business day that an owner asks about.

    Args:
        ask: calls a function of schema `till` for the store.
        venue: the venue.
        day: the business day.
    """
    read = ask("losses_v1", day, *venue.times_of(day))
    return _Reading(venue, day, read, _usual(ask, venue, day)).losses()


@reads(LOSSES, "--day yesterday", needs=Role.ADMIN)
def losses(at: VenueServer, day: date) -> ReportReading:
    """Read what an owner asks about after a day."""
    found, faults = read_losses(at.ask, at.venue(), day)
    return ReportReading(found, faults, {"faults": list(faults)})


class _Reading:
    """Reads the answer of `till.losses_v1`. A record that cannot be read is named, and the others are listed."""

    def __init__(self, venue: Venue, day: date, read: Mapping[str, Any], usual: Mapping[str, Minor]) -> None:
        self.venue, self.day, self.read, self.usual = venue, day, read, usual
        self.faults: list[str] = []
        self.logs: dict[str, Sequence[Event]] = {}
        if read["more"]:
            sentence = _("Not in this report: {n} billed orders; it compares no more.")
            self.faults.append(sentence.format(n=read["more"]))
        approvals = ((event, event.data) for one in read["approvals"] if (event := self.event(one)))
        self.approvals = [(event, data) for event, data in approvals if isinstance(data, ApprovalGiven)]
        # a refund is approved when it begins; each till is believed for itself
        self.approved_by = {
            (event.till, act): data.approved_by
            for event, data in self.approvals
            for act in (*data.events, *((data.stream_id,) if data.stream_kind == RefundEvent.stream else ()))
        }

    def event(self, sealed: Mapping[str, Any]) -> Event | None:
        """Return a record; None if it cannot be read, which is noted."""
        try:
            event = unseal(sealed["b"], sealed["h"], sealed["t"])
            if not isinstance(event.data, UnreadData):
                return event
            reason = _("a record of the type {type} cannot be read here").format(type=event.type)
        except EventError as problem:
            reason = problem.sentence
        self.faults.append(_("Not in this report: {reason}").format(reason=clean(reason)))
        return None

    def name(self, person: int | None) -> str:
        """Return the name of a person."""
        return clean(self.read["people"].get(str(person), str(person))) if person else ""

    def who(self, event: Event) -> str:
        """Return the name of the person of an event, or of the program."""
        program = self.read["programs"].get(event.login_session, "") if event.by_till == SERVER else ""
        return self.name(event.user) or clean(program)

    def minor(self, amount: str | None) -> Minor:
        """Return an amount that a till wrote, perhaps with more decimals, in minor units."""
        return self.venue.terms.currency.nearest(Decimal(amount or 0))

    def losses(self) -> Losses:
        """Return the report."""
        lists: dict[str, list[_Act]] = {name: [] for name in (*_LISTS, "journals")}
        lists["less"] = [*self.less()]
        listed = {act.event.id for act in lists["less"]}
        less = {(session, item) for act in lists["less"] for session in (act.session, act.root) for item in act.items}
        cooked: set[tuple[str, str]] = set()
        again: set[str] = set()
        given: dict[str, list[Minor]] = defaultdict(list)
        for row in sorted(self.acts(), key=lambda row: [*lists].index(row["list"])):
            items = {(row["session"], item) for item in row["what"] or ()}
            known = {"cooked": less, "discarded": less | cooked}.get(row["list"], set())
            if items and items <= known:
                continue
            event, amount = self.event(row["e"]), self.minor(row["amount"])
            if event is not None and row["list"] == "given":
                given[self.who(event)].append(amount)
            if event is None or (row["list"] != "cooked" and event.id in listed):
                continue
            if row["list"] == "cooked":
                cooked |= items
            else:
                listed.add(event.id)
            act = _Act(event, clean(row["place"]), self.words(row, event), amount, row["session"] or "")
            lists["cooked" if row["ticketless"] else row["list"]].append(act)
            if row["again"]:  # its copy is what was paid
                again.add(event.id)
        lists["cooked"].sort(key=lambda act: act.event.id)
        first = [
            (title, act)
            for name, title in _LISTS.items()
            for act in lists[name]
            if name != "printed" and act.session and act.amount and act.event.id not in again
        ]
        first.sort(key=lambda one: (-one[1].amount, one[1].event.id))
        tables: dict[str, list[tuple[Any, ...]]] = {name: [*map(self.row, acts)] for name, acts in lists.items()}
        tables["ask"] = [self.question(title, act) for title, act in first[:_FIRST]]
        tables["givers"] = self.givers(given)
        tables["approvals"] = self.approved()
        tables["late"] = [*self.late(), *tables["journals"]]
        tables["heads"] = [
            (one["till"], one["journal"], one["seq"], one["hash"][:_SHOWN], one["hash"]) for one in self.read["heads"]
        ]
        parts = tuple(ReportTable(section, tuple(tables[section.name])) for section in LOSSES.sections)
        return Losses(ReportResult(LOSSES, self.venue, Span(self.day, self.day), (), parts), tuple(self.faults))

    def acts(self) -> Sequence[dict[str, Any]]:
        """Return the acts. A void without a ticket is `ticketless`, and counts in place of what was cooked."""
        acts = [{**row, "ticketless": False} for row in self.read["acts"]]
        cooked: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for act in acts:
            if act["list"] == "cooked":
                cooked[act["session"], *act["what"]].append(act)
        for act in reversed(acts):  # a ticket is for every void before it
            rest = cooked.get((act["session"], *act["what"]), []) if act["list"] == "voided" else []
            act["ticketless"], pieces, worth = bool(rest), act["pieces"], Decimal()
            while rest and pieces:
                last = rest[-1]
                taken = min(pieces, last["pieces"])
                share = Decimal(last["amount"]) * taken / last["pieces"]
                pieces, worth = pieces - taken, worth + share
                last["pieces"], last["amount"] = last["pieces"] - taken, str(Decimal(last["amount"]) - share)
                if not last["pieces"]:
                    rest.pop()
            if act["ticketless"]:  # its till may have written less
                act["amount"] = str(max(Decimal(act["amount"]), worth))
        return [act for act in acts if act["list"] != "cooked" or act["pieces"]]

    def less(self) -> Iterator[_Act]:
        """Yield the acts by which billed orders became less, oldest first."""
        acts: list[_Act] = []
        wide: list[str] = []
        for one in self.read["billed"]:
            family = self.family(one["session"])
            if len(family) > _FAMILY:
                wide.append(one["session"])
                continue
            try:
                events = {session: self.log(session) for session in family}
                bills = [event for row in one["bills"] if (event := self.event(row)) is not None]
                found = lowered(one["session"], bills, events)
            except EventError as problem:
                self.faults.append(_("Not in this report: {reason}").format(reason=clean(problem.sentence)))
                continue
            for each in found:
                bill: Any = each.bill.data
                billed = _("billed {amount} at {time}").format(
                    amount=amount_text(self.venue, bill.amount, bill.currency), time=self.time(each.bill.at)
                )
                words = self.describe(each.event, {line.id: line.name for line in each.order.lines.values()})
                if isinstance(each.event.data, QuantityChanged):
                    words = f"{words}: {self.why_fewer(each.event, events[each.order.id])}"
                place = clean(each.order.place_name)
                moved = ""
                if each.order.id != one["session"]:
                    moved = _("rung again from {place}") if each.order.again else _("moved from {place}")
                    moved = moved.format(place=clean(each.home) or _("another order"))
                what = "; ".join(filter(None, (words, billed, moved)))
                acts.append(_Act(each.event, place, what, each.amount, each.order.id, one["session"], each.items))
        if wide:
            sentence = _(
                "Not in this report: {n} billed orders whose lines went to more than {most} others. Look at the first "
                "with `till admin sessions show {id}`."
            )
            self.faults.append(sentence.format(n=len(wide), most=_FAMILY - 1, id=wide[0]))
        yield from sorted(acts, key=lambda act: act.event.id)

    def family(self, root: str) -> list[str]:
        """Return an order, those that have its lines now, and its copies; of very many, only the first."""
        found = [root]
        for session in found:  # which grows
            found += [one for one in self.read["next"].get(session, ()) if one not in found][: _FAMILY + 1]
            if len(found) > _FAMILY:
                break
        return found

    def log(self, session: str) -> Sequence[Event]:
        """Return the events of an order, read once."""
        if session not in self.logs:
            rows = self.read["logs"][session]
            self.logs[session] = [unseal(row["b"], row["h"], row["t"]) for row in rows]
        return self.logs[session]

    def words(self, row: Mapping[str, Any], event: Event) -> str:
        """Describe an act of a list."""
        data: Any = event.data
        reason = self.reason(row, event)
        what: Sequence[str] = row["what"] or ()
        match row["list"]:
            case "cooked" | "voided" | "returned" | "discarded":
                words = self.removed(row, what)
            case "cheap":
                words = f"{row['pieces']} × {', '.join(what)}"
            case "zs":
                number, written, keyed = what
                words = _("Z {number}: voids of {written}, where {keyed} was keyed").format(
                    number=number, written=amount_text(self.venue, written), keyed=amount_text(self.venue, keyed)
                )
            case "given":
                item = ", ".join(what)
                words, reason = self.describe(event, {getattr(data, "line_id", ""): item}), ""
                words = words if item in words else f"{words}: {item}"
            case "refunded":
                card = ", ".join(in_words(tender_name(one)) for one in what)
                words = (
                    _("{receipt}, paid by {tender}").format(receipt=data.receipt, tender=card) if card else data.receipt
                )
            case "printed":
                words = data.receipt or _("bill")
            case "corrected":
                names = (in_words(tender_name(one)) for one in (data.was, data.tender))
                words = _("{was}, now {tender}").format(**dict(zip(("was", "tender"), names, strict=True)))
            case "short":
                people = ", ".join(self.name(one) for one in row["people"]) or _("nobody")
                words = _("{tender}; since the last count, cash was taken by {people}").format(
                    tender=", ".join(in_words(tender_name(one)) for one in what), people=people
                )
            case "shelf":
                item, counted, expected = what
                words = _("{item}: {counted} there, {expected} expected").format(
                    item=item, counted=counted, expected=expected
                )
            case _:
                words = self.describe(event, {})
                reason = "" if reason and reason in words else reason
        return clean(": ".join(filter(None, (words, reason))))

    def removed(self, row: Mapping[str, Any], what: Sequence[str]) -> str:
        """Describe pieces that were taken off, and what its till wrote if that differs."""
        words = f"{row['pieces']} × {', '.join(what)}" if what else _("nothing that was keyed")
        words = _("{items}, rung again").format(items=words) if row["again"] else words
        if (written := row["written"]) is not None:
            items = f"{written['pieces']} × {', '.join(written['what'])}" if written["what"] else _("nothing")
            amount = amount_text(self.venue, written["amount"])
            words = _("{items} (its till wrote: {written}, {amount})").format(items=words, written=items, amount=amount)
        return words

    def reason(self, row: Mapping[str, Any], event: Event) -> str:
        """Return the reason of an act of a list; empty if it has none."""
        if not isinstance(event.data, QuantityChanged):
            return getattr(event.data, "reason", "")
        explained = self.event(row["explained"]) if row["explained"] else None
        return self.why_fewer(event, filter(None, (explained,)))

    def why_fewer(self, event: Event, log: Iterable[Event]) -> str:
        """Return the reason of fewer pieces, which is an event of its own. A reason by another till is none."""
        reasons = (
            one.data.reason
            for one in log
            if isinstance(one.data, RemovalExplained) and one.by_till == event.by_till and event.id in one.data.events
        )
        asked = any(one.sent for one in removed_by(event.data))
        return next(filter(None, reasons), "") or (
            _("no reason") if asked else _("no reason is asked before it is sent")
        )

    def describe(self, event: Event, names: Mapping[str, str]) -> str:
        """Describe an event as in the day of a till."""
        shown = DayEvent(event.id, event.at, event.type, event.user, event.stream_id, event, "")
        code = self.venue.terms.currency.code
        words = describe_event(shown, names, code, lambda text, of: amount_text(self.venue, text, of or None))
        return _("Price typed: {words}").format(words=words) if isinstance(event.data, PriceOverridden) else words

    def row(self, act: _Act) -> tuple[Any, ...]:
        """Return the row of an act."""
        event = act.event
        known = (self.approved_by.get((event.by_till, one)) for one in (event.id, event.stream_id))
        approver = next(filter(None, known), getattr(event.data, "approved_by", None))
        people = self.who(event), self.name(approver)
        return event.at, event.by_till, act.place, act.what, act.amount, *people, act.session, event.id

    def question(self, title: str, act: _Act) -> tuple[Any, ...]:
        """Return a row of those to ask about first, with the command for its table a minute before, or its order."""
        at, person = self.venue.local(act.event.at - _MINUTE), self.who(act.event)
        look = f"till admin sessions show {act.session}"
        if act.place:
            name = shlex.quote(act.place.removeprefix(f"{self.venue.tabs.one} "))
            look = f"till report table {name} --at {at:%H:%M} --day {self.venue.business_date(at)}"
        return f"{title}: {act.what}", act.amount, person, look

    def givers(self, given: Mapping[str, list[Minor]]) -> list[tuple[Any, ...]]:
        """Return the comps and discounts by person, also of billed orders, beside the usual of such a day."""
        sums = [(name, len(amounts), sum_of(amounts), self.usual.get(name, NOTHING)) for name, amounts in given.items()]
        return sorted(sums, key=lambda row: (-row[2], row[0]))

    def approved(self) -> list[tuple[Any, ...]]:
        """Return how often each manager's PIN approved something, and for whom."""
        found: dict[tuple[str, str, str], list[Minor]] = defaultdict(list)
        for event, data in self.approvals:
            act = _(ACTS_IN_WORDS.get(data.act, data.act.replace("_", " ")))
            key = self.name(data.approved_by), act, self.who(event)
            found[key].append(self.minor(data.amount))
        return [(*key, len(amounts), sum_of(amounts)) for key, amounts in sorted(found.items())]

    def late(self) -> Iterator[tuple[Any, ...]]:
        """Yield the records that came to the server ten minutes late or more, by till and arrival."""
        for one in self.read["late"]:
            ends, arrived = (self.venue.local(read_time(one[name])) for name in ("ends", "arrived"))
            count = ngettext("{n} record", "{n} records", one["records"]).format(n=one["records"])
            words = _("{records} up to {time}, came {arrived}").format(
                records=count, time=f"{ends:%H:%M}", arrived=f"{arrived:%Y-%m-%d %H:%M}"
            )
            yield read_time(one["begins"]), one["till"], "", words, NOTHING, "", "", "", ""

    def time(self, moment: datetime) -> str:
        """Return a time of day at the venue."""
        return f"{self.venue.local(moment):%H:%M}"


def _usual(ask: Callable[..., Any], venue: Venue, day: date) -> dict[str, Minor]:
    """Return the amounts that people gave away on the same weekday, on average over the four weeks before."""
    given: dict[str, list[Minor]] = defaultdict(list)
    kind, name, amount = (DISCOUNTS.sections[0].place(column) for column in ("kind", "name", "amount"))
    for weeks in range(1, _WEEKS + 1):
        then = day - timedelta(weeks=weeks)
        for row in read_report(ask, DISCOUNTS, Span(then, then), venue, ("discounts",)).rows("discounts"):
            if row[kind] != "promotion":
                given[clean(row[name])].append(row[amount])
    return {name: Minor(sum_of(amounts) // _WEEKS) for name, amounts in given.items()}
