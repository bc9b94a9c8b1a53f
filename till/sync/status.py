"""The state of the sync: failures, records that need a person, and the light."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.advice import Advice, lasting
from till.domain.i18n import _, ngettext
from till.domain.structs import replace
from till.domain.till.events import FiscalStamped
from till.ports import Light, LightState, Quality

if TYPE_CHECKING:
    from datetime import datetime

    from till.ports import Clock, Journal, StoreListener
    from till.sync.failures import SyncTrouble

#: Consecutive failures after which a database counts as offline even if it answers.
AWAY_AFTER: Final = 3
#: The difference to the database's clock from which it is reported: longer than any answer takes.
_OFF_AFTER: Final = timedelta(minutes=5)
#: Seconds from which a record that the tax authority lacks is told: several requests of the sender.
_WAITS_LONG_S: Final = 300
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class SyncStatus:
    """The facts behind the light. The listener is called when the light changes.

    Args:
        journal: has the unsent events.
        listener: called for each change.
        clock: the time of day, for the start of an offline period.

    Attributes:
        trouble: the trouble that a person must fix before the database accepts events.
        away: True if the database cannot be reached.
        unreached: True if the last attempt got no answer.
        why: a sentence why it cannot be reached.
        aside: the records that the database stored but could not apply: reasons by event, by session.
        unsound: the sessions with a received event that does not match its seal.
        doubted: the names of unreadable list rows, by list.
        sending: True while events are being sent.
        logged_in, also_on, quality: see `till.ports.Light`.
        is_local: True if the database is on this machine: the quality of the connection is then not shown.
        by_superuser: True if the config of this machine names a superuser of the server.
        conflicts: the number of money conflicts that need a manager, from the last reply.
        records: the number of the venue's records, from any till, that the database could not apply.
        lacks: the number of records of invoices that the tax authority lacks, and the seconds that the oldest waits.
    """

    def __init__(self, journal: Journal, listener: StoreListener, clock: Clock) -> None:
        self._journal = journal
        self._listener = listener
        self._clock = clock
        self._heard: datetime = clock.now()
        self.trouble: SyncTrouble | None = None
        self.away = self.unreached = False
        self.why = Advice()
        self.aside: dict[str, dict[str, str]] = {}
        self.unsound: set[str] = set()
        self.doubted: dict[object, set[str]] = {}
        self.sending = False
        self.conflicts = 0
        self.logged_in = 0
        self.also_on: tuple[int, ...] = ()
        self.quality = Quality.GOOD
        self.is_local = False
        self.by_superuser = False
        self.records = 0
        self.lacks = (0, 0)
        self._off = timedelta()
        self._shown: Light | None = None

    @property
    def unsent(self) -> int:
        """The number of events that only this till has."""
        return max(0, self._journal.head.seq - self._journal.acked.seq)

    def heard(self) -> None:
        """Note a good answer of the database."""
        self._heard = self._clock.now()
        self.trouble = None
        self.away = self.unreached = False

    def failed(self, failures: int, *, reached: bool) -> None:
        """Note the number of consecutive failures; `reached` is true if the database answered."""
        self.unreached = not reached
        self.away = self.away or not reached or failures >= AWAY_AFTER

    def doubt(self, which: object, names: set[str]) -> None:
        """Note the unreadable rows of a list."""
        self.doubted.pop(which, None)
        if names:
            self.doubted[which] = names

    def compare(self, theirs: datetime) -> None:
        """Compare the database's time with this till's clock."""
        self._off = self._clock.now() - theirs

    def times(self) -> tuple[datetime, datetime]:
        """Return the time on this till's clock, and on the database's clock."""
        now = self._clock.now()
        return now, now - self._off

    @property
    def light(self) -> Light:
        """The present light, with a notice on a wrong clock or on how this machine connects."""
        return replace(
            self._light(),
            conflicts=self.conflicts,
            records=self.records,
            notice=_clock_notice(self._off) or (_superuser_notice() if self.by_superuser else Advice()),
            logged_in=self.logged_in,
            also_on=self.also_on,
            quality=Quality.GOOD if self.is_local else self.quality,
            lacks=self._lacks(),
        )

    def _lacks(self) -> int:
        """Return how many records the tax authority lacks, once one waits for long; cut off, those of this till."""
        count, waits = self.lacks
        if self.away:
            count, oldest = self._journal.unsent_listed(FiscalStamped.listed)
            waits = int((self._clock.now() - oldest).total_seconds()) if oldest is not None else 0
        return count if waits >= _WAITS_LONG_S else 0

    def _light(self) -> Light:
        unsent = self.unsent
        if self.trouble:
            return Light(LightState.ATTENTION, unsent, detail=self.trouble.sentence, code=self.trouble.code)
        if self.away:
            return Light(LightState.OFFLINE, unsent, since=self._heard - self._off, detail=self.why)
        if self.aside or self.unsound or self.doubted or self.records:
            return Light(LightState.ATTENTION, unsent, detail=self._records())
        if not unsent:
            return Light(LightState.SAVED)
        return Light(LightState.SAVING if self.sending else LightState.SAVED_HERE, unsent)

    def show(self) -> None:
        """Call the listener if the light changed."""
        light = self.light
        if light != self._shown:
            self._shown = light
            self._listener.light_changed(light)

    @lasting
    def _records(self) -> Advice:
        reasons = [reason for records in self.aside.values() for reason in records.values()]
        doubted = set[str]().union(*self.doubted.values()) - self.unsound
        count = max(len(reasons), self.records) + len(self.unsound) + len(doubted)
        sentence = ngettext("{count} record needs attention.", "{count} records need attention.", count)
        if reasons:
            reason = reasons[0]
        elif self.unsound:
            reason = _("One from the server does not match its seal.")
        elif doubted:
            named = min(doubted)
            reason = _("A row cannot be read: {name}. Ask a manager.").format(name=named)
        else:
            reason = _("A manager logs in and settles it.")
        return Advice(sentence.format(count=count), reason)


@lasting
def _superuser_notice() -> Advice:
    return Advice(_("This till's config names a superuser of the database."), _("Tell a manager: `till doctor`."))


@lasting
def _clock_notice(off: timedelta) -> Advice:
    """Return the notice on a clock that differs from the database's; empty if it is close enough."""
    size = abs(off)
    if size < _OFF_AFTER:
        return Advice()
    if size < 1.5 * _HOUR:
        count = round(size / timedelta(minutes=1))
        span = ngettext("{count} minute", "{count} minutes", count).format(count=count)
    elif size < _DAY - _HOUR:
        count = round(size / _HOUR)
        span = ngettext("{count} hour", "{count} hours", count).format(count=count)
    else:
        count = round(size / _DAY)
        span = ngettext("{count} day", "{count} days", count).format(count=count)
    sentence = (
        _("This till's clock is {span} ahead.") if off > timedelta() else _("This till's clock is {span} behind.")
    )
    return Advice(sentence.format(span=span), _("Set it; keep selling."))
