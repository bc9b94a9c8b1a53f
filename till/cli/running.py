"""The runner of a command's typer app. It prints usage errors of typer as one line."""

from __future__ import annotations

import importlib
import logging
import os
import re
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command
from typing_extensions import override

from till.cli.refusals import EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, refuse
from till.config import Folders
from till.config.log_lines import command_log, end_log
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


#: Messages of the parser, and the words that replace them.
_WORDS: Final = {
    "Input should be a valid integer, unable to parse string as an integer": N_("a whole number is needed there"),
    "Input should be a valid number, unable to parse string as a number": N_("a number belongs there"),
    "Input should be": N_("it should be"),
    "Value error, ": "",
}
_INVALID_ID: Final = re.compile(r"Input should be a valid UUID.*")
#: The beginning of a very long word, such as pasted text.
_LONG_WORD: Final = re.compile(r"(\S{60})\S{20,}")


class Noun(TyperGroup):
    """A group of commands. Without a verb it runs `list`; flags of the group may also follow the verb."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        args = self._flags_first(args)
        word = next((one for one in args if not one.startswith("-")), "")
        if ctx.resilient_parsing:  # a shell asks for the verbs
            return super().parse_args(ctx, args)
        if "list" in self.commands and word not in self.commands and not {"-h", "--help"} & {*args}:
            args = ["list", *args] if word == "" or args[0].startswith("-") else args
        return super().parse_args(ctx, args)

    def _flags_first(self, args: list[str]) -> list[str]:
        flags = {name for option in self.params if getattr(option, "is_flag", False) for name in option.opts}
        end = args.index("--") if "--" in args else len(args)
        moved = [one for one in args[:end] if one in flags]
        return [*moved, *(one for one in args[:end] if one not in flags), *args[end:]]


def make_app(sentence: str = "") -> typer.Typer:
    """Make a typer app with plain help and without typer's own tracebacks."""
    return typer.Typer(
        cls=Noun,
        help=sentence or None,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def run_command(command: str, module: str, arguments: Sequence[str]) -> int:
    """Run a command with its arguments and return the exit code.

    Args:
        command: the command, as typed.
        module: the module that holds the command's typer app as `app`.
        arguments: the words after the command.
    """
    app: typer.Typer = importlib.import_module(module).app
    log = command_log(Folders.of(os.environ))
    logging.getLogger().addHandler(log)
    try:
        result: Any = copy_context().run(
            get_command(app).main, list(arguments), prog_name=command, standalone_mode=False
        )
    except typer.TyperException as problem:
        return _refuse_usage(problem, command)
    except typer.Abort:
        return refuse(_("Stopped."))
    except SystemExit as exit_:  # typer exits like this if the reader of the output is gone
        raise BrokenPipeError from exit_
    finally:
        end_log(log)
    return _exit_code(result)


def _exit_code(result: object) -> int:
    """Return the exit code of a result. Commands return None or raise `typer.Exit`; an interrupt arrives as 130."""
    if result in {None, EXIT_DONE}:
        return EXIT_DONE
    return EXIT_USAGE if result == EXIT_USAGE else EXIT_REFUSED


def _refuse_usage(problem: typer.TyperException, command: str) -> int:
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else command
    text = clean(problem.format_message()).strip().rstrip(".")
    text = _LONG_WORD.sub(r"\1…", _INVALID_ID.sub(_("an id belongs there, as the list shows it"), text))
    for raw, words in _WORDS.items():
        text = text.replace(raw, words)
    text = text if text.endswith("?") else f"{text}."
    return refuse(_("{what} `{command} --help` shows how.").format(what=text, command=path), problem.exit_code)
