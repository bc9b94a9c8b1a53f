"""Tabs: save the order on the screen to a table or a name, or recall one that is open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _, ngettext
from till.domain.text import clean
from till.ports import LightState
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.drawing.widgets.choices import Columns
from till.tui.screens.sheets.choice_sheet import ChoiceSheet
from till.tui.screens.tabs.recall import TabTakeoverSheet, recall
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.ports import RemoteSession, Store
    from till.register.tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped


class TabsSheet(ChoiceSheet):
    """With lines on the screen: where to save them. Without: which tab to recall."""

    types = True
    columns = Columns(key=2, name=4, detail=24)

    def __init__(self, controller: Controller, scene: Selling) -> None:
        order = scene.order
        self._saves = order is not None and not order.is_empty and order.is_open
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
        typed = self.entry.text.strip()
        if self._saves or not typed:
            return self._tabs
        return self.controller.register.tabs.named(typed, self._tabs)

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        register = self.controller.register
        return tuple(
            ChoiceView(
                "",
                tab.name,
                StyledText(self._size(tab), Tone.MUTED),
                StyledText(_("open on {till}").format(till=register.venue.till_name(tab.till)), mark=Mark.NOTICE)
                if tab.till not in {None, register.till}
                else StyledText(register.formats.money(tab.total)),
            )
            for tab in self._shown()
        )

    def _size(self, tab: OpenTab) -> str:
        """How many lines."""
        return ngettext("{lines} line", "{lines} lines", tab.lines).format(lines=tab.lines)

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
        if self._saves and self._own:
            return _("Enter saves back to {name}; or type another table or name.").format(name=clean(self._own))
        if self._saves:
            return _("Type a table's number or a name, then Enter.")
        return _("Type a table or a name, or choose with ↑ and ↓, then Enter.")

    @override
    def helped(self) -> tuple[Helped, ...]:
        esc = ("Esc", _("Back to the order"), _("nothing is saved or recalled"))
        if self._saves:
            return (
                (_("7, Enter"), _("Save to table 7"), _("any till recalls it")),
                (_("Asha, Enter"), _("Save to a name"), _("a guest, in your own words")),
                *((("Enter", _("Save back"), clean(self._own)),) if self._own else ()),
                esc,
            )
        return (
            (_("7, Enter"), _("Recall table 7"), _("its lines come here")),
            (_("a name, Enter"), _("Recall that tab"), _("a part shortens the list")),
            ("↑ ↓, Enter", _("The tab that is marked"), ""),
            esc,
        )

    @override
    def primary(self) -> KeyView | None:
        if self._saves:
            return KeyView("Enter", _("Save"))
        return KeyView("Enter", _("Recall")) if self._shown() else None

    @override
    def marked(self) -> int | None:
        """What is saved goes where it is typed, not onto a tab that is open."""
        return None if self._saves else super().marked()

    @override
    def typed(self) -> None:
        """A shorter list begins at its top."""
        self.selected = 0

    @override
    def enter(self, typed: str) -> None:
        if not self._told.is_set() and self._depends(typed):
            self.controller.hold(self._enter_once_told(typed, self._marked_tab()))
            return
        if self._saves:
            self._save(typed)
            return
        found = self.controller.register.tabs.named(typed, self._tabs) if typed else self._tabs
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
        others = [tab for tab in self._tabs if not (order.tab and tab.tab_id == order.tab.id)]
        tab = register.tabs.save(order.id, typed, others)
        register.typed.clear()
        self.controller.close()
        scene.show_order(None)
        scene.message = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))

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
