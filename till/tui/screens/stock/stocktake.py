"""The sheet of a stocktake. It is blind; each Enter counts at once, and it may be left and gone on with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import StoreError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.text import clean
from till.register.other_tills.news import ServerAnswered
from till.register.stock import amount_text, in_words, read_sum, read_typed, unit_of
from till.register.stocktake import Stocktake, places_of
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import KeyView, StyledText, choice
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.shell.messages import esc_back, plain, refusal

if TYPE_CHECKING:
    from till.domain.staff.rights import Approval
    from till.domain.stock.kept import KeptItem
    from till.ports import RemoteStocktake, Store
    from till.tui.drawing.viewmodels import ChoiceView
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard

_ENDS: Final = "tab"


def open_stocktake(controller: Controller, place: str) -> None:
    """Open the sheet of a place, or the list of places if none is named and there are several.

    Raises:
        TillError: nothing is kept, there is no such place, or the person may not count.
    """
    register = controller.register
    places = places_of(register)
    named = [one for one in places if one.casefold().startswith(place.casefold())] if place else []
    exact = [one for one in named if one.casefold() == place.casefold()] or named
    if place and len(exact) != 1:
        raise TillError(_("Places: {names}.").format(names=", ".join(map(clean, places)) or _("none")))
    if controller.scene is None:
        return
    if not place and len(places) > 1:
        controller.open(PlacesSheet(controller, places))
    else:
        _open(controller, exact[0] if exact else "")


def _open(controller: Controller, place: str) -> None:
    sheet = Stocktake(controller.register, place)
    if not sheet.items:
        raise TillError(_("Nothing is kept. `till admin stock items` sets what is."))
    sheet.check_right()
    controller.open(StocktakeSheet(controller, sheet))


class PlacesSheet(ChoiceSheet):
    """The places of what is kept; Enter opens the sheet of the marked one."""

    def __init__(self, controller: Controller, places: tuple[str, ...]) -> None:
        if controller.scene is None:
            raise TillError
        super().__init__(controller, controller.scene.screen, _("Stocktake"))
        self._places = places

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(choice(str(number), clean(one)) for number, one in enumerate(self._places, 1))

    @override
    def choose(self, place: int) -> None:
        self.controller.close(self)
        _open(self.controller, self._places[place])


class StocktakeSheet(ChoiceSheet):
    """The items of a place. An amount and Enter counts the marked one; a name marks another.

    Args:
        controller: the till.
        sheet: the sheet.
    """

    types = True
    full = True
    columns = Columns(key=2, name=4, detail=30, whole=True)
    help_rows = (
        (N_("48, Enter"), N_("Count the marked item"), N_("then the next is marked")),
        (N_("48+12, Enter"), N_("In two places"), N_("+12 adds to what was counted")),
        (N_("cola, Enter"), N_("Mark another"), N_("“cola 48” counts it")),
        ("Tab", N_("The differences"), N_("in pieces, and at cost")),
        ("Esc", N_("Leave it"), N_("continue later, at any till")),
    )

    def __init__(self, controller: Controller, sheet: Stocktake) -> None:
        if controller.scene is None:
            raise TillError
        super().__init__(controller, controller.scene.screen, _("Stocktake {place}").format(place=clean(sheet.place)))
        self._sheet_of, self._register = sheet, controller.register
        #: The count that another Enter replaces, and the differences once they are asked for.
        self._doubted: tuple[str, int] | None = None
        self._ended: RemoteStocktake | None = None
        self._mark_next(-1)
        self._hear_others()

    # The counts of others.

    @override
    def hear(self, news: Heard) -> bool:
        """Ask what others counted, in the background."""
        if isinstance(news, ServerAnswered):
            self._hear_others()
        return False

    def _hear_others(self) -> None:
        if self._ended is None and (store := self.controller.answering) is not None:
            self.controller.meanwhile(self._ask(store))

    async def _ask(self, store: Store) -> None:
        try:
            self._sheet_of.hear(await store.stocktake(self._sheet_of.sheet))
        except StoreError:
            return  # the counts of this till are shown, and those of others once it answers

    # Rows.

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        if self._ended is not None:
            return self._differences(self._ended)
        return tuple(self._row(one) for one in self._sheet_of.items)

    def _row(self, item: KeptItem) -> ChoiceView:
        others = ", ".join(clean(one) for one in item.places if one != self._sheet_of.place)
        count, right = self._sheet_of.counts.get(item.id), StyledText("")
        if count is not None:
            at = f"{self._register.venue.local(count.at):%H:%M}"
            amount = amount_text(self._register, count.amount, unit_of(self._register, item))
            right = StyledText(f"{amount}  {at} {clean(count.by)}".rstrip(), mark=Mark.GOOD)
        return choice("", clean(item.name), _("also {places}").format(places=others) if others else "", right)

    def _differences(self, found: RemoteStocktake) -> tuple[ChoiceView, ...]:
        rows: list[ChoiceView] = []
        for item in self._sheet_of.items:
            amount, cost = found.differences.get(item.id, (0, ""))
            if item.id not in self._sheet_of.counts:
                rows.append(choice("", clean(item.name), None, _("not counted")))
            elif item.id not in found.differences:
                rows.append(choice("", clean(item.name), None, _("the first count")))
            elif amount:
                rows.append(choice("", clean(item.name), self._signed(item, amount), self._money(cost)))
        return tuple(rows)

    def _signed(self, item: KeptItem, amount: int) -> str:
        text = amount_text(self._register, amount, unit_of(self._register, item))
        return text if amount < 0 else f"+{text}"

    def _money(self, cost: str) -> str:
        if not cost:
            return ""
        formats = self._register.formats
        return formats.money(formats.currency.nearest(Decimal(cost)))

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("No difference."),)

    # Keys.

    def _press(self, press: KeyPress) -> None:
        if press.key == _ENDS:
            self._end()
        elif self._ended is not None and press.key == "escape":
            self._ended, self.is_read = None, False
            self._mark_next(self.selected - 1)
            self.resize()
        else:
            if not press.is_enter:
                self._doubted = None
            super()._press(press)

    @override
    def enter(self, typed: str) -> None:
        """Count the marked item; a name marks another, and without text the next is marked."""
        if self._ended is not None:
            return
        items = self._sheet_of.items
        item = items[min(max(self.selected, 0), len(items) - 1)]
        if not typed:
            self._enter_nothing(item)
            return
        if (found := read_sum(self._register, item, typed)) is None:
            named = read_typed(self._register, typed)
            if named.item not in items:
                raise TillError(_("{name} is not on this sheet.").format(name=clean(named.item.name)))
            self.selected, item = items.index(named.item), named.item
            if named.amount is None:
                return
            found = named.amount, False
        amount, adds = found
        known = self._sheet_of.counts.get(item.id)
        if known is not None and not adds:
            self._doubted = item.id, amount
            was = amount_text(self._register, known.amount, unit_of(self._register, item))
            at = f"{self._register.venue.local(known.at):%H:%M}"
            sentence = _("Counted {amount} at {time}. Enter replaces it; + adds.")
            self.message = refusal(sentence.format(amount=was, time=at))
            return
        self._count(item, amount, adds=adds)

    def _enter_nothing(self, item: KeptItem) -> None:
        """Replace the count that was asked about, end a sheet that is whole, or mark the next item."""
        items = self._sheet_of.items
        if self._doubted is not None:
            if not self.controller.is_hasty:  # somebody has read the question
                self._count(item, self._doubted[1], adds=False)
        elif all(one.id in self._sheet_of.counts for one in items):
            self._end()
        else:
            self.selected = (self.selected + 1) % len(items)

    def _count(self, item: KeptItem, amount: int, *, adds: bool) -> None:
        self._doubted = None

        def count(approval: Approval | None) -> None:
            counted = self._sheet_of.count(item, amount, approval, adds=adds)
            sentence = _("Counted: {what}.").format(what=in_words(self._register, item, counted.amount))
            self.message = plain(sentence)
            self._mark_next(self._sheet_of.items.index(item))

        with_right(self.controller, self.screen, _("Count the shelf"), count)

    def _mark_next(self, place: int) -> None:
        """Mark the next item that is not counted, or the next one."""
        items, counts = self._sheet_of.items, self._sheet_of.counts
        order = [(place + step) % len(items) for step in range(1, len(items) + 1)]
        self.selected = next((one for one in order if items[one].id not in counts), order[0])

    @override
    def choose(self, place: int) -> None:
        self.selected = place

    # The end.

    def _end(self) -> None:
        if self._ended is None:
            self.controller.hold(self._find_differences())

    async def _find_differences(self) -> None:
        try:
            async with self.controller.asking():
                found = await self._sheet_of.end(self.controller.answering)
        except StoreError:
            self.message = refusal(_("Differences need the server. The counts are kept."))
            return
        self._ended, self.is_read, self.selected = found, True, 0
        costs = [cost for _amount, cost in found.differences.values() if cost]
        whole = self._money(str(sum(map(Decimal, costs)))) if costs else ""
        count = sum(bool(amount) for amount, _cost in found.differences.values())
        words = ngettext("{n} difference", "{n} differences", count).format(n=count)
        parts = [words + (f": {whole}" if whole else "")]
        if found.unheard:
            parts.append(_("not heard since: {tills}").format(tills=", ".join(map(clean, found.unheard))))
        self.message = plain("; ".join(parts) + ".")
        self.resize()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        if self._ended is not None:
            return (esc_back(),)
        return (KeyView("Tab", _("Differences"), _("End")), KeyView("↑↓", _("Choose"), spare=True), esc_back())

    @override
    def primary(self) -> KeyView | None:
        if self._ended is not None:
            return None
        if self.entry.text or self._doubted:
            return KeyView("Enter", _("Count it"))
        is_done = all(one.id in self._sheet_of.counts for one in self._sheet_of.items)
        return KeyView("Enter", _("Differences"), _("End")) if is_done else KeyView("Enter", _("Next"))

    @override
    def hint(self) -> str:
        if self._ended is not None:
            return _("Esc: back to the counts.")
        items = self._sheet_of.items
        item = items[min(max(self.selected, 0), len(items) - 1)]
        done = sum(one.id in self._sheet_of.counts for one in items)
        words = _("How many {name}? {n} of {count} counted.")
        return words.format(name=clean(item.name), n=done, count=len(items))
