"""The base of sheets that ask for a reason: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import ReasonNeededError
from till.domain.i18n import _
from till.domain.order.selling import check_reason, is_worded
from till.domain.structs import replace
from till.domain.text import is_code
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import EntryView
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress

#: The command whose key begins a reason in one's own words.
NOTE: Final = "note"
#: The most characters of a reason.
_LONGEST: Final = 80


def check_not_scanned(typed: str) -> None:
    """Refuse a barcode scanned while a reason is asked for.

    Raises:
        ReasonNeededError: the text has as many digits as a barcode.
    """
    if is_code(typed):
        raise ReasonNeededError(_("That was a barcode. Type a reason, or Esc to key the item."))


class OwnWords(ChoiceSheet):
    """A sheet where one's own words are a reason only after the note key: a sentence typed ahead is not a reason."""

    keyed = (*ChoiceSheet.keyed, "own")
    #: True once the key was pressed.
    own = False

    def takes_words(self, press: KeyPress) -> bool:
        """Take what is typed as the reason from now on; False for any other key."""
        if press.char or self.controller.keymap.command(press) != NOTE:
            return False
        self.own, self.entry, self.message = True, EntryLine.of(self.entry.text), None
        return True

    def own_words(self, typed: str) -> str:
        """Return the reason that was typed.

        Raises:
            ReasonNeededError: the key was not pressed before, no word was typed, or a barcode was scanned.
        """
        if not self.own:
            sentence = _("{key} first, then your own words. Or pick a number.")
            raise ReasonNeededError(sentence.format(key=self.controller.keymap.label(NOTE)))
        check_not_scanned(typed)
        return check_reason(typed)[:_LONGEST]

    @override
    def _picked(self) -> int | None:
        """Return no row while a reason is typed."""
        return None if self.own else super()._picked()

    def is_no_reason(self) -> bool:
        """Return True if Enter refuses the text: it is neither the number of a row nor one's own words."""
        if self.own:
            return not is_worded(self.entry.text)
        return bool(self.entry.text) and self._picked() is None

    def asks_why(self) -> bool:
        """Return True while a reason is asked for."""
        return True

    @property
    def _may_be_secret(self) -> bool:
        """True if digits alone were typed that mark no row: probably a PIN, on a sheet that asks for none."""
        return self.asks_why() and self.is_no_reason() and not is_worded(self.entry.text)

    @override
    def refused(self, typed: str) -> EntryLine:
        return EMPTY if self._may_be_secret else super().refused(typed)

    @override
    def entry_view(self) -> EntryView:
        return replace(super().entry_view(), masked=self._may_be_secret)

    def words_key(self) -> KeyView:
        """Return the key that asks for words, for the key bar."""
        return KeyView(self.controller.keymap.label(NOTE), _("Your own words"), _("Own words"))


class ReasonSheet(OwnWords):
    """The question for the reason of taking something off. A digit picks a usual one, or one's own is typed.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        title: the title.
        picked: True if the first reason is marked. It is not after an Enter, which may be pressed twice: the next one
            marks it.
    """

    types = True
    reasons: tuple[str, ...] = ()

    def __init__(self, controller: Controller, screen: TillScreen, title: str, *, picked: bool = True) -> None:
        super().__init__(controller, screen, title)
        self.selected = 0 if picked else -1

    def act(self, reason: str) -> None:
        """Act with this reason."""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(self.reasons, 1))

    @override
    def marked(self) -> int | None:
        """Return the reason that Enter takes, if one is picked."""
        return None if self.own or self.is_no_reason() else super().marked()

    @override
    def choose(self, place: int) -> None:
        self.act(self.reasons[place])

    @override
    def _press(self, press: KeyPress) -> None:
        if not self.takes_words(press):
            super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """Take a typed reason, or the marked one. If none is marked yet, mark the first and ask once more."""
        if typed or self.own:
            self.act(self.own_words(typed))
        elif self.selected < 0:
            self.selected = 0
            self.message = refusal(_("“{reason}”? Enter again takes it.").format(reason=self.reasons[0]))
        else:
            super().enter(typed)

    def act_key(self) -> KeyView:
        """Return the label of Enter once there is a reason."""
        return KeyView("Enter", _("Choose"))

    @override
    def primary(self) -> KeyView | None:
        return None if self.is_no_reason() or not (self.own or self.marked() is not None) else self.act_key()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (esc_back(),) if self.own else (self.choose_key(), self.words_key(), esc_back())

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("1-{count}, Enter").format(count=len(self.reasons)), _("A usual reason"), ""),
            (
                _("{key}, words, Enter").format(key=self.controller.keymap.label(NOTE)),
                _("A reason of your own"),
                _("it is kept in the log"),
            ),
            ("↑ ↓, Enter", _("The reason that is marked"), ""),
            ("Esc", _("Back"), _("nothing is removed")),
        )

    @override
    def hint(self) -> str:
        if self.own:
            return _("In your own words, then Enter.")
        key = self.controller.keymap.label(NOTE)
        return _("A number, then Enter. {key} for a reason in your own words.").format(key=key)
