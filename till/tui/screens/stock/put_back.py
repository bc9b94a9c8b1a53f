"""The question for pieces that are back on the shelf. Enter is no, and any other key goes to the screen below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import _
from till.register.stock import in_words
from till.register.words.stock import all_in_words, back_sentence
from till.tui.drawing.viewmodels import ChoiceView, KeyView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.shell.messages import esc_back, plain

if TYPE_CHECKING:
    from till.register.put_back import SentPieces
    from till.tui.shell.controller import Controller, Helped, MainScene
    from till.tui.shell.keymap import KeyPress

#: The most pieces of a single item of which some may be picked.
_FEW: Final = 6
#: The keys of the answers, in every language.
_NO: Final = "N"
_YES: Final = "Y"


def ask_back(controller: Controller) -> None:
    """Ask as soon as the act is done. Where money is taken, nothing is asked."""

    async def ask() -> None:
        scene, register = controller.scene, controller.register
        if scene is None or scene.takes_money or register.access.person is None or not register.put_back.asked:
            return
        controller.open(PutBackSheet(controller, scene, register.put_back.asked))

    controller.hold(ask())


class PutBackSheet(ChoiceSheet):
    """The question. No is marked first; Y marks all, and the arrows a part.

    Args:
        controller: the till.
        scene: the screen under it.
        taken: the pieces that were taken off.
    """

    def __init__(self, controller: Controller, scene: MainScene, taken: tuple[SentPieces, ...]) -> None:
        super().__init__(controller, scene.screen, _("Back on the shelf?"))
        self._scene, self._taken = scene, taken
        every = [(one, one.pieces) for one in taken]
        parts = [[one] for one in every]
        if len(taken) == 1:
            parts = [[(taken[0], pieces)] for pieces in range(min(taken[0].pieces - 1, _FEW), 0, -1)]
        self._answers = [[], every, *parts]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register = self.controller.register
        every = all_in_words(register, self._taken)
        parts = (in_words(register, one.item, pieces * one.measure) for [(one, pieces)] in self._answers[2:])
        return (
            ChoiceView(_NO, _("No, it is gone")),
            ChoiceView(_YES, _("Yes: {what}").format(what=every)),
            *(ChoiceView("", _("Only {what}").format(what=part)) for part in parts),
        )

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (KeyView(_YES, _("Yes, back")), KeyView("↑↓", _("Choose")), esc_back())

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Back on the shelf") if self.marked() else _("No"))

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            ("Enter", _("No"), _("it is gone, or broken")),
            (f"{_YES}, Enter", _("Yes, all of it"), _("it is on the shelf")),
            ("↑ ↓, Enter", _("A part of it"), ""),
            (_("any other key"), _("No"), _("the screen below takes it")),
        )

    @override
    def hint(self) -> str:
        return _("Enter is no. Y, Enter: it is on the shelf again.")

    @override
    def choose(self, place: int) -> None:
        register, back = self.controller.register, self._answers[place]
        self.controller.close(self)
        register.put_back.answer(back)
        if back:
            self._scene.message = plain(back_sentence(register, back))

    @override
    def cancel(self) -> None:
        self.choose(0)

    def _press(self, press: KeyPress) -> None:
        """Answer, or say no and leave the key to the screen below."""
        is_command = self.controller.keymap.command(press) and not asks_help(self.controller, press, types=False)
        if is_command and not press.char and (below := self._below()) is not None:
            self.cancel()
            below(press)
        elif not self.types_on(press):
            super()._press(press)
