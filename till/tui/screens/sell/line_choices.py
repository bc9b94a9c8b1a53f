"""The sheet of a line's modifiers, group by group, and its wishes. A number takes an option or takes it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from typing_extensions import override

from till.domain.errors import NotOnMenuError, TillError
from till.domain.i18n import _, pgettext
from till.domain.money.measures import Minor, Price4
from till.domain.order.choices import (
    ChoiceError,
    chosen_of,
    in_order,
    modifier_of,
    not_chosen,
    still_asked,
    toggle_option,
)
from till.domain.order.deciding import row_of
from till.domain.order.paying import NotChosenError
from till.domain.order.wishes import wishes, with_wish
from till.domain.text import capitalize_first, clean
from till.register import counter
from till.register.quick_entry.choices import options_called
from till.register.quick_entry.intents import Choose, TakeOff, Wish
from till.register.quick_entry.language import quantity_and_name, understand
from till.tui.drawing.cut import cut
from till.tui.drawing.palette import Backdrop, Mark, Tone
from till.tui.drawing.viewmodels import (
    ChoiceView,
    FigureView,
    GroupsView,
    GroupView,
    KeyView,
    OptionView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
    cell,
    in_row,
)
from till.tui.drawing.widgets.groups import OptionGroups
from till.tui.drawing.widgets.panes import LineAndSum
from till.tui.screens.sell.order_note import NoteSheet, type_line
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.paned import PanedChoiceSheet, figure_of
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import answered, plain, refusal

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.catalogue.modifiers import ModifierGroup, Option
    from till.domain.order.line import Modifier, Row
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress

#: The column of names in the preview of the line.
_NAME: Final = 5
#: The most groups, and options of one, that have a digit.
_DIGITS: Final = 9
#: The most digits of a barcode.
_CODE: Final = 14


class _Place(NamedTuple):
    """An option with its number, or a wish, which has no group."""

    key: str
    group: ModifierGroup | None
    option: Option | None
    wish: str = ""


class ChoicesSheet(PanedChoiceSheet):
    """The modifiers of a line to choose from. Words become a wish.

    Args:
        controller: the till.
        scene: the sell screen.
        line_id: the line.
        asked: True if it opened by itself for a line just added. Then an item that is typed first is the next entry,
            not a wish; the line stays as it is and still needs a choice. After any other key, text answers the sheet,
            and an item is asked about first.
    """

    types = True
    panes = LineAndSum
    keyed = (*PanedChoiceSheet.keyed, "_chosen", "_taken", "_off", "_is_ahead", "_unconfirmed")

    def __init__(self, controller: Controller, scene: SellHost, line_id: str, *, asked: bool = False) -> None:
        self._scene, self._line_id, self._asked = scene, line_id, asked
        self.refuses_scans = not asked
        #: True while nothing but text was typed, which may be meant for the next entry.
        self._is_ahead = asked
        #: The text that was asked about, as an item begins so: Enter makes it a wish, Tab the next entry.
        self._unconfirmed = ""
        register = controller.register
        row = self._row = row_of(_order(scene), line_id)
        item = register.menu.by_id.get(row.first.item_id)
        self._groups = register.menu.groups_of(item) if item is not None else ()
        self._chosen: tuple[Modifier, ...] = row.first.modifiers
        self._wished = wishes(row.first.note)
        #: The options and wishes on the line, the last one added last.
        self._taken: tuple[Modifier | str, ...] = (*self._chosen, *self._wished)
        self._off: frozenset[str] = frozenset()
        places = len(self._wished) + sum(len(group.options) for group in self._groups)
        # A sheet that opens by itself may meet an item's number that was typed ahead: its options have two digits.
        self._has_one_digit = places <= _DIGITS and not any(group.least for group in self._groups)
        #: The digit just pressed, and the state before it: a space makes it the first word of a wish.
        self._digit: tuple[str, tuple[object, ...]] | None = None
        self._formats = register.formats
        super().__init__(controller, scene.screen)

    def scanned(self, code: str) -> None:
        """Take a scanned code as the next entry."""
        self.entry, self._is_ahead = EntryLine.of(code), True

    @override
    def make_list(self) -> OptionGroups:
        return OptionGroups(GroupsView(), ground=Backdrop.SURFACE, on_window=self._moved)

    # Content.

    def _places(self) -> tuple[_Place, ...]:
        """Return the options and the wishes, in order."""
        found = [
            _Place(self._key(at, place), group, option)
            for at, group in enumerate(self._groups, 1)
            for place, option in enumerate(group.options, 1)
        ]
        last = len(self._groups) + 1
        found += [_Place(self._key(last, place), None, None, wish) for place, wish in enumerate(self._wished, 1)]
        return tuple(found)

    def _key(self, at: int, place: int) -> str:
        """Return the number of an option: counted through while nine are enough, otherwise its group's and its own.

        It is empty beyond nine groups or options, where ↑ and ↓ reach it.
        """
        if self._has_one_digit:
            return str(place + sum(len(group.options) for group in self._groups[: at - 1]))
        return f"{at}{place}" if at <= _DIGITS and place <= _DIGITS else ""

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(
            ChoiceView(place.key, place.option.name if place.option else place.wish) for place in self._places()
        )

    @override
    def listed(self) -> GroupsView:
        return GroupsView(self._views(), self.marked())

    def _views(self) -> tuple[GroupView, ...]:
        views = [self._view(at, group) for at, group in enumerate(self._groups, 1)]
        last, typed = len(self._groups) + 1, self._typed()
        options = [
            OptionView(self._key(last, place), clean(wish), taken=wish not in self._off)
            for place, wish in enumerate(self._wished, 1)
        ]
        if typed and not self.is_wide:  # on a wide screen the preview shows it
            options.append(OptionView("", clean(typed)))
        if options:
            views.append(GroupView(_("Note"), StyledText(""), tuple(options)))
        return tuple(views)

    def _typed(self) -> str:
        """Return the wish being typed. Digits are not one."""
        typed = self._text()
        return "" if typed.isdigit() else typed

    def _view(self, at: int, group: ModifierGroup) -> GroupView:
        own = chosen_of(group, self._chosen)
        is_full = not group.is_one and group.most is not None and len(own) >= group.most
        waits = len(own) < group.least
        rule = StyledText(group.rule, mark=Mark.NOTICE) if waits else StyledText(group.rule, Tone.MUTED)
        options = []
        for place, option in enumerate(group.options, 1):
            taken = any(one.name == option.name for one in own)
            key, price = self._key(at, place), self._formats.added(option.price4)
            price = _("86 sold out") if option.sold_out else price
            is_out = (is_full or option.sold_out) and not taken
            options.append(OptionView(key, clean(option.name), price, taken, full=is_out))
        return GroupView(clean(group.name), rule, tuple(options))

    def _amount(self, chosen: tuple[Modifier, ...]) -> Minor:
        """Return the amount of the row with these modifiers, before discounts."""
        line = self._row.first
        price4 = Price4(max(0, line.price4 + sum(one.price4 for one in chosen)))
        return line.terms.currency.amount_of(price4, self._row.quantity, line.measure)

    @override
    def title(self) -> TitleView:
        row, amount = self._row, self._formats.amount
        title = _("Note on {quantity} × {name}").format(quantity=row.quantity, name=clean(row.first.name))
        if self.is_wide:
            return TitleView(title)
        bare, now = self._amount(()), self._amount(self._chosen)
        note = f"{amount(bare)} +{amount(Minor(now - bare))}" if now > bare else ""
        return TitleView(title, note=note, sum=amount(now))

    @override
    def side_title(self) -> TitleView:
        return TitleView(_("Added to the line"))

    @override
    def sided(self) -> RowsView:
        """Return the preview of the line."""
        first, bare = self._row.first, self._formats.amount(self._amount(()))
        rows = [
            in_row(
                cell(1, str(self._row.quantity), right=True),
                cell(3, "×", Tone.MUTED),
                cell(_NAME, clean(first.name)),
                cell(-1, bare),
            )
        ]
        rows += [_under(clean(one.name), self._formats.added(one.price4)) for one in self._chosen]
        rows += [_under(clean(wish)) for wish in self._kept()]
        rows += [_under(clean(typed))] if (typed := self._typed()) else []
        return RowsView(tuple(rows))

    @override
    def foot(self) -> RowsView:
        return RowsView((RowView(), RowView(rule=True)))

    @override
    def figure(self) -> FigureView:
        return figure_of(_("Line"), self._amount(self._chosen), self._formats)

    @override
    def answer(self) -> StyledText | None:
        """Return a sentence that tells what Enter will note."""
        typed = self._typed()
        if (not self._is_changed() and not typed) or (self._row.first.asks and still_asked(self._groups, self._chosen)):
            return None
        if self._is_ahead and typed and self._is_next(typed):
            return None
        count, wish = len(self._chosen), bool(typed or self._kept())
        sentence = _("Enter takes all of it off. Line {money}.")
        if count and wish:
            sentence = _("Enter adds {count} and a note. Line {money}.")
        elif count or wish:
            sentence = _("Enter notes {count}. Line {money}.") if count else _("Enter adds a note. Line {money}.")
        money = self._formats.money(self._amount(self._chosen))
        return plain(sentence.format(count=count, money=money))

    @override
    def keys(self) -> tuple[KeyView, ...]:
        keys = (
            KeyView("↑↓", _("Choose")),
            KeyView("Space", _("Take it")),
            KeyView("Bksp", _("Last one off"), _("Last off")),
        )
        esc = KeyView("Esc", _("Back, nothing noted"), _("Back"))
        tab = KeyView("Tab", _("Next item")) if self._is_asked() else KeyView("Tab", _("Whole order"), spare=True)
        return (self.help_key(), *(keys if self._places() else ()), tab, esc)

    @override
    def primary(self) -> KeyView:
        if not self.entry.text and not self._is_changed() and not self._row.first.asks:
            return KeyView("Enter", _("Back"))
        more = self._amount(self._chosen) - self._amount(self._row.first.modifiers)
        sign = "+" if more > 0 else "−"
        amount = f" {sign}{self._formats.amount(Minor(abs(more)))}" if more else ""
        return KeyView("Enter", _("Note it") + amount)

    @override
    def hint(self) -> str:
        if not self._groups:
            return _("What is the note? Type it, then Enter: “no onion”.")
        if self._row.first.by_type:
            return _("A number adds or removes a note. “to go”: this line's type.")
        return _("A number adds or removes a note. Other words become one.")

    @override
    def helped(self) -> tuple[Helped, ...]:
        numbers = ("11-99", _("Add or remove an option"), _("group and place; Enter then notes"))
        if self._has_one_digit:
            numbers = ("1-9", _("Add or remove an option"), _("Enter then notes"))
        return (
            numbers,
            (_("↑ ↓, Space"), _("The same for the marked one"), ""),
            ("Bksp", _("Take the last one off"), _("when nothing is typed")),
            (_("words, Enter"), pgettext("remark", "A note"), _("besides the choices")),
            (_("to go, Enter"), _("To go, or eat in"), _("this line; “as the order”")),
            ("Tab", _("A note on the whole order"), ""),
            ("Esc", _("Back"), _("nothing changes")),
        )

    # Keys.

    @override
    def press(self, press: KeyPress) -> None:
        before, *rest = self.state
        super().press(press)
        if self.entry == before or list(self.state[1:]) != rest:
            self._is_ahead = False

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        self._is_ahead = False
        if widget is self._list and widget.paint.touch:
            self.selected = place  # one tap takes an option, as its number does
        super().point(widget, place)

    def _press(self, press: KeyPress) -> None:
        typed, digit, self._digit = self.entry.text, self._digit, None
        if press.digit is not None and self._numbered(typed + str(press.digit)):
            return
        if digit is not None and press.char == " ":
            self.undo_scan(digit[1])
            self.entry = EntryLine.of(f"{digit[0]} ")
        elif press.is_enter:
            self._done()
        elif not typed and press.char == " " and self._places():
            self.choose(self.marked() or 0)
        elif not typed and press.key == "backspace":
            self._take_last_off()
        elif press.key == "tab" and self._is_asked():
            self._leave_to(typed)
        elif press.key == "tab":
            self.controller.close()
            self.controller.open(NoteSheet(self.controller, self._scene, None))
        else:
            super()._press(press)

    def _numbered(self, typed: str) -> bool:
        """Toggle the option with a number; return True if there is one."""
        place = next((at for at, one in enumerate(self._places()) if one.key == typed), None)
        if place is None:
            return False
        before = self.state
        self.selected, self.entry = place, EMPTY
        self.choose(place)
        if self._has_one_digit:
            self._digit = typed, before
        return True

    @override
    def choose(self, place: int) -> None:
        """Take an option, or take it off.

        Raises:
            ChoiceError: its group allows no more.
        """
        self.message = None
        chosen = self._places()[place]
        if chosen.group is None or chosen.option is None:
            self._off ^= {chosen.wish}
            kept = tuple(one for one in self._taken if one != chosen.wish)
            self._taken = kept if chosen.wish in self._off else (*kept, chosen.wish)
            return
        taken = modifier_of(chosen.group, chosen.option)
        self._chosen = toggle_option(self._groups, self._chosen, taken)
        kept = tuple(one for one in self._taken if isinstance(one, str) or (one in self._chosen and one != taken))
        self._taken = (*kept, taken) if taken in self._chosen else kept

    def _take_last_off(self) -> None:
        if not self._taken:
            return
        last, self._taken = self._taken[-1], self._taken[:-1]
        if isinstance(last, str):
            self._off |= {last}
        else:
            self._chosen = tuple(one for one in self._chosen if one != last)
        name = last if isinstance(last, str) else last.name
        self.message = plain(_("{name} is off.").format(name=capitalize_first(clean(name))))

    def _kept(self) -> tuple[str, ...]:
        return tuple(wish for wish in self._wished if wish not in self._off)

    def _is_changed(self) -> bool:
        first = self._row.first
        return in_order(self._groups, self._chosen) != first.modifiers or self._kept() != self._wished

    @override
    def cancel(self) -> None:
        """Close without noting anything. A line just added stays, and still needs a choice."""
        super().cancel()
        if self._asked and self._row.first.asks:
            sentence = _("{group} of {name} is not chosen. Mark it, then F2.")
            first = self._row.first
            self._scene.message = refusal(sentence.format(group=clean(first.asks[0]), name=clean(first.name)))

    # Finishing.

    def _done(self) -> None:
        typed = self._text()
        if typed and self._is_ahead and self._is_next(typed):
            self._leave_to(typed)
            return
        if typed and not self._is_changed() and type_line(self.controller, self._scene, self._line_id, typed):
            return
        if typed.isdigit():
            raise ChoiceError(_("There is no {number} here.").format(number=cut(typed, _CODE)))
        if (item := self._begun(typed)) and not self._is_asked():
            self._unconfirmed = typed
            question = _("{item} is an item. Enter: a note; Tab: the next item.")
            self.message = refusal(question.format(item=clean(item.name)))
            return
        for option in self._named(typed):
            typed = ""
            if option not in self._chosen:
                self._chosen = toggle_option(self._groups, self._chosen, option)
        if asked := still_asked(self._groups, self._chosen):
            raise NotChosenError(not_chosen(self._groups, asked[0]))
        note = ""
        for wish in (*self._kept(), *((typed,) if typed else ())):
            note = with_wish(note, wish)
        if not typed and not self._is_changed() and not self._row.first.asks:
            super().cancel()
            return
        self._note(note)

    def _named(self, typed: str) -> tuple[Modifier, ...]:
        """Return the options that the text names; none if it is a note."""
        register = self.controller.register
        item = register.menu.by_id.get(self._row.first.item_id)
        return (options_called(item, typed, register.lookup) or ()) if item is not None and typed else ()

    def _begun(self, typed: str) -> Item | None:
        """Return the item that the text begins, on a sheet that opened by itself; None for an option or a wish."""
        lookup = self.controller.register.lookup
        name = quantity_and_name(typed, lookup)[1] if self._asked and not self._named(typed) else ""
        return next(iter(lookup.beginning(name, 1)), None)

    def _is_asked(self) -> bool:
        """Return True if the text typed is the one just asked about."""
        return bool(self._unconfirmed) and self._unconfirmed == self._text()

    def _is_next(self, typed: str) -> bool:
        """Return True if the text is the next entry for the order: an item, or a command, and no option's name."""
        if self._named(typed):
            return False
        register = self.controller.register
        try:
            intent = understand(typed, register.lookup, register.formats)
        except NotOnMenuError:
            return False
        except TillError:
            return True  # it is about items; the order's answer reports what is wrong
        if isinstance(intent, Choose):
            return any(register.lookup.begins(intent.query, item) for item in intent.items)
        return not isinstance(intent, Wish | TakeOff)

    def _leave_to(self, typed: str) -> None:
        """Run the next entry. The line keeps the options taken so far, and still needs a choice."""
        register, scene = self.controller.register, self._scene
        if self._is_changed():
            register.sales.choose(_order(scene).id, self._line_id, self._chosen, self._row.first.note)
        self.controller.close()
        scene.enter(typed)

    def _note(self, note: str) -> None:
        scene, register = self._scene, self.controller.register
        session, name = _order(scene).id, clean(self._row.first.name)

        def done(approval: Approval | None) -> None:
            changed = counter.choose(register, session, self._line_id, self._chosen, note, approval)
            scene.show_order(changed.order)
            scene.message = answered(changed.sentence, changed.warning)
            if self._asked and (line_id := asking(changed.order)) is not None:
                self.controller.open(ChoicesSheet(self.controller, scene, line_id, asked=True))

        self.controller.close()
        title = _("A cheaper choice for {name}, after it was sent").format(name=name)
        with_right(self.controller, scene.screen, title, done)


def asking(order: Order) -> str | None:
    """Return the first line of an order that needs a choice, if any."""
    return next((row.first.id for row in order.priced.rows if row.first.asks), None)


def has_choices(controller: Controller, row: Row) -> bool:
    """Return True if a row has modifiers to choose from."""
    menu = controller.register.menu
    item = menu.by_id.get(row.first.item_id)
    return bool(row.first.asks) or (item is not None and bool(menu.groups_of(item)))


def _under(name: str, price: str = "") -> RowView:
    """Return a row under the line, with its price."""
    cells = (cell(_NAME, name, Tone.MUTED), cell(-1, price, Tone.MUTED))
    return RowView(cells if price else cells[:1])


def _order(scene: SellHost) -> Order:
    order = scene.order
    if order is None:
        raise NotChosenError(_("There are no lines yet. Type an item, then Enter."))
    return order
