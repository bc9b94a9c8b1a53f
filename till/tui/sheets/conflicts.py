"""What waits for the manager: money that two tills took apart, and records that the database could not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.domain.merge.settlement import kind_in_words
from till.domain.text import clean
from till.ports import RemoteConflict, RemoteRecord
from till.tui.counter import plain
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.sheets.concerned import facts_of, sessions_of
from till.tui.view import ChoiceView, FactsView, KeyView, Said
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from till.ports import Store
    from till.tui.counter import Counter, Helped
    from till.tui.desk import Desk
    from till.tui.strokes import Stroke


class ConflictSheet(ChoiceSheet):
    """Choose one, type how it was settled, Enter."""

    types = True
    columns = Columns(key=1, name=4, detail=20)

    def __init__(self, counter: Counter, desk: Desk) -> None:
        super().__init__(counter, desk, _("What waits for a manager"))
        self._found: list[RemoteConflict | RemoteRecord] = []
        self._looked_at: set[str] = set()
        self._asked = counter.store is None
        if counter.store is not None:
            counter.hold(self._ask())

    async def _ask(self) -> None:
        store = self.counter.store
        if store is None:
            return
        try:
            conflicts, records = await store.matters()
            self._found = [*conflicts, *records]
        except StoreError as problem:
            self.said = plain(problem.sentence)
        self._asked = True
        await self._look()

    def stroke(self, stroke: Stroke) -> None:
        """Choose, type, or close; what is chosen is looked at."""
        before = self._chosen()
        super().stroke(stroke)
        if self in self.counter.sheets and self._chosen() is not before:
            self.counter.hold(self._look())

    async def _look(self) -> None:
        """Bring what the selected conflict is about, once; without the database its line stands alone."""
        chosen, store = self._chosen(), self.counter.store
        if store is not None and isinstance(chosen, RemoteConflict) and chosen.conflict_id not in self._looked_at:
            self._looked_at.add(chosen.conflict_id)
            try:
                await self._bring(store, chosen)
            except StoreError as problem:
                self.said = plain(problem.sentence)
        self.resize()

    async def _bring(self, store: Store, conflict: RemoteConflict) -> None:
        brought: set[str] = set()
        while more := next((one for one in sessions_of(self.counter.register, conflict) if one not in brought), None):
            brought.add(more)
            await store.fetch(more)

    def facts(self) -> FactsView:
        """Where and when the money of the selected conflict was taken, and whose order it is."""
        chosen = self._chosen()
        return FactsView(facts_of(self.counter.register, chosen) if isinstance(chosen, RemoteConflict) else ())

    def rows(self) -> tuple[ChoiceView, ...]:
        """What waits: conflicts, newest first, then records."""
        money = self.counter.register.formats.money
        return tuple(
            ChoiceView(
                str(place),
                _("not applied") if isinstance(matter, RemoteRecord) else kind_in_words(matter.kind),
                Said(self._where(matter), Role.MUTED),
                Said(money(matter.amount)) if matter.amount is not None else None,
            )
            for place, matter in enumerate(self._found, 1)
        )

    def _where(self, matter: RemoteConflict | RemoteRecord) -> str:
        """When it was found, and on which till unless the database found it: the facts say more."""
        when = self.counter.register.venue.local(matter.found_at).strftime("%H:%M")
        till = self.counter.register.venue.till_name(matter.till) if matter.till else ""
        return ", ".join(part for part in (till, when) if part)

    def _chosen(self) -> RemoteConflict | RemoteRecord | None:
        return self._found[min(self.selected, len(self._found) - 1)] if self._found else None

    def empty(self) -> tuple[str, ...]:
        """What stands there when nothing waits."""
        return (_("Nothing waits for a manager."),) if self._asked else (_("One moment."),)

    def hint(self) -> str:
        """What can be typed."""
        chosen = self._chosen()
        if isinstance(chosen, RemoteRecord):
            return _("{reason} Type how it was settled, then Enter.").format(reason=clean(chosen.reason))
        return _("Choose with ↑ and ↓, type how it was settled, then Enter.") if chosen else ""

    def helped(self) -> tuple[Helped, ...]:
        """Which one, and how it was settled."""
        return (
            ("↑ ↓", _("Choose what waits"), ""),
            (_("words, Enter"), _("How it was settled"), _("kept with your number")),
            ("Esc", _("Back"), _("it waits on")),
        )

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Settled") if self._found else _("Back"))

    def enter(self, typed: str) -> None:
        """Settle the selected one."""
        chosen = self._chosen()
        if chosen is None:
            self.cancel()
            return
        lateness, person = self.counter.register.lateness, self.counter.register.access.person
        if isinstance(chosen, RemoteRecord):
            lateness.settle_record(chosen.record, typed, person)
        else:
            lateness.resolve(chosen.conflict_id, chosen.session_id, typed, person)
        self._found = [kept for kept in self._found if kept is not chosen]
        self.selected = 0
        self.said = plain(_("Settled. It stands in the log, with your number."))
        if self.counter.scene is not None:
            self.counter.scene.said = None  # that this waits was said there
        self.resize()
