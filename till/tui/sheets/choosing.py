"""Several items fit what was typed, and more than the answer line can tell: which one is meant?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.text import clean
from till.domain.words import _
from till.tui.palette import Mark
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, Said

if TYPE_CHECKING:
    from till.register.language import Choose
    from till.tui.counter import Counter
    from till.tui.scenes.sell import SellScene
    from till.tui.strokes import Stroke


class ChooseSheet(ChoiceSheet):
    """A digit, or arrows and Enter, keys the item; anything typed instead goes to the entry."""

    def __init__(self, counter: Counter, scene: SellScene, asked: Choose, title: str) -> None:
        super().__init__(counter, scene.desk, title)
        self._scene = scene
        self._asked = asked

    def rows(self) -> tuple[ChoiceView, ...]:
        """The items, with what they cost."""
        formats = self.counter.register.formats
        return tuple(
            ChoiceView(
                str(place),
                clean(item.name),
                Said(_("86 sold out"), mark=Mark.NOTICE) if item.sold_out else None,
                Said(_("open price") if item.price4 is None else formats.price(item.price4)),
            )
            for place, item in enumerate(self._asked.items[:9], 1)
        )

    def choose(self, place: int) -> None:
        """Key it."""
        self.counter.close()
        self._scene.pick(self._asked, place)

    def _stroke(self, stroke: Stroke) -> None:
        picks = stroke.digit is not None and 1 <= stroke.digit <= len(self._asked.items)
        types = bool(stroke.paste or stroke.char) and not picks
        if types or self.counter.keymap.command(stroke):
            self.counter.close()
            self._scene.stroke(stroke)
        else:
            super()._stroke(stroke)
