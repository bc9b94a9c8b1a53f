"""Files that hold a password: refused unless only their owner can read them."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from till.cli.output import FileRefusedError, read_file
from till.domain.errors import LoginError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path


def is_open_to_others(file: Path) -> bool:
    """True if other users of the machine may read or write a file; false if it does not exist."""
    return file.exists() and bool(stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


def refuse_open(file: Path) -> None:
    """Refuse a file that holds a password if others may read it.

    Raises:
        LoginError: they may.
    """
    if is_open_to_others(file):
        raise LoginError(
            _("Others may read {file}, and it holds a password. Close it to them: chmod 600 {file}.").format(file=file)
        )


def read_secret_file(file: Path) -> str:
    """Read the first line of a file that holds a password, in which every space counts.

    Raises:
        LoginError: others may read it, or it is empty.
        FileRefusedError: it cannot be read.
    """
    refuse_open(file)
    secret = first_line(read_file(str(file)))
    if not secret:
        raise LoginError(_("{file} holds no password. Its first line is the password.").format(file=file))
    return secret


def made_secret_file(file: Path) -> str:
    """Read a file that holds a password; one that is missing is made, with a new password, for its owner alone.

    Raises:
        LoginError: as `read_secret_file`.
        FileRefusedError: it cannot be read or made.
    """
    if file.exists():
        return read_secret_file(file)
    secret = secrets.token_urlsafe(24)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        sentence = _("{file} cannot be written: {why}. Name another file.")
        raise FileRefusedError(sentence.format(file=file, why=problem.strerror)) from problem
    with os.fdopen(descriptor, "w", encoding="ascii") as made:
        made.write(f"{secret}\n")
    return secret


def first_line(data: bytes) -> str:
    """Return the first line, with its spaces: in a password each counts."""
    return data.decode("utf-8", "replace").partition("\n")[0].removesuffix("\r")
