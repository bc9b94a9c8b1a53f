"""Shell completion: the candidates for a command line, and the setup of bash, zsh or fish."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command
from typing_extensions import override

from till.cli.refusals import EXIT_DONE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


def complete(arguments: Sequence[str], commands: Mapping[str, str], nouns: Collection[str]) -> int:
    """Answer a shell's request for completions, or set up completion; return the exit code.

    Args:
        arguments: the command line without the program's name.
        commands: the module of each command.
        nouns: the groups of `till admin`, which may be typed without `admin`.
    """

    class AllCommands(TyperGroup):
        """The group of all commands of `till`. A command is loaded when it is needed."""

        @override
        def list_commands(self, ctx: Any) -> list[str]:
            return [*commands, *nouns]

        @override
        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            module = commands.get("admin" if cmd_name in nouns else cmd_name)
            command: Any = get_command(importlib.import_module(module).app) if module else None
            return command.commands[cmd_name] if cmd_name in nouns else command

    if len(arguments) > 1:  # a shell is named: do not detect the running one
        os.environ["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
    app = typer.Typer(cls=AllCommands, add_completion=True, rich_markup_mode=None)
    app.callback()(lambda: None)
    command: Any = get_command(app)
    try:
        command.main(list(arguments), prog_name="till")
    except SystemExit as end:
        return int(end.code or EXIT_DONE)
    return EXIT_DONE
