"""The warning of two tills: the user's order is open elsewhere. It is never opened here without a yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.ports import LightState
from till.tui.counter import refusal
from till.tui.palette import Mark, Role
from till.tui.sheets.base import ChoiceSheet
from till.tui.sheets.viewing import ViewSheet
from till.tui.view import ChoiceView, FactsView, FactView, KeyView, Said
from till.tui.waiting import bring_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import RemoteSession
    from till.tui.counter import Counter, Helped


@dataclass(frozen=True, slots=True)
class _Way:
    """One thing that can be done: its key, its name, a short one for the key bar, and what it leads to."""

    key: str
    name: str
    short: str
    note: str
    do: Callable[[], None]


#: A till asks every five seconds; not heard of for so many, it counts as away.
_AWAY_S: Final = 30


class TakeoverSheet(ChoiceSheet):
    """Take over, view, or start a new one.

    Args:
        counter: the till.
        row: the order.
        make_room: puts the order on the screen aside, once another is to stand there; None at login.
    """

    def __init__(self, counter: Counter, row: RemoteSession, *, make_room: Callable[[], None] | None = None) -> None:
        super().__init__(counter, counter.desks.sell, _("Your order is open on another till"))
        self._row = row
        self._make_room = make_room
        self.said = self._warning()

    def _ways(self) -> tuple[_Way, ...]:
        """What can be done: the rows, the key bar, the help and the keys themselves go by this."""
        till = self._row.till_name
        back = _("Back") if self._make_room else _("Back to login")
        take, view, new = _("Take it over here"), _("View it"), _("Start a new one")
        return (
            _Way("T", take, _("Take over"), _("the order locks on {till}").format(till=till), self._take_over_here),
            _Way("V", view, _("View"), _("nothing changes anywhere"), lambda: self.counter.hold(self._view())),
            _Way("N", new, _("New order"), _("that one stays on {till}").format(till=till), self._start_new),
            _Way("Esc", back, _("Back"), "", self.cancel),
        )

    def rows(self) -> tuple[ChoiceView, ...]:
        """What can be done."""
        return tuple(ChoiceView(way.key, way.name, _muted(way.note) if way.note else None) for way in self._ways())

    def keys(self) -> tuple[KeyView, ...]:
        """The same, in the key bar."""
        return tuple(KeyView(way.key, way.name, way.short) for way in self._ways())

    def helped(self) -> tuple[Helped, ...]:
        """The same, for the help."""
        return tuple((way.key, way.name, way.note) for way in self._ways())

    def facts(self) -> FactsView:
        """Which till, how much, how long ago, how good the lines of both tills are."""
        row, register = self._row, self.counter.register
        return FactsView(
            (
                FactView(_("Till"), Said(row.till_name)),
                FactView(_("Order"), Said(register.answers.counted(row.lines, row.total), bold=True)),
                FactView(_("Last key"), Said(self._last_key())),
                FactView(_("Connection"), self._connection()),
            )
        )

    def _connection(self) -> Said:
        """The worse of the two lines: this till's own, and the one of the till that holds the order."""
        if self.counter.register.light.state is LightState.OFFLINE:
            return Said(_("poor here"), mark=Mark.NOTICE)
        if not self._is_away():
            return Said(_("good"), mark=Mark.GOOD)
        if self._row.seen_s is None:
            return Said(_("none to {till}").format(till=self._row.till_name), mark=Mark.NOTICE)
        heard = _("{till} last heard {ago}").format(till=self._row.till_name, ago=_ago(self._row.seen_s))
        return Said(heard, mark=Mark.NOTICE)

    def _is_away(self) -> bool:
        return self._row.seen_s is None or self._row.seen_s > _AWAY_S

    def _warning(self) -> Said | None:
        """What may still be on the other till alone."""
        till = self._row.till_name
        if self._row.paying:
            return refusal(_("A payment may be pending on {till}: settle it there first.").format(till=till))
        if self._is_away():
            return refusal(_("{till} may still hold lines that it has not sent.").format(till=till))
        return None

    def _last_key(self) -> str:
        if self._row.idle_s is not None:
            return _ago(self._row.idle_s)
        return _ago(max(0, int((self.counter.register.ledger.now() - self._row.updated_at).total_seconds())))

    def primary(self) -> KeyView:
        """What Enter does."""
        return KeyView("Enter", _("Choose"))

    def choose(self, place: int) -> None:
        """Take over, view, start anew, or go back."""
        self._ways()[place].do()

    def _take_over_here(self) -> None:
        self._leave()
        self.counter.hold(self._take_over())

    def _start_new(self) -> None:
        self._leave()
        self.counter.sell(None, None)

    def _leave(self) -> None:
        self.counter.close()
        if self._make_room:
            self._make_room()

    def cancel(self) -> None:
        """Back to where one came from; the order stays where it is."""
        if self._make_room:
            super().cancel()
            return
        self.counter.log_out()

    async def _take_over(self) -> None:
        await bring_back(self.counter, self._row.session_id, self._row, taking_over=True)

    async def _view(self) -> None:
        try:
            if self.counter.store is not None:
                await self.counter.store.fetch(self._row.session_id)
            order = self.counter.register.ledger.order(self._row.session_id)
        except TillError as problem:
            self.said = refusal(problem.sentence)
            return
        self.counter.open(ViewSheet(self.counter, self.desk, order, self._row.till_name))


def _muted(text: str) -> Said:
    return Said(text, Role.MUTED)


def _ago(seconds: int) -> str:
    if seconds < 120:  # noqa: PLR2004 - two minutes in seconds read well
        return _("{seconds} s ago").format(seconds=seconds)
    if seconds < 7200:  # noqa: PLR2004 - two hours in minutes
        return _("{minutes} min ago").format(minutes=seconds // 60)
    return _("{hours} h ago").format(hours=seconds // 3600)
