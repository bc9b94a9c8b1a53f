"""The running login screen: number, Enter, PIN, Enter. It also shows the orders that a crash left, without a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from typing_extensions import override

from till.domain.i18n import _
from till.tui.screens.login.acts import LoginActs
from till.tui.screens.login.outcomes import StaffChanged
from till.tui.screens.login.presenter import login_views, notice_of
from till.tui.screens.login.reduce import reduce
from till.tui.screens.login.state import LoginContext, LoginFacts
from till.tui.screens.login.today import TodaySheet

if TYPE_CHECKING:
    from till.domain.staff.person import Person
    from till.tui.drawing.viewmodels import NoticeView
    from till.tui.screens.login.outcomes import LoginOutcome
    from till.tui.screens.login.reduce import LoginStep
    from till.tui.shell.keymap import KeyPress


class LoginScene(LoginActs):
    """The scene of the login screen. A locked screen is the same with the number fixed."""

    @override
    def reduce(self, event: KeyPress | LoginOutcome) -> LoginStep:
        return reduce(self.state, event, self._facts())

    def read_anew(self) -> None:
        """Read the new list of staff. A number that was unknown, as on a new machine, may be known now."""
        self.happens(StaffChanged())

    def show(self) -> None:
        """Bring the screen to the front, and ask what is open on other tills."""
        self.controller.go(self)
        self.open_elsewhere.look_again()

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
        controller, register = self.controller, self.controller.register
        until = {person.number: register.access.locked_until(person) for person in staff}
        shown = {person.number: self.open_elsewhere.shown(person.number) for person in staff}
        return LoginContext(
            now=controller.now(),
            locked_until={number: time for number, time in until.items() if time},
            open_orders={number: told for number, told in shown.items() if told is not None},
            is_alone=self.open_elsewhere.is_out_of_sight,
            is_demo=register.venue.demo,
            is_held=controller.is_held,
            attention=controller.attention(),
            notice=self._notice_view() or self._reminder(),
        )

    def _notice_view(self) -> NoticeView | None:
        """Return the notice of the start, with the money that has no answer yet."""
        told = self._left.view() if self._left else self._notice
        waits = self.controller.register.unanswered.sentence()
        if told is None or not waits:
            return notice_of(waits) if waits else told
        if self._left is None:
            return replace(told, more=waits)
        return replace(told, rest=waits, more=f"{told.rest} {told.more}".rstrip())

    def _reminder(self) -> NoticeView | None:
        """Return a notice or a reminder about the till, for when there is nothing newer to show."""
        register = self.controller.register
        if register.light.notice:
            return notice_of(register.light.notice)
        days = register.venue.days_without_backup(register.ledger.now())
        told = _("No backup for {days} days. Tell a manager: `till db backup`.")
        return notice_of(told.format(days=days)) if days else None

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        status = self.controller.status(busy=False, clock=not screen.has_clock)
        facts = self._facts()
        screen.show_all(login_views(self.state, facts, self._context(facts.staff), status))
