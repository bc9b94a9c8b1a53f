"""The sheet of a note on the marked line, or on the whole order, for the kitchen or the next user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.order.deciding import row_of
from till.domain.order.wishes import wishes, with_wish, without_wish
from till.domain.text import clean
from till.register.quick_entry.intents import SayWord
from till.register.quick_entry.language import understand
from till.register.words.order_types import FOR_LINE
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import ChoiceView, HeadView, KeyView, StyledText
from till.tui.screens.sell.saying import say_word
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import esc_back, plain

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


def type_line(controller: Controller, scene: SellHost, line_id: str, typed: str) -> bool:
    """Set the order type that words such as “to go” name on a line, and close its sheet. False if they name none.

    If sent lines cost less then, ask a manager.
    """
    register = controller.register
    try:
        intent = understand(typed, register.lookup, register.formats)
    except TillError:
        return False
    if not isinstance(intent, SayWord) or intent.name not in FOR_LINE or scene.order is None:
        return False
    controller.close()
    if (changed := say_word(scene, FOR_LINE[intent.name], line_id)) is not None:
        scene.show_order(changed.order)
        scene.message = plain(changed.sentence)
    return True


class NoteSheet(ChoiceSheet):
    """The question for a wish. Typed text is added to the note; a digit takes a part of the note off, and back.

    Args:
        controller: the till.
        scene: the sell screen.
        line: the marked line; None for the whole order.
    """

    types = True
    keyed = (*ChoiceSheet.keyed, "_off")
    empty_text = N_("Nothing is noted yet.")
    help_rows = (
        (N_("words, Enter"), N_("Note them"), N_("besides the notes")),
        (N_("to go, Enter"), N_("To go, or eat in"), N_("this line; “as the order”")),
        ("1-9", N_("Take one off, or back"), N_("Enter then does it")),
        ("Bksp", N_("Take the last one off"), N_("when nothing is typed")),
        ("Tab", N_("The line, or the whole order"), ""),
        ("Esc", N_("Back"), N_("nothing changes")),
    )

    def __init__(self, controller: Controller, scene: SellHost, line: ShownLine | None) -> None:
        self._line = line
        self._on_order = line is None
        super().__init__(controller, scene.screen, self._title())
        self._scene = scene
        self._off: frozenset[int] = frozenset()
        self._known = self._noted(scene.order)

    def _title(self) -> str:
        if self._line is None or self._on_order:
            return _("Note on the whole order")
        view = self._line.view
        return _("Note on {quantity} × {name}").format(quantity=view.quantity, name=clean(view.name))

    def _noted(self, order: Order | None) -> str:
        if order is None:
            return ""
        return order.note if self._line is None or self._on_order else row_of(order, self._line.line_id).first.note

    def _kept(self) -> str:
        """Return the note without the parts taken off."""
        note = self._known
        for place in sorted(self._off, reverse=True):
            note = without_wish(note, place)
        return note

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the parts of the note with their numbers."""
        off = StyledText(_("removed"), mark=Mark.NOTICE)
        noted = enumerate(wishes(self._known))
        return tuple(ChoiceView(str(at + 1), clean(wish), off if at in self._off else None) for at, wish in noted)

    @override
    def choose(self, place: int) -> None:
        """Take the clicked part of the note off, or back."""
        self._off ^= {place}

    @override
    def keys(self) -> tuple[KeyView, ...]:
        count = len(self.rows())
        digits = (KeyView(f"1-{count}" if count > 1 else "1", _("Takes off")),) if count else ()
        other = _("This line") if self._on_order else _("Whole order")
        tab = (KeyView("Tab", other),) if self._line is not None else ()
        return (*digits, *tab, esc_back())

    def _press(self, press: KeyPress) -> None:
        typed, digit, count = self.entry.text, press.digit, len(self.rows())
        if not typed and digit and digit <= count:
            self._off ^= {digit - 1}
        elif not typed and press.key == "backspace" and len(self._off) < count:
            self._off |= {max(at for at in range(count) if at not in self._off)}
        elif press.key == "tab" and self._line is not None:
            self._turn()
        else:
            super()._press(press)

    def _turn(self) -> None:
        """Switch between the line and the whole order."""
        self._on_order = not self._on_order
        self._known, self._off = self._noted(self._scene.order), frozenset()
        self.head = HeadView(self._title())
        self._sheet.band.show(self.head)
        self.resize()

    @override
    def enter(self, typed: str) -> None:
        """Note the typed text beside what stays; without text, apply what was taken off."""
        line = None if self._on_order or self._off else self._line
        if line is not None and type_line(self.controller, self._scene, line.line_id, typed):
            return
        kept = self._kept()
        note = with_wish(kept, typed) if typed else kept
        if note == self._known:
            self.cancel()
        else:
            self._note(note)

    @override
    def primary(self) -> KeyView:
        if self.entry.text:
            return KeyView("Enter", _("Note it"))
        return KeyView("Enter", _("Take it off") if self._off else _("Back"))

    @override
    def hint(self) -> str:
        if self._on_order:
            return _("What is the note on this order? Type it, then Enter.")
        if self._line is not None and self._line.shown.first.by_type:
            return _("Type a note (“no onion”), or its type (“to go”, “eat in”).")
        return _("What is the note? Type it, then Enter: “no onion”.")

    def _note(self, note: str) -> None:
        scene, register = self._scene, self.controller.register
        self.controller.close()
        if scene.order is None:
            return
        if self._line is None or self._on_order:
            order = register.sales.note(scene.order.id, note)
            sentence = register.answers.order_noted(order)
        else:
            order = register.sales.note_line(scene.order.id, self._line.line_id, note)
            sentence = register.answers.noted(row_of(order, self._line.line_id))
        scene.show_order(order)
        scene.message = plain(sentence)
