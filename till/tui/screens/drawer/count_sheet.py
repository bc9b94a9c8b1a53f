"""The count of the drawer, and its result. It is blind: what was expected comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.money.coins import coins
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH
from till.domain.shift.counting import CountBegun
from till.domain.shift.deciding import ShiftError
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.printer import DocumentRef
from till.register import shift_words
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import (
    ChoiceView,
    FigureView,
    KeyView,
    RowsView,
    RowView,
    StyledText,
    TitleView,
    choice,
    sentence_row,
)
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.drawer.count_fields import (
    PLACES,
    Field,
    GoesTo,
    Pieces,
    Stays,
    Sum,
    fields_of,
    fill_field,
    is_missing,
)
from till.tui.screens.drawer.sheet import DrawerSheet
from till.tui.screens.drawer.sums_sheet import ReadSheet
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.sheets.paned import CloseList, PanedChoiceSheet, figure_of
from till.tui.shell.entry_line import EMPTY
from till.tui.shell.messages import esc_back, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.staff.rights import Approval
    from till.register.drawer import CountResult, Drawer
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


class CountSheet(PanedChoiceSheet):
    """The count, field by field: Enter takes a figure and goes to the next, the last Enter records it.

    Tab changes between notes and coins and one sum. Esc keeps what was counted.
    """

    types = True
    columns = Columns(key=1, name=2, detail=18)
    list_kind = CloseList
    keyed = (*PanedChoiceSheet.keyed, "begun")
    help_rows = (
        (N_("number, Enter"), N_("How many of these"), N_("Enter alone: none")),
        ("↑ ↓", N_("Correct another figure"), ""),
        ("Tab", N_("One sum, or notes and coins"), ""),
        ("Esc", N_("Later"), N_("what was counted is kept")),
    )

    def __init__(self, controller: Controller, scene: Selling) -> None:
        self._scene = scene
        drawer = controller.register.drawer
        has_coins = bool(coins(controller.register.formats.currency)) and CASH in drawer.kept
        self.begun = controller.count_begun or CountBegun(drawer.balance(), by_pieces=has_coins)
        self._asked: CountBegun | None = None
        #: The closed shift whose drawer is counted though the next one is open.
        status = drawer.status()
        self._beside = status.beside if status.shift is not None else None
        super().__init__(controller, scene.screen)
        if self._beside is not None:
            formats, moved = controller.register.formats, drawer.moved_since_close()
            self.message = plain(shift_words.beside(formats, self._beside, moved))
        self.selected = next((at for at, one in enumerate(self._fields) if is_missing(self.begun, one)), 0)

    @property
    def _drawer(self) -> Drawer:
        return self.controller.register.drawer

    @property
    def _fields(self) -> tuple[Field, ...]:
        return fields_of(self.begun, self._drawer.kept, self.controller.register.formats)

    @property
    def _field(self) -> Field:
        return self._fields[min(self.selected, len(self._fields) - 1)]

    # Content.

    @override
    def title(self) -> TitleView:
        tabs = (_("Notes and coins"), _("One sum")) if self._may_turn else ()
        figure = "" if self.is_wide else self.figure().figure
        key = "Tab" if tabs and self.is_wide else ""
        return TitleView(_("Count"), "", tabs, int(not self.begun.by_pieces), key=key, sum=figure, ruled=True)

    @property
    def _may_turn(self) -> bool:
        return CASH in self._drawer.kept and bool(coins(self.controller.register.formats.currency))

    @override
    def side_title(self) -> TitleView:
        return TitleView(_("Expected"), ruled=True)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(self._row(field) for field in self._fields)

    def _row(self, field: Field) -> ChoiceView:
        register, begun = self.controller.register, self.begun
        amount = register.formats.amount
        none = StyledText("○", Tone.MUTED)
        match field:
            case Pieces(value=value):
                number = begun.pieces.get(value)
                name = f"{amount(value):>9} ×"
                if number is None:
                    return ChoiceView("", name, none)
                return ChoiceView("", name, StyledText(str(number)), StyledText(amount(Minor(value * number))))
            case Sum(tender=tender):
                found = begun.sums.get(tender)
                return ChoiceView(
                    "", register.checkout.tenders.label_of(tender),
                    right=none if found is None else StyledText(amount(found)),
                )  # fmt: skip
            case Stays():
                stays = begun.cash if begun.stays is None else begun.stays
                tone = Tone.MUTED if begun.stays is None else Tone.TEXT
                words = _("Stays in the drawer") if self.is_wide else _("Stays")
                return ChoiceView("", words, right=StyledText(amount(stays), tone))
            case GoesTo():
                to = _(clean(begun.to) or PLACES["1"])
                return choice("", _("Goes to"), to, amount(begun.taken))

    @override
    def sided(self) -> RowsView:
        lines = [
            StyledText(_("Count first."), bold=True),
            StyledText(_("What was expected comes after."), bold=True),
            None,
            StyledText(_("The last Enter records the count."), Tone.MUTED),
            StyledText(_("What stays begins the next shift."), Tone.MUTED),
        ]
        return RowsView(tuple(sentence_row(0, one) if one is not None else RowView() for one in lines))

    @override
    def figure(self) -> FigureView:
        formats, begun = self.controller.register.formats, self.begun
        if isinstance(self._field, GoesTo):
            return figure_of(_("Goes"), begun.taken, formats)
        return figure_of(_("Counted"), begun.cash, formats)

    # Keys.

    @override
    def _press(self, press: KeyPress) -> None:
        if press.key == "tab" and self._may_turn:
            self.begun = replace(self.begun, by_pieces=not self.begun.by_pieces)
            self.selected, self.entry, self.message = 0, EMPTY, None
            return
        if self.controller.keymap.command(press) == "drawer":
            self.cancel()
            self.controller.open(DrawerSheet(self.controller, self._scene))
            return
        before = self.selected
        super()._press(press)
        if self.selected != before:
            self.entry = EMPTY

    @override
    def _picked(self) -> int | None:
        return None

    @override
    def choose(self, place: int) -> None:
        self.selected = place

    @override
    def enter(self, typed: str) -> None:
        """Take the figure of a field and go to the next; after the last one record the count."""
        self.selected = min(self.selected, len(self._fields) - 1)
        self.begun = fill_field(self.begun, self._field, typed, self.controller.register.formats)
        self.controller.count_begun = self.begun
        self.message = None
        if self.selected + 1 < len(self._fields):
            self.selected += 1
            return
        missing = next((at for at, one in enumerate(self._fields) if is_missing(self.begun, one)), None)
        if missing is not None:
            self.selected = missing
            raise ShiftError(_("This is not counted yet. Enter alone: none."))
        self._check_stays()
        self._check_empty()
        self._check_moved()
        self._ask_or_record()

    def _check_stays(self) -> None:
        if self.begun.taken < 0:
            self.selected = next(at for at, one in enumerate(self._fields) if isinstance(one, Stays))
            raise ShiftError(_("More would stay than was counted. Type what stays."))

    def _check_empty(self) -> None:
        """Ask for a second Enter if no piece was counted: Enter alone, held down, comes here too."""
        is_asked = self._asked == self.begun and not self.controller.is_hasty
        if self.begun.by_pieces and not self.begun.cash and not is_asked:
            self._asked = self.begun
            raise ShiftError(_("No note, no coin: is the drawer empty? Enter says yes."))

    def _check_moved(self) -> None:
        """Ask for a second Enter if money moved since the first figure."""
        before, now = self.begun.balance, self._drawer.balance()
        moved = sum_of(Minor(amount - before.get(tender, NOTHING)) for tender, amount in now.items())
        if now == before:
            return
        self.begun = self.controller.count_begun = replace(self.begun, balance=now)
        amount = self.controller.register.formats.money(Minor(abs(moved)))
        words = _("{amount} came in since you began. Counted with it? Enter.")
        if moved < 0:
            words = _("{amount} went out since you began. Counted without? Enter.")
        raise ShiftError(words.format(amount=amount))

    def _ask_or_record(self) -> None:
        drawer, begun = self._drawer, self.begun
        off = Minor(begun.cash - drawer.balance().get(CASH, NOTHING))
        if off and drawer.status().is_opening and drawer.is_known() and CASH in drawer.kept:
            self.controller.open(DiffersSheet(self, off))
        else:
            self.record(is_float=False)

    def record(self, *, is_float: bool) -> None:
        """Record the count and show its result. A second count of a shift needs a manager."""
        drawer, begun, controller, scene = self._drawer, self.begun, self.controller, self._scene
        counted = {tender: begun.sums.get(tender, NOTHING) for tender in drawer.kept}
        if CASH in counted:
            counted[CASH] = begun.cash
        taken, place = ({CASH: begun.taken}, begun.to) if begun.taken else ({}, "")
        to = self.controller.register.venue.written(place)
        pieces = {value: number for value, number in begun.pieces.items() if number} if begun.by_pieces else None

        def act(approval: Approval | None) -> None:
            results = drawer.count(counted, taken, to=to, pieces=pieces, is_float=is_float, approval=approval)
            controller.count_begun = None
            controller.close(self)
            register = controller.register
            label_of = register.checkout.tenders.label_of
            scene.message = plain(shift_words.count_sentence(register.formats, label_of, results))
            controller.open(CountedSheet(controller, scene, results, _(place)))

        with_right(controller, self.screen, _("Count the drawer again"), act)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        tab = (
            (KeyView("Tab", _("One sum") if self.begun.by_pieces else _("Notes and coins")),) if self._may_turn else ()
        )
        return (self.help_key(), KeyView("↑↓", _("Correct")), *tab, KeyView("Esc", _("Later, it is kept"), _("Later")))

    @override
    def primary(self) -> KeyView:
        last = self.selected + 1 >= len(self._fields)
        if last and not isinstance(self._field, Stays):
            return KeyView("Enter", _("Record the count"), _("Record"))
        return KeyView("Enter", _("All of it stays") if isinstance(self._field, Stays) and last else _("Next"))

    @override
    def hint(self) -> str:
        match self._field:
            case Pieces():
                return _("How many, then Enter. Enter alone: none.")
            case Sum():
                return _("The sum, then Enter.")
            case Stays():
                return _("How much stays? Enter alone: all of it.")
            case GoesTo():
                return _("Where to: 1 safe, 2 bank, or words. Enter records it.")


class DiffersSheet(ChoiceSheet):
    """The question at an opening: is the cash that differs a difference, or was it brought in or taken out?"""

    hint_text = N_("Enter books the difference. B: somebody moved it.")
    enter_key = KeyView("Enter", N_("Book it"))

    def __init__(self, count: CountSheet, off: Minor) -> None:
        formats = count.controller.register.formats
        words = _("{amount} is ▼ {off} short") if off < 0 else _("{amount} is ▲ {off} over")
        title = words.format(amount=formats.money(count.begun.cash), off=formats.money(Minor(abs(off))))
        super().__init__(count.controller, count.screen, title)
        self._count = count
        self._off = off

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        amount = StyledText(self.controller.register.formats.amount(self._off))
        by_hand = _("It was taken out") if self._off < 0 else _("It was brought in")
        return (ChoiceView("D", _("A difference"), right=amount), ChoiceView("B", by_hand, right=amount))

    @override
    def choose(self, place: int) -> None:
        self.controller.close(self)
        self._count.record(is_float=place == 1)

    @override
    def keys(self) -> tuple[KeyView, ...]:
        return (KeyView("D B ↑↓", _("Choose")), esc_back())


class CountedSheet(ReadSheet):
    """The result of a count by tender: counted, expected, difference."""

    full = True
    columns = Columns(key=1, name=2, detail=23)

    def __init__(self, controller: Controller, scene: Selling, results: Sequence[CountResult], to: str) -> None:
        super().__init__(controller, scene.screen, _("Counted"))
        self._results = results
        self._to = to
        drawer = controller.register.drawer
        count = drawer.status().counts[-1]
        self._shift, self.paper = drawer.shift_of(count.shift), DocumentRef("count", count.shift, count.id)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register = self.controller.register
        amount = register.formats.amount
        rows = []
        for one in self._results:
            words = "{counted}" if one.is_float else _("{counted}, expected {expected}")
            words = words.format(counted=amount(one.counted), expected=amount(one.expected))
            label = register.checkout.tenders.label_of(one.tender)
            rows.append(ChoiceView("", label, StyledText(words), difference(amount(Minor(abs(one.difference))), one)))
            if one.taken:
                stays = StyledText(amount(Minor(one.counted - one.taken)))
                to = StyledText(_(clean(self._to)), Tone.MUTED)
                rows += [
                    ChoiceView("", _("Stays in the drawer"), right=stays),
                    ChoiceView("", _("Goes to") if self._to else _("Taken out"), to, StyledText(amount(one.taken))),
                ]
        return tuple(rows)

    @override
    def hint(self) -> str:
        if self._shift.closed is not None:
            return _("It belongs to Z {number}.").format(number=self._shift.closed.number)
        return _("It is in the record. A wrong count is counted again.")


def difference(amount: str, one: CountResult) -> StyledText:
    """Return `▼ 0.50 short`, `▲ 0.50 over`, or that it is the float, or as it should be."""
    if not one.difference:
        return StyledText(_("the float") if one.is_float else _("as it should be"), Tone.MUTED)
    words = _("▼ {amount} short") if one.difference < 0 else _("▲ {amount} over")
    return StyledText(words.format(amount=amount), Tone.WARN, bold=True)
