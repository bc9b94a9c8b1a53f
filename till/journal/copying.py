"""Temporary copies of a journal for reading, which leave the journal unchanged."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from till.domain.errors import JournalError
from till.domain.i18n import _
from till.journal.lock import JournalLock
from till.journal.schema import ENDINGS
from till.journal.side_page import END, TYPED

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The endings of the copied files. The number of the last event is first: an open till keeps writing, so the copy may
#: have more events, but not fewer.
_COPIED: Final = (END, *ENDINGS, TYPED)


@contextmanager
def temporary_copy(path: Path, *, even_if_held: bool = False) -> Iterator[Path]:
    """Make a copy of the journal at `path` that is removed after the block.

    Args:
        path: the journal.
        even_if_held: copy it even while its till is open. The copy may then be inconsistent: only sealed content is
            reliable.

    Raises:
        JournalHeldError: another process has the journal open.
        JournalError: the journal cannot be copied.
    """
    lock = None if even_if_held else JournalLock(path)
    try:
        with TemporaryDirectory(prefix="till-") as folder:
            try:
                for ending in _COPIED:
                    file = path.with_name(path.name + ending)
                    if file.exists():
                        shutil.copy2(file, folder)
            except OSError as problem:
                sentence = _("The journal {path} cannot be copied to look at it: {why}.")
                raise JournalError(sentence.format(path=path, why=problem.strerror)) from problem
            if lock is not None:
                lock.release()
            yield Path(folder, path.name)
    finally:
        if lock is not None:
            lock.release()
