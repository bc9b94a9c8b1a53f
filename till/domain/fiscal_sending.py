"""The sending of fiscal records to a tax authority: what waits, the next request, and the authority's answers."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the fields of a record are its shape
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from till.domain.fiscal import FiscalStamp  # noqa: TC001 - the fields of a record are its shape
from till.domain.order.events import PlacedTax  # noqa: TC001 - the fields of a record are its shape
from till.domain.order.state import Buyer  # noqa: TC001 - the fields of a record are its shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Seconds between two requests until the authority says otherwise.
FIRST_WAIT_S: Final = 60
#: The longest pause after failures, in seconds: the law wants a try at least once an hour.
LONGEST_PAUSE_S: Final = 1800
#: The age of a record, in seconds, from which it was sent late: its request says so. The authority's own bound is 240.
LATE_S: Final = 120
#: The requests in a row after which a till that travels alone has its turn, however many others wait.
_TURN: Final = 10


class RecordState(StrEnum):
    """The state of a record at the authority."""

    ACCEPTED = "accepted"
    WITH_ERRORS = "with_errors"
    REFUSED = "refused"


class ListedRecord(Struct, frozen=True, kw_only=True):
    """An invoice in the authority's own list.

    Attributes:
        hash: the hash of its newest record there.
    """

    number: str
    hash: str
    is_annulled: bool = False


class ListingPage(Struct, frozen=True, kw_only=True):
    """A page of the authority's own list.

    Attributes:
        after: the place of its last row, if more pages follow.
        trouble: why it lists nothing; empty if it does.
    """

    records: tuple[ListedRecord, ...] = ()
    after: tuple[str, ...] = ()
    trouble: str = ""


class KeptRecord(Struct, frozen=True, kw_only=True):
    """A record of the venue with the state that the sender reported of it; None for no answer yet."""

    stamp: FiscalStamp
    answer: RecordState | None
    annuls: bool = False


class ListingDifference(StrEnum):
    """A difference of the authority's list from the venue's records."""

    LACKS = "lacks"
    """The sender reported the record as taken, and the authority does not list it."""
    UNKNOWN = "unknown"
    """The authority lists an invoice that the venue does not know."""
    OTHER = "other"
    """Both know the number, and the record there is none of the venue's."""


def compare_listed(kept: Sequence[KeptRecord], listed: Iterable[ListedRecord]) -> dict[str, ListingDifference]:
    """Return the differences by number, of the records of one day. Records compare by number and hash."""
    there = {one.number: one for one in listed}
    hashes: dict[str, set[str]] = {}
    taken: set[str] = set()
    annulled = {one.stamp.number for one in kept if one.annuls}
    for one in kept:
        hashes.setdefault(one.stamp.number, set()).add(one.stamp.hash)
        if one.answer in {RecordState.ACCEPTED, RecordState.WITH_ERRORS}:
            taken.add(one.stamp.number)
    found = dict.fromkeys(taken - there.keys(), ListingDifference.LACKS)
    for number, row in there.items():
        if number not in hashes:
            found[number] = ListingDifference.UNKNOWN
        elif row.hash not in hashes[number] or (row.is_annulled and number not in annulled):
            found[number] = ListingDifference.OTHER
    return dict(sorted(found.items()))


class WaitingRecord(Struct, frozen=True, kw_only=True):
    """A stamp without an answer. Records come in the order in which they are sent.

    Attributes:
        event: the id of the event of the stamp.
        journal: the installation that stamped.
        till: its till.
        at: the time of the record.
        arrival: its place among the stamps of the venue.
    """

    event: str
    journal: str
    till: int = 0
    at: datetime
    arrival: int = 0
    stamp: FiscalStamp


class SoldInvoice(Struct, frozen=True, kw_only=True):
    """The sale that a refund rectifies, by its stamp: `kind` is empty if it has none."""

    number: str
    kind: str
    at: datetime
    untaxed: bool = False


class StampWork(Struct, frozen=True, kw_only=True):
    """A stamp that the sender has to make.

    Attributes:
        what: a sale or a refund that no till stamps, an invoice to annul, or a record to correct.
        of: the id of the sale or of the refund.
        number: the number for the receipt, without the law's prefix.
        sold: the sale of a refund.
        stamp: the newest record of the invoice, to annul or to correct.
        buyer: the buyer that the order names.
        unregistered: True if a correction names the buyer's number as one that the authority does not know.
        held: True if the authority took a record of the invoice.
        refused: True if it refused `stamp`.
    """

    what: Literal["sale", "refund", "annul", "correct"]
    of: str
    number: str = ""
    currency: str = ""
    net: str = "0"
    tax: str = "0"
    total: str = "0"
    taxes: tuple[PlacedTax, ...] = ()
    buyer: Buyer | None = None
    sold: SoldInvoice | None = None
    stamp: FiscalStamp | None = None
    unregistered: bool = False
    held: bool = False
    refused: bool = False


class Backlog(Struct, frozen=True, kw_only=True):
    """The oldest stamps without an answer, and the last request.

    Attributes:
        now: the time of the database.
        scheme: the law of the venue; empty for none.
        settings: its settings.
        work: the stamps to make.
        records: the records, each chain in its order.
        has_more: True if more records follow them.
        sent_at: the time of the last request; None before the first.
        wait_s: the seconds that the authority asked for.
    """

    now: datetime
    scheme: str = ""
    settings: Mapping[str, str] = {}
    work: tuple[StampWork, ...] = ()
    records: tuple[WaitingRecord, ...] = ()
    has_more: bool = False
    sent_at: datetime | None = None
    wait_s: int = FIRST_WAIT_S


class RecordAnswer(Struct, frozen=True, kw_only=True):
    """The authority's answer to a record.

    Attributes:
        key: the name of the record in answers.
        code: the authority's code of an error; empty for none.
        words: the authority's words.
        is_repeated: True if the authority had the record already: the state is the one that it has there.
    """

    key: str
    state: RecordState
    code: str = ""
    words: str = ""
    is_repeated: bool = False


class FiscalOutcome(StrEnum):
    """The outcome of a request."""

    ANSWERED = "answered"
    AGAIN = "again"  # busy, a fault of the server, no readable answer: the same request is sent again
    MALFORMED = "malformed"  # a record of it breaks the form, so that the authority read none of them
    FORBIDDEN = "forbidden"  # the head or the certificate is refused: a person must do something


class FiscalReply(Struct, frozen=True, kw_only=True):
    """The answer to a request.

    Attributes:
        wait_s: seconds to wait until the next request; None if the answer does not say.
        receipt: the authority's mark of what it took, which cannot be asked for later.
        records: an answer for each record; the authority may leave some out, which are sent again.
        words: why nothing was taken, in the authority's words.
    """

    outcome: FiscalOutcome
    wait_s: int | None = None
    receipt: str = ""
    records: tuple[RecordAnswer, ...] = ()
    code: str = ""
    words: str = ""


def next_batch(
    waiting: Iterable[WaitingRecord], most: int, group: Callable[[FiscalStamp], str]
) -> tuple[WaitingRecord, ...]:
    """Return the records of the next request: those of one group, with each number once, in their order.

    An answer names a record by its number, so a second record of a number waits for the answer to the first, and with
    it the rest of its chain.
    """
    batch: list[WaitingRecord] = []
    numbers: set[str] = set()
    halted: set[str] = set()
    for one in waiting:
        number = one.stamp.number
        if len(batch) == most or (batch and group(one.stamp) != group(batch[0].stamp)):
            break
        if number in numbers or one.journal in halted:
            halted.add(one.journal)
            continue
        batch.append(one)
        numbers.add(number)
    return tuple(batch)


class RequestTurns:
    """The turns of the records, by what the authority answered.

    A record that breaks the form refuses its whole request. Such a request is halved by tills; a till found so travels
    alone, behind the others, and its requests are halved by records. Behind it are records of another group, such as
    those for trial.

    Args:
        most: the most records in a request.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        #: Tills of which one has a record that breaks the form.
        self._doubted: tuple[int, ...] = ()
        #: The tills that travel alone, each with the most records of its next request.
        self._alone: dict[int, int] = {}
        self._others = 0

    def is_first(self, one: WaitingRecord) -> bool:
        """Return True if the till of a record travels with others."""
        return one.till not in self._alone

    def next(
        self, waiting: Sequence[WaitingRecord], group: Callable[[FiscalStamp], str], own: str
    ) -> tuple[WaitingRecord, ...]:
        """Return the records of the next request. `own` is the group of the venue's settings."""
        here = [one for one in waiting if group(one.stamp) == own]
        first = [one for one in here if self.is_first(one)]
        if doubted := [till for till in self._doubted if any(one.till == till for one in first)]:
            half = doubted[: max(1, len(doubted) // 2)]
            first = [one for one in first if one.till in half]
        last = [one for one in here if not self.is_first(one)] or [one for one in waiting if group(one.stamp) != own]
        if first and not (last and self._others >= _TURN):
            self._others = self._others + 1 if last else 0
            return next_batch(first, self.most, group)
        self._others = 0
        alone = [one for one in last if one.till == last[0].till]
        return next_batch(alone, self._alone.get(alone[0].till, self.most), group) if alone else ()

    def learn(self, waiting: Sequence[WaitingRecord], batch: Sequence[WaitingRecord], outcome: FiscalOutcome) -> None:
        """Take in how a request of `batch` ended, of which all of `waiting` waited."""
        tills = tuple(dict.fromkeys(one.till for one in batch))
        if outcome is FiscalOutcome.MALFORMED:
            self._doubted = tills if len(tills) > 1 else ()
            if len(tills) == 1:
                self._alone[tills[0]] = max(1, len(batch) // 2)
        elif outcome is FiscalOutcome.ANSWERED:
            self._doubted = tuple(till for till in self._doubted if till not in tills)
            if len(self._doubted) == 1:  # the others of its request were taken
                self._alone[self._doubted[0]] = self.most
                self._doubted = ()
            if tills[0] in self._alone:
                self._alone[tills[0]] = min(self.most, 2 * len(batch))
                if len(batch) == sum(one.till == tills[0] for one in waiting):
                    del self._alone[tills[0]]


def is_late(batch: Iterable[WaitingRecord], now: datetime) -> bool:
    """Return True if a record of a batch could not be sent in time."""
    return any(now - one.at > timedelta(seconds=LATE_S) for one in batch)


def match_answers(
    batch: Iterable[WaitingRecord], reply: FiscalReply, key: Callable[[FiscalStamp], str]
) -> list[tuple[WaitingRecord, RecordAnswer]]:
    """Return the records of a batch that were answered, each with its answer."""
    found = {one.key: one for one in reply.records}
    pairs = ((one, found.get(key(one.stamp))) for one in batch)
    return [(one, answer) for one, answer in pairs if answer is not None]


class SendingPace(Struct, frozen=True):
    """The pace of the requests.

    Attributes:
        sent_at: the time of the last request; None before the first.
        wait_s: the seconds that the authority asked for.
        failures: the requests in a row that the authority did not answer.
    """

    sent_at: datetime | None = None
    wait_s: int = FIRST_WAIT_S
    failures: int = 0

    def due_at(self, now: datetime, *, is_full: bool) -> datetime:
        """Return the time of the next request; `is_full` if there are enough records for a whole one."""
        if self.sent_at is None or self.sent_at > now:  # a clock that was set back delays nothing
            return now
        pause = min(2 ** (self.failures - 1), LONGEST_PAUSE_S) if self.failures else 0
        wait = 0 if is_full and not self.failures else self.wait_s
        return self.sent_at + timedelta(seconds=max(pause, wait))
