"""A counted item: the push of a key beside that of an item that is not counted, in turn."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Final

from bench import venue
from bench.recording import Sender, When, record
from bench.table import Figure, Sample, paired, within
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench, Database

#: Pushes at the start of a connection that are not counted.
_WARM: Final = 20
#: All items, or another one alone, so that the venue has a count either way.
_COUNTED: Final = tuple(
    f"INSERT INTO till.counts (store_id, item_id, event_id, at, pieces, keep, till_id) "  # noqa: S608 - ours
    f"SELECT store_id, {item}, gen_random_uuid(), now(), 100000, true, 1 FROM {table}"
    for item, table in (("menu_item_id", "cold.menu_item"), ("'another'", "till.stores"))
)
_CHANGES: Final = "SELECT count(*) FROM warm.counted_changes"


def _count(database: Database, which: str) -> None:
    with connect(database.owner) as owner:
        owner.execute(which)


def measure(testbed: Bench, sales: int) -> tuple[Sample, Sample]:
    """Measure milliseconds of each push of a key: of a counted item, then of one that is not, in turn."""
    took: list[list[float]] = [[], []]
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], sales, When.COMMAND)
    with ExitStack() as stack:
        databases = [stack.enter_context(testbed.database()) for _which in _COUNTED]
        for database, which in zip(databases, _COUNTED, strict=True):
            _count(database, which)
        senders = [stack.enter_context(closing(Sender(one))) for one in databases]
        for sender in senders:
            sender.send(recording.first.text)
        keyed = 0
        for number, push in enumerate(recording.pushes):
            keyed += push.text.count("item_added")
            for place in (0, 1) if number % 2 else (1, 0):
                spent = senders[place].send(push.text)
                if "item_added" in push.text:
                    took[place].append(spent)
        for database, lines in zip(databases, (keyed, 0), strict=True):
            recording.check_taken(database)
            with connect(database.owner) as owner:
                ((found,),) = owner.execute(_CHANGES).fetchall()
            if found != lines:
                raise RuntimeError(f"The database counted {found} of {lines} lines of {venue.STORE}.")
    own, plain = (Sample.of(each[_WARM:], 1000) for each in took)
    return own, plain


def _pushes(testbed: Bench) -> Iterator[Figure]:
    """Yield the time of a push of a key."""
    own, plain = measure(testbed, 200 if testbed.full else 40)
    name, against = "push of a key of a counted item, in pairs", "the same, not counted"
    yield Figure(name, plain.median + paired(own, plain), "ms", plain.median, against, within(1.05), own)


PARTS: Final = (_pushes,)
