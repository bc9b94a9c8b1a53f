"""Words that their subjects declare, and changes that may need a manager."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.register.words.every import WORDS
from till.tui.drawing.viewmodels import fact
from till.tui.screens.sheets.approval import with_right
from till.tui.shell.messages import answered, plain, refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.domain.staff.rights import Approval
    from till.register.counter import OrderChanged
    from till.tui.drawing.viewmodels import FactView
    from till.tui.screens.sheets.selling import Selling


def say_word(scene: Selling, name: str, line_id: str = "", /, **slots: str) -> OrderChanged | None:
    """Carry out a word; one about a line for this line. It asks a manager if its act needs a right."""
    word, controller = WORDS[name], scene.controller

    def say(approval: Approval | None, found: object = None) -> OrderChanged | None:
        done = word.say(controller.register, scene.order, line_id, scene.user, slots, approval, found)
        if isinstance(done, str):
            scene.message = plain(done)
            return None
        return done

    facts = (fact(_("Typed"), " ".join(slots.values())),) if slots else ()
    if word.looks_up is not None:
        asked = word.looks_up(controller.register, controller.answering, slots)

        def say_found(found: object) -> None:
            if_allowed(scene, _(word.asks), partial(say, found=found), *facts)

        controller.hold(_look_up(scene, asked, say_found))
        return None
    return if_allowed(scene, _(word.asks), say, *facts) if word.asks else say(None)


async def _look_up(scene: Selling, asked: Awaitable[object], say: Callable[[object], object]) -> None:
    """Ask the server what a word needs, and then carry it out."""
    try:
        async with scene.controller.asking():
            found = await asked
        say(found)
    except TillError as problem:
        scene.message = refusal(problem.sentence)


def if_allowed(
    scene: Selling, title: str, change: Callable[[Approval | None], OrderChanged | None], *facts: FactView
) -> OrderChanged | None:
    """Change something now, or once a manager has approved it."""

    def allowed(approval: Approval | None) -> OrderChanged | None:
        changed = change(approval)
        if approval is not None and changed is not None:
            scene.message = answered(changed.sentence, changed.warning)
        return changed

    return with_right(scene.controller, scene.screen, title, allowed, facts=facts)
