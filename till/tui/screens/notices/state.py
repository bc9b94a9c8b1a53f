"""State of the screen of notices and the facts it is given, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.notice.notice import Notice
    from till.domain.notice.words import NoticeText
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


class NoticesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        place: the marked row of the list.
        opened: True if the marked notice is shown in place of the list, with a single pane.
        unconfirmed: the notice whose other order the next press of the key discards.
        missed: True after words were typed, for which the screen has no use: the next Enter does nothing.
    """

    place: int = 0
    opened: bool = False
    message: StyledText | None = None
    unconfirmed: str = ""
    missed: bool = False


class NoticesFacts(Struct, frozen=True):
    """The facts at one moment: the notices in words, oldest first; `seen` holds those acknowledged on this screen."""

    notices: tuple[tuple[Notice, NoticeText], ...]
    seen: frozenset[str]
    count: int
    formats: Formats
    keymap: Keymap
    wide: bool


def marked(state: NoticesState, facts: NoticesFacts) -> int:
    """Return the index of the marked row."""
    return max(0, min(state.place, len(facts.notices) - 1))


def can_discard(notice: Notice, facts: NoticesFacts) -> bool:
    """True if the other order of a notice is open, and the notice asks about it."""
    return notice.kind == "rung_again" and notice.id not in facts.seen and not notice.data.order.receipt


def table_of(notice: Notice) -> str:
    """Return the tab that a notice is about; empty if it is about none."""
    return notice.data.order.tab or notice.data.own.tab
