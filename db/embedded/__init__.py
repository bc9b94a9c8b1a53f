"""The embedded PostgreSQL: started by the first till of a machine, stopped by the last (ADR 0004).

A till only calls `EmbeddedServer(data_dir).acquire("Till 1")`. The parts:

- `server.lock` is held by the server itself, so its state never depends on a process id;
- each till holds a lease that the kernel releases when it dies; `control.lock` guards every start and stop;
- a cluster is created in a draft folder and renamed, so it is complete or does not exist;
- the owner connects over a private socket as the operating system's user, all other roles by password.

Importing this loads neither psycopg nor SQLAlchemy.
"""

from db.embedded.errors import (
    BusyError,
    DidNotStartError,
    DidNotStopError,
    EmbeddedError,
    InUseError,
    NotRunningError,
    StillStartingError,
    StillStoppingError,
)
from db.embedded.leases import Holder
from db.embedded.server import EmbeddedServer, Lease, ServerStatus

__all__ = [
    "BusyError",
    "DidNotStartError",
    "DidNotStopError",
    "EmbeddedError",
    "EmbeddedServer",
    "Holder",
    "InUseError",
    "Lease",
    "NotRunningError",
    "ServerStatus",
    "StillStartingError",
    "StillStoppingError",
]
