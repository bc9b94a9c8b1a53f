"""The work of leaves beside an open till: a leaf has it as `beside_till` of a module that is named here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from till.leaves import is_here

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from till.config import Folders
    from till.tui.shell.controller import Controller
    from till.tui.shell.idle import IdleClock

_MODULES: Final = ("till.display.showing",)


class BesideTill(Protocol):
    """Work beside a till until it is cancelled, in pauses between keys. It never ends the till."""

    def __call__(
        self, folders: Folders, till: int, controller: Controller, idle: IdleClock
    ) -> Coroutine[None, None, None]:
        """Return the work, which the till starts."""
        ...


def beside_till() -> Iterator[BesideTill]:
    """Yield the work of the leaves that are here."""
    for name in filter(is_here, _MODULES):
        found: BesideTill = import_module(name).beside_till
        yield found
