"""Files that hold a password. They are refused unless only their owner can read them."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from till.cli.output import FileRefusedError, read_file
from till.domain.errors import LoginError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def is_open_to_others(file: Path) -> bool:
    """Return True if other users of the machine may read or write a file; False if it does not exist."""
    return file.exists() and bool(stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


def refuse_open_file(file: Path) -> None:
    """Refuse a password file that other users may read.

    Raises:
        LoginError: other users may read it.
    """
    if is_open_to_others(file):
        raise LoginError(
            _("Others may read {file}, and it holds a password. Close it to them: chmod 600 {file}.").format(file=file)
        )


def read_secret_file(file: Path) -> str:
    """Return the first line of a password file, spaces included.

    Raises:
        LoginError: other users may read it, or it is empty.
        FileRefusedError: it cannot be read.
    """
    refuse_open_file(file)
    secret = first_line(read_file(str(file)))
    if not secret:
        raise LoginError(_("{file} holds no password. Its first line is the password.").format(file=file))
    return secret


def check_creatable(file: Path) -> None:
    """Refuse the name of a password file that this user can neither read nor create, before anything is done."""
    if file.exists() or os.access(file.parent, os.W_OK | os.X_OK):
        return
    import pwd
    import tempfile
    from pathlib import Path

    user = pwd.getpwuid(os.geteuid())
    home = Path(user.pw_dir)
    place = home if os.access(home, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    sentence = _("{user} may not write {file}, so nothing was done. Name a file in a folder of its own: {place}.")
    raise FileRefusedError(sentence.format(user=user.pw_name, file=file, place=place / file.name))


def ensure_secret_file(file: Path) -> str:
    """Read a password file. If it is missing, create it with a new password, readable only by its owner."""
    if file.exists():
        return read_secret_file(file)
    secret = secrets.token_urlsafe(24)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        sentence = _("{file} cannot be written: {why}. Name another file.")
        raise FileRefusedError(sentence.format(file=file, why=problem.strerror)) from problem
    with os.fdopen(descriptor, "w", encoding="ascii") as new_file:
        new_file.write(f"{secret}\n")
    return secret


@contextmanager
def replacing_secret_file(file: Path) -> Iterator[str]:
    """Yield a new password, and put it into the file after the block.

    Until then it is in a file beside it that ends in `.new`. If the block fails, that file remains and is used the next
    time: the password may have been set.
    """
    new_file = file.with_name(f"{file.name}.new")
    yield ensure_secret_file(new_file)
    new_file.replace(file)


def first_line(data: bytes) -> str:
    """Return the first line without its line break; spaces are kept, as they count in a password."""
    return data.decode("utf-8", "replace").partition("\n")[0].removesuffix("\r")
