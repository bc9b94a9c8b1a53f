"""Tabs: save the order on the screen to a table or a name, or recall one that is open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _, ngettext
from till.domain.money.measures import Minor
from till.domain.text import clean
from till.ports import LightState
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import ChoiceView, KeyView, TablesView, TableView
from till.tui.drawing.widgets.tables import TableGrid, columns_in, rows_for
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.tabs.recall import TabTakeoverSheet, add, join, recall
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import esc_back, plain, refusal

if TYPE_CHECKING:
    from datetime import timedelta

    from till.ports import RemoteSession, Store
    from till.register.tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress

_HOUR: Final = 60


class TabsSheet(ChoiceSheet):
    """With lines on the screen: where to save them. Without: which tab to recall."""

    types = True
    full = True

    def __init__(self, controller: Controller, scene: Selling) -> None:
        order = scene.order
        self._saves = order is not None and order.is_in_use and order.is_open
        tab = order.tab.name if order and order.tab else ""
        does = _("save the order to a tab") if self._saves else _("recall a tab")
        super().__init__(controller, scene.screen, _("Tabs"), ", ".join(part for part in (does, tab) if part))
        self._scene = scene
        self._own = tab
        self._tabs = controller.register.tabs.local()
        self._rows: list[RemoteSession] = []
        #: The other tills' tabs are in the list, or will not come.
        self._told = asyncio.Event()
        self._told.set()
        self._longest_first = False

    def show(self, recalled: str = "") -> None:
        """Put the sheet up; with a name, recall that tab as soon as the list is known."""
        self.controller.open(self)
        store = self.controller.store
        if store is not None and self.controller.register.light.state is not LightState.OFFLINE:
            self._told.clear()
            wait = self.controller.hold if recalled else self.controller.meanwhile
            wait(self._ask(store, recalled))
        elif recalled:
            self._recall_named(recalled)

    def offer(self, name: str) -> None:
        """Put the sheet up with the name of a tab that is open: Enter adds to it."""
        self.show()
        self.entry = EntryLine.offer(name)

    def _recall_named(self, name: str) -> None:
        self.entry = EntryLine.offer(name)
        fitting = len(self._shown())
        if fitting > 1:
            sentence = _("{count} tabs are called something like {name}. Which one?")
            self.message = refusal(sentence.format(count=fitting, name=clean(name)))
            return
        try:
            self.enter(name)
        except TillError as problem:
            self.message = refusal(problem.sentence)

    async def _ask(self, store: Store, recalled: str) -> None:
        """The tabs of all tills; what was marked before they came stays so."""
        try:
            self._rows = await store.open_tabs()
            marked = self._marked_tab()
            self._tabs = self.controller.register.tabs.merged(self._rows)
            places = [place for place, tab in enumerate(self._shown()) if marked and tab.tab_id == marked.tab_id]
            self.selected = places[0] if places else 0
        except StoreError:
            self.message = plain(_("The network is down: these are the tabs that this till knows."))
        finally:
            self._told.set()
        self.resize()
        if recalled:
            self._recall_named(recalled)

    async def _enter_once_told(self, typed: str, chosen: OpenTab | None) -> None:
        """Act on an Enter that the answer of the other tills decides; `chosen` is the tab that was marked then."""
        await self._told.wait()
        try:
            if chosen is None or self._saves:
                self.selected = 0
                self.enter(typed)
                return
            now = next((tab for tab in self._tabs if tab.tab_id == chosen.tab_id), None)
            if now is None:
                raise NoTabError(_("{name} is open no more.").format(name=clean(chosen.name)))
            self._recall(now)
        except TillError as problem:
            if self not in self.controller.sheets:
                raise
            self.message = refusal(problem.sentence)
            self.entry = EntryLine.offer(typed)

    def _marked_tab(self) -> OpenTab | None:
        shown = self._shown()
        return shown[min(self.selected, len(shown) - 1)] if shown else None

    def _shown(self) -> list[OpenTab]:
        typed, tabs = self.entry.text.strip(), self._sorted()
        return tabs if self._saves or not typed else self.controller.register.tabs.named(typed, tabs)

    def _sorted(self) -> list[OpenTab]:
        """All tabs: by number and name as they came, or the longest open first."""
        return sorted(self._tabs, key=lambda tab: tab.opened) if self._longest_first else self._tabs

    @override
    def make_list(self) -> TableGrid:
        return TableGrid(TablesView(), ground=Backdrop.SURFACE, on_window=self._moved)

    @override
    def room(self) -> int:
        return rows_for(len(self._shown()), columns_in(self.screen.size.width - 4))

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView("", tab.name) for tab in self._shown())

    @override
    def listed(self) -> TablesView:
        return TablesView(tuple(map(self._table, self._shown())), self.marked(), self.empty())

    def _table(self, tab: OpenTab) -> TableView:
        register = self.controller.register
        elsewhere = tab.till not in {None, register.till}
        return TableView(
            name=str(tab.table) if tab.table is not None else tab.name,
            who=self._who(tab),
            age=age(register.ledger.now() - tab.opened),
            total=register.formats.amount(tab.total),
            where=_("on {till}").format(till=register.venue.till_name(tab.till)) if elsewhere else "",
        )

    def _who(self, tab: OpenTab) -> str:
        return clean(self.controller.register.reference.name_of(tab.user)) or str(tab.user)

    def _facts_of(self, tab: OpenTab) -> str:
        """`table 5: cashier 1, 42 min, 3 lines, ₹420.00`"""
        register = self.controller.register
        facts = (
            self._who(tab),
            age(register.ledger.now() - tab.opened),
            register.answers.counted(tab.lines, tab.total),
        )
        return _("{name}: {facts}").format(name=clean(tab.name), facts=", ".join(facts))

    def _open_tab(self, typed: str | None = None) -> OpenTab | None:
        """The tab that is open under what is typed, to be added to."""
        order, tabs = self._scene.order, self.controller.register.tabs
        found = tabs.open_as(self.entry.text if typed is None else typed, self._tabs) if self._saves else None
        return found if found is not None and order is not None and found.session_id != order.id else None

    def _twins(self) -> list[OpenTab]:
        """The other tabs that are called as the marked one is: two tills made them while they were apart."""
        shown, place = self._shown(), self.marked()
        if self._saves or place is None:
            return []
        kept = shown[place]
        return [tab for tab in self._tabs if tab.name.casefold() == kept.name.casefold() and tab is not kept]

    @override
    def empty(self) -> tuple[str, ...]:
        if self._tabs and not self._saves:
            others = ngettext(
                "{count} tab is open, under another name.", "{count} tabs are open, under other names.", len(self._tabs)
            )
            return (others.format(count=len(self._tabs)),)
        return (_("No other tab is open.") if self._saves else _("No tab is open."),)

    @override
    def hint(self) -> str:
        order = self._scene.order
        if order is not None and (tab := self._open_tab()) is not None:
            register = self.controller.register
            said = _("{name} is open. Enter adds {size}: total {total}.")
            total = register.formats.money(Minor(tab.total + order.total))
            return said.format(name=clean(tab.name).capitalize(), size=register.answers.size(order), total=total)
        if twins := self._twins():
            said = _("{count} tabs are {name}. Enter recalls this one, Tab joins them.")
            return said.format(count=len(twins) + 1, name=clean(twins[0].name))
        if self._saves and self._own:
            return _("Enter saves back to {name}; or type another table or name.").format(name=clean(self._own))
        if self._saves:
            return _("Type a table's number or a name, then Enter.")
        if (place := self.marked()) is not None and not self.entry.text:
            return self._facts_of(self._shown()[place])
        return _("Type a table or a name, or choose with ↑ and ↓, then Enter.")

    @override
    def helped(self) -> tuple[Helped, ...]:
        esc = ("Esc", _("Back to the order"), _("nothing is saved or recalled"))
        if self._saves:
            return (
                (_("7, Enter"), _("Save to table 7"), _("or add to it, if it is open")),
                (_("Asha, Enter"), _("Save to a name"), _("a guest, in your own words")),
                *((("Enter", _("Save back"), clean(self._own)),) if self._own else ()),
                esc,
            )
        return (
            (_("7, Enter"), _("Recall table 7"), _("its lines come here")),
            (_("a name, Enter"), _("Recall that tab"), _("a part shortens the list")),
            ("↑ ↓, Enter", _("The tab that is marked"), ""),
            ("Tab", _("Join two of one name"), ""),
            (self.controller.keymap.label("tabs"), _("Longest open first"), _("again: by number")),
            esc,
        )

    @override
    def primary(self) -> KeyView | None:
        order = self._scene.order
        if order is not None and (tab := self._open_tab()) is not None:
            amount = self.controller.register.formats.amount(order.total)
            word = _("Add to {name} {amount}").format(name=clean(tab.name), amount=amount)
            return KeyView("Enter", word, _("Add"))
        if self._saves:
            return KeyView("Enter", _("Save"))
        return KeyView("Enter", _("Recall")) if self._shown() else None

    @override
    def marked(self) -> int | None:
        """What is saved goes where it is typed, not onto a tab that is open."""
        return None if self._saves else super().marked()

    @override
    def keys(self) -> tuple[KeyView, ...]:
        if self._saves:
            return super().keys()
        order = _("By number") if self._longest_first else _("Longest first")
        join = (KeyView("Tab", _("Join them")),) if self._twins() else ()
        choose = (KeyView("↑↓ ←→", _("Choose")),) if self.marked() is not None else ()
        return (*choose, *join, KeyView(self.controller.keymap.label("tabs"), order), esc_back())

    def _press(self, press: KeyPress) -> None:
        side = {"left": -1, "right": 1}.get(press.key, 0)
        if side and not self.entry.text and not self._saves:
            across = self._list.rows if isinstance(self._list, TableGrid) else 1
            self.selected = max(0, min(self.selected + side * across, len(self._shown()) - 1))
        elif self.controller.keymap.command(press) == "tabs" and not press.char:
            self._longest_first, self.selected = not self._longest_first, 0
        elif press.key == "tab" and not self._saves:
            self.controller.hold(self._join_once_told())
        else:
            super()._press(press)

    async def _join_once_told(self) -> None:
        """Join the tabs of the marked one's name, once it is known which other tills have."""
        await self._told.wait()
        try:
            if twins := self._twins():
                self._join(self._shown()[self.marked() or 0], twins)
        except TillError as problem:
            self.message = refusal(problem.sentence)

    def _join(self, kept: OpenTab, twins: list[OpenTab]) -> None:
        """Make one of tabs with one name. One that another till has open stays as it is."""
        register = self.controller.register
        for tab in (kept, *twins):
            if tab.till not in {None, register.till}:
                who = register.reference.who(tab.till, tab.user)
                sentence = _("{name} is open on {who}: save it there, then they are joined.")
                raise NoTabError(sentence.format(name=clean(tab.name).capitalize(), who=who))
        self.controller.close()
        self.controller.hold(join(self.controller, self._scene, kept, twins))

    @override
    def typed(self) -> None:
        """A shorter list begins at its top."""
        self.selected = 0

    @override
    def choose(self, place: int) -> None:
        self._recall(self._shown()[place])

    @override
    def enter(self, typed: str) -> None:
        if not self._told.is_set() and self._depends(typed):
            self.controller.hold(self._enter_once_told(typed, self._marked_tab()))
            return
        if self._saves:
            self._save(typed)
            return
        found = self.controller.register.tabs.named(typed, self._sorted()) if typed else self._sorted()
        if not found and typed:
            label = self.controller.register.tabs.label(typed)
            none = _("No tab is called {name}.") if label == clean(typed) else _("No {name} is open.")
            raise NoTabError(none.format(name=clean(label)))
        if not found:
            raise NoTabError(_("No tab is open. Esc goes back to the order."))
        self._recall(found[min(self.selected, len(found) - 1)])

    def _depends(self, typed: str) -> bool:
        """Whether what other tills have open decides what an Enter does: a name may be taken, a tab be theirs."""
        if self._saves:
            return bool(typed) and typed != self._own
        chosen = self._marked_tab()
        return chosen is None or chosen.till not in {None, self.controller.register.till}

    def _save(self, typed: str) -> None:
        scene, register = self._scene, self.controller.register
        order = scene.order
        if order is None:
            self.controller.close()
            return
        if (open_tab := self._open_tab(typed)) is not None:
            self._add(open_tab)
            return
        others = [tab for tab in self._tabs if not (order.tab and tab.tab_id == order.tab.id)]
        tab = register.tabs.save(order.id, typed, others)
        register.typed.clear()
        self.controller.close()
        scene.show_order(None)
        scene.message = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))

    def _add(self, tab: OpenTab) -> None:
        """Add the lines on the screen to a tab that is open, wherever it is."""
        self.controller.close()
        self.controller.hold(add(self.controller, self._scene, tab))

    def _recall(self, tab: OpenTab) -> None:
        """Recall a tab; one that another till has open is never taken without a warning."""
        self.controller.close()
        row = next((row for row in self._rows if row.session_id == tab.session_id), None)
        if tab.till not in {None, self.controller.register.till}:
            if row is None:
                sentence = _("{name} is open on {who}: pay or save it there.")
                who = self.controller.register.reference.who(tab.till, tab.user)
                raise NoTabError(sentence.format(name=clean(tab.name), who=who))
            self.controller.open(TabTakeoverSheet(self.controller, self._scene, row))
            return
        self.controller.hold(recall(self.controller, self._scene, tab.session_id, tab.name))


def age(passed: timedelta) -> str:
    """How long something is open: `42 min`, `1 h 05`."""
    minutes = max(0, int(passed.total_seconds()) // 60)
    if minutes < _HOUR:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes:02d}").format(hours=minutes // _HOUR, minutes=minutes % _HOUR)
