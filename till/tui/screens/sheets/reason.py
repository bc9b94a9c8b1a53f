"""The base of sheets that ask for a reason: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.viewmodels import KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.sheets.why import Why
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.shell.controller import Controller, Helped


class ReasonSheet(ChoiceSheet):
    """The question for the reason of taking something off. A digit picks a usual one, or one's own is typed.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        picked: True if the first reason is marked. It is not after an Enter, which may be pressed twice: the next one
            marks it.
    """

    types = True
    why: Why
    reasons: tuple[str, ...] = ()

    def __init__(self, controller: Controller, screen: TillScreen, title: str, *, picked: bool = True) -> None:
        super().__init__(controller, screen, title)
        self.selected = 0 if picked else -1
        self.why = Why(self.reasons, controller.keymap)

    def act(self, reason: str) -> None:
        """Act with this reason."""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self.why.rows

    @override
    def marked(self) -> int | None:
        """Return the reason that Enter takes, if one is picked."""
        return None if self.why.own or self.why.refuses(self.entry.text) else super().marked()

    @override
    def choose(self, place: int) -> None:
        self.act(self.why.usual[place])

    @override
    def enter(self, typed: str) -> None:
        """Take a typed reason, or the marked one. If none is marked yet, mark the first and ask once more."""
        if typed or self.why.own:
            self.act(self.why.words(typed))
        elif self.selected < 0:
            self.selected = 0
            self.message = refusal(_("“{reason}”? Enter again takes it.").format(reason=self.why.usual[0]))
        else:
            super().enter(typed)

    def act_key(self) -> KeyView:
        """Return the label of Enter once there is a reason."""
        return KeyView("Enter", _("Choose"))

    @override
    def primary(self) -> KeyView | None:
        is_one = not self.why.refuses(self.entry.text) and (self.why.own or self.marked() is not None)
        return self.act_key() if is_one else None

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (esc_back(),) if self.why.own else (self.choose_key(), self.why.words_key, esc_back())

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("1-{count}, Enter").format(count=len(self.why.usual)), _("A usual reason"), ""),
            (_("{key}, words, Enter").format(key=self.why.key), _("A reason of your own"), _("it is kept in the log")),
            ("↑ ↓, Enter", _("The reason that is marked"), ""),
            ("Esc", _("Back"), _("nothing is removed")),
        )

    @override
    def hint(self) -> str:
        if self.why.own:
            return _("In your own words, then Enter.")
        return _("A number, then Enter. {key} for a reason in your own words.").format(key=self.why.key)
