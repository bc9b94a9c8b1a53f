"""State of the form that sets up a venue."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import Fault
    from till.ports.founding import MenuRead, Question
    from till.tui.drawing.viewmodels import (
        ChoicesView,
        EntryView,
        HeadView,
        KeysView,
        RowsView,
        StatusView,
        StyledText,
    )
    from till.tui.shell.keymap import Keymap


class Step(Enum):
    """The step of a question, which decides what Enter does."""

    ASKING = auto()
    REPEATING = auto()
    SHOWING = auto()
    AGREEING = auto()


class InitState(Struct, frozen=True):
    """The form at one moment.

    Attributes:
        place: the index of the current question; at the end, the index after the last one.
        step: answer, repeat a secret, preview a menu, or confirm at the end.
        entry: the entry line.
        keyed: a secret as it was first typed.
        wrong: the answer that was refused, shown beside its question.
        faults: the faults of a refused menu file.
        first: the first visible row of a menu preview.
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
    """A question, its answer if there is one, and the text offered in the entry line."""

    question: Question
    shown: str | None
    offered: str


class InitFacts(Struct, frozen=True):
    """The answers so far. Once all are given, `summary` describes what will be set up."""

    keymap: Keymap
    asked: tuple[Asked, ...]
    menu: MenuRead | None = None
    summary: tuple[str, ...] = ()
    is_held: bool = False

    @property
    def is_whole(self) -> bool:
        """True if every question is answered."""
        return all(one.shown is not None for one in self.asked)


def rows_of(state: InitState, facts: InitFacts) -> int:
    """Return the number of rows to scroll through: a menu's taxes and items, or its faults."""
    if state.faults:
        return len(state.faults)
    return len(facts.menu.taxes) + len(facts.menu.rows) if facts.menu is not None else 0


class Checked(Struct, frozen=True):
    """The secret is acceptable and is to be typed again."""


class Taken(Struct, frozen=True):
    """The answer was accepted."""


class Refused(Struct, frozen=True):
    """The answer was refused; `faults` lists the lines at fault in a menu file."""

    sentence: str
    faults: tuple[Fault, ...] = ()


InitOutcome = Checked | Taken | Refused


class InitViews(Struct, frozen=True):
    """The view of each widget. With a single pane, `is_about` shows the right one in place of the questions."""

    status: StatusView
    head: HeadView
    form: ChoicesView
    about_head: HeadView
    about: RowsView
    entry: EntryView
    keys: KeysView
    is_about: bool
