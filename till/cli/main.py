"""Entry point of `till`. It loads only the named command, so that `till --help` starts fast.

Exit codes: 0 done, 1 refused or failed with one line on stderr, 2 wrong usage. Unexpected errors go to the log file.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import re
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

from till.cli.refusals import EXIT_DONE, EXIT_USAGE, refuse, report_error
from till.domain.i18n import N_, _
from till.domain.patterns import late
from till.leaves import is_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Each command, with the module that holds its typer app as `app`, and its summary.
COMMANDS_OF_ALL: Final = {
    "demo": ("till.cli.demo", N_("Open a till of the demo venue; a second terminal with --till 2 joins it.")),
    "init": ("till.cli.init", N_("Make a venue of your own: settings, menu, first person, this till.")),
    "enrol": ("till.cli.enrol", N_("Enrol this machine as a till, with the code from `till admin tills add`.")),
    "kitchen": ("till.cli.kitchen", N_("Show the kitchen's tickets on a screen of its own.")),
    "train": ("till.cli.train", N_("Practise with simulated guests; nothing is added to the books.")),
    "display": ("till.display.command", N_("Show guests their order, in a second terminal of the till.")),
    "say": ("till.cli.say", N_("Type an entry on your order, as at the till.")),
    "recover": ("till.cli.recover", N_("Find and settle orders that a crash left open.")),
    "report": ("till.cli.report", N_("Report sales by day, tender, item, hour and more.")),
    "receipt": ("till.cli.receipt", N_("Show a receipt again, as text or as a page to print.")),
    "fiscal": ("till.cli.fiscal", N_("Send invoice records to the tax authority; export them.")),
    "serve": ("till.cli.serve", N_("Run the tills of phones, in their browsers.")),
    "gateway": ("till.cli.gateway", N_("Receive webhooks from a payment gateway, in a separate process.")),
    "admin": ("till.cli.admin", N_("Manage orders, staff, tills, the menu and settings.")),
    "db": ("till.cli.db", N_("Manage the database: upgrade, check, back up, stop.")),
    "doctor": ("till.cli.doctor", N_("Check each part that a till needs, and name the fix.")),
    "help": ("till.cli.help", N_("Find what to do, by words or by the sentence on the screen.")),
    "keys": ("till.cli.keys", N_("Show the keys of the screen.")),
}
#: Those whose folder is here.
COMMANDS: Final = {name: row for name, row in COMMANDS_OF_ALL.items() if is_here(row[0])}

#: The nouns of `till admin` in the order of the help. One that only has a declared list need not be here.
_NOUNS: Final = (
    *("sessions", "conflicts", "notices", "quarantine", "audit", "customers", "bookings", "tables", "vouchers"),
    *("accounts", "users", "tills", "tenders", "programs", "menu", "promotions", "labels", "stock", "settings"),
)
#: The variable with which a shell requests completions, and the flags that set up completion.
_COMPLETE: Final = "_TILL_COMPLETE"
_COMPLETION_FLAGS: Final = frozenset({"--install-completion", "--show-completion"})

#: A database address with a password, as a URL or as a libpq connection string.
_PASSWORD: Final = late(
    r"postgres(ql)?(\+\w+)?://([^@/?#]*:[^@]+@|.*[?&]password=.)|\b(host|port|user|dbname)=.*\bpassword=|"
    r"\bpassword=.*\b(host|port|user|dbname)=",
    re.IGNORECASE | re.DOTALL,
)
#: A byte of an argument that is not UTF-8, as Python represents it. It is harmless in the name of a file.
_NOT_UTF8: Final = late("[\udc80-\udcff]")
#: Arguments that name at most a till, so that they need no parser.
_PLAIN_TILL: Final = late(r"(--till[ =](?P<till>[1-9][0-9]{0,2}))?\Z", re.ASCII)
_JSON: Final = "--json"
_EXAMPLES: Final = """\
  till demo                          a till of the demo venue, with its own database
  till demo --till 2                 a second till, in a second terminal
  till init                          a venue of your own, set up step by step
  till --till 2                      the venue's second till on this machine
  till report sales --day today      the day's sales as a table; --json or --csv FILE
  till sessions list --json          open and past orders, newest first
  till help no paper                 what to do when the printer has no paper
  till --install-completion          set up completion in the shell"""


def nouns() -> tuple[str, ...]:
    """Return the nouns of `till admin`, which may be left out: `till users list`."""
    from till.administration.lists import NOUNS

    return tuple(dict.fromkeys((*_NOUNS, *NOUNS)))


def run() -> NoReturn:
    """Run the console script."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot write ₹ shows a ?
    if _COMPLETE in os.environ or {*sys.argv[1:2]} & _COMPLETION_FLAGS:
        from till.cli.completion import complete

        sys.exit(complete(sys.argv[1:], {name: module for name, (module, _about) in COMMANDS.items()}, nouns()))
    code = main(sys.argv[1:])
    gc.freeze()  # the process ends now: skip Python's last garbage collections
    sys.exit(code)


def _open_closed_streams() -> None:
    """Open the standard streams that the caller closed: else a print fails, or goes to a file that is opened later."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: the command line without the program's name.
    """
    return _guard(arguments, _dispatch)


def run_module(command: str, module: str, arguments: Sequence[str]) -> int:
    """Run the typer app of a module as a command line of its own, such as a tool of a checkout."""
    from till.cli.running import run_command

    return _guard(arguments, partial(run_command, command, module))


def _guard(arguments: Sequence[str], run: Callable[[list[str]], int]) -> int:
    """Run a command line and return its exit code; an error becomes a sentence."""
    code = EXIT_DONE
    try:
        code = _refuse_password() if any(map(_PASSWORD.search, arguments)) else run(list(arguments))
        sys.stdout.flush()  # flush here, where a closed pipe is still handled
    except BrokenPipeError:
        _silence()
        return code
    except KeyboardInterrupt:
        return refuse(_("Stopped."))
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            return report_error(problem)
        _silence()
        return refuse(_("The disk for this output is full. Free some space, then run it again."))
    except Exception as problem:  # noqa: BLE001 - a person never sees a traceback
        return refuse(sentence) if (sentence := _encoding_fault(problem, arguments)) else report_error(problem)
    else:
        return code


def _encoding_fault(problem: Exception, arguments: Sequence[str]) -> str:
    """Return the sentence for an argument that is not UTF-8; empty for any other error."""
    word = next(filter(_NOT_UTF8.search, arguments), None)
    if word is None or not isinstance(problem, UnicodeEncodeError):
        return ""
    sentence = _("“{word}” is not valid UTF-8. Set the terminal to UTF-8, and type it again.")
    return sentence.format(word=_NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", word))


def _dispatch(arguments: list[str]) -> int:
    if plain := _PLAIN_TILL.match(" ".join(arguments)):
        with _without_garbage_collection():
            from till.cli.opening import open_configured

            return open_configured(int(plain["till"]) if plain["till"] else None)
    first, rest = arguments[0], arguments[1:]
    if first in {"--help", "-h"}:
        print(_help())
        return EXIT_DONE
    if first in {"--version", "-V"}:
        print(_version())
        return EXIT_DONE
    if first not in COMMANDS and first in nouns():
        first, rest = "admin", arguments
    if first not in COMMANDS:
        return refuse(_unknown(first), EXIT_USAGE)
    return _run(first, rest)


def _run(first: str, rest: list[str]) -> int:
    """Run a command, without typer if its arguments need no parser: loading typer would double the time."""
    if first == "demo" and (plain := _PLAIN_TILL.match(" ".join(rest))):
        with _without_garbage_collection():
            from till.cli.opening import open_demo

            return open_demo(int(plain["till"] or 1))
    if first == "say" and _has_only_words(rest):
        with _without_garbage_collection():
            from till.cli.saying import say_words

            return say_words(" ".join(word for word in rest if word != _JSON), as_json=_JSON in rest)
    from till.cli.running import run_command

    return run_command(f"till {first}", COMMANDS[first][0], rest)


def _has_only_words(words: Sequence[str]) -> bool:
    """Return True if the words need no parser: they have no option but `--json`."""
    return any(word != _JSON for word in words) and not any(word.startswith("-") and word != _JSON for word in words)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Turn off garbage collection until the first paint: it would find nothing, and take a tenth of the start.

    Enter this context before anything else is loaded. `till say` ends before there is garbage: the freeze keeps the
    collector from scanning the loaded modules.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _help() -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {sentence}" for name, (_module, sentence) in COMMANDS.items())
    return "\n\n".join(
        [
            _("Usage: till [--till N | COMMAND [OPTIONS]]"),
            _("A point-of-sale till for the terminal. Without a command, it opens the till set in the config."),
            f"{_('Commands:')}\n{commands}",
            _("Subjects of `till admin`, where “admin” may be left out (`till users list`): {nouns}.").format(
                nouns=", ".join(nouns())
            ),
            f"{_('Examples:')}\n{_EXAMPLES}",
            _("Run `till COMMAND --help` for details. TILL_CONFIG names the config, TILL_DATA_DIR the data folder."),
        ]
    )


def _version() -> str:
    """Return one line: version, build, tables, functions and journal. A checkout has no build: it may change."""
    from importlib import metadata

    import till
    from db.schema import OWN
    from till.cli.shared_files import is_checkout
    from till.journal.schema import REVISIONS

    build = "checkout" if is_checkout() else metadata.version("till").partition("+g")[2] or "release"
    return _("till {version}, build {build}, tables {tables}, functions {functions}, journal {journal}").format(
        version=till.__version__, build=build, tables=OWN.revision, functions=OWN.number, journal=len(REVISIONS)
    )


def _unknown(name: str) -> str:
    import difflib

    from till.domain.text import clean

    if difflib.get_close_matches(name.partition("=")[0], ["--till"]):
        return _("--till takes the number of a till, 1 to 999, and nothing after it: `till --till 2`.")
    shown = clean(name)[:40]
    near = difflib.get_close_matches(name, (*COMMANDS, *nouns()), n=1)
    if near:
        return _("There is no command {name}. Did you mean `till {near}`?").format(name=shown, near=near[0])
    return _("There is no command {name}. `till --help` lists the commands.").format(name=shown)


def _refuse_password() -> int:
    """Refuse a password as an argument without repeating it: logs keep stderr."""
    return refuse(
        _(
            "A password cannot be an argument: every user of this machine can read it. Name the database in "
            "database.url, and a file with the password in database.password_file."
        ),
        EXIT_USAGE,
    )


def _silence() -> None:
    """Discard the output, buffered output included: its reader is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
