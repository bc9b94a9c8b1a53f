"""Files that hold a password: their owner's alone to read, or they are refused."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from till.cli.output import read_file
from till.domain.errors import LoginError
from till.domain.i18n import _

if TYPE_CHECKING:
    from pathlib import Path


def is_open_to_others(file: Path) -> bool:
    """Whether other users of the machine may read a file, or write it; not of one that is not there."""
    return file.exists() and bool(stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


def read_secret_file(file: Path) -> str:
    """The first line of a file that holds a password, of which every space counts.

    Raises:
        LoginError: others may read it, or it says nothing.
        FileRefusedError: it cannot be read.
    """
    if is_open_to_others(file):
        raise LoginError(
            _("Others may read {file}, and it holds a password. Close it to them: chmod 600 {file}.").format(file=file)
        )
    secret = first_line(read_file(str(file)))
    if not secret:
        raise LoginError(_("{file} holds no password. Its first line is the password.").format(file=file))
    return secret


def first_line(data: bytes) -> str:
    """The first line; of a password every space counts."""
    return data.decode("utf-8", "replace").partition("\n")[0].removesuffix("\r")
