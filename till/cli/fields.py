"""Arguments and options of a command, made of the declared fields of an act or of a reader."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.ports.shell import ShellField


def typed_as(run: Callable[..., None], parameters: Sequence[Parameter]) -> Callable[..., None]:
    """Return the function of a command with parameters that typer reads."""
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def option(name: str, annotation: Any, default: Any = None) -> Parameter:
    """Return an option as typer reads it."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def options(**annotations: Any) -> list[Parameter]:
    """Return options by their names, None without a value."""
    return [option(name, annotation) for name, annotation in annotations.items()]


def parameter_of(field: Parameter, kind: Any, typed: ShellField) -> Parameter:
    """Return a field as typer reads it: a keyword whose annotation tells how it is typed."""
    facts: dict[str, Any] = {"metavar": typed.metavar or None, "help": typed.help}
    facts |= {"min": typed.least, "max": typed.most}
    shown = typer.Option(typed.flag, **facts) if typed.flag else typer.Argument(**facts)
    if kind is bytes:
        kind = str
    elif typed.is_id:
        kind = UUID if field.default is Parameter.empty else UUID | None
    default = field.default if typed.flag or field.default is None else Parameter.empty
    return field.replace(kind=Parameter.KEYWORD_ONLY, annotation=Annotated[kind, shown], default=default)
