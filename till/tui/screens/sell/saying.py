"""Words that their subjects declare, and changes that may need a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.register.words.every import WORDS
from till.tui.screens.sheets.approval import with_right
from till.tui.shell.messages import answered, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.staff.rights import Approval
    from till.register.counter import OrderChanged
    from till.tui.drawing.viewmodels import FactView
    from till.tui.screens.sheets.selling import Selling


def say_word(scene: Selling, name: str, line_id: str = "", /, **slots: str) -> OrderChanged | None:
    """Carry out a word; one about a line for this line. It asks a manager if its act needs a right."""
    word = WORDS[name]

    def say(approval: Approval | None) -> OrderChanged | None:
        done = word.say(scene.controller.register, scene.order, line_id, scene.user, slots, approval)
        if isinstance(done, str):
            scene.message = plain(done)
            return None
        return done

    return if_allowed(scene, _(word.asks), say) if word.asks else say(None)


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
