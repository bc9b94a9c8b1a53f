"""The sheet of the drawer: the shift so far, movements of cash, and what else the drawer can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.order.paying import CASH
from till.domain.shift.deciding import OUT
from till.domain.shift.events import BY_HAND
from till.domain.shift.evolve import Count
from till.domain.shift.names import KINDS
from till.domain.text import clean
from till.register import shift_words
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    FigureView,
    KeyView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
    cell,
    choice,
    in_row,
    numbered,
)
from till.tui.drawing.widgets.choices import Columns
from till.tui.drawing.widgets.report import Receipt
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.sheets.paned import KeyedList, PanedChoiceSheet, figure_of
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.money.measures import Minor
    from till.domain.shift.events import MovementKind
    from till.domain.shift.evolve import Movement, Shift
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress

#: The commonest movements, by a digit; all are possible by word.
_BY_DIGIT: Final = BY_HAND[:6]
#: The commands of the sell screen behind the letters.
_COMMANDS: Final = {
    "N": "no_sale",
    "X": "x_report",
    "C": "count_form",
    "Z": "close_shift",
    "H": "pay_off",
    "V": "sell_voucher",
}
_UNDO: Final = "U"
_EXAMPLES: Final[dict[str, str]] = {"paid_out": N_("milk, a taxi"), "paid_in": N_("a debt")}
#: The columns of the shift so far: a kind, and its reason in a wide pane.
_KIND: Final = 7
_REASON: Final = 24


class DrawerSheet(PanedChoiceSheet):
    """The acts on the drawer, beside the shift so far. A movement asks for its amount and reason in one line.

    Args:
        controller: the till.
        scene: the sell screen.
        kind: the movement that was typed, if any.
        typed: its amount and reason; Enter confirms it, as it is beyond the balance.
    """

    #: The examples are shown whole, or not at all, in the narrow pane.
    columns = Columns(key=3, name=7, detail=20, whole=True)
    list_kind = KeyedList
    keyed = (*PanedChoiceSheet.keyed, "types", "_kind", "_asked")
    help_rows = (
        (N_("digit, Enter"), N_("A movement of cash"), N_("then its amount and reason, “20 milk”")),
        ("N X C Z, Enter", N_("No sale, X, count, close"), ""),
        ("H V, Enter", N_("A house account paid off, a voucher sold"), ""),
        (N_("U, Enter"), N_("Undo a movement of this shift"), N_("both stay in the record")),
        ("Esc", N_("Back"), N_("nothing moves")),
    )

    def __init__(
        self, controller: Controller, scene: Selling, kind: MovementKind | None = None, typed: str = ""
    ) -> None:
        self._scene = scene
        self._kind: MovementKind | None = kind
        self._asked = typed
        super().__init__(controller, scene.screen)
        self.types = kind is not None
        if kind is not None:
            self.selected = BY_HAND.index(kind) if kind in _BY_DIGIT else 0
            self.entry, self.message = EntryLine.of(typed), refusal(_(shift_words.BEYOND))

    @override
    def make_side(self) -> Receipt:
        return Receipt(RowsView(), ground=Backdrop.SURFACE)

    # Content.

    @override
    def title(self) -> TitleView:
        figure = "" if self.is_wide else self.figure().figure
        return TitleView(_("Drawer"), self._since(), sum=figure, ruled=True)

    def _since(self) -> str:
        shift = self._shift
        if shift is None:
            return _("no shift is open")
        venue, name_of = self.controller.register.venue, self.controller.register.reference.name_of
        at, user = venue.local(shift.at).strftime("%H:%M"), shift.user
        name = clean(name_of(user)) or str(user) if user is not None else ""
        words = _("shift since {time}, {name}") if name else _("shift since {time}")
        return words.format(time=at, name=name)

    @property
    def _shift(self) -> Shift | None:
        return self.controller.register.drawer.shift()

    @override
    def side_title(self) -> TitleView:
        return TitleView(_("So far"), ruled=True)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        rows = [
            choice(str(place), _(KINDS[kind]), _(_EXAMPLES.get(kind, ""))) for place, kind in enumerate(_BY_DIGIT, 1)
        ]
        rows += [
            ChoiceView("N", _("No sale, just open")),
            ChoiceView("X", _("The shift so far") if self._shift is not None else _("The last Z")),
            ChoiceView("C", _("Count the drawer")),
            ChoiceView("Z", _("Close the shift")),
            ChoiceView("H", _("House account paid off")),
            ChoiceView("V", _("Sell a voucher")),
        ]
        if movements_of(self._shift):
            rows.append(ChoiceView(_UNDO, _("Undo a movement")))
        return tuple(rows)

    @override
    def listed(self) -> ChoicesView:
        return ChoicesView(self.rows(), self.marked(), rests=self._kind is not None)

    @override
    def sided(self) -> RowsView:
        """Return the movements and counts since the last close; between two shifts after the last Z."""
        status = self.controller.register.drawer.status()
        if status.last is None:
            words = _("Nothing yet: the next sale opens a shift.")
            return RowsView((in_row(cell(0, words, Tone.MUTED)),))
        return RowsView(tuple(self._so_far(status.last, status.counts)))

    def _so_far(self, shift: Shift, counts: tuple[Count, ...]) -> list[RowView]:
        rows: list[RowView] = []
        shown: tuple[Movement | Count, ...] = (*(shift.movements if not shift.is_over else ()), *counts)
        if shift.closed_at is not None:
            rows.append(self._row(shift.closed_at, StyledText(shift_words.title(shift)), "", StyledText("")))
        return [*rows, *map(self._shown, sorted(shown, key=lambda one: one.id))]

    def _shown(self, one: Movement | Count) -> RowView:
        formats = self.controller.register.formats
        if isinstance(one, Count):
            cash = next((row for row in one.data.counts if row.tender == CASH), one.data.counts[0])
            amount = StyledText(formats.amount(formats.currency.minor(cash.counted)), Tone.MUTED)
            return self._row(one.at, StyledText(_("Counted")), "", amount)
        words = StyledText(_(KINDS[one.data.kind]), strike=one.is_undone)
        amount = StyledText(formats.amount(formats.currency.minor(one.data.amount)), strike=one.is_undone)
        return self._row(one.at, words, clean(one.data.reason), amount)

    def _row(self, at: datetime, words: StyledText, reason: str, amount: StyledText) -> RowView:
        time = self.controller.register.venue.local(at).strftime("%H:%M")
        cells = [cell(0, time, Tone.MUTED), cell(_KIND, words)]
        if reason and self.is_wide:
            cells.append(cell(_REASON, reason, Tone.MUTED))
        return in_row(*cells, cell(-1, amount))

    @override
    def foot(self) -> RowsView:
        return RowsView((RowView(rule=True),))

    @override
    def figure(self) -> FigureView:
        kind, amount = self._kind, self._amount()
        if kind is None or amount is None:
            return FigureView("")
        word = _("Out") if kind in OUT else _("In")
        return figure_of(word, amount, self.controller.register.formats)

    def _amount(self) -> Minor | None:
        """Return the typed amount; None if there is none."""
        try:
            return self._read(self.entry.text)[0]
        except TillError:
            return None

    def _read(self, typed: str) -> tuple[Minor, str]:
        """Return the amount and the reason.

        Raises:
            TillError: there is no amount, or a negative one.
        """
        amount, _gap, words = typed.strip().partition(" ")
        found = self.controller.register.formats.minor(amount)
        if found < 0:
            raise TillError(_("Type the amount without a sign: its kind says in or out."))
        return found, words.strip()

    # Keys.

    @override
    def _press(self, press: KeyPress) -> None:
        if press.key == "backspace" and not self.entry.text and self._kind is not None:
            self._kind, self.types, self.message, self._asked = None, False, None, ""
        elif self._kind is not None and self._step(press):
            self.refuse(press)
        else:
            super()._press(press)

    @override
    def _picked(self) -> int | None:
        return None if self._kind is not None else super()._picked()

    @override
    def refused(self, typed: str) -> EntryLine:
        """Keep the text: mostly the reason is missing."""
        return EntryLine.of(typed)

    @override
    def choose(self, place: int) -> None:
        """Ask for the amount of a movement, or run a command."""
        if place < len(_BY_DIGIT):
            self._kind, self.selected, self.types = _BY_DIGIT[place], place, True
            self.entry, self.message = EMPTY, None
            return
        key = self.rows()[place].key
        self.controller.close(self)
        if key == _UNDO:
            self.controller.open(UndoSheet(self.controller, self._scene))
        else:
            self._scene.do(_COMMANDS[key])

    @override
    def enter(self, typed: str) -> None:
        """Move the cash; beyond the balance ask for a second Enter."""
        if self._kind is None:
            super().enter(typed)
            return
        amount, words = self._read(typed)
        if self.controller.register.drawer.is_beyond(self._kind, amount) and self._asked != typed:
            self._asked = typed
            raise TillError(_(shift_words.BEYOND))
        move(self._scene, self._kind, amount, words, self)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        esc = KeyView("Esc", _("Back to the order"), _("Back"))
        if self._kind is not None:
            return (self.help_key(), KeyView("Bksp", _("Something else"), _("Other")), esc)
        undo = (KeyView(_UNDO, _("Undo"), spare=2),) if movements_of(self._shift) else ()
        return (self.help_key(), self.choose_key(), KeyView("C", _("Count")), KeyView("Z", _("Close")), *undo, esc)

    @override
    def primary(self) -> KeyView:
        amount = self._amount() if self._kind is not None else None
        if self._kind is None or amount is None:
            return KeyView("Enter", _("Choose") if self._kind is None else _(KINDS[self._kind]))
        formats = self.controller.register.formats
        words = _("{kind} {amount}").format(kind=_(KINDS[self._kind]), amount=formats.amount(amount))
        return KeyView("Enter", words, _(KINDS[self._kind]))

    @override
    def hint(self) -> str:
        if self._kind is None:
            return _("A digit or a letter marks, Enter opens.")
        return _("The amount and what for: 20 milk")


class UndoSheet(ChoiceSheet):
    """The movements of the open shift, newest first: Enter undoes one."""

    empty_text = N_("Nothing was moved by hand in this shift.")

    def __init__(self, controller: Controller, scene: Selling) -> None:
        super().__init__(controller, scene.screen, _("Which movement was wrong?"))
        self._scene = scene
        self._movements = movements_of(controller.register.drawer.shift())[::-1]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register = self.controller.register
        minor = register.formats.currency.minor
        return numbered(
            (
                _(KINDS[one.data.kind]),
                f"{register.venue.local(one.at):%H:%M} {clean(one.data.reason)}".strip(),
                register.formats.amount(minor(one.data.amount)),
            )
            for one in self._movements
        )

    @override
    def choose(self, place: int) -> None:
        movement, controller, scene = self._movements[place], self.controller, self._scene

        def act(approval: Approval | None) -> None:
            found = controller.register.drawer.undo(movement.id, approval)
            controller.close(self)
            scene.offer_paper(shift_words.undone(controller.register.formats, found))

        with_right(controller, self.screen, _("Undo a movement of cash"), act)

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Undo it") if self._movements else _("Back"))

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (self.choose_key(), esc_back())


def movements_of(shift: Shift | None) -> tuple[Movement, ...]:
    """Return the movements of a shift that still count."""
    return tuple(one for one in shift.movements if not one.is_undone) if shift is not None else ()


def move(scene: Selling, kind: MovementKind, amount: Minor, words: str, sheet: DrawerSheet | None = None) -> None:
    """Move cash in or out by hand, and close the sheet. It needs a manager above the limit of the role."""
    controller, formats = scene.controller, scene.controller.register.formats

    def act(approval: Approval | None) -> None:
        signed = controller.register.drawer.move(kind, amount, words, approval=approval)
        if sheet is not None:
            controller.close(sheet)
        scene.offer_paper(shift_words.movement_sentence(formats, kind, signed, words))

    with_right(
        controller, scene.screen, shift_words.movement_sentence(formats, kind, amount, words).removesuffix("."), act
    )
