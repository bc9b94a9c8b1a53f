"""The quantity of the marked line: + and − on it, a number that is asked for, a minus that may yet begin a return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import LineError, QuantityError, TillError
from till.domain.i18n import _
from till.domain.order.selling import row_of
from till.domain.text import clean
from till.tui.counter import plain
from till.tui.scenes.doubting import LIKELY

if TYPE_CHECKING:
    from till.tui.scenes.sell import SellScene
    from till.tui.sights import Entry
    from till.tui.strokes import Stroke

_MINUS: Final = "-"


class Steps:
    """What + and − do while nothing else is typed.

    + counts the marked line up. − counts it down once ↑, ↓, + or − chose it. Before that it stands in the entry, for it
    may begin what comes back (“-2 bottles”): there Enter, or another −, counts the marked line down.
    """

    def __init__(self, scene: SellScene) -> None:
        self._scene = scene

    def take(self, stroke: Stroke) -> bool:
        """Whether the stroke was for the marked line."""
        scene, typed = self._scene, self._scene.editor.text
        steps = {"plus": 1, "minus": -1}.get(stroke.key, 0)
        marked = scene.chosen()
        if typed not in {"", _MINUS} or not (steps or (typed and stroke.is_enter)):
            return False
        if marked is None:
            return steps > 0 and not typed  # nothing that is sold begins with a plus
        if steps < 0 and not typed and not scene.by_hand:
            scene.editor.take(stroke)
            name = clean(marked.view.name)
            scene.said = plain(_("Enter takes one {name} off. Or type on what comes back.").format(name=name))
            return True
        if typed:
            scene.editor.clear()
            scene.keep_typed()
            steps -= 1
        self._step(marked, steps)
        scene.by_hand = True
        return True

    def _step(self, marked: Entry, by: int) -> None:
        quantity = int(marked.view.quantity.replace("−", "-"))
        try:
            _check_counts(marked)
            if by and not -quantity < by:
                self._scene.commands.void()
            elif by:
                self.set(marked.line_id, quantity + by)
        except TillError as problem:
            self._scene.refuse(problem)

    def ask(self) -> None:
        """Ask how many of the marked line there are to be.

        Raises:
            LineError: there is no line, or it is void.
        """
        scene, marked = self._scene, self._scene.chosen()
        if marked is None:
            raise LineError(_("There are no lines yet. Type an item, then Enter."))
        _check_counts(marked)
        name = clean(marked.view.name)

        def then(typed: str) -> None:
            digits = typed.lstrip("-−")
            if not (digits.isascii() and digits.isdigit()) or len(digits) > 6:  # noqa: PLR2004 - none is longer
                raise QuantityError
            if int(digits) > LIKELY:
                question = _("{quantity} × {name}? Enter again keys it.").format(quantity=typed, name=name)
                scene.doubt.ask((marked.line_id, typed), QuantityError(question))
            self.set(marked.line_id, int(typed.replace("−", "-")))

        scene.ask(_("How many {name}? Type it, then Enter.").format(name=name), then, _("Set quantity"))

    def set(self, line_id: str, quantity: int) -> None:
        """Bring a line to a quantity.

        Raises:
            TillError: it is refused; nothing changed.
        """
        scene, register = self._scene, self._scene.counter.register
        if scene.session_id is None:
            raise LineError
        order = register.sales.change_quantity(scene.session_id, line_id, quantity)
        row = row_of(order, line_id)
        scene.show_order(order)
        scene.selected = row.first.id
        scene.said = plain(register.answers.changed(order, row))


def _check_counts(marked: Entry) -> None:
    if marked.is_void:
        raise LineError(_("That line is void. Choose another with ↑ or ↓."))
