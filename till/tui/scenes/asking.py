"""What is asked in the entry line: one thing, or which of several; and what is done with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.counter import plain
from till.tui.sheets.base import asks_help

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.scenes.sell import SellScene
    from till.tui.strokes import Stroke


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        words: the question.
        then: gets the trimmed answer and may refuse it with a `TillError`: the question then stands.
        word: what Enter does, for the key bar.
        aside: what was in the entry before; it comes back afterwards.
    """

    words: str
    then: Callable[[str], None]
    word: str
    aside: str = ""


def answer(scene: SellScene, stroke: Stroke) -> bool:
    """Type the answer to the one thing that is asked, or take the question back; whether something is asked."""
    question, editor = scene.question, scene.editor
    if question is None:
        return False
    if stroke.key == "escape":
        scene.question = None
        editor.set(question.aside)
        scene.said = plain(_("Nothing changed."))
    elif stroke.is_enter:
        typed = editor.text.strip()
        editor.set(question.aside)
        scene.question = None
        try:
            question.then(typed)
        except TillError as problem:
            scene.refuse(problem)
            scene.question = question
            editor.offer(typed)
    elif asks_help(scene.counter, stroke, types=False):
        helped = (_("digits, Enter"), question.word, ""), ("Esc", _("Back"), _("nothing changes"))
        scene.counter.help(scene.desk, helped)
    elif scene.counter.keymap.command(stroke) and not stroke.char and stroke.key != "delete":
        scene.said = plain(question.words)
    else:
        editor.take(stroke)
    return True


def pick(scene: SellScene, stroke: Stroke) -> bool:
    """A digit alone and Enter say which of several was meant; whether the stroke was for that question.

    Anything else takes the question back: `2 tea` typed on is the next entry, and answers nothing.
    """
    choosing, editor, digit = scene.choosing, scene.editor, stroke.digit
    typed = editor.text
    if choosing is None:
        return False
    if stroke.is_enter and not typed:
        return True
    if stroke.key == "backspace" or (not typed and digit and digit <= len(choosing.items)):
        if editor.take(stroke):
            scene.keep_typed()
        return True
    scene.choosing = scene.said = None
    if not (stroke.is_enter or stroke.key == "escape"):
        return False
    editor.clear()
    scene.keep_typed()
    if stroke.is_enter:
        scene.pick(choosing, int(typed) - 1)
    return True
