"""Events on this till's disk, as `till.ports.Journal` wants them.

- `JournalFile`: the journal; `JournalFile.open` opens or makes one.
- `Opened`: what was found when it was opened.
- `Previous`: the damaged journal that a new one took the place of.
- `copied`: a copy to look at.
- `path_beside`: where to start a journal when the one that is there is another till's or machine's.
- `set_aside_beside`, `SetAside`: the journals that stand aside, damaged or older copies.
- `ForeignJournalError`: another till, store or machine wrote it.
- `JournalDamagedError`: it is not what was written; the next open puts that right.
- `JournalHeldError`: another process has it open.
- `JournalNewerError`: a newer till wrote it.
"""

from till.journal.copying import copied
from till.journal.errors import ForeignJournalError, JournalDamagedError, JournalHeldError, JournalNewerError
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
    "Opened",
    "Previous",
    "SetAside",
    "copied",
    "path_beside",
    "set_aside_beside",
]
