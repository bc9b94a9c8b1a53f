"""The cost of payments, compared with keying a line: a register on a real journal, without a screen."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import venue
from bench.shop import key_order
from bench.table import Figure, Sample, exactly, within
from till.domain.order.selling import ItemEntry
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.testbed import Bench
    from till.journal import JournalFile
    from till.register.register import Register

_LINES: Final = 200


class Counted(NamedTuple):
    """The measurements in milliseconds. `commits` is the number of transactions of a payment."""

    key: Sample
    pay: Sample
    recall: Sample
    split: Sample
    commits: float


class _Journal:
    """A journal that counts its transactions."""

    def __init__(self, journal: JournalFile) -> None:
        self._journal = journal
        self.commits = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._journal, name)

    def append(self, *args: object, **more: object) -> None:
        """Count a `till.ports.Journal.append`."""
        self.commits += 1
        self._journal.append(*args, **more)  # type: ignore[arg-type] # it forwards all arguments


@contextmanager
def _till(testbed: Bench) -> Iterator[tuple[Register, _Journal]]:
    journal = open_journal(testbed.new_folder() / "till-1.sqlite", till=1, store_id=venue.STORE)
    try:
        seed_cache(journal, venue.reference(_LINES + 10))
        counted = _Journal(journal)
        yield make_register(counted, WallClock(), LateOutbox(), till=1, store_id=venue.STORE), counted  # type: ignore[arg-type]
    finally:
        journal.close()


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def measure(testbed: Bench, count: int) -> Counted:
    """Measure keying a line, a payment of ten lines, and a recall and a split of a tab of 200 lines, in turn."""
    times: dict[str, list[float]] = {"key": [], "pay": [], "recall": [], "split": []}
    paid = 0
    with _till(testbed) as (register, journal):
        for _round in range(count):
            order = key_order(register, 1, 9)
            keyed = ItemEntry(register.menu.by_plu[10])
            times["key"].append(_timed(lambda one=order, what=keyed: register.sales.add(one, 1, what).priced.total))  # type: ignore[misc]
            before = journal.commits
            times["pay"].append(_timed(lambda one=order: register.checkout.pay_exact(one)))  # type: ignore[misc]
            paid += journal.commits - before
        for _round in range(max(1, count // 20)):
            session = key_order(register, 1, _LINES)
            register.tabs.save(session, "7")
            times["recall"].append(_timed(lambda one=session: register.tabs.recall(one, 1).priced.total))  # type: ignore[misc]
            lines = list(register.ledger.order(session).lines)[::2]
            moving = dict.fromkeys(lines, 1)
            times["split"].append(_timed(lambda one=session, what=moving: register.between.quote(one, [what])[1].total))  # type: ignore[misc]
            for left in register.ledger.open_orders():
                register.checkout.pay_exact(left.id)
    key, pay, recall, split = (Sample.of(times[name], 1000) for name in ("key", "pay", "recall", "split"))
    return Counted(key, pay, recall, split, paid / count)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the cost of payments, compared with a line."""
    counted = measure(testbed, 1000 if testbed.full else 200)
    key, against = counted.key.median, "a line's key, in the same run"
    yield Figure("paid in cash, 10 lines, median", counted.pay.median, "ms", key, against, within(2), counted.pay)
    yield Figure("  commits of a payment", counted.commits, "", goal=exactly(1))
    recall, split = counted.recall, counted.split
    yield Figure(f"tab of {_LINES} lines recalled, median", recall.median, "ms", key, against, within(10), recall)
    yield Figure(f"tab of {_LINES} lines split in two, median", split.median, "ms", key, against, within(10), split)
