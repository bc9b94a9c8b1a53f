"""The form that sets up a venue at one moment, and its views."""

from __future__ import annotations

from enum import Enum, auto
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from till.domain.i18n import _, ngettext
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    EntryView,
    HeadView,
    RowsView,
    RowView,
    StatusView,
    StyledText,
    cell,
    in_row,
)
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from till.domain.catalogue.csv_table import CsvFault
    from till.ports.founding import MenuRead, Question
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import KeysView
    from till.tui.shell.keymap import Keymap

#: The columns where the price ends and the category begins in a menu preview.
_PRICE, _CATEGORY = 33, 36
_FAULT: Final = 10


class QuestionStep(Enum):
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
    step: QuestionStep = QuestionStep.ASKING
    entry: EntryLine = EMPTY
    keyed: str = ""
    wrong: str = ""
    message: StyledText | None = None
    faults: tuple[CsvFault, ...] = ()
    first: int = 0


class FormQuestion(Struct, frozen=True):
    """A question, its answer if there is one, and the text offered in the entry line."""

    question: Question
    shown: str | None
    offered: str


class InitFacts(Struct, frozen=True):
    """The answers so far. Once all are given, `summary` describes what will be set up."""

    keymap: Keymap
    asked: tuple[FormQuestion, ...]
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


def views_of(
    state: InitState, facts: InitFacts, keys: KeysView, *, width: int, wide: bool, room: int
) -> tuple[Views, bool]:
    """Return all views of a state, and True if a single pane shows the right one in place of the questions.

    The pane about the question has `width` cells, and is separate if `wide`.

    A message of more than `room` cells is in that pane, whole, instead of the line at the foot.
    """
    long = state.message if state.message is not None and cell_len(state.message.text) > room else None
    if long is not None:
        state = replace(state, message=None)
    asked = facts.asked[state.place] if state.place < len(facts.asked) else None
    done = sum(one.shown is not None for one in facts.asked)
    count = _("{n} of {all} answered").format(n=done, all=len(facts.asked))
    title, about = _about(state, facts, asked, width)
    if long is not None:
        title, about = HeadView(_("Not done yet")), _sentences((long.text,), width)
    views = {
        "status": StatusView(_venue(facts), _("A new venue"), light=StyledText(count, Tone.MUTED)),
        "head": HeadView(_("Your venue"), "", "" if facts.is_whole else _("nothing is created yet")),
        "form": _form(state, facts),
        "about_head": title,
        "about": about,
        "entry": _entry(state, facts, asked, wide=wide),
        "keys": keys,
    }
    return views, bool(state.faults) or state.step is QuestionStep.SHOWING or long is not None


def _venue(facts: InitFacts) -> str:
    return next((one.shown or "" for one in facts.asked if one.question.name == "name"), "")


# The form.


def _form(state: InitState, facts: InitFacts) -> ChoicesView:
    rows = [_row(one, state if place == state.place else None) for place, one in enumerate(facts.asked)]
    if facts.is_whole:
        rows.append(ChoiceView("", _("Create it")))
    return ChoicesView(tuple(rows), min(state.place, len(rows) - 1))


def _row(asked: FormQuestion, state: InitState | None) -> ChoiceView:
    """Return the row of a question with its answer; for the current question, with the refused answer if any."""
    if state is not None and state.wrong:
        detail = StyledText(state.wrong, Tone.WARN, mark=Mark.REFUSED)
    elif asked.shown is not None:
        detail = StyledText(asked.shown, bold=state is not None)
    else:
        detail = StyledText("")
    return ChoiceView("", asked.question.label, detail)


# About the question.


def _about(state: InitState, facts: InitFacts, asked: FormQuestion | None, width: int) -> tuple[HeadView, RowsView]:
    if state.faults:
        count = len(state.faults)
        detail = ngettext("{n} line cannot be read", "{n} lines cannot be read", count).format(n=count)
        return HeadView(_("Menu"), detail), _faults(state, width)
    if state.step is QuestionStep.SHOWING and facts.menu is not None:
        items = ngettext("{n} item", "{n} items", len(facts.menu.rows)).format(n=len(facts.menu.rows))
        parts = ngettext("{n} category", "{n} categories", facts.menu.categories).format(n=facts.menu.categories)
        return HeadView(_("Menu"), f"{items}, {parts}"), _menu(state, facts.menu, width)
    if asked is None:
        return HeadView(_("Summary")), _sentences(facts.summary, width)
    return HeadView(asked.question.label), _sentences((asked.question.about,), width)


def _sentences(sentences: tuple[str, ...], width: int) -> RowsView:
    rows: list[RowView] = []
    for place, sentence in enumerate(sentences):
        rows += [RowView()] if place else []
        rows += [in_row(cell(0, part)) for part in wrap(sentence, max(width, 1))]
    return RowsView(tuple(rows))


def _menu(state: InitState, menu: MenuRead, width: int) -> RowsView:
    """Return the taxes of a menu, each with its example, then its items."""
    taxes = [
        in_row(cell(2 if place else 0, part))
        for line in menu.taxes
        for place, part in enumerate(wrap(line, max(width - 2, 1)))
    ]
    items = (
        in_row(cell(0, row.name), cell(_PRICE, row.price, right=True), cell(_CATEGORY, row.category, Tone.MUTED))
        for row in menu.rows
    )
    return RowsView((*taxes, *([RowView()] if taxes else []), *items), state.first)


def _faults(state: InitState, width: int) -> RowsView:
    rows: list[RowView] = []
    for fault in state.faults[state.first :]:
        line = cell(0, _("line {n}").format(n=fault.line), Tone.MUTED)
        for place, part in enumerate(wrap(fault.sentence, max(width - _FAULT, 1))):
            rows.append(RowView(((line,) if not place else ()) + (cell(_FAULT, part),)))
    return RowsView(tuple(rows))


# The line at the foot.


def _entry(state: InitState, facts: InitFacts, asked: FormQuestion | None, *, wide: bool) -> EntryView:
    answer = state.message
    if facts.is_held:
        answer = StyledText(_("One moment."), mark=Mark.SAVING)
    if asked is None:
        text = _("Enter creates it.") if wide else " ".join(facts.summary)
        return EntryView(answer=answer or StyledText(text))
    if answer is None:
        answer = StyledText(
            {QuestionStep.REPEATING: _("The same again."), QuestionStep.SHOWING: _("Is this the menu?")}.get(
                state.step, asked.question.asks
            )
        )
    secret = asked.question.secret
    hint = _("y or n") if asked.question.name == "prices_include_tax" else ""
    if secret and asked.shown is not None and state.step is QuestionStep.ASKING:
        hint = _("Enter keeps the one that was typed.")
    text, cursor = state.entry.text, state.entry.cursor
    return EntryView(text, cursor, answer, hint=hint, masked=secret, offered=state.entry.is_offered)
