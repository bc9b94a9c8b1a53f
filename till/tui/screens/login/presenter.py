"""Views of the login screen, made from its state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.staff.person import begins_number
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    FieldsView,
    FieldView,
    FigureView,
    HeadView,
    NoticeView,
    StyledText,
)
from till.tui.screens.login.reduce import KEYS
from till.tui.screens.login.state import typed_person
from till.tui.screens.login.today import long_date
from till.tui.screens.names import role_name

if TYPE_CHECKING:
    from till.domain.advice import Advice
    from till.domain.staff.person import Person
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.login.state import LoginContext, LoginFacts, LoginState


def login_views(state: LoginState, facts: LoginFacts, context: LoginContext, status: StatusView) -> Views:
    """Return all views of a state."""
    clock = context.now.strftime("%H:%M")
    return {
        "status": status,
        "head": HeadView(_("Staff"), "" if state.locked else _head(context)),
        "staff": _staff(state, facts, context),
        "date": HeadView("", long_date(context.now)),
        "clock": FigureView(clock, role=Tone.MUTED, sentence=clock),
        "fields": _fields(state, facts, context),
        "band": _band(state, context),
        "keys": replace(KEYS.bar(state, facts), digits=True),
    }


def _head(context: LoginContext) -> str:
    if context.is_alone:
        return _("type a number, or choose; the other tills are out of sight")
    return _("type a number, or choose")


def _staff(state: LoginState, facts: LoginFacts, context: LoginContext) -> ChoicesView:
    person = typed_person(state, facts.staff)
    rows = tuple(
        ChoiceView(str(p.number), p.name, StyledText(role_name(p.role), Tone.MUTED), _status(p, context))
        for p in facts.staff
    )
    selected = next((place for place, p in enumerate(facts.staff) if person and p.number == person.number), None)
    return ChoicesView(rows, selected, (_("Nobody is known here yet: the till is being set up."),))


def _status(person: Person, context: LoginContext) -> StyledText | None:
    if until := context.locked_until.get(person.number):
        return StyledText(_("locked until {time}").format(time=until), mark=Mark.REFUSED)
    return context.open_orders.get(person.number)


def _fields(state: LoginState, facts: LoginFacts, context: LoginContext) -> FieldsView:
    person, number, pin = typed_person(state, facts.staff), state.number, state.pin
    name = person.name if person else ""
    hint = StyledText(_("Demo: number 1, PIN 1111 · 2, 2222 · 9, 9999"), Tone.MUTED) if context.is_demo else None
    return FieldsView(
        (
            FieldView(
                _("Number"),
                number.text,
                name,
                cursor=number.cursor,
                masked=not begins_number(facts.staff, number.text),
                active=not state.asks_pin,
            ),
            FieldView(_("PIN"), pin.text, cursor=pin.cursor, masked=True, active=state.asks_pin),
        ),
        hint,
    )


def _band(state: LoginState, context: LoginContext) -> NoticeView:
    if state.message is not None:
        return NoticeView(state.message.text)
    if context.is_held:
        return NoticeView(_("One moment."), mark=Mark.SAVING)
    if state.locked:
        lead = _("Locked after a while without a key.")
        return NoticeView(lead, _("Nothing is lost."), _("Your PIN opens it; Esc logs you out."))
    if context.attention:
        return notice_of(context.attention, Mark.ATTENTION)
    hint = _("Type your PIN, then Enter.") if state.asks_pin else _("Type your number, then Enter.")
    return context.notice or NoticeView(hint, mark=None)


def notice_of(text: Advice, mark: Mark = Mark.NOTICE) -> NoticeView:
    """Return a notice for both rows of the band."""
    return NoticeView(*text.parts, mark=mark)
