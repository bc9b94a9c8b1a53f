"""The running login screen: number, Enter, PIN, Enter. Orders that a crash left open are shown in a notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from typing_extensions import override

from till.domain.i18n import _
from till.ports import LightState
from till.register.other_tills.news import ReferenceChanged, ServerAnswered
from till.tui.drawing.viewmodels import NoticeView
from till.tui.screens.login.acts import LoginActs
from till.tui.screens.login.presenter import login_views, notice_of
from till.tui.screens.login.reduce import reduce
from till.tui.screens.login.state import LoginContext, LoginFacts, StaffChanged
from till.tui.screens.login.today import TodaySheet

if TYPE_CHECKING:
    from till.domain.staff.person import Person
    from till.tui.screens.login.reduce import LoginStep
    from till.tui.screens.login.state import LoginOutcome
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


class LoginScene(LoginActs):
    """The scene of the login screen. On a locked screen the number is fixed."""

    @override
    def reduce(self, event: KeyPress | LoginOutcome) -> LoginStep:
        return reduce(self.state, event, self._facts())

    @override
    def hear(self, news: Heard) -> bool:
        if isinstance(news, ReferenceChanged):
            self.happens(StaffChanged())  # the new list may include a typed number that was unknown
        elif isinstance(news, ServerAnswered):
            self.look_again()
        return False

    def show(self) -> None:
        """Show the screen, and ask the server for open orders on other tills."""
        self.controller.go(self)
        self.look_again()

    @override
    def tick(self) -> None:
        """Skip the question of the date once the server has sent it."""
        top = self.controller.top
        if isinstance(top, TodaySheet) and self.controller.register.today.is_known:
            top.go_on()

    def forget(self) -> None:
        """Cancel the question of the date on an idle till, so that the PIN must be typed again."""
        top = self.controller.top
        if isinstance(top, TodaySheet):
            top.cancel()

    def _facts(self) -> LoginFacts:
        staff, page = tuple(self.controller.register.access.staff), self.screen.staff.page_step
        return LoginFacts(staff, self.controller.keymap, page)

    def _context(self, staff: tuple[Person, ...]) -> LoginContext:
        controller, register, light = self.controller, self.controller.register, self.controller.register.light
        until = {person.number: register.access.locked_until(person) for person in staff}
        shown = {person.number: self.open_order(person.number) for person in staff}
        return LoginContext(
            now=controller.now(),
            locked_until={number: time for number, time in until.items() if time},
            open_orders={number: orders for number, orders in shown.items() if orders is not None},
            is_alone=self.is_alone,
            is_demo=register.venue.demo,
            is_held=controller.is_held,
            attention=light.detail if light.state is LightState.ATTENTION else None,
            notice=self._notice_view() or self._reminder(),
        )

    def _notice_view(self) -> NoticeView | None:
        """Return the notice shown at the start, with the payments that have no answer yet."""
        notice = self._left.view() if self._left else self._notice
        unanswered = self.controller.register.unanswered.sentence()
        if notice is None or not unanswered:
            return notice_of(unanswered) if unanswered else notice
        if self._left is None:
            return replace(notice, more=unanswered)
        return replace(notice, rest=unanswered, more=f"{notice.rest} {notice.more}".rstrip())

    def _reminder(self) -> NoticeView | None:
        """Return a notice about the server, or else a reminder to make a backup."""
        register = self.controller.register
        if register.light.notice:
            return notice_of(register.light.notice)
        days = register.venue.days_without_backup(register.ledger.now())
        lead = _("No backup for {days} days.").format(days=days)
        return NoticeView(lead, _("Tell a manager: `till db backup`.")) if days else None

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        status = self.controller.status(busy=False, clock=not screen.has_clock)
        facts = self._facts()
        screen.show_all(**login_views(self.state, facts, self._context(facts.staff), status))
