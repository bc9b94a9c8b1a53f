"""Key presses and pastes, and the keymap of commands, which the venue can remap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.patterns import late
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping


class KeyPress(Struct, frozen=True):
    """A key by its name (`f9`, `enter`, `ctrl+z`, `a`) with the character it types, if any; or a pasted text.

    A click on an entry of a widget is one too: `click list`, with the index of the entry as its `place`.
    """

    key: str
    char: str = ""
    paste: str = ""
    place: int = 0

    @property
    def is_enter(self) -> bool:
        """True for Enter, and for a keypad's Enter, which some terminals send as Ctrl+J."""
        return self.key in {"enter", "ctrl+j"}

    @property
    def is_click(self) -> bool:
        """True for a click."""
        return self.key.startswith("click ")

    @property
    def digit(self) -> int | None:
        """The digit that it types, if any."""
        return int(self.char) if self.char.isascii() and self.char.isdigit() else None


#: Keys whose label is not derived from their name.
_LABELLED: Final = {
    "Esc": "escape",
    "Bksp": "backspace",
    "PgDn": "pagedown",
    "PgUp": "pageup",
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
}


#: Characters whose keys have other names, and the labels of tiles that count without typing a sign.
_TYPED: Final = {"?": "question_mark", ".": "full_stop", "+": "plus", "-": "minus"}
_STEPS: Final = {"+1": "plus", "−1": "minus"}


def key_of(label: str) -> KeyPress | None:
    """Return the key with a label; None for a label of several keys, such as `1-9 ↑↓`."""
    if label in _LABELLED:
        return KeyPress(_LABELLED[label])
    if label in _TYPED:
        return KeyPress(_TYPED[label], label)
    if label in _STEPS:
        return KeyPress(_STEPS[label])
    key = label.lower()
    if len(key) == 1 and key.isascii() and key.isalnum():
        return KeyPress(key, key)
    return KeyPress(key) if key in _FIXED or _KEY.fullmatch(key) else None


_LABELS: Final = {key: label for label, key in _LABELLED.items()} | {"question_mark": "?"}

#: Commands known to several screens, by their names in the config's `[keys]`.
HELP: Final = "help"
MENU: Final = "menu"
LOG_OUT: Final = "log_out"
CLOSE: Final = "close"
COMMANDS: Final = "commands"
CONFLICTS: Final = "conflicts"
SET_ASIDE: Final = "set_aside"
SALES: Final = "sales"
TABS: Final = "tabs"
VOID: Final = "void"
PAY: Final = "pay"
QUANTITY: Final = "quantity"
PRINT: Final = "print"
CUSTOMER: Final = "customer"

#: Keys that type or move the cursor. They cannot be commands.
_FIXED: Final = frozenset(
    {"enter", "ctrl+j", "ctrl+m", "tab", "ctrl+i", "escape", "backspace", "up", "down", "left", "right", "space"}
)
#: Keys that a terminal can send by name: function keys and the block of six, characters by their Unicode names, and any
#: of these or a letter with modifiers.
_NAMED: Final = r"f([1-9]|1[0-9]|2[0-4])|insert|delete|home|end|pageup|pagedown|[a-z]+(_[a-z]+)+|plus|minus|at|comma"
#: Keys that may do nothing without a word: those held or pressed once too often to clear what is typed.
_SILENT: Final = frozenset({"backspace", "escape", "enter", "ctrl+j"})
_SHOWN: Final = 40
_KEY: Final = late(rf"({_NAMED})|(ctrl\+|shift\+|alt\+)+([a-z0-9]|up|down|left|right|enter|tab|{_NAMED})")


class KeysError(ConfigError):
    """A key that cannot be used for a command.

    Args:
        sentence: the reason.
        command: the command in `[keys]` to correct.
    """

    def __init__(self, sentence: str, command: str) -> None:
        super().__init__(sentence)
        self.command = command


class Keymap:
    """A map from keys to commands.

    Args:
        keys: the keys of each command, the one to show first.
        remapped: the config's `[keys]`: command to key.
    """

    def __init__(self, keys: Mapping[str, tuple[str, ...]], remapped: Mapping[str, str] | None = None) -> None:
        remapped = remapped or {}
        self._keys = dict(keys)
        for name, key in remapped.items():
            if name not in keys:
                raise KeysError(_unknown(name, list(keys)), name)
            self._keys[name] = (_wanted(name, key),)
        self._commands: dict[str, str] = {}
        for command, own in list(self._keys.items()):
            for key in own:
                if key in self._commands and not remapped.keys().isdisjoint({command, self._commands[key]}):
                    self._refuse_clash(key, command, remapped)
                self._commands.setdefault(key, command)
        self._labels = {command: key_label(own[0]) for command, own in self._keys.items()}  # painted at every key

    def _refuse_clash(self, key: str, command: str, remapped: Mapping[str, str]) -> None:
        other = self._commands[key]
        if command in remapped and other in remapped:
            first, second = (name for name in remapped if name in {command, other})
            sentence = _("[keys] gives “{key}” to both {one} and {other}. Give one of them another key.")
            raise KeysError(sentence.format(key=key, one=first, other=second), second)
        loser = other if command in remapped else command
        kept = tuple(own for own in self._keys[loser] if own != key)
        if not kept:
            winner = command if loser is other else other
            raise KeysError(_("[keys] leaves {command} without a key.").format(command=loser), winner)
        self._keys[loser] = kept
        self._commands[key] = command if loser is other else other

    def command(self, press: KeyPress) -> str | None:
        """Return the command of a key, if any."""
        return self._commands.get(press.key)

    def named(self, press: KeyPress) -> str:
        """Return the label of a key that no text needs; empty for one that types, for Backspace and for a click."""
        if press.char or press.paste or press.is_click or press.key in _SILENT:
            return ""
        return key_label(press.key)

    def label(self, command: str) -> str:
        """Return the label of a command's first key: `F9`, `Ctrl+Z`; empty for a command that is only typed."""
        return self._labels.get(command, "")

    def labels(self, command: str) -> str:
        """Return the labels of all keys of a command, for the help: `F9 or Ctrl+G`."""
        return _(" or ").join(key_label(key) for key in self._keys[command])


def _unknown(name: str, known: list[str]) -> str:
    import difflib  # noqa: PLC0415 - only for an error

    if near := difflib.get_close_matches(name, known, n=1, cutoff=0.5):
        sentence = _("[keys] has no command {name}. Did you mean {near}?")
        return sentence.format(name=clean(name)[:_SHOWN], near=near[0])
    return _("[keys] has no command {name}. It has {known}.").format(name=clean(name)[:_SHOWN], known=", ".join(known))


def _wanted(name: str, key: str) -> str:
    wanted = key.strip().lower()
    shown = clean(key)[:_SHOWN]
    if wanted in _FIXED or (len(wanted) == 1 and wanted.isprintable()):
        raise KeysError(_("[keys] {name}: “{key}” is a key that types.").format(name=name, key=shown), name)
    if not _KEY.fullmatch(wanted):
        sentence = _("[keys] {name}: there is no key “{key}”. Write it like f9, ctrl+g or delete.")
        raise KeysError(sentence.format(name=name, key=shown), name)
    return wanted


def key_label(key: str) -> str:
    """Return the label of a key."""
    return "+".join(
        part.upper() if len(part) == 1 or part[1:].isdigit() else _LABELS.get(part, part.capitalize())
        for part in key.split("+")
    )
