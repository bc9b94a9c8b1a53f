"""Tables of a screen's keys. The key bar, the help and the effect of each key are derived from them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import N_, OnScreen, _
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoicesView, ChoiceView, KeysView, KeyView, StyledText
from till.tui.shell.calls import call
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import Keymap

#: Enter; the key bar shows it at the far right.
ENTER: Final = ("enter", "ctrl+j")
DIGITS: Final = tuple("123456789")
ARROWS: Final = ("up", "down")
_EDITS: Final = frozenset({"home", "end"})


class KeyFacts(Protocol):
    """Facts with the keys of each command."""

    @property
    def keymap(self) -> Keymap: ...


S = TypeVar("S")
F = TypeVar("F", bound=KeyFacts)
H = TypeVar("H")


class BarKey(Struct, frozen=True):
    """The label of a key in the key bar, its short form, and how soon it is dropped when space is short (0: last)."""

    word: str
    short: str = ""
    spare: int = 0


def in_language(label: str, short: str = "", *, spare: int = 0) -> Callable[[str], BarKey]:
    """Return the label of a key by the language of the screen; it is asked for at every key, and made once."""
    return cache(lambda _language: BarKey(_(label), _(short), spare))


def word(label: str, short: str = "", *, spare: int = 0) -> Callable[[Any, Any], BarKey]:
    """Return the label of a key that is the same in every state, in the language of the screen."""
    shown = in_language(label, short, spare=spare)
    return lambda _state, _facts: shown(OnScreen.spoken.language)


#: The label of Esc while it clears the typed text.
ERASE: Final = word(N_("Erase"))


def calls(act: Callable[[H], Any]) -> Callable[[S, KeyPress, F], tuple[S, tuple[Call[H, Any], ...]]]:
    """Return the step that makes one call without arguments."""
    return lambda state, _press, _facts: (state, (call(act),))


def sets(**fields: object) -> Callable[[Any, Any, Any], tuple[Any, tuple[()]]]:
    """Return the step that only gives the state these fields."""
    return lambda state, _press, _facts: (replace(state, **fields), ())


def spoken_rows(rows: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Return the marked rows of a help in the language of the screen."""
    return tuple((_(key), _(does), _(how)) for key, does, how in rows)


def help_view(rows: Iterable[tuple[str, str, str]], marked: int | None = None) -> ChoicesView:
    """Return the rows of a help: each a key, its effect, and a hint."""
    return ChoicesView(
        tuple(ChoiceView(key, does, StyledText(how, Tone.MUTED) if how else None) for key, does, how in rows), marked
    )


def always(_state: object, _facts: object) -> bool:
    """Let a key act in every state."""
    return True


def typed_words(state: object) -> str:
    """Return the text of a state's entry line in lower case with single spaces; empty for a state without one."""
    entry: Any = getattr(state, "entry", None)
    return " ".join(entry.text.casefold().split()) if entry is not None else ""


class Key(Struct, Generic[S, F, H], frozen=True):
    """A key of a screen, or several that do one thing.

    Attributes:
        act: returns the next state and the calls to make.
        keys: their names (`escape`) or characters (`+`).
        label: names the keys in the key bar and the help; that of the command if empty.
        when: returns a true value if the key acts; otherwise the next row with this key acts, or the key types.
        command: the command of the keymap whose keys it has, in place of `keys`.
        bar: returns its label in the key bar, None for no entry. A key that does not act has no entry either.
        helped: its effect and a hint, for a row of the help.
        again: returns true for a click that acts as Enter, because its entry is marked already.
    """

    act: Callable[[S, KeyPress, F], tuple[S, tuple[Call[H, Any], ...]]]
    keys: tuple[str, ...] = ()
    label: str = ""
    when: Callable[[S, F], object] = always
    command: str = ""
    bar: Callable[[S, F], BarKey | None] | None = None
    helped: tuple[str, str] | None = None
    again: Callable[[S, KeyPress, F], bool] | None = None

    def takes(self, state: S, press: KeyPress, facts: F) -> bool:
        """Return True if the key is in this row. Home and End edit text that is typed."""
        if press.key in _EDITS and typed_words(state):
            return False
        if self.command:
            return facts.keymap.command(press) == self.command
        return press.key in self.keys or (bool(press.char) and press.char in self.keys)

    def shown(self, state: S, facts: F) -> KeyView | None:
        """Return its entry in the key bar; None if it has none now."""
        if self.bar is None or not self.when(state, facts) or (label := self.bar(state, facts)) is None:
            return None
        return KeyView(self.label or facts.keymap.label(self.command), label.word, label.short, label.spare)


class KeyTable(Generic[S, F, H]):
    """The keys of a screen, in the order of the key bar and the help. The first row that takes a key acts."""

    def __init__(self, *keys: Key[S, F, H]) -> None:
        self._keys = keys

    def step(self, state: S, press: KeyPress, facts: F) -> tuple[S, tuple[Call[H, Any], ...]] | None:
        """Return the next state and the calls to make; None for a key that no row takes. Such a click does nothing."""
        found = next((key for key in self._keys if key.takes(state, press, facts) and key.when(state, facts)), None)
        if found is None:
            return (state, ()) if press.is_click else None
        if found.again is not None and found.again(state, press, facts):
            return self.step(state, KeyPress("enter"), facts)
        return found.act(state, press, facts)

    def bar(self, state: S, facts: F) -> KeysView:
        """Return the key bar, each key labelled by its first row that acts, with Enter at the far right."""
        shown: dict[str, KeyView] = {}
        for key in self._keys:
            if key.keys != ENTER and (view := key.shown(state, facts)) is not None:
                shown.setdefault(view.key, view)
        enter = next((key for key in self._keys if key.keys == ENTER and key.when(state, facts)), None)
        return KeysView(tuple(shown.values()), enter.shown(state, facts) if enter is not None else None)

    def helped(self, keymap: Keymap) -> tuple[tuple[str, str, str], ...]:
        """Return the rows of the help: the keys, what they do, and how."""
        return tuple(
            (key.label or keymap.labels(key.command), _(key.helped[0]), _(key.helped[1]))
            for key in self._keys
            if key.helped
        )
