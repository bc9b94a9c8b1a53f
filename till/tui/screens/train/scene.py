"""The running screen between drills, and the ways into training and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.order.state import Status
from till.tui.screens.login.leaving import log_out
from till.tui.screens.train.acts import TrainActs
from till.tui.screens.train.presenter import train_views
from till.tui.screens.train.reduce import reduce
from till.tui.screens.train.state import TrainFacts
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.domain.staff.person import Person
    from till.ports import RemoteSession
    from till.tui.screens.train.reduce import TrainStep
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


class TrainScene(TrainActs):
    """The scene between drills."""

    logs_out = True

    @override
    def reduce(self, event: KeyPress) -> TrainStep:
        return reduce(self.state, event, self._facts())

    def _facts(self) -> TrainFacts:
        person = self.controller.register.access.person
        width, rows = self.screen.chart
        return TrainFacts(
            offered=self.training.offered(),
            who=person.name if person is not None else "",
            formats=self.controller.register.formats,
            keymap=self.controller.keymap,
            wide=rows > 0,
            rows=rows,
            width=width,
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.show_all(train_views(self.state, self._facts(), self.controller.status()))


async def arrive_in_training(controller: Controller, person: Person, _remote: list[RemoteSession] | None) -> None:
    """Begin the training of a person who logged in, and offer its drills; if it cannot begin, log them out again."""
    training = controller.training
    if training is None:
        return
    try:
        await training.enter(person.number)
    except TillError as problem:
        log_out(controller)
        controller.complain(problem)
        return
    controller.go(TrainScene(controller, training))


def end_drill(controller: Controller) -> None:
    """End the drill that runs, and show its score. An order on the screen is suspended."""
    controller.hold(_ended(controller))


async def _ended(controller: Controller) -> None:
    training = controller.training
    if training is None:
        return
    while controller.sheets:
        controller.close()
    ended, message = None, None
    try:
        ended = await training.finish()
        for order in controller.register.recovery.open_here():
            if order.status is Status.ACTIVE:
                controller.register.recovery.suspend(order.id)
    except TillError as problem:
        message = refusal(problem.sentence)
    controller.go(TrainScene(controller, training, ended, message))
