"""Disk ⇄ PostgreSQL: what this till has and the database has not, and the reverse (design §6, docs/protocol.md).

`engine` decides, without a socket or a clock of its own; `link` is the road; `service` drives the one over the other
inside the till's event loop. Nothing here is imported by the register: it knows the ports alone.
"""
