"""The sheet that asks which paper is printed, while several can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.text import capitalize_first, clean
from till.ports.printer import DocumentRef, Job, JobState
from till.register.papers import DocumentMaker
from till.register.printing.names import PAPERS, TicketBatch
from till.register.printing.tickets import print_batch
from till.register.printing.words import state_words
from till.tui.drawing.viewmodels import ChoiceView, KeyView, numbered
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller

#: The most papers in the list: each has a digit.
_MOST: Final = 9


class PaperSheet(ChoiceSheet):
    """The papers that can be printed, the first one marked: a digit prints one at once, Enter the marked one.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        papers: the papers; a job that waits stands for itself, and tickets that wait together are one entry.
        say: says the state of a printed paper.
    """

    enter_key = KeyView("Enter", N_("Print"))

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        papers: Sequence[DocumentRef | Job | TicketBatch],
        say: Callable[[Job], None],
    ) -> None:
        made, self._papers = DocumentMaker(controller.register), papers[:_MOST]
        self._names = tuple(_name(made, one) for one in self._papers)
        self._say = say
        super().__init__(controller, screen, _("Which paper?"))

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        printing = self.controller.register.printing

        def state(one: DocumentRef | Job | TicketBatch) -> str:
            if isinstance(one, TicketBatch):
                return state_words(one.tickets[0]) if one.is_late else _("▲ prints here")
            return state_words(printing.now(one)) if isinstance(one, Job) else ""

        return numbered(zip(self._names, map(state, self._papers), strict=True))

    def _pick(self, char: str) -> None:
        super()._pick(char)
        if self._picked() is not None:
            self._enter()

    @override
    def choose(self, place: int) -> None:
        """Print a paper.

        Raises:
            PrintError: it cannot be printed.
        """
        printing, paper = self.controller.register.printing, self._papers[place]
        if isinstance(paper, TicketBatch):
            job = print_batch(printing, paper)
        elif isinstance(paper, Job) and paper.state is JobState.UNKNOWN:
            job = printing.again(paper)
        else:
            job = printing.wanted(paper) if isinstance(paper, Job) else printing.print(paper)
        self.controller.close(self)
        self._say(job)

    @override
    def hint(self) -> str:
        if any(isinstance(one, Job) for one in self._papers):
            return _("A digit prints it. “no receipt” drops all that wait.")
        return _("A digit prints it.")


def _name(papers: DocumentMaker, paper: DocumentRef | Job | TicketBatch) -> str:
    """Return the title of a paper, as in `Receipt 1-000042`; its kind if it cannot be made now."""
    if isinstance(paper, TicketBatch):
        count, printer = len(paper.tickets), clean(paper.tickets[0].printer)
        words = ngettext("{n} late ticket", "{n} late tickets", count) if paper.is_late else ""
        words = words or ngettext("{n} ticket for {printer}", "{n} tickets for {printer}", count)
        return words.format(n=count, printer=printer)
    try:
        return papers.title(paper)
    except TillError:
        return capitalize_first(_(PAPERS[paper.paper].name))
