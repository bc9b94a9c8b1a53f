"""The base of sheets that ask for a reason: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import ReasonNeededError
from till.domain.i18n import _
from till.domain.text import is_code
from till.tui.drawing.viewmodels import ChoiceView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from till.tui.shell.controller import Helped

#: The most characters of a reason.
_LONGEST: Final = 80


def check_not_scanned(typed: str) -> None:
    """Refuse a barcode scanned while a reason is asked for.

    Raises:
        ReasonNeededError: the text has as many digits as a barcode.
    """
    if is_code(typed):
        raise ReasonNeededError(_("That was a barcode. Type a reason, or Esc to key the item."))


class ReasonSheet(ChoiceSheet):
    """The question for the reason of taking something off. A digit picks a usual one, or one's own is typed."""

    types = True
    reasons: tuple[str, ...] = ()

    def act(self, reason: str) -> None:
        """Act with this reason."""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(self.reasons, 1))

    @override
    def choose(self, place: int) -> None:
        self.act(self.reasons[place])

    @override
    def enter(self, typed: str) -> None:
        """Take a typed reason, or the selected one."""
        if typed:
            check_not_scanned(typed)
            self.act(typed[:_LONGEST])
        else:
            super().enter(typed)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("1-{count}, Enter").format(count=len(self.reasons)), _("A usual reason"), ""),
            (_("words, Enter"), _("A reason of your own"), _("it is kept in the log")),
            ("↑ ↓, Enter", _("The reason that is marked"), ""),
            ("Esc", _("Back"), _("nothing is taken away")),
        )

    @override
    def hint(self) -> str:
        return _("A number, or a reason in your own words; then Enter.")
