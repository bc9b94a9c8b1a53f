"""Replays: recorded trading keyed through the register on a separate clock, and compared to the penny.

`trading` has the recorded values, and `files` reads them; `venue` describes the venue, `plan` orders the rows, `ring`
keys them, `compare` checks the database against the files, and `replay` runs all steps. The package uses only the
register and ports; `till.wiring.replay` connects it to real parts.
"""
