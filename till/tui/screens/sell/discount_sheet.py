"""The sheet for a discount on the marked line or the whole order: how much, then why."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, TypedDict

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Millionths, Minor
from till.domain.money.tax import percent_of
from till.domain.order.discounting import (
    ALL_OF_IT,
    Given,
    asked_for,
    check_named,
    price_of,
    taken_off,
    with_discount,
)
from till.domain.order.off_words import off_in_words
from till.domain.order.selling import check_reason, row_of
from till.domain.staff.rights import Act
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.drawing.palette import Backdrop, Mark, Tone
from till.tui.drawing.viewmodels import (
    CellView,
    ChoicesView,
    ChoiceView,
    FactView,
    FigureView,
    KeyView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
)
from till.tui.drawing.widgets.choices import SIDE_COLUMNS, WAY_COLUMNS, ChoiceList
from till.tui.drawing.widgets.panes import ChoiceAndWhy
from till.tui.screens.sell.total import taxes_of_rows, taxes_text
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.paned import PanedChoiceSheet, figure_of
from till.tui.screens.sheets.reason import OwnWords
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.promotion import Saved
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval, Asked
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress

#: The usual reasons for a discount.
_REASONS: Final = (_("food was cold"), _("waited long"), _("not as ordered"), _("goodwill"))
PERCENT, AMOUNT, PRICE, COMP, MEAL = "P", "A", "N", "comp", "staff_meal"


class _ApprovalFacts(TypedDict):
    """The facts of a discount for the manager who approves it."""

    facts: tuple[FactView, ...]
    figure: FigureView
    enter: str


class _Step(Enum):
    """The step of the sheet."""

    WHAT = auto()
    FIGURE = auto()
    WHY = auto()


class WayList(ChoiceList):
    """The ways to give a discount; a blank row separates the numbered ones from those that need a figure."""

    @override
    def heights(self, entries: Sequence[ChoiceView]) -> list[int]:
        """Return one row each, and a blank one if there is room."""
        rows = [1] * len(entries)
        last = next((at for at, entry in enumerate(entries) if not entry.key.isdigit()), 0)
        if last and len(rows) < self.size.height:
            rows[last - 1] = 2
        return rows


class ReasonList(ChoiceList):
    """The reasons, one row each."""

    @override
    def heights(self, entries: Sequence[ChoiceView]) -> list[int]:
        """Return one row each."""
        return [1] * len(entries)


class DiscountSheet(OwnWords, PanedChoiceSheet):
    """The question how much, with the reasons beside it. A digit picks a named discount; P, A and N begin a figure.

    Args:
        controller: the till.
        scene: the sell screen.
        line: the marked line; None if only the whole order can be meant.
        way: `P`, `A`, `comp` or `staff_meal` if it was typed already.
        figure: the figure that was typed for it.
        whole: True for the whole order; Tab turns to the line.
    """

    keyed = (*OwnWords.keyed, "types", "_on_order", "_at", "_way", "_given")

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
        self._on_order = whole or line is None
        self._at = _Step.WHAT
        self._way = ""
        self._given: Given | None = None
        super().__init__(controller, scene.screen)
        self.selected = self._ways().index(PERCENT)  # an accidental Enter then gives nothing away
        if way:
            self._begin(way, figure)

    @override
    def make_list(self) -> WayList:
        return WayList(ChoicesView(), WAY_COLUMNS, ground=Backdrop.SURFACE, on_window=self._moved)

    @override
    def make_side(self) -> ReasonList:
        return ReasonList(ChoicesView(), SIDE_COLUMNS, ground=Backdrop.SURFACE)

    @override
    def make_panes(self) -> ChoiceAndWhy:
        self._both = ChoiceAndWhy(self._list, self._side)
        return self._both

    # The line or order that it is for.

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
            amount, now, off = self.controller.register.formats.amount, self._now(), self._off_now()
            note, after = (f"{amount(now)} {amount(Minor(-off))}" if off else ""), amount(Minor(now - off))
        return TitleView(
            _("Discount"), "" if tabs else whole, tabs, int(self._on_order), key=key, note=note, sum=after, ruled=True
        )

    @override
    def side_title(self) -> TitleView:
        return TitleView(_("Why"), ruled=True)

    @property
    def _line_id(self) -> str | None:
        return None if self._on_order or self._line is None else self._line.line_id

    @property
    def _order(self) -> Order:
        order = self._scene.order
        if order is None:  # it left the screen meanwhile
            raise TillError(_("There are no lines yet. Type an item, then Enter."))
        return order

    def _named(self) -> tuple[Promotion, ...]:
        """Return the venue's named discounts."""
        return self.controller.register.venue.named_discounts

    def _ways(self) -> tuple[str, ...]:
        """Return the way of each row: the index of a named discount, or a fixed way."""
        return (*(str(place) for place in range(len(self._named()))), COMP, MEAL, PERCENT, AMOUNT, PRICE)

    def _given_by(self, way: str) -> Given | None:
        """Return the discount of a row; None if it needs a figure."""
        if way == COMP:
            return Given(ALL_OF_IT, kind="comp")
        if way == MEAL:
            return Given(self.controller.register.venue.rights.meal, kind="staff_meal")
        if way in {PERCENT, AMOUNT, PRICE}:
            return self._given if way == self._way else None
        offer = self._named()[int(way)].offer
        return Given(offer.rate, offer.amount, name=offer.name)

    # Rows.

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return self._why_rows() if self.asks_why() else self._way_rows()

    def _way_rows(self) -> tuple[ChoiceView, ...]:
        names = [clean(one.name) for one in self._named()] + [off_in_words(COMP), off_in_words(MEAL)]
        labels = [(str(place), name) for place, name in enumerate(names, 1)]
        labels += [(PERCENT, _("Percent")), (AMOUNT, _("Amount off")), (PRICE, _("New price"))]
        return tuple(self._way_row(key, name, way) for (key, name), way in zip(labels, self._ways(), strict=True))

    def _way_row(self, key: str, name: str, way: str) -> ChoiceView:
        if why := self._why_not(way):
            return ChoiceView(key, name, right=StyledText(f"○ {why[0]}", Tone.FAINT), off=True)
        return ChoiceView(key, name, self._rate(way), self._off(way))

    @staticmethod
    def _why_rows() -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(str(place), reason) for place, reason in enumerate(_REASONS, 1))

    @override
    def listed(self) -> ChoicesView:
        """Return the ways at any step; the chosen one stays highlighted."""
        rests = self.asks_why()
        return ChoicesView(self._way_rows(), self._ways().index(self._way) if rests else self.marked(), rests=rests)

    @override
    def sided(self) -> ChoicesView:
        """Return the reasons; a reason of one's own has no number."""
        label = _("{key}: your own words").format(key=self.words_key().key)
        rows = (*self._why_rows(), ChoiceView("", ""), ChoiceView("", "", StyledText(label, Tone.MUTED)))
        if not self.asks_why():
            return ChoicesView(rows, None, rests=True)
        return ChoicesView(rows, len(rows) - 1 if self.own else None if self.is_no_reason() else self.marked())

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Handle a click on the list of the current step."""
        if widget is (self._side if self.asks_why() else self._list) and place < len(self.rows()):
            super().point(self._list, place)

    def _rate(self, way: str) -> StyledText | None:
        given = self._given_by(way)
        if given is None or given.rate is None:
            return None
        return StyledText(f"{percent_of(given.rate)} %", Tone.MUTED)

    def _off(self, way: str) -> StyledText | None:
        given = self._given_by(way)
        if given is None or (off := self._takes(given)) is None:
            return None
        is_it = way == self._way
        amount = self.controller.register.formats.amount(Minor(-off))
        return StyledText(amount, Tone.TEXT if is_it else Tone.MUTED, bold=is_it)

    def _takes(self, given: Given) -> Minor | None:
        """Return the amount of a discount; None if it is not possible."""
        try:
            return taken_off(self._order, self._line_id, given)
        except TillError:
            return None

    def _why_not(self, way: str) -> tuple[str, str] | None:
        """Return why a row cannot be chosen now, in a word or two and as a sentence; None if it can."""
        if not way.isdigit():
            return self._why_not_all(way) if way in {COMP, MEAL} else None
        register, named = self.controller.register, self._named()[int(way)]
        moment = register.venue.local(register.ledger.now())
        if not named.holds(moment):
            later = named.opens(moment)
            word = _("from {time}").format(time=later.strftime("%H:%M")) if later is not None else _("not today")
            return word, _("{name} is not available now.").format(name=clean(named.name))
        try:
            check_named(self._order, self._line_id, named.name)
        except TillError as problem:
            return _("given"), problem.sentence
        if (line_id := self._line_id) is None:  # of the whole order it would also be taken off what is keyed later
            limited = bool(named.items or named.categories)
            sentence = _("{name} is for some items: Tab, then give it by line.").format(name=clean(named.name))
            return (_("by line"), sentence) if limited else None
        first = row_of(self._order, line_id).first
        item = register.menu.by_id.get(first.item_id)
        if named.is_on(first.item_id, item.category if item is not None else ""):
            return None
        sentence = _("{name} does not apply to {item}.").format(name=clean(named.name), item=clean(first.name))
        return _("not on this"), sentence

    def _why_not_all(self, way: str) -> tuple[str, str] | None:
        """Return why nothing can be on the house or a staff meal, as `_why_not` does."""
        given = self._given_by(way)
        try:
            if given is not None:
                taken_off(self._order, self._line_id, given)
        except TillError as problem:
            return _("not on this"), problem.sentence
        return None

    # The price now and with the discount.

    def _now(self) -> Minor:
        return price_of(self._order, self._line_id)

    def _off_now(self) -> Minor:
        """Return the amount of the discount chosen or typed so far."""
        given = self._given_now()
        return (self._takes(given) or NOTHING) if given is not None else NOTHING

    def _given_now(self) -> Given | None:
        """Return the discount chosen or typed so far; None if it cannot be given."""
        way = self._ways()[self.marked() or 0] if self._at is _Step.WHAT else self._way
        given = self._given if self._at is not _Step.WHAT else self._given_by(way)
        return None if given is None or self._why_not(way) else given

    def _tax_then(self) -> tuple[StyledText, ...]:
        """Return the tax lines under the figure, as `GST 5 % included` and `4.05`."""
        order, given, formats = self._order, self._given_now(), self.controller.register.formats
        after = with_discount(order, self._line_id, given) if given is not None and self._takes(given) else order
        if (line_id := self._line_id) is None:
            return taxes_text(after, formats)
        own = {line.id for line in row_of(order, line_id).lines}
        rows = [row for row in after.priced.rows if row.first.id in own]
        return taxes_of_rows(rows, formats, included=after.terms.included)

    @override
    def figure(self) -> FigureView:
        if self._scene.order is None:
            return FigureView("")
        then = Minor(self._now() - self._off_now())
        return figure_of(_("Then"), then, self.controller.register.formats, *self._tax_then())

    @override
    def foot(self) -> RowsView:
        """Return the price now, after promotions."""
        if self._scene.order is None:
            return RowsView()
        amount, rows = self.controller.register.formats.amount, [RowView(rule=True)]
        what = _("Whole order")
        saved: tuple[Saved, ...] = ()
        if (line_id := self._line_id) is not None:
            row = row_of(self._order, line_id)
            what, saved = f"{row.quantity} × {clean(row.first.name)}", row.saved
        rows.append(_fact_row(_("Now"), what, amount(self._now())))
        if saved:
            names = ", ".join(dict.fromkeys(clean(one.name) for one in saved))
            off = Minor(-sum(one.amount for one in saved))
            rows.append(_fact_row("", _("after {promotion}").format(promotion=names), amount(off), Tone.MUTED))
        return RowsView(tuple(rows))

    def _notice(self) -> RowsView:
        """Return the notice that a manager's PIN comes next, if one does."""
        way = self._way
        given = self._given if self._at is not _Step.WHAT else self._given_by(self._ways()[self.marked() or 0])
        if given is None or self._scene.order is None or not self._takes(given):
            return RowsView((RowView(rule=True),)) if self.is_wide else RowsView()
        asked, rights = self._asked(given), self.controller.register.venue.rights
        if asked is None or self.controller.register.approvals.allow(asked):
            return RowsView((RowView(rule=True),)) if self.is_wide else RowsView()
        sentence = _("A manager's PIN comes next.")
        if asked.act is Act.DISCOUNT and (share := rights.cashier.share) and way:
            sentence = _("Over {percent} %: a manager's PIN comes next.")
            if not self.is_wide:
                sentence = _("Over {percent} %: a manager's PIN next.")
            sentence = sentence.format(percent=percent_of(share))
        notice = RowView((CellView(1, StyledText("", mark=Mark.NOTICE)), CellView(3, StyledText(sentence))))
        return RowsView((RowView(rule=True), RowView(), notice) if self.is_wide else (notice,))

    @override
    def paint_beside(self) -> None:
        super().paint_beside()
        self._both.notice.show(self._notice())
        if self._both.asks_why != self.asks_why():
            self._both.asks_why = self.asks_why()
            if self.screen.is_mounted:
                self.screen.lay_now()

    # Keys.

    @override
    def asks_why(self) -> bool:
        return self._at is _Step.WHY

    def _press(self, press: KeyPress) -> None:
        if self._picks_none() and not press.char and not press.is_enter:
            self.entry, self.message = EMPTY, None
        if self.asks_why() and self.takes_words(press):
            return
        if press.key == "tab" and self._line is not None:
            self._turn()
        elif press.key == "backspace" and not self.entry.text and self._at is not _Step.WHAT:
            self._back()
        elif self._at is _Step.WHAT and press.char.upper() in {PERCENT, AMOUNT, PRICE}:
            self._begin(press.char.upper())
        elif self._at is _Step.WHAT and press.char == "%":
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
        if self._at is not _Step.WHAT or not self.entry.text or self._picked() is not None:
            return ""
        return _("No row has that number. P begins a percent, A an amount off.")

    def _turn(self) -> None:
        """Switch between the line and the whole order."""
        self._on_order = not self._on_order
        if self._at is _Step.FIGURE:
            self.typed()

    def _begin(self, way: str, figure: str = "") -> None:
        """Ask for the figure of a way; continue at once if it is given or not needed."""
        self._way, self.message = way, None
        self.selected = self._ways().index(way)
        if why := self._why_not(way):
            self._way, self.message = "", refusal(why[1])
            return
        if way in {COMP, MEAL}:
            if way == COMP:
                self._ask_why(Given(ALL_OF_IT, kind="comp"))
            return
        self._at, self.types = _Step.FIGURE, True
        self.entry = EntryLine.of(figure)
        self.typed()
        if figure and self._given is not None:
            self._ask_why(self._given)

    def _ask_why(self, given: Given) -> None:
        self._given, self._at, self.types, self.selected, self.own = given, _Step.WHY, True, 0, False
        self.entry, self.message = EMPTY, None

    def _asked(self, given: Given) -> Asked | None:
        return asked_for(self._order, self._line_id, given)

    def _back(self) -> None:
        """Go back from the reason to the figure, or from the figure to the ways."""
        self.message = None
        if self._at is _Step.WHY and self._way in {PERCENT, AMOUNT, PRICE}:
            self._at = _Step.FIGURE
            self.selected = self._ways().index(self._way)
        else:
            self._at, self.types, self._given, self._way = _Step.WHAT, False, None, ""
            self.selected = self._ways().index(PERCENT)

    @override
    def typed(self) -> None:
        """Parse the figure as it is typed, to preview the price."""
        if self._at is not _Step.FIGURE:
            return
        try:
            self._given = self._read(self.entry.text) if self.entry.text.strip() else None
        except TillError:
            self._given = None

    def _read(self, typed: str) -> Given:
        """Return the discount of a typed figure.

        Raises:
            AmountError: it is no number, zero, or over the price.
        """
        formats = self.controller.register.formats
        if self._way == PERCENT:
            given = Given(rate=Millionths(formats.price4(typed.rstrip(" %"))))
        elif self._way == AMOUNT:
            given = Given(amount=formats.minor(typed))
        else:
            given = Given(amount=Minor(price_of(self._order, self._line_id) - formats.minor(typed)))
        taken_off(self._order, self._line_id, given)
        return given

    @override
    def _picked(self) -> int | None:
        """Return no row while a figure is typed."""
        return None if self._at is _Step.FIGURE else super()._picked()

    @override
    def enter(self, typed: str) -> None:
        """Take the figure, then the reason."""
        if self._at is _Step.FIGURE:
            self._ask_why(self._read(typed))
        elif self.asks_why() and (typed or self.own):
            self._give(self.own_words(typed))
        elif why := self._picks_none():
            raise TillError(why)
        else:
            super().enter(typed)

    @override
    def choose(self, place: int) -> None:
        """Give a named discount or a staff meal at once; for the other ways, ask for more."""
        if self.asks_why():
            self._give(_REASONS[place])
            return
        way = self._ways()[place]
        if why := self._why_not(way):
            self.message = refusal(why[1])
            return
        given = self._given_by(way)
        if given is not None and (given.name or given.kind == "staff_meal"):
            self._given = given
            self._give("")
        else:
            self._begin(way)

    def _give(self, reason: str) -> None:
        """Give the discount, with a manager's approval on a sheet if it exceeds the user's rights."""
        given = self._given
        if given is None:
            return
        if not given.name and given.kind != "staff_meal":
            given = replace(given, reason=check_reason(reason))
        order, line_id, controller = self._order, self._line_id, self.controller
        asked, off = self._asked(given), taken_off(order, line_id, given)
        what = clean(row_of(order, line_id).first.name) if line_id is not None else _("the whole order")

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

        controller.close()
        if asked is None:
            act(None)
            return
        with_right(controller, self.screen, self._act(given), asked, act, **self._approval_facts(off, what))

    def _act(self, given: Given) -> str:
        """Return the title for the manager's approval."""
        label = off_in_words(given.kind)
        if given.rate is not None and given.rate != ALL_OF_IT:
            label = f"{label} {percent_of(given.rate)} %"
        return f"{label}, {clean(given.reason)}" if given.reason else label

    def _approval_facts(self, off: Minor, what: str) -> _ApprovalFacts:
        """Return the facts for the manager's approval."""
        formats, now = self.controller.register.formats, self._now()
        on = what
        if self._line_id is not None:
            on = f"{row_of(self._order, self._line_id).quantity} × {what}"
        under = StyledText(_("Then {amount}").format(amount=formats.amount(Minor(now - off))), Tone.MUTED)
        return _ApprovalFacts(
            facts=(FactView(_("On"), StyledText(f"{on}, {formats.amount(now)}")),),
            figure=figure_of(_("Off"), Minor(-off), formats, under),
            enter=_("Approve {amount} off").format(amount=formats.amount(off)),
        )

    # Key bar and messages.

    @override
    def keys(self) -> tuple[KeyView, ...]:
        turned = _("This line") if self._on_order else _("Whole order")
        tab = (KeyView("Tab", _("Line or order"), turned),) if self._line else ()
        esc = KeyView("Esc", _("Back, full price"), _("Back"))
        asks = KeyView(self.controller.keymap.label(HELP), _("Help"), spare=True)
        if self._at is _Step.WHAT:
            return (asks, KeyView("P A N", _("A figure")), *tab, esc)
        words = (self.words_key(),) if self.asks_why() and not self.own else ()
        return (asks, *tab, *words, KeyView("Bksp", _("Back to how much"), _("How much")), esc)

    @override
    def primary(self) -> KeyView:
        way = self._ways()[self.marked() or 0] if self._at is _Step.WHAT else self._way
        if self._at is _Step.FIGURE or (self._at is _Step.WHAT and way in {COMP, PERCENT, AMOUNT, PRICE}):
            return KeyView("Enter", _("Then why") if self._at is _Step.FIGURE or way == COMP else _("Choose"))
        if not (off := self._off_now()):
            return KeyView("Enter", _("Choose"))
        amount = self.controller.register.formats.amount(off)
        return KeyView("Enter", _("Take off {amount}").format(amount=amount))

    @override
    def answer(self) -> StyledText | None:
        """Return how much Enter takes off, of what, and why."""
        way = self._ways()[self.marked() or 0] if self._at is _Step.WHAT else self._way
        if self._scene.order is None or not (off := self._off_now()) or self._at is _Step.FIGURE:
            return None
        if self.asks_why():
            place = self._picked()
            if self.is_no_reason():
                return None
            why = self._text() if self.own else _REASONS[self.selected if place is None else place]
        elif way in {COMP, PERCENT, AMOUNT, PRICE}:
            return None
        else:
            why = off_in_words(MEAL) if way == MEAL else clean(self._named()[int(way)].name)
        what = _("the whole order")
        if (line_id := self._line_id) is not None:
            what = clean(row_of(self._order, line_id).first.name)
        sentence = _("Enter takes {amount} off {what}: {why}.")
        return plain(sentence.format(amount=self.controller.register.formats.money(off), what=what, why=clean(why)))

    @override
    def hint(self) -> str:
        match self._at, self._way:
            case _Step.WHAT, _any:
                return _("A number picks one. P, A or N begins a figure.")
            case _Step.WHY, _any if self.own:
                return _("In your own words, then Enter.")
            case _Step.WHY, _any:
                return _("A digit picks a reason.")
            case _figure, "P":
                return _("How many percent? Type it, then Enter.")
            case _figure, "A":
                return _("How much off? Type it, then Enter.")
        return _("What is the new price? Type it, then Enter.")

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("its number, Enter"), _("A discount that has a name"), ""),
            ("P A N", _("Percent, amount off, new price"), _("type it, Enter, then why")),
            ("Tab", _("The line, or the whole order"), ""),
            ("Bksp", _("Back to how much"), _("when nothing is typed")),
            ("Esc", _("Back"), _("the full price stays")),
        )


def _fact_row(word: str, what: str, amount: str, role: Tone = Tone.TEXT) -> RowView:
    cells = (CellView(0, StyledText(word, Tone.MUTED)), CellView(5, StyledText(what, role)))
    return RowView((*cells, CellView(-1, StyledText(amount, role), right=True)))
