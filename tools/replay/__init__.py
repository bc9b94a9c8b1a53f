"""Replays: recorded trading keyed through the register on a separate clock, and compared to the penny.

`tools.replay.files` reads the recorded values; `venue` describes the venue, `plan` orders the rows, `ring`
keys them, `compare` checks the database against the files, and `replay` runs all steps. `books` connects it to real
parts, and `opening` makes the venue in a data folder.
"""

from typing import Final

#: The command, as typed.
NAME: Final = "python -m tools.replay"
