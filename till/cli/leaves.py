"""Commands of leaves in the groups of other commands, and their comparison of the money that a provider lists."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

from till.leaves import is_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typer

    from till.cli.environment import Surroundings
    from till.ports import Listing

_READERS: Final = "till.readers.command"
#: The commands that leaves add to a group, each with a module that has them, by group, as `GROUPS`.
COMMANDS_OF_LEAVES: Final = {
    ("report", "payouts"): _READERS,
    ("tenders", "readers"): _READERS,
    ("tenders", "pair"): _READERS,
}


class CompareList(Protocol):
    """A comparison of a provider's list since this till's last close with the payments of all tills."""

    def __call__(self, here: Surroundings, name: str, tender: Listing, *, as_json: bool) -> None:
        """Print the comparison of a way to pay."""
        ...


def add_commands(app: typer.Typer, group: str) -> None:
    """Add to a group the commands of the leaves that are here."""
    named = dict.fromkeys(module for (of, _name), module in COMMANDS_OF_LEAVES.items() if of == group)
    for module in filter(is_here, named):
        groups: Mapping[str, typer.Typer] = import_module(module).GROUPS
        app.registered_commands += groups[group].registered_commands


def list_comparison() -> CompareList | None:
    """Return the comparison of a provider's list; None without the leaf that has it."""
    if not is_here(_READERS):
        return None
    found: CompareList = import_module(_READERS).compare_list
    return found
