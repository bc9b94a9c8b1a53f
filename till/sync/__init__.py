"""The sync between the disk and PostgreSQL: it exchanges missing events in both directions.

`engine` decides, without I/O or a clock; `connection` is the connection to PostgreSQL, `server` the venue's database;
`service` runs the engine inside the till's event loop. The register does not import this package, only the ports.
docs/protocol.md is the contract with the database.
"""
