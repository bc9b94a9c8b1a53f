"""Replays: recorded trading keyed through the register, with a clock of its own, and compared to the penny.

`trading` holds the recorded values and `files` reads them; `venue` describes the venue for them, `plan` orders the
rows, `ring` keys them, `compare` checks the database against the files, and `replay` does all of it. It knows only the
register and ports; `till.wiring.replay` composes it with real parts.
"""
