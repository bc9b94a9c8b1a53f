"""The question of the date, for a clock days off from the till's last use while no server tells the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _
from till.domain.wall_clock import long_day
from till.tui.drawing.viewmodels import ChoiceView, FactsView, KeyView, fact
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.register.today import Doubt
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class TodaySheet(ChoiceSheet):
    """The choice of the clock's day, the day of the last use, the one after, or one that is typed.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        doubt: the days in question.
        answer: continues with the right time; None if the clock is right.
    """

    types = True
    help_rows = (
        (N_("digit, Enter"), N_("Today's date"), N_("until the server answers")),
        ("2026-11-19 08:30", N_("Another day"), N_("the hour may be left out")),
        ("Esc", N_("Back"), N_("nobody is logged in")),
    )
    enter_key = KeyView("Enter", N_("Log in"))

    def __init__(
        self, controller: Controller, screen: TillScreen, doubt: Doubt, answer: Callable[[datetime | None], None]
    ) -> None:
        clock, title = doubt.clock, _("Is today {day}?").format(day=long_day(doubt.clock))
        if clock.date() == doubt.last.date():
            title = _("Is it {time} on {day}?").format(time=f"{clock:%H:%M}", day=long_day(clock))
        super().__init__(controller, screen, title)
        self.selected = -1  # no row is the likely one, and an Enter typed ahead chooses none
        self._doubt = doubt
        self._answer = answer

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        no = _("No, it is {day}")
        return (
            ChoiceView("1", _("Yes")),
            *(ChoiceView(str(key), no.format(day=long_day(day))) for key, day in enumerate(self._doubt.others, 2)),
        )

    @override
    def facts(self) -> FactsView:
        """Return when the till was last used, which is why the question is asked."""
        last = self._doubt.last
        time = _("{day}, {time}").format(day=long_day(last), time=f"{last:%H:%M}")
        return FactsView((fact(_("Last used"), time),))

    @override
    def hint(self) -> str:
        return _("Or type the day, as {day}, then Enter.").format(day=self._doubt.last.date().isoformat())

    @override
    def enter(self, typed: str) -> None:
        """Take a day that was typed, or the marked row."""
        if not typed:
            super().enter(typed)
            return
        self._done(self._doubt.read(typed))

    @override
    def choose(self, place: int) -> None:
        """Continue with the clock's day, or with the day of the row."""
        self._done(None if place == 0 else self._doubt.on(self._doubt.others[place - 1]))

    def go_on(self) -> None:
        """Continue without an answer, because the server reported the time."""
        self._done(None)

    def _done(self, meant: datetime | None) -> None:
        self.controller.close()
        self._answer(meant)
