"""Where whoever makes a venue is in its questions."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import Fault
    from till.ports.founding import MenuRead, Question
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


class Step(Enum):
    """What Enter does next."""

    ASKING = auto()
    REPEATING = auto()
    SHOWING = auto()
    AGREEING = auto()


class InitState(Struct, frozen=True):
    """The form at one moment.

    Attributes:
        place: of the question that is asked; behind the last at the end.
        step: a secret is typed again, a menu is shown before it is taken, or all is answered.
        entry: what is typed.
        keyed: a secret as it was typed first.
        wrong: what was refused, to stand beside its question.
        faults: of the menu that was refused.
        first: the first row in sight of what is shown of a menu.
    """

    place: int = 0
    step: Step = Step.ASKING
    entry: EntryLine = EMPTY
    keyed: str = ""
    wrong: str = ""
    message: StyledText | None = None
    faults: tuple[Fault, ...] = ()
    first: int = 0


class Asked(Struct, frozen=True):
    """A question with what was answered, if it was, and what is offered."""

    question: Question
    shown: str | None
    offered: str


class InitFacts(Struct, frozen=True):
    """The answers as they stand. `told` is what will be made, once all is answered."""

    keymap: Keymap
    asked: tuple[Asked, ...]
    menu: MenuRead | None = None
    told: tuple[str, ...] = ()
    is_held: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all is answered."""
        return all(one.shown is not None for one in self.asked)


def rows_of(state: InitState, facts: InitFacts) -> int:
    """How many rows there are to scroll through: a menu's items, or what is wrong with one."""
    if state.faults:
        return len(state.faults)
    return len(facts.menu.rows) if facts.menu is not None else 0
