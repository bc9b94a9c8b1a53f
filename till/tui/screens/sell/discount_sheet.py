"""The sheet for a discount on the marked line or the whole order: how much, then why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor
from till.domain.money.tax import percent_of
from till.domain.order.deciding import check_reason, pieces_of
from till.domain.order.discounting import off_in_words
from till.domain.staff.rights import Permission
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.drawing.palette import Backdrop, Mark, Tone
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    FigureView,
    KeyView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
    cell,
    fact,
    in_row,
)
from till.tui.drawing.widgets.choices import SIDE_COLUMNS, WAY_COLUMNS
from till.tui.drawing.widgets.panes import ChoiceAndWhy
from till.tui.screens.sell.discount_state import (
    AMOUNT,
    COMP,
    FIGURES,
    MEAL,
    PERCENT,
    PRICE,
    WORDED,
    DiscountState,
    DiscountStep,
    Target,
    act_words,
)
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.paned import CloseList, KeyedList, PanedChoiceSheet, figure_of
from till.tui.screens.sheets.why import Why
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.order.discounting import Given
    from till.domain.staff.rights import Approval
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress

#: The usual reasons for a discount.
_REASONS: Final = (N_("food was cold"), N_("waited long"), N_("not as ordered"), N_("goodwill"))


class DiscountSheet(PanedChoiceSheet):
    """The question how much, with the reasons beside it. A digit picks a named discount; P, A and N begin a figure.

    Args:
        controller: the till.
        scene: the sell screen.
        line: the marked line; None if only the whole order can be meant.
        way: `P`, `A`, `comp` or `staff_meal` if it was typed already.
        figure: the figure that was typed for it.
        whole: True for the whole order; Tab turns to the line.
    """

    columns = WAY_COLUMNS
    list_kind = KeyedList
    panes = ChoiceAndWhy
    keyed = (*PanedChoiceSheet.keyed, "types", "_choices")
    _paned: ChoiceAndWhy
    help_rows = (
        (N_("its number, Enter"), N_("A discount that has a name"), ""),
        ("P A N", N_("Percent, amount off, new price"), N_("type it, Enter, then why")),
        ("Tab", N_("The line, or the whole order"), ""),
        ("Bksp", N_("Back to how much"), N_("when nothing is typed")),
        ("Esc", N_("Back"), N_("the full price stays")),
    )

    def __init__(
        self,
        controller: Controller,
        scene: SellHost,
        line: ShownLine | None,
        way: str = "",
        figure: str = "",
        *,
        whole: bool = False,
    ) -> None:
        self._scene = scene
        self._line = line
        self._choices = DiscountState(whole or line is None)
        self._reasons = Why(_REASONS, controller.keymap)
        super().__init__(controller, scene.screen)
        self.selected = self._target.ways.index(PERCENT)  # an accidental Enter then gives nothing away
        if way:
            self._begin(way, figure)

    @override
    def make_side(self) -> CloseList:
        return CloseList(ChoicesView(), SIDE_COLUMNS, ground=Backdrop.SURFACE)

    @property
    def _target(self) -> Target:
        """The line or order that it is for, now."""
        register, line = self.controller.register, self._line
        line_id = None if self._choices.on_order or line is None else line.line_id
        return Target(self._scene.order, line_id, register.venue, register.menu, register.ledger.now())

    def _way(self) -> str:
        """Return the way that was chosen, or the one that Enter chooses."""
        return self._target.ways[self.marked() or 0] if self._choices.step is DiscountStep.WHAT else self._choices.way

    def _given(self) -> Given | None:
        """Return the discount chosen or typed so far; None if it cannot be given."""
        target, way = self._target, self._way()
        return None if target.why_not(way) else target.given_by(way, self._choices)

    # Content.

    @override
    def title(self) -> TitleView:
        """Return the title. On a narrow screen, which has no figure, it shows the resulting amount."""
        name = ""
        if self._line is not None:
            view = self._line.view
            name = f"{view.quantity} × {clean(view.name)}"
        whole = _("Whole order")
        tabs = (_("This line") if self.is_wide else name, whole) if name else ()
        key = "Tab" if tabs and self.is_wide else ""
        note = after = ""
        if not self.is_wide and self._scene.order is not None:
            amount, target = self.controller.register.formats.amount, self._target
            now, off = target.price, target.off(self._given())
            note, after = (f"{amount(now)} {amount(Minor(-off))}" if off else ""), amount(Minor(now - off))
        active = int(self._choices.on_order)
        return TitleView(_("Discount"), "" if tabs else whole, tabs, active, key=key, note=note, sum=after, ruled=True)

    @override
    def side_title(self) -> TitleView:
        return TitleView(_("Why"), ruled=True)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self.why.rows if self.why is not None else self._way_rows()

    def _way_rows(self) -> tuple[ChoiceView, ...]:
        target = self._target
        names = [clean(one.name) for one in target.named] + [off_in_words(COMP), off_in_words(MEAL)]
        labels = [(str(place), name) for place, name in enumerate(names, 1)]
        labels += [(PERCENT, _("Percent")), (AMOUNT, _("Amount off")), (PRICE, _("New price"))]
        return tuple(self._way_row(target, *label, way) for label, way in zip(labels, target.ways, strict=True))

    def _way_row(self, target: Target, key: str, name: str, way: str) -> ChoiceView:
        if why := target.why_not(way):
            return ChoiceView(key, name, right=StyledText(f"○ {why[0]}", Tone.FAINT), off=True)
        given = target.given_by(way, self._choices)
        rate = amount = None
        if given is not None and given.rate is not None:
            rate = StyledText(f"{percent_of(given.rate)} %", Tone.MUTED)
        if off := target.off(given):
            is_it = way == self._choices.way
            words = self.controller.register.formats.amount(Minor(-off))
            amount = StyledText(words, Tone.TEXT if is_it else Tone.MUTED, bold=is_it)
        return ChoiceView(key, name, rate, amount)

    @override
    def listed(self) -> ChoicesView:
        """Return the ways at any step; the chosen one stays highlighted."""
        rests = self.why is not None
        at = self._target.ways.index(self._choices.way) if rests else self.marked()
        return ChoicesView(self._way_rows(), at, rests=rests)

    @override
    def sided(self) -> ChoicesView:
        """Return the reasons; a reason of one's own has no number."""
        why = self.why or self._reasons
        label = StyledText(_("{key}: your own words").format(key=why.key), Tone.MUTED)
        rows = (*why.rows, ChoiceView("", ""), ChoiceView("", "", label))
        if self.why is None:
            return ChoicesView(rows, None, rests=True)
        return ChoicesView(rows, len(rows) - 1 if why.own else None if why.refuses(self.entry.text) else self.marked())

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Handle a click on the list of the current step."""
        if widget is (self._side if self.why is not None else self._list) and place < len(self.rows()):
            super().point(self._list, place)

    @override
    def figure(self) -> FigureView:
        if self._scene.order is None:
            return FigureView("")
        formats, target, given = self.controller.register.formats, self._target, self._given()
        then = Minor(target.price - target.off(given))
        return figure_of(_("Then"), then, formats, *target.taxes(given, formats))

    @override
    def foot(self) -> RowsView:
        """Return the price now, after promotions."""
        if self._scene.order is None:
            return RowsView()
        amount, target = self.controller.register.formats.amount, self._target
        row = target.row
        what = target.counted if row is not None else _("Whole order")
        rows = [RowView(rule=True), _fact_row(_("Now"), what, amount(target.price))]
        if row is not None and (saved := row.saved):
            names = ", ".join(dict.fromkeys(clean(one.name) for one in saved))
            off = Minor(-sum(one.amount for one in saved))
            rows.append(_fact_row("", _("after {promotion}").format(promotion=names), amount(off), Tone.MUTED))
        return RowsView(tuple(rows))

    def _torn(self) -> str:
        """Return the combos that a discount on the line tears; empty for none."""
        if (order := self._scene.order) is None or (row := self._target.row) is None:
            return ""
        return self.controller.register.answers.torn(order, pieces_of(row))

    def _notice(self) -> RowsView:
        """Return the notice that a manager's PIN comes next, if one does."""
        target, register = self._target, self.controller.register
        given = target.given_by(self._way(), self._choices)
        asked = None
        if given is not None and target.off(given):
            take_off = partial(register.sales.take_off, target.order.id, target.line_id, given)
            asked = register.approvals.lacking(take_off)
        if asked is None:
            return RowsView((RowView(rule=True),)) if self.is_wide else RowsView()
        sentence = _("A manager's PIN comes next.") if self.is_wide else _("By a manager's PIN")
        if asked.act is Permission.DISCOUNT and (share := register.venue.rights.cashier.share):
            sentence = _("Over {percent} %: a manager's PIN comes next.")
            if not self.is_wide:
                sentence = _("Over {percent} %: by PIN")
            sentence = sentence.format(percent=percent_of(share))
        notice = in_row(cell(1, "", mark=Mark.NOTICE), cell(3, sentence))
        return RowsView((RowView(rule=True), RowView(), notice) if self.is_wide else (notice,))

    @override
    def paint_beside(self) -> None:
        super().paint_beside()
        self._paned.notice.show(self._notice())
        if self._paned.asks_why != (self.why is not None):
            self._paned.asks_why = self.why is not None
            if self.screen.is_mounted:
                self.screen.lay_now()

    # Keys.

    def _press(self, press: KeyPress) -> None:
        if self._picks_none() and not press.char and not press.is_enter:
            self.entry, self.message = EMPTY, None
        step = self._choices.step
        if press.key == "tab" and self._line is not None:
            self._choices = replace(self._choices, on_order=not self._choices.on_order)
            self.typed()
        elif press.key == "backspace" and not self.entry.text and step is not DiscountStep.WHAT:
            self._choices, self.message = self._choices.back(), None
            self._settle()
        elif step is DiscountStep.WHAT and press.char.upper() in FIGURES:
            self._begin(press.char.upper())
        elif step is DiscountStep.WHAT and press.char == "%":
            figure = self.entry
            self._begin(PERCENT)
            self.entry = figure
            self.typed()
        else:
            super()._press(press)

    @override
    def _pick(self, char: str) -> None:
        """Pick a row by a digit; more of them begin a figure before its letter."""
        if char.isdigit() or char in {".", self.controller.register.formats.point}:
            self.entry = EntryLine.of(self.entry.insert(char).text)
            self.message = refusal(self._picks_none()) if self._picks_none() else None
        elif not char.isspace():
            self.message = refusal(self.hint())

    def _picks_none(self) -> str:
        """Return why the typed digits pick no row; empty if they pick one, or are a figure."""
        if self._choices.step is not DiscountStep.WHAT or not self.entry.text or self._picked() is not None:
            return ""
        return _("No row has that number. P begins a percent, A an amount off.")

    def _settle(self) -> None:
        """Ask for what the choices ask for: mark the way, but no reason, as Enter may be pressed twice."""
        step, way = self._choices.step, self._choices.way
        self.types, self.why = step is not DiscountStep.WHAT, self._reasons if step is DiscountStep.WHY else None
        self.selected = -1 if self.why is not None else self._target.ways.index(way or PERCENT)

    def _begin(self, way: str, figure: str = "") -> None:
        """Ask for the figure of a way; continue at once if it is given or not needed."""
        self.selected, self.message = self._target.ways.index(way), None
        if why := self._target.why_not(way):
            self._choices, self.message = replace(self._choices, way=""), refusal(why[1])
            return
        self._choices = replace(self._choices, way=way)
        if way in FIGURES:
            self._choices = replace(self._choices, step=DiscountStep.FIGURE)
            self._settle()
            self.entry = EntryLine.of(figure)
            self.typed()
        if way == COMP or (figure and self._choices.given is not None):
            self._ask_why(self._target.given_by(way, self._choices))

    def _ask_why(self, given: Given | None) -> None:
        self._choices = replace(self._choices, step=DiscountStep.WHY, given=given)
        self._settle()
        self.entry, self.message = EMPTY, None

    @override
    def typed(self) -> None:
        """Parse the figure as it is typed, to preview the price."""
        if self._choices.step is not DiscountStep.FIGURE:
            return
        try:
            given = self._read(self.entry.text) if self.entry.text.strip() else None
        except TillError:
            given = None
        self._choices = replace(self._choices, given=given)

    def _read(self, typed: str) -> Given:
        return self._target.read(self._choices.way, typed, self.controller.register.formats)

    @override
    def _picked(self) -> int | None:
        """Return no row while a figure is typed."""
        return None if self._choices.step is DiscountStep.FIGURE else super()._picked()

    @override
    def enter(self, typed: str) -> None:
        """Take the figure, then the reason."""
        if self._choices.step is DiscountStep.FIGURE:
            self._ask_why(self._read(typed))
        elif self.why is not None and (typed or self.why.own):
            self._give(self._choices.given, self.why.words(typed))
        elif why := self._picks_none():
            raise TillError(why)
        else:
            super().enter(typed)

    @override
    def choose(self, place: int) -> None:
        """Give a named discount or a staff meal at once; for the other ways, ask for more."""
        if self.why is not None:
            reason = self.controller.register.venue.written(self.why.usual[place])
            self._give(self._choices.given, reason)
            return
        target = self._target
        way = target.ways[place]
        if why := target.why_not(way):
            self.message = refusal(why[1])
        elif way in WORDED:
            self._begin(way)
        else:
            self._give(target.given_by(way, self._choices))

    def _give(self, given: Given | None, reason: str = "") -> None:
        """Give a discount, with a manager's approval on a sheet if it exceeds the user's rights."""
        if given is None:
            return
        if self.why is not None:
            given = replace(given, reason=check_reason(reason))
        target, controller = self._target, self.controller
        order, line_id, what = target.order, target.line_id, target.what
        off = target.off(given)

        def act(approval: Approval | None) -> None:
            if self._scene.order is None or self._scene.order.id != order.id:
                return  # the order left the screen while the PIN was checked, and its message gives the reason
            after = controller.register.sales.take_off(order.id, line_id, given, approval)
            self._scene.show_order(after)
            answers = controller.register.answers
            sentence = _("{amount} off {what}. Ctrl+Z undoes it.").format(
                amount=controller.register.formats.money(off), what=what
            )
            self._scene.message = plain(f"{sentence} {answers.total(after)}")

        formats, now = controller.register.formats, target.price
        under = StyledText(_("Then {amount}").format(amount=formats.amount(Minor(now - off))), Tone.MUTED)
        with_right(
            controller,
            self.screen,
            act_words(given),
            act,
            facts=(fact(_("On"), f"{target.counted}, {formats.amount(now)}"),),
            figure=figure_of(_("Off"), Minor(-off), formats, under),
            enter=_("Approve {amount} off").format(amount=formats.amount(off)),
        )
        controller.close(self)

    # Key bar and messages.

    @override
    def keys(self) -> tuple[KeyView, ...]:
        turned = _("This line") if self._choices.on_order else _("Whole order")
        tab = (KeyView("Tab", _("Line or order"), turned),) if self._line else ()
        esc = KeyView("Esc", _("Back, full price"), _("Back"))
        if self._choices.step is DiscountStep.WHAT:
            return (self.help_key(), KeyView("P A N", _("A figure")), *tab, esc)
        words = (self.why.words_key,) if self.why is not None and not self.why.own else ()
        return (self.help_key(), *tab, *words, KeyView("Bksp", _("Back to how much"), _("How much")), esc)

    @override
    def unpicked(self) -> str:
        return self.hint()

    @override
    def primary(self) -> KeyView | None:
        step, way = self._choices.step, self._way()
        if self.why is not None and not self.why.own and self.marked() is None:
            return None
        if step is DiscountStep.FIGURE or (step is DiscountStep.WHAT and way in WORDED):
            return KeyView("Enter", _("Then why") if step is DiscountStep.FIGURE or way == COMP else _("Choose"))
        if not (off := self._target.off(self._given())):
            return KeyView("Enter", _("Choose"))
        amount = self.controller.register.formats.amount(off)
        return KeyView("Enter", _("Take off {amount}").format(amount=amount))

    @override
    def answer(self) -> StyledText | None:
        """Return how much Enter takes off, of what, and why."""
        target, way = self._target, self._way()
        if self._choices.step is DiscountStep.FIGURE or not (off := target.off(self._given())):
            return None
        if self.why is not None:
            place = self.marked()
            if self.why.refuses(self.entry.text) or not (self.why.own or place is not None):
                return None
            why = self._text() if place is None else _(_REASONS[place])
        elif way in WORDED:
            return None
        else:
            why = off_in_words(MEAL) if way == MEAL else clean(target.named[int(way)].name)
        sentence = _("Enter takes {amount} off {what}: {why}.")
        money = self.controller.register.formats.money(off)
        return plain(sentence.format(amount=money, what=target.what, why=clean(why)))

    @override
    def hint(self) -> str:
        return self._torn() or self._hint()

    def _hint(self) -> str:
        match self._choices.step, self._choices.way:
            case DiscountStep.WHAT, _any:
                return _("A number picks one. P, A or N begins a figure.")
            case DiscountStep.WHY, _any if self.why is not None and self.why.own:
                return _("In your own words, then Enter.")
            case DiscountStep.WHY, _any:
                return _("A digit picks a reason.")
            case _figure, "P":
                return _("How many percent? Type it, then Enter.")
            case _figure, "A":
                return _("How much off? Type it, then Enter.")
        return _("What is the new price? Type it, then Enter.")


def _fact_row(word: str, what: str, amount: str, role: Tone = Tone.TEXT) -> RowView:
    cells = (cell(0, word, Tone.MUTED), cell(5, what, role))
    return in_row(*cells, cell(-1, amount, role))
