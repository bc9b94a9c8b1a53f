"""Calls that a reducer asks for: the name of a function, and its arguments."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

H_contra = TypeVar("H_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)
P = ParamSpec("P")
E = TypeVar("E")
#: The result of an act: its outcome, which the scene reduces, or None; a coroutine of it if keys wait for the act.
Result: TypeAlias = "Coroutine[Any, Any, E | None] | E | None"


class Call(Struct, Generic[H_contra, R_co], frozen=True):
    """A call of an act on a scene, to be made once the state is kept. Two calls of one act with equal values are equal.

    Attributes:
        act: a function, or a method of the scene's acts, given the scene first.
    """

    act: Callable[..., R_co]
    values: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        """Return the name of the act alone: its values may be secrets."""
        return f"call({self.act.__qualname__})"

    def on(self, host: H_contra) -> R_co:
        """Make the call.

        Raises:
            TillError: it is refused; nothing changed.
        """
        return self.act(host, *self.values, **dict(self.named))


def call(act: Callable[Concatenate[H_contra, P], R_co], *values: P.args, **named: P.kwargs) -> Call[H_contra, R_co]:
    """Return the call of an act with these arguments."""
    return Call(act, values, tuple(sorted(named.items())))


class Later:
    """A module that is imported at its first use, so that no first paint waits for it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
