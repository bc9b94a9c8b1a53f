"""The guest's feedback after paying: a digit, or a digit and words, then Enter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.order.feedback import SCORES, FeedbackError
from till.register import counter
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import esc_back, plain

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller

_SCORED: Final = re.compile(r"(?P<score>[0-9]+)(?:[\s.,:;!]+(?P<words>\S.*)?)?\Z")


class FeedbackSheet(ChoiceSheet):
    """The question for the guest's feedback. Nothing is marked at first, so that Enter alone gives no score.

    Args:
        controller: the till.
        scene: the sell screen.
        sold: the order that was paid.
    """

    types = True
    hint_text = N_("A digit, with words if you like: “5 lovely dosa”. Enter.")
    help_rows = (
        ("1-5, Enter", N_("A score"), N_("5 is very good")),
        (N_("5 lovely dosa, Enter"), N_("A score and words"), N_("the guest's own")),
        ("Esc", N_("Back"), N_("nothing is kept")),
    )

    def __init__(self, controller: Controller, scene: Selling, sold: Order) -> None:
        receipt = sold.placed.data.receipt if sold.placed is not None else ""
        super().__init__(controller, scene.screen, _("How was it?"), receipt)
        self._scene = scene
        self._sold = sold
        self.selected = -1 if sold.feedback is None else sold.feedback.score - 1

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        names = (_("bad"), _("poor"), _("fair"), _("good"), _("very good"))
        return tuple(ChoiceView(str(score), name) for score, name in zip(SCORES, names, strict=True))

    @override
    def marked(self) -> int | None:
        picked = self._picked()
        scored = _SCORED.match(self.entry.text.strip())
        if picked is None and scored and int(scored["score"]) in SCORES:
            return int(scored["score"]) - 1
        if picked is not None:
            return picked
        return self.selected if self.selected >= 0 else None

    @override
    def choose(self, place: int) -> None:
        self._give(place + 1, "")

    @override
    def enter(self, typed: str) -> None:
        scored = _SCORED.match(typed)
        if scored:
            self._give(int(scored["score"]), scored["words"] or "")
        elif typed and self.selected < 0:
            raise FeedbackError(_("Begin with a digit from 1 to 5: “5 lovely dosa”."))
        elif self.selected < 0:
            self.cancel()
        else:
            self._give(self.selected + 1, typed)

    def _give(self, score: int, words: str) -> None:
        sentence = counter.give_feedback(self.controller.register, self._sold, score, words)
        self.controller.close()
        self._scene.message = plain(sentence)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (KeyView("1-5 ↑↓", _("Choose")), esc_back())

    @override
    def primary(self) -> KeyView | None:
        return KeyView("Enter", _("OK") if self.marked() is not None or self.entry.text else _("Back"))
