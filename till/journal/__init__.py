"""The events on this till's disk, as `till.ports.Journal`.

- `JournalFile`: the journal; `JournalFile.open` opens or creates one.
- `OpenedJournal`: the result of opening.
- `Previous`: the damaged journal that a new one replaced.
- `copied`: a temporary copy for reading.
- `identity_at`: the identity of a journal, without opening it.
- `last_event_of`: the number of the last event of a journal, also of one that was removed.
- `path_beside`: the path of a new journal if the existing one belongs to another till or machine.
- `set_aside_beside`, `SetAside`: the replaced journals, damaged or older copies.
- `ForeignJournalError`: another till, store or machine wrote the journal.
- `JournalDamagedError`: the journal is damaged; the next opening repairs it.
- `JournalHeldError`: another process has the journal open.
- `JournalNewerError`, `JournalOlderError`: a newer till wrote it, or a till from before the first release.
"""

from till.journal.copying import temporary_copy
from till.journal.errors import (
    ForeignJournalError,
    JournalDamagedError,
    JournalHeldError,
    JournalNewerError,
    JournalOlderError,
)
from till.journal.file import JournalFile
from till.journal.meta import Previous, identity_at
from till.journal.opening import OpenedJournal, path_beside
from till.journal.replacing import SetAside, set_aside_beside
from till.journal.side_page import END, last_event_of

__all__ = [
    "END",
    "ForeignJournalError",
    "JournalDamagedError",
    "JournalFile",
    "JournalHeldError",
    "JournalNewerError",
    "JournalOlderError",
    "OpenedJournal",
    "Previous",
    "SetAside",
    "identity_at",
    "last_event_of",
    "path_beside",
    "set_aside_beside",
    "temporary_copy",
]
