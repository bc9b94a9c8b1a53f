"""The base of sheets that ask before a takeover or a settlement: only an answer's own key marks it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _
from till.tui.drawing.cut import cut_words
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.viewmodels import EntryView
    from till.tui.shell.controller import Controller, Helped

_ESC: Final = "Esc"
#: The most cells of words typed ahead that the message repeats.
_LONGEST_WORDS: Final = 30


class AnswerSheet(ChoiceSheet):
    """A sheet that opens without a mark, so that neither an Enter too many nor words typed ahead answer it.

    Words typed ahead are refused by Enter, stay in the entry line, and are named after Esc.
    """

    def __init__(self, controller: Controller, screen: TillScreen, title: str, detail: str = "") -> None:
        super().__init__(controller, screen, title, detail)
        self.selected = -1

    def words(self) -> str:
        """Return the words that were typed ahead; empty if a row's key, or nothing, was typed."""
        return "" if self._picked() is not None else self.entry.text

    def letters(self) -> str:
        """Return the keys that answer."""
        return ", ".join(row.key for row in self.rows() if row.key != _ESC)

    @override
    def marked(self) -> int | None:
        """Return the marked answer; None while the entry line has text."""
        return None if self.words() else super().marked()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (self.choose_key(), esc_back())

    @override
    def primary(self) -> KeyView | None:
        return super().primary() if self.marked() is not None else None

    @override
    def unpicked(self) -> str:
        return _("Answer first: {keys}, then Enter.").format(keys=self.letters())

    @override
    def _pick(self, char: str) -> None:
        """Mark the row of a key, or of another one; other characters are words."""
        others = {row.key for row in self.rows()} - {self.entry.text.upper()}
        picks = self._picked() is not None and char.upper() in others
        self.entry, self.message = EntryLine.of(char if picks else self.entry.text + char), None

    @override
    def enter(self, typed: str) -> None:
        """Act on the marked answer."""
        if typed:
            raise TillError(_("Answer first: {keys}. Backspace deletes the words.").format(keys=self.letters()))
        super().enter(typed)

    @override
    def entry_view(self) -> EntryView:
        """Return the entry line, with words that were typed ahead."""
        words = self.words()
        return replace(super().entry_view(), text=words, cursor=len(words))

    @override
    def cancel(self) -> None:
        """Go back, and name words typed ahead."""
        words = cut_words(self.words().strip(), _LONGEST_WORDS)
        super().cancel()
        if words and (top := self.controller.top) is not None:
            top.message = refusal(_("Not keyed: “{words}”.").format(words=words))


class Lettered(Struct, frozen=True):
    """An answer of a `LetterSheet`: its key, name, short name, note, and what it does."""

    key: str
    name: str
    short: str
    note: str
    do: Callable[[], None]


class LetterSheet(AnswerSheet):
    """A sheet whose answers each have a letter; the last is Esc."""

    @abstractmethod
    def answers(self) -> tuple[Lettered, ...]:
        """Return the answers."""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(
            ChoiceView(one.key, one.name, StyledText(one.note, Tone.MUTED) if one.note else None)
            for one in self.answers()
        )

    @override
    def keys(self) -> tuple[KeyView, ...]:
        *answers, back = self.answers()
        letters = " ".join(one.key for one in answers)
        return (KeyView(f"{letters} ↑↓", _("Choose")), KeyView(back.key, back.name, back.short))

    @override
    def helped(self) -> tuple[Helped, ...]:
        *answers, back = self.answers()
        rows = tuple((_("{key}, Enter").format(key=one.key), one.name, one.note) for one in answers)
        return (*rows, (back.key, back.name, back.note))

    @override
    def primary(self) -> KeyView | None:
        place = self.marked()
        return KeyView("Enter", (marked := self.answers()[place]).name, marked.short) if place is not None else None

    @override
    def choose(self, place: int) -> None:
        """Act on an answer."""
        self.answers()[place].do()
