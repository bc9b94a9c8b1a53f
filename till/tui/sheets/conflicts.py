"""Conflicts about money, for the manager: what two tills that were apart did, and how it was settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreError
from till.domain.words import _
from till.tui.counter import plain
from till.tui.palette import Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.view import ChoiceView, KeyView, Said
from till.tui.widgets.choices import Columns

if TYPE_CHECKING:
    from till.ports import RemoteConflict
    from till.tui.counter import Counter
    from till.tui.scenes.sell import SellScene

_KINDS: Final = {
    "paid_twice": _("paid twice"),
    "paid_for_more": _("paid for more than was left"),
    "payment_without_order": _("money without an order"),
}


class ConflictSheet(ChoiceSheet):
    """Choose one, type how it was settled, Enter."""

    types = True
    columns = Columns(key=1, name=4, detail=34)

    def __init__(self, counter: Counter, scene: SellScene) -> None:
        super().__init__(counter, scene.desk, _("Conflicts about money"))
        self._found: list[RemoteConflict] = []
        self._asked = counter.store is None
        if counter.store is not None:
            counter.hold(self._ask())

    async def _ask(self) -> None:
        store = self.counter.store
        if store is None:
            return
        try:
            self._found = await store.conflicts()
        except StoreError as problem:
            self.said = plain(problem.sentence)
        self._asked = True
        self.resize()

    def rows(self) -> tuple[ChoiceView, ...]:
        """What waits, newest first."""
        register = self.counter.register
        return tuple(
            ChoiceView(
                str(place),
                _KINDS.get(conflict.kind, conflict.kind.replace("_", " ")),
                Said(self._where(conflict), Role.MUTED),
                Said(register.formats.money(conflict.amount)),
            )
            for place, conflict in enumerate(self._found, 1)
        )

    def _where(self, conflict: RemoteConflict) -> str:
        when = self.counter.register.venue.local(conflict.found_at).strftime("%H:%M")
        till = conflict.till_name or _("the database")
        return _("{till}, {time}, number {user}").format(till=till, time=when, user=conflict.user)

    def empty(self) -> tuple[str, ...]:
        """What stands there when nothing waits."""
        return (_("Nothing waits for a manager."),) if self._asked else (_("One moment."),)

    def hint(self) -> str:
        """What can be typed."""
        return _("Choose with ↑ and ↓, type how it was settled, then Enter.") if self._found else ""

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Settled") if self._found else _("Back"))

    def enter(self, typed: str) -> None:
        """Settle the selected one."""
        if not self._found:
            self.cancel()
            return
        conflict = self._found[min(self.selected, len(self._found) - 1)]
        register = self.counter.register
        register.lateness.resolve(conflict.conflict_id, conflict.session_id, typed, register.access.person)
        self._found = [kept for kept in self._found if kept is not conflict]
        self.selected = 0
        self.said = plain(_("Settled. It stands in the log, with your number."))
        self.resize()
