"""The sheet that asks which of several items was meant, when the answer line has no room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.catalogue.allergens import contains_in_words
from till.domain.catalogue.hours import hours_text
from till.domain.i18n import N_, _
from till.domain.offered import price_at
from till.domain.text import clean
from till.tui.drawing.cut import cut
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, StyledText, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import esc_back, refusal

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Price4
    from till.register.quick_entry.intents import Choose
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller, Helped

#: The most characters of the words that a refusal repeats.
_SHORT: Final = 22


def not_keyed(asked: Choose) -> StyledText:
    """Return the refusal of anything but an item before the question which one is meant has its answer."""
    count = len(asked.offered)
    sentence = _("“{words}” is not keyed yet: {digits}, or Esc.")
    digits = f"1-{count}" if count > 1 else "1"
    return refusal(sentence.format(words=cut(clean(asked.query), _SHORT), digits=digits))


class WhichItemSheet(ChoiceSheet):
    """The items to choose from by a digit or the arrows and Enter. Any other text goes to the entry line.

    A digit with more typed after it belongs to that text: `2 tea` is the next entry, and picks nothing here.
    """

    hint_text = N_("Type on at any time: the entry takes it.")

    def __init__(self, controller: Controller, scene: SellHost, asked: Choose, title: str, typed: str) -> None:
        super().__init__(controller, scene.screen, title)
        self._scene = scene
        self._asked = asked
        self._typed = typed

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register, now = self.controller.register, self.controller.now()
        formats = register.formats

        def cost(item: Item) -> Price4 | None:
            return price_at(item, register.menu, register.venue, now)

        def why(item: Item) -> StyledText | None:
            if item.sold_out:
                return StyledText(_("86 sold out"), Tone.WARN)
            words = register.menu.not_now(item, now)
            return StyledText(f"○ {words}", Tone.MUTED) if words else None

        count = len(self._asked.offered)
        return tuple(
            ChoiceView(
                str(place) if place <= count else "",
                clean(item.name),
                why(item),
                StyledText(_("open price") if (price := cost(item)) is None else formats.price(price, item.unit)),
            )
            for place, item in enumerate(self._asked.items[:9], 1)
        )

    @override
    def beside(self) -> FactsView:
        """Return the marked item's number, its category, and when it is sold."""
        menu = self.controller.register.menu
        item = self._asked.items[self.marked() or 0]
        category, part = menu.category_by_id.get(item.category), menu.daypart_of(item)
        hours = ""
        if part is not None and any(one.starts != one.ends or one.days for one in part.hours):
            first = part.hours[0]
            daily = _("{starts} to {ends}").format(starts=f"{first.starts:%H:%M}", ends=f"{first.ends:%H:%M}")
            hours = hours_text(part.hours, say=_) if len(part.hours) > 1 or first.days else daily
        rows = (
            (_("Number"), str(item.plu) if item.plu is not None else ""),
            (_("Menu"), clean(category.name) if category is not None else ""),
            (_("Sold"), hours or _("all day")),
            (_("Contains"), contains_in_words(item.contains)),
            (_("Typed"), clean(self._typed)),
        )
        return FactsView(tuple(fact(label, text) for label, text in rows if text))

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (self.choose_key(), esc_back())

    @override
    def primary(self) -> KeyView | None:
        return KeyView("Enter", _("Key it")) if self.marked() is not None else None

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (f"1-{len(self._asked.offered[:9])}", _("Key that item"), _("then Enter")),
            ("↑ ↓, Enter", _("Key the marked item"), ""),
            (_("letters"), _("Something else"), _("the entry takes it")),
            ("Esc", _("Back"), _("nothing is keyed")),
        )

    @override
    def cancel(self) -> None:
        super().cancel()
        self._scene.press(KeyPress("escape"))

    @override
    def choose(self, place: int) -> None:
        self.controller.close()
        self._scene.pick(self._asked, place, self._typed)

    def _press(self, press: KeyPress) -> None:
        if asks_help(self.controller, press, types=False):
            super()._press(press)
        elif self.controller.keymap.command(press):
            self.message = not_keyed(self._asked)
        elif not self.types_on(press):
            super()._press(press)
