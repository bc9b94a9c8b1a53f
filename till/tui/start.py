"""Assembly of the app around its first screen; `till.tui.late_screens` has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.advice import Advice
from till.register.printing.interrupted import left_words
from till.tui.screens.login.crash_notice import crash_notice
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.login.screen import LoginScreen, notice_of
from till.tui.shell.app import Parts, TillApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Store
    from till.ports.training import Training
    from till.register.register import Register
    from till.tui.drawing.palette import Paint
    from till.tui.shell.app import Further
    from till.tui.shell.controller import Controller
    from till.tui.shell.idle import IdleClock
    from till.tui.shell.keymap import Keymap


def make_app(
    register: Register,
    paint: Paint,
    keymap: Keymap,
    *,
    store: Store | None = None,
    idle_minutes: float = 5,
    after_paint: Callable[[], None] | None = None,
    notice: str = "",
    idle: IdleClock | None = None,
    on_key: Callable[[float], None] | None = None,
    training: Training | None = None,
) -> TillApp:
    """Return the app with all its screens.

    Args:
        register: the till behind the screen.
        paint: the colours.
        keymap: the keys of each command.
        store: answers of the database about other tills.
        idle_minutes: minutes without a key until the screen locks.
        after_paint: called once when the first screen is painted, to start the network and other slow work.
        notice: a notice about a damaged journal, shown in place of one about a crash.
        idle: records each key, for work that waits for a pause.
        on_key: called with the seconds from a key to its painting.
        training: the trainer, in a training.
    """

    def first(controller: Controller) -> LoginScene:
        register.access.speak()
        controller.doubt = doubt = left_words(register.ledger, register.venue)
        left = crash_notice(register, doubt) if not notice else None
        words = Advice.of(notice, doubt)
        message = notice_of(words) if words and left is None else None
        controller.sold = left.sold if left is not None else None
        return LoginScene(controller, notice=message, left=left)

    parts = Parts(LoginScreen(), first, _load_further if training is None else _load_training)
    return TillApp(
        register,
        paint,
        keymap,
        parts,
        store=store,
        idle_minutes=idle_minutes,
        after_paint=after_paint,
        idle=idle,
        on_key=on_key,
        training=training,
    )


def _load_further() -> Further:
    from till.tui.late_screens import further  # noqa: PLC0415 - after the first paint, to save a tenth of the start

    return further()


def _load_training() -> Further:
    from till.tui.late_screens import for_training  # noqa: PLC0415 - after the first paint, to save a tenth of the start

    return for_training()
