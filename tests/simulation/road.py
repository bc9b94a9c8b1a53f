"""What stands between a till and the database instead of a socket and a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unittest import mock

import till.sync.service as service_module
from tests.simulation.server import secret

if TYPE_CHECKING:
    from tests.simulation.machine import Machine
    from tests.simulation.world import World
    from till.sync.messages import Hello, Request


class VirtualTime:
    """Stands in for `time` in the sync: seconds are those of the world that runs now."""

    def __init__(self) -> None:
        self.world: World | None = None

    def monotonic(self) -> float:
        return self.world.now if self.world else 0.0


TIME: Final = VirtualTime()


def under_virtual_time() -> mock._patch[VirtualTime]:
    """Let the sync read the world's clock."""
    return mock.patch.object(service_module, "time", TIME)


@dataclass(slots=True)
class Wire:
    """A request that is out: `reply` once the database has answered, which it did at that age of its data."""

    request: Request
    text: str
    reply: str | None = None
    age: int = 0


class Road:
    """`till.sync.road.Road` for the questions of the register: no socket, and the world decides whether it is open."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.secret = secret(machine.number)

    async def open(self, _seconds: float) -> Hello:
        return self._machine.greet()

    async def ask(self, statement: str, text: str, _seconds: float) -> str:
        return self._machine.ask(statement, text)

    def abort(self) -> None:
        """Nothing of it waits."""

    async def close(self) -> None:
        """Nothing of it stays open."""
