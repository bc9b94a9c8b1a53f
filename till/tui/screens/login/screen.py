"""The state and facts of the login screen, and the widgets that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from textual.geometry import Region
from typing_extensions import override

from till.domain.i18n import _
from till.domain.staff.person import begins_number
from till.domain.wall_clock import long_date
from till.tui.drawing.layout import PAGE
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    ChoicesView,
    FieldsView,
    FieldView,
    FigureView,
    HeadView,
    NoticeView,
    RowsView,
    RowView,
    StyledText,
    choice,
)
from till.tui.drawing.widgets.choices import STAFF_COLUMNS, ChoiceList
from till.tui.drawing.widgets.fields import Fields
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import FigurePane
from till.tui.screens.names import role_name
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from textual.widget import Widget

    from till.domain.advice import Advice
    from till.domain.staff.person import Person
    from till.tui.drawing.layout import Areas
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.shell.keymap import Keymap

# Below these heights the clock, then rows of the fields, make room for the list of staff.
_CLOCK_ROWS: Final = 15
_FIELD_ROWS: Final = 14


class LoginState(Struct, frozen=True):
    """The login screen at one moment.

    Attributes:
        number: the staff number typed.
        pin: the PIN typed.
        asks_pin: True while the PIN is typed, not the number.
        message: the message shown.
        unknown: the number that was refused as unknown. On a new machine it may become known soon.
        locked: the user whose screen is locked: only their PIN opens it, Esc logs them out.
    """

    number: EntryLine = EMPTY
    pin: EntryLine = EMPTY
    asks_pin: bool = False
    message: StyledText | None = None
    unknown: int = 0
    locked: Person | None = None


class LoginFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        staff: the users who can log in.
        keymap: the keys of each command.
        page: the number of users that a page key passes.
    """

    staff: tuple[Person, ...]
    keymap: Keymap
    page: int = PAGE


class LoginContext(Struct, frozen=True):
    """Further facts, for painting alone.

    Attributes:
        now: the venue's local time.
        locked_until: the numbers locked after wrong PINs, and until when.
        open_orders: the open order of each number.
        is_alone: True if the other tills cannot be asked.
        is_demo: True for the demo venue.
        is_held: True while a PIN is being checked.
        attention: a sentence on anything that needs attention.
        notice: a notice about the till.
    """

    now: datetime
    locked_until: Mapping[int, str]
    open_orders: Mapping[int, StyledText]
    is_alone: bool = False
    is_demo: bool = False
    is_held: bool = False
    attention: Advice | None = None
    notice: NoticeView | None = None


class LoginScreen(TillScreen):
    """Staff on the left; the clock and the fields on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.staff = ChoiceList(ChoicesView(), STAFF_COLUMNS)
        self.date = Heading(HeadView())
        self.clock = FigurePane(FigureView(""), left=True)
        self.rule = ReportRows(RowsView((RowView(rule=True),)))
        self.fields = Fields(FieldsView(()))
        self.head.follow(self.staff)

    @property
    def has_clock(self) -> bool:
        """True if there is room for the clock."""
        found = self.grid
        return found is not None and found.right is not None and found.right.height > _CLOCK_ROWS

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the widgets. On a narrow screen the fields are below the staff, and there is no clock."""
        places = dict(super().lay(found))
        places[self.divider] = None if found.divider is None else found.divider.shrink((0, 0, 1, 0))
        places[self.date] = found.right_head
        left, right = found.left, found.right
        if right is not None and right.height > _CLOCK_ROWS:
            return places | {
                self.staff: Region(left.x, left.y + 1, left.width, left.height - 1),
                self.clock: Region(right.x, right.y + 1, right.width, 3),
                self.rule: Region(right.x, right.y + 6, right.width, 1),
                self.fields: Region(right.x, right.y + 9, right.width, 7),
            }
        fields = 3 if left.height < _FIELD_ROWS else 7
        return places | {
            self.staff: Region(left.x, left.y, left.width, left.height - fields - 1),
            self.fields: Region(left.x + 1, left.bottom - fields, left.width - 1, fields),
        }


def login_views(
    state: LoginState, facts: LoginFacts, context: LoginContext, person: Person | None, status: StatusView
) -> Views:
    """Return the views of a state but the keys; `person` is the user whose number is typed."""
    clock = context.now.strftime("%H:%M")
    return {
        "status": status,
        "head": HeadView(_("Staff"), "" if state.locked else _head(context)),
        "staff": _staff(facts, context, person),
        "date": HeadView("", long_date(context.now)),
        "clock": FigureView(clock, role=Tone.MUTED, sentence=clock),
        "fields": _fields(state, facts, context, person),
        "band": _band(state, context),
    }


def _head(context: LoginContext) -> str:
    if context.is_alone:
        return _("type a number, or choose; the other tills are out of sight")
    return _("type a number, or choose")


def _staff(facts: LoginFacts, context: LoginContext, person: Person | None) -> ChoicesView:
    rows = tuple(choice(str(p.number), p.name, role_name(p.role), _status(p, context)) for p in facts.staff)
    selected = next((place for place, p in enumerate(facts.staff) if person and p.number == person.number), None)
    return ChoicesView(rows, selected, (_("Nobody is known here yet: the till is being set up."),))


def _status(person: Person, context: LoginContext) -> StyledText | None:
    if until := context.locked_until.get(person.number):
        return StyledText(_("locked until {time}").format(time=until), mark=Mark.REFUSED)
    return context.open_orders.get(person.number)


def _fields(state: LoginState, facts: LoginFacts, context: LoginContext, person: Person | None) -> FieldsView:
    number, pin = state.number, state.pin
    name = person.name if person else ""
    hint = StyledText(_("Demo PINs: 1111, 2222 and 9999"), Tone.MUTED) if context.is_demo else None
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
