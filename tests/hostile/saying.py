"""The refusal of a command: one line that a person can read, and nothing of the program's insides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a refused command; check for exit 1, no standard output and no control character."""
    message = done.stderr
    assert (done.returncode, done.stdout) == (1, ""), (done.stdout, message)
    assert message.startswith("till: ")
    assert message.endswith("\n")
    line = message.removeprefix("till: ").removesuffix("\n")
    assert line.isprintable(), line
    assert "Traceback" not in line
    assert "inside the till" not in line, line
    return line
