"""The events on this till's disk, as `till.ports.Journal`.

- `JournalFile`: the journal; `JournalFile.open` opens or makes one.
- `Opened`: what was found on opening.
- `Previous`: the damaged journal that a new one replaced.
- `copied`: a copy to look at.
- `path_beside`: the path of a new journal if the existing one is another till's or machine's.
- `set_aside_beside`, `SetAside`: the journals that were set aside, damaged or older copies.
- `ForeignJournalError`: another till, store or machine wrote it.
- `JournalDamagedError`: it is not what was written; the next opening repairs that.
- `JournalHeldError`: another process has it open.
- `JournalNewerError`, `JournalOlderError`: a newer till wrote it, or one from before the first release.
"""

from till.journal.copying import copied
from till.journal.errors import (
    ForeignJournalError,
    JournalDamagedError,
    JournalHeldError,
    JournalNewerError,
    JournalOlderError,
)
from till.journal.file import JournalFile
from till.journal.meta import Previous
from till.journal.opening import Opened, path_beside
from till.journal.replacing import SetAside, set_aside_beside

__all__ = [
    "ForeignJournalError",
    "JournalDamagedError",
    "JournalFile",
    "JournalHeldError",
    "JournalNewerError",
    "JournalOlderError",
    "Opened",
    "Previous",
    "SetAside",
    "copied",
    "path_beside",
    "set_aside_beside",
]
