"""The acts of the screen between drills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.train.screen import TrainScreen
from till.tui.screens.train.state import TrainState
from till.tui.shell.messages import plain
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from till.ports.training import DrillEnded, DrillOffered, Training
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller


class TrainActs(TillScene[TrainState, Never, TrainScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till of a training.
        training: its trainer.
        ended: the drill that was just ended.
        message: the first message.
    """

    def __init__(
        self,
        controller: Controller,
        training: Training,
        ended: DrillEnded | None = None,
        message: StyledText | None = None,
    ) -> None:
        super().__init__(controller, TrainScreen)
        self.training = training
        self.state = TrainState(ended=ended, message=message)

    def begin(self, drill: DrillOffered) -> None:
        """Begin a drill on an empty order."""
        self.training.begin(drill.key)
        message = plain(_("The first guest is at the counter. {key} ends the drill."))
        message = plain(message.text.format(key=self.controller.keymap.label("log_out")))
        self.controller.go(SellScene(self.controller, None, message))

    def leave(self) -> None:
        """End the training, and close its till."""
        try:
            self.controller.register.access.leave(None)
        except TillError as problem:
            self.controller.complain(problem)
            return
        self.controller.leave()
