"""Helpers for the answer line, news as scenes hear it, and the key that goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import KeyView, StyledText
from till.tui.shell.keymap import HELP

if TYPE_CHECKING:
    from till.register.other_tills.news import News
    from till.tui.shell.keymap import Keymap, KeyPress


class _HasState(Protocol):
    state: Any


class Speaking(Protocol):
    """Anything that shows a message."""

    message: StyledText | None


class MessageField:
    """Descriptor for the message of a scene that keeps it in its state."""

    def __get__(self, scene: _HasState, _kind: object = None) -> StyledText | None:
        message: StyledText | None = scene.state.message
        return message

    def __set__(self, scene: _HasState, message: StyledText | None) -> None:
        scene.state = replace(scene.state, message=message)


class OrderEnded(Struct, frozen=True):
    """The order of a scene ended elsewhere. `message` is the reason; None under the lock, where nobody reads it."""

    message: StyledText | None


class ChargeAnswered(Struct, frozen=True):
    """A charge of an order was answered that its pay screen does not show."""

    session_id: str
    message: StyledText


class ReturnEnded(Struct, frozen=True):
    """The refund of a payment that no sale lists was answered."""

    session_id: str
    payment_id: str
    message: StyledText


#: News for a scene: as the register has it, or about an order or a payment of its own with the message to show.
Heard: TypeAlias = "News | OrderEnded | ChargeAnswered | ReturnEnded"


def refusal(sentence: str) -> StyledText:
    """Return a refusal for the answer line."""
    return StyledText(sentence, Tone.WARN, mark=Mark.NOTICE)


def plain(sentence: str) -> StyledText:
    """Return a plain message for the answer line."""
    return StyledText(sentence)


def answered(sentence: str, warning: str) -> StyledText:
    """Return the answer to an act; a warning comes first."""
    return refusal(f"{warning} {sentence}") if warning else plain(sentence)


def put_first(scene: Speaking | None, sentence: str) -> None:
    """Put a sentence that needs attention before the message of a scene, if there are both."""
    if scene is not None and sentence:
        scene.message = refusal(f"{sentence} {scene.message.text}" if scene.message is not None else sentence)


def says_why(keymap: Keymap, press: KeyPress, waits: str) -> StyledText | None:
    """Return why a key does nothing here; None for a key without a command on any screen.

    Args:
        keymap: the keys of each command.
        press: the key.
        waits: a sentence on the reason that a command waits; `{key}` is replaced by its name.
    """
    name = keymap.named(press)
    if not name:
        return None
    if keymap.command(press) is None:
        waits = _("{key} does nothing here. {help} lists the keys.")
    return refusal(waits.format(key=name, help=keymap.label(HELP)))


def esc_back() -> KeyView:
    """Return the key that goes back."""
    return KeyView("Esc", _("Back"))
