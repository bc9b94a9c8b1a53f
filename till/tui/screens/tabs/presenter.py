"""Views of the screen of tables, made from its state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import NoTabError
from till.domain.i18n import _, ngettext
from till.domain.money.measures import NOTHING, Minor
from till.domain.order.guest_words import guest_words, words_on
from till.domain.order.naming import tab_name
from till.domain.text import capitalize_first, clean, is_code
from till.register.tabs.names import is_unknown_table, shown_as
from till.register.tabs.open_tabs import check_another
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    EntryView,
    FigureView,
    HeadView,
    PlanRow,
    PlanView,
    RowsView,
    RowView,
    StyledText,
    TableView,
    TotalView,
    cell,
    in_row,
    sentence_row,
)
from till.tui.screens.names import due_figure
from till.tui.screens.tabs.reduce import KEYS, unmarked_reason
from till.tui.screens.tabs.state import (
    BY_NAME,
    act_of,
    adds,
    columns,
    doubt_of_name,
    is_too_long,
    keyed_at,
    marked_place,
    not_a_name,
    page_of,
    places,
    refusal_of_act,
)
from till.tui.screens.tabs.typed_acts import NEEDS_NUMBER, describe_act, is_unfinished, tab_called

if TYPE_CHECKING:
    from datetime import timedelta

    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.tabs.state import Adding, Cell, Place, TablesFacts, TablesState
    from till.tui.screens.tabs.typed_acts import TabAct

_HOUR: Final = 60


def tables_views(state: TablesState, facts: TablesFacts, status: StatusView) -> Views:
    """Return all views of a state."""
    shown = places(state, facts)
    at = marked_place(state, facts)
    place = next((n for n, one in enumerate(shown) if at is not None and one.key == at.key), None)
    found = columns(state, facts, shown)
    page, pages = page_of(found, facts.room, place)
    here = found[page * facts.room.columns : (page + 1) * facts.room.columns]
    drawn = tuple(tuple(_row(cell, shown, facts) for cell in column) for column in here)
    split = 1 if facts.room.wide else facts.room.columns
    across = max(1, facts.room.columns - split)
    return {
        "status": status,
        "head": _head(state, facts, page, pages),
        "plan": PlanView(drawn[:split], split, place, _empty(facts)),
        "more": PlanView(drawn[split:], across, place),
        "detail_head": _detail_head(at, facts),
        "detail": _detail(at, facts),
        "total": _total(at, facts, page, pages),
        "entry": _entry(state, at, facts),
        "keys": replace(KEYS.bar(state, facts), digits=True),
    }


# The floor plan.


def _empty(facts: TablesFacts) -> tuple[str, ...]:
    none = _("No {tab} is open.").format(tab=facts.venue.tabs.word)
    if not facts.sees_others:
        none = _("Offline: other tills are out of sight.")
    if facts.saves:
        return (none, _("Type a number or a name: Enter saves the order there."))
    return (none, _("Key the order, then F8 and a number or a name."))


def _count(facts: TablesFacts) -> str:
    """Return the numbers of open tabs and of free tables; offline, that others may have more of them open."""
    if not facts.sees_others:
        return _("{open} open here, other tills out of sight").format(open=len(facts.tabs))
    taken = {tab.table for tab in facts.tabs}
    free = sum(table.number not in taken for table in facts.venue.tables)
    count = _("{open} open").format(open=len(facts.tabs))
    return _("{open}, {free} free").format(open=count, free=free) if facts.venue.tables else count


def _head(state: TablesState, facts: TablesFacts, page: int, pages: int) -> HeadView:
    """Return the title of a narrow screen; a wide one has the areas as headings."""
    order = _("longest first") if state.longest_first else _("by number")
    if pages > 1:
        order = f"{order}, {_page(page, pages)}"
    return HeadView() if facts.room.wide else HeadView(facts.venue.tabs.title, _count(facts), order)


def _page(page: int, pages: int) -> str:
    return _("page {page} of {pages}").format(page=page + 1, pages=pages)


def _row(cell: Cell, shown: tuple[Place, ...], facts: TablesFacts) -> PlanRow:
    if cell.place < 0:
        labels = facts.room.wide and bool(cell.title) and cell.title != _(BY_NAME)
        return PlanRow(clean(cell.title), labels, cell.rule)
    return PlanRow(table=_table(shown[cell.place], facts), place=cell.place)


def _table(place: Place, facts: TablesFacts) -> TableView:
    tab, label = place.tab, clean(place.label)
    booked = _booked(place, facts)
    if tab is None:
        free = StyledText(booked, mark=Mark.NOTICE) if booked else StyledText(_("free"), Tone.FAINT)
        return TableView(label, who=free, brief=free, free=True)
    age = StyledText(age_text(facts.now - tab.opened), Tone.MUTED)
    late = is_too_long(tab, facts)
    if late:
        age = StyledText(age.text, mark=Mark.NOTICE)
    who, where = _status(tab, facts)
    if booked:
        who = StyledText(booked, mark=Mark.NOTICE)
    brief: StyledText | None = age
    if place.part is None:
        brief = StyledText("", mark=Mark.NOTICE) if late else None
    elif where is not None and not late:
        brief = where
    covers = str(tab.covers) if tab.covers is not None else ""
    more = "+" if facts.is_uncharged(tab) else ""
    return TableView(label, covers, who, age, brief, facts.formats.amount(facts.due(tab)), more=more)


def _booked(place: Place, facts: TablesFacts) -> str:
    """Return time and name of the booking of a table within the hour, `20:30 Mrs Rao`; empty for none."""
    booked = facts.booked_at(place)
    if booked is None:
        return ""
    return f"{facts.venue.local(booked.at):%H:%M} {clean(booked.name) or booked.phone}".rstrip()


def _status(tab: OpenTab, facts: TablesFacts) -> tuple[StyledText, StyledText | None]:
    """Return the user of a tab or a more urgent fact, and a one-word form of that."""
    if facts.is_elsewhere(tab):
        till = facts.venue.till_name(tab.till)
        return StyledText(_("on {till}").format(till=till), Tone.MUTED), StyledText(till, Tone.MUTED)
    if tab.bill_out:
        out = StyledText(_("bill out"))
        return out, out
    if tab.ready is not None:
        ready = StyledText(_("ready"), mark=Mark.APPROVED)
        return ready, ready
    return StyledText(_who(tab, facts), Tone.MUTED), None


def _who(tab: OpenTab, facts: TablesFacts) -> str:
    name = clean(facts.names.get(tab.user, "")) or capitalize_first(clean(tab.program))
    return name or (str(tab.user) if tab.user else _("a program"))


def age_text(passed: timedelta) -> str:
    """Return how long something has been open: `42 min`, `1 h 05`."""
    minutes = max(0, int(passed.total_seconds()) // 60)
    if minutes < _HOUR:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes:02d}").format(hours=minutes // _HOUR, minutes=minutes % _HOUR)


# The marked tab.


def _title(at: Place) -> str:
    """Return the name of a place, as in `Table 5`."""
    return capitalize_first(tab_name(at.name))


def _lines(count: int) -> str:
    return ngettext("{lines} line", "{lines} lines", count).format(lines=count)


def _added(at: Place | None, facts: TablesFacts) -> Adding | None:
    """Return the round that Enter adds to the marked tab; None if it is refused."""
    added = adds(at, facts)
    return added if added is not None and not added.refusal else None


def _detail_head(at: Place | None, facts: TablesFacts) -> HeadView:
    if at is None or at.tab is None:
        return HeadView()
    detail = _lines(at.tab.lines)
    if (adding := _added(at, facts)) is not None:
        detail = _("{lines}, and {count} keyed here").format(lines=detail, count=len(adding.keyed.priced.rows))
    return HeadView(_title(at), detail)


def _detail(at: Place | None, facts: TablesFacts) -> RowsView:
    """Return the lines on the marked tab, and those that would be added."""
    if at is None or at.tab is None:
        return RowsView()
    adding = _added(at, facts)
    rows = _copied_rows(at.tab, facts)
    if facts.lines is not None:
        rows = _order_rows(facts.lines, facts) + [row for one in at.tab.beside for row in _copied_rows(one, facts)]
    if not rows and at.tab.lines:
        where = facts.venue.till_name(at.tab.till) if facts.is_elsewhere(at.tab) else _("another till")
        known = _("Its lines were keyed on {till}.").format(till=where)
        rows = [in_row(cell(1, known, Tone.MUTED))]
    added = _order_rows(adding.keyed, facts, added=True) if adding is not None else []
    last = [sentence_row(1, one, Tone.WARN) for one in _words(at.tab, facts)]
    return RowsView((*rows, *([RowView()] if rows and added else []), *added, *last))


def _words(tab: OpenTab, facts: TablesFacts) -> tuple[str, ...]:
    """Return the preferences and the note on the marked tab."""
    return words_on(facts.lines) if facts.lines is not None else guest_words(dict(tab.words))


def _copied_rows(tab: OpenTab, facts: TablesFacts) -> list[RowView]:
    """Return the lines of an order on another till, as the server listed them."""
    amount = facts.formats.currency.minor
    return [_line_row(item.quantity, item.item, amount(item.amount), facts) for item in tab.items]


def _line_row(quantity: int, name: str, amount: Minor, facts: TablesFacts, *, added: bool = False) -> RowView:
    cells = [cell(1, "+", bold=True)] if added else []
    cells += [
        cell(4, str(quantity), right=True),
        cell(6, "×", Tone.MUTED),
        cell(8, clean(name)),
        cell(-2, facts.formats.amount(amount)),
    ]
    return in_row(*cells)


def _order_rows(order: Order, facts: TablesFacts, *, added: bool = False) -> list[RowView]:
    return [_line_row(row.quantity, row.first.name, row.amount, facts, added=added) for row in order.priced.rows]


def _total(at: Place | None, facts: TablesFacts, page: int, pages: int) -> TotalView:
    """Return the total of the marked tab after the next Enter."""
    formats, order = facts.formats, keyed_at(at, facts)
    symbol = formats.currency.symbol.strip()
    count = _count(facts) if pages == 1 else f"{_count(facts)}, {_page(page, pages)}"
    wide = facts.room.wide
    left = StyledText(count, Tone.MUTED) if wide else None
    if at is None or (at.tab is None and order is None):
        if order is None:  # nothing is open, or keyed
            return TotalView(FigureView(""), left)
        label, keyed = _("Keyed here"), order.total
        sentence = _("{name}: {total}.").format(name=label, total=formats.money(keyed))
        return TotalView(FigureView(formats.amount(keyed), StyledText(f"{label} {symbol}"), sentence=sentence), left)
    stands, paid = (facts.due(at.tab), at.tab.paid) if at.tab is not None else (NOTHING, NOTHING)
    will = stands
    if (added := _added(at, facts)) is not None:
        will, paid = added.due, added.paid
    elif order is not None and (at.tab is None or facts.is_own(at)):
        will, paid = facts.answers.due(order.total, order.paid), order.paid
    beside: StyledText | None = None
    sentence = _("{name}: {total}.").format(name=_title(at), total=formats.money(will))
    figure = FigureView(formats.amount(will), StyledText(f"{_title(at)} {symbol}"), sentence=sentence)
    if paid:
        beside = StyledText(_("{paid} paid").format(paid=formats.amount(paid)), Tone.MUTED)
        figure = due_figure(will, formats)
        figure = replace(figure, sentence=f"{_title(at)}: {figure.sentence}")
    right: tuple[StyledText, ...] = ()
    charged: StyledText | None = None
    if added is None and at.tab is not None and facts.is_uncharged(at.tab):
        charged = StyledText(_("without service charge"), Tone.MUTED)
        right = (charged,) if wide else ()
    elif added is not None:
        before, more = formats.amount(stands), formats.amount(added.more)
        both = StyledText(_("{before}, and keyed here").format(before=before), Tone.MUTED), StyledText(more)
        one = _("{before} + {more} keyed here").format(before=before, more=more)
        right = both if wide else (StyledText(one, Tone.MUTED),)
    if not wide:
        left = StyledText(_facts_of(at.tab, facts), Tone.MUTED) if at.tab is not None else None
    return TotalView(figure, left, right, paid=beside, charged=None if wide else charged)


def _facts_of(tab: OpenTab, facts: TablesFacts) -> str:
    """Return the facts of a tab: `3 guests, Asha, 42 min`."""
    guests = ngettext("{count} guest", "{count} guests", tab.covers or 0).format(count=tab.covers)
    parts = [guests] if tab.covers else []
    where = _("on {till}").format(till=facts.venue.till_name(tab.till)) if facts.is_elsewhere(tab) else ""
    return ", ".join([*parts, where or _who(tab, facts), age_text(facts.now - tab.opened)])


# Answer line and keys.


def _entry(state: TablesState, at: Place | None, facts: TablesFacts) -> EntryView:
    entry = state.entry
    also = _("A number or a name. Also: merge 7, move 9, guests 4.")
    answer = state.message or StyledText(_answer(state, at, facts))
    is_beside = (  # the total, with a single pane
        at is not None and at.tab is not None and not (_booked(at, facts) or _words(at.tab, facts))
    )
    if is_beside and not (state.message or entry.text or facts.saves or facts.room.wide):
        return EntryView(entry.text, entry.cursor, hint=also)
    return EntryView(entry.text, entry.cursor, answer, hint=also, offered=entry.is_offered)


def _answer(state: TablesState, at: Place | None, facts: TablesFacts) -> str:
    """Return a sentence that tells what the next Enter does."""
    formats = facts.formats
    if (act := act_of(state, facts)) is not None:
        return (
            _describe(act, at.tab, facts) if at is not None and at.tab is not None else unmarked_reason(at, act, facts)
        )
    if (added := adds(at, facts)) is not None and at is not None and at.tab is not None:
        if added.refusal:
            return added.refusal
        if facts.is_elsewhere(at.tab):
            till = facts.venue.till_name(at.tab.till)
            return _("{name} is open on {till}. Enter asks to take it over.").format(name=_title(at), till=till)
        words = _("Enter adds {size} to {name}: total {total}.")
        if added.paid:
            words = _("Enter adds {size} to {name}: {total} due.")
        if added.is_about:
            words = _("Enter adds {size} to {name}: about {total}.")
        total = formats.money(added.due)
        size = facts.answers.counted(len(added.keyed.priced.rows), added.more)
        return words.format(name=tab_name(at.name), size=size, total=total)
    if why := not_a_name(state.entry.text.strip(), at, facts):
        return why
    return _saving_answer(state, at, facts) if facts.saves else _opening_answer(at, facts)


def _describe(act: TabAct, tab: OpenTab, facts: TablesFacts) -> str:
    """Describe the effect of a typed act on a tab; or why it cannot be done, if that is known already."""
    try:
        match act.act:
            case "merge" | "pieces":
                other = tab_called(act.of, facts.tabs, facts.venue.tabs)
                check_another(tab.session_id, other)
                of = tab_name(other.name)
            case "hand_over":
                of = facts.names.get(act.number) or _("number {number}").format(number=act.number)
            case _:
                of = shown_as(act.of, facts.venue.tabs)
        return refusal_of_act(act, tab, facts) or describe_act(act, tab_name(tab.name), of)
    except NoTabError as problem:
        return problem.sentence


def _free(at: Place, facts: TablesFacts) -> str:
    """Return `Table 14 is free: 8 seats`, with its area if no heading shows that."""
    (table,) = (one for one in facts.venue.tables if str(one.number) == at.label)
    seats = ngettext("{count} seat", "{count} seats", table.seats).format(count=table.seats)
    known = ", ".join([*([clean(at.part)] if at.part and not facts.room.wide else []), seats])
    if booked := _booked(at, facts):
        return _("{name} is booked at {booked}: {facts}").format(name=_title(at), booked=booked, facts=seats)
    return _("{name} is free: {facts}").format(name=_title(at), facts=known)


def _opening_answer(at: Place | None, facts: TablesFacts) -> str:
    if at is None:
        return _("Type a number or a name.")
    if at.tab is None:
        return _("{table}. Enter opens it.").format(table=_free(at, facts))
    size = facts.answers.counted(at.tab.lines, at.tab.total, at.tab.paid)
    words = () if facts.room.wide else _words(at.tab, facts)
    parts = (*words, _booked(at, facts) or _who(at.tab, facts), age_text(facts.now - at.tab.opened), size)
    return _("{name}: {facts}").format(name=_title(at), facts=", ".join(parts))


def _saving_answer(state: TablesState, at: Place | None, facts: TablesFacts) -> str:
    typed = state.entry.text.strip()
    if at is not None and at.tab is None:
        return _("{table}. Enter saves the order there.").format(table=_free(at, facts))
    if is_unfinished(typed, facts.lookup.words):
        return _(NEEDS_NUMBER)
    if typed and at is None and (is_code(typed) or is_unknown_table(typed, facts.venue)):
        return _("There is no {name} here.").format(name=shown_as(typed, facts.venue.tabs))
    if typed and at is None:
        saves = _("Enter saves the order to {name}.").format(name=shown_as(typed, facts.venue.tabs))
        return doubt_of_name(typed, facts) or saves
    if facts.own is not None:
        return _("Enter saves back to {name}. Or type another.").format(name=tab_name(facts.own.name))
    return _("Type a number or a name, then Enter.")
