"""The base of all lists: the mark of an entry, the keys and clicks that move it, and their rows in a table of keys.

A screen declares its list once, as a `MarkedList`, and adds the list's `keys` to its table. Sheets are lists already
(`ChoiceSheet`). The widget of a list is a `LineList`; a heading that `follows` it shows how much is out of sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.drawing.layout import PAGE
from till.tui.shell.key_table import DIGITS, Key, always
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.shell.calls import Call
    from till.tui.shell.key_table import BarKey, KeyFacts
    from till.tui.shell.keymap import KeyPress

S = TypeVar("S", bound=Struct)
F = TypeVar("F", bound="KeyFacts")

#: The keys that always mark another entry, and all that do so while no text is typed that they could edit.
MOVES: Final = ("up", "down", "pageup", "pagedown")
LIST_KEYS: Final = (*MOVES, "home", "end")
#: More entries than any list has.
_ALL: Final = 1_000_000


class ListMark(Struct, frozen=True):
    """The mark of a list: the index of its entry, negative for none, and the digits just pressed for it."""

    place: int = 0
    digits: str = ""


def rows_by(key: str, page: int = PAGE) -> int:
    """Return the number of entries that a key moves down in a list; 0 for a key that does not."""
    return {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -_ALL, "end": _ALL}.get(key, 0)


def moved_index(place: int, count: int, rows: int) -> int:
    """Return the index `rows` entries further in a list of `count`, limited to its first and last entry."""
    return max(0, min(place + rows, count - 1))


def mark_of_number(before: str, char: str, keys: Callable[[str], int | None]) -> ListMark | None:
    """Return the mark of the entry whose key is a character, or the second digit of its number.

    Args:
        before: the digits pressed before, or another key.
        char: the character.
        keys: returns the index of a key, if an entry has it.
    """
    tried = (ListMark(place, typed) for typed in (before + char, char) if (place := keys(typed)) is not None)
    return next(tried, None)


class MarkedList(Struct, Generic[S, F], frozen=True):
    """A list of a screen, of which one entry is marked.

    Attributes:
        count: returns the number of its entries.
        at: returns its mark.
        put: returns the state with a new mark, whose index is in the list unless the list is empty.
        page: returns the number of entries that a page key passes.
        missing: the refusal of a number that no entry has; empty where digits pick no entry.
        widget: the name of its widget on the screen.
        enters: True if a click on the marked entry acts as Enter.
    """

    count: Callable[[S, F], int]
    at: Callable[[S, F], ListMark] = lambda state, _facts: state.mark  # type: ignore[attr-defined]
    put: Callable[[S, F, ListMark], S] = lambda state, _facts, mark: replace(state, mark=mark)
    page: Callable[[F], int] = lambda _facts: PAGE
    missing: str = ""
    widget: str = "list"
    enters: bool = True

    def place(self, state: S, facts: F) -> int:
        """Return the index of the marked entry, limited to the list unless it is empty; negative for none."""
        return min(self.at(state, facts).place, self.count(state, facts) - 1)

    def keys(
        self,
        label: str = "↑↓",
        *,
        when: Callable[[S, F], object] = always,
        bar: Callable[[S, F], BarKey | None] | None = None,
        helped: tuple[str, str] | None = None,
        moves: tuple[str, ...] = LIST_KEYS,
    ) -> tuple[Key[S, F, Any], ...]:
        """Return the list's rows for a table of keys: moving the mark, picking by number, and clicking."""
        numbers = (Key(self.pick, ("0", *DIGITS), when=when),) if self.missing else ()
        again = self._is_marked if self.enters else None
        click: Key[S, F, Any] = Key(self.point, (f"click {self.widget}",), when=when, again=again)
        return (Key(self.move, moves, label, when, bar=bar, helped=helped), *numbers, click)

    def move(self, state: S, press: KeyPress, facts: F) -> tuple[S, tuple[Call[Any, Any], ...]]:
        """Mark another entry by an arrow, a page key, Home or End."""
        rows = rows_by(press.key, self.page(facts))
        return self.put(
            state, facts, ListMark(moved_index(self.place(state, facts), self.count(state, facts), rows))
        ), ()

    def pick(self, state: S, press: KeyPress, facts: F) -> tuple[S, tuple[Call[Any, Any], ...]]:
        """Mark an entry by its number."""
        count = self.count(state, facts)

        def of_number(typed: str) -> int | None:
            return int(typed) - 1 if 1 <= int(typed) <= count else None

        mark = mark_of_number(self.at(state, facts).digits, press.char, of_number)
        if mark is None:
            return replace(state, message=refusal(_(self.missing).format(n=press.char))), ()
        return self.put(state, facts, mark), ()

    def point(self, state: S, press: KeyPress, facts: F) -> tuple[S, tuple[Call[Any, Any], ...]]:
        """Mark the entry that was clicked."""
        return self.put(state, facts, ListMark(moved_index(press.place, self.count(state, facts), 0))), ()

    def _is_marked(self, state: S, press: KeyPress, facts: F) -> bool:
        return press.place == self.place(state, facts)
