"""The declaration of a figure of an X and a Z: it stands with its field in `events.py`, and everything else follows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

from msgspec.structs import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Struct


class Figure(NamedTuple):
    """The name of a field of the sums of a shift, and how it is shown.

    Attributes:
        words: its name on paper and in reports; the heading of a column of a section.
        name: its name for programs, if it is not the field's.
        times: the field beside it that counts what it adds up.
        waits: True if it is not shown before the drawer is counted.
    """

    words: str
    name: str = ""
    times: str = ""
    waits: bool = False


class Field(NamedTuple):
    """A field that is declared as a figure.

    Attributes:
        field: its name in the struct.
        name: its name in reports.
        kind: its type, such as `Amount`.
        is_later: True if it may be None: a Z that was closed before the figure was added does not state it.
    """

    field: str
    name: str
    kind: Any
    figure: Figure
    is_later: bool


@cache
def figures_of(struct: type[Struct]) -> tuple[Field, ...]:
    """Return the figures that a struct declares, in its order."""
    return tuple(_declared(struct))


def _declared(struct: type[Struct]) -> Iterator[Field]:
    for field in fields(struct):
        if get_origin(field.type) is Annotated:
            kind, *marks = get_args(field.type)
            for figure in (one for one in marks if isinstance(one, Figure)):
                others = [one for one in marks if one is not figure]
                kind = Annotated[kind, *others] if others else kind
                is_later = type(None) in get_args(kind)
                kind = next(one for one in get_args(kind) if one is not type(None)) if is_later else kind
                yield Field(field.name, figure.name or field.name, kind, figure, is_later)
