"""What the answer line says, and the key that leads back."""

from __future__ import annotations

from till.domain.i18n import _
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import KeyView, StyledText


def refusal(sentence: str) -> StyledText:
    """A refusal in the answer line."""
    return StyledText(sentence, Tone.WARN, mark=Mark.NOTICE)


def plain(sentence: str) -> StyledText:
    """An answer in the answer line."""
    return StyledText(sentence)


def esc_back() -> KeyView:
    """The way back."""
    return KeyView("Esc", _("Back"))
