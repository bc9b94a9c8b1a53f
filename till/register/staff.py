"""Staff at the till: numbers and PINs, the lock after five wrong PINs, login and logout as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import JournalError, LoginError
from till.domain.events.envelope import Draft, read_time, time_text
from till.domain.i18n import _, speak
from till.domain.order.state import Status
from till.domain.order.suspension import NOTHING_KEYED, suspend_or_clear
from till.domain.staff.events import LoggedIn, LoggedOut, LoginEvent
from till.domain.staff.person import Tries
from till.domain.structs import replace
from till.domain.till.events import LoginRefused, stream_of_till
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.ports import PinCheck
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

#: The name of wrong PINs in the journal's cache, so that they survive a restart.
_TRIES = "own.tries"


class Access(Hearer):
    """Logins and logouts. `verify` is slow and pure: run it off the event loop.

    Afterwards call `admit` for a login, or `refuse`; for an approval, `approved` or `refuse_approval`.
    """

    def __init__(self, ledger: Ledger, reference: Reference, check: PinCheck) -> None:
        self._ledger = ledger
        self._reference = reference
        self._check = check
        self.person: Person | None = None
        #: The id of the event of the last login.
        self.login: str | None = None
        #: The stations whose tickets the screen shows; none at a till that sells.
        self.stations: tuple[str, ...] = ()

    @property
    def staff(self) -> tuple[Person, ...]:
        """All staff who may log in, by number."""
        return self._reference.staff

    def speak(self) -> None:
        """Show the screens in the language of who is logged in, of the tickets of the stations, or the venue's."""
        venue = self._reference.venue
        of_tickets = {venue.settings.ticket_languages.get(one, venue.language) for one in self.stations}
        here = of_tickets.pop() if len(of_tickets) == 1 else venue.language
        speak((self.person.language if self.person is not None else "") or here)

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Speak the language that a setting may name now."""
        if "settings" in names:
            self.speak()

    def find(self, number: int) -> Person:
        """Return the person of a number.

        Raises:
            LoginError: the number is unknown or locked.
        """
        person = self._person(number)
        if until := self.locked_until(person):
            raise LoginError(_("Number {number} is locked until {time}.").format(number=number, time=until))
        return person

    def find_approver(self, number: int) -> Person:
        """Return the person of a number whose PIN is to approve an act of the user.

        Wrong PINs for it count against the user, not the number: otherwise a cashier could lock a manager out. So a
        lock of the number is for logins alone.
        """
        person = self._person(number)
        until = self._tries().get(self._asker, Tries()).locked_until
        if until and until > self._ledger.now():
            raise LoginError(_("Five wrong PINs: no approval here until {time}.").format(time=self._clock(until)))
        return person

    def _person(self, number: int) -> Person:
        person = next((p for p in self.staff if p.number == number), None)
        if person is None:
            raise LoginError(_("Nobody here has that number."))
        return person

    @property
    def _asker(self) -> str:
        """The name under which wrong PINs for approvals are kept: that of the user, or of the login screen."""
        return f"asked by {self._ledger.user or 0}"

    def _clock(self, moment: datetime) -> str:
        return self._reference.venue.local(moment).strftime("%H:%M")

    def locked_until(self, person: Person) -> str:
        """Return the venue's wall-clock time at which a locked number is unlocked; empty if it is not locked."""
        now = self._ledger.now()
        tries = self._tries().get(str(person.number), Tries())
        # The database decides about a lock that it has: a manager may have lifted it since.
        own = None if 0 < tries.lock_seq <= self._ledger.journal.acked.seq else tries.locked_until
        moments = [moment for moment in (own, person.locked_until) if moment and moment > now]
        return self._clock(max(moments)) if moments else ""

    def verify(self, person: Person, pin: str) -> bool:
        """True if the PIN is the person's. It takes about 80 ms of argon2 and is safe in a thread."""
        return bool(person.pin_hash) and self._check(person.pin_hash, pin)

    def recognise(self, person: Person) -> None:
        """Forget the wrong PINs of a person who typed the right one."""
        self._keep_tries(str(person.number), Tries())

    def approved(self) -> None:
        """Forget the wrong PINs for approvals that the user asked for."""
        self._keep_tries(self._asker, Tries())

    def refuse_approval(self, person: Person) -> LoginError:
        """Count a wrong PIN for an approval, and return the error to show."""
        tries = self._tries().get(self._asker, Tries()).after_wrong(self._ledger.now())
        self._keep_tries(self._asker, tries)
        self._refused(person, locked=False)
        if tries.locked_until is not None:
            time = self._clock(tries.locked_until)
            return LoginError(_("Wrong PIN five times: no approval here until {time}.").format(time=time))
        return self._wrong(person)

    def admit(self, person: Person) -> None:
        """Log a person in.

        Raises:
            JournalError: the disk write failed; the user is unchanged.
        """
        self.recognise(person)
        before = self._ledger.user, self._ledger.login
        self._ledger.user, self._ledger.login = person.number, self._ledger.new_id()
        try:
            (event,) = self._ledger.commit([Draft(LoggedIn(user=person.number), self._ledger.login)])
        except JournalError:
            self._ledger.user, self._ledger.login = before
            raise
        self.person, self.login = person, event.id
        self.speak()

    def stand_in(self, person: Person) -> None:
        """Act for a person without a login: for one sentence, after a check of the PIN."""
        self.recognise(person)
        self.person, self._ledger.user = person, person.number
        self.speak()

    def refuse(self, person: Person) -> LoginError:
        """Count a wrong PIN, and return the error to show."""
        tries = self._tries().get(str(person.number), Tries()).after_wrong(self._ledger.now())
        self._keep_tries(str(person.number), tries)
        locked = tries.locked_until is not None
        refused = self._refused(person, locked=locked)
        if locked:
            self._keep_tries(str(person.number), replace(tries, lock_seq=refused.seq))
            sentence = _("Wrong PIN five times: number {number} is locked until {time}.")
            return LoginError(sentence.format(number=person.number, time=self.locked_until(person)))
        return self._wrong(person)

    def _refused(self, person: Person, *, locked: bool) -> Event:
        """Record a wrong PIN."""
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        (refused,) = self._ledger.commit([Draft(LoginRefused(user=person.number, locked=locked), stream)])
        return refused

    @staticmethod
    def _wrong(person: Person) -> LoginError:
        return LoginError(_("Wrong PIN for number {number}. Try again.").format(number=person.number))

    def still_works(self) -> bool:
        """Reload the record of the logged-in user, and return False if the user was disabled.

        An empty staff list, from a newly created database, is ignored.
        """
        if self.person is None or not self.staff:
            return True
        found = next((one for one in self.staff if one.number == self.person.number), None)
        self.person = found or self.person
        return found is not None

    def leave(self, order: Order | None) -> None:
        """Log out without a question. An order with lines is suspended, and waits for its user on every till.

        The user's blank orders that are open here are cleared, on the screen or not.
        """
        if self.person is None:
            return
        left = {one.id: one for one in self._ledger.open_orders() if self._is_blank_here(one)}
        if order is not None:
            left[order.id] = order
        with self._ledger.command() as command:
            for one in left.values():
                if self._ledger.lock_of(one.id) is None:
                    command.write(suspend_or_clear(one, self._reference.venue.written(NOTHING_KEYED)))
            command.write([Draft(LoggedOut(user=self.person.number), self._ledger.login or self._ledger.new_id())])
        self.person = None
        self._ledger.user = self._ledger.login = None
        self.speak()

    def end_left_login(self) -> None:
        """Log out whom a crash left logged in, so that no till takes the login for a live one.

        Raises:
            JournalError: the disk failed.
        """
        for event in self._ledger.journal.newest(LoginEvent.listed, 1):
            if isinstance(event.data, LoggedIn):
                self._ledger.commit([Draft(LoggedOut(user=event.data.user), event.stream_id)], event.data.user)

    def _is_blank_here(self, order: Order) -> bool:
        """True if a blank order of the user is open here, for instance because all of it was paid elsewhere."""
        mine = self.person is not None and order.user == self.person.number
        blank = order.status is Status.ACTIVE and not order.is_in_use and not order.has_money
        return mine and blank and self._ledger.open_at(order) == self._ledger.till

    def _tries(self) -> Mapping[str, Tries]:
        cached = self._ledger.journal.cached(_TRIES)
        if cached is None:
            return {}
        return {
            whose: Tries(raw["wrong"], read_time(raw["until"]) if raw["until"] else None, raw.get("told_by", 0))
            for whose, raw in cached[1].items()
        }

    def _keep_tries(self, whose: str, tries: Tries) -> None:
        known = dict(self._tries())
        if known.get(whose, Tries()) == tries:
            return
        known[whose] = tries
        body = {
            whose: {
                "wrong": own.wrong,
                "until": time_text(own.locked_until) if own.locked_until else None,
                "told_by": own.lock_seq,
            }
            for whose, own in known.items()
        }
        self._ledger.journal.cache(_TRIES, 0, body)
