"""The grammar of the command line, held by a walk through the whole tree of commands."""

from __future__ import annotations

import importlib
import os
import subprocess
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.terminal import TILL
from tests.plugins.commands import built_command
from till.cli import admin
from till.cli.completion import complete
from till.cli.main import COMMANDS, nouns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell

#: The commands without a noun: what a person does with the till, or with all of the venue at once.
VERBS_ALONE: Final = {
    *(
        "demo",
        "init",
        "enrol",
        "train",
        "recover",
        "gateway",
        "serve",
        "doctor",
        "keys",
        "say",
        "receipt",
    ),
    *("kitchen", "display"),
    *("cleanup", "help", "stats", "watch"),
}
#: The names that programs have known since before the grammar, beside those of the grammar.
KEPT: Final = {"list-sessions", "show-session", "close-session"}
NOUNS: Final = nouns()
#: The verbs of nouns. What is taken away is removed; access is revoked, and free text erased for good.
VERBS: Final = {
    *("list", "show", "history", "statement", "pay-offs", "languages"),
    *("add", "issue", "open", "set", "rename", "limit", "pay-off", "correct", "edit", "change", "schedule", "course"),
    *(
        "import",
        "export",
        "print",
        "bring-back",
        "86",
        "back",
        "verify",
        "test",
        "totals",
        "readers",
        "pair",
        "compare",
    ),
    *("set-role", "set-pin", "set-password", "set-language", "unlock", "enable", "disable", "no-show", "cancel"),
    *("close", "close-orders"),
    *("adopt", "renew", "phone", "settle", "resolve", "retry", "book", "no-money", "send", "mend", "annul"),
    *("remove", "revoke", "erase"),
    *("items", "deliveries", "below", "count", "deliver", "waste", "undo"),
    *("upgrade", "status", "check", "prepare", "exports", "url", "stop", "backup", "restore", "declaration"),
}
#: The words that are not said for taking something away.
REFUSED_WORDS: Final = ("delete", "drop", "clear", "forget", "unset", "void", "rm", "del", "purge", "discard")
#: Options that had such a word before they were refused.
EARLIER: Final = {("recover", "--discard")}


@cache
def command_of(module: str) -> Any:
    return built_command(importlib.import_module(module).app)


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, one in command.commands.items():
        yield from leaves(one, (*path, name))


MODULES: Final = {name: module for name, (module, _about) in COMMANDS.items()}
LEAVES: Final = [
    (path, command) for name, module in MODULES.items() for path, command in leaves(command_of(module), (name,))
]


def test_the_nouns_are_the_groups_of_admin() -> None:
    whole: Any = built_command(admin.app)
    groups = {name for name, one in whole.commands.items() if hasattr(one, "commands")}
    assert groups == {*NOUNS}
    assert all(noun.endswith("s") or noun in {"menu", "audit", "quarantine", "stock"} for noun in NOUNS)


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _command in LEAVES])
def test_each_command_follows_the_grammar(path: tuple[str, ...], command: Any) -> None:
    *nouns, verb = [word for word in path if word not in {"admin", "report"}]
    if path[0] != "report":
        assert verb in (VERBS if nouns else VERBS_ALONE | KEPT), path
    assert command.help, "it says what it does"
    before, _word, example = (command.epilog or "").partition("Example")
    assert command.hidden or (before == "" and f"till {' '.join(path)}" in example), "it shows how it is typed"
    assert not {"“", "”"} & set(example), "a shell does not know these quotes"
    options = {name for param in command.params for name in param.opts if name.startswith("--")}
    if verb in {"list", "show", "history", "statement", "status"}:
        assert "--json" in options
    assert verb not in {"list", "history"} or "--csv" in options or path == ("admin", "tenders", "list")
    for word in (verb, *options):
        refused = {*word.strip("-").split("-")} & {*REFUSED_WORDS}
        assert not refused or (path[0], word) in EARLIER, word


def test_a_noun_needs_no_admin_and_lists_by_itself(staffed: Shell) -> None:
    listed = staffed.ok("admin", "users", "list")
    assert staffed.ok("users", "list") == staffed.ok("users") == staffed.ok("admin", "users") == listed
    assert staffed("users", "--json").json == staffed("admin", "users", "list", "--json").json
    for noun in NOUNS:
        if noun not in {"audit", "labels"}:  # labels are printed, and none is kept
            assert staffed(noun).code == 0, noun
            assert f"till {noun}" not in staffed(noun, "nonsense").out
            assert staffed(noun, "nonsense").code == 2
    assert staffed("sessions", "--json").json == staffed("admin", "list-sessions", "--json").json


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("till se", {"serve", "sessions", "settings"}),
        ("till sessions ", {"list", "show", "close", "erase"}),
        ("till admin users set", {"set-role", "set-pin", "set-password", "set-language"}),
        ("till db sta", {"status"}),
        ("till users add --pi", {"--pin-file"}),
    ],
)
def test_a_shell_completes_words(
    typed: str, words: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in asks(typed).items():
        monkeypatch.setenv(name, value)
    assert complete([], MODULES, NOUNS) == 0
    assert {*capsys.readouterr().out.split()} == words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_setup_of_a_shell_is_printed(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "")  # as before, afterwards
    assert complete(["--show-completion", shell], MODULES, NOUNS) == 0
    assert "_TILL_COMPLETE" in capsys.readouterr().out


def test_the_installed_program_completes_words_and_prints_its_setup() -> None:
    run = partial(subprocess.run, capture_output=True, text=True, check=True, timeout=60)
    assert {*run([TILL], env={**os.environ, **asks("till se")}).stdout.split()} == {"serve", "sessions", "settings"}
    assert "_TILL_COMPLETE" in run([TILL, "--show-completion", "bash"]).stdout


def asks(typed: str) -> dict[str, str]:
    """Return the environment in which bash asks for completions of a command line."""
    return {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_TILL_COMPLETE": "complete_bash"}
