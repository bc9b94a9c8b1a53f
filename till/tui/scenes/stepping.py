"""+ and − on the marked line: one more, one less, and a minus that may yet begin a return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import LineError, TillError
from till.domain.text import clean
from till.domain.words import _
from till.tui.counter import plain

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
            if marked.is_void:
                raise LineError(_("That line is void. Choose another with ↑ or ↓."))
            if by and not -quantity < by:
                self._scene.commands.void()
            elif by:
                self._scene.commands.set_quantity(marked.line_id, quantity + by)
        except TillError as problem:
            self._scene.refuse(problem)
