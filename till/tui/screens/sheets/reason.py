"""The sheet that asks for the reason of an act: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactsView, FactView, KeyView, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.sheets.why import Why
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


class Reasons(NamedTuple):
    """The reasons of a kind of act.

    Attributes:
        usual: the usual ones.
        enter: the label of Enter once there is a reason.
        openers: the keys that open the sheet and may be held down: they begin no reason.
    """

    usual: tuple[str, ...]
    enter: KeyView = KeyView("Enter", N_("Choose"))
    openers: frozenset[str] = frozenset()


_CLEAR: Final = KeyView("Enter", N_("Clear the order"), N_("Clear"))
VOID: Final = Reasons(
    (N_("keyed twice"), N_("wrong item"), N_("guest changed their mind"), N_("not available")),
    KeyView("Enter", N_("Void the line"), N_("Void")),
    frozenset({"plus", "minus"}),
)
FEWER: Final = VOID._replace(enter=KeyView("Enter", N_("Take them off"), N_("Take off")))
CLEAR: Final = Reasons((N_("guest left"), N_("keyed by mistake"), N_("training")), _CLEAR)
CLEAR_WAITING: Final = Reasons((N_("guest did not come"), N_("guest changed their mind"), N_("ordered twice")), _CLEAR)
PRICE: Final = Reasons(
    (N_("promised price"), N_("wrong on the menu"), N_("not as it should be"), N_("a regular")),
    KeyView("Enter", N_("Set the price")),
)
REFUND: Final = Reasons((N_("cold or wrong"), N_("keyed twice"), N_("guest changed their mind"), N_("exchange")))


class ReasonSheet(ChoiceSheet):
    """The question for the reason of an act. A digit picks a usual one, or one's own is typed.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        reasons: the reasons.
        act: called with the reason. The sheet then closes; a refusal keeps it open.
        facts: the facts to decide by.
        picked: True if the first reason is marked. It is not after an Enter, which may be pressed twice: the next one
            marks it.
        confirm: the sentence that asks for another Enter, with `{reason}`; empty for none.
        warning: a sentence to decide by, in place of the hint.
    """

    types = True
    why: Why

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        title: str,
        reasons: Reasons,
        act: Callable[[str], None],
        *,
        facts: tuple[FactView, ...] = (),
        picked: bool = False,
        confirm: str = "",
        warning: str = "",
    ) -> None:
        self._about = FactsView(facts)
        super().__init__(controller, screen, title)
        self.selected = 0 if picked else -1
        self.why = Why(reasons.usual, controller.keymap)
        self._reasons = reasons
        self._act = act
        self._confirm, self._warning = confirm, warning
        #: The reason and the words that another Enter confirms.
        self._asked = self._words = ""

    def _take(self, reason: str) -> None:
        if self._confirm and self._asked != reason:
            self._asked = reason
            self.message = refusal(self._confirm.format(reason=clean(reason)))
            return
        self._act(reason)
        self.controller.close(self)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self.why.rows

    @override
    def beside(self) -> FactsView:
        return self._about

    @override
    def marked(self) -> int | None:
        """Return the reason that Enter takes, if one is picked."""
        return None if self.why.own or self.why.refuses(self.entry.text) else super().marked()

    @override
    def choose(self, place: int) -> None:
        self._take(self.controller.register.venue.written(self.why.usual[place]))

    def _press(self, press: KeyPress) -> None:
        """Ask for confirmation again if another reason is chosen."""
        if not press.is_enter:
            self._asked = self._words = ""
        if self.entry.text or press.key not in self._reasons.openers:
            super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """Take a typed reason, or the marked one. If none is marked yet, mark the first and ask once more."""
        if self._confirm:
            typed = self._words = typed or self._words
        if typed or self.why.own:
            self._take(self.why.words(typed))
        elif self.selected < 0:
            self.selected = 0
            self.message = refusal(_("“{reason}”? Enter again takes it.").format(reason=_(self.why.usual[0])))
        else:
            super().enter(typed)

    @override
    def primary(self) -> KeyView | None:
        is_one = not self.why.refuses(self.entry.text) and (self.why.own or self.marked() is not None)
        key = self._reasons.enter
        return replace(key, word=_(key.word), short=_(key.short)) if is_one else None

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
        if self._warning:
            return self._warning
        if self.why.own:
            return _("In your own words, then Enter.")
        return _("A number, then Enter. {key} for a reason in your own words.").format(key=self.why.key)


def reason_fact(reason: str) -> FactView:
    """Return a reason for the manager who approves the act."""
    return fact(_("Reason"), clean(reason))
