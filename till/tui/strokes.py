"""What a hand did: one stroke of a key, or a paste. And which stroke is which command, remapped by the venue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.words import _

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key by its name (`f9`, `enter`, `ctrl+z`, `a`), the character that it types if any, or a pasted text."""

    key: str
    char: str = ""
    paste: str = ""

    @property
    def is_enter(self) -> bool:
        """Enter, and the Enter of a keypad, which some terminals send as Ctrl+J."""
        return self.key in {"enter", "ctrl+j"}

    @property
    def digit(self) -> int | None:
        """The digit that it types."""
        return int(self.char) if self.char.isascii() and self.char.isdigit() else None


class Command(StrEnum):
    """What can be asked of the till by one key. The values are the names in the config's `[keys]`."""

    HELP = "help"
    MENU = "menu"
    RECALL = "recall"
    QUANTITY = "quantity"
    VOID = "void"
    TABS = "tabs"
    PAY = "pay"
    LOG_OUT = "log_out"
    UNDO = "undo"
    ORDER_TYPE = "order_type"
    COMMANDS = "commands"
    CLOSE = "close"


#: The key of each command, and a second one for terminals that keep the first to themselves.
_DEFAULTS: Final[Mapping[Command, tuple[str, ...]]] = {
    Command.HELP: ("f1", "question_mark"),
    Command.MENU: ("f4", "ctrl+e"),
    Command.RECALL: ("f5", "ctrl+r"),
    Command.QUANTITY: ("f6", "ctrl+k"),
    Command.VOID: ("f7", "delete"),
    Command.TABS: ("f8", "ctrl+t"),
    Command.PAY: ("f9", "ctrl+g"),
    Command.LOG_OUT: ("f12", "ctrl+l"),
    Command.UNDO: ("ctrl+z", "f3"),
    Command.ORDER_TYPE: ("ctrl+y", "f2"),
    Command.COMMANDS: ("ctrl+p", "f10"),
    Command.CLOSE: ("ctrl+q", "ctrl+c"),
}
#: Keys that type or move: a command on one of them would swallow it.
_FIXED: Final = frozenset(
    {"enter", "ctrl+j", "ctrl+m", "tab", "ctrl+i", "escape", "backspace", "up", "down", "left", "right", "space"}
)


class Keymap:
    """Which stroke is which command.

    Args:
        remapped: the config's `[keys]`: command to key.

    Raises:
        ConfigError: an unknown command, a key that types, or one key for two commands.
    """

    def __init__(self, remapped: Mapping[str, str] | None = None) -> None:
        self._keys = dict(_DEFAULTS)
        for name, key in (remapped or {}).items():
            if name not in list(Command):
                known = ", ".join(Command)
                raise ConfigError(_("[keys] knows no command “{name}”: it has {known}.").format(name=name, known=known))
            wanted = key.strip().lower()
            if wanted in _FIXED or len(wanted) <= 1:
                raise ConfigError(_("[keys] {name}: “{key}” is a key that types.").format(name=name, key=key))
            self._keys[Command(name)] = (wanted,)
        self._commands: dict[str, Command] = {}
        for command, keys in self._keys.items():
            for key in keys:
                if key in self._commands and command in {Command(n) for n in remapped or {}} | {self._commands[key]}:
                    self._refuse_clash(key, command, remapped or {})
                self._commands.setdefault(key, command)

    def _refuse_clash(self, key: str, command: Command, remapped: Mapping[str, str]) -> None:
        other = self._commands[key]
        if command in remapped and other in remapped:
            sentence = _("[keys] gives “{key}” to both {one} and {other}.")
            raise ConfigError(sentence.format(key=key, one=other, other=command))
        loser = other if command in remapped else command
        kept = tuple(own for own in self._keys[loser] if own != key)
        if not kept:
            raise ConfigError(_("[keys] leaves {command} without a key.").format(command=loser))
        self._keys[loser] = kept
        self._commands[key] = command if loser is other else other

    def command(self, stroke: Stroke) -> Command | None:
        """The command of a stroke, if it is one."""
        return self._commands.get(stroke.key)

    def label(self, command: Command) -> str:
        """How the first key of a command is printed: `F9`, `Ctrl+Z`."""
        return printed(self._keys[command][0])

    def labels(self, command: Command) -> str:
        """All keys of a command, for the help: `F9 or Ctrl+G`."""
        return _(" or ").join(printed(key) for key in self._keys[command])


def printed(key: str) -> str:
    """The printed name of a key."""
    if key == "question_mark":
        return "?"
    return "+".join(
        part.upper() if len(part) == 1 or part[1:].isdigit() else part.capitalize() for part in key.split("+")
    )
