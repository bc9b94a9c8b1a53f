"""State of the screen of notices and the facts it is given, all frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.order.state import Status
from till.tui.shell.marked_list import ListMark

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.notice.notice import Notice, NoticeOrder
    from till.domain.notice.words import NoticeText
    from till.tui.drawing.viewmodels import (
        CardsView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        StyledText,
        TotalView,
    )
    from till.tui.shell.keymap import Keymap


class NoticesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        opened: True if the marked notice is shown in place of the list, with a single pane.
        unconfirmed: the notice whose other order the next press of the key discards.
        missed: True after words were typed, for which the screen has no use: the next Enter does nothing, unless an
            arrow or a click marked a notice since.
    """

    mark: ListMark = ListMark()
    opened: bool = False
    message: StyledText | None = None
    unconfirmed: str = ""
    missed: bool = False


class NoticesFacts(Struct, frozen=True):
    """The facts at one moment: the notices in words, oldest first; `seen` holds those acknowledged on this screen.

    `page` is the number of notices that a page key passes.
    """

    notices: tuple[tuple[Notice, NoticeText], ...]
    seen: frozenset[str]
    count: int
    formats: Formats
    keymap: Keymap
    wide: bool
    page: int


def can_discard(notice: Notice, facts: NoticesFacts) -> bool:
    """Return True if the other order of a notice is open and has no money, and the notice asks about it."""
    other = notice.data.order
    return notice.kind == "rung_again" and notice.id not in facts.seen and not (other.receipt or other.has_money)


def table_of(notice: Notice) -> str:
    """Return the tab that a notice is about, of two the one that is still open; empty if it is about none."""
    both = notice.data.named, notice.data.second
    return next((one.tab for one in both if _is_open_tab(one)), both[0].tab or both[1].tab)


def are_both_open(notice: Notice) -> bool:
    """Return True if a notice is about two open tabs."""
    return _is_open_tab(notice.data.named) and _is_open_tab(notice.data.second)


def _is_open_tab(order: NoticeOrder) -> bool:
    return bool(order.tab) and order.status not in {Status.COMPLETED, Status.DISCARDED}


class NoticesViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    list: CardsView
    total: TotalView
    detail_head: HeadView
    detail: RowsView
    entry: EntryView
    keys: KeysView
