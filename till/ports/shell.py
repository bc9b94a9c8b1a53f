"""Arguments of commands, as the annotations of declared fields and readers give them."""

from __future__ import annotations

from typing import NamedTuple

from till.domain.errors import TillError
from till.domain.i18n import N_


class ShellField(NamedTuple):
    """The way to type a field in a shell, in the annotation of the field.

    Attributes:
        metavar: the word for its value in the help.
        help: a sentence on it.
        flag: the name of an option; empty for an argument, which must be given unless it is None by default.
        least: the lowest number.
        most: the highest number.
        is_id: True for the text of a UUID.
    """

    metavar: str
    help: str
    flag: str = ""
    least: int | None = None
    most: int | None = None
    is_id: bool = False


class FieldError(TillError):
    """A field that was typed wrongly, or fields that do not fit together: wrong usage of a command.

    Attributes:
        flag: the name of the option; empty for several.
    """

    code = "usage"
    default = N_("That was typed wrongly.")

    def __init__(self, sentence: str | None = None, flag: str = "") -> None:
        super().__init__(sentence)
        self.flag = flag
