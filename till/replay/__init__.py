"""Recorded trading rung through the register: read from files, rung by a clock of its own, found again to the penny.

`trading` is what was recorded and `files` reads it; `venue` says what a till must know to ring it, `plan` puts the rows
in order, `ring` rings them, `compare` holds what the database then has against the files, `replay` does all of it. It
knows the register and ports alone; who composes it with real parts is `till.wiring.replay`.
"""
