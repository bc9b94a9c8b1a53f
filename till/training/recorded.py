"""A recorded hour of a till as a drill: each round, keyed up to a save or a sale, becomes a guest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime  # noqa: TC003 - msgspec reads it
from itertools import groupby
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.errors import EventError
from till.domain.i18n import _, ngettext
from till.domain.order.events import (
    ItemAdded,
    LineCut,
    LineVoided,
    OrderPlaced,
    OrderResumed,
    PriceOverridden,
    QuantityChanged,
    Refused,
    TabAssigned,
)
from till.domain.order.history import OrderHistory
from till.domain.order.paying import CASH
from till.domain.streams import unseal
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.training.drills import Drill, Task
from till.training.guests import (
    Change,
    Guest,
    Want,
    bill_sentence,
    order_sentence,
    spoken_want,
    table_sentence,
    typed_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from till.domain.catalogue.menu import Menu
    from till.domain.events.envelope import Event
    from till.domain.order.line import Line
    from till.domain.order.state import Order
    from till.domain.venue import Venue
    from till.training.guests import Crowd, Pays

#: The range of seconds after which a guest changes their mind, so that it comes before the order is finished.
_CHANGE_S: Final = (6.0, 14.0)
#: The factor by which a drill lasts longer than its hour, for the guests who came at its end.
_LONGER: Final = 1.25
#: The most items that a sentence on what is left out names.
_NAMED: Final = 4


class RecordedLine(Struct, frozen=True):
    """Pieces of a line of a round.

    Attributes:
        keyed: the pieces keyed.
        kept: those that were left when the round ended.
        choices: the names of the modifiers.
        why: why no guest asks for them; empty if one does.
        order_type: the type by which they were sold.
    """

    item_id: str
    name: str
    keyed: int
    kept: int
    choices: tuple[str, ...] = ()
    why: str = ""
    order_type: str = ""


class Round(Struct, frozen=True, kw_only=True):
    """Lines that a till keyed on an order up to a save or the sale, or a payment alone.

    Attributes:
        began: the first key, or the recall of the order.
        ended: the save or the sale.
        table: the number of the table; 0 without one.
        is_paid: True if it ended with the sale.
        in_cash: True if the order was paid in cash.
        voided_at: the first removal of pieces; None without one.
    """

    order: str
    began: datetime
    ended: datetime
    lines: tuple[RecordedLine, ...]
    table: int
    is_paid: bool
    in_cash: bool
    voided_at: datetime | None = None


class RecordedHour(Struct, frozen=True, kw_only=True):
    """The rounds of a till that began between two times.

    Attributes:
        key: its day and times, by which scores are compared.
        name: its day and times for people.
        unread: the number of orders that cannot be read here.
    """

    key: str
    name: str
    begins: datetime
    ends: datetime
    rounds: tuple[Round, ...]
    unread: int = 0


class RecordedDrill(Struct, frozen=True):
    """A drill with the guests of a recorded hour.

    Attributes:
        counter_s: the median seconds of its rounds at the counter; None if they took no second.
        left_out: the pieces that no guest asks for, by the reason and the name.
        about: sentences about the hour and what is left out.
    """

    drill: Drill
    guests: tuple[Guest, ...]
    counter_s: float | None
    left_out: Mapping[str, Counter[str]]
    about: tuple[str, ...]


def read_hour(ask: Callable[..., Any], venue: Venue, till: int, begins: datetime, ends: datetime) -> RecordedHour:
    """Read the rounds of a till that began between two times, from the log and the audit.

    Args:
        ask: calls a function of schema `till` for the store.
        venue: the venue.
        till: the number of the till.
        begins: the first moment.
        ends: the first moment after them.
    """
    rounds: list[Round] = []
    unread = 0
    for log in ask("till_orders_v1", till, begins, ends):
        try:
            rounds += rounds_of((unseal(one["b"], one["h"], {}) for one in log), till)
        except EventError:
            unread += 1
    first, last = venue.local(begins), venue.local(ends)
    return RecordedHour(
        key=f"{first:%Y-%m-%d %H:%M}-{last:%H:%M} {till}",
        name=_("{day}, {begins} to {ends}").format(
            day=f"{first:%a %d %b}", begins=f"{first:%H:%M}", ends=f"{last:%H:%M}"
        ),
        begins=begins,
        ends=ends,
        rounds=tuple(one for one in rounds if begins <= one.began < ends),
        unread=unread,
    )


def rounds_of(events: Iterable[Event], till: int) -> Iterator[Round]:
    """Yield the rounds that a till keyed on an order, oldest first.

    Args:
        events: all events of the order.
        till: the number of the till.

    Raises:
        EventError: the event that opened the order cannot be read here.
    """
    counted = _counted(events)
    history = OrderHistory(counted)
    last = history.after(counted[-1].id) if counted else None
    if last is None:
        return
    sale = next((event.data for event in counted if isinstance(event.data, OrderPlaced)), None)
    in_cash = sale is not None and any(payment.tender == CASH for payment in sale.payments)
    cut_from: dict[str, str] = {}
    for cut in (event.data for event in counted if isinstance(event.data, LineCut)):
        cut_from[cut.into] = cut_from.get(cut.line_id, cut.line_id)
    left = _pieces(last, cut_from)
    keyed: dict[str, int] = {}
    began = voided_at = None
    for event in counted:
        data = event.data
        if event.by_till != till:
            continue
        if isinstance(data, ItemAdded):
            began, keyed[data.line_id] = began or event.at, data.quantity
        elif isinstance(data, OrderResumed):
            began = began or event.at
        elif isinstance(data, LineVoided) or (isinstance(data, QuantityChanged) and not data.cut):
            voided_at = voided_at or event.at
        elif isinstance(data, TabAssigned | OrderPlaced):
            there = history.after(event.id) or last
            if keyed or isinstance(data, OrderPlaced):
                yield Round(
                    order=last.id,
                    began=began or event.at,
                    ended=event.at,
                    lines=tuple(_lines(there, last, keyed, _pieces(there, cut_from), left)),
                    table=(there.tab.table_number or 0) if there.tab is not None else 0,
                    is_paid=isinstance(data, OrderPlaced),
                    in_cash=in_cash,
                    voided_at=voided_at,
                )
            keyed, began, voided_at = {}, None, None


def _counted(events: Iterable[Event]) -> list[Event]:
    """Return the events that were not refused, each once, oldest first."""
    known = {event.id: event for event in events}
    refused = {one for event in known.values() if isinstance(event.data, Refused) for one in event.data.events}
    return [known[one] for one in sorted(known) if one not in refused]


def _pieces(order: Order, cut_from: Mapping[str, str]) -> Counter[str]:
    """Return the pieces that are left of each line, with those that were cut off it."""
    found: Counter[str] = Counter()
    for line in order.lines.values():
        found[cut_from.get(line.id, line.id)] += line.pieces
    return found


def _lines(
    there: Order, last: Order, keyed: Mapping[str, int], kept: Mapping[str, int], left: Mapping[str, int]
) -> Iterator[RecordedLine]:
    """Yield the lines of a round. Pieces that were taken off later are lines of their own."""
    for line_id, pieces in keyed.items():
        line = last.lines.get(line_id)
        if line is None:
            continue
        choices = tuple(one.name for one in there.lines.get(line_id, line).modifiers)
        kind = line.own_type or last.order_type
        one = RecordedLine(line.item_id, line.name, pieces, kept[line_id], choices, _why_not(line, last), kind)
        later = 0 if one.why else min(max(0, kept[line_id] - left[line_id]), pieces)
        if later:
            yield replace(one, keyed=later, kept=later, why=_("taken off later"))
        yield replace(one, keyed=pieces - later, kept=one.kept - later)


def _why_not(line: Line, order: Order) -> str:
    """Return why no guest can ask for a line as it was sold; empty if one can."""
    if line.measure is not None:
        return _("weighed")
    if line.keyed < 0:
        return _("given back")
    if line.given or order.given:
        return _("discounted")
    return _("at a price of its own") if any(isinstance(one.data, PriceOverridden) for one in line.changes) else ""


def _wants(one: RecordedLine, menu: Menu) -> tuple[Want, str]:
    """Return the pieces of a line in the words of the menu, and why the menu does not have them, if so."""
    item = menu.by_id.get(one.item_id)
    name = item.name if item is not None else one.name
    want = Want(one.item_id, name, one.keyed, one.choices, one.order_type)
    if item is None or one.why:
        return want, one.why or _("no longer sold")
    if item.unit or item.price4 is None:
        return want, _("without a fixed price")
    groups = menu.groups_of(item)
    offered = [{option.name for option in group.options if not option.sold_out} for group in groups]
    is_chosen = all(len(names & set(one.choices)) >= group.least for names, group in zip(offered, groups, strict=True))
    if item.sold_out or not is_chosen or not set(one.choices) <= set().union(*offered):
        return want, _("no longer sold so")
    return want, ""


def make_recorded_drill(hour: RecordedHour, crowd: Crowd) -> RecordedDrill:
    """Return the drill of an hour: a guest for each round, and what is left out.

    A round on a table brings the next one of its order once it was saved. Orders on a name are paid at once. Guests at
    the counter say the type of their order in an hour with several.

    Args:
        hour: the hour.
        crowd: the guests' names, words, notes and menu.
    """
    left_out: dict[str, Counter[str]] = {}
    guests: list[Guest] = []
    types = {line.order_type for one in hour.rounds if not one.table for line in one.lines}
    of_order = attrgetter("order")
    for _order, rounds in groupby(sorted(hour.rounds, key=of_order), key=of_order):
        asked = [(one, *_asked(one, crowd.menu, left_out)) for one in rounds]
        table = next((one.table for one, *_more in asked if one.table), 0)
        usual = Counter(want.order_type for _one, first, _kept in asked for want in first).most_common(1)
        usual_type = usual[0][0] if usual else ""
        seated: list[Want] = []
        chain: list[Guest] = []
        for one, *wishes in asked:
            first, kept = (_in_type(wants, usual_type) for wants in wishes)
            is_bill = one.is_paid and bool(seated)
            if not kept and not is_bill:
                if one.is_paid and not one.lines:
                    left_out.setdefault(_("of other rounds"), Counter())[_("bill")] += 1
                continue
            task = Task.BILL if is_bill else Task.TAB if table and not one.is_paid else Task.SALE
            pays = crowd.pays([*seated, *kept], float(one.in_cash))
            arrives_s = max(0.0, (one.began - hour.begins).total_seconds())
            chain.append(_guest(crowd, task, first, pays, arrives_s, table if task is not Task.SALE else 0))
            if task is Task.SALE and len(types) > 1:
                words = typed_sentence(chain[-1].words, usual_type)
                chain[-1] = replace(chain[-1], order_type=usual_type, words=words)
            if first != kept:
                chain[-1] = replace(chain[-1], change=_change(one, first, kept, crowd))
            seated = [*seated, *kept] if task is Task.TAB else seated
        guests += _chained(chain)
    guests.sort(key=attrgetter("arrives_s"))
    guests = [replace(guest, number=number) for number, guest in enumerate(guests, 1)]
    seconds = [(one.ended - one.began).total_seconds() for one in hour.rounds]
    counter_s = median(seconds) if seconds and median(seconds) >= 1 else None
    minutes = (hour.ends - hour.begins).total_seconds() / 60
    drill = Drill(
        key=hour.key, name=hour.name, minutes=_LONGER * minutes, guests=len(guests), per_minute=1, eaten_s=None
    )
    return RecordedDrill(drill, tuple(guests), counter_s, left_out, tuple(_about(hour, counter_s, left_out)))


def _asked(one: Round, menu: Menu, left_out: dict[str, Counter[str]]) -> tuple[tuple[Want, ...], tuple[Want, ...]]:
    """Return the first order of a guest, and the order after the change of mind; equal lines are one."""
    first: dict[tuple[str, tuple[str, ...], str], Want] = {}
    kept: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    for line in one.lines:
        want, why = _wants(line, menu)
        if why:
            if line.kept:
                left_out.setdefault(why, Counter())[clean(want.name)] += abs(line.kept)
            continue
        key = want.item_id, tuple(sorted(want.notes)), want.order_type
        first[key] = replace(want, pieces=want.pieces + (first[key].pieces if key in first else 0))
        kept[key] += line.kept
    asked = {key: want for key, want in first.items() if want.pieces > 0}
    return tuple(asked.values()), tuple(replace(want, pieces=kept[key]) for key, want in asked.items() if kept[key] > 0)


def _in_type(wants: Iterable[Want], order_type: str) -> tuple[Want, ...]:
    """Return the wishes of an order of a type: those of the same type have none of their own."""
    return tuple(replace(want, order_type="") if want.order_type == order_type else want for want in wants)


def _guest(crowd: Crowd, task: Task, wants: tuple[Want, ...], pays: Pays, arrives_s: float, table: int) -> Guest:
    words = order_sentence(wants, crowd.vocabulary) if wants else ""
    if task is Task.TAB:
        words = table_sentence(words, table)
    elif task is Task.BILL:
        words = f"{words} {bill_sentence(table)}".strip()
    name = crowd.name()
    return Guest(number=0, name=name, arrives_s=arrives_s, task=task, wants=wants, words=words, pays=pays, table=table)


def _change(one: Round, first: Sequence[Want], kept: Sequence[Want], crowd: Crowd) -> Change:
    """Return the change of mind: what a guest does not want after all, or less of."""
    left = {(want.item_id, want.notes, want.order_type): want for want in kept}
    words: list[str] = []
    for want in first:
        now = left.get((want.item_id, want.notes, want.order_type))
        if now is None:
            words.append(_("No, not the {item}.").format(item=clean(want.name).lower()))
        elif now.pieces < want.pieces:
            words.append(_("No, make that {what}.").format(what=spoken_want(now, crowd.vocabulary)))
    after_s = (one.voided_at - one.began).total_seconds() if one.voided_at is not None else 0.0
    return Change(min(max(after_s, _CHANGE_S[0]), _CHANGE_S[1]), " ".join(words), tuple(kept))


def _chained(chain: Sequence[Guest]) -> list[Guest]:
    """Return the guests who come by themselves: each one who follows a guest at a table is its `then`."""
    heads: list[Guest] = []
    for guest in reversed(chain):
        if guest.task is Task.TAB and heads:
            heads[-1] = replace(guest, then=heads[-1])
        else:
            heads.append(guest)
    return heads


def _about(hour: RecordedHour, counter_s: float | None, left_out: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield sentences about the hour: its rounds, their median, and what no guest asks for."""
    n = len(hour.rounds)
    yield ngettext("{n} round of orders.", "{n} rounds of orders.", n).format(n=n)
    if counter_s is not None:
        yield _("Half of them took at most {s} s at the counter.").format(s=round(counter_s))
    yield _("Left out: notes, names of people, and these:") if left_out else _("Left out: notes, names of people.")
    for why, names in left_out.items():
        first = names.most_common(_NAMED)
        named = [_("{n} × {name}").format(n=pieces, name=name) for name, pieces in first]
        if more := names.total() - sum(pieces for _name, pieces in first):
            named.append(_("{n} more").format(n=more))
        listed = ", ".join(named)
        yield _("{why}: {items}.").format(why=capitalize_first(why), items=listed)
    if hour.unread:
        yield ngettext("{n} order cannot be read here.", "{n} orders cannot be read here.", hour.unread).format(
            n=hour.unread
        )
