"""Views of the desk, made from its state and facts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.administration.lists import list_named
from till.domain.conflict import how_to_settle
from till.domain.i18n import _, ngettext
from till.ports.desk import Alert, ConnectionQuality, MatterKind, NeedsAttention, OpenOrder, Prepared, TillStatus
from till.reports.words import size_text
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    BarsView,
    BarView,
    CardsView,
    CardView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StatusView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.screens.desk.about import is_too_long
from till.tui.screens.desk.reduce import KEYS
from till.tui.screens.desk.state import FIELDS, SECRET, WORDED, DeskList, DeskStage, entries, place_of
from till.tui.screens.desk.written import (
    CONNECTIONS,
    age,
    ago,
    till_name,
    time_of,
    what_waits,
)

if TYPE_CHECKING:
    from till.ports.desk import Picture
    from till.tui.drawing.screen import Views
    from till.tui.screens.desk.state import DeskFacts, DeskState, Subject

#: Orders open for longer are flagged.
_LONG: Final = timedelta(minutes=90)
#: Hours in the chart, counted from the latest.
_HOURS: Final = 8
#: Connections that a till's card warns of.
_BAD: Final = (ConnectionQuality.SLOW, ConnectionQuality.VERY_SLOW)
#: The column that amounts are right-aligned to, from the right edge.
_END: Final = -2


def desk_views(state: DeskState, facts: DeskFacts, *, wide: bool, room: int) -> Views:
    """Return all views of a state. On a screen that is not `wide` one list is shown alone."""
    heads = {listed: _head(listed, facts, wide=wide) for listed in DeskList}
    return {
        "status": _status(facts),
        "head": heads[DeskList.TILLS if wide else state.listed],
        "needs_head": heads[DeskList.NEEDS],
        "orders_head": heads[DeskList.ORDERS],
        "needs": _list(DeskList.NEEDS, state, facts),
        "orders": _list(DeskList.ORDERS, state, facts),
        "tills": _list(DeskList.TILLS, state, facts),
        "total": _total(facts),
        "hours_head": HeadView(_("Sales by hour"), note=_("today")),
        "hours": _hours(facts),
        "house_head": HeadView(_("House")),
        "house": _house(facts),
        "entry": _entry(state, facts, room),
        "keys": KEYS.bar(state, facts),
    }


# The widgets that are always there.


def _total(facts: DeskFacts) -> TotalView:
    picture = facts.picture
    if picture is None:
        return TotalView(FigureView(""))
    own = facts.written.own
    sales = ngettext("{n} sale", "{n} sales", picture.sales).format(n=picture.sales)
    words = _("Tax included") if picture.venue.terms.included else _("Tax on top")
    figure = FigureView(
        own.amount(picture.total),
        StyledText(_("Today {symbol}").format(symbol=own.currency.symbol.strip())),
        sentence=_("Today {amount}, {sales}.").format(amount=own.money(picture.total), sales=sales),
    )
    right = (StyledText(words, Tone.MUTED), StyledText(own.amount(picture.tax)))
    return TotalView(figure, left=StyledText(sales, Tone.MUTED), right=right)


def _hours(facts: DeskFacts) -> BarsView:
    hours = facts.picture.hours[-_HOURS:] if facts.picture is not None else ()
    largest = max((hour.amount for hour in hours), default=0)
    busiest = (
        next((hour.hour for hour in hours if hour.amount == largest), "") if largest > 0 and len(hours) > 1 else ""
    )
    return BarsView(
        tuple(
            BarView(
                hour.hour,
                facts.written.own.amount(hour.amount),
                max(0.0, hour.amount / largest) if largest > 0 else 0.0,
                _("busiest") if hour.hour == busiest else "",
            )
            for hour in hours
        )
    )


# The lists.


def _head(listed: DeskList, facts: DeskFacts, *, wide: bool) -> HeadView:
    picture = facts.picture
    count = len(entries(picture, listed))
    note = "" if wide else _beside(listed, picture)
    if listed is DeskList.NEEDS:
        return HeadView(_("Needs you"), str(count) if picture is not None else "", note)
    if picture is None:
        return HeadView(_("Open orders") if listed is DeskList.ORDERS else _("Tills"))
    if listed is DeskList.ORDERS:
        detail = _("{n}, longest first").format(n=count) if count else ""
        return HeadView(
            _("Open orders"), detail, note or facts.written.sum_of([order.total for order in picture.orders])
        )
    here = sum(till.here for till in picture.tills)
    detail = (
        _("all {n} online").format(n=count) if here == count else _("{here} of {n} online").format(n=count, here=here)
    )
    return HeadView(_("Tills"), detail if count else "", note or _("today"))


def _list(listed: DeskList, state: DeskState, facts: DeskFacts) -> CardsView:
    picture = facts.picture
    selected = place_of(state, picture) if listed is state.listed else None
    cards = tuple(
        _card(one, place, facts, marked=place == selected) for place, one in enumerate(entries(picture, listed))
    )
    return CardsView(cards, selected, _empty(listed) if picture is not None else (_("One moment."),))


def _card(one: Subject, place: int, facts: DeskFacts, *, marked: bool) -> CardView:
    match one:
        case NeedsAttention():
            return _matter(one, place + 1, facts, marked=marked)
        case Alert():
            return _alert(one, place + 1, marked=marked)
        case OpenOrder():
            return _order(one, facts, marked=marked)
        case TillStatus():
            return _till(one, facts)


def _matter(matter: NeedsAttention, place: int, facts: DeskFacts, *, marked: bool) -> CardView:
    mark = Mark.NOTICE if matter.kind is MatterKind.LOCKED else Mark.REFUSED
    first = [
        cell(2, str(place), Tone.ACCENT, bold=True),
        cell(5, "", mark=mark),
        cell(7, what_waits(matter), bold=marked),
    ]
    if matter.amount is not None:
        amount = facts.written.amount(matter.amount, matter.currency)
        first.append(cell(_END, amount, bold=marked, right=True))
    second = cell(7, _where(matter, facts), Tone.MUTED)
    return CardView((in_row(*first), in_row(second)))


def _order(order: OpenOrder, facts: DeskFacts, *, marked: bool) -> CardView:
    open_for = facts.now - order.opened_at if facts.now is not None else timedelta()
    long = open_for > _LONG
    cells = (
        cell(1, order.tab or order.name or order.status.in_words, bold=marked),
        cell(14, _("to be paid") if order.waits_for_money else order.person, Tone.MUTED),
        cell(25, till_name(order.till, facts.picture), Tone.MUTED),
        cell(-14, age(open_for), Tone.MUTED, mark=Mark.NOTICE if long else None),
        cell(_END, facts.written.amount(order.total, order.currency), bold=marked, right=True),
    )
    return CardView((RowView(cells),))


def _till(till: TillStatus, facts: DeskFacts) -> CardView:
    if till.revoked:
        light = StyledText(_("revoked"), mark=Mark.REFUSED)
    elif till.away:
        since = time_of(till.seen_at, facts.picture)
        light = StyledText(_("offline since {time}").format(time=since) if since else _("never seen"), mark=Mark.NOTICE)
    elif till.here:
        light = StyledText(_("online"), mark=Mark.SAVED)
    else:
        light = StyledText(_("closed"), Tone.MUTED)
    details = [_("{n} open").format(n=till.orders)]
    if not till.here:
        details = [_("{n} open when last seen").format(n=till.orders)]
    elif till.newest_at is not None and facts.now is not None:
        details.append(_("last record {age} ago").format(age=ago(facts.now - till.newest_at)))
    if till.here and till.login is not None and till.login.connection in _BAD:
        details.append(_("its connection is {how}").format(how=CONNECTIONS[till.login.connection]))
    first = (
        cell(1, till.name, bold=True),
        cell(11, light),
        cell(34, till.person),
        cell(_END, facts.written.own.amount(till.sold), right=True),
    )
    return CardView((RowView(first), in_row(cell(11, ", ".join(details), Tone.MUTED))))


def _alert(alert: Alert, place: int, *, marked: bool) -> CardView:
    first = (
        cell(2, str(place), Tone.ACCENT, bold=True),
        cell(5, "", mark=Mark.NOTICE),
        cell(7, alert.sentence, bold=marked),
    )
    return CardView((RowView(first), in_row(cell(7, alert.remedy, Tone.MUTED))))


def _status(facts: DeskFacts) -> StatusView:
    light, brief = _light(facts)
    name = facts.picture.venue.settings.name if facts.picture is not None else ""
    return StatusView(name, _("Desk"), facts.person, time=time_of(facts.now, facts.picture), light=light, brief=brief)


def _light(facts: DeskFacts) -> tuple[StyledText, StyledText | None]:
    picture = facts.picture
    if facts.trouble:
        since = time_of(facts.since, picture)
        words = _("the server is offline since {time}").format(time=since) if since else _("the server is offline")
        brief = _("offline since {time}").format(time=since) if since else _("offline")
        return StyledText(words, mark=Mark.OFFLINE), StyledText(brief, mark=Mark.OFFLINE)
    if picture is None:
        return StyledText(_("looking"), mark=Mark.SAVING), None
    if away := sum(till.away for till in picture.tills):
        return StyledText(
            ngettext("{n} till is offline", "{n} tills are offline", away).format(n=away), mark=Mark.NOTICE
        ), None
    return StyledText(_("all tills are online"), mark=Mark.GOOD), None


def _house(facts: DeskFacts) -> RowsView:
    if facts.picture is None:
        return RowsView()
    house = facts.picture.house
    server = StyledText(
        _("good, {n} ms, {size}").format(n=house.answered_ms, size=size_text(house.size)), mark=Mark.GOOD
    )
    if facts.trouble:
        server = StyledText(_("does not answer"), mark=Mark.OFFLINE)
    spared: list[str] = []
    if house.in_memory is not None:
        spared.append(_("{n} % of reads").format(n=house.in_memory))
    if house.remembered is not None:
        spared.append(_("{n} % from memory").format(n=house.remembered))
    rows = [
        (_("Server"), server),
        (_("Memory"), StyledText(", ".join(spared))),
        (_("Logins"), StyledText(_logins(facts.picture))),
    ]
    return RowsView(tuple(in_row(cell(0, label, Tone.MUTED), cell(10, text)) for label, text in rows))


def _logins(picture: Picture) -> str:
    """Return the number of logins, and how many are lost or slow."""
    details = [str(len(picture.logins))]
    if lost := sum(not login.is_heard for login in picture.logins):
        details.append(_("{n} not seen").format(n=lost))
    if slow := sum(login.connection in _BAD for login in picture.logins):
        details.append(_("{n} slow").format(n=slow))
    return ", ".join(details)


def _beside(listed: DeskList, picture: Picture | None) -> str:
    """Return the counts of the lists out of sight on a narrow screen, beginning with the one that Tab leads to."""
    words = {DeskList.NEEDS: _("needs you {n}"), DeskList.ORDERS: _("orders {n}"), DeskList.TILLS: _("tills {n}")}
    order = list(DeskList)
    place = order.index(listed)
    others = (*order[place + 1 :], *order[:place])
    return ", ".join(words[other].format(n=len(entries(picture, other))) for other in others)


def _empty(listed: DeskList) -> tuple[str, ...]:
    if listed is DeskList.NEEDS:
        return (_("Nothing needs you."),)
    if listed is DeskList.ORDERS:
        return (_("No order is open."),)
    return (_("No till is enrolled yet."), _("Type: add till 1. Its machine needs the code."))


def _where(matter: NeedsAttention, facts: DeskFacts) -> str:
    time = time_of(matter.at, facts.picture)
    if matter.kind is MatterKind.LOCKED:
        return _("locked until {time}, after wrong PINs or passwords").format(time=time)
    till = till_name(matter.till, facts.picture) or _("the server")
    if matter.kind is MatterKind.RECORD:
        return _("{till}, {time}: {why}").format(till=till, time=time, why=matter.what)
    return ", ".join((till, time, *matter.receipts))


def _entry(state: DeskState, facts: DeskFacts, room: int) -> EntryView:
    masked = state.step in SECRET
    types = masked or state.step in {DeskStage.SAYING, DeskStage.FILLING} or state.step in WORDED
    answer = state.message
    if answer is None and facts.is_held:
        answer = StyledText(_("One moment."), mark=Mark.SAVING)
    elif answer is None and facts.trouble and state.step is DeskStage.LOOKING:
        since = time_of(facts.since, facts.picture)
        words = _("As of {time}; it updates by itself.").format(time=since) if since else ""
        answer = StyledText(_fitting(words, facts.trouble, room), mark=Mark.NOTICE)
    if answer is not None and is_too_long(answer, room):
        answer = None  # a sheet has all of it
    text, cursor = (state.entry.text, state.entry.cursor) if types else ("", 0)
    return EntryView(
        text, cursor, answer, hint=_hint(state, facts), masked=masked, offered=types and state.entry.is_offered
    )


def _fitting(age: str, trouble: str, room: int) -> str:
    """Return how old the picture is, and why. Without room for both, drop whole sentences from the end."""
    text = f"{age} {trouble}".strip()
    while len(text) > room and ". " in text:
        text = f"{text.rpartition('. ')[0]}."
    return text


def _list_hint(book: str) -> str:
    declared = list_named(book)
    if declared is None:
        return _("Esc, then Tab to the open orders to act on one.")
    return declared.hint or _("Esc: back, or type another command.")


def _hint(state: DeskState, facts: DeskFacts) -> str:
    if state.step is DeskStage.SAYING:
        if isinstance(state.subject, NeedsAttention) and (sentence := how_to_settle(state.subject.what)):
            return sentence
        number = state.subject.number if isinstance(state.subject, TillStatus) else ""
        return state.act.asks.format(n=number) if state.act is not None else ""
    if state.step is DeskStage.KEYING and isinstance(state.subject, Prepared):
        is_password = state.subject.act.masked == "password"
        return _("A new password, 8 characters or more.") if is_password else _("A new PIN, 4 to 12 digits.")
    if state.step is DeskStage.READING and state.shown is not None:
        return _list_hint(state.shown.book)
    return {
        DeskStage.PROVING: _("The password of {who}, for this one act.").format(who=facts.person),
        DeskStage.REPEATING: _("The same again."),
        DeskStage.FILLING: FIELDS[len(state.filled)][1],
        DeskStage.AGREEING: _("Enter does it, Esc leaves it."),
        DeskStage.SHOWING: _("It is shown only now. Write it down, then Esc."),
        DeskStage.LOOKING: _("Or type it: 86 vada, lock till 2, price 2 85.00 from 22:00."),
    }.get(state.step, "")
