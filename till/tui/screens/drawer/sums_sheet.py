"""The sheets that are only read: an X or a Z."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.paper.drawer import sums_rows
from till.ports.printer import WITHOUT_CASH, DocumentRef
from till.register import shift_words
from till.register.other_tills.news import PaperChanged
from till.register.printing.words import printing_words
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.shell.keymap import PRINT
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.shift.evolve import Shift
    from till.ports.printer import Job
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


class ReadSheet(ChoiceSheet):
    """Rows that are only read: arrows scroll them, and what is typed is for the order below.

    Enter prints them once, or goes back at a till without a printer.
    """

    is_read = True
    keyed = (*ChoiceSheet.keyed, "_job", "message")
    #: The paper with the rows; None if there is none.
    paper: DocumentRef | None = None
    _job: Job | None = None

    def _press(self, press: KeyPress) -> None:
        if self.controller.keymap.command(press) == PRINT and self._prints:
            self._print()
        elif asks_help(self.controller, press, types=False) or not self.types_on(press):
            super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """Print the rows, or go back."""
        if self._prints:
            self._print()
        else:
            self.cancel()

    def _print(self) -> None:
        if self.paper is not None:
            self._say(self.controller.register.printing.print(self.paper))

    @property
    def _prints(self) -> bool:
        has_printer = bool(self.controller.register.printing.printers().papers)
        return self.paper is not None and self._job is None and has_printer

    def _say(self, job: Job) -> None:
        self._job, self.message = job, plain(printing_words(self.controller.register.printing, job))

    @override
    def hear(self, news: Heard) -> bool:
        """Say the new state of the paper."""
        if isinstance(news, PaperChanged) and self._job is not None:
            self._say(self._job)
        return False

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Print")) if self._prints else KeyView("Enter", _("Back to the order"), _("Back"))


class TotalsSheet(ReadSheet):
    """The sums of a shift, row by row.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        shift: a closed shift for its Z, or the open one for its X.
        count: opens the count of the drawer, at Enter; None if Enter prints.
    """

    columns = Columns(key=1, name=1, detail=2)

    def __init__(
        self, controller: Controller, screen: TillScreen, shift: Shift, *, count: Callable[[], None] | None = None
    ) -> None:
        register = controller.register
        super().__init__(controller, screen, shift_words.title(shift))
        self._count = count
        hides_cash = register.drawer.hides_cash(shift.id)
        self.paper = DocumentRef("z" if shift.is_over else "x", shift.id, WITHOUT_CASH if hides_cash else "")
        of, label_of = shift.closed or register.drawer.sums(), register.checkout.tenders.label_of
        shown = sums_rows(of, register.formats, label_of, hides_cash=hides_cash)
        self._shown = tuple(
            ChoiceView("", row.left, right=StyledText(row.right) if row.right else None) for row in shown
        )

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self._shown

    @override
    def enter(self, typed: str) -> None:
        """Open the count, print the rows, or go back."""
        if self._count is None:
            super().enter(typed)
        else:
            self.controller.close(self)
            self._count()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        keys = super().keys()
        if self._count is None or not self._prints:
            return keys
        return (KeyView(self.controller.keymap.label(PRINT), _("Print")), *keys)

    @override
    def primary(self) -> KeyView:
        return super().primary() if self._count is None else KeyView("Enter", _("Count the drawer"), _("Count"))
