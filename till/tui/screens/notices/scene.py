"""The running screen of notices: reduces keys and carries out effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.text import begun, clean
from till.tui.screens.notices.presenter import notices_views
from till.tui.screens.notices.reduce import TABS, VOID, reduce
from till.tui.screens.notices.screen import NoticesScreen
from till.tui.screens.notices.state import (
    Acknowledge,
    DiscardOther,
    GoBack,
    NoticesFacts,
    NoticesState,
    OpenNoticesHelp,
    OpenTables,
)
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.bring_back import obtain
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import Answer, plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.notice.notice import Notice
    from till.domain.staff.rights import Approval
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.notices.state import NoticesEffect
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped

T = TypeVar("T")


class NoticesScene:
    """The scene of the notices. A notice that was seen stays listed until the screen is left.

    Args:
        controller: the till.
        selling: the sell screen to go back to.
    """

    message = Answer()
    takes_money = False
    says_trouble = False
    logs_out = False

    def __init__(self, controller: Controller, selling: Selling) -> None:
        self.controller = controller
        self.state = NoticesState()
        self._selling = selling
        self._kept: dict[str, Notice] = {}
        self._seen: set[str] = set()

    @property
    def screen(self) -> NoticesScreen:
        return self.controller.screens.of(NoticesScreen)

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    def tick(self) -> None:
        """Do nothing: the screen does not depend on the time."""

    def show(self) -> None:
        """Bring the screen to the front."""
        self.controller.go(self)

    def press(self, press: KeyPress) -> None:
        """Choose a notice, read it, or go back."""
        self.state, effects = reduce(self.state, press, self._facts())
        for effect in effects:
            self._carry_out(effect)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the notice that was clicked; a click on the marked one acts like Enter."""
        if widget is not self.screen.list:
            return
        if self.state.place == place:
            self.press(KeyPress("enter"))
        else:
            self.state = replace(self.state, place=place, message=None)

    def _carry_out(self, effect: NoticesEffect) -> None:
        match effect:
            case Acknowledge(notice=notice):
                self._acknowledge(notice)
            case DiscardOther(notice=notice):
                self.controller.hold(self._discard(notice))
            case OpenTables(name=name):
                TablesScene(self.controller, self._selling).show(clean(name))
            case GoBack():
                self._selling.message = None
                self.controller.go(self._selling)
            case OpenNoticesHelp():
                self.controller.help(self.screen, self._helped())

    def _acknowledge(self, notice: Notice) -> None:
        self._seen.add(notice.id)
        self.controller.register.notices.seen(notice.id)
        left = self.controller.register.notices.count
        self.state = replace(self.state, place=self._next(notice))
        self.message = plain(_("Seen. {n} more.").format(n=left) if left else _("Seen. Esc goes back to the order."))

    def _next(self, notice: Notice) -> int:
        """Return the index of the next new notice after this one, wrapping around."""
        ids = list(self._listed())
        at = ids.index(notice.id)
        new = [place for place in (*range(at, len(ids)), *range(at)) if ids[place] not in self._seen]
        return new[0] if new else at

    async def _discard(self, notice: Notice) -> None:
        """Have the other order granted to this till and discard it, with a manager's approval if needed."""
        register, session_id = self.controller.register, notice.session or ""
        try:
            await obtain(self.controller, session_id, self._selling.user)
            asked = self._on_active(session_id, lambda: register.recovery.discard_asked(session_id))
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        if asked is None:
            self._discard_now(notice, None)
            return
        title = _("Discard the order of {till}: a manager confirms").format(
            till=register.venue.till_name(notice.data.order.till)
        )
        with_right(self.controller, self.screen, title, asked, lambda approval: self._discard_now(notice, approval))

    def _on_active(self, session_id: str, act: Callable[[], T]) -> T:
        """Run an act on an order made active for it; if it is not over afterwards, put it back."""
        register = self.controller.register
        order = register.ledger.order(session_id)
        if order.tab is not None:
            register.tabs.recall(session_id, self._selling.user)
        else:
            register.recovery.resume(session_id)
        try:
            return act()
        finally:
            if not register.ledger.order(session_id).is_over:
                (register.tabs.leave if order.tab is not None else register.recovery.park)(session_id)

    def _discard_now(self, notice: Notice, approval: Approval | None) -> None:
        register, session_id = self.controller.register, notice.session or ""
        try:
            self._on_active(session_id, lambda: register.recovery.discard(session_id, _("rung again"), approval))
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        self._acknowledge(notice)
        name = begun(clean(notice.data.order.tab)) or _("The copy")
        till = register.venue.till_name(notice.data.order.till)
        self.message = plain(_("{name} on {till} is discarded. Yours stays.").format(name=name, till=till))

    # Facts and painting.

    def _listed(self) -> dict[str, Notice]:
        """Return all notices listed since the screen was opened, seen or not."""
        self._kept |= {one.id: one for one in self.controller.register.notices.open()}
        return self._kept

    def _facts(self) -> NoticesFacts:
        register = self.controller.register
        listed, new = self._listed(), {one.id for one in register.notices.open()}
        return NoticesFacts(
            notices=tuple((one, register.notices.said(one)) for one in listed.values()),
            seen=frozenset(listed.keys() - new),
            count=register.notices.count,
            formats=register.formats,
            keymap=self.controller.keymap,
            wide=self.screen.is_wide,
        )

    def _helped(self) -> tuple[Helped, ...]:
        keymap = self.controller.keymap
        return (
            ("1-9 ↑ ↓", _("Choose a notice"), ""),
            ("Enter", _("Seen"), _("it is no longer listed")),
            (keymap.label(VOID), _("Discard the other order"), _("of two for one table; asks once more")),
            (keymap.label(TABS), _("To its table"), ""),
            ("Esc", _("Back to the order"), _("what was not seen stays new")),
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        views = notices_views(self.state, self._facts(), self.controller.status())
        self.screen.show(views, is_open=self.state.opened)
