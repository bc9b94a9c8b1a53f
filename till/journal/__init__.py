"""Events on this till's disk, as `till.ports.Journal` wants them.

- `JournalFile`: the journal; `JournalFile.open` opens or makes one.
- `Opened`: what was found when it was opened.
- `JournalHeldError`: another process has it open.
- `ForeignJournalError`: another till, store or machine wrote it.
- `JournalNewerError`: a newer till wrote it.
- `JournalDamagedError`: it is not what was written.
"""

from till.journal.errors import ForeignJournalError, JournalDamagedError, JournalHeldError, JournalNewerError
from till.journal.file import JournalFile
from till.journal.opening import Opened

__all__ = [
    "ForeignJournalError",
    "JournalDamagedError",
    "JournalFile",
    "JournalHeldError",
    "JournalNewerError",
    "Opened",
]
