"""The sync between disk and PostgreSQL: it sends what the database lacks, and brings the reverse (design §6).

`engine` decides, without a socket or a clock of its own; `connection` is the wire, `server` the database at its end;
`service` drives the one over the other inside the till's event loop. The register imports nothing from here: it knows
only the ports. docs/protocol.md is the contract with the database.
"""
