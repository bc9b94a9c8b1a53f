"""A discount while it is chosen: of what, in which way, how much. Nothing here draws or writes."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Millionths, Minor
from till.domain.money.tax import percent_of
from till.domain.order.discounting import (
    ALL_OF_IT,
    Given,
    check_named,
    off_in_words,
    price_of,
    row_to_discount,
    taken_off,
    with_discount,
)
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.screens.sell.total import taxes_of_rows, taxes_text

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.catalogue.promotions import Promotion
    from till.domain.money.formats import Formats
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.venue import Venue
    from till.tui.drawing.viewmodels import StyledText

PERCENT, AMOUNT, PRICE, COMP, MEAL = "P", "A", "N", "comp", "staff_meal"
#: The ways that need a figure.
FIGURES: Final = frozenset({PERCENT, AMOUNT, PRICE})
#: The ways that need a reason.
WORDED: Final = FIGURES | {COMP}


class DiscountStep(Enum):
    """The step of the sheet."""

    WHAT = auto()
    FIGURE = auto()
    WHY = auto()


class DiscountState(Struct, frozen=True):
    """The choices so far.

    Attributes:
        on_order: True for the whole order.
        step: the step.
        way: the way that was chosen; empty for none.
        given: the discount by this way, once it is known.
    """

    on_order: bool
    step: DiscountStep = DiscountStep.WHAT
    way: str = ""
    given: Given | None = None

    def back(self) -> DiscountState:
        """Return the state one step before: from the reason to the figure, or to the ways."""
        if self.step is DiscountStep.WHY and self.way in FIGURES:
            return replace(self, step=DiscountStep.FIGURE)
        return DiscountState(self.on_order)


class Target(Struct, frozen=True):
    """The line or order that a discount is for, and what the venue gives now.

    Attributes:
        shown: the order; None once it left the screen.
        line_id: the line; None for the whole order.
        venue: the venue.
        menu: the menu.
        moment: the time.
    """

    shown: Order | None
    line_id: str | None
    venue: Venue
    menu: Menu
    moment: datetime

    @property
    def order(self) -> Order:
        """The order.

        Raises:
            TillError: it left the screen meanwhile.
        """
        if self.shown is None:
            raise TillError(_("There are no lines yet. Type an item, then Enter."))
        return self.shown

    @property
    def row(self) -> Row | None:
        """The row of the line; None for the whole order."""
        return row_to_discount(self.order, self.line_id) if self.line_id is not None else None

    @property
    def what(self) -> str:
        """The name of the line, or of the order."""
        return clean(row.first.name) if (row := self.row) is not None else _("the whole order")

    @property
    def counted(self) -> str:
        """The name of the line with its pieces, or of the order."""
        return f"{row.quantity} × {self.what}" if (row := self.row) is not None else self.what

    @property
    def price(self) -> Minor:
        """The price now."""
        return price_of(self.order, self.line_id)

    @property
    def named(self) -> tuple[Promotion, ...]:
        """The venue's named discounts."""
        return self.venue.named_discounts

    @property
    def ways(self) -> tuple[str, ...]:
        """The way of each row: the index of a named discount, or a fixed way."""
        return (*(str(place) for place in range(len(self.named))), COMP, MEAL, PERCENT, AMOUNT, PRICE)

    def given_by(self, way: str, state: DiscountState) -> Given | None:
        """Return the discount of a way; None if its figure is not known yet."""
        if way == COMP:
            return Given(ALL_OF_IT, kind="comp")
        if way == MEAL:
            return Given(self.venue.rights.meal, kind="staff_meal")
        if way in FIGURES:
            return state.given if way == state.way else None
        offer = self.named[int(way)].offer
        return Given(offer.rate, offer.amount, name=offer.name)

    def off(self, given: Given | None) -> Minor:
        """Return the amount of a discount; 0 if there is none, or it is not possible."""
        try:
            return taken_off(self.order, self.line_id, given) if given is not None else NOTHING
        except TillError:
            return NOTHING

    def taxes(self, given: Given | None, formats: Formats) -> tuple[StyledText, ...]:
        """Return the tax lines with a discount, as `GST 5 % included` and `4.05`."""
        order, row = self.order, self.row
        after = with_discount(order, self.line_id, given) if given is not None and self.off(given) else order
        if row is None:
            return taxes_text(after, formats)
        own = {line.id for line in row.lines}
        rows = [one for one in after.priced.rows if one.first.id in own]
        return taxes_of_rows(rows, formats, included=after.terms.included)

    def read(self, way: str, typed: str, formats: Formats) -> Given:
        """Return the discount of a typed figure.

        Raises:
            AmountError: it is no number, zero, or over the price.
        """
        if way == PERCENT:
            given = Given(rate=Millionths(formats.price4(typed.rstrip(" %"))))
        elif way == AMOUNT:
            given = Given(amount=formats.minor(typed))
        else:
            given = Given(amount=Minor(self.price - formats.minor(typed)))
        taken_off(self.order, self.line_id, given)
        return given

    def why_not(self, way: str) -> tuple[str, str] | None:
        """Return why a way cannot be chosen now, in a word or two and as a sentence; None if it can."""
        if way in FIGURES:
            return None
        if way not in {COMP, MEAL}:
            return self._why_not_named(self.named[int(way)])
        try:
            taken_off(self.order, self.line_id, Given(ALL_OF_IT if way == COMP else self.venue.rights.meal))
        except TillError as problem:
            return _("not on this"), problem.sentence
        return None

    def _why_not_named(self, named: Promotion) -> tuple[str, str] | None:
        name, at = clean(named.name), self.venue.local(self.moment)
        if not named.holds(at):
            later = named.opens(at)
            word = _("from {time}").format(time=later.strftime("%H:%M")) if later is not None else _("not today")
            return word, _("{name} is not available now.").format(name=name)
        try:
            check_named(self.order, self.line_id, named.name)
        except TillError as problem:
            return _("given"), problem.sentence
        if (row := self.row) is None:  # of the whole order it would also be taken off what is keyed later
            sentence = _("{name} is for some items: Tab, then give it by line.").format(name=name)
            return (_("by line"), sentence) if named.items or named.categories else None
        item = self.menu.by_id.get(row.first.item_id)
        if named.is_on(row.first.item_id, item.category if item is not None else ""):
            return None
        return _("not on this"), _("{name} does not apply to {item}.").format(name=name, item=self.what)


def act_words(given: Given) -> str:
    """Return a discount in words, for the manager who approves it."""
    label = off_in_words(given.kind)
    if given.rate is not None and given.rate != ALL_OF_IT:
        label = f"{label} {percent_of(given.rate)} %"
    return f"{label}, {clean(given.reason)}" if given.reason else label
