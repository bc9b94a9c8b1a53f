"""What a command may say when it refuses: one line that a person can read, and nothing of the program's insides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that was refused: exit 1, nothing on standard output, no control character."""
    said = done.stderr
    assert (done.returncode, done.stdout) == (1, ""), (done.stdout, said)
    assert said.startswith("till: ")
    assert said.endswith("\n")
    line = said.removeprefix("till: ").removesuffix("\n")
    assert line.isprintable(), line
    assert "Traceback" not in line
    assert "inside the till" not in line, line
    return line
