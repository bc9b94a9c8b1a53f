"""Commands of the till, run in the process of the tests: the same as in their own, without its start."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import pytest
from argon2 import PasswordHasher
from typer.main import get_command

from till.cli.leaves import COMMANDS_OF_LEAVES
from till.cli.main import COMMANDS, COMMANDS_OF_ALL, main, run_module
from till.leaves import is_here

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The parser of a command with its subcommands; a till's process builds it once.
built_command = cache(get_command)
#: The maker of hashes that are quick to check: at its real cost each check takes 0.2 s of CPU.
_CheapHasher: Final = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)


def cheap_hash(pin: str) -> str:
    """Return a hash of a PIN that is quick to check."""
    return _CheapHasher().hash(pin)


def run_here(
    arguments: Sequence[str], *, stdin: str = "", more: Mapping[str, str] | None = None, tool: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command, or a tool of `tools`; `more` adds to the environment. Nothing that it uses is a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("till.cli.running.get_command", built_command)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        for name, value in (more or {}).items():
            patch.setenv(name, value)
        code = (
            main(arguments)
            if tool is None
            else run_module(f"python -m tools.{tool}", f"tools.{tool}.command", arguments)
        )
    return subprocess.CompletedProcess(["till", *arguments], code, out.getvalue(), err.getvalue())


def is_of_gone_leaf(words: Sequence[str]) -> bool:
    """Return True for a command, by its words, whose leaf was deleted."""
    first, *rest = [word for word in words if word != "admin"] or [""]
    leaf = COMMANDS_OF_LEAVES.get((first, rest[0])) if rest else None
    return first in COMMANDS_OF_ALL.keys() - COMMANDS.keys() or (leaf is not None and not is_here(leaf))


def make_guesses_cheap(patch: pytest.MonkeyPatch) -> None:
    """Make PINs and passwords quick to check; tests of the domain and the register check them at their real cost."""
    patch.setattr("argon2.PasswordHasher", _CheapHasher)
    for name, cost in (("_TIME", 1), ("_MEMORY_KIB", 8), ("_LANES", 1)):
        patch.setattr(f"till.domain.staff.password.{name}", cost)
