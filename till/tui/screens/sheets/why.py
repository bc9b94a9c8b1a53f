"""The reason that a sheet asks for: a usual one by number, or one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import ReasonNeededError
from till.domain.i18n import _
from till.domain.order.deciding import check_reason, is_worded
from till.domain.structs import replace
from till.domain.text import is_code
from till.tui.drawing.viewmodels import ChoiceView, KeyView, numbered

if TYPE_CHECKING:
    from till.tui.shell.keymap import Keymap, KeyPress

#: The command whose key begins a reason in one's own words.
_NOTE: Final = "note"
#: The most characters of a reason.
_LONGEST: Final = 80


class Why(Struct, frozen=True):
    """A reason that is asked for. One's own words are one only after the note key: a sentence typed ahead is not.

    Attributes:
        usual: the usual reasons.
        keymap: the keys.
        own: True once the note key was pressed.
    """

    usual: tuple[str, ...]
    keymap: Keymap
    own: bool = False

    @property
    def key(self) -> str:
        """The note key."""
        return self.keymap.label(_NOTE)

    @property
    def words_key(self) -> KeyView:
        """The note key in the key bar."""
        return KeyView(self.key, _("Your own words"), _("Own words"))

    @property
    def rows(self) -> tuple[ChoiceView, ...]:
        """The usual reasons with their numbers."""
        return numbered((_(reason),) for reason in self.usual)

    def begun(self, press: KeyPress) -> Why | None:
        """Return the reason in one's own words if a key begins them."""
        return None if press.char or self.keymap.command(press) != _NOTE else replace(self, own=True)

    def refuses(self, text: str) -> bool:
        """True if Enter refuses the text: it is neither the number of a reason nor one's own words."""
        if self.own:
            return not is_worded(text)
        return bool(text) and text.strip() not in {row.key for row in self.rows}

    def is_secret(self, text: str) -> bool:
        """True for digits alone that are no number of a reason: probably a PIN, on a sheet that asks for none."""
        return self.refuses(text) and not is_worded(text)

    def words(self, typed: str) -> str:
        """Return the reason that was typed.

        Raises:
            ReasonNeededError: the note key was not pressed before, no word was typed, or a barcode was scanned.
        """
        if not self.own:
            raise ReasonNeededError(_("{key} first, then your own words. Or pick a number.").format(key=self.key))
        if is_code(typed):
            raise ReasonNeededError(_("That was a barcode. Type a reason, or Esc to key the item."))
        return check_reason(typed)[:_LONGEST]
