"""Tabs: save the order on the screen to a table or a name, or recall one that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _, ngettext
from till.domain.text import clean
from till.ports import LightState
from till.tui.counter import plain, refusal
from till.tui.palette import Mark, Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, KeyView, Said
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from till.ports import Store
    from till.register.tabs import OpenTab
    from till.tui.counter import Counter, Helped
    from till.tui.sheets.selling import Selling


class TabsSheet(ChoiceSheet):
    """With lines on the screen: where to save them. Without: which tab to recall."""

    types = True
    columns = Columns(key=2, name=4, detail=24)

    def __init__(self, counter: Counter, scene: Selling) -> None:
        order = scene.order
        self._saves = order is not None and not order.is_empty and order.is_open
        tab = order.tab.name if order and order.tab else ""
        title = _("Save the order to a tab") if self._saves else _("Recall a tab")
        super().__init__(counter, scene.desk, title, tab)
        self._scene = scene
        self._own = tab
        self._tabs = counter.register.tabs.local()

    def show(self, recalled: str = "") -> None:
        """Put the sheet up; with a name, recall that tab as soon as the list is known."""
        self.counter.open(self)
        if self.counter.store is not None and self.counter.register.light.state is not LightState.OFFLINE:
            self.counter.hold(self._ask(self.counter.store, recalled))
        elif recalled:
            self._recall_named(recalled)

    def _recall_named(self, name: str) -> None:
        self.editor.offer(name)
        try:
            self.enter(name)
        except TillError as problem:
            self.said = refusal(problem.sentence)

    async def _ask(self, store: Store, recalled: str) -> None:
        """The tabs of all tills."""
        try:
            self._tabs = self.counter.register.tabs.merged(await store.open_tabs())
        except StoreError:
            self.said = plain(_("The network is down: these are the tabs that this till knows."))
        self.resize()
        if recalled:
            self._recall_named(recalled)

    def _shown(self) -> list[OpenTab]:
        typed = self.editor.text.strip().casefold()
        if self._saves or not typed:
            return self._tabs
        return [tab for tab in self._tabs if typed in tab.name.casefold()]

    def rows(self) -> tuple[ChoiceView, ...]:
        """The open tabs."""
        register = self.counter.register
        return tuple(
            ChoiceView(
                "",
                tab.name,
                Said(self._size(tab), Role.MUTED),
                Said(_("open on {till}").format(till=register.venue.till_name(tab.till)), mark=Mark.NOTICE)
                if tab.till not in {None, register.till}
                else Said(register.formats.money(tab.total)),
            )
            for tab in self._shown()
        )

    def _size(self, tab: OpenTab) -> str:
        """How many lines, and who keeps it since a logout."""
        size = ngettext("{lines} line", "{lines} lines", tab.lines).format(lines=tab.lines)
        if not tab.kept:
            return size
        return _("{size}, kept by {name}").format(size=size, name=self.counter.register.who(None, tab.user))

    def empty(self) -> tuple[str, ...]:
        """What stands there when no tab is open."""
        if self._tabs and not self._saves:
            others = ngettext(
                "{count} tab is open, under another name.", "{count} tabs are open, under other names.", len(self._tabs)
            )
            return (others.format(count=len(self._tabs)),)
        return (_("No other tab is open.") if self._saves else _("No tab is open."),)

    def hint(self) -> str:
        """What can be typed."""
        if self._saves and self._own:
            return _("Enter saves back to {name}; or type another table or name.").format(name=clean(self._own))
        if self._saves:
            return _("Type a table's number or a name, then Enter.")
        return _("Type a table or a name, or choose with ↑ and ↓, then Enter.")

    def helped(self) -> tuple[Helped, ...]:
        """To save, or to recall."""
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

    def primary(self) -> KeyView | None:
        """What Enter does."""
        if self._saves:
            return KeyView("Enter", _("Save"))
        return KeyView("Enter", _("Recall")) if self._shown() else None

    def marked(self) -> int | None:
        """What is saved goes where it is typed, not onto a tab that is open."""
        return None if self._saves else super().marked()

    def typed(self) -> None:
        """A shorter list begins at its top."""
        self.selected = 0

    def enter(self, typed: str) -> None:
        """Save, or recall."""
        if self._saves:
            self._save(typed)
            return
        found = self._tabs
        if typed:
            label = self.counter.register.tabs.label(typed).casefold()
            exact = [tab for tab in self._tabs if tab.name.casefold() in {label, typed.casefold()}]
            found = exact or self._shown()
        if not found:
            none = _("No tab is open. Esc goes back to the order.")
            raise NoTabError(_("No tab is called {name}.").format(name=clean(typed)) if typed else none)
        self._recall(found[min(self.selected, len(found) - 1)])

    def _save(self, typed: str) -> None:
        scene, register = self._scene, self.counter.register
        order = scene.order
        if order is None:
            self.counter.close()
            return
        others = [tab for tab in self._tabs if not (order.tab and tab.tab_id == order.tab.id)]
        tab = register.tabs.save(order.id, typed, others)
        register.typed.clear()
        self.counter.close()
        scene.show_order(None)
        scene.said = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))

    def _recall(self, tab: OpenTab) -> None:
        if tab.till not in {None, self.counter.register.till}:
            who = self.counter.register.who(tab.till, tab.user)
            raise NoTabError(_("{name} is open on {who}: pay or save it there.").format(name=clean(tab.name), who=who))
        self.counter.close()
        self.counter.hold(self._bring(tab))

    async def _bring(self, tab: OpenTab) -> None:
        scene, register = self._scene, self.counter.register
        try:
            if self.counter.store is not None and register.light.state is not LightState.OFFLINE:
                try:
                    await self.counter.store.fetch(tab.session_id)
                except StoreError:
                    if register.ledger.find(tab.session_id) is None:
                        raise
            if register.ledger.find(tab.session_id) is None:
                sentence = _("The lines of {name} are not on this till. Once the network is back, F8 brings them.")
                raise NoTabError(sentence.format(name=clean(tab.name)))
            order = register.tabs.recall(tab.session_id, scene.user)
        except TillError as problem:
            scene.said = refusal(problem.sentence)
            return
        scene.show_order(order)
        scene.said = plain(_("{name} is here: {size}.").format(name=clean(tab.name), size=register.answers.size(order)))
