"""The commands of acts of administration, each made of the act's class."""

from __future__ import annotations

from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

import typer

from till.administration.acts.every import ACTS
from till.cli.administration import carry_out
from till.cli.authority import PasswordFile, PinFile, read_new_password, read_new_pin
from till.cli.fields import option, parameter_of, typed_as
from till.domain.i18n import _
from till.ports.shell import FieldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.administration.acts.act import AdminAction

#: The verbs that the help of a noun begins with.
_FIRST: Final = frozenset({"add", "edit"})
#: For each new secret its reader, and the option for a file that holds it.
_SECRETS: Final = {"pin": (read_new_pin, PinFile), "password": (read_new_password, PasswordFile)}


def add_acts(admin: typer.Typer) -> None:
    """Add the commands of all acts to the groups of `till admin`."""
    groups: dict[str | None, Any] = {group.name: group.typer_instance for group in admin.registered_groups}
    for act in ACTS:
        if act.shell:
            noun, verb, *_rest = act.shell.split()
            several = ". till admin " in act.shell
            heading = _("Examples: till admin {lines}") if several else _("Example: till admin {lines}")
            groups[noun].command(verb, epilog=heading.format(lines=act.shell))(command_of(act))
            if verb in _FIRST:
                groups[noun].registered_commands.insert(0, groups[noun].registered_commands.pop())


def command_of(act: type[AdminAction]) -> Callable[..., None]:
    """Return a function that takes the fields of an act as typer reads them, and carries the act out.

    A field that is not typed in a shell has its default, or else is None.
    """
    fields = signature(act).parameters
    typed = {name: get_args(hint) for name, hint in get_type_hints(act, include_extras=True).items()
             if get_origin(hint) is Annotated}  # fmt: skip
    parameters = [parameter_of(fields[name], *typed[name]) for name in fields if name in typed]
    read, file = _SECRETS.get(act.masked, (None, None))
    if file is not None:
        parameters.append(option("file", file))
    others = {name: None for name in fields if name not in typed and fields[name].default is Parameter.empty}

    def run(file: str | None = None, **values: Any) -> None:
        values = {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}
        try:
            if read is None:
                carry_out(act(**others, **values))
            else:
                carry_out(act(**values), lambda checked: checked.keyed(read(file)))
        except FieldError as problem:
            raise typer.BadParameter(problem.sentence, param_hint=problem.flag or None) from problem

    run.__doc__ = (act.__doc__ or "").partition("\n\n    Attributes:")[0]
    return typed_as(run, parameters)
