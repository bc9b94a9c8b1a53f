"""The connection between a till and the database, in place of a socket and a clock of its own."""

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
    """A stand-in for `time` in the sync, with the seconds of the running world."""

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
    """A request under way; `reply` is set once the database has answered, with its data at `age`."""

    request: Request
    text: str
    reply: str | None = None
    age: int = 0


class FakeServer:
    """A `till.sync.server.Server` for the register's questions: without a socket, open or not as the world decides."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.secret = secret(machine.number)

    async def open(self, _seconds: float, _turn: float | None = None) -> Hello:
        return self._machine.greet()

    async def ask(self, statement: str, text: str, _seconds: float, _turn: float | None = None) -> str:
        return self._machine.ask(statement, text)

    def abort(self) -> None:
        """Do nothing: nothing waits."""

    async def close(self) -> None:
        """Do nothing: nothing stays open."""
