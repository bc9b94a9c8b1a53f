"""The sheet over the desk: its subject, the acts possible on it, and facts about it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from till.administration.lists import list_named
from till.domain.i18n import _, ngettext
from till.ports.desk import (
    TABLE,
    Alert,
    Enrolment,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    PhoneLink,
    Prepared,
    TillStatus,
)
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoicesView, ChoiceView, FactsView, HeadView, StyledText, fact, numbered
from till.tui.screens.desk.reduce import help_rows
from till.tui.screens.desk.state import FIELDS, ActKind, DeskStage, SheetView, acts_on
from till.tui.screens.desk.written import CONNECTIONS, day_and_time, till_name, time_of, what_waits
from till.tui.shell.key_table import help_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.ports.desk import Picture
    from till.tui.screens.desk.state import DeskFacts, DeskState, Shown, Subject

#: The most lines of an order shown beside the acts.
_LINES: Final = 5
#: The most cells of a row of a long message.
_WIDTH: Final = 64
#: The most cells of a row of a link.
_NARROW: Final = 38


def is_too_long(message: StyledText, room: int) -> bool:
    """Return True if a message has no room in the answer line, which would cut it."""
    return cell_len(message.text) + 2 > room


def sheet_of(state: DeskState, facts: DeskFacts, room: int) -> SheetView | None:
    """Return the sheet shown over the desk, if any. A message without room in the answer line has one, until a key."""
    if state.message is not None and is_too_long(state.message, room):
        lines = tuple(ChoiceView("", line) for line in textwrap.wrap(state.message.text, _WIDTH))
        return SheetView(HeadView(_("The answer")), ChoicesView(lines), FactsView(), full=True, is_list=True)
    if state.step is DeskStage.FILLING:
        filled = [*state.filled, *("" for _field in FIELDS[len(state.filled) :])]
        fields = zip(FIELDS, filled, strict=True)
        choices = tuple(ChoiceView("", label, StyledText(text)) for (label, _question), text in fields)
        return SheetView(HeadView(_("A new item")), ChoicesView(choices, len(state.filled)), FactsView())
    if state.step is DeskStage.HELPING:
        listed = help_view(help_rows(facts.keymap), state.choice)
        return SheetView(HeadView(_("Help")), listed, FactsView(), full=True)
    if state.step is DeskStage.READING and state.shown is not None:
        return _list(state.shown, state.choice, facts.picture)
    if state.subject is None:
        return None
    rows = tuple(fact(label, text) for label, text in _facts(state.subject, state, facts) if text)
    code = state.subject.url if isinstance(state.subject, PhoneLink) else ""
    rest = _choices(state, state.subject, facts.picture), FactsView(rows)
    return SheetView(HeadView(_title(state.subject)), *rest, code=code)


def _list(shown: Shown, choice: int, picture: Picture | None) -> SheetView:
    """Return the sheet of a list that was asked for in words."""
    names = {str(number): name for number, name in picture.staff} if picture is not None else {}
    declared = list_named(shown.book)
    title = declared.title if declared is not None else _("Orders of {who}").format(who=names.get(shown.of, shown.of))
    if shown.book == TABLE:
        title = _("Table {of}").format(of=shown.of)
    rows = tuple(
        ChoiceView(
            row.key,
            row.name,
            StyledText(row.detail, Tone.MUTED) if row.detail else None,
            StyledText(row.right) if row.right else None,
        )
        for row in shown.rows
    )
    choices = ChoicesView(rows, choice if rows else None, (_("There is nothing."),))
    return SheetView(
        HeadView(title, str(sum(not row.is_note for row in shown.rows))), choices, FactsView(), full=True, is_list=True
    )


def _title(subject: Subject | Prepared | Enrolment | PhoneLink) -> str:
    match subject:
        case Enrolment() | PhoneLink():
            is_code = isinstance(subject, Enrolment)
            sentence = _("Type this at the machine of till {n}") if is_code else _("Open this on the phone of till {n}")
            return sentence.format(n=subject.till)
        case Prepared():
            return subject.title
        case NeedsAttention():
            return what_waits(subject)
        case Alert():
            return ""  # it has no sheet
        case OpenOrder():
            return subject.tab or subject.name or _("An order of {who}").format(who=subject.person or _("nobody"))
        case TillStatus():
            return subject.name


def _choices(
    state: DeskState, subject: Subject | Prepared | Enrolment | PhoneLink, picture: Picture | None
) -> ChoicesView:
    if isinstance(subject, Enrolment):
        return ChoicesView((ChoiceView("", subject.text),))
    if isinstance(subject, PhoneLink):
        return ChoicesView(
            tuple(ChoiceView("", subject.url[at : at + _NARROW]) for at in range(0, len(subject.url), _NARROW))
        )
    if state.act is ActKind.GIVE and state.step is DeskStage.SAYING and picture is not None:
        return ChoicesView(tuple(_person(number, name, picture) for number, name in picture.staff))
    if state.act is not None:
        given = StyledText(state.given, Tone.MUTED) if state.given else None
        return ChoicesView((ChoiceView("", state.act.label, given),))
    rows = numbered((act.label,) for act in acts_on(subject))
    return ChoicesView(rows, state.choice)


def _person(number: int, name: str, picture: Picture) -> ChoiceView:
    """Return the row of a user who may get an order, with the number of their open orders."""
    has = sum(order.user == number for order in picture.orders)
    return ChoiceView(str(number), name, StyledText(_("{n} open").format(n=has), Tone.MUTED) if has else None)


def _facts(
    subject: Subject | Prepared | Enrolment | PhoneLink, state: DeskState, facts: DeskFacts
) -> Iterator[tuple[str, str]]:
    picture = facts.picture
    match subject:
        case Prepared():
            yield from subject.facts
        case Enrolment():
            yield _("Asked by"), _("`till enrol` there")
            yield _("Valid"), _("once, until {time}").format(time=time_of(subject.ends, picture))
            yield _("Shown"), _("only now: it cannot be looked up")
        case PhoneLink():
            yield _("Valid"), _("for an hour")
            yield _("Phone"), _("the newest browser to open it")
        case NeedsAttention(kind=MatterKind.LOCKED):
            yield _("Until"), day_and_time(subject.at, picture)
            yield _("Why"), _("five wrong PINs or passwords")
        case NeedsAttention():
            yield from _matter(subject, facts)
        case OpenOrder():
            yield from _order(subject, state, facts)
        case TillStatus():
            yield _("User"), subject.person or _("nobody")
            if subject.login is not None:
                yield _("Since"), day_and_time(subject.login.since, picture)
                yield _("Connection"), CONNECTIONS[subject.login.connection] if subject.login.connection else ""
            if subject.revoked:
                yield _("Revoked"), _("type add till {n} to let it in").format(n=subject.number)
            yield _("Seen"), day_and_time(subject.seen_at, picture) or _("never")
            yield _("Orders"), str(subject.orders)
            yield _("Sold today"), facts.written.own.amount(subject.sold)


def _matter(matter: NeedsAttention, facts: DeskFacts) -> Iterator[tuple[str, str]]:
    if matter.kind is MatterKind.RECORD:
        yield _("Why"), matter.what
    if matter.amount is not None:
        yield _("Amount"), f"{facts.written.amount(matter.amount, matter.currency)} {matter.currency}"
    yield _("Found"), day_and_time(matter.at, facts.picture)
    yield _("Till"), till_name(matter.till, facts.picture) or _("the server")
    yield _("Receipts"), ", ".join(matter.receipts)
    yield _("Order"), matter.session or ""


def _order(order: OpenOrder, state: DeskState, facts: DeskFacts) -> Iterator[tuple[str, str]]:
    yield _("User"), order.person or _("nobody")
    yield _("Till"), till_name(order.till, facts.picture) or _("none")
    yield _("Opened"), day_and_time(order.opened_at, facts.picture)
    yield _("Total"), facts.written.amount(order.total, order.currency)
    for line in state.lines[:_LINES]:
        yield _("Line"), f"{line.quantity} × {line.item}  {facts.written.amount(line.amount, order.currency)}"
    if len(state.lines) > _LINES:
        more = len(state.lines) - _LINES
        yield _("Lines"), ngettext("and {n} more", "and {n} more", more).format(n=more)
