"""Several items fit what was typed, and more than the answer line can tell: which one is meant?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from till.domain.i18n import _
from till.domain.text import clean
from till.tui.counter import esc_back, plain
from till.tui.hours import not_now
from till.tui.palette import Mark
from till.tui.sheets.base import ChoiceSheet, asks_help
from till.tui.view import ChoiceView, KeyView, Said
from till.tui.widgets.entry import answer_room
from till.tui.widgets.line import cut, cut_words

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.language import Choose
    from till.tui.counter import Counter, Helped
    from till.tui.sheets.selling import Selling
    from till.tui.strokes import Stroke

#: What was typed is told back as far as this, whole words only.
_LONGEST: Final = 20


def ask_which(counter: Counter, scene: Selling, asked: Choose) -> None:
    """Ask which of several is meant: in the answer line when all of them fit there, else on a sheet."""
    lookup, query = counter.register.lookup, clean(asked.query)
    query = cut_words(query, _LONGEST) or cut(query, _LONGEST)
    if any(lookup.begins(asked.query, item) for item in asked.items):
        query = query.capitalize()
    else:
        query = _("No “{name}”; near it").format(name=query)
    offered = ", ".join(
        f"{place} {clean(item.name)} {_worth(counter, item)}".rstrip() for place, item in enumerate(asked.items[:9], 1)
    )
    if cell_len(f"{query}: {offered}") <= answer_room(*scene.desk.app.size):
        scene.choosing = asked
        scene.said = plain(f"{query}: {offered}")
        return
    counter.open(ChooseSheet(counter, scene, asked, _("{query}: which one?").format(query=query)))


def _worth(counter: Counter, item: Item) -> str:
    """What an item costs, or why it is not sold now."""
    register = counter.register
    price = "" if item.price4 is None else register.formats.price(item.price4)
    return not_now(register.menu, item, counter.now().time()) or price


class ChooseSheet(ChoiceSheet):
    """A digit or arrows, then Enter, keys the item; anything typed instead goes to the entry.

    A digit with more typed behind it was the beginning of that: `2 tea` is the next entry, and picks nothing here.
    """

    def __init__(self, counter: Counter, scene: Selling, asked: Choose, title: str) -> None:
        super().__init__(counter, scene.desk, title)
        self._scene = scene
        self._asked = asked
        self._digit: Stroke | None = None

    def rows(self) -> tuple[ChoiceView, ...]:
        """The items, with what they cost."""
        register, now = self.counter.register, self.counter.now().time()
        formats = register.formats

        def why(item: Item) -> Said | None:
            words = _("86 sold out") if item.sold_out else not_now(register.menu, item, now)
            return Said(words, mark=Mark.NOTICE) if words else None

        return tuple(
            ChoiceView(
                str(place),
                clean(item.name),
                why(item),
                Said(_("open price") if item.price4 is None else formats.price(item.price4)),
            )
            for place, item in enumerate(self._asked.items[:9], 1)
        )

    def keys(self) -> tuple[KeyView, ...]:
        """What the keys do here, beside Enter."""
        return (KeyView(f"1-{len(self.rows())} ↑↓", _("Choose")), esc_back())

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Key it"))

    def hint(self) -> str:
        """What can be typed."""
        return _("Type on at any time: the entry takes it.")

    def helped(self) -> tuple[Helped, ...]:
        """Which item, or something else."""
        return (
            (f"1-{len(self._asked.items[:9])}", _("Key that item"), _("then Enter")),
            ("↑ ↓, Enter", _("Key what is marked"), ""),
            (_("letters"), _("Something else"), _("the entry takes it")),
            ("Esc", _("Back"), _("nothing is keyed")),
        )

    def choose(self, place: int) -> None:
        """Key it."""
        self.counter.close()
        self._scene.pick(self._asked, place)

    def _stroke(self, stroke: Stroke) -> None:
        if asks_help(self.counter, stroke, types=False):
            super()._stroke(stroke)
            return
        digit, self._digit = self._digit, None
        command = self.counter.keymap.command(stroke)
        if digit is None and stroke.digit and stroke.digit <= len(self.rows()):
            self._digit = stroke
            self.selected = stroke.digit - 1
        elif stroke.paste or stroke.char or command:
            self.counter.close()
            if digit is not None and command is None:
                self._scene.stroke(digit)
            self._scene.stroke(stroke)
        else:
            super()._stroke(stroke)
