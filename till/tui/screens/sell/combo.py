"""The sheet of a combo: slot by slot, the item to take. The last one keys them all; before that nothing is keyed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.order.selling import check_for_sale
from till.domain.text import clean
from till.register.quick_entry.intents import AddAll, AddItem
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import ChoiceView, HeadView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.entry_line import EMPTY
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.combos import Slot
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress

#: The most rows with a digit.
_DIGITS = 9


class ComboSheet(ChoiceSheet):
    """The items that fit the slots of a combo, one slot after another, taken by number or by name."""

    types = True
    hint_text = N_("A number, or a name. Esc: nothing is keyed.")
    enter_key = KeyView("Enter", N_("Take it"))
    help_rows = (
        ("1-9", N_("Take that item"), N_("then Enter")),
        (N_("letters"), N_("Find an item by its name"), ""),
        ("Bksp", N_("The slot before"), N_("when nothing is typed")),
        ("Esc", N_("Back"), N_("nothing is keyed")),
    )
    keyed = (*ChoiceSheet.keyed, "_taken")

    def __init__(self, controller: Controller, scene: SellHost, combo: Promotion) -> None:
        self._scene, self._combo = scene, combo
        self._slots = [place for place, slot in enumerate(combo.slots) for _piece in range(slot.pieces)]
        self._taken: tuple[Item, ...] = ()
        super().__init__(controller, scene.screen, self._title())

    def _title(self) -> str:
        slot = self._combo.slots[self._slots[len(self._taken)]]
        return _("{combo}: {slot}, {at} of {all}").format(
            combo=clean(self._combo.name), slot=clean(slot.name), at=len(self._taken) + 1, all=len(self._slots)
        )

    def _fits(self) -> list[tuple[Item, Slot]]:
        """Return the items that fit the slot and begin with what is typed; a sold out one keeps its row."""
        register, now = self.controller.register, self.controller.now()
        slot, typed = self._combo.slots[self._slots[len(self._taken)]], self._text()
        named = "" if typed.isdigit() else typed
        return [
            (item, own)
            for item in register.menu.items
            if (own := slot.of(item.id, item.category)).extra is not None
            and item.price4 is not None
            and not item.unit
            and (item.sold_out or not register.menu.not_now(item, now))
            and (not named or register.lookup.begins(named, item))
        ]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(
            ChoiceView(
                str(place) if place <= _DIGITS else "", clean(item.name), self._detail(item, slot), off=item.sold_out
            )
            for place, (item, slot) in enumerate(self._fits(), 1)
        )

    def _detail(self, item: Item, slot: Slot) -> StyledText | None:
        """Return the surcharge of an item, and what is left of it if that is counted."""
        register = self.controller.register
        extra, left = register.formats.added(slot.extra) if slot.extra else "", register.menu.left.get(item.id, "")
        if item.sold_out:
            return StyledText(_("86 sold out"), Tone.WARN)
        words = ", ".join(filter(None, (extra, left)))
        return StyledText(words, Tone.WARN if left else Tone.MUTED) if words else None

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("Nothing that fits is sold now. Esc: back."),)

    @override
    def typed(self) -> None:
        super().typed()
        self.selected = 0

    @override
    def press(self, press: KeyPress) -> None:
        if press.key == "backspace" and not self.entry.text and self._taken:
            self._go_on(self._taken[:-1])
        else:
            super().press(press)

    @override
    def enter(self, typed: str) -> None:
        if typed.isdigit() or not self.rows():  # the number of a row has marked it
            self.message = refusal(_("Nothing here begins with “{words}”.").format(words=clean(typed)[:20]))
        else:
            self.choose(min(self.selected, len(self.rows()) - 1))

    @override
    def choose(self, place: int) -> None:
        register, item = self.controller.register, self._fits()[place][0]
        check_for_sale(register.menu, item, self.controller.now())
        taken = (*self._taken, item)
        if len(taken) < len(self._slots):
            self._go_on(taken)
            return
        self.controller.close()
        pieces = Counter(item.id for item in taken)
        by_id = {item.id: item for item in taken}
        self._scene.add(AddAll(tuple(AddItem(by_id[one], count) for one, count in pieces.items())))

    def _go_on(self, taken: tuple[Item, ...]) -> None:
        self._taken, self.entry = taken, EMPTY
        self.selected, self.message = 0, None
        self.head = HeadView(self._title(), ", ".join(clean(item.name) for item in taken))
        self._sheet.band.show(self.head)
        self.resize()
