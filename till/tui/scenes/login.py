"""Logging in: a number, Enter, a PIN, Enter. What a crash left is said here, in no box that must be closed first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from till.domain.errors import LoginError
from till.domain.i18n import _
from till.domain.staff.person import Role as StaffRole
from till.domain.text import clean
from till.ports import LightState
from till.tui.counter import refusal
from till.tui.editor import LineEditor
from till.tui.palette import Mark, Role
from till.tui.scenes.around import Around
from till.tui.scenes.arrival import arrive, join_in
from till.tui.scenes.sell import SellScene
from till.tui.sheets.help import HelpSheet
from till.tui.strokes import Command
from till.tui.view import (
    ChoicesView,
    ChoiceView,
    FieldsView,
    FieldView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    NoticeView,
    Said,
)
from till.tui.waiting import ask

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.staff.person import Person
    from till.tui.counter import Counter
    from till.tui.desks import LoginDesk
    from till.tui.scenes.found import Found
    from till.tui.strokes import Stroke

#: No number and no PIN has more digits.
_LONGEST: Final = 32
_ROLES: Final = {StaffRole.CASHIER: _("cashier"), StaffRole.MANAGER: _("manager"), StaffRole.ADMIN: _("admin")}


class LoginScene:
    """The login screen. A locked screen is this one with the number fixed.

    Args:
        counter: the till.
        desk: the widgets.
        notice: what is to be said here.
        left: what a crash left, to be said here too.
        locked: the person whose screen is locked: only their PIN opens it, Esc logs them out.
    """

    def __init__(
        self,
        counter: Counter,
        desk: LoginDesk,
        *,
        notice: NoticeView | None = None,
        left: Found | None = None,
        locked: Person | None = None,
    ) -> None:
        self.counter = counter
        self.desk = desk
        self.notice = notice
        self.left = left
        self.locked = locked
        self.number = LineEditor(str(locked.number) if locked else "")
        self.pin = LineEditor()
        self.asks_pin = locked is not None
        self.said: Said | None = None
        self._unknown = 0
        self.around = Around(counter)

    # Strokes.

    def stroke(self, stroke: Stroke) -> None:
        """Type a number or a PIN, choose, log in."""
        command = self.counter.keymap.command(stroke)
        if stroke.is_enter:
            self._enter()
        elif stroke.key == "escape":
            self._back()
        elif stroke.key in {"up", "down"} and not self.asks_pin:
            self._choose(-1 if stroke.key == "up" else 1)
        elif command is Command.CLOSE and not self.locked:
            self.counter.leave()
        elif command is Command.HELP:
            self._help()
        elif self._types(stroke):
            self.said = None

    def _types(self, stroke: Stroke) -> bool:
        field = self.pin if self.asks_pin else self.number
        typed = stroke.char or clean(stroke.paste).strip()
        if not typed:
            return field.take(stroke)
        if not (typed.isascii() and typed.isdigit()) or len(field.text) + len(typed) > _LONGEST:
            self.said = refusal(_("Numbers and PINs are digits."))
            return False
        field.insert(typed)
        return True

    def _help(self) -> None:
        self.counter.open(HelpSheet(self.counter, self.desk, HelpSheet.login(self.counter.keymap)))

    def _back(self) -> None:
        self.said = None
        if self.pin.text:
            self.pin.clear()  # and it is asked for again: the next digits are most likely that PIN, to stay hidden
        elif self.locked:
            self.counter.log_out()
        else:
            self.asks_pin = False
            self.number.clear()

    def _choose(self, step: int) -> None:
        staff = self.counter.register.access.staff
        if not staff:
            return
        numbers = [person.number for person in staff]
        chosen = self._chosen()
        place = (numbers.index(chosen.number) + step) % len(numbers) if chosen else (0 if step > 0 else -1)
        self.number.offer(str(numbers[place]))

    def read_anew(self) -> None:
        """The staff are new: a number that nobody had, on a new machine say, may be somebody's now."""
        if self._unknown in {person.number for person in self.counter.register.access.staff}:
            self._unknown, self.said = 0, None

    def _chosen(self) -> Person | None:
        if not self.number.text:
            return None
        staff = self.counter.register.access.staff
        return next((p for p in staff if str(p.number) == self.number.text.lstrip("0")), None)

    def _enter(self) -> None:
        access = self.counter.register.access
        if not self.asks_pin:
            if not self.number.text:
                self.said = refusal(_("Type your number first, then Enter."))
                return
            try:
                access.find(int(self.number.text[:9]))
            except LoginError as problem:
                self.said = refusal(problem.sentence)
                self._unknown = 0 if self._chosen() else int(self.number.text[:9])
                self.number.clear()
                return
            self.asks_pin = True
            return
        if not self.pin.text:
            self.said = refusal(_("Type your PIN, then Enter."))
            return
        self.counter.hold(self._log_in(int(self.number.text[:9]), self.pin.text))
        self.pin.clear()

    # What is awaited.

    async def _log_in(self, number: int, pin: str) -> None:
        access = self.counter.register.access
        try:
            person = access.find(number)
        except LoginError as problem:
            self._refuse(problem)
            return
        asked = asyncio.ensure_future(ask(self.counter, number)) if not self.locked else None
        if not await asyncio.to_thread(access.verify, person, pin):
            if asked:
                asked.cancel()
            self._refuse(access.refuse(person))
            return
        if self.locked:
            self._unlock()
            return
        remote = await asked if asked else None
        access.admit(person)
        await arrive(self.counter, person, remote)
        if remote is None and self.counter.register.light.state is LightState.SAVED:
            self.counter.meanwhile(join_in(self.counter))  # it answers, only not in time: no other light will tell

    def _refuse(self, problem: LoginError) -> None:
        self.said = refusal(problem.sentence)
        access = self.counter.register.access
        known = next((p for p in access.staff if str(p.number) == self.number.text), None)
        if known is not None and access.locked_until(known) and not self.locked:
            self.asks_pin = False
            self.number.clear()

    def _unlock(self) -> None:
        """Go on where the screen was locked."""
        scene, self.counter.under_lock = self.counter.under_lock, None
        if scene is None:
            return
        if self.locked and (told := self.counter.register.unread.text(self.locked.number)):
            lock = scene.lock if isinstance(scene, SellScene) else None
            scene.said = refusal(f"{told} {lock}" if lock else told)
        self.counter.go(scene)

    # Views.

    def paint(self) -> None:
        """Hand views to the widgets."""
        counter, desk = self.counter, self.desk
        now = counter.now()
        desk.status.show(counter.status(busy=False, clock=not desk.has_clock))
        desk.head.show(HeadView(_("Staff"), "" if self.locked else self._head()))
        desk.staff.show(self._staff())
        desk.date.show(HeadView("", _long_date(now)))
        clock = now.strftime("%H:%M")
        desk.clock.show(FigureView(clock, role=Role.MUTED, sentence=clock))
        desk.fields.show(self._fields())
        desk.band.show(self._band())
        keys = (
            counter.key(Command.HELP, _("Help")),
            KeyView("↑↓", _("Choose")),
            KeyView("Esc", self._esc_word()),
            counter.key(Command.CLOSE, _("Close the till"), _("Close")),
        )
        wanted = KeyView("Enter", _("Log in") if self.asks_pin else _("Next"))
        desk.keys.show(KeysView((keys[0], keys[2]) if self.locked else keys, wanted))

    def _head(self) -> str:
        if self.around.is_out_of_sight:
            return _("type a number, or choose; the other tills are out of sight")
        return _("type a number, or choose")

    def _esc_word(self) -> str:
        if self.pin.text:
            return _("Clear the PIN")
        return _("Log out") if self.locked else _("Other number")

    def _staff(self) -> ChoicesView:
        staff = self.counter.register.access.staff
        chosen = self._chosen()
        rows = tuple(ChoiceView(str(p.number), p.name, Said(_ROLES[p.role], Role.MUTED), self._state(p)) for p in staff)
        selected = next((place for place, p in enumerate(staff) if chosen and p.number == chosen.number), None)
        return ChoicesView(rows, selected, (_("Nobody is known here yet: the till is being set up."),))

    def _state(self, person: Person) -> Said | None:
        if until := self.counter.register.access.locked_until(person):
            return Said(_("locked until {time}").format(time=until), mark=Mark.REFUSED)
        return self.around.said(person.number)

    def _fields(self) -> FieldsView:
        chosen = self._chosen()
        number, pin = self.number, self.pin
        hint = None
        if self.counter.register.venue.demo:
            hint = Said(_("Demo: number 1, PIN 1111 · 2, 2222 · 9, 9999"), Role.MUTED)
        return FieldsView(
            (
                FieldView(
                    _("Number"),
                    number.text,
                    chosen.name if chosen else "",
                    cursor=number.cursor,
                    active=not self.asks_pin,
                ),
                FieldView(_("PIN"), pin.text, cursor=pin.cursor, masked=True, active=self.asks_pin),
            ),
            hint,
        )

    def _band(self) -> NoticeView:
        if self.said is not None:
            return NoticeView(self.said.text)
        if self.counter.is_held:
            return NoticeView(_("One moment."), mark=Mark.SAVING)
        if self.locked:
            lead = _("Locked after a while without a key.")
            return NoticeView(lead, _("The order is kept."), _("Your PIN opens it; Esc logs you out."))
        if attention := self.counter.attention():
            return notice_of(attention.text, Mark.ATTENTION)
        hint = _("Type your PIN, then Enter.") if self.asks_pin else _("Type your number, then Enter.")
        notice = self.counter.register.light.notice
        told = self.left.view() if self.left else self.notice
        return told or (notice_of(notice) if notice else NoticeView(hint, mark=None))


def notice_of(text: str, mark: Mark = Mark.NOTICE) -> NoticeView:
    """Sentences over both rows of the band: the first leads."""
    lead, point, rest = text.partition(". ")
    return NoticeView(lead + point.strip(), rest, mark=mark)


def _long_date(now: datetime) -> str:
    return f"{now:%A} {now:%-d} {now:%B}"
