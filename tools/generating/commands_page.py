"""The page of the commands, from their help."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from till.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = """\
# Commands

`make generate` writes this page from `--help`, which also shows the options and examples of each command. `till` alone
opens this machine's till, and `till --till 2` the second one. `admin` may be left out: `till users list`.

- Each listing has `--json`, most `--csv`; a report also writes `--xlsx` and `--html`. Only you may read a file that
  a command writes (0600).
- Exit codes: 0 done, 1 refused (one line on stderr says what to do), 2 wrong usage.
- `till --install-completion` sets up completion in your shell.
- `TILL_DATA_DIR` names the folder for journal, embedded database, config and logs (else `~/.local/share/till`). Root's
  database is in `/var/lib/till`; `till db status` names it.
- `TILL_CONFIG` names another config; `config.example.toml` names every setting with its default.
"""
_HEADING: Final = ("| command | does |", "| --- | --- |")
_BAR: Final = "\\|"


def commands_page() -> str:
    """Return the page: each command, and a table for each that has commands, with the first paragraph of their help."""
    plain: list[str] = []
    groups: list[str] = []
    for name, (module, _sentence) in COMMANDS.items():
        command = get_command(import_module(module).app)
        rows = list(_rows(f"till {name}", command))
        if isinstance(command, TyperGroup):
            groups += ["", f"## `till {name}`", "", *_HEADING, *rows]
        else:
            plain += rows
    return "\n".join([_HEAD, *_HEADING, *plain, *groups, ""])


def _rows(path: str, command: Any) -> Iterator[str]:
    """Yield a row for a command, or for each command of a group."""
    if isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            if not one.hidden:
                yield from _rows(f"{path} {name}", one)
        return
    sentence = " ".join(str(command.help or "").partition("\n\n")[0].split())
    yield f"| `{' '.join([path, *_arguments(command)])}` | {sentence.replace('|', _BAR)} |"


def _arguments(command: TyperCommand) -> Iterator[str]:
    """Yield the words that a command takes, as its help writes them."""
    for one in command.params:
        if one.param_type_name == "argument":
            word = str(one.metavar or one.name or "").upper().strip("[]{}.")
            yield (word + ("…" if one.nargs != 1 else "")) if one.required else f"[{word}]"
