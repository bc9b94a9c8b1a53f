"""A guard of taps: one on something that has just moved by itself does nothing."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.widgets.drawn import Drawn

#: Seconds in which a finger cannot stop for what moved under it.
_LATE_S: Final = 0.3
#: Seconds that one paint may take.
_PAINT_S: Final = 0.05
#: When the user acted, in monotonic seconds, for all that follows from it; in the past for what happens by itself.
_acted_at: ContextVar[float] = ContextVar("acted_at", default=float("-inf"))


class TapGuard:
    """A record of the changes of the screen that no key or tap made.

    A change is the user's own in an act of theirs and in the work that it started, until `_LATE_S` later: what comes
    after that, such as the answer of a terminal, comes by itself for whoever waits for it.

    Args:
        monotonic: the clock, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._moved_at = float("-inf")
        #: When each widget changed by itself last, and its view before.
        self._changed: WeakKeyDictionary[Drawn[Any], tuple[float, object]] = WeakKeyDictionary()

    def run(self, act: Callable[[], None]) -> None:
        """Act for the user."""
        token = _acted_at.set(self._monotonic())
        try:
            act()
        finally:
            _acted_at.reset(token)

    def note(self, widget: Drawn[Any] | None, before: object, *, follows: bool = False) -> None:
        """Note a change of a widget, or of all, unless it is the user's own or `follows` from one that was noted.

        One paint may change a widget twice, for the screen and for a sheet over it, and so back to what it was.
        """
        now = self._monotonic()
        is_own = follows or now - _acted_at.get() < _LATE_S
        if widget is None:
            self._moved_at = self._moved_at if is_own else now
            return
        at, first = self._changed.get(widget, (float("-inf"), None))
        if is_own:
            if first == before:  # it did not change by itself after all
                self._changed.pop(widget, None)
        elif now - at >= _LATE_S or (now - at >= _PAINT_S and first == before):
            self._changed[widget] = now, before

    def allows(self, x: int, y: int) -> bool:
        """Return False if what is at this cell changed by itself a moment ago."""
        now = self._monotonic()
        for widget, (at, first) in self._changed.items():
            where = widget.region
            is_late = now - at < _LATE_S and where.contains(x, y)
            if is_late and widget.differs_at(x - where.x, y - where.y, first):
                return False
        return now - self._moved_at >= _LATE_S
